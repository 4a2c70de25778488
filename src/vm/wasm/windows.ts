// Windows: what compiled code remembers of the last check of an access. For each base register, size and mode it keeps, in two
// locals, the address from which on and how far the memory's tags have allowed such accesses; one subtraction and one comparison
// then do for the next one. Colour and offset are compared at once, as the 64-bit number that a pointer is.
// A window is closed (its length is 0) at the start and after every call out of compiled code, which may change what is mapped.

import { invariant } from '../../base/index.ts';
import type { Code } from '../lower.ts';
import { OP } from '../op.ts';

export type Mode = 'read' | 'write';

export interface Window {
  /** Local with the first pointer. */
  readonly start: number;
  /** Local with the number of pointers, from `start` on, at which an access of this size may begin. */
  readonly length: number;
}

interface MemoryOperation {
  readonly base: 'src' | 'dst';
  readonly size: number;
  readonly mode: Mode;
}

const read = (size: number): MemoryOperation => ({ base: 'src', size, mode: 'read' });
const write = (size: number): MemoryOperation => ({ base: 'dst', size, mode: 'write' });

/** The operations that compiled code carries out by itself. */
const OPERATIONS: ReadonlyMap<number, MemoryOperation> = new Map([
  [OP.load8, read(1)],
  [OP.load16, read(2)],
  [OP.load32, read(4)],
  [OP.load64, read(8)],
  [OP.loadSigned8, read(1)],
  [OP.loadSigned16, read(2)],
  [OP.loadSigned32, read(4)],
  [OP.store8, write(1)],
  [OP.store16, write(2)],
  [OP.store32, write(4)],
  [OP.store64, write(8)],
  [OP.atomic32, write(4)],
  [OP.atomic64, write(8)],
]);

const keyOf = (base: number, size: number, mode: Mode): string => `${base} ${size} ${mode}`;

export class Windows {
  readonly #windows = new Map<string, Window>();
  readonly #firstLocal: number;

  /** The windows of a program, in locals from `firstLocal` on. */
  constructor(code: Code, firstLocal: number) {
    this.#firstLocal = firstLocal;
    for (let column = 0; column < code.op.length; column++) {
      const operation = OPERATIONS.get(code.op[column]!);
      if (operation === undefined) continue;
      this.add(code[operation.base][column]!, operation.size, operation.mode);
    }
  }

  /** 64-bit locals in use. */
  get locals(): number {
    return this.#windows.size * 2;
  }

  /** Makes a window for accesses that are no operations of their own. All must be there before the first code is emitted, to be closed. */
  add(base: number, size: number, mode: Mode): void {
    const key = keyOf(base, size, mode);
    const start = this.#firstLocal + this.locals;
    if (!this.#windows.has(key)) this.#windows.set(key, { start, length: start + 1 });
  }

  of(base: number, size: number, mode: Mode): Window {
    const window = this.#windows.get(keyOf(base, size, mode));
    invariant(window !== undefined, 'the windows of a program are made before its code');
    return window;
  }

  [Symbol.iterator](): IterableIterator<Window> {
    return this.#windows.values();
  }
}
