// The interpreter's 64-bit arithmetic against bigints.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import { divide64, modulo64, multiply64, signedDivide64, signedModulo64 } from '../../src/vm/arithmetic.ts';

const EDGES = [
  0n,
  1n,
  2n,
  3n,
  7n,
  0xffffn,
  0x10000n,
  0x10001n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x100000001n,
  (1n << 52n) - 1n,
  1n << 52n,
  (1n << 53n) - 1n,
  1n << 53n,
  (1n << 53n) + 1n,
  (1n << 62n) + 3n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 63n) + 1n,
  (1n << 64n) - 2n,
  (1n << 64n) - 1n,
] as const;

const buffer = new ArrayBuffer(32);
const regs64 = new BigInt64Array(buffer);
const regs = new Int32Array(buffer);

/** What an operation makes of register 1 with register 2, unsigned. */
function result(operation: () => void, a: bigint, b: bigint): bigint {
  regs64[1] = a;
  regs64[2] = b;
  operation();
  assert.equal(BigInt.asUintN(64, regs64[2]), b, 'the source stays');
  return BigInt.asUintN(64, regs64[1]);
}

function check(a: bigint, b: bigint): void {
  const where = `${a}, ${b}`;
  const u = (value: bigint) => BigInt.asUintN(64, value);
  const s = (value: bigint) => BigInt.asIntN(64, value);
  assert.equal(
    result(() => multiply64(regs, 1, 2), a, b),
    u(a * b),
    `${where} multiplied`,
  );
  assert.equal(
    result(() => divide64(regs64, regs, 1, 2), a, b),
    b === 0n ? 0n : a / b,
    `${where} divided`,
  );
  assert.equal(
    result(() => modulo64(regs64, regs, 1, 2), a, b),
    b === 0n ? a : a % b,
    `${where} modulo`,
  );
  assert.equal(
    result(() => signedDivide64(regs64, 1, 2), a, b),
    b === 0n ? 0n : u(s(a) / s(b)),
    `${where} divided, signed`,
  );
  assert.equal(
    result(() => signedModulo64(regs64, 1, 2), a, b),
    b === 0n ? a : u(s(a) % s(b)),
    `${where} modulo, signed`,
  );
}

test('edge values', () => {
  for (const a of EDGES) for (const b of EDGES) check(a, b);
  for (const a of EDGES) {
    regs64[1] = a;
    multiply64(regs, 1, 1);
    assert.equal(BigInt.asUintN(64, regs64[1]), BigInt.asUintN(64, a * a), `${a} squared`);
  }
});

test('random values of all lengths', () => {
  const random = new Random(1);
  const any = () => ((BigInt(random.u32()) << 32n) | BigInt(random.u32())) >> BigInt(random.below(64));
  for (let i = 0; i < 50_000; i++) check(any(), any());
});
