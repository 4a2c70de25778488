// Decoded instructions into the parallel typed arrays that the interpreter walks. Done once for a program; what can be settled
// beforehand is: jump targets, immediates (they become constant registers), addresses of maps, helper functions.

import { assertNever } from '../base/index.ts';
import type {
  AccessSize,
  AluFunction,
  AtomicFunction,
  DecodedProgram,
  Insn,
  JumpFunction,
  LoadImm64Insn,
  Operand,
} from '../isa/index.ts';
import { invalidText } from '../isa/index.ts';
import type { VmProgram } from './api.ts';
import type { Machine } from './machine.ts';
import { ATOMIC, ATOMIC_FETCH, OP, type OpNumber } from './op.ts';

/** Register number from which constants are stored; r0 to r10 and what a malformed program may name lie below. */
export const FIRST_CONSTANT = 16;
/** Constants fit the 16-bit source column. */
const MAX_CONSTANTS = 65536 - FIRST_CONSTANT;

/**
 * What stands behind a call instruction. A number becomes r0 (negative numbers and those up to 2^32 - 1), a bigint likewise,
 * undefined leaves r0 alone: the function set it, faulted, or moved the machine elsewhere.
 */
export type CallFunction = (machine: Machine) => number | bigint | undefined;

/** Why an instruction cannot be executed; becomes a fault when it is reached. */
export type Trap =
  | { readonly kind: 'invalid-instruction'; readonly why: string }
  | { readonly kind: 'unmodelled'; readonly what: string; readonly reason: string }
  | { readonly kind: 'jump-out-of-program'; readonly target: number }
  | { readonly kind: 'fell-off-the-end' }
  | { readonly kind: 'unknown-helper'; readonly helper: number }
  | { readonly kind: 'unknown-kfunc'; readonly btfId: number };

export interface Code {
  readonly index: number;
  readonly program: VmProgram;
  readonly insns: DecodedProgram;
  /** Number of slots. Behind them stand a trap (the end was passed), an exit (bpf_throw ends there), and traps for bad jumps. */
  readonly length: number;
  /** Operation, destination register, source register or constant of each slot. */
  readonly op: Uint8Array;
  readonly dst: Uint8Array;
  readonly src: Uint16Array;
  /** The same three in one word for the interpreter: bits 0 to 7, 8 to 15, 16 to 31. Breakpoints are patched in here only. */
  readonly words: Int32Array;
  readonly off: Int32Array;
  /** Jump target, index into `calls`, atomic function, access size, or index into `traps`, as the operation wants. */
  readonly target: Int32Array;
  readonly calls: readonly CallFunction[];
  readonly traps: readonly Trap[];
}

/** Constants of all programs of one machine. */
export class ConstantPool {
  readonly values: bigint[] = [];
  readonly #index = new Map<bigint, number>();

  /** Register number that holds the value; -1 when there are too many. */
  register(value: bigint): number {
    const signed = BigInt.asIntN(64, value);
    const known = this.#index.get(signed);
    if (known !== undefined) return known;
    if (this.values.length >= MAX_CONSTANTS) return -1;
    const number = FIRST_CONSTANT + this.values.length;
    this.values.push(signed);
    this.#index.set(signed, number);
    return number;
  }
}

export interface LowerOptions {
  readonly index: number;
  readonly program: VmProgram;
  readonly insns: DecodedProgram;
  readonly constants: ConstantPool;
  /** The 64-bit value of a load-imm64, or why there is none. */
  readonly imm64: (insn: LoadImm64Insn) => bigint | Trap;
  readonly helper: (id: number) => CallFunction | undefined;
  readonly kfunc: (slot: number, btfId: number) => CallFunction | undefined;
  /** Whether a load of this size at this displacement may be one that the target kernel's context conversion gets wrong. */
  readonly contextQuirk: (insn: {
    readonly dst: number;
    readonly base: number;
    readonly offset: number;
    readonly size: AccessSize;
  }) => boolean;
}

const ALU64 = {
  add: OP.add64,
  sub: OP.sub64,
  mul: OP.mul64,
  div: OP.div64,
  sdiv: OP.sdiv64,
  or: OP.or64,
  and: OP.and64,
  lsh: OP.lsh64,
  rsh: OP.rsh64,
  mod: OP.mod64,
  smod: OP.smod64,
  xor: OP.xor64,
  mov: OP.mov64,
  movsx8: OP.movsx8to64,
  movsx16: OP.movsx16to64,
  movsx32: OP.movsx32to64,
  arsh: OP.arsh64,
} satisfies Record<AluFunction, OpNumber>;

