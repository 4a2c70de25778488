// What is known of a 64-bit number: its bits (tnum) and its bounds as unsigned and signed 64-bit and 32-bit integers, and how
// each of these views sharpens the others. Values are immutable once made; the functions here are the only ones that build
// them step by step. Source of truth: kernel/bpf/verifier.c reg_bounds_sync and its parts, by behaviour.

import { syncSmall } from './scalar-small.ts';
import {
  isConst,
  TNUM_UNKNOWN,
  type Tnum,
  tnumCast,
  tnumConst,
  tnumIntersect,
  tnumRange,
  U32_MASK,
  U64_MAX,
  withLowHalf,
} from './tnum.ts';

export const S64_MIN = -0x8000_0000_0000_0000n;
export const S64_MAX = 0x7fff_ffff_ffff_ffffn;
export const S32_MIN = -0x8000_0000;
export const S32_MAX = 0x7fff_ffff;
export const U32_MAX = 0xffff_ffff;

const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const s64 = (x: bigint): bigint => BigInt.asIntN(64, x);
const low32 = (x: bigint): number => Number(x & U32_MASK);

/** Mutable only inside scalar.ts, scalar-alu.ts and scalar-branch.ts; everybody else shares instances freely. */
export class Scalar {
  tnum: Tnum;
  umin: bigint;
  umax: bigint;
  smin: bigint;
  smax: bigint;
  u32min: number;
  u32max: number;
  s32min: number;
  s32max: number;

  constructor(
    tnum: Tnum,
    umin: bigint,
    umax: bigint,
    smin: bigint,
    smax: bigint,
    u32min: number,
    u32max: number,
    s32min: number,
    s32max: number,
  ) {
    this.tnum = tnum;
    this.umin = umin;
    this.umax = umax;
    this.smin = smin;
    this.smax = smax;
    this.u32min = u32min;
    this.u32max = u32max;
    this.s32min = s32min;
    this.s32max = s32max;
  }

  get isConst(): boolean {
    return this.tnum.mask === 0n;
  }

  copy(): this {
    return new Scalar(
      this.tnum,
      this.umin,
      this.umax,
      this.smin,
      this.smax,
      this.u32min,
      this.u32max,
      this.s32min,
      this.s32max,
    ) as this;
  }
}

export const UNKNOWN = new Scalar(TNUM_UNKNOWN, 0n, U64_MAX, S64_MIN, S64_MAX, 0, U32_MAX, S32_MIN, S32_MAX);

function makeConstant(value: bigint): Scalar {
  const unsigned = u64(value);
  const signed = s64(value);
  const low = low32(unsigned);
  return new Scalar(tnumConst(unsigned), unsigned, unsigned, signed, signed, low, low, low | 0, low | 0);
}

// Loop counters and small immediates are made over and over; keep those.
const CACHE_FROM = -1024n;
const CACHE_TO = 32768n;
const cache: (Scalar | undefined)[] = new Array(Number(CACHE_TO - CACHE_FROM)).fill(undefined);

/** The scalar that is exactly `value` (modulo 2^64). */
export function constant(value: bigint): Scalar {
  const signed = s64(value);
  if (signed < CACHE_FROM || CACHE_TO <= signed) return makeConstant(signed);
  const at = Number(signed - CACHE_FROM);
  return (cache[at] ??= makeConstant(signed));
}

export const ZERO = constant(0n);

const max = (a: bigint, b: bigint): bigint => (a < b ? b : a);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export function unbound(s: Scalar): void {
  unbound64(s);
  unbound32(s);
}

export function unbound64(s: Scalar): void {
  s.umin = 0n;
  s.umax = U64_MAX;
  s.smin = S64_MIN;
  s.smax = S64_MAX;
}

export function unbound32(s: Scalar): void {
  s.u32min = 0;
  s.u32max = U32_MAX;
  s.s32min = S32_MIN;
  s.s32max = S32_MAX;
}

