// A hash table of elements in linear memory: what hash maps, tries, socket hashes and local storage are made of. An element is
// a block whose header links it into its bucket and into a list in order of insertion; the list makes iteration deterministic
// (a kernel's order depends on a random seed) and serves LRU maps as their queue.

import { BLOCK, HEADER, hiddenPart } from '../heap.ts';
import type { Machine } from '../machine.ts';
import type { MapLayout } from './layout.ts';

/** Header fields of an element. */
const NEXT_IN_BUCKET = HEADER.a;
const HASH = HEADER.b;
const PREVIOUS = HEADER.c;
const NEXT = HEADER.d;
const KEY = HEADER.f;
/** In HEADER.flags, beside READ_ONLY. */
const REFERENCED = 2;

/** Words of the table's control block. */
const CONTROL = { buckets: 0, bucketCount: 4, head: 8, tail: 12, count: 16 } as const;
const FIRST_BUCKETS = 16;
const HASH_NUMBERS = { start: 0x9747b28c, factor: 0x5bd1e995, wordShift: 15, firstShift: 13, lastShift: 15 } as const;
/** Longer keys are not compared by compiled code. */
const LONGEST_COMPILED_KEY = 64;

export interface ElementShape {
  readonly keySize: number;
  /** Bytes of the value that programs can touch; 0 for per-cpu elements, whose values are blocks of their own. */
  readonly valueSize: number;
  /** Bytes behind the key for the map's own use. */
  readonly extra: number;
  readonly owner: number;
  readonly readOnly: boolean;
}

export class Elements {
  readonly #m: Machine;
  readonly #control: number;
  readonly #shape: ElementShape;

