// Three machines on the same random programs: the reference interpreter written from the standard, the interpreter of src/vm, and
// compiled code. The first decides what is right; the last two must agree in everything, to the state of every byte.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant, Random } from '../../src/base/index.ts';
import { wasmParts } from '../../src/host/wasm.ts';
import { decodeProgram, formatInsn } from '../../src/isa/index.ts';
import { viewFor } from '../../src/kernel/index.ts';
import { type CallEnd, createVm, type KernelPort, type VirtualMachine, type VmOptions } from '../../src/vm/index.ts';
import { MEMORY_BYTES, type RandomProgramOptions, randomProgram } from '../support/random-program.ts';
import { type ReferenceEnd, referenceRun } from '../support/reference-interpreter.ts';

const NOW = 123_456_789;
const PORT: KernelPort = {
  now: () => instant(NOW),
  random: () => 0xdeadbeef,
  cpu: 3,
  cpuCount: 4,
  hz: 1000,
  task: { pid: 1, tgid: 1, uid: 0, gid: 0, comm: 'test', cgroupId: 1n },
  event: () => {},
  socket: undefined,
};
const VIEW = viewFor('7.2');

/** A machine with several programs, "0", "1", ...: making one costs more than running one. */
function machine(programs: readonly Uint8Array[], parts: Partial<VmOptions>): VirtualMachine {
  const named = programs.map((bytes, index) => ({ name: String(index), bytes }));
  const { value, problems } = createVm({ programs: named, maps: [], view: VIEW, ...parts });
  assert.deepEqual(problems, []);
  return value!;
}

interface Outcome {
  readonly end: CallEnd;
  readonly address: bigint;
  readonly registers: readonly bigint[];
  readonly memory: Uint8Array;
}

/** What ktime_get_ns gives on this machine; the reference has to give the same. */
const KTIME = (() => {
  const bytes = Uint8Array.from([0x85, 0, 0, 0, 5, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]);
  const end = machine([bytes], {}).callRaw({ program: '0', port: PORT, memory: undefined });
  return end.kind === 'returned' ? end.r0 : 0n;
})();

const input = (): Uint8Array => Uint8Array.from({ length: MEMORY_BYTES }, (_, at) => (at * 37 + 11) & 0xff);

function runOn(vm: VirtualMachine, program: number, budget: number): Outcome {
  vm.beginRaw({ program: String(program), port: PORT, memory: input(), budget });
  const address = vm.register(1);
  const end = vm.run();
  assert.notEqual(end.kind, 'paused');
  return {
    end: end as CallEnd,
    address,
    registers: Array.from({ length: 11 }, (_, register) => vm.register(register)),
    memory: vm.readMemory(address, MEMORY_BYTES),
  };
}

function reference(
  bytes: Uint8Array,
  address: bigint,
  budget: number,
): { readonly end: ReferenceEnd; readonly memory: Uint8Array } {
  const memory = input();
  const results: Readonly<Record<number, bigint>> = { 5: KTIME, 7: 0xdeadbeefn, 8: 3n };
  const end = referenceRun({
    program: bytes,
    registers: [0n, address, BigInt(MEMORY_BYTES)],
    regions: [{ address, bytes: memory, writable: true }],
    budget,
    helper: (id) => results[id],
    maxFrames: Math.max(8, VIEW.limit('call-frames')),
  });
  return { end, memory };
}

const listing = (bytes: Uint8Array): string =>
  decodeProgram(bytes)
    .flatMap((insn) =>
      insn === undefined ? [] : [`${insn.slot}: ${formatInsn(insn, { dialect: 'source', numbers: 'decimal' })}`],
    )
    .join('\n');

/** Adds the program to the message of a failure, which would cost too much to write for every success. */
function inContext(context: () => string, body: () => void): void {
  try {
    body();
  } catch (error) {
    if (error instanceof Error) error.message = `${error.message}\n${context()}`;
    throw error;
  }
}

