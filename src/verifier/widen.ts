// Loops whose end the verifier does not see (iterators, callbacks, may_goto): numbers that change from round to round and that
// nothing depends on become unknown, so that the loop soon repeats itself. Source: kernel/bpf/verifier.c widen_imprecise_scalars.

import { Kind, type Reg, UNKNOWN_SCALAR } from './reg.ts';
import { Byte, StackSlot } from './stack-slot.ts';
import { FRAME_POINTER, type State } from './state.ts';

export function widenFromPrevious(old: State, current: State): void {
  for (let number = 0; number <= old.current; number++) {
    const before = old.frames[number]!;
    for (let i = 0; i < FRAME_POINTER; i++) {
      const reg = current.frames[number]!.regs[i]!;
      if (shouldWiden(before.regs[i]!, reg)) current.own(number).regs[i] = UNKNOWN_SCALAR;
    }
    const { length } = before.stack;
    for (let spi = 0; spi < length; spi++) {
      const a = before.stack[spi]!;
      const b = current.frames[number]!.stack[spi];
      if (b === undefined || a.top !== Byte.spill || b.top !== Byte.spill) continue;
      if (shouldWiden(a.reg, b.reg)) current.own(number).stack[spi] = new StackSlot(b.types, UNKNOWN_SCALAR);
    }
  }
}

/** A number nobody relies on, and that is not what it was a round before. */
function shouldWiden(old: Reg, current: Reg): boolean {
  if (old.type !== Kind.scalar || current.type !== Kind.scalar) return false;
  if (old.precise || current.precise) return false;
  if (old === current) return false;
  const a = old.scalar;
  const b = current.scalar;
  return !(
    a.tnum.value === b.tnum.value &&
    a.tnum.mask === b.tnum.mask &&
    a.umin === b.umin &&
    a.umax === b.umax &&
    a.smin === b.smin &&
    a.smax === b.smax &&
    old.id === current.id
  );
}
