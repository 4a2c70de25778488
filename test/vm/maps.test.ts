// Each kind of map, from user space and from a program: results and errors as kernels give them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewFor } from '../../src/kernel/index.ts';
import type { MapDefinition, TypeTable } from '../../src/object/index.ts';
import { createVm, type MapEntry, type UserMap } from '../../src/vm/index.ts';
import { fakeContext, fakePort, fakeSocket, faultOf, load, resultOf, run, u32s, u64s } from './support.ts';

const BPF_ANY = 0;
const NOEXIST = 1;
const EXIST = 2;
const ENOENT = -2;
const E2BIG = -7;
const EEXIST = -17;
const EINVAL = -22;
const ENOSPC = -28;

function only(typeId: number, over: Partial<MapDefinition> = {}, cpuCount = 2): UserMap {
  const definition: MapDefinition = {
    name: 'm',
    typeId,
    keySize: 4,
    valueSize: 8,
    maxEntries: 4,
    flags: 0,
    extra: 0n,
    fd: 1,
    keyTypeId: 1,
    valueTypeId: 1,
    ...over,
  };
  const made = createVm({ programs: [], maps: [definition], view: viewFor('6.18'), cpuCount });
  assert.deepEqual(made.problems, []);
  return made.value!.map(1)!;
}

const value = (found: MapEntry | number): number[] | number =>
  typeof found === 'number' ? found : [...found.values[0]!];
const keys = (map: UserMap): number[] =>
  map.entries().map((entry) => new DataView(entry.key.buffer).getUint32(0, true));

test('hash: update, lookup, delete and their errors', () => {
  const map = only(1);
  assert.equal(map.lookup(u32s(1)), ENOENT);
  assert.equal(map.update(u32s(1), u64s(5n), EXIST), ENOENT);
  assert.equal(map.update(u32s(1), u64s(5n)), 0);
  assert.deepEqual(value(map.lookup(u32s(1))), [...u64s(5n)]);
  assert.equal(map.update(u32s(1), u64s(6n), NOEXIST), EEXIST);
  assert.equal(map.update(u32s(1), u64s(6n), EXIST), 0);
  assert.equal(map.update(u32s(1), u64s(6n), 99), EINVAL);
  assert.equal(map.update(u32s(1, 2), u64s(6n)), EINVAL);
  for (const key of [2, 3, 4]) assert.equal(map.update(u32s(key), u64s(0n)), 0);
  assert.equal(map.update(u32s(5), u64s(0n)), E2BIG);
  assert.equal(map.update(u32s(4), u64s(1n)), 0, 'a full map still takes new values for its keys');
  assert.equal(map.count, 4);
  assert.deepEqual(keys(map), [1, 2, 3, 4]);
  assert.equal(map.delete(u32s(2)), 0);
  assert.equal(map.delete(u32s(2)), ENOENT);
  assert.deepEqual(keys(map), [1, 3, 4]);
  assert.deepEqual(value(map.lookup(u32s(1))), [...u64s(6n)]);
});

test('hash: many entries, found again and deleted in any order', () => {
  const map = only(1, { maxEntries: 5000 });
  for (let key = 0; key < 5000; key++) assert.equal(map.update(u32s(key * 7), u64s(BigInt(key))), 0);
  assert.equal(map.count, 5000);
  for (let key = 0; key < 5000; key += 3) assert.equal(map.delete(u32s(key * 7)), 0);
  for (let key = 0; key < 5000; key++)
    assert.deepEqual(value(map.lookup(u32s(key * 7))), key % 3 === 0 ? ENOENT : [...u64s(BigInt(key))]);
});

