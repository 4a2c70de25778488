// The stack: what may be read and written, and what reading and writing does to the slots.
// Source of truth: kernel/bpf/verifier.c check_stack_read, check_stack_write, check_stack_range_initialized.

import { invalidateDynptrAt } from './dynptr.ts';
import type { Env } from './env.ts';
import { markStackRead, markStackWritten } from './liveness.ts';
import { markPrecise, rememberStackAccess } from './precision.ts';
import type { StackAccess } from './reason.ts';
import {
  change,
  constantReg,
  isSpillable,
  Kind,
  LINKED_SUM,
  NOT_INIT,
  type Reg,
  UNKNOWN_SCALAR,
  unlinked,
  ZERO_SCALAR,
} from './reg.ts';
import { Byte, byteType, StackSlot, scrubbed, withByte } from './stack-slot.ts';
import { bitLength, tnumText } from './tnum.ts';

/** BPF_MAX_VAR_OFF. */
const MAX_OFFSET = 1n << 29n;

/** Slot number of a byte at a negative offset from the frame pointer. */
export const spiOf = (offset: number): number => (-offset - 1) >> 3;
/** Byte of the slot: 7 at the lowest address, 0 at the highest. */
const byteOf = (offset: number): number => (-offset - 1) & 7;
const isAligned8 = (offset: number): boolean => (offset & 7) === 0;

/** Offsets from the frame pointer that an access covers: [min, max). */
export interface StackRange {
  readonly min: number;
  readonly max: number;
  readonly fixed: boolean;
}

/** Checks that `size` bytes at the register plus `offset` lie in the stack. `offset` includes the register's constant part. */
export function checkStackBounds(
  env: Env,
  regno: number,
  offset: number,
  size: number,
  access: StackAccess,
  mode: 'read' | 'write',
): StackRange {
  const reg = env.reg(regno);
  const { scalar } = reg;
  const fixed = scalar.isConst;
  if (!fixed && (scalar.smax >= MAX_OFFSET || scalar.smin <= -MAX_OFFSET))
    env.refuse({ kind: 'stack-unbounded', reg: regno, access });
  const min = Number(scalar.smin) + offset;
  const max = Number(fixed ? scalar.smin : scalar.smax) + offset + size;
  const frame = env.state.frames[reg.extent]!;
  const lowest = mode === 'write' || env.rules.readsBelowFrame ? -env.rules.maxStack : -8 * frame.stack.length;
  if (min < lowest || -1 < min || max > 0 || size < 0) {
    env.refuse({
      kind: 'stack-access',
      reg: regno,
      access,
      varOff: fixed ? undefined : tnumText(scalar.tnum),
      off: offset,
      size,
    });
  }
  noteDepth(env, reg.extent, -min);
  return { min, max, fixed };
}

/** The deepest byte of a frame counts towards the stack of its function. */
function noteDepth(env: Env, frameNumber: number, depth: number): void {
  const fn = env.program.functions[env.state.frames[frameNumber]!.subprogram]!;
  const rounded = (depth + 7) & ~7;
  if (fn.stackDepth < rounded) fn.stackDepth = rounded;
}

// --- Reading ---------------------------------------------------------------------------------------------------------------

/** Checks a read by an instruction; `into` is -1 where only the permission matters (atomics). */
export function checkStackRead(env: Env, regno: number, offset: number, size: number, into: number): void {
  const reg = env.reg(regno);
  if (into < 0 && !reg.scalar.isConst) {
    env.refuse({ kind: 'stack-variable-to-helper', varOff: tnumText(reg.scalar.tnum), off: offset, size });
  }
  if (!reg.scalar.isConst) {
    checkRangeReadable(env, regno, offset, size, 'direct', 'read', undefined);
    return;
  }
  const at = offset + Number(reg.scalar.smin);
  const slot = env.stackSlot(reg.extent, spiOf(at));
  if (slot.isSpill) {
    if (size === 8 && spillSize(slot) === 8) return;
    if (!slot.reg.isScalar) env.refuse({ kind: 'fill-size' });
    if (into < 0) return;
    if (narrowFill(at, size, spillSize(slot))) return;
  }
  for (let i = 0; i < size; i++) {
    const type = byteType(slot.types, byteOf(at + i));
    const readable =
      type === Byte.misc ||
      type === Byte.zero ||
      (type === Byte.spill && slot.isSpill) ||
      (type === Byte.invalid && env.rules.readsUninitialisedStack);
    if (readable) continue;
    env.refuse({
      kind: 'stack-uninitialised',
      reg: undefined,
      access: 'direct',
      varOff: undefined,
      off: at,
      at: i,
      size,
    });
  }
}

/** Bytes of the slot that belong to its spilled register, counted from the lowest address. */
function spillSize(slot: StackSlot): number {
  let size = 1;
  while (size < 8 && byteType(slot.types, 7 - size) === Byte.spill) size++;
  return size;
}

/** Whether a shorter read takes exactly the low end of what was spilled. */
const narrowFill = (at: number, size: number, spilled: number): boolean => size <= spilled && isAligned8(at);

