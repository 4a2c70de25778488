// Files that are not what they should be: one clear error each.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readObject } from '../../src/object/index.ts';

const folder = path.resolve(import.meta.dirname, '../fixtures/obj');
const original = new Uint8Array(readFileSync(path.join(folder, 'legacy.zig21.o')));

const changed = (change: (bytes: Uint8Array, view: DataView) => void): Uint8Array => {
  const bytes = original.slice();
  change(bytes, new DataView(bytes.buffer));
  return bytes;
};

const CASES: readonly (readonly [string, Uint8Array, string, RegExp])[] = [
  ['empty', new Uint8Array(0), 'object-not-elf', /is empty/],
  ['text', new TextEncoder().encode('int main(void) { return 0; }'), 'object-not-elf', /not an ELF object/],
  ['bitcode', Uint8Array.of(0x42, 0x43, 0xc0, 0xde, 0x35, 0x14), 'object-not-elf', /LLVM bitcode/],
  ['magic only', original.slice(0, 4), 'object-truncated', /ends after 4 bytes/],
  ['32-bit', changed((bytes) => (bytes[4] = 1)), 'object-32-bit', /32-bit/],
  ['big-endian', changed((bytes) => (bytes[5] = 2)), 'object-big-endian', /big-endian/],
  ['x86-64', changed((_, view) => view.setUint16(18, 62, true)), 'object-wrong-machine', /for x86-64 and not for BPF/],
  ['Solana', changed((_, view) => view.setUint16(18, 263, true)), 'object-wrong-machine', /Solana BPF/],
  ['executable', changed((_, view) => view.setUint16(16, 2, true)), 'object-not-relocatable', /an executable/],
  [
    'headers far away',
    changed((_, view) => view.setBigUint64(40, 1n << 60n, true)),
    'object-truncated',
    /section headers should start/,
  ],
  [
    'too many sections',
    changed((_, view) => view.setUint16(60, 0xfeff, true)),
    'object-truncated',
    /65279 section headers/,
  ],
];

for (const [name, bytes, code, message] of CASES) {
  test(`a file that is wrong in this way has one error: ${name}`, () => {
    const object = readObject(bytes, { file: 'x.o' });
    const errors = object.problems.filter(({ severity }) => severity === 'error');
    assert.equal(errors.length, 1, JSON.stringify(object.problems));
    assert.equal(errors[0]!.code, code);
    assert.match(errors[0]!.message, message);
    assert.ok(errors[0]!.remedy);
    assert.deepEqual(errors[0]!.at, { file: 'x.o' });
    assert.deepEqual(object.programs, []);
  });
}

test('the machine number 0 of early compilers is accepted', () => {
  const object = readObject(
    changed((_, view) => view.setUint16(18, 0, true)),
    { file: 'x.o' },
  );
  assert.equal(object.programs.length, 1);
});

test('an object whose programs are of other types says so', () => {
  const renamed = original.slice();
  const text = Buffer.from(renamed.buffer);
  for (let at = text.indexOf('sockops\0'); at >= 0; at = text.indexOf('sockops\0', at + 1)) text.write('cgrpskb', at);
  const object = readObject(renamed, { file: 'x.o' });
  const error = object.problems.find(({ code }) => code === 'object-no-sockops');
  assert.match(error?.message ?? '', /its programs are in 'cgrpskb'/);
  assert.equal(object.programs[0]!.isSockOps, false);
});

test('a Buffer is never written to and is read like any bytes', () => {
  const file = readFileSync(path.join(folder, 'locals.zig21.o'));
  const before = Buffer.from(file);
  const fromBuffer = readObject(file, { file: 'x.o' });
  assert.ok(before.equals(file));
  const fromArray = readObject(new Uint8Array(before), { file: 'x.o' });
  assert.deepEqual(fromBuffer.programs, fromArray.programs);
});
