// An assembly as an ELF64 relocatable object, the file that a compiler would have made of it: what libbpf, bpftool and this folder's
// reader take. Source: System V ABI; layout as LLVM's, with symbol and relocation tables behind the contents.

import { encodeUtf8 } from '../base/index.ts';
import type { AssembledRelocation, AssembledSection, AssembledSymbol, Assembly } from '../isa/index.ts';
import { RELOCATION_TYPE } from './assembly-from-elf.ts';
import { SECTION_FLAG, SECTION_TYPE } from './elf.ts';

const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const SHN_ABS = 0xfff1;
const SHN_COMMON = 0xfff2;
const SHT_NOTE = 7;

/** A section on its way into the file. */
interface FileSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySize: number;
  readonly bytes: Uint8Array;
  /** Bytes in memory; differs from `bytes` for SHT_NOBITS. */
  readonly size: number;
}

/** Bytes of the object file. Maps of `.map` directives have to be sections by now (assembly-btf.ts). */
export function writeObject(assembly: Assembly): Uint8Array {
  const table = buildSymbols(assembly);
  const contents = assembly.sections.map(fileSection);
  const relocations = assembly.sections.flatMap((section, index) =>
    section.relocations.length === 0 ? [] : [relocationSection(assembly, section, index, table, contents.length)],
  );
  // Order: null, contents, relocations, symbol table, names.
  const symbolIndex = 1 + contents.length + relocations.length;
  const names = new StringTable();
  const symbols: FileSection = {
    name: '.symtab',
    type: SECTION_TYPE.symtab,
    flags: 0,
    link: symbolIndex + 1,
    info: table.firstGlobal,
    alignment: 8,
    entrySize: 24,
    ...sized(symbolBytes(table, names)),
  };
  const sections = [...contents, ...relocations.map((section) => ({ ...section, link: symbolIndex })), symbols];
  const headers = sections.map((section) => ({ section, name: names.offset(section.name) }));
  const stringName = names.offset('.strtab');
  const strings: FileSection = {
    name: '.strtab',
    type: SECTION_TYPE.strtab,
    flags: 0,
    link: 0,
    info: 0,
    alignment: 1,
    entrySize: 0,
    ...sized(names.bytes()),
  };
  return layOutFile([...headers, { section: strings, name: stringName }]);
}

const sized = (bytes: Uint8Array) => ({ bytes, size: bytes.length });

class StringTable {
  readonly #bytes: number[] = [0];
  readonly #offsets = new Map<string, number>([['', 0]]);