test('array: every element exists, nothing can be deleted', () => {
  const map = only(2);
  assert.deepEqual(value(map.lookup(u32s(3))), [...u64s(0n)]);
  assert.equal(map.lookup(u32s(4)), ENOENT);
  assert.equal(map.update(u32s(3), u64s(9n)), 0);
  assert.equal(map.update(u32s(3), u64s(9n), NOEXIST), EEXIST);
  assert.equal(map.update(u32s(4), u64s(9n)), E2BIG);
  assert.equal(map.delete(u32s(3)), EINVAL);
  assert.equal(map.count, 4);
  assert.deepEqual(keys(map), [0, 1, 2, 3]);
});

test('per-cpu hash and array hold a value for each CPU', () => {
  for (const type of [5, 6]) {
    const map = only(type, {}, 3);
    assert.equal(map.update(u32s(1), u64s(1n, 2n, 3n)), 0);
    const found = map.lookup(u32s(1));
    assert.ok(typeof found === 'object');
    assert.deepEqual(
      found.values.map((each) => each[0]),
      [1, 2, 3],
    );
    assert.equal(map.update(u32s(1), u64s(7n)), 0, 'one value goes to every CPU');
    assert.deepEqual(
      (map.lookup(u32s(1)) as MapEntry).values.map((each) => each[0]),
      [7, 7, 7],
    );
  }
});

test('LRU hash drops what was used least recently', () => {
  const map = only(9);
  for (const key of [1, 2, 3, 4, 5]) assert.equal(map.update(u32s(key), u64s(0n)), 0);
  assert.equal(map.count, 4);
  assert.deepEqual(new Set(keys(map)), new Set([2, 3, 4, 5]));
  const used = load(
    `.map m, lru_hash, 4, 8, 3
     .section sockops
     main:
       *(u32 *)(r10 - 4) = 1
       r1 = m ll
       r2 = r10
       r2 += -4
       call bpf_map_lookup_elem
       r0 = 1
       exit`,
  );
  const lru = used.map(1)!;
  for (const key of [1, 2, 3]) lru.update(u32s(key), u64s(0n));
  lru.update(u32s(4), u64s(0n));
  assert.deepEqual(new Set(keys(lru)), new Set([2, 3, 4]), 'all equally used: the oldest goes');
  lru.update(u32s(1), u64s(0n));
  used.call({ program: 'main', port: fakePort(), context: fakeContext() });
  lru.update(u32s(9), u64s(0n));
  assert.ok(keys(lru).includes(1), 'a key that the program looked up stays');
});

test('LPM trie: the longest prefix wins', () => {
  const map = only(11, { keySize: 8, flags: 1, maxEntries: 3 });
  const prefix = (length: number, a: number, b: number, c: number, d: number) =>
    Uint8Array.of(length, 0, 0, 0, a, b, c, d);
  assert.equal(map.update(prefix(8, 10, 0, 0, 0), u64s(8n)), 0);
  assert.equal(map.update(prefix(24, 10, 1, 2, 77), u64s(24n)), 0, 'bits behind the prefix do not count');
  assert.equal(map.update(prefix(0, 0, 0, 0, 0), u64s(1n)), 0);
  assert.equal(map.update(prefix(32, 1, 1, 1, 1), u64s(1n)), ENOSPC);
  assert.equal(map.update(prefix(33, 1, 1, 1, 1), u64s(1n)), EINVAL);
  const at = (a: number, b: number, c: number, d: number) => value(map.lookup(prefix(32, a, b, c, d)));
  assert.deepEqual(at(10, 1, 2, 3), [...u64s(24n)]);
  assert.deepEqual(at(10, 1, 3, 3), [...u64s(8n)]);
  assert.deepEqual(at(11, 1, 3, 3), [...u64s(1n)]);
  assert.deepEqual(
    value(map.lookup(prefix(16, 10, 1, 2, 3))),
    [...u64s(8n)],
    'a short key finds only shorter prefixes',
  );
  assert.equal(map.delete(prefix(24, 10, 1, 2, 0)), 0);
  assert.equal(map.delete(prefix(24, 10, 1, 2, 0)), ENOENT);
  assert.deepEqual(at(10, 1, 2, 3), [...u64s(8n)]);
});

