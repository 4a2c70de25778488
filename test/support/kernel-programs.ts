// Bare programs and maps on the running kernel: map commands as user space gives them, and programs run once by
// BPF_PROG_TEST_RUN as a traffic classifier, which takes the same helpers on maps, memory and strings as sock_ops.

import { decodeProgram } from '../../src/isa/index.ts';
import type { Kernel } from './kernel-oracle.ts';

const MAP_LOOKUP = 1;
const MAP_UPDATE = 2;
const MAP_DELETE = 3;
const MAP_NEXT_KEY = 4;
const PROG_LOAD = 5;
const PROG_TEST_RUN = 10;
const MAP_FREEZE = 22;
const SCHED_CLS = 3;

export interface LiveMap {
  readonly fd: number;
  readonly keySize: number;
  /** Bytes of a value as the system call hands it over: all CPUs' for per-cpu maps. */
  readonly valueBytes: number;
}

export function updateMap(kernel: Kernel, map: LiveMap, key: Uint8Array, value: Uint8Array, flags: number): number {
  return kernel.command(MAP_UPDATE, (attr, place) => {
    attr.setUint32(0, map.fd, true);
    if (map.keySize > 0) attr.setBigUint64(8, place(key).address, true);
    attr.setBigUint64(16, place(value).address, true);
    attr.setBigUint64(24, BigInt(flags), true);
  });
}

/** The value, or a negative errno. `value`: what to look for in a bloom filter. */
export function lookupMap(kernel: Kernel, map: LiveMap, key: Uint8Array, value?: Uint8Array): Uint8Array | number {
  let read = (): Uint8Array => new Uint8Array(0);
  const result = kernel.command(MAP_LOOKUP, (attr, place) => {
    attr.setUint32(0, map.fd, true);
    if (map.keySize > 0) attr.setBigUint64(8, place(key).address, true);
    const placed = place(value ?? new Uint8Array(map.valueBytes));
    read = placed.read;
    attr.setBigUint64(16, placed.address, true);
  });
  return result === 0 ? read() : result;
}

export function deleteFromMap(kernel: Kernel, map: LiveMap, key: Uint8Array): number {
  return kernel.command(MAP_DELETE, (attr, place) => {
    attr.setUint32(0, map.fd, true);
    attr.setBigUint64(8, place(key).address, true);
  });
}

export function keysOfMap(kernel: Kernel, map: LiveMap): Uint8Array[] {
  const keys: Uint8Array[] = [];
  for (;;) {
    let read = (): Uint8Array => new Uint8Array(0);
    const last = keys[keys.length - 1];
    const result = kernel.command(MAP_NEXT_KEY, (attr, place) => {
      attr.setUint32(0, map.fd, true);
      if (last !== undefined) attr.setBigUint64(8, place(last).address, true);
      const placed = place(new Uint8Array(map.keySize));
      read = placed.read;
      attr.setBigUint64(16, placed.address, true);
    });
    if (result < 0) return keys;
    keys.push(read());
  }
}

export const freezeMap = (kernel: Kernel, map: LiveMap): number =>
  kernel.command(MAP_FREEZE, (attr) => attr.setUint32(0, map.fd, true));

/** The words of an instruction stream with map numbers and numbers of kernel functions replaced by the kernel's. */
function withFds(bytes: Uint8Array, fds: ReadonlyMap<number, number>, kfuncs: ReadonlyMap<number, number>): Uint8Array {
  const patched = bytes.slice();
  const view = new DataView(patched.buffer);
  for (const insn of decodeProgram(bytes))
    if (insn?.kind === 'load-imm64' && (insn.source === 'map-fd' || insn.source === 'map-value'))
      view.setInt32(8 * insn.slot + 4, fds.get(insn.low) ?? -1, true);
    else if (insn?.kind === 'call-kfunc') view.setInt32(8 * insn.slot + 4, kfuncs.get(insn.btfId) ?? -1, true);
  return patched;
}

