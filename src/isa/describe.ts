// A decoded instruction explained for a person: what it does with its operands, what its operation does in general, what it
// takes to use it. Plain data; the editor and `sockscope explain` lay it out.

import { assertNever } from '../base/index.ts';
import { INSN_DOCS, type InsnDoc } from './docs.ts';
import { INSN_FEATURES, type InsnFeatureRow } from './features.ts';
import { type FormatOptions, formatInsn, formatNumber, imm64Value } from './format.ts';
import type { AluFunction, AtomicFunction, Insn, InvalidReason, JumpFunction, Operand } from './insn.ts';
import type { InsnRow } from './row.ts';
import { rowOf } from './rows.ts';
import { INSN_ROWS } from './table.ts';

export interface InsnDescription {
  /** The instruction as assembly. */
  readonly text: string;
  readonly title: string;
  /** What this very instruction does, in one line: `r2 = r2 + -8`. */
  readonly effect: string;
  /** What the operation does, in sentences. */
  readonly doc: string;
  readonly example: string;
  /** Opcode byte and what its fields mean for this row, such as `0x3f, offset 1`. Empty for a word that is no instruction. */
  readonly encoding: string;
  readonly feature: InsnFeatureRow | undefined;
  /** Whether sock_ops programs can use it on some kernel. */
  readonly inSockOps: 'allowed' | 'refused';
}

/** Explains an instruction. `options` chooses how numbers and names are written. */
export function describeInsn(insn: Insn, options: FormatOptions = {}): InsnDescription {
  const row = rowOf(insn);
  const text = formatInsn(insn, options);
  const effect = effectOf(insn, options);
  if (row === undefined) {
    return {
      text,
      title: 'No instruction',
      effect,
      doc: 'No kernel has an instruction with this encoding, and every verifier refuses the program.',
      example: '',
      encoding: '',
      feature: undefined,
      inSockOps: 'refused',
    };
  }
  const doc: InsnDoc = INSN_DOCS[row.doc];
  const refused = insn.kind === 'packet-load' || insn.kind === 'call-indirect';
  return {
    text,
    title: `${doc.title}${widthText(insn)}`,
    effect,
    doc: doc.text,
    example: doc.example,
    encoding: encodingText(row),
    feature: INSN_FEATURES[row.feature],
    inSockOps: refused ? 'refused' : 'allowed',
  };
}

/** The operations that a word of the assembly language appears in, for a search by name: `atomic_fetch_add`, `s>>=`, `be16`. */
export function findInsnDocs(word: string): readonly { readonly rows: readonly InsnRow[]; readonly doc: InsnDoc }[] {
  const wanted = word.trim().toLowerCase();
  const hits = new Map<InsnDoc, InsnRow[]>();
  for (const row of INSN_ROWS as readonly InsnRow[]) {
    const words = row.text.flatMap((text) => text.replace(/\{[^}]*\}/g, ' ').split(/[\s(),]+/));
    if (row.doc !== wanted && row.name !== wanted && row.name.split('.')[0] !== wanted && !words.includes(wanted))
      continue;
    const doc = INSN_DOCS[row.doc];
    hits.set(doc, [...(hits.get(doc) ?? []), row]);
  }
  return [...hits].map(([doc, rows]) => ({ doc, rows }));
}

function widthText(insn: Insn): string {
  if ('width' in insn) return `, ${insn.width} bits`;
  return 'size' in insn ? `, ${insn.size === 1 ? '1 byte' : `${insn.size} bytes`}` : '';
}

function encodingText({ opcode, fixed = {} }: InsnRow): string {
  const hex = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;
  const forms =
    typeof opcode === 'number'
      ? `opcode ${hex(opcode)}`
      : opcode.imm === undefined
        ? `opcode ${hex(opcode.reg)}`
        : `opcode ${hex(opcode.imm)} with a number, ${hex(opcode.reg)} with a register`;
  const fields = Object.entries(fixed).map(([field, value]) => `${field} ${hex(value)}`);
  return [forms, ...fields].join(', ');
}

