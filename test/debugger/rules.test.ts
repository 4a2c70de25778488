// The edge rules of breakpoints, steps and edits, each on a sample.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StopReason } from '../../src/debugger/index.ts';
import { debuggerOf } from './support.ts';

const RWND = 'samples/initial_rwnd.handshake.json';
const SUBPROGRAMS = 'samples/subprograms.handshake.json';

const kindOf = (reason: StopReason | 'slice-over'): string => (reason === 'slice-over' ? reason : reason.kind);
const functionBreakpoint = (name: string, options = {}) => ({ kind: 'function', name, ...options }) as const;

test('a breakpoint where one stands is ignored, forwards and backwards', () => {
  const target = debuggerOf(RWND);
  target.setBreakpoints('function', undefined, [functionBreakpoint('RWND_INIT')]);
  assert.equal(kindOf(target.start('run')), 'breakpoint');
  const first = target.position;
  assert.equal(kindOf(target.resume('forward')), 'breakpoint');
  assert.notDeepEqual(target.position, first);
  assert.equal(kindOf(target.resume('backward')), 'breakpoint');
  assert.deepEqual(target.position, first);
  assert.equal(kindOf(target.resume('backward')), 'history-start');
});

test('hit counts come out the same whichever way one came', () => {
  const target = debuggerOf(SUBPROGRAMS);
  const [second] = target.setBreakpoints('function', undefined, [
    functionBreakpoint('policy_of', { hitCondition: '== 2' }),
  ]);
  assert.equal(kindOf(target.start('run')), 'breakpoint');
  const place = target.position;
  assert.equal(target.breakpoints.hitCount(second!.id, place), 2);
  assert.equal(kindOf(target.resume('forward')), 'end');
  assert.equal(kindOf(target.resume('backward')), 'breakpoint');
  assert.deepEqual(target.position, place);
});

test('a log message is printed once, however often its place is passed', () => {
  const lines: string[] = [];
  const target = debuggerOf(RWND, (text) => lines.push(text));
  target.setBreakpoints('function', undefined, [
    functionBreakpoint('RWND_INIT', { logMessage: 'op {skops->op, op} state {skops->state, state}' }),
  ]);
  assert.equal(kindOf(target.start('run')), 'end');
  assert.deepEqual(lines, [
    'op BPF_SOCK_OPS_RWND_INIT state TCP_SYN_SENT',
    'op BPF_SOCK_OPS_RWND_INIT state TCP_NEW_SYN_RECV',
  ]);
  target.resume('backward');
  target.resume('forward');
  assert.equal(lines.length, 2);
});

test('a condition decides, and one that cannot be evaluated stops and says so', () => {
  const target = debuggerOf(RWND);
  target.setBreakpoints('function', undefined, [
    functionBreakpoint('RWND_INIT', { condition: 'skops->is_fullsock == 0' }),
  ]);
  target.start('run');
  assert.equal(target.moment?.callback.host, 'server');
  const [wrong] = target.setBreakpoints('function', undefined, [
    functionBreakpoint('RWND_INIT', { condition: 'skops->' }),
  ]);
  assert.equal(wrong?.verified, false);
  assert.match(wrong?.message ?? '', /condition/);
});

test('a watched context field stops after the write forwards and before it backwards', () => {
  const target = debuggerOf(RWND);
  target.setBreakpoints('data', undefined, [
    { kind: 'data', target: { kind: 'context', field: 'args[0]', offset: 4, size: 4 }, access: 'write' },
  ]);
  assert.equal(kindOf(target.start('run')), 'breakpoint');
  const after = target.position;
  assert.equal(target.evaluate('skops->reply', undefined, 'read-only').kind, 'value');
  assert.equal(kindOf(target.resume('backward')), 'breakpoint');
  assert.deepEqual(target.position, { event: after.event, insn: after.insn - 1 });
});

test('a changed reply changes the handshake, and what came after is computed anew', () => {
  const target = debuggerOf(RWND);
  target.setBreakpoints('function', undefined, [functionBreakpoint('RWND_INIT')]);
  target.start('run');
  target.step('out', 'line', 'forward');
  const window = () => target.world.record.segments[0]?.window;
  target.setBreakpoints('function', undefined, []);
  while (kindOf(target.resume('forward')) === 'slice-over') {}
  assert.equal(window(), 40 * 1460);
  target.setBreakpoints('function', undefined, [functionBreakpoint('TIMEOUT_INIT')]);
  target.goTo({ event: 0, insn: 0 });
  target.setBreakpoints('function', undefined, [functionBreakpoint('RWND_INIT')]);
  target.resume('forward');
  // Just before the program returns, so that its own write does not win.
  while (target.moment?.callback.opName === 'BPF_SOCK_OPS_RWND_INIT') target.step('into', 'instruction', 'forward');
  target.step('into', 'instruction', 'backward');
  const outcome = target.evaluate('ctx->reply = 10', undefined, 'allow-writes');
  assert.equal(outcome.kind, 'value');
  target.setBreakpoints('function', undefined, []);
  while (kindOf(target.resume('forward')) === 'slice-over') {}
  assert.equal(window(), 10 * 1460);
});

