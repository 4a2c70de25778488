// Arithmetic on what is known of numbers. Each operation updates the bits, the 64-bit bounds and the 32-bit bounds on its own
// and then lets them sharpen each other, in the kernel's order.
// Source of truth: kernel/bpf/verifier.c adjust_scalar_min_max_vals and scalar_min_max_*, by behaviour.

import {
  boundsFromBits,
  boundsFromBits32,
  constant,
  S32_MAX,
  S32_MIN,
  S64_MAX,
  S64_MIN,
  type Scalar,
  setConstant,
  setConstant32,
  sync,
  U32_MAX,
  UNKNOWN,
  unbound,
  unbound32,
  unbound64,
  zeroExtend32,
} from './scalar.ts';
import { computeSmall } from './scalar-small.ts';
import {
  isConst,
  lowHalf,
  shiftLeft,
  shiftRight,
  shiftRightSigned,
  TNUM_UNKNOWN,
  TNUM_ZERO,
  tnumAdd,
  tnumAnd,
  tnumByteSwap,
  tnumCast,
  tnumMulJoined,
  tnumMulSeparate,
  tnumOr,
  tnumSub,
  tnumXor,
  U32_MASK,
  U64_MAX,
} from './tnum.ts';

export type ScalarFunction =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'sdiv'
  | 'or'
  | 'and'
  | 'lsh'
  | 'rsh'
  | 'mod'
  | 'smod'
  | 'xor'
  | 'arsh';

/** What differs between kernels in the arithmetic. */
export interface ArithmeticRules {
  /** Products of tnums join the cases of every unknown bit. */
  readonly joinedMultiplication: boolean;
  /** Bounds of products of possibly negative numbers. */
  readonly signedMultiplication: boolean;
  /** Sums and differences keep their bounds when both ends wrap around together. */
  readonly wrappingSums: boolean;
  /** -x is computed; else the result is unknown. */
  readonly negation: boolean;
  /** Byte order conversions are computed; else the result is unknown. */
  readonly byteSwaps: boolean;
  /** Quotients and remainders by a constant are bounded; else the result is unknown. */
  readonly quotients: boolean;
  /** Products, ORs and XORs with an unknown number are computed; else the result is unknown in all 64 bits. */
  readonly unknownOperands: boolean;
}

const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const s64 = (x: bigint): bigint => BigInt.asIntN(64, x);
const low32 = (x: bigint): number => Number(x & U32_MASK);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a < b ? b : a);
const inS64 = (x: bigint): boolean => S64_MIN <= x && x <= S64_MAX;
const inS32 = (x: number): boolean => S32_MIN <= x && x <= S32_MAX;

function add(d: Scalar, s: Scalar, rules: ArithmeticRules): void {
  add32(d, s, rules);
  add64(d, s, rules);
  d.tnum = tnumAdd(d.tnum, s.tnum);
}

/** Bounds of a sum; also used to shift a whole group of linked registers by a constant. */
export function add64(d: Scalar, s: Scalar, rules: ArithmeticRules): void {
  const smin = d.smin + s.smin;
  const smax = d.smax + s.smax;
  if (inS64(smin) && inS64(smax)) {
    d.smin = smin;
    d.smax = smax;
  } else {
    d.smin = S64_MIN;
    d.smax = S64_MAX;
  }
  const umin = d.umin + s.umin;
  const umax = d.umax + s.umax;
  if (umax <= U64_MAX || (rules.wrappingSums && umin > U64_MAX)) {
    d.umin = u64(umin);
    d.umax = u64(umax);
  } else {
    d.umin = 0n;
    d.umax = U64_MAX;
  }
}

export function add32(d: Scalar, s: Scalar, rules: ArithmeticRules): void {
  const smin = d.s32min + s.s32min;
  const smax = d.s32max + s.s32max;
  if (inS32(smin) && inS32(smax)) {
    d.s32min = smin;
    d.s32max = smax;
  } else {
    d.s32min = S32_MIN;
    d.s32max = S32_MAX;
  }
  const umin = d.u32min + s.u32min;
  const umax = d.u32max + s.u32max;
  if (umax <= U32_MAX || (rules.wrappingSums && umin > U32_MAX)) {
    d.u32min = umin >>> 0;
    d.u32max = umax >>> 0;
  } else {
    d.u32min = 0;
    d.u32max = U32_MAX;
  }
}

