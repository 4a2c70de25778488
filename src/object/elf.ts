// ELF64 relocatable files as compilers emit them for BPF: sections, symbols, relocations. Nothing here knows BPF instructions.
// Source: System V ABI, ELF-64 object file format; machine number 247 from linux/elf-em.h. Every index and offset is checked.

import { ByteReader, type Outcome } from '../base/index.ts';
import { MAX_RELOCATIONS, readRelocations, readSymbols, StringTable } from './elf-tables.ts';
import { ProblemList } from './problems.ts';

export interface ElfSection {
  readonly index: number;
  readonly name: string;
  /** SHT_*. */
  readonly type: number;
  readonly flags: number;
  /** Size in memory; for SHT_NOBITS there are no bytes behind it. */
  readonly size: number;
  readonly link: number;
  readonly info: number;
  /** Power of two; 1 when the file says nothing. */
  readonly alignment: number;
  readonly entrySize: number;
  /** Contents; empty for SHT_NOBITS and for sections that reach past the end of the file. */
  readonly bytes: Uint8Array;
}

export interface ElfSymbol {
  readonly index: number;
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly binding: 'local' | 'global' | 'weak';
  readonly type: 'none' | 'object' | 'func' | 'section' | 'file' | 'other';
  /** STV_HIDDEN or STV_INTERNAL. */
  readonly hidden: boolean;
  /** Section number; 0 when undefined, SHN_ABS and its like as they are. */
  readonly section: number;
}

export interface ElfRelocation {
  readonly offset: number;
  readonly symbol: number;
  /** R_BPF_*. */
  readonly type: number;
  /** Undefined for SHT_REL, where the addend stands at the place itself. */
  readonly addend: number | undefined;
}

export const SECTION_TYPE = { null: 0, progbits: 1, symtab: 2, strtab: 3, rela: 4, nobits: 8, rel: 9 } as const;
export const SECTION_FLAG = { write: 1, alloc: 2, exec: 4 } as const;
/** First of the reserved section numbers (SHN_LORESERVE). */
export const SECTION_RESERVED = 0xff00;

const MACHINE_BPF = 247;
const HEADER_BYTES = 64;
const SECTION_BYTES = 64;

/** R_BPF_DATA_32 and R_BPF_DATA_64 of binutils 2.34 to 2.40; LLVM has no such numbers. */
const OLD_BINUTILS: ReadonlySet<number> = new Set([11, 12]);

/** A byte of a section as a key for sets and maps. */
export function placeKey(section: number, offset: number): string {
  return `${section}:${offset}`;
}

/** A parsed object file. */
export class ElfFile {
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
  readonly #relocations: ReadonlyMap<number, readonly ElfRelocation[]>;
  #functionStarts: ReadonlySet<string> | undefined;
  #countsSymbols: boolean | undefined;
  #byName: Map<string, ElfSection> | undefined;
  #symbolsBySection: Map<number, ElfSymbol[]> | undefined;

  constructor(
    sections: readonly ElfSection[],
    symbols: readonly ElfSymbol[],
    relocations: ReadonlyMap<number, readonly ElfRelocation[]>,
  ) {
    this.sections = sections;
    this.symbols = symbols;
    this.#relocations = relocations;
  }

  /** Places at which a function symbol stands, see placeKey(). */
  get functionStarts(): ReadonlySet<string> {
    this.#functionStarts ??= new Set(
      this.symbols.filter(({ type }) => type === 'func').map(({ section, value }) => placeKey(section, value)),
    );
    return this.#functionStarts;
  }

  /**
   * Whether words that relocations fill hold the symbol's value already, as binutils left them before it agreed with LLVM on
   * relocation numbers. Only symbols of sections, whose value is 0, look the same both ways.
   */
  get countsSymbolsInPlace(): boolean {
    this.#countsSymbols ??= [...this.#relocations.values()].some((list) =>
      list.some(({ type }) => OLD_BINUTILS.has(type)),
    );
    return this.#countsSymbols;
  }

  /** What a symbol adds to the word that a relocation fills. */
  addedBy(symbol: ElfSymbol, relocation: ElfRelocation): number {
    const counted = this.countsSymbolsInPlace && relocation.addend === undefined && symbol.type !== 'section';
    return counted ? 0 : symbol.value;
  }

  /** First section of that name. */
  section(name: string): ElfSection | undefined {
    if (this.#byName === undefined) {
      this.#byName = new Map();
      for (const section of this.sections) if (!this.#byName.has(section.name)) this.#byName.set(section.name, section);
    }
    return this.#byName.get(name);
  }

  /** Symbols that lie in a section, in the order of the table. */
  symbolsIn(section: number): readonly ElfSymbol[] {
    if (this.#symbolsBySection === undefined) {
      this.#symbolsBySection = new Map();
      for (const symbol of this.symbols) {
        const list = this.#symbolsBySection.get(symbol.section);
        if (list === undefined) this.#symbolsBySection.set(symbol.section, [symbol]);
        else list.push(symbol);
      }
    }
    return this.#symbolsBySection.get(section) ?? [];
  }

  /** Relocations that apply to a section, in file order. */
  relocationsOf(section: number): readonly ElfRelocation[] {
    return this.#relocations.get(section) ?? [];
  }
}

