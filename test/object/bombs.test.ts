// Small files that describe huge ones: sections that all cover the same bytes, data without end. They are refused in time and space.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readObject } from '../../src/object/index.ts';
import { exercise } from './exercise.ts';

interface SectionRow {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  /** Undefined: the shared contents. */
  readonly size?: number;
  readonly link?: number;
  readonly info?: number;
}

/** An object whose sections all have the same contents. */
function object(contents: Uint8Array, rows: readonly SectionRow[]): Uint8Array {
  const names = new Map<string, number>();
  const text = [0];
  for (const name of ['.shstrtab', ...rows.map((row) => row.name)]) {
    if (names.has(name)) continue;
    names.set(name, text.length);
    text.push(...new TextEncoder().encode(name), 0);
  }
  const nameTable = Uint8Array.from(text);
  const headersAt = Math.ceil((64 + contents.length + nameTable.length) / 8) * 8;
  const bytes = new Uint8Array(headersAt + 64 * (rows.length + 2));
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 1, true);
  view.setUint16(18, 247, true);
  view.setBigUint64(40, BigInt(headersAt), true);
  view.setUint16(58, 64, true);
  bytes.set(contents, 64);
  bytes.set(nameTable, 64 + contents.length);
  const header = (index: number, row: SectionRow, offset: number, size: number): void => {
    const at = headersAt + 64 * index;
    view.setUint32(at, names.get(row.name) ?? 0, true);
    view.setUint32(at + 4, row.type, true);
    view.setBigUint64(at + 8, BigInt(row.flags), true);
    view.setBigUint64(at + 24, BigInt(offset), true);
    view.setBigUint64(at + 32, BigInt(size), true);
    view.setUint32(at + 40, row.link ?? 0, true);
    view.setUint32(at + 44, row.info ?? 0, true);
  };
  header(1, { name: '.shstrtab', type: 3, flags: 0 }, 64 + contents.length, nameTable.length);
  for (const [i, row] of rows.entries()) header(i + 2, row, 64, row.size ?? contents.length);
  // More sections than 16 bits count stand in the first header.
  if (rows.length + 2 < 0xff00) view.setUint16(60, rows.length + 2, true);
  else view.setBigUint64(headersAt + 32, BigInt(rows.length + 2), true);
  view.setUint16(62, 1, true);
  return bytes;
}

const many = (count: number, row: (i: number) => SectionRow): SectionRow[] =>
  Array.from({ length: count }, (_, i) => row(i));

const BOMBS: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  [
    'code sections that share 64 KiB',
    () =>
      object(
        new Uint8Array(65536).fill(0xb7),
        many(5000, (i) => ({ name: `sockops/${i % 7}`, type: 1, flags: 6 })),
      ),
    /more than 1000000 instructions/,
  ],
  [
    'global data without end',
    () =>
      object(
        new Uint8Array(8),
        many(60_000, (i) => ({ name: `.bss.${i}`, type: 8, flags: 3, size: 16 * 1024 * 1024 })),
      ),
    /bytes of global data/,
  ],
  [
    'one section of 2^60 bytes',
    () => object(new Uint8Array(8), [{ name: '.bss', type: 8, flags: 3, size: 2 ** 52 }]),
    /bytes of global data/,
  ],
  [
    'relocation tables that share 64 KiB',
    () =>
      object(new Uint8Array(65536), [
        { name: 'sockops', type: 1, flags: 6 },
        ...many(5000, () => ({ name: '.rel', type: 9, flags: 0, info: 2 })),
      ]),
    /more than 1000000 relocations/,
  ],
  [
    'more sections than 16 bits count',
    () =>
      object(
        new Uint8Array(16),
        many(70_000, (i) => ({ name: i === 0 ? 'sockops' : 'x', type: 1, flags: i === 0 ? 6 : 0 })),
      ),
    /./,
  ],
];

for (const [name, make, message] of BOMBS) {
  test(`a small file that describes a huge one is bounded: ${name}`, () => {
    const bytes = make();
    const before = process.memoryUsage().heapUsed;
    const read = readObject(bytes, { file: 'bomb.o' });
    exercise(read);
    assert.ok(process.memoryUsage().heapUsed - before < 1.5e9);
    assert.ok(
      read.problems.some((problem) => message.test(problem.message)),
      JSON.stringify(read.problems.slice(0, 5)),
    );
  });
}
