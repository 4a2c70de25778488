// Conditional jumps on numbers: whether the outcome is known, and what each outcome teaches about both operands.
// Source of truth: kernel/bpf/verifier.c is_scalar_branch_taken and regs_refine_cond_op, by behaviour.

import type { JumpFunction } from '../isa/index.ts';
import {
  lowFromWhole,
  S32_MAX,
  S32_MIN,
  S64_MAX,
  S64_MIN,
  type Scalar,
  setConstant32,
  settle,
  sync,
  U32_MAX,
  unbound,
  wholeFromLow,
} from './scalar.ts';
import {
  isConst,
  lowHalf,
  tnumAnd,
  tnumConst,
  tnumIntersect,
  tnumOr,
  tnumOverlap,
  U32_MASK,
  U64_MAX,
  withLowHalf,
} from './tnum.ts';

/** A comparison, or the opposite of `set`, which no instruction has. */
export type Condition = JumpFunction | 'not-set';

/** The condition with its operands exchanged. */
export const FLIPPED: Readonly<Record<JumpFunction, JumpFunction>> = {
  eq: 'eq',
  ne: 'ne',
  set: 'set',
  ge: 'le',
  gt: 'lt',
  le: 'ge',
  lt: 'gt',
  sge: 'sle',
  sgt: 'slt',
  sle: 'sge',
  slt: 'sgt',
};

/** The condition that holds when this one does not. */
export const OPPOSITE: Readonly<Record<JumpFunction, Condition>> = {
  eq: 'ne',
  ne: 'eq',
  set: 'not-set',
  ge: 'lt',
  gt: 'le',
  le: 'gt',
  lt: 'ge',
  sge: 'slt',
  sgt: 'sle',
  sle: 'sgt',
  slt: 'sge',
};

type Known = boolean | undefined;

/** What differs between kernels in comparisons. */
export interface ComparisonRules {
  /** Two numbers of which neither is known are compared by their ranges; else only with a known one. */
  readonly ranges: boolean;
  /** A number is unequal to a known one outside its range. */
  readonly equalityByRange: boolean;
}

const isKnown = (s: Scalar, width: 32 | 64): boolean => (width === 64 ? s.isConst : isConst(lowHalf(s.tnum)));

/** Whether `a FN b` holds for all values (true), for none (false), or may go either way. */
export function branchOutcome(fn: JumpFunction, width: 32 | 64, a: Scalar, b: Scalar, rules: ComparisonRules): Known {
  if (!rules.ranges && !isKnown(b, width)) return undefined;
  if (!rules.equalityByRange && (fn === 'eq' || fn === 'ne') && !isKnown(a, width)) return undefined;
  if (a.isConst && b.isConst && width === 64) return compareConstants(fn, a, b);
  return width === 64 ? outcome64(fn, a, b) : outcome32(fn, a, b);
}

function compareConstants(fn: JumpFunction, a: Scalar, b: Scalar): Known {
  switch (fn) {
    case 'eq':
      return a.tnum.value === b.tnum.value;
    case 'ne':
      return a.tnum.value !== b.tnum.value;
    case 'set':
      return (a.tnum.value & b.tnum.value) !== 0n;
    default:
      return order(fn, a.umin, a.umax, b.umin, b.umax, a.smin, a.smax, b.smin, b.smax);
  }
}

function outcome64(fn: JumpFunction, a: Scalar, b: Scalar): Known {
  switch (fn) {
    case 'eq':
      return cannotBeEqual64(a, b) ? false : undefined;
    case 'ne':
      return cannotBeEqual64(a, b) ? true : undefined;
    case 'set':
      return b.isConst ? bitsSet(a.tnum, b.tnum.value) : a.isConst ? bitsSet(b.tnum, a.tnum.value) : undefined;
    default:
      return order(fn, a.umin, a.umax, b.umin, b.umax, a.smin, a.smax, b.smin, b.smax);
  }
}

