// The recorded sweeps of bpf_setsockopt() and bpf_getsockopt() (sockopt-*.json) run on the model. Each function returns the
// differences in words; an empty list means that every row came out the same.

import type { SockOpsCall } from '../../../src/tcp/index.ts';
import { connectOnce, int32, readInt32 } from './helper-sweep.ts';

interface NumberSweep {
  readonly level: number;
  readonly optname: number;
  readonly values: Readonly<Record<string, readonly [number, number | string | null]>>;
  readonly 'optlen_set(val=1)': Readonly<Record<string, number>>;
  readonly optlen_get: Readonly<Record<string, number>>;
}

interface CongestionSweep {
  readonly set: readonly {
    readonly val: string;
    readonly optlen: number;
    readonly ret: number;
    readonly after: string;
  }[];
  readonly get_len: Readonly<Record<string, readonly [number, string]>>;
}

interface DeviceSweep {
  readonly res: readonly (readonly [string, number, string, number])[];
}

type SavedSweep = readonly (readonly [readonly [number, number], number, string])[];
type ByOpSweep = Readonly<
  Record<string, readonly (readonly [readonly [number, number, string], number, string | null])[]>
>;

export interface SockoptFile {
  readonly all_optnames_not_EINVAL: Readonly<
    Record<
      'v4' | 'v6',
      Readonly<
        Record<string, { readonly get?: readonly [number, string]; readonly 'set(1)'?: readonly [number, null] }>
      >
    >
  >;
  readonly options: Readonly<Record<string, unknown>>;
}

const EINVAL = -22;
const PASSIVE_ESTABLISHED = 5;

/** The bytes of a Python literal such as b'cubic\x00'. */
function pythonBytes(literal: string): Uint8Array {
  const inner = literal.slice(2, -1);
  const out: number[] = [];
  for (let i = 0; i < inner.length; i++) {
    if (inner[i] === '\\' && inner[i + 1] === 'x') {
      out.push(Number.parseInt(inner.slice(i + 2, i + 4), 16));
      i += 3;
    } else {
      out.push(inner.charCodeAt(i));
    }
  }
  return Uint8Array.from(out);
}

