// The structures and enums that the kernel shares with BPF programs, as a kernel's type information has them: a program that includes
// vmlinux.h has CO-RE relocations against these too. Everything comes from the knowledge base, for one kernel or for the newest.

import {
  BPF_SOCK_FIELD_ROWS,
  BPF_SOCK_SIZE,
  BPF_TCP_SOCK_FIELD_ROWS,
  BPF_TCP_SOCK_SIZE,
  CTX_FIELDS,
  type CtxFieldRow,
  HELPER_ROWS,
  type KernelView,
  type Lifetime,
  MAP_TYPES,
  OPS,
} from '../kernel/index.ts';
import type { BtfBuilder, PlacedRow } from './btf-builder.ts';

/** Adds the types; `view` decides what exists, its absence takes everything. */
export function addUapi(b: BtfBuilder, view: KernelView | undefined): void {
  const exists = (area: Parameters<KernelView['presence']>[0], lifetimes: readonly Lifetime[]): boolean =>
    view === undefined || view.presence(area, lifetimes) !== 'no';
  b.enum('$sock_ops', [
    ['BPF_SOCK_OPS_VOID', 0],
    ...OPS.filter((row) => exists('ops', row.lifetimes)).map((row) => [row.name, row.number] as const),
  ]);
  b.enum(
    'bpf_map_type',
    [...MAP_TYPES].filter((row) => exists('maps', row.lifetimes)).map((row) => [row.name, row.id] as const),
  );
  const helpers = HELPER_ROWS.filter((row) => exists('helpers', row.exists));
  b.enum('bpf_func_id', [
    ['BPF_FUNC_unspec', 0],
    ...helpers.map((row) => [row.name.replace(/^bpf_/, 'BPF_FUNC_'), row.id] as const),
    ['__BPF_FUNC_MAX_ID', view?.helperIdEnd ?? Math.max(...helpers.map((row) => row.id)) + 1],
  ]);
  b.placed('bpf_sock', socketRows(BPF_SOCK_FIELD_ROWS), BPF_SOCK_SIZE);
  b.placed('bpf_tcp_sock', socketRows(BPF_TCP_SOCK_FIELD_ROWS), BPF_TCP_SOCK_SIZE);
  const fields: readonly CtxFieldRow[] = CTX_FIELDS;
  const there = fields.filter((row) => exists('context', row.lifetimes));
  const end = Math.max(...there.map((row) => row.offset + row.size * row.count));
  b.placed(
    'bpf_sock_ops',
    there.map((row) => contextRow(b, row)),
    Math.max(view?.ctxSize ?? 0, Math.ceil(end / 8) * 8),
  );
}

function socketRows(rows: typeof BPF_SOCK_FIELD_ROWS): PlacedRow[] {
  return rows.map((row) => [row.name, arrayOf(row.ctype, row.count), row.offset]);
}

function arrayOf(type: string, count: number): string {
  return count === 1 ? type : `${type}[${count}]`;
}

/** A member, or the unnamed union of a member with its other names (args, reply, replylong). */
function contextRow(b: BtfBuilder, row: CtxFieldRow): PlacedRow {
  const type = arrayOf(row.ctype, row.count);
  if (row.aliases === undefined || row.aliases.length === 0) return [row.name, type, row.offset];
  const handle = `$ctx_${row.name}`;
  b.union(handle, [
    [row.name, type],
    ...row.aliases.map((alias) => [alias.name, arrayOf(row.ctype, alias.count)] as const),
  ]);
  return ['', `union ${handle}`, row.offset];
}
