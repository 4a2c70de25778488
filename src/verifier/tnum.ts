// Tracked numbers: what is known of each bit of a 64-bit value. A bit is known to be 0, known to be 1, or unknown.
// The operations give the same (not merely a sound) result as the kernel's, because messages print them.
// Source of truth: kernel/bpf/tnum.c by behaviour; test/verifier/tnum.test.ts compares with brute force.

export const U64_MAX = 0xffff_ffff_ffff_ffffn;
export const U32_MASK = 0xffff_ffffn;

/** `value` has the known ones, `mask` the unknown bits; the two never overlap. Both are unsigned 64-bit. */
export interface Tnum {
  readonly value: bigint;
  readonly mask: bigint;
}

export const TNUM_UNKNOWN: Tnum = { value: 0n, mask: U64_MAX };
export const TNUM_UNKNOWN_32: Tnum = { value: 0n, mask: U32_MASK };
export const TNUM_ZERO: Tnum = { value: 0n, mask: 0n };

const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);

/** Exactly `value`, taken modulo 2^64. */
export const tnumConst = (value: bigint): Tnum => ({ value: wrap(value), mask: 0n });

export const isConst = (t: Tnum): boolean => t.mask === 0n;
export const isUnknown = (t: Tnum): boolean => t.mask === U64_MAX;

/** Number of significant bits of an unsigned 64-bit value. */
export function bitLength(x: bigint): number {
  if (x === 0n) return 0;
  const high = Number(x >> 32n);
  return high !== 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(Number(x));
}

/** The smallest tnum that contains every value of min .. max (unsigned). */
export function tnumRange(min: bigint, max: bigint): Tnum {
  const bits = bitLength(min ^ max);
  if (bits > 63) return TNUM_UNKNOWN;
  const delta = (1n << BigInt(bits)) - 1n;
  return { value: min & (U64_MAX ^ delta), mask: delta };
}

export const shiftLeft = (t: Tnum, by: bigint): Tnum => ({ value: wrap(t.value << by), mask: wrap(t.mask << by) });
export const shiftRight = (t: Tnum, by: bigint): Tnum => ({ value: t.value >> by, mask: t.mask >> by });

/** Arithmetic shift of the low `width` bits; for 32 the result is zero-extended. */
export function shiftRightSigned(t: Tnum, by: bigint, width: 32 | 64): Tnum {
  return {
    value: BigInt.asUintN(width, BigInt.asIntN(width, t.value) >> by),
    mask: BigInt.asUintN(width, BigInt.asIntN(width, t.mask) >> by),
  };
}

export function tnumAdd(a: Tnum, b: Tnum): Tnum {
  const values = wrap(a.value + b.value);
  const carries = wrap(a.mask + b.mask + values) ^ values;
  const mask = carries | a.mask | b.mask;
  return { value: values & (U64_MAX ^ mask), mask };
}

export function tnumSub(a: Tnum, b: Tnum): Tnum {
  const values = wrap(a.value - b.value);
  const borrows = wrap(values + a.mask) ^ wrap(values - b.mask);
  const mask = borrows | a.mask | b.mask;
  return { value: values & (U64_MAX ^ mask), mask };
}

export function tnumAnd(a: Tnum, b: Tnum): Tnum {
  const value = a.value & b.value;
  return { value, mask: (a.value | a.mask) & (b.value | b.mask) & (U64_MAX ^ value) };
}

export function tnumOr(a: Tnum, b: Tnum): Tnum {
  const value = a.value | b.value;
  return { value, mask: (a.mask | b.mask) & (U64_MAX ^ value) };
}

export function tnumXor(a: Tnum, b: Tnum): Tnum {
  const mask = a.mask | b.mask;
  return { value: (a.value ^ b.value) & (U64_MAX ^ mask), mask };
}

