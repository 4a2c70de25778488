// How fast interpreter and compiled code are: millions of instructions a second on loops of several kinds, and what a call, a snapshot
// and a restore cost. `node --import tsx bench/vm.ts [path to ubpf_test]` also times uBPF's interpreter and JIT (its own test program,
// built from its sources) on the same bytes and prints ratios. Rounds are interleaved, so that a busy machine hits all alike.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { instant } from '../src/base/index.ts';
import { WASM_PARTS } from '../src/host/wasm.ts';
import { viewFor } from '../src/kernel/index.ts';
import { type Program, programFromAssembly } from '../src/object/index.ts';
import { createVm, type KernelPort, type VirtualMachine, type VmOptions } from '../src/vm/index.ts';

const ROUNDS = 7;
const REPEATS = 3_000_000;
/** For machine code, which would be through too soon to be timed. */
const FAST_REPEATS = 60_000_000;

const LOOPS: readonly {
  readonly name: string;
  readonly body: string;
  readonly setup?: string;
  readonly tail?: string;
}[] = [
  { name: 'arithmetic', body: 'r0 += r1\nr0 ^= 0x1234\nr0 <<= 1\nr0 &= r6\nr0 -= 3', setup: 'r6 = 0x7fffffffffff ll' },
  {
    name: 'memory',
    body: '*(u64 *)(r10 - 8) = r0\nr2 = *(u64 *)(r10 - 8)\n*(u32 *)(r10 - 16) = w2\nw0 = *(u32 *)(r10 - 16)',
  },
  { name: 'branches', body: 'r2 = r1\nr2 &= 3\nif r2 == 0 goto +2\nr0 += 1\nif r2 > 2 goto +1\nr0 += 2' },
  { name: 'multiply, divide', body: 'r2 = r1\nr2 *= 0x9e3779b1\nr2 /= 7\nr0 += r2' },
  { name: '32 bits', body: 'w0 += w1\nw0 ^= 77\nw0 >>= 1\nw0 *= 5' },
  { name: 'calls', body: 'call helper', tail: 'helper:\nr0 = 1\nexit' },
];

const port: KernelPort = {
  now: () => instant(0),
  random: () => 4,
  cpu: 0,
  cpuCount: 1,
  hz: 250,
  task: { pid: 1, tgid: 1, uid: 0, gid: 0, comm: 'bench', cgroupId: 1n },
  event: () => {},
  socket: undefined,
};

const seconds = (work: () => void): number => {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e9;
};
const best = (times: readonly number[]): number => Math.min(...times);

interface Contender {
  readonly name: string;
  /** Rounds of the loop. */
  readonly repeats: number;
  /** Runs the whole loop once; seconds. */
  run(): number;
}

/** uBPF's own test program; its start is taken off the time. */
function ubpfContender(binary: string, file: string, flags: readonly string[], idle: number): Contender['run'] {
  return () => {
    const time = seconds(() => {
      const done = spawnSync(binary, [...flags, file]);
      if (done.status !== 0) throw new Error(String(done.stderr));
    });
    return Math.max(1e-6, time - idle);
  };
}

