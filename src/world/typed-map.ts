// Maps with the types of their keys and values. A data section has no C type of its own: its variables become the members of a
// struct, so that scenarios and reports treat ".bss" like any other map.

import type { Btf, CType, Member, TypeRef, TypeTable } from '../object/index.ts';
import type { MapEntry, UserMap } from '../vm/index.ts';
import type { MapOutcome } from './expect.ts';
import type { LoadedFile } from './programs.ts';

export interface TypedMap {
  readonly file: LoadedFile;
  readonly map: UserMap;
  /** As the program's author wrote it: ".bss" and not "myprog.bss". */
  readonly name: string;
  readonly keyType: TypeRef | undefined;
  readonly valueType: TypeRef | undefined;
}

/** Every map of a file, in the order of the object. */
export function mapsOf(file: LoadedFile): readonly TypedMap[] {
  return file.object.maps.flatMap((definition) => {
    const map = file.vm.map(definition.fd);
    return map === undefined ? [] : [typedMap(file, map)];
  });
}

/** The map of that name in any of the files; a data section also goes by its section name. */
export function mapNamed(files: readonly LoadedFile[], name: string): TypedMap | undefined {
  for (const file of files) {
    const found = mapsOf(file).find((one) => one.name === name || one.map.definition.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function typedMap(file: LoadedFile, map: UserMap): TypedMap {
  const btf = file.object.btf as Btf | undefined;
  const { definition } = map;
  const typed = (id: number): TypeRef | undefined => {
    if (btf === undefined || id === 0) return undefined;
    return btf.cType(id) === undefined ? sectionType(btf, id) : { table: btf, id };
  };
  return {
    file,
    map,
    name: definition.dataSection ?? definition.name,
    keyType: typed(definition.keyTypeId),
    valueType: typed(definition.valueTypeId),
  };
}

/** A number that no BTF type has: the made-up struct of a data section. */
const SECTION_STRUCT = -1;

function sectionType(btf: Btf, id: number): TypeRef | undefined {
  const section = btf.type(id);
  if (section?.kind !== 'data-section') return undefined;
  const members: Member[] = [];
  for (const variable of section.variables) {
    const type = btf.type(variable.type);
    // Format strings of bpf_printk() are data of the compiler's making.
    if (type?.kind === 'var' && !type.name.includes('____fmt'))
      members.push({ name: type.name, type: type.type, offsetBits: 8 * variable.offset });
  }
  const struct: CType = { kind: 'struct', name: section.name, sizeBytes: section.sizeBytes, members };
  const table: TypeTable = {
    origin: 'btf',
    cType: (wanted) => (wanted === SECTION_STRUCT ? struct : btf.cType(wanted)),
  };
  return { table, id: SECTION_STRUCT };
}

/** Most entries of one map that a report or an expectation looks at. */
const MOST_ENTRIES = 100_000;

/** Contents for expectations and reports. */
export function mapOutcome(typed: TypedMap): MapOutcome {
  const entries: readonly MapEntry[] = typed.map.entries(MOST_ENTRIES);
  return {
    keyType: typed.keyType,
    valueType: typed.valueType,
    keySize: typed.map.definition.keySize,
    valueSize: typed.map.definition.valueSize,
    entries,
  };
}
