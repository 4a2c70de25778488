// What every map has: a place in linear memory whose address programs hold as the map's own, its definition, and the
// operations of a program and of user space. A map keeps no state outside of linear memory.

import { toHex } from '../../base/index.ts';
import type { MapDefinition } from '../../object/index.ts';
import type { MapEntry } from '../api.ts';
import { EINVAL, ENOTSUPP, EOPNOTSUPP } from '../errno.ts';
import { BLOCK } from '../heap.ts';
import type { Machine } from '../machine.ts';
import type { MapLayout } from './layout.ts';
import { type SpecialField, specialFields } from './special-fields.ts';

/** Flags of update (include/uapi/linux/bpf.h). */
export const BPF_NOEXIST = 1;
export const BPF_EXIST = 2;
export const BPF_F_LOCK = 4;

/** Flags of creation that change what a map does here. */
export const MAP_FLAG = { rdonlyProg: 0x80, wronlyProg: 0x100, cloneStorage: 0x200 } as const;

/** One step of bpf_for_each_map_elem(): where the key's bytes and the value are, and the cursor of the next step. */
export interface Visit {
  /** Linear address of the key bytes, 0: the key is the number `index`. */
  readonly key: number;
  readonly index: number;
  readonly value: number;
  readonly next: number;
}

/** Word numbers in the map object; from `own` on they belong to the map's type. */
const WORD = { index: 0, count: 1, own: 2 } as const;
const OBJECT_BYTES = 64;

export abstract class BpfMap {
  protected readonly m: Machine;
  readonly index: number;
  readonly definition: MapDefinition;
  /** Linear address of the map object; 0 after creation failed for lack of memory. */
  readonly object: number;

  /** Fields of the value that belong to the kernel. */
  protected readonly special: readonly SpecialField[];

  constructor(m: Machine, index: number, definition: MapDefinition) {
    this.m = m;
    this.special = specialFields(m.types, definition.valueTypeId);
    this.index = index;
    this.definition = definition;
    this.object = Math.max(0, m.heap.allocate({ kind: BLOCK.mapObject, mapped: OBJECT_BYTES, owner: index }));
    if (this.object !== 0) m.memory.setU32(this.object, index);
  }

  protected word(number: number): number {
    return this.m.memory.getU32(this.object + 4 * (WORD.own + number));
  }
  protected setWord(number: number, value: number): void {
    this.m.memory.setU32(this.object + 4 * (WORD.own + number), value);
  }
  protected get entryCount(): number {
    return this.m.memory.getU32(this.object + 4 * WORD.count);
  }
  protected set entryCount(value: number) {
    this.m.memory.setU32(this.object + 4 * WORD.count, value);
  }

  /** Key of the element whose value block starts at `data`, for people. */
  keyText(_data: number): string | undefined {
    return undefined;
  }

  /** Key bytes of the element whose value block starts at `data`; empty where there is no key. */
  keyBytes(_data: number): Uint8Array {
    return new Uint8Array(0);
  }

  /** For compiled code that looks elements up by itself; undefined where only `lookup` may. */
  get layout(): MapLayout | undefined {
    return undefined;
  }

  // ---- a program's side: keys and values are linear addresses; `flags` is -1 when the upper half is set ----

  /** Data address of what bpf_map_lookup_elem() gives: 0 for NULL. */
  lookup(_key: number): number {
    this.unsupported('bpf_map_lookup_elem');
    return 0;
  }
  update(_key: number, _value: number, _flags: number): number {
    return this.unsupported('bpf_map_update_elem');
  }
  delete(_key: number): number {
    return this.unsupported('bpf_map_delete_elem');
  }
  lookupOnCpu(_key: number, _cpu: number): number {
    return 0;
  }
  push(_value: number, _flags: number): number {
    return this.unsupported('bpf_map_push_elem');
  }
  /** Fills `value`. */
  pop(_value: number): number {
    return this.unsupported('bpf_map_pop_elem');
  }
  peek(_value: number): number {
    return this.unsupported('bpf_map_peek_elem');
  }
  /** First step of an iteration, or the step at a cursor; undefined at the end. `NO_ITERATION` for maps without one. */
  visit(_cursor: number): Visit | undefined | typeof NO_ITERATION {
    return NO_ITERATION;
  }