  offset(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const at = this.#bytes.length;
    this.#bytes.push(...encodeUtf8(text), 0);
    this.#offsets.set(text, at);
    return at;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

const FLAG_BITS: Readonly<Record<string, number>> = {
  w: SECTION_FLAG.write,
  a: SECTION_FLAG.alloc,
  x: SECTION_FLAG.exec,
  M: 0x10,
  S: 0x20,
};

function fileSection(section: AssembledSection): FileSection {
  const type = {
    progbits: SECTION_TYPE.progbits,
    nobits: SECTION_TYPE.nobits,
    note: SHT_NOTE,
    other: SECTION_TYPE.progbits,
  };
  return {
    name: section.name,
    type: type[section.type],
    flags: [...section.flags].reduce((flags, letter) => flags | (FLAG_BITS[letter] ?? 0), 0),
    link: 0,
    info: 0,
    alignment: section.alignment,
    entrySize: section.entrySize,
    bytes: section.type === 'nobits' ? new Uint8Array(0) : section.bytes,
    size: section.bytes.length,
  };
}

interface SymbolEntry {
  readonly name: string;
  /** st_info: binding in the upper half, type in the lower. */
  readonly info: number;
  readonly other: number;
  readonly section: number;
  readonly value: bigint;
  readonly size: bigint;
}

interface SymbolTable {
  readonly entries: readonly SymbolEntry[];
  readonly firstGlobal: number;
  readonly indexOf: ReadonlyMap<string, number>;
  /** Index of the section symbol of each section of the assembly. */
  readonly sectionSymbols: readonly number[];
}

const BINDING = { local: 0, global: 1, weak: 2 } as const;
const TYPE = { none: 0, object: 1, function: 2 } as const;
const VISIBILITY = { default: 0, internal: 1, hidden: 2, protected: 3 } as const;
const STT_SECTION = 3;

function buildSymbols(assembly: Assembly): SymbolTable {
  const zero: SymbolEntry = { name: '', info: 0, other: 0, section: 0, value: 0n, size: 0n };
  const sectionEntries = assembly.sections.map((_, index) => ({ ...zero, info: STT_SECTION, section: index + 1 }));
  const byBinding = (wanted: 'local' | 'global') =>
    assembly.symbols.filter(({ binding }) => (binding === 'local') === (wanted === 'local'));
  const locals = byBinding('local');
  const entries = [zero, ...sectionEntries, ...locals.map(symbolEntry), ...byBinding('global').map(symbolEntry)];
  return {
    entries,
    firstGlobal: 1 + sectionEntries.length + locals.length,
    indexOf: new Map(entries.map((entry, index) => [entry.name, index])),
    sectionSymbols: sectionEntries.map((_, index) => index + 1),
  };
}

function symbolEntry(symbol: AssembledSymbol): SymbolEntry {
  const common = {
    name: symbol.name,
    info: (BINDING[symbol.binding] << 4) | TYPE[symbol.type],
    other: VISIBILITY[symbol.visibility],
    size: BigInt(symbol.size),
  };
  const { value } = symbol;
  switch (value.kind) {
    case 'place':
      return { ...common, section: value.section + 1, value: BigInt(value.offset) };
    case 'absolute':
      return { ...common, section: SHN_ABS, value: BigInt.asUintN(64, value.value) };
    case 'common':
      return { ...common, section: SHN_COMMON, value: BigInt(value.alignment), size: BigInt(value.size) };
    case 'undefined':
      return { ...common, section: 0, value: 0n };
  }
}

function symbolBytes({ entries }: SymbolTable, names: StringTable): Uint8Array {
  const bytes = new Uint8Array(24 * entries.length);
  const view = new DataView(bytes.buffer);
  entries.forEach((entry, index) => {
    const at = 24 * index;
    view.setUint32(at, names.offset(entry.name), true);
    view.setUint8(at + 4, entry.info);
    view.setUint8(at + 5, entry.other);
    view.setUint16(at + 6, entry.section, true);
    view.setBigUint64(at + 8, entry.value, true);
    view.setBigUint64(at + 16, entry.size, true);
  });
  return bytes;
}

function relocationSection(
  assembly: Assembly,
  section: AssembledSection,
  index: number,
  table: SymbolTable,
  contentCount: number,
): FileSection {
  const bytes = new Uint8Array(16 * section.relocations.length);
  const view = new DataView(bytes.buffer);
  section.relocations.forEach((relocation, at) => {
    const { to } = relocation;
    const symbol = to.kind === 'section' ? table.sectionSymbols[to.section] : table.indexOf.get(to.name);
    view.setBigUint64(16 * at, BigInt(relocation.offset), true);
    view.setUint32(16 * at + 8, relocationType(assembly, section, relocation), true);
    view.setUint32(16 * at + 12, symbol ?? 0, true);
  });
  return {
    name: `.rel${section.name}`,
    type: SECTION_TYPE.rel,
    flags: 0x40, // SHF_INFO_LINK
    link: contentCount,
    info: index + 1,
    alignment: 8,
    entrySize: 16,
    ...sized(bytes),
  };
}

/** A 32-bit word in .BTF and .BTF.ext that counts inside a section is not to be moved by a linker that runs later. */
function relocationType(assembly: Assembly, section: AssembledSection, { kind, to }: AssembledRelocation): number {
  if (kind !== 'data32' || !section.name.startsWith('.BTF')) return RELOCATION_TYPE[kind];
  const target = to.kind === 'section' ? to.section : undefined;
  const symbol = to.kind === 'symbol' ? assembly.symbols.find(({ name }) => name === to.name) : undefined;
  const home = symbol?.value.kind === 'place' ? symbol.value.section : target;
  const flags = home === undefined ? '' : (assembly.sections[home]?.flags ?? '');
  return flags.includes('x') || flags.includes('w') ? RELOCATION_TYPE.data32NoLink : RELOCATION_TYPE.data32;
}

interface NamedSection {
  readonly section: FileSection;
  readonly name: number;
}

/** Header, contents, section headers; the names are in the last section. */
function layOutFile(sections: readonly NamedSection[]): Uint8Array {
  const alignUp = (offset: number, alignment: number) => Math.ceil(offset / alignment) * alignment;
  const offsets: number[] = [];
  let end = HEADER_BYTES;
  for (const { section } of sections) {
    end = alignUp(end, Math.max(1, section.alignment));
    offsets.push(end);
    end += section.bytes.length;
  }
  const headersAt = alignUp(end, 8);
  const file = new Uint8Array(headersAt + SECTION_BYTES * (sections.length + 1));
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // magic, 64 bits, little endian, version 1
  view.setUint16(16, 1, true); // ET_REL
  view.setUint16(18, 247, true); // EM_BPF
  view.setUint32(20, 1, true);
  view.setBigUint64(40, BigInt(headersAt), true);
  view.setUint16(52, HEADER_BYTES, true);
  view.setUint16(58, SECTION_BYTES, true);
  view.setUint16(60, sections.length + 1, true);
  view.setUint16(62, sections.length, true);
  sections.forEach(({ section, name }, index) => {
    file.set(section.bytes, offsets[index]!);
    const at = headersAt + SECTION_BYTES * (index + 1);
    view.setUint32(at, name, true);
    view.setUint32(at + 4, section.type, true);
    view.setBigUint64(at + 8, BigInt(section.flags), true);
    view.setBigUint64(at + 24, BigInt(offsets[index]!), true);
    view.setBigUint64(at + 32, BigInt(section.size), true);
    view.setUint32(at + 40, section.link, true);
    view.setUint32(at + 44, section.info, true);
    view.setBigUint64(at + 48, BigInt(section.alignment), true);
    view.setBigUint64(at + 56, BigInt(section.entrySize), true);
  });
  return file;
}
