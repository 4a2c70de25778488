// Every sample's scenarios hold, and none of them holds without the program: what they state is the program's doing.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { failuresOf, fromFile, withoutEffect } from '../world/support.ts';

const root = path.resolve(import.meta.dirname, '../..');
const FOLDERS = ['samples', 'samples/mistakes'];

const scenarios = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(root, folder))
    .filter((file) => file.endsWith('.handshake.json'))
    .map((file) => path.join(folder, file)),
);

for (const file of scenarios) {
  test(`${file} holds`, () => {
    assert.deepEqual(failuresOf(fromFile(path.join(root, file), 'samples')).failures, []);
  });

  test(`${file} fails without its program's effect`, () => {
    assert.notDeepEqual(failuresOf(fromFile(path.join(root, file), 'samples', withoutEffect)).failures, []);
  });
}

test('every sample has a scenario', () => {
  const NOT_LOADABLE = ['null_check'];
  for (const folder of FOLDERS) {
    for (const file of readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.bpf.c'))) {
      const name = file.replace(/\.bpf\.c$/, '');
      const found = scenarios.some((scenario) => path.basename(scenario).startsWith(name));
      assert.ok(found || NOT_LOADABLE.includes(name), `${folder}/${file} has no scenario`);
    }
  }
});

for (const [folder, sources] of [
  ['samples', FOLDERS],
  ['cases', ['test/fixtures/cases']],
] as const) {
  test(`the committed objects of ${folder} are not older than their sources`, () => {
    const hashes: Record<string, string> = JSON.parse(
      readFileSync(path.join(root, 'test/fixtures', folder, 'sources.json'), 'utf8'),
    );
    const actual: Record<string, string> = {};
    for (const source of sources) {
      for (const file of readdirSync(path.join(root, source)).filter((name) => name.endsWith('.bpf.c'))) {
        const text = readFileSync(path.join(root, source, file));
        actual[file.replace(/\.bpf\.c$/, '.o')] = createHash('sha256').update(text).digest('hex');
      }
    }
    assert.deepEqual(hashes, actual, 'run `node --import tsx scripts/build-samples.mjs`');
  });
}
