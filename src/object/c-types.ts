// C types as debug information describes them. BTF and DWARF are two spellings of the same thing, so both are read into this
// one model; who shows a map value (BTF) and who shows a local variable (DWARF) walks the same union.
// Types refer to each other by id within their table, because the graph has cycles.

/** Integers, characters and booleans of up to 16 bytes. */
export interface IntType {
  readonly kind: 'int';
  readonly name: string;
  readonly sizeBytes: number;
  readonly encoding: 'unsigned' | 'signed' | 'char' | 'bool';
  /** Whether the value is read as two's complement; a plain char is signed as the compiler says. */
  readonly signed: boolean;
  /** Value bits and where they start; other than 8 * sizeBytes and 0 only in BTF of old bit-field encodings. */
  readonly bits: number;
  readonly offsetBits: number;
}

export interface FloatType {
  readonly kind: 'float';
  readonly name: string;
  readonly sizeBytes: number;
}

export interface PointerType {
  readonly kind: 'pointer';
  /** 0 for `void *`. */
  readonly target: number;
}

export interface ArrayType {
  readonly kind: 'array';
  readonly element: number;
  /** 0 for a flexible array. */
  readonly count: number;
}

export interface Member {
  /** '' for an anonymous struct or union. */
  readonly name: string;
  readonly type: number;
  readonly offsetBits: number;
  /** Width of a bit-field; undefined for an ordinary member. */
  readonly bitFieldBits?: number;
}

export interface RecordType {
  readonly kind: 'struct' | 'union';
  /** '' when anonymous. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly members: readonly Member[];
}

export interface Enumerator {
  readonly name: string;
  readonly value: bigint;
}

export interface EnumType {
  readonly kind: 'enum';
  readonly name: string;
  readonly sizeBytes: number;
  readonly signed: boolean;
  readonly members: readonly Enumerator[];
}

/** Declared but not defined where the compiler looked. */
export interface IncompleteType {
  readonly kind: 'incomplete';
  readonly keyword: 'struct' | 'union' | 'enum';
  readonly name: string;
}

export interface TypedefType {
  readonly kind: 'typedef';
  readonly name: string;
  readonly target: number;
}

export interface QualifiedType {
  readonly kind: 'const' | 'volatile' | 'restrict' | 'atomic';
  readonly target: number;
}

/** `__attribute__((btf_type_tag("...")))`: "kptr", "rcu", "user". */
export interface TypeTagType {
  readonly kind: 'type-tag';
  readonly tag: string;
  readonly target: number;
}

export interface Parameter {
  readonly name: string;
  readonly type: number;
}

export interface FunctionType {
  readonly kind: 'function';
  /** 0 for void. */
  readonly result: number;
  readonly parameters: readonly Parameter[];
  readonly variadic: boolean;
}

export interface VoidType {
  readonly kind: 'void';
}

export type CType =
  | VoidType
  | IntType
  | FloatType
  | PointerType
  | ArrayType
  | RecordType
  | EnumType
  | IncompleteType
  | TypedefType
  | QualifiedType
  | TypeTagType
  | FunctionType;

export type CTypeKind = CType['kind'];

/** A set of types that refer to each other by id. Id 0 is void in every table. */
export interface TypeTable {
  readonly origin: 'btf' | 'dwarf';
  /** The type, or undefined when there is none with this id (or it is no C type: a BTF variable or section). */
  cType(id: number): CType | undefined;
}

/** One type of one table: what a variable or a map value carries. */
export interface TypeRef {
  readonly table: TypeTable;
  readonly id: number;
}

/** BPF pointers are 8 bytes, whatever the compiler's host. */
export const POINTER_BYTES = 8;

/** Bound on chains of typedefs and qualifiers and on nesting of records; only hostile input goes deeper. */
export const MAX_TYPE_DEPTH = 64;

/** Whether a type only names or qualifies another. */
export function isTransparent(type: CType): type is TypedefType | QualifiedType | TypeTagType {
  switch (type.kind) {
    case 'typedef':
    case 'const':
    case 'volatile':
    case 'restrict':
    case 'atomic':
    case 'type-tag':
      return true;
    default:
      return false;
  }
}

/** Follows typedefs, qualifiers and type tags. Undefined for a missing type or an endless chain. */
export function strip(table: TypeTable, id: number): { readonly id: number; readonly type: CType } | undefined {
  let at = id;
  for (let depth = 0; depth < MAX_TYPE_DEPTH; depth++) {
    const type = table.cType(at);
    if (type === undefined) return undefined;
    if (!isTransparent(type)) return { id: at, type };
    at = type.target;
  }
  return undefined;
}

/** Size of a value of the type in bytes; undefined for void, functions, incomplete types and broken type graphs. */
export function sizeOf(table: TypeTable, id: number, depth = 0): number | undefined {
  if (depth > MAX_TYPE_DEPTH) return undefined;
  const found = strip(table, id);
  if (found === undefined) return undefined;
  const { type } = found;
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'struct':
    case 'union':
    case 'enum':
      return type.sizeBytes;
    case 'pointer':
      return POINTER_BYTES;
    case 'array': {
      const element = sizeOf(table, type.element, depth + 1);
      return element === undefined ? undefined : element * type.count;
    }
    default:
      return undefined;
  }
}

/** A member as a flat list shows it: those of anonymous structs and unions are lifted into their parent. */
export interface FlatMember extends Member {
  /** Bits that the member occupies; 0 when its size is unknown. */
  readonly sizeBits: number;
}

/** Most members that flatMembers lists; more only come from hostile input. */
const MAX_FLAT_MEMBERS = 16_384;

/** Members of a struct or union with anonymous ones flattened, in order of declaration; undefined when it is neither. */
export function flatMembers(table: TypeTable, id: number): readonly FlatMember[] | undefined {
  const found = strip(table, id);
  if (found === undefined || (found.type.kind !== 'struct' && found.type.kind !== 'union')) return undefined;
  const walk: FlatWalk = { table, out: [], visits: 0 };
  collectMembers(walk, found.type, 0, 0);
  return walk.out;
}

interface FlatWalk {
  readonly table: TypeTable;
  readonly out: FlatMember[];
  visits: number;
}

function collectMembers(walk: FlatWalk, record: RecordType, baseBits: number, depth: number): void {
  for (const member of record.members) {
    if (++walk.visits > MAX_FLAT_MEMBERS) return;
    const offsetBits = baseBits + member.offsetBits;
    const inner = member.name === '' ? strip(walk.table, member.type)?.type : undefined;
    if (inner !== undefined && (inner.kind === 'struct' || inner.kind === 'union')) {
      if (depth < MAX_TYPE_DEPTH) collectMembers(walk, inner, offsetBits, depth + 1);
      continue;
    }
    const sizeBits = member.bitFieldBits ?? 8 * (sizeOf(walk.table, member.type) ?? 0);
    walk.out.push({ ...member, offsetBits, sizeBits });
  }
}

/** The member of that name, looked for inside anonymous members too. */
export function findMember(table: TypeTable, id: number, name: string): FlatMember | undefined {
  return flatMembers(table, id)?.find((member) => member.name === name);
}

/** Names of the enumerators with this value, in declaration order. */
export function enumeratorNames(type: EnumType, value: bigint): readonly string[] {
  return type.members.filter((member) => member.value === value).map((member) => member.name);
}
