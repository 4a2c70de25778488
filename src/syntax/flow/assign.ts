// Stores: into the context, through pointers, into variables and their members, and by initialiser lists.

import type { Expr, InitListExpr, TypeRef } from '../ast.ts';
import { writeContext } from './context.ts';
import { dereference, evaluate } from './evaluate.ts';
import { narrowValue } from './order.ts';
import { pathOf, typeOf } from './paths.ts';
import type { Run } from './run.ts';
import type { State } from './state.ts';
import type { Value } from './value.ts';

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