/** What the instruction reads from the stack. */
export function loadFromStack(env: Env, regno: number, offset: number, size: number): Reg {
  const reg = env.reg(regno);
  if (!reg.scalar.isConst) {
    const min = Number(reg.scalar.smin) + offset;
    const max = Number(reg.scalar.smax) + offset + size;
    return bytesAsNumber(env, reg.extent, min, max);
  }
  const at = offset + Number(reg.scalar.smin);
  const spi = spiOf(at);
  const slot = env.stackSlot(reg.extent, spi);
  env.touchSlot(spi);
  markStackRead(env, reg.extent, spi);
  if (!slot.isSpill) return bytesAsNumber(env, reg.extent, at, at + size);
  const spilled = spillSize(slot);
  if (size === 8 && spilled === 8) {
    rememberStackAccess(env, reg.extent, spi);
    return slot.reg;
  }
  if (narrowFill(at, size, spilled)) {
    rememberStackAccess(env, reg.extent, spi);
    return bitLength(slot.reg.scalar.umax) > size * 8 ? unlinked(slot.reg) : slot.reg;
  }
  let spills = 0;
  let zeros = 0;
  for (let i = 0; i < size; i++) {
    const type = byteType(slot.types, byteOf(at + i));
    if (type === Byte.spill) spills++;
    if (type === Byte.zero) zeros++;
  }
  if (spills === size && slot.reg.isZero) {
    rememberStackAccess(env, reg.extent, spi);
    return ZERO_SCALAR;
  }
  return zeros === size ? ZERO_SCALAR : UNKNOWN_SCALAR;
}

/** Bytes that are no spilled register: zero if all are, else unknown. */
function bytesAsNumber(env: Env, frame: number, min: number, max: number): Reg {
  let zeros = 0;
  for (let at = min; at < max; at++) {
    const spi = spiOf(at);
    env.touchSlot(spi);
    markStackRead(env, frame, spi);
    if (byteType(env.stackSlot(frame, spi).types, byteOf(at)) !== Byte.zero) break;
    zeros++;
  }
  for (let spi = spiOf(max - 1); spi <= spiOf(min); spi++) markStackRead(env, frame, spi);
  return zeros === max - min ? ZERO_SCALAR : UNKNOWN_SCALAR;
}

// --- Writing ---------------------------------------------------------------------------------------------------------------

/** Checks a store by an instruction of a register (or -1 for an immediate). */
export function checkStackWrite(env: Env, regno: number, size: number, value: number): void {
  const pointer = env.reg(regno);
  if (value < 0 || !pointer.scalar.isConst) return;
  const reg = env.reg(value);
  if (!isSpillable(reg.type)) return;
  if (size !== 8) env.refuse({ kind: 'spill-size' });
  if (pointer.extent !== env.state.current && reg.type === Kind.stack) env.refuse({ kind: 'stack-pointer-to-caller' });
}

/** What is stored: a register, an immediate, or bytes of which nothing is known (by helpers and atomics). */
export type Stored =
  | { readonly kind: 'reg'; readonly reg: number }
  | { readonly kind: 'immediate'; readonly value: number }
  | { readonly kind: 'anything' };

export function storeToStack(env: Env, regno: number, offset: number, size: number, stored: Stored): void {
  const pointer = env.reg(regno);
  if (pointer.scalar.isConst) storeFixed(env, pointer.extent, offset + Number(pointer.scalar.smin), size, stored);
  else {
    const min = Number(pointer.scalar.smin) + offset;
    const max = Number(pointer.scalar.smax) + offset + size;
    storeVariable(env, pointer.extent, min, max, stored);
  }
}

function storeFixed(env: Env, frame: number, at: number, size: number, stored: Stored): void {
  const spi = spiOf(at);
  invalidateDynptrAt(env, frame, spi);
  env.touchSlot(spi);
  if (stored.kind === 'reg') {
    const reg = env.reg(stored.reg);
    if (reg.isScalar && isAligned8(at)) {
      const fits = bitLength(reg.scalar.umax) <= 8 * size;
      if (fits) linkBeforeCopy(env, stored.reg);
      const source = env.reg(stored.reg);
      spill(env, frame, spi, fits ? source : change(source, { id: 0 }), size);
      return;
    }
    if (isSpillable(reg.type)) {
      spill(env, frame, spi, reg, size);
      return;
    }
  } else if (stored.kind === 'immediate' && isAligned8(at)) {
    spill(env, frame, spi, constantReg(BigInt(stored.value)), size);
    return;
  }
  // Bytes without a register: zero stays known, all else does not.
  let type: number = Byte.misc;
  if (stored.kind === 'reg' && env.reg(stored.reg).isZero) {
    markPrecise(env, stored.reg);
    type = Byte.zero;
  } else if (stored.kind === 'immediate' && stored.value === 0) type = Byte.zero;
  const slot = env.stackSlot(frame, spi);
  let types = slot.isSpecial ? scrubbed(slot.types) : slot.types;
  for (let i = 0; i < size; i++) types = withByte(types, byteOf(at + i), type);
  if (size === 8) markStackWritten(env, frame, spi);
  env.setStackSlot(frame, spi, new StackSlot(types, NOT_INIT));
}

