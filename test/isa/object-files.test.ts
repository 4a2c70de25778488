// Object files and assembly text, both ways: what a compiler's object holds can be written out, assembled and written back; what
// people write by hand becomes an object that loads.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import { type Assembly, assemble, writeAssembly } from '../../src/isa/index.ts';
import {
  assemblyFromElf,
  objectFromAssembly,
  programFromAssembly,
  readElf,
  readObject,
  writeObject,
} from '../../src/object/index.ts';

const fixture = (name: string) => readFileSync(path.join(import.meta.dirname, 'llvm', name));

function elfOf(bytes: Uint8Array): Assembly {
  const { value, problems } = readElf(bytes, 'test.o');
  assert.deepEqual(problems, []);
  assert.ok(value !== undefined);
  return assemblyFromElf(value);
}

const sectionsOf = ({ sections }: Assembly) =>
  sections.map(({ name, flags, bytes, relocations }) => ({
    name,
    flags,
    bytes: Buffer.from(bytes).toString('hex'),
    relocations,
  }));

const options = {
  file: 'test.bpfasm',
  helperId: (name: string) => ({ bpf_map_lookup_elem: 1, bpf_trace_printk: 6 })[name],
  mapTypeId: (type: string) => ({ array: 2, hash: 1, hash_of_maps: 13 })[type],
};

test('a compiler\u2019s object written as text and assembled has the same sections', () => {
  const before = elfOf(fixture('sockops-v1.o'));
  assert.deepEqual(
    before.sections.map(({ name }) => name),
    ['.text', 'sockops', 'sockops/second', '.rodata', '.data', '.maps', '.bss', 'license'],
  );
  const { value, problems } = assemble(writeAssembly(before));
  assert.deepEqual(problems, []);
  assert.deepEqual(sectionsOf(value), sectionsOf(before));
});

test('and written as an object again it reads as the same', () => {
  const before = elfOf(fixture('sockops-v1.o'));
  assert.deepEqual(sectionsOf(elfOf(writeObject(before))), sectionsOf(before));
});

test('clang\u2019s assembly text gives an object that links into the same programs as clang\u2019s own', () => {
  const text = fixture('sockops-v1.clang.s').toString('utf8');
  const ours = programFromAssembly(text, options);
  const theirs = readObject(fixture('sockops-v1.o'), { file: 'test.bpfasm' });
  assert.equal(theirs.programs.length, 2);
  const summary = ({ programs }: typeof ours) =>
    programs.map(({ name, section, bytes, subprograms }) => ({
      name,
      section,
      bytes: Buffer.from(bytes).toString('hex'),
      subprograms: subprograms.map((sub) => `${sub.name} ${sub.startSlot} ${sub.endSlot} ${sub.linkage}`),
    }));
  assert.deepEqual(summary(ours), summary(theirs));
  assert.deepEqual(
    ours.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    theirs.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message),
  );
});

const BY_HAND = `# Counts callbacks and answers the window question.
.map counts, array, 4, 8, 32
.map inner, hash, 4, 8, 4
.map table, hash_of_maps, 4, 4, 8, inner=inner
.section sockops
prog:
	r6 = r1
	w1 = *(u32 *)(r6 + 0)
	*(u32 *)(r10 - 4) = w1
	r1 = counts ll
	r2 = r10
	r2 += -4
	call bpf_map_lookup_elem
	if r0 == 0 goto done
	r1 = limit ll
	w1 = *(u32 *)(r1 + 0)
	call answer
	*(u32 *)(r6 + 4) = w0
done:	r0 = 1
	exit
.text
answer:	w0 = w1
	exit
.rodata
limit:	.long 40
.license "GPL"
`;

test('assembly by hand: maps, data, functions and licence arrive, and every instruction has its line', () => {
  const { programs, maps, license, problems } = programFromAssembly(BY_HAND, options);
  assert.deepEqual(problems, []);
  assert.equal(license, 'GPL');
  assert.deepEqual(
    maps.map(({ name, typeId, keySize, valueSize, maxEntries, inner }) => ({
      name,
      typeId,
      keySize,
      valueSize,
      maxEntries,
      inner: inner?.typeId,
    })),
    [
      { name: 'counts', typeId: 2, keySize: 4, valueSize: 8, maxEntries: 32, inner: undefined },
      { name: 'inner', typeId: 1, keySize: 4, valueSize: 8, maxEntries: 4, inner: undefined },
      { name: 'table', typeId: 13, keySize: 4, valueSize: 4, maxEntries: 8, inner: 1 },
      { name: 'test.rodata', typeId: 2, keySize: 4, valueSize: 4, maxEntries: 1, inner: undefined },
    ],
  );
  const [program] = programs;
  assert.equal(programs.length, 1);
  assert.deepEqual(
    program!.subprograms.map((sub) => `${sub.name} ${sub.startSlot}..${sub.endSlot}`),
    ['prog 0..16', 'answer 16..18'],
  );
  const sourceLines = BY_HAND.split('\n');
  assert.equal(program!.lines.length, 16);
  for (const { file, line0, text } of program!.lines) {
    assert.equal(file, 'test.bpfasm');
    assert.equal(text, sourceLines[line0]);
  }
});

test('code without a section of its own is a sock_ops program, and needs no label', () => {
  const { programs, problems } = programFromAssembly('r0 = 1\nexit\n', options);
  assert.deepEqual(
    problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.deepEqual(
    programs.map(({ name, section, isSockOps }) => ({ name, section, isSockOps })),
    [{ name: 'prog', section: 'sockops', isSockOps: true }],
  );
});

test('a map of a type that no kernel has, and text that is wrong, are problems with a place', () => {
  const { problems } = programFromAssembly('.map m, arry, 4, 4, 1\nr0 = = 1\nexit\n', options);
  assert.deepEqual(
    problems
      .filter(({ code }) => code.startsWith('asm-'))
      .map(({ code, at }) => `${code} ${at?.range?.start.line0}:${at?.range?.start.column0}`),
    ['asm-syntax 1:5', 'asm-map 0:5'],
  );
});

test('damaged objects can be written out, and the text assembles', () => {
  const original = fixture('sockops-v1.o');
  const random = new Random(31);
  for (let round = 0; round < 120; round++) {
    const bytes = Uint8Array.from(original);
    for (let edits = 1 + random.below(6); edits > 0; edits--) bytes[random.below(bytes.length)] = random.below(256);
    const { value } = readElf(bytes, 'damaged.o');
    if (value === undefined) continue;
    const before = assemblyFromElf(value);
    if (before.sections.some((section) => section.bytes.length > 1 << 20)) continue;
    assemble(writeAssembly(before));
    writeObject(before);
  }
});

test('objects made from damaged text are still objects', () => {
  for (let cut = 0; cut < BY_HAND.length; cut += 7) {
    const { value } = objectFromAssembly(BY_HAND.slice(0, cut) + BY_HAND.slice(cut + 5), options);
    assert.deepEqual(readElf(value, 'x').problems, []);
  }
});
