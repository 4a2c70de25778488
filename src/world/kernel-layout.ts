// Where the members of a kernel structure lie, by the kernel types that a program was linked against: the structure flattened to the members that
// have a meaning of their own, and what a read at some offset touches. Names decide, never offsets: layouts differ from kernel to kernel.

import { type Btf, type CType, type RecordType, sizeOf, strip } from '../object/index.ts';

/** A member that is read as a whole. */
export interface PlacedMember {
  /** The structure that declares it, and its path there: "inet_connection_sock", "icsk_ack.ato". */
  readonly structure: string;
  readonly path: string;
  readonly offsetBits: number;
  readonly sizeBits: number;
  readonly isBitField: boolean;
  readonly isPointer: boolean;
  /** Its type in the kernel's table. */
  readonly typeId: number;
}

/** Tells the members that are wanted whole (addresses, names) and the structures that have members of their own. */
export interface LayoutGuide {
  isMember(structure: string, path: string): boolean;
  /** A structure inside another one whose members are known under its own name (struct sock inside struct inet_sock). */
  isStructure(name: string): boolean;
  /** A member that holds another structure than its type says: sk_buff.cb holds struct tcp_skb_cb. */
  holds(structure: string, path: string): string | undefined;
}

/** Bounds for types from files. */
const MAX_MEMBERS = 8192;
const MAX_DEPTH = 16;
const MAX_ELEMENTS = 8;

/** One structure of one kernel. */
export class KernelLayout {
  readonly sizeBytes: number;
  readonly members: readonly PlacedMember[];
  /** By byte, the members that have a bit there; filled as far as somebody asked. */
  readonly #byByte: (readonly PlacedMember[] | undefined)[] = [];

  constructor(sizeBytes: number, members: readonly PlacedMember[]) {
    this.sizeBytes = sizeBytes;
    this.members = members;
  }

  /** Members with a bit in the bytes from `offset` on, each once, in order of declaration. */
  touched(offset: number, size: number): readonly PlacedMember[] {
    if (size === 1) return this.#at(offset);
    const found = new Set<PlacedMember>();
    for (let byte = offset; byte < offset + size; byte++) for (const member of this.#at(byte)) found.add(member);
    return [...found];
  }

  #at(byte: number): readonly PlacedMember[] {
    const known = this.#byByte[byte];
    if (known !== undefined) return known;
    const found = this.members.filter(
      ({ offsetBits, sizeBits }) => offsetBits < 8 * byte + 8 && 8 * byte < offsetBits + sizeBits,
    );
    this.#byByte[byte] = found;
    return found;
  }
}

/** The layout of a structure; undefined when these types have none of that name. */
export function layoutOf(btf: Btf, name: string, guide: LayoutGuide): KernelLayout | undefined {
  const id = btf.find('struct', name);
  const type = id === undefined ? undefined : btf.cType(id);
  if (type?.kind !== 'struct') return undefined;
  const walk: Walk = { btf, guide, out: [], visits: 0 };
  record(walk, type, { structure: name, prefix: '', offsetBits: 0, depth: 0 });
  return new KernelLayout(type.sizeBytes, walk.out);
}

interface Walk {
  readonly btf: Btf;
  readonly guide: LayoutGuide;
  readonly out: PlacedMember[];
  visits: number;
}

/** Where the walk is: `prefix` is '' or ends in a dot. */
interface Spot {
  readonly structure: string;
  readonly prefix: string;
  readonly offsetBits: number;
  readonly depth: number;
}

function record(walk: Walk, type: RecordType, spot: Spot): void {
  for (const member of type.members) {
    if (++walk.visits > MAX_MEMBERS || spot.depth > MAX_DEPTH) return;
    const offsetBits = spot.offsetBits + member.offsetBits;
    const inner = strip(walk.btf, member.type);
    if (inner === undefined) continue;
    const below = { ...spot, offsetBits, depth: spot.depth + 1 };
    if (member.name === '') {
      if (isRecord(inner.type)) record(walk, inner.type, below);
      continue;
    }
    const path = spot.prefix + member.name;
    const sizeBits = member.bitFieldBits ?? 8 * (sizeOf(walk.btf, inner.id) ?? 0);
    if (sizeBits === 0) continue;
    const isBitField = member.bitFieldBits !== undefined;
    place(walk, { id: member.type, type: inner.type }, { ...below, prefix: path }, sizeBits, isBitField);
  }
}

/** A member, or what it is made of; `spot.prefix` is its whole path. */
function place(
  walk: Walk,
  { id: typeId, type }: { readonly id: number; readonly type: CType },
  spot: Spot,
  sizeBits: number,
  isBitField: boolean,
): void {
  const { structure, prefix: path, offsetBits } = spot;
  const { guide, btf } = walk;
  const whole: PlacedMember = {
    structure,
    path,
    offsetBits,
    sizeBits,
    isBitField,
    isPointer: type.kind === 'pointer',
    typeId,
  };
  if (guide.isMember(structure, path)) {
    walk.out.push(whole);
    return;
  }
  const held = guide.holds(structure, path);
  const heldId = held === undefined ? undefined : btf.find('struct', held);
  const heldType = heldId === undefined ? undefined : btf.cType(heldId);
  if (held !== undefined && heldType?.kind === 'struct') {
    record(walk, heldType, { ...spot, structure: held, prefix: '' });
    return;
  }
  if (isRecord(type)) {
    const own = type.name !== '' && guide.isStructure(type.name);
    record(walk, type, own ? { ...spot, structure: type.name, prefix: '' } : { ...spot, prefix: `${path}.` });
    return;
  }
  if (type.kind === 'array' && type.count <= MAX_ELEMENTS) {
    const element = strip(btf, type.element);
    if (element !== undefined && isRecord(element.type)) {
      const bits = 8 * element.type.sizeBytes;
      for (let index = 0; index < type.count; index++)
        place(
          walk,
          element,
          { ...spot, prefix: `${path}[${index}]`, offsetBits: offsetBits + index * bits, depth: spot.depth + 1 },
          bits,
          false,
        );
      return;
    }
  }
  walk.out.push(whole);
}

const isRecord = (type: CType): type is RecordType => type.kind === 'struct' || type.kind === 'union';