function cannotBeEqual64(a: Scalar, b: Scalar): boolean {
  return (
    !tnumOverlap(a.tnum, b.tnum) ||
    a.umin > b.umax ||
    a.umax < b.umin ||
    a.smin > b.smax ||
    a.smax < b.smin ||
    a.u32min > b.u32max ||
    a.u32max < b.u32min ||
    a.s32min > b.s32max ||
    a.s32max < b.s32min
  );
}

function outcome32(fn: JumpFunction, a: Scalar, b: Scalar): Known {
  const bitsA = lowHalf(a.tnum);
  const bitsB = lowHalf(b.tnum);
  switch (fn) {
    case 'eq':
    case 'ne': {
      if (isConst(bitsA) && isConst(bitsB)) return (bitsA.value === bitsB.value) === (fn === 'eq');
      const apart =
        !tnumOverlap(bitsA, bitsB) ||
        a.u32min > b.u32max ||
        a.u32max < b.u32min ||
        a.s32min > b.s32max ||
        a.s32max < b.s32min;
      return apart ? fn === 'ne' : undefined;
    }
    case 'set':
      return isConst(bitsB) ? bitsSet(bitsA, bitsB.value) : isConst(bitsA) ? bitsSet(bitsB, bitsA.value) : undefined;
    default:
      return order(fn, a.u32min, a.u32max, b.u32min, b.u32max, a.s32min, a.s32max, b.s32min, b.s32max);
  }
}

function bitsSet(bits: { readonly value: bigint; readonly mask: bigint }, wanted: bigint): Known {
  if ((bits.value & wanted) !== 0n) return true;
  return ((bits.value | bits.mask) & wanted) === 0n ? false : undefined;
}

function order<N extends number | bigint>(
  fn: Exclude<JumpFunction, 'eq' | 'ne' | 'set'>,
  umin1: N,
  umax1: N,
  umin2: N,
  umax2: N,
  smin1: N,
  smax1: N,
  smin2: N,
  smax2: N,
): Known {
  switch (fn) {
    case 'gt':
      return umin1 > umax2 ? true : umax1 <= umin2 ? false : undefined;
    case 'ge':
      return umin1 >= umax2 ? true : umax1 < umin2 ? false : undefined;
    case 'lt':
      return umax1 < umin2 ? true : umin1 >= umax2 ? false : undefined;
    case 'le':
      return umax1 <= umin2 ? true : umin1 > umax2 ? false : undefined;
    case 'sgt':
      return smin1 > smax2 ? true : smax1 <= smin2 ? false : undefined;
    case 'sge':
      return smin1 >= smax2 ? true : smax1 < smin2 ? false : undefined;
    case 'slt':
      return smax1 < smin2 ? true : smin1 >= smax2 ? false : undefined;
    case 'sle':
      return smax1 <= smin2 ? true : smin1 > smax2 ? false : undefined;
  }
}

/** What both operands are known to be where the condition holds. */
export function refine(
  condition: Condition,
  width: 32 | 64,
  a: Scalar,
  b: Scalar,
  rules: ComparisonRules,
): readonly [Scalar, Scalar] {
  if (!rules.ranges) return refineByKnown(condition, width, a, b);
  const first = a.copy();
  const second = b.copy();
  narrow(condition, width, first, second);
  return [settle(sync(first)), settle(sync(second))];
}

/** What kernels learn that do not compare ranges: about the other operand of a known one, or that two 64-bit numbers are equal. */
function refineByKnown(condition: Condition, width: 32 | 64, a: Scalar, b: Scalar): readonly [Scalar, Scalar] {
  const known = isKnown(b, width) ? 'second' : isKnown(a, width) ? 'first' : 'none';
  if (condition === 'ne' || (known === 'none' && (condition !== 'eq' || width === 32))) return [a, b];
  if (condition === 'eq' && known !== 'none') {
    // The other operand becomes the known one, whatever was known of it.
    const same = equalTo(known === 'second' ? a : b, known === 'second' ? b : a, width);
    return known === 'second' ? [same, b] : [a, same];
  }
  const first = a.copy();
  const second = b.copy();
  narrow(condition, width, first, second);
  const spread = width === 64 ? lowFromWhole : wholeFromLow;
  return [known === 'first' ? a : spread(first), known === 'second' ? b : spread(second)];
}

