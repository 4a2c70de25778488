// Maps that a program defines with BTF: `struct { __uint(type, ...); __type(key, ...); ... } name SEC(".maps")`. The numbers are
// hidden in types: __uint is a pointer to an array of that many elements, __type a pointer to the type, __array an array of pointers.
// Source: the macros of bpf_helpers.h and what libbpf documents of them.

import type { Btf, BtfDataSection } from './btf.ts';
import { type Member, type RecordType, sizeOf, strip } from './c-types.ts';
import type { ElfFile, ElfSection } from './elf.ts';
import type { ProblemList } from './problems.ts';
import type { MapDefinition } from './program.ts';

/** A map before it has its number, with the place that instructions name it by. */
export interface PlacedMap {
  readonly definition: Omit<MapDefinition, 'fd'>;
  readonly section: number;
  readonly offset: number;
  /** Where in its section the `values` array starts; relocations there fill initial slots. */
  readonly valuesOffset?: number;
  readonly sizeBytes: number;
}

/** enum bpf_map_type values that the loader itself must know. */
export const MAP_TYPE = {
  array: 2,
  progArray: 3,
  perfEventArray: 4,
  stackTrace: 7,
  cgroupArray: 8,
  arrayOfMaps: 12,
  hashOfMaps: 13,
  devmap: 14,
  sockmap: 15,
  cpumap: 16,
  xskmap: 17,
  sockhash: 18,
  queue: 22,
  stack: 23,
  devmapHash: 25,
  ringbuf: 27,
} as const;

const PAGE_BYTES = 4096;

/** Reads the definitions of the `.maps` section. `dataSection` is its BTF with offsets filled in. */
export function readBtfMaps(
  elf: ElfFile,
  btf: Btf,
  section: ElfSection,
  dataSection: BtfDataSection,
  problems: ProblemList,
): PlacedMap[] {
  const maps: PlacedMap[] = [];
  for (const entry of dataSection.variables) {
    const variable = btf.type(entry.type);
    if (variable?.kind !== 'var') {
      problems.add('object-bad-map', `section '.maps' lists BTF type ${entry.type}, which is no variable`);
      continue;
    }
    const found = strip(btf, variable.type)?.type;
    if (found?.kind !== 'struct') {
      problems.add('object-bad-map', `map '${variable.name}' is not defined as a struct`);
      continue;
    }
    if (entry.offset + entry.sizeBytes > section.size) {
      problems.add('object-bad-map', `map '${variable.name}' lies outside the section '.maps'`);
      continue;
    }
    const parsed = parseDefinition(btf, variable.name, found, problems, 'outer');
    if (parsed === undefined) continue;
    maps.push({ ...parsed, section: section.index, offset: entry.offset, sizeBytes: entry.sizeBytes });
  }
  return nameInitialSlots(elf, maps, section, problems);
}

/** The value that __uint or __ulong hides in a member's type. */
function numberOf(btf: Btf, member: Member): bigint | undefined {
  const outer = strip(btf, member.type)?.type;
  if (outer?.kind === 'pointer') {
    const array = strip(btf, outer.target)?.type;
    return array?.kind === 'array' ? BigInt(array.count) : undefined;
  }
  return outer?.kind === 'enum' && outer.members.length === 1 ? outer.members[0]!.value : undefined;
}

type Nesting = 'outer' | 'inner';

interface ParsedMap {
  readonly definition: Omit<MapDefinition, 'fd'>;
  readonly valuesOffset?: number;
}

const NUMBER_MEMBERS = [
  'type',
  'max_entries',
  'map_flags',
  'numa_node',
  'key_size',
  'value_size',
  'pinning',
  'map_extra',
] as const;
type NumberMember = (typeof NUMBER_MEMBERS)[number];

/** BPF_MAP_TYPE_RINGBUF and BPF_MAP_TYPE_USER_RINGBUF. */
const isRing = (typeId: number): boolean => typeId === 27 || typeId === 31;

function isNumberMember(name: string): name is NumberMember {
  return (NUMBER_MEMBERS as readonly string[]).includes(name);
}

