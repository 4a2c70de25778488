// Random programs put before our verifier and the running kernel's: the same verdict, and the same words for a refusal. The same
// generator at length is `npm run fuzz:verdicts`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import { openKernel } from '../support/kernel-oracle.ts';
import { randomSockOps, textOf } from '../support/random-sockops.ts';
import { compare, differenceOf, viewOfRunning } from '../support/verdicts.ts';
import { loadable } from '../verifier/live.ts';
import { assembled } from '../verifier/support.ts';

const COUNT = 250;

test('random programs get the verdict of the running kernel', (t) => {
  const kernel = openKernel();
  if ('unavailable' in kernel) return t.skip(`skipped: ${COUNT} programs, ${kernel.unavailable}`);
  const view = viewOfRunning(kernel);
  if (view === undefined) return t.skip(`skipped: ${COUNT} programs, the tables do not describe ${kernel.release}`);
  const random = new Random(618);
  let accepted = 0;
  const different: string[] = [];
  for (let i = 0; i < COUNT; ) {
    const text = textOf(randomSockOps(random, 1 + random.below(9)));
    let input: ReturnType<typeof assembled>;
    try {
      input = assembled(text);
    } catch {
      // About one text in ten is no assembly: a label without a line, a number that does not fit.
      continue;
    }
    i++;
    const answers = compare(kernel, view, loadable(kernel, input), input);
    if (answers === undefined) continue;
    if (answers.live.accepted) accepted++;
    if (differenceOf(answers) !== undefined) different.push(`${JSON.stringify(answers)}\n${text}`);
  }
  assert.ok(accepted > 20, `${accepted} accepted`);
  assert.equal(different.length, 0, `${different.length} differ\n${different[0]}`);
});
