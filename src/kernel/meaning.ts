// In which ops a context field holds a real value, and which arguments an op has: what completion offers inside a `case`, and
// what the pages say.

import { assertNever } from '../base/index.ts';
import type { CtxFieldRow } from './ctx-field-row.ts';
import type { OpRow } from './op-row.ts';
import { OP_ROWS } from './ops.ts';

/** `real`: always. `full-only`: real on a full socket, zero on a request sock. `zero`: always 0 or NULL. `lengths-only`: not for reading bytes. */
export type FieldMeaning = 'real' | 'full-only' | 'zero' | 'lengths-only';

/** What a field holds in an op. */
export function fieldMeaning(field: CtxFieldRow, op: OpRow): FieldMeaning {
  if (field.name === 'args') return op.arguments.length > 0 || op.reply.kind === 'value' ? 'real' : 'zero';
  switch (field.guard) {
    case 'always':
    case 'sock-common':
      return 'real';
    case 'full':
      return op.socket === 'full-or-request' ? 'full-only' : 'real';
    case 'locked':
    case 'none':
      if (op.socket === 'full-unlocked') return field.guard === 'none' ? 'real' : 'zero';
      return op.socket === 'full-or-request' ? 'full-only' : 'real';
    case 'skb':
      if (op.packet.kind === 'none') return 'zero';
      return op.packet.kind === 'empty-range' && field.value !== 'scalar' ? 'lengths-only' : 'real';
    default:
      return assertNever(field.guard, 'fieldMeaning');
  }
}

/** The ops in which a field holds something, by name without prefix; undefined when it does so in all. */
export function meaningfulOps(field: CtxFieldRow): readonly string[] | undefined {
  const real = OP_ROWS.filter((op) => op.socket !== 'none');
  const good = real.filter((op) => fieldMeaning(field, op) !== 'zero');
  return good.length === real.length ? undefined : good.map((op) => shortOpName(op.name));
}

/** "RWND_INIT" for "BPF_SOCK_OPS_RWND_INIT". */
export function shortOpName(name: string): string {
  return name.replace(/^BPF_SOCK_OPS_/, '');
}