/** Reads an object file. The value is undefined when it is none that BPF loaders take; lesser damage leaves gaps and problems. */
export function readElf(bytes: Uint8Array, file: string): Outcome<ElfFile | undefined> {
  const problems = new ProblemList(file);
  const header = readHeader(bytes, problems);
  if (header === undefined) return { value: undefined, problems: problems.all };
  const sections = readSections(bytes, header, problems);
  const symbolTable = sections.find((section) => section.type === SECTION_TYPE.symtab);
  const symbols = symbolTable === undefined ? [] : readSymbols(symbolTable, sections, problems);
  const relocations = new Map<number, ElfRelocation[]>();
  let left = MAX_RELOCATIONS;
  for (const section of sections) {
    if (section.type !== SECTION_TYPE.rel && section.type !== SECTION_TYPE.rela) continue;
    if (sections[section.info] === undefined || section.info === 0) {
      problems.add(
        'object-bad-section',
        `relocation section '${section.name}' is for section ${section.info}, which does not exist`,
      );
      continue;
    }
    const list = readRelocations(section, left, problems);
    left -= list.length;
    const known = relocations.get(section.info);
    if (known === undefined) relocations.set(section.info, list);
    else for (const relocation of list) known.push(relocation);
  }
  return { value: new ElfFile(sections, symbols, relocations), problems: problems.all };
}

interface Header {
  readonly sectionOffset: number;
  readonly sectionCount: number;
  readonly nameSection: number;
}

function readHeader(bytes: Uint8Array, problems: ProblemList): Header | undefined {
  const magicMatches =
    bytes.length >= 4 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
  if (!magicMatches) {
    if (isBitcode(bytes)) {
      problems.add('object-not-elf', 'the file is LLVM bitcode and not yet an object', {
        remedy: 'Link it: bpf-linker for Rust, or llc -march=bpfel -filetype=obj; clang -emit-llvm must be left out',
      });
    } else {
      problems.add('object-not-elf', bytes.length === 0 ? 'the file is empty' : 'the file is not an ELF object');
    }
    return undefined;
  }
  if (bytes.length < 16) {
    problems.add('object-truncated', `the file ends after ${bytes.length} bytes, inside its ELF header`);
    return undefined;
  }
  if (bytes[4] === 1) {
    problems.add('object-32-bit', 'the file is a 32-bit ELF object; BPF objects are 64-bit');
    return undefined;
  }
  if (bytes[4] !== 2) {
    problems.add('object-not-elf', `the ELF class ${bytes[4]} is not known`);
    return undefined;
  }
  if (bytes[5] === 2) {
    problems.add('object-big-endian', 'the object is for big-endian BPF; Sockscope models little-endian machines');
    return undefined;
  }
  if (bytes[5] !== 1) {
    problems.add('object-not-elf', `the ELF byte order ${bytes[5]} is not known`);
    return undefined;
  }
  if (bytes.length < HEADER_BYTES) {
    problems.add('object-truncated', `the file ends after ${bytes.length} bytes, inside its ELF header`);
    return undefined;
  }
  const reader = new ByteReader(bytes, { offset: 16 });
  const type = reader.u16();
  const machine = reader.u16();
  // Old compilers wrote no machine number at all, and loaders accept that.
  if (machine !== MACHINE_BPF && machine !== 0) {
    problems.add(
      'object-wrong-machine',
      `the object is for ${MACHINE_NAMES.get(machine) ?? `machine ${machine}`} and not for BPF`,
    );
    return undefined;
  }
  if (type !== 1) {
    problems.add(
      'object-not-relocatable',
      `the file is ${TYPE_NAMES.get(type) ?? `of ELF type ${type}`} and not a relocatable object`,
    );
    return undefined;
  }
  reader.offset = 40;
  const sectionOffset = reader.size64();
  reader.offset = 58;
  const entryBytes = reader.u16();
  let sectionCount = reader.u16();
  let nameSection = reader.u16();
  if (entryBytes !== SECTION_BYTES) {
    problems.add('object-bad-section', `the section headers are ${entryBytes} bytes long instead of ${SECTION_BYTES}`);
    return undefined;
  }
  if (sectionOffset < HEADER_BYTES || sectionOffset + SECTION_BYTES > bytes.length) {
    problems.add(
      'object-truncated',
      `the section headers should start at byte ${sectionOffset}, but the file has ${bytes.length} bytes`,
    );
    return undefined;
  }
  // With more sections than 16 bits can count, the numbers stand in the first section header.
  const first = new ByteReader(bytes, { offset: sectionOffset + 32 });
  if (sectionCount === 0) sectionCount = first.size64();
  if (nameSection === 0xffff) nameSection = new ByteReader(bytes, { offset: sectionOffset + 40 }).u32();
  if (sectionOffset + sectionCount * SECTION_BYTES > bytes.length) {
    problems.add('object-truncated', `the file has ${sectionCount} section headers, which reach past its end`);
    return undefined;
  }
  return { sectionOffset, sectionCount, nameSection };
}