function sub(d: Scalar, s: Scalar, rules: ArithmeticRules): void {
  const smin32 = d.s32min - s.s32max;
  const smax32 = d.s32max - s.s32min;
  if (inS32(smin32) && inS32(smax32)) {
    d.s32min = smin32;
    d.s32max = smax32;
  } else {
    d.s32min = S32_MIN;
    d.s32max = S32_MAX;
  }
  const umin32 = d.u32min - s.u32max;
  const umax32 = d.u32max - s.u32min;
  if (0 <= umin32 || (rules.wrappingSums && umax32 < 0)) {
    d.u32min = umin32 >>> 0;
    d.u32max = umax32 >>> 0;
  } else {
    d.u32min = 0;
    d.u32max = U32_MAX;
  }
  const smin = d.smin - s.smax;
  const smax = d.smax - s.smin;
  if (inS64(smin) && inS64(smax)) {
    d.smin = smin;
    d.smax = smax;
  } else {
    d.smin = S64_MIN;
    d.smax = S64_MAX;
  }
  const umin = d.umin - s.umax;
  const umax = d.umax - s.umin;
  if (0n <= umin || (rules.wrappingSums && umax < 0n)) {
    d.umin = u64(umin);
    d.umax = u64(umax);
  } else {
    d.umin = 0n;
    d.umax = U64_MAX;
  }
  d.tnum = tnumSub(d.tnum, s.tnum);
}

function mul(d: Scalar, s: Scalar, rules: ArithmeticRules): void {
  d.tnum = rules.joinedMultiplication ? tnumMulJoined(d.tnum, s.tnum) : tnumMulSeparate(d.tnum, s.tnum);
  if (rules.signedMultiplication) {
    mulRange32(d, s);
    mulRange64(d, s);
  } else {
    mulSmall32(d, s);
    mulSmall64(d, s);
  }
}

/** Earlier kernels multiply only ranges that are not negative and cannot overflow. */
function mulSmall32(d: Scalar, s: Scalar): void {
  if (s.s32min < 0 || d.s32min < 0 || s.u32max > 0xffff || d.u32max > 0xffff) {
    unbound32(d);
    return;
  }
  d.u32min *= s.u32min;
  d.u32max *= s.u32max;
  d.s32min = d.u32max > S32_MAX ? S32_MIN : d.u32min;
  d.s32max = Math.min(d.u32max, S32_MAX);
}

function mulSmall64(d: Scalar, s: Scalar): void {
  if (s.smin < 0n || d.smin < 0n || s.umax > U32_MASK || d.umax > U32_MASK) {
    unbound64(d);
    return;
  }
  d.umin *= s.umin;
  d.umax *= s.umax;
  d.smin = d.umax > S64_MAX ? S64_MIN : d.umin;
  d.smax = min(d.umax, S64_MAX);
}

function mulRange32(d: Scalar, s: Scalar): void {
  const umax = d.u32max * s.u32max;
  if (umax > U32_MAX) {
    d.u32min = 0;
    d.u32max = U32_MAX;
  } else {
    d.u32min *= s.u32min;
    d.u32max = umax;
  }
  const products = [d.s32min * s.s32min, d.s32min * s.s32max, d.s32max * s.s32min, d.s32max * s.s32max];
  const low = Math.min(...products);
  const high = Math.max(...products);
  if (inS32(low) && inS32(high)) {
    d.s32min = low;
    d.s32max = high;
  } else {
    d.s32min = S32_MIN;
    d.s32max = S32_MAX;
  }
}

function mulRange64(d: Scalar, s: Scalar): void {
  const umax = d.umax * s.umax;
  if (umax > U64_MAX) {
    d.umin = 0n;
    d.umax = U64_MAX;
  } else {
    d.umin *= s.umin;
    d.umax = umax;
  }
  const a = d.smin * s.smin;
  const b = d.smin * s.smax;
  const c = d.smax * s.smin;
  const e = d.smax * s.smax;
  const low = min(min(a, b), min(c, e));
  const high = max(max(a, b), max(c, e));
  if (inS64(low) && inS64(high)) {
    d.smin = low;
    d.smax = high;
  } else {
    d.smin = S64_MIN;
    d.smax = S64_MAX;
  }
}

function and(d: Scalar, s: Scalar): void {
  const known32 = isConst(lowHalf(d.tnum)) && isConst(lowHalf(s.tnum));
  const known = d.isConst && s.isConst;
  d.tnum = tnumAnd(d.tnum, s.tnum);
  if (known32) setConstant32(d, low32(d.tnum.value));
  else {
    d.u32min = low32(d.tnum.value);
    d.u32max = Math.min(d.u32max, s.u32max);
    signedFromUnsigned32(d);
  }
  if (known) setConstant(d, d.tnum.value);
  else {
    d.umin = d.tnum.value;
    d.umax = min(d.umax, s.umax);
    signedFromUnsigned(d);
    boundsFromBits(d);
  }
}

