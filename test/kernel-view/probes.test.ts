// The view asked the questions that real kernels were asked: every context offset, size and direction, every helper id with a
// GPL-compatible license and without, and the return values. Verdict and message must be the kernel's.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { viewFor } from '../../src/kernel/index.ts';
import { PROBES, readProbe } from './facts.ts';

/** What the knowledge base decides of a helper call; a kernel's later complaints are about arguments and are the verifier's. */
function refusal(message: string): string {
  const ours =
    /^(invalid func|unknown func|program of this type|cannot call GPL|helper call might sleep|sleepable helper)/;
  return ours.test(message) ? message : '';
}

for (const { file, target } of PROBES) {
  describe(`${file} against the view of ${target}`, () => {
    const probe = readProbe(file);
    const view = viewFor(target);

    it('context accesses', () => {
      const wrong: string[] = [];
      for (const [offset, size, readOk, writeOk, readMessage, writeMessage] of probe.ctx) {
        const questions = [
          { mode: 'read', ok: readOk, message: readMessage },
          { mode: 'write', ok: writeOk, message: writeMessage },
        ] as const;
        for (const { mode, ok, message } of questions) {
          const answer = view.ctxAccess({ offset, size, mode });
          const ours = answer.ok ? '' : answer.message;
          if (answer.ok !== ok || ours !== message) {
            wrong.push(`${mode} off=${offset} size=${size}: kernel "${message}", view "${ours}"`);
          }
        }
      }
      assert.ok(probe.ctx.length > 900);
      assert.deepEqual(wrong, []);
    });

    it('helpers', () => {
      const wrong: string[] = [];
      let asked = 0;
      for (const [id, answers] of Object.entries(probe.helpers)) {
        for (const license of ['gpl', 'nongpl'] as const) {
          const answer = view.helper(Number(id), { gplCompatible: license === 'gpl' });
          const ours = answer.ok ? '' : answer.message;
          const kernel = refusal(answers[license]);
          asked++;
          if (kernel !== ours) {
            wrong.push(`${id} ${license}: kernel "${answers[license]}", view "${ours}"`);
          }
        }
      }
      assert.ok(asked > 400);
      assert.deepEqual(wrong, []);
    });

    it('return values', () => {
      const limited = view.has('return-range-checked');
      for (const [value, accepted] of Object.entries(probe.returnValueAccepted)) {
        assert.equal(!limited || value === '0' || value === '1', accepted, `return ${value}`);
      }
      assert.equal(!limited, probe.returnUnknownScalarAccepted);
    });
  });
}
