// Strings, reads of kernel memory, locks, timers, kernel pointers in maps. Source: kernel/bpf/helpers.c, kernel/trace/bpf_trace.c.

import { decodeUtf8 } from '../../base/index.ts';
import { asFunction, highHalf, lowHalf } from '../address.ts';
import { EBUSY, EDEADLK, EFAULT, EINVAL, ENOENT, ERANGE } from '../errno.ts';
import { BLOCK } from '../heap.ts';
import type { Machine } from '../machine.ts';
import { flagsArg, type HelperImpl } from './impl.ts';
import { peek } from './trace.ts';

/** bpf_strtol() and bpf_strtoul(): buffer, its size, base in the low bits of flags, where the result goes. */
function parseNumber(m: Machine, signed: boolean): number | undefined {
  const bytes = m.bytes(1, m.argU32(2), 'buffer');
  const to = bytes === undefined ? -1 : m.pointer(4, 8, 'write', 'result');
  if (bytes === undefined || to < 0) return undefined;
  const flags = flagsArg(m, 3);
  const wanted = flags & 0x1f;
  if (bytes.length === 0 || flags < 0 || (flags & ~0x1f) !== 0 || ![0, 8, 10, 16].includes(wanted)) return EINVAL;
  const text = decodeUtf8(bytes);
  let at = 0;
  while (at < text.length && /[\t-\r ]/.test(text[at]!)) at++;
  const negative = text[at] === '-';
  if (negative) at++;
  let base = wanted;
  // Without a base the prefix must have a digit behind it; with base 16 it is skipped in any case.
  if (base === 0) base = /^0[xX][0-9a-fA-F]/.test(text.slice(at)) ? 16 : text[at] === '0' ? 8 : 10;
  if (base === 16 && /^0[xX]/.test(text.slice(at))) at += 2;
  const digits = new RegExp(base === 16 ? '^[0-9a-fA-F]+' : base === 8 ? '^[0-7]+' : '^[0-9]+').exec(
    text.slice(at),
  )?.[0];
  if (digits === undefined) return EINVAL;
  const value = BigInt((base === 16 ? '0x' : base === 8 ? '0o' : '') + digits);
  if (value >= 1n << 64n) return ERANGE;
  if (negative && !signed) return EINVAL;
  if (signed && (negative ? value > 1n << 63n : value >= 1n << 63n)) return ERANGE;
  m.memory.setU64(to, BigInt.asIntN(64, negative ? -value : value));
  return at + digits.length;
}

/** bpf_probe_read_kernel(): what cannot be read gives -EFAULT and zeros. */
function probeRead(m: Machine): number | undefined {
  const size = m.argU32(2);
  const to = m.pointer(1, size, 'write', 'buffer');
  if (to < 0) return undefined;
  const address = m.arg(3);
  const high = highHalf(address);
  const low = lowHalf(address);
  const object = m.access.kernelObjectAt(high, low);
  if (object !== 0) return readObject(m, to, size, object, m.access.offsetInObject(object, high, low));
  const from = size === 0 ? 0 : m.access.resolve(high, low, size, 'read');
  m.access.refusal = undefined;
  if (from < 0) {
    m.memory.fill(to, size, 0);
    return EFAULT;
  }
  m.memory.copyWithin(to, from, size);
  return 0;
}

/** A read of a kernel object: all of it, or a fault that names what is missing. */
function readObject(m: Machine, to: number, size: number, object: number, offset: number): number | undefined {
  const { bytes, end } = m.access.objectBytes(object, offset, size);
  if (end !== undefined) return m.unmodelled(end.what, end.reason);
  m.memory.copyIn(to, bytes);
  return 0;
}

function probeReadString(m: Machine): number | undefined {
  const size = m.argU32(2);
  const to = m.pointer(1, size, 'write', 'buffer');
  if (to < 0) return undefined;
  if (size === 0) return 0;
  const bytes = peek(m, m.arg(3), size);
  const end = bytes?.indexOf(0) ?? -1;
  // A string that runs to the end of its region without a NUL runs into memory that cannot be read.
  if (bytes === undefined || (end < 0 && bytes.length < size)) {
    m.memory.fill(to, size, 0);
    return EFAULT;
  }
  const length = end < 0 ? size - 1 : end;
  m.memory.copyIn(to, bytes.subarray(0, length));
  m.memory.setU8(to + length, 0);
  return length + 1;
}

/** A process's memory: there is none, so each read fails as a read of an unmapped page does. */
function probeReadUser(m: Machine): number | undefined {
  const size = m.argU32(2);
  const to = m.pointer(1, size, 'write', 'buffer');
  if (to < 0) return undefined;
  m.memory.fill(to, size, 0);
  return EFAULT;
}

/** The value block and offset that a pointer into a map value means; undefined with a fault. */
function placeInValue(
  m: Machine,
  n: number,
  size: number,
  what: string,
): { readonly data: number; readonly offset: number } | undefined {
  const at = m.pointer(n, size, 'write', what);
  if (at < 0) return undefined;
  const data = m.heap.find(m.regs32[2 * n + 1]!, at);
  if (m.heap.kind(data) === BLOCK.mapValue || m.heap.kind(data) === BLOCK.allocated) return { data, offset: at - data };
  m.badArgument(n, `the ${what} lies outside of map values`);
  return undefined;
}

const TIMER_BYTES = 16;

function timerRecord(m: Machine): number | undefined {
  const place = placeInValue(m, 1, TIMER_BYTES, 'struct bpf_timer');
  return place === undefined ? undefined : m.timers.at(place.data, place.offset);
}

