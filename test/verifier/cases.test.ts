// Programs as people write them, wrong and corrected, with the verdicts of the kernels; what the running kernel says of the same
// programs; and how a refusal is explained.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { ADVICE } from '../../src/verifier/explain.ts';
import {
  explain,
  explainedProblem,
  REASON_KINDS,
  type Reason,
  type Verdict,
  verify,
  wordingOf,
} from '../../src/verifier/index.ts';
import { readFacts } from '../kernel-view/facts.ts';
import { openKernel } from '../support/kernel-oracle.ts';
import { type ProgramCase, readCases } from './cases.ts';
import { loadable } from './live.ts';
import { SAMPLES } from './reason-samples.ts';
import { assembled, readText, view } from './support.ts';

const CASES = readCases(readText('programs.txt'));

const words = (verdict: Verdict): string =>
  verdict.accepted
    ? 'accepted'
    : `refused ${verdict.slot ?? '-'} ${verdict.refusal!.reason.kind} ${verdict.message}`.trimEnd();

for (const { name, which, verdicts, text } of CASES) {
  test(`${name}, ${which}`, () => {
    assert.ok(verdicts.size > 0);
    const input = assembled(text);
    for (const [kernel, expected] of verdicts)
      assert.equal(words(verify(input, view(kernel))), expected, `on ${kernel}`);
  });
}

test('the running kernel says the same', (t) => {
  const kernel = openKernel();
  if ('unavailable' in kernel) return t.skip(`skipped: ${CASES.length} programs, ${kernel.unavailable}`);
  if (!kernel.release.startsWith('6.18'))
    return t.skip(`skipped: ${CASES.length} programs, the kernel is ${kernel.release}`);
  const different: string[] = [];
  for (const { name, which, verdicts, text } of CASES) {
    const input = assembled(text);
    // Functions go to the kernel without their types, about which it complains before anything else.
    if ((input.subprograms?.length ?? 1) > 1 || input.maps.some((map) => map.inner !== undefined)) continue;
    const live = kernel.load(loadable(kernel, input));
    const ours = (verdicts.get('6.18.44') ?? verdicts.get('6.18')!).replace(/map '\w*'/, "map ''");
    const said = live.accepted ? 'accepted' : (live.messages.at(-1) ?? '');
    if (live.accepted !== (ours === 'accepted') || !ours.endsWith(said)) different.push(`${name}, ${which}: ${said}`);
  }
  assert.deepEqual(different, []);
});

const ASKED_FLAGS = { 'sleepable flag': 16, 'strict align flag': 1, 'xdp frags flag': 32 };

test('single questions asked of 6.18', () => {
  const facts = readFacts<{ probes: Record<string, { verdict: string; errno?: number; msg?: string }> }>(
    'verifier-probes-6.18.json',
  );
  const cases = readCases(readText('asked-6.18.txt'));
  const seen = new Set<string>();
  for (const { name, text } of cases) {
    const expected = facts.probes[name];
    assert.ok(expected !== undefined, name);
    const verdict = verify(assembled(text), view('6.18.44'));
    seen.add(name);
    assert.equal(verdict.accepted ? 'ok' : 'reject', expected.verdict, name);
    assert.equal(verdict.message, expected.msg ?? '', name);
    assert.equal(verdict.refusal?.errno, expected.errno, name);
  }
  const least = assembled('r0 = 1\nexit\n.license "GPL"');
  for (const [name, flag] of Object.entries(ASKED_FLAGS)) {
    const expected = facts.probes[name]!;
    const verdict = verify({ ...least, loadFlags: flag }, view('6.18.44'));
    seen.add(name);
    assert.equal(verdict.message, expected.msg ?? '', name);
    assert.equal(verdict.refusal?.errno, expected.errno, name);
  }
  const taken = (kernel: string): number[] =>
    Array.from({ length: 64 }, (_, type) => type).filter(
      (type) => verify({ ...least, expectedAttachType: type }, view(kernel)).accepted,
    );
  const asked = facts.probes['expected_attach_type_ok'] as unknown as readonly number[];
  assert.deepEqual(taken('6.18.44').slice(0, asked.length), asked);
  // 7.2.13 was asked the same, and refuses three.
  assert.deepEqual(taken('7.2.13').length, 61);
  seen.add('expected_attach_type_ok');
  assert.deepEqual(
    Object.keys(facts.probes).filter((name) => !seen.has(name)),
    [],
  );
});

// --- Explanations ---------------------------------------------------------------------------------------------------------

function explained({ name, text }: ProgramCase): string {
  const input = assembled(text);
  const kernel = view('6.18');
  const explanation = explain(verify(input, kernel), input, kernel);
  if (explanation === undefined) return '';
  const problem = explainedProblem(explanation, kernel);
  const line = (at: typeof problem.at): string =>
    at?.range === undefined ? '' : ` (line ${at.range.start.line0 + 1})`;
  return [
    `=== ${name}`,
    `${problem.code}${line(problem.at)}: ${problem.message}`,
    ...(problem.remedy === undefined ? [] : [`  help: ${problem.remedy}`]),
    ...(problem.notes ?? []).map((note) => `  note${line(note.at)}: ${note.message}`),
    '',
  ].join('\n');
}

const kindsOf = (cases: readonly ProgramCase[]): ReadonlySet<string | undefined> =>
  new Set(cases.flatMap(({ verdicts }) => [...verdicts.values()].map((verdict) => verdict.split(' ')[2])));

test('explanations, of programs and of every kind of reason that no program shows', () => {
  const written = CASES.filter((one) => one.which === 'as-written');
  const shown = kindsOf(CASES);
  const page = [
    ...written.map(explained).filter((text) => text !== ''),
    ...SAMPLES.map((reason) => {
      const words = (ADVICE[reason.kind] as (reason: Reason) => { rule: string; remedy?: string })(reason);
      const help = words.remedy === undefined ? '' : `  help: ${words.remedy}\n`;
      const said = wordingOf(reason, view('6.18')).lines.join('; ');
      return `=== ${reason.kind}\n${words.rule}\n${help}  note: the kernel says: ${said}\n`;
    }),
  ].join('\n');
  if (process.env['UPDATE'] !== undefined) writeFileSync(new URL('explanations.txt', import.meta.url), page);
  assert.equal(page, readText('explanations.txt'));
  const sampled = new Set(SAMPLES.map((reason) => reason.kind));
  assert.deepEqual(
    REASON_KINDS.filter((kind) => !shown.has(kind) && !sampled.has(kind)),
    [],
  );
});
