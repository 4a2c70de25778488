// Accesses that the tags do not allow as they stand: some are fine after all (a context that must be filled first, a value that
// was deleted a moment ago), the others are refused with what the address belongs to. Also the loads and stores of the
// interpreter that are not worth a path of their own, and read-modify-write.

import { asFunction, asUnsetRegister, isUnsetStack, joined } from './address.ts';
import type { AccessFault, AccessMode, AccessRefusal } from './fault.ts';
import { BLOCK, HEADER, READ_ONLY, STATE } from './heap.ts';
import { KERNEL_OBJECT_TYPES, type Machine } from './machine.ts';
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
    if (kind === BLOCK.kernelObject) {
      if (mode === 'write') return refuse({ kind: 'read-only', region, offset });
      const value = this.readObject(high, low, size);
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

  /** Data address of the kernel object that an address lies in or beside; 0: none. */
  kernelObjectAt(high: number, low: number): number {
    const data = high === 0 ? 0 : this.#m.heap.find(high, low);
    return data !== 0 && this.#m.heap.kind(data) === BLOCK.kernelObject ? data : 0;
  }

  /** Reads from a kernel object through the port; undefined with a fault where it has no answer. */
  readObject(high: number, low: number, size: number): bigint | undefined {
    const data = this.kernelObjectAt(high, low);
    const type = KERNEL_OBJECT_TYPES[this.#m.heap.get(data, HEADER.a)]!;
    const offset = low - data;
    const value = this.#m.socket?.readKernelObject?.(type, offset, size);
    if (value === undefined)
      this.#m.setFault({
        kind: 'unmodelled',
        what: `the kernel's struct ${type}, read of ${size} bytes at offset ${offset},`,
        reason: 'that field has no counterpart in the model',
      });
    return value;
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
