// The debug sections with their relocations applied. In a relocatable object every section starts at address 0, so addresses are
// given a section of their own: section number times 2^32 plus the offset. Debug sections themselves keep plain offsets.

import { type ElfFile, SECTION_FLAG, SECTION_RESERVED } from '../elf.ts';
import type { ProblemList } from '../problems.ts';

/** An address as this reader counts: section number * 2^32 + offset in the section. */
export type DebugAddress = number;

const SECTION_STRIDE = 2 ** 32;

/** The section number of an address; 0 for one that was never relocated. */
export function sectionOf(address: DebugAddress): number {
  return Math.floor(address / SECTION_STRIDE);
}

export function offsetOf(address: DebugAddress): number {
  return address % SECTION_STRIDE;
}

export function addressIn(section: number, offset: number): DebugAddress {
  return section * SECTION_STRIDE + offset;
}

/** Contents by section; empty where the object has none. */
export interface DebugSections {
  readonly info: Uint8Array;
  readonly abbrev: Uint8Array;
  readonly str: Uint8Array;
  readonly lineStr: Uint8Array;
  readonly strOffsets: Uint8Array;
  readonly addr: Uint8Array;
  readonly line: Uint8Array;
  readonly loc: Uint8Array;
  readonly loclists: Uint8Array;
  readonly ranges: Uint8Array;
  readonly rnglists: Uint8Array;
}

const NAMES = {
  info: '.debug_info',
  abbrev: '.debug_abbrev',
  str: '.debug_str',
  lineStr: '.debug_line_str',
  strOffsets: '.debug_str_offsets',
  addr: '.debug_addr',
  line: '.debug_line',
  loc: '.debug_loc',
  loclists: '.debug_loclists',
  ranges: '.debug_ranges',
  rnglists: '.debug_rnglists',
} as const satisfies Record<keyof DebugSections, string>;

const COMPRESSED = 0x800;

/** Relocation numbers by the width of the word that they fill: LLVM's, and those of binutils before they agreed. */
const WIDE = new Set([1, 2, 12]);
const NARROW = new Set([3, 4, 10, 11]);

/** Copies and relocates the debug sections; undefined when the object has no usable .debug_info. */
export function readDebugSections(elf: ElfFile, problems: ProblemList): DebugSections | undefined {
  const out = {} as { -readonly [K in keyof DebugSections]: Uint8Array };
  for (const key of Object.keys(NAMES) as (keyof DebugSections)[]) {
    const section = elf.section(NAMES[key]);
    if (section !== undefined && (section.flags & COMPRESSED) !== 0) {
      problems.add(
        'object-bad-dwarf',
        `the debug section '${section.name}' is compressed, which Sockscope does not read`,
        {
          remedy: 'Build without -gz',
        },
      );
      return undefined;
    }
    out[key] = section === undefined ? new Uint8Array(0) : relocated(elf, section.index, section.bytes, problems);
  }
  return out.info.length === 0 || out.abbrev.length === 0 ? undefined : out;
}

function relocated(elf: ElfFile, index: number, bytes: Uint8Array, problems: ProblemList): Uint8Array {
  const relocations = elf.relocationsOf(index);
  if (relocations.length === 0) return bytes;
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (const relocation of relocations) {
    const { offset, type, addend } = relocation;
    const symbol = elf.symbols[relocation.symbol];
    if (type === 0) continue;
    const width = WIDE.has(type) ? 8 : NARROW.has(type) ? 4 : 0;
    if (symbol === undefined || width === 0 || offset + width > copy.length) {
      problems.add(
        'object-bad-dwarf',
        `a relocation at byte ${offset} of '${elf.sections[index]?.name ?? ''}' cannot be applied`,
      );
      continue;
    }
    if (width === 8) {
      const base = elf.addedBy(symbol, relocation) + addressBase(elf, symbol.section);
      const value = BigInt(base) + (addend === undefined ? view.getBigUint64(offset, true) : BigInt(addend));
      view.setBigUint64(offset, BigInt.asUintN(64, value), true);
    } else {
      view.setUint32(offset, (elf.addedBy(symbol, relocation) + (addend ?? view.getUint32(offset, true))) >>> 0, true);
    }
  }
  return copy;
}

/** Sections that end up in memory get an address range of their own. */
function addressBase(elf: ElfFile, index: number): number {
  const section = index < SECTION_RESERVED ? elf.sections[index] : undefined;
  return section !== undefined && (section.flags & SECTION_FLAG.alloc) !== 0 ? addressIn(index, 0) : 0;
}
