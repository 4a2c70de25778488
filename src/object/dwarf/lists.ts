// Range lists and location lists of DWARF 2 to 5: the address ranges of a scope, and which expression describes a variable over
// which range.

import { ByteReader } from '../../base/index.ts';
import { AT } from './constants.ts';
import type { AttributeValue } from './forms.ts';
import type { DebugAddress } from './sections.ts';
import type { Entry, Unit } from './units.ts';

/** Half-open. */
export interface AddressRange {
  readonly start: DebugAddress;
  readonly end: DebugAddress;
}

export interface LocationEntry extends AddressRange {
  readonly expression: Uint8Array;
}

/** Lists of a real program have a handful of entries. */
const MAX_LIST_ENTRIES = 4096;

/** Ranges of a subprogram, block or inlined call; empty when it has no code. */
export function rangesOf(entry: Entry): AddressRange[] {
  const { unit } = entry;
  const listed = entry.attributes.get(AT.ranges);
  if (listed !== undefined) {
    return unit.version >= 5 ? readRangeList(unit, listed) : readOldRanges(unit, listed);
  }
  const start = unit.address(entry, AT.lowPc);
  if (start === undefined) return [];
  const high = entry.attributes.get(AT.highPc);
  const end = high?.kind === 'number' ? start + Number(high.value) : unit.address(entry, AT.highPc);
  return end !== undefined && end > start ? [{ start, end }] : [];
}

/** What offsets in lists are relative to, unless the list says otherwise. */
function unitBase(unit: Unit): DebugAddress {
  return unit.root === undefined ? 0 : (unit.address(unit.root, AT.lowPc) ?? 0);
}

/** Entries of a list, once the two versions' encodings are out of the way. */
type Step =
  | { readonly kind: 'end' }
  | { readonly kind: 'base'; readonly address: DebugAddress }
  | { readonly kind: 'range'; readonly start: DebugAddress; readonly end: DebugAddress }
  /** Holds where nothing else does. */
  | { readonly kind: 'default' };

function readRangeList(unit: Unit, value: AttributeValue): AddressRange[] {
  const lists = unit.sections.rnglists;
  const offset = unit.listOffset(value, AT.rnglistsBase, lists);
  if (offset === undefined) return [];
  const reader = new ByteReader(lists, { offset });
  const out: AddressRange[] = [];
  let base = unitBase(unit);
  while (!reader.overrun && out.length < MAX_LIST_ENTRIES) {
    const step = readStep(reader, unit, base, 'ranges');
    if (step.kind === 'end' || step.kind === 'default') break;
    if (step.kind === 'base') base = step.address;
    else if (step.end > step.start) out.push({ start: step.start, end: step.end });
  }
  return out;
}

/** Numbers of the entry kinds, which differ between range and location lists behind offset_pair. */
function readStep(reader: ByteReader, unit: Unit, base: DebugAddress, list: 'ranges' | 'locations'): Step {
  const code = reader.u8();
  const kind = list === 'locations' && code > 5 ? code - 1 : list === 'locations' && code === 5 ? 'default' : code;
  const address = (): DebugAddress => (unit.addressSize === 8 ? reader.size64() : reader.u32());
  const indexed = (): DebugAddress => unit.indexedAddress(Number(reader.uleb128())) ?? 0;
  const length = (): number => Number(BigInt.asUintN(32, reader.uleb128()));
  switch (kind) {
    case 1:
      return { kind: 'base', address: indexed() };
    case 2: {
      const start = indexed();
      return { kind: 'range', start, end: indexed() };
    }
    case 3: {
      const start = indexed();
      return { kind: 'range', start, end: start + length() };
    }
    case 4: {
      const start = base + length();
      return { kind: 'range', start, end: base + length() };
    }
    case 5:
      return { kind: 'base', address: address() };
    case 6: {
      const start = address();
      return { kind: 'range', start, end: address() };
    }
    case 7: {
      const start = address();
      return { kind: 'range', start, end: start + length() };
    }
    case 'default':
      return { kind: 'default' };
    default:
      return { kind: 'end' };
  }
}

/** .debug_ranges: pairs of addresses, (-1, base) to change the base, (0, 0) at the end. */
function readOldRanges(unit: Unit, value: AttributeValue): AddressRange[] {
  const offset = unit.listOffset(value, AT.rnglistsBase, unit.sections.ranges);
  if (offset === undefined) return [];
  const reader = new ByteReader(unit.sections.ranges, { offset });
  const out: AddressRange[] = [];
  let base = unitBase(unit);
  while (out.length < MAX_LIST_ENTRIES) {
    const pair = readPair(reader, unit);
    if (pair === undefined) break;
    if (pair.kind === 'base') base = pair.address;
    else if (pair.end > pair.start) out.push({ start: base + pair.start, end: base + pair.end });
  }
  return out;
}

type Pair =
  | { readonly kind: 'base'; readonly address: DebugAddress }
  | { readonly kind: 'range'; readonly start: number; readonly end: number };

function readPair(reader: ByteReader, unit: Unit): Pair | undefined {
  const marker = unit.addressSize === 8 ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
  const start = unit.addressSize === 8 ? reader.u64() : BigInt(reader.u32());
  const end = unit.addressSize === 8 ? reader.u64() : BigInt(reader.u32());
  if (reader.overrun || (start === 0n && end === 0n)) return undefined;
  if (start === marker) return { kind: 'base', address: Number(end) };
  return { kind: 'range', start: Number(start), end: Number(end) };
}

/** Reads the list that a location attribute names. */
export function readLocationList(unit: Unit, value: AttributeValue): LocationEntry[] {
  return unit.version >= 5 ? readNewLocations(unit, value) : readOldLocations(unit, value);
}

function readNewLocations(unit: Unit, value: AttributeValue): LocationEntry[] {
  const lists = unit.sections.loclists;
  const offset = unit.listOffset(value, AT.loclistsBase, lists);
  if (offset === undefined) return [];
  const reader = new ByteReader(lists, { offset });
  const out: LocationEntry[] = [];
  let base = unitBase(unit);
  while (!reader.overrun && out.length < MAX_LIST_ENTRIES) {
    const step = readStep(reader, unit, base, 'locations');
    if (step.kind === 'end') break;
    if (step.kind === 'base') {
      base = step.address;
      continue;
    }
    const expression = reader.slice(Number(reader.uleb128()));
    if (step.kind === 'default') out.push({ start: 0, end: Number.MAX_SAFE_INTEGER, expression });
    else if (step.end > step.start) out.push({ start: step.start, end: step.end, expression });
  }
  return out;
}

function readOldLocations(unit: Unit, value: AttributeValue): LocationEntry[] {
  const offset = unit.listOffset(value, AT.loclistsBase, unit.sections.loc);
  if (offset === undefined) return [];
  const reader = new ByteReader(unit.sections.loc, { offset });
  const out: LocationEntry[] = [];
  let base = unitBase(unit);
  while (out.length < MAX_LIST_ENTRIES) {
    const pair = readPair(reader, unit);
    if (pair === undefined) break;
    if (pair.kind === 'base') {
      base = pair.address;
      continue;
    }
    const expression = reader.slice(reader.u16());
    if (pair.end > pair.start) out.push({ start: base + pair.start, end: base + pair.end, expression });
  }
  return out;
}
