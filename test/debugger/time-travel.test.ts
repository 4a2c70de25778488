// Going backwards is re-execution, so a position has one state whichever way one came to it. Random walks over every sample.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import type { Debugger } from '../../src/debugger/index.ts';
import { comparePositions } from '../../src/world/index.ts';
import { debuggerOf, finish, SCENARIOS } from './support.ts';

const REQUESTS_PER_WALK = 300;

/** Everything that must be equal at equal positions: the kernel's side, registers, the context, C lines. */
function stateOf(target: Debugger): string {
  const { moment } = target;
  if (moment === undefined) return `${target.timeline.state}`;
  const { vm } = moment.callback;
  const registers = vm.frames().map((frame) => `${frame.program}:${frame.slot}:${frame.registers.join(',')}`);
  const context = vm.readMemory(vm.contextAddress, vm.view.ctxSize).join(',');
  const frames = target.frames(target.currentThread).map((frame) => `${frame.name}@${frame.location?.line0}`);
  return JSON.stringify([
    moment.callback.op,
    moment.callback.host,
    registers,
    context,
    frames,
    target.world.record.callbacks.length,
    target.world.record.segments.length,
  ]);
}

/** What a whole run left behind. */
const resultOf = (target: Debugger): string =>
  JSON.stringify(target.world.report(), (_key, value) => (typeof value === 'bigint' ? value.toString() : value));

const key = (target: Debugger): string => `${target.timeline.state} ${target.position.event}.${target.position.insn}`;

function walk(target: Debugger, random: Random, visit: () => void): void {
  const positions = [{ event: 0, insn: 0 }];
  for (let count = 0; count < REQUESTS_PER_WALK; count++) {
    const kind = random.below(12);
    if (kind < 3)
      target.step(random.pick(['into', 'over', 'out']), random.pick(['line', 'statement', 'instruction']), 'forward');
    else if (kind < 6)
      target.step(random.pick(['into', 'over', 'out']), random.pick(['line', 'statement', 'instruction']), 'backward');
    else if (kind < 8) target.toCallback(random.pick(['forward', 'backward']));
    else if (kind < 9) target.resume('forward');
    else if (kind < 10) target.resume('backward');
    else target.goTo(random.pick(positions));
    positions.push(target.position);
    visit();
  }
}

for (const [index, scenario] of SCENARIOS.entries()) {
  test(`${scenario}: a position has one state, and a walk changes nothing`, () => {
    const undisturbed = debuggerOf(scenario);
    undisturbed.exceptions.enable([]);
    undisturbed.resume('forward');
    const expected = resultOf(undisturbed);

    const target = debuggerOf(scenario);
    target.exceptions.enable([]);
    const ops = target.world.view.ops.filter((_, op) => op % 3 === 1).map((op) => op.name);
    target.setBreakpoints(
      'function',
      undefined,
      ops.map((name) => ({ kind: 'function', name })),
    );
    target.start('stop-on-entry');
    const seen = new Map<string, string>();
    walk(target, new Random(1000 + index), () => {
      const state = stateOf(target);
      const before = seen.get(key(target));
      if (before !== undefined) assert.equal(state, before, `at ${key(target)}`);
      seen.set(key(target), state);
    });
    target.setBreakpoints('function', undefined, []);
    target.goTo({ event: 0, insn: 0 });
    while (target.resume('forward') === 'slice-over') {}
    assert.equal(resultOf(target), expected);
  });
}

test('backwards from the end visits the same instructions as forwards from the start', () => {
  const target = debuggerOf('samples/subprograms.handshake.json');
  target.start('stop-on-entry');
  const forwards: string[] = [];
  while (target.timeline.state === 'inside') {
    forwards.push(key(target));
    target.step('into', 'instruction', 'forward');
  }
  const backwards: string[] = [];
  for (;;) {
    const reason = target.step('into', 'instruction', 'backward');
    if (reason !== 'slice-over' && reason.kind === 'history-start') break;
    backwards.push(key(target));
  }
  assert.deepEqual(backwards.reverse(), forwards);
});

for (const scenario of ['samples/subprograms.handshake.json', 'samples/conn_stats_loss.handshake.json']) {
  test(`${scenario}: a movement in slices ends where the same movement ends in one go`, () => {
    const whole = debuggerOf(scenario);
    const sliced = debuggerOf(scenario, () => {}, { beginSlice: () => () => true });
    let slices = 0;
    const random = new Random(7);
    for (const target of [whole, sliced]) {
      target.setBreakpoints('function', undefined, [
        { kind: 'function', name: 'BPF_SOCK_OPS_TCP_CONNECT_CB' },
        { kind: 'function', name: 'BPF_SOCK_OPS_STATE_CB', condition: 'skops->args[1] == 7' },
      ]);
      target.start('stop-on-entry');
    }
    for (let count = 0; count < 80; count++) {
      const direction = random.pick(['forward', 'backward'] as const);
      const kind = random.below(5);
      const granularity = random.pick(['line', 'statement', 'instruction'] as const);
      const step = random.pick(['into', 'over', 'out'] as const);
      const move = (target: Debugger) => {
        if (kind === 0) return target.resume(direction);
        if (kind === 1) return target.toCallback(direction);
        return target.step(step, granularity, direction);
      };
      const expected = finish(whole, move(whole));
      let reason = move(sliced);
      for (; reason === 'slice-over'; slices++) reason = sliced.proceed();
      assert.deepEqual(reason, expected);
      assert.equal(key(sliced), key(whole));
      assert.equal(stateOf(sliced), stateOf(whole));
    }
    assert.ok(slices > 50, `${slices} slices`);
  });
}

test('a movement that is given up ends where it has come to, or backwards where it began', () => {
  const target = debuggerOf('samples/subprograms.handshake.json', () => {}, { beginSlice: () => () => true });
  finish(target, target.start('stop-on-entry'));
  finish(target, target.toCallback('forward'));
  const place = target.position;
  assert.equal(target.resume('forward'), 'slice-over');
  assert.equal(target.pause().kind, 'paused');
  assert.ok(comparePositions(target.position, place) > 0);
  const further = target.position;
  assert.equal(target.resume('backward'), 'slice-over');
  assert.equal(target.pause().kind, 'paused');
  assert.deepEqual(target.position, further);
});
