// Kernel functions other than those on allocated objects. Source: kernel/bpf/helpers.c, kernel/bpf/bpf_iter.c.

import { decodeUtf8 } from '../../base/index.ts';
import { highHalf, lowHalf } from '../address.ts';
import { E2BIG, EDEADLK, EFAULT, EINVAL, ENOENT, ENOMEM, ERANGE } from '../errno.ts';
import { BLOCK } from '../heap.ts';
import { type Machine, SIGNAL } from '../machine.ts';
import { HashMap } from '../maps/hash.ts';
import { HashOfMaps } from '../maps/references.ts';
import { type HelperImpl, isContext } from './impl.ts';
import { formatBpf } from './printf.ts';
import { type Dynptr, dynptrArg, dynptrBytes, setNull, writeDynptr } from './ringbuf.ts';
import { objectOwner } from './task.ts';
import { dialectOf, peek, sourceOf } from './trace.ts';

/** kernel/bpf/helpers.c: string functions look at most that far (XATTR_SIZE_MAX). */
const STRING_LIMIT = 65536;

/** The string behind argument `n` without its NUL, or the errno that the kernel's functions give for it. */
function stringOf(m: Machine, n: number, limit = STRING_LIMIT): Uint8Array | number {
  const bytes = peek(m, m.arg(n), limit);
  if (bytes === undefined) return EFAULT;
  const end = bytes.indexOf(0);
  if (end >= 0) return bytes.subarray(0, end);
  return bytes.length < limit ? EFAULT : limit === STRING_LIMIT ? E2BIG : bytes;
}

const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

