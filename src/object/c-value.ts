// Bytes of guest memory read as C values: a tree with names, types, texts and bit places, for variables views and map dumps,
// and the way back for a value that a person typed. Little-endian throughout, like the machine.

import { assertNever, decodeUtf8 } from '../base/index.ts';
import { typeName } from './c-print.ts';
import { type CType, enumeratorNames, sizeOf, strip, type TypeRef, type TypeTable } from './c-types.ts';

/** What a node is for a view; `unreadable` stands where bytes or the type are missing. */
export type ValueShape =
  | 'integer'
  | 'boolean'
  | 'character'
  | 'enum'
  | 'pointer'
  | 'float'
  | 'string'
  | 'array'
  | 'struct'
  | 'union'
  | 'unreadable';

/** A decoded value. Plain data but for the type reference. */
export interface ValueNode {
  /** Member name, "[3]" for an element, what the caller gave for the root, '' for an anonymous member. */
  readonly name: string;
  readonly type: TypeRef;
  readonly typeText: string;
  readonly shape: ValueShape;
  /** One line for a person: "443", "'a'", "\"eth0\"", "BPF_TCP_LISTEN", "{x = 1, y = 2}". */
  readonly text: string;
  /** The value of a scalar, sign-extended when its type is signed. */
  readonly scalar?: bigint;
  /** Place in the bytes that were given. */
  readonly offsetBits: number;
  readonly sizeBits: number;
  readonly children: readonly ValueNode[];
  /** How many further elements or members exist that were not decoded. */
  readonly omitted: number;
}

export interface DecodeOptions {
  readonly name?: string;
  /** Where the value starts in the bytes. */
  readonly offsetBits?: number;
  /** For a bit-field: its width. */
  readonly bitFieldBits?: number;
  /** Elements decoded of one array (default 256). */
  readonly maxElements?: number;
  /** Levels of records and arrays decoded (default 8). */
  readonly maxDepth?: number;
  /** First element decoded of the outermost array (default 0), for paging. */
  readonly firstElement?: number;
}

/** Nodes made in one call at most; more would help no view. */
const MAX_NODES = 20_000;

interface Walk {
  readonly table: TypeTable;
  readonly bytes: Uint8Array;
  readonly maxElements: number;
  nodes: number;
}

/** Reads `bytes` as a value of the type. Never throws; what cannot be read is a node of shape `unreadable` that says why. */
export function decodeValue(type: TypeRef, bytes: Uint8Array, options: DecodeOptions = {}): ValueNode {
  const walk: Walk = { table: type.table, bytes, maxElements: options.maxElements ?? 256, nodes: 0 };
  const place: Place = {
    name: options.name ?? '',
    offsetBits: options.offsetBits ?? 0,
    bitFieldBits: options.bitFieldBits,
  };
  return node(walk, type.id, place, options.maxDepth ?? 8, options.firstElement ?? 0);
}

interface Place {
  readonly name: string;
  readonly offsetBits: number;
  readonly bitFieldBits: number | undefined;
}

function node(walk: Walk, id: number, place: Place, depth: number, firstElement: number): ValueNode {
  walk.nodes++;
  const { table } = walk;
  const sizeBytes = sizeOf(table, id);
  const base = {
    name: place.name,
    type: { table, id },
    typeText: typeName(table, id),
    offsetBits: place.offsetBits,
    sizeBits: place.bitFieldBits ?? 8 * (sizeBytes ?? 0),
    children: [],
    omitted: 0,
  };
  const type = strip(table, id)?.type;
  if (type === undefined) return { ...base, shape: 'unreadable', text: '<unknown type>' };
  switch (type.kind) {
    case 'void':
    case 'function':
      return { ...base, shape: 'unreadable', text: `<${type.kind}>` };
    case 'incomplete':
      return { ...base, shape: 'unreadable', text: `<incomplete type ${type.keyword} ${type.name}>` };
    case 'int':
    case 'float':
    case 'enum':
    case 'pointer': {
      const bitField = type.kind === 'int' && type.bits !== 8 * type.sizeBytes;
      const start = place.offsetBits + (bitField && place.bitFieldBits === undefined ? type.offsetBits : 0);
      const width = place.bitFieldBits ?? (bitField ? type.bits : base.sizeBits);
      const raw = readBits(walk.bytes, start, width);
      if (raw === undefined) return { ...base, shape: 'unreadable', text: '<not available>' };
      return { ...base, ...scalarParts(type, raw, width) };
    }
    case 'array':
      return arrayNode(walk, base, type, depth, firstElement);
    case 'struct':
    case 'union': {
      const wanted = depth > 0 ? type.members : [];
      const children: ValueNode[] = [];
      for (const member of wanted) {
        if (walk.nodes >= MAX_NODES) break;
        const at = {
          name: member.name,
          offsetBits: place.offsetBits + member.offsetBits,
          bitFieldBits: member.bitFieldBits,
        };
        children.push(node(walk, member.type, at, depth - 1, 0));
      }
      return {
        ...base,
        shape: type.kind,
        text: summary(children, type.members.length - children.length, '{', '}'),
        children,
        omitted: type.members.length - children.length,
      };
    }
    case 'typedef':
    case 'const':
    case 'volatile':
    case 'restrict':
    case 'atomic':
    case 'type-tag':
      return { ...base, shape: 'unreadable', text: '<unknown type>' };
    default:
      return assertNever(type, 'decodeValue');
  }
}

type NodeBase = Omit<ValueNode, 'shape' | 'text'>;