function or(d: Scalar, s: Scalar): void {
  const known32 = isConst(lowHalf(d.tnum)) && isConst(lowHalf(s.tnum));
  const known = d.isConst && s.isConst;
  d.tnum = tnumOr(d.tnum, s.tnum);
  if (known32) setConstant32(d, low32(d.tnum.value));
  else {
    d.u32min = Math.max(d.u32min, s.u32min);
    d.u32max = low32(d.tnum.value | d.tnum.mask);
    signedFromUnsigned32(d);
  }
  if (known) setConstant(d, d.tnum.value);
  else {
    d.umin = max(d.umin, s.umin);
    d.umax = d.tnum.value | d.tnum.mask;
    signedFromUnsigned(d);
    boundsFromBits(d);
  }
}

function xor(d: Scalar, s: Scalar): void {
  const known32 = isConst(lowHalf(d.tnum)) && isConst(lowHalf(s.tnum));
  const known = d.isConst && s.isConst;
  d.tnum = tnumXor(d.tnum, s.tnum);
  if (known32) setConstant32(d, low32(d.tnum.value));
  else {
    d.u32min = low32(d.tnum.value);
    d.u32max = low32(d.tnum.value | d.tnum.mask);
    signedFromUnsigned32(d);
  }
  if (known) setConstant(d, d.tnum.value);
  else {
    d.umin = d.tnum.value;
    d.umax = d.tnum.value | d.tnum.mask;
    signedFromUnsigned(d);
    boundsFromBits(d);
  }
}

/** An unsigned range that does not cross the sign bit is the signed range too. */
function signedFromUnsigned(d: Scalar): void {
  const low = s64(d.umin);
  const high = s64(d.umax);
  d.smin = low <= high ? low : S64_MIN;
  d.smax = low <= high ? high : S64_MAX;
}

function signedFromUnsigned32(d: Scalar): void {
  const low = d.u32min | 0;
  const high = d.u32max | 0;
  d.s32min = low <= high ? low : S32_MIN;
  d.s32max = low <= high ? high : S32_MAX;
}

// Shifts are computed for constant amounts only (see `isComputable`); the amount is then below the width.

function shiftLeft32Bounds(d: Scalar, by: number): void {
  d.s32min = S32_MIN;
  d.s32max = S32_MAX;
  if (by > 31 || d.u32max > 2 ** (31 - by)) {
    d.u32min = 0;
    d.u32max = U32_MAX;
  } else {
    d.u32min = (d.u32min * 2 ** by) >>> 0;
    d.u32max = (d.u32max * 2 ** by) >>> 0;
  }
}

function lsh(d: Scalar, s: Scalar, width: 32 | 64): void {
  if (width === 32) {
    const by = s.u32min;
    shiftLeft32Bounds(d, by);
    d.tnum = lowHalf(shiftLeft(lowHalf(d.tnum), BigInt(by)));
    unbound64(d);
    boundsFromBits32(d);
    return;
  }
  const by = s.umin;
  // A shift by 32 moves the signed 32-bit bounds to the top: the first half of a sign extension.
  if (by === 32n) {
    d.smax = BigInt(d.s32max) << 32n;
    d.smin = BigInt(d.s32min) << 32n;
  } else {
    d.smax = S64_MAX;
    d.smin = S64_MIN;
  }
  if (d.umax > 1n << (63n - by)) {
    d.umin = 0n;
    d.umax = U64_MAX;
  } else {
    d.umin <<= by;
    d.umax <<= by;
  }
  shiftLeft32Bounds(d, Number(by));
  d.tnum = shiftLeft(d.tnum, by);
  boundsFromBits(d);
}

function rsh(d: Scalar, s: Scalar, width: 32 | 64): void {
  if (width === 32) {
    const by = s.u32min;
    d.s32min = S32_MIN;
    d.s32max = S32_MAX;
    d.tnum = shiftRight(lowHalf(d.tnum), BigInt(by));
    d.u32min = d.u32min >>> by;
    d.u32max = d.u32max >>> by;
    unbound64(d);
    boundsFromBits32(d);
    return;
  }
  d.smin = S64_MIN;
  d.smax = S64_MAX;
  d.tnum = shiftRight(d.tnum, s.umin);
  d.umin >>= s.umin;
  d.umax >>= s.umin;
  unbound32(d);
  boundsFromBits(d);
}

