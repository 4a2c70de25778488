// Ring buffers and dynptrs. Source: kernel/bpf/ringbuf.c, kernel/bpf/helpers.c.
//
// A dynptr is 16 bytes on the program's stack, laid out as in the kernel: the data's address, a word with the size in its low 24 bits
// and the kind above, and the offset.

import { highHalf, lowHalf } from '../address.ts';
import type { Continuation } from '../continuation.ts';
import { E2BIG, EAGAIN, EBUSY, EINVAL } from '../errno.ts';
import type { AccessMode } from '../fault.ts';
import { BLOCK, STATE } from '../heap.ts';
import type { Machine } from '../machine.ts';
import { RingbufMap, UserRingbufMap } from '../maps/ringbuf.ts';
import { flagsArg, type HelperImpl } from './impl.ts';

const DYNPTR_BYTES = 16;
const SIZE_MASK = 0xffffff;
const KIND_SHIFT = 28;
const READ_ONLY = 0x80000000;
/** kernel/bpf/helpers.c enum bpf_dynptr_type */
export const DYNPTR = { local: 1, ringbuf: 2 } as const;

export interface Dynptr {
  /** Linear address of the 16 bytes. */
  readonly at: number;
  readonly data: bigint;
  readonly size: number;
  readonly offset: number;
  readonly kind: number;
  readonly readOnly: boolean;
}

/** The dynptr that argument `n` points to; undefined with a fault. A null dynptr has data 0. */
export function dynptrArg(m: Machine, n: number): Dynptr | undefined {
  const at = m.pointer(n, DYNPTR_BYTES, 'write', 'struct bpf_dynptr');
  if (at < 0) return undefined;
  const { view } = m.memory;
  const word = view.getUint32(at + 8, true);
  return {
    at,
    data: view.getBigInt64(at, true),
    size: word & SIZE_MASK,
    offset: view.getUint32(at + 12, true),
    kind: (word >>> KIND_SHIFT) & 7,
    readOnly: (word & READ_ONLY) !== 0,
  };
}

export function writeDynptr(
  m: Machine,
  at: number,
  data: bigint,
  size: number,
  kind: number,
  offset = 0,
  flags = 0,
): void {
  m.memory.setU64(at, data);
  m.memory.view.setUint32(at + 8, (size | (kind << KIND_SHIFT) | flags) >>> 0, true);
  m.memory.view.setUint32(at + 12, offset, true);
  m.memory.touched(at, DYNPTR_BYTES);
}

export const setNull = (m: Machine, at: number): void => m.memory.fill(at, DYNPTR_BYTES, 0);

/** Linear address of bytes inside a dynptr; -1 with a fault when its memory is gone. */
export function dynptrBytes(
  m: Machine,
  n: number,
  d: Dynptr,
  offset: number,
  length: number,
  mode: AccessMode,
): number {
  if (length === 0) return 0;
  const address = d.data + BigInt(d.offset + offset);
  const at = m.access.resolve(highHalf(address), lowHalf(address), length, mode);
  if (at >= 0) return at;
  if (m.access.refusal !== undefined)
    m.setFault({ kind: 'access', argument: { helper: m.helperName(), index: n, what: 'dynptr' }, ...m.access.refusal });
  m.access.refusal = undefined;
  return -1;
}

const outside = (d: Dynptr, offset: number, length: number): boolean => length > d.size || offset > d.size - length;

function ringbufArg(m: Machine): RingbufMap | undefined {
  const map = m.mapArg(1);
  if (map === undefined || map instanceof RingbufMap) return map;
  m.badArgument(1, `map \`${map.definition.name}\` is no ring buffer`);
  return undefined;
}