  protected unsupported(helper: string): number {
    this.m.setFault({
      kind: 'bad-argument',
      helper,
      index: 1,
      why: `map \`${this.definition.name}\` is of a type that this helper does not take`,
    });
    return EINVAL;
  }

  // ---- user space's side ----

  get count(): number {
    return this.entryCount;
  }
  userLookup(_key: Uint8Array): MapEntry | number {
    return EOPNOTSUPP;
  }
  userUpdate(_key: Uint8Array, _value: Uint8Array, _flags: number): number {
    return EOPNOTSUPP;
  }
  userDelete(_key: Uint8Array): number {
    return EOPNOTSUPP;
  }
  userPush(_value: Uint8Array, _flags: number): number {
    return ENOTSUPP;
  }
  userEntries(_limit: number): MapEntry[] {
    return [];
  }
  /** Data address of an existing value. */
  userAddress(_key: Uint8Array, _cpu: number): number {
    return 0;
  }

  /** The call that was running has ended. */
  callEnded(): void {}
  /** A socket has gone. */
  socketClosed(_socketId: number): void {}
  socketCloned(_parent: number, _child: number): void {}

  // ---- for subclasses ----

  protected get isReadOnlyForProgram(): boolean {
    return (this.definition.flags & MAP_FLAG.rdonlyProg) !== 0;
  }

  /** Fills a value from bytes at a linear address; the kernel's fields in it stay as they are. */
  protected fillFrom(data: number, from: number): void {
    const { memory } = this.m;
    const kept = this.special.map(({ offset, size }) => memory.bytes(data + offset, size));
    memory.copyWithin(data, from, this.definition.valueSize);
    this.special.forEach(({ offset }, i) => {
      memory.copyIn(data + offset, kept[i]!);
    });
  }

  protected fillWith(data: number, bytes: Uint8Array): void {
    const { memory } = this.m;
    const kept = this.special.map(({ offset, size }) => memory.bytes(data + offset, size));
    memory.copyIn(data, bytes.subarray(0, this.definition.valueSize));
    this.special.forEach(({ offset }, i) => {
      memory.copyIn(data + offset, kept[i]!);
    });
  }

  /** A copy of a value as user space gets it: the kernel's fields read as zeros. */
  protected shownBytes(data: number): Uint8Array {
    const bytes = this.m.memory.bytes(data, this.definition.valueSize);
    for (const { offset, size } of this.special) bytes.fill(0, offset, offset + size);
    return bytes;
  }

  /** Whether update flags are in the range that maps take: BPF_F_LOCK needs a lock in the value. -1: the upper half is set. */
  protected flagsValid(flags: number): boolean {
    if (flags < 0 || (flags & ~BPF_F_LOCK) > BPF_EXIST) return false;
    return (flags & BPF_F_LOCK) === 0 || this.special.some((field) => field.isLock);
  }

  protected hex(at: number, length: number): string {
    return `0x${toHex(this.m.memory.u8.subarray(at, at + length))}`;
  }

  /** Calls `use` with the linear address of a copy of `bytes`. */
  protected withBytes<T>(bytes: Uint8Array, use: (at: number) => T): T {
    const at = this.m.heap.allocate({ kind: BLOCK.internal, mapped: 0, hidden: Math.max(8, bytes.length) });
    this.m.memory.copyIn(at, bytes);
    const result = use(at);
    this.m.heap.free(at);
    return result;
  }

  /** Gives a value's memory back, at once or, while a program runs, when it has ended. */
  protected release(data: number): void {
    this.m.valueGone(data);
    if (this.m.active) this.m.heap.defer(data);
    else this.m.heap.free(data);
  }
}

export const NO_ITERATION = Symbol('no-iteration');

/** The four bytes of a u32 key; undefined when there are not exactly four. */
export function u32Of(key: Uint8Array): number | undefined {
  return key.length === 4 ? (key[0]! | (key[1]! << 8) | (key[2]! << 16) | (key[3]! << 24)) >>> 0 : undefined;
}

export function bytesOfU32(value: number): Uint8Array {
  return Uint8Array.of(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
}