test('queue and stack', () => {
  for (const [type, order] of [
    [22, [1, 2, 3, 4]],
    [23, [4, 3, 2, 1]],
  ] as const) {
    const map = only(type, { keySize: 0 });
    for (const each of [1n, 2n, 3n, 4n]) assert.equal(map.push(u64s(each)), 0);
    assert.equal(map.push(u64s(5n)), E2BIG);
    assert.deepEqual(
      map.entries().map((entry) => entry.values[0]![0]),
      order,
    );
    assert.equal(map.push(u64s(5n), EXIST), 0, 'BPF_EXIST makes room by dropping the oldest');
    assert.equal(map.count, 4);
    assert.equal(map.push(u64s(5n), NOEXIST), EINVAL);
  }
});

test('a program pops what was pushed, and an empty queue gives -ENOENT and zeros', () => {
  const text = (helper: string) => `.map q, queue, 0, 8, 4
    .section sockops
    main:
      r1 = 77
      *(u64 *)(r10 - 8) = r1
      r1 = q ll
      r2 = r10
      r2 += -8
      call ${helper}
      r6 = r0
      r1 = *(u64 *)(r10 - 8)
      r0 <<= 32
      r0 |= r1
      exit`;
  const vm = load(text('bpf_map_pop_elem'));
  vm.map(1)!.push(u64s(5n));
  assert.equal(resultOf(vm.call({ program: 'main', port: fakePort(), context: fakeContext() })), 5n);
  const empty = resultOf(vm.call({ program: 'main', port: fakePort(), context: fakeContext() }));
  assert.equal(BigInt.asIntN(32, empty >> 32n), -2n);
  assert.equal(BigInt.asUintN(32, empty), 0n);
});

test('bloom filter: no false negatives', () => {
  const map = only(30, { keySize: 0, maxEntries: 100 });
  for (let i = 0n; i < 100n; i++) assert.equal(map.push(u64s(i * 13n)), 0);
  for (let i = 0n; i < 100n; i++) assert.equal(typeof map.lookup(u64s(i * 13n)), 'object');
  let hits = 0;
  for (let i = 0n; i < 1000n; i++) if (typeof map.lookup(u64s(1_000_000n + i)) === 'object') hits++;
  assert.ok(hits < 300, `${hits} false positives of 1000`);
  assert.equal(map.push(u64s(1n), NOEXIST), EINVAL);
});

test('ring buffer: reserve, submit, discard, output, and room that runs out within one call', () => {
  const text = `.map rb, ringbuf, 0, 0, 4096
    .section sockops
    main:
      r1 = rb ll
      r2 = 16
      r3 = 0
      call bpf_ringbuf_reserve
      if r0 == 0 goto none
      r1 = 0x1122334455667788 ll
      *(u64 *)(r0 + 0) = r1
      *(u64 *)(r0 + 8) = r1
      r1 = r0
      r2 = 0
      call bpf_ringbuf_submit
      *(u64 *)(r10 - 8) = 9
      r1 = rb ll
      r2 = r10
      r2 += -8
      r3 = 8
      r4 = 0
      call bpf_ringbuf_output
      r6 = r0
      r1 = rb ll
      r2 = 4096
      r3 = 0
      call bpf_ringbuf_reserve
      if r0 != 0 goto none
      r1 = rb ll
      r2 = 0
      call bpf_ringbuf_query
      exit
    none:
      r0 = -1
      exit`;
  const { end, port, vm } = run(text);
  assert.equal(resultOf(end), 24n + 16n, 'bytes between producer and consumer');
  assert.deepEqual(
    port.events.map((event) => (event.kind === 'ringbuf-output' ? [event.mapFd, event.data.length] : event.kind)),
    [
      [1, 16],
      [1, 8],
    ],
  );
  const again = vm.call({ program: 'main', port, context: fakeContext() });
  assert.equal(resultOf(again), 40n, 'the reader has emptied the buffer between the calls');
});

