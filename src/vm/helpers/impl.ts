// What a helper's row in the table of implementations is: a function, or the reason why there is none.

import type { CallFunction } from '../lower.ts';
import type { Machine } from '../machine.ts';

/** A helper or kfunc that exists and that is not imitated; calling it is a fault that shows the reason. */
export interface Unmodelled {
  readonly unmodelled: string;
}

export type HelperImpl = CallFunction | Unmodelled;

/** A flags argument of 64 bits as a number; -1 when the upper half is set, which no helper here takes. */
export function flagsArg(m: Machine, n: number): number {
  return m.regs32[2 * n + 1] === 0 ? m.argU32(n) : -1;
}

/** Whether argument `n` is the context pointer; a fault otherwise. */
export function isContext(m: Machine, n: number): boolean {
  const { data } = m.context;
  if (m.context.source !== undefined && m.regs32[2 * n] === data && m.regs32[2 * n + 1] === m.heap.colour(data))
    return true;
  m.badArgument(n, 'not the context pointer');
  return false;
}
