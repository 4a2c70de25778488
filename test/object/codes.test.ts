// Every problem code of objects, files and compilers is explained in docs/objects.md, with the remedy that the message gives.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { HOST_CODES } from '../../src/host/host-problems.ts';
import { OBJECT_CODES } from '../../src/object/index.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/objects.md'), 'utf8');

for (const [code, { severity, remedy }] of Object.entries({ ...OBJECT_CODES, ...HOST_CODES })) {
  test(`docs/objects.md explains ${code}`, () => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${code}\` | ${severity} |`));
    assert.ok(row !== undefined);
    assert.ok(row.includes(remedy.replaceAll('|', '\\|')), remedy);
  });
}
