// Maps of the years before BTF: a struct of plain numbers in a section called "maps" (or "maps/NAME"). Its length tells who wrote it:
// libbpf's bpf_map_def (20 bytes), samples/bpf and aya (28), iproute2's bpf_elf_map (36), with pinning paths behind it in
// others. The first five numbers are the same everywhere: type, key size, value size, entries, flags.

import { ByteReader } from '../base/index.ts';
import type { ElfFile, ElfSection, ElfSymbol } from './elf.ts';
import { adjustEntries, type PlacedMap } from './maps.ts';
import type { ProblemList } from './problems.ts';
import type { MapDefinition } from './program.ts';

const IPROUTE2_BYTES = 36;
const MIN_BYTES = 16;

/** Whether a section holds such definitions. */
export function isLegacyMapSection(section: ElfSection): boolean {
  return section.name === 'maps' || section.name.startsWith('maps/');
}

interface LegacyMap extends PlacedMap {
  /** iproute2: number of this map, and of the one that is its template. */
  readonly id: number;
  readonly innerId: number;
}

/** Reads the definitions of one section. */
export function readLegacyMaps(elf: ElfFile, section: ElfSection, problems: ProblemList): PlacedMap[] {
  const symbols = mapSymbols(elf, section);
  if (symbols.length === 0) {
    if (section.size > 0)
      problems.add(
        'object-bad-map',
        `section '${section.name}' has ${section.size} bytes but no symbol names a map in it`,
      );
    return [];
  }
  const maps: LegacyMap[] = [];
  for (const [i, symbol] of symbols.entries()) {
    const end = symbols[i + 1]?.value ?? section.bytes.length;
    const length = symbol.size > 0 ? symbol.size : end - symbol.value;
    if (length < MIN_BYTES || symbol.value + length > section.bytes.length) {
      problems.add(
        'object-bad-map',
        `map '${symbol.name}' has ${Math.max(0, length)} bytes in section '${section.name}', less than a map definition needs`,
      );
      continue;
    }
    maps.push(readOne(symbol, section, length));
  }
  if (maps.length > 0) {
    problems.add(
      'object-legacy-map',
      `map '${maps[0]!.definition.name}' is defined in the old way, in section '${section.name}'`,
    );
  }
  return maps.map((map) => withTemplate(map, maps));
}

/** Named symbols of the section by offset, one for each. */
function mapSymbols(elf: ElfFile, section: ElfSection): ElfSymbol[] {
  const named = elf
    .symbolsIn(section.index)
    .filter((symbol) => symbol.name !== '' && (symbol.type === 'object' || symbol.type === 'none'));
  named.sort((a, b) => a.value - b.value);
  return named.filter((symbol, i) => symbol.value !== named[i - 1]?.value);
}

function readOne(symbol: ElfSymbol, section: ElfSection, length: number): LegacyMap {
  const reader = new ByteReader(section.bytes.subarray(symbol.value, symbol.value + length));
  const typeId = reader.u32();
  const keySize = reader.u32();
  const valueSize = reader.u32();
  const maxEntries = reader.u32();
  const flags = length >= 20 ? reader.u32() : 0;
  const isIproute2 = length === IPROUTE2_BYTES;
  const id = isIproute2 ? reader.u32() : 0;
  const pinning = isIproute2 ? reader.u32() : 0;
  const innerId = isIproute2 ? reader.u32() : 0;
  const definition: Omit<MapDefinition, 'fd'> = {
    name: symbol.name,
    typeId,
    keySize,
    valueSize,
    maxEntries: adjustEntries(typeId, maxEntries),
    flags,
    extra: 0n,
    keyTypeId: 0,
    valueTypeId: 0,
    ...(pinning !== 0 ? { pinnedByName: true } : {}),
  };
  return { definition, section: section.index, offset: symbol.value, sizeBytes: length, id, innerId };
}

function withTemplate(map: LegacyMap, all: readonly LegacyMap[]): PlacedMap {
  const template = map.innerId === 0 ? undefined : all.find((other) => other !== map && other.id === map.innerId);
  if (template === undefined) return map;
  return { ...map, definition: { ...map.definition, inner: { ...template.definition, fd: 0 } } };
}