function compare(m: Machine, fold: (byte: number) => number, limit?: number): number {
  const a = stringOf(m, 1, limit);
  const b = stringOf(m, 2, limit);
  if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' ? a : (b as number);
  for (let i = 0; i <= Math.max(a.length, b.length); i++) {
    const left = fold(a[i] ?? 0);
    const right = fold(b[i] ?? 0);
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** The length in argument 3, up to which a string is looked at. */
const lengthLimit = (m: Machine): number => Math.min(STRING_LIMIT - 1, m.argU32(3));

/** Length of the longest start of string 1 whose bytes are all in (or all not in) string 2. */
function span(m: Machine, wanted: 'in' | 'not-in'): number {
  const text = stringOf(m, 1);
  const set = stringOf(m, 2);
  if (typeof text === 'number' || typeof set === 'number') return typeof text === 'number' ? text : (set as number);
  let length = 0;
  while (length < text.length && set.includes(text[length]!) === (wanted === 'in')) length++;
  return length;
}

function findByte(text: Uint8Array | number, byte: number, absent: 'error' | 'end'): number {
  if (typeof text === 'number') return text;
  if (byte === 0) return text.length;
  const at = text.indexOf(byte);
  return at >= 0 ? at : absent === 'end' ? text.length : ENOENT;
}

function findString(
  text: Uint8Array | number,
  part: Uint8Array | number,
  fold: (byte: number) => number = (byte) => byte,
): number {
  if (typeof text === 'number') return text;
  if (typeof part === 'number') return part;
  for (let at = 0; at + part.length <= text.length; at++)
    if (part.every((byte, i) => fold(text[at + i]!) === fold(byte))) return at;
  return ENOENT;
}

const NUM_ITERATOR = 8;
const MAX_LOOPS = 8n * 1024n * 1024n;
const BITS_ITERATOR = 16;
/** kernel/bpf/helpers.c BITS_ITER_NR_WORDS_MAX */
const MAX_BIT_WORDS = 511;

function slice(m: Machine, mode: 'read' | 'write'): bigint | number | undefined {
  const d = dynptrArg(m, 1);
  if (d === undefined) return undefined;
  const offset = m.argU32(2);
  const length = m.argU32(4);
  if (d.data === 0n || offset + length > d.size || (mode === 'write' && d.readOnly)) return 0;
  return dynptrBytes(m, 1, d, offset, length, mode) < 0 ? undefined : d.data + BigInt(d.offset + offset);
}

/** A dynptr's flag bits as they stand in its size word. */
const flagsOf = (d: Dynptr): number => (d.readOnly ? 0x80000000 : 0);

/** A dynptr of nothing has no bytes. */
const sizeOf = (d: Dynptr): number => (d.data === 0n ? 0 : d.size);

const NOTHING: HelperImpl = () => undefined;

function saveFlags(m: Machine): undefined {
  const at = m.pointer(1, 8, 'write', 'flags');
  if (at >= 0) m.memory.setU64(at, 0x200n);
  return undefined;
}

/** bpf_res_spin_lock(): gives -EDEADLK where bpf_spin_lock() would hang. */
function resilientLock(m: Machine): number | undefined {
  const at = m.pointer(1, 8, 'write', 'struct bpf_res_spin_lock');
  if (at < 0) return undefined;
  if (m.memory.getU32(at) !== 0) return EDEADLK;
  m.memory.setU32(at, 1);
  return 0;
}
function resilientUnlock(m: Machine): undefined {
  const at = m.pointer(1, 8, 'write', 'struct bpf_res_spin_lock');
  if (at >= 0) m.memory.setU32(at, 0);
  return undefined;
}

/** Only the current task is known: its pid finds it, any other finds nothing. */
function taskByPid(m: Machine): undefined {
  const { pid } = m.port.task;
  return m.returnBlock(m.argS32(1) === pid ? m.kernelObject('task_struct', pid) : 0);
}

export const OTHER_KFUNCS = {
  bpf_cast_to_kern_ctx(m) {
    return isContext(m, 1) ? m.returnBlock(m.kernelObject('bpf_sock_ops_kern', 0)) : undefined;
  },
  /** The bare address under another type: what looked like a view made by the verifier is the kernel's own object. */
  bpf_rdonly_cast(m) {
    const high = m.regs32[3]!;
    const low = m.regs32[2]!;
    const object = m.access.kernelObjectAt(high, low);
    return object === 0 ? m.arg(1) : m.addressOf(object, m.access.offsetInObject(object, high, low));
  },
  bpf_sock_ops_enable_tx_tstamp: (m) => m.port.socket?.enableTxTimestamp(BigInt.asUintN(64, m.arg(2))) ?? EINVAL,
  bpf_rcu_read_lock: NOTHING,
  bpf_rcu_read_unlock: NOTHING,
  bpf_preempt_disable: NOTHING,
  bpf_preempt_enable: NOTHING,
  bpf_local_irq_save: saveFlags,
  bpf_local_irq_restore: NOTHING,
  bpf_res_spin_lock: resilientLock,
  bpf_res_spin_unlock: resilientUnlock,
  bpf_res_spin_lock_irqsave: resilientLock,
  bpf_res_spin_unlock_irqrestore: resilientUnlock,
  bpf_throw(m) {
    m.throwOut(m.arg(1));
    return undefined;
  },
  __bpf_trap(m) {
    m.setFault({ kind: 'trap-reached' });
    return undefined;
  },

  // ---- iterators ----
  bpf_iter_num_new(m) {
    const at = m.pointer(1, NUM_ITERATOR, 'write', 'struct bpf_iter_num');
    if (at < 0) return undefined;
    const start = m.argS32(2);
    const end = m.argS32(3);
    const refuse = start > end ? EINVAL : BigInt(end) - BigInt(start) > MAX_LOOPS ? E2BIG : 0;
    m.memory.setU32(at, refuse === 0 ? start - 1 : 0);
    m.memory.setU32(at + 4, refuse === 0 ? end : 0);
    return refuse;
  },
  bpf_iter_num_next(m) {
    const at = m.pointer(1, NUM_ITERATOR, 'write', 'struct bpf_iter_num');
    if (at < 0) return undefined;
    const next = (m.memory.view.getInt32(at, true) + 1) | 0;
    if (next >= m.memory.view.getInt32(at + 4, true)) {
      m.memory.fill(at, NUM_ITERATOR, 0);
      return 0;
    }
    m.memory.setU32(at, next);
    return m.arg(1);
  },
  bpf_iter_num_destroy(m) {
    const at = m.pointer(1, NUM_ITERATOR, 'write', 'struct bpf_iter_num');
    if (at >= 0) m.memory.fill(at, NUM_ITERATOR, 0);
    return undefined;
  },
  bpf_iter_bits_new(m) {
    const at = m.pointer(1, BITS_ITERATOR, 'write', 'struct bpf_iter_bits');
    if (at < 0) return undefined;
    m.memory.fill(at, BITS_ITERATOR, 0);
    m.memory.view.setInt32(at + 12, -1, true);
    const words = m.argU32(3);
    if (words === 0) return EINVAL;
    if (words > MAX_BIT_WORDS) return E2BIG;
    const bits = peek(m, m.arg(2), words * 8);
    if (bits === undefined || bits.length < words * 8) return EFAULT;
    const copy = m.heap.allocate({ kind: BLOCK.internal, mapped: 0, hidden: words * 8 });
    if (copy < 0) return ENOMEM;
    m.memory.copyIn(copy, bits);
    m.memory.setU64(at, m.addressOf(copy));
    m.memory.view.setUint32(at + 8, words * 64, true);
    return 0;
  },
  bpf_iter_bits_next(m) {
    const at = m.pointer(1, BITS_ITERATOR, 'write', 'struct bpf_iter_bits');
    if (at < 0) return undefined;
    const { view } = m.memory;
    const copy = lowHalf(view.getBigInt64(at, true));
    const count = view.getUint32(at + 8, true);
    for (let bit = view.getInt32(at + 12, true) + 1; copy !== 0 && bit < count; bit++) {
      if ((m.memory.u8[copy + (bit >> 3)]! & (1 << (bit & 7))) === 0) continue;
      m.memory.setU32(at + 12, bit);
      return m.arg(1) + 12n;
    }
    view.setUint32(at + 8, 0, true);
    m.memory.touched(at, BITS_ITERATOR);
    return 0;
  },
  bpf_iter_bits_destroy(m) {
    const at = m.pointer(1, BITS_ITERATOR, 'write', 'struct bpf_iter_bits');
    if (at < 0) return undefined;
    const copy = lowHalf(m.memory.view.getBigInt64(at, true));
    if (copy !== 0 && highHalf(m.memory.view.getBigInt64(at, true)) === m.heap.colour(copy)) m.heap.free(copy);
    m.memory.fill(at, BITS_ITERATOR, 0);
    return undefined;
  },

  // ---- dynptrs ----
  bpf_dynptr_adjust(m) {
    const d = dynptrArg(m, 1);
    if (d === undefined) return undefined;
    const start = m.argU32(2);
    const end = m.argU32(3);
    if (d.data === 0n || start > end) return EINVAL;
    if (start > d.size || end > d.size) return ERANGE;
    writeDynptr(m, d.at, d.data, end - start, d.kind, d.offset + start, flagsOf(d));
    return 0;
  },
  bpf_dynptr_clone(m) {
    const d = dynptrArg(m, 1);
    const to = d === undefined ? undefined : dynptrArg(m, 2);
    if (d === undefined || to === undefined) return undefined;
    if (d.data === 0n) {
      setNull(m, to.at);
      return EINVAL;
    }
    m.memory.copyWithin(to.at, d.at, 16);
    return 0;
  },
  bpf_dynptr_copy(m) {
    const to = dynptrArg(m, 1);
    const from = to === undefined ? undefined : dynptrArg(m, 3);
    if (to === undefined || from === undefined) return undefined;
    const toOffset = m.argU32(2);
    const fromOffset = m.argU32(4);
    const length = m.argU32(5);
    // Where both sides are at fault only the sizes are looked at; the other kinds of mistake show when one side is fine.
    const sourceFits = from.data !== 0n && fromOffset + length <= from.size;
    const targetFits = to.data !== 0n && !to.readOnly && toOffset + length <= to.size;
    if (!sourceFits && !targetFits)
      return fromOffset + length > sizeOf(from) || toOffset + length > sizeOf(to) ? E2BIG : 0;
    if (!targetFits) return to.data === 0n || to.readOnly ? EINVAL : E2BIG;
    if (!sourceFits) return from.data === 0n ? EINVAL : E2BIG;
    const source = dynptrBytes(m, 3, from, fromOffset, length, 'read');
    const target = source < 0 ? -1 : dynptrBytes(m, 1, to, toOffset, length, 'write');
    if (target < 0) return undefined;
    m.memory.copyWithin(target, source, length);
    return 0;
  },
  bpf_dynptr_memset(m) {
    const d = dynptrArg(m, 1);
    if (d === undefined) return undefined;
    const offset = m.argU32(2);
    const length = m.argU32(3);
    if (d.data !== 0n && d.readOnly) return EINVAL;
    if (offset + length > sizeOf(d)) return E2BIG;
    const at = d.data === 0n ? 0 : dynptrBytes(m, 1, d, offset, length, 'write');
    if (at < 0) return undefined;
    m.memory.fill(at, length, m.argU32(4) & 0xff);
    return 0;
  },
  bpf_dynptr_is_null(m) {
    const d = dynptrArg(m, 1);
    return d === undefined ? undefined : d.data === 0n ? 1 : 0;
  },
  bpf_dynptr_is_rdonly(m) {
    const d = dynptrArg(m, 1);
    return d === undefined ? undefined : d.data !== 0n && d.readOnly ? 1 : 0;
  },
  bpf_dynptr_size(m) {
    const d = dynptrArg(m, 1);
    return d === undefined ? undefined : d.data === 0n ? EINVAL : d.size;
  },
  bpf_dynptr_slice: (m) => slice(m, 'read'),
  bpf_dynptr_slice_rdwr: (m) => slice(m, 'write'),
  bpf_probe_read_kernel_dynptr: (m) => readIntoDynptr(m, 'bytes'),
  bpf_probe_read_kernel_str_dynptr: (m) => readIntoDynptr(m, 'string'),
  bpf_probe_read_user_dynptr: () => EFAULT,
  bpf_probe_read_user_str_dynptr: () => EFAULT,

  // ---- strings ----
  bpf_strcmp: (m) => compare(m, (byte) => byte),
  bpf_strcasecmp: (m) => compare(m, lower),
  bpf_strncasecmp: (m) => compare(m, lower, lengthLimit(m)),
  bpf_strlen(m) {
    const text = stringOf(m, 1);
    return typeof text === 'number' ? text : text.length;
  },
  bpf_strnlen(m) {
    const text = stringOf(m, 1, Math.min(STRING_LIMIT - 1, m.argU32(2)));
    return typeof text === 'number' ? text : text.length;
  },
  bpf_strchr: (m) => findByte(stringOf(m, 1), m.argU32(2) & 0xff, 'error'),
  bpf_strchrnul: (m) => findByte(stringOf(m, 1), m.argU32(2) & 0xff, 'end'),
  bpf_strnchr(m) {
    const limit = Math.min(STRING_LIMIT - 1, m.argU32(2));
    const text = stringOf(m, 1, limit);
    const byte = m.argU32(3) & 0xff;
    // The NUL itself is found only when it lies within the limit.
    if (typeof text === 'object' && byte === 0) return text.length < limit ? text.length : ENOENT;
    return findByte(text, byte, 'error');
  },
  bpf_strrchr(m) {
    const text = stringOf(m, 1);
    if (typeof text === 'number') return text;
    // Its parameter is an int, unlike that of the others, and is compared with a signed char as it is.
    const wanted = m.argU32(2) | 0;
    if (wanted < -128 || wanted > 127) return ENOENT;
    const at = wanted === 0 ? text.length : text.lastIndexOf(wanted & 0xff);
    return at < 0 ? ENOENT : at;
  },
  bpf_strspn: (m) => span(m, 'in'),
  bpf_strcspn: (m) => span(m, 'not-in'),
  bpf_strstr: (m) => findString(stringOf(m, 1), stringOf(m, 2)),
  bpf_strcasestr: (m) => findString(stringOf(m, 1), stringOf(m, 2), lower),
  bpf_strnstr: (m) => findString(stringOf(m, 1, lengthLimit(m)), stringOf(m, 2)),
  bpf_strncasestr: (m) => findString(stringOf(m, 1, lengthLimit(m)), stringOf(m, 2), lower),

  // ---- maps, tasks, cgroups ----
  bpf_map_sum_elem_count(m) {
    const map = m.mapArg(1);
    if (map === undefined) return undefined;
    // Only hash maps keep the number that this is the sum of.
    return map instanceof HashMap || map instanceof HashOfMaps ? BigInt(map.count) : 0n;
  },
  bpf_task_acquire: (m) => m.arg(1),
  bpf_task_release: NOTHING,
  bpf_task_from_pid: taskByPid,
  bpf_task_from_vpid: taskByPid,
  bpf_cgroup_acquire: (m) => m.arg(1),
  bpf_cgroup_release: NOTHING,
  bpf_cgroup_from_id(m) {
    const id = BigInt.asUintN(64, m.arg(1));
    const { cgroupAncestors, cgroupId } = m.port.task;
    const known = cgroupAncestors ?? [1n, cgroupId];
    return m.returnBlock(known.includes(id) ? m.kernelObject('cgroup', Number(id)) : 0);
  },
  bpf_cgroup_ancestor(m) {
    const id = objectOwner(m, 1, 'cgroup');
    if (id === undefined) return undefined;
    const above = m.port.task.cgroupAncestors?.[m.argS32(2)];
    return m.returnBlock(id === 'null' || above === undefined ? 0 : m.kernelObject('cgroup', Number(above)));
  },
  bpf_task_under_cgroup(m) {
    const id = objectOwner(m, 2, 'cgroup');
    if (id === undefined) return undefined;
    const { cgroupAncestors, cgroupId } = m.port.task;
    return id !== 'null' && (cgroupAncestors ?? [1n, cgroupId]).includes(id) ? 1 : 0;
  },
  bpf_stream_vprintk_impl: printToStream,
  bpf_stream_vprintk: printToStream,
} satisfies Record<string, HelperImpl>;

function readIntoDynptr(m: Machine, what: 'bytes' | 'string'): number | undefined {
  const d = dynptrArg(m, 1);
  if (d === undefined) return undefined;
  const offset = m.argU32(2);
  const length = m.argU32(3);
  if (d.data === 0n || d.readOnly) return EINVAL;
  if (offset + length > d.size) return E2BIG;
  const to = dynptrBytes(m, 1, d, offset, length, 'write');
  if (to < 0) return undefined;
  const bytes = peek(m, m.arg(4), length);
  const end = what === 'string' ? (bytes?.indexOf(0) ?? -1) : -1;
  if (bytes === undefined || (bytes.length < length && end < 0)) return EFAULT;
  m.memory.copyIn(to, end < 0 ? bytes : bytes.subarray(0, end + 1));
  return what === 'bytes' ? 0 : end < 0 ? length : end + 1;
}

/** Streams of a program: 1 is its standard output, 2 its standard error. */
function printToStream(m: Machine): number | undefined {
  const format = peek(m, m.arg(2), 4096);
  const length = m.argU32(4);
  if (m.argU32(1) !== 1 && m.argU32(1) !== 2) return ENOENT;
  if (format === undefined || format.indexOf(0) < 0 || (length & 7) !== 0 || length > 96) return EINVAL;
  const bytes = m.bytes(3, length, 'arguments');
  if (bytes === undefined || m.signal === SIGNAL.fault) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const result = formatBpf(
    format.subarray(0, format.indexOf(0)),
    sourceOf(m, length / 8, (i) => view.getBigUint64(8 * i, true)),
    dialectOf(m),
  );
  if (!result.ok) return result.errno;
  m.port.event({ kind: 'printk', text: decodeUtf8(result.bytes) });
  return result.bytes.length;
}
