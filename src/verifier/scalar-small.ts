// The same sharpening as scalar.ts `sync`, in machine numbers, for the values that programs mostly work with: everything known of
// them lies in 0 .. 2^31 - 1. There signed and unsigned and both widths follow the same order, so that one arithmetic serves all.
// test/verifier/scalar.test.ts holds it against the general form.

const LIMIT = 0x7fff_ffff;
const BIG_LIMIT = 0x7fff_ffffn;

/** Views of a number that lies in 0 .. 2^31 - 1, all in agreement. */
interface SmallRange {
  min: number;
  max: number;
  value: number;
  mask: number;
}

const TABLE: readonly bigint[] = Array.from({ length: 65536 }, (_, i) => BigInt(i));

/** A small non-negative number as a bigint, without making a new one each time. */
export const small = (x: number): bigint => (x < TABLE.length ? TABLE[x]! : BigInt(x));

/** Sharpens `s` in place; false when it is no small value (then nothing was changed). */
export function syncSmall(s: Scalar): boolean {
  const { tnum } = s;
  if (s.umax > BIG_LIMIT || tnum.value > BIG_LIMIT || tnum.mask > BIG_LIMIT || s.umin > BIG_LIMIT) return false;
  let value = Number(tnum.value);
  let mask = Number(tnum.mask);
  const largest = value | mask;
  let umin = Math.max(Number(s.umin), value);
  let umax = Math.min(Number(s.umax), largest);
  let u32min = Math.max(s.u32min, value);
  let u32max = Math.min(s.u32max, largest);
  let s32min = Math.max(s.s32min, value);
  let s32max = Math.min(s.s32max, largest);
  if (s.smin > BIG_LIMIT || s.smax < 0n || u32min > LIMIT || s32max < 0) return false;
  let smin = s.smin < 0n ? value : Math.max(Number(s.smin), value);
  let smax = s.smax > BIG_LIMIT ? largest : Math.min(Number(s.smax), largest);

  for (let round = 0; round < 3; round++) {
    // 32-bit bounds from the 64-bit ones.
    u32min = Math.max(u32min, umin);
    u32max = Math.min(u32max, umax);
    if (umin <= umax) {
      s32min = Math.max(s32min, umin);
      s32max = Math.min(s32max, umax);
    }
    if (smin <= smax) {
      u32min = Math.max(u32min, smin);
      u32max = Math.min(u32max, smax);
      s32min = Math.max(s32min, smin);
      s32max = Math.min(s32max, smax);
    }
    if (u32min <= u32max) {
      s32min = Math.max(s32min, u32min);
      s32max = Math.min(s32max, u32max);
    }
    if (s32min <= s32max) {
      u32min = Math.max(s32min, u32min);
      u32max = Math.min(s32max, u32max);
    } else if (u32max < s32min) {
      s32min = u32min;
      u32max = Math.min(u32max, s32max);
    } else if (s32max < u32min) {
      s32max = u32max;
      u32min = Math.max(u32min, s32min);
    }
    // Signed and unsigned 64-bit bounds.
    if (umin <= umax) {
      smin = Math.max(smin, umin);
      smax = Math.min(smax, umax);
    }
    if (smin <= smax) {
      umin = Math.max(smin, umin);
      umax = Math.min(smax, umax);
    } else if (umax < smin) {
      smin = umin;
      umax = Math.min(umax, smax);
    } else if (smax < umin) {
      smax = umax;
      umin = Math.max(umin, smin);
    }
    // 64-bit bounds from the 32-bit ones, which hold all of a small value.
    smin = umin = s32min;
    smax = umax = s32max;
    const delta = rangeMask(smin, smax);
    const kept = mask & delta;
    value = (value | (smin & ~delta)) & ~kept;
    mask = kept;
    // All four views say the same: another round would change nothing.
    if (umin === u32min && umax === u32max && umin <= umax) break;
  }

  const delta = rangeMask(umin, umax);
  let kept = mask & delta;
  value = (value | (umin & ~delta)) & ~kept;
  mask = kept;
  const delta32 = rangeMask(u32min, u32max);
  kept = mask & delta32;
  value = (value | (u32min & ~delta32)) & ~kept;
  mask = kept;
  const most = value | mask;
  s.u32min = Math.max(u32min, value);
  s.u32max = Math.min(u32max, most);
  s.s32min = Math.max(s32min, value);
  s.s32max = Math.min(s32max, most);
  s.umin = small(Math.max(umin, value));
  s.umax = small(Math.min(umax, most));
  s.smin = small(Math.max(smin, value));
  s.smax = small(Math.min(smax, most));
  s.tnum = { value: small(value), mask: small(mask) };
  return true;
}