/** BTF with `int main(void)` and `static int f1(void)`, f2 and so on: what a program with callbacks must bring along. */
function functionBtf(count: number): Uint8Array {
  const names = ['int', 'main', ...Array.from({ length: count - 1 }, (_, i) => `f${i + 1}`)];
  const offsets: number[] = [];
  let strings = '\0';
  for (const name of names) {
    offsets.push(strings.length);
    strings += `${name}\0`;
  }
  // int; int (void); the functions.
  const words = [offsets[0]!, 1 << 24, 4, (1 << 24) | 32, 0, 13 << 24, 1];
  for (const offset of offsets.slice(1)) words.push(offset, 12 << 24, 2);
  const typeBytes = words.length * 4;
  const bytes = new Uint8Array(24 + typeBytes + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, true);
  view.setUint8(2, 1);
  view.setUint32(4, 24, true);
  view.setUint32(12, typeBytes, true);
  view.setUint32(16, typeBytes, true);
  view.setUint32(20, strings.length, true);
  words.forEach((word, i) => {
    view.setUint32(24 + 4 * i, word, true);
  });
  bytes.set(new TextEncoder().encode(strings), 24 + typeBytes);
  return bytes;
}

/** Slots at which functions start, when some are callbacks, which the kernel takes with type information only. */
function functionStarts(bytes: Uint8Array): readonly number[] {
  const starts = new Set([0]);
  let hasCallback = false;
  for (const insn of decodeProgram(bytes)) {
    if (insn?.kind === 'call-local') starts.add(insn.target);
    if (insn?.kind !== 'load-imm64' || insn.source !== 'function') continue;
    starts.add(insn.slot + 1 + (insn.low | 0));
    hasCallback = true;
  }
  return hasCallback ? [...starts].sort((a, b) => a - b) : [];
}

export type LiveRun =
  | { readonly ran: true /** What it returned, in 32 bits. */; readonly returned: number }
  | { readonly ran: false; readonly why: string };

/** Runs a program once on `packet`; the reason why not where the kernel does not take it. */
export function runProgram(
  kernel: Kernel,
  bytes: Uint8Array,
  fds: ReadonlyMap<number, number>,
  kfuncs: ReadonlyMap<number, number> = new Map(),
  packet: Uint8Array = new Uint8Array(64),
): LiveRun {
  const code = withFds(bytes, fds, kfuncs);
  const starts = functionStarts(bytes);
  const btf = starts.length === 0 ? -1 : kernel.loadBtf(functionBtf(starts.length));
  let log = (): Uint8Array => new Uint8Array(0);
  const load = (logSize: number): number =>
    kernel.command(PROG_LOAD, (attr, place) => {
      attr.setUint32(0, SCHED_CLS, true);
      attr.setUint32(4, code.length / 8, true);
      attr.setBigUint64(8, place(code).address, true);
      attr.setBigUint64(16, place(new TextEncoder().encode('GPL\0')).address, true);
      if (logSize > 0) {
        const placed = place(new Uint8Array(logSize));
        log = placed.read;
        attr.setUint32(24, 1, true);
        attr.setUint32(28, logSize, true);
        attr.setBigUint64(32, placed.address, true);
      }
      if (starts.length > 0) {
        const info = new Uint8Array(Uint32Array.from(starts.flatMap((start, i) => [start, 3 + i])).buffer);
        attr.setUint32(72, btf, true);
        attr.setUint32(76, 8, true);
        attr.setBigUint64(80, place(info).address, true);
        attr.setUint32(88, starts.length, true);
      }
    });
  // A log costs more than the verification; it is wanted only where there is something to say.
  let fd = load(0);
  if (fd < 0) fd = load(1 << 20);
  if (btf >= 0) kernel.close(btf);
  if (fd < 0) {
    const text = new TextDecoder().decode(log()).split('\0')[0] ?? '';
    return { ran: false, why: `${fd}: ${text.trim().split('\n').slice(-3).join(' / ')}` };
  }
  let read = (): DataView => new DataView(new ArrayBuffer(0));
  const result = kernel.command(PROG_TEST_RUN, (attr, place) => {
    attr.setUint32(0, fd, true);
    attr.setUint32(8, packet.length, true);
    attr.setBigUint64(16, place(packet).address, true);
    attr.setUint32(32, 1, true);
    read = () => attr;
  });
  kernel.close(fd);
  return result < 0 ? { ran: false, why: `test run: ${result}` } : { ran: true, returned: read().getUint32(4, true) };
}
