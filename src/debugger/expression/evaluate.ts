// Evaluates parsed expressions over a scope. Integer promotions and conversions are C's. The scope decides what names mean
// and does every read and write; this file knows no machine.

import { assertNever, type TextSpan } from '../../base/index.ts';
import { readBits } from '../../object/index.ts';
import { nearest } from '../../world/index.ts';
import type { BinaryOperator, Expression, ExpressionError, TypeSyntax } from './ast.ts';
import {
  type Arithmetic,
  arithmeticOf,
  fromBytes,
  integer,
  memberNames,
  memberOf,
  type Place,
  sizeOfType,
  toBytes,
  typeText,
  type Value,
  type ValueType,
} from './value.ts';

/** What a name can stand for. */
export type Named =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'map'; readonly map: MapHandle }
  /** A group of named values that is not in guest memory: the kernel-side socket. */
  | { readonly kind: 'group'; readonly members: (name: string) => Value | undefined; readonly names: readonly string[] }
  | { readonly kind: 'unavailable'; readonly why: string };

export interface MapHandle {
  readonly name: string;
  readonly keySize: number;
  /** Looks a key up as a user-space process would; undefined when there is no such entry. */
  lookup(key: Uint8Array): Value | undefined;
}

export type ReadResult =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'fault'; readonly message: string };

export interface Scope {
  named(name: string): Named | undefined;
  /** Names close to one that does not exist, for the message. */
  suggestions(name: string): readonly string[];
  findType(spelling: string): ValueType | undefined;
  readMemory(address: bigint, length: number): ReadResult;
  /**
   * A member, by its path ("inet_conn", "icsk_rto"), of the kernel's own object at an address: such objects have no bytes. Undefined where no kernel
   * object is there.
   */
  kernelMember?(
    address: bigint,
    path: readonly string[],
  ): { readonly value: Value } | { readonly why: string } | undefined;
  /** Writes a value to a place; undefined on success, else why not. */
  write(place: Place, value: bigint): string | undefined;
}

export type EvaluationResult =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'map'; readonly map: MapHandle }
  | { readonly kind: 'error'; readonly error: ExpressionError };

class Failure {
  readonly error: ExpressionError;
  constructor(message: string, span: TextSpan) {
    this.error = { message, span };
  }
}

/** Largest object that an expression may read at once. */
const MAX_READ = 1 << 16;

/** Evaluates; writes happen only where the expression assigns. Never throws on bad input. */
export function evaluate(expression: Expression, scope: Scope): EvaluationResult {
  try {
    const result = evaluateNamed(expression, scope);
    if (result.kind === 'map') return result;
    if (result.kind === 'group')
      return fail(expression, `name one of its members: ${result.names.slice(0, 8).join(', ')}, ...`);
    return { kind: 'value', value: result.value };
  } catch (failure) {
    if (failure instanceof Failure) return { kind: 'error', error: failure.error };
    throw failure;
  }
}

type Evaluated = Exclude<Named, { readonly kind: 'unavailable' }>;

const value = (made: Value): Evaluated => ({ kind: 'value', value: made });

function fail(at: Expression, message: string): never {
  throw new Failure(message, at.span);
}

function evaluateNamed(expression: Expression, scope: Scope): Evaluated {
  if (expression.kind === 'name') {
    const named = scope.named(expression.name);
    if (named === undefined) {
      const near = scope.suggestions(expression.name);
      return fail(
        expression,
        `nothing here is called '${expression.name}'${near.length === 0 ? '' : `; did you mean ${near.map((name) => `'${name}'`).join(' or ')}?`}`,
      );
    }
    if (named.kind === 'unavailable') return fail(expression, `'${expression.name}' ${named.why}`);
    return named;
  }
  if (expression.kind === 'member') {
    const ofKernel = kernelMember(expression, scope);
    if (ofKernel !== undefined) return { kind: 'value', value: ofKernel };
    const object = evaluateNamed(expression.object, scope);
    if (object.kind === 'group') {
      const found = object.members(expression.member);
      return found === undefined
        ? fail(
            expression,
            `there is no '${expression.member}' here; there are ${object.names.slice(0, 12).join(', ')}, ...`,
          )
        : value(found);
    }
    if (object.kind === 'map') return fail(expression, `'${object.map.name}' is a map; look an entry up with [key]`);
    return value(member(expression, object.value, scope));
  }
  if (expression.kind === 'index') {
    const object = evaluateNamed(expression.object, scope);
    if (object.kind === 'map') return value(mapEntry(expression, object.map, scope));
    if (object.kind === 'group') return fail(expression, 'this has members, not elements');
    return value(element(expression, object.value, scope));
  }
  return value(evaluateValue(expression, scope));
}

