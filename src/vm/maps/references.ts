// Maps whose values are not bytes but references: programs, other maps, sockets, perf events, cgroups. Sources of the
// semantics: kernel/bpf/arraymap.c, map_in_map.c, net/core/sock_map.c.
//
// User space names what it puts in by number: a program by its index in the machine's list, a map by its fd, a socket by its
// id, a cgroup by its id. Lookups from user space give the same number.

import type { MapDefinition } from '../../object/index.ts';
import type { MapEntry } from '../api.ts';
import { E2BIG, EBADF, EEXIST, EINVAL, ENOENT, ENOMEM } from '../errno.ts';
import type { Machine } from '../machine.ts';
import { Elements } from './elements.ts';
import { BPF_EXIST, BPF_NOEXIST, BpfMap, bytesOfU32, u32Of } from './map.ts';
import { Slots } from './slots.ts';

/** An array whose slots hold a number above 0 or nothing. */
export class ReferenceArray extends BpfMap {
  readonly #slots: Slots;

  constructor(m: Machine, index: number, definition: MapDefinition) {
    super(m, index, definition);
    this.#slots = new Slots(m, definition.maxEntries);
  }

  get ok(): boolean {
    return this.#slots.ok;
  }

  /** What the slot refers to, plus 1; 0: nothing or out of range. */
  reference(index: number): number {
    return index < this.definition.maxEntries ? this.#slots.get(index) : 0;
  }
  setReference(index: number, reference: number): boolean {
    const before = this.#slots.get(index);
    if (!this.#slots.set(index, reference)) return false;
    this.entryCount += (reference === 0 ? 0 : 1) - (before === 0 ? 0 : 1);
    return true;
  }

  /** Whether user space may put that number in; a negative errno when not. */
  protected acceptable(_number: number): number {
    return 0;
  }

  override userLookup(key: Uint8Array): MapEntry | number {
    const index = u32Of(key);
    if (index === undefined) return EINVAL;
    const reference = this.reference(index);
    return reference === 0 ? ENOENT : { key, values: [this.#value(reference - 1)] };
  }
  #value(number: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(4, this.definition.valueSize));
    bytes.set(bytesOfU32(number));
    return bytes;
  }
  override userUpdate(key: Uint8Array, value: Uint8Array, flags: number): number {
    const index = u32Of(key);
    const number = u32Of(value.subarray(0, 4));
    if (index === undefined || number === undefined || flags < 0 || flags > BPF_EXIST) return EINVAL;
    if (index >= this.definition.maxEntries) return E2BIG;
    if (flags === BPF_NOEXIST && this.arrayHasAllElements) return EEXIST;
    if (flags === BPF_NOEXIST && this.reference(index) !== 0) return EEXIST;
    if (flags === BPF_EXIST && !this.arrayHasAllElements && this.reference(index) === 0) return ENOENT;
    const error = this.acceptable(number);
    if (error !== 0) return error;
    return this.setReference(index, number + 1) ? 0 : ENOMEM;
  }
  protected get arrayHasAllElements(): boolean {
    return true;
  }
  override userDelete(key: Uint8Array): number {
    const index = u32Of(key);
    if (index === undefined) return EINVAL;
    if (index >= this.definition.maxEntries) return E2BIG;
    if (this.reference(index) === 0) return ENOENT;
    this.setReference(index, 0);
    return 0;
  }
  override userEntries(limit: number): MapEntry[] {
    const entries: MapEntry[] = [];
    for (let index = 0; index < this.definition.maxEntries && entries.length < limit; index++) {
      const reference = this.reference(index);
      if (reference !== 0) entries.push({ key: bytesOfU32(index), values: [this.#value(reference - 1)] });
    }
    return entries;
  }
}

export class ProgramArray extends ReferenceArray {
  protected override acceptable(number: number): number {
    return number < this.m.codes.length ? 0 : EBADF;
  }
}

/** The fd of a map by which user space names it, turned into the machine's index plus 1; 0: no such map. */
function innerReference(m: Machine, definition: MapDefinition, fd: number): number {
  const inner = m.maps.find((map) => map.definition.fd === fd);
  const wanted = definition.inner;
  if (inner === undefined) return 0;
  if (wanted === undefined) return inner.index + 1;
  const have = inner.definition;
  // kernel/bpf/map_in_map.c bpf_map_meta_equal: the number of entries counts only for arrays that are not BPF_F_INNER_MAP.
  const same =
    have.typeId === wanted.typeId &&
    have.keySize === wanted.keySize &&
    have.valueSize === wanted.valueSize &&
    have.flags === wanted.flags;
  return same ? inner.index + 1 : -1;
}

export class ArrayOfMaps extends ReferenceArray {
  override lookup(key: number): number {
    const reference = this.reference(this.m.memory.view.getUint32(key, true));
    return reference === 0 ? 0 : this.m.maps[reference - 1]!.object;
  }
  override userUpdate(key: Uint8Array, value: Uint8Array, flags: number): number {
    const index = u32Of(key);
    const fd = u32Of(value.subarray(0, 4));
    if (index === undefined || fd === undefined || flags < 0 || flags > BPF_EXIST) return EINVAL;
    if (index >= this.definition.maxEntries) return E2BIG;
    if (flags === BPF_NOEXIST) return EEXIST;
    const reference = innerReference(this.m, this.definition, fd);
    if (reference <= 0) return reference === 0 ? EBADF : EINVAL;
    return this.setReference(index, reference) ? 0 : ENOMEM;
  }
  override userLookup(key: Uint8Array): MapEntry | number {
    const index = u32Of(key);
    if (index === undefined) return EINVAL;
    const reference = this.reference(index);
    if (reference === 0) return ENOENT;
    return { key, values: [bytesOfU32(this.m.maps[reference - 1]!.definition.fd)] };
  }
  override userEntries(limit: number): MapEntry[] {
    return super.userEntries(limit).map((entry) => this.userLookup(entry.key) as MapEntry);
  }
}

/** A hash table from keys to references. */
export class ReferenceHash extends BpfMap {
  readonly #elements: Elements;

  constructor(m: Machine, index: number, definition: MapDefinition) {
    super(m, index, definition);
    this.#elements = new Elements(m, {
      keySize: definition.keySize,
      valueSize: 0,
      extra: 8,
      owner: index,
      readOnly: false,
    });
  }

  get ok(): boolean {
    return this.#elements.ok;
  }
  override get count(): number {
    return this.#elements.count;
  }

  /** What is stored under the key at that address, plus 1; 0: nothing. */
  protected referenceAt(key: number): number {
    const element = this.#elements.find(key);
    return element === 0 ? 0 : this.m.memory.getU32(this.#elements.extraOf(element));
  }

  protected put(key: number, reference: number, flags: number): number {
    if (flags < 0 || flags > BPF_EXIST) return EINVAL;
    let element = this.#elements.find(key);
    if (element !== 0 && flags === BPF_NOEXIST) return EEXIST;
    if (element === 0 && flags === BPF_EXIST) return ENOENT;
    if (element === 0) {
      if (this.#elements.count >= this.definition.maxEntries) return E2BIG;
      element = this.#elements.insert(key);
      if (element < 0) return ENOMEM;
    }
    this.m.memory.setU32(this.#elements.extraOf(element), reference);
    return 0;
  }

  protected remove(key: number): number {
    const element = this.#elements.find(key);
    if (element === 0) return ENOENT;
    this.#elements.remove(element);
    this.m.heap.free(element);
    return 0;
  }

  /** Removes every entry whose reference is that one. */
  protected removeReference(reference: number): void {
    let element = this.#elements.first;
    while (element !== 0) {
      const next = this.#elements.next(element);
      if (this.m.memory.getU32(this.#elements.extraOf(element)) === reference) {
        this.#elements.remove(element);
        this.m.heap.free(element);
      }
      element = next;
    }
  }

  /** What user space sees of a reference. */
  protected shown(reference: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(4, this.definition.valueSize));
    bytes.set(bytesOfU32(reference - 1));
    return bytes;
  }

  override userLookup(key: Uint8Array): MapEntry | number {
    if (key.length !== this.definition.keySize) return EINVAL;
    const reference = this.withBytes(key, (at) => this.referenceAt(at));
    return reference === 0 ? ENOENT : { key, values: [this.shown(reference)] };
  }
  override userDelete(key: Uint8Array): number {
    return key.length === this.definition.keySize ? this.withBytes(key, (at) => this.remove(at)) : EINVAL;
  }
  override userEntries(limit: number): MapEntry[] {
    const { memory } = this.m;
    const entries: MapEntry[] = [];
    for (let at = this.#elements.first; at !== 0 && entries.length < limit; at = this.#elements.next(at))
      entries.push({
        key: memory.bytes(this.#elements.keyOf(at), this.definition.keySize),
        values: [this.shown(memory.getU32(this.#elements.extraOf(at)))],
      });
    return entries;
  }
}

export class HashOfMaps extends ReferenceHash {
  override lookup(key: number): number {
    const reference = this.referenceAt(key);
    return reference === 0 ? 0 : this.m.maps[reference - 1]!.object;
  }
  protected override shown(reference: number): Uint8Array {
    return bytesOfU32(this.m.maps[reference - 1]!.definition.fd);
  }
  override userUpdate(key: Uint8Array, value: Uint8Array, flags: number): number {
    const fd = u32Of(value.subarray(0, 4));
    if (key.length !== this.definition.keySize || fd === undefined) return EINVAL;
    const reference = innerReference(this.m, this.definition, fd);
    if (reference <= 0) return reference === 0 ? EBADF : EINVAL;
    return this.withBytes(key, (at) => this.put(at, reference, flags));
  }
}

/** What bpf_sock_map_update() and bpf_sock_hash_update() work on. */
export interface SocketMap {
  /** `key`: linear address. */
  putSocket(key: number, socketId: number, flags: number): number;
}

export class SockMap extends ReferenceArray implements SocketMap {
  protected override get arrayHasAllElements(): boolean {
    return false;
  }
  putSocket(key: number, socketId: number, flags: number): number {
    if (flags < 0 || flags > BPF_EXIST) return EINVAL;
    const index = this.m.memory.view.getUint32(key, true);
    if (index >= this.definition.maxEntries) return E2BIG;
    const before = this.reference(index);
    if (before !== 0 && flags === BPF_NOEXIST) return EEXIST;
    if (before === 0 && flags === BPF_EXIST) return ENOENT;
    return this.setReference(index, socketId + 1) ? 0 : ENOMEM;
  }
  override delete(key: number): number {
    const index = this.m.memory.view.getUint32(key, true);
    if (index >= this.definition.maxEntries || this.reference(index) === 0) return EINVAL;
    this.setReference(index, 0);
    return 0;
  }
  override userDelete(key: Uint8Array): number {
    const index = u32Of(key);
    if (index === undefined || this.reference(index) === 0) return EINVAL;
    this.setReference(index, 0);
    return 0;
  }
  override socketClosed(socketId: number): void {
    if (this.entryCount === 0) return;
    for (let index = 0; index < this.definition.maxEntries; index++)
      if (this.reference(index) === socketId + 1) this.setReference(index, 0);
  }
}

export class SockHash extends ReferenceHash implements SocketMap {
  putSocket(key: number, socketId: number, flags: number): number {
    return this.put(key, socketId + 1, flags);
  }
  override delete(key: number): number {
    return this.remove(key);
  }
  override userUpdate(key: Uint8Array, value: Uint8Array, flags: number): number {
    const socketId = u32Of(value.subarray(0, 4));
    if (key.length !== this.definition.keySize || socketId === undefined) return EINVAL;
    return this.withBytes(key, (at) => this.put(at, socketId + 1, flags));
  }
  override socketClosed(socketId: number): void {
    this.removeReference(socketId + 1);
  }
}
