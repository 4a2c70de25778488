// The decoded instruction: one narrow shape per kind, with what the wire hides in offset, imm or source register
// (signed division, sign extension, atomic functions, pseudo sources) brought to the surface.
// Source: RFC 9669 and, for what came later (may_goto, load-acquire, store-release, addr_space_cast), the kernel's
// Documentation/bpf/standardization and include/uapi/linux/bpf.h.
//
// There is one index into a program: the slot, the number of an 8-byte word counted from 0. It is what the kernel's
// messages, jump offsets, BTF.ext and DWARF all count in. The second word of a 16-byte instruction is a slot that holds no instruction.

/** Register number 0 to 10; r10 is the read-only frame pointer. Decoding may yield 11 to 15, which every kernel refuses. */
export type Register = number;

/** Second operand: a register, or an immediate already sign-extended from 32 bits. */
export type Operand =
  | { readonly kind: 'reg'; readonly reg: Register }
  | { readonly kind: 'imm'; readonly value: number };

export type AluFunction =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'sdiv'
  | 'or'
  | 'and'
  | 'lsh'
  | 'rsh'
  | 'mod'
  | 'smod'
  | 'xor'
  | 'mov'
  | 'movsx8'
  | 'movsx16'
  | 'movsx32'
  | 'arsh';

export type JumpFunction = 'eq' | 'gt' | 'ge' | 'set' | 'ne' | 'sgt' | 'sge' | 'lt' | 'le' | 'slt' | 'sle';

export type AtomicFunction = 'add' | 'or' | 'and' | 'xor' | 'xchg' | 'cmpxchg';

/** What a 64-bit immediate load refers to (the source-register field on the wire). */
export type Imm64Source = 'value' | 'map-fd' | 'map-value' | 'btf-id' | 'function' | 'map-idx' | 'map-idx-value';

export type AccessSize = 1 | 2 | 4 | 8;

interface At {
  /** Slot of the first (or only) word. */
  readonly slot: number;
}

/** dst = dst FN src, in 64 bits or in 32 bits with the upper half cleared. */
export interface AluInsn extends At {
  readonly kind: 'alu';
  readonly width: 32 | 64;
  readonly fn: AluFunction;
  readonly dst: Register;
  readonly src: Operand;
}

/** dst = -dst */
export interface NegInsn extends At {
  readonly kind: 'neg';
  readonly width: 32 | 64;
  readonly dst: Register;
}

/** Byte order: to little endian, to big endian, or unconditional swap, of the low `bits`; the rest is cleared. */
export interface EndianInsn extends At {
  readonly kind: 'endian';
  readonly fn: 'le' | 'be' | 'bswap';
  readonly bits: 16 | 32 | 64;
  readonly dst: Register;
}

/** addr_space_cast between an arena address and a user address (kernel 6.9). */
export interface AddrSpaceCastInsn extends At {
  readonly kind: 'addr-space-cast';
  readonly dst: Register;
  readonly src: Register;
  readonly toSpace: number;
  readonly fromSpace: number;
}

/** The 16-byte instruction. `low` and `high` are the two immediates as unsigned 32-bit numbers. */
export interface LoadImm64Insn extends At {
  readonly kind: 'load-imm64';
  readonly dst: Register;
  readonly source: Imm64Source;
  readonly low: number;
  readonly high: number;
}

/** dst = *(size *)(base + offset); `signExtend` for memsx. */
export interface LoadInsn extends At {
  readonly kind: 'load';
  readonly size: AccessSize;
  readonly signExtend: boolean;
  readonly dst: Register;
  readonly base: Register;
  readonly offset: number;
}

/** *(size *)(base + offset) = src */
export interface StoreInsn extends At {
  readonly kind: 'store';
  readonly size: AccessSize;
  readonly base: Register;
  readonly offset: number;
  readonly src: Operand;
}

/** Atomic read-modify-write. With `fetch` the old value lands in src (for cmpxchg in r0). xchg and cmpxchg always fetch. */
export interface AtomicInsn extends At {
  readonly kind: 'atomic';
  readonly size: 4 | 8;
  readonly fn: AtomicFunction;
  readonly fetch: boolean;
  readonly base: Register;
  readonly offset: number;
  readonly src: Register;
}

export interface LoadAcquireInsn extends At {
  readonly kind: 'load-acquire';
  readonly size: AccessSize;
  readonly dst: Register;
  readonly base: Register;
  readonly offset: number;
}

