// The control group tree against what a 6.18 kernel answered (attach-and-reply measurements).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CgroupTree } from '../../src/world/cgroup.ts';

const modern = { multi: true, preorder: true };
type Mode = 'multi' | 'override' | 'exclusive';

function tree(features = modern) {
  const groups = new CgroupTree<string>(features);
  return {
    groups,
    attach: (path: string, program: string, mode: Mode, preorder = false) => {
      const result = groups.attach(path, { program, mode, preorder });
      return result.kind === 'attached' ? 'ok' : result.error;
    },
    detach: (path: string, program: string) => {
      const result = groups.detach(path, program);
      return result.kind === 'attached' ? 'ok' : result.error;
    },
    run: (path: string) => groups.effective(path).join(' '),
  };
}

test('programs of one multi group run in attach order; the same one twice and other flags are refused', () => {
  const { attach, run } = tree();
  assert.deepEqual(
    [attach('/g', 'A', 'multi'), attach('/g', 'B', 'multi'), attach('/g', 'C', 'multi')],
    ['ok', 'ok', 'ok'],
  );
  assert.equal(run('/g'), 'A B C');
  assert.equal(attach('/g', 'A', 'multi'), 'EINVAL');
  assert.equal(attach('/g', 'D', 'exclusive'), 'EPERM');
  assert.equal(attach('/g', 'D', 'override'), 'EPERM');
});

test('own group first, then its parents, the root last', () => {
  const { attach, run } = tree();
  attach('/', 'A', 'multi');
  attach('/a', 'B', 'multi');
  attach('/a/b', 'C', 'multi');
  assert.equal(run('/a/b'), 'C B A');
  assert.equal(run('/a'), 'B A');
  assert.equal(run('/'), 'A');
  assert.equal(run('/a/b/c/d'), 'C B A');
});

test('preorder programs run before all others, outermost first', () => {
  const { attach, run } = tree();
  attach('/', 'A', 'multi', true);
  attach('/a', 'B', 'multi');
  assert.equal(run('/a'), 'A B');
  attach('/a', 'C', 'multi', true);
  attach('/', 'D', 'multi', true);
  assert.equal(run('/a'), 'A D C B');
});

test('an exclusive program keeps child groups from having any', () => {
  const { attach } = tree();
  assert.equal(attach('/', 'A', 'exclusive'), 'ok');
  assert.equal(attach('/a', 'B', 'multi'), 'EPERM');
  assert.equal(attach('/a', 'B', 'exclusive'), 'EPERM');
  assert.equal(attach('/a/b', 'B', 'override'), 'EPERM');
});

test('an override program gives way to the one of a child group', () => {
  const { attach, run } = tree();
  attach('/', 'A', 'override');
  assert.equal(attach('/a', 'B', 'exclusive'), 'ok');
  assert.equal(run('/a'), 'B');
  assert.equal(run('/a/b'), 'B');
  assert.equal(run('/c'), 'A');
  assert.equal(attach('/c', 'C', 'multi'), 'ok');
  assert.equal(run('/c'), 'C');
});

test('a second exclusive program replaces the first; detaching nothing is ENOENT', () => {
  const { attach, detach, run } = tree();
  assert.equal(attach('/', 'A', 'exclusive'), 'ok');
  assert.equal(attach('/', 'B', 'exclusive'), 'ok');
  assert.equal(run('/'), 'B');
  assert.equal(detach('/', 'B'), 'ok');
  assert.equal(detach('/', 'B'), 'ENOENT');
  assert.equal(attach('/', 'C', 'multi'), 'ok', 'the flags went with the last program');
});

test('65 programs in one group are one too many', () => {
  const { attach } = tree();
  for (let n = 0; n < 64; n++) assert.equal(attach('/', `P${n}`, 'multi'), 'ok');
  assert.equal(attach('/', 'P64', 'multi'), 'E2BIG');
});

test('kernels without the flags refuse them', () => {
  const old = tree({ multi: false, preorder: false });
  assert.equal(old.attach('/', 'A', 'multi'), 'EINVAL');
  assert.equal(old.attach('/', 'A', 'override'), 'ok');
  assert.equal(tree({ multi: true, preorder: false }).attach('/', 'A', 'multi', true), 'EINVAL');
});

test('a snapshot brings back attachments and their order', () => {
  const { groups, attach, run } = tree();
  attach('/', 'A', 'multi');
  const before = groups.snapshot();
  attach('/', 'B', 'multi');
  assert.equal(run('/'), 'A B');
  groups.restore(before);
  assert.equal(run('/'), 'A');
});
