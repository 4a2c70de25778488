// Random programs that do something: they start with known registers and stack, compute, branch, loop, call functions, touch
// memory, and sometimes go wrong. For comparing one machine with another; which one is right is for the reference to say.
//
// Conventions: r9 holds the address of the input memory and is left alone, r8 counts loops, r6 and r7 carry values over calls.

import type { Random } from '../../src/base/index.ts';
import {
  type AluFunction,
  type AtomicFunction,
  encodeBytes,
  type Insn,
  type JumpFunction,
  type Operand,
} from '../../src/isa/index.ts';

/** Bytes of input memory that the programs expect. */
export const MEMORY_BYTES = 64;
/** Bytes of the frame that every function fills before it reads them. */
const FRAME_BYTES = 64;
/** Helpers without arguments: ktime_get_ns, get_prandom_u32, get_smp_processor_id. */
export const HELPERS = [5, 7, 8] as const;

type Unplaced = { readonly [K in Insn['kind']]: Omit<Extract<Insn, { kind: K }>, 'slot' | 'target'> }[Insn['kind']];

/** An instruction that may jump to a label; a label that stands at a place. */
type Piece =
  | { readonly kind: 'insn'; readonly insn: Unplaced; readonly to?: string; readonly outside?: number }
  | { readonly kind: 'label'; readonly name: string };

export interface RandomProgramOptions {
  /** How large: about this many statements in the entry function. */
  readonly statements: number;
  /** `tame` programs end by themselves and do not fault; `wild` ones jump anywhere and reach beside their memory. */
  readonly style: 'tame' | 'wild';
}

/** Bytes of a random program. */
export function randomProgram(random: Random, options: RandomProgramOptions): Uint8Array {
  const writer = new ProgramWriter(random, options);
  return assemblePieces(writer.program());
}

const ALU: readonly AluFunction[] = [
  'add',
  'sub',
  'mul',
  'div',
  'sdiv',
  'or',
  'and',
  'lsh',
  'rsh',
  'mod',
  'smod',
  'xor',
  'mov',
  'arsh',
  'movsx8',
  'movsx16',
  'movsx32',
];
const JUMPS: readonly JumpFunction[] = ['eq', 'gt', 'ge', 'set', 'ne', 'sgt', 'sge', 'lt', 'le', 'slt', 'sle'];
const ATOMICS: readonly AtomicFunction[] = ['add', 'or', 'and', 'xor', 'xchg', 'cmpxchg'];
const IMMEDIATES = [0, 1, -1, 2, 3, 7, 31, 32, 33, 63, 64, 255, 0x7fffffff, -0x80000000, -0x7fffffff, 0x12345678];
const WIDE = [0, 1, 0xffffffff, 0x80000000, 0x7fffffff, 0x12345678];
const SIZES = [1, 2, 4, 8] as const;

class ProgramWriter {
  readonly #random: Random;
  readonly #options: RandomProgramOptions;
  #pieces: Piece[] = [];
  #labels = 0;
  readonly #functions: string[] = [];
  #loops = 0;

  constructor(random: Random, options: RandomProgramOptions) {
    this.#random = random;
    this.#options = options;
  }

  program(): readonly Piece[] {
    const functions = this.#random.below(3);
    for (let i = 0; i < functions; i++) this.#functions.push(`function${i}`);
    this.#emit({ kind: 'alu', width: 64, fn: 'mov', dst: 9, src: { kind: 'reg', reg: 1 } });
    this.#body(this.#options.statements, 'entry');
    for (const [index, name] of this.#functions.entries()) {
      this.#pieces.push({ kind: 'label', name });
      this.#body(3 + this.#random.below(6), index);
    }
    return this.#pieces;
  }

