// Runs a fixture's program in the virtual machine, one instruction at a time, against a context of plain numbers.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { instant } from '../../src/base/index.ts';
import { parseTarget, viewFor } from '../../src/kernel/index.ts';
import { type BpfObject, type LocationMachine, readObject } from '../../src/object/index.ts';
import {
  type ContextSource,
  createVm,
  type KernelPort,
  type SocketPort,
  type VirtualMachine,
} from '../../src/vm/index.ts';

const folder = path.resolve(import.meta.dirname, '../fixtures');

export function loadFixture(name: string): BpfObject {
  return readObject(new Uint8Array(readFileSync(path.join(folder, 'obj', name))), { file: name });
}

/** Lines of the C source of a fixture object. */
export function sourceOf(name: string): string[] {
  return readFileSync(path.join(folder, 'c', `${name.split('.')[0]}.bpf.c`), 'utf8').split('\n');
}

/** Context fields by byte offset. */
export type Fields = Readonly<Record<number, number>>;

const kernel = parseTarget('6.12').value!;

export function machineFor(object: BpfObject): VirtualMachine {
  const { value, problems } = createVm({ programs: object.programs, maps: object.maps, view: viewFor(kernel) });
  assert.ok(value !== undefined, JSON.stringify(problems));
  return value;
}

/** A socket that agrees to everything. */
function socket(op: number): SocketPort {
  return {
    op,
    setsockopt: () => 0,
    getsockopt: (_level, _option, buffer) => {
      buffer.fill(0x11);
      return 0;
    },
    setCallbackFlags: () => 0,
    loadHeaderOption: () => -42,
    storeHeaderOption: () => 0,
    reserveHeaderOption: () => 0,
    socketCookie: () => 0x1234n,
    netnsCookie: () => 1n,
    sockMapCheck: () => 0,
    enableTxTimestamp: () => 0,
    socketId: 1,
  };
}

function port(op: number): KernelPort {
  let drawn = 0;
  return {
    now: () => instant(1_000_000_000),
    random: () => (drawn = (drawn * 69069 + 12345) >>> 0),
    cpu: 0,
    cpuCount: 2,
    hz: 250,
    task: { pid: 1, tgid: 1, uid: 0, gid: 0, comm: 'test', cgroupId: 1n },
    event: () => undefined,
    socket: socket(op),
  };
}

function context(fields: Fields): ContextSource {
  return {
    fill: (image) => {
      for (const [offset, value] of Object.entries(fields)) image.setUint32(Number(offset), value, true);
    },
    packet: undefined,
    hasSock: true,
    isFullSock: true,
    isLocked: true,
    writeTxHash: () => undefined,
  };
}

/** Steps through one call; `before` sees the machine before each instruction. */
export function stepThrough(vm: VirtualMachine, program: string, fields: Fields, before: () => void): void {
  vm.begin({ program, port: port(fields[0] ?? 0), context: context(fields) });
  for (let count = 0; count < 100_000; count++) {
    before();
    const result = vm.step();
    if (result.kind === 'ran') continue;
    assert.equal(
      result.kind,
      'returned',
      JSON.stringify(result, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
    );
    return;
  }
  assert.fail('the program does not end');
}

/** The innermost frame as readVariable() wants it. */
export function innermost(vm: VirtualMachine): LocationMachine {
  const frame = vm.frames()[0]!;
  return {
    register: (number) => frame.registers[number],
    framePointer: frame.registers[10],
    readMemory: (address, length) => {
      const bytes = vm.readMemory(address, length);
      return bytes.length === length ? bytes : undefined;
    },
    mapAddress: (fd) => vm.map(fd)?.addressOf(new Uint8Array(4)),
  };
}