function rvalue(expression: Expression, scope: Scope): Value {
  const result = evaluateNamed(expression, scope);
  if (result.kind === 'value') return result.value;
  return fail(
    expression,
    result.kind === 'map'
      ? `'${result.map.name}' is a map; look an entry up with [key]`
      : 'this has members; name one of them',
  );
}

function evaluateValue(
  expression: Exclude<Expression, { readonly kind: 'name' | 'member' | 'index' }>,
  scope: Scope,
): Value {
  switch (expression.kind) {
    case 'number': {
      const fitsInt = !expression.unsigned && !expression.long && expression.value <= 0x7fff_ffffn;
      const fitsUnsigned = !expression.long && expression.value <= 0xffff_ffffn;
      if (fitsInt) return integer(expression.value, 32, 'signed');
      if (expression.unsigned && fitsUnsigned) return integer(expression.value, 32, 'unsigned');
      return integer(
        expression.value,
        64,
        expression.unsigned || expression.value > 0x7fff_ffff_ffff_ffffn ? 'unsigned' : 'signed',
      );
    }
    case 'text':
      return fail(expression, 'a string can only be a map key');
    case 'call':
      return call(expression, scope);
    case 'unary':
      return unary(expression, scope);
    case 'binary':
      return binary(expression, scope);
    case 'conditional':
      return isTrue(expression.test, scope) ? rvalue(expression.then, scope) : rvalue(expression.otherwise, scope);
    case 'cast': {
      const type = resolveType(expression, expression.type, scope);
      const operand = decay(rvalue(expression.operand, scope));
      const size = sizeOfType(type);
      if (size === undefined || arithmeticOf(type).kind === 'none')
        return fail(expression, `cannot cast to ${typeText(type)}`);
      return { type, bytes: toBytes(numeric(expression.operand, operand), size), place: undefined };
    }
    case 'sizeof-type':
      return sizeResult(expression, resolveType(expression, expression.type, scope));
    case 'sizeof':
      return sizeResult(expression, rvalue(expression.operand, scope).type);
    case 'assign': {
      const target = rvalue(expression.target, scope);
      if (target.place === undefined) return fail(expression.target, 'this cannot be assigned to');
      const written = numeric(expression.value, decay(rvalue(expression.value, scope)));
      const kind = arithmeticOf(target.type).kind;
      if (kind !== 'int' && kind !== 'pointer')
        return fail(expression.target, 'assign to a member or an element, not to the whole');
      const why = scope.write(target.place, written);
      if (why !== undefined) return fail(expression.target, why);
      return { ...target, bytes: toBytes(written, target.bytes.length) };
    }
    default:
      return assertNever(expression, 'evaluateValue');
  }
}

const sizeResult = (expression: Expression, type: ValueType): Value => {
  const size = sizeOfType(type);
  return size === undefined
    ? fail(expression, `the size of ${typeText(type)} is not known`)
    : integer(BigInt(size), 64, 'unsigned');
};

function resolveType(at: Expression, syntax: TypeSyntax, scope: Scope): ValueType {
  let type = syntax.spelling === 'void' && syntax.pointers > 0 ? undefined : scope.findType(syntax.spelling);
  if (type === undefined && syntax.spelling !== 'void') return fail(at, `the program has no type '${syntax.spelling}'`);
  for (let i = 0; i < syntax.pointers; i++) type = { kind: 'pointer', target: type };
  return type ?? fail(at, 'void is no type of a value');
}

/** An array used as a value becomes a pointer to its first element. */
function decay(of: Value): Value {
  const arithmetic = arithmeticOf(of.type);
  if (arithmetic.kind !== 'array' || of.place?.kind !== 'memory') return of;
  return {
    type: { kind: 'pointer', target: arithmetic.element },
    bytes: toBytes(of.place.address, 8),
    place: undefined,
  };
}

/** The value as a number, sign-extended when its type is signed. */
function numeric(at: Expression, of: Value): bigint {
  const arithmetic = arithmeticOf(of.type);
  const raw = fromBytes(of.bytes);
  if (arithmetic.kind === 'int') return arithmetic.signed ? BigInt.asIntN(8 * of.bytes.length, raw) : raw;
  if (arithmetic.kind === 'pointer') return raw;
  return fail(at, `a value of type ${typeText(of.type)} is not a number`);
}

function isTrue(expression: Expression, scope: Scope): boolean {
  return numeric(expression, decay(rvalue(expression, scope))) !== 0n;
}

