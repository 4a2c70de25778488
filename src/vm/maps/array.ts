// Arrays and per-cpu arrays. Source of the semantics: kernel/bpf/arraymap.c. Every element exists from the start and reads as
// zero; its memory is taken when a program first asks for its address or somebody writes it.

import type { MapDefinition } from '../../object/index.ts';
import type { MapEntry } from '../api.ts';
import { E2BIG, EEXIST, EINVAL, ENOENT, ENOMEM, EPERM } from '../errno.ts';
import { BLOCK, HEADER } from '../heap.ts';
import type { Machine } from '../machine.ts';
import type { MapLayout } from './layout.ts';
import { BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST, BpfMap, bytesOfU32, u32Of, type Visit } from './map.ts';
import { Slots } from './slots.ts';

export class ArrayMap extends BpfMap {
  readonly #cpus: number;
  readonly #slots: Slots;

  constructor(m: Machine, index: number, definition: MapDefinition, traits: { readonly perCpu: boolean }) {
    super(m, index, definition);
    this.#cpus = traits.perCpu ? m.cpuCount : 1;
    this.#slots = new Slots(m, definition.maxEntries * this.#cpus);
    if (definition.initial !== undefined && this.#slots.ok) {
      const data = this.element(0, 0);
      if (data > 0) m.memory.copyIn(data, definition.initial.subarray(0, definition.valueSize));
    }
  }

  get ok(): boolean {
    return this.#slots.ok;
  }
  override get count(): number {
    return this.definition.maxEntries;
  }
  get #perCpu(): boolean {
    return this.#cpus > 1 || this.definition.typeId === 6;
  }

  override keyText(data: number): string | undefined {
    return String(this.m.heap.get(data, HEADER.f));
  }

  override keyBytes(data: number): Uint8Array {
    return bytesOfU32(this.m.heap.get(data, HEADER.f));
  }

  /** Value block of an element, made when it is not there yet; -1: no memory. */
  element(index: number, cpu: number): number {
    const slot = index * this.#cpus + (this.#cpus > 1 ? cpu : 0);
    const known = this.#slots.get(slot);
    if (known !== 0) return known;
    const { heap } = this.m;
    const data = heap.allocate({
      kind: this.#perCpu ? BLOCK.perCpuValue : BLOCK.mapValue,
      mapped: this.definition.valueSize,
      owner: this.index,
      ...(this.isReadOnlyForProgram ? { readOnly: true } : {}),
    });
    if (data < 0) return -1;
    heap.set(data, HEADER.e, cpu);
    heap.set(data, HEADER.f, index);
    if (!this.#slots.set(slot, data)) {
      heap.free(data);
      return -1;
    }
    return data;
  }

  override get layout(): MapLayout | undefined {
    if (this.#perCpu) return undefined;
    return { kind: 'array', maxEntries: this.definition.maxEntries, ...this.#slots.layout };
  }

  #indexAt(key: number): number {
    return this.m.memory.view.getUint32(key, true);
  }

  override lookup(key: number): number {
    return this.lookupOnCpu(key, this.m.port.cpu);
  }

  override lookupOnCpu(key: number, cpu: number): number {
    const index = this.#indexAt(key);
    return index < this.definition.maxEntries ? Math.max(0, this.element(index, cpu)) : 0;
  }

  override update(key: number, value: number, flags: number): number {
    if (this.isReadOnlyForProgram && this.m.active) return EPERM;
    const error = this.#refusal(this.#indexAt(key), flags);
    if (error !== 0) return error;
    const data = this.element(this.#indexAt(key), this.m.port.cpu);
    if (data < 0) return ENOMEM;
    this.fillFrom(data, value);
    return 0;
  }

  /** The order of the checks is the kernel's: the lock comes last. */
  #refusal(index: number, flags: number): number {
    if (flags < 0 || (flags & ~BPF_F_LOCK) > BPF_EXIST) return EINVAL;
    if (index >= this.definition.maxEntries) return E2BIG;
    if ((flags & BPF_NOEXIST) !== 0) return EEXIST;
    return this.flagsValid(flags) ? 0 : EINVAL;
  }

  override delete(_key: number): number {
    return EINVAL;
  }

  override visit(cursor: number): Visit | undefined {
    if (cursor >= this.definition.maxEntries) return undefined;
    const value = this.element(cursor, this.m.port.cpu);
    return value < 0 ? undefined : { key: 0, index: cursor, value, next: cursor + 1 };
  }

  // ---- user space ----

  #entry(index: number): MapEntry {
    const values: Uint8Array[] = [];
    for (let cpu = 0; cpu < this.#cpus; cpu++) {
      const data = this.#slots.get(index * this.#cpus + cpu);
      values.push(data === 0 ? new Uint8Array(this.definition.valueSize) : this.shownBytes(data));
    }
    return { key: bytesOfU32(index), values };
  }

  override userLookup(key: Uint8Array): MapEntry | number {
    const index = u32Of(key);
    if (index === undefined) return EINVAL;
    return index < this.definition.maxEntries ? this.#entry(index) : ENOENT;
  }

  override userUpdate(key: Uint8Array, value: Uint8Array, flags: number): number {
    const index = u32Of(key);
    const { valueSize } = this.definition;
    const all = value.length === valueSize * this.#cpus;
    if (index === undefined || (value.length !== valueSize && !all)) return EINVAL;
    // The system call looks at the lock before the map looks at anything.
    const error = this.flagsValid(flags) ? this.#refusal(index, flags) : EINVAL;
    if (error !== 0) return error;
    for (let cpu = 0; cpu < this.#cpus; cpu++) {
      const data = this.element(index, cpu);
      if (data < 0) return ENOMEM;
      const from = all ? cpu * valueSize : 0;
      this.fillWith(data, value.subarray(from, from + valueSize));
    }
    return 0;
  }

  override userDelete(_key: Uint8Array): number {
    return EINVAL;
  }

  override userEntries(limit: number): MapEntry[] {
    const count = Math.min(limit, this.definition.maxEntries);
    return Array.from({ length: count }, (_, index) => this.#entry(index));
  }

  override userAddress(key: Uint8Array, cpu: number): number {
    const index = u32Of(key);
    if (index === undefined || index >= this.definition.maxEntries || cpu >= this.m.cpuCount) return 0;
    return Math.max(0, this.element(index, cpu));
  }
}
