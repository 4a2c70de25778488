// Expressions: gives the value and changes the state as evaluation would (assignments, calls), reporting what it passes.

import { assertNever } from '../../base/index.ts';
import type { AssignExpr, BinaryExpr, Expr, FieldExpr, IndexExpr, InitListExpr, TypeRef } from '../ast.ts';
import { branch } from './branch.ts';
import { evaluateCall, evaluateKnownCall, isKnownCall } from './calls.ts';
import { readContext, readContextAddress, writeContext } from './context.ts';
import { executeBlock } from './execute.ts';
import { arithmetic, compare, narrowValue } from './order.ts';
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

function nameValue(run: Run, name: string, state: State): Value {
  const path = run.local(name);
  if (path !== undefined) {
    const known = state.variables.get(path);
    if (known !== undefined) return known;
    const type = run.variableTypes.get(path);
    // An array decays to its address.
    return type !== undefined && type.dims.length > 0 ? { kind: 'address', path, name } : UNKNOWN;
  }
  const { source } = run.input;
  if (source.maps.has(name)) return { kind: 'map', name };
  const global = source.types.globals.get(name);
  if (global !== undefined) {
    if (global.type.dims.length > 0 && global.init?.kind === 'string')
      return { kind: 'string', units: global.init.units };
    if (
      global.type.isConst &&
      !global.type.isVolatile &&
      global.type.pointers === 0 &&
      global.init !== undefined &&
      global.type.dims.length === 0
    )
      return evaluate(run, global.init, state);
    return global.type.dims.length > 0 || global.type.record !== undefined
      ? { kind: 'address', path: `g:${name}`, name }
      : UNKNOWN;
  }
  if (name === 'NULL' || name === 'false') return int(0);
  if (name === 'true') return int(1);
  const own = source.types.enumerators.get(name)?.value;
  const value = own ?? run.input.constant(name);
  return value === undefined ? UNKNOWN : int(value);
}

/** The path of a variable or of a part of one; undefined for anything else. */
export function pathOf(run: Run, expr: Expr, state: State): string | undefined {
  switch (expr.kind) {
    case 'name':
      return run.local(expr.name) ?? (run.input.source.types.globals.has(expr.name) ? `g:${expr.name}` : undefined);
    case 'macro':
      return expr.expansion === undefined ? undefined : pathOf(run, expr.expansion, state);
    case 'field': {
      if (expr.arrow) {
        const object = peek(run, expr.object, state);
        return object?.kind === 'address' ? `${object.path}.${expr.name}` : undefined;
      }
      const base = pathOf(run, expr.object, state);
      return base === undefined ? undefined : `${base}.${expr.name}`;
    }
    case 'index': {
      const base = pathOf(run, expr.object, state);
      const index = peek(run, expr.index, state);
      if (base === undefined) return undefined;
      return index?.kind === 'ints' && index.values.length === 1 ? `${base}[${index.values[0]}]` : `${base}[?]`;
    }
    case 'unary': {
      if (expr.op !== '*') return undefined;
      const target = peek(run, expr.operand, state);
      return target?.kind === 'address' ? target.path : undefined;
    }
    case 'cast':
      return undefined;
    default:
      return undefined;
  }
}

/** Value of a side-effect-free expression, without reporting anything. */
export function peek(run: Run, expr: Expr, state: State): Value | undefined {
  switch (expr.kind) {
    case 'name':
      return nameValue(run, expr.name, state);
    case 'number':
      return expr.value === undefined ? undefined : int(expr.value);
    case 'macro':
      return expr.expansion === undefined ? undefined : peek(run, expr.expansion, state);
    case 'cast':
      return peek(run, expr.operand, state);
    case 'field': {
      const path = pathOf(run, expr, state);
      return path === undefined ? undefined : state.variables.get(path);
    }
    case 'unary': {
      if (expr.op !== '&') return undefined;
      const path = pathOf(run, expr.operand, state);
      return path === undefined ? undefined : { kind: 'address', path, name: path.slice(path.indexOf(':') + 1) };
    }
    default:
      return undefined;
  }
}

