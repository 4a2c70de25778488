// The recorder of kernel members (test/fixtures/kernel-members) on the machine and the TCP model: the same object, the same application
// as in the recordings of real kernels, read back from the same map.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type KernelView, viewFor } from '../../src/kernel/index.ts';
import { type BpfObject, type Btf, readObject } from '../../src/object/index.ts';
import type { SockOpsCall, SockOpsHook, SockOpsResult } from '../../src/tcp/index.ts';
import { createVm, type Fault, faultText, type VirtualMachine, type VmOptions } from '../../src/vm/index.ts';
import { CallContext, socketElements, type Words } from '../../src/world/context.ts';
import { KernelObjects } from '../../src/world/kernel-objects.ts';
import { CallPort, HostPort } from '../../src/world/ports.ts';
import type { LoadedProgram } from '../../src/world/programs.ts';
import { driveLoopback, networkFor } from '../tcp/support/loopback.ts';
import type { Network } from '../tcp/support/model.ts';

const FIXTURE = path.resolve(import.meta.dirname, '../fixtures/kernel-members');

/** Names of the words of a record, in order, as the program's source has them. */
export function wordNames(): readonly string[] {
  const source = readFileSync(path.join(FIXTURE, 'kernel_members.bpf.c'), 'utf8');
  const line =
    /^\t(?:M\("([^"]+)"|(?:DIRECT|NEW|COMMON|SOCK|INET|ICSK|PROBED|BITS|ICSK_BITS|COMMON_BITS)\(([^)]+)\))/gm;
  return [...source.matchAll(line)].map((match) => match[1] ?? match[2]!);
}

export function memberObject(view: KernelView, kernelBtf?: Btf): BpfObject {
  return readObject(readFileSync(path.join(FIXTURE, 'kernel_members.o')), {
    file: 'kernel_members.o',
    view,
    ...(kernelBtf === undefined ? {} : { kernelBtf }),
  });
}

export interface MemberRun {
  readonly object: BpfObject;
  readonly names: readonly string[];
  readonly records: readonly (readonly bigint[])[];
  readonly faults: readonly string[];
  readonly vm: VirtualMachine;
}

export interface MemberSetup {
  readonly kernel: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly kernelBtf?: Btf;
  /** Memory and engine of the machine: compiled code, or the interpreter where absent. */
  readonly parts?: Pick<VmOptions, 'memoryFactory' | 'engine'>;
}

/** Runs the recorder through the application of the recordings. */
export function runMembers(setup: MemberSetup): MemberRun {
  const view = viewFor(setup.kernel);
  const object = memberObject(view, setup.kernelBtf);
  const made = createVm({ programs: object.programs, maps: object.maps, view, cpuCount: 2, ...setup.parts });
  if (made.value === undefined) throw new Error(JSON.stringify([...object.problems, ...made.problems]));
  const hook = new MachineHook(view, object, made.value);
  const network = networkFor(
    { kernel: setup.kernel, family: setup.family, sysctls: SYSCTLS, congestion: 'cubic', maxHeader: 32 },
    hook,
  );
  hook.network = network;
  driveLoopback(network, { family: setup.family, congestion: 'cubic' });
  const names = wordNames();
  const count = word(elementOf(made.value, 'next', 0), 0, 4);
  const records = Array.from({ length: Number(count) }, (_, index) => {
    const value = elementOf(made.value!, 'records', index);
    return names.map((_name, at) => word(value, 8 * at, 8));
  });
  return { object, names, records, faults: hook.faults, vm: made.value };
}

function elementOf(vm: VirtualMachine, map: string, index: number): Uint8Array {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, index, true);
  const entry = vm.mapByName(map)!.lookup(key);
  if (typeof entry === 'number') throw new Error(`map ${map} has no element ${index}`);
  return entry.values[0]!;
}

/** As on the recorded machine. */
const SYSCTLS = { tcp_rmem: [4096, 131072, 33554432], tcp_wmem: [4096, 16384, 4194304], tcp_ecn: 2 } as const;

function word(bytes: Uint8Array, at: number, size: 4 | 8): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return size === 8 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true));
}

const IDLE = { pid: 0, tgid: 0, uid: 0, gid: 0, comm: 'swapper/0', cgroupId: 1n };

class MachineHook implements SockOpsHook {
  readonly faults: string[] = [];
  readonly #view: KernelView;
  readonly #object: BpfObject;
  readonly #vm: VirtualMachine;
  readonly #port: HostPort;
  network: Network | undefined;

  constructor(view: KernelView, object: BpfObject, vm: VirtualMachine) {
    this.#view = view;
    this.#object = object;
    this.#vm = vm;
    const facts = {
      cpu: 0,
      cpuCount: 2,
      hz: 250,
      now: () => this.network!.now,
      random: () => 4,
      task: () => IDLE,
      lookAtTask: () => IDLE,
    };
    this.#port = new HostPort(
      {
        hosts: { client: facts, server: facts },
        vmEvent: () => undefined,
        cgroupId: () => 1n,
        cgroupPath: () => '/',
        readMember: (id, member, clock) => this.network!.readMember(id, member, clock),
      },
      'client',
    );
    this.#port.program = { kernel: new KernelObjects(object), spec: { cgroup: '/' } } as unknown as LoadedProgram;
  }

  call(call: SockOpsCall): SockOpsResult {
    const words: Words = [call.args[0] >>> 0, call.args[1] >>> 0, call.args[2] >>> 0, call.args[3] >>> 0];
    this.#port.socket = new CallPort(call);
    this.#port.call = call;
    const end = this.#vm.call({
      program: this.#object.programs[0]!.name,
      port: this.#port,
      context: new CallContext(call, words, socketElements(this.#view)),
    });
    if (end.kind === 'fault') this.faults.push(place(end.fault));
    return { ok: end.kind === 'returned', reply: end.reply };
  }
}

const place = (fault: Fault): string => `op: instruction ${fault.place.slot}: ${faultText(fault)}`;