/** Overwrites with one value. */
export function setConstant(s: Scalar, value: bigint): void {
  const from = constant(value);
  s.tnum = from.tnum;
  s.umin = from.umin;
  s.umax = from.umax;
  s.smin = from.smin;
  s.smax = from.smax;
  s.u32min = from.u32min;
  s.u32max = from.u32max;
  s.s32min = from.s32min;
  s.s32max = from.s32max;
}

/** Overwrites the low half with one value; the 64-bit bounds stay as they are. */
export function setConstant32(s: Scalar, value: number): void {
  s.tnum = withLowHalf(s.tnum, { value: BigInt(value >>> 0), mask: 0n });
  s.u32min = s.u32max = value >>> 0;
  s.s32min = s.s32max = value | 0;
}

/** 32-bit bounds from the bits. */
export function boundsFromBits32(s: Scalar): void {
  const value = low32(s.tnum.value);
  const mask = low32(s.tnum.mask);
  const largest = (value | mask) >>> 0;
  s.s32min = Math.max(s.s32min, value | (mask & S32_MIN));
  s.s32max = Math.min(s.s32max, value | (mask & S32_MAX));
  s.u32min = Math.max(s.u32min, value);
  s.u32max = Math.min(s.u32max, largest);
}

const SIGN = 0x8000_0000_0000_0000n;

/** 64-bit bounds from the bits. */
export function boundsFromBits64(s: Scalar): void {
  const { value, mask } = s.tnum;
  s.smin = max(s.smin, s64(value | (mask & SIGN)));
  s.smax = min(s.smax, s64(value | (mask & S64_MAX)));
  s.umin = max(s.umin, value);
  s.umax = min(s.umax, value | mask);
}

export function boundsFromBits(s: Scalar): void {
  boundsFromBits32(s);
  boundsFromBits64(s);
}

function deduce32(s: Scalar): void {
  const uminLow = low32(s.umin);
  const umaxLow = low32(s.umax);
  const sminLow = low32(s.smin);
  const smaxLow = low32(s.smax);
  const uminHigh = s.umin >> 32n;
  const umaxHigh = s.umax >> 32n;
  const sminHigh = s.smin >> 32n;
  const smaxHigh = s.smax >> 32n;
  if (uminHigh === umaxHigh) {
    // All values share their upper half, so that the lower halves form a range.
    s.u32min = Math.max(s.u32min, uminLow);
    s.u32max = Math.min(s.u32max, umaxLow);
    if ((uminLow | 0) <= (umaxLow | 0)) raise32(s, uminLow | 0, umaxLow | 0);
  }
  if (sminHigh === smaxHigh) {
    if (sminLow <= smaxLow) {
      s.u32min = Math.max(s.u32min, sminLow);
      s.u32max = Math.min(s.u32max, smaxLow);
    }
    if ((sminLow | 0) <= (smaxLow | 0)) raise32(s, sminLow | 0, smaxLow | 0);
  }
  // Upper halves n and n + 1 with the lower halves going from negative to positive form a signed 32-bit range.
  if (((uminHigh + 1n) & U32_MASK) === umaxHigh && (uminLow | 0) < 0 && 0 <= (umaxLow | 0))
    raise32(s, uminLow | 0, umaxLow | 0);
  if (((sminHigh + 1n) & U32_MASK) === (smaxHigh & U32_MASK) && (sminLow | 0) < 0 && 0 <= (smaxLow | 0))
    raise32(s, sminLow | 0, smaxLow | 0);
  if ((s.u32min | 0) <= (s.u32max | 0)) raise32(s, s.u32min | 0, s.u32max | 0);
  if (s.s32min >>> 0 <= s.s32max >>> 0) {
    s.u32min = Math.max(s.s32min >>> 0, s.u32min);
    s.u32max = Math.min(s.s32max >>> 0, s.u32max);
  } else if (s.u32max < s.s32min >>> 0) {
    // The signed range is two unsigned pieces; the unsigned range meets only the non-negative one ...
    s.s32min = s.u32min | 0;
    s.u32max = Math.min(s.u32max, s.s32max >>> 0);
  } else if (s.s32max >>> 0 < s.u32min) {
    // ... or only the negative one.
    s.s32max = s.u32max | 0;
    s.u32min = Math.max(s.u32min, s.s32min >>> 0);
  }
}