test('read-only fields are refused with a reason and leave no trace', () => {
  const target = debuggerOf(RWND);
  target.start('stop-on-entry');
  const outcome = target.evaluate('skops->snd_cwnd = 5', undefined, 'allow-writes');
  assert.equal(outcome.kind, 'error');
  assert.match(outcome.kind === 'error' ? outcome.message : '', /read-only/);
  assert.equal(target.timeline.editCount, 0);
});

test('a step over does not stop inside the call, a step into does, a step out comes back', () => {
  const target = debuggerOf(SUBPROGRAMS);
  target.start('stop-on-entry');
  const names = () => target.frames(target.currentThread).map((frame) => frame.name);
  while (target.frames(target.currentThread).length === 2) target.step('into', 'line', 'forward');
  assert.equal(names()[0], 'policy_of');
  target.step('out', 'line', 'forward');
  assert.equal(names()[0], 'apply_policy');
  target.restartCallback();
  const depths = new Set<number>();
  const { event, insn } = target.moment!.callback.position;
  while (target.moment?.callback.position.event === event && target.moment.callback.position.insn === insn) {
    depths.add(target.frames(target.currentThread).length);
    target.step('over', 'line', 'forward');
  }
  assert.deepEqual([...depths], [2]);
});

test('a step over one instruction does not go into the call', () => {
  const target = debuggerOf(SUBPROGRAMS);
  target.start('stop-on-entry');
  const depths = new Set<number>();
  const { event } = target.position;
  while (target.position.event === event && target.moment !== undefined) {
    depths.add(target.frames(target.currentThread).length);
    target.step('over', 'instruction', 'forward');
  }
  assert.deepEqual([...depths], [2]);
});

test('a frame is restarted where its function was entered', () => {
  const target = debuggerOf(SUBPROGRAMS);
  target.setBreakpoints('function', undefined, [functionBreakpoint('policy_of')]);
  target.start('run');
  const entered = target.position;
  target.step('over', 'line', 'forward');
  const [inner, outer] = target.frames(target.currentThread);
  assert.equal(inner?.name, 'policy_of');
  const further = target.position;
  target.restartFrame(inner!);
  assert.equal(target.frames(target.currentThread)[0]?.name, 'policy_of');
  assert.ok(target.position.insn <= entered.insn);
  const start = target.position.insn;
  target.goTo(further);
  target.restartFrame(outer!);
  assert.equal(target.frames(target.currentThread)[0]?.name, 'apply_policy');
  assert.ok(target.position.insn < start);
});

test('a step back from the end goes to the beginning of the last line', () => {
  const target = debuggerOf(SUBPROGRAMS);
  target.exceptions.enable([]);
  assert.equal(kindOf(target.start('run')), 'end');
  target.step('over', 'line', 'backward');
  const last = target.frames(target.currentThread)[0]?.location?.line0;
  target.step('over', 'line', 'backward');
  assert.notEqual(target.frames(target.currentThread)[0]?.location?.line0, last);
});

test('where a value comes from is looked for only so far back', async () => {
  const { whereFrom } = await import('../../src/debugger/where-from.ts');
  const target = debuggerOf(RWND);
  target.start('stop-on-entry');
  for (let count = 0; count < 3; count++) target.step('into', 'instruction', 'forward');
  const options = { sources: target.sources, textOf: () => 'written here' };
  const frame = { kind: 'register', register: 10, depth: 0 } as const;
  const texts = (reach: number) => whereFrom(target.timeline, frame, { ...options, reach }).map(({ text }) => text);
  assert.deepEqual(texts(2), ['written before the last 2 instructions, which is as far as is looked']);
  assert.deepEqual(texts(200), ['r10 had this value at entry']);
});

test('where a reply comes from', async () => {
  const { whereFromText } = await import('../../src/debugger/index.ts');
  const target = debuggerOf(RWND);
  target.setBreakpoints('data', undefined, [
    { kind: 'data', target: { kind: 'context', field: 'args[0]', offset: 4, size: 4 }, access: 'write' },
  ]);
  target.start('run');
  const outcome = whereFromText(target, 'skops->reply', undefined);
  assert.equal(outcome.kind, 'steps');
  const steps = outcome.kind === 'steps' ? outcome.steps : [];
  assert.match(steps[0]?.text ?? '', /\*\(u32 \*\)\(r6 \+ 0x4\) = /);
  assert.match(steps[1]?.text ?? '', /\*\(u32 \*\)\(r0 \+ 0x0\)/);
});