function spill(env: Env, frame: number, spi: number, reg: Reg, size: number): void {
  const old = env.stackSlot(frame, spi).types;
  let types = 0x11111111;
  // The bytes above a short spill keep what is worth keeping.
  for (let byte = 0; byte < 8 - size; byte++) {
    const type = byteType(old, byte);
    types = withByte(types, byte, type === Byte.zero || type === Byte.invalid ? type : Byte.misc);
  }
  if (size === 8) markStackWritten(env, frame, spi);
  env.setStackSlot(frame, spi, new StackSlot(types, reg));
  rememberStackAccess(env, frame, spi);
}

function storeVariable(env: Env, frame: number, min: number, max: number, stored: Stored): void {
  const zero =
    (stored.kind === 'reg' && env.reg(stored.reg).isZero) || (stored.kind === 'immediate' && stored.value === 0);
  for (let at = min; at < max; at++) invalidateDynptrAt(env, frame, spiOf(at));
  let zeroUsed = false;
  for (let at = min; at < max; at++) {
    const spi = spiOf(at);
    const slot = env.stackSlot(frame, spi);
    const type = byteType(slot.types, byteOf(at));
    env.touchSlot(spi);
    if (zero && type === Byte.spill && slot.isSpill && slot.reg.isZero) {
      zeroUsed = true;
      continue;
    }
    let types = slot.isSpecial ? scrubbed(slot.types) : slot.types;
    const keepsZero = zero && type === Byte.zero;
    if (keepsZero) zeroUsed = true;
    types = withByte(types, byteOf(at), keepsZero ? Byte.zero : Byte.misc);
    env.setStackSlot(frame, spi, new StackSlot(types, NOT_INIT));
  }
  if (zeroUsed && stored.kind === 'reg') markPrecise(env, stored.reg);
}

/** Gives a number an identity before it is copied, so that what is learnt of one copy holds for the other. */
export function linkBeforeCopy(env: Env, regno: number): void {
  let reg = env.reg(regno);
  if (!reg.isScalar) return;
  if ((reg.id & LINKED_SUM) !== 0) reg = unlinked(reg);
  if (reg.id === 0 && !reg.scalar.isConst) reg = change(reg, { id: env.nextId() });
  if (reg !== env.reg(regno)) env.ownFrame().regs[regno] = reg;
}

// --- Helpers that read or write through a stack pointer -----------------------------------------------------------------------

/** How a helper uses memory that it is handed. */
export interface RawWrite {
  /** Set when the helper only writes: the bytes need not hold anything before. */
  regno: number;
  size: number;
}

/**
 * Checks that a helper may read `size` bytes. With `raw` the memory need not be initialised; what is to be written is noted there
 * and done by the caller.
 */
export function checkRangeReadable(
  env: Env,
  regno: number,
  offset: number,
  size: number,
  access: 'direct' | 'indirect',
  mode: 'read' | 'write',
  raw: RawWrite | undefined,
): void {
  const reg = env.reg(regno);
  // Later kernels tell a helper's reads from its writes; before, every one counted as a write and wiped what was known.
  const asWrite = access === 'indirect' && (mode === 'write' || !env.rules.tellsHelperReads);
  const words: StackAccess =
    access === 'indirect' && !env.rules.tellsHelperReads ? 'indirect access to' : asWrite ? 'write to' : 'read from';
  const range = checkStackBounds(env, regno, offset, size, words, asWrite ? 'write' : 'read');
  const frame = reg.extent;
  if (raw !== undefined && range.fixed) {
    for (let at = range.min; at < range.max; at++) {
      const slot = env.stackSlot(frame, spiOf(at));
      if (byteType(slot.types, byteOf(at)) === Byte.dynptr)
        env.refuse({ kind: 'dynptr', problem: { kind: 'written-through', off: at } });
    }
    raw.regno = regno;
    raw.size = size;
    return;
  }
  const clobbers = asWrite;
  for (let at = range.min; at < range.max; at++) {
    const spi = spiOf(at);
    const slot = env.stackSlot(frame, spi);
    const type = byteType(slot.types, byteOf(at));
    const plain =
      type === Byte.misc ||
      type === Byte.zero ||
      (type === Byte.invalid &&
        env.rules.readsUninitialisedStack &&
        (env.rules.readsBelowFrame || spi < env.state.frames[frame]!.stack.length));
    if (plain) {
      if (clobbers && type !== Byte.misc)
        env.setStackSlot(frame, spi, new StackSlot(withByte(slot.types, byteOf(at), Byte.misc), slot.reg));
    } else if (slot.isSpill) {
      if (clobbers) env.setStackSlot(frame, spi, new StackSlot(scrubbed(slot.types), UNKNOWN_SCALAR));
    } else {
      env.refuse({
        kind: 'stack-uninitialised',
        reg: regno,
        access,
        varOff: range.fixed ? undefined : tnumText(reg.scalar.tnum),
        off: range.min,
        at: at - range.min,
        size,
      });
    }
    markStackRead(env, frame, spi);
  }
}
