// Expressions: gives the value and changes the state as evaluation would (assignments, calls), reporting what it passes.

import { assertNever } from '../../base/index.ts';
import type { AssignExpr, BinaryExpr, Expr, FieldExpr, IndexExpr, TypeRef } from '../ast.ts';
import { assign, initialise } from './assign.ts';
import { branch } from './branch.ts';
import { evaluateCall, evaluateKnownCall, isKnownCall } from './calls.ts';
import { readContext, readContextAddress } from './context.ts';
import { executeBlock } from './execute.ts';
import { arithmetic, compare, narrowValue } from './order.ts';
import { nameValue, pathOf, peek, typeOf } from './paths.ts';
import { contextField, type Run } from './run.ts';
import { joinStates, type State } from './state.ts';
import { int, joinValues, UNKNOWN, type Value } from './value.ts';

/** Replaces the contents of a state that callers hold. */
export function becomeState(state: State, by: State | undefined): void {
  if (by === undefined || by === state) return;
  Object.assign(state, by);
}

export function evaluate(run: Run, expr: Expr, state: State): Value {
  switch (expr.kind) {
    case 'name':
      return nameValue(run, expr.name, state);
    case 'number':
      return expr.value === undefined ? UNKNOWN : int(expr.value);
    case 'string':
      return { kind: 'string', units: expr.units };
    case 'macro':
      if (isKnownCall(expr.name)) return evaluateKnownCall(run, expr.name, expr, expr.args, state);
      if (expr.expansion !== undefined) return evaluate(run, expr.expansion, state);
      if (expr.statements !== undefined) {
        becomeState(state, executeBlock(run, expr.statements, state));
        return UNKNOWN;
      }
      for (const arg of expr.args) evaluate(run, arg, state);
      return nameValue(run, expr.name, state);
    case 'call':
      return evaluateCall(run, expr, state);
    case 'field':
      return fieldValue(run, expr, state);
    case 'index':
      return indexValue(run, expr, state);
    case 'unary':
      return unaryValue(run, expr.op, expr.operand, expr, state);
    case 'update': {
      const value = evaluate(run, expr.operand, state);
      const next = arithmetic(expr.op === '++' ? '+' : '-', value, int(1));
      assign(run, expr.operand, next, expr, expr, state);
      return UNKNOWN;
    }
    case 'binary':
      return binaryValue(run, expr, state);
    case 'assign':
      return assignValue(run, expr, state);
    case 'conditional': {
      const { yes, no } = branch(run, expr.condition, state);
      const then =
        yes === undefined ? undefined : expr.whenTrue === undefined ? UNKNOWN : evaluate(run, expr.whenTrue, yes);
      const otherwise = no === undefined ? undefined : evaluate(run, expr.whenFalse, no);
      becomeState(state, joinStates(yes, no));
      if (then === undefined) return otherwise ?? UNKNOWN;
      return otherwise === undefined ? then : joinValues(then, otherwise);
    }
    case 'cast':
      return castValue(run, expr.type, evaluate(run, expr.operand, state), expr, state);
    case 'sizeof': {
      const type = expr.type ?? (expr.operand === undefined ? undefined : typeOf(run, expr.operand, state));
      const text = expr.operand?.kind === 'string' ? expr.operand.units.length + 1 : undefined;
      const size = text ?? (type === undefined ? undefined : run.input.source.types.sizeOf(type));
      return size === undefined ? { kind: 'number' } : int(size);
    }
    case 'comma':
      evaluate(run, expr.left, state);
      return evaluate(run, expr.right, state);
    case 'init-list':
      for (const entry of expr.entries) evaluate(run, entry.value, state);
      return UNKNOWN;
    case 'compound-literal':
      if (expr.init.kind === 'init-list') initialise(run, expr.init, expr.type, `literal${expr.start}`, state);
      return UNKNOWN;
    case 'statement-expr': {
      const last = expr.body.body.at(-1);
      const body = last?.kind === 'expression' ? { ...expr.body, body: expr.body.body.slice(0, -1) } : expr.body;
      becomeState(state, executeBlock(run, body, state));
      return last?.kind === 'expression' ? evaluate(run, last.expr, state) : UNKNOWN;
    }
    case 'opaque':
      for (const part of expr.parts) evaluate(run, part, state);
      return UNKNOWN;
    default:
      return assertNever(expr, 'evaluate');
  }
}

