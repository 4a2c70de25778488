// Values of debugger expressions: bytes with a C type, and where they live if they can be written.

import { findMember, flatMembers, sizeOf, strip, type TypeRef, typeName } from '../../object/index.ts';

export type ValueType =
  /** A plain integer that stems from no debug information: a literal, a register, an arithmetic result. */
  | { readonly kind: 'int'; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  /** A type of the program's debug information. */
  | { readonly kind: 'c'; readonly ref: TypeRef }
  /** A pointer that was made by an expression; `target` undefined for void *. */
  | { readonly kind: 'pointer'; readonly target: ValueType | undefined };

/** Where a value can be written back to. */
export type Place =
  | { readonly kind: 'memory'; readonly address: bigint; readonly offsetBits: number; readonly sizeBits: number }
  | { readonly kind: 'register'; readonly register: number; readonly sizeBits: number }
  | { readonly kind: 'pieces'; readonly pieces: readonly { readonly place: Place; readonly sizeBits: number }[] };

export interface Value {
  readonly type: ValueType;
  /** Little-endian; for a bit-field the value itself, already shifted down. */
  readonly bytes: Uint8Array;
  readonly place: Place | undefined;
}

/** An integer result of 1 to 64 bits as bytes with its type. */
export function integer(
  value: bigint,
  bits: 8 | 16 | 32 | 64,
  signedness: 'signed' | 'unsigned',
  place?: Place,
): Value {
  return { type: { kind: 'int', bits, signed: signedness === 'signed' }, bytes: toBytes(value, bits / 8), place };
}

export function toBytes(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt.asUintN(8 * length, value);
  for (let i = 0; i < length; i++) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** Unsigned value of little-endian bytes. */
export function fromBytes(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

/** What a type is for arithmetic: an integer of some width, a pointer, or something that has no arithmetic. */
export type Arithmetic =
  | { readonly kind: 'int'; readonly bits: number; readonly signed: boolean }
  | { readonly kind: 'pointer'; readonly target: ValueType | undefined }
  | { readonly kind: 'array'; readonly element: ValueType; readonly count: number }
  | { readonly kind: 'none'; readonly text: string };

export function arithmeticOf(type: ValueType): Arithmetic {
  switch (type.kind) {
    case 'int':
      return type;
    case 'pointer':
      return { kind: 'pointer', target: type.target };
    case 'c': {
      const { table, id } = type.ref;
      const stripped = strip(table, id)?.type;
      switch (stripped?.kind) {
        case 'int':
          return { kind: 'int', bits: 8 * stripped.sizeBytes, signed: stripped.signed };
        case 'enum':
          return { kind: 'int', bits: 8 * stripped.sizeBytes, signed: stripped.signed };
        case 'pointer':
          return {
            kind: 'pointer',
            target: stripped.target === 0 ? undefined : { kind: 'c', ref: { table, id: stripped.target } },
          };
        case 'array':
          return { kind: 'array', element: { kind: 'c', ref: { table, id: stripped.element } }, count: stripped.count };
        default:
          return { kind: 'none', text: typeText(type) };
      }
    }
  }
}

/** Size in bytes; undefined for void and incomplete types. */
export function sizeOfType(type: ValueType): number | undefined {
  switch (type.kind) {
    case 'int':
      return type.bits / 8;
    case 'pointer':
      return 8;
    case 'c':
      return sizeOf(type.ref.table, type.ref.id);
  }
}

/** The type in C. */
export function typeText(type: ValueType): string {
  switch (type.kind) {
    case 'int':
      return `${type.signed ? '__s' : '__u'}${type.bits}`;
    case 'pointer':
      return `${type.target === undefined ? 'void' : typeText(type.target)} *`;
    case 'c':
      return typeName(type.ref.table, type.ref.id);
  }
}

/** Name of the struct or union that the type is, without typedefs; undefined when it is none. */
export function recordName(type: ValueType): string | undefined {
  if (type.kind !== 'c') return undefined;
  const stripped = strip(type.ref.table, type.ref.id)?.type;
  return stripped?.kind === 'struct' || stripped?.kind === 'union'
    ? stripped.name
    : stripped?.kind === 'incomplete'
      ? stripped.name
      : undefined;
}

/** Names of a record's members, those of unnamed inner records included; empty for any other type. */
export function memberNames(type: ValueType): readonly string[] {
  return type.kind === 'c' ? (flatMembers(type.ref.table, type.ref.id) ?? []).map((member) => member.name) : [];
}

/** A member's type and bit place in its record. */
export function memberOf(
  type: ValueType,
  name: string,
):
  | { readonly type: ValueType; readonly offsetBits: number; readonly sizeBits: number; readonly bitField: boolean }
  | undefined {
  if (type.kind !== 'c') return undefined;
  const member = findMember(type.ref.table, type.ref.id, name);
  if (member === undefined) return undefined;
  return {
    type: { kind: 'c', ref: { table: type.ref.table, id: member.type } },
    offsetBits: member.offsetBits,
    sizeBits: member.sizeBits,
    bitField: member.bitFieldBits !== undefined,
  };
}