function load(at: Expression, type: ValueType, address: bigint, scope: Scope): Value {
  const size = sizeOfType(type);
  if (size === undefined) return fail(at, `the size of ${typeText(type)} is not known`);
  if (size > MAX_READ) return fail(at, `${size} bytes are too many to read at once`);
  const read = scope.readMemory(address, size);
  if (read.kind === 'fault') return fail(at, read.message);
  return { type, bytes: read.bytes, place: { kind: 'memory', address, offsetBits: 0, sizeBits: 8 * size } };
}

/** `tp->inet_conn.icsk_rto` where tp points to a kernel object; undefined for every other member. */
function kernelMember(expression: Extract<Expression, { kind: 'member' }>, scope: Scope): Value | undefined {
  if (scope.kernelMember === undefined) return undefined;
  const path = [expression.member];
  let at = expression;
  while (!at.arrow && at.object.kind === 'member') {
    at = at.object;
    path.unshift(at.member);
  }
  if (!at.arrow) return undefined;
  const base = evaluateNamed(at.object, scope);
  if (base.kind !== 'value' || arithmeticOf(decay(base.value).type).kind !== 'pointer') return undefined;
  const found = scope.kernelMember(fromBytes(decay(base.value).bytes), path);
  if (found === undefined) return undefined;
  return 'value' in found ? found.value : fail(expression, found.why);
}

function member(expression: Extract<Expression, { kind: 'member' }>, object: Value, scope: Scope): Value {
  let record = object;
  if (expression.arrow) {
    const pointer = arithmeticOf(decay(object).type);
    if (pointer.kind !== 'pointer') return fail(expression, `'->' needs a pointer, this is ${typeText(object.type)}`);
    if (pointer.target === undefined) return fail(expression, 'void * points to no struct; cast it first');
    const found = memberOf(pointer.target, expression.member);
    if (found === undefined) return fail(expression, noMember(pointer.target, expression.member));
    // Reads the member alone: the rest of the struct may not exist on this kernel.
    const base = numeric(expression.object, decay(object));
    const firstByte = Math.floor(found.offsetBits / 8);
    const byteCount = Math.ceil((found.offsetBits + found.sizeBits) / 8) - firstByte;
    if (byteCount > MAX_READ) return fail(expression, `${byteCount} bytes are too many to read at once`);
    const read = scope.readMemory(base + BigInt(firstByte), byteCount);
    if (read.kind === 'fault') return fail(expression, read.message);
    record = {
      type: pointer.target,
      bytes: read.bytes,
      place: { kind: 'memory', address: base + BigInt(firstByte), offsetBits: 0, sizeBits: 8 * byteCount },
    };
    return part(expression, record, found.type, found.offsetBits % 8, found.sizeBits, found.bitField);
  }
  const found = memberOf(record.type, expression.member);
  if (found === undefined) {
    if (arithmeticOf(record.type).kind === 'pointer')
      return fail(expression, `${typeText(record.type)} is a pointer: use '->' for its members`);
    return fail(expression, noMember(record.type, expression.member));
  }
  return part(expression, record, found.type, found.offsetBits, found.sizeBits, found.bitField);
}

function noMember(type: ValueType, name: string): string {
  const meant = nearest(name, memberNames(type));
  return `${typeText(type)} has no member '${name}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`;
}

/** A run of bits of a value as a value of its own, with its place. */
function part(
  at: Expression,
  whole: Value,
  type: ValueType,
  offsetBits: number,
  sizeBits: number,
  bitField: boolean,
): Value {
  const place = placeOfPart(whole.place, offsetBits, sizeBits);
  if (!bitField && offsetBits % 8 === 0) {
    return { type, bytes: whole.bytes.subarray(offsetBits / 8, (offsetBits + sizeBits) / 8), place };
  }
  const raw = readBits(whole.bytes, offsetBits, sizeBits);
  if (raw === undefined) return fail(at, 'these bits are not available');
  const arithmetic = arithmeticOf(type);
  const extended = arithmetic.kind === 'int' && arithmetic.signed ? BigInt.asIntN(sizeBits, raw) : raw;
  return { type, bytes: toBytes(extended, sizeOfType(type) ?? 8), place };
}

function placeOfPart(place: Place | undefined, offsetBits: number, sizeBits: number): Place | undefined {
  if (place?.kind !== 'memory')
    return offsetBits === 0 && place?.kind === 'register' ? { ...place, sizeBits } : undefined;
  const bits = place.offsetBits + offsetBits;
  return { kind: 'memory', address: place.address + BigInt(Math.floor(bits / 8)), offsetBits: bits % 8, sizeBits };
}