  constructor(m: Machine, shape: ElementShape) {
    this.#m = m;
    this.#shape = shape;
    this.#control = m.heap.allocate({ kind: BLOCK.internal, mapped: 0, hidden: 64 });
    if (this.#control > 0) {
      const buckets = m.heap.allocate({ kind: BLOCK.internal, mapped: 0, hidden: 4 * FIRST_BUCKETS });
      m.memory.setU32(this.#control + CONTROL.buckets, buckets);
      m.memory.setU32(this.#control + CONTROL.bucketCount, FIRST_BUCKETS);
    }
  }

  get ok(): boolean {
    return this.#control > 0;
  }
  get count(): number {
    return this.#m.memory.getU32(this.#control + CONTROL.count);
  }
  /** First element in order of insertion (the least recently used one), 0: none. */
  get first(): number {
    return this.#m.memory.getU32(this.#control + CONTROL.head);
  }
  next(element: number): number {
    return this.#m.heap.get(element, NEXT);
  }
  /** Linear address of an element's key. */
  keyOf(element: number): number {
    return this.#m.heap.get(element, KEY);
  }
  /** Linear address of the bytes behind the key. */
  extraOf(element: number): number {
    return this.keyOf(element) + ((this.#shape.keySize + 7) & ~7);
  }

  /** What `find` does, for compiled code; undefined for keys that do not consist of whole words. */
  get layout(): MapLayout | undefined {
    const { keySize } = this.#shape;
    if (keySize % 4 !== 0 || keySize > LONGEST_COMPILED_KEY) return undefined;
    return {
      kind: 'hash',
      keySize,
      control: this.#control,
      buckets: CONTROL.buckets,
      bucketCount: CONTROL.bucketCount,
      hashField: HASH,
      keyField: KEY,
      nextField: NEXT_IN_BUCKET,
      hash: { ...HASH_NUMBERS, start: keySize ^ HASH_NUMBERS.start },
    };
  }

  /** Element with the key at that address; 0: none. */
  find(key: number): number {
    const { memory, heap } = this.#m;
    const hash = this.#hash(key);
    const buckets = memory.getU32(this.#control + CONTROL.buckets);
    const mask = memory.getU32(this.#control + CONTROL.bucketCount) - 1;
    let element = memory.getU32(buckets + 4 * (hash & mask));
    while (element !== 0) {
      if (heap.get(element, HASH) === hash && this.#sameKey(this.keyOf(element), key)) return element;
      element = heap.get(element, NEXT_IN_BUCKET);
    }
    return 0;
  }

  #hash(key: number): number {
    const { u8, view } = this.#m.memory;
    const { keySize } = this.#shape;
    const { start, factor, wordShift, firstShift, lastShift } = HASH_NUMBERS;
    let hash = keySize ^ start;
    let at = 0;
    for (; at + 4 <= keySize; at += 4) {
      hash = Math.imul(hash ^ view.getInt32(key + at, true), factor);
      hash ^= hash >>> wordShift;
    }
    for (; at < keySize; at++) hash = Math.imul(hash ^ u8[key + at]!, 0x01000193);
    hash ^= hash >>> firstShift;
    hash = Math.imul(hash, factor);
    return hash ^ (hash >>> lastShift);
  }

  #sameKey(a: number, b: number): boolean {
    const { u8 } = this.#m.memory;
    for (let i = 0; i < this.#shape.keySize; i++) if (u8[a + i] !== u8[b + i]) return false;
    return true;
  }

  /** Adds an element with a key that is not there yet, value zero; -1 when memory is used up. */
  insert(key: number): number {
    const element = this.#make(key);
    if (element < 0) return -1;
    const { memory, heap } = this.#m;
    const tail = memory.getU32(this.#control + CONTROL.tail);
    heap.set(element, PREVIOUS, tail);
    if (tail === 0) memory.setU32(this.#control + CONTROL.head, element);
    else heap.set(tail, NEXT, element);
    memory.setU32(this.#control + CONTROL.tail, element);
    this.#link(element, this.#hash(key));
    const count = this.count + 1;
    memory.setU32(this.#control + CONTROL.count, count);
    if (count > memory.getU32(this.#control + CONTROL.bucketCount)) this.#grow();
    return element;
  }

  /** Puts a fresh element in the place of one with the same key; the old one is unlinked and the caller's. -1: no memory. */
  replace(old: number): number {
    const element = this.#make(this.keyOf(old));
    if (element < 0) return -1;
    const { memory, heap } = this.#m;
    const previous = heap.get(old, PREVIOUS);
    const next = heap.get(old, NEXT);
    heap.set(element, PREVIOUS, previous);
    heap.set(element, NEXT, next);
    if (previous === 0) memory.setU32(this.#control + CONTROL.head, element);
    else heap.set(previous, NEXT, element);
    if (next === 0) memory.setU32(this.#control + CONTROL.tail, element);
    else heap.set(next, PREVIOUS, element);
    const hash = heap.get(old, HASH);
    this.#unlinkFromBucket(old);
    this.#link(element, hash);
    return element;
  }

  /** Takes an element out; its memory is the caller's to release. */
  remove(element: number): void {
    const { memory, heap } = this.#m;
    const previous = heap.get(element, PREVIOUS);
    const next = heap.get(element, NEXT);
    if (previous === 0) memory.setU32(this.#control + CONTROL.head, next);
    else heap.set(previous, NEXT, next);
    if (next === 0) memory.setU32(this.#control + CONTROL.tail, previous);
    else heap.set(next, PREVIOUS, previous);
    this.#unlinkFromBucket(element);
    memory.setU32(this.#control + CONTROL.count, this.count - 1);
  }

  markReferenced(element: number): void {
    const { heap } = this.#m;
    const flags = heap.get(element, HEADER.flags);
    if ((flags & REFERENCED) === 0) heap.set(element, HEADER.flags, flags | REFERENCED);
  }

  /** The element that an LRU map gives up next: the oldest that was not used since it was last passed over. */
  victim(): number {
    const { heap } = this.#m;
    for (let tries = this.count; tries > 0; tries--) {
      const element = this.first;
      const flags = heap.get(element, HEADER.flags);
      if ((flags & REFERENCED) === 0) return element;
      heap.set(element, HEADER.flags, flags & ~REFERENCED);
      this.#moveToTail(element);
    }
    return this.first;
  }

  #moveToTail(element: number): void {
    const { memory, heap } = this.#m;
    const tail = memory.getU32(this.#control + CONTROL.tail);
    if (tail === element) return;
    const previous = heap.get(element, PREVIOUS);
    const next = heap.get(element, NEXT);
    if (previous === 0) memory.setU32(this.#control + CONTROL.head, next);
    else heap.set(previous, NEXT, next);
    heap.set(next, PREVIOUS, previous);
    heap.set(tail, NEXT, element);
    heap.set(element, PREVIOUS, tail);
    heap.set(element, NEXT, 0);
    memory.setU32(this.#control + CONTROL.tail, element);
  }

  #make(key: number): number {
    const { keySize, valueSize, extra, owner, readOnly } = this.#shape;
    const { heap, memory } = this.#m;
    const element = heap.allocate({
      kind: valueSize > 0 ? BLOCK.mapValue : BLOCK.internal,
      mapped: valueSize,
      hidden: ((keySize + 7) & ~7) + extra,
      owner,
      ...(readOnly ? { readOnly: true } : {}),
    });
    if (element < 0) return -1;
    const at = hiddenPart(element, valueSize);
    heap.set(element, KEY, at);
    memory.copyWithin(at, key, keySize);
    return element;
  }

  #link(element: number, hash: number): void {
    const { memory, heap } = this.#m;
    const mask = memory.getU32(this.#control + CONTROL.bucketCount) - 1;
    const bucket = memory.getU32(this.#control + CONTROL.buckets) + 4 * (hash & mask);
    heap.set(element, HASH, hash);
    heap.set(element, NEXT_IN_BUCKET, memory.getU32(bucket));
    memory.setU32(bucket, element);
  }

  #unlinkFromBucket(element: number): void {
    const { memory, heap } = this.#m;
    const mask = memory.getU32(this.#control + CONTROL.bucketCount) - 1;
    const bucket = memory.getU32(this.#control + CONTROL.buckets) + 4 * (heap.get(element, HASH) & mask);
    let at = memory.getU32(bucket);
    if (at === element) {
      memory.setU32(bucket, heap.get(element, NEXT_IN_BUCKET));
      return;
    }
    while (at !== 0) {
      const next = heap.get(at, NEXT_IN_BUCKET);
      if (next === element) {
        heap.set(at, NEXT_IN_BUCKET, heap.get(element, NEXT_IN_BUCKET));
        return;
      }
      at = next;
    }
  }

  #grow(): void {
    const { memory, heap } = this.#m;
    const count = memory.getU32(this.#control + CONTROL.bucketCount) * 2;
    const buckets = heap.allocate({ kind: BLOCK.internal, mapped: 0, hidden: 4 * count });
    if (buckets < 0) return;
    heap.free(memory.getU32(this.#control + CONTROL.buckets));
    memory.setU32(this.#control + CONTROL.buckets, buckets);
    memory.setU32(this.#control + CONTROL.bucketCount, count);
    for (let element = this.first; element !== 0; element = this.next(element))
      this.#link(element, heap.get(element, HASH));
  }
}
