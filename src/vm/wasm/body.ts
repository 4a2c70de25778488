// The instructions of the compiled function, with helpers for what recurs: registers, branches to blocks, ways out.

import type { Code } from '../lower.ts';
import { FIRST_CONSTANT } from '../lower.ts';
import type { MapLayout } from '../maps/layout.ts';
import { OP } from '../op.ts';
import { I, TYPE, Writer } from './encoding.ts';
import { OUTCOME, REGISTERS, SCRATCH } from './layout.ts';
import { Windows } from './windows.ts';

/** Parameters and locals of the compiled function, in order. */
export const LOCAL = {
  entry: 0,
  left: 1,
  depth: 2,
  tagBase: 3,
  dirtyBase: 4,
  capacity: 5,
  address: 6,
  column: 7,
  outcome: 8,
  /** Frames up to this depth are the machine's; those above have been opened by compiled code. */
  base: 9,
  deepest: 10,
  /** For use within one instruction; a map lookup keeps the hash of the key, and the chunk or element at hand. */
  hash: 11,
  element: 12,
  tag: 13,
  value: 14,
  /** r0; the others follow, then the windows. */
  registers: 15,
} as const;

export const I32_LOCALS = LOCAL.tag - LOCAL.tagBase;
export const I64_LOCALS = LOCAL.registers + REGISTERS - LOCAL.tag;

/** Numbers of the functions of a module: imports first, then our own. */
export interface FunctionNumbers {
  readonly access: number;
  readonly helper: number;
  readonly enter: number;
  readonly leave: number;
  readonly mayGoto: number;
  readonly trap: number;
  /** Stores r0 to r10 into the scratch words. */
  readonly spill: number;
}

/** What the compiler must know of the machine. */
export interface MachineFacts {
  /** Value of a register number from FIRST_CONSTANT on. */
  readonly constant: (register: number) => bigint;
  /** Call depth at which a call is a fault. */
  readonly maxFrames: number;
  /** The map whose object a pointer points to, where compiled code may look into it. */
  readonly mapOf: (pointer: bigint) => MapLayout | undefined;
}

/** A label that a branch can name, outermost first. */
export type Label =
  | { readonly kind: 'before'; readonly block: number }
  | { readonly kind: 'loop'; readonly block: number }
  | { readonly kind: 'dispatch' }
  | { readonly kind: 'finish' }
  | { readonly kind: 'inner' };

export class Body {
  readonly out = new Writer();
  readonly code: Code;
  readonly functions: FunctionNumbers;
  readonly labels: Label[] = [];
  readonly #constant: (register: number) => bigint;
  readonly #entries: ReadonlyMap<number, number>;
  /** Whether the program has functions, and with them frames of which the machine must hear. */
  readonly #hasFrames: boolean;
  readonly maxFrames: number;
  readonly mapOf: (pointer: bigint) => MapLayout | undefined;
  readonly windows: Windows;

  constructor(code: Code, functions: FunctionNumbers, machine: MachineFacts, entries: ReadonlyMap<number, number>) {
    this.code = code;
    this.functions = functions;
    this.#constant = machine.constant;
    this.maxFrames = machine.maxFrames;
    this.mapOf = machine.mapOf;
    this.windows = new Windows(code, LOCAL.registers + REGISTERS);
    this.#entries = entries;
    this.#hasFrames = code.op.includes(OP.callLocal);
  }

  op(...bytes: readonly number[]): this {
    this.out.byte(...bytes);
    return this;
  }
  get hasFrames(): boolean {
    return this.#hasFrames;
  }
  get(local: number): this {
    this.out.byte(I.localGet).u32(local);
    return this;
  }
  set(local: number): this {
    this.out.byte(I.localSet).u32(local);
    return this;
  }
  tee(local: number): this {
    this.out.byte(I.localTee).u32(local);
    return this;
  }
  i32(value: number): this {
    this.out.byte(I.i32Const).s32(value);
    return this;
  }
  i64(value: bigint): this {
    this.out.byte(I.i64Const).s64(value);
    return this;
  }
  call(index: number): this {
    this.out.byte(I.call).u32(index);
    return this;
  }
  /** A load or store: alignment as a power of two, offset from the address on the stack. */
  memory(op: number, align: number, offset = 0): this {
    this.out.byte(op).u32(align).u32(offset);
    return this;
  }

