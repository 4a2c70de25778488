// Pointers to the kernel's own objects in the Variables view: opened, they show members by the kernel's names, forwards and backwards.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Debugger, type ScopeNode, type VariableNode } from '../../src/debugger/index.ts';
import { fromValue, worldOf } from '../world/support.ts';

function walk(): Debugger {
  const world = worldOf(
    fromValue({ kernel: '6.18', programs: [{ file: 'walk.bpf.c', program: 'walk' }] }, 'kernel-members'),
  );
  return new Debugger({ world, objects: world.files.map((file) => file.object), log: () => {} });
}

const scopeOf = (target: Debugger, name: ScopeNode['name']): readonly VariableNode[] => {
  const [frame] = target.frames(target.currentThread);
  return target
    .scopes(frame!)
    .find((scope) => scope.name === name)!
    .children();
};

/** Steps lines until a local variable points to a kernel object of that type. */
function stepTo(target: Debugger, name: string, meaning: string): VariableNode {
  for (let i = 0; i < 400; i++) {
    const node =
      target.timeline.state === 'inside' ? scopeOf(target, 'Locals').find((one) => one.name === name) : undefined;
    if (node?.value.includes(meaning) === true) return node;
    target.step('into', 'line', 'forward');
  }
  throw new Error(`${name} never pointed to ${meaning}`);
}

const child = (node: VariableNode | undefined, name: string): VariableNode | undefined =>
  node?.children?.().find((one) => one.name === name);

test('a pointer to the socket opens to its members, and they to theirs', () => {
  const target = walk();
  target.exceptions.enable([]);
  target.start('stop-on-entry');
  const hash = (): string => target.moment!.callback.vm.stateHash();
  const task = stepTo(target, 'task', "the kernel's struct task_struct");
  assert.equal(child(task, 'comm')?.value, '"server"');
  const tp = stepTo(target, 'tp', "the kernel's struct tcp_sock");
  const before = hash();
  assert.equal(child(tp, 'snd_cwnd')?.value, '10');
  assert.equal(child(tp, 'snd_cwnd')?.type, 'u32');
  assert.equal(child(tp, 'undo_retrans')?.type, 'int');
  const connection = child(tp, 'struct inet_connection_sock');
  assert.equal(child(child(connection, 'icsk_ca_ops'), 'name')?.value, '"cubic"');
  const common = child(tp, 'struct sock_common');
  assert.equal(child(common, 'skc_num')?.value, '443');
  assert.equal(child(common, 'skc_rcv_saddr')?.value, '10.0.1.2');
  assert.equal(child(child(common, 'skc_net.net'), 'net_cookie')?.value, '4097');
  // Looking leaves no mark on the machine.
  assert.equal(hash(), before);
});

test('registers and watch expressions open too, and the past shows what was there', () => {
  const target = walk();
  target.exceptions.enable([]);
  target.start('stop-on-entry');
  stepTo(target, 'tp', "the kernel's struct tcp_sock");
  const register = scopeOf(target, 'Registers').find((node) => node.value.includes("the kernel's struct tcp_sock"));
  assert.equal(child(register, 'snd_cwnd')?.value, '10');
  const [frame] = target.frames(target.currentThread);
  const watched = target.evaluate('tp', frame!, 'read-only');
  assert.ok(watched.kind === 'value');
  assert.equal(child(watched.node, 'snd_cwnd')?.value, '10');
  const said = (text: string): string => {
    const outcome = target.evaluate(text, frame!, 'read-only');
    return outcome.kind === 'value' ? outcome.node.value : JSON.stringify(outcome);
  };
  assert.equal(said('tp->snd_cwnd'), '10');
  assert.equal(said('tp->snd_cwnd * 2 + 1'), '21');
  assert.equal(said('tp->inet_conn.icsk_inet.sk.__sk_common.skc_num'), '443');
  assert.equal(said('tp->rx_opt.tstamp_ok'), '0');
  assert.match(said('tp->write_queue'), /no member write_queue here that is simulated/);
  assert.match(said('*tp'), /has no bytes here/);
  target.step('into', 'line', 'forward');
  target.step('into', 'line', 'backward');
  const again = stepTo(target, 'tp', "the kernel's struct tcp_sock");
  assert.equal(child(again, 'snd_cwnd')?.value, '10');
});