function arrayNode(
  walk: Walk,
  base: NodeBase,
  type: Extract<CType, { kind: 'array' }>,
  depth: number,
  firstElement: number,
): ValueNode {
  const elementBits = 8 * (sizeOf(walk.table, type.element) ?? 0);
  const text = charArrayText(walk, base, type);
  const children: ValueNode[] = [];
  if (depth > 0 && elementBits > 0) {
    const end = Math.min(type.count, firstElement + walk.maxElements);
    for (let i = firstElement; i < end && walk.nodes < MAX_NODES; i++) {
      const at = { name: `[${i}]`, offsetBits: base.offsetBits + i * elementBits, bitFieldBits: undefined };
      children.push(node(walk, type.element, at, depth - 1, 0));
    }
  }
  const omitted = Math.max(0, type.count - firstElement - children.length);
  if (text !== undefined) return { ...base, shape: 'string', text, children, omitted };
  return { ...base, shape: 'array', text: summary(children, omitted, '{', '}'), children, omitted };
}

/** The text of a char array that holds a NUL-terminated (or full) printable string. */
function charArrayText(walk: Walk, base: NodeBase, type: Extract<CType, { kind: 'array' }>): string | undefined {
  const element = strip(walk.table, type.element)?.type;
  if (element?.kind !== 'int' || element.sizeBytes !== 1 || element.encoding === 'bool' || type.count === 0)
    return undefined;
  const named = /^(signed |unsigned )?char$/.test(element.name);
  if (!(element.encoding === 'char' || named) || base.offsetBits % 8 !== 0) return undefined;
  const start = base.offsetBits / 8;
  const all = walk.bytes.subarray(start, start + Math.min(type.count, 4096));
  if (all.length === 0) return undefined;
  const nul = all.indexOf(0);
  const used = nul < 0 ? all : all.subarray(0, nul);
  if (nul >= 0 && all.subarray(nul).some((byte) => byte !== 0)) return undefined;
  const decoded = decodeUtf8(used);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters mean that this is data and no text
  if (/[\u0000-\u0008\u000e-\u001f\u007f\ufffd]/.test(decoded)) return undefined;
  return JSON.stringify(decoded);
}

/** "{a = 1, b = {...}}", cut where a line would become unreadable. */
function summary(children: readonly ValueNode[], omitted: number, open: string, close: string): string {
  let text = '';
  for (const [i, child] of children.entries()) {
    const nested =
      child.children.length > 0 && child.shape !== 'string' && child.text.length > 24 ? '{...}' : child.text;
    const label = child.name === '' || child.name.startsWith('[') ? nested : `${child.name} = ${nested}`;
    if (text.length + label.length > 100) return `${open}${text}${i === 0 ? '' : ', '}...${close}`;
    text += i === 0 ? label : `, ${label}`;
  }
  if (omitted > 0) text += children.length === 0 ? '...' : ', ...';
  return `${open}${text}${close}`;
}

type ScalarParts = Pick<ValueNode, 'shape' | 'text' | 'scalar'>;

function scalarParts(
  type: Extract<CType, { kind: 'int' | 'float' | 'enum' | 'pointer' }>,
  raw: bigint,
  width: number,
): ScalarParts {
  switch (type.kind) {
    case 'pointer':
      return { shape: 'pointer', scalar: raw, text: raw === 0n ? 'NULL' : `0x${raw.toString(16)}` };
    case 'float':
      return { shape: 'float', scalar: raw, text: floatText(raw, width) };
    case 'enum': {
      const value = type.signed ? BigInt.asIntN(width, raw) : raw;
      const names = enumeratorNames(type, value);
      return { shape: 'enum', scalar: value, text: names[0] ?? value.toString() };
    }
    case 'int': {
      const value = type.signed ? BigInt.asIntN(width, raw) : raw;
      if (type.encoding === 'bool') {
        return { shape: 'boolean', scalar: value, text: raw === 0n ? 'false' : raw === 1n ? 'true' : `${raw}` };
      }
      if (type.encoding === 'char') return { shape: 'character', scalar: value, text: characterText(value) };
      return { shape: 'integer', scalar: value, text: value.toString() };
    }
    default:
      return assertNever(type, 'scalarParts');
  }
}

function characterText(value: bigint): string {
  const code = Number(BigInt.asUintN(8, value));
  if (code < 0x20 || code > 0x7e) return value.toString();
  const shown = code === 0x27 || code === 0x5c ? `\\${String.fromCharCode(code)}` : String.fromCharCode(code);
  return `${value} '${shown}'`;
}

function floatText(raw: bigint, width: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt.asUintN(64, raw), true);
  if (width === 32) return String(view.getFloat32(0, true));
  if (width === 64) return String(view.getFloat64(0, true));
  return `0x${raw.toString(16)}`;
}

/** Unsigned value of `width` bits (1 to 128) from bit `start`; undefined when they are not all there. */
export function readBits(bytes: Uint8Array, start: number, width: number): bigint | undefined {
  if (!(start >= 0 && width >= 1 && width <= 128) || start + width > 8 * bytes.length) return undefined;
  const first = Math.floor(start / 8);
  const last = Math.floor((start + width - 1) / 8);
  let value = 0n;
  for (let i = last; i >= first; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return BigInt.asUintN(width, value >> BigInt(start % 8));
}

/** Writes the low `width` bits of `value` at bit `start`, leaving all others; false when they do not fit. */
export function writeBits(bytes: Uint8Array, start: number, width: number, value: bigint): boolean {
  if (!(start >= 0 && width >= 1 && width <= 128) || start + width > 8 * bytes.length) return false;
  for (let i = 0; i < width; i++) {
    const bit = start + i;
    const mask = 1 << (bit % 8);
    const at = Math.floor(bit / 8);
    if (((value >> BigInt(i)) & 1n) === 1n) bytes[at]! |= mask;
    else bytes[at]! &= ~mask;
  }
  return true;
}