test('program array: user space names programs by number, a missing one is no error for the program', () => {
  const text = `.map jumps, prog_array, 4, 4, 3
    .section sockops/first
    first:
      r2 = jumps ll
      r3 = 1
      call bpf_tail_call
      r0 = 5
      exit
    .section sockops/second
    second:
      r0 = 6
      exit`;
  const vm = load(text);
  const port = fakePort();
  const call = () => resultOf(vm.call({ program: 'first', port, context: fakeContext() }));
  assert.equal(call(), 5n);
  assert.equal(vm.map(1)!.update(u32s(1), u32s(9)), -9);
  assert.equal(vm.map(1)!.update(u32s(1), u32s(1)), 0);
  assert.equal(call(), 6n);
  assert.deepEqual(port.events, [{ kind: 'tail-call', program: 'second' }]);
  assert.equal(vm.map(1)!.delete(u32s(1)), 0);
  assert.equal(call(), 5n);
});

test('tail calls stop at the limit of the kernel', () => {
  const text = `.map jumps, prog_array, 4, 4, 1
    .map n, array, 4, 8, 1
    .section sockops/loop
    loop:
      r6 = r1
      r1 = n[0] + 0 ll
      r2 = *(u64 *)(r1 + 0)
      r2 += 1
      *(u64 *)(r1 + 0) = r2
      r1 = r6
      r2 = jumps ll
      r3 = 0
      call bpf_tail_call
      r0 = 1
      exit`;
  for (const [kernel, calls] of [
    ['5.10', 33],
    ['6.1', 34],
  ] as const) {
    const vm = load(text, { kernel });
    vm.mapByName('jumps')!.update(u32s(0), u32s(0));
    resultOf(vm.call({ program: 'loop', port: fakePort(), context: fakeContext() }));
    assert.deepEqual(value(vm.mapByName('n')!.lookup(u32s(0))), [...u64s(BigInt(calls))]);
  }
});

test('array of maps: the program gets the inner map and uses it', () => {
  const text = `.map inner, hash, 4, 8, 4
    .map outer, array_of_maps, 4, 4, 2, inner=inner
    .section sockops
    main:
      *(u32 *)(r10 - 4) = 0
      r1 = outer ll
      r2 = r10
      r2 += -4
      call bpf_map_lookup_elem
      if r0 == 0 goto none
      r1 = r0
      *(u32 *)(r10 - 4) = 3
      r2 = r10
      r2 += -4
      call bpf_map_lookup_elem
      if r0 == 0 goto none
      r0 = *(u64 *)(r0 + 0)
      exit
    none:
      r0 = -1
      exit`;
  const vm = load(text);
  const call = () => resultOf(vm.call({ program: 'main', port: fakePort(), context: fakeContext() }));
  assert.equal(call(), -1n);
  vm.mapByName('inner')!.update(u32s(3), u64s(44n));
  const inner = vm.mapByName('inner')!.definition.fd;
  assert.equal(vm.mapByName('outer')!.update(u32s(0), u32s(99)), -9);
  assert.equal(vm.mapByName('outer')!.update(u32s(0), u32s(inner)), 0);
  assert.equal(call(), 44n);
});

