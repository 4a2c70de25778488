// Blocks in linear memory. Each block is a header granule, which no program can touch, and then its bytes; those that a program
// may touch are its region. Which kind of thing a region is, whose it is and whether it still lives stands in the header, so
// that a snapshot of the bytes is a snapshot of everything and a fault can name what an address belongs to.

import { invariant } from '../base/index.ts';
import { COLOUR_COUNT, FIRST_COLOUR } from './address.ts';
import { CONTROL, GRANULE_BYTES, type LinearMemory } from './linear-memory.ts';

/** What a block holds. Numbers are stored in headers. */
export const BLOCK = {
  context: 1,
  stack: 2,
  mapValue: 3,
  perCpuValue: 4,
  mapKey: 5,
  packet: 6,
  sock: 7,
  tcpSock: 8,
  ringbufRecord: 9,
  mapObject: 10,
  input: 11,
  allocated: 12,
  kernelObject: 13,
  dynptrData: 14,
  /** The machine's own tables: never mapped. */
  internal: 15,
} as const;
export type BlockKind = (typeof BLOCK)[keyof typeof BLOCK];

export const STATE = { live: 0, deferred: 1, freed: 2 } as const;

/** Byte offsets in a header. `a` to `f` belong to the block's owner. */
export const HEADER = {
  magic: 0,
  granules: 4,
  size: 8,
  owner: 12,
  state: 16,
  colour: 20,
  link: 24,
  flags: 28,
  a: 32,
  b: 36,
  c: 40,
  d: 44,
  e: 48,
  f: 52,
  check: 60,
} as const;

const MAGIC = 0x5b0c0000;
export const READ_ONLY = 1;
const SMALL_CLASSES = 64;

export interface BlockRequest {
  readonly kind: BlockKind;
  /** Bytes that programs may touch, from the start of the data. */
  readonly mapped: number;
  /** Bytes in all, when there are more than the mapped ones; they follow at the next granule. */
  readonly hidden?: number;
  /** Whose it is: a map's index, a frame's number, a socket's id. */
  readonly owner?: number;
  readonly readOnly?: true;
  /** Fixed colour (stack frames). */
  readonly colour?: number;
}

const roundUp = (bytes: number): number => (bytes + GRANULE_BYTES - 1) & -GRANULE_BYTES;

/** Header address of the block whose data starts at `data`. */
export const headerOf = (data: number): number => data - GRANULE_BYTES;
/** Where the hidden bytes of a block start whose mapped part has `mapped` bytes. */
export const hiddenPart = (data: number, mapped: number): number => data + roundUp(mapped);

export class Heap {
  readonly memory: LinearMemory;

  constructor(memory: LinearMemory) {
    this.memory = memory;
  }

  /** Address of the data of a new zeroed block; -1 when memory is used up. */
  allocate(request: BlockRequest): number {
    const { memory } = this;
    const hidden = request.hidden ?? 0;
    const wanted = 1 + (roundUp(request.mapped) + roundUp(hidden)) / GRANULE_BYTES;
    const granules = classSize(wanted);
    let block = this.#takeFree(granules);
    if (block < 0) block = memory.reserve(granules * GRANULE_BYTES);
    if (block < 0) return -1;
    const data = block + GRANULE_BYTES;
    memory.fill(block, granules * GRANULE_BYTES, 0);
    const colour = request.colour ?? this.#nextColour();
    const { i32 } = memory;
    const h = block >> 2;
    i32[h] = MAGIC | request.kind;
    i32[h + 1] = granules;
    i32[h + 2] = request.mapped;
    i32[h + 3] = request.owner ?? 0;
    i32[h + 5] = colour;
    i32[h + 7] = request.readOnly === undefined ? 0 : READ_ONLY;
    i32[h + 15] = checkOf(block, granules, request.kind);
    if (request.kind !== BLOCK.internal && request.kind !== BLOCK.mapObject && request.kind !== BLOCK.kernelObject)
      this.map(data);
    return data;
  }