/** Ones from the highest bit in which the two differ downwards. */
function rangeMask(low: number, high: number): number {
  const different = low ^ high;
  return different === 0 ? 0 : 0xffff_ffff >>> Math.clz32(different);
}

// --- Arithmetic -----------------------------------------------------------------------------------------------------------

/** Fields of a scalar that this file reads and writes; scalar.ts has the class. */
export interface Scalar {
  tnum: { readonly value: bigint; readonly mask: bigint };
  umin: bigint;
  umax: bigint;
  smin: bigint;
  smax: bigint;
  u32min: number;
  u32max: number;
  s32min: number;
  s32max: number;
  copy(): this;
}

const HALF = 0x3fff_ffff;
const left: SmallRange = { min: 0, max: 0, value: 0, mask: 0 };
const right: SmallRange = { min: 0, max: 0, value: 0, mask: 0 };

/** Reads a scalar of 0 .. 2^30 - 1 whose views agree. */
function readSmall(s: Scalar, into: SmallRange): boolean {
  const { u32min, u32max } = s;
  if (u32max > HALF || s.s32min !== u32min || s.s32max !== u32max || u32min > u32max) return false;
  const max = Number(s.umax);
  if (max !== u32max || Number(s.umin) !== u32min || Number(s.smin) !== u32min || Number(s.smax) !== max) return false;
  const value = Number(s.tnum.value);
  const mask = Number(s.tnum.mask);
  if (value > HALF || mask > HALF) return false;
  into.min = u32min;
  into.max = u32max;
  into.value = value;
  into.mask = mask;
  return true;
}

export type SmallFunction = 'add' | 'and' | 'or' | 'xor' | 'lsh' | 'rsh';

/** The result where both operands and the result are small; undefined where the general form must be used. */
export function computeSmall<S extends Scalar>(fn: SmallFunction, d: S, s: Scalar): S | undefined {
  if (!readSmall(s, right) || !readSmall(d, left)) return undefined;
  let min: number;
  let max: number;
  let value: number;
  let mask: number;
  switch (fn) {
    case 'add': {
      min = left.min + right.min;
      max = left.max + right.max;
      const values = left.value + right.value;
      const sum = values + left.mask + right.mask;
      if (sum > LIMIT || sum < 0) return undefined;
      mask = (sum ^ values) | left.mask | right.mask;
      value = values & ~mask;
      break;
    }
    case 'and':
      value = left.value & right.value;
      mask = (left.value | left.mask) & (right.value | right.mask) & ~value;
      min = value;
      max = Math.min(left.max, right.max);
      break;
    case 'or':
      value = left.value | right.value;
      mask = (left.mask | right.mask) & ~value;
      min = Math.max(left.min, right.min);
      max = value | mask;
      break;
    case 'xor':
      mask = left.mask | right.mask;
      value = (left.value ^ right.value) & ~mask;
      min = value;
      max = value | mask;
      break;
    case 'lsh': {
      const by = right.min;
      if (right.mask !== 0 || by > 30 || (left.value | left.mask) * 2 ** by > LIMIT || left.max * 2 ** by > LIMIT)
        return undefined;
      min = left.min << by;
      max = left.max << by;
      value = left.value << by;
      mask = left.mask << by;
      break;
    }
    case 'rsh': {
      const by = right.min;
      if (right.mask !== 0 || by > 30) return undefined;
      min = left.min >> by;
      max = left.max >> by;
      value = left.value >> by;
      mask = left.mask >> by;
      break;
    }
  }
  const result = d.copy();
  result.tnum = { value: small(value), mask: small(mask) };
  result.umin = result.smin = small(min);
  result.umax = result.smax = small(max);
  result.u32min = result.s32min = min;
  result.u32max = result.s32max = max;
  syncSmall(result);
  return result;
}
