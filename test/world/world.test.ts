// A world as its users need it: the same run every time, saved and restored at any event, stopped at any instruction.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import type { Position, ScenarioInput, World, WorldSnapshot } from '../../src/world/index.ts';
import { comparePositions } from '../../src/world/index.ts';
import { fromValue, worldOf } from './support.ts';

const SPEC: ScenarioInput = {
  preset: 'retransmit',
  programs: [{ file: 'conn_stats.o' }, { file: 'global_data.o', cgroup: '/client' }],
};
const fresh = (): World => worldOf(fromValue(SPEC, 'samples'));

/** Runs to the end; the hash before every event. */
function hashes(world: World): string[] {
  const list: string[] = [world.stateHash()];
  while (world.runEvent().kind === 'ran') list.push(world.stateHash());
  return list;
}

test('two runs with one seed are identical', () => {
  const a = fresh();
  const b = fresh();
  assert.deepEqual(hashes(a), hashes(b));
  assert.equal(JSON.stringify(a.report()), JSON.stringify(b.report()));
});

test('another seed gives other sequence numbers', () => {
  const seqOf = (seed: number) => {
    const world = worldOf(fromValue({ ...SPEC, seed }, 'samples'));
    world.run();
    return world.segments[0]?.rawSeq;
  };
  assert.notEqual(seqOf(1), seqOf(2));
});

test('any event can be gone back to, any number of times, in any order', () => {
  const world = fresh();
  const snapshots: WorldSnapshot[] = [world.snapshot()];
  const expected: string[] = [world.stateHash()];
  while (world.runEvent().kind === 'ran') {
    snapshots.push(world.snapshot());
    expected.push(world.stateHash());
  }
  const end = JSON.stringify(world.report());
  const random = new Random(7);
  for (let round = 0; round < 40; round++) {
    const to = random.below(snapshots.length);
    world.restore(snapshots[to]!);
    assert.equal(world.stateHash(), expected[to], `event ${to}`);
    const steps = random.below(4);
    for (let at = 1; at <= steps && to + at < expected.length; at++) {
      world.runEvent();
      assert.equal(world.stateHash(), expected[to + at], `event ${to} + ${at}`);
    }
  }
  world.restore(snapshots[0]!);
  world.run();
  assert.equal(JSON.stringify(world.report()), end);
});

/** Every position at which an instruction is about to run, with the hash of registers and context there. */
function positions(world: World): Position[] {
  const list: Position[] = [];
  world.run({
    monitor: {
      beforeInsn: (_vm, position) => {
        list.push(position);
        return undefined;
      },
    },
  });
  return list;
}

test('positions are totally ordered and each callback has its own', () => {
  const world = fresh();
  const list = positions(world);
  for (let at = 1; at < list.length; at++) assert.ok(comparePositions(list[at - 1]!, list[at]!) < 0, `position ${at}`);
  assert.equal(
    list.length,
    world.callbacks.reduce((sum, callback) => sum + callback.endInsn - callback.firstInsn, 0),
  );
  for (const callback of world.callbacks) {
    assert.ok(list.some((one) => one.event === callback.event && one.insn === callback.firstInsn));
  }
});

test('a monitor halts at an exact instruction, the world can be looked at, restored and continued', () => {
  const list = positions(fresh());
  const world = fresh();
  const reference = fresh();
  reference.run();
  const random = new Random(3);
  for (let round = 0; round < 15; round++) {
    const target = list[random.below(list.length)]!;
    const again = fresh();
    while (again.event < target.event) again.runEvent();
    const before = again.snapshot();
    const end = again.runEvent({
      beforeInsn: (_vm, position) => (comparePositions(position, target) === 0 ? 'halt' : undefined),
    });
    assert.deepEqual(end, { kind: 'halted', position: target });
    const { halted } = again;
    assert.ok(halted !== undefined);
    assert.deepEqual(halted.callback.now, target);
    assert.ok(halted.callback.vm.frames().length > 0);
    assert.ok(halted.callback.vm.register(10) !== 0n);
    assert.ok(halted.callback.socketState().length > 0);
    assert.throws(() => again.runEvent(), /halted/);
    again.restore(before);
    again.run();
    assert.equal(JSON.stringify(again.report()), JSON.stringify(reference.report()));
  }
  assert.equal(world.halted, undefined);
});

test('a monitor that only wants to stop at slots is asked there and nowhere else', () => {
  const world = fresh();
  const slots = new Map([['conn_stats', new Set([0])]]);
  const seen: string[] = [];
  world.run({
    monitor: {
      until: () => ({ slots }),
      beforeInsn: (vm, position, callback) => {
        seen.push(`${callback.program.program.name}@${vm.slot}:${position.event}.${position.insn}`);
        return undefined;
      },
    },
  });
  const turns = world.callbacks.flatMap((callback) => callback.runs).filter((run) => run.name === 'conn_stats');
  assert.equal(seen.length, turns.length);
  assert.ok(seen.every((text) => text.startsWith('conn_stats@0:')));
});

test('what a monitor watches does not change what happens', () => {
  const plain = fresh();
  plain.run();
  const watched = fresh();
  watched.run({ monitor: { beforeInsn: () => undefined } });
  assert.equal(JSON.stringify(watched.report()), JSON.stringify(plain.report()));
});

test('an edit in a monitor takes effect, and only in the run that it is made in', () => {
  const world = worldOf(fromValue({ programs: [{ file: 'reply40.o' }] }, 'cases'));
  const start = world.snapshot();
  world.run({
    monitor: {
      // The reply is about to be stored: 55 instead of 40.
      beforeInsn: (vm) => {
        const access = vm.pendingAccess();
        if (access?.mode === 'write' && access.address === vm.contextAddress + 4n) {
          for (let register = 1; register < 6; register++)
            if (vm.register(register) === 40n) vm.setRegister(register, 55n);
        }
        return undefined;
      },
    },
  });
  const replies = () => world.callbacks.filter((callback) => callback.op === 2).map((callback) => callback.reply);
  const edited = replies();
  world.restore(start);
  world.run();
  assert.deepEqual(replies(), [40, 40]);
  // clang may store an immediate, which has no register to edit.
  assert.ok(edited.every((reply) => reply === 55 || reply === 40));
});

test('a run that does not record everything does the same', () => {
  const full = fresh();
  full.run();
  const counts = worldOf(fromValue(SPEC, 'samples'), 'counts');
  counts.run();
  const brief = (world: World) =>
    world.callbacks.map(({ op, host, reply, ok, time }) => ({ op, host, reply, ok, time }));
  assert.deepEqual(brief(counts), brief(full));
  assert.deepEqual(
    counts.segments.map(({ flags, seq, time }) => ({ flags, seq, time })),
    full.segments.map(({ flags, seq, time }) => ({ flags, seq, time })),
  );
});

test('a scenario that never ends stops at "until"', () => {
  const world = worldOf(
    fromValue(
      {
        until: '2s',
        script: [{ do: 'server.listen' }, { do: 'client.connect' }],
        network: { drop: [{ from: 'client', segment: 'ANY', count: 'all' }] },
      },
      'samples',
    ),
  );
  assert.deepEqual(world.run().kind, 'finished');
  assert.equal(world.finished, 'until');
});