function fieldValue(run: Run, expr: FieldExpr, state: State): Value {
  const object = evaluate(run, expr.object, state);
  if (expr.arrow && object.kind === 'ctx') return readContext(run, expr, expr.name, undefined, state);
  if (expr.arrow && (object.kind === 'pointer' || object.kind === 'packet')) {
    dereference(run, expr, expr.object, object, state);
    return { kind: 'number' };
  }
  const path = pathOf(run, expr, state);
  if (path === undefined) return UNKNOWN;
  const known = state.variables.get(path);
  if (known !== undefined) return known;
  if (!expr.arrow && expr.object.kind === 'index') {
    const index = peek(run, expr.object.index, state);
    const at = index?.kind === 'ints' && index.values.length === 1 ? Number(index.values[0]) : undefined;
    const element = constantElement(run, expr.object, expr.name, at, state);
    if (element !== undefined) return element;
  }
  const type = typeOf(run, expr, state);
  return type !== undefined && type.dims.length > 0
    ? { kind: 'address', path, name: path.slice(path.indexOf(':') + 1) }
    : UNKNOWN;
}

function indexValue(run: Run, expr: IndexExpr, state: State): Value {
  const index = evaluate(run, expr.index, state);
  const known = index.kind === 'ints' && index.values.length === 1 ? Number(index.values[0]) : undefined;
  const inner = expr.object;
  if (inner.kind === 'field' && inner.arrow && evaluateQuietly(run, inner.object, state)?.kind === 'ctx')
    return readContext(run, expr, inner.name, known, state);
  const object = evaluate(run, expr.object, state);
  if (object.kind === 'pointer' || object.kind === 'packet') {
    dereference(run, expr, expr.object, object, state);
    return { kind: 'number' };
  }
  if (object.kind === 'ctx-address')
    return readContextAddress(
      run,
      expr,
      known === undefined ? object : { ...object, offset: object.offset + known * object.size },
      object.size,
      state,
    );
  const path = pathOf(run, expr, state);
  if (path === undefined) return UNKNOWN;
  return state.variables.get(path) ?? constantElement(run, expr, undefined, known, state) ?? UNKNOWN;
}

/** Elements of a table that are looked at; longer ones are data. */
const MAX_TABLE = 32;

/**
 * An element of a constant array, or a member of one: any of them where the index is not known. Undefined for what is no such table.
 */
function constantElement(
  run: Run,
  { object }: IndexExpr,
  member: string | undefined,
  index: number | undefined,
  state: State,
): Value | undefined {
  if (object.kind !== 'name') return undefined;
  const path = run.local(object.name);
  const table = path === undefined ? run.input.source.types.globals.get(object.name) : run.constantTables.get(path);
  if (table?.type.isConst !== true || table.type.isVolatile || table.init?.kind !== 'init-list') return undefined;
  const { entries } = table.init;
  if (entries.length > MAX_TABLE || entries.some((entry) => entry.designators.length > 0)) return undefined;
  const chosen = index === undefined ? entries : entries.slice(index, index + 1);
  let joined: Value | undefined;
  for (const { value } of chosen) {
    const part = member === undefined ? value : memberOf(run, value, table.type, member);
    if (part === undefined || part.kind === 'init-list') return undefined;
    const one = evaluate(run, part, state);
    joined = joined === undefined ? one : joinValues(joined, one);
  }
  return joined;
}

