// BTF types: every kind read and printed, members flattened, values decoded, and graphs that bite their own tail.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BTF_KIND } from '../../src/object/btf.ts';
import { BtfBuilder } from '../../src/object/btf-builder.ts';
import {
  Btf,
  decodeValue,
  findMember,
  flatMembers,
  readBits,
  readBtf,
  sizeOf,
  strip,
  typeDefinition,
  typeName,
  writeBits,
} from '../../src/object/index.ts';

function sample(): BtfBuilder {
  const b = new BtfBuilder();
  b.int('int', 4, 'signed')
    .int('char', 1, 'signed')
    .int('unsigned int', 4)
    .int('_Bool', 1, 'bool')
    .int('unsigned long long', 8);
  b.typedef('__u32', 'unsigned int').typedef('__u64', 'unsigned long long');
  b.enum('color', [
    ['RED', 0],
    ['GREEN', 5],
  ]);
  b.struct('$inner', [
    ['a', '__u32'],
    ['b', '__u32'],
  ]).union('$choice', [
    ['whole', '__u64'],
    ['', 'struct $inner'],
  ]);
  b.struct('flow', [
    ['name', 'char[8]'],
    ['', 'union $choice'],
    ['color', 'enum color'],
    ['low', '__u32', 3],
    ['high', '__u32', 5],
    ['next', 'struct flow *'],
    ['unknown', 'struct nowhere *'],
    ['grid', 'int[2][3]'],
    ['on', '_Bool'],
  ]);
  return b;
}

test('a struct with every sort of member is read, printed and sized', () => {
  const btf = sample().build();
  const id = btf.find('struct', 'flow')!;
  assert.equal(sizeOf(btf, id), 72);
  assert.equal(
    typeDefinition(btf, id),
    [
      'struct flow {',
      '  char name[8];',
      '  union {',
      '    __u64 whole;',
      '    struct {',
      '      __u32 a;',
      '      __u32 b;',
      '    };',
      '  };',
      '  enum color color;',
      '  __u32 low : 3;',
      '  __u32 high : 5;',
      '  struct flow *next;',
      '  struct nowhere *unknown;',
      '  int grid[3][2];',
      '  _Bool on;',
      '};',
    ].join('\n'),
  );
  assert.deepEqual(
    flatMembers(btf, id)!.map(({ name, offsetBits, sizeBits }) => [name, offsetBits, sizeBits]),
    [
      ['name', 0, 64],
      ['whole', 64, 64],
      ['a', 64, 32],
      ['b', 96, 32],
      ['color', 128, 32],
      ['low', 160, 3],
      ['high', 163, 5],
      ['next', 192, 64],
      ['unknown', 256, 64],
      ['grid', 320, 192],
      ['on', 512, 8],
    ],
  );
  assert.equal(findMember(btf, id, 'b')!.offsetBits, 96);
  assert.equal(strip(btf, findMember(btf, id, 'whole')!.type)!.type.kind, 'int');
});

test('bytes are decoded by type', () => {
  const btf = sample().build();
  const id = btf.find('struct', 'flow')!;
  const bytes = new Uint8Array(72);
  bytes.set(new TextEncoder().encode('eth0'));
  const view = new DataView(bytes.buffer);
  view.setUint32(8, 7, true);
  view.setUint32(12, 9, true);
  view.setUint32(16, 5, true);
  view.setUint8(20, (3 << 3) | 6);
  view.setBigUint64(24, 0xffff888012345678n, true);
  view.setInt32(40, -1, true);
  view.setUint8(64, 1);
  const tree = decodeValue({ table: btf, id }, bytes, { name: 'f' });
  const text = Object.fromEntries(tree.children.map((child) => [child.name, child.text]));
  assert.equal(text['name'], '"eth0"');
  assert.equal(text[''], '{whole = 38654705671, {a = 7, b = 9}}');
  assert.equal(text['color'], 'GREEN');
  assert.equal(text['low'], '6');
  assert.equal(text['high'], '3');
  assert.equal(text['next'], '0xffff888012345678');
  assert.equal(text['unknown'], 'NULL');
  assert.equal(text['grid'], '{{-1, 0}, {0, 0}, {0, 0}}');
  assert.equal(text['on'], 'true');
  const grid = tree.children.find((child) => child.name === 'grid')!;
  assert.equal(grid.children[0]!.children[0]!.scalar, -1n);
});

