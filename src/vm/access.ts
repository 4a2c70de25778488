// Accesses that the tags do not allow as they stand: some are fine after all (a context that must be filled first, a value that
// was deleted a moment ago), the others are refused with what the address belongs to. Also the loads and stores of the
// interpreter that are not worth a path of their own, and read-modify-write.

import { assertNever } from '../base/index.ts';
import { asFunction, asUnsetRegister, isUnsetStack, joined } from './address.ts';
import type { AccessFault, AccessMode, AccessRefusal } from './fault.ts';
import { BLOCK, HEADER, READ_ONLY, STATE } from './heap.ts';
import { KERNEL_OBJECT_TYPES, type KernelObject, type KernelRead } from './kernel-port.ts';
import type { Machine } from './machine.ts';
import { ATOMIC, ATOMIC_FETCH } from './op.ts';
import { regionName } from './region-name.ts';

export class Access {
  readonly #m: Machine;

  constructor(machine: Machine) {
    this.#m = machine;
  }

  /** What the last `resolve` gave as a value and not as an address. */
  #value = 0n;

  /**
   * Where an access goes that the tags do not allow as it stands. A linear address: go ahead. -1: refused, `refusal` says why.
   * -2: it was a read of something that has no bytes here, and `#value` holds the result.
   */
  resolve(high: number, low: number, size: number, mode: AccessMode): number {
    if (this.allowed(high, low, size, mode)) return low;
    const { heap } = this.#m;
    if (this.#m.context.owns(high)) {
      const at = this.#m.context.resolve(high, low, size, mode);
      if (at >= 0) return at;
    }
    const refuse = (access: AccessFault): number => {
      this.refusal = { access, mode, size, address: BigInt.asUintN(64, joined(high, low)) };
      return -1;
    };
    const special = specialAddress(high, low);
    if (special !== undefined) return refuse(special);
    const data = heap.find(high, low);
    if (data === 0) return refuse({ kind: 'wild' });
    const region = regionName(this.#m, data);
    const offset = low - data;
    const inside = offset >= 0 && offset + size <= region.size;
    const kind = heap.kind(data);
    if (kind === BLOCK.mapObject) return refuse({ kind: 'opaque', region });
    if (kind === BLOCK.kernelObject && heap.state(data) !== STATE.freed) {
      if (mode === 'write') return refuse({ kind: 'read-only', region, offset });
      const value = this.readObject(data, offset, size);
      this.refusal = undefined;
      if (value === undefined) return -1;
      this.#value = value;
      return -2;
    }
    if (heap.state(data) === STATE.freed) return refuse({ kind: 'use-after-free', region, offset });
    if (!inside) return refuse({ kind: 'out-of-bounds', region, offset });
    if (mode === 'write' && (heap.get(data, HEADER.flags) & READ_ONLY) !== 0)
      return refuse({ kind: 'read-only', region, offset });
    if (heap.state(data) === STATE.deferred) {
      if (kind === BLOCK.ringbufRecord || kind === BLOCK.allocated)
        return refuse({ kind: 'use-after-free', region, offset });
      this.#m.diagnose({ kind: 'use-after-delete', map: region.kind === 'map-value' ? region.map : '' });
      return low;
    }
    return refuse({ kind: 'wild' });
  }

  /**
   * Data address of the live kernel object that an address lies in or beside; 0: none. The two images of the socket and the context are views
   * that the verifier makes; to whoever follows the bare address, as bpf_probe_read_kernel() does, the kernel's own objects are there.
   */
  kernelObjectAt(high: number, low: number): number {
    const { heap, context } = this.#m;
    if (high === 0) return 0;
    if (context.owns(high) && this.#m.port.readKernelObject !== undefined) {
      const { socket } = this.#m.port;
      if (high === heap.colour(context.data)) return this.#m.kernelObject('bpf_sock_ops_kern', 0);
      return socket?.socketId === undefined ? 0 : this.#m.kernelObject('tcp_sock', socket.socketId);
    }
    const data = heap.find(high, low);
    return data !== 0 && heap.kind(data) === BLOCK.kernelObject && heap.state(data) !== STATE.freed ? data : 0;
  }

  /** Offset of an address in the kernel object that `kernelObjectAt` found for it. */
  offsetInObject(data: number, high: number, low: number): number {
    const { heap, context } = this.#m;
    if (high === heap.colour(data)) return low - data;
    const image = [context.data, context.sock, context.tcpSock].find((block) => heap.colour(block) === high);
    return low - (image ?? data);
  }

  /** What stands in `size` bytes (1, 2, 4, 8) of a kernel object. */
  lookIntoObject(data: number, offset: number, size: number): KernelRead {
    const { heap, attachedPort: port } = this.#m;
    const type = KERNEL_OBJECT_TYPES[heap.get(data, HEADER.a)]!;
    const object: KernelObject = { type, id: heap.owner(data) };
    return (
      port?.readKernelObject?.(object, offset, size) ?? {
        kind: 'unmodelled',
        what: `the kernel's struct ${type}, read of ${size} bytes at offset ${offset},`,
        reason: 'no kernel stands behind the machine',
      }
    );
  }

  /** Reads from a kernel object; undefined with a fault where what stands there is not modelled. */
  readObject(data: number, offset: number, size: number): bigint | undefined {
    const read = this.lookIntoObject(data, offset, size);
    if (read.kind === 'unmodelled') {
      this.#m.setFault(read);
      return undefined;
    }
    return this.#objectWord(read, size);
  }

  /** The number that a program sees. */
  #objectWord(read: Exclude<KernelRead, { kind: 'unmodelled' }>, size: number): bigint {
    const m = this.#m;
    switch (read.kind) {
      case 'value':
        return read.value;
      case 'pointer': {
        const { to, offset } = read;
        return to === undefined ? 0n : BigInt.asUintN(64, m.addressOf(m.kernelObject(to.type, to.id), offset));
      }
      case 'context': {
        const bytes = m.memory.bytes(m.context.data + read.offset, size);
        return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
      }
      default:
        return assertNever(read, 'objectWord');
    }
  }