/** The initialiser of a member in the initialiser of a structure. */
function memberOf(run: Run, init: Expr, type: TypeRef, member: string): Expr | undefined {
  if (init.kind !== 'init-list') return undefined;
  const named = init.entries.find((entry) => entry.designators[0] === member);
  if (named !== undefined) return named.value;
  if (init.entries.some((entry) => entry.designators.length > 0)) return undefined;
  const position =
    run.input.source.types.recordOf({ ...type, dims: [] })?.members.findIndex(({ name }) => name === member) ?? -1;
  return position < 0 ? undefined : init.entries[position]?.value;
}

function evaluateQuietly(run: Run, expr: Expr, state: State): Value | undefined {
  return expr.kind === 'call' ? undefined : (peek(run, expr, state) ?? undefined);
}

export function dereference(
  run: Run,
  node: Expr,
  pointerNode: Expr,
  pointer: Extract<Value, { kind: 'pointer' | 'packet' }>,
  state: State,
): void {
  const checked =
    state.vague ||
    (pointer.kind === 'pointer' ? state.nonNull.has(pointer.id) : (state.packetBytes.get(pointer.base) ?? 0) > 0);
  run.input.observe({ kind: 'dereference', node, pointer, pointerNode, checked, ...run.facts(state) });
}

function unaryValue(run: Run, op: string, operand: Expr, node: Expr, state: State): Value {
  if (op === '&') {
    const target = operand.kind === 'macro' && operand.expansion !== undefined ? operand.expansion : operand;
    if (target.kind === 'field' && target.arrow && evaluate(run, target.object, state).kind === 'ctx') {
      const field = contextField(target.name);
      return field === undefined ? UNKNOWN : { kind: 'ctx-address', offset: field.row.offset, size: field.row.size };
    }
    if (
      target.kind === 'index' &&
      target.object.kind === 'field' &&
      target.object.arrow &&
      evaluate(run, target.object.object, state).kind === 'ctx'
    ) {
      const field = contextField(target.object.name);
      const index = evaluate(run, target.index, state);
      if (field === undefined || index.kind !== 'ints' || index.values.length !== 1) return UNKNOWN;
      return {
        kind: 'ctx-address',
        offset: field.row.offset + Number(index.values[0]) * field.row.size,
        size: field.row.size,
      };
    }
    const path = pathOf(run, target, state);
    if (path !== undefined) {
      if (target.kind === 'name' && run.input.source.maps.has(target.name)) return { kind: 'map', name: target.name };
      return { kind: 'address', path, name: path.slice(path.indexOf(':') + 1) };
    }
    if (target.kind === 'name' && run.input.source.maps.has(target.name)) return { kind: 'map', name: target.name };
    if (target.kind === 'field' || target.kind === 'index') {
      const base = evaluate(run, target.object, state);
      if (base.kind === 'pointer') return { ...base };
      if (base.kind === 'packet') return { ...base, offset: undefined };
    } else if (target.kind === 'compound-literal') evaluate(run, target, state);
    return UNKNOWN;
  }
  const value = evaluate(run, operand, state);
  switch (op) {
    case '*':
      if (value.kind === 'ctx-address') return readContextAddress(run, node, value, value.size, state);
      if (value.kind === 'pointer' || value.kind === 'packet') {
        dereference(run, node, operand, value, state);
        return { kind: 'number' };
      }
      if (value.kind === 'address') return state.variables.get(value.path) ?? UNKNOWN;
      return UNKNOWN;
    case '!':
      if (value.kind === 'ints')
        return value.values.every((v) => v === 0n)
          ? int(1)
          : value.values.includes(0n)
            ? { kind: 'ints', values: [0n, 1n] }
            : int(0);
      return { kind: 'ints', values: [0n, 1n] };
    case '-':
      return value.kind === 'ints' ? { kind: 'ints', values: value.values.map((v) => -v) } : { kind: 'number' };
    case '~':
      return value.kind === 'ints' ? { kind: 'ints', values: value.values.map((v) => ~v) } : { kind: 'number' };
    default:
      return value;
  }
}