function element(expression: Extract<Expression, { kind: 'index' }>, object: Value, scope: Scope): Value {
  const index = numeric(expression.index, rvalue(expression.index, scope));
  const arithmetic = arithmeticOf(object.type);
  if (arithmetic.kind === 'array') {
    const size = sizeOfType(arithmetic.element);
    if (size === undefined) return fail(expression, 'the size of the elements is not known');
    if (index < 0n || (arithmetic.count > 0 && index >= BigInt(arithmetic.count)))
      return fail(expression, `index ${index} is outside of [0, ${arithmetic.count})`);
    if ((Number(index) + 1) * size <= object.bytes.length)
      return part(expression, object, arithmetic.element, Number(index) * size * 8, size * 8, false);
    if (object.place?.kind !== 'memory') return fail(expression, 'this element is not available');
    return load(expression, arithmetic.element, object.place.address + index * BigInt(size), scope);
  }
  if (arithmetic.kind !== 'pointer' || arithmetic.target === undefined)
    return fail(expression, `${typeText(object.type)} has no elements`);
  const size = sizeOfType(arithmetic.target);
  if (size === undefined) return fail(expression, 'the size of the elements is not known');
  return load(
    expression,
    arithmetic.target,
    BigInt.asUintN(64, numeric(expression.object, object) + index * BigInt(size)),
    scope,
  );
}

function mapEntry(expression: Extract<Expression, { kind: 'index' }>, map: MapHandle, scope: Scope): Value {
  let key: Uint8Array;
  if (expression.index.kind === 'text') {
    key = new Uint8Array(map.keySize);
    for (let i = 0; i < Math.min(map.keySize, expression.index.value.length); i++)
      key[i] = expression.index.value.charCodeAt(i) & 0xff;
  } else {
    const of = rvalue(expression.index, scope);
    const arithmetic = arithmeticOf(of.type);
    key =
      arithmetic.kind === 'none' || arithmetic.kind === 'array'
        ? of.bytes
        : toBytes(numeric(expression.index, of), map.keySize);
    if (key.length !== map.keySize)
      return fail(expression.index, `keys of '${map.name}' have ${map.keySize} bytes, this has ${key.length}`);
  }
  return map.lookup(key) ?? fail(expression, `'${map.name}' has no entry with this key`);
}

/** Byte order functions and macros under all their usual names, by width in bytes. */
const SWAPS: Readonly<Record<string, 2 | 4 | 8>> = {
  ntohs: 2,
  htons: 2,
  bpf_ntohs: 2,
  bpf_htons: 2,
  bswap16: 2,
  ntohl: 4,
  htonl: 4,
  bpf_ntohl: 4,
  bpf_htonl: 4,
  bswap32: 4,
  bpf_be64_to_cpu: 8,
  bpf_cpu_to_be64: 8,
  be64toh: 8,
  htobe64: 8,
  bswap64: 8,
};

function call(expression: Extract<Expression, { kind: 'call' }>, scope: Scope): Value {
  const width = SWAPS[expression.name];
  if (width === undefined)
    return fail(
      expression,
      `'${expression.name}' cannot be called here; there are ${Object.keys(SWAPS).slice(0, 4).join(', ')} and bpf_ forms of them`,
    );
  const [argument] = expression.args;
  if (argument === undefined || expression.args.length !== 1)
    return fail(expression, `${expression.name} takes one argument`);
  const bytes = toBytes(numeric(argument, decay(rvalue(argument, scope))), width).reverse();
  return integer(fromBytes(bytes), (8 * width) as 16 | 32 | 64, 'unsigned');
}

function unary(expression: Extract<Expression, { kind: 'unary' }>, scope: Scope): Value {
  const { operator, operand } = expression;
  if (operator === '&') {
    const of = rvalue(operand, scope);
    if (of.place?.kind !== 'memory' || of.place.offsetBits !== 0) return fail(expression, 'this has no address');
    return { type: { kind: 'pointer', target: of.type }, bytes: toBytes(of.place.address, 8), place: undefined };
  }
  const of = decay(rvalue(operand, scope));
  if (operator === '*') {
    const arithmetic = arithmeticOf(of.type);
    if (arithmetic.kind !== 'pointer') return fail(expression, `'*' needs a pointer, this is ${typeText(of.type)}`);
    if (arithmetic.target === undefined) return fail(expression, 'void * cannot be followed; cast it first');
    return load(expression, arithmetic.target, numeric(operand, of), scope);
  }
  const number = numeric(operand, of);
  if (operator === '!') return integer(number === 0n ? 1n : 0n, 32, 'signed');
  const { bits, signed } = promote(arithmeticOf(of.type));
  const result = operator === '-' ? -number : operator === '~' ? ~number : number;
  return integer(result, bits, signed ? 'signed' : 'unsigned');
}

