// Units of .debug_info as trees of entries with their attributes. Attribute values that go through a table of the unit (strings,
// addresses, lists by index) stay indexes until somebody asks, because the table's place is itself an attribute.

import { ByteReader } from '../../base/index.ts';
import type { ProblemList } from '../problems.ts';
import { AT, FORM, UNIT } from './constants.ts';
import { type AttributeValue, boundedString, readForm } from './forms.ts';
import type { DebugAddress, DebugSections } from './sections.ts';

/** A debugging information entry. */
export interface Entry {
  readonly offset: number;
  readonly tag: number;
  readonly attributes: ReadonlyMap<number, AttributeValue>;
  readonly children: readonly Entry[];
  readonly unit: Unit;
  readonly parent: Entry | undefined;
}

interface MutableEntry extends Entry {
  readonly children: MutableEntry[];
}

interface AttributeSpec {
  readonly name: number;
  readonly form: number;
  readonly implicit: bigint;
}

interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly AttributeSpec[];
}

/** Bounds that only hostile input reaches. */
const MAX_ENTRIES = 500_000;
const MAX_ATTRIBUTES = 3_000_000;
const MAX_ABBREVIATION_ATTRIBUTES = 500_000;
const MAX_DEPTH = 512;

/** One compilation (or type) unit. */
export class Unit {
  readonly sections: DebugSections;
  readonly offset: number;
  readonly version: number;
  readonly addressSize: number;
  /** 4, or 8 for 64-bit DWARF. */
  readonly offsetSize: number;
  readonly typeSignature: bigint | undefined;
  readonly typeOffset: number;
  root: Entry | undefined;

  constructor(header: UnitHeader, sections: DebugSections) {
    this.sections = sections;
    this.offset = header.offset;
    this.version = header.version;
    this.addressSize = header.addressSize;
    this.offsetSize = header.offsetSize;
    this.typeSignature = header.typeSignature;
    this.typeOffset = header.typeOffset;
  }

  /** A number: constants, flags, section offsets. */
  number(entry: Entry, attribute: number): bigint | undefined {
    const value = entry.attributes.get(attribute);
    if (value?.kind === 'number') return value.value;
    return value?.kind === 'section-offset' ? BigInt(value.offset) : undefined;
  }

  /** A number that counts or sizes something; undefined when it is absent, negative or absurd. */
  size(entry: Entry, attribute: number): number | undefined {
    const value = this.number(entry, attribute);
    return value !== undefined && value >= 0n && value <= 0xffff_ffffn ? Number(value) : undefined;
  }

  string(entry: Entry, attribute: number): string | undefined {
    const value = entry.attributes.get(attribute);
    if (value?.kind === 'string') return value.text;
    return value?.kind === 'string-index' ? this.#indexedString(value.index) : undefined;
  }

  address(entry: Entry, attribute: number): DebugAddress | undefined {
    const value = entry.attributes.get(attribute);
    if (value?.kind === 'address') return value.address;
    return value?.kind === 'address-index' ? this.indexedAddress(value.index) : undefined;
  }

  /** Offset of the list that an attribute names, in the given list section of this unit's version. */
  listOffset(value: AttributeValue | undefined, baseAttribute: number, lists: Uint8Array): number | undefined {
    if (value?.kind === 'section-offset') return value.offset;
    // Before DWARF 4 an offset had the form of a plain number.
    if (value?.kind === 'number' && this.version < 4) return Number(value.value);
    if (value?.kind !== 'list-index') return undefined;
    const base = this.#base(baseAttribute);
    const at = base + value.index * this.offsetSize;
    return base + this.#offsetAt(lists, at);
  }

  /** An address of the unit's table in .debug_addr. */
  indexedAddress(index: number): DebugAddress | undefined {
    const at = this.#base(AT.addrBase) + index * this.addressSize;
    const reader = new ByteReader(this.sections.addr, { offset: at });
    const address = this.addressSize === 8 ? reader.size64() : reader.u32();
    return reader.overrun ? undefined : address;
  }

  #indexedString(index: number): string | undefined {
    const at = this.#base(AT.strOffsetsBase) + index * this.offsetSize;
    if (at + this.offsetSize > this.sections.strOffsets.length) return undefined;
    return boundedString(this.sections.str, this.#offsetAt(this.sections.strOffsets, at));
  }

  #offsetAt(bytes: Uint8Array, at: number): number {
    const reader = new ByteReader(bytes, { offset: at });
    return this.offsetSize === 8 ? reader.size64() : reader.u32();
  }

  #base(attribute: number): number {
    const value = this.root?.attributes.get(attribute);
    if (value?.kind === 'section-offset') return value.offset;
    // The first table starts behind its header.
    return attribute === AT.rnglistsBase || attribute === AT.loclistsBase ? (this.offsetSize === 8 ? 20 : 12) : 8;
  }
}

interface UnitHeader {
  readonly offset: number;
  readonly version: number;
  readonly addressSize: number;
  readonly offsetSize: number;
  readonly abbreviations: number;
  readonly bodyStart: number;
  readonly end: number;
  readonly typeSignature: bigint | undefined;
  readonly typeOffset: number;
}

interface Budget {
  entries: number;
  attributes: number;
  abbreviations: number;
}

