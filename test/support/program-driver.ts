// One way to run a bare program, whoever executes it: the interpreter, compiled code, the reference. The same fixtures run on all
// of them and must agree.

import { instant } from '../../src/base/index.ts';
import { WASM_PARTS } from '../../src/host/index.ts';
import { viewFor } from '../../src/kernel/index.ts';
import { createVm, type KernelPort, type VmOptions } from '../../src/vm/index.ts';
import { referenceRun } from './reference-interpreter.ts';

export type DriverEnd =
  | {
      readonly kind: 'returned';
      /** Unsigned. */
      readonly r0: bigint;
      readonly insns: number;
      /** The input memory as the program left it. */
      readonly memory: Uint8Array;
    }
  | { readonly kind: 'fault'; readonly slot: number };

export interface ProgramDriver {
  readonly name: string;
  /** r1 = address of a copy of `memory`, r2 = its length. */
  run(program: Uint8Array, memory: Uint8Array, budget: number): DriverEnd;
}

const NOWHERE: KernelPort = {
  now: () => instant(0),
  random: () => 4,
  cpu: 0,
  cpuCount: 1,
  hz: 250,
  task: { pid: 1, tgid: 1, uid: 0, gid: 0, comm: 'driver', cgroupId: 1n },
  event: () => {},
  socket: undefined,
};

function machineDriver(name: string, parts: Pick<VmOptions, 'memoryFactory' | 'engine'>): ProgramDriver {
  return {
    name,
    run(program, memory, budget) {
      const made = createVm({ programs: [{ name: 'p', bytes: program }], maps: [], view: viewFor('7.2'), ...parts });
      const vm = made.value!;
      vm.beginRaw({ program: 'p', port: NOWHERE, memory, budget });
      const input = vm.register(1);
      const end = vm.run();
      if (end.kind === 'returned')
        return { kind: 'returned', r0: end.r0, insns: end.insns, memory: vm.readMemory(input, memory.length) };
      return { kind: 'fault', slot: end.kind === 'fault' ? end.fault.place.slot : -1 };
    },
  };
}

const reference: ProgramDriver = {
  name: 'reference',
  run(program, memory, budget) {
    const bytes = memory.slice();
    const end = referenceRun({
      program,
      budget,
      registers: [0n, memory.length > 0 ? 0x1000n : 0n, BigInt(memory.length)],
      regions: [{ address: 0x1000n, bytes, writable: true }],
    });
    if (end.kind === 'exit') return { kind: 'returned', r0: end.r0, insns: end.insns, memory: bytes };
    return { kind: 'fault', slot: end.slot };
  },
};

export const DRIVERS: readonly ProgramDriver[] = [
  machineDriver('interpreter', {}),
  machineDriver('compiled', WASM_PARTS),
  reference,
];