function arsh(d: Scalar, s: Scalar, width: 32 | 64): void {
  if (width === 32) {
    const by = s.u32min;
    d.s32min >>= by;
    d.s32max >>= by;
    d.tnum = shiftRightSigned(lowHalf(d.tnum), BigInt(by), 32);
    d.u32min = 0;
    d.u32max = U32_MAX;
    unbound64(d);
    boundsFromBits32(d);
    return;
  }
  d.smin >>= s.umin;
  d.smax >>= s.umin;
  d.tnum = shiftRightSigned(d.tnum, s.umin, 64);
  d.umin = 0n;
  d.umax = U64_MAX;
  unbound32(d);
  boundsFromBits(d);
}

// --- Quotients and remainders ----------------------------------------------------------------------------------------------------

type Division = Extract<ScalarFunction, 'div' | 'sdiv' | 'mod' | 'smod'>;

/** Bounds in one width, as numbers of unlimited size. */
interface Interval {
  readonly min: bigint;
  readonly max: bigint;
}

/** By a constant. Dividing by zero gives zero, and the remainder of that is the dividend. */
function divide(fn: Division, d: Scalar, s: Scalar, width: 32 | 64): void {
  const divisor = width === 32 ? BigInt(s.u32min) : s.umin;
  if (divisor === 0n) {
    if (fn === 'div' || fn === 'sdiv') setConstant(d, 0n);
    return;
  }
  const isSigned = fn === 'sdiv' || fn === 'smod';
  const before = isSigned
    ? { min: width === 32 ? BigInt(d.s32min) : d.smin, max: width === 32 ? BigInt(d.s32max) : d.smax }
    : { min: width === 32 ? BigInt(d.u32min) : d.umin, max: width === 32 ? BigInt(d.u32max) : d.umax };
  const by = isSigned ? BigInt.asIntN(width, divisor) : divisor;
  const after = fn === 'div' || fn === 'sdiv' ? quotient(before, by, width) : remainder(before, by);
  if (after === undefined) return;
  unbound(d);
  d.tnum = TNUM_UNKNOWN;
  if (width === 32 && isSigned) {
    d.s32min = Number(after.min);
    d.s32max = Number(after.max);
  } else if (width === 32) {
    d.u32min = Number(after.min);
    d.u32max = Number(after.max);
  } else if (isSigned) {
    d.smin = after.min;
    d.smax = after.max;
  } else {
    d.umin = after.min;
    d.umax = after.max;
  }
}

function quotient({ min: low, max: high }: Interval, by: bigint, width: 32 | 64): Interval {
  const smallest = -(1n << BigInt(width - 1));
  // The one quotient that does not fit wraps around to itself.
  if (by === -1n && low === smallest) return { min: smallest, max: high === smallest ? smallest : -smallest - 1n };
  const [a, b] = [low / by, high / by];
  return { min: min(a, b), max: max(a, b) };
}

/** Undefined when the dividend is its own remainder. */
function remainder({ min: low, max: high }: Interval, by: bigint): Interval | undefined {
  const most = (by < 0n ? -by : by) - 1n;
  if (-most <= low && high <= most) return undefined;
  if (low >= 0n) return { min: 0n, max: min(high, most) };
  if (high <= 0n) return { min: max(low, -most), max: 0n };
  return { min: -most, max: most };
}

/** Whether the kernel computes anything better than "unknown" for this function and second operand. */
function isComputable(fn: ScalarFunction, width: 32 | 64, s: Scalar, rules: ArithmeticRules): boolean {
  switch (fn) {
    case 'add':
    case 'sub':
    case 'and':
      return true;
    case 'mul':
    case 'or':
    case 'xor':
      return rules.unknownOperands || isKnown(s, width);
    case 'lsh':
    case 'rsh':
    case 'arsh':
      return isKnown(s, width) && s.umax < BigInt(width);
    case 'div':
    case 'sdiv':
    case 'mod':
    case 'smod':
      return rules.quotients && isKnown(s, width);
  }
}

const isKnown = (s: Scalar, width: 32 | 64): boolean =>
  width === 32
    ? isConst(lowHalf(s.tnum)) && s.s32min === s.s32max && s.u32min === s.u32max
    : s.isConst && s.smin === s.smax && s.umin === s.umax;

