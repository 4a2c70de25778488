// What real users ran into, as annotated programs: each mistake is found on its line, each corrected twin is silent, and the preferred
// fixes turn the wrong program into one that is silent and compiles.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { LineIndex } from '../../src/base/index.ts';
import { compile } from '../../src/host/index.ts';
import { applyEdits, type Diagnostic } from '../../src/ide/index.ts';
import { compareAnnotations, readAnnotations } from '../support/annotations.ts';
import { DEFAULT_KERNELS, diagnose } from './support.ts';

const folder = path.join(import.meta.dirname, 'cases');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.wrong.bpf.c'))
  .map((name) => name.replace('.wrong.bpf.c', ''));

const found = (text: string, diagnostics: readonly Diagnostic[]) => {
  const lines = new LineIndex(text);
  return diagnostics.map((diagnostic) => ({ ...diagnostic, line0: lines.position(diagnostic.span.start).line0 }));
};

/** Errors of the compiler, with the project's own headers behind the system's. */
async function compiles(name: string, text: string): Promise<string[]> {
  const result = await compile(path.join(folder, name), { text });
  assert.ok(result.compiler !== undefined, 'no compiler for BPF');
  return result.problems
    .filter((problem) => problem.severity === 'error')
    .map((problem) => `${problem.message} (line ${(problem.at?.range?.start.line0 ?? -1) + 1})`);
}

for (const name of names) {
  const read = (kind: string) => readAnnotations(readFileSync(path.join(folder, `${name}.${kind}.bpf.c`), 'utf8'));
  const wrong = read('wrong');
  const right = read('right');
  const kernels = wrong.header.get('kernels')?.split(' ') ?? DEFAULT_KERNELS;

  test(`${name}: the mistake is found, and nothing else`, () => {
    assert.ok(wrong.expected.length > 0, 'a wrong program has expectations');
    const problem = compareAnnotations(wrong, found(wrong.text, diagnose(wrong.text, kernels)));
    assert.equal(problem, undefined, problem);
  });

  test(`${name}: the corrected program is silent and compiles`, async () => {
    assert.deepEqual(
      diagnose(right.text, kernels).map((d) => `${d.code}: ${d.message}`),
      [],
    );
    assert.deepEqual(await compiles(`${name}.right.bpf.c`, right.text), []);
  });

  if (wrong.header.get('fix') === 'none') {
    test(`${name}: no fix is offered`, () => {
      assert.deepEqual(
        diagnose(wrong.text, kernels)
          .filter((d) => wrong.expected.some((e) => e.code === d.code))
          .flatMap((d) => d.fixes.map((fix) => `${d.code}: ${fix.title}`))
          .filter((title) => !title.startsWith('return-zero')),
        [],
      );
    });
    continue;
  }

  test(`${name}: its fixes give a silent program that compiles`, async () => {
    let text = wrong.text.replace(/\s*\/\/~.*$/gm, '');
    for (let round = 0; round < 6; round++) {
      const diagnostics = diagnose(text, kernels);
      const fix = diagnostics.flatMap((d) => d.fixes.filter((candidate) => candidate.preferred === true))[0];
      if (fix === undefined) break;
      text = applyEdits(text, fix.edits);
    }
    assert.deepEqual(
      diagnose(text, kernels).map((d) => `${d.code}: ${d.message}`),
      [],
      text,
    );
    assert.deepEqual(await compiles(`${name}.fixed.bpf.c`, text), [], text);
  });
}