const ALU32 = {
  add: OP.add32,
  sub: OP.sub32,
  mul: OP.mul32,
  div: OP.div32,
  sdiv: OP.sdiv32,
  or: OP.or32,
  and: OP.and32,
  lsh: OP.lsh32,
  rsh: OP.rsh32,
  mod: OP.mod32,
  smod: OP.smod32,
  xor: OP.xor32,
  mov: OP.mov32,
  movsx8: OP.movsx8to32,
  movsx16: OP.movsx16to32,
  movsx32: OP.mov32,
  arsh: OP.arsh32,
} satisfies Record<AluFunction, OpNumber>;

const JUMP64 = {
  eq: OP.jeq64,
  gt: OP.jgt64,
  ge: OP.jge64,
  set: OP.jset64,
  ne: OP.jne64,
  sgt: OP.jsgt64,
  sge: OP.jsge64,
  lt: OP.jlt64,
  le: OP.jle64,
  slt: OP.jslt64,
  sle: OP.jsle64,
} satisfies Record<JumpFunction, OpNumber>;

const JUMP32 = {
  eq: OP.jeq32,
  gt: OP.jgt32,
  ge: OP.jge32,
  set: OP.jset32,
  ne: OP.jne32,
  sgt: OP.jsgt32,
  sge: OP.jsge32,
  lt: OP.jlt32,
  le: OP.jle32,
  slt: OP.jslt32,
  sle: OP.jsle32,
} satisfies Record<JumpFunction, OpNumber>;

const ATOMIC_CODE = ATOMIC satisfies Record<AtomicFunction, number>;
const LOAD = { 1: OP.load8, 2: OP.load16, 4: OP.load32, 8: OP.load64 } as const;
const LOAD_SIGNED = { 1: OP.loadSigned8, 2: OP.loadSigned16, 4: OP.loadSigned32, 8: OP.load64 } as const;
const STORE = { 1: OP.store8, 2: OP.store16, 4: OP.store32, 8: OP.store64 } as const;
const ZERO_EXTEND = { 16: OP.zext16, 32: OP.zext32, 64: OP.nop } as const;
const SWAP = { 16: OP.bswap16, 32: OP.bswap32, 64: OP.bswap64 } as const;

