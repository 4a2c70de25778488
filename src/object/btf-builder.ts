// Writes BTF from declarations in C order, laid out by the rules of a 64-bit little-endian ABI. Used for the built-in kernel types
// and by tests; it makes only what those need.

import { encodeUtf8 } from '../base/index.ts';
import { BTF_KIND, type Btf } from './btf.ts';
import { readBtf } from './read-btf.ts';

/**
 * A type by its C spelling: a name that was declared ("u32", "struct sock"), with "*" for pointers behind it and "[N]" for arrays.
 * Struct names need not be declared before they are pointed to.
 */
export type TypeText = string;

/** A member in order of declaration: name, type, and the width when it is a bit-field. */
export type MemberRow = readonly [name: string, type: TypeText, bits?: number];

/** A member at a place of its own: name, type, offset in bytes. */
export type PlacedRow = readonly [name: string, type: TypeText, offset: number];

interface Sized {
  readonly id: number;
  readonly size: number;
  readonly align: number;
}

/** Which structures and members are taken; the others are left out. */
export interface BtfParts {
  hasMember(structure: string, member: string): boolean;
  hasStructure(name: string): boolean;
}

/** Collects types and gives their BTF. Misuse is a mistake in our own tables and shows in their tests. */
export class BtfBuilder {
  readonly #records: Uint8Array[] = [];
  readonly #strings: number[] = [0];
  readonly #stringOffsets = new Map<string, number>([['', 0]]);
  readonly #byText = new Map<TypeText, Sized>();
  readonly #forwards = new Map<string, number>();
  readonly #parts: BtfParts | undefined;

  constructor(parts?: BtfParts) {
    this.#parts = parts;
  }

