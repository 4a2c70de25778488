// A refusal in the editor says the rule in plain words, what to do, and where the value came from.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildAndVerify } from '../../src/host/index.ts';
import { verifierDiagnostics } from '../../src/ide/index.ts';
import { CFile } from '../../src/syntax/index.ts';
import { parser } from './support.ts';

const file = path.resolve(import.meta.dirname, '../../samples/mistakes/null_check.bpf.c');

test('a compiled refusal carries its explanation to the diagnostic', async () => {
  const text = readFileSync(file, 'utf8');
  const kernels = ['5.10', '6.12'];
  const build = await buildAndVerify({ file, text, kernels, compiler: {} });
  assert.equal(build?.state, 'compiled');
  assert.equal(build.verdicts.length, kernels.length);
  for (const verdict of build.verdicts) {
    assert.equal(verdict.accepted, false);
    assert.ok(verdict.explanation !== undefined && verdict.explanation.message !== verdict.message);
    assert.match(verdict.explanation.remedy ?? '', /NULL|if \(/);
    assert.ok(verdict.explanation.steps.length > 0, 'where the value came from');
  }
  const source = new CFile(parser, text);
  const [diagnostic, ...more] = verifierDiagnostics(source, build, kernels.length);
  assert.deepEqual(more, []);
  assert.ok(diagnostic !== undefined);
  const explanation = build.verdicts[0]!.explanation!;
  assert.ok(diagnostic.message.includes(explanation.message) && diagnostic.message.includes(explanation.remedy!));
  assert.equal(diagnostic.kernelWords, build.verdicts[0]!.message);
});
