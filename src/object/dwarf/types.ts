// Types of .debug_info in the model of c-types.ts. The id of a type is the offset of its entry; 0, where no entry can be, is void.

import type { CType, Enumerator, Member, Parameter, TypeTable } from '../c-types.ts';
import { AT, ATE, TAG } from './constants.ts';
import type { Entry, Unit } from './units.ts';

const VOID: CType = { kind: 'void' };

/** Widest array and record sizes that are believed. */
const MAX_COUNT = 2 ** 40;

export class DwarfTypes implements TypeTable {
  readonly origin = 'dwarf';
  readonly #entries: ReadonlyMap<number, Entry>;
  readonly #signatures: ReadonlyMap<bigint, number>;
  readonly #cache = new Map<number, CType | undefined>();
  /** Types with several array dimensions have ids of their own for the inner ones. */
  readonly #inner = new Map<number, CType>();

  constructor(entries: ReadonlyMap<number, Entry>, signatures: ReadonlyMap<bigint, number>) {
    this.#entries = entries;
    this.#signatures = signatures;
  }

  cType(id: number): CType | undefined {
    if (id === 0) return VOID;
    if (this.#cache.has(id)) return this.#cache.get(id);
    const inner = this.#inner.get(id);
    if (inner !== undefined) return inner;
    const entry = this.#entries.get(id);
    const type = entry === undefined ? undefined : this.#read(entry);
    this.#cache.set(id, type);
    return type;
  }

  /** Id of the type that an entry's attribute names; 0 (void) when it names none. */
  typeOf(entry: Entry): number {
    const value = entry.attributes.get(AT.type);
    if (value?.kind === 'entry') return value.offset;
    return value?.kind === 'signature' ? (this.#signatures.get(value.value) ?? 0) : 0;
  }

  #read(entry: Entry): CType | undefined {
    const { unit, tag } = entry;
    const name = unit.string(entry, AT.name) ?? '';
    const target = this.typeOf(entry);
    switch (tag) {
      case TAG.baseType:
        return readBase(unit, entry, name);
      case TAG.unspecifiedType:
        return VOID;
      case TAG.pointerType:
      case TAG.referenceType:
      case TAG.rvalueReferenceType:
        return { kind: 'pointer', target };
      case TAG.structureType:
      case TAG.classType:
      case TAG.unionType: {
        const kind = tag === TAG.unionType ? 'union' : 'struct';
        const declared = this.#fromSignature(entry);
        if (declared !== undefined) return this.cType(declared);
        if (unit.number(entry, AT.declaration) === 1n) return { kind: 'incomplete', keyword: kind, name };
        return { kind, name, sizeBytes: unit.size(entry, AT.byteSize) ?? 0, members: this.#members(entry) };
      }
      case TAG.enumerationType:
        return this.#readEnum(entry, name);
      case TAG.arrayType:
        return this.#readArray(entry, target);
      case TAG.typedef:
        return { kind: 'typedef', name, target };
      case TAG.constType:
        return { kind: 'const', target };
      case TAG.volatileType:
        return { kind: 'volatile', target };
      case TAG.restrictType:
        return { kind: 'restrict', target };
      case TAG.atomicType:
        return { kind: 'atomic', target };
      case TAG.subroutineType:
      case TAG.subprogram: {
        const parameters: Parameter[] = [];
        for (const child of entry.children) {
          if (child.tag === TAG.formalParameter) {
            parameters.push({ name: unit.string(child, AT.name) ?? '', type: this.typeOf(child) });
          }
        }
        const variadic = entry.children.some((child) => child.tag === TAG.unspecifiedParameters);
        return { kind: 'function', result: target, parameters, variadic };
      }
      default:
        return undefined;
    }
  }

  #fromSignature(entry: Entry): number | undefined {
    const value = entry.attributes.get(AT.signature);
    const found = value?.kind === 'signature' ? this.#signatures.get(value.value) : undefined;
    return found === entry.offset ? undefined : found;
  }

  #members(entry: Entry): Member[] {
    const members: Member[] = [];
    for (const child of entry.children) {
      if (child.tag === TAG.member) members.push(...this.#member(child));
      // Rust's enums: every variant is a member; which one holds is for the reader to see from the discriminant.
      else if (child.tag === TAG.variantPart) {
        for (const variant of child.children) {
          for (const member of variant.children) if (member.tag === TAG.member) members.push(...this.#member(member));
          if (variant.tag === TAG.member) members.push(...this.#member(variant));
        }
      }
    }
    return members;
  }

  #member(entry: Entry): Member[] {
    const { unit } = entry;
    // A static member of a C++ class has no place in the object.
    if (unit.number(entry, AT.external) === 1n) return [];
    const name = unit.string(entry, AT.name) ?? '';
    const type = this.typeOf(entry);
    const start = unit.size(entry, AT.dataMemberLocation) ?? memberExpression(entry) ?? 0;
    const bits = unit.size(entry, AT.bitSize);
    if (bits === undefined) return [{ name, type, offsetBits: 8 * start }];
    const fromStart = unit.size(entry, AT.dataBitOffset);
    if (fromStart !== undefined) return [{ name, type, offsetBits: 8 * start + fromStart, bitFieldBits: bits }];
    // DWARF 2 and 3 count from the most significant bit of a storage unit.
    const fromTop = unit.number(entry, AT.bitOffset);
    const storage = unit.size(entry, AT.byteSize) ?? this.#storageBytes(type);
    const shift = fromTop === undefined ? 0 : 8 * storage - Number(fromTop) - bits;
    return [{ name, type, offsetBits: 8 * start + shift, bitFieldBits: bits }];
  }

  #storageBytes(id: number): number {
    let at = id;
    for (let depth = 0; depth < 16; depth++) {
      const type = this.cType(at);
      if (type === undefined) return 4;
      if (type.kind === 'int' || type.kind === 'enum') return type.sizeBytes;
      if (type.kind !== 'typedef' && type.kind !== 'const' && type.kind !== 'volatile') return 4;
      at = type.target;
    }
    return 4;
  }

  #readEnum(entry: Entry, name: string): CType {
    const { unit } = entry;
    if (unit.number(entry, AT.declaration) === 1n) return { kind: 'incomplete', keyword: 'enum', name };
    const underlying = this.typeOf(entry);
    const base = underlying === 0 ? undefined : this.cType(underlying);
    const sizeBytes = unit.size(entry, AT.byteSize) ?? 4;
    const raw: Enumerator[] = [];
    for (const child of entry.children) {
      if (child.tag !== TAG.enumerator) continue;
      raw.push({ name: unit.string(child, AT.name) ?? '', value: unit.number(child, AT.constValue) ?? 0n });
    }
    const signed = base?.kind === 'int' ? base.signed : raw.some((member) => member.value < 0n);
    const bits = Math.min(128, 8 * sizeBytes);
    const members = raw.map((member) => ({
      ...member,
      value: signed ? BigInt.asIntN(bits, member.value) : BigInt.asUintN(bits, member.value),
    }));
    return { kind: 'enum', name, sizeBytes, signed, members };
  }