/** Ends the reservation of the record that argument 1 points to. */
function finishRecord(m: Machine, how: 'submit' | 'discard'): undefined {
  const low = m.regs32[2]!;
  const data = m.isNull(1) ? 0 : m.heap.find(m.regs32[3]!, low);
  if (data !== low || data === 0 || m.heap.kind(data) !== BLOCK.ringbufRecord) {
    m.badArgument(1, 'not the start of a reserved record');
    return undefined;
  }
  if (m.heap.state(data) !== STATE.live) {
    m.badArgument(1, 'this record has been submitted or discarded before');
    return undefined;
  }
  (m.maps[m.heap.owner(data)] as RingbufMap).finish(data, how);
  return undefined;
}

function finishDynptr(m: Machine, how: 'submit' | 'discard'): undefined {
  const d = dynptrArg(m, 1);
  if (d === undefined || d.data === 0n) return undefined;
  const data = m.heap.find(highHalf(d.data), lowHalf(d.data));
  if (data === 0 || m.heap.kind(data) !== BLOCK.ringbufRecord) {
    m.badArgument(1, 'not a ring buffer dynptr');
    return undefined;
  }
  (m.maps[m.heap.owner(data)] as RingbufMap).finish(data, how);
  setNull(m, d.at);
  return undefined;
}

/** include/uapi/linux/bpf.h BPF_RB_NO_WAKEUP | BPF_RB_FORCE_WAKEUP */
const WAKEUP_FLAGS = 3;
/** kernel/bpf/ringbuf.c BPF_MAX_USER_RINGBUF_SAMPLES */
const MAX_SAMPLES = 128 * 1024;