  /** The value that a register number of the lowered code stands for: a register or a constant. */
  constantOf(register: number): bigint | undefined {
    return register < FIRST_CONSTANT ? undefined : this.#constant(register);
  }
  operand64(register: number): this {
    const value = this.constantOf(register);
    return value === undefined ? this.get(LOCAL.registers + register) : this.i64(value);
  }
  operand32(register: number): this {
    const value = this.constantOf(register);
    if (value !== undefined) return this.i32(Number(BigInt.asIntN(32, value)));
    return this.get(LOCAL.registers + register).op(I.i32WrapI64);
  }
  setRegister(register: number): this {
    return this.set(LOCAL.registers + register);
  }

  open(kind: 'block' | 'loop', label: Label = { kind: 'inner' }): this {
    this.labels.push(label);
    return this.op(kind === 'block' ? I.block : I.loop, TYPE.none);
  }
  if(): this {
    this.labels.push({ kind: 'inner' });
    return this.op(I.if, TYPE.none);
  }
  else(): this {
    return this.op(I.else);
  }
  close(): this {
    this.labels.pop();
    return this.op(I.end);
  }

  /** How many labels lie between here and the one that `find` accepts; -1: none does. */
  #depth(find: (label: Label) => boolean): number {
    for (let depth = 0; depth < this.labels.length; depth++)
      if (find(this.labels[this.labels.length - 1 - depth]!)) return depth;
    return -1;
  }
  branch(depth: number, condition: 'always' | 'if'): this {
    this.out.byte(condition === 'always' ? I.br : I.brIf).u32(depth);
    return this;
  }

  /** Goes to a block: by its label where one is in reach, else through the dispatch table. */
  goTo(block: number): this {
    const depth = this.#depth((label) => (label.kind === 'before' || label.kind === 'loop') && label.block === block);
    if (depth >= 0) return this.branch(depth, 'always');
    return this.i32(this.#entries.get(block)!).set(LOCAL.entry).#dispatch();
  }
  #dispatch(): this {
    return this.branch(
      this.#depth((label) => label.kind === 'dispatch'),
      'always',
    );
  }
  /** Goes to the block whose dispatch number is in the local `entry`. */
  goToEntry(): this {
    return this.#dispatch();
  }
  /** Goes to a block when the 32-bit number on the stack is not 0. */
  goToIf(block: number): this {
    const depth = this.#depth((label) => (label.kind === 'before' || label.kind === 'loop') && label.block === block);
    if (depth >= 0) return this.branch(depth, 'if');
    return this.if().goTo(block).close();
  }

  /** Leaves with the registers as they are in locals. */
  finish(outcome: number, column: number): this {
    this.i32(column).set(LOCAL.column).i32(outcome).set(LOCAL.outcome);
    return this.branch(
      this.#depth((label) => label.kind === 'finish'),
      'always',
    );
  }

  /** Leaves after an import stopped the program: the machine's own registers count. `after`: instructions of the block not reached. */
  stopped(after: number): this {
    this.i32(SCRATCH.left).get(LOCAL.left).i32(after).op(I.i32Add).memory(I.i32Store, 2);
    return this.i32(OUTCOME.stopped).op(I.return);
  }

  /** Puts what the machine may want to see where it looks. */
  spill(): this {
    this.storeFrames();
    for (let register = 0; register < REGISTERS; register++) this.get(LOCAL.registers + register);
    return this.call(this.functions.spill);
  }
  storeFrames(): this {
    if (!this.#hasFrames) return this;
    this.i32(0).get(LOCAL.depth).memory(I.i32Store, 2, SCRATCH.depth);
    return this.i32(0).get(LOCAL.deepest).memory(I.i32Store, 2, SCRATCH.deepest);
  }
  reload(...registers: readonly number[]): this {
    for (const register of registers)
      this.i32(0)
        .memory(I.i64Load, 3, SCRATCH.registers + 8 * register)
        .setRegister(register);
    return this;
  }
}