  #nextColour(): number {
    const number = this.memory.getU32(CONTROL.colour);
    this.memory.setU32(CONTROL.colour, number + 1);
    return (FIRST_COLOUR + (number % COLOUR_COUNT)) | 0;
  }

  #takeFree(granules: number): number {
    const { memory } = this;
    const list = freeList(granules);
    const block = memory.getU32(list);
    if (block === 0) return -1;
    const next = memory.getU32(block + HEADER.link);
    memory.setU32(list, next);
    if (next === 0) memory.setU32(list + 4, 0);
    return block;
  }

  /** Gives the memory back; a later pointer into it is a fault that names what it was. */
  free(data: number): void {
    const { memory } = this;
    const block = headerOf(data);
    this.unmap(data);
    memory.setU32(block + HEADER.state, STATE.freed);
    memory.setU32(block + HEADER.link, 0);
    // First freed is first used again, so that what a stale pointer meant can be said for as long as possible.
    const list = freeList(memory.getU32(block + HEADER.granules));
    const tail = memory.getU32(list + 4);
    if (tail === 0) memory.setU32(list, block);
    else memory.setU32(tail + HEADER.link, block);
    memory.setU32(list + 4, block);
  }

  /**
   * Frees at the end of the running call: until then the bytes can still be reached, as a kernel keeps them until the RCU
   * grace period ends, but each access goes the slow way and is reported.
   */
  defer(data: number): void {
    const { memory } = this;
    const block = headerOf(data);
    this.unmap(data);
    memory.setU32(block + HEADER.state, STATE.deferred);
    memory.setU32(block + HEADER.link, 0);
    const tail = memory.getU32(CONTROL.deferredTail);
    memory.setU32(tail === 0 ? CONTROL.deferredHead : tail + HEADER.link, block);
    memory.setU32(CONTROL.deferredTail, block);
  }

  /** Frees everything deferred. */
  reap(): void {
    const { memory } = this;
    let block = memory.getU32(CONTROL.deferredHead);
    if (block === 0) return;
    memory.setU32(CONTROL.deferredHead, 0);
    memory.setU32(CONTROL.deferredTail, 0);
    while (block !== 0) {
      const next = memory.getU32(block + HEADER.link);
      this.free(block + GRANULE_BYTES);
      block = next;
    }
  }

  /** Lets programs reach the block's mapped bytes. */
  map(data: number): void {
    const { memory } = this;
    const block = headerOf(data);
    const size = memory.getU32(block + HEADER.size);
    if (size === 0) return;
    const readOnly = (memory.getU32(block + HEADER.flags) & READ_ONLY) !== 0;
    memory.setTags(data, size, readOnly ? (data + size) | 0x80000000 : data + size, this.colour(data));
  }

  unmap(data: number): void {
    const size = this.memory.getU32(headerOf(data) + HEADER.size);
    if (size > 0) this.memory.setTags(data, size, 0, 0);
  }

  /** Changes the number of mapped bytes of a block, within what it was allocated with. */
  resize(data: number, mapped: number): void {
    this.unmap(data);
    this.memory.setU32(headerOf(data) + HEADER.size, mapped);
    this.map(data);
  }

  setReadOnly(data: number): void {
    this.memory.setU32(headerOf(data) + HEADER.flags, READ_ONLY);
    this.map(data);
  }

  /** High half of a pointer into the block, as a signed 32-bit number. */
  colour(data: number): number {
    return this.memory.i32[(headerOf(data) + HEADER.colour) >> 2]!;
  }

  kind(data: number): BlockKind {
    return (this.memory.getU32(headerOf(data)) & 0xff) as BlockKind;
  }

  size(data: number): number {
    return this.memory.getU32(headerOf(data) + HEADER.size);
  }

  owner(data: number): number {
    return this.memory.i32[(headerOf(data) + HEADER.owner) >> 2]!;
  }

  state(data: number): number {
    return this.memory.getU32(headerOf(data) + HEADER.state);
  }

  get(data: number, field: number): number {
    return this.memory.i32[(data - GRANULE_BYTES + field) >> 2]!;
  }

  set(data: number, field: number, value: number): void {
    this.memory.setU32(data - GRANULE_BYTES + field, value);
  }

  /**
   * Data address of the block that a pointer (colour, linear address) was made for; 0 when there is none. Looks for the nearest
   * block of that colour, first below the address and then above.
   */
  find(colour: number, low: number): number {
    const { i32 } = this.memory;
    const end = this.memory.getU32(CONTROL.bump);
    const start = low >>> 0;
    for (let at = Math.min(start, end - GRANULE_BYTES) & -GRANULE_BYTES; at >= 4096; at -= GRANULE_BYTES)
      if (i32[(at >> 2) + 5] === colour && this.#isHeader(at)) return at + GRANULE_BYTES;
    for (let at = (start + GRANULE_BYTES) & -GRANULE_BYTES; at > 0 && at < end; at += GRANULE_BYTES)
      if (i32[(at >> 2) + 5] === colour && this.#isHeader(at)) return at + GRANULE_BYTES;
    return 0;
  }

  #isHeader(block: number): boolean {
    const { i32 } = this.memory;
    const h = block >> 2;
    const first = i32[h]!;
    return (first & ~0xff) === MAGIC && i32[h + 15] === checkOf(block, i32[h + 1]!, first & 0xff);
  }

  /** Demands that `data` is the data address of a live block of that kind. */
  expect(data: number, kind: BlockKind): void {
    invariant(this.kind(data) === kind && this.state(data) === STATE.live, `block of kind ${kind} at ${data}`);
  }
}

/** Blocks of up to 64 granules come in every size, larger ones in powers of two. */
function classSize(granules: number): number {
  return granules <= SMALL_CLASSES ? granules : 2 ** Math.ceil(Math.log2(granules));
}

function freeList(granules: number): number {
  const index = granules <= SMALL_CLASSES ? granules : SMALL_CLASSES + Math.log2(granules) - 6;
  return CONTROL.freeLists + index * 8;
}

const checkOf = (block: number, granules: number, kind: number): number =>
  (Math.imul(block ^ 0x3c6ef372, 0x9e3779b1) ^ Math.imul(granules, 0x85ebca6b) ^ kind) | 0;