/** A buffer of `length` that starts with the bytes. */
function padded(bytes: Uint8Array, length: number): Uint8Array {
  const made = new Uint8Array(length);
  made.set(bytes.subarray(0, length));
  return made;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Runs a probe in the PASSIVE_ESTABLISHED callback of a fresh connection. */
function inPassiveEstablished(
  kernel: string,
  family: 'ipv4' | 'ipv6',
  saveSyn: number | undefined,
  probe: (call: SockOpsCall) => void,
): void {
  let ran = false;
  connectOnce({ kernel, family, ...(saveSyn === undefined ? {} : { saveSyn }) }, (call) => {
    if (call.op !== PASSIVE_ESTABLISHED || ran) return;
    ran = true;
    probe(call);
  });
  if (!ran) throw new Error('the callback was never called');
}

function numberSweep(kernel: string, name: string, sweep: NumberSweep): string[] {
  const differences: string[] = [];
  const { level, optname } = sweep;
  inPassiveEstablished(kernel, level === 41 ? 'ipv6' : 'ipv4', undefined, (call) => {
    const rows = Object.entries(sweep.values).sort(([a], [b]) => Number(a) - Number(b));
    for (const [text, [ret, value]] of rows) {
      const result = call.setsockopt(level, optname, int32(Number(text)));
      const buffer = new Uint8Array(4);
      const got = call.getsockopt(level, optname, buffer);
      const read = got === 0 ? readInt32(buffer) : `get=${got}`;
      if (result !== ret || read !== value) {
        differences.push(`${name} = ${text}: recorded ${ret}, ${value}; model ${result}, ${read}`);
      }
    }
  });
  inPassiveEstablished(kernel, level === 41 ? 'ipv6' : 'ipv4', undefined, (call) => {
    for (const [length, ret] of Object.entries(sweep['optlen_set(val=1)'])) {
      const result = call.setsockopt(level, optname, padded(int32(1), Number(length)));
      if (result !== ret) differences.push(`${name} set with length ${length}: recorded ${ret}, model ${result}`);
    }
    for (const [length, ret] of Object.entries(sweep.optlen_get)) {
      const result = call.getsockopt(level, optname, new Uint8Array(Number(length)));
      if (result !== ret) differences.push(`${name} get with length ${length}: recorded ${ret}, model ${result}`);
    }
  });
  return differences;
}

function congestionSweep(kernel: string, sweep: CongestionSweep): string[] {
  const differences: string[] = [];
  inPassiveEstablished(kernel, 'ipv4', undefined, (call) => {
    for (const row of sweep.set) {
      const result = call.setsockopt(6, 13, padded(pythonBytes(row.val), row.optlen));
      const buffer = new Uint8Array(16);
      call.getsockopt(6, 13, buffer);
      const after = Buffer.from(buffer).toString('latin1').replace(/\0.*$/s, '');
      if (result !== row.ret || after !== row.after) {
        differences.push(
          `TCP_CONGESTION ${row.val} length ${row.optlen}: recorded ${row.ret}, ${row.after}; model ${result}, ${after}`,
        );
      }
    }
    for (const [length, [ret, value]] of Object.entries(sweep.get_len)) {
      const buffer = new Uint8Array(Number(length));
      const result = call.getsockopt(6, 13, buffer);
      if (result !== ret || !hex(buffer).startsWith(value)) {
        differences.push(
          `TCP_CONGESTION get length ${length}: recorded ${ret}, ${value}; model ${result}, ${hex(buffer)}`,
        );
      }
    }
  });
  return differences;
}

function deviceSweep(kernel: string, sweep: DeviceSweep): string[] {
  const differences: string[] = [];
  inPassiveEstablished(kernel, 'ipv4', undefined, (call) => {
    for (const [name, length, direction, ret] of sweep.res) {
      const result =
        direction === 'set'
          ? call.setsockopt(1, 25, padded(pythonBytes(name), length))
          : call.getsockopt(1, 25, new Uint8Array(length));
      if (result !== ret)
        differences.push(`SO_BINDTODEVICE ${direction} ${name} length ${length}: recorded ${ret}, model ${result}`);
    }
  });
  return differences;
}

/** Bytes of a SYN that are not the same twice: IP id and checksum, ports, sequence number, TCP checksum, timestamps. */
function hideRandom(text: string, start: number): string {
  const bytes = Buffer.from(text, 'hex');
  const wipe = (from: number, to: number) => {
    for (let i = Math.max(0, from - start); i < Math.min(bytes.length, to - start); i++) bytes[i] = 0;
  };
  wipe(14 + 4, 14 + 6);
  wipe(14 + 10, 14 + 12);
  wipe(34, 36);
  wipe(38, 42);
  wipe(50, 52);
  wipe(62, 66);
  return bytes.toString('hex');
}

function savedSynSweep(kernel: string, name: string, rows: SavedSweep): string[] {
  const differences: string[] = [];
  const saveSyn = name.includes('=1') ? 1 : name.includes('=2') ? 2 : undefined;
  inPassiveEstablished(kernel, 'ipv4', saveSyn, (call) => {
    for (const [[option, length], ret, value] of rows) {
      const buffer = new Uint8Array(length);
      const result = call.getsockopt(6, option, buffer);
      // Offset of the first byte in a frame with MAC header.
      const start = option === 1005 ? 34 : option === 1006 ? 14 : option === 1007 || saveSyn === 2 ? 0 : 14;
      const have = hideRandom(hex(buffer).slice(0, value.length), start);
      if (result !== ret || have !== hideRandom(value, start)) {
        differences.push(
          `${name}, option ${option} length ${length}: recorded ${ret}, ${value}; model ${result}, ${hex(buffer)}`,
        );
      }
    }
  });
  return differences;
}

/** The setter calls of the recorder's by-op sweep: the values that it wrote. */
const BY_OP_VALUES: Readonly<Record<string, Uint8Array>> = {
  '6:1001': int32(20),
  '6:1002': int32(100),
  '6:13': Uint8Array.from('reno\0', (c) => c.charCodeAt(0)),
  '1:8': int32(100000),
  '6:27': int32(1),
  '6:1008': int32(0),
  '0:1': int32(16),
  '6:10': int32(65536),
  '6:2': int32(1000),
};

function byOpSweep(kernel: string, sweep: ByOpSweep): string[] {
  const differences: string[] = [];
  for (const [opText, rows] of Object.entries(sweep)) {
    let ran = false;
    connectOnce({ kernel }, (call) => {
      if (call.op !== Number(opText) || ran || !call.isFullSock) return;
      ran = true;
      for (const [[level, option, direction], ret, value] of rows) {
        if (direction === 'set') {
          const result = call.setsockopt(level, option, BY_OP_VALUES[`${level}:${option}`]!);
          if (result !== ret)
            differences.push(`op ${opText}, set ${level}:${option}: recorded ${ret}, model ${result}`);
        } else {
          const buffer = new Uint8Array(option === 13 ? 16 : 4);
          const result = call.getsockopt(level, option, buffer);
          if (result !== ret || !hex(buffer).startsWith(value ?? '')) {
            differences.push(
              `op ${opText}, get ${level}:${option}: recorded ${ret}, ${value}; model ${result}, ${hex(buffer)}`,
            );
          }
        }
      }
    });
    if (!ran) differences.push(`op ${opText} was never called`);
  }
  return differences;
}

/** Every option number at every level: what is there at all. */
export function everyOptionNumber(kernel: string, file: SockoptFile): string[] {
  const differences: string[] = [];
  const numbers = [...Array.from({ length: 130 }, (_, i) => i), ...Array.from({ length: 14 }, (_, i) => 1000 + i)];
  for (const [version, rows] of Object.entries(file.all_optnames_not_EINVAL)) {
    for (const level of [0, 1, 6, 41]) {
      inPassiveEstablished(kernel, version === 'v4' ? 'ipv4' : 'ipv6', undefined, (call) => {
        for (const option of numbers) {
          const row = rows[`${level}:${option}`];
          const buffer = new Uint8Array(4);
          const got = call.getsockopt(level, option, buffer);
          const [wantGet, wantValue] = row?.get ?? [EINVAL, '00000000'];
          if (got !== wantGet || hex(buffer) !== wantValue) {
            differences.push(
              `${version} get ${level}:${option}: recorded ${wantGet}, ${wantValue}; model ${got}, ${hex(buffer)}`,
            );
          }
          if (level === 1 && option === 25) continue;
          const set = call.setsockopt(level, option, int32(1));
          const wantSet = row?.['set(1)']?.[0] ?? EINVAL;
          if (set !== wantSet) differences.push(`${version} set ${level}:${option}: recorded ${wantSet}, model ${set}`);
        }
      });
    }
  }
  return differences;
}

/** All rows of one option of the file. */
export function optionSweep(kernel: string, name: string, sweep: unknown): string[] {
  if (name === '_by_op') return byOpSweep(kernel, sweep as ByOpSweep);
  if (name.startsWith('_saved_syn')) return savedSynSweep(kernel, name, sweep as SavedSweep);
  if (name === 'TCP_CONGESTION') return congestionSweep(kernel, sweep as CongestionSweep);
  if (name === 'SO_BINDTODEVICE') return deviceSweep(kernel, sweep as DeviceSweep);
  return numberSweep(kernel, name, sweep as NumberSweep);
}
