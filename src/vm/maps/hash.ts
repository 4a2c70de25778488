// Hash maps: plain, LRU, per-cpu, and both. Source of the semantics: kernel/bpf/hashtab.c. Replacing a value makes a new
// element, as there: a pointer to the old value goes on showing the old bytes until the program ends.
//
// DIFFERS: an LRU map evicts one element when it is full, by second chance over the order of use. A kernel keeps free
// elements per CPU and evicts up to 128 at a time, so that a map can lose entries before it is full.

import type { MapDefinition } from '../../object/index.ts';
import type { MapEntry } from '../api.ts';
import { E2BIG, EEXIST, EINVAL, ENOENT, ENOMEM, EPERM } from '../errno.ts';
import { BLOCK, HEADER } from '../heap.ts';
import type { Machine } from '../machine.ts';
import { Elements } from './elements.ts';
import type { MapLayout } from './layout.ts';
import { BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST, BpfMap, type Visit } from './map.ts';

export interface HashTraits {
  readonly lru: boolean;
  readonly perCpu: boolean;
}

export class HashMap extends BpfMap {
  readonly #traits: HashTraits;
  readonly #elements: Elements;

  constructor(m: Machine, index: number, definition: MapDefinition, traits: HashTraits) {
    super(m, index, definition);
    this.#traits = traits;
    this.#elements = new Elements(m, {
      keySize: definition.keySize,
      valueSize: traits.perCpu ? 0 : definition.valueSize,
      extra: traits.perCpu ? 4 * m.cpuCount : 0,
      owner: index,
      readOnly: this.isReadOnlyForProgram,
    });
  }

  get ok(): boolean {
    return this.#elements.ok;
  }

  override get count(): number {
    return this.#elements.count;
  }

  override keyText(data: number): string {
    const element = this.#traits.perCpu ? this.m.heap.get(data, HEADER.f) : data;
    return this.hex(this.#elements.keyOf(element), this.definition.keySize);
  }

  override keyBytes(data: number): Uint8Array {
    const element = this.#traits.perCpu ? this.m.heap.get(data, HEADER.f) : data;
    return this.m.memory.bytes(this.#elements.keyOf(element), this.definition.keySize);
  }

  /** Value block of an element for a CPU. */
  #value(element: number, cpu: number): number {
    if (element === 0 || !this.#traits.perCpu) return element;
    return this.m.memory.getU32(this.#elements.extraOf(element) + 4 * cpu);
  }

  override get layout(): MapLayout | undefined {
    return this.#traits.lru || this.#traits.perCpu ? undefined : this.#elements.layout;
  }

  override lookup(key: number): number {
    const element = this.#elements.find(key);
    if (element !== 0 && this.#traits.lru) this.#elements.markReferenced(element);
    return this.#value(element, this.m.port.cpu);
  }

  override lookupOnCpu(key: number, cpu: number): number {
    return this.#traits.perCpu ? this.#value(this.#elements.find(key), cpu) : 0;
  }

  override update(key: number, value: number, flags: number): number {
    if (this.isReadOnlyForProgram && this.m.active) return EPERM;
    return this.#put(key, flags, (data, cpu, fresh) => {
      const mine = cpu === -1 || cpu === this.m.port.cpu;
      if (mine) this.fillFrom(data, value);
      else if (fresh) this.m.memory.fill(data, this.definition.valueSize, 0);
    });
  }

  /** `write` gets each value block of the element (cpu -1 where there is one for all), and whether it is new. */
  #put(key: number, flags: number, write: (data: number, cpu: number, fresh: boolean) => void): number {
    if (!this.flagsValid(flags)) return EINVAL;
    const elements = this.#elements;
    const old = elements.find(key);
    if (old !== 0 && (flags & BPF_NOEXIST) !== 0) return EEXIST;
    if (old === 0 && (flags & BPF_EXIST) !== 0) return ENOENT;
    const { perCpu, lru } = this.#traits;
    if (old !== 0 && (perCpu || (flags & BPF_F_LOCK) !== 0)) {
      this.#eachValue(old, (data, cpu) => write(data, cpu, false));
      if (lru) elements.markReferenced(old);
      return 0;
    }
    if (old !== 0) {
      const element = elements.replace(old);
      if (element < 0) return ENOMEM;
      write(element, -1, true);
      if (lru) elements.markReferenced(element);
      this.release(old);
      return 0;
    }
    if (elements.count >= this.definition.maxEntries) {
      if (!lru) return E2BIG;
      this.#drop(elements.victim());
    }
    const element = elements.insert(key);
    if (element < 0) return ENOMEM;
    if (perCpu && !this.#makeValues(element)) {
      elements.remove(element);
      this.m.heap.free(element);
      return ENOMEM;
    }
    this.#eachValue(element, (data, cpu) => write(data, cpu, true));
    if (lru) elements.markReferenced(element);
    return 0;
  }

  #makeValues(element: number): boolean {
    const { heap, memory } = this.m;
    for (let cpu = 0; cpu < this.m.cpuCount; cpu++) {
      const data = heap.allocate({
        kind: BLOCK.perCpuValue,
        mapped: this.definition.valueSize,
        owner: this.index,
        ...(this.isReadOnlyForProgram ? { readOnly: true } : {}),
      });
      if (data < 0) return false;
      heap.set(data, HEADER.e, cpu);
      heap.set(data, HEADER.f, element);
      memory.setU32(this.#elements.extraOf(element) + 4 * cpu, data);
    }
    return true;
  }

  #eachValue(element: number, visit: (data: number, cpu: number) => void): void {
    if (!this.#traits.perCpu) {
      visit(element, -1);
      return;
    }
    for (let cpu = 0; cpu < this.m.cpuCount; cpu++) visit(this.#value(element, cpu), cpu);
  }

  override delete(key: number): number {
    if (this.isReadOnlyForProgram && this.m.active) return EPERM;
    const element = this.#elements.find(key);
    if (element === 0) return ENOENT;
    this.#drop(element);
    return 0;
  }

  #drop(element: number): void {
    this.#elements.remove(element);
    // The element outlives its per-cpu values in the deferred list: their names are read off it.
    if (this.#traits.perCpu) this.#eachValue(element, (data) => this.release(data));
    this.release(element);
  }

  override visit(cursor: number): Visit | undefined {
    const element = cursor === 0 ? this.#elements.first : cursor;
    if (element === 0 || element === END) return undefined;
    const value = this.#value(element, this.m.port.cpu);
    return { key: this.#elements.keyOf(element), index: 0, value, next: this.#elements.next(element) || END };
  }

  // ---- user space ----

  #entry(element: number): MapEntry {
    const { memory } = this.m;
    const values: Uint8Array[] = [];
    this.#eachValue(element, (data) => values.push(this.shownBytes(data)));
    return { key: memory.bytes(this.#elements.keyOf(element), this.definition.keySize), values };
  }

  override userLookup(key: Uint8Array): MapEntry | number {
    if (key.length !== this.definition.keySize) return EINVAL;
    const element = this.withBytes(key, (at) => this.#elements.find(at));
    return element === 0 ? ENOENT : this.#entry(element);
  }

  override userUpdate(key: Uint8Array, value: Uint8Array, flags: number): number {
    const { keySize, valueSize } = this.definition;
    const all = this.#traits.perCpu && value.length === valueSize * this.m.cpuCount;
    if (key.length !== keySize || (value.length !== valueSize && !all)) return EINVAL;
    return this.withBytes(key, (at) =>
      this.#put(at, flags, (data, cpu) => {
        const from = all ? cpu * valueSize : 0;
        this.fillWith(data, value.subarray(from, from + valueSize));
      }),
    );
  }

  override userDelete(key: Uint8Array): number {
    if (key.length !== this.definition.keySize) return EINVAL;
    const element = this.withBytes(key, (at) => this.#elements.find(at));
    if (element === 0) return ENOENT;
    this.#drop(element);
    return 0;
  }

  override userEntries(limit: number): MapEntry[] {
    const entries: MapEntry[] = [];
    for (let at = this.#elements.first; at !== 0 && entries.length < limit; at = this.#elements.next(at))
      entries.push(this.#entry(at));
    return entries;
  }

  override userAddress(key: Uint8Array, cpu: number): number {
    if (key.length !== this.definition.keySize || cpu >= this.m.cpuCount) return 0;
    return this.#value(
      this.withBytes(key, (at) => this.#elements.find(at)),
      cpu,
    );
  }
}

/** Cursor after the last element. */
const END = -1;
