// Dynptrs: descriptors of memory in two stack slots that only helpers may touch.
// Source of truth: kernel/bpf/verifier.c mark_stack_slots_dynptr, process_dynptr_func, destroy_if_dynptr_stack_slot.

import type { DynptrKind } from '../kernel/index.ts';
import type { Env } from './env.ts';
import { markStackRead, markStackWritten, withSpilled } from './liveness.ts';
import { acquire, invalidate, release } from './references.ts';
import { baseOf, type DynptrSort, Flag, Kind, Reg, UNKNOWN_SCALAR } from './reg.ts';
import { ZERO } from './scalar.ts';
import { checkStackBounds, spiOf, storeToStack } from './stack.ts';
import { Byte, EMPTY_SLOT, fill, StackSlot } from './stack-slot.ts';
import { mapRegisters } from './state.ts';

/** Where an object of several slots would lie, or the kernel's remark on why it cannot lie there. */
export type ObjectPlace =
  | { readonly kind: 'at'; readonly spi: number }
  /** In a part of the stack that was never touched. */
  | { readonly kind: 'untouched' }
  | { readonly kind: 'wrong'; readonly remark: string };

/** The slot of an object that a stack pointer names; `what` as in messages ("dynptr", "iter"). */
export function objectPlace(env: Env, reg: Reg, what: string, slots: number): ObjectPlace {
  if (!reg.scalar.isConst) return { kind: 'wrong', remark: `${what} has to be at a constant offset` };
  const offset = reg.off + Number(reg.scalar.smin);
  const spi = spiOf(offset);
  if (offset % 8 !== 0 || spi + 1 < slots)
    return { kind: 'wrong', remark: `cannot pass in ${what} at an offset=${offset}` };
  const frame = env.state.frames[reg.extent]!;
  if (spi - slots + 1 < 0 || frame.stack.length <= spi) return { kind: 'untouched' };
  return { kind: 'at', spi };
}

const isRefcounted = (sort: DynptrSort): boolean => sort === 'ringbuf';

const dynptrOf = (env: Env, frame: number, spi: number): Extract<Reg['special'], { kind: 'dynptr' }> | undefined => {
  const { special } = env.stackSlot(frame, spi).reg;
  return special?.kind === 'dynptr' ? special : undefined;
};

/** A write into a dynptr destroys it, unless it must be released. */
export function invalidateDynptrAt(env: Env, frame: number, at: number): void {
  if (env.stackSlot(frame, at).top !== Byte.dynptr) return;
  const spi = dynptrOf(env, frame, at)?.first === true ? at : at + 1;
  const dynptr = dynptrOf(env, frame, spi);
  if (dynptr !== undefined && isRefcounted(dynptr.sort))
    env.refuse({ kind: 'dynptr', problem: { kind: 'overwritten' } });
  const id = env.stackSlot(frame, spi).reg.id;
  clear(env, frame, spi);
  // Memory that was handed out through it is gone too.
  mapRegisters(
    env.state,
    (reg) =>
      baseOf(reg.type) === Kind.mem && (reg.type & ~(0xff | Flag.nullable)) === 0 && reg.dynptrId === id && id !== 0
        ? UNKNOWN_SCALAR
        : reg,
    withSpilled,
  );
}

function clear(env: Env, frame: number, spi: number): void {
  for (const slot of [spi, spi - 1]) {
    env.setStackSlot(frame, slot, EMPTY_SLOT);
    env.touchSlot(slot);
    markStackWritten(env, frame, slot);
  }
}

const SORTS: Readonly<Record<DynptrKind, DynptrSort | undefined>> = {
  any: undefined,
  local: 'local',
  ringbuf: 'ringbuf',
};

export interface DynptrArgument {
  readonly of: DynptrKind;
  readonly creates?: true;
  readonly releases?: true;
  readonly readOnly?: true;
}

/** Checks (and for a constructor, performs) what a helper does with a dynptr argument. */
export function processDynptr(env: Env, regno: number, argument: DynptrArgument): void {
  const reg = env.reg(regno);
  if (reg.type !== Kind.stack && reg.type !== Kind.dynptr)
    env.refuse({ kind: 'dynptr', problem: { kind: 'not-a-dynptr', argument: regno - 1 } });
  if (argument.creates === true) {
    createDynptr(env, regno, SORTS[argument.of] ?? 'local');
    return;
  }
  if (reg.type === Kind.dynptr && argument.readOnly !== true)
    env.refuse({ kind: 'dynptr', problem: { kind: 'constant' } });
  checkInitialised(env, regno, argument);
}