/** dst = dst FN src. Two 64-bit constants take a short way with the same result. */
export function computeScalar(
  fn: ScalarFunction,
  width: 32 | 64,
  dst: Scalar,
  src: Scalar,
  rules: ArithmeticRules,
): Scalar {
  if (dst.isConst && src.isConst && width === 64) {
    const quick = constantResult(fn, dst.tnum.value, src.tnum.value);
    if (quick !== undefined) return quick;
  }
  const isBitwise = (fn === 'or' || fn === 'xor') && rules.unknownOperands;
  if (isBitwise || fn === 'add' || fn === 'and' || fn === 'lsh' || fn === 'rsh') {
    const quick = computeSmall(fn, dst, src);
    if (quick !== undefined) return quick;
  }
  return computeAny(fn, width, dst, src, rules);
}

/** `computeScalar` for operands of any size. */
export function computeAny(
  fn: ScalarFunction,
  width: 32 | 64,
  dst: Scalar,
  src: Scalar,
  rules: ArithmeticRules,
): Scalar {
  if (!isComputable(fn, width, src, rules)) {
    // Earlier kernels at least know that a 32-bit operation with a constant clears the upper half.
    return width === 32 && !rules.unknownOperands && isKnown(src, width) ? sync(zeroExtend32(UNKNOWN.copy())) : UNKNOWN;
  }
  const d = dst.copy();
  switch (fn) {
    case 'add':
      add(d, src, rules);
      break;
    case 'sub':
      sub(d, src, rules);
      break;
    case 'mul':
      mul(d, src, rules);
      break;
    case 'and':
      and(d, src);
      break;
    case 'or':
      or(d, src);
      break;
    case 'xor':
      xor(d, src);
      break;
    case 'lsh':
      lsh(d, src, width);
      break;
    case 'rsh':
      rsh(d, src, width);
      break;
    case 'arsh':
      arsh(d, src, width);
      break;
    case 'div':
    case 'sdiv':
    case 'mod':
    case 'smod':
      divide(fn, d, src, width);
      break;
  }
  if (width === 32) zeroExtend32(d);
  return sync(d);
}

function constantResult(fn: ScalarFunction, a: bigint, b: bigint): Scalar | undefined {
  switch (fn) {
    case 'add':
      return constant(a + b);
    case 'sub':
      return constant(a - b);
    case 'and':
      return constant(a & b);
    case 'or':
      return constant(a | b);
    case 'xor':
      return constant(a ^ b);
    case 'lsh':
      return b < 64n ? constant(a << b) : undefined;
    case 'rsh':
      return b < 64n ? constant(a >> b) : undefined;
    case 'arsh':
      return b < 64n ? constant(s64(a) >> b) : undefined;
    case 'mul':
      return constant(a * b);
    case 'div':
    case 'sdiv':
    case 'mod':
    case 'smod':
      return undefined;
  }
}

/** Byte order: `swap` reverses the low `bits`, else they are kept; the rest is cleared. */
export function convertOrder(dst: Scalar, swap: 'swap' | 'keep', bits: 16 | 32 | 64, rules: ArithmeticRules): Scalar {
  if (!rules.byteSwaps) return UNKNOWN;
  const d = UNKNOWN.copy();
  d.tnum = swap === 'swap' ? tnumByteSwap(dst.tnum, bits) : tnumCast(dst.tnum, bits);
  return sync(d);
}

/** dst = -dst */
export function negateScalar(dst: Scalar, width: 32 | 64, rules: ArithmeticRules): Scalar {
  if (!rules.negation) return UNKNOWN;
  const d = constant(0n).copy();
  d.tnum = TNUM_ZERO;
  sub(d, dst, rules);
  if (width === 32) zeroExtend32(d);
  return sync(d);
}

/**
 * A value that is either 0 or -1 (a sign smeared over the register) and is masked with a constant: recent kernels look at the
 * two cases one after the other. Gives the width in which it is so, 0 when it is not.
 */
export function signMaskWidth(d: Scalar): 0 | 32 | 64 {
  if (d.smin === -1n && d.smax === 0n) return 64;
  if (d.s32min === -1 && d.s32max === 0) return 32;
  return 0;
}

/** One of the two cases of `signMaskWidth`. */
export function signMaskCase(d: Scalar, width: 32 | 64, value: 0 | -1): Scalar {
  if (width === 64) return constant(BigInt(value));
  const result = d.copy();
  setConstant32(result, value);
  return result;
}
