// A program as a page of disassembly: the layout of `llvm-objdump -d`, which people have in their fingers.
// Source: the output of llvm-objdump 22.

import { SLOT_BYTES } from './decode.ts';
import { type FormatOptions, formatInsn } from './format.ts';
import type { DecodedProgram, Insn } from './insn.ts';

/** A name for a slot: a function's entry or a label. */
export interface ListingSymbol {
  readonly name: string;
  readonly slot: number;
}

export interface ListingOptions extends FormatOptions {
  /** Headings of the page, and what jump targets are told from. */
  readonly symbols?: readonly ListingSymbol[];
  /** Name of the section, which stands for places before the first symbol. */
  readonly section?: string;
  readonly bytes?: 'shown' | 'hidden';
}

/** One line of a listing, in parts. */
export interface ListingLine {
  readonly slot: number;
  readonly insn: Insn;
  /** Bytes as on the wire, 16 for a load-imm64. */
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Where a jump leads: `f+0x10`. */
  readonly target: string | undefined;
  /** Set on a line that a symbol names. */
  readonly heading: string | undefined;
}

/** The lines of a program; every slot but the second ones of 16-byte loads has one. */
export function listingLines(program: DecodedProgram, bytes: Uint8Array, options: ListingOptions = {}): ListingLine[] {
  const symbols = [...(options.symbols ?? [])].sort((a, b) => a.slot - b.slot);
  const headings = new Map(symbols.map((symbol) => [symbol.slot, symbol.name]));
  if (options.section !== undefined && !headings.has(0)) {
    headings.set(0, options.section);
    symbols.unshift({ name: options.section, slot: 0 });
  }
  return program.flatMap((insn): ListingLine[] => {
    if (insn === undefined) return [];
    const { slot } = insn;
    const end = program[slot + 1] === undefined && insn.kind === 'load-imm64' ? slot + 2 : slot + 1;
    return [
      {
        slot,
        insn,
        bytes: bytes.subarray(slot * SLOT_BYTES, end * SLOT_BYTES),
        text: formatInsn(insn, options),
        target: jumpTarget(insn, symbols),
        heading: headings.get(slot),
      },
    ];
  });
}

function jumpTarget(insn: Insn, symbols: readonly ListingSymbol[]): string | undefined {
  if (insn.kind !== 'jump' && insn.kind !== 'jump-if' && insn.kind !== 'may-goto') return undefined;
  const home = symbols.filter((symbol) => symbol.slot <= insn.target).at(-1) ?? symbols[0];
  if (home === undefined) return undefined;
  const offset = (insn.target - home.slot) * SLOT_BYTES;
  // A target before the first symbol is told from it with an offset that wraps.
  return offset === 0 ? home.name : `${home.name}+0x${BigInt.asUintN(64, BigInt(offset)).toString(16)}`;
}

/** A line as llvm-objdump prints it: the heading above it where a symbol names it, and the instruction. */
export function listingText(
  line: ListingLine,
  bytes: ListingOptions['bytes'] = 'shown',
): readonly [heading: string | undefined, instruction: string] {
  const address = (line.slot * SLOT_BYTES).toString(16).padStart(16, '0');
  const hex = [...line.bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const shown = bytes === 'hidden' ? '' : `\t${hex}`;
  const target = line.target === undefined ? '' : ` <${line.target}>`;
  return [
    line.heading === undefined ? undefined : `${address} <${line.heading}>:`,
    `${String(line.slot).padStart(8)}:${shown}\t${line.text}${target}`,
  ];
}

/** The page as text, each line ended by a newline. */
export function listing(program: DecodedProgram, bytes: Uint8Array, options: ListingOptions = {}): string {
  let page = '';
  for (const line of listingLines(program, bytes, options)) {
    const [heading, instruction] = listingText(line, options.bytes);
    if (heading !== undefined) page += `${page === '' ? '' : '\n'}${heading}\n`;
    page += `${instruction}\n`;
  }
  return page;
}
