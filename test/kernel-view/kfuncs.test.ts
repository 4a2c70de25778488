// Every kernel function of 6.18, by name: whether a sock_ops program may call it, and the words of the refusal.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { viewFor } from '../../src/kernel/index.ts';
import { readFacts } from './facts.ts';

interface KfuncFacts {
  readonly kfuncs: Readonly<Record<string, { readonly allowed: boolean; readonly msg: string }>>;
}

describe('kfuncs on 6.18', () => {
  const { kfuncs } = readFacts<KfuncFacts>('kfuncs-6.18.json');
  const view = viewFor('6.18');

  it('are allowed and refused as the kernel does', () => {
    const wrong: string[] = [];
    for (const [name, { allowed, msg }] of Object.entries(kfuncs)) {
      const answer = view.kfunc(name);
      const ours = answer.ok ? '' : answer.message;
      const kernel = allowed && !msg.startsWith('program must be sleepable') ? '' : msg;
      if (ours !== kernel) wrong.push(`${name}: kernel "${kernel}", view "${ours}"`);
      if (answer.ok && !answer.certain) wrong.push(`${name}: uncertain on the kernel that was asked`);
    }
    assert.ok(Object.keys(kfuncs).length > 200);
    assert.deepEqual(wrong, []);
  });

  it('are none before 6.2 and unknown, not refused, where nobody looked', () => {
    const old = viewFor('6.1').kfunc('bpf_rdonly_cast');
    assert.equal(old.ok, false);
    const between = viewFor('6.9').kfunc('bpf_iter_task_new');
    assert.ok(between.ok && !between.certain);
    const own = viewFor('6.14').kfunc('bpf_sock_ops_enable_tx_tstamp');
    assert.ok(!own.ok && own.why === 'not-yet');
  });
});
