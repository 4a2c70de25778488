// Every object of the tests, by whatever compiler: written out as assembly and assembled, its sections are the same to the byte,
// and so are the programs that a loader makes of them.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type Assembly, assemble, decodeProgram, formatInsn, listing, writeAssembly } from '../../src/isa/index.ts';
import { HELPER_ROWS } from '../../src/kernel/index.ts';
import { assemblyFromElf, readElf, readObject, writeObject } from '../../src/object/index.ts';

const folders = ['test/fixtures/obj', 'test/fixtures/samples', 'test/fixtures/cases', 'test/isa/llvm'];
const files = folders
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)))
  .filter((file) => file.endsWith('.o'))
  .sort();

/** Instructions that have been tried, as text: objects repeat each other. */
const tried = new Set<string>();

const names = { helper: (id: number) => HELPER_ROWS.find((row) => row.id === id)?.name };
const helperId = (name: string) => HELPER_ROWS.find((row) => row.name === name)?.id;

const summary = ({ sections }: Assembly) =>
  sections.map(({ name, flags, bytes, relocations }) => ({
    name,
    flags,
    bytes: Buffer.from(bytes).toString('hex'),
    // A local symbol that is named directly is reached through its section after assembling, as clang does it.
    relocations: relocations.map(({ offset, kind }) => `${offset} ${kind}`),
  }));

test('there are objects by several compilers', () => {
  assert.ok(files.length >= 10, files.join(' '));
});

for (const file of files) {
  test(`${file}: disassembled and assembled again`, () => {
    const { value: elf } = readElf(readFileSync(file), file);
    if (elf === undefined) return;
    const before = assemblyFromElf(elf);
    const { value: after, problems } = assemble(writeAssembly(before, { names }), { helperId });
    assert.deepEqual(
      problems.filter((problem) => problem.severity === 'error'),
      [],
    );
    assert.deepEqual(summary(after), summary(before));

    // Linked, the code is the same too: types and lines are left out, and with them the maps that types define.
    const code = (assembly: Assembly) =>
      readObject(writeObject(assembly), { file }).programs.map(
        ({ name, bytes }) => `${name} ${Buffer.from(bytes).toString('hex')}`,
      );
    assert.deepEqual(code(after), code(before));
  });

  test(`${file}: every linked instruction prints, and assembles alone into its own bytes`, () => {
    const { programs } = readObject(readFileSync(file), { file });
    for (const { bytes } of programs) {
      assert.equal(
        listing(decodeProgram(bytes), bytes).split('\n').length - 1,
        decodeProgram(bytes).filter(Boolean).length,
      );
      for (const insn of decodeProgram(bytes)) {
        if (insn === undefined) continue;
        const text = formatInsn(insn, { dialect: 'source' });
        if (tried.has(text)) continue;
        tried.add(text);
        const { value, problems } = assemble(text);
        assert.deepEqual(problems, []);
        const size = insn.kind === 'load-imm64' ? 16 : 8;
        assert.deepEqual(value.sections[0]!.bytes, bytes.slice(8 * insn.slot, 8 * insn.slot + size));
      }
    }
  });
}
