// One instruction to text, by filling in its row's template. Source: the output of llvm-objdump 22.

import { assertNever } from '../base/index.ts';
import type { Insn, LoadImm64Insn, Operand } from './insn.ts';
import type { InsnRow } from './row.ts';
import { rowOf } from './rows.ts';
import { type BlankName, type TemplatePart, templateOf } from './template.ts';

/** Names to print in place of numbers. Each may answer undefined, which prints the number. */
export interface InsnNames {
  readonly helper?: (id: number) => string | undefined;
  readonly kfunc?: (btfId: number, btfFdIndex: number) => string | undefined;
  readonly map?: (fd: number) => string | undefined;
  /** Label of a slot that is jumped to. */
  readonly label?: (slot: number) => string | undefined;
  /** Function that starts at a slot. */
  readonly function?: (slot: number) => string | undefined;
  /** Symbol, with its offset, whose address a linker will put into this load. */
  readonly address?: (insn: LoadImm64Insn) => string | undefined;
}

export interface FormatOptions {
  /** `llvm` is llvm-objdump's text to the letter; `source` differs where that could not be assembled back into the same bytes. */
  readonly dialect?: 'llvm' | 'source';
  /** llvm-objdump prints hexadecimal since LLVM 15, clang -S decimal. */
  readonly numbers?: 'hex' | 'decimal';
  /** Whether loads and stores of up to 4 bytes name the 32-bit register, as LLVM does from -mcpu=v3 on and since LLVM 18 by default. */
  readonly narrowRegisters?: 'w' | 'r';
  readonly names?: InsnNames;
}

/** Text of an instruction. A word that is none gives `<unknown>` or, in source form, the directive that puts it back. */
export function formatInsn(insn: Insn, options: FormatOptions = {}): string {
  const row = rowOf(insn);
  if (row === undefined) return formatUnknown(insn, options);
  const texts = options.narrowRegisters === 'r' && isMemoryAccess(insn) ? row.text.slice(-1) : row.text;
  for (const text of texts) {
    const filled = fillTemplate(text, insn, row, options);
    if (filled !== undefined) return filled;
  }
  return formatUnknown(insn, options);
}

const isMemoryAccess = ({ kind }: Insn): boolean => kind === 'load' || kind === 'store' || kind === 'atomic';

function formatUnknown(insn: Insn, options: FormatOptions): string {
  if (options.dialect !== 'source' || insn.kind !== 'invalid') return '<unknown>';
  const { raw, why } = insn;
  const hex = (value: number, digits: number) => (value >>> 0).toString(16).padStart(digits, '0');
  const word = `${hex(raw.imm, 8)}${hex(raw.offset & 0xffff, 4)}${hex((raw.src << 4) | raw.dst, 2)}${hex(raw.opcode, 2)}`;
  if (why.kind !== 'truncated-word') return `.quad 0x${word}`;
  const bytes = Array.from({ length: why.bytes }, (_, at) => `0x${word.slice(14 - 2 * at, 16 - 2 * at)}`);
  return `.byte ${bytes.join(', ')}`;
}

function fillTemplate(text: string, insn: Insn, row: InsnRow, options: FormatOptions): string | undefined {
  let filled = '';
  for (const part of templateOf(text).parts) {
    const piece = part.kind === 'literal' ? part.text : fillPart(part, insn, row, options);
    if (piece === undefined) return undefined;
    filled += piece;
  }
  return filled;
}

function fillPart(
  part: Exclude<TemplatePart, { kind: 'literal' }>,
  insn: Insn,
  row: InsnRow,
  options: FormatOptions,
): string | undefined {
  if (part.kind === 'blank') return BLANK_TEXT[part.name](insn, options, row);
  const value = (insn as Partial<Record<typeof part.member, number | Operand>>)[part.member];
  if (value === undefined) return undefined;
  if (typeof value === 'number') return `${part.prefix}${value}`;
  switch (value.kind) {
    case 'reg':
      return `${part.prefix}${value.reg}`;
    case 'imm':
      return formatNumber(value.value, options);
    default:
      return assertNever(value, 'fillPart');
  }
}

type BlankText = (insn: Insn, options: FormatOptions, row: InsnRow) => string | undefined;