  get #nextId(): number {
    return this.#records.length + 1;
  }

  #string(text: string): number {
    const known = this.#stringOffsets.get(text);
    if (known !== undefined) return known;
    const at = this.#strings.length;
    this.#strings.push(...encodeUtf8(text), 0);
    this.#stringOffsets.set(text, at);
    return at;
  }

  /** Appends one record of 32-bit words behind its header and gives its id. */
  add(
    name: string,
    kind: number,
    count: number,
    sizeOrType: number,
    tail: readonly number[] = [],
    flag: 0 | 1 = 0,
  ): number {
    const words = [this.#string(name), ((flag << 31) | (kind << 24) | count) >>> 0, sizeOrType, ...tail];
    const bytes = new Uint8Array(words.length * 4);
    const view = new DataView(bytes.buffer);
    for (const [i, word] of words.entries()) view.setUint32(4 * i, word >>> 0, true);
    const id = this.#nextId;
    this.#records.push(bytes);
    return id;
  }

  /** An offset of a string, for records built by hand. */
  text(text: string): number {
    return this.#string(text);
  }

  int(name: string, size: number, encoding: 'unsigned' | 'signed' | 'char' | 'bool' = 'unsigned'): this {
    const code = encoding === 'signed' ? 1 : encoding === 'char' ? 2 : encoding === 'bool' ? 4 : 0;
    const id = this.add(name, BTF_KIND.int, 0, size, [(code << 24) | (size * 8)]);
    this.#byText.set(name, { id, size, align: Math.min(size, 8) });
    return this;
  }

  typedef(name: string, type: TypeText): this {
    const target = this.#resolve(type);
    this.#byText.set(name, { ...target, id: this.add(name, BTF_KIND.typedef, 0, target.id) });
    return this;
  }

  enum(name: string, members: readonly (readonly [string, number])[]): this {
    const tail = members.flatMap(([member, value]) => [this.#string(member), value]);
    const id = this.add(ownName(name), BTF_KIND.enum, members.length, 4, tail);
    this.#byText.set(`enum ${name}`, { id, size: 4, align: 4 });
    return this;
  }

  struct(name: string, rows: readonly MemberRow[]): this {
    return this.#record('struct', name, rows);
  }

  /** A struct whose layout is given and not computed. */
  placed(name: string, rows: readonly PlacedRow[], size: number): this {
    const members = rows.map(([member, type, offset]) => ({ member, offset, type: this.#resolve(type) }));
    const tail = members.flatMap(({ member, offset, type }) => [this.#string(member), type.id, offset * 8]);
    const id = this.add(ownName(name), BTF_KIND.struct, members.length, size, tail);
    this.#byText.set(`struct ${name}`, { id, size, align: Math.max(1, ...members.map(({ type }) => type.align)) });
    return this;
  }

  union(name: string, rows: readonly MemberRow[]): this {
    return this.#record('union', name, rows);
  }

  #record(kind: 'struct' | 'union', name: string, rows: readonly MemberRow[]): this {
    const parts = this.#parts;
    if (parts?.hasStructure(name) === false) return this;
    const taken = parts === undefined ? rows : rows.filter(([member]) => parts.hasMember(name, member));
    const members = taken.map(([member, type, bits]) => ({ member, bits, type: this.#resolve(type) }));
    let bit = 0;
    let size = 0;
    let align = 1;
    const tail: number[] = [];
    const hasBits = members.some(({ bits }) => bits !== undefined);
    for (const { member, bits, type } of members) {
      if (kind === 'union') bit = 0;
      const unit = type.size * 8;
      if (bits === undefined) bit = Math.ceil(bit / (type.align * 8)) * type.align * 8;
      else if (Math.floor(bit / unit) !== Math.floor((bit + bits - 1) / unit)) bit = Math.ceil(bit / unit) * unit;
      tail.push(this.#string(member), type.id, hasBits ? (((bits ?? 0) << 24) | bit) >>> 0 : bit);
      bit += bits ?? unit;
      size = Math.max(size, Math.ceil(bit / 8));
      align = Math.max(align, type.align);
    }
    size = Math.ceil(size / align) * align;
    const id = this.add(
      ownName(name),
      kind === 'struct' ? BTF_KIND.struct : BTF_KIND.union,
      members.length,
      size,
      tail,
      hasBits ? 1 : 0,
    );
    this.#byText.set(`${kind} ${name}`, { id, size, align });
    return this;
  }

  /** Id of a type that was declared or can be derived from one. */
  id(type: TypeText): number {
    return this.#resolve(type).id;
  }

  #resolve(text: TypeText): Sized {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const made = this.#derive(text);
    this.#byText.set(text, made);
    return made;
  }

  #derive(text: TypeText): Sized {
    if (text === 'void') return { id: 0, size: 0, align: 1 };
    if (text.endsWith('*')) {
      const target = text.slice(0, -1).trim();
      return { id: this.add('', BTF_KIND.ptr, 0, this.#pointee(target)), size: 8, align: 8 };
    }
    const array = /^(.*)\[(\d*)\]$/.exec(text);
    if (array !== null) {
      const element = this.#resolve(array[1]!.trim());
      const count = Number(array[2]);
      const index =
        this.#byText.get('__ARRAY_SIZE_TYPE__') ?? this.int('__ARRAY_SIZE_TYPE__', 4).#resolve('__ARRAY_SIZE_TYPE__');
      const id = this.add('', BTF_KIND.array, 0, 0, [element.id, index.id, count]);
      return { id, size: element.size * count, align: element.align };
    }
    throw new RangeError(`BTF table uses '${text}' before it is declared`);
  }

  /** What a pointer points to; a record that comes later (or never) is patched in or declared forward when the table is done. */
  #pointee(text: string): number {
    const known = this.#byText.get(text);
    if (known !== undefined) return known.id;
    const record = /^(struct|union) (\w+)$/.exec(text);
    if (record === null) return this.#resolve(text).id;
    let forward = this.#forwards.get(text);
    if (forward === undefined) {
      forward = this.#forwards.size + 1;
      this.#forwards.set(text, forward);
    }
    return FORWARD_BASE + forward;
  }

  /** The finished bytes. */
  bytes(): Uint8Array {
    const targets = new Map<number, number>();
    for (const [text, number] of this.#forwards) {
      const [keyword, name] = text.split(' ') as [string, string];
      const id = this.#byText.get(text)?.id ?? this.add(name, BTF_KIND.fwd, 0, 0, [], keyword === 'union' ? 1 : 0);
      targets.set(FORWARD_BASE + number, id);
    }
    for (const record of this.#records) {
      const view = new DataView(record.buffer);
      const target = targets.get(view.getUint32(8, true));
      if (target !== undefined && record.length === 12) view.setUint32(8, target, true);
    }
    const typeLength = this.#records.reduce((sum, record) => sum + record.length, 0);
    const out = new Uint8Array(24 + typeLength + this.#strings.length);
    const view = new DataView(out.buffer);
    view.setUint16(0, 0xeb9f, true);
    view.setUint8(2, 1);
    view.setUint32(4, 24, true);
    view.setUint32(12, typeLength, true);
    view.setUint32(16, typeLength, true);
    view.setUint32(20, this.#strings.length, true);
    let at = 24;
    for (const record of this.#records) {
      out.set(record, at);
      at += record.length;
    }
    out.set(this.#strings, at);
    return out;
  }

  /** The finished types. */
  build(): Btf {
    return readBtf(this.bytes(), { file: 'built-in types' }).value!;
  }
}

/** A name that begins with "$" is only our handle for an anonymous type. */
function ownName(name: string): string {
  return name.startsWith('$') ? '' : name;
}

/** Marks pointers to records that are not declared yet; above any id that a table reaches. */
const FORWARD_BASE = 0x7000_0000;
