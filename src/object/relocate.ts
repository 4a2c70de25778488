// Relocations of code sections, applied to a copy of each section before programs are cut out of it: maps and global data become
// numbers, kernel functions get their ids. Calls between functions are only noted, since their distance is known after linking.

import { type DecodedProgram, decodeOne, decodeProgram, type Insn, SLOT_BYTES } from '../isa/index.ts';
import {
  type ElfFile,
  type ElfRelocation,
  type ElfSection,
  type ElfSymbol,
  placeKey,
  SECTION_RESERVED,
} from './elf.ts';
import type { Externs } from './externs.ts';
import { isCode } from './functions.ts';
import type { PlacedMap } from './maps.ts';
import type { ProblemList } from './problems.ts';
import type { CoreRelocation, KfuncReference, KsymReference, MapReference } from './program.ts';
import { putInsn } from './put-insn.ts';

/** A call of, or a pointer to, the function at a slot of a section. */
export interface CodeReference {
  readonly kind: 'call' | 'address';
  readonly section: number;
  readonly slot: number;
}

/** A code section with its relocations applied. All slots count within the section. */
export interface CodeSection {
  readonly section: ElfSection;
  readonly bytes: Uint8Array;
  /** The bytes decoded after relocation, before CO-RE: right in what calls and loads addresses. */
  readonly insns: DecodedProgram;
  readonly codeReferences: Map<number, CodeReference>;
  readonly mapReferences: Map<number, MapReference>;
  readonly kfuncReferences: Map<number, KfuncReference>;
  readonly ksymReferences: Map<number, KsymReference>;
  readonly coreRelocations: Map<number, CoreRelocation>;
}

/** A section while its relocations are applied. */
type Draft = Omit<CodeSection, 'insns'>;

/** A map with its number. */
export interface NumberedMap {
  readonly placed: PlacedMap;
  readonly fd: number;
}

/** libbpf leaves this plus the number of the symbol in a call of a weak kernel function that is absent. */
const ABSENT_KFUNC_HELPER = 2_002_000_000;

/** Code of all sections together: the kernel takes a million instructions for one program. */
const MAX_CODE_BYTES = 1_000_000 * SLOT_BYTES;

export interface RelocationInput {
  readonly elf: ElfFile;
  readonly maps: readonly NumberedMap[];
  readonly externs: Externs;
  readonly problems: ProblemList;
}

/** Applies all relocations of all code sections. */
export function relocateCode(input: RelocationInput): Map<number, CodeSection> {
  const mapsBySection = new Map<number, NumberedMap[]>();
  for (const map of input.maps) {
    const list = mapsBySection.get(map.placed.section);
    if (list === undefined) mapsBySection.set(map.placed.section, [map]);
    else list.push(map);
  }
  const out = new Map<number, CodeSection>();
  let left = MAX_CODE_BYTES;
  for (const section of input.elf.sections) {
    if (!isCode(section)) continue;
    left -= section.bytes.length;
    if (left < 0) {
      input.problems.add('object-too-large', `the object has more than ${MAX_CODE_BYTES / SLOT_BYTES} instructions`);
      break;
    }
    const code: Draft = {
      section,
      bytes: section.bytes.slice(0, section.bytes.length - (section.bytes.length % SLOT_BYTES)),
      codeReferences: new Map(),
      mapReferences: new Map(),
      kfuncReferences: new Map(),
      ksymReferences: new Map(),
      coreRelocations: new Map(),
    };
    for (const relocation of input.elf.relocationsOf(section.index)) {
      const refusal = relocate(input, mapsBySection, code, relocation);
      if (refusal !== undefined) {
        const name = input.elf.symbols[relocation.symbol]?.name ?? '';
        const toward = name === '' ? '' : ` to '${name}'`;
        input.problems.add(
          refusal.code,
          `relocation${toward} at byte ${relocation.offset} of section '${section.name}': ${refusal.reason}`,
        );
      }
    }
    const insns = decodeProgram(code.bytes);
    noteOwnReferences(code, insns);
    out.set(section.index, { ...code, insns });
  }
  return out;
}

