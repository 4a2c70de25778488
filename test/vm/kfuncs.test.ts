// Kernel functions from inside a program: iterators, allocated objects in lists and trees, dynptrs, strings, exceptions.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '../../src/base/index.ts';
import type { TypeTable } from '../../src/object/index.ts';
import { fakeContext, fakePort, fakeSocket, faultOf, load, resultOf, run } from './support.ts';

const NUM = { 1: 'bpf_iter_num_new', 2: 'bpf_iter_num_next', 3: 'bpf_iter_num_destroy' };

test('bpf_for: the numbers from start to end', () => {
  const text = (from: number, to: number) => `.section sockops
    main:
      r1 = r10
      r1 += -8
      r2 = ${from}
      r3 = ${to}
      call kfunc 1
      r7 = r0
      r6 = 0
    next:
      r1 = r10
      r1 += -8
      call kfunc 2
      if r0 == 0 goto done
      r1 = *(s32 *)(r0 + 0)
      r6 += r1
      goto next
    done:
      r1 = r10
      r1 += -8
      call kfunc 3
      r0 = r6
      if r7 == 0 goto out
      r0 = r7
    out:
      exit`;
  const sum = (from: number, to: number) => resultOf(run(text(from, to), { kfuncs: NUM }).end);
  assert.equal(sum(1, 11), 55n);
  assert.equal(sum(-3, 0), -6n);
  assert.equal(sum(5, 5), 0n);
  assert.equal(sum(6, 5), -22n);
  assert.equal(sum(0, 9_000_000), -7n);
});

const OBJECTS = {
  1: 'bpf_obj_new_impl',
  2: 'bpf_obj_drop_impl',
  3: 'bpf_list_push_back_impl',
  4: 'bpf_list_pop_front',
  5: 'bpf_rbtree_add_impl',
  6: 'bpf_rbtree_first',
  7: 'bpf_rbtree_remove',
  8: 'bpf_refcount_acquire_impl',
  9: 'bpf_list_push_front_impl',
};
/** Type 9 is a struct of 48 bytes. */
const OBJECT_TYPES: TypeTable = {
  origin: 'btf',
  cType: (id) => (id === 9 ? { kind: 'struct', name: 'flow', sizeBytes: 48, members: [] } : undefined),
};
const ALLOCATED = { kfuncs: OBJECTS, vm: { types: OBJECT_TYPES } };

/** Allocates an object with a number at offset 40 and the node at offset 0; leaves it in r6. */
const make = (value: string): string => `r1 = 9
  r2 = 0
  call kfunc 1
  if r0 == 0 goto fail
  r6 = r0
  r1 = ${value}
  *(u64 *)(r6 + 40) = r1
`;

test('lists: first in, first out; an object is in one list at most', () => {
  const push = (value: string, kfunc = 3) => `${make(value)}r1 = head[0] + 0 ll
    r2 = r6
    r3 = 0
    r4 = 0
    call kfunc ${kfunc}
`;
  const pop = `r1 = head[0] + 0 ll
    call kfunc 4
    if r0 == 0 goto fail
    r1 = *(u64 *)(r0 + 40)
    r7 <<= 8
    r7 |= r1
`;
  const text = `.map head, array, 4, 16, 1
    .section sockops
    main:
    r7 = 0
    ${push('1')}
    ${push('2')}
    ${push('3', 9)}
    r1 = head[0] + 0 ll
    r2 = r6
    r3 = 0
    r4 = 0
    call kfunc 3
    r8 = r0
    ${pop}${pop}${pop}
    r1 = head[0] + 0 ll
    call kfunc 4
    r0 <<= 8
    r0 |= r7
    if r8 == -22 goto out
    fail:
    r0 = -1
    out:
    exit`;
  assert.equal(resultOf(run(text, ALLOCATED).end), 0x030102n);
});