  /** `int a[2][3]` is one entry with two dimensions; here it is an array of arrays. */
  #readArray(entry: Entry, element: number): CType {
    const { unit } = entry;
    const counts: number[] = [];
    for (const child of entry.children) {
      if (child.tag !== TAG.subrangeType) continue;
      const count = unit.number(child, AT.count);
      const upper = unit.number(child, AT.upperBound);
      const value = count ?? (upper === undefined ? 0n : upper + 1n);
      counts.push(value >= 0n && value < BigInt(MAX_COUNT) ? Number(value) : 0);
    }
    let target = element;
    for (let i = counts.length - 1; i > 0; i--) {
      // Ids of inner dimensions lie between the entry's offset and the next, as fractions that no entry has.
      const id = entry.offset + i / (counts.length + 1);
      this.#inner.set(id, { kind: 'array', element: target, count: counts[i]! });
      target = id;
    }
    return { kind: 'array', element: target, count: counts[0] ?? 0 };
  }
}

function readBase(unit: Unit, entry: Entry, name: string): CType {
  const sizeBytes = unit.size(entry, AT.byteSize) ?? 0;
  const encoding = Number(unit.number(entry, AT.encoding) ?? 0n);
  if (encoding === ATE.float) return { kind: 'float', name, sizeBytes };
  const bits = Math.min(128, 8 * sizeBytes);
  const signed = encoding === ATE.signed || encoding === ATE.signedChar;
  const isChar = encoding === ATE.signedChar || encoding === ATE.unsignedChar || encoding === ATE.utf;
  // `unsigned char` is how C says "byte": only a type that says plain char is shown as text.
  const kind = encoding === ATE.boolean ? 'bool' : isChar && name === 'char' ? 'char' : signed ? 'signed' : 'unsigned';
  return { kind: 'int', name, sizeBytes, encoding: kind, signed, bits, offsetBits: 0 };
}

/** DWARF 2 wrote member offsets as an expression: plus_uconst N. */
function memberExpression(entry: Entry): number | undefined {
  const value = entry.attributes.get(AT.dataMemberLocation);
  if (value?.kind !== 'bytes' || value.bytes[0] !== 0x23) return undefined;
  let result = 0;
  let scale = 1;
  for (const byte of value.bytes.subarray(1, 6)) {
    result += (byte & 0x7f) * scale;
    scale *= 128;
    if ((byte & 0x80) === 0) break;
  }
  return result;
}