/** The declared type of a variable, member or cast. */
export function typeOf(run: Run, expr: Expr, state: State): TypeRef | undefined {
  const { types } = run.input.source;
  switch (expr.kind) {
    case 'name': {
      const path = run.local(expr.name);
      return path === undefined ? types.globals.get(expr.name)?.type : run.variableTypes.get(path);
    }
    case 'field': {
      const object = typeOf(run, expr.object, state);
      return object === undefined ? undefined : types.memberOf({ ...object, pointers: 0, dims: [] }, expr.name)?.type;
    }
    case 'index': {
      const object = typeOf(run, expr.object, state);
      if (object === undefined) return undefined;
      if (object.dims.length > 0) return { ...object, dims: object.dims.slice(1) };
      return object.pointers > 0 ? { ...object, pointers: object.pointers - 1 } : undefined;
    }
    case 'unary': {
      const operand = typeOf(run, expr.operand, state);
      if (operand === undefined) return undefined;
      if (expr.op === '*')
        return operand.dims.length > 0
          ? { ...operand, dims: operand.dims.slice(1) }
          : { ...operand, pointers: Math.max(0, operand.pointers - 1) };
      return expr.op === '&' ? { ...operand, pointers: operand.pointers + 1 } : undefined;
    }
    case 'cast':
      return expr.type;
    case 'macro':
      return expr.expansion === undefined ? undefined : typeOf(run, expr.expansion, state);
    case 'compound-literal':
      return expr.type;
    default:
      return undefined;
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
  return path === undefined ? UNKNOWN : (state.variables.get(path) ?? UNKNOWN);
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

/** Stores a value in what the target names. */
export function assign(run: Run, target: Expr, value: Value, valueNode: Expr, node: Expr, state: State): void {
  switch (target.kind) {
    case 'macro':
      if (target.expansion !== undefined) assign(run, target.expansion, value, valueNode, node, state);
      return;
    case 'field':
      if (target.arrow) {
        const object = evaluate(run, target.object, state);
        if (object.kind === 'ctx') {
          writeContext(run, target, target.name, undefined, value, valueNode, state);
          return;
        }
        if (object.kind === 'pointer' || object.kind === 'packet')
          dereference(run, target, target.object, object, state);
      }
      break;
    case 'index': {
      const inner = target.object;
      const index = evaluate(run, target.index, state);
      const known = index.kind === 'ints' && index.values.length === 1 ? Number(index.values[0]) : undefined;
      if (inner.kind === 'field' && inner.arrow && evaluate(run, inner.object, state).kind === 'ctx') {
        writeContext(run, target, inner.name, known, value, valueNode, state);
        return;
      }
      const object = evaluate(run, inner, state);
      if (object.kind === 'pointer' || object.kind === 'packet') dereference(run, target, inner, object, state);
      break;
    }
    case 'unary':
      if (target.op === '*') {
        const object = evaluate(run, target.operand, state);
        if (object.kind === 'ctx-address') {
          run.input.observe({
            kind: 'context-access',
            node: target,
            offset: object.offset,
            size: object.size,
            mode: 'write',
            ...run.facts(state),
          });
          return;
        }
        if (object.kind === 'pointer' || object.kind === 'packet')
          dereference(run, target, target.operand, object, state);
      }
      break;
  }
  const path = pathOf(run, target, state);
  if (path === undefined) return;
  const type = typeOf(run, target, state);
  store(run, path, type, value, valueNode, node, memberHost(run, target, state), state);
}

function memberHost(run: Run, target: Expr, state: State): string | undefined {
  if (target.kind !== 'field') return undefined;
  const type = typeOf(run, target.object, state);
  return type === undefined ? undefined : run.input.source.types.recordName({ ...type, pointers: 0 });
}

function store(
  run: Run,
  path: string,
  type: TypeRef | undefined,
  value: Value,
  valueNode: Expr,
  node: Expr,
  memberOf: string | undefined,
  state: State,
): void {
  const { types } = run.input.source;
  const resolved = type === undefined ? undefined : types.resolve(type);
  const scalar =
    resolved !== undefined &&
    resolved.pointers === 0 &&
    resolved.dims.length === 0 &&
    resolved.tag !== 'struct' &&
    resolved.tag !== 'union';
  const width = scalar ? types.sizeOf(resolved) : undefined;
  const member = path.includes('.') ? path.slice(path.lastIndexOf('.') + 1) : undefined;
  run.input.observe({ kind: 'assigned', node, path, memberOf, member, width, value, valueNode, ...run.facts(state) });
  // Overwriting a whole drops what was known of its parts.
  for (const known of state.variables.keys())
    if (known.startsWith(path) && known.length > path.length && /[.[]/.test(known[path.length]!))
      state.variables.delete(known);
  const signed = resolved === undefined || !/unsigned|^__?u|^u\d|uint|^__be|^_?[bB]ool/.test(resolved.name);
  state.variables.set(path, width === undefined || width > 8 ? value : narrowValue(value, width * 8, signed));
}

/** Sets a variable from an initialiser list, member by member. */
export function initialise(run: Run, init: InitListExpr, type: TypeRef, path: string, state: State): void {
  const { types } = run.input.source;
  const record = types.recordOf(type);
  const recordName = types.recordName({ ...type, pointers: 0 });
  let position = 0;
  for (const entry of init.entries) {
    const designator = entry.designators[0];
    let name: string | undefined;
    if (typeof designator === 'string') {
      name = entry.designators.filter((part) => typeof part === 'string').join('.');
      const found = record?.members.findIndex((member) => member.name === designator) ?? -1;
      if (found >= 0) position = found + 1;
    } else if (designator === undefined && type.dims.length === 0) name = record?.members[position++]?.name;
    else if (designator === undefined && entry.value.kind !== 'init-list') {
      store(
        run,
        `${path}[${position++}]`,
        { ...type, dims: type.dims.slice(1) },
        evaluate(run, entry.value, state),
        entry.value,
        entry.value,
        undefined,
        state,
      );
      continue;
    }
    const memberType = name === undefined ? undefined : types.memberOf({ ...type, pointers: 0 }, name)?.type;
    if (entry.value.kind === 'init-list') {
      initialise(
        run,
        entry.value,
        memberType ?? { ...type, dims: type.dims.slice(1) },
        name === undefined ? `${path}[?]` : `${path}.${name}`,
        state,
      );
      continue;
    }
    const value = evaluate(run, entry.value, state);
    if (name !== undefined)
      store(run, `${path}.${name}`, memberType, value, entry.value, entry.value, recordName, state);
  }
}