/** Makes a dynptr where the register points to; gives the slot. */
export function createDynptr(env: Env, regno: number, sort: DynptrSort, reference?: number): number {
  const reg = env.reg(regno);
  const place = reg.type === Kind.stack ? objectPlace(env, reg, 'dynptr', 2) : undefined;
  if (place === undefined || place.kind === 'wrong') {
    env.refuse({
      kind: 'dynptr',
      problem: { kind: 'initialised', place: place?.kind === 'wrong' ? place.remark : '' },
    });
  }
  for (const offset of [0, 8]) {
    checkStackBounds(env, regno, reg.off + offset, 8, 'write to', 'write');
    storeToStack(env, regno, reg.off + offset, 8, { kind: 'anything' });
  }
  const frame = reg.extent;
  const spi = spiOf(reg.off + Number(reg.scalar.smin));
  invalidateDynptrAt(env, frame, spi);
  invalidateDynptrAt(env, frame, spi - 1);
  const id = env.view.has('dynptr-has-identity') ? env.nextId() : 0;
  const refId = isRefcounted(sort) ? (reference ?? acquire(env)) : 0;
  for (const slot of [spi, spi - 1]) {
    const special = { kind: 'dynptr', sort, first: slot === spi } as const;
    const value = new Reg(Kind.dynptr, ZERO, 0, id, refId, false, 0, undefined, undefined, special);
    env.setStackSlot(frame, slot, new StackSlot(fill(Byte.dynptr), value));
    env.touchSlot(slot);
    markStackWritten(env, frame, slot);
  }
  return spi;
}

function checkInitialised(env: Env, regno: number, argument: DynptrArgument): void {
  const reg = env.reg(regno);
  const expected = SORTS[argument.of];
  const refuseAs = (place: string): never =>
    env.refuse({
      kind: 'dynptr',
      problem: { kind: 'uninitialised', argument: argumentNumber(env, regno), reg: regno, place },
    });
  const wrongSort = (): never =>
    env.refuse({
      kind: 'dynptr',
      problem: {
        kind: 'wrong-sort',
        argument: argumentNumber(env, regno),
        reg: regno,
        expected: expected ?? '<invalid>',
      },
    });
  if (reg.type === Kind.dynptr) {
    if (expected !== undefined && reg.special?.kind === 'dynptr' && reg.special.sort !== expected) wrongSort();
    return;
  }
  const place = objectPlace(env, reg, 'dynptr', 2);
  if (place.kind !== 'at') refuseAs(place.kind === 'wrong' ? place.remark : '');
  else {
    const { spi } = place;
    const frame = reg.extent;
    const dynptr = dynptrOf(env, frame, spi);
    const whole =
      env.stackSlot(frame, spi).types === fill(Byte.dynptr) &&
      env.stackSlot(frame, spi - 1).types === fill(Byte.dynptr);
    if (dynptr?.first !== true || !whole) refuseAs('');
    if (expected !== undefined && dynptr?.sort !== expected) wrongSort();
    markStackRead(env, frame, spi);
    markStackRead(env, frame, spi - 1);
  }
}

/** The register that describes the dynptr an argument names. */
export function dynptrBehind(env: Env, regno: number): Reg | undefined {
  const reg = env.reg(regno);
  if (reg.type === Kind.dynptr) return reg;
  const place = objectPlace(env, reg, 'dynptr', 2);
  return place.kind === 'at' ? env.stackSlot(reg.extent, place.spi).reg : undefined;
}

/** Gives a dynptr back: its reference, its slots and whatever was made from it. */
export function releaseDynptr(env: Env, regno: number): boolean {
  const reg = env.reg(regno);
  const place = objectPlace(env, reg, 'dynptr', 2);
  if (place.kind !== 'at') return false;
  const frame = reg.extent;
  const { refId } = env.stackSlot(frame, place.spi).reg;
  const dynptr = dynptrOf(env, frame, place.spi);
  if (dynptr === undefined) return false;
  if (!isRefcounted(dynptr.sort)) {
    clear(env, frame, place.spi);
    return true;
  }
  if (!release(env, refId)) return false;
  const { length } = env.state.frames[frame]!.stack;
  for (let spi = 1; spi < length; spi++) {
    const slot = env.stackSlot(frame, spi);
    if (slot.top !== Byte.dynptr || slot.reg.refId !== refId) continue;
    if (dynptrOf(env, frame, spi)?.first === true) clear(env, frame, spi);
  }
  invalidate(env, refId);
  return true;
}

/** The number of an argument in messages about dynptrs. */
const argumentNumber = (env: Env, regno: number): number =>
  env.view.has('dynptr-arguments-from-zero') ? regno - 1 : regno;