/** What stands for each blank; undefined where the instruction has no such member or no name is known. */
const BLANK_TEXT: Readonly<Record<BlankName, BlankText>> = {
  offset: (insn, options) => {
    return 'offset' in insn ? formatOffset(insn.offset, options) : undefined;
  },
  target: (insn, options) => {
    if (!('target' in insn)) return undefined;
    return options.names?.label?.(insn.target) ?? formatDistance(insn.target - insn.slot - 1, options);
  },
  function: (insn, options) => {
    if (insn.kind !== 'call-local') return undefined;
    const distance = insn.target - insn.slot - 1;
    const number =
      options.dialect === 'source' ? `pc${formatDistance(distance, options)}` : formatNumber(distance, options);
    return options.names?.function?.(insn.target) ?? number;
  },
  helper: (insn, options) => {
    if (insn.kind !== 'call-helper') return undefined;
    return options.names?.helper?.(insn.helper) ?? formatNumber(insn.helper, options);
  },
  kfunc: (insn, options) => {
    if (insn.kind !== 'call-kfunc') return undefined;
    const { btfId, btfFdIndex } = insn;
    const id = formatNumber(btfId, options);
    const full = btfFdIndex === 0 ? `kfunc ${id}` : `kfunc ${id}, ${formatNumber(btfFdIndex, options)}`;
    return options.names?.kfunc?.(btfId, btfFdIndex) ?? (options.dialect === 'source' ? full : id);
  },
  imm64: (insn, options) => {
    if (insn.kind !== 'load-imm64') return undefined;
    return options.names?.address?.(insn) ?? formatNumber(imm64Value(insn), options);
  },
  map: (insn, options) =>
    insn.kind === 'load-imm64' && insn.high === 0 ? options.names?.map?.(insn.low | 0) : undefined,
  mapValue: (insn, options) => {
    const name = insn.kind === 'load-imm64' ? options.names?.map?.(insn.low | 0) : undefined;
    if (insn.kind !== 'load-imm64' || name === undefined) return undefined;
    return insn.high === 0 ? `${name}[0]` : `${name}[0] + ${formatNumber(insn.high, options)}`;
  },
  functionAddress: (insn, options) =>
    insn.kind === 'load-imm64' && insn.high === 0
      ? options.names?.function?.(insn.slot + 1 + (insn.low | 0))
      : undefined,
  pseudo: (_insn, options, row) => formatNumber(row.fixed?.src ?? 0, options),
  // LLVM knows the upper half of a plain number only.
  pseudo64: (insn, options) => {
    if (insn.kind !== 'load-imm64') return undefined;
    return formatNumber(options.dialect === 'source' ? imm64Value(insn) : insn.low, options);
  },
  toSpace: (insn, options) => (insn.kind === 'addr-space-cast' ? formatNumber(insn.toSpace, options) : undefined),
  fromSpace: (insn, options) => (insn.kind === 'addr-space-cast' ? formatNumber(insn.fromSpace, options) : undefined),
  packetOffset: (insn, options) => (insn.kind === 'packet-load' ? formatNumber(insn.offset, options) : undefined),
  packetIndex: (insn, options) => {
    if (insn.kind !== 'packet-load') return undefined;
    if (insn.offset === 0 || options.dialect !== 'source') return '';
    return ` ${formatOffset(insn.offset, options)}`;
  },
};

/** The 64-bit number that a load-imm64 holds, signed. */
export function imm64Value(insn: LoadImm64Insn): bigint {
  return BigInt.asIntN(64, (BigInt(insn.high) << 32n) | BigInt(insn.low));
}

/** A signed number as `options` wants it: `0x1f`, `-0x8`, `31`. */
export function formatNumber(value: number | bigint, options: FormatOptions): string {
  if (options.numbers === 'decimal') return String(value);
  return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

/** An offset as a sum is written: `+ 0x4`, `- 0x8`. */
function formatOffset(offset: number, options: FormatOptions): string {
  return offset < 0 ? `- ${formatNumber(-offset, options)}` : `+ ${formatNumber(offset, options)}`;
}

/** A jump distance, always with its sign. */
function formatDistance(distance: number, options: FormatOptions): string {
  return distance < 0 ? formatNumber(distance, options) : `+${formatNumber(distance, options)}`;
}