function measureLoops(binary: string | undefined): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-vm-'));
  const nothing = path.join(folder, 'nothing.bin');
  writeFileSync(nothing, Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0));
  const idle =
    binary === undefined ? 0 : best(Array.from({ length: 9 }, () => seconds(() => spawnSync(binary, [nothing]))));
  for (const loop of LOOPS) {
    const programOf = (repeats: number): Program => {
      const text = `main:\nr0 = 0\n${loop.setup ?? ''}\nr7 = ${repeats}\nr1 = r7\nloop:\n${loop.body}\nr7 -= 1\nr1 = r7\nif r7 != 0 goto loop\nexit\n${loop.tail ?? ''}`;
      return programFromAssembly(text, { file: `${loop.name}.bpfasm` }).programs[0]!;
    };
    const insns = new Map<number, number>();
    const ours = (repeats: number, parts: Partial<VmOptions>): Contender['run'] => {
      const program = programOf(repeats);
      const vm = createVm({ programs: [program], maps: [], view: viewFor('7.2'), cpuCount: 1, ...parts }).value!;
      return () =>
        seconds(() => {
          const end = vm.callRaw({ program: program.name, port, memory: undefined, budget: 1e9 });
          if (end.kind !== 'returned') throw new Error(loop.name);
          insns.set(repeats, end.insns);
        });
    };
    const contenders: Contender[] = [
      { name: 'interpreter', repeats: REPEATS, run: ours(REPEATS, {}) },
      { name: 'compiled', repeats: FAST_REPEATS, run: ours(FAST_REPEATS, WASM_PARTS) },
    ];
    if (binary !== undefined) {
      const theirs = (name: string, repeats: number, flags: readonly string[]): Contender => {
        const file = path.join(folder, `${repeats}.bin`);
        writeFileSync(file, programOf(repeats).bytes);
        return { name, repeats, run: ubpfContender(binary, file, flags, idle) };
      };
      contenders.push(theirs('uBPF interpreter', REPEATS, []), theirs('uBPF JIT', FAST_REPEATS, ['--jit']));
    }
    const times = contenders.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round++)
      for (const [i, each] of contenders.entries()) times[i]!.push(each.run());
    const rates = contenders.map(({ repeats }, i) => insns.get(repeats)! / best(times[i]!) / 1e6);
    const columns = contenders.map((each, i) => `${each.name} ${rates[i]!.toFixed(0)}`);
    const [interpreter, compiled, theirInterpreter, jit] = rates;
    const ratio =
      theirInterpreter === undefined || jit === undefined
        ? ''
        : `   interpreter / uBPF interpreter = ${(interpreter! / theirInterpreter).toFixed(2)}, compiled / uBPF JIT = ${(compiled! / jit).toFixed(2)}`;
    console.log(`${loop.name.padEnd(18)} M insns/s: ${columns.join(', ')}${ratio}`);
  }
  rmSync(folder, { recursive: true });
}

function measureMachine(): void {
  const object = programFromAssembly(
    `.map flows, hash, 4, 8, 1024
     main:
       *(u32 *)(r10 - 4) = 7
       *(u64 *)(r10 - 16) = 1
       r1 = flows ll
       r2 = r10
       r2 += -4
       r3 = r10
       r3 += -16
       r4 = 0
       call 2
       r0 = 1
       exit`,
    { file: 'call.bpfasm', mapTypeId: () => 1 },
  );
  const program = object.programs[0]!;
  const make = (): VirtualMachine =>
    createVm({ programs: [program], maps: object.maps, view: viewFor('6.12'), cpuCount: 2 }).value!;
  const vm = make();
  const call = () => vm.callRaw({ program: program.name, port, memory: undefined });
  const kept: unknown[] = [];
  const each = (name: string, count: number, work: () => void): void => {
    for (let i = 0; i < count / 4; i++) work();
    const time = best(
      Array.from({ length: 5 }, () =>
        seconds(() => {
          for (let i = 0; i < count; i++) work();
        }),
      ),
    );
    console.log(`${name.padEnd(36)} ${((time / count) * 1e6).toFixed(2)} us`);
  };
  each('create a machine', 200, () => kept.push(make().active));
  each('call (11 instructions, one map update)', 20_000, call);
  each('call and snapshot', 5_000, () => {
    call();
    kept[0] = vm.snapshot();
  });
  const snapshot = vm.snapshot();
  each('call and restore', 5_000, () => {
    call();
    vm.restore(snapshot);
  });
  each('call and state hash', 2_000, () => {
    call();
    kept[0] = vm.stateHash();
  });
}

console.log(`load average ${loadavg()[0]!.toFixed(2)}`);
measureLoops(process.argv[2]);
measureMachine();