function raise32(s: Scalar, low: number, high: number): void {
  s.s32min = Math.max(s.s32min, low);
  s.s32max = Math.min(s.s32max, high);
}

function deduce64(s: Scalar): void {
  const sumin = s64(s.umin);
  const sumax = s64(s.umax);
  if (sumin <= sumax) {
    s.smin = max(s.smin, sumin);
    s.smax = min(s.smax, sumax);
  }
  const usmin = u64(s.smin);
  const usmax = u64(s.smax);
  if (usmin <= usmax) {
    s.umin = max(usmin, s.umin);
    s.umax = min(usmax, s.umax);
  } else if (s.umax < usmin) {
    s.smin = s64(s.umin);
    s.umax = min(s.umax, usmax);
  } else if (usmax < s.umin) {
    s.smax = s64(s.umax);
    s.umin = max(s.umin, usmin);
  }
}

const HIGH = U64_MAX ^ U32_MASK;

/** 64-bit bounds with the lower half replaced by the 32-bit ones. */
function deduceMixed(s: Scalar): void {
  narrowByLow(s, BigInt(s.u32min), BigInt(s.u32max));
  if (s.s32min >>> 0 <= s.s32max >>> 0) narrowByLow(s, BigInt(s.s32min >>> 0), BigInt(s.s32max >>> 0));
  if (0 <= s.s32min && BigInt(S32_MIN) <= s.smin && s.smax <= BigInt(S32_MAX)) {
    s.smin = s.umin = BigInt(s.s32min);
    s.smax = s.umax = BigInt(s.s32max);
    s.tnum = tnumIntersect(s.tnum, tnumRange(u64(s.smin), u64(s.smax)));
  }
}

function narrowByLow(s: Scalar, low: bigint, high: bigint): void {
  s.umin = max(s.umin, (s.umin & HIGH) | low);
  s.umax = min(s.umax, (s.umax & HIGH) | high);
  s.smin = max(s.smin, s64((u64(s.smin) & HIGH) | low));
  s.smax = min(s.smax, s64((u64(s.smax) & HIGH) | high));
}

function bitsFromBounds(s: Scalar): void {
  const whole = tnumIntersect(s.tnum, tnumRange(s.umin, s.umax));
  const low = tnumIntersect(
    { value: whole.value & U32_MASK, mask: whole.mask & U32_MASK },
    tnumRange(BigInt(s.u32min), BigInt(s.u32max)),
  );
  s.tnum = withLowHalf(whole, low);
}

function isUnbounded(s: Scalar): boolean {
  return (
    s.tnum.mask === U64_MAX &&
    s.umin === 0n &&
    s.umax === U64_MAX &&
    s.smin === S64_MIN &&
    s.smax === S64_MAX &&
    s.u32min === 0 &&
    s.u32max === U32_MAX &&
    s.s32min === S32_MIN &&
    s.s32max === S32_MAX
  );
}

/** How far a kernel lets the views of a number sharpen each other. */
export interface Sharpening {
  /** Across the two widths and between signed and unsigned pieces of ranges; before, within one width and only when the sign is known. */
  readonly acrossWidths: boolean;
  /** A range that meets the known bits in one value only is that value. */
  readonly singleValues: boolean;
}

export const PLAIN_SHARPENING: Sharpening = { acrossWidths: true, singleValues: false };

// The kernel that the verification under way answers for. Set by `sharpenAs` before anything is computed: handing it down to every
// place that cuts off or extends a number would put a parameter on two dozen functions for what never changes within a verification.
let sharpening = PLAIN_SHARPENING;

/** Every verification says so before its first number. */
export function sharpenAs(kind: Sharpening): void {
  sharpening = kind;
}

