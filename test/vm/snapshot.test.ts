// Snapshots: a state taken at any moment can be had back, whatever happened since, and running on from it repeats itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import type { VirtualMachine, VmSnapshot } from '../../src/vm/index.ts';
import { plainMemory } from '../../src/vm/linear-memory.ts';
import { fakeContext, fakePort, load, u32s } from './support.ts';

const TEXT = `.map flows, hash, 4, 32, 4096
.map recent, lru_hash, 4, 8, 16
.map totals, array, 4, 8, 1
.map rb, ringbuf, 0, 0, 4096
.map keys, queue, 0, 4, 64
.section sockops
main:
  r6 = *(u32 *)(r1 + 4)
  r7 = *(u32 *)(r1 + 8)
  *(u32 *)(r10 - 4) = w6
  *(u64 *)(r10 - 40) = r7
  *(u64 *)(r10 - 32) = r6
  *(u64 *)(r10 - 24) = 0
  *(u64 *)(r10 - 16) = 0
  r1 = flows ll
  r2 = r10
  r2 += -4
  if r7 & 1 goto drop
  r3 = r10
  r3 += -40
  r4 = 0
  call bpf_map_update_elem
  goto more
drop:
  call bpf_map_delete_elem
more:
  r1 = recent ll
  r2 = r10
  r2 += -4
  r3 = r10
  r3 += -40
  r4 = 0
  call bpf_map_update_elem
  r1 = totals[0] + 0 ll
  r2 = 1
  lock *(u64 *)(r1 + 0) += r2
  r1 = keys ll
  r2 = r10
  r2 += -4
  r3 = 2
  call bpf_map_push_elem
  r1 = rb ll
  r2 = r10
  r2 += -40
  r3 = 8
  r4 = 0
  call bpf_ringbuf_output
  r0 = 1
  exit
`;

function event(vm: VirtualMachine, random: Random): void {
  if (random.below(4) === 0) vm.mapByName('flows')!.delete(u32s(random.below(200)));
  else
    vm.call({
      program: 'main',
      port: fakePort(),
      context: fakeContext({ 4: random.below(200), 8: random.u32() }),
    });
}

test('restoring any snapshot in any order gives its hash, and going on from it repeats history', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const vm = load(TEXT);
    const history: { snapshot: VmSnapshot; hash: string; random: Random['state'] }[] = [];
    const random = new Random(seed);
    for (let i = 0; i < 120; i++) {
      history.push({ snapshot: vm.snapshot(), hash: vm.stateHash(), random: random.state });
      event(vm, random);
    }
    const walk = new Random(seed + 1000);
    for (let i = 0; i < 60; i++) {
      const at = walk.below(history.length - 1);
      const { snapshot, hash, random: state } = history[at]!;
      vm.restore(snapshot);
      assert.equal(vm.stateHash(), hash, `seed ${seed}, position ${at}`);
      const again = new Random(0);
      again.restore(state);
      const steps = 1 + walk.below(Math.min(10, history.length - 1 - at));
      for (let step = 0; step < steps; step++) event(vm, again);
      assert.equal(vm.stateHash(), history[at + steps]!.hash, `seed ${seed}, ${steps} events after ${at}`);
    }
  }
});

test('memory grows while snapshots from before stay good', () => {
  let grown = 0;
  const vm = load(TEXT, {
    vm: {
      memoryFactory: (initial, most) => {
        const plain = plainMemory(initial, most);
        return {
          get buffer() {
            return plain.buffer;
          },
          grow(bytes) {
            grown++;
            return plain.grow(bytes);
          },
        };
      },
    },
  });
  const flows = vm.mapByName('flows')!;
  flows.update(u32s(1), new Uint8Array(32).fill(1));
  const small = vm.snapshot();
  const smallHash = vm.stateHash();
  for (let key = 0; key < 4096; key++) flows.update(u32s(key), new Uint8Array(32).fill(key));
  assert.ok(grown > 0);
  const large = vm.snapshot();
  const largeHash = vm.stateHash();
  vm.restore(small);
  assert.equal(vm.stateHash(), smallHash);
  assert.equal(flows.count, 1);
  vm.restore(large);
  assert.equal(vm.stateHash(), largeHash);
  assert.equal(flows.count, 4096);
  const entry = flows.lookup(u32s(4000));
  assert.ok(typeof entry === 'object');
  assert.deepEqual(entry.values[0], new Uint8Array(32).fill(4000));
  vm.restore(small);
  for (let key = 0; key < 4096; key++) flows.update(u32s(key), new Uint8Array(32).fill(key));
  assert.equal(vm.stateHash(), largeHash, 'the same growth twice gives the same state');
});

test('a machine made with the same options takes over a snapshot', () => {
  const a = load(TEXT);
  const random = new Random(7);
  for (let i = 0; i < 40; i++) event(a, random);
  const b = load(TEXT);
  b.restore(a.snapshot());
  assert.equal(b.stateHash(), a.stateHash());
  const again = new Random(9);
  const other = new Random(9);
  for (let i = 0; i < 20; i++) {
    event(a, again);
    event(b, other);
  }
  assert.equal(b.stateHash(), a.stateHash());
  assert.deepEqual(b.mapByName('flows')!.entries(), a.mapByName('flows')!.entries());
});