test('red-black trees: the program compares, the smallest comes first, in any order of insertion', () => {
  const add = (value: number) => `${make(String(value))}r1 = root[0] + 0 ll
    r2 = r6
    r3 = less ll
    r4 = 0
    r5 = 0
    call kfunc 5
`;
  const take = `r1 = root[0] + 0 ll
    call kfunc 6
    if r0 == 0 goto fail
    r1 = root[0] + 0 ll
    r2 = r0
    call kfunc 7
    if r0 == 0 goto fail
    r1 = *(u64 *)(r0 + 40)
    r7 <<= 8
    r7 |= r1
`;
  const text = (order: readonly number[]) => `.map root, array, 4, 16, 1
    .section sockops
    main:
    r7 = 0
    ${order.map(add).join('')}
    ${order.map(() => take).join('')}
    r1 = root[0] + 0 ll
    call kfunc 6
    if r0 != 0 goto fail
    r0 = r7
    exit
    fail:
    r0 = -1
    exit
    less:
    r0 = 0
    r1 = *(u64 *)(r1 + 40)
    r2 = *(u64 *)(r2 + 40)
    if r1 >= r2 goto not
    r0 = 1
    not:
    exit`;
  for (const order of [
    [1, 2, 3, 4, 5],
    [5, 4, 3, 2, 1],
    [3, 1, 4, 5, 2],
    [2, 5, 1, 3, 4],
  ])
    assert.equal(resultOf(run(text(order), ALLOCATED).end), 0x0102030405n, order.join());
});

test('an object that was dropped cannot be used, one with a second reference can', () => {
  const dropped = `.section sockops\nmain:\n${make('5')}r1 = r6\nr2 = 0\ncall kfunc 2\nr0 = *(u64 *)(r6 + 40)\nexit\nfail:\nr0 = -1\nexit`;
  assert.match(
    faultOf(run(dropped, ALLOCATED).end),
    /read of 8 bytes in an object from bpf_obj_new\(\) \(48 bytes\) that has been released$/,
  );
  const held = dropped.replace(
    'r1 = r6\nr2 = 0\ncall kfunc 2',
    'r1 = r6\nr2 = 0\ncall kfunc 8\nr1 = r6\nr2 = 0\ncall kfunc 2',
  );
  assert.equal(resultOf(run(held, ALLOCATED).end), 5n);
  assert.match(
    faultOf(run(dropped, { kfuncs: OBJECTS }).end),
    /bpf_obj_new\(\) is not modelled: the program has no BTF that says how large type 9 is/,
  );
});

test('dynptr functions', () => {
  const text = `.section sockops
    main:
      *(u64 *)(r10 - 64) = 0
      *(u64 *)(r10 - 56) = 0x77
      r1 = r10
      r1 += -64
      r2 = 16
      r3 = 0
      r4 = r10
      r4 += -16
      call bpf_dynptr_from_mem
      r1 = r10
      r1 += -16
      r2 = 4
      r3 = 12
      call kfunc 1
      r7 = r0
      r1 = r10
      r1 += -16
      call kfunc 2
      r7 <<= 8
      r7 |= r0
      r1 = r10
      r1 += -16
      r2 = 4
      r3 = 0
      r4 = 4
      call kfunc 3
      if r0 == 0 goto none
      r0 = *(u32 *)(r0 + 0)
      r7 <<= 8
      r7 |= r0
      r1 = r10
      r1 += -16
      r2 = 6
      r3 = 0
      r4 = 4
      call kfunc 3
      if r0 != 0 goto none
      r0 = r7
      exit
    none:
      r0 = -1
      exit`;
  const kfuncs = { 1: 'bpf_dynptr_adjust', 2: 'bpf_dynptr_size', 3: 'bpf_dynptr_slice' };
  assert.equal(resultOf(run(text, { kfuncs }).end), (8n << 8n) | 0x77n);
});