test('sockmap and sockhash: update flags, refusals by op, deletion, sockets that close', () => {
  const text = (type: string, helper: string) => `.map socks, ${type}, 4, 4, 2
    .section sockops
    main:
      r6 = *(u32 *)(r1 + 4)
      *(u32 *)(r10 - 4) = 1
      r2 = socks ll
      r3 = r10
      r3 += -4
      r4 = r6
      call ${helper}
      exit
    .section sockops/drop
    drop:
      *(u32 *)(r10 - 4) = 1
      r1 = socks ll
      r2 = r10
      r2 += -4
      call bpf_map_delete_elem
      exit`;
  for (const [type, helper, absent] of [
    ['sockmap', 'bpf_sock_map_update', EINVAL],
    ['sockhash', 'bpf_sock_hash_update', ENOENT],
  ] as const) {
    const vm = load(text(type, helper));
    const port = fakePort({ socket: fakeSocket() });
    const update = (flags: number) => resultOf(vm.call({ program: 'main', port, context: fakeContext({ 4: flags }) }));
    const drop = () => resultOf(vm.call({ program: 'drop', port, context: fakeContext() }));
    assert.equal(drop(), BigInt(absent));
    assert.equal(update(EXIST), BigInt(ENOENT));
    assert.equal(update(3), BigInt(EINVAL));
    assert.equal(update(BPF_ANY), 0n);
    assert.equal(update(NOEXIST), BigInt(EEXIST));
    assert.deepEqual(
      vm
        .map(1)!
        .entries()
        .map((entry) => [...entry.values[0]!]),
      [[7, 0, 0, 0]],
    );
    vm.socketClosed(7);
    assert.deepEqual(vm.map(1)!.entries(), []);
    port.socket = fakeSocket([], { sockMapCheck: () => -95 });
    assert.equal(update(BPF_ANY), -95n);
  }
});

test('socket storage: created on demand, copied to children with BPF_F_CLONE, gone with the socket', () => {
  const text = `.map st, sk_storage, 4, 8, 0, flags=0x201
    .section sockops
    main:
      r6 = *(u32 *)(r1 + 4)
      r2 = *(u64 *)(r1 + 184)
      if r2 == 0 goto none
      r1 = st ll
      r3 = 0
      r4 = r6
      call bpf_sk_storage_get
      if r0 == 0 goto none
      r1 = *(u64 *)(r0 + 0)
      r1 += 1
      *(u64 *)(r0 + 0) = r1
      r0 = r1
      exit
    none:
      r0 = -1
      exit`;
  const vm = load(text, { maps: { st: { keyTypeId: 1, valueTypeId: 2 } } });
  const port = fakePort({ socket: fakeSocket() });
  const call = (create: number, hasSock = true) =>
    resultOf(vm.call({ program: 'main', port, context: fakeContext({ 4: create }, { hasSock }) }));
  assert.equal(call(1, false), -1n, 'no socket, no storage');
  assert.equal(call(0), -1n, 'without the create flag nothing is made');
  assert.equal(call(2), -1n);
  assert.equal(call(1), 1n);
  assert.equal(call(0), 2n);
  vm.socketCloned(7, 8);
  port.socket = fakeSocket([], { socketId: 8 });
  assert.equal(call(0), 3n);
  assert.deepEqual(
    vm
      .map(1)!
      .entries()
      .map((entry) => entry.values[0]![0]),
    [2, 3],
  );
  vm.socketClosed(7);
  assert.equal(vm.map(1)!.count, 1);
});

test('what a kernel refuses to create', () => {
  const refused = (over: Partial<MapDefinition>, kernel = '6.18'): string => {
    const definition: MapDefinition = {
      name: 'm',
      typeId: 1,
      keySize: 4,
      valueSize: 8,
      maxEntries: 4,
      flags: 0,
      extra: 0n,
      fd: 1,
      keyTypeId: 0,
      valueTypeId: 0,
      ...over,
    };
    return createVm({ programs: [], maps: [definition], view: viewFor(kernel) })
      .problems.map((p) => p.message)
      .join();
  };
  assert.equal(refused({}), '');
  assert.match(
    refused({ keySize: 0 }),
    /map `m` cannot be created: the key size of hash maps must not be 0 \(EINVAL\)/,
  );
  assert.match(refused({ maxEntries: 0 }), /need max_entries above 0/);
  assert.match(refused({ typeId: 2, keySize: 8 }), /key size of array maps must be 4, not 8/);
  assert.match(refused({ typeId: 24 }), /sk-storage maps need|value|max_entries/);
  assert.match(refused({ typeId: 11, keySize: 8 }), /need the flag BPF_F_NO_PREALLOC/);
  assert.match(refused({ typeId: 27, keySize: 0, valueSize: 0, maxEntries: 4096 }, '5.4'), /does not exist on/);
  assert.match(refused({ flags: 0x400 }), /do not take the flag BPF_F_MMAPABLE/);
  assert.equal(
    refused({ typeId: 27, keySize: 0, valueSize: 0, maxEntries: 5000 }),
    '',
    'libbpf rounds ring buffers up',
  );
});

