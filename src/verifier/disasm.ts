// Instruction text as the kernel's log prints it: opcode in parentheses, then C-like text that differs from clang's in details
// (a blank between register and offset, +off for every jump). Source of truth: the running kernel's log; kernel/bpf/disasm.c.

import { assertNever } from '../base/index.ts';
import type { AluFunction, Insn, JumpFunction, Operand, RawInsn } from '../isa/index.ts';

const ALU: Readonly<Record<AluFunction, string>> = {
  add: '+=',
  sub: '-=',
  mul: '*=',
  div: '/=',
  sdiv: 's/=',
  or: '|=',
  and: '&=',
  lsh: '<<=',
  rsh: '>>=',
  mod: '%=',
  smod: 's%=',
  xor: '^=',
  mov: '=',
  movsx8: '= (s8)',
  movsx16: '= (s16)',
  movsx32: '= (s32)',
  arsh: 's>>=',
};

const JUMP: Readonly<Record<JumpFunction, string>> = {
  eq: '==',
  gt: '>',
  ge: '>=',
  set: '&',
  ne: '!=',
  sgt: 's>',
  sge: 's>=',
  lt: '<',
  le: '<=',
  slt: 's<',
  sle: 's<=',
};

/** The operator of an arithmetic instruction as messages quote it. */
export const operatorText = (fn: AluFunction): string => ALU[fn].replace(/^s(?=[/%])/, '').replace(/ \(s\d+\)$/, '');

const signed = (n: number): string => (n < 0 ? `${n}` : `+${n}`);

/** Names that the text needs from outside. */
export interface Names {
  helper(id: number): string;
  kfunc(slot: number, btfId: number): string;
  /** The 64-bit number that stands for a map or address. */
  address(insn: Extract<Insn, { kind: 'load-imm64' }>): bigint;
}

export function insnText(insn: Insn, raw: RawInsn, names: Names): string {
  return `(${raw.opcode.toString(16).padStart(2, '0')}) ${body(insn, raw, names)}`;
}

function body(insn: Insn, raw: RawInsn, names: Names): string {
  const jump = (target: number): string => `pc${signed(target - insn.slot - 1)}`;
  switch (insn.kind) {
    case 'alu': {
      const r = insn.width === 32 ? 'w' : 'r';
      const space = insn.fn.startsWith('movsx') ? '' : ' ';
      const source = insn.src.kind === 'reg' ? `${space}${r}${insn.src.reg}` : ` ${insn.src.value}`;
      return `${r}${insn.dst} ${ALU[insn.fn]}${source}`;
    }
    case 'neg': {
      const r = insn.width === 32 ? 'w' : 'r';
      return `${r}${insn.dst} = -${r}${insn.dst}`;
    }
    case 'endian':
      return `r${insn.dst} = ${insn.fn}${insn.bits} r${insn.dst}`;
    case 'addr-space-cast':
      return `r${insn.dst} = addr_space_cast(r${insn.src}, ${insn.toSpace}, ${insn.fromSpace})`;
    case 'load-imm64':
      return `r${insn.dst} = 0x${names.address(insn).toString(16)}`;
    case 'load':
      return `r${insn.dst} = *(${insn.signExtend ? 's' : 'u'}${insn.size * 8} *)(r${insn.base} ${signed(insn.offset)})`;
    case 'store':
      return `*(u${insn.size * 8} *)(r${insn.base} ${signed(insn.offset)}) = ${operand(insn.src)}`;
    case 'atomic':
      return atomicText(insn);
    case 'load-acquire':
      return `r${insn.dst} = load_acquire((u${insn.size * 8} *)(r${insn.base} ${signed(insn.offset)}))`;
    case 'store-release':
      return `store_release((u${insn.size * 8} *)(r${insn.base} ${signed(insn.offset)}), r${insn.src})`;
    case 'jump':
      return `${insn.long ? 'gotol' : 'goto'} ${jump(insn.target)}`;
    case 'jump-if': {
      const r = insn.width === 32 ? 'w' : 'r';
      const right = insn.src.kind === 'reg' ? `${r}${insn.src.reg}` : `0x${(insn.src.value >>> 0).toString(16)}`;
      return `if ${r}${insn.dst} ${JUMP[insn.fn]} ${right} goto ${jump(insn.target)}`;
    }
    case 'may-goto':
      return `may_goto ${jump(insn.target)}`;
    case 'jump-indirect':
      return `gotox r${insn.reg}`;
    case 'call-helper':
      return `call ${names.helper(insn.helper)}#${insn.helper}`;
    case 'call-local':
      return `call ${jump(insn.target)}`;
    case 'call-kfunc':
      return `call ${names.kfunc(insn.slot, insn.btfId)}#${insn.btfId}`;
    case 'call-indirect':
      return `callx r${insn.reg}`;
    case 'exit':
      return 'exit';
    case 'packet-load':
      return insn.mode === 'abs'
        ? `r0 = *(u${insn.size * 8} *)skb[${insn.offset}]`
        : `r0 = *(u${insn.size * 8} *)skb[r${insn.src} + ${insn.offset}]`;
    case 'invalid':
      return invalidText(raw);
    default:
      return assertNever(insn, 'insnText');
  }
}

