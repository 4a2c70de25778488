// Every rule: its wrong example shows it, its right example shows nothing at all, and a fix removes what it mends.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits, RULES } from '../../src/ide/index.ts';
import { diagnose, kernelsOf, wholeProgram } from './support.ts';

for (const rule of RULES) {
  test(`${rule.code}: the wrong example shows it`, () => {
    const text = wholeProgram(rule.example.wrong);
    const kernels = kernelsOf(text);
    const found = diagnose(text, kernels);
    assert.ok(
      found.some((diagnostic) => diagnostic.code === rule.code),
      `expected ${rule.code}, found ${JSON.stringify(found.map((d) => `${d.code}: ${d.message}`))}`,
    );
    for (const diagnostic of found) {
      assert.doesNotMatch(diagnostic.message, /\.$/, 'a message has no final full stop');
      assert.ok(diagnostic.span.start < diagnostic.span.end, 'a diagnostic has a place');
      for (const fix of diagnostic.fixes) {
        const mended = diagnose(applyEdits(text, fix.edits), kernels);
        assert.ok(
          !mended.some((other) => other.code === diagnostic.code && other.message === diagnostic.message),
          `after "${fix.title}" the diagnostic is still there:\n${applyEdits(text, fix.edits)}`,
        );
        assert.deepEqual(
          mended
            .filter((other) => other.severity === 'error' && !found.some((old) => old.code === other.code))
            .map((d) => d.message),
          [],
          `"${fix.title}" brings a new error`,
        );
      }
    }
  });

  test(`${rule.code}: the right example is silent`, () => {
    const found = diagnose(wholeProgram(rule.example.right), kernelsOf(rule.example.right));
    assert.deepEqual(
      found.map((diagnostic) => `${diagnostic.code}: ${diagnostic.message}`),
      [],
    );
  });
}
