// Running another program: whatever it does, an answer comes in time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../src/host/process.ts';

/** A program whose own child keeps its output open long after it was ended, as a wrapper script does. */
const WRAPPER =
  "require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)'], { stdio: 'inherit' })";

test('a program whose children keep its output open is given up in time', async () => {
  const started = Date.now();
  const result = await run(process.execPath, ['-e', WRAPPER], { timeoutMs: 1000 });
  assert.equal(result.kind, 'timed-out');
  assert.ok(Date.now() - started < 15_000);
});

test('cancelling it does not wait for its children either', async () => {
  const controller = new AbortController();
  const running = run(process.execPath, ['-e', WRAPPER], { signal: controller.signal });
  setTimeout(() => controller.abort(), 500);
  const started = Date.now();
  assert.equal((await running).kind, 'cancelled');
  assert.ok(Date.now() - started < 15_000);
});

test('of endless output the beginning is kept', async () => {
  const flood = "const text = 'x'.repeat(1 << 20); const more = () => process.stdout.write(text, more); more()";
  const result = await run(process.execPath, ['-e', flood], { timeoutMs: 1500 });
  assert.equal(result.kind, 'timed-out');
  assert.ok(result.kind === 'timed-out' && result.stdout.length <= 4 * 1024 * 1024);
});
