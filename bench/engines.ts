// How fast programs run: the interpreter against compiled code, on the same machine and the same bytes. Prints millions of BPF
// instructions a second and the ratio; runs alternate, so that a busy machine slows both alike.
//
//   node --import tsx bench/engines.ts [ROUNDS]

import { loadavg } from 'node:os';
import { instant } from '../src/base/index.ts';
import { WASM_PARTS } from '../src/host/wasm.ts';
import { viewFor } from '../src/kernel/index.ts';
import { programFromAssembly } from '../src/object/index.ts';
import { createVm, type KernelPort, type VirtualMachine, type VmOptions } from '../src/vm/index.ts';

const PORT: KernelPort = {
  now: () => instant(0),
  random: () => 4,
  cpu: 0,
  cpuCount: 1,
  hz: 1000,
  task: { pid: 1, tgid: 1, uid: 0, gid: 0, comm: 'bench', cgroupId: 1n },
  event: () => {},
  socket: undefined,
};

interface Case {
  readonly name: string;
  readonly text: string;
}

const CASES: readonly Case[] = [
  {
    name: '64-bit arithmetic in a loop',
    text: `
      r0 = 0
      r1 = 0x9e3779b97f4a7c15 ll
      r2 = 200000
    1: r0 += r1
      r3 = r0
      r3 >>= 29
      r0 ^= r3
      r0 *= r1
      r2 += -1
      if r2 != 0 goto 1b
      exit`,
  },
  {
    name: '32-bit arithmetic with branches',
    text: `
      w0 = 0
      w2 = 200000
    1: w3 = w2
      w3 &= 3
      if w3 == 0 goto 2f
      w0 += w3
      w0 <<= 1
      goto 3f
    2: w0 ^= w2
    3: w2 += -1
      if w2 != 0 goto 1b
      exit`,
  },
  {
    name: 'stack: a table filled and summed',
    text: `
      r7 = 5000
    1: r1 = 0
      r2 = r10
      r2 += -512
    2: *(u64 *)(r2 + 0) = r1
      r2 += 8
      r1 += 1
      if r1 != 64 goto 2b
      r0 = 0
      r2 = r10
      r2 += -512
    3: r3 = *(u64 *)(r2 + 0)
      r0 += r3
      r2 += 8
      r1 += -1
      if r1 != 0 goto 3b
      r7 += -1
      if r7 != 0 goto 1b
      exit`,
  },
  {
    name: 'packet bytes: checksum of the input',
    text: `
      r6 = r1
      r7 = 3000
      r0 = 0
    1: r1 = r6
      r2 = 32
    2: w3 = *(u16 *)(r1 + 0)
      r3 = be16 r3
      r0 += r3
      r1 += 2
      r2 += -1
      if r2 != 0 goto 2b
      r7 += -1
      if r7 != 0 goto 1b
      exit`,
  },
  {
    name: 'map lookups and atomic counting',
    text: `
      .map counts, 2, 4, 8, 16
      r7 = 20000
    1: r1 = r7
      r1 &= 15
      *(u32 *)(r10 - 4) = w1
      r1 = counts ll
      r2 = r10
      r2 += -4
      call 1
      if r0 == 0 goto 2f
      r1 = 1
      lock *(u64 *)(r0 + 0) += r1
    2: r7 += -1
      if r7 != 0 goto 1b
      r0 = 1
      exit`,
  },
  {
    name: 'calls of a function of the program',
    text: `
      r7 = 30000
      r6 = 0
    1: r1 = r6
      call mix
      r6 = r0
      r7 += -1
      if r7 != 0 goto 1b
      r0 = r6
      exit
      .text
    mix: r0 = r1
      r0 *= 31
      r0 += 7
      r1 >>= 3
      r0 ^= r1
      exit`,
  },
];

function machine(text: string, parts: Partial<VmOptions>): VirtualMachine {
  const source = text.includes('.text') ? `.section sockops\n${text}` : text;
  const object = programFromAssembly(source, { file: 'bench.bpfasm' });
  const { value, problems } = createVm({
    programs: object.programs,
    maps: object.maps,
    view: viewFor('6.12'),
    ...parts,
  });
  if (value === undefined) throw new Error([...object.problems, ...problems].map((one) => one.message).join('\n'));
  return value;
}

/** Seconds and instructions of one call. */
function time(vm: VirtualMachine): { readonly seconds: number; readonly insns: number; readonly r0: bigint } {
  const call = { program: vm.programs[0]!.name, port: PORT, memory: new Uint8Array(64).fill(7), budget: 1 << 28 };
  const started = process.hrtime.bigint();
  const end = vm.callRaw(call);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (end.kind !== 'returned') throw new Error(JSON.stringify(end.fault));
  return { seconds, insns: end.insns, r0: end.r0 };
}

const rounds = Number(process.argv[2] ?? 12);
console.log(`load ${loadavg()[0]!.toFixed(1)}, ${rounds} rounds; the best of each counts`);
console.log(
  `${'million instructions a second'.padEnd(40)}${'interpreter'.padStart(12)}${'compiled'.padStart(12)}${'ratio'.padStart(8)}`,
);
for (const { name, text } of CASES) {
  const machines = [machine(text, {}), machine(text, WASM_PARTS)] as const;
  const best = [0, 0];
  const results = new Set<bigint>();
  for (let round = 0; round < rounds; round++) {
    machines.forEach((vm, which) => {
      const { seconds, insns, r0 } = time(vm);
      best[which] = Math.max(best[which]!, insns / seconds / 1e6);
      results.add(r0);
    });
  }
  if (results.size !== 1) throw new Error(`${name}: the engines disagree`);
  const [slow, fast] = best as [number, number];
  console.log(
    `${name.padEnd(40)}${slow.toFixed(0).padStart(12)}${fast.toFixed(0).padStart(12)}${`${(fast / slow).toFixed(1)}x`.padStart(8)}`,
  );
}