/** Product with the sum of partial uncertainties kept apart from the product of the known parts (up to kernel 6.17). */
export function tnumMulSeparate(a: Tnum, b: Tnum): Tnum {
  let uncertain: Tnum = TNUM_ZERO;
  for (let x = a, y = b; x.value !== 0n || x.mask !== 0n; x = shiftRight(x, 1n), y = shiftLeft(y, 1n)) {
    if (x.value & 1n) uncertain = tnumAdd(uncertain, { value: 0n, mask: y.mask });
    else if (x.mask & 1n) uncertain = tnumAdd(uncertain, { value: 0n, mask: y.value | y.mask });
  }
  return tnumAdd(tnumConst(a.value * b.value), uncertain);
}

/** Long multiplication that joins "this bit was 0" and "this bit was 1" at every unknown bit (kernel 6.18). */
export function tnumMulJoined(a: Tnum, b: Tnum): Tnum {
  let sum: Tnum = TNUM_ZERO;
  for (let x = a, y = b; x.value !== 0n || x.mask !== 0n; x = shiftRight(x, 1n), y = shiftLeft(y, 1n)) {
    if (x.value & 1n) sum = tnumAdd(sum, y);
    else if (x.mask & 1n) sum = tnumUnion(sum, tnumAdd(sum, y));
  }
  return sum;
}

/** What both say; where they contradict each other the result keeps the 1. */
export function tnumIntersect(a: Tnum, b: Tnum): Tnum {
  const mask = a.mask & b.mask;
  return { value: (a.value | b.value) & (U64_MAX ^ mask), mask };
}

/** What holds if either holds. */
export function tnumUnion(a: Tnum, b: Tnum): Tnum {
  const mask = (a.value ^ b.value) | a.mask | b.mask;
  return { value: a.value & b.value & (U64_MAX ^ mask), mask };
}

/** Whether some value satisfies both. */
export function tnumOverlap(a: Tnum, b: Tnum): boolean {
  const known = U64_MAX ^ (a.mask | b.mask);
  return (a.value & known) === (b.value & known);
}

/** Low `bits` bits, the rest zero. */
export const tnumCast = (t: Tnum, bits: number): Tnum => ({
  value: BigInt.asUintN(bits, t.value),
  mask: BigInt.asUintN(bits, t.mask),
});

export const lowHalf = (t: Tnum): Tnum => ({ value: t.value & U32_MASK, mask: t.mask & U32_MASK });

const HIGH = U64_MAX ^ U32_MASK;

/** The upper half of `t` with the lower half of `low`. */
export const withLowHalf = (t: Tnum, low: Tnum): Tnum => ({
  value: (t.value & HIGH) | (low.value & U32_MASK),
  mask: (t.mask & HIGH) | (low.mask & U32_MASK),
});

/** Whether every value of `inner` is one of `outer`. */
export function tnumIn(outer: Tnum, inner: Tnum): boolean {
  if ((inner.mask & (U64_MAX ^ outer.mask)) !== 0n) return false;
  return outer.value === (inner.value & (U64_MAX ^ outer.mask));
}

export const isAligned = (t: Tnum, size: bigint): boolean => ((t.value | t.mask) & (size - 1n)) === 0n;

/** Reverses the bytes of the low `bits` bits and clears the rest. */
export function tnumByteSwap(t: Tnum, bits: 16 | 32 | 64): Tnum {
  return { value: byteSwap(t.value, bits), mask: byteSwap(t.mask, bits) };
}

export function byteSwap(x: bigint, bits: 16 | 32 | 64): bigint {
  let result = 0n;
  for (let i = 0, rest = x; i < bits; i += 8, rest >>= 8n) result = (result << 8n) | (rest & 0xffn);
  return result;
}

/** As the kernel prints it: a decimal or hexadecimal constant, or "(value; mask)". */
export function tnumText(t: Tnum): string {
  if (t.mask === 0n) return t.value <= 0xffffn ? t.value.toString() : `0x${t.value.toString(16)}`;
  return `(${hex(t.value)}; ${hex(t.mask)})`;
}

// printk's %#llx prints zero as "0x0" where user-space printf would print "0".
const hex = (x: bigint): string => `0x${x.toString(16)}`;