export interface StoreReleaseInsn extends At {
  readonly kind: 'store-release';
  readonly size: AccessSize;
  readonly base: Register;
  readonly offset: number;
  readonly src: Register;
}

/** Unconditional jump; `long` for gotol (32-bit offset). Targets are absolute slots and may lie outside the program. */
export interface JumpInsn extends At {
  readonly kind: 'jump';
  readonly long: boolean;
  readonly target: number;
}

export interface JumpIfInsn extends At {
  readonly kind: 'jump-if';
  readonly width: 32 | 64;
  readonly fn: JumpFunction;
  readonly dst: Register;
  readonly src: Operand;
  readonly target: number;
}

/** may_goto: falls through until the run-time budget is used up, then jumps (kernel 6.9). */
export interface MayGotoInsn extends At {
  readonly kind: 'may-goto';
  readonly target: number;
}

export interface CallHelperInsn extends At {
  readonly kind: 'call-helper';
  /** Helper id as on the wire (signed). */
  readonly helper: number;
}

export interface CallLocalInsn extends At {
  readonly kind: 'call-local';
  readonly target: number;
}

export interface CallKfuncInsn extends At {
  readonly kind: 'call-kfunc';
  readonly btfId: number;
  /** Index into fd_array of the module's BTF; 0 for vmlinux. */
  readonly btfFdIndex: number;
}

/** callx: indirect call, decoded so that it can be named; no kernel accepts it for this program type. */
export interface CallIndirectInsn extends At {
  readonly kind: 'call-indirect';
  readonly reg: Register;
}

/** gotox: jump to an address from a jump table in an instruction-array map (kernel 6.19). */
export interface JumpIndirectInsn extends At {
  readonly kind: 'jump-indirect';
  readonly reg: Register;
}

export interface ExitInsn extends At {
  readonly kind: 'exit';
}

/** Legacy packet access (BPF_ABS, BPF_IND); not allowed in sock_ops programs. */
export interface PacketLoadInsn extends At {
  readonly kind: 'packet-load';
  readonly mode: 'abs' | 'ind';
  readonly size: 1 | 2 | 4;
  readonly src: Register;
  readonly offset: number;
}

/** A word that is no instruction of any kernel. `why` is one of a closed set of reasons; the raw fields are in `raw`. */
export interface InvalidInsn extends At {
  readonly kind: 'invalid';
  readonly why: InvalidReason;
  readonly raw: RawInsn;
}

export type InvalidReason =
  | { readonly kind: 'unknown-opcode'; readonly opcode: number }
  | { readonly kind: 'reserved-field'; readonly field: 'dst' | 'src' | 'offset' | 'imm' }
  | { readonly kind: 'truncated-imm64' }
  /** Fewer than 8 bytes are left at the end of the program; `raw` is what they give with zeros appended. */
  | { readonly kind: 'truncated-word'; readonly bytes: number }
  | { readonly kind: 'bad-imm64-second-word' };

export type Insn =
  | AluInsn
  | NegInsn
  | EndianInsn
  | AddrSpaceCastInsn
  | LoadImm64Insn
  | LoadInsn
  | StoreInsn
  | AtomicInsn
  | LoadAcquireInsn
  | StoreReleaseInsn
  | JumpInsn
  | JumpIfInsn
  | MayGotoInsn
  | CallHelperInsn
  | CallLocalInsn
  | CallKfuncInsn
  | CallIndirectInsn
  | JumpIndirectInsn
  | ExitInsn
  | PacketLoadInsn
  | InvalidInsn;

export type InsnKind = Insn['kind'];

/** The instruction shape of one kind. */
export type InsnOf<K extends InsnKind> = Extract<Insn, { readonly kind: K }>;

/** Every kind that some encoding stands for, which is all but `invalid`. */
export type ValidKind = Exclude<InsnKind, 'invalid'>;

/** The five fields of one 8-byte word: opcode u8, dst u4, src u4, offset s16, imm s32. */
export interface RawInsn {
  readonly opcode: number;
  readonly dst: number;
  readonly src: number;
  readonly offset: number;
  readonly imm: number;
}

/** A decoded program, indexed by slot; the second slot of a load-imm64 holds undefined. */
export type DecodedProgram = readonly (Insn | undefined)[];
