// Printing, and output to perf events. Source: kernel/trace/bpf_trace.c, kernel/bpf/helpers.c.

import { decodeUtf8 } from '../../base/index.ts';
import { highHalf, lowHalf } from '../address.ts';
import { E2BIG, EINVAL, EOPNOTSUPP } from '../errno.ts';
import type { Machine } from '../machine.ts';
import { PerfEventArray } from '../maps/opaque.ts';
import { type HelperImpl, isContext } from './impl.ts';
import { type FormatDialect, formatBpf, type PrintfSource } from './printf.ts';

/** kernel/bpf/helpers.c MAX_BPRINTF_VARARGS */
const MAX_WORDS = 12;

/** Up to `length` bytes from a 64-bit address on, as far as the region goes; undefined when nothing is there. */
export function peek(m: Machine, address: bigint, length: number): Uint8Array | undefined {
  const low = lowHalf(address);
  const object = m.access.kernelObjectAt(highHalf(address), low);
  if (object !== 0) return peekObject(m, object, m.access.offsetInObject(object, highHalf(address), low), length);
  const at = m.access.resolve(highHalf(address), low, 1, 'read');
  m.access.refusal = undefined;
  if (at < 0) return undefined;
  const end = m.memory.tags[(at >>> 6) << 1]! & 0x7fffffff;
  // A deferred value has no tag any more; its block says how long it is.
  const stop = end > at ? end : regionEnd(m, highHalf(address), at);
  return m.memory.bytes(at, Math.min(length, stop - at));
}

/** Longest string or member that is looked for in a kernel object. */
const OBJECT_BYTES = 256;

/** The same of a kernel object: as far as its members are modelled; a fault where the first byte is not. */
function peekObject(m: Machine, object: number, offset: number, length: number): Uint8Array | undefined {
  const { bytes, end } = m.access.objectBytes(object, offset, Math.min(length, OBJECT_BYTES));
  if (bytes.length > 0 || end === undefined) return bytes;
  return m.unmodelled(end.what, end.reason);
}

function regionEnd(m: Machine, high: number, at: number): number {
  const data = m.heap.find(high, at);
  return data === 0 ? at : data + m.heap.size(data);
}

/** The format argument: its text up to the NUL; undefined with a fault, an errno where the kernel gives one. */
function formatArg(m: Machine, n: number, size: number): Uint8Array | number | undefined {
  const bytes = m.bytes(n, size, 'format');
  if (bytes === undefined) return undefined;
  const end = bytes.indexOf(0);
  return end < 0 ? EINVAL : bytes.subarray(0, end);
}

/** The words of an array argument (`data`, `length` in registers n and n + 1). */
function words(m: Machine, n: number): PrintfSource | number | undefined {
  const length = m.argU32(n + 1);
  if ((length & 7) !== 0 || length > MAX_WORDS * 8 || (length > 0 && m.isNull(n))) return EINVAL;
  const bytes = m.bytes(n, length, 'arguments');
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return sourceOf(m, length / 8, (i) => view.getBigUint64(8 * i, true));
}

export function sourceOf(m: Machine, count: number, word: (index: number) => bigint): PrintfSource {
  return { words: count, word, read: (address, length) => peek(m, address, length) };
}

/** What the kernel's check of formats lets through. */
export function dialectOf(m: Machine): FormatDialect {
  if (m.view.has('printk-plain-formats')) return 'plain';
  return m.view.has('printk-utf8') ? 'utf8' : 'ascii';
}

function print(m: Machine, format: Uint8Array, source: PrintfSource): number {
  const result = formatBpf(format, source, dialectOf(m));
  if (!result.ok) return result.errno;
  m.port.event({ kind: 'printk', text: decodeUtf8(result.bytes) });
  return result.bytes.length;
}

export const TRACE_HELPERS = {
  bpf_trace_printk(m) {
    const format = formatArg(m, 1, m.argU32(2));
    if (typeof format !== 'object') return format;
    return print(
      m,
      format,
      sourceOf(m, 3, (i) => m.arg(3 + i)),
    );
  },
  bpf_trace_vprintk(m) {
    const format = formatArg(m, 1, m.argU32(2));
    if (typeof format !== 'object') return format;
    const source = words(m, 3);
    return typeof source === 'object' ? print(m, format, source) : source;
  },
  bpf_snprintf(m) {
    const size = m.argU32(2);
    const at = size === 0 ? 0 : m.pointer(1, size, 'write', 'buffer');
    if (at < 0) return undefined;
    const source = words(m, 4);
    if (typeof source !== 'object') return source;
    const format = peek(m, m.arg(3), 4096);
    if (format === undefined || format.indexOf(0) < 0) {
      m.badArgument(3, 'not a NUL-terminated format');
      return undefined;
    }
    const result = formatBpf(format.subarray(0, format.indexOf(0)), source, dialectOf(m));
    if (!result.ok) return result.errno;
    const text = result.bytes;
    if (size > 0) {
      m.memory.copyIn(at, text.subarray(0, size - 1));
      m.memory.setU8(at + Math.min(text.length, size - 1), 0);
    }
    return text.length + 1;
  },
  bpf_snprintf_btf: { unmodelled: 'printing kernel structures needs the kernel image that holds them' },
  bpf_perf_event_output(m) {
    if (!isContext(m, 1)) return undefined;
    const map = m.mapArg(2);
    if (map === undefined) return undefined;
    if (!(map instanceof PerfEventArray)) {
      m.badArgument(2, `map \`${map.definition.name}\` is no perf event array`);
      return undefined;
    }
    const data = m.bytes(4, m.argU32(5), 'data');
    if (data === undefined) return undefined;
    // Only the index mask (the low half) may be set; all ones there means the current CPU.
    if (m.regs32[7] !== 0) return EINVAL;
    const wanted = m.argU32(3);
    const cpu = wanted === 0xffffffff ? m.port.cpu : wanted;
    if (cpu >= map.definition.maxEntries) return E2BIG;
    if (cpu !== m.port.cpu) return EOPNOTSUPP;
    m.port.event({ kind: 'perf-output', mapFd: map.definition.fd, data });
    return 0;
  },
  bpf_perf_event_read: { unmodelled: 'there are no performance counters behind the machine' },
  bpf_perf_event_read_value: { unmodelled: 'there are no performance counters behind the machine' },
} satisfies Record<string, HelperImpl>;
