// What the machine's tests share: a program from assembly text, a kernel made of fixed answers that writes down what it is
// asked, and a context of plain numbers.

import assert from 'node:assert/strict';
import { instant } from '../../src/base/index.ts';
import { wasmParts } from '../../src/host/wasm.ts';
import { decodeProgram } from '../../src/isa/index.ts';
import { HELPER_ROWS, type KernelView, MAP_TYPES, viewFor } from '../../src/kernel/index.ts';
import { type MapDefinition, programFromAssembly } from '../../src/object/index.ts';
import {
  type CallEnd,
  type ContextSource,
  createVm,
  faultText,
  type KernelPort,
  type SocketPort,
  type VirtualMachine,
  type VmEvent,
  type VmOptions,
} from '../../src/vm/index.ts';

const helperId = (name: string): number | undefined => HELPER_ROWS.find((row) => row.name === name)?.id;
const mapTypeId = (type: string): number | undefined =>
  MAP_TYPES.find((row) => row.name === `BPF_MAP_TYPE_${type.toUpperCase().replaceAll('-', '_')}`)?.id;

export interface FakePort extends KernelPort {
  readonly events: VmEvent[];
  time: number;
  cpu: number;
  socket: SocketPort | undefined;
}

export function fakePort(overrides: Partial<KernelPort> = {}): FakePort {
  const events: VmEvent[] = [];
  const port: FakePort = {
    events,
    time: 0,
    now: () => instant(port.time),
    random: () => 0x12345678,
    cpu: 0,
    cpuCount: 2,
    hz: 250,
    task: { pid: 4711, tgid: 4700, uid: 1000, gid: 100, comm: 'curl', cgroupId: 77n },
    event: (event) => events.push(event),
    socket: undefined,
    ...overrides,
  };
  return port;
}

/** A socket on which everything succeeds and is written down. */
export function fakeSocket(calls: unknown[][] = [], overrides: Partial<SocketPort> = {}): SocketPort {
  const note =
    (name: string, result: number) =>
    (...args: unknown[]): number => {
      calls.push([name, ...args]);
      return result;
    };
  return {
    op: 4,
    setsockopt: note('setsockopt', 0),
    getsockopt: (level, option, buffer) => {
      calls.push(['getsockopt', level, option, buffer.length]);
      buffer[0] = 42;
      return 0;
    },
    setCallbackFlags: note('setCallbackFlags', 0),
    loadHeaderOption: note('loadHeaderOption', 4),
    storeHeaderOption: note('storeHeaderOption', 0),
    reserveHeaderOption: note('reserveHeaderOption', 0),
    socketCookie: () => 0x123456789an,
    netnsCookie: () => 9n,
    sockMapCheck: () => 0,
    enableTxTimestamp: note('enableTxTimestamp', -95),
    socketId: 7,
    family: 2,
    fillSock: (image) => {
      image[4] = 2;
      image[16] = 99;
    },
    fillTcpSock: (image) => {
      image[0] = 10;
      return true;
    },
    ...overrides,
  };
}

export interface FakeContext extends ContextSource {
  readonly words: Map<number, number>;
  packet: Uint8Array | undefined;
  fills: string[];
}

/** A context whose 32-bit words stand in `words` by offset. */
export function fakeContext(words: Record<number, number> = {}, overrides: Partial<ContextSource> = {}): FakeContext {
  const map = new Map(Object.entries(words).map(([offset, value]) => [Number(offset), value]));
  const fills: string[] = [];
  return {
    words: map,
    fills,
    fill(image, when) {
      fills.push(when);
      for (const [offset, value] of map) image.setUint32(offset, value, true);
    },
    packet: undefined,
    hasSock: true,
    isFullSock: true,
    isLocked: true,
    writeTxHash: (value) => map.set(164, value),
    ...overrides,
  };
}

export interface LoadOptions {
  readonly kernel?: string;
  readonly vm?: Partial<VmOptions>;
  /** Names of the kernel functions that the text calls by number (`call kfunc 1`). */
  readonly kfuncs?: Record<number, string>;
  /** Changes definitions that the text made, by name (BTF ids, initial bytes). */
  readonly maps?: Record<string, Partial<MapDefinition>>;
}

let last: { readonly text: string; readonly object: ReturnType<typeof programFromAssembly> } | undefined;

/** A machine for an assembly text; the text must assemble. Its programs keep their names. */
export function load(text: string, options: LoadOptions = {}): VirtualMachine {
  // One text often runs on several engines in turn.
  const object =
    last?.text === text ? last.object : programFromAssembly(text, { file: 'test.bpfasm', helperId, mapTypeId });
  last = { text, object };
  assert.deepEqual(
    object.problems.filter((problem) => problem.severity === 'error').map((problem) => problem.message),
    [],
  );
  const view: KernelView = viewFor(options.kernel ?? '6.18');
  const programs = object.programs.map((program) => ({
    ...program,
    kfuncReferences: decodeProgram(program.bytes).flatMap((insn) => {
      const name = insn?.kind === 'call-kfunc' ? options.kfuncs?.[insn.btfId] : undefined;
      return insn?.kind === 'call-kfunc' && name !== undefined ? [{ slot: insn.slot, btfId: insn.btfId, name }] : [];
    }),
  }));
  const made = createVm({
    programs,
    maps: object.maps.map((map) => ({ ...map, ...options.maps?.[map.name] })),
    view,
    // test/wasm/vm-suite.test.ts runs the tests of this folder a second time, on compiled code.
    ...(process.env['SOCKSCOPE_ENGINE'] === 'compiled' ? wasmParts({ compileAfter: 0 }) : {}),
    ...options.vm,
  });
  assert.deepEqual(made.problems, []);
  return made.value!;
}

export interface RunOptions extends LoadOptions {
  readonly port?: KernelPort;
  readonly context?: ContextSource;
  readonly budget?: number;
}

export interface Ran {
  readonly vm: VirtualMachine;
  readonly port: FakePort;
  readonly end: CallEnd;
}

/** Runs the first program of a text once, with a context. */
export function run(text: string, options: RunOptions = {}): Ran {
  const vm = load(text, options);
  const port = (options.port ?? fakePort()) as FakePort;
  const end = vm.call({
    program: vm.programs[0]!.name,
    port,
    context: options.context ?? fakeContext(),
    ...(options.budget === undefined ? {} : { budget: options.budget }),
  });
  return { vm, port, end };
}

/** r0 of a run that must not fault, as a signed number. */
export function resultOf(end: CallEnd): bigint {
  assert.equal(end.kind === 'fault' ? faultText(end.fault) : 'returned', 'returned');
  return BigInt.asIntN(64, (end as Extract<CallEnd, { kind: 'returned' }>).r0);
}

/** The words of a fault that must have happened, with its place. */
export function faultOf(end: CallEnd): string {
  assert.equal(end.kind, 'fault');
  return end.kind === 'fault' ? `${end.fault.place.slot}: ${faultText(end.fault)}` : '';
}

/** Little-endian bytes of 32-bit numbers. */
export const u32s = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
export const u64s = (...values: bigint[]): Uint8Array => new Uint8Array(BigUint64Array.from(values).buffer);
