// Arithmetic on what is known of integers and of the byte order of ports and addresses, on a little-endian machine.

import type { Order, Origin, Value } from './value.ts';
import { UNKNOWN } from './value.ts';

/** Functions that swap bytes on a little-endian machine, and how many. The direction in the name makes no difference. */
const SWAPS: Readonly<Record<string, 16 | 32 | 64>> = {};
for (const [bits, names] of [
  [
    16,
    'bpf_htons bpf_ntohs htons ntohs __bpf_htons __bpf_ntohs __bpf_constant_htons __bpf_constant_ntohs __builtin_bswap16 __constant_htons __constant_ntohs bpf_cpu_to_be16 bpf_be16_to_cpu cpu_to_be16 be16_to_cpu __cpu_to_be16 __be16_to_cpu',
  ],
  [
    32,
    'bpf_htonl bpf_ntohl htonl ntohl __bpf_htonl __bpf_ntohl __bpf_constant_htonl __bpf_constant_ntohl __builtin_bswap32 __constant_htonl __constant_ntohl bpf_cpu_to_be32 bpf_be32_to_cpu cpu_to_be32 be32_to_cpu __cpu_to_be32 __be32_to_cpu',
  ],
  [64, 'bpf_cpu_to_be64 bpf_be64_to_cpu __bpf_cpu_to_be64 __bpf_be64_to_cpu __builtin_bswap64 bpf_htonll bpf_ntohll'],
] as const)
  for (const name of names.split(' ')) (SWAPS as Record<string, number>)[name] = bits;

/** Width in bits of a byte-swapping function; undefined for any other name. */
export function swapWidth(name: string): 16 | 32 | 64 | undefined {
  return SWAPS[name];
}

function swapBytes(value: bigint, bits: number): bigint {
  let rest = BigInt.asUintN(bits, value);
  let out = 0n;
  for (let i = 0; i < bits / 8; i++) {
    out = (out << 8n) | (rest & 0xffn);
    rest >>= 8n;
  }
  return out;
}

const SWAPPED_32: Readonly<Record<Order, Order>> = {
  host: 'net32',
  net32: 'host',
  net16: 'mixed',
  zero: 'mixed',
  mixed: 'mixed',
};
const SWAPPED_16_PORT: Readonly<Record<Order, Order>> = {
  host: 'net16',
  net16: 'host',
  net32: 'zero',
  zero: 'zero',
  mixed: 'mixed',
};

/** What a byte-swapping function makes of a value. */
export function swapValue(name: string, bits: 16 | 32 | 64, value: Value): Value {
  if (value.kind === 'ints') {
    const swapped = value.values.map((v) => swapBytes(v, bits));
    const order: Order | undefined =
      bits === 64
        ? undefined
        : value.order === undefined || value.order === 'host'
          ? bits === 16
            ? 'net16'
            : 'net32'
          : 'host';
    return {
      kind: 'ints',
      values: swapped,
      ...(order === undefined ? {} : { order }),
      ...originVia(value.origin, name),
    };
  }
  if (value.kind !== 'number' || value.order === undefined || bits === 64)
    return value.kind === 'number' ? { kind: 'number' } : UNKNOWN;
  const port = value.origin?.what === 'port';
  const order = bits === 32 ? SWAPPED_32[value.order] : port ? SWAPPED_16_PORT[value.order] : 'mixed';
  return { kind: 'number', order, ...originVia(value.origin, name) };
}

function originVia(origin: Origin | undefined, via: string): { origin?: Origin } {
  return origin === undefined ? {} : { origin: { ...origin, via: [...origin.via, via] } };
}

/** A value stored in `bits` bits. */
export function narrowValue(value: Value, bits: number, signed = false): Value {
  if (value.kind === 'ints') {
    const values = value.values.map((v) => (signed ? BigInt.asIntN(bits, v) : BigInt.asUintN(bits, v)));
    return values.every((v, i) => v === value.values[i]) ? value : { ...value, values };
  }
  if (value.kind !== 'number' || value.origin === undefined || value.order === undefined) return value;
  if (value.origin.what === 'port' && bits === 16 && value.order === 'net32')
    return { ...value, order: 'zero', origin: { ...value.origin, via: [...value.origin.via, '16-bit'] } };
  if (bits < (value.origin.what === 'port' ? 16 : 32)) return { kind: 'number' };
  return value;
}

/** Result of an arithmetic operator. */
export function arithmetic(op: string, left: Value, right: Value): Value {
  if (left.kind === 'ints' && right.kind === 'ints') {
    if (left.values.length * right.values.length > 16) return { kind: 'number' };
    const values = new Set<bigint>();
    for (const a of left.values)
      for (const b of right.values) {
        const result = compute(op, a, b);
        if (result === undefined) return { kind: 'number' };
        values.add(result);
      }
    if (values.size > 8) return { kind: 'number' };
    const order =
      left.order !== undefined && left.order === right.order && /^[|&^]$/.test(op) ? { order: left.order } : {};
    return { kind: 'ints', values: [...values], ...order };
  }
  if (left.kind === 'number' && right.kind === 'ints' && right.values.length === 1)
    return shiftOrder(op, left, right.values[0]!);
  return { kind: 'number' };
}

function shiftOrder(op: string, left: Extract<Value, { kind: 'number' }>, by: bigint): Value {
  const { origin, order } = left;
  if (origin === undefined || order === undefined) return { kind: 'number' };
  if (origin.what === 'address') return partOfAddress(op, left, origin, by);
  if (origin.what !== 'port') return op === '&' && by === 0xffffffffn ? left : { kind: 'number' };
  const next = { ...origin, via: [...origin.via, `${op} ${by <= 64n ? by : `0x${by.toString(16)}`}`] };
  if (op === '>>' && by === 16n)
    return {
      kind: 'number',
      origin: next,
      order: order === 'net32' ? 'net16' : order === 'host' || order === 'net16' ? 'zero' : 'mixed',
    };
  if (op === '&' && by === 0xffffn) return { kind: 'number', origin: next, order: order === 'net32' ? 'zero' : order };
  if (op === '<<' && by === 16n) return { kind: 'number', origin: next, order: order === 'net16' ? 'net32' : 'mixed' };
  if (op === '&' && by === 0xffffffffn) return left;
  return { kind: 'number' };
}

/** A prefix or a byte of an address: still in its order, and known to be a part. */
function partOfAddress(op: string, left: Value, origin: Origin, by: bigint): Value {
  if (left.kind !== 'number') return UNKNOWN;
  const before = origin.part ?? { mask: 0xffffffffn, shift: 0n };
  if (op === '&') {
    const mask = before.mask & (by << before.shift) & 0xffffffffn;
    return mask === 0xffffffffn ? left : { ...left, origin: { ...origin, part: { ...before, mask } } };
  }
  if (op === '>>' && by >= 0n && before.shift + by < 32n) {
    const shift = before.shift + by;
    return { ...left, origin: { ...origin, part: { mask: (before.mask >> shift) << shift, shift } } };
  }
  return { kind: 'number' };
}

/** C arithmetic on mathematical integers; undefined for what C leaves open. */
export function compute(op: string, a: bigint, b: bigint): bigint | undefined {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? undefined : a / b;
    case '%':
      return b === 0n ? undefined : a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return b < 0n || b > 63n ? undefined : BigInt.asIntN(64, a << b);
    case '>>':
      return b < 0n || b > 63n ? undefined : a >> b;
    default:
      return undefined;
  }
}

/** Outcome of a comparison of two known integers. */
export function compare(op: string, a: bigint, b: bigint): boolean | undefined {
  switch (op) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return undefined;
  }
}
