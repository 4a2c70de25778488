// Kernel types that the user names: raw BTF, a vmlinux with a .BTF section, and everything that is neither.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { buildAndVerify } from '../../src/host/build-and-verify.ts';
import { kernelBtfFor, readKernelBtf } from '../../src/host/kernel-btf.ts';
import { loadRun } from '../../src/host/run-files.ts';

const work = mkdtempSync(path.join(tmpdir(), 'kernel-btf-'));
after(() => rmSync(work, { recursive: true, force: true }));
const root = path.resolve(import.meta.dirname, '..');
const raw = path.join(root, 'facts/kernel-members/btf-7.2.bin');
const older = path.join(root, 'facts/kernel-members/btf-6.1.bin');
const program = path.join(root, 'fixtures/kernel-members/kernel_members.o');

function place(name: string, bytes: Uint8Array): string {
  const file = path.join(work, name);
  writeFileSync(file, bytes);
  return file;
}

/** A 64-bit ELF file with one section of that name and content, as little of one as there can be. */
function elfWith(name: string, content: Uint8Array, claimed = content.length): Uint8Array {
  const names = Buffer.from(`\0${name}\0.shstrtab\0`);
  const contentAt = 64;
  const namesAt = contentAt + content.length;
  const headersAt = (namesAt + names.length + 7) & ~7;
  const file = Buffer.alloc(headersAt + 3 * 64);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeBigUInt64LE(BigInt(headersAt), 0x28);
  file.writeUInt16LE(64, 0x3a);
  file.writeUInt16LE(3, 0x3c);
  file.writeUInt16LE(2, 0x3e);
  file.set(content, contentAt);
  file.set(names, namesAt);
  const section = (index: number, nameAt: number, offset: number, size: number): void => {
    file.writeUInt32LE(nameAt, headersAt + 64 * index);
    file.writeBigUInt64LE(BigInt(offset), headersAt + 64 * index + 0x18);
    file.writeBigUInt64LE(BigInt(size), headersAt + 64 * index + 0x20);
  };
  section(1, 1, contentAt, claimed);
  section(2, name.length + 2, namesAt, names.length);
  return file;
}

test('raw BTF and a vmlinux give the same types', () => {
  const fromRaw = readKernelBtf(raw);
  assert.deepEqual(fromRaw.problems, []);
  const fromElf = readKernelBtf(place('vmlinux', elfWith('.BTF', readFileSync(raw))));
  assert.deepEqual(fromElf.problems, []);
  assert.equal(fromElf.value?.endId, fromRaw.value?.endId);
  assert.notEqual(fromRaw.value?.find('struct', 'tcp_sock'), undefined);
});

test('a file is read once, and again when it has changed', () => {
  const file = place('changing', readFileSync(raw));
  utimesSync(file, 1, 1);
  const first = readKernelBtf(file).value;
  assert.equal(readKernelBtf(file).value, first);
  writeFileSync(file, readFileSync(older));
  utimesSync(file, 2, 2);
  const second = readKernelBtf(file).value;
  assert.notEqual(second, first);
  assert.equal(second?.endId, readKernelBtf(older).value?.endId);
});

test('one problem that says what the file is', () => {
  const said = (file: string): string => {
    const { value, problems } = readKernelBtf(file);
    assert.equal(value, undefined);
    assert.equal(problems.length, 1);
    assert.equal(problems[0]?.at?.file, file);
    assert.ok(problems[0]?.remedy !== undefined);
    return problems[0]?.message ?? '';
  };
  assert.match(said(path.join(work, 'nowhere')), /no such file/);
  assert.match(said(work), /cannot be read|folder/);
  assert.match(said(place('text', Buffer.from('hello'))), /only 5 bytes/);
  assert.match(said(place('empty', Buffer.alloc(0))), /only 0 bytes/);
  assert.match(said(place('packed.gz', Buffer.from([0x1f, 0x8b, 8, 0]))), /compressed/);
  assert.match(said(place('vmlinuz', Buffer.from('MZ then more'))), /kernel image for booting/);
  assert.match(said(program), /not the types of a kernel/);
  assert.match(said(place('plain', elfWith('.text', Buffer.alloc(16)))), /no section \.BTF/);
  assert.match(said(place('cut', elfWith('.BTF', Buffer.alloc(16), 1 << 20))), /cut off/);
  assert.match(said(place('huge', elfWith('.BTF', Buffer.alloc(16), 2 ** 40))), /has \d+ bytes/);
  const swapped = Uint8Array.from(readFileSync(raw));
  swapped.set([0xeb, 0x9f]);
  assert.match(said(place('big-endian', swapped)), /big-endian/);
  const elf = elfWith('.BTF', Buffer.alloc(16));
  assert.match(said(place('headless', elf.subarray(0, elf.length - 64))), /cut off/);
});

test('one file for all kernels, or one for each', () => {
  assert.equal(kernelBtfFor(raw, '5.10').value, readKernelBtf(raw).value);
  const choice = { '6.1': older, rhel9: raw };
  assert.equal(kernelBtfFor(choice, '6.1').value, readKernelBtf(older).value);
  assert.equal(kernelBtfFor(choice, 'rhel9').value, readKernelBtf(raw).value);
  assert.deepEqual(kernelBtfFor(choice, '6.12'), { value: undefined, problems: [] });
  assert.deepEqual(kernelBtfFor('', '6.12'), { value: undefined, problems: [] });
  assert.deepEqual(kernelBtfFor(undefined, '6.12'), { value: undefined, problems: [] });
});

test('a run links against the types, or says why not', async () => {
  const right = await loadRun({ file: program, kernel: '7.2', kernelBtf: { '7.2': raw } });
  assert.deepEqual(
    [...(right.value?.objects.values() ?? [])].map((object) => object.kernelTypes?.origin),
    ['given'],
  );
  const other = await loadRun({ file: program, kernel: '6.12', kernelBtf: { '7.2': raw } });
  assert.deepEqual(
    [...(other.value?.objects.values() ?? [])].map((object) => object.kernelTypes?.origin),
    ['built-in'],
  );
  const wrong = await loadRun({ file: program, kernelBtf: program });
  assert.equal(wrong.value, undefined);
  assert.deepEqual(
    wrong.problems.map((problem) => problem.code),
    ['kernel-btf'],
  );
});

test('an editor is told, and goes on with the built-in types', async () => {
  const result = await buildAndVerify({
    file: program,
    text: '',
    kernels: ['6.12', '6.18'],
    compiler: {},
    kernelBtf: path.join(work, 'nowhere'),
  });
  const said = result?.objectProblems.filter((problem) => problem.message.includes('nowhere')) ?? [];
  assert.equal(said.length, 1);
  assert.equal(said[0]?.severity, 'warning');
  assert.match(said[0]?.message ?? '', /built-in kernel types were used/);
  assert.equal(result?.state, 'compiled');
});
