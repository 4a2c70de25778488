// What `npm run gen` writes is what is committed, and the hand-written headers agree with the tables.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from '../../scripts/gen/files.ts';
import { CONSTANTS, SOCKOPTS, USER_OPTIONS } from '../../src/kernel/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('generated files', () => {
  for (const [path, text] of generatedFiles()) {
    it(`${path} is up to date`, () => {
      assert.ok(existsSync(join(root, path)), `${path} is missing: npm run gen`);
      assert.equal(readFileSync(join(root, path), 'utf8'), text, `${path} differs: npm run gen`);
    });
  }
});

describe('hand-written headers', () => {
  const files = readdirSync(join(root, 'headers'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.h'),
  );
  const expected = new Map<string, number>([
    ...SOCKOPTS.map((row) => [row.name, row.number] as const),
    ...USER_OPTIONS.map((row) => [row.name, row.number] as const),
    ...CONSTANTS.map((row) => [row.name, row.value] as const),
  ]);

  it('define names of the tables with the numbers of the tables', () => {
    const seen = new Set<string>();
    const wrong: string[] = [];
    for (const file of files) {
      const text = readFileSync(join(root, 'headers', file), 'utf8');
      for (const match of text.matchAll(
        /^\s*(?:#define (\w+) (0x[0-9a-fA-F]+|\d+)$|(\w+) = (0x[0-9a-fA-F]+|\d+)(?:ULL)?,)/gm,
      )) {
        const name = match[1] ?? match[3]!;
        const value = Number(match[2] ?? match[4]);
        const wanted = expected.get(name);
        if (wanted === undefined) continue;
        seen.add(name);
        if (wanted !== value) wrong.push(`${file}: ${name} is ${value}, the table says ${wanted}`);
      }
    }
    assert.deepEqual(wrong, []);
    const missing = [...expected.keys()].filter(
      (name) => !seen.has(name) && !/^(AF|SK_BPF_CB_MASK|SO_(RCV|SND)TIMEO)/.test(name),
    );
    assert.deepEqual(missing, []);
  });

  it('have include guards and a licence', () => {
    for (const file of files) {
      const text = readFileSync(join(root, 'headers', file), 'utf8');
      assert.match(text, /SPDX-License-Identifier: MIT/, file);
      if (!file.startsWith('gnu/')) assert.match(text, /^#ifndef \w+\n#define \w+$/m, file);
    }
  });
});