const ALU_SYMBOL: Readonly<Record<Exclude<AluFunction, 'mov' | 'movsx8' | 'movsx16' | 'movsx32'>, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  sdiv: '/ (signed)',
  mod: '%',
  smod: '% (signed)',
  or: '|',
  and: '&',
  xor: '^',
  lsh: '<<',
  rsh: '>>',
  arsh: '>> (signed)',
};

const JUMP_WORDS: Readonly<Record<JumpFunction, string>> = {
  eq: 'equals',
  ne: 'differs from',
  gt: 'is above',
  ge: 'is at least',
  lt: 'is below',
  le: 'is at most',
  sgt: 'is (signed) greater than',
  sge: 'is (signed) at least',
  slt: 'is (signed) less than',
  sle: 'is (signed) at most',
  set: 'has a bit in common with',
};

const ATOMIC_SYMBOL: Readonly<Record<AtomicFunction, string>> = {
  add: '+',
  or: '|',
  and: '&',
  xor: '^',
  xchg: '',
  cmpxchg: '',
};

/** What an instruction does with its operands, as one line. */
function effectOf(insn: Insn, options: FormatOptions): string {
  const operand = (src: Operand, prefix = 'r') =>
    src.kind === 'reg' ? `${prefix}${src.reg}` : formatNumber(src.value, options);
  const place = (base: number, offset: number) =>
    offset === 0 ? `r${base}` : `r${base} ${offset < 0 ? '-' : '+'} ${formatNumber(Math.abs(offset), options)}`;
  const bytes = (size: number) => (size === 1 ? '1 byte' : `${size} bytes`);
  const goTo = (target: number) => {
    const label = options.names?.label?.(target);
    return label === undefined ? `slot ${target}` : `${label} (slot ${target})`;
  };
  switch (insn.kind) {
    case 'alu': {
      const prefix = insn.width === 32 ? 'w' : 'r';
      const dst = `${prefix}${insn.dst}`;
      const src = operand(insn.src, prefix);
      const clears = insn.width === 32 ? `; the upper half of r${insn.dst} becomes 0` : '';
      if (insn.fn === 'mov') return `${dst} = ${src}${clears}`;
      if (insn.fn === 'movsx8' || insn.fn === 'movsx16' || insn.fn === 'movsx32')
        return `${dst} = the low ${insn.fn.slice(5)} bits of ${src}, sign-extended${clears}`;
      return `${dst} = ${dst} ${ALU_SYMBOL[insn.fn]} ${src}${clears}`;
    }
    case 'neg':
      return insn.width === 32
        ? `w${insn.dst} = -w${insn.dst}; the upper half of r${insn.dst} becomes 0`
        : `r${insn.dst} = -r${insn.dst}`;
    case 'endian': {
      const what = `the low ${insn.bits} bits of r${insn.dst}`;
      const done = insn.fn === 'le' ? what : `${what} with their bytes reversed`;
      return `r${insn.dst} = ${done}${insn.fn === 'be' ? ' (on a little-endian machine)' : ''}`;
    }
    case 'addr-space-cast':
      return `r${insn.dst} = r${insn.src} moved from address space ${insn.fromSpace} to ${insn.toSpace}`;
    case 'load-imm64':
      switch (insn.source) {
        case 'value':
          return `r${insn.dst} = ${options.names?.address?.(insn) ?? formatNumber(imm64Value(insn), options)}`;
        case 'map-fd':
          return `r${insn.dst} = address of map ${options.names?.map?.(insn.low | 0) ?? `with fd ${insn.low}`}`;
        case 'map-value':
          return `r${insn.dst} = address of byte ${insn.high} of the value of map ${options.names?.map?.(insn.low | 0) ?? `with fd ${insn.low}`}`;
        case 'btf-id':
          return `r${insn.dst} = address of the kernel variable with BTF id ${insn.low}`;
        case 'function':
          return `r${insn.dst} = address of the function at ${goTo(insn.slot + 1 + (insn.low | 0))}`;
        case 'map-idx':
          return `r${insn.dst} = address of map ${insn.low} of the descriptor array`;
        case 'map-idx-value':
          return `r${insn.dst} = address of byte ${insn.high} of the value of map ${insn.low} of the descriptor array`;
        default:
          return assertNever(insn.source, 'effectOf');
      }
    case 'load':
      return `r${insn.dst} = the ${bytes(insn.size)} at ${place(insn.base, insn.offset)}${insn.signExtend ? ', sign-extended' : insn.size === 8 ? '' : ', zero-extended'}`;
    case 'store':
      return `the ${bytes(insn.size)} at ${place(insn.base, insn.offset)} = ${operand(insn.src)}`;
    case 'load-acquire':
      return `r${insn.dst} = the ${bytes(insn.size)} at ${place(insn.base, insn.offset)}, before any later access`;
    case 'store-release':
      return `the ${bytes(insn.size)} at ${place(insn.base, insn.offset)} = r${insn.src}, after every earlier access`;
    case 'atomic': {
      const where = `the ${bytes(insn.size)} at ${place(insn.base, insn.offset)}`;
      if (insn.fn === 'xchg') return `swaps r${insn.src} with ${where}`;
      if (insn.fn === 'cmpxchg') return `if ${where} equal r0, they become r${insn.src}; r0 = what they were`;
      const update = `${where} = themselves ${ATOMIC_SYMBOL[insn.fn]} r${insn.src}, atomically`;
      return insn.fetch ? `${update}; r${insn.src} = what they were` : update;
    }
    case 'jump':
      return `goes on at ${goTo(insn.target)}`;
    case 'jump-indirect':
      return `goes on at the address in r${insn.reg}`;
    case 'jump-if': {
      const prefix = insn.width === 32 ? 'w' : 'r';
      return `if ${prefix}${insn.dst} ${JUMP_WORDS[insn.fn]} ${operand(insn.src, prefix)}, goes on at ${goTo(insn.target)}`;
    }
    case 'may-goto':
      return `when the loop budget is used up, goes on at ${goTo(insn.target)}`;
    case 'call-helper':
      return `r0 = ${options.names?.helper?.(insn.helper) ?? `helper ${insn.helper}`}(r1, ...)`;
    case 'call-local':
      return `r0 = ${options.names?.function?.(insn.target) ?? `the function at slot ${insn.target}`}(r1, ...)`;
    case 'call-kfunc':
      return `r0 = ${options.names?.kfunc?.(insn.btfId, insn.btfFdIndex) ?? `the kernel function with BTF id ${insn.btfId}`}(r1, ...)`;
    case 'call-indirect':
      return `r0 = the function at the address in r${insn.reg}`;
    case 'exit':
      return 'returns r0';
    case 'packet-load': {
      const where =
        insn.mode === 'abs' ? `offset ${formatNumber(insn.offset, options)}` : `offset ${place(insn.src, insn.offset)}`;
      return `r0 = the ${bytes(insn.size)} of the packet at ${where}, from network byte order`;
    }
    case 'invalid':
      return invalidText(insn.why);
    default:
      return assertNever(insn, 'effectOf');
  }
}

const FIELD_NAMES = {
  dst: 'destination register',
  src: 'source register',
  offset: 'offset',
  imm: 'immediate',
} as const;

/** Why a word is no instruction, as a sentence without full stop. */
export function invalidText(why: InvalidReason): string {
  switch (why.kind) {
    case 'unknown-opcode':
      return `there is no opcode 0x${why.opcode.toString(16).padStart(2, '0')}`;
    case 'reserved-field':
      return `the ${FIELD_NAMES[why.field]} field holds something that this opcode does not allow`;
    case 'truncated-imm64':
      return 'the second half of this 16-byte instruction is missing';
    case 'truncated-word':
      return `the program ends after ${why.bytes} of the 8 bytes of this instruction`;
    case 'bad-imm64-second-word':
      return 'the second half of this 16-byte instruction holds more than a number';
    default:
      return assertNever(why, 'invalidText');
  }
}
