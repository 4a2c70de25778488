// Programs that nobody in good faith would write: the verifier ends in bounded time and memory with a verdict, whatever it is given.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import { explain, verify } from '../../src/verifier/index.ts';
import {
  ask,
  assembled,
  call,
  exit,
  insn,
  loadInsn,
  mapDefinition,
  mapFd,
  movImm,
  storeImmInsn,
  view,
} from './support.ts';

const KERNEL = view('6.18');

test('no bytes, half an instruction, half a 64-bit constant', () => {
  assert.equal(ask([], KERNEL).refusal?.reason.kind, 'no-instructions');
  for (let length = 1; length < 24; length++) {
    const verdict = verify({ bytes: new Uint8Array(length).fill(0xb7), maps: [], license: 'GPL' }, KERNEL);
    assert.equal(verdict.accepted, false);
  }
  const half = ask([movImm(0, 1), insn(0x18, 1)], KERNEL);
  assert.equal(half.accepted, false);
});

test('random bytes and mutated programs', () => {
  const random = new Random(20);
  const maps = [mapDefinition('hash', 1), mapDefinition('ringbuf', 2, { keySize: 0, valueSize: 0, maxEntries: 4096 })];
  const good = [
    storeImmInsn(10, 0, -8, 8),
    mapFd(1, 1),
    insn(0xbf, 2, 10),
    insn(0x07, 2, 0, 0, -4),
    call(1),
    insn(0x15, 0, 0, 1, 0),
    loadInsn(1, 0, 0, 8),
    movImm(0, 1),
    exit(),
  ].flat();
  const kinds = new Set<string>();
  for (let i = 0; i < 6000; i++) {
    const bytes =
      i % 3 === 0
        ? Uint8Array.from({ length: 8 * (1 + random.below(24)) }, () => random.below(256))
        : Uint8Array.from(good);
    if (i % 3 !== 0) for (let n = 0; n <= random.below(4); n++) bytes[random.below(bytes.length)] = random.below(256);
    const kernel = i % 2 === 0 ? KERNEL : view(['4.14', '5.10', '6.1', 'upstream'][i % 4]!);
    const input = { bytes, maps, license: 'GPL' };
    const verdict = verify(input, kernel, { logLevel: [0, 1, 2][i % 3] as 0 | 1 | 2, budget: 20_000 });
    if (verdict.refusal !== undefined) kinds.add(verdict.refusal.reason.kind);
    if (i % 40 === 0) explain(verdict, input, kernel);
  }
  assert.ok(kinds.size > 20, `${kinds.size} kinds of refusals`);
});

test('a map that does not exist', () => {
  assert.equal(ask([mapFd(1, 77), movImm(0, 1), exit()], KERNEL).message, 'fd 77 is not pointing to valid bpf_map');
});

test('the largest program, and one more', () => {
  const straight = (count: number): Uint8Array => {
    const bytes = new Uint8Array(count * 8);
    bytes.set(movImm(0, 1));
    for (let filled = 8; filled < bytes.length; filled *= 2) bytes.copyWithin(filled, 0, filled);
    bytes.set(exit(), (count - 1) * 8);
    return bytes;
  };
  const most = verify({ bytes: straight(1_000_000), maps: [], license: 'GPL' }, KERNEL);
  assert.equal(most.accepted, true, most.message);
  assert.equal(most.stats.processedInsns, 1_000_000);
  const more = verify({ bytes: straight(1_000_001), maps: [], license: 'GPL' }, KERNEL);
  assert.equal(more.refusal?.reason.kind, 'too-many-instructions');
});

test('a loop that is too long for the kernel', () => {
  const input = assembled('r6 = 0\nagain:\nr6 += 1\nif r6 < 5000000 goto again\nr0 = 0\nexit');
  const verdict = verify(input, KERNEL);
  assert.equal(verdict.message, 'BPF program is too large. Processed 1000001 insn');
  assert.equal(verdict.refusal?.errno, 7);
});

test('branches on unknown values that double the paths', () => {
  // Every branch leaves another number in a register that is needed at the end, so that no path covers another.
  const lines = ['r6 = r1', 'r7 = 0'];
  for (let i = 0; i < 24; i++)
    lines.push('w2 = *(u32 *)(r6 + 0)', `if w2 == ${i} goto l${i}`, `r7 += ${2 ** i}`, `l${i}:`);
  lines.push('r1 = r10', 'r7 &= 7', 'r1 += r7', '*(u8 *)(r1 - 16) = 1', 'r0 = 0', 'exit');
  const verdict = verify(assembled(lines.join('\n')), KERNEL, { budget: 60_000 });
  assert.ok(verdict.accepted || verdict.refusal?.reason.kind === 'too-complex');
  assert.ok(verdict.stats.processedInsns <= 60_001);
});

test('a budget ends the work', () => {
  const input = assembled('r6 = 0\nagain:\nr6 += 1\nif r6 < 100000 goto again\nr0 = 0\nexit');
  assert.equal(verify(input, KERNEL, { budget: 500 }).refusal?.reason.kind, 'too-complex');
});