export function lower(options: LowerOptions): Code {
  const { insns, constants } = options;
  const length = insns.length;
  const jumps = insns.filter((insn) => insn !== undefined && 'target' in insn).length;
  const columns = length + 2 + jumps;
  const op = new Uint8Array(columns).fill(OP.trap);
  const dst = new Uint8Array(columns);
  const src = new Uint16Array(columns);
  const off = new Int32Array(columns);
  const target = new Int32Array(columns);
  const calls: CallFunction[] = [];
  const traps: Trap[] = [{ kind: 'fell-off-the-end' }];
  op[length + 1] = OP.exit;
  let spare = length + 2;

  const trap = (slot: number, what: Trap) => {
    op[slot] = OP.trap;
    target[slot] = traps.length;
    traps.push(what);
  };
  const constant = (slot: number, value: bigint): boolean => {
    const register = constants.register(value);
    if (register < 0) {
      trap(slot, { kind: 'unmodelled', what: 'this program', reason: 'it uses more than 65520 different constants' });
      return false;
    }
    src[slot] = register;
    return true;
  };
  const operand = (slot: number, from: Operand): boolean => {
    if (from.kind === 'imm') return constant(slot, BigInt(from.value));
    src[slot] = from.reg;
    return true;
  };
  /** The column to jump to: the target itself, or a trap that stands for a target outside the program. */
  const destination = (slot: number, to: number): number => {
    if (to >= 0 && to < length) return to;
    const at = spare++;
    trap(at, { kind: 'jump-out-of-program', target: to });
    off[at] = slot;
    return at;
  };
  const call = (slot: number, fn: CallFunction | undefined, otherwise: Trap) => {
    if (fn === undefined) {
      trap(slot, otherwise);
      return;
    }
    op[slot] = OP.callHelper;
    let index = calls.indexOf(fn);
    if (index < 0) index = calls.push(fn) - 1;
    target[slot] = index;
  };

  const one = (slot: number, insn: Insn): void => {
    switch (insn.kind) {
      case 'alu':
        op[slot] = (insn.width === 64 ? ALU64 : ALU32)[insn.fn];
        dst[slot] = insn.dst;
        operand(slot, insn.src);
        return;
      case 'neg':
        op[slot] = insn.width === 64 ? OP.neg64 : OP.neg32;
        dst[slot] = insn.dst;
        return;
      case 'endian':
        op[slot] = (insn.fn === 'le' ? ZERO_EXTEND : SWAP)[insn.bits];
        dst[slot] = insn.dst;
        return;
      case 'addr-space-cast':
        trap(slot, { kind: 'unmodelled', what: 'addr_space_cast', reason: 'arenas need a process that maps them' });
        return;
      case 'load-imm64': {
        const value = options.imm64(insn);
        if (typeof value !== 'bigint') {
          trap(slot, value);
          return;
        }
        op[slot] = OP.loadImm64;
        dst[slot] = insn.dst;
        constant(slot, value);
        return;
      }
      case 'load':
        op[slot] = (insn.signExtend ? LOAD_SIGNED : LOAD)[insn.size];
        dst[slot] = insn.dst;
        src[slot] = insn.base;
        off[slot] = insn.offset;
        if (!insn.signExtend && options.contextQuirk(insn)) {
          op[slot] = OP.loadContext;
          target[slot] = insn.size;
        }
        return;
      case 'load-acquire':
        op[slot] = LOAD[insn.size];
        dst[slot] = insn.dst;
        src[slot] = insn.base;
        off[slot] = insn.offset;
        return;
      case 'store':
        op[slot] = STORE[insn.size];
        dst[slot] = insn.base;
        off[slot] = insn.offset;
        operand(slot, insn.src);
        return;
      case 'store-release':
        op[slot] = STORE[insn.size];
        dst[slot] = insn.base;
        off[slot] = insn.offset;
        src[slot] = insn.src;
        return;
      case 'atomic':
        op[slot] = insn.size === 8 ? OP.atomic64 : OP.atomic32;
        dst[slot] = insn.base;
        src[slot] = insn.src;
        off[slot] = insn.offset;
        target[slot] = ATOMIC_CODE[insn.fn] + (insn.fetch ? ATOMIC_FETCH : 0);
        return;
      case 'jump':
        op[slot] = OP.jump;
        target[slot] = destination(slot, insn.target);
        return;
      case 'jump-if':
        op[slot] = (insn.width === 64 ? JUMP64 : JUMP32)[insn.fn];
        dst[slot] = insn.dst;
        if (operand(slot, insn.src)) target[slot] = destination(slot, insn.target);
        return;
      case 'may-goto':
        op[slot] = OP.mayGoto;
        target[slot] = destination(slot, insn.target);
        return;
      case 'call-helper':
        call(slot, options.helper(insn.helper), { kind: 'unknown-helper', helper: insn.helper });
        return;
      case 'call-kfunc':
        call(slot, options.kfunc(slot, insn.btfId), { kind: 'unknown-kfunc', btfId: insn.btfId });
        return;
      case 'call-local':
        op[slot] = OP.callLocal;
        target[slot] = destination(slot, insn.target);
        return;
      case 'call-indirect':
        trap(slot, { kind: 'invalid-instruction', why: `call through r${insn.reg}, which no kernel accepts` });
        return;
      case 'jump-indirect':
        trap(slot, {
          kind: 'unmodelled',
          what: 'gotox',
          reason: 'jump tables in instruction-array maps are not loaded from objects',
        });
        return;
      case 'exit':
        op[slot] = OP.exit;
        return;
      case 'packet-load':
        trap(slot, {
          kind: 'invalid-instruction',
          why: 'legacy packet access, which needs an sk_buff context and is refused for sock_ops programs',
        });
        return;
      case 'invalid':
        trap(slot, { kind: 'invalid-instruction', why: invalidText(insn.why) });
        return;
      default:
        assertNever(insn, 'lower');
    }
  };

  for (let slot = 0; slot < length; slot++) {
    const insn = insns[slot];
    if (insn === undefined)
      trap(slot, { kind: 'invalid-instruction', why: 'second word of a 16-byte instruction, which is no jump target' });
    else {
      const why = badRegister(insn);
      if (why === undefined) one(slot, insn);
      else trap(slot, { kind: 'invalid-instruction', why });
    }
  }
  return {
    index: options.index,
    program: options.program,
    insns,
    length,
    op,
    dst,
    src,
    words: Int32Array.from(op, (number, slot) => number | (dst[slot]! << 8) | (src[slot]! << 16)),
    off,
    target,
    calls,
    traps,
  };
}

/** What is wrong with the registers that an instruction names; every kernel refuses such a program. */
function badRegister(insn: Insn): string | undefined {
  if (insn.kind === 'invalid') return undefined;
  const fields = insn as {
    readonly dst?: number;
    readonly base?: number;
    readonly src?: Operand | number;
    readonly reg?: number;
  };
  const source = typeof fields.src === 'number' ? fields.src : fields.src?.kind === 'reg' ? fields.src.reg : undefined;
  for (const register of [fields.dst, fields.base, source, fields.reg])
    if (register !== undefined && register > FRAME_POINTER) return `there is no register r${register}`;
  const written =
    insn.kind === 'alu' ||
    insn.kind === 'neg' ||
    insn.kind === 'endian' ||
    insn.kind === 'load' ||
    insn.kind === 'load-imm64' ||
    insn.kind === 'load-acquire'
      ? insn.dst
      : insn.kind === 'atomic' && insn.fetch && insn.fn !== 'cmpxchg'
        ? insn.src
        : undefined;
  return written === FRAME_POINTER ? 'it writes r10, the frame pointer, which is read-only' : undefined;
}

const FRAME_POINTER = 10;
