// The debugger's expression language: parsing, C arithmetic, memory, maps, errors with their places.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate, type Named, type Scope } from '../../src/debugger/expression/evaluate.ts';
import { parseExpression } from '../../src/debugger/expression/parser.ts';
import { fromBytes, integer, toBytes, type ValueType } from '../../src/debugger/expression/value.ts';

const U32: ValueType = { kind: 'int', bits: 32, signed: false };
const TYPES: Readonly<Record<string, ValueType>> = {
  int: { kind: 'int', bits: 32, signed: true },
  __u8: { kind: 'int', bits: 8, signed: false },
  u8: { kind: 'int', bits: 8, signed: false },
  __u32: U32,
  long: { kind: 'int', bits: 64, signed: true },
};

/** A machine with 64 bytes of memory at 0x1000, two variables in it, a register and a map. */
function scope(): Scope & { readonly memory: Uint8Array } {
  const memory = new Uint8Array(64);
  memory.set([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xbb, 0x01], 0);
  const place = (at: number, sizeBits: number) =>
    ({ kind: 'memory', address: 0x1000n + BigInt(at), offsetBits: 0, sizeBits }) as const;
  const names: Readonly<Record<string, () => Named>> = {
    a: () => ({ kind: 'value', value: integer(fromBytes(memory.subarray(0, 4)), 32, 'unsigned', place(0, 32)) }),
    negative: () => ({ kind: 'value', value: integer(-1n, 32, 'signed') }),
    p: () => ({
      kind: 'value',
      value: { type: { kind: 'pointer', target: U32 }, bytes: toBytes(0x1000n, 8), place: undefined },
    }),
    r1: () => ({ kind: 'value', value: integer(0xffff_ffff_ffff_fff0n, 64, 'unsigned') }),
    gone: () => ({ kind: 'unavailable', why: 'is optimised out' }),
    counts: () => ({
      kind: 'map',
      map: {
        name: 'counts',
        keySize: 4,
        lookup: (key) => (fromBytes(key) === 3n ? integer(77n, 64, 'unsigned') : undefined),
      },
    }),
    sock: () => ({
      kind: 'group',
      names: ['snd_cwnd'],
      members: (name) => (name === 'snd_cwnd' ? integer(10n, 64, 'unsigned') : undefined),
    }),
  };
  return {
    memory,
    named: (name) => names[name]?.(),
    suggestions: (name) => (name === 'count' ? ['counts'] : []),
    findType: (spelling) => TYPES[spelling],
    readMemory: (address, length) => {
      const at = Number(address - 0x1000n);
      if (at < 0 || at + length > memory.length) return { kind: 'fault', message: 'nothing is there' };
      return { kind: 'bytes', bytes: memory.slice(at, at + length) };
    },
    write: (target, value) => {
      if (target.kind !== 'memory') return 'not memory';
      memory.set(toBytes(value, target.sizeBits / 8), Number(target.address - 0x1000n));
      return undefined;
    },
  };
}

function run(text: string, within = scope()): string {
  const parsed = parseExpression(text, (name) => name in TYPES);
  if (parsed.kind === 'error') return `error: ${parsed.error.message} @${parsed.error.span.start}`;
  const result = evaluate(parsed.parsed.expression, within);
  if (result.kind === 'error') return `error: ${result.error.message} @${result.error.span.start}`;
  if (result.kind === 'map') return `map ${result.map.name}`;
  const { type, bytes } = result.value;
  const raw = fromBytes(bytes);
  return (type.kind === 'int' && type.signed ? BigInt.asIntN(8 * bytes.length, raw) : raw).toString();
}

const CASES: readonly (readonly [string, string])[] = [
  ['1 + 2 * 3', '7'],
  ['(1 + 2) * 3', '9'],
  ['10 - 3 - 2', '5'],
  ['1 << 4 | 1', '17'],
  ['0x10 + 010 + 0b11', '27'],
  ["'A'", '65'],
  ['-7 / 2', '-3'],
  ['-7 % 4', '-3'],
  ['7 / 0', 'error: division by zero @0'],
  ['negative < 0', '1'],
  ['negative > 0u', '1'],
  ['negative == 0xffffffff', '1'],
  ['~0', '-1'],
  ['!0 && 1', '1'],
  ['0 || 0', '0'],
  ['a ? 5 : 6', '5'],
  ['0x7fffffff + 1', '-2147483648'],
  ['0x7fffffffL + 1', '2147483648'],
  ['(u8)0x1ff', '255'],
  ['(int)0xffffffffL', '-1'],
  ['sizeof(long) + sizeof(a)', '12'],
  ['*p', '1'],
  ['p[2]', '3'],
  ['*(p + 1)', '2'],
  ['p + 1 - p', '1'],
  ['&a == p', '1'],
  ['*(u8 *)(0x1000 + 12)', '187'],
  ['*(u8 *)0', 'error: nothing is there @0'],
  ['bpf_ntohs(0x01bb)', '47873'],
  ['ntohl(0x0100007f)', '2130706433'],
  ['counts[3]', '77'],
  ['counts[4]', "error: 'counts' has no entry with this key @0"],
  ['counts', 'map counts'],
  ['counts + 1', "error: 'counts' is a map; look an entry up with [key] @0"],
  ['sock.snd_cwnd * 2', '20'],
  ['sock.nothing', "error: there is no 'nothing' here; there are snd_cwnd, ... @0"],
  ['r1 >> 4', '1152921504606846975'],
  ['gone + 1', "error: 'gone' is optimised out @0"],
  ['count', "error: nothing here is called 'count'; did you mean 'counts'? @0"],
  ['1 +', 'error: an expression is expected here @3'],
  ['1 2', 'error: unexpected text after the expression @2'],
  ['(1', "error: ')' is expected here @2"],
  ['a @ b', 'error: unexpected text after the expression @2'],
  ['"text"', 'error: a string can only be a map key @0'],
  ['08', "error: '08' is not an octal number @0"],
  ['0xfffffffffffffffff', 'error: 0xfffffffffffffffff does not fit into 64 bits @0'],
  ['f(1)', "error: 'f' cannot be called here; there are ntohs, htons, bpf_ntohs, bpf_htons and bpf_ forms of them @0"],
  ['5 = 6', 'error: this cannot be assigned to @0'],
  ['a, y', 'error: unknown format; use one of x, d, u, o, b, c, s, ip, port, op, state, flags @3'],
  ['😀', "error: unexpected character '😀' @0"],
  [`1${' + 1'.repeat(5000)}`, 'error: the expression is too long @0'],
  [`${'('.repeat(200)}1${')'.repeat(200)}`, 'error: the expression is nested too deeply @100'],
];

for (const [text, expected] of CASES) {
  test(`${text.length > 40 ? `${text.slice(0, 40)}...` : text} gives ${expected}`, () =>
    assert.equal(run(text), expected));
}

test('an assignment writes to its place and has the value written', () => {
  const within = scope();
  assert.equal(run('a = 0x12345678', within), String(0x12345678));
  assert.deepEqual([...within.memory.subarray(0, 4)], [0x78, 0x56, 0x34, 0x12]);
  assert.equal(run('p[1] = a + 1', within), String(0x12345679));
  assert.equal(run('p[1]', within), String(0x12345679));
});

test('a format suffix is read and kept apart', () => {
  const parsed = parseExpression('a + 1, x', () => false);
  assert.equal(parsed.kind === 'parsed' ? parsed.parsed.format : undefined, 'x');
});