export const RINGBUF_HELPERS = {
  bpf_ringbuf_output(m) {
    const map = ringbufArg(m);
    if (map === undefined) return undefined;
    const size = m.argU32(3);
    const from = m.pointer(2, size, 'read', 'data');
    if (from < 0) return undefined;
    const flags = flagsArg(m, 4);
    if (flags < 0 || (flags & ~WAKEUP_FLAGS) !== 0) return EINVAL;
    const record = map.reserve(size);
    if (record === 0) return EAGAIN;
    m.memory.copyWithin(record, from, size);
    map.finish(record, 'submit');
    return 0;
  },
  bpf_ringbuf_reserve(m) {
    const map = ringbufArg(m);
    if (map === undefined) return undefined;
    return m.returnBlock(m.arg(3) === 0n && m.regs32[5] === 0 ? map.reserve(m.argU32(2)) : 0);
  },
  bpf_ringbuf_submit: (m) => finishRecord(m, 'submit'),
  bpf_ringbuf_discard: (m) => finishRecord(m, 'discard'),
  bpf_ringbuf_query(m) {
    const map = ringbufArg(m);
    if (map === undefined) return undefined;
    switch (flagsArg(m, 2)) {
      case 0:
        return BigInt(map.available);
      case 1:
        return BigInt(map.size);
      case 2:
        return BigInt(map.consumer);
      case 3:
        return BigInt(map.producer);
      default:
        return 0;
    }
  },
  bpf_ringbuf_reserve_dynptr(m) {
    const map = ringbufArg(m);
    if (map === undefined) return undefined;
    const at = m.pointer(4, DYNPTR_BYTES, 'write', 'struct bpf_dynptr');
    if (at < 0) return undefined;
    setNull(m, at);
    if (m.arg(3) !== 0n) return EINVAL;
    const size = m.argU32(2);
    if (size > SIZE_MASK) return E2BIG;
    const record = map.reserve(size);
    if (record === 0) return EINVAL;
    writeDynptr(m, at, m.addressOf(record), size, DYNPTR.ringbuf);
    return 0;
  },
  bpf_ringbuf_submit_dynptr: (m) => finishDynptr(m, 'submit'),
  bpf_ringbuf_discard_dynptr: (m) => finishDynptr(m, 'discard'),
  bpf_dynptr_from_mem(m) {
    const at = m.pointer(4, DYNPTR_BYTES, 'write', 'struct bpf_dynptr');
    if (at < 0) return undefined;
    setNull(m, at);
    const size = m.argU32(2);
    if (size > SIZE_MASK) return E2BIG;
    if (m.arg(3) !== 0n) return EINVAL;
    if (m.pointer(1, size, 'write', 'memory') < 0) return undefined;
    writeDynptr(m, at, m.arg(1), size, DYNPTR.local);
    return 0;
  },
  bpf_dynptr_read(m) {
    const d = dynptrArg(m, 3);
    if (d === undefined) return undefined;
    const length = m.argU32(2);
    const offset = m.argU32(4);
    const to = m.pointer(1, length, 'write', 'buffer');
    if (to < 0) return undefined;
    if (d.data === 0n || m.arg(5) !== 0n) return EINVAL;
    if (outside(d, offset, length)) return E2BIG;
    const from = dynptrBytes(m, 3, d, offset, length, 'read');
    if (from < 0) return undefined;
    m.memory.copyWithin(to, from, length);
    return 0;
  },
  bpf_dynptr_write(m) {
    const d = dynptrArg(m, 1);
    if (d === undefined) return undefined;
    const offset = m.argU32(2);
    const length = m.argU32(4);
    const from = m.pointer(3, length, 'read', 'data');
    if (from < 0) return undefined;
    if (d.data === 0n || d.readOnly) return EINVAL;
    if (outside(d, offset, length)) return E2BIG;
    if (m.arg(5) !== 0n) return EINVAL;
    const to = dynptrBytes(m, 1, d, offset, length, 'write');
    if (to < 0) return undefined;
    m.memory.copyWithin(to, from, length);
    return 0;
  },
  bpf_dynptr_data(m) {
    const d = dynptrArg(m, 1);
    if (d === undefined) return undefined;
    const offset = m.argU32(2);
    const length = m.argU32(3);
    if (d.data === 0n || d.readOnly || outside(d, offset, length)) return 0;
    return d.data + BigInt(d.offset + offset);
  },
  bpf_user_ringbuf_drain(m) {
    const map = m.mapArg(1);
    if (map === undefined) return undefined;
    if (!(map instanceof UserRingbufMap)) {
      m.badArgument(1, `map \`${map.definition.name}\` is no user ring buffer`);
      return undefined;
    }
    const flags = flagsArg(m, 4);
    if (flags < 0 || (flags & ~WAKEUP_FLAGS) !== 0) return EINVAL;
    const sample = map.take();
    if (sample === undefined) return 0;
    const argument = m.arg(3);
    const dynptr = m.heap.allocate({ kind: BLOCK.dynptrData, mapped: DYNPTR_BYTES });
    if (dynptr < 0) return EBUSY;
    const continuation: Continuation = { kind: 'user-ringbuf', map: map.index, done: 1, flags, argument, dynptr };
    if (m.callBack(2, continuation)) showSample(m, dynptr, sample, argument);
    return undefined;
  },
} satisfies Record<string, HelperImpl>;

function showSample(
  m: Machine,
  dynptr: number,
  sample: { readonly data: number; readonly length: number },
  argument: bigint,
): void {
  writeDynptr(m, dynptr, m.addressOf(sample.data), sample.length, DYNPTR.local);
  m.heap.set(dynptr, 52, sample.data);
  m.setPointer(1, dynptr);
  m.regs64[2] = argument;
}

/** The callback of bpf_user_ringbuf_drain() has returned. */
export function resumeDrain(m: Machine, c: Extract<Continuation, { kind: 'user-ringbuf' }>): number | undefined {
  m.heap.free(m.heap.get(c.dynptr, 52));
  const map = m.maps[c.map] as UserRingbufMap;
  const next = m.regs64[0] === 0n && c.done < MAX_SAMPLES ? map.take() : undefined;
  if (next === undefined) {
    m.heap.free(c.dynptr);
    return c.done;
  }
  m.again({ ...c, done: c.done + 1 });
  showSample(m, c.dynptr, next, c.argument);
  return undefined;
}
