// Queues, stacks and bloom filters: maps without keys. Source of the semantics: kernel/bpf/queue_stack_maps.c, bloom_filter.c.
//
// DIFFERS: a bloom filter's hash is not the kernel's seeded one, so other values than there are false positives.

import type { MapDefinition } from '../../object/index.ts';
import type { MapEntry } from '../api.ts';
import { E2BIG, EINVAL, ENOENT, EOPNOTSUPP } from '../errno.ts';
import { BLOCK } from '../heap.ts';
import type { Machine } from '../machine.ts';
import { BPF_EXIST, BPF_NOEXIST, BpfMap } from './map.ts';

const HEAD = 0;
const TAIL = 1;
const NO_KEY = new Uint8Array(0);

export class QueueMap extends BpfMap {
  readonly #lastInFirstOut: boolean;
  readonly #storage: number;

  constructor(m: Machine, index: number, definition: MapDefinition, traits: { readonly lastInFirstOut: boolean }) {
    super(m, index, definition);
    this.#lastInFirstOut = traits.lastInFirstOut;
    this.#storage = m.heap.allocate({
      kind: BLOCK.internal,
      mapped: 0,
      hidden: (definition.maxEntries + 1) * definition.valueSize,
    });
  }

  get ok(): boolean {
    return this.#storage > 0;
  }
  get #size(): number {
    return this.definition.maxEntries + 1;
  }
  override get count(): number {
    const length = this.word(HEAD) - this.word(TAIL);
    return length < 0 ? length + this.#size : length;
  }
  #place(index: number): number {
    return this.#storage + index * this.definition.valueSize;
  }
  #after(index: number): number {
    return index + 1 === this.#size ? 0 : index + 1;
  }
  #before(index: number): number {
    return index === 0 ? this.#size - 1 : index - 1;
  }

  override push(value: number, flags: number): number {
    // BPF_EXIST means here: when full, make room by dropping the oldest.
    if (flags < 0 || (flags & BPF_NOEXIST) !== 0 || flags > BPF_EXIST) return EINVAL;
    if (this.count === this.definition.maxEntries) {
      if (flags !== BPF_EXIST) return E2BIG;
      this.setWord(TAIL, this.#after(this.word(TAIL)));
    }
    this.m.memory.copyWithin(this.#place(this.word(HEAD)), value, this.definition.valueSize);
    this.setWord(HEAD, this.#after(this.word(HEAD)));
    return 0;
  }

  override pop(value: number): number {
    const error = this.peek(value);
    if (error !== 0) return error;
    if (this.#lastInFirstOut) this.setWord(HEAD, this.#before(this.word(HEAD)));
    else this.setWord(TAIL, this.#after(this.word(TAIL)));
    return 0;
  }

  override peek(value: number): number {
    const { memory } = this.m;
    if (this.count === 0) {
      memory.fill(value, this.definition.valueSize, 0);
      return ENOENT;
    }
    const from = this.#lastInFirstOut ? this.#before(this.word(HEAD)) : this.word(TAIL);
    memory.copyWithin(value, this.#place(from), this.definition.valueSize);
    return 0;
  }

  override lookup(_key: number): number {
    return 0;
  }
  override update(_key: number, _value: number, _flags: number): number {
    return EINVAL;
  }
  override delete(_key: number): number {
    return EINVAL;
  }

  override userPush(value: Uint8Array, flags: number): number {
    if (value.length !== this.definition.valueSize) return EINVAL;
    return this.withBytes(value, (at) => this.push(at, flags));
  }
  override userUpdate(_key: Uint8Array, value: Uint8Array, flags: number): number {
    return this.userPush(value, flags);
  }
  /** The element that a pop would give; it stays. */
  override userLookup(_key: Uint8Array): MapEntry | number {
    return this.userEntries(1)[0] ?? ENOENT;
  }
  /** Next to be popped first. */
  override userEntries(limit: number): MapEntry[] {
    const entries: MapEntry[] = [];
    let at = this.#lastInFirstOut ? this.#before(this.word(HEAD)) : this.word(TAIL);
    for (let left = Math.min(limit, this.count); left > 0; left--) {
      entries.push({ key: NO_KEY, values: [this.m.memory.bytes(this.#place(at), this.definition.valueSize)] });
      at = this.#lastInFirstOut ? this.#before(at) : this.#after(at);
    }
    return entries;
  }
}

const DEFAULT_HASHES = 5;

export class BloomMap extends BpfMap {
  readonly #bits: number;
  readonly #bitCount: number;
  readonly #hashes: number;

  constructor(m: Machine, index: number, definition: MapDefinition) {
    super(m, index, definition);
    this.#hashes = Number(definition.extra & 15n) || DEFAULT_HASHES;
    // As many bits as the kernel takes: entries * hashes * 7 / 5, rounded up to a power of two.
    const wanted = Math.max(64, Math.floor((definition.maxEntries * this.#hashes * 7) / 5));
    this.#bitCount = 2 ** Math.min(32, Math.ceil(Math.log2(wanted)));
    this.#bits = m.heap.allocate({ kind: BLOCK.internal, mapped: 0, hidden: this.#bitCount / 8 });
  }

  get ok(): boolean {
    return this.#bits > 0;
  }

  #hash(value: number, round: number): number {
    const { u8 } = this.m.memory;
    let hash = Math.imul(round + 1, 0x9e3779b1);
    for (let i = 0; i < this.definition.valueSize; i++) hash = Math.imul(hash ^ u8[value + i]!, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    return ((hash ^ (hash >>> 13)) >>> 0) % this.#bitCount;
  }

  override push(value: number, flags: number): number {
    if (flags !== 0) return EINVAL;
    for (let round = 0; round < this.#hashes; round++) {
      const bit = this.#hash(value, round);
      const at = this.#bits + (bit >>> 3);
      this.m.memory.setU8(at, this.m.memory.u8[at]! | (1 << (bit & 7)));
    }
    this.entryCount++;
    return 0;
  }

  override peek(value: number): number {
    for (let round = 0; round < this.#hashes; round++) {
      const bit = this.#hash(value, round);
      if ((this.m.memory.u8[this.#bits + (bit >>> 3)]! & (1 << (bit & 7))) === 0) return ENOENT;
    }
    return 0;
  }

  override pop(_value: number): number {
    return EOPNOTSUPP;
  }

  override userPush(value: Uint8Array, flags: number): number {
    if (value.length !== this.definition.valueSize) return EINVAL;
    return this.withBytes(value, (at) => this.push(at, flags));
  }
  override userUpdate(_key: Uint8Array, value: Uint8Array, flags: number): number {
    return this.userPush(value, flags);
  }
  /** Looks the value up, as bpf(2) does with the value in the value argument. */
  override userLookup(value: Uint8Array): MapEntry | number {
    if (value.length !== this.definition.valueSize) return EINVAL;
    return this.withBytes(value, (at) => this.peek(at)) === 0 ? { key: NO_KEY, values: [value] } : ENOENT;
  }
}