test('bpf_dynptr_memset on a dynptr of nothing fits nothing, and nothing fits it', () => {
  const memset = (offset: number, length: number) =>
    resultOf(
      run(
        `.map v, array, 4, 32, 1\n.section sockops\nmain:\nr1 = v[0] + 0 ll\nr2 = 8\nr3 = 3\nr4 = r10\nr4 += -16\ncall bpf_dynptr_from_mem
        r1 = r10\nr1 += -16\nr2 = ${offset}\nr3 = ${length}\nr4 = 1\ncall kfunc 1\nr0 = (s32)r0\nexit`,
        { kfuncs: { 1: 'bpf_dynptr_memset' } },
      ).end,
    );
  assert.equal(memset(0, 0), 0n);
  assert.equal(memset(0, 1), -7n);
  assert.equal(memset(4, 0), -7n);
});

test('bpf_dynptr_copy names the side that is wrong, and sizes alone when both are', () => {
  /** `flags` 3 makes a dynptr of nothing. */
  const copy = (to: { flags: number; offset: number }, from: { flags: number; offset: number }, length: number) => {
    const make = (at: number, flags: number) =>
      `r1 = v[0] + 0 ll\nr2 = 8\nr3 = ${flags}\nr4 = r10\nr4 += -${at}\ncall bpf_dynptr_from_mem\n`;
    return resultOf(
      run(
        `.map v, array, 4, 32, 1\n.section sockops\nmain:\n${make(16, to.flags)}${make(32, from.flags)}
        r1 = r10\nr1 += -16\nr2 = ${to.offset}\nr3 = r10\nr3 += -32\nr4 = ${from.offset}\nr5 = ${length}\ncall kfunc 1\nr0 = (s32)r0\nexit`,
        { kfuncs: { 1: 'bpf_dynptr_copy' } },
      ).end,
    );
  };
  const whole = { flags: 0, offset: 0 };
  const nothing = { flags: 3, offset: 0 };
  assert.equal(copy(whole, whole, 8), 0n);
  assert.equal(copy(nothing, whole, 4), -22n);
  assert.equal(copy(whole, nothing, 4), -22n);
  assert.equal(copy(nothing, nothing, 4), -7n);
  assert.equal(copy(nothing, nothing, 0), 0n);
  assert.equal(copy({ flags: 0, offset: 6 }, nothing, 4), -7n);
  assert.equal(copy({ flags: 0, offset: 6 }, whole, 4), -7n);
});

test('bpf_map_sum_elem_count counts hash maps only', () => {
  const count = (map: string) =>
    resultOf(
      run(`.map m, ${map}\n.section sockops\nmain:\nr1 = m ll\ncall kfunc 1\nexit`, {
        kfuncs: { 1: 'bpf_map_sum_elem_count' },
      }).end,
    );
  assert.equal(count('array, 4, 8, 4'), 0n);
  assert.equal(count('hash, 4, 8, 4'), 0n);
});

