// What instructions do, case by case, on every driver: the interpreter, compiled code and the reference.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasErrors } from '../../src/base/index.ts';
import { programFromAssembly } from '../../src/object/index.ts';
import { DRIVERS } from '../support/program-driver.ts';

const INPUT = Uint8Array.of(0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0xff, 0xfe, 0x80, 0x7f, 1, 2, 3, 4);

/** Name, program, r0; `fault` where it must not return. */
const CASES: readonly (readonly [string, string, bigint | 'fault'])[] = [
  ['add wraps at 64 bits', 'r0 = -1\nr0 += 2', 1n],
  ['add32 clears the upper half', 'r0 = -1\nw0 += 2', 1n],
  ['sub32 below zero', 'r0 = 0\nw0 -= 1', 0xffffffffn],
  ['mul keeps the low 64 bits', 'r0 = 0x123456789abcdef1 ll\nr0 *= r0', 0x123456789abcdef1n ** 2n],
  ['mul by a negative immediate', 'r0 = 3\nr0 *= -2', -6n],
  ['unsigned division', 'r0 = -1\nr0 /= 10', 0xffffffffffffffffn / 10n],
  ['division by an immediate is unsigned and sign-extends it', 'r0 = -1\nr0 /= -10', 1n],
  ['division by zero gives zero', 'r0 = 7\nr1 = 0\nr0 /= r1', 0n],
  ['32-bit division by zero gives zero', 'r0 = -1\nr1 = 0x100000000 ll\nw0 /= w1', 0n],
  ['remainder by zero leaves the value', 'r0 = 7\nr1 = 0\nr0 %= r1', 7n],
  ['32-bit remainder by zero leaves the low half', 'r0 = -1\nr1 = 0\nw0 %= w1', 0xffffffffn],
  ['signed division rounds to zero', 'r0 = -7\nr0 s/= 2', -3n],
  ['signed remainder has the sign of the dividend', 'r0 = -7\nr0 s%= 3', -1n],
  ['smallest by minus one', 'r0 = 0x8000000000000000 ll\nr0 s/= -1', 0x8000000000000000n],
  ['smallest by minus one, remainder', 'r0 = 0x8000000000000000 ll\nr0 s%= -1', 0n],
  ['32-bit smallest by minus one', 'r0 = 0x80000000 ll\nw0 s/= -1', 0x80000000n],
  ['signed division by zero gives zero', 'r0 = -7\nr1 = 0\nr0 s/= r1', 0n],
  [
    'division of large numbers',
    'r0 = 0xfedcba9876543210 ll\nr1 = 0x123456789 ll\nr0 /= r1',
    0xfedcba9876543210n / 0x123456789n,
  ],
  [
    'remainder of large numbers',
    'r0 = 0xfedcba9876543210 ll\nr1 = 0x123456789 ll\nr0 %= r1',
    0xfedcba9876543210n % 0x123456789n,
  ],
  ['shift counts are masked to 6 bits', 'r0 = 1\nr1 = 65\nr0 <<= r1', 2n],
  ['32-bit shift counts are masked to 5 bits', 'r0 = 1\nr1 = 33\nw0 <<= w1', 2n],
  ['shift by nothing', 'r0 = -3\nr1 = 64\nr0 >>= r1', -3n],
  ['logical shift right', 'r0 = -1\nr0 >>= 60', 15n],
  ['arithmetic shift right', 'r0 = -256\nr0 s>>= 4', -16n],
  ['arithmetic shift right over the middle', 'r0 = 0x8000000000000000 ll\nr0 s>>= 40', -(1n << 23n)],
  ['32-bit arithmetic shift', 'r0 = 0x80000000 ll\nw0 s>>= 4', 0xf8000000n],
  ['shift left over the middle', 'r0 = 3\nr0 <<= 31', 3n << 31n],
  ['and with an immediate sign-extends it', 'r0 = -1\nr0 &= -16', -16n],
  ['xor32', 'r0 = -1\nw0 ^= 0xf', 0xfffffff0n],
  ['negation', 'r0 = 5\nr0 = -r0', -5n],
  ['32-bit negation', 'r0 = 5\nw0 = -w0', 0xfffffffbn],
  ['mov32 of a negative immediate', 'w0 = -1', 0xffffffffn],
  ['mov sign-extends its immediate', 'r0 = -1', -1n],
  ['movsx8', 'r1 = 0x180\nr0 = (s8)r1', -128n],
  ['movsx16 in 32 bits', 'r1 = 0x18000\nw0 = (s16)w1', 0xffff8000n],
  ['movsx32', 'r1 = 0x80000000 ll\nr0 = (s32)r1', -0x80000000n],
  ['be16', 'r0 = 0x11223344\nr0 = be16 r0', 0x4433n],
  ['be32', 'r0 = 0x1122334455667788 ll\nr0 = be32 r0', 0x88776655n],
  ['be64', 'r0 = 0x1122334455667788 ll\nr0 = be64 r0', 0x8877665544332211n],
  ['le16 cuts', 'r0 = 0x11223344\nr0 = le16 r0', 0x3344n],
  ['le32 cuts', 'r0 = -1\nr0 = le32 r0', 0xffffffffn],
  ['bswap32', 'r0 = 0x1122334455667788 ll\nr0 = bswap32 r0', 0x88776655n],
  ['loads are little endian and zero-extended', 'r0 = *(u32 *)(r1 + 4)', 0x88776655n],
  ['unaligned load', 'r0 = *(u64 *)(r1 + 3)', 0x80feff8877665544n],
  [
    'sign-extending loads',
    'r0 = *(s8 *)(r1 + 8)\nr2 = *(s16 *)(r1 + 9)\nr3 = *(s32 *)(r1 + 4)\nr0 += r2\nr0 += r3',
    -1n + BigInt.asIntN(16, 0x80fen) + BigInt.asIntN(32, 0x88776655n),
  ],
  ['store of an immediate sign-extends it', '*(u64 *)(r1 + 0) = -2\nr0 = *(u64 *)(r1 + 0)', -2n],
  ['narrow store leaves the rest', '*(u8 *)(r1 + 1) = 0\nr0 = *(u32 *)(r1 + 0)', 0x44330011n],
  ['stack is below r10', '*(u64 *)(r10 - 512) = 9\nr0 = *(u64 *)(r10 - 512)', 9n],
  ['atomic add', 'r2 = 1\nlock *(u64 *)(r1 + 0) += r2\nr0 = *(u64 *)(r1 + 0)', 0x8877665544332212n],
  [
    'atomic add of 32 bits wraps in place',
    'r2 = -1\nlock *(u32 *)(r1 + 4) += w2\nr0 = *(u64 *)(r1 + 0)',
    0x8877665444332211n,
  ],
  [
    'atomic fetch-or gives the old value',
    'r2 = 15\nr2 = atomic_fetch_or((u64 *)(r1 + 0), r2)\nr0 = r2',
    0x8877665544332211n,
  ],
  [
    'atomic fetch of 32 bits clears the upper half',
    'r2 = -1\nw2 = atomic_fetch_and((u32 *)(r1 + 4), w2)\nr0 = r2',
    0x88776655n,
  ],
  ['xchg', 'r2 = 7\nr2 = xchg_64(r1 + 0, r2)\nr0 = *(u64 *)(r1 + 0)', 7n],
  ['cmpxchg that hits', 'r0 = *(u64 *)(r1 + 0)\nr2 = 5\nr0 = cmpxchg_64(r1 + 0, r0, r2)\nr0 = *(u64 *)(r1 + 0)', 5n],
  ['cmpxchg that misses', 'r0 = 1\nr2 = 5\nr0 = cmpxchg_64(r1 + 0, r0, r2)', 0x8877665544332211n],
  [
    'cmpxchg32 compares low halves and clears the upper',
    'r0 = 0x9999999944332211 ll\nr2 = 5\nw0 = cmpxchg32_32(r1 + 0, w0, w2)',
    0x44332211n,
  ],
  [
    'load acquire, store release',
    'r2 = 77\nstore_release((u32 *)(r1 + 0), w2)\nr0 = load_acquire((u64 *)(r1 + 0))',
    0x887766550000004dn,
  ],
  ['unsigned compare', 'r0 = 0\nr2 = -1\nif r2 > 1 goto +1\nr0 = 1', 0n],
  ['signed compare', 'r0 = 0\nr2 = -1\nif r2 s> 1 goto +1\nr0 = 1', 1n],
  ['32-bit compare looks at low halves', 'r0 = 0\nr2 = 0x100000001 ll\nif w2 == 1 goto +1\nr0 = 1', 0n],
  ['compare with a sign-extended immediate', 'r0 = 0\nr2 = 0xffffffff ll\nif r2 == -1 goto +1\nr0 = 1', 1n],
  ['jset', 'r0 = 0\nr2 = 0x100000000 ll\nr3 = 0x100000000 ll\nif r2 & r3 goto +1\nr0 = 1', 0n],
  [
    'jset32 does not see the upper half',
    'r0 = 0\nr2 = 0x100000000 ll\nr3 = 0x100000000 ll\nif w2 & w3 goto +1\nr0 = 1',
    1n,
  ],
  ['gotol', 'r0 = 0\ngotol end\nr0 = 1\nend:', 0n],
  ['may_goto falls through while there is budget', 'r0 = 0\nmay_goto +1\nr0 = 1', 1n],
  [
    'local calls keep r6 to r9 and give r0',
    'r6 = 1\nr7 = 2\nr1 = 10\ncall f\nr0 += r6\nr0 += r7\nexit\nf:\nr6 = 100\nr7 = 200\nr0 = r1\nr0 += 5',
    18n,
  ],
  [
    'each call has its own stack',
    '*(u64 *)(r10 - 8) = 1\ncall f\nr0 = *(u64 *)(r10 - 8)\nexit\nf:\n*(u64 *)(r10 - 8) = 2\nr0 = 0',
    1n,
  ],
  [
    "a callee writes through a pointer to the caller's stack",
    'r1 = r10\nr1 += -8\ncall f\nr0 = *(u64 *)(r10 - 8)\nexit\nf:\n*(u64 *)(r1 + 0) = 4\nr0 = 0',
    4n,
  ],
  ['past the input', 'r0 = *(u8 *)(r1 + 16)', 'fault'],
  ['before the input', 'r0 = *(u8 *)(r1 - 1)', 'fault'],
  ['half past the input', 'r0 = *(u64 *)(r1 + 9)', 'fault'],
  ['below the stack', '*(u8 *)(r10 - 513) = 1', 'fault'],
  ['above the stack', 'r0 = *(u8 *)(r10 + 0)', 'fault'],
  ['null', 'r3 = 0\nr0 = *(u64 *)(r3 + 0)', 'fault'],
  ['endless loop', 'goto -1', 'fault'],
  ['too many calls', 'call f\nexit\nf:\ncall f', 'fault'],
];

for (const [name, text, expected] of CASES) {
  test(name, () => {
    const object = programFromAssembly(`.section sockops\nmain:\n${text}\nexit\n.license "GPL"`, {
      file: 'case.bpfasm',
    });
    assert.ok(!hasErrors(object.problems));
    const ends = DRIVERS.map((driver) => driver.run(object.programs[0]!.bytes, INPUT, 10_000));
    for (const [i, end] of ends.entries()) {
      const who = DRIVERS[i]!.name;
      if (expected === 'fault') assert.equal(end.kind, 'fault', who);
      else assert.equal(end.kind === 'returned' ? end.r0 : `fault at ${end.slot}`, BigInt.asUintN(64, expected), who);
    }
    if (expected !== 'fault') assert.deepEqual(ends.slice(1), ends.slice(0, -1), 'same count and memory everywhere');
  });
}