test('bytes that are missing are unreadable and not zero', () => {
  const btf = sample().build();
  const tree = decodeValue({ table: btf, id: btf.find('struct', 'flow')! }, new Uint8Array(10));
  assert.equal(tree.children[2]!.shape, 'unreadable');
});

test('bits are written where they are read', () => {
  const bytes = new Uint8Array(16).fill(0xa5);
  for (const [start, width] of [
    [0, 8],
    [3, 5],
    [7, 64],
    [61, 9],
    [0, 128],
  ] as const) {
    const copy = bytes.slice();
    const value = BigInt.asUintN(width, 0x123456789abcdef0fedcba9876543210n);
    assert.ok(writeBits(copy, start, width, value));
    assert.equal(readBits(copy, start, width), value);
    if (start > 0) assert.equal(readBits(copy, 0, start), readBits(bytes, 0, start));
    if (start + width < 128)
      assert.equal(
        readBits(copy, start + width, 128 - start - width),
        readBits(bytes, start + width, 128 - start - width),
      );
  }
  assert.equal(writeBits(bytes, 120, 16, 0n), false);
});

test('kinds that only tools write: enum64, float, forward declarations, tags, functions', () => {
  const b = sample();
  const wide = b.add('wide', BTF_KIND.enum64, 2, 8, [b.text('BIG'), 0, 1, b.text('MINUS'), 0xffffffff, 0xffffffff], 1);
  const real = b.add('double', BTF_KIND.float, 0, 8);
  const tag = b.add('kptr', BTF_KIND.typeTag, 0, b.id('struct flow'));
  const tagged = b.add('', BTF_KIND.ptr, 0, tag);
  const proto = b.add('', BTF_KIND.funcProto, 3, b.id('int'), [
    b.text('first'),
    tagged,
    b.text('n'),
    b.id('__u32'),
    0,
    0,
  ]);
  const fn = b.add('compute', BTF_KIND.func, 1, proto);
  const fnPointer = b.add('', BTF_KIND.ptr, 0, proto);
  const constant = b.add('', BTF_KIND.const, 0, fnPointer);
  const decl = b.add('arg:ctx', BTF_KIND.declTag, 0, fn, [0]);
  const fwd = b.add('later', BTF_KIND.fwd, 0, 0, [], 1);
  const btf = b.build();
  assert.deepEqual(btf.type(wide), {
    kind: 'enum',
    name: 'wide',
    sizeBytes: 8,
    signed: true,
    members: [
      { name: 'BIG', value: 1n << 32n },
      { name: 'MINUS', value: -1n },
    ],
  });
  assert.equal(decodeValue({ table: btf, id: real }, new Uint8Array(new Float64Array([1.5]).buffer)).text, '1.5');
  assert.equal(typeName(btf, tagged), 'struct flow *');
  assert.equal(typeName(btf, fnPointer), 'int (*)(struct flow *first, __u32 n, ...)');
  assert.equal(typeName(btf, constant), 'int (* const)(struct flow *first, __u32 n, ...)');
  assert.deepEqual(btf.type(fn), { kind: 'func', name: 'compute', prototype: proto, linkage: 'global' });
  assert.deepEqual(btf.type(decl), { kind: 'decl-tag', tag: 'arg:ctx', target: fn, component: 0 });
  assert.equal(typeName(btf, fwd), 'union later');
  assert.equal(btf.cType(fn), undefined);
});