/** bpf_timer_cancel_async(): like bpf_timer_cancel(), and allowed in the timer's own callback; the callback function stays. */
export const cancelTimerLater: HelperImpl = (m) => {
  const record = timerRecord(m);
  if (record === undefined) return undefined;
  return record === 0 ? ENOENT : m.timers.disarm(record) ? 1 : 0;
};

/** include/uapi/linux/bpf.h BPF_F_TIMER_ABS, BPF_F_TIMER_CPU_PIN */
const TIMER_ABSOLUTE = 1;
const TIMER_CPU_PIN = 2;
/** CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME */
const CLOCKS = [0, 1, 7];

export const MEMORY_HELPERS = {
  bpf_strtol: (m) => parseNumber(m, true),
  bpf_strtoul: (m) => parseNumber(m, false),
  bpf_strncmp(m) {
    const size = m.argU32(2);
    const a = m.bytes(1, size, 'string');
    const b = a === undefined ? undefined : peek(m, m.arg(3), size);
    if (a === undefined) return undefined;
    if (b === undefined) {
      m.badArgument(3, 'not a string');
      return undefined;
    }
    for (let i = 0; i < size; i++) {
      const left = a[i] ?? 0;
      const right = b[i] ?? 0;
      if (left !== right) return left < right ? -1 : 1;
      if (left === 0) return 0;
    }
    return 0;
  },
  bpf_probe_read_kernel: probeRead,
  bpf_probe_read_kernel_str: probeReadString,
  bpf_probe_read_user: probeReadUser,
  bpf_probe_read_user_str: probeReadUser,
  bpf_copy_from_user: { unmodelled: 'it may sleep, and sock_ops programs never may' },
  bpf_copy_from_user_task: { unmodelled: 'it may sleep, and sock_ops programs never may' },
  bpf_per_cpu_ptr: { unmodelled: 'there is no kernel image with per-cpu variables behind the machine' },
  bpf_this_cpu_ptr: { unmodelled: 'there is no kernel image with per-cpu variables behind the machine' },
  bpf_spin_lock(m) {
    const at = m.pointer(1, 4, 'write', 'struct bpf_spin_lock');
    if (at < 0) return undefined;
    if (m.memory.view.getUint32(at, true) !== 0) {
      m.badArgument(1, 'the lock is already held: on one CPU this waits for ever');
      return undefined;
    }
    m.memory.view.setUint32(at, 1, true);
    m.memory.touched(at, 4);
    return undefined;
  },
  bpf_spin_unlock(m) {
    const at = m.pointer(1, 4, 'write', 'struct bpf_spin_lock');
    if (at < 0) return undefined;
    m.memory.view.setUint32(at, 0, true);
    m.memory.touched(at, 4);
    return undefined;
  },
  bpf_timer_init(m) {
    const place = placeInValue(m, 1, TIMER_BYTES, 'struct bpf_timer');
    const map = place === undefined ? undefined : m.mapArg(2);
    if (place === undefined || map === undefined) return undefined;
    const flags = flagsArg(m, 3);
    if (!CLOCKS.includes(flags)) return EINVAL;
    if (m.timers.at(place.data, place.offset) !== 0) return EBUSY;
    const record = m.timers.create(map.index, place.data, place.offset);
    if (record === 0) return m.unmodelled('bpf_timer_init()', 'memory is used up');
    // The program sees some pointer in the timer's bytes, as it would.
    m.memory.setU64(place.data + place.offset, m.addressOf(record));
    return 0;
  },
  bpf_timer_set_callback(m) {
    const record = timerRecord(m);
    if (record === undefined) return undefined;
    const target = asFunction(m.regs32[5]!, m.regs32[4]!);
    if (target === undefined || target.slot >= (m.codes[target.program]?.length ?? 0)) {
      m.badArgument(2, 'not the address of a function of the program');
      return undefined;
    }
    if (record === 0) return EINVAL;
    m.timers.setCallback(record, target.program, target.slot);
    return 0;
  },
  bpf_timer_start(m) {
    const record = timerRecord(m);
    if (record === undefined) return undefined;
    const flags = flagsArg(m, 3);
    const taken =
      (m.view.has('timer-absolute') ? TIMER_ABSOLUTE : 0) | (m.view.has('timer-cpu-pin') ? TIMER_CPU_PIN : 0);
    if (flags < 0 || (flags & ~taken) !== 0) return EINVAL;
    if (record === 0 || !m.timers.hasCallback(record)) return EINVAL;
    const nanoseconds = Number(BigInt.asUintN(64, m.arg(2)));
    const expires = (flags & TIMER_ABSOLUTE) !== 0 ? m.fromKtime(nanoseconds) : m.port.now() + nanoseconds;
    m.timers.arm(record, Math.min(expires, Number.MAX_SAFE_INTEGER));
    return 0;
  },
  bpf_timer_cancel(m) {
    const record = timerRecord(m);
    if (record === undefined) return undefined;
    if (record === 0) return EINVAL;
    if (m.timers.isRunning(record)) return EDEADLK;
    // The callback goes as well: starting again needs bpf_timer_set_callback() first.
    m.timers.setCallback(record, 0, -1);
    return m.timers.disarm(record) ? 1 : 0;
  },
  bpf_kptr_xchg(m) {
    const at = m.pointer(1, 8, 'write', 'kernel pointer');
    if (at < 0) return undefined;
    const old = m.memory.view.getBigInt64(at, true);
    m.memory.setU64(at, m.arg(2));
    return old;
  },
} satisfies Record<string, HelperImpl>;
