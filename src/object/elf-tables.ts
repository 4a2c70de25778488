// The tables of an object file: names, symbols, relocations. Entries are read one by one and checked; what is wrong is reported.
// Source: System V ABI, ELF-64 object file format.

import { ByteReader, decodeUtf8 } from '../base/index.ts';
import { type ElfRelocation, type ElfSection, type ElfSymbol, SECTION_RESERVED, SECTION_TYPE } from './elf.ts';
import type { ProblemList } from './problems.ts';

const SYMBOL_BYTES = 24;
const MAX_NAME_BYTES = 1024;
/** Table entries that are read. Sections of a hostile file may all cover the same bytes, so that size alone bounds nothing. */
const MAX_SYMBOLS = 1_000_000;
export const MAX_RELOCATIONS = 1_000_000;

const EMPTY = new Uint8Array(0);

/** Names by offset, each decoded once however many symbols share it. */
export class StringTable {
  readonly #bytes: Uint8Array;
  readonly #known = new Map<number, string>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Undefined when the offset is outside; names are cut at MAX_NAME_BYTES. */
  at(offset: number): string | undefined {
    if (offset >= this.#bytes.length) return offset === 0 ? '' : undefined;
    const known = this.#known.get(offset);
    if (known !== undefined) return known;
    const nul = this.#bytes.subarray(offset, offset + MAX_NAME_BYTES).indexOf(0);
    const name = decodeUtf8(this.#bytes.subarray(offset, offset + (nul < 0 ? MAX_NAME_BYTES : nul)));
    this.#known.set(offset, name);
    return name;
  }
}

const BINDINGS = ['local', 'global', 'weak'] as const;
const SYMBOL_TYPES = ['none', 'object', 'func', 'section', 'file'] as const;

/** Entries of the symbol table. */
export function readSymbols(table: ElfSection, sections: readonly ElfSection[], problems: ProblemList): ElfSymbol[] {
  const stringSection = sections[table.link];
  if (stringSection?.type !== SECTION_TYPE.strtab) {
    problems.add(
      'object-bad-section',
      `the symbol table's names should be in section ${table.link}, which is no string table`,
    );
  }
  const strings = new StringTable(stringSection?.type === SECTION_TYPE.strtab ? stringSection.bytes : EMPTY);
  if (table.size % SYMBOL_BYTES !== 0) {
    problems.add(
      'object-bad-symbol',
      `the symbol table has ${table.size} bytes, which is no multiple of ${SYMBOL_BYTES}`,
    );
  }
  const symbols: ElfSymbol[] = [];
  const reader = new ByteReader(table.bytes);
  const count = Math.min(MAX_SYMBOLS, Math.floor(table.bytes.length / SYMBOL_BYTES));
  for (let index = 0; index < count; index++) {
    reader.offset = index * SYMBOL_BYTES;
    const nameOffset = reader.u32();
    const info = reader.u8();
    const other = reader.u8();
    const section = reader.u16();
    const value = reader.size64();
    const size = reader.size64();
    let name = strings.at(nameOffset);
    if (name === undefined) {
      problems.add('object-bad-symbol', `the name of symbol ${index} lies outside the string table`);
      name = '';
    }
    if (section !== 0 && section < SECTION_RESERVED && sections[section] === undefined) {
      problems.add(
        'object-bad-symbol',
        `symbol ${index}${name === '' ? '' : ` '${name}'`} is in section ${section}, which does not exist`,
      );
    }
    const type = SYMBOL_TYPES[info & 0xf] ?? 'other';
    symbols.push({
      index,
      name: type === 'section' && name === '' ? (sections[section]?.name ?? '') : name,
      value,
      size,
      binding: BINDINGS[info >> 4] ?? 'global',
      type,
      hidden: (other & 3) === 1 || (other & 3) === 2,
      section,
    });
  }
  return symbols;
}

/** Entries of one relocation section, at most `limit`. */
export function readRelocations(section: ElfSection, limit: number, problems: ProblemList): ElfRelocation[] {
  const withAddend = section.type === SECTION_TYPE.rela;
  const entryBytes = withAddend ? 24 : 16;
  if (section.bytes.length % entryBytes !== 0) {
    problems.add(
      'object-bad-relocation',
      `relocation section '${section.name}' has ${section.bytes.length} bytes, which is no multiple of ${entryBytes}`,
    );
  }
  const out: ElfRelocation[] = [];
  const reader = new ByteReader(section.bytes);
  const total = Math.floor(section.bytes.length / entryBytes);
  if (total > limit) problems.add('object-too-large', `the object has more than ${MAX_RELOCATIONS} relocations`);
  for (let count = Math.min(limit, total); count > 0; count--) {
    const offset = reader.size64();
    const type = reader.u32();
    const symbol = reader.u32();
    const addend = withAddend ? Number(BigInt.asIntN(64, reader.u64())) : undefined;
    out.push({ offset, symbol, type, addend });
  }
  return out;
}
