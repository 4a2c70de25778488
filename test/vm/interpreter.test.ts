// The interpreter against the reference written from RFC 9669: random programs, the same registers, memory and count at the end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import {
  type AluFunction,
  type AtomicFunction,
  encodeBytes,
  type Insn,
  type JumpFunction,
} from '../../src/isa/index.ts';
import { viewFor } from '../../src/kernel/index.ts';
import { createVm } from '../../src/vm/index.ts';
import { referenceRun } from '../support/reference-interpreter.ts';
import { fakePort } from './support.ts';

const ALU: readonly AluFunction[] = [
  'add',
  'sub',
  'mul',
  'div',
  'sdiv',
  'or',
  'and',
  'lsh',
  'rsh',
  'mod',
  'smod',
  'xor',
  'mov',
  'movsx8',
  'movsx16',
  'movsx32',
  'arsh',
];
const JUMPS: readonly JumpFunction[] = ['eq', 'gt', 'ge', 'set', 'ne', 'sgt', 'sge', 'lt', 'le', 'slt', 'sle'];
const ATOMICS: readonly AtomicFunction[] = ['add', 'or', 'and', 'xor', 'xchg', 'cmpxchg'];
const EDGES = [
  0n,
  1n,
  -1n,
  2n,
  31n,
  32n,
  63n,
  64n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  1n << 62n,
  1n << 63n,
  -(1n << 31n),
  -(1n << 63n),
];
const INPUT_BYTES = 64;

/** r0 to r7 are data, r9 points to the input, r8 counts loop rounds. */
function randomProgram(random: Random): Insn[] {
  const insns: Insn[] = [];
  let slot = 0;
  const push = (insn: Insn) => {
    insns.push({ ...insn, slot });
    slot += insn.kind === 'load-imm64' ? 2 : 1;
  };
  const reg = () => random.below(8);
  const value = (): bigint =>
    random.below(3) === 0 ? random.pick(EDGES) : (BigInt(random.u32()) << 32n) | BigInt(random.u32());
  const imm = () => (random.below(2) === 0 ? Number(BigInt.asIntN(32, random.pick(EDGES))) : random.u32() | 0);
  push({ kind: 'alu', width: 64, fn: 'mov', dst: 9, src: { kind: 'reg', reg: 1 }, slot: 0 });
  for (let dst = 0; dst < 8; dst++) {
    const bits = BigInt.asUintN(64, value());
    push({
      kind: 'load-imm64',
      dst,
      source: 'value',
      low: Number(bits & 0xffffffffn),
      high: Number(bits >> 32n),
      slot: 0,
    });
  }
  for (let at = -8; at >= -64; at -= 8)
    push({ kind: 'store', size: 8, base: 10, offset: at, src: { kind: 'reg', reg: reg() }, slot: 0 });
  push({ kind: 'alu', width: 64, fn: 'mov', dst: 8, src: { kind: 'imm', value: 3 }, slot: 0 });
  const loopStart = slot;
  const length = 5 + random.below(30);
  const bodyEnd = loopStart + length;
  while (slot < bodyEnd) {
    const width = random.below(2) === 0 ? 32 : 64;
    const size = random.pick([1, 2, 4, 8] as const);
    // Any alignment inside the input or the initialised stack.
    const base = random.below(2) === 0 ? 9 : 10;
    const offset = (base === 9 ? 0 : -64) + random.below(INPUT_BYTES - size + 1);
    switch (random.below(9)) {
      case 0:
      case 1:
      case 2: {
        const fn = random.pick(ALU);
        const extending = fn.startsWith('movsx');
        push({
          kind: 'alu',
          width: fn === 'movsx32' ? 64 : width,
          fn,
          dst: reg(),
          src: extending || random.below(2) === 0 ? { kind: 'reg', reg: reg() } : { kind: 'imm', value: imm() },
          slot: 0,
        });
        break;
      }
      case 3:
        push(
          random.below(2) === 0
            ? { kind: 'neg', width, dst: reg(), slot: 0 }
            : {
                kind: 'endian',
                fn: random.pick(['le', 'be', 'bswap'] as const),
                bits: random.pick([16, 32, 64] as const),
                dst: reg(),
                slot: 0,
              },
        );
        break;
      case 4:
        push({
          kind: 'load',
          size,
          signExtend: size !== 8 && random.below(3) === 0,
          dst: reg(),
          base,
          offset,
          slot: 0,
        });
        break;
      case 5:
        push({
          kind: 'store',
          size,
          base,
          offset,
          src: random.below(2) === 0 ? { kind: 'reg', reg: reg() } : { kind: 'imm', value: imm() },
          slot: 0,
        });
        break;
      case 6: {
        const fn = random.pick(ATOMICS);
        const wide = random.below(2) === 0 ? 8 : 4;
        const room = Math.floor((INPUT_BYTES - wide) / wide);
        push({
          kind: 'atomic',
          size: wide,
          fn,
          fetch: fn === 'xchg' || fn === 'cmpxchg' || random.below(2) === 0,
          base,
          offset: (base === 9 ? 0 : -64) + wide * random.below(room + 1),
          src: reg(),
          slot: 0,
        });
        break;
      }
      case 7:
        push({
          kind: 'jump-if',
          width,
          fn: random.pick(JUMPS),
          dst: reg(),
          src: random.below(2) === 0 ? { kind: 'reg', reg: reg() } : { kind: 'imm', value: imm() },
          target: Math.min(bodyEnd, slot + 1 + random.below(5)),
          slot: 0,
        });
        break;
      default:
        push(
          random.below(2) === 0
            ? { kind: 'load-acquire', size, dst: reg(), base, offset: base === 9 ? 0 : -64, slot: 0 }
            : { kind: 'store-release', size, base, offset: base === 9 ? 8 : -56, src: reg(), slot: 0 },
        );
    }
  }
  push({ kind: 'alu', width: 64, fn: 'sub', dst: 8, src: { kind: 'imm', value: 1 }, slot: 0 });
  push({ kind: 'jump-if', width: 64, fn: 'ne', dst: 8, src: { kind: 'imm', value: 0 }, target: loopStart, slot: 0 });
  push({ kind: 'exit', slot: 0 });
  return insns;
}