function castValue(run: Run, type: TypeRef, value: Value, node: Expr, state: State): Value {
  const { types } = run.input.source;
  const resolved = types.resolve(type);
  if (value.kind === 'ctx-address' && resolved.pointers > 0) {
    const size = types.sizeOf({ ...resolved, pointers: resolved.pointers - 1 });
    return size === undefined ? value : { ...value, size };
  }
  if (resolved.pointers > 0 || resolved.name === 'void') return value;
  const size = types.sizeOf(resolved);
  if (size === undefined || size > 8 || resolved.tag === 'struct') return value;
  const narrowed = narrowValue(value, size * 8, !/unsigned|^__?u|^u\d|uint|^__be/.test(resolved.name));
  if (narrowed !== value && value.kind === 'number')
    run.input.observe({ kind: 'converted', node, by: resolved.name, from: value, to: narrowed, ...run.facts(state) });
  return narrowed;
}

function binaryValue(run: Run, expr: BinaryExpr, state: State): Value {
  if (expr.op === '&&' || expr.op === '||') {
    const { yes, no } = branch(run, expr, state);
    becomeState(state, joinStates(yes, no));
    if (yes === undefined) return int(0);
    return no === undefined ? int(1) : { kind: 'ints', values: [0n, 1n] };
  }
  const left = evaluate(run, expr.left, state);
  const right = evaluate(run, expr.right, state);
  return combine(run, expr, left, right, state);
}

/** Value of a binary operator whose operands have been evaluated. */
export function combine(run: Run, expr: BinaryExpr, left: Value, right: Value, state: State): Value {
  if (/^[=!<>]=?$/.test(expr.op)) {
    run.input.observe({
      kind: 'comparison',
      node: expr,
      op_: expr.op,
      leftNode: expr.left,
      rightNode: expr.right,
      left,
      right,
      ...run.facts(state),
    });
    if (left.kind === 'ints' && right.kind === 'ints') {
      const outcomes = new Set(left.values.flatMap((a) => right.values.map((b) => compare(expr.op, a, b))));
      if (outcomes.size === 1) return int([...outcomes][0] === true ? 1 : 0);
    }
    return { kind: 'ints', values: [0n, 1n] };
  }
  if (left.kind === 'packet' && (expr.op === '+' || expr.op === '-')) {
    const scale = pointeeSize(run, expr.left, state);
    const by =
      right.kind === 'ints' && right.values.length === 1 && scale !== undefined
        ? Number(right.values[0]) * scale
        : undefined;
    return {
      ...left,
      offset: by === undefined || left.offset === undefined ? undefined : left.offset + (expr.op === '+' ? by : -by),
    };
  }
  if (right.kind === 'packet' && expr.op === '+') return { ...right, offset: undefined };
  if (left.kind === 'pointer' && (expr.op === '+' || expr.op === '-')) return left;
  const result = arithmetic(expr.op, left, right);
  if (left.kind === 'number' && left.order !== undefined)
    run.input.observe({ kind: 'converted', node: expr, by: expr.op, from: left, to: result, ...run.facts(state) });
  return result;
}

/** Bytes by which adding 1 moves a pointer expression; 1 for void pointers. */
function pointeeSize(run: Run, expr: Expr, state: State): number | undefined {
  const type = typeOf(run, expr, state);
  if (type === undefined) return 1;
  const { types } = run.input.source;
  const resolved = types.resolve(type);
  if (resolved.pointers === 0) return 1;
  if (resolved.pointers === 1 && resolved.name === 'void') return 1;
  return types.sizeOf({ ...resolved, pointers: resolved.pointers - 1 });
}

function assignValue(run: Run, expr: AssignExpr, state: State): Value {
  let value = evaluate(run, expr.value, state);
  if (expr.op !== '=') value = arithmetic(expr.op, evaluate(run, expr.target, state), value);
  assign(run, expr.target, value, expr.value, expr, state);
  return value;
}