/** What the standard says of an outcome. */
function check(bytes: Uint8Array, { end, address, registers, memory }: Outcome, budget: number): void {
  const expected = reference(bytes, address, budget);
  if (expected.end.kind === 'exit') {
    assert.equal(end.kind, 'returned');
    assert.equal(end.insns, expected.end.insns);
    assert.deepEqual(registers.slice(0, 10), expected.end.registers.slice(0, 10));
  } else {
    const why = end.kind === 'fault' ? end.fault.kind : end.kind;
    if (expected.end.kind === 'budget') assert.equal(why, 'budget-exhausted');
    else assert.ok(end.kind === 'fault' && why !== 'budget-exhausted', `${expected.end.why}, but ${why}`);
  }
  assert.deepEqual(memory, expected.memory);
}

const BATCH = 50;

/** Runs programs on all three machines and compares; gives how often they ended how. */
function campaign(
  count: number,
  options: RandomProgramOptions,
  firstSeed: number,
  budgetOf: (seed: number) => number,
  compileAfter = 0,
): Map<string, number> {
  const ends = new Map<string, number>();
  for (let first = firstSeed; first < firstSeed + count; first += BATCH) {
    const programs = Array.from({ length: BATCH }, (_, index) => randomProgram(new Random(first + index), options));
    const interpreter = machine(programs, {});
    const compiler = machine(programs, wasmParts({ compileAfter }));
    programs.forEach((bytes, index) => {
      const budget = budgetOf(first + index);
      const context = () => `program ${first + index}, budget ${budget}\n${listing(bytes)}`;
      const interpreted = runOn(interpreter, index, budget);
      inContext(context, () => {
        assert.deepEqual(runOn(compiler, index, budget), interpreted);
        check(bytes, interpreted, budget);
      });
      ends.set(interpreted.end.kind, (ends.get(interpreted.end.kind) ?? 0) + 1);
    });
    assert.equal(compiler.stateHash(), interpreter.stateHash(), `programs from ${first} on`);
  }
  return ends;
}

test('tame programs: every machine gives the same registers, memory and number of instructions', () => {
  const ends = campaign(200, { statements: 25, style: 'tame' }, 1000, () => 1_000_000);
  assert.equal(ends.get('returned'), 200);
});

test('wild programs: the same faults at the same places, and the same state when the budget ends anywhere', () => {
  const ends = campaign(250, { statements: 20, style: 'wild' }, 5000, (seed) => 50 + ((seed * 7919) % 1500));
  assert.ok((ends.get('fault') ?? 0) > 25 && (ends.get('returned') ?? 0) > 25, JSON.stringify([...ends]));
});

test('changing over to compiled code in the middle of a run changes nothing', () => {
  for (const compileAfter of [1, 37, 90])
    campaign(50, { statements: 30, style: 'wild' }, 20_000 + compileAfter, () => 5000, compileAfter);
});

test('stopping at any instruction gives the state of single steps', () => {
  for (let seed = 9000; seed < 9010; seed++) {
    const bytes = randomProgram(new Random(seed), { statements: 8, style: 'wild' });
    const call = { program: '0', port: PORT, memory: input(), budget: 400 };
    const stepped = machine([bytes], wasmParts({ compileAfter: 0 }));
    const compiled = machine([bytes], wasmParts({ compileAfter: 0 }));
    const before = compiled.snapshot();
    stepped.beginRaw(call);
    for (let insns = 1; insns < 150; insns++) {
      const end = stepped.step();
      compiled.restore(before);
      compiled.beginRaw(call);
      const run = compiled.run({ insns });
      const context = () => `program ${seed} after ${insns}\n${listing(bytes)}`;
      inContext(context, () => {
        for (let register = 0; register <= 10; register++)
          assert.equal(compiled.register(register), stepped.register(register));
        assert.equal(compiled.slot, stepped.slot);
        assert.equal(compiled.insns, stepped.insns);
        if (insns % 16 === 0) assert.equal(compiled.stateHash(), stepped.stateHash());
      });
      if (end.kind !== 'ran') {
        assert.deepEqual(run, end);
        break;
      }
    }
  }
});