/** Lets the five views sharpen each other, in the kernel's order (the order shows in printed bounds). */
export function sync(s: Scalar): Scalar {
  if (!sharpening.acrossWidths) return syncEarly(s);
  if (!sharpening.singleValues) return syncSmall(s) ? s : syncAny(s);
  // A single value is looked for before and after; for a small number the plain way lies in between.
  if (takeSingleValue(s) || !syncSmall(s)) return syncAny(s);
  return takeSingleValue(s) ? syncAny(s) : s;
}

/** As kernels did it that knew of little: the sign, and bits against bounds. */
function syncEarly(s: Scalar): Scalar {
  boundsFromBits(s);
  signFromBounds(s);
  bitsFromBounds(s);
  boundsFromBits(s);
  return s;
}

function signFromBounds(s: Scalar): void {
  if (s.s32min >= 0 || s.s32max < 0) {
    s.u32min = Math.max(s.s32min >>> 0, s.u32min);
    s.u32max = Math.min(s.s32max >>> 0, s.u32max);
    s.s32min = s.u32min | 0;
    s.s32max = s.u32max | 0;
  } else if ((s.u32max | 0) >= 0) {
    s.s32min = s.u32min | 0;
    s.u32max = Math.min(s.s32max >>> 0, s.u32max);
    s.s32max = s.u32max | 0;
  } else if ((s.u32min | 0) < 0) {
    s.u32min = Math.max(s.s32min >>> 0, s.u32min);
    s.s32min = s.u32min | 0;
    s.s32max = s.u32max | 0;
  }
  if (s.smin >= 0n || s.smax < 0n) {
    s.umin = max(u64(s.smin), s.umin);
    s.umax = min(u64(s.smax), s.umax);
    s.smin = s64(s.umin);
    s.smax = s64(s.umax);
  } else if (s64(s.umax) >= 0n) {
    s.smin = s64(s.umin);
    s.umax = min(u64(s.smax), s.umax);
    s.smax = s64(s.umax);
  } else if (s64(s.umin) < 0n) {
    s.umin = max(u64(s.smin), s.umin);
    s.smin = s64(s.umin);
    s.smax = s64(s.umax);
  }
}

/** After a 64-bit comparison: what the wide bounds say of the lower half. Only kernels that do not sharpen across widths ask. */
export function lowFromWhole(s: Scalar): Scalar {
  if (sharpening.acrossWidths) return sync(s);
  unbound32(s);
  if (BigInt(S32_MIN) <= s.smin && s.smax <= BigInt(S32_MAX)) {
    s.s32min = Number(s.smin);
    s.s32max = Number(s.smax);
  }
  if (s.umin <= U32_MASK && s.umax <= U32_MASK) {
    s.u32min = Number(s.umin);
    s.u32max = Number(s.umax);
  }
  return syncEarly(s);
}

/** After a 32-bit comparison: the lower half is the whole when the upper one is known to be clear, and says nothing of it otherwise. */
export function wholeFromLow(s: Scalar): Scalar {
  if (sharpening.acrossWidths) return sync(s);
  if (s.tnum.value >> 32n === 0n && s.tnum.mask >> 32n === 0n) {
    s.umin = BigInt(s.u32min);
    s.umax = BigInt(s.u32max);
    const isSigned = s.s32min >= 0 && s.s32max >= 0;
    s.smin = isSigned ? BigInt(s.s32min) : 0n;
    s.smax = isSigned ? BigInt(s.s32max) : BigInt(U32_MAX);
  } else unbound64(s);
  return syncEarly(s);
}

