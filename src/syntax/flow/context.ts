// Reads and writes of the context structure.

import { CTX_FIELDS, type CtxFieldRow } from '../../kernel/index.ts';
import type { Expr } from '../ast.ts';
import { contextField, type Run } from './run.ts';
import type { State } from './state.ts';
import { int, type Order, type Origin, UNKNOWN, type Value } from './value.ts';

const CTX_ROWS: readonly CtxFieldRow[] = CTX_FIELDS;

const ORDERS: Readonly<Record<'host' | 'network' | 'network-high', Order>> = {
  host: 'host',
  network: 'net32',
  'network-high': 'net32',
};

/** A read through `skops->name` or `skops->name[index]`; an array without an index is its address. */
export function readContext(run: Run, node: Expr, name: string, index: number | undefined, state: State): Value {
  const field = contextField(name);
  if (field === undefined) return UNKNOWN;
  if (field.count > 1 && node.kind === 'field')
    return { kind: 'ctx-address', offset: field.row.offset, size: field.row.size };
  const value = fieldValue(run, field.row.name === 'args' ? name : field.row.name, node, index, state);
  run.input.observe({ kind: 'context-read', node, field: field.row, spelled: name, index, value, ...run.facts(state) });
  return value;
}

function fieldValue(run: Run, name: string, node: Expr, index: number | undefined, state: State): Value {
  const { row } = contextField(name)!;
  const repr = row.repr.kind;
  const what: Origin['what'] =
    repr === 'port' ? 'port' : repr === 'ipv4-address' || repr === 'ipv6-word' ? 'address' : 'other';
  const origin: Origin = { field: row, index: index ?? 0, what, via: [], node };
  switch (row.value) {
    case 'sock-or-null':
      return { kind: 'pointer', to: { kind: 'sock' }, id: 'ctx.sk', node };
    case 'packet':
      return { kind: 'packet', base: 'skb_data', offset: 0, node };
    case 'packet-end':
      return { kind: 'packet-end' };
    case 'scalar':
      break;
  }
  if (repr === 'op') return { ...(int(run.input.op.number) as Extract<Value, { kind: 'ints' }>), origin };
  if (row.name === 'is_fullsock') {
    const full = run.fullSocket(state);
    if (full !== undefined) return int(full ? 1 : 0);
  }
  if (name === 'reply' && state.reply !== undefined) return state.reply.value;
  return { kind: 'number', origin, ...(what === 'other' ? {} : { order: ORDERS[row.order] }) };
}

/** A read through a pointer that was made from the address of a field. */
export function readContextAddress(
  run: Run,
  node: Expr,
  address: Extract<Value, { kind: 'ctx-address' }>,
  size: number,
  state: State,
): Value {
  run.input.observe({ kind: 'context-access', node, offset: address.offset, size, mode: 'read', ...run.facts(state) });
  const row = CTX_ROWS.find(
    (field) => field.offset <= address.offset && address.offset < field.offset + field.size * field.count,
  );
  const within = row === undefined ? 0 : (address.offset - row.offset) % row.size;
  if (row === undefined || within !== 0 || size !== row.size) return { kind: 'number' };
  const index = row.count > 1 ? (address.offset - row.offset) / row.size : undefined;
  run.input.observe({
    kind: 'context-read',
    node,
    field: row,
    spelled: row.name,
    index,
    value: UNKNOWN,
    ...run.facts(state),
  });
  const value = fieldValue(run, row.name, node, index, state);
  // A read through a pointer is one that the compiler cannot reshape when the pointer is to volatile; it is marked as such.
  return value.kind === 'number' && value.origin !== undefined
    ? { ...value, origin: { ...value.origin, via: ['volatile'] } }
    : value;
}

/** A write through `skops->name`. */
export function writeContext(
  run: Run,
  node: Expr,
  name: string,
  index: number | undefined,
  value: Value,
  valueNode: Expr,
  state: State,
): void {
  const field = contextField(name);
  if (field === undefined) return;
  run.input.observe({
    kind: 'context-write',
    node,
    field: field.row,
    spelled: name,
    index,
    value,
    valueNode,
    ...run.facts(state),
  });
  const isReply = name === 'reply' || (field.row.name === 'args' && index === 0);
  if (isReply) state.reply = { node, value };
}
