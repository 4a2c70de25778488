// What people write for a kernel, and the three answers that a distribution's kernel gives.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listedTargets, PROFILES, parseTarget, viewFor } from '../../src/kernel/index.ts';

const name = (text: string): string | undefined => parseTarget(text).value?.name;

describe('targets', () => {
  it('are versions, release strings and profiles in any spelling', () => {
    assert.equal(name('6.12'), '6.12');
    assert.equal(name('v6.12'), '6.12');
    assert.equal(name('6.12.111'), '6.12.111');
    assert.equal(name('6.12.111+deb12-amd64'), '6.12.111');
    assert.equal(name('5.10.0-32-amd64'), '5.10');
    assert.equal(name('4.18.0-553.el8_10.x86_64'), 'rhel8');
    assert.equal(name('5.14.0-570.12.1.el9_6.x86_64'), 'rhel9.6');
    assert.equal(name('5.14.0-427.el9.x86_64'), 'rhel9');
    assert.equal(name('6.8.0-52-generic'), 'ubuntu24.04');
    assert.equal(name('5.15.0-1050-azure'), 'ubuntu22.04');
    assert.equal(name('6.11.0-9-generic'), '6.11');
    assert.equal(name('RHEL 8'), 'rhel8');
    assert.equal(name('Ubuntu 22.04'), 'ubuntu22.04');
    assert.equal(name('ubuntu-22.04'), 'ubuntu22.04');
    assert.equal(name('bookworm'), 'debian12');
    assert.equal(name('upstream'), '7.2');
    assert.equal(name('latest'), '7.2');
  });

  it('read back from their own names', () => {
    for (const target of [...listedTargets(), parseTarget('6.1').value!, parseTarget('5.15.3').value!]) {
      assert.equal(parseTarget(target.name).value, target, target.name);
    }
  });

  it('a bare series is the release that was measured', () => {
    assert.equal(viewFor('6.1').target.like.context.best, viewFor('6.1.176').target.like.context.best);
    assert.equal(viewFor('6.1'), viewFor('6.1'));
  });

  it('that are no kernels, too old or too new give one problem each', () => {
    for (const text of ['', 'windows', 'six', '-1', '..', 'rhel99']) {
      const { value, problems } = parseTarget(text);
      assert.equal(value, undefined, text);
      assert.equal(problems.length, 1);
      assert.equal(problems[0]!.severity, 'error');
    }
    assert.deepEqual(
      [parseTarget('3.10').value?.name, parseTarget('3.10').problems[0]?.code],
      ['4.13', 'kernel-too-old'],
    );
    assert.deepEqual([parseTarget('9.1').value?.name, parseTarget('9.1').problems[0]?.code], ['7.2', 'kernel-too-new']);
  });

  it('every profile says where its answers come from', () => {
    for (const profile of PROFILES) {
      assert.ok(profile.source.length > 0 && profile.doc.endsWith('.'), profile.name);
      assert.equal(parseTarget(profile.name).problems.length, 0);
      for (const alias of profile.aliases)
        assert.equal(parseTarget(alias).value, parseTarget(profile.name).value, alias);
    }
  });

  it('RHEL 8 has the fields of 5.10 although it is numbered 4.18', () => {
    const view = viewFor(parseTarget('rhel8').value!);
    assert.ok(view.ctxAccess({ offset: 192, size: 8, mode: 'read' }).ok);
    assert.ok(view.helper(142).ok);
    assert.ok(!viewFor('4.18').helper(142).ok);
  });

  it('an unknown is an answer of its own and never a refusal', () => {
    const rhel = viewFor(parseTarget('rhel8').value!);
    const answer = rhel.helper(181);
    assert.ok(answer.ok && !answer.certain);
    const between = viewFor('6.15').helper(16);
    assert.ok(between.ok && !between.certain);
    assert.ok(!viewFor('6.14').helper(16).ok);
  });
});