function parseDefinition(
  btf: Btf,
  name: string,
  record: RecordType,
  problems: ProblemList,
  nesting: Nesting,
): ParsedMap | undefined {
  const numbers = new Map<NumberMember, bigint>();
  let keyTypeId = 0;
  let valueTypeId = 0;
  let keySize: number | undefined;
  let valueSize: number | undefined;
  let inner: Omit<MapDefinition, 'fd'> | undefined;
  let valuesOffset: number | undefined;
  const bad = (message: string): undefined => {
    problems.add('object-bad-map', `map '${name}': ${message}`);
    return undefined;
  };
  for (const member of record.members) {
    if (isNumberMember(member.name)) {
      const value = numberOf(btf, member);
      if (value === undefined) return bad(`'${member.name}' is not written with __uint()`);
      numbers.set(member.name, value);
    } else if (member.name === 'key' || member.name === 'value') {
      const pointer = strip(btf, member.type)?.type;
      const size = pointer?.kind === 'pointer' ? sizeOf(btf, pointer.target) : undefined;
      if (pointer?.kind !== 'pointer' || size === undefined)
        return bad(`'${member.name}' is not written with __type(), or its type has no size`);
      if (member.name === 'key') [keyTypeId, keySize] = [pointer.target, size];
      else [valueTypeId, valueSize] = [pointer.target, size];
    } else if (member.name === 'values') {
      if (nesting === 'inner') return bad('an inner map cannot have an inner map itself');
      const element = valuesElement(btf, member);
      if (element === undefined) return bad(`'values' is not written with __array()`);
      valuesOffset = member.offsetBits / 8;
      if (element.kind === 'struct') {
        const parsed = parseDefinition(btf, `${name}.inner`, element, problems, 'inner');
        if (parsed === undefined) return undefined;
        inner = parsed.definition;
      }
    } else {
      return bad(`the member '${member.name}' means nothing to a loader`);
    }
  }
  const typeId = Number(numbers.get('type') ?? 0n);
  if (typeId === 0) return bad(`it has no type: add __uint(type, BPF_MAP_TYPE_...)`);
  const sizes = { key: keySize, value: valueSize };
  for (const part of ['key', 'value'] as const) {
    const given = numbers.get(`${part}_size`);
    if (given === undefined) continue;
    if (sizes[part] !== undefined && BigInt(sizes[part]) !== given)
      return bad(`${part}_size ${given} contradicts its ${part} type of ${sizes[part]} bytes`);
    sizes[part] = Number(given);
  }
  // Slots of a program array or of a map of maps hold a file descriptor while they are set.
  if (valuesOffset !== undefined) sizes.value ??= 4;
  if (isRing(typeId) && ((sizes.key ?? 0) !== 0 || (sizes.value ?? 0) !== 0)) {
    problems.add(
      'object-ring-types',
      `map '${name}': a ring buffer has no key and no value, and this one is given a type for them`,
    );
    [sizes.key, sizes.value] = [0, 0];
  }
  const pinning = numbers.get('pinning') ?? 0n;
  // A loader that gives the number a meaning gives it to many maps; one word is enough.
  if (pinning > 1n && !problems.all.some((problem) => problem.code === 'object-map-pinning'))
    problems.add('object-map-pinning', `map '${name}': libbpf does not know pinning ${pinning}`);
  const definition: Omit<MapDefinition, 'fd'> = {
    name,
    typeId,
    keySize: sizes.key ?? 0,
    valueSize: sizes.value ?? 0,
    maxEntries: adjustEntries(typeId, Number(numbers.get('max_entries') ?? 0n)),
    flags: Number(numbers.get('map_flags') ?? 0n),
    extra: numbers.get('map_extra') ?? 0n,
    keyTypeId,
    valueTypeId,
    ...(inner === undefined ? {} : { inner: { ...inner, fd: 0 } }),
    ...(pinning === 1n ? { pinnedByName: true } : {}),
  };
  return valuesOffset === undefined ? { definition } : { definition, valuesOffset };
}

/** What __array(values, T) is an array of pointers to: a struct (inner map) or a function (program array). */
function valuesElement(btf: Btf, member: Member): { readonly kind: 'function' } | RecordType | undefined {
  const array = strip(btf, member.type)?.type;
  if (array?.kind !== 'array') return undefined;
  const pointer = strip(btf, array.element)?.type;
  if (pointer?.kind !== 'pointer') return undefined;
  const target = strip(btf, pointer.target)?.type;
  if (target?.kind === 'function') return { kind: 'function' };
  return target?.kind === 'struct' ? target : undefined;
}

/** A ring buffer's size must be a power-of-two number of pages; libbpf rounds it up. */
export function adjustEntries(typeId: number, maxEntries: number): number {
  if (typeId !== MAP_TYPE.ringbuf || maxEntries === 0) return maxEntries;
  let size = PAGE_BYTES;
  while (size < maxEntries && size < 2 ** 31) size *= 2;
  return size;
}

/** The map whose definition covers a byte; `maps` are sorted by offset. */
function mapAround(maps: readonly PlacedMap[], offset: number): PlacedMap | undefined {
  let low = 0;
  let high = maps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (maps[middle]!.offset <= offset) low = middle + 1;
    else high = middle;
  }
  const found = maps[low - 1];
  return found !== undefined && offset < found.offset + found.sizeBytes ? found : undefined;
}

/** Relocations inside `.maps` put programs and maps into the initial slots of other maps. */
function nameInitialSlots(
  elf: ElfFile,
  maps: readonly PlacedMap[],
  section: ElfSection,
  problems: ProblemList,
): PlacedMap[] {
  const slots = new Map<PlacedMap, { index: number; name: string }[]>();
  const byOffset = [...maps].sort((a, b) => a.offset - b.offset);
  for (const relocation of elf.relocationsOf(section.index)) {
    const owner = mapAround(byOffset, relocation.offset);
    const symbol = elf.symbols[relocation.symbol];
    if (owner?.valuesOffset === undefined || symbol === undefined) {
      problems.add(
        'object-bad-relocation',
        `a relocation at byte ${relocation.offset} of '.maps' belongs to no 'values' of a map`,
      );
      continue;
    }
    const index = (relocation.offset - owner.offset - owner.valuesOffset) / 8;
    const isFunction = symbol.type === 'func';
    if (!(Number.isInteger(index) && index >= 0) || (isFunction && owner.definition.typeId !== MAP_TYPE.progArray)) {
      problems.add(
        'object-bad-map',
        `map '${owner.definition.name}' cannot hold '${symbol.name}' at byte ${relocation.offset} of '.maps'`,
      );
      continue;
    }
    const list = slots.get(owner) ?? [];
    list.push({ index, name: symbol.name });
    slots.set(owner, list);
  }
  return maps.map((map) => {
    const initialSlots = slots.get(map)?.sort((a, b) => a.index - b.index);
    if (initialSlots === undefined) return map;
    const last = initialSlots.at(-1)!.index;
    const maxEntries = map.definition.maxEntries === 0 ? last + 1 : map.definition.maxEntries;
    return { ...map, definition: { ...map.definition, maxEntries, initialSlots } };
  });
}
