// Typed kernel pointers in a run: from the context, the task and the socket to what they point to, and how what is not simulated is named.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewFor } from '../../src/kernel/index.ts';
import { type BpfObject, builtinKernelBtf } from '../../src/object/index.ts';
import type { KernelRead } from '../../src/vm/index.ts';
import { KernelObjects, type KernelSurroundings } from '../../src/world/kernel-objects.ts';
import { fromValue, worldOf } from './support.ts';

const FOLDER = 'kernel-members';
const scenario = (program: string, more = {}) =>
  fromValue({ kernel: '6.18', programs: [{ file: 'walk.bpf.c', program }], ...more }, FOLDER);

test('from one object to the next', () => {
  const world = worldOf(scenario('walk', { client: { cgroup: '/app/web' }, server: { cgroup: '/db' } }));
  world.run();
  assert.deepEqual(world.faults, []);
  const said = (opName: string, host: string): string[] => {
    const { index } = world.record.callbacks.find((one) => one.opName === opName && one.host === host)!;
    return world.record.printk.filter((one) => one.callback === index).map(({ text }) => text);
  };
  assert.deepEqual(said('BPF_SOCK_OPS_TCP_CONNECT_CB', 'client'), [
    'op 3 reply 7 state 2',
    'port 40000 family 2',
    'task 1001 1001 client',
    'cgroup 2 level 2',
    'cast cwnd 10',
    'ca cubic',
    'proto TCP',
    'net 4096 4096',
    'socket cgroup 2',
    'gateway 0',
  ]);
  assert.equal(said('BPF_SOCK_OPS_TCP_LISTEN_CB', 'server').at(-1), 'no route');
  // A request sock is a socket of the short kind, and the softirq has the idle task.
  assert.deepEqual(said('BPF_SOCK_OPS_RWND_INIT', 'server'), [
    'op 2 reply 7 state 12',
    'port 443 family 2',
    'task 0 0 swapper/1',
    'cgroup 1 level 0',
  ]);
  const parsed = said('BPF_SOCK_OPS_PARSE_HDR_OPT_CB', 'client');
  assert.match(parsed.at(-1) ?? '', /^skb \d+ flags \d+$/);
});

test('IPv6 and another algorithm', () => {
  const world = worldOf(
    scenario('walk', {
      network: { family: 'ipv6' },
      client: { sysctls: { tcp_congestion_control: 'reno' } },
    }),
  );
  world.run();
  assert.deepEqual(world.faults, []);
  const texts = world.record.printk.filter(({ host }) => host === 'client').map(({ text }) => text);
  for (const text of ['proto TCPv6', 'ca reno', 'port 40000 family 10', 'route flags 1'])
    assert.ok(texts.includes(text), text);
});

test('what is not simulated is named', () => {
  const world = worldOf(scenario('unmodelled'));
  world.run();
  assert.match(
    world.faults[0]?.fault.message ?? '',
    /struct sock\.sk_socket is not modelled: what it points to is not simulated/,
  );
});

test('an event run again reads the same, and leaves the same state', () => {
  const world = worldOf(scenario('walk'));
  for (let i = 0; i < 3; i++) world.runEvent();
  const before = world.snapshot();
  world.run();
  const hash = world.stateHash();
  const texts = world.record.printk.map(({ text }) => text);
  world.restore(before);
  world.run();
  assert.deepEqual(
    world.record.printk.map(({ text }) => text),
    texts,
  );
  assert.equal(world.stateHash(), hash);
});

const surroundings: KernelSurroundings = {
  call: undefined,
  clock: { us: 0, jiffies: 0 },
  task: { pid: 5, tgid: 5, uid: 0, gid: 0, comm: 'a-rather-long-name', cgroupId: 1n },
  readMember: () => undefined,
  cgroupId: () => 1n,
  cgroupPath: () => '/',
};

test('reads of every size and place', () => {
  const view = viewFor('6.12');
  const btf = builtinKernelBtf(view);
  const objects = new KernelObjects({ kernelTypes: { btf, origin: 'given' }, programs: [] });
  const task = btf.cType(btf.find('struct', 'task_struct')!);
  assert.ok(task?.kind === 'struct');
  const at = (name: string): number => task.members.find((member) => member.name === name)!.offsetBits / 8;
  const read = (offset: number, size: number): KernelRead =>
    objects.read({ type: 'task_struct', id: 5 }, offset, size, surroundings);
  assert.deepEqual(read(at('pid'), 4), { kind: 'value', value: 5n });
  assert.deepEqual(read(at('pid') + 1, 2), { kind: 'value', value: 0n });
  // pid and tgid are neighbours.
  assert.equal(at('tgid'), at('pid') + 4);
  assert.deepEqual(read(at('pid'), 8), { kind: 'value', value: 0x5_0000_0005n });
  // comm is cut to 15 bytes and a NUL.
  assert.deepEqual(read(at('comm') + 12, 4), { kind: 'value', value: BigInt(0x00_6e_2d_67) });
  assert.deepEqual(read(at('group_leader'), 8), {
    kind: 'pointer',
    to: { type: 'task_struct', id: 5 },
    offset: 0,
  });
  const said = (offset: number, size: number): string => {
    const answer = read(offset, size);
    return answer.kind === 'unmodelled' ? `${answer.what}: ${answer.reason}` : answer.kind;
  };
  assert.match(said(at('group_leader'), 4), /^struct task_struct\.group_leader: a pointer is read in part/);
  assert.match(said(at('start_time'), 8), /^struct task_struct\.start_time: of the task only/);
  assert.match(said(task.sizeBytes, 4), /^4 bytes at offset \d+ of struct task_struct: the structure has \d+ bytes/);
  assert.match(said(-8, 8), /^8 bytes at offset -8/);
  // Another task than the one that runs.
  const other = objects.read({ type: 'task_struct', id: 6 }, at('pid'), 4, surroundings);
  assert.equal(other.kind, 'unmodelled');
});

test('offsets of an unknown kernel are not taken for ours', () => {
  const btf = builtinKernelBtf(viewFor('6.12'));
  const read = (object: Pick<BpfObject, 'kernelTypes' | 'programs'>): string => {
    const answer = new KernelObjects(object).read({ type: 'task_struct', id: 5 }, 12, 4, surroundings);
    return answer.kind === 'unmodelled' ? answer.reason : answer.kind;
  };
  assert.match(read({ kernelTypes: { btf, origin: 'built-in' }, programs: [] }), /no CO-RE relocations.*--btf/);
  assert.match(read({ kernelTypes: undefined, programs: [] }), /not known.*--btf/);
});
