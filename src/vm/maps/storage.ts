// Storage that belongs to something else: sockets, tasks, cgroups. Sources of the semantics: kernel/bpf/bpf_local_storage.c,
// net/core/bpf_sk_storage.c, kernel/bpf/local_storage.c. The owner's number (a socket id, a pid, a cgroup id) is the key.

import type { MapDefinition } from '../../object/index.ts';
import type { MapEntry } from '../api.ts';
import { EEXIST, EINVAL, ENOENT, ENOMEM } from '../errno.ts';
import { BLOCK, HEADER } from '../heap.ts';
import type { Machine } from '../machine.ts';
import { Elements } from './elements.ts';
import { BPF_EXIST, BPF_NOEXIST, BpfMap, MAP_FLAG } from './map.ts';

const OWNER_BYTES = 8;

export class OwnedStorage extends BpfMap {
  protected readonly elements: Elements;
  readonly #scratch: number;
  readonly #values: number;

  constructor(m: Machine, index: number, definition: MapDefinition, traits: { readonly perCpu: boolean }) {
    super(m, index, definition);
    this.#values = traits.perCpu ? m.cpuCount : 1;
    this.elements = new Elements(m, {
      keySize: OWNER_BYTES,
      valueSize: traits.perCpu ? 0 : definition.valueSize,
      extra: traits.perCpu ? 4 * m.cpuCount : 0,
      owner: index,
      readOnly: false,
    });
    this.#scratch = m.heap.allocate({ kind: BLOCK.internal, mapped: 0, hidden: OWNER_BYTES });
  }

  get ok(): boolean {
    return this.elements.ok && this.#scratch > 0;
  }
  override get count(): number {
    return this.elements.count;
  }
  get #perCpu(): boolean {
    return this.elements !== undefined && this.definition.typeId === 21;
  }

  #ownerOf(element: number): bigint {
    return this.m.memory.view.getBigUint64(this.elements.keyOf(element), true);
  }
  override keyText(data: number): string {
    return String(this.#ownerOf(this.#perCpu ? this.m.heap.get(data, HEADER.f) : data));
  }

  #find(owner: bigint): number {
    this.m.memory.setU64(this.#scratch, owner);
    return this.elements.find(this.#scratch);
  }

  #value(element: number, cpu: number): number {
    if (element === 0 || !this.#perCpu) return element;
    return this.m.memory.getU32(this.elements.extraOf(element) + 4 * cpu);
  }

  /** Value block of the owner; 0: none. */
  of(owner: bigint, cpu = 0): number {
    return this.#value(this.#find(owner), cpu);
  }

  /** Value block of the owner, made and filled from `initial` (a linear address, 0: zeros) when there is none; 0: no memory. */
  ofOrNew(owner: bigint, initial: number, cpu = 0): number {
    const known = this.#find(owner);
    if (known !== 0) return this.#value(known, cpu);
    this.m.memory.setU64(this.#scratch, owner);
    const element = this.elements.insert(this.#scratch);
    if (element < 0) return 0;
    if (this.#perCpu) {
      for (let each = 0; each < this.#values; each++) {
        const data = this.m.heap.allocate({
          kind: BLOCK.perCpuValue,
          mapped: this.definition.valueSize,
          owner: this.index,
        });
        if (data < 0) return 0;
        this.m.heap.set(data, HEADER.e, each);
        this.m.heap.set(data, HEADER.f, element);
        this.m.memory.setU32(this.elements.extraOf(element) + 4 * each, data);
      }
    } else if (initial !== 0) this.fillFrom(element, initial);
    return this.#value(element, cpu);
  }

  remove(owner: bigint): number {
    const element = this.#find(owner);
    if (element === 0) return ENOENT;
    this.elements.remove(element);
    if (this.#perCpu) for (let cpu = 0; cpu < this.#values; cpu++) this.release(this.#value(element, cpu));
    this.release(element);
    return 0;
  }

  #ownerIn(key: Uint8Array): bigint | undefined {
    if (key.length < 4) return undefined;
    let owner = 0n;
    for (let i = Math.min(key.length, OWNER_BYTES) - 1; i >= 0; i--) owner = (owner << 8n) | BigInt(key[i]!);
    return owner;
  }

  #entry(element: number): MapEntry {
    const { memory } = this.m;
    const key = memory.bytes(this.elements.keyOf(element), OWNER_BYTES);
    const values = Array.from({ length: this.#values }, (_, cpu) => this.shownBytes(this.#value(element, cpu)));
    return {
      key: this.definition.keySize > 0 ? key.slice(0, Math.min(OWNER_BYTES, this.definition.keySize)) : key,
      values,
    };
  }

  override userLookup(key: Uint8Array): MapEntry | number {
    const owner = this.#ownerIn(key);
    if (owner === undefined) return EINVAL;
    const element = this.#find(owner);
    return element === 0 ? ENOENT : this.#entry(element);
  }
  override userUpdate(key: Uint8Array, value: Uint8Array, flags: number): number {
    const owner = this.#ownerIn(key);
    if (owner === undefined || value.length !== this.definition.valueSize || flags < 0 || flags > BPF_EXIST)
      return EINVAL;
    const known = this.#find(owner);
    if (known !== 0 && flags === BPF_NOEXIST) return EEXIST;
    if (known === 0 && flags === BPF_EXIST) return ENOENT;
    for (let cpu = 0; cpu < this.#values; cpu++) {
      const data = this.ofOrNew(owner, 0, cpu);
      if (data === 0) return ENOMEM;
      this.fillWith(data, value);
    }
    return 0;
  }
  override userDelete(key: Uint8Array): number {
    const owner = this.#ownerIn(key);
    return owner === undefined ? EINVAL : this.remove(owner);
  }
  override userEntries(limit: number): MapEntry[] {
    const entries: MapEntry[] = [];
    for (let at = this.elements.first; at !== 0 && entries.length < limit; at = this.elements.next(at))
      entries.push(this.#entry(at));
    return entries;
  }
  override userAddress(key: Uint8Array, cpu: number): number {
    const owner = this.#ownerIn(key);
    return owner === undefined || cpu >= this.#values ? 0 : this.#value(this.#find(owner), cpu);
  }
}

/** BPF_MAP_TYPE_SK_STORAGE. */
export class SocketStorage extends OwnedStorage {
  override socketClosed(socketId: number): void {
    this.remove(BigInt(socketId));
  }
  override socketCloned(parent: number, child: number): void {
    if ((this.definition.flags & MAP_FLAG.cloneStorage) === 0) return;
    const from = this.of(BigInt(parent));
    if (from !== 0) this.ofOrNew(BigInt(child), from);
  }
}
