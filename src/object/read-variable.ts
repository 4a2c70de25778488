// From a location to the bytes of a value, given a stopped machine. The machine is whatever can say what is in a register and in
// memory; a value that cannot be had is an answer with a reason, never a guess.

import { assertNever } from '../base/index.ts';
import { readBits, writeBits } from './c-value.ts';
import type { ExpressionStep, LocationPiece, VariableLocation } from './debug-info.ts';

/** The frame in which a variable is looked at. */
export interface LocationMachine {
  /** Unsigned 64-bit value of r0 to r9 in this frame; undefined when it cannot be known (a caller's scratch registers). */
  register(number: number): bigint | undefined;
  /** r10 of this frame. */
  readonly framePointer: bigint | undefined;
  readMemory(address: bigint, length: number): Uint8Array | undefined;
  /** Address of the value of an array map that holds a data section. */
  mapAddress(mapFd: number): bigint | undefined;
  /** What a register held when the frame's function was entered, where that is known. */
  entryRegister?(number: number): bigint | undefined;
}

/** Where a value could be written back. */
export type ValuePlace =
  | { readonly kind: 'memory'; readonly address: bigint }
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'none' };

export type ReadVariable =
  | {
      readonly kind: 'value';
      readonly bytes: Uint8Array;
      readonly place: ValuePlace;
      /** Bit ranges of the value that are not known, for a value in pieces. */
      readonly unknownBits?: readonly { readonly start: number; readonly end: number }[];
    }
  | { readonly kind: 'unavailable'; readonly why: string };

const MAX_VALUE_BYTES = 1 << 20;
const unavailable = (why: string): ReadVariable => ({ kind: 'unavailable', why });

/** Reads the `sizeBytes` bytes of a variable. */
export function readVariable(location: VariableLocation, machine: LocationMachine, sizeBytes: number): ReadVariable {
  if (!(sizeBytes >= 0 && sizeBytes <= MAX_VALUE_BYTES)) return unavailable(`its type has ${sizeBytes} bytes`);
  switch (location.kind) {
    case 'register': {
      const value = registerValue(machine, location.register);
      if (value === undefined) return unavailable(`r${location.register} of this frame is not known`);
      if (sizeBytes > 8) return unavailable(`a value of ${sizeBytes} bytes cannot be in one register`);
      return {
        kind: 'value',
        bytes: wordBytes(value, sizeBytes),
        place: { kind: 'register', register: location.register },
      };
    }
    case 'frame': {
      if (machine.framePointer === undefined) return unavailable('the frame pointer is not known');
      return readMemory(machine, machine.framePointer + BigInt(location.offset), sizeBytes);
    }
    case 'register-memory': {
      const base = registerValue(machine, location.register);
      if (base === undefined) return unavailable(`r${location.register} of this frame is not known`);
      return readMemory(machine, base + BigInt(location.offset), sizeBytes);
    }
    case 'map-memory': {
      const base = machine.mapAddress(location.mapFd);
      if (base === undefined) return unavailable('its data section is not loaded');
      return readMemory(machine, base + BigInt(location.offset), sizeBytes);
    }
    case 'constant':
      return { kind: 'value', bytes: wordBytes(location.value, sizeBytes), place: { kind: 'none' } };
    case 'constant-bytes': {
      const bytes = new Uint8Array(sizeBytes);
      bytes.set(location.bytes.subarray(0, sizeBytes));
      return { kind: 'value', bytes, place: { kind: 'none' } };
    }
    case 'computed': {
      const result = evaluate(location.steps, machine);
      if (typeof result === 'string') return unavailable(result);
      if (location.result === 'address') return readMemory(machine, result, sizeBytes);
      return { kind: 'value', bytes: wordBytes(result, sizeBytes), place: { kind: 'none' } };
    }
    case 'pieces':
      return readPieces(location.pieces, machine, sizeBytes);
    case 'optimised-out':
      return unavailable(location.why);
    default:
      return assertNever(location, 'readVariable');
  }
}

function registerValue(machine: LocationMachine, register: number): bigint | undefined {
  return register === 10 ? machine.framePointer : machine.register(register);
}

function readMemory(machine: LocationMachine, address: bigint, sizeBytes: number): ReadVariable {
  const at = BigInt.asUintN(64, address);
  const bytes = machine.readMemory(at, sizeBytes);
  if (bytes === undefined || bytes.length < sizeBytes)
    return unavailable(`the memory at 0x${at.toString(16)} cannot be read`);
  return { kind: 'value', bytes, place: { kind: 'memory', address: at } };
}