/** The smallest number above `from` that has the known bits. */
function nextWithBits({ value, mask }: Tnum, from: bigint): bigint {
  if (from < value) return value;
  if (from >= (value | mask)) return value | mask;
  // Counting in the unknown bits alone: the known ones are set, so that a carry passes over them.
  const rest = (from ^ value) & U64_MAX;
  const carried = rest & U64_MAX & ~mask;
  if (carried === 0n) return value | ((((from & mask) | (U64_MAX ^ mask)) + 1n) & mask);
  // The first place, from the top, where `from` leaves the known bits decides.
  const place = 1n << BigInt(carried.toString(2).length - 1);
  const below = place - 1n;
  if ((value & place) !== 0n) return ((from & mask & ~below) | value) & U64_MAX;
  return value | ((((from & mask & ~below) | (U64_MAX ^ mask) | below) + 1n) & mask & U64_MAX);
}

/** Where unsigned range and known bits meet in one value, that is the value. */
function takeSingleValue(s: Scalar): boolean {
  const { tnum } = s;
  if (tnum.mask === 0n || tnum.mask === U64_MAX) return false;
  const largest = tnum.value | tnum.mask;
  const umin = max(s.umin, tnum.value);
  const umax = min(s.umax, largest);
  const fits = (umin & (U64_MAX ^ tnum.mask)) === tnum.value;
  const next = nextWithBits(tnum, umin);
  let only: bigint | undefined;
  if (fits && next > umax) only = umin;
  else if (!fits && next === largest) only = largest;
  else if (!fits && next <= umax && nextWithBits(tnum, next) > umax) only = next;
  if (only === undefined) return false;
  setConstant(s, only);
  return true;
}

/** `sync` for values of any size. */
export function syncAny(s: Scalar): Scalar {
  if (isUnbounded(s)) return s;
  boundsFromBits(s);
  if (sharpening.singleValues) takeSingleValue(s);
  for (let round = 0; round < 3; round++) {
    const { umin, umax, smin, smax, u32min, u32max, s32min, s32max, tnum } = s;
    deduce32(s);
    deduce64(s);
    deduceMixed(s);
    // A round that changes nothing is the last one that could.
    if (
      s.u32min === u32min &&
      s.u32max === u32max &&
      s.s32min === s32min &&
      s.s32max === s32max &&
      s.umin === umin &&
      s.umax === umax &&
      s.smin === smin &&
      s.smax === smax &&
      s.tnum === tnum
    )
      break;
  }
  bitsFromBounds(s);
  boundsFromBits(s);
  if (sharpening.singleValues) takeSingleValue(s);
  return s;
}

/** Bounds that contradict each other or the bits: the path cannot be taken. */
export function isContradictory(s: Scalar): boolean {
  if (s.umin > s.umax || s.smin > s.smax || s.u32min > s.u32max || s.s32min > s.s32max) return true;
  if (isConst(s.tnum)) {
    const { value } = s.tnum;
    if (s.umin !== value || s.umax !== value || s.smin !== s64(value) || s.smax !== s64(value)) return true;
  }
  if ((s.tnum.mask & U32_MASK) === 0n) {
    const low = low32(s.tnum.value);
    if (s.u32min !== low || s.u32max !== low || s.s32min !== (low | 0) || s.s32max !== (low | 0)) return true;
  }
  return false;
}

/** The kernel forgets the bounds (not the bits) of a register whose views contradict each other. */
export function settle(s: Scalar): Scalar {
  if (!isContradictory(s)) return s;
  const fresh = s.copy();
  unbound(fresh);
  return fresh;
}

/** Low 32 bits, zero-extended: the effect of every 32-bit operation. */
export function zeroExtend32(s: Scalar): Scalar {
  s.tnum = tnumCast(s.tnum, 32);
  s.umin = BigInt(s.u32min);
  s.umax = BigInt(s.u32max);
  if (0 <= s.s32min && 0 <= s.s32max) {
    s.smin = BigInt(s.s32min);
    s.smax = BigInt(s.s32max);
  } else {
    s.smin = 0n;
    s.smax = BigInt(U32_MAX);
  }
  return s;
}

/** A load of `size` bytes leaves the low bytes, zero-extended. */
export function truncate(from: Scalar, size: 1 | 2 | 4): Scalar {
  if (from === UNKNOWN) return UNKNOWN_OF_SIZE[size];
  return truncated(from.copy(), size);
}

