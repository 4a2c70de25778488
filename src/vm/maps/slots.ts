// A table from a number to a 32-bit word, in linear memory, that takes memory only for the parts that are used: what arrays,
// program arrays and arrays of maps and sockets are made of.

import { BLOCK } from '../heap.ts';
import type { Machine } from '../machine.ts';

const CHUNK_SHIFT = 8;
const CHUNK = 1 << CHUNK_SHIFT;

export class Slots {
  readonly #m: Machine;
  readonly #directory: number;
  readonly #length: number;

  /** `length` slots, all zero. */
  constructor(m: Machine, length: number) {
    this.#m = m;
    this.#length = length;
    const chunks = Math.ceil(length / CHUNK);
    this.#directory = m.heap.allocate({ kind: BLOCK.internal, mapped: 0, hidden: Math.max(4, chunks * 4) });
  }

  /** False when there was no memory for it. */
  get ok(): boolean {
    return this.#directory > 0;
  }

  get(index: number): number {
    const { memory } = this.#m;
    const chunk = memory.getU32(this.#directory + 4 * Math.floor(index / CHUNK));
    return chunk === 0 ? 0 : memory.getU32(chunk + 4 * (index % CHUNK));
  }

  /** False when memory is used up. */
  set(index: number, value: number): boolean {
    const { memory, heap } = this.#m;
    const entry = this.#directory + 4 * Math.floor(index / CHUNK);
    let chunk = memory.getU32(entry);
    if (chunk === 0) {
      if (value === 0) return true;
      chunk = heap.allocate({ kind: BLOCK.internal, mapped: 0, hidden: 4 * CHUNK });
      if (chunk < 0) return false;
      memory.setU32(entry, chunk);
    }
    memory.setU32(chunk + 4 * (index % CHUNK), value);
    return true;
  }

  /** For compiled code: where the addresses of the chunks stand, and how many bits of a number count inside of one. */
  get layout(): { readonly directory: number; readonly chunkShift: number } {
    return { directory: this.#directory, chunkShift: CHUNK_SHIFT };
  }

  get length(): number {
    return this.#length;
  }
}