test('old bit-fields, written as narrow integers, are members with a width', () => {
  const b = new BtfBuilder();
  b.int('unsigned int', 4);
  const narrow = b.add('unsigned int', BTF_KIND.int, 0, 4, [(2 << 16) | 3]);
  const record = b.add('old', BTF_KIND.struct, 1, 4, [b.text('field'), narrow, 8]);
  const btf = b.build();
  assert.deepEqual(flatMembers(btf, record)![0], {
    name: 'field',
    type: narrow,
    offsetBits: 10,
    bitFieldBits: 3,
    sizeBits: 3,
  });
  const value = decodeValue({ table: btf, id: record }, Uint8Array.of(0, 0b10100, 0, 0));
  assert.equal(value.children[0]!.text, '5');
});

test('types that contain themselves end', () => {
  const b = new BtfBuilder();
  const a = b.add('a', BTF_KIND.typedef, 0, 2);
  b.add('b', BTF_KIND.typedef, 0, a);
  const self = b.add('self', BTF_KIND.struct, 2, 8, [0, 3, 0, 0, 3, 0]);
  const array = b.add('', BTF_KIND.array, 0, 0, [4, 4, 0xffffffff]);
  const pointer = b.add('', BTF_KIND.ptr, 0, 5);
  const btf = b.build();
  for (const id of [a, self, array, pointer]) {
    typeName(btf, id);
    typeDefinition(btf, id);
    sizeOf(btf, id);
    flatMembers(btf, id);
    decodeValue({ table: btf, id }, new Uint8Array(64), { maxDepth: 100 });
  }
  assert.equal(strip(btf, a), undefined);
  assert.equal(sizeOf(btf, array), undefined);
});

test('a module BTF continues the numbers and strings of its base', () => {
  const base = sample().build();
  // A split BTF whose only type is a struct with a member of the base's type; its string offsets count from the end of the base's.
  const strings = new TextEncoder().encode('\0extra\0x\0');
  const start = base.stringEnd;
  const words = [start + 1, (BTF_KIND.struct << 24) | 1, 4, start + 7, base.find('typedef', '__u32')!, 0];
  const bytes = new Uint8Array(24 + words.length * 4 + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, true);
  view.setUint8(2, 1);
  view.setUint32(4, 24, true);
  view.setUint32(12, words.length * 4, true);
  view.setUint32(16, words.length * 4, true);
  view.setUint32(20, strings.length, true);
  for (const [i, word] of words.entries()) view.setUint32(24 + 4 * i, word, true);
  bytes.set(strings, 24 + words.length * 4);
  const { value: module, problems } = readBtf(bytes, { file: 'module', base });
  assert.deepEqual(problems, []);
  const id = module!.find('struct', 'extra')!;
  assert.equal(id, base.endId);
  assert.equal(typeDefinition(module!, id), 'struct extra {\n  __u32 x;\n};');
  assert.equal(module!.find('struct', 'flow'), base.find('struct', 'flow'));
});

test('data that is no BTF, or half of one, says what is wrong', () => {
  const bytes = sample().bytes();
  const messages = (data: Uint8Array): string =>
    readBtf(data, { file: 'x' })
      .problems.map(({ message }) => message)
      .join('; ');
  assert.match(messages(new Uint8Array(3)), /only 3 bytes long/);
  assert.match(messages(Uint8Array.from(bytes, (byte, i) => (i === 0 ? 0xeb : i === 1 ? 0x9f : byte))), /big-endian/);
  assert.match(messages(bytes.slice(0, bytes.length - 4)), /string section .* reaches past/);
  const unknown = bytes.slice();
  unknown[24 + 7] = 31;
  assert.match(messages(unknown), /kind 31, which is not known/);
  assert.equal(readBtf(unknown, { file: 'x' }).value!.endId, 1);
});

const RUNNING = '/sys/kernel/btf/vmlinux';
test('the running kernel has a struct tcp_sock', { skip: existsSync(RUNNING) ? false : 'no kernel BTF here' }, () => {
  const { value, problems } = readBtf(new Uint8Array(readFileSync(RUNNING)), { file: RUNNING });
  assert.deepEqual(problems, []);
  assert.ok(value instanceof Btf);
  const id = value.find('struct', 'tcp_sock')!;
  assert.ok(sizeOf(value, id)! > 1000);
  assert.ok(findMember(value, id, 'snd_cwnd') !== undefined);
});
