// What a record in a ring buffer is: the buffer itself has no value type, so the type is the one struct of the object's own that
// has the record's size. With several of that size nobody can tell, and the record is shown as bytes.

import type { BpfObject, Btf, TypeRef } from '../object/index.ts';

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

function find(object: BpfObject): ReadonlyMap<number, TypeRef> {
  const btf = object.btf as Btf | undefined;
  const bySize = new Map<number, TypeRef | 'several'>();
  if (btf !== undefined) {
    // A struct that is part of another one of the same object is not taken for it: sizes differ.
    for (let id = 1; id < MOST_TYPES && btf.type(id) !== undefined; id++) {
      const type = btf.cType(id);
      if (type?.kind !== 'struct' || type.name === '' || HEADER_TYPES.test(type.name)) continue;
      bySize.set(type.sizeBytes, bySize.has(type.sizeBytes) ? 'several' : { table: btf, id });
    }
  }
  return new Map([...bySize].filter((entry): entry is [number, TypeRef] => entry[1] !== 'several'));
}