/** Code that an assembler made may name maps by number already. */
function noteOwnReferences(code: Draft, insns: DecodedProgram): void {
  for (const insn of insns) {
    if (insn?.kind !== 'load-imm64' || code.mapReferences.has(insn.slot)) continue;
    const { slot, low: mapFd, high } = insn;
    if (insn.source === 'map-fd') code.mapReferences.set(slot, { slot, mapFd });
    else if (insn.source === 'map-value') code.mapReferences.set(slot, { slot, mapFd, valueOffset: high });
  }
}

interface Refusal {
  readonly code: 'object-bad-relocation' | 'object-bad-call';
  readonly reason: string;
}

const bad = (reason: string): Refusal => ({ code: 'object-bad-relocation', reason });

function relocate(
  input: RelocationInput,
  maps: ReadonlyMap<number, readonly NumberedMap[]>,
  code: Draft,
  relocation: ElfRelocation,
): Refusal | undefined {
  const { elf } = input;
  const symbol = elf.symbols[relocation.symbol];
  if (symbol === undefined || relocation.symbol === 0) return bad(`symbol ${relocation.symbol} does not exist`);
  if (relocation.offset % SLOT_BYTES !== 0 || relocation.offset + SLOT_BYTES > code.bytes.length)
    return bad('there is no instruction');
  const slot = relocation.offset / SLOT_BYTES;
  const insn = decodeOne(code.bytes, slot);
  if (symbol.section === 0) return relocateExtern(input, symbol, code, insn);
  const target = elf.sections[symbol.section];
  if (symbol.section >= SECTION_RESERVED || target === undefined)
    return bad(`its symbol is in section ${symbol.section}, which does not exist`);
  if (insn.kind === 'call-local') {
    if (!isCode(target))
      return {
        code: 'object-bad-call',
        reason: `the call goes to section '${target.name}', which holds no instructions`,
      };
    if (symbol.value % SLOT_BYTES !== 0)
      return {
        code: 'object-bad-call',
        reason: `the call goes to byte ${symbol.value}, in the middle of an instruction`,
      };
    // The instruction holds the distance from the symbol, less one: -1 for the function itself, more behind a section's start.
    const distance = relocation.addend === undefined ? insn.target - slot : relocation.addend / SLOT_BYTES + 1;
    const start = symbol.value / SLOT_BYTES;
    const own = symbol.type === 'func' && (elf.countsSymbolsInPlace || !startsFunction(elf, target, start + distance));
    const callee = own ? start : start + distance;
    code.codeReferences.set(slot, { kind: 'call', section: target.index, slot: callee });
    return undefined;
  }
  if (insn.kind !== 'load-imm64' || insn.source !== 'value') {
    return bad(
      insn.kind === 'call-helper'
        ? 'the call is not marked as a call of a function in this file'
        : `the instruction is no 64-bit load`,
    );
  }
  const inPlace = insn.low | 0;
  if (isCode(target)) {
    const bytes = elf.addedBy(symbol, relocation) + (relocation.addend ?? inPlace);
    if (bytes % SLOT_BYTES !== 0 || bytes < 0) return bad(`the function's address is in the middle of an instruction`);
    code.codeReferences.set(slot, { kind: 'address', section: target.index, slot: bytes / SLOT_BYTES });
    return undefined;
  }
  const addend = relocation.addend ?? inPlace;
  const dataOffset = elf.addedBy(symbol, relocation) + addend;
  const mapOffset = symbol.value + (symbol.type === 'section' ? addend : 0);
  return relocateMap({ code, insn, target, dataOffset, mapOffset }, maps.get(target.index) ?? []);
}

function startsFunction(elf: ElfFile, section: ElfSection, slot: number): boolean {
  return elf.functionStarts.has(placeKey(section.index, slot * SLOT_BYTES));
}

