// One block of bytes for everything a virtual machine holds: stack, context, maps, and the tables that say which bytes a
// program may touch. Interpreter and compiled code work on the same bytes.
//
//   0x0000  null page: no program can touch it; the machine keeps its control words here
//   0x1000  tags: 8 bytes for each granule of 64 bytes, then one dirty byte for each page of 4096 bytes
//   ...     blocks (heap.ts)
//
// A tag is [end, colour]: the linear address at which the region ends (bit 31 set when it is read-only), and the high half
// that a pointer into it must have. Zero: nothing is there. When the memory doubles, larger tables move to the new half.
// Every write sets the dirty byte of its page; a snapshot copies the dirty pages and shares the others.

import { invariant } from '../base/index.ts';
import type { LinearBuffer, MemoryFactory } from './api.ts';

export const PAGE_BYTES = 4096;
export const GRANULE_BYTES = 64;
export const GRANULE_SHIFT = 6;
const PAGE_SHIFT = 12;

/** Byte offsets of the control words in the null page; compiled code reads the first three. */
export const CONTROL = {
  capacity: 64,
  tagBase: 68,
  dirtyBase: 72,
  bump: 76,
  colour: 80,
  deferredHead: 84,
  deferredTail: 88,
  timerHead: 92,
  runningTimer: 96,
  ticket: 100,
  freeLists: 1024,
} as const;

const FIRST_CAPACITY = 1 << 18;
/** Linear addresses stay below bit 31, which tags use. */
const LARGEST_CAPACITY = 1 << 30;

/** The state of the memory at one moment: page contents, shared with other snapshots where equal. */
export interface MemorySnapshot {
  readonly pages: readonly (Uint8Array | undefined)[];
}

/** Grows by copying: for when nobody but the interpreter needs the bytes. */
export const plainMemory: MemoryFactory = (initialBytes) => {
  let buffer = new ArrayBuffer(initialBytes);
  return {
    get buffer() {
      return buffer;
    },
    grow(bytes) {
      if (bytes > LARGEST_CAPACITY) return false;
      const larger = new ArrayBuffer(bytes);
      new Uint8Array(larger).set(new Uint8Array(buffer));
      buffer = larger;
      return true;
    },
  };
};

export class LinearMemory {
  readonly linear: LinearBuffer;
  /** Views of the current buffer; all are replaced when it grows, and `epoch` counts that. */
  u8!: Uint8Array;
  i32!: Int32Array;
  i64!: BigInt64Array;
  view!: DataView;
  /** Pairs [end, colour] by granule. */
  tags!: Int32Array;
  dirty!: Uint8Array;
  epoch = 0;

  /** Contents of each page as of the last snapshot or restore; undefined: all zero. */
  #pages: (Uint8Array | undefined)[] = [];

  constructor(factory: MemoryFactory) {
    this.linear = factory(FIRST_CAPACITY, LARGEST_CAPACITY);
    invariant(this.linear.buffer.byteLength >= FIRST_CAPACITY, 'a memory factory gives what it is asked for');
    const tagBase = PAGE_BYTES;
    const dirtyBase = tagBase + FIRST_CAPACITY / 8;
    const control = new Int32Array(this.linear.buffer);
    control[CONTROL.capacity >> 2] = FIRST_CAPACITY;
    control[CONTROL.tagBase >> 2] = tagBase;
    control[CONTROL.dirtyBase >> 2] = dirtyBase;
    control[CONTROL.bump >> 2] = dirtyBase + dirtyTableBytes(FIRST_CAPACITY);
    this.#refreshViews();
    this.dirty[0] = 1;
  }

