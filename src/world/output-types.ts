// What a record in a ring buffer is: the buffer itself has no value type, so the type is the one struct of the object's own that
// has the record's size. Candidates are the structs that variables of the program have or point to (DWARF) and those that the
// object's BTF defines; with several of one size nobody can tell, and the record is shown as bytes.

import { type BpfObject, type Btf, type DebugInfo, sizeOf, strip, type TypeRef } from '../object/index.ts';

/** Types of the program's headers, which are never records of its own. */
const HEADER_TYPES = /^(?:bpf_|__sk_buff$|iphdr$|ipv6hdr$|tcphdr$|ethhdr$|sk_)/;
const MOST_TYPES = 100_000;

const known = new WeakMap<BpfObject, ReadonlyMap<number, TypeRef>>();

/** Record types of an object by size in bytes. */
export function outputTypes(object: BpfObject): ReadonlyMap<number, TypeRef> {
  let types = known.get(object);
  if (types === undefined) {
    types = find(object);
    known.set(object, types);
  }
  return types;
}

/** The struct that a type is or points to, with its name. */
function recordOf(type: TypeRef): { readonly name: string; readonly ref: TypeRef; readonly size: number } | undefined {
  let found = strip(type.table, type.id);
  if (found?.type.kind === 'pointer') found = strip(type.table, found.type.target);
  if (found?.type.kind !== 'struct' || found.type.name === '' || HEADER_TYPES.test(found.type.name)) return undefined;
  const size = sizeOf(type.table, found.id);
  return size === undefined ? undefined : { name: found.type.name, ref: { table: type.table, id: found.id }, size };
}

function find(object: BpfObject): ReadonlyMap<number, TypeRef> {
  const bySize = new Map<number, Map<string, TypeRef>>();
  const add = (type: TypeRef): void => {
    const record = recordOf(type);
    if (record === undefined) return;
    const names = bySize.get(record.size) ?? new Map<string, TypeRef>();
    if (!names.has(record.name)) names.set(record.name, record.ref);
    bySize.set(record.size, names);
  };
  const btf = object.btf as Btf | undefined;
  for (let id = 1; btf !== undefined && id < MOST_TYPES && btf.type(id) !== undefined; id++) {
    if (btf.cType(id)?.kind === 'struct') add({ table: btf, id });
  }
  const debug = object.debugInfo as DebugInfo | undefined;
  for (const program of debug === undefined ? [] : object.programs) {
    const queries = debug!.forProgram(program);
    for (const { slot } of queries.lines) {
      for (const { type } of queries.variablesAt(slot)) if (type !== undefined) add(type);
    }
  }
  const single = [...bySize].flatMap(([size, names]): [number, TypeRef][] => {
    const [only] = names.values();
    return names.size === 1 && only !== undefined ? [[size, only]] : [];
  });
  return new Map(single);
}