/** C's integer promotion, and pointers as 64-bit numbers. */
function promote(arithmetic: Arithmetic): { readonly bits: 32 | 64; readonly signed: boolean } {
  if (arithmetic.kind !== 'int') return { bits: 64, signed: false };
  if (arithmetic.bits < 32) return { bits: 32, signed: true };
  return { bits: arithmetic.bits > 32 ? 64 : 32, signed: arithmetic.signed };
}

const COMPARISONS = new Set<BinaryOperator>(['<', '<=', '>', '>=', '==', '!=']);

function binary(expression: Extract<Expression, { kind: 'binary' }>, scope: Scope): Value {
  const { operator } = expression;
  if (operator === '&&' || operator === '||') {
    const left = isTrue(expression.left, scope);
    const result =
      operator === '&&' ? left && isTrue(expression.right, scope) : left || isTrue(expression.right, scope);
    return integer(result ? 1n : 0n, 32, 'signed');
  }
  const left = decay(rvalue(expression.left, scope));
  const right = decay(rvalue(expression.right, scope));
  const a = numeric(expression.left, left);
  const b = numeric(expression.right, right);
  const pointer = pointerArithmetic(expression, left, right, a, b);
  if (pointer !== undefined) return pointer;
  const one = promote(arithmeticOf(left.type));
  const other = promote(arithmeticOf(right.type));
  if (operator === '<<' || operator === '>>') {
    const shift = BigInt.asUintN(one.bits === 64 ? 6 : 5, b);
    return integer(
      operator === '<<' ? a << shift : convert(a, one) >> shift,
      one.bits,
      one.signed ? 'signed' : 'unsigned',
    );
  }
  const bits: 32 | 64 = one.bits === 64 || other.bits === 64 ? 64 : 32;
  const signed = !((one.bits === bits && !one.signed) || (other.bits === bits && !other.signed));
  const x = convert(a, { bits, signed });
  const y = convert(b, { bits, signed });
  if (COMPARISONS.has(operator)) return integer(compare(operator, x, y) ? 1n : 0n, 32, 'signed');
  return integer(compute(expression, operator, x, y), bits, signed ? 'signed' : 'unsigned');
}

const convert = (number: bigint, to: { readonly bits: 32 | 64; readonly signed: boolean }): bigint =>
  to.signed ? BigInt.asIntN(to.bits, number) : BigInt.asUintN(to.bits, number);

function compare(operator: BinaryOperator, x: bigint, y: bigint): boolean {
  switch (operator) {
    case '<':
      return x < y;
    case '<=':
      return x <= y;
    case '>':
      return x > y;
    case '>=':
      return x >= y;
    case '==':
      return x === y;
    default:
      return x !== y;
  }
}

function compute(expression: Expression, operator: BinaryOperator, x: bigint, y: bigint): bigint {
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return y === 0n ? fail(expression, 'division by zero') : x / y;
    case '%':
      return y === 0n ? fail(expression, 'division by zero') : x % y;
    case '&':
      return x & y;
    case '|':
      return x | y;
    case '^':
      return x ^ y;
    default:
      return fail(expression, `'${operator}' is not defined here`);
  }
}

function pointerArithmetic(
  expression: Extract<Expression, { kind: 'binary' }>,
  left: Value,
  right: Value,
  a: bigint,
  b: bigint,
): Value | undefined {
  const one = arithmeticOf(left.type);
  const other = arithmeticOf(right.type);
  const { operator } = expression;
  if (operator !== '+' && operator !== '-') return undefined;
  const scaled = (target: ValueType | undefined, count: bigint) =>
    count * BigInt((target === undefined ? 1 : sizeOfType(target)) ?? 1);
  if (one.kind === 'pointer' && other.kind === 'pointer') {
    if (operator === '+') return fail(expression, 'two pointers cannot be added');
    return integer((a - b) / (scaled(one.target, 1n) || 1n), 64, 'signed');
  }
  if (one.kind === 'pointer') {
    const moved = operator === '+' ? a + scaled(one.target, b) : a - scaled(one.target, b);
    return { type: { kind: 'pointer', target: one.target }, bytes: toBytes(moved, 8), place: undefined };
  }
  if (other.kind === 'pointer' && operator === '+') {
    return {
      type: { kind: 'pointer', target: other.target },
      bytes: toBytes(b + scaled(other.target, a), 8),
      place: undefined,
    };
  }
  return undefined;
}