test('strings', () => {
  const call = (kfunc: string, first: string, second: string | number, third = 0): bigint => {
    const store = (text: string, at: number) =>
      [...encodeUtf8(text), 0].map((byte, i) => `*(u8 *)(r10 - ${at - i}) = ${byte}`).join('\n');
    const text = `.section sockops\nmain:\n${store(first, 64)}\n${typeof second === 'string' ? store(second, 32) : ''}
      r1 = r10\nr1 += -64\n${typeof second === 'string' ? 'r2 = r10\nr2 += -32' : `r2 = ${second}`}\nr3 = ${third}\ncall kfunc 1\nr0 = (s32)r0\nexit`;
    return resultOf(run(text, { kfuncs: { 1: kfunc } }).end);
  };
  assert.equal(call('bpf_strlen', 'cubic', 0), 5n);
  assert.equal(call('bpf_strnlen', 'cubic', 3), 3n);
  assert.equal(call('bpf_strcmp', 'abc', 'abd'), -1n);
  assert.equal(call('bpf_strcmp', 'abc', 'abc'), 0n);
  assert.equal(call('bpf_strcasecmp', 'ABC', 'abc'), 0n);
  assert.equal(call('bpf_strchr', 'hello', 0x6c), 2n);
  assert.equal(call('bpf_strrchr', 'hello', 0x6c), 3n);
  // Its character is an int; the others' is a char, of which eight bits count.
  assert.equal(call('bpf_strrchr', 'hello', 0x16c), -2n);
  assert.equal(call('bpf_strchr', 'hello', 0x16c), 2n);
  assert.equal(call('bpf_strchr', 'hello', 0x7a), -2n);
  assert.equal(call('bpf_strchrnul', 'hello', 0x7a), 5n);
  assert.equal(call('bpf_strspn', 'aabbc', 'ab'), 4n);
  assert.equal(call('bpf_strcspn', 'aabbc', 'cb'), 2n);
  assert.equal(call('bpf_strstr', 'hello', 'llo'), 2n);
  assert.equal(call('bpf_strnstr', 'hello', 'llo', 4), -2n);
});

test('bpf_throw leaves every function and returns the cookie', () => {
  const text = `.section sockops\nmain:\ncall f\nr0 = 7\nexit\nf:\nr1 = 1\ncall kfunc 1\nr0 = 0\nexit`;
  assert.equal(resultOf(run(text, { kfuncs: { 1: 'bpf_throw' } }).end), 1n);
});

test('the kernel context and transmit timestamps', () => {
  const calls: unknown[][] = [];
  const text = `.section sockops\nmain:\ncall kfunc 1\nr1 = r0\nr2 = 0\ncall kfunc 2\nr0 = (s32)r0\nexit`;
  const kfuncs = { 1: 'bpf_cast_to_kern_ctx', 2: 'bpf_sock_ops_enable_tx_tstamp' };
  const port = fakePort({ socket: fakeSocket(calls) });
  assert.equal(resultOf(run(text, { kfuncs, port }).end), -95n);
  assert.deepEqual(calls, [['enableTxTimestamp', 0n]]);
});

test('kernel functions that a kernel does not have, or that have no model, say so', () => {
  const text = `.section sockops\nmain:\ncall kfunc 1\nexit`;
  const words = (name: string, kernel?: string) =>
    faultOf(run(text, { kfuncs: { 1: name }, ...(kernel === undefined ? {} : { kernel }) }).end);
  assert.match(
    words('bpf_rcu_read_lock', '5.15'),
    /call of bpf_rcu_read_lock\(\): Linux 5\.15.* does not let a sock_ops program call it/,
  );
  assert.match(words('bpf_wq_init'), /bpf_wq_init\(\) is not modelled: there are no kernel threads/);
  assert.match(words('no_such_function'), /call of a kernel function with BTF id 1, whose name is not known/);
});

test('running out of a list in a callback can be paused and copied', () => {
  const text = `.section sockops\nmain:\nr1 = 1000\nr2 = f ll\nr3 = 0\nr4 = 0\ncall bpf_loop\nexit\nf:\nr0 = 0\nexit`;
  const vm = load(text);
  vm.begin({ program: 'main', port: fakePort(), context: fakeContext() });
  assert.deepEqual(vm.run({ slots: new Map([['main', new Set([7])]]) }), { kind: 'paused', why: 'breakpoint' });
  assert.equal(vm.slot, 7);
  assert.equal(vm.register(1), 0n);
  assert.deepEqual(vm.run({ slots: new Map([['main', new Set([7])]]) }), { kind: 'paused', why: 'breakpoint' });
  assert.equal(vm.register(1), 1n, 'the next arrival, not the same one');
  const end = vm.run();
  assert.ok(end.kind === 'returned');
  assert.equal(end.r0, 1000n);
  assert.equal(end.insns, 6 + 2 * 1000);
});