function truncated(s: Scalar, size: 1 | 2 | 4): Scalar {
  const bits = size * 8;
  const mask = (1n << BigInt(bits)) - 1n;
  s.tnum = tnumCast(s.tnum, bits);
  if ((s.umin & (U64_MAX ^ mask)) === (s.umax & (U64_MAX ^ mask))) {
    s.umin &= mask;
    s.umax &= mask;
  } else {
    s.umin = 0n;
    s.umax = mask;
  }
  s.smin = s.umin;
  s.smax = s.umax;
  if (size < 4) unbound32(s);
  return sync(s);
}

const UNKNOWN_OF_SIZE = {
  1: truncated(UNKNOWN.copy(), 1),
  2: truncated(UNKNOWN.copy(), 2),
  4: truncated(UNKNOWN.copy(), 4),
} as const;

/** A sign-extending load or move of the low `size` bytes to 64 bits. */
export function signExtend(from: Scalar, size: 1 | 2 | 4): Scalar {
  const bits = size * 8;
  if (isConst(from.tnum)) return constant(BigInt.asIntN(bits, from.tnum.value));
  const shift = BigInt(bits);
  const s = from.copy();
  if (u64(s.smax) >> shift === u64(s.smin) >> shift) {
    const a = BigInt.asIntN(bits, s.smax);
    const b = BigInt.asIntN(bits, s.smin);
    const high = max(a, b);
    const low = min(a, b);
    if (0n <= high === 0n <= low) {
      s.smin = low;
      s.smax = high;
      s.umin = u64(low);
      s.umax = u64(high);
      s.s32min = low32(low) | 0;
      s.s32max = low32(high) | 0;
      s.u32min = low32(low);
      s.u32max = low32(high);
      s.tnum = tnumRange(s.umin, s.umax);
      return s;
    }
  }
  const limit = 2 ** (bits - 1);
  s.s32min = -limit;
  s.s32max = limit - 1;
  s.smin = BigInt(-limit);
  s.smax = BigInt(limit - 1);
  s.umin = 0n;
  s.umax = U64_MAX;
  s.u32min = 0;
  s.u32max = U32_MAX;
  s.tnum = TNUM_UNKNOWN;
  return s;
}

/** A sign-extending move of the low `size` bytes to 32 bits; the caller zero-extends afterwards. */
export function signExtend32(from: Scalar, size: 1 | 2): Scalar {
  const bits = size * 8;
  const s = from.copy();
  if (isConst(from.tnum)) {
    const value = BigInt.asIntN(bits, from.tnum.value);
    s.tnum = tnumConst(value);
    s.s32min = s.s32max = Number(value);
    s.u32min = s.u32max = Number(value) >>> 0;
    return s;
  }
  if ((s.s32max >>> 0) >>> bits === (s.s32min >>> 0) >>> bits) {
    const extend = 32 - bits;
    const a = (s.s32max << extend) >> extend;
    const b = (s.s32min << extend) >> extend;
    const high = Math.max(a, b);
    const low = Math.min(a, b);
    if (0 <= high === 0 <= low) {
      s.s32min = low;
      s.s32max = high;
      s.u32min = low >>> 0;
      s.u32max = high >>> 0;
      s.tnum = tnumCast(tnumRange(u64(BigInt(low)), u64(BigInt(high))), 32);
      return s;
    }
  }
  const limit = 2 ** (bits - 1);
  s.s32min = -limit;
  s.s32max = limit - 1;
  s.u32min = 0;
  s.u32max = U32_MAX;
  s.tnum = tnumCast(TNUM_UNKNOWN, 32);
  return s;
}

/** Signed range from an interval of 32-bit integers, as after a helper whose result is known to lie in it. */
export function signedRange(low: number, high: number): Scalar {
  const s = UNKNOWN.copy();
  s.smin = BigInt(low);
  s.smax = BigInt(high);
  s.s32min = low;
  s.s32max = high;
  return sync(s);
}