const operand = (src: Operand): string => (src.kind === 'reg' ? `r${src.reg}` : `${src.value}`);

function atomicText(insn: Extract<Insn, { kind: 'atomic' }>): string {
  const where = `(u${insn.size * 8} *)(r${insn.base} ${signed(insn.offset)})`;
  const name = `atomic${insn.size === 8 ? '64' : ''}`;
  if (insn.fn === 'xchg') return `r${insn.src} = ${name}_xchg(${where}, r${insn.src})`;
  if (insn.fn === 'cmpxchg') return `r0 = ${name}_cmpxchg(${where}, r0, r${insn.src})`;
  if (insn.fetch) return `r${insn.src} = ${name}_fetch_${insn.fn}(${where}, r${insn.src})`;
  return `lock *${where} ${ALU[insn.fn]} r${insn.src}`;
}

// Words with wrong reserved fields are printed as what their opcode says, so that the log shows them where it stops.

const ALU_BY_CODE: readonly AluFunction[] = [
  'add',
  'sub',
  'mul',
  'div',
  'or',
  'and',
  'lsh',
  'rsh',
  'mov',
  'mod',
  'xor',
  'mov',
  'arsh',
  'mov',
  'mov',
  'mov',
];
const JUMP_BY_CODE = ['', '==', '>', '>=', '&', '!=', 's>', 's>=', '', '', '<', '<=', 's<', 's<=', '', ''];
const SIZES = [32, 16, 8, 64];

function invalidText(raw: RawInsn): string {
  const kind = raw.opcode & 7;
  const code = raw.opcode >> 4;
  const fromReg = (raw.opcode & 8) !== 0;
  const size = SIZES[(raw.opcode >> 3) & 3]!;
  const mode = raw.opcode & 0xe0;
  switch (kind) {
    case 4:
    case 7: {
      const r = kind === 4 ? 'w' : 'r';
      if (code === 8) return `${r}${raw.dst} = -${r}${raw.dst}`;
      if (code === 13) return `r${raw.dst} = ${kind === 7 ? 'bswap' : fromReg ? 'be' : 'le'}${raw.imm} r${raw.dst}`;
      const name = ALU[ALU_BY_CODE[code]!];
      return `${r}${raw.dst} ${name} ${fromReg ? `${r}${raw.src}` : raw.imm}`;
    }
    case 1:
      return mode === 0x60 || mode === 0x80
        ? `r${raw.dst} = *(${mode === 0x80 ? 's' : 'u'}${size} *)(r${raw.src} ${signed(raw.offset)})`
        : `BUG_ldx_${raw.opcode.toString(16).padStart(2, '0')}`;
    case 2:
      return mode === 0x60
        ? `*(u${size} *)(r${raw.dst} ${signed(raw.offset)}) = ${raw.imm}`
        : `BUG_st_${raw.opcode.toString(16).padStart(2, '0')}`;
    case 3:
      return mode === 0x60
        ? `*(u${size} *)(r${raw.dst} ${signed(raw.offset)}) = r${raw.src}`
        : `BUG_${raw.opcode.toString(16).padStart(2, '0')}`;
    case 0:
      return `r${raw.dst} = 0x${(raw.imm >>> 0).toString(16)}`;
    default: {
      if (code === 8) return raw.src === 1 ? `call pc${signed(raw.imm)}` : `call unknown#${raw.imm}`;
      if (code === 0) return `goto pc${signed(kind === 6 ? raw.imm : raw.offset)}`;
      if (code === 9) return 'exit';
      if (code === 14) return `may_goto pc${signed(raw.offset)}`;
      const r = kind === 6 ? 'w' : 'r';
      const right = fromReg ? `${r}${raw.src}` : `0x${(raw.imm >>> 0).toString(16)}`;
      return `if ${r}${raw.dst} ${JUMP_BY_CODE[code]} ${right} goto pc${signed(raw.offset)}`;
    }
  }
}
