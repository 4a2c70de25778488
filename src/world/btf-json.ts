// Map keys and values between JSON and bytes, by BTF type where the object has one: a struct is an object, a char array a
// text, an enum a name, a 32-bit integer may be written as an IPv4 address (network byte order). Without a type a number fills
// the whole width little-endian and a text is "hex:" followed by bytes.

import { decodeUtf8, encodeUtf8, fromHex, toHex } from '../base/index.ts';
import {
  type CType,
  enumeratorNames,
  findMember,
  flatMembers,
  readBits,
  sizeOf,
  strip,
  type TypeRef,
  writeBits,
} from '../object/index.ts';
import { addressBytes } from './addresses.ts';
import { nearest } from './edit-distance.ts';
import type { Json } from './expectation-schema.ts';

/** What is wrong with a JSON value, and where inside it. */
export interface JsonMismatch {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type Encoded =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'wrong'; readonly mismatch: JsonMismatch };

/** Bytes of a JSON value, `size` bytes long; what it does not mention is taken from `base`, zero without one. */
export function encodeJson(json: Json, type: TypeRef | undefined, size: number, base?: Uint8Array): Encoded {
  const bytes = new Uint8Array(size);
  if (base !== undefined) bytes.set(base.subarray(0, size));
  const wrong = type === undefined ? putUntyped(json, bytes) : put(json, type, bytes, 0, undefined, []);
  return wrong === undefined ? { kind: 'bytes', bytes } : { kind: 'wrong', mismatch: wrong };
}

const wrongAt = (path: readonly (string | number)[], message: string): JsonMismatch => ({ path, message });

const shown = (json: Json): string => {
  const text = JSON.stringify(json);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
};

function putUntyped(json: Json, bytes: Uint8Array): JsonMismatch | undefined {
  const integer = integerOf(json);
  if (integer !== undefined) {
    const bits = 8 * bytes.length;
    if (!fits(integer, bits)) return wrongAt([], `${integer} does not fit into ${bytes.length} bytes`);
    for (let at = 0; at < bytes.length; at++) bytes[at] = Number(BigInt.asUintN(8, integer >> BigInt(8 * at)));
    return undefined;
  }
  if (typeof json === 'string') {
    const raw = json.startsWith('hex:') ? fromHex(json.slice(4)) : addressBytes(json);
    if (raw === undefined) return wrongAt([], `without type information ${shown(json)} must be a number or "hex:..."`);
    if (raw.length !== bytes.length) return wrongAt([], `${raw.length} bytes given, ${bytes.length} needed`);
    bytes.set(raw);
    return undefined;
  }
  if (Array.isArray(json) && json.length === bytes.length && json.every((one) => fits(integerOf(one) ?? 256n, 8))) {
    for (const [at, one] of json.entries()) bytes[at] = Number(BigInt.asUintN(8, integerOf(one)!));
    return undefined;
  }
  return wrongAt([], `the object has no type information here, so ${shown(json)} must be a number or "hex:..."`);
}

/** Whether an integer can be held by that many bits, as signed or unsigned. */
const fits = (value: bigint, bits: number): boolean =>
  BigInt.asUintN(bits, value) === value || BigInt.asIntN(bits, value) === value;

/** A number, a decimal or 0x text (for 64-bit values), true or false. */
function integerOf(json: Json): bigint | undefined {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : undefined;
  if (typeof json === 'boolean') return json ? 1n : 0n;
  if (typeof json === 'string' && /^-?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(json)) {
    return json.startsWith('-') ? -BigInt(json.slice(1)) : BigInt(json);
  }
  return undefined;
}

function put(
  json: Json,
  type: TypeRef,
  bytes: Uint8Array,
  offsetBits: number,
  bitFieldBits: number | undefined,
  path: readonly (string | number)[],
): JsonMismatch | undefined {
  const found = strip(type.table, type.id);
  if (found === undefined) return wrongAt(path, 'its type is missing from the object');
  const sizeBits = bitFieldBits ?? 8 * (sizeOf(type.table, found.id) ?? 0);
  const raw = typeof json === 'string' && json.startsWith('hex:') ? fromHex(json.slice(4)) : undefined;
  if (raw !== undefined && offsetBits % 8 === 0) {
    if (raw.length * 8 !== sizeBits) return wrongAt(path, `${raw.length} bytes given, ${sizeBits / 8} needed`);
    bytes.set(raw, offsetBits / 8);
    return undefined;
  }
  switch (found.type.kind) {
    case 'struct':
    case 'union':
      return putRecord(json, { ...type, id: found.id }, bytes, offsetBits, path);
    case 'array':
      return putArray(json, { ...type, id: found.id }, found.type, bytes, offsetBits, path);
    case 'int':
    case 'enum':
    case 'pointer': {
      const value = scalarOf(json, found.type);
      if (value instanceof Uint8Array) {
        if (value.length * 8 !== sizeBits)
          return wrongAt(path, `an address of ${value.length} bytes does not fit here`);
        bytes.set(value, offsetBits / 8);
        return undefined;
      }
      if (typeof value === 'string') return wrongAt(path, value);
      if (!fits(value, sizeBits)) return wrongAt(path, `${value} does not fit into ${sizeBits} bits`);
      writeBits(bytes, offsetBits, sizeBits, BigInt.asUintN(sizeBits, value));
      return undefined;
    }
    default:
      return wrongAt(path, `a value of kind ${found.type.kind} cannot be written; use "hex:..."`);
  }
}

