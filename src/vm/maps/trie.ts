// Longest-prefix-match tries. Source of the semantics: kernel/bpf/lpm_trie.c. A key is a 32-bit prefix length and the data; an
// entry is stored under its masked data, and a lookup tries the prefix lengths that occur, longest first, which gives the
// same answers as walking the kernel's tree. What iterations show is the key as it was given, bits behind the prefix included.

import type { MapDefinition } from '../../object/index.ts';
import type { MapEntry } from '../api.ts';
import { EEXIST, EINVAL, ENOENT, ENOMEM, ENOSPC } from '../errno.ts';
import { BLOCK } from '../heap.ts';
import type { Machine } from '../machine.ts';
import { Elements } from './elements.ts';
import { BPF_EXIST, BPF_NOEXIST, BpfMap, type Visit } from './map.ts';

export class TrieMap extends BpfMap {
  readonly #elements: Elements;
  /** Number of entries by prefix length, 4 bytes each. */
  readonly #counts: number;
  /** A key's worth of bytes for masking. */
  readonly #scratch: number;
  readonly #maxPrefix: number;

  constructor(m: Machine, index: number, definition: MapDefinition) {
    super(m, index, definition);
    this.#maxPrefix = (definition.keySize - 4) * 8;
    this.#elements = new Elements(m, {
      keySize: definition.keySize,
      valueSize: definition.valueSize,
      extra: definition.keySize,
      owner: index,
      readOnly: this.isReadOnlyForProgram,
    });
    this.#counts = m.heap.allocate({ kind: BLOCK.internal, mapped: 0, hidden: 4 * (this.#maxPrefix + 1) });
    this.#scratch = m.heap.allocate({ kind: BLOCK.internal, mapped: 0, hidden: definition.keySize });
  }

  get ok(): boolean {
    return this.#elements.ok && this.#counts > 0 && this.#scratch > 0;
  }
  override get count(): number {
    return this.#elements.count;
  }
  override keyText(data: number): string {
    const key = this.#elements.extraOf(data);
    return `${this.hex(key + 4, this.definition.keySize - 4)}/${this.m.memory.getU32(key)}`;
  }

  override keyBytes(data: number): Uint8Array {
    return this.m.memory.bytes(this.#elements.extraOf(data), this.definition.keySize);
  }

  /** Writes the key, cut to `prefix` bits, into the scratch bytes. */
  #masked(key: number, prefix: number): number {
    const { memory } = this.m;
    const to = this.#scratch;
    memory.copyWithin(to, key, this.definition.keySize);
    memory.setU32(to, prefix);
    const whole = prefix >> 3;
    const from = to + 4 + whole;
    const end = to + this.definition.keySize;
    if (from < end) {
      const rest = prefix & 7;
      memory.setU8(from, rest === 0 ? 0 : memory.u8[from]! & (0xff << (8 - rest)));
      memory.fill(from + 1, end - from - 1, 0);
    }
    return to;
  }

  #prefixOf(key: number): number {
    return this.m.memory.view.getUint32(key, true);
  }

  #longest(key: number): number {
    const prefix = this.#prefixOf(key);
    if (prefix > this.#maxPrefix) return 0;
    for (let length = prefix; length >= 0; length--) {
      if (this.m.memory.getU32(this.#counts + 4 * length) === 0) continue;
      const element = this.#elements.find(this.#masked(key, length));
      if (element !== 0) return element;
    }
    return 0;
  }

  override lookup(key: number): number {
    return this.#longest(key);
  }

  override update(key: number, value: number, flags: number): number {
    return this.#put(key, flags, (data) => this.m.memory.copyWithin(data, value, this.definition.valueSize));
  }

  #put(key: number, flags: number, write: (data: number) => void): number {
    const prefix = this.#prefixOf(key);
    if (flags < 0 || flags > BPF_EXIST || prefix > this.#maxPrefix) return EINVAL;
    const at = this.#masked(key, prefix);
    const old = this.#elements.find(at);
    if (old !== 0 && flags === BPF_NOEXIST) return EEXIST;
    if (old === 0 && flags === BPF_EXIST) return ENOENT;
    if (old !== 0) {
      const element = this.#elements.replace(old);
      if (element < 0) return ENOMEM;
      this.m.memory.copyWithin(this.#elements.extraOf(element), key, this.definition.keySize);
      write(element);
      this.release(old);
      return 0;
    }
    if (this.#elements.count >= this.definition.maxEntries) return ENOSPC;
    const element = this.#elements.insert(at);
    if (element < 0) return ENOMEM;
    this.#countBy(prefix, 1);
    this.m.memory.copyWithin(this.#elements.extraOf(element), key, this.definition.keySize);
    write(element);
    return 0;
  }

  #countBy(prefix: number, change: number): void {
    const at = this.#counts + 4 * prefix;
    this.m.memory.setU32(at, this.m.memory.getU32(at) + change);
  }

  override delete(key: number): number {
    const prefix = this.#prefixOf(key);
    if (prefix > this.#maxPrefix) return EINVAL;
    const element = this.#elements.find(this.#masked(key, prefix));
    if (element === 0) return ENOENT;
    this.#elements.remove(element);
    this.#countBy(prefix, -1);
    this.release(element);
    return 0;
  }

  override visit(cursor: number): Visit | undefined {
    const element = cursor === 0 ? this.#elements.first : cursor;
    if (element <= 0) return undefined;
    return { key: this.#elements.extraOf(element), index: 0, value: element, next: this.#elements.next(element) || -1 };
  }

  #entry(element: number): MapEntry {
    const { memory } = this.m;
    return {
      key: memory.bytes(this.#elements.extraOf(element), this.definition.keySize),
      values: [memory.bytes(element, this.definition.valueSize)],
    };
  }

  override userLookup(key: Uint8Array): MapEntry | number {
    if (key.length !== this.definition.keySize) return EINVAL;
    const element = this.withBytes(key, (at) => this.#longest(at));
    return element === 0 ? ENOENT : this.#entry(element);
  }

  override userUpdate(key: Uint8Array, value: Uint8Array, flags: number): number {
    const { keySize, valueSize } = this.definition;
    if (key.length !== keySize || value.length !== valueSize) return EINVAL;
    return this.withBytes(key, (at) => this.#put(at, flags, (data) => this.m.memory.copyIn(data, value)));
  }

  override userDelete(key: Uint8Array): number {
    return key.length === this.definition.keySize ? this.withBytes(key, (at) => this.delete(at)) : EINVAL;
  }

  override userEntries(limit: number): MapEntry[] {
    const entries: MapEntry[] = [];
    for (let at = this.#elements.first; at !== 0 && entries.length < limit; at = this.#elements.next(at))
      entries.push(this.#entry(at));
    return entries;
  }

  override userAddress(key: Uint8Array): number {
    return key.length === this.definition.keySize ? this.withBytes(key, (at) => this.#longest(at)) : 0;
  }
}
