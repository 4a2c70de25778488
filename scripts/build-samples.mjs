// Compiles the samples, and the programs of the user cases, into objects beside the tests, so that tests need no compiler. Run it
// when a source changes: `node --import tsx scripts/build-samples.mjs`; a test compares the objects with their sources' hashes.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compile } from '../src/host/compiler.ts';

const root = path.resolve(import.meta.dirname, '..');
/** Folders of sources, and where their objects go. */
const JOBS = [
  { sources: ['samples', 'samples/mistakes'], target: 'test/fixtures/samples' },
  { sources: ['test/fixtures/cases'], target: 'test/fixtures/cases' },
];

for (const job of JOBS) {
  /** Hash of each source by object name: how the tests know that an object is not older than its source. */
  const hashes = {};
  const target = path.join(root, job.target);
  mkdirSync(target, { recursive: true });
  for (const folder of job.sources) {
    for (const name of readdirSync(path.join(root, folder)).filter((file) => file.endsWith('.bpf.c'))) {
      const file = path.join(root, folder, name);
      // No path of the machine that compiles goes into the repository.
      const args = ['-fdebug-compilation-dir=.', `-ffile-prefix-map=${root}/=`];
      const result = await compile(file, { args });
      if (result.object === undefined) {
        console.error(result.problems);
        process.exit(1);
      }
      const object = name.replace(/\.bpf\.c$/, '.o');
      writeFileSync(path.join(target, object), result.object);
      hashes[object] = createHash('sha256').update(readFileSync(file)).digest('hex');
    }
  }
  writeFileSync(path.join(target, 'sources.json'), `${JSON.stringify(hashes, null, 2)}\n`);
  console.log(`${Object.keys(hashes).length} objects in ${job.target}`);
}