test('per-cpu values: a program sees its own CPU, and others by number', () => {
  const text = `.map c, percpu_array, 4, 8, 1
    .section sockops
    main:
      r6 = *(u32 *)(r1 + 4)
      *(u32 *)(r10 - 4) = 0
      r1 = c ll
      r2 = r10
      r2 += -4
      call bpf_map_lookup_elem
      if r0 == 0 goto none
      r1 = *(u64 *)(r0 + 0)
      r1 += 1
      *(u64 *)(r0 + 0) = r1
      r1 = c ll
      r2 = r10
      r2 += -4
      r3 = r6
      call bpf_map_lookup_percpu_elem
      if r0 == 0 goto none
      r0 = *(u64 *)(r0 + 0)
      exit
    none:
      r0 = -1
      exit`;
  const vm = load(text);
  const call = (cpu: number, other: number) =>
    resultOf(vm.call({ program: 'main', port: fakePort({ cpu }), context: fakeContext({ 4: other }) }));
  assert.equal(call(0, 0), 1n);
  assert.equal(call(0, 1), 0n);
  assert.equal(call(1, 0), 2n);
  assert.equal(call(1, 2), -1n, 'there is no CPU 2');
});

test('locks and timers in values: kept by updates, zero for user space, and BPF_F_LOCK needs a lock', () => {
  const types: TypeTable = {
    origin: 'btf',
    cType: (id) => {
      if (id === 2) return { kind: 'struct', name: 'bpf_spin_lock', sizeBytes: 4, members: [] };
      if (id === 3) return { kind: 'int', name: 'int', sizeBytes: 4, encoding: 'signed' } as never;
      const members = [
        { name: 'lock', type: 2, offsetBits: 0 },
        { name: 'count', type: 3, offsetBits: 32 },
      ];
      return id === 1 ? { kind: 'struct', name: 'value', sizeBytes: 8, members } : undefined;
    },
  };
  for (const typeId of [1, 2]) {
    const definition: MapDefinition = {
      name: 'm',
      typeId,
      keySize: 4,
      valueSize: 8,
      maxEntries: 4,
      flags: 0,
      extra: 0n,
      fd: 1,
      keyTypeId: 3,
      valueTypeId: 1,
    };
    const make = (over: object) =>
      createVm({ programs: [], maps: [definition], view: viewFor('6.18'), ...over }).value!.map(1)!;
    const locked = make({ types });
    assert.equal(locked.update(u32s(1), u32s(0xffffffff, 5), BPF_ANY), 0);
    assert.deepEqual(value(locked.lookup(u32s(1))), [...u32s(0, 5)]);
    assert.equal(locked.update(u32s(1), u32s(0xffffffff, 6), 4), 0);
    assert.deepEqual(value(locked.lookup(u32s(1))), [...u32s(0, 6)]);
    const plain = make({});
    assert.equal(plain.update(u32s(1), u32s(1, 5), 4), EINVAL);
    assert.equal(plain.update(u32s(1), u32s(1, 5), BPF_ANY), 0);
    assert.deepEqual(value(plain.lookup(u32s(1))), [...u32s(1, 5)]);
  }
});

