// Every answer that real kernels gave to single questions: context accesses, helpers, return values. Verdict and words agree.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KernelView } from '../../src/kernel/index.ts';
import type { Verdict } from '../../src/verifier/index.ts';
import { PROBES, readProbe } from '../kernel-view/facts.ts';
import { ask, call, exit, loadInsn, movImm, storeInsn, view } from './support.ts';

const answer = (verdict: Verdict): string => (verdict.accepted ? 'ok' : verdict.message);

/** Compares many answers at once and shows the first differences. */
function agree(rows: readonly { what: string; ours: string; kernel: string }[]): void {
  const different = rows.filter(({ ours, kernel }) => ours !== kernel);
  assert.ok(rows.length > 0);
  const shown = different
    .slice(0, 12)
    .map(({ what, ours, kernel }) => `${what}\n  kernel: ${kernel}\n  ours:   ${ours}`);
  assert.equal(different.length, 0, `${different.length} of ${rows.length} differ\n${shown.join('\n')}`);
}

for (const { file, target } of PROBES) {
  const probe = readProbe(file);
  const kernel: KernelView = view(target);

  test(`context accesses of ${probe.release}`, () => {
    agree(
      probe.ctx.flatMap(([offset, size, readable, writable, readMessage, writeMessage]) => {
        const read = ask([loadInsn(2, 1, offset, size), movImm(0, 1), exit()], kernel);
        const write = ask([movImm(2, 0), storeInsn(1, 2, offset, size), movImm(0, 1), exit()], kernel);
        return [
          { what: `read ${size} at ${offset}`, ours: answer(read), kernel: readable ? 'ok' : readMessage },
          { what: `write ${size} at ${offset}`, ours: answer(write), kernel: writable ? 'ok' : writeMessage },
        ];
      }),
    );
  });

  test(`helpers of ${probe.release}`, () => {
    agree(
      Object.entries(probe.helpers).flatMap(([id, said]) =>
        (['gpl', 'nongpl'] as const).map((kind) => {
          const license = kind === 'gpl' ? 'GPL' : 'Proprietary';
          const verdict = ask([call(Number(id)), movImm(0, 1), exit()], kernel, { license });
          return { what: `helper ${id} ${kind}`, ours: answer(verdict), kernel: said[kind] };
        }),
      ),
    );
  });

  test(`return values of ${probe.release}`, () => {
    for (const [value, accepted] of Object.entries(probe.returnValueAccepted))
      assert.equal(ask([movImm(0, Number(value)), exit()], kernel).accepted, accepted, `return ${value}`);
    const unknown = ask([loadInsn(0, 1, 0, 4), exit()], kernel);
    assert.equal(unknown.accepted, probe.returnUnknownScalarAccepted);
  });
}
