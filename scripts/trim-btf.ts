// Cuts a kernel's BTF down to a few structures, what lies inside them, and functions: `tsx scripts/trim-btf.ts VMLINUX OUT NAME...`. Pointers keep the
// names of what they point to and lose its definition. For fixtures with a real kernel's layout.

import { writeFileSync } from 'node:fs';
import { readKernelBtf } from '../src/host/index.ts';
import { BTF_KIND } from '../src/object/btf.ts';
import { BtfBuilder } from '../src/object/btf-builder.ts';
import { type Btf, type BtfType, strip } from '../src/object/index.ts';

const [file = '', output = '', ...roots] = process.argv.slice(2);
const read = readKernelBtf(file);
if (read.value === undefined) throw new Error(read.problems[0]?.message);
writeFileSync(output, trimmed(read.value, roots));

function trimmed(btf: Btf, names: readonly string[]): Uint8Array {
  const b = new BtfBuilder();
  const ids = new Map<number, number>([[0, 0]]);
  const forwards = new Map<string, number>();
  const rootIds = names.map((name) => {
    const id = btf.find('struct', name) ?? btf.find('func', name);
    if (id === undefined) throw new Error(`no structure or function ${name}`);
    return id;
  });
  const forward = (keyword: 'struct' | 'union' | 'enum', name: string): number => {
    const key = `${keyword} ${name}`;
    const known = forwards.get(key) ?? b.add(name, BTF_KIND.fwd, 0, 0, [], keyword === 'union' ? 1 : 0);
    forwards.set(key, known);
    return known;
  };
  const pointee = (id: number): number => {
    const target = strip(btf, id);
    const type = target?.type;
    if (target !== undefined && type?.kind === 'int') return copy(target.id);
    if (type?.kind === 'struct' || type?.kind === 'union') return type.name === '' ? 0 : forward(type.kind, type.name);
    return 0;
  };
  const copy = (id: number): number => {
    const known = ids.get(id);
    if (known !== undefined) return known;
    const type: BtfType | undefined = btf.type(id);
    // Records hold records by value only, so that what a record needs can be made before it.
    const made = ((): number => {
      switch (type?.kind) {
        case 'int': {
          const encoding = type.encoding === 'bool' ? 4 : type.signed ? 1 : 0;
          return b.add(type.name, BTF_KIND.int, 0, type.sizeBytes, [
            (encoding << 24) | (type.offsetBits << 16) | type.bits,
          ]);
        }
        case 'pointer':
          return b.add('', BTF_KIND.ptr, 0, pointee(type.target));
        case 'array':
          return b.add('', BTF_KIND.array, 0, 0, [copy(type.element), 0, type.count]);
        case 'struct':
        case 'union': {
          const members = type.members.map((member) => ({ ...member, type: copy(member.type) }));
          const hasBits = members.some((member) => member.bitFieldBits !== undefined);
          const tail = members.flatMap(({ name, type: of, offsetBits, bitFieldBits = 0 }) => [
            b.text(name),
            of,
            hasBits ? ((bitFieldBits << 24) | offsetBits) >>> 0 : offsetBits,
          ]);
          const kind = type.kind === 'struct' ? BTF_KIND.struct : BTF_KIND.union;
          return b.add(type.name, kind, members.length, type.sizeBytes, tail, hasBits ? 1 : 0);
        }
        case 'enum':
          return b.add(type.name, BTF_KIND.enum, 0, type.sizeBytes);
        case 'typedef':
          return b.add(type.name, BTF_KIND.typedef, 0, copy(type.target));
        case 'const':
        case 'volatile':
        case 'restrict':
          return b.add('', BTF_KIND[type.kind], 0, copy(type.target));
        case 'type-tag':
          return b.add(type.tag, BTF_KIND.typeTag, 0, copy(type.target));
        case 'func':
          return b.add(type.name, BTF_KIND.func, 1, copy(type.prototype));
        case 'function': {
          const tail = type.parameters.flatMap((parameter) => [b.text(parameter.name), copy(parameter.type)]);
          return b.add('', BTF_KIND.funcProto, type.parameters.length, copy(type.result), tail);
        }
        case 'incomplete':
          return forward(type.keyword, type.name);
        default:
          return 0;
      }
    })();
    ids.set(id, made);
    return made;
  };
  for (const id of rootIds) copy(id);
  return b.bytes();
}
