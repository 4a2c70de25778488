// Which stack slots are still read after a remembered state: only those take part in comparing states. A read marks the states
// back to the one behind which the slot was last written. (Registers need no such marks: cfg.ts finds theirs beforehand.)
// Source of truth: kernel/bpf/verifier.c mark_reg_read, clean_live_states; kernel/bpf/liveness.c in later kernels.

import type { Env } from './env.ts';
import { NOT_INIT } from './reg.ts';
import { Byte, EMPTY_SLOT, StackSlot } from './stack-slot.ts';
import { type State, slotOfFrame } from './state.ts';

const index = (frame: number, spi: number): number => 2 * frame + (spi >> 5);

const isMarked = (marks: readonly number[], frame: number, spi: number): boolean =>
  ((marks[index(frame, spi)] ?? 0) & (1 << (spi & 31))) !== 0;

function mark(marks: number[], frame: number, spi: number): void {
  const at = index(frame, spi);
  while (marks.length <= at) marks.push(0);
  marks[at]! |= 1 << (spi & 31);
}

/** The current path reads a slot. */
export function markStackRead(env: Env, frame: number, spi: number): void {
  readFrom(env.state, frame, spi);
}

function readFrom(from: State, frame: number, spi: number): void {
  let state = from;
  while (!isMarked(state.stackWrites, frame, spi)) {
    const { parent } = state;
    if (parent === undefined || frame > parent.current || isMarked(parent.stackReads, frame, spi)) return;
    mark(parent.stackReads, frame, spi);
    state = parent;
  }
}

/** The current path overwrites a whole slot. */
export function markStackWritten(env: Env, frame: number, spi: number): void {
  mark(env.state.stackWrites, frame, spi);
}

/** Forgets what was written since the last checkpoint, because there is a new one. */
export function startMarks(state: State): void {
  state.stackReads = [];
  state.stackWrites = [];
}

/** What follows a remembered state follows the path that ended at it too. */
export function propagateReads(old: State, current: State): boolean {
  let any = false;
  for (let frame = 0; frame <= old.current; frame++) {
    const { length } = old.frames[frame]!.stack;
    for (let spi = 0; spi < length; spi++) {
      if (!isMarked(old.stackReads, frame, spi)) continue;
      readFrom(current, frame, spi);
      any = true;
    }
  }
  return any;
}

export const isStackRead = (state: State, frame: number, spi: number): boolean =>
  isMarked(state.stackReads, frame, spi);

/** Drops from a finished remembered state what nothing behind it reads. */
export function clean(env: Env, state: State): void {
  if (state.cleaned) return;
  state.cleaned = true;
  for (let number = 0; number <= state.current; number++) {
    const live = env.program.liveRegs[slotOfFrame(state, number)]!;
    const frame = state.own(number);
    for (let i = 0; i < 10; i++) if ((live & (1 << i)) === 0) frame.regs[i] = NOT_INIT;
    for (let spi = 0; spi < frame.stack.length; spi++) {
      if (isMarked(state.stackReads, number, spi)) continue;
      const slot = frame.stack[spi]!;
      if (slot.types === 0) continue;
      const top = slot.top;
      // Objects on the stack are compared whatever happens to them.
      if (top === Byte.dynptr || top === Byte.iter || top === Byte.irq) continue;
      frame.stack[spi] = EMPTY_SLOT;
    }
  }
}

/** A spilled register replaced, the byte types kept. */
export const withSpilled = (slot: StackSlot, reg: StackSlot['reg']): StackSlot => new StackSlot(slot.types, reg);
