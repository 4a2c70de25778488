// Open-coded iterators: new, next until NULL, destroy; the iterator lives in stack slots and is a reference.
// Source of truth: kernel/bpf/verifier.c process_iter_arg, process_iter_next_call.

import { objectPlace } from './dynptr.ts';
import type { Env } from './env.ts';
import { findPrevious, notNull } from './jump.ts';
import { markStackRead, markStackWritten } from './liveness.ts';
import { inReadSection } from './memory.ts';
import { acquire, release } from './references.ts';
import { change, Flag, Kind, Reg, ZERO_SCALAR } from './reg.ts';
import { ZERO } from './scalar.ts';
import { checkStackBounds, storeToStack } from './stack.ts';
import { Byte, EMPTY_SLOT, fill, StackSlot } from './stack-slot.ts';
import type { State } from './state.ts';
import { widenFromPrevious } from './widen.ts';

/** Eight-byte slots of each iterator. */
const SLOTS: Readonly<Record<string, number>> = {
  bpf_iter_num: 1,
  bpf_iter_bits: 2,
  bpf_iter_task: 3,
  bpf_iter_task_vma: 1,
  bpf_iter_css: 3,
  bpf_iter_css_task: 1,
  bpf_iter_kmem_cache: 1,
  bpf_iter_dmabuf: 1,
};

/** Iterators that may only be used inside a read-side section. */
const NEEDS_RCU = new Set(['bpf_iter_task', 'bpf_iter_css']);

export interface IteratorPlace {
  readonly frame: number;
  readonly spi: number;
  readonly slots: number;
}

export type IteratorUse = 'new' | 'next' | 'destroy' | 'other';

/** Checks the iterator argument in `regno`; a constructor also makes it. */
export function processIterator(env: Env, regno: number, type: string, use: IteratorUse): IteratorPlace {
  const reg = env.reg(regno);
  const slots = SLOTS[type] ?? 1;
  const name = type.replace(/^bpf_iter_/, '');
  const refuse = (text: string): never => env.refuse({ kind: 'iterator', text });
  if (reg.type !== Kind.stack) refuse(`${env.argumentName(regno - 1)} expected pointer to an iterator on stack`);
  const place = objectPlace(env, reg, 'iter', slots);
  const remark = place.kind === 'wrong' ? `${place.remark}\n` : '';
  const frame = reg.extent;
  if (use === 'new') {
    if (place.kind === 'wrong' || (place.kind === 'at' && holdsIterator(env, frame, place.spi, slots)))
      refuse(`${remark}expected uninitialized iter_${name} as ${env.argumentName(regno - 1, 'arg #')}`);
    for (let i = 0; i < 8 * slots; i += 8) {
      checkStackBounds(env, regno, reg.off + i, 8, 'write to', 'write');
      storeToStack(env, regno, reg.off + i, 8, { kind: 'anything' });
    }
    const made = objectPlace(env, reg, 'iter', slots);
    if (made.kind !== 'at')
      return refuse(`expected uninitialized iter_${name} as ${env.argumentName(regno - 1, 'arg #')}`);
    const refId = acquire(env);
    for (let i = 0; i < slots; i++) {
      const spi = made.spi - i;
      const special = { kind: 'iter', type: name, state: 'active', depth: 0 } as const;
      const inRcu = !NEEDS_RCU.has(type) ? Flag.trusted : inReadSection(env) ? Flag.rcu : Flag.untrusted;
      const value = new Reg(
        Kind.stack | inRcu,
        ZERO,
        0,
        0,
        i === 0 ? refId : 0,
        false,
        0,
        undefined,
        undefined,
        special,
      );
      env.setStackSlot(frame, spi, new StackSlot(fill(Byte.iter), value));
      env.touchSlot(spi);
      markStackWritten(env, frame, spi);
    }
    return { frame, spi: made.spi, slots };
  }
  if (place.kind !== 'at' || !isIterator(env, frame, place.spi, slots, name))
    return refuse(`${remark}expected an initialized iter_${name} as ${env.argumentName(regno - 1, 'arg #')}`);
  if (isStale(env, frame, place.spi)) return refuse(`expected an RCU CS when using ${env.calledKfunc()}`);
  for (let i = 0; i < slots; i++) markStackRead(env, frame, place.spi - i);
  const found = { frame, spi: place.spi, slots };
  if (use === 'destroy') destroy(env, found);
  return found;
}

function holdsIterator(env: Env, frame: number, spi: number, slots: number): boolean {
  for (let i = 0; i < slots; i++) if (env.stackSlot(frame, spi - i).top === Byte.iter) return true;
  return false;
}

function isIterator(env: Env, frame: number, spi: number, slots: number, name: string): boolean {
  for (let i = 0; i < slots; i++) {
    const slot = env.stackSlot(frame, spi - i);
    if (slot.types !== fill(Byte.iter) || slot.reg.special?.kind !== 'iter' || slot.reg.special.type !== name)
      return false;
    if ((slot.reg.refId !== 0) !== (i === 0)) return false;
  }
  return true;
}

/** Whether the read-side section that the iterator was made in has ended. */
const isStale = (env: Env, frame: number, spi: number): boolean =>
  (env.stackSlot(frame, spi).reg.type & Flag.untrusted) !== 0;

/** Iterators that hang on the read-side section which ends now are of no use any more. */
export function endReadSection(env: Env): void {
  env.state.frames.forEach((frame, number) => {
    frame.stack.forEach((slot, spi) => {
      if (slot.reg.special?.kind !== 'iter' || (slot.reg.type & Flag.rcu) === 0) return;
      const type = (slot.reg.type & ~Flag.rcu) | Flag.untrusted;
      env.setStackSlot(number, spi, new StackSlot(slot.types, change(slot.reg, { type })));
    });
  });
}

function destroy(env: Env, place: IteratorPlace): void {
  const { refId } = env.stackSlot(place.frame, place.spi).reg;
  release(env, refId);
  for (let i = 0; i < place.slots; i++) {
    env.setStackSlot(place.frame, place.spi - i, EMPTY_SLOT);
    env.touchSlot(place.spi - i);
    markStackWritten(env, place.frame, place.spi - i);
  }
}

/** After a call that advances: this path has reached the end, the other has got an element (in R0). */
export function advance(env: Env, place: IteratorPlace): void {
  const slot = env.stackSlot(place.frame, place.spi);
  const special = slot.reg.special;
  if (special?.kind !== 'iter') return;
  if (special.state === 'active') {
    const previous = findPrevious(env, env.state.parent, env.slot);
    const queued = env.branchTo(env.slot + 1);
    setIterator(queued, place, { ...special, depth: special.depth + 1 });
    if (previous !== undefined) widenFromPrevious(previous, queued);
    const frame = queued.own(queued.current);
    frame.regs[0] = notNull(frame.regs[0]!);
  }
  setIterator(env.state, place, { ...special, state: 'drained' });
  env.touchSlot(place.spi);
  env.setReg(0, ZERO_SCALAR);
}

function setIterator(state: State, place: IteratorPlace, special: Extract<Reg['special'], { kind: 'iter' }>): void {
  const frame = state.own(place.frame);
  const { reg, types } = frame.stack[place.spi]!;
  const next = new Reg(reg.type, reg.scalar, reg.off, reg.id, reg.refId, false, 0, undefined, undefined, special);
  frame.stack[place.spi] = new StackSlot(types, next);
}