/** An integer, the bytes of an address, or in words what is wrong. */
function scalarOf(json: Json, type: CType): bigint | Uint8Array | string {
  const integer = integerOf(json);
  if (integer !== undefined) return integer;
  if (typeof json === 'string') {
    if (type.kind === 'enum') {
      const member = type.members.find((one) => one.name === json);
      if (member !== undefined) return member.value;
      const meant = nearest(
        json,
        type.members.map((one) => one.name),
      );
      return `enum ${type.name} has no "${json}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
    }
    if (type.kind === 'int' && type.sizeBytes === 1 && json.length === 1) return BigInt(json.charCodeAt(0));
    const address = addressBytes(json);
    if (address !== undefined) return address;
  }
  return `${shown(json)} is not a number`;
}

function putRecord(
  json: Json,
  type: TypeRef,
  bytes: Uint8Array,
  offsetBits: number,
  path: readonly (string | number)[],
): JsonMismatch | undefined {
  const members = flatMembers(type.table, type.id) ?? [];
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return wrongAt(path, `${shown(json)} must be an object with ${members.map((one) => `"${one.name}"`).join(', ')}`);
  }
  for (const [name, value] of Object.entries(json)) {
    const member = findMember(type.table, type.id, name);
    if (member === undefined) {
      const names = members.map((one) => one.name);
      const meant = nearest(name, names);
      const advice = meant === undefined ? `its members are ${names.join(', ')}` : `did you mean "${meant}"?`;
      return wrongAt([...path, name], `the type has no member "${name}"; ${advice}`);
    }
    const inner = { table: type.table, id: member.type };
    const wrong = put(value, inner, bytes, offsetBits + member.offsetBits, member.bitFieldBits, [...path, name]);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

const isCharArray = (type: TypeRef, element: number): boolean => {
  const inner = strip(type.table, element)?.type;
  return inner?.kind === 'int' && inner.sizeBytes === 1;
};

function putArray(
  json: Json,
  type: TypeRef,
  array: CType & { kind: 'array' },
  bytes: Uint8Array,
  offsetBits: number,
  path: readonly (string | number)[],
): JsonMismatch | undefined {
  const elementSize = sizeOf(type.table, array.element) ?? 0;
  if (typeof json === 'string') {
    const address = addressBytes(json);
    if (address !== undefined && address.length === elementSize * array.count) {
      bytes.set(address, offsetBits / 8);
      return undefined;
    }
    if (!isCharArray(type, array.element))
      return wrongAt(path, `${shown(json)} must be a list of ${array.count} elements`);
    const text = encodeUtf8(json);
    if (text.length > array.count) return wrongAt(path, `${shown(json)} is longer than ${array.count} bytes`);
    bytes.set(text, offsetBits / 8);
    return undefined;
  }
  if (!Array.isArray(json)) return wrongAt(path, `${shown(json)} must be a list of ${array.count} elements`);
  if (json.length > array.count) return wrongAt(path, `${json.length} elements given, there are ${array.count}`);
  for (const [index, value] of json.entries()) {
    const inner = { table: type.table, id: array.element };
    const wrong = put(value, inner, bytes, offsetBits + 8 * elementSize * index, undefined, [...path, index]);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** A value as JSON: what encodeJson would read back. Integers beyond 2^53 become decimal texts. */
export function decodeJson(bytes: Uint8Array, type: TypeRef | undefined): Json {
  if (type === undefined) return untypedJson(bytes);
  return take(type, bytes, 0, undefined, 0);
}

function untypedJson(bytes: Uint8Array): Json {
  if (bytes.length > 8 || bytes.length === 0) return `hex:${toHex(bytes)}`;
  return numberJson(readBits(bytes, 0, 8 * bytes.length) ?? 0n);
}

const numberJson = (value: bigint): Json => {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value.toString();
};

function take(
  type: TypeRef,
  bytes: Uint8Array,
  offsetBits: number,
  bitFieldBits: number | undefined,
  depth: number,
): Json {
  const found = strip(type.table, type.id);
  if (found === undefined || depth > 32) return null;
  const inner = found.type;
  const sizeBits = bitFieldBits ?? 8 * (sizeOf(type.table, found.id) ?? 0);
  switch (inner.kind) {
    case 'struct':
    case 'union': {
      const members = flatMembers(type.table, found.id) ?? [];
      return Object.fromEntries(
        members.map((member) => [
          member.name,
          take(
            { table: type.table, id: member.type },
            bytes,
            offsetBits + member.offsetBits,
            member.bitFieldBits,
            depth + 1,
          ),
        ]),
      );
    }
    case 'array': {
      const size = sizeOf(type.table, inner.element) ?? 0;
      const element = strip(type.table, inner.element)?.type;
      if (element?.kind === 'int' && element.sizeBytes === 1 && element.encoding === 'char') {
        const text = bytes.subarray(offsetBits / 8, offsetBits / 8 + inner.count);
        const end = text.indexOf(0);
        return decodeUtf8(end < 0 ? text : text.subarray(0, end));
      }
      return Array.from({ length: Math.min(inner.count, 4096) }, (_, index) =>
        take({ table: type.table, id: inner.element }, bytes, offsetBits + 8 * size * index, undefined, depth + 1),
      );
    }
    case 'int':
    case 'enum':
    case 'pointer': {
      const raw = sizeBits === 0 ? undefined : readBits(bytes, offsetBits, sizeBits);
      if (raw === undefined) return null;
      const signed = inner.kind !== 'pointer' && inner.signed;
      const value = signed ? BigInt.asIntN(sizeBits, raw) : raw;
      if (inner.kind === 'enum') return enumeratorNames(inner, value)[0] ?? numberJson(value);
      return inner.kind === 'int' && inner.encoding === 'bool' ? value !== 0n : numberJson(value);
    }
    default:
      return `hex:${toHex(bytes.subarray(offsetBits / 8, (offsetBits + sizeBits) / 8))}`;
  }
}

/**
 * Whether bytes hold what `expected` says; of an object only the members written there count, and a scalar may be given as
 * {"min": .., "max": ..}, {"oneOf": [..]} or {"not": ..}. Undefined when they do, else where they differ and how.
 */
export function compareJson(expected: Json, bytes: Uint8Array, type: TypeRef | undefined): JsonMismatch | undefined {
  const actual = decodeJson(bytes, type);
  if (type === undefined) return compareUntyped(expected, bytes, actual);
  return compareAt(expected, actual, type, bytes, 0, undefined, []);
}

function compareUntyped(expected: Json, bytes: Uint8Array, actual: Json): JsonMismatch | undefined {
  const range = rangeMismatch(expected, actual, []);
  if (range !== 'no-range') return range;
  const encoded = encodeJson(expected, undefined, bytes.length);
  if (encoded.kind === 'wrong') return encoded.mismatch;
  return toHex(encoded.bytes) === toHex(bytes)
    ? undefined
    : wrongAt([], `expected ${shown(expected)}, is ${shown(actual)}`);
}

function compareAt(
  expected: Json,
  actual: Json,
  type: TypeRef,
  bytes: Uint8Array,
  offsetBits: number,
  bitFieldBits: number | undefined,
  path: readonly (string | number)[],
): JsonMismatch | undefined {
  const found = strip(type.table, type.id);
  const kind = found?.type.kind;
  if (found !== undefined && (kind === 'struct' || kind === 'union') && isObject(expected) && isObject(actual)) {
    for (const [name, value] of Object.entries(expected)) {
      const member = findMember(type.table, found.id, name);
      if (member === undefined) return wrongAt([...path, name], `the type has no member "${name}"`);
      const inner = { table: type.table, id: member.type };
      const place = offsetBits + member.offsetBits;
      const wrong = compareAt(value, actual[name] ?? null, inner, bytes, place, member.bitFieldBits, [...path, name]);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }
  const range = rangeMismatch(expected, actual, path);
  if (range !== 'no-range') return range;
  // Both as bytes: so that an address, an enum name and a number compare by what they mean.
  const sizeBits = bitFieldBits ?? 8 * ((found && sizeOf(type.table, found.id)) ?? 0);
  const scratch = new Uint8Array(Math.ceil(sizeBits / 8));
  const wrong = put(expected, type, scratch, 0, bitFieldBits, path);
  if (wrong !== undefined) return wrong;
  const same =
    sizeBits % 8 === 0 && offsetBits % 8 === 0
      ? toHex(scratch) === toHex(bytes.subarray(offsetBits / 8, (offsetBits + sizeBits) / 8))
      : readBits(scratch, 0, sizeBits) === readBits(bytes, offsetBits, sizeBits);
  return same ? undefined : wrongAt(path, `expected ${shown(expected)}, is ${shown(actual)}`);
}

const isObject = (json: Json): json is Record<string, Json> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

function rangeMismatch(
  expected: Json,
  actual: Json,
  path: readonly (string | number)[],
): JsonMismatch | undefined | 'no-range' {
  if (!isObject(expected)) return 'no-range';
  const keys = Object.keys(expected);
  if (keys.length === 0 || !keys.every((key) => ['min', 'max', 'oneOf', 'not'].includes(key))) return 'no-range';
  const value = integerOf(actual);
  const { min, max, oneOf, not } = expected;
  const passes =
    (min === undefined || (value !== undefined && (integerOf(min) ?? value + 1n) <= value)) &&
    (max === undefined || (value !== undefined && value <= (integerOf(max) ?? value - 1n))) &&
    (not === undefined || integerOf(not) !== value) &&
    (!Array.isArray(oneOf) || oneOf.some((one) => integerOf(one) === value));
  return passes ? undefined : wrongAt(path, `expected ${shown(expected)}, is ${shown(actual)}`);
}