function equalTo(unknown: Scalar, known: Scalar, width: 32 | 64): Scalar {
  if (width === 64) return known;
  const low = unknown.copy();
  setConstant32(low, Number(lowHalf(known.tnum).value) | 0);
  return wholeFromLow(low);
}

/** The same where both operands are one register: what narrows one narrows the other. */
export function refineSelf(condition: Condition, width: 32 | 64, a: Scalar): Scalar {
  const both = a.copy();
  narrow(condition, width, both, both);
  return settle(sync(sync(both)));
}

/** The outcome of comparing a register with itself, which later kernels know. */
export function selfOutcome(fn: JumpFunction, a: Scalar): boolean | undefined {
  switch (fn) {
    case 'eq':
    case 'ge':
    case 'le':
    case 'sge':
    case 'sle':
      return true;
    case 'ne':
    case 'gt':
    case 'lt':
    case 'sgt':
    case 'slt':
      return false;
    case 'set':
      if (a.isConst) return a.tnum.value !== 0n;
      return a.smin <= 0n && 0n <= a.smax ? undefined : true;
  }
}

function narrow(condition: Condition, width: 32 | 64, a: Scalar, b: Scalar): void {
  switch (condition) {
    case 'gt':
      narrow('lt', width, b, a);
      return;
    case 'ge':
      narrow('le', width, b, a);
      return;
    case 'sgt':
      narrow('slt', width, b, a);
      return;
    case 'sge':
      narrow('sle', width, b, a);
      return;
    case 'eq':
      width === 32 ? equal32(a, b) : equal64(a, b);
      return;
    case 'ne':
      knownSide(width, a, b, width === 32 ? notEqual32 : notEqual64);
      return;
    case 'set':
      knownSide(width, a, b, width === 32 ? someBitSet32 : someBitSet64);
      return;
    case 'not-set':
      knownSide(width, a, b, width === 32 ? noBitSet32 : noBitSet64);
      return;
    case 'le':
      width === 32 ? atMost32(a, b, 0) : atMost64(a, b, 0n);
      return;
    case 'lt':
      width === 32 ? atMost32(a, b, 1) : atMost64(a, b, 1n);
      return;
    case 'sle':
      width === 32 ? signedAtMost32(a, b, 0) : signedAtMost64(a, b, 0n);
      return;
    case 'slt':
      width === 32 ? signedAtMost32(a, b, 1) : signedAtMost64(a, b, 1n);
      return;
  }
}

const max = (a: bigint, b: bigint): bigint => (a < b ? b : a);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

function equal32(a: Scalar, b: Scalar): void {
  a.u32min = b.u32min = Math.max(a.u32min, b.u32min);
  a.u32max = b.u32max = Math.min(a.u32max, b.u32max);
  a.s32min = b.s32min = Math.max(a.s32min, b.s32min);
  a.s32max = b.s32max = Math.min(a.s32max, b.s32max);
  const low = tnumIntersect(lowHalf(a.tnum), lowHalf(b.tnum));
  a.tnum = withLowHalf(a.tnum, low);
  b.tnum = withLowHalf(b.tnum, low);
}

function equal64(a: Scalar, b: Scalar): void {
  a.umin = b.umin = max(a.umin, b.umin);
  a.umax = b.umax = min(a.umax, b.umax);
  a.smin = b.smin = max(a.smin, b.smin);
  a.smax = b.smax = min(a.smax, b.smax);
  a.tnum = b.tnum = tnumIntersect(a.tnum, b.tnum);
}

/** Applies a rule that needs one operand to be a constant, whichever it is. */
function knownSide(width: 32 | 64, a: Scalar, b: Scalar, rule: (x: Scalar, value: bigint) => void): void {
  const value = (s: Scalar): bigint | undefined => {
    const bits = width === 32 ? lowHalf(s.tnum) : s.tnum;
    return isConst(bits) ? bits.value : undefined;
  };
  const right = value(b);
  const left = right === undefined ? value(a) : undefined;
  if (right !== undefined) rule(a, right);
  else if (left !== undefined) rule(b, left);
}