type Load = Extract<Insn, { kind: 'load-imm64' }>;

/** A load that a relocation points at a section of maps or global data. */
interface MapSite {
  readonly code: Draft;
  readonly insn: Load;
  readonly target: ElfSection;
  /** What the symbol and the place add up to, in bytes from the start of the section. */
  readonly dataOffset: number;
  /** The same for maps, which only symbols of sections are pointed at with an offset. */
  readonly mapOffset: number;
}

function relocateMap(site: MapSite, maps: readonly NumberedMap[]): Refusal | undefined {
  const { code, insn, target, dataOffset, mapOffset } = site;
  const data = maps.find((map) => map.placed.definition.dataSection !== undefined);
  if (data !== undefined) return pointIntoData(code, insn, data, dataOffset);
  const map = maps.find((candidate) => candidate.placed.offset === mapOffset);
  if (map === undefined) {
    return bad(
      maps.length === 0
        ? `section '${target.name}' holds neither maps nor global data`
        : `no map lies at byte ${mapOffset} of section '${target.name}'`,
    );
  }
  putInsn(code.bytes, { ...insn, source: 'map-fd', low: map.fd, high: 0 });
  code.mapReferences.set(insn.slot, { slot: insn.slot, mapFd: map.fd });
  return undefined;
}

function pointIntoData(code: Draft, insn: Load, map: NumberedMap, offset: number): Refusal | undefined {
  // One past the end is a legal address in C; anything further the verifier refuses with better words than we have here.
  if (!(offset >= 0 && offset <= 0xffff_ffff)) return bad(`offset ${offset} is outside the section's data`);
  putInsn(code.bytes, { ...insn, source: 'map-value', low: map.fd, high: offset });
  code.mapReferences.set(insn.slot, { slot: insn.slot, mapFd: map.fd, valueOffset: offset });
  return undefined;
}

function relocateExtern(
  { externs, maps }: RelocationInput,
  symbol: ElfSymbol,
  code: Draft,
  insn: Insn,
): Refusal | undefined {
  const extern = externs.byName.get(symbol.name);
  const { slot } = insn;
  if (extern === undefined) return bad('its symbol has no name');
  if (extern.kind === 'unresolved') return undefined;
  if (insn.kind === 'call-local') {
    if (extern.kind !== 'kernel' || extern.symbol.kind !== 'function')
      return { code: 'object-bad-call', reason: 'it is no function' };
    const { btfId, name, origin } = extern.symbol;
    if (origin === 'absent') {
      putInsn(code.bytes, { kind: 'call-helper', slot, helper: ABSENT_KFUNC_HELPER + extern.index });
    } else {
      putInsn(code.bytes, { kind: 'call-kfunc', slot, btfId, btfFdIndex: 0 });
      code.kfuncReferences.set(slot, { slot, name, btfId });
    }
    return undefined;
  }
  if (insn.kind !== 'load-imm64' || insn.source !== 'value')
    return bad('the instruction is neither a call nor a 64-bit load');
  if (extern.kind === 'kconfig') {
    const map = maps.find((candidate) => candidate.placed === externs.kconfig);
    return map === undefined ? bad('there is no configuration data') : pointIntoData(code, insn, map, extern.offset);
  }
  const { btfId, name, kind } = extern.symbol;
  if (extern.address !== undefined) {
    putInsn(code.bytes, { ...insn, low: Number(extern.address & 0xffff_ffffn), high: Number(extern.address >> 32n) });
    code.ksymReferences.set(slot, { slot, name, kind, btfId: 0 });
  } else if (extern.symbol.origin === 'absent') {
    putInsn(code.bytes, { ...insn, low: 0, high: 0 });
  } else {
    putInsn(code.bytes, { ...insn, source: 'btf-id', low: btfId, high: 0 });
    code.ksymReferences.set(slot, { slot, name, kind, btfId });
  }
  return undefined;
}
