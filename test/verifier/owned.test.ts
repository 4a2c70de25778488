// Programs that allocate objects, against what 6.18.44 answered to each: the comments of test/fixtures/c/owned.bpf.c.
// Where the running kernel is at hand, test/kernel/objects.test.ts asks it again.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readObject } from '../../src/object/index.ts';
import { inputOf, verify } from '../../src/verifier/index.ts';
import { view } from './support.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url);

test('objects that a program allocates, in lists, trees and map values', () => {
  const source = readFileSync(new URL('c/owned.bpf.c', FIXTURES), 'utf8');
  const expected = Object.fromEntries(
    [...source.matchAll(/^\/\/ (accepted|refused: .*)\nSEC\("sockops\/(\w+)"\)/gm)].map(([, answer, name]) => [
      name,
      answer,
    ]),
  );
  const kernel = view('6.18.44');
  const file = 'obj/owned.zig21.o';
  const object = readObject(new Uint8Array(readFileSync(new URL(file, FIXTURES))), { file, view: kernel });
  const answered = Object.fromEntries(
    object.programs.map((program) => {
      const verdict = verify(inputOf(program, object), kernel);
      assert.deepEqual(verdict.uncertain, [], program.name);
      return [program.name, verdict.accepted ? 'accepted' : `refused: ${verdict.message}`];
    }),
  );
  assert.deepEqual(answered, expected);
});