  /** Bytes of a kernel object from an offset on, as far as they are modelled, at most `length`; `end` says why there are no more. */
  objectBytes(data: number, offset: number, length: number): ObjectBytes {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const size = stepAt(offset + done, length - done);
      const read = this.lookIntoObject(data, offset + done, size);
      if (read.kind === 'unmodelled') return { bytes: bytes.subarray(0, done), end: read };
      const value = this.#objectWord(read, size);
      for (let i = 0; i < size; i++) bytes[done + i] = Number((value >> BigInt(8 * i)) & 0xffn);
      done += size;
    }
    return { bytes, end: undefined };
  }

  /** Why the last `resolve` refused. */
  refusal: AccessRefusal | undefined;

  allowed(high: number, low: number, size: number, mode: AccessMode): boolean {
    const { tags } = this.#m.memory;
    const tag = (low >>> 6) << 1;
    const end = tags[tag];
    if (end === undefined || tags[tag + 1] !== high) return false;
    return mode === 'write' ? low + size <= end : low + size <= (end & 0x7fffffff);
  }

  /** Address (high, low) of a register plus a displacement, into `#high` and `#low`. */
  #high = 0;
  #low = 0;
  #address(register: number, offset: number): void {
    const base = this.#m.regs32[2 * register]!;
    const low = (base + offset) | 0;
    let high = this.#m.regs32[2 * register + 1]!;
    if (offset >= 0 ? low >>> 0 < base >>> 0 : low >>> 0 > base >>> 0) high += offset >= 0 ? 1 : -1;
    this.#high = high | 0;
    this.#low = low;
  }

  loadSlowly(d: number, base: number, offset: number, size: 1 | 2 | 4 | 8, signed: boolean): boolean {
    this.#address(base, offset);
    const at = this.resolve(this.#high, this.#low, size, 'read');
    if (at === -1) return this.#refused();
    const { view } = this.#m.memory;
    let value: bigint;
    if (at === -2) value = BigInt.asUintN(8 * size, this.#value);
    else if (size === 8) value = view.getBigInt64(at, true);
    else
      value = BigInt(size === 4 ? view.getUint32(at, true) : size === 2 ? view.getUint16(at, true) : view.getUint8(at));
    this.#m.regs64[d] = signed ? BigInt.asIntN(8 * size, value) : value;
    return true;
  }

  storeSlowly(base: number, source: number, offset: number, size: 1 | 2 | 4 | 8): boolean {
    this.#address(base, offset);
    if (this.#m.context.owns(this.#high)) {
      const done = this.#m.context.store(this.#high, this.#low, size, this.#m.regs64[source]!);
      if (done) return true;
    }
    const at = this.resolve(this.#high, this.#low, size, 'write');
    if (at < 0) return this.#refused();
    const { view } = this.#m.memory;
    if (size === 8) view.setBigInt64(at, this.#m.regs64[source]!, true);
    else if (size === 4) view.setInt32(at, this.#m.regs32[2 * source]!, true);
    else if (size === 2) view.setInt16(at, this.#m.regs32[2 * source]!, true);
    else view.setInt8(at, this.#m.regs32[2 * source]!);
    this.#m.memory.touched(at, size);
    return true;
  }

  #refused(): false {
    if (this.refusal !== undefined) this.#m.setFault({ kind: 'access', ...this.refusal });
    this.refusal = undefined;
    return false;
  }

  loadWithContextQuirks(d: number, base: number, offset: number, size: number): boolean {
    const outcome = this.#m.context.quirk(d, base, offset, size);
    if (outcome === 'fault') return false;
    return outcome === 'done' || this.loadSlowly(d, base, offset, size as 1 | 2 | 4 | 8, false);
  }

  /** An atomic read-modify-write at [base + offset] with register `source`. */
  atomic(base: number, source: number, offset: number, code: number, size: 4 | 8): boolean {
    this.#address(base, offset);
    const at = this.resolve(this.#high, this.#low, size, 'write');
    if (at < 0) return this.#refused();
    const { view } = this.#m.memory;
    const fetch = (code & ATOMIC_FETCH) !== 0;
    const fn = code & ~ATOMIC_FETCH;
    this.#m.memory.touched(at, size);
    if (size === 4) {
      const { regs32 } = this.#m;
      const old = view.getInt32(at, true);
      const operand = regs32[2 * source]!;
      const back = fn === ATOMIC.cmpxchg ? 0 : source;
      if (fn === ATOMIC.cmpxchg) {
        if (old === regs32[0]) view.setInt32(at, operand, true);
      } else view.setInt32(at, combined32(fn, old, operand), true);
      if (fetch || fn >= ATOMIC.xchg) {
        regs32[2 * back] = old;
        regs32[2 * back + 1] = 0;
      }
      return true;
    }
    const { regs64 } = this.#m;
    const old = view.getBigInt64(at, true);
    const operand = regs64[source]!;
    if (fn === ATOMIC.cmpxchg) {
      if (old === regs64[0]) view.setBigInt64(at, operand, true);
      regs64[0] = old;
      return true;
    }
    view.setBigInt64(at, combined64(fn, old, operand), true);
    if (fetch || fn === ATOMIC.xchg) regs64[source] = old;
    return true;
  }
}

export interface ObjectBytes {
  readonly bytes: Uint8Array;
  readonly end: (KernelRead & { kind: 'unmodelled' }) | undefined;
}

/** The largest aligned access at `offset` that does not go past `left` bytes. */
function stepAt(offset: number, left: number): 1 | 2 | 4 | 8 {
  for (const size of [8, 4, 2] as const) if (left >= size && offset % size === 0) return size;
  return 1;
}

/** Addresses that mean something although nothing can be there. */
function specialAddress(high: number, low: number): AccessFault | undefined {
  if (high === 0 && low >>> 0 < 65536) return { kind: 'null-pointer', offset: low };
  const unset = asUnsetRegister(high, low);
  if (unset !== undefined) return { kind: 'uninitialised-register', ...unset };
  if (isUnsetStack(high)) return { kind: 'uninitialised-stack' };
  const fn = asFunction(high, low);
  return fn === undefined ? undefined : { kind: 'function-pointer', slot: fn.slot };
}

function combined32(fn: number, old: number, operand: number): number {
  if (fn === ATOMIC.add) return old + operand;
  if (fn === ATOMIC.or) return old | operand;
  if (fn === ATOMIC.and) return old & operand;
  return fn === ATOMIC.xor ? old ^ operand : operand;
}

function combined64(fn: number, old: bigint, operand: bigint): bigint {
  if (fn === ATOMIC.add) return old + operand;
  if (fn === ATOMIC.or) return old | operand;
  if (fn === ATOMIC.and) return old & operand;
  return fn === ATOMIC.xor ? old ^ operand : operand;
}