/** Little-endian bytes of a 64-bit value; longer than that it is sign-extended, as a wider integer would be. */
function wordBytes(value: bigint, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let rest = BigInt.asIntN(64, value);
  for (let i = 0; i < sizeBytes; i++) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function readPieces(pieces: readonly LocationPiece[], machine: LocationMachine, sizeBytes: number): ReadVariable {
  const bytes = new Uint8Array(sizeBytes);
  const unknown: { start: number; end: number }[] = [];
  let reason = 'the compiler kept no copy of it here';
  let at = 0;
  let known = 0;
  for (const { location, sizeBits, offsetBits } of pieces) {
    const width = Math.min(sizeBits, sizeBytes * 8 - at);
    if (width <= 0) break;
    const read = readVariable(location, machine, Math.ceil((offsetBits + width) / 8));
    if (read.kind === 'value') {
      copyBits(read.bytes, offsetBits, bytes, at, width);
      known += width;
    } else {
      reason = read.why;
      unknown.push({ start: at, end: at + width });
    }
    at += width;
  }
  if (at < sizeBytes * 8) unknown.push({ start: at, end: sizeBytes * 8 });
  if (known === 0) return unavailable(reason);
  return { kind: 'value', bytes, place: { kind: 'none' }, ...(unknown.length === 0 ? {} : { unknownBits: unknown }) };
}

function copyBits(from: Uint8Array, fromBit: number, to: Uint8Array, toBit: number, width: number): void {
  for (let done = 0; done < width; done += 64) {
    const chunk = Math.min(64, width - done);
    const value = readBits(from, fromBit + done, chunk);
    if (value !== undefined) writeBits(to, toBit + done, chunk, value);
  }
}

/** Runs the steps; a text says why there is no result. */
function evaluate(steps: readonly ExpressionStep[], machine: LocationMachine): bigint | string {
  const stack: bigint[] = [];
  for (const step of steps) {
    const failure = apply(step, stack, machine);
    if (failure !== undefined) return failure;
  }
  return stack.at(-1) ?? 'its location computes nothing';
}

const EMPTY_STACK = 'its location takes more from the stack than is there';

function apply(step: ExpressionStep, stack: bigint[], machine: LocationMachine): string | undefined {
  const push = (value: bigint): undefined => {
    stack.push(BigInt.asUintN(64, value));
    return undefined;
  };
  switch (step.op) {
    case 'constant':
      return push(step.value);
    case 'register': {
      const value = registerValue(machine, step.register);
      return value === undefined ? `r${step.register} of this frame is not known` : push(value + step.offset);
    }
    case 'entry-register': {
      const value = machine.entryRegister?.(step.register);
      return value === undefined
        ? `only the value of r${step.register} at the start of the function would tell`
        : push(value);
    }
    case 'map-address': {
      const base = machine.mapAddress(step.mapFd);
      return base === undefined ? 'its data section is not loaded' : push(base + BigInt(step.offset));
    }
    case 'load': {
      const address = stack.pop();
      if (address === undefined) return EMPTY_STACK;
      const bytes = machine.readMemory(address, step.sizeBytes);
      const value = bytes === undefined ? undefined : readBits(bytes, 0, step.sizeBytes * 8);
      return value === undefined ? `the memory at 0x${address.toString(16)} cannot be read` : push(value);
    }
    case 'convert': {
      const value = stack.pop();
      if (value === undefined) return EMPTY_STACK;
      return push(step.signed ? BigInt.asIntN(step.bits, value) : BigInt.asUintN(step.bits, value));
    }
    case 'unary': {
      const value = stack.pop();
      if (value === undefined) return EMPTY_STACK;
      const signed = BigInt.asIntN(64, value);
      return push(step.fn === 'not' ? ~value : step.fn === 'neg' ? -signed : signed < 0n ? -signed : signed);
    }
    case 'binary': {
      const right = stack.pop();
      const left = stack.pop();
      if (left === undefined || right === undefined) return EMPTY_STACK;
      const value = binary(step.fn, left, right);
      return value === undefined ? 'its location divides by zero' : push(value);
    }
    case 'stack':
      return shuffle(step.fn, stack) ? undefined : EMPTY_STACK;
    case 'pick': {
      const value = stack.at(-1 - step.index);
      return value === undefined ? EMPTY_STACK : push(value);
    }
    default:
      return assertNever(step, 'location step');
  }
}

function shuffle(fn: Extract<ExpressionStep, { op: 'stack' }>['fn'], stack: bigint[]): boolean {
  const [third, second, first] = [stack.at(-3), stack.at(-2), stack.at(-1)];
  switch (fn) {
    case 'dup':
      if (first === undefined) return false;
      stack.push(first);
      return true;
    case 'drop':
      return stack.pop() !== undefined;
    case 'over':
      if (second === undefined) return false;
      stack.push(second);
      return true;
    case 'swap':
      if (first === undefined || second === undefined) return false;
      stack.splice(-2, 2, first, second);
      return true;
    case 'rot':
      if (first === undefined || second === undefined || third === undefined) return false;
      stack.splice(-3, 3, first, third, second);
      return true;
    default:
      return assertNever(fn, 'stack step');
  }
}

/** Division and comparison are signed, as DWARF has them; modulo is not. */
function binary(fn: Extract<ExpressionStep, { op: 'binary' }>['fn'], left: bigint, right: bigint): bigint | undefined {
  const a = BigInt.asIntN(64, left);
  const b = BigInt.asIntN(64, right);
  switch (fn) {
    case 'add':
      return left + right;
    case 'sub':
      return left - right;
    case 'mul':
      return left * right;
    case 'div':
      return b === 0n ? undefined : a / b;
    case 'mod':
      return right === 0n ? undefined : left % right;
    case 'and':
      return left & right;
    case 'or':
      return left | right;
    case 'xor':
      return left ^ right;
    case 'shl':
      return right >= 64n ? 0n : left << right;
    case 'shr':
      return right >= 64n ? 0n : left >> right;
    case 'sar':
      return right >= 64n ? (a < 0n ? -1n : 0n) : a >> right;
    case 'eq':
      return a === b ? 1n : 0n;
    case 'ne':
      return a !== b ? 1n : 0n;
    case 'lt':
      return a < b ? 1n : 0n;
    case 'le':
      return a <= b ? 1n : 0n;
    case 'gt':
      return a > b ? 1n : 0n;
    case 'ge':
      return a >= b ? 1n : 0n;
    default:
      return assertNever(fn, 'binary step');
  }
}