  #refreshViews(): void {
    const { buffer } = this.linear;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.view = new DataView(buffer);
    const capacity = this.i32[CONTROL.capacity >> 2]!;
    this.tags = new Int32Array(buffer, this.i32[CONTROL.tagBase >> 2]!, capacity / 32);
    this.dirty = new Uint8Array(buffer, this.i32[CONTROL.dirtyBase >> 2]!, capacity / PAGE_BYTES);
    this.epoch++;
  }

  get capacity(): number {
    return this.i32[CONTROL.capacity >> 2]!;
  }

  /** Takes `bytes` (a multiple of 64) of fresh zeroed memory; -1 when there is no more. */
  reserve(bytes: number): number {
    for (;;) {
      const at = this.i32[CONTROL.bump >> 2]!;
      if (at + bytes <= this.capacity) {
        this.setU32(CONTROL.bump, at + bytes);
        return at;
      }
      if (!this.#double()) return -1;
    }
  }

  #double(): boolean {
    const old = this.capacity;
    const capacity = old * 2;
    if (capacity > LARGEST_CAPACITY) return false;
    if (this.linear.buffer.byteLength < capacity && !this.linear.grow(capacity)) return false;
    const bytes = new Uint8Array(this.linear.buffer);
    const control = new Int32Array(this.linear.buffer);
    const tagBase = old;
    const dirtyBase = tagBase + capacity / 8;
    const oldTags = control[CONTROL.tagBase >> 2]!;
    const oldDirty = control[CONTROL.dirtyBase >> 2]!;
    bytes.copyWithin(tagBase, oldTags, oldTags + old / 8);
    bytes.copyWithin(dirtyBase, oldDirty, oldDirty + old / PAGE_BYTES);
    const oldEnd = oldDirty + dirtyTableBytes(old);
    bytes.fill(0, oldTags, oldEnd);
    control[CONTROL.capacity >> 2] = capacity;
    control[CONTROL.tagBase >> 2] = tagBase;
    control[CONTROL.dirtyBase >> 2] = dirtyBase;
    control[CONTROL.bump >> 2] = dirtyBase + dirtyTableBytes(capacity);
    this.#refreshViews();
    this.dirty[0] = 1;
    this.touched(oldTags, oldEnd - oldTags);
    this.touched(tagBase, old / 8);
    return true;
  }

  getU32(at: number): number {
    return this.i32[at >> 2]! >>> 0;
  }

  setU32(at: number, value: number): void {
    this.i32[at >> 2] = value;
    this.dirty[at >>> PAGE_SHIFT] = 1;
  }

  /** Any alignment. */
  setU64(at: number, value: bigint): void {
    this.view.setBigInt64(at, value, true);
    this.touched(at, 8);
  }

  setU8(at: number, value: number): void {
    this.u8[at] = value;
    this.dirty[at >>> PAGE_SHIFT] = 1;
  }

  copyIn(at: number, bytes: Uint8Array): void {
    this.u8.set(bytes, at);
    this.touched(at, bytes.length);
  }

  copyWithin(to: number, from: number, length: number): void {
    this.u8.copyWithin(to, from, from + length);
    this.touched(to, length);
  }

  fill(at: number, length: number, byte: number): void {
    this.u8.fill(byte, at, at + length);
    this.touched(at, length);
  }

  /** A copy, safe to keep. */
  bytes(at: number, length: number): Uint8Array {
    return this.u8.slice(at, at + length);
  }

  setTags(at: number, length: number, end: number, colour: number): void {
    const first = at >>> GRANULE_SHIFT;
    const last = (at + length + GRANULE_BYTES - 1) >>> GRANULE_SHIFT;
    for (let granule = first; granule < last; granule++) {
      this.tags[2 * granule] = end;
      this.tags[2 * granule + 1] = colour;
    }
    const base = this.i32[CONTROL.tagBase >> 2]!;
    this.touched(base + first * 8, (last - first) * 8);
  }

  /** Marks the pages of a range that was written directly. */
  touched(at: number, length: number): void {
    if (length <= 0) return;
    const last = (at + length - 1) >>> PAGE_SHIFT;
    for (let page = at >>> PAGE_SHIFT; page <= last; page++) this.dirty[page] = 1;
  }

  /** Whether a page holds the dirty bytes themselves, which are no part of the state. */
  #isBookkeeping(page: number): boolean {
    return isBookkeeping(this.i32, page);
  }

  #pageCount(): number {
    return (this.i32[CONTROL.bump >> 2]! + PAGE_BYTES - 1) >>> PAGE_SHIFT;
  }

  /** Copies what changed since the last snapshot or restore; the rest is shared with it. */
  snapshot(): MemorySnapshot {
    const count = this.#pageCount();
    const pages = this.#pages;
    while (pages.length < count) pages.push(undefined);
    for (let page = 0; page < count; page++) {
      if (this.dirty[page] === 0 || this.#isBookkeeping(page)) continue;
      pages[page] = this.u8.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    }
    this.dirty.fill(0, 0, count);
    return { pages: pages.slice() };
  }

  restore(snapshot: MemorySnapshot): void {
    const firstPage = snapshot.pages[0];
    invariant(firstPage !== undefined, 'a memory snapshot has its control page');
    const control = new Int32Array(firstPage.buffer, firstPage.byteOffset, PAGE_BYTES / 4);
    const capacity = control[CONTROL.capacity >> 2]!;
    const count = Math.max(this.#pageCount(), snapshot.pages.length);
    const dirty = this.dirty.slice(0, count);
    if (this.linear.buffer.byteLength < capacity) {
      const grown = this.linear.grow(capacity);
      invariant(grown, 'memory that was there once can be had again');
    }
    const bytes = new Uint8Array(this.linear.buffer);
    const sameLayout = this.capacity === capacity;
    for (let page = 0; page < count; page++) {
      if (isBookkeeping(control, page)) continue;
      const target = snapshot.pages[page];
      if (dirty[page] === 0 && this.#pages[page] === target && sameLayout) continue;
      if (target !== undefined) bytes.set(target, page * PAGE_BYTES);
      else bytes.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    }
    this.#pages = snapshot.pages.slice();
    if (!sameLayout || this.u8.buffer !== this.linear.buffer) this.#refreshViews();
    this.dirty.fill(0);
  }

  /** Two 32-bit numbers that depend on every byte of the state. */
  hash(): readonly [number, number] {
    this.snapshot();
    let a = 0x811c9dc5;
    let b = 0x9e3779b9;
    const count = this.#pageCount();
    for (let page = 0; page < count; page++) {
      if (this.#isBookkeeping(page)) continue;
      const h = pageHash(this.#pages[page]);
      a = Math.imul(a ^ h, 0x01000193) ^ page;
      b = (Math.imul(b, 31) + h) | 0;
    }
    return [a >>> 0, b >>> 0];
  }
}

function isBookkeeping(control: Int32Array, page: number): boolean {
  const first = control[CONTROL.dirtyBase >> 2]! >>> PAGE_SHIFT;
  return page >= first && page < first + (dirtyTableBytes(control[CONTROL.capacity >> 2]!) >>> PAGE_SHIFT);
}

function dirtyTableBytes(capacity: number): number {
  return (capacity / PAGE_BYTES + PAGE_BYTES - 1) & -PAGE_BYTES;
}

const hashes = new WeakMap<Uint8Array, number>();
const ZERO_PAGE = new Uint8Array(PAGE_BYTES);

function pageHash(page: Uint8Array = ZERO_PAGE): number {
  const known = hashes.get(page);
  if (known !== undefined) return known;
  const words = new Int32Array(page.buffer, page.byteOffset, PAGE_BYTES / 4);
  let hash = 0x2545f491;
  for (let i = 0; i < words.length; i++) {
    hash = Math.imul(hash ^ words[i]!, 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  hashes.set(page, hash);
  return hash;
}
