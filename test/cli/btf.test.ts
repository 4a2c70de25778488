// `--btf FILE` on every command that loads programs.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root, scratch, sockscope } from './support.ts';

const program = path.join(root, 'test/fixtures/kernel-members/kernel_members.o');
const types = path.join(root, 'test/facts/kernel-members/btf-7.2.bin');

test('a file without kernel types is wrong use, on every command', () => {
  const scenario = scratch('one.handshake.json');
  writeFileSync(scenario, JSON.stringify({ programs: [{ file: program }] }));
  const script = scratch('script');
  writeFileSync(script, 'quit\n');
  for (const command of [
    ['run', program],
    ['verify', program],
    ['check', program],
    ['sweep', program, '--connections', '1'],
    ['debug', program, '--script', script],
  ]) {
    const { status, stderr } = sockscope([...command, '--btf', program]);
    assert.equal(status, 2, command.join(' '));
    assert.match(stderr, /kernel_members\.o: error: no kernel types in this file: these are not the types of a kernel/);
  }
  const tested = sockscope(['test', scenario, '--btf', scratch('nowhere')]);
  assert.notEqual(tested.status, 0);
  assert.match(tested.stdout + tested.stderr, /nowhere/);
});

test('with them a run reads by their layout', () => {
  const walk = path.join(root, 'test/fixtures/kernel-members/walk.o');
  const args = ['run', walk, '--program', 'walk', '--kernel', '7.2', '--skip-verifier', '--format', 'json'];
  const printed = (output: string): readonly string[] =>
    (JSON.parse(output) as { printk: { text: string }[] }).printk.map(({ text }) => text);
  const builtIn = sockscope(args);
  const given = sockscope([...args, '--btf', types]);
  assert.equal(given.status, 0, given.stderr);
  assert.ok(printed(given.stdout).includes('ca cubic'));
  assert.deepEqual(printed(given.stdout), printed(builtIn.stdout));
});