test('hash of maps: found by key, refused when it does not fit the template', () => {
  const text = `.map inner, array, 4, 8, 4
    .map other, array, 4, 16, 4
    .map outer, hash_of_maps, 8, 4, 2, inner=inner
    .section sockops
    main:
      *(u64 *)(r10 - 8) = 5
      r1 = outer ll
      r2 = r10
      r2 += -8
      call bpf_map_lookup_elem
      if r0 == 0 goto none
      r1 = r0
      *(u32 *)(r10 - 4) = 1
      r2 = r10
      r2 += -4
      call bpf_map_lookup_elem
      if r0 == 0 goto none
      r0 = *(u64 *)(r0 + 0)
      exit
    none:
      r0 = -1
      exit`;
  const vm = load(text);
  const call = () => resultOf(vm.call({ program: 'main', port: fakePort(), context: fakeContext() }));
  const outer = vm.mapByName('outer')!;
  const fdOf = (name: string) => u32s(vm.mapByName(name)!.definition.fd);
  assert.equal(call(), -1n);
  assert.equal(outer.update(u64s(5n), fdOf('other')), EINVAL, 'another value size than the template has');
  assert.equal(outer.update(u64s(5n), fdOf('inner')), 0);
  vm.mapByName('inner')!.update(u32s(1), u64s(12n));
  assert.equal(call(), 12n);
  assert.equal(outer.delete(u64s(5n)), 0);
  assert.equal(call(), -1n);
});

test('storage of cgroups and of tasks', () => {
  const local = `.map st, cgroup_storage, 8, 8, 0
    .section sockops
    main:
      r1 = st ll
      r2 = 0
      call bpf_get_local_storage
      r1 = *(u64 *)(r0 + 0)
      r1 += 1
      *(u64 *)(r0 + 0) = r1
      r0 = r1
      exit`;
  const vm = load(local);
  const call = (id: bigint) =>
    resultOf(vm.call({ program: 'main', port: fakePort({ attachedCgroupId: id }), context: fakeContext() }));
  assert.deepEqual([call(5n), call(5n), call(6n)], [1n, 2n, 1n], 'one value for each control group');
  assert.deepEqual(value(vm.map(1)!.lookup(u64s(5n))), [...u64s(2n)]);
  const task = `.map st, task_storage, 4, 8, 0, flags=1
    .section sockops
    main:
      call bpf_get_current_task_btf
      r6 = r0
      r1 = st ll
      r2 = r6
      r3 = 0
      r4 = 1
      call bpf_task_storage_get
      if r0 == 0 goto none
      r1 = *(u64 *)(r0 + 0)
      r1 += 1
      *(u64 *)(r0 + 0) = r1
      r0 = r1
      if r1 != 3 goto out
      r1 = st ll
      r2 = r6
      call bpf_task_storage_delete
      goto out
    none:
      r0 = -1
    out:
      exit`;
  const tasks = load(task, { maps: { st: { keyTypeId: 1, valueTypeId: 2 } } });
  const run3 = () => resultOf(tasks.call({ program: 'main', port: fakePort(), context: fakeContext() }));
  assert.deepEqual([run3(), run3(), run3(), run3()], [1n, 2n, 0n, 1n]);
});

test('a record of no bytes, and one that is submitted twice', () => {
  const text = (after: string) => `.map rb, ringbuf, 0, 0, 4096
    .section sockops
    main:
      r1 = rb ll
      r2 = 0
      r3 = 0
      call bpf_ringbuf_reserve
      r6 = r0
      r1 = r6
      r2 = 0
      call bpf_ringbuf_submit
      ${after}
      r0 = 7
      exit`;
  const { end, port } = run(text(''));
  assert.equal(resultOf(end), 7n);
  assert.deepEqual(port.events, [{ kind: 'ringbuf-output', mapFd: 1, data: new Uint8Array(0) }]);
  const twice = run(text('r1 = r6\nr2 = 0\ncall bpf_ringbuf_submit')).end;
  assert.match(faultOf(twice), /bpf_ringbuf_submit\(\) argument 1: this record has been submitted or discarded before/);
});
