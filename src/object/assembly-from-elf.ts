// An object file as an assembly (isa/): its sections that a program consists of, with symbols and relocations, so that it can be
// listed and written out as text that assembles back into the same bytes. Nothing is linked. Source: ELF and the BPF relocation
// types of LLVM (R_BPF_64_64 and its like).

import type { AssembledRelocation, AssembledSection, AssembledSymbol, Assembly } from '../isa/index.ts';
import { type ElfFile, type ElfSection, type ElfSymbol, SECTION_FLAG, SECTION_RESERVED, SECTION_TYPE } from './elf.ts';

/** R_BPF_*: what each changes. */
export const RELOCATION_TYPE = { imm64: 1, data64: 2, data32: 3, data32NoLink: 4, call: 10 } as const;

const KINDS: ReadonlyMap<number, AssembledRelocation['kind']> = new Map([
  [RELOCATION_TYPE.imm64, 'imm64'],
  [RELOCATION_TYPE.data64, 'data64'],
  [RELOCATION_TYPE.data32, 'data32'],
  [RELOCATION_TYPE.data32NoLink, 'data32'],
  [RELOCATION_TYPE.call, 'call'],
]);

const SHN_ABS = 0xfff1;
const SHN_COMMON = 0xfff2;
const NOWHERE = { start: { line0: 0, column0: 0 }, end: { line0: 0, column0: 0 } } as const;

/** Sections that are loaded or that loaders read; debug information, types and tables are left out. */
function isPartOfProgram(section: ElfSection): boolean {
  const holds = section.type === SECTION_TYPE.progbits || section.type === SECTION_TYPE.nobits;
  return holds && (section.flags & SECTION_FLAG.alloc) !== 0;
}

/** Zeroed storage beyond this, which no assembly can hold, is cut off: only damaged files have more. */
const MAX_NOBITS_BYTES = 1 << 24;

/** Takes the program out of an object file. */
export function assemblyFromElf(elf: ElfFile): Assembly {
  const kept = elf.sections.filter(isPartOfProgram);
  const indexOf = new Map(kept.map((section, index) => [section.index, index]));
  const sections = kept.map(
    (section): AssembledSection => ({
      name: section.name,
      type: section.type === SECTION_TYPE.nobits ? 'nobits' : 'progbits',
      flags: flagLetters(section),
      entrySize: section.entrySize,
      alignment: isCodeSection(section) ? 8 : soundAlignment(section.alignment),
      bytes:
        section.type === SECTION_TYPE.nobits ? new Uint8Array(Math.min(section.size, MAX_NOBITS_BYTES)) : section.bytes,
      relocations: relocationsOf(elf, section, indexOf),
      origins: [],
    }),
  );
  const symbols = elf.symbols.flatMap((symbol): AssembledSymbol[] => {
    if (symbol.name === '' || symbol.type === 'section' || symbol.type === 'file') return [];
    const value = placeOf(symbol, indexOf);
    if (value === undefined) return [];
    return [
      {
        name: symbol.name,
        binding: symbol.binding,
        type: symbol.type === 'func' ? 'function' : symbol.type === 'object' ? 'object' : 'none',
        visibility: symbol.hidden ? 'hidden' : 'default',
        value,
        size: symbol.size,
        range: NOWHERE,
      },
    ];
  });
  return { sections, symbols, maps: [], lines: [] };
}

/** A power of two of sensible size, whatever the file says. */
const soundAlignment = (alignment: number): number =>
  alignment <= 65536 && (alignment & (alignment - 1)) === 0 ? alignment : 1;

const isCodeSection = (section: ElfSection): boolean => (section.flags & SECTION_FLAG.exec) !== 0;

function flagLetters({ flags }: ElfSection): string {
  const letters = [
    [SECTION_FLAG.alloc, 'a'],
    [SECTION_FLAG.write, 'w'],
    [SECTION_FLAG.exec, 'x'],
    [0x10, 'M'],
    [0x20, 'S'],
  ] as const;
  return letters.flatMap(([bit, letter]) => ((flags & bit) === 0 ? [] : [letter])).join('');
}

function placeOf(symbol: ElfSymbol, indexOf: ReadonlyMap<number, number>): AssembledSymbol['value'] | undefined {
  if (symbol.section === 0) return { kind: 'undefined' };
  if (symbol.section === SHN_ABS) return { kind: 'absolute', value: BigInt(symbol.value) };
  if (symbol.section === SHN_COMMON) return { kind: 'common', size: symbol.size, alignment: symbol.value };
  const section = symbol.section < SECTION_RESERVED ? indexOf.get(symbol.section) : undefined;
  return section === undefined ? undefined : { kind: 'place', section, offset: symbol.value };
}

function relocationsOf(
  elf: ElfFile,
  section: ElfSection,
  indexOf: ReadonlyMap<number, number>,
): readonly AssembledRelocation[] {
  return elf.relocationsOf(section.index).flatMap(({ offset, symbol: index, type }): AssembledRelocation[] => {
    const kind = KINDS.get(type);
    const symbol = elf.symbols[index];
    if (kind === undefined || symbol === undefined) return [];
    if (symbol.type !== 'section') return [{ offset, kind, to: { kind: 'symbol', name: symbol.name } }];
    const target = indexOf.get(symbol.section);
    return target === undefined ? [] : [{ offset, kind, to: { kind: 'section', section: target } }];
  });
}
