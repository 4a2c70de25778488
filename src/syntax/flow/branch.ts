// Conditions: evaluates one and parts the state into where it holds and where it does not, remembering what each side now knows.

import type { BinaryExpr, Expr } from '../ast.ts';
import { combine, evaluate } from './evaluate.ts';
import { pathOf } from './paths.ts';
import type { Run } from './run.ts';
import { copyState, joinStates, type State } from './state.ts';
import { truth, type Value } from './value.ts';

export interface Sides {
  readonly yes: State | undefined;
  readonly no: State | undefined;
}

/** Parts `state` (which must not be used afterwards) by a condition. */
export function branch(run: Run, condition: Expr, state: State): Sides {
  switch (condition.kind) {
    case 'macro':
      if (condition.expansion !== undefined && !/^(un)?likely$/.test(condition.name))
        return branch(run, condition.expansion, state);
      if (/^(un)?likely$/.test(condition.name) && condition.args[0] !== undefined)
        return branch(run, condition.args[0], state);
      break;
    case 'call': {
      const name = condition.callee.kind === 'name' ? condition.callee.name : '';
      if (/^(likely|unlikely|__builtin_expect)$/.test(name) && condition.args[0] !== undefined)
        return branch(run, condition.args[0], state);
      break;
    }
    case 'unary':
      if (condition.op === '!') {
        const { yes, no } = branch(run, condition.operand, state);
        return { yes: no, no: yes };
      }
      break;
    case 'binary':
      return binaryBranch(run, condition, state);
    case 'cast':
      if (condition.type.pointers === 0 && /^_?[bB]ool$/.test(condition.type.name))
        return branch(run, condition.operand, state);
      break;
  }
  const value = evaluate(run, condition, state);
  return byTruth(run, condition, value, state);
}

function binaryBranch(run: Run, condition: BinaryExpr, state: State): Sides {
  if (condition.op === '&&') {
    const left = branch(run, condition.left, state);
    if (left.yes === undefined) return left;
    const right = branch(run, condition.right, left.yes);
    return { yes: right.yes, no: joinStates(left.no, right.no) };
  }
  if (condition.op === '||') {
    const left = branch(run, condition.left, state);
    if (left.no === undefined) return left;
    const right = branch(run, condition.right, left.no);
    return { yes: joinStates(left.yes, right.yes), no: right.no };
  }
  if (!/^[=!<>]=?$/.test(condition.op)) return byTruth(run, condition, evaluate(run, condition, state), state);
  const left = evaluate(run, condition.left, state);
  const right = evaluate(run, condition.right, state);
  const value = combine(run, condition, left, right, state);
  if (condition.op === '==' || condition.op === '!=') {
    const equal = equality(run, condition, left, right, state);
    if (equal !== undefined) return condition.op === '==' ? equal : { yes: equal.no, no: equal.yes };
  }
  const bounds = packetBounds(condition.op, left, right);
  if (bounds !== undefined) {
    const inside = copyState(state);
    inside.packetBytes.set(bounds.base, Math.max(bounds.bytes, inside.packetBytes.get(bounds.base) ?? 0));
    return bounds.holdsWhen === 'yes' ? { yes: inside, no: state } : { yes: state, no: inside };
  }
  return sides(state, truth(value), !isAddressFamily(left) && !isAddressFamily(right));
}

const isAddressFamily = (value: Value): boolean =>
  value.kind === 'number' && value.origin?.field.repr.kind === 'address-family';
const isZero = (value: Value): boolean => value.kind === 'ints' && value.values.length === 1 && value.values[0] === 0n;

/** The two sides of `left == right`, where equality tells more than its outcome. */
function equality(run: Run, condition: BinaryExpr, left: Value, right: Value, state: State): Sides | undefined {
  if (isZero(right)) return nullTest(left, state);
  if (isZero(left)) return nullTest(right, state);
  if (
    left.kind === 'number' &&
    left.origin?.field.name === 'is_fullsock' &&
    right.kind === 'ints' &&
    right.values.length === 1
  )
    return fullSocketSides(state, right.values[0] === 1n);
  if (left.kind === 'number' && left.order === undefined && right.kind === 'ints' && right.values.length === 1) {
    const path = pathOf(run, condition.left, state);
    if (path === undefined) return undefined;
    const yes = copyState(state);
    yes.variables.set(path, right);
    yes.filtered = state.filtered || !isAddressFamily(left);
    state.filtered ||= !isAddressFamily(left);
    return { yes, no: state };
  }
  if (
    left.kind === 'ints' &&
    right.kind === 'ints' &&
    right.values.length === 1 &&
    left.values.length > 1 &&
    left.values.includes(right.values[0]!)
  ) {
    const path = pathOf(run, condition.left, state);
    if (path === undefined) return undefined;
    const yes = copyState(state);
    yes.variables.set(path, right);
    state.variables.set(path, { ...left, values: left.values.filter((v) => v !== right.values[0]) });
    return { yes, no: state };
  }
  return undefined;
}

/** Sides of `pointer == NULL`; also of `number == 0` for is_fullsock. */
function nullTest(value: Value, state: State): Sides | undefined {
  const swapped = truthTest(value, state);
  return swapped === undefined ? undefined : { yes: swapped.no, no: swapped.yes };
}

function truthTest(value: Value, state: State): Sides | undefined {
  if (value.kind === 'pointer') {
    if (state.nonNull.has(value.id)) return { yes: state, no: undefined };
    if (state.isNull.has(value.id)) return { yes: undefined, no: state };
    const yes = copyState(state);
    yes.nonNull.add(value.id);
    if (value.to.kind === 'sock') yes.fullSocket = true;
    state.isNull.add(value.id);
    return { yes, no: state };
  }
  if (value.kind === 'number' && value.origin?.field.name === 'is_fullsock') return fullSocketSides(state, true);
  return undefined;
}

function fullSocketSides(state: State, whenYes: boolean): Sides {
  const yes = copyState(state);
  yes.fullSocket = whenYes;
  state.fullSocket = !whenYes;
  return { yes, no: state };
}

function byTruth(run: Run, condition: Expr, value: Value, state: State): Sides {
  const known = truth(value);
  run.input.observe({ kind: 'branch', node: condition, taken: known, ...run.facts(state) });
  const test = truthTest(value, state);
  if (test !== undefined) return test;
  return sides(state, known, true);
}

function sides(state: State, known: boolean | undefined, filters: boolean): Sides {
  if (known === true) return { yes: state, no: undefined };
  if (known === false) return { yes: undefined, no: state };
  if (filters) state.filtered = true;
  return { yes: copyState(state), no: state };
}

/** What a comparison with skb_data_end shows, and on which side. */
function packetBounds(
  op: string,
  left: Value,
  right: Value,
): { base: string; bytes: number; holdsWhen: 'yes' | 'no' } | undefined {
  const flipped: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
  if (left.kind === 'packet-end' && right.kind === 'packet') return packetBounds(flipped[op] ?? op, right, left);
  if (left.kind !== 'packet' || right.kind !== 'packet-end') return undefined;
  // An unknown offset was computed by the program; that it was compared is all that can be said.
  const bytes = left.offset === undefined ? Number.MAX_SAFE_INTEGER : left.offset;
  if (op === '>') return { base: left.base, bytes, holdsWhen: 'no' };
  if (op === '<=') return { base: left.base, bytes, holdsWhen: 'yes' };
  if (op === '>=') return { base: left.base, bytes: bytes + 1, holdsWhen: 'no' };
  if (op === '<') return { base: left.base, bytes: bytes + 1, holdsWhen: 'yes' };
  return undefined;
}