// A range that begins or ends at the excluded value shrinks by one. The ends wrap as machine integers do, which makes an
// impossible range contradictory; `settle` deals with those.

function notEqual32(x: Scalar, value: bigint): void {
  const unsigned = Number(value);
  const signed = unsigned | 0;
  if (x.u32min === unsigned) x.u32min = (x.u32min + 1) >>> 0;
  if (x.u32max === unsigned) x.u32max = (x.u32max - 1) >>> 0;
  if (x.s32min === signed) x.s32min = (x.s32min + 1) | 0;
  if (x.s32max === signed) x.s32max = (x.s32max - 1) | 0;
}

function notEqual64(x: Scalar, value: bigint): void {
  const signed = BigInt.asIntN(64, value);
  if (x.umin === value) x.umin = BigInt.asUintN(64, x.umin + 1n);
  if (x.umax === value) x.umax = BigInt.asUintN(64, x.umax - 1n);
  if (x.smin === signed) x.smin = BigInt.asIntN(64, x.smin + 1n);
  if (x.smax === signed) x.smax = BigInt.asIntN(64, x.smax - 1n);
}

const isPowerOfTwo = (x: bigint): boolean => x !== 0n && (x & (x - 1n)) === 0n;

function someBitSet32(x: Scalar, value: bigint): void {
  if (isPowerOfTwo(value)) x.tnum = withLowHalf(x.tnum, tnumOr(lowHalf(x.tnum), tnumConst(value)));
}

function someBitSet64(x: Scalar, value: bigint): void {
  if (isPowerOfTwo(value)) x.tnum = tnumOr(x.tnum, tnumConst(value));
}

// The bounds are forgotten here because clearing bits in the middle can contradict them; the bits give new ones.

function noBitSet32(x: Scalar, value: bigint): void {
  unbound(x);
  x.tnum = withLowHalf(x.tnum, tnumAnd(lowHalf(x.tnum), tnumConst(U32_MASK ^ value)));
}

function noBitSet64(x: Scalar, value: bigint): void {
  unbound(x);
  x.tnum = tnumAnd(x.tnum, tnumConst(U64_MAX ^ value));
}

function atMost32(a: Scalar, b: Scalar, gap: number): void {
  a.u32max = Math.min(a.u32max, (b.u32max - gap) >>> 0);
  b.u32min = Math.max((a.u32min + gap) >>> 0, b.u32min);
}

function atMost64(a: Scalar, b: Scalar, gap: bigint): void {
  a.umax = min(a.umax, BigInt.asUintN(64, b.umax - gap));
  b.umin = max(BigInt.asUintN(64, a.umin + gap), b.umin);
}

function signedAtMost32(a: Scalar, b: Scalar, gap: number): void {
  a.s32max = Math.min(a.s32max, (b.s32max - gap) | 0);
  b.s32min = Math.max((a.s32min + gap) | 0, b.s32min);
}

function signedAtMost64(a: Scalar, b: Scalar, gap: bigint): void {
  a.smax = min(a.smax, BigInt.asIntN(64, b.smax - gap));
  b.smin = max(BigInt.asIntN(64, a.smin + gap), b.smin);
}

/** Whether every value that `inner` allows is allowed by `outer`, in each of the four ranges. */
export function rangeWithin(outer: Scalar, inner: Scalar): boolean {
  return (
    outer.umin <= inner.umin &&
    outer.umax >= inner.umax &&
    outer.smin <= inner.smin &&
    outer.smax >= inner.smax &&
    outer.u32min <= inner.u32min &&
    outer.u32max >= inner.u32max &&
    outer.s32min <= inner.s32min &&
    outer.s32max >= inner.s32max
  );
}

/** Bounds are the widest there are; the bits may still be known. */
export const isWidest = (s: Scalar): boolean =>
  s.umin === 0n &&
  s.umax === U64_MAX &&
  s.smin === S64_MIN &&
  s.smax === S64_MAX &&
  s.u32min === 0 &&
  s.u32max === U32_MAX &&
  s.s32min === S32_MIN &&
  s.s32max === S32_MAX;