  /** A whole function: prologue, statements, a result. `level` keeps functions from calling themselves in tame programs. */
  #body(statements: number, level: number | 'entry'): void {
    for (const register of [0, 2, 3, 4, 5, 6, 7, 8]) this.#constant(register);
    if (level === 'entry') this.#constant(1);
    for (let offset = -FRAME_BYTES; offset < 0; offset += 8)
      this.#emit({ kind: 'store', size: 8, base: 10, offset, src: { kind: 'imm', value: this.#imm() } });
    this.#statements(statements, level, 0);
    this.#emit({ kind: 'exit' });
  }

  #statements(count: number, level: number | 'entry', nesting: number): void {
    for (let i = 0; i < count; i++) this.#statement(level, nesting);
  }

  #statement(level: number | 'entry', nesting: number): void {
    const random = this.#random;
    const wild = this.#options.style === 'wild';
    const roll = random.below(100);
    if (roll < 42) this.#alu();
    else if (roll < 48) this.#unary();
    else if (roll < 52) this.#constant(this.#value());
    else if (roll < 66) this.#memory();
    else if (roll < 71) this.#atomic();
    else if (roll < 80) this.#branch(level, nesting);
    else if (roll < 86 && nesting < 3) this.#loop(level, nesting);
    else if (roll < 89) this.#emit({ kind: 'call-helper', helper: random.pick(HELPERS) });
    else if (roll < 93) this.#call(level);
    else if (roll < 95 && wild) this.#anywhere();
    else this.#alu();
  }

  #emit(insn: Unplaced, to?: string): void {
    this.#pieces.push({ kind: 'insn', insn, ...(to === undefined ? {} : { to }) });
  }

  #label(): string {
    return `label${this.#labels++}`;
  }
  #place(name: string): void {
    this.#pieces.push({ kind: 'label', name });
  }

  /** A register that statements may change. */
  #value(): number {
    return this.#random.below(8);
  }
  #imm(): number {
    return this.#random.below(4) === 0 ? this.#random.u32() | 0 : this.#random.pick(IMMEDIATES);
  }
  #operand(): Operand {
    return this.#random.below(2) === 0 ? { kind: 'reg', reg: this.#value() } : { kind: 'imm', value: this.#imm() };
  }

  #constant(register: number): void {
    const random = this.#random;
    const half = () => (random.below(3) === 0 ? random.u32() : random.pick(WIDE));
    this.#emit({ kind: 'load-imm64', dst: register, source: 'value', low: half(), high: half() });
  }

  #alu(): void {
    const width = this.#random.below(2) === 0 ? 32 : 64;
    const fn = this.#random.pick(ALU);
    const extending = fn.startsWith('movsx');
    if (fn === 'movsx32' && width === 32) return;
    const src = extending ? ({ kind: 'reg', reg: this.#value() } as const) : this.#operand();
    this.#emit({ kind: 'alu', width, fn, dst: this.#value(), src });
  }

  #unary(): void {
    const random = this.#random;
    const dst = this.#value();
    if (random.below(3) === 0) this.#emit({ kind: 'neg', width: random.pick([32, 64]), dst });
    else this.#emit({ kind: 'endian', fn: random.pick(['le', 'be', 'bswap']), bits: random.pick([16, 32, 64]), dst });
  }

  /** A place of `size` bytes: in the frame or in the input memory, at any alignment. */
  #address(size: number): { readonly base: number; readonly offset: number } {
    const random = this.#random;
    const beside = this.#options.style === 'wild' && random.below(40) === 0;
    if (random.below(2) === 0)
      return { base: 10, offset: beside ? random.below(40) - 20 : -size - random.below(FRAME_BYTES - size + 1) };
    return { base: 9, offset: beside ? MEMORY_BYTES - random.below(8) : random.below(MEMORY_BYTES - size + 1) };
  }

  #memory(): void {
    const random = this.#random;
    const size = random.pick(SIZES);
    const at = this.#address(size);
    if (random.below(2) === 0) {
      const signExtend = size < 8 && random.below(3) === 0;
      if (random.below(8) === 0) this.#emit({ kind: 'load-acquire', size, dst: this.#value(), ...at });
      else this.#emit({ kind: 'load', size, signExtend, dst: this.#value(), ...at });
    } else if (random.below(8) === 0) this.#emit({ kind: 'store-release', size, src: this.#value(), ...at });
    else this.#emit({ kind: 'store', size, src: this.#operand(), ...at });
  }

  #atomic(): void {
    const random = this.#random;
    const size = random.pick([4, 8] as const);
    const fn = random.pick(ATOMICS);
    const fetch = fn === 'xchg' || fn === 'cmpxchg' || random.below(2) === 0;
    this.#emit({ kind: 'atomic', size, fn, fetch, src: this.#value(), ...this.#address(size) });
  }

  #condition(to: string): void {
    const random = this.#random;
    this.#emit(
      {
        kind: 'jump-if',
        width: random.pick([32, 64]),
        fn: random.pick(JUMPS),
        dst: this.#value(),
        src: this.#operand(),
      },
      to,
    );
  }

  #branch(level: number | 'entry', nesting: number): void {
    const otherwise = this.#label();
    const end = this.#label();
    this.#condition(otherwise);
    this.#statements(1 + this.#random.below(3), level, nesting + 1);
    if (this.#random.below(2) === 0) {
      this.#emit({ kind: 'jump', long: this.#random.below(4) === 0 }, end);
      this.#place(otherwise);
      this.#statements(1 + this.#random.below(3), level, nesting + 1);
    } else this.#place(otherwise);
    this.#place(end);
  }

  /** Runs a few times; the counter lives in the frame below what programs read and write, so that bodies cannot spoil it. */
  #loop(level: number | 'entry', nesting: number): void {
    const random = this.#random;
    const offset = -FRAME_BYTES - 8 * (1 + (this.#loops++ % 40));
    const head = this.#label();
    const end = this.#label();
    this.#emit({ kind: 'store', size: 8, base: 10, offset, src: { kind: 'imm', value: 1 + random.below(5) } });
    this.#place(head);
    if (random.below(3) === 0) this.#emit({ kind: 'may-goto' }, end);
    this.#statements(1 + random.below(4), level, nesting + 1);
    if (random.below(4) === 0) this.#condition(end);
    this.#emit({ kind: 'load', size: 8, signExtend: false, dst: 8, base: 10, offset });
    this.#emit({ kind: 'alu', width: 64, fn: 'add', dst: 8, src: { kind: 'imm', value: -1 } });
    this.#emit({ kind: 'store', size: 8, base: 10, offset, src: { kind: 'reg', reg: 8 } });
    this.#emit({ kind: 'jump-if', width: 64, fn: 'ne', dst: 8, src: { kind: 'imm', value: 0 } }, head);
    this.#place(end);
  }

  #call(level: number | 'entry'): void {
    const own = level === 'entry' ? -1 : level;
    const callable = this.#options.style === 'wild' ? this.#functions : this.#functions.slice(own + 1);
    if (callable.length > 0) this.#emit({ kind: 'call-local' }, this.#random.pick(callable));
  }

  /** A jump to some label, forward or back, or out of the program; an instruction that is none. */
  #anywhere(): void {
    const random = this.#random;
    const roll = random.below(10);
    if (roll === 0)
      this.#pieces.push({ kind: 'insn', insn: { kind: 'jump', long: false }, outside: random.below(400) - 100 });
    else if (roll === 1)
      this.#emit({
        kind: 'invalid',
        why: { kind: 'unknown-opcode', opcode: 0xff },
        raw: { opcode: 0xff, dst: 0, src: 0, offset: 0, imm: 0 },
      });
    else if (this.#labels > 0) this.#condition(`label${random.below(this.#labels)}`);
  }
}

/** Places labels and encodes. A label that nobody placed is taken for the start of the program. */
function assemblePieces(pieces: readonly Piece[]): Uint8Array {
  const slots = new Map<string, number>();
  let slot = 0;
  for (const piece of pieces) {
    if (piece.kind === 'label') slots.set(piece.name, slot);
    else slot += piece.insn.kind === 'load-imm64' ? 2 : 1;
  }
  const bytes: number[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'label') continue;
    const at = bytes.length / 8;
    const target =
      piece.outside !== undefined
        ? at + piece.outside
        : piece.to === undefined
          ? undefined
          : (slots.get(piece.to) ?? 0);
    const encoding = encodeBytes({ ...piece.insn, slot: at, ...(target === undefined ? {} : { target }) } as Insn);
    if (encoding.kind === 'failed')
      throw new Error(`random program: ${JSON.stringify(encoding.failure)} in ${JSON.stringify(piece)}`);
    bytes.push(...encoding.bytes);
  }
  return Uint8Array.from(bytes);
}