/** Reads all units; what is damaged ends its unit and is reported. */
export function readUnits(sections: DebugSections, problems: ProblemList): Unit[] {
  const units: Unit[] = [];
  const tables = new Map<number, Map<number, Abbreviation>>();
  const budget: Budget = {
    entries: MAX_ENTRIES,
    attributes: MAX_ATTRIBUTES,
    abbreviations: MAX_ABBREVIATION_ATTRIBUTES,
  };
  for (let at = 0; at < sections.info.length; ) {
    const header = readHeader(sections.info, at);
    if (typeof header === 'string') {
      problems.add(
        'object-bad-dwarf',
        `the debug information at byte ${at} of '.debug_info' cannot be read: ${header}`,
      );
      break;
    }
    at = header.end;
    const unit = new Unit(header, sections);
    let table = tables.get(header.abbreviations);
    if (table === undefined) {
      table = readAbbreviations(sections.abbrev, header.abbreviations, budget);
      tables.set(header.abbreviations, table);
    }
    const why = readEntries(unit, header, table, budget);
    if (why !== undefined) problems.add('object-bad-dwarf', `the debug information is damaged: ${why}`);
    units.push(unit);
    if (budget.entries <= 0 || budget.attributes <= 0) break;
  }
  return units;
}

function readHeader(info: Uint8Array, at: number): UnitHeader | string {
  const reader = new ByteReader(info, { offset: at });
  let length = reader.u32();
  let offsetSize = 4;
  if (length === 0xffff_ffff) {
    length = reader.size64();
    offsetSize = 8;
  }
  const end = reader.offset + length;
  const version = reader.u16();
  if (reader.overrun || end > info.length || length === 0) return 'its unit reaches past the end of the section';
  if (version < 2 || version > 5) return `DWARF version ${version} is not known`;
  const sectionOffset = (): number => (offsetSize === 8 ? reader.size64() : reader.u32());
  let type: number = UNIT.compile;
  let addressSize: number;
  let abbreviations: number;
  if (version >= 5) {
    type = reader.u8();
    addressSize = reader.u8();
    abbreviations = sectionOffset();
  } else {
    abbreviations = sectionOffset();
    addressSize = reader.u8();
  }
  const isTypeUnit = type === UNIT.type || type === UNIT.splitType;
  const typeSignature = isTypeUnit ? reader.u64() : undefined;
  const typeOffset = isTypeUnit ? at + sectionOffset() : 0;
  if (type === UNIT.skeleton || type === UNIT.splitCompile) reader.u64();
  if (reader.overrun || reader.offset > end) return 'its header is cut off';
  if (addressSize !== 8 && addressSize !== 4) return `addresses of ${addressSize} bytes are not known`;
  return {
    offset: at,
    version,
    addressSize,
    offsetSize,
    abbreviations,
    bodyStart: reader.offset,
    end,
    typeSignature,
    typeOffset,
  };
}

function readAbbreviations(bytes: Uint8Array, offset: number, budget: Budget): Map<number, Abbreviation> {
  const table = new Map<number, Abbreviation>();
  const reader = new ByteReader(bytes, { offset });
  while (!reader.overrun && budget.abbreviations > 0) {
    const code = Number(reader.uleb128());
    if (code === 0) break;
    const tag = Number(reader.uleb128());
    const hasChildren = reader.u8() !== 0;
    const attributes: AttributeSpec[] = [];
    while (!reader.overrun && budget.abbreviations-- > 0) {
      const name = Number(reader.uleb128());
      const form = Number(reader.uleb128());
      const implicit = form === FORM.implicitConst ? reader.sleb128() : 0n;
      if (name === 0 && form === 0) break;
      attributes.push({ name, form, implicit });
    }
    if (!reader.overrun) table.set(code, { tag, hasChildren, attributes });
  }
  return table;
}

/** Builds the tree of a unit; gives the reason when it had to stop early. */
function readEntries(
  unit: Unit,
  header: UnitHeader,
  table: ReadonlyMap<number, Abbreviation>,
  budget: Budget,
): string | undefined {
  const reader = new ByteReader(unit.sections.info.subarray(0, header.end), { offset: header.bodyStart });
  const open: MutableEntry[] = [];
  while (reader.offset < header.end) {
    if (budget.entries-- <= 0) return 'it has more entries than any program needs';
    const offset = reader.offset;
    const code = Number(reader.uleb128());
    if (code === 0) {
      open.pop();
      if (open.length === 0) return undefined;
      continue;
    }
    const abbreviation = table.get(code);
    if (abbreviation === undefined)
      return `the entry at byte ${offset} uses abbreviation ${code}, which does not exist`;
    const attributes = new Map<number, AttributeValue>();
    for (const spec of abbreviation.attributes) {
      if (budget.attributes-- <= 0) return 'it has more attributes than any program needs';
      const value = readForm(reader, spec.form, spec.implicit, unit);
      if (value === undefined) return `the entry at byte ${offset} uses form ${spec.form}, which is not known`;
      attributes.set(spec.name, value);
    }
    if (reader.overrun) return `the entry at byte ${offset} is cut off`;
    const parent = open.at(-1);
    const entry: MutableEntry = { offset, tag: abbreviation.tag, attributes, children: [], unit, parent };
    if (parent === undefined) {
      if (unit.root !== undefined) return undefined;
      unit.root = entry;
    } else {
      parent.children.push(entry);
    }
    if (abbreviation.hasChildren) {
      if (open.length >= MAX_DEPTH) return 'its entries are nested too deeply';
      open.push(entry);
    } else if (parent === undefined) {
      return undefined;
    }
  }
  return undefined;
}
