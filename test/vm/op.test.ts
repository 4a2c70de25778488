// The interpreter switches on literal numbers; here they are compared with the table that the lowering uses.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OP } from '../../src/vm/op.ts';

test('every case of the interpreter is the operation that its remark names', () => {
  const text = readFileSync(new URL('../../src/vm/interpreter.ts', import.meta.url), 'utf8');
  const cases = [...text.matchAll(/case (\d+):(?: \{\n\s+)?\s*\/\/ (\w+)/g)].map((match) => [
    match[2]!,
    Number(match[1]),
  ]);
  const expected = Object.entries(OP).filter(([name]) => name !== 'trap');
  assert.deepEqual(
    cases.sort((a, b) => (a[1] as number) - (b[1] as number)),
    expected,
  );
});

test('operation numbers are dense', () => {
  assert.deepEqual(
    Object.values(OP),
    Object.values(OP).map((_, i) => i),
  );
});