/** What rustc gives for BPF targets, and clang with -emit-llvm or -flto. */
function isBitcode(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x43 && bytes[2] === 0xc0 && bytes[3] === 0xde;
}

const MACHINE_NAMES: ReadonlyMap<number, string> = new Map([
  [3, 'x86'],
  [8, 'MIPS'],
  [20, 'PowerPC'],
  [21, 'PowerPC64'],
  [22, 'S/390'],
  [40, 'ARM'],
  [62, 'x86-64'],
  [183, 'AArch64'],
  [243, 'RISC-V'],
  [258, 'LoongArch'],
  [263, 'Solana BPF'],
]);

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [2, 'an executable'],
  [3, 'a shared library'],
  [4, 'a core dump'],
]);

const EMPTY = new Uint8Array(0);

function readSections(bytes: Uint8Array, header: Header, problems: ProblemList): ElfSection[] {
  interface Raw {
    readonly nameOffset: number;
    readonly section: Omit<ElfSection, 'name'>;
  }
  const raws: Raw[] = [];
  for (let index = 0; index < header.sectionCount; index++) {
    const reader = new ByteReader(bytes, { offset: header.sectionOffset + index * SECTION_BYTES });
    const nameOffset = reader.u32();
    const type = reader.u32();
    const flags = Number(reader.u64() & 0xffff_ffffn);
    reader.u64();
    const offset = reader.size64();
    const size = reader.size64();
    const link = reader.u32();
    const info = reader.u32();
    const alignment = Math.max(1, reader.size64());
    const entrySize = reader.size64();
    const hasBytes = type !== SECTION_TYPE.null && type !== SECTION_TYPE.nobits;
    const fits = offset + size <= bytes.length;
    if (hasBytes && !fits) {
      problems.add(
        'object-truncated',
        `section ${index} should have ${size} bytes from byte ${offset} on, but the file has ${bytes.length} bytes`,
      );
    }
    const contents = hasBytes && fits ? bytes.subarray(offset, offset + size) : EMPTY;
    raws.push({
      nameOffset,
      section: {
        index,
        type,
        flags,
        size: hasBytes ? contents.length : size,
        link,
        info,
        alignment,
        entrySize,
        bytes: contents,
      },
    });
  }
  const names = raws[header.nameSection]?.section;
  if (names === undefined || names.type !== SECTION_TYPE.strtab) {
    problems.add(
      'object-bad-section',
      `the section names should be in section ${header.nameSection}, which is no string table`,
    );
  }
  const table = names?.type === SECTION_TYPE.strtab ? new StringTable(names.bytes) : undefined;
  return raws.map(({ nameOffset, section }) => {
    const name = table?.at(nameOffset);
    if (table !== undefined && name === undefined) {
      problems.add('object-bad-section', `the name of section ${section.index} lies outside the string table`);
    }
    return { ...section, name: name ?? '' };
  });
}