function bytesOf(insns: readonly Insn[]): Uint8Array {
  const parts = insns.map((insn) => {
    const encoding = encodeBytes(insn);
    assert.ok(encoding.kind === 'encoded', JSON.stringify(encoding));
    return encoding.bytes;
  });
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

test('random programs end as the reference says', () => {
  const view = viewFor('7.2');
  for (let seed = 1; seed <= 800; seed++) {
    const random = new Random(seed);
    const program = bytesOf(randomProgram(random));
    const input = Uint8Array.from({ length: INPUT_BYTES }, () => random.below(256));
    const expectedMemory = input.slice();
    const expected = referenceRun({
      program,
      registers: [0n, 0x1000n, BigInt(INPUT_BYTES)],
      regions: [{ address: 0x1000n, bytes: expectedMemory, writable: true }],
      budget: 10_000,
    });
    const vm = createVm({ programs: [{ name: 'random', bytes: program }], maps: [], view }).value!;
    const end = vm.callRaw({ program: 'random', port: fakePort(), memory: input });
    assert.equal(
      expected.kind,
      'exit',
      `seed ${seed}: ${JSON.stringify(expected, (_, v) => (typeof v === 'bigint' ? `${v}` : v))}`,
    );
    assert.equal(end.kind, 'returned', `seed ${seed}`);
    if (expected.kind !== 'exit') continue;
    const got = Array.from({ length: 9 }, (_, register) => vm.register(register));
    assert.deepEqual(got, expected.registers.slice(0, 9), `registers, seed ${seed}`);
    assert.equal(end.insns, expected.insns, `retired instructions, seed ${seed}`);
    assert.deepEqual(vm.readMemory(vm.register(9), INPUT_BYTES), expectedMemory, `memory, seed ${seed}`);
  }
});

test('stepping, running in pieces and running whole give the same', () => {
  const view = viewFor('7.2');
  for (let seed = 2000; seed < 2060; seed++) {
    const random = new Random(seed);
    const program = bytesOf(randomProgram(random));
    const input = Uint8Array.from({ length: INPUT_BYTES }, () => random.below(256));
    const make = () => createVm({ programs: [{ name: 'random', bytes: program }], maps: [], view }).value!;
    const whole = make();
    const end = whole.callRaw({ program: 'random', port: fakePort(), memory: input });
    const stepped = make();
    stepped.beginRaw({ program: 'random', port: fakePort(), memory: input });
    let steps = 0;
    let last = stepped.step();
    for (; last.kind === 'ran'; steps++) {
      assert.equal(stepped.insns, steps + 1);
      last = stepped.step();
    }
    assert.deepEqual(last, end);
    const pieces = make();
    pieces.beginRaw({ program: 'random', port: fakePort(), memory: input });
    for (let at = 7; ; at += 7) {
      const result = pieces.run({ insns: at });
      if (result.kind !== 'paused') {
        assert.deepEqual(result, end);
        break;
      }
      assert.equal(pieces.insns, at);
    }
    assert.equal(stepped.stateHash(), whole.stateHash());
    assert.equal(pieces.stateHash(), whole.stateHash());
  }
});
