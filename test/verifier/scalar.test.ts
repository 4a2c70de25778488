// Bounds and bits: sound against brute force, and the fast form for small values the same as the general one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import {
  constant,
  isContradictory,
  PLAIN_SHARPENING,
  type Scalar,
  sharpenAs,
  sync,
  syncAny,
  UNKNOWN,
} from '../../src/verifier/scalar.ts';
import { type ArithmeticRules, computeAny, computeScalar } from '../../src/verifier/scalar-alu.ts';
import { isConst, type Tnum } from '../../src/verifier/tnum.ts';

const text = (s: Scalar): string =>
  `${s.tnum.value}/${s.tnum.mask} u${s.umin}..${s.umax} s${s.smin}..${s.smax} u32 ${s.u32min}..${s.u32max} s32 ${s.s32min}..${s.s32max}`;

/** A value as loosely known as chance has it; now and then contradictory. */
function randomScalar(random: Random, bits: number): Scalar {
  const number = (): bigint =>
    BigInt.asUintN(random.below(bits) + 1, (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32)));
  const s = UNKNOWN.copy();
  const mask = number();
  if (random.below(2) === 0) s.tnum = { value: number() & ~mask & 0xffff_ffff_ffff_ffffn, mask };
  if (random.below(2) === 0) s.umin = number();
  if (random.below(3) > 0) s.umax = s.umin + number();
  if (s.umax > 0xffff_ffff_ffff_ffffn) s.umax = 0xffff_ffff_ffff_ffffn;
  if (random.below(2) === 0) s.smin = BigInt.asIntN(64, random.below(2) === 0 ? -number() : number());
  if (random.below(2) === 0) s.smax = BigInt.asIntN(64, number());
  if (random.below(3) === 0) s.u32min = Number(BigInt.asUintN(32, number()));
  if (random.below(3) === 0) s.u32max = Number(BigInt.asUintN(32, number()));
  if (random.below(3) === 0) s.s32min = Number(BigInt.asIntN(32, number()));
  if (random.below(3) === 0) s.s32max = Number(BigInt.asIntN(32, number()));
  return s;
}

test('small values are sharpened as large ones are', () => {
  const random = new Random(7);
  let contradictory = 0;
  for (let i = 0; i < 20_000; i++) {
    const s = randomScalar(random, [8, 16, 31, 33, 64][i % 5]!);
    const before = text(s);
    const general = syncAny(s.copy());
    if (isContradictory(general)) contradictory++;
    assert.equal(text(sync(s)), text(general), before);
  }
  assert.ok(contradictory > 300);
});

/** Whether `value` (unsigned 64-bit) is one that `s` allows. */
function allows(s: Scalar, value: bigint): boolean {
  const signed = BigInt.asIntN(64, value);
  const low = Number(BigInt.asUintN(32, value));
  return (
    (value & (0xffff_ffff_ffff_ffffn ^ s.tnum.mask)) === s.tnum.value &&
    s.umin <= value &&
    value <= s.umax &&
    s.smin <= signed &&
    signed <= s.smax &&
    s.u32min <= low &&
    low <= s.u32max &&
    s.s32min <= (low | 0) &&
    (low | 0) <= s.s32max
  );
}

for (const kind of [
  PLAIN_SHARPENING,
  { acrossWidths: true, singleValues: true },
  { acrossWidths: false, singleValues: false },
])
  test(`sharpening loses no value: ${JSON.stringify(kind)}`, (t) => {
    sharpenAs(kind);
    t.after(() => sharpenAs(PLAIN_SHARPENING));
    const random = new Random(11);
    let kept = 0;
    for (let i = 0; i < 3000; i++) {
      const s = randomScalar(random, [6, 33, 64][i % 3]!);
      const sharp = sync(s.copy());
      for (let n = 0; n < 40; n++) {
        const value = BigInt.asUintN(
          64,
          [
            s.umin + BigInt(n),
            s.umax - BigInt(n),
            s.tnum.value | (s.tnum.mask & BigInt(random.below(2 ** 32))),
            BigInt(n),
          ][n % 4]!,
        );
        if (!allows(s, value)) continue;
        kept++;
        assert.ok(allows(sharp, value), `${value} was lost: ${text(s)} became ${text(sharp)}`);
      }
    }
    assert.ok(kept > 5000);
  });

test('a constant is itself in every view', () => {
  for (const value of [0n, 1n, -1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, -0x8000_0000n, 1n << 63n]) {
    const s = constant(value);
    const known: Tnum = s.tnum;
    assert.ok(isConst(known));
    assert.ok(allows(s, BigInt.asUintN(64, value)));
    assert.equal(text(sync(s.copy())), text(s));
  }
});

const RULES: ArithmeticRules = {
  joinedMultiplication: true,
  signedMultiplication: true,
  wrappingSums: true,
  negation: true,
  byteSwaps: true,
  quotients: true,
  unknownOperands: true,
};

test('arithmetic on small values is that on large ones', () => {
  const random = new Random(13);
  let checked = 0;
  for (let i = 0; i < 10_000; i++) {
    const bits = [4, 16, 30, 31, 33][i % 5]!;
    const a = sync(randomScalar(random, bits));
    const b = i % 2 === 0 ? constant(BigInt(random.below(40))) : sync(randomScalar(random, bits));
    if (isContradictory(a) || isContradictory(b)) continue;
    checked++;
    for (const fn of ['add', 'sub', 'mul', 'and', 'or', 'xor', 'lsh', 'rsh', 'arsh'] as const)
      for (const width of [32, 64] as const) {
        const what = `${fn}${width} of ${text(a)} and ${text(b)}`;
        assert.equal(text(computeScalar(fn, width, a, b, RULES)), text(computeAny(fn, width, a, b, RULES)), what);
      }
  }
  assert.ok(checked > 1000);
});
