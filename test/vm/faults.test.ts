// The words of faults, one small wrong program each, against test/vm/faults.golden.txt (UPDATE=1 rewrites it).

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  fakeContext,
  fakePort,
  fakeSocket,
  faultOf,
  load,
  type RunOptions,
  resultOf,
  run,
  u32s,
  u64s,
} from './support.ts';

const RINGBUF = '.map rb, ringbuf, 0, 0, 4096\n';
const MAPS = `.map config, array, 4, 16, 4
.map flows, hash, 8, 16, 4
.map cnt, percpu_array, 4, 8, 1
${RINGBUF}.section sockops
main:
`;
const VALUE = `*(u32 *)(r10 - 4) = 2
r1 = config ll
r2 = r10
r2 += -4
call bpf_map_lookup_elem
`;

const CASES: readonly (readonly [string, string, RunOptions?])[] = [
  ['null pointer', 'r1 = 0\nr0 = *(u64 *)(r1 + 0)\nexit'],
  ['field of a null pointer', 'r1 = 0\nr0 = *(u32 *)(r1 + 24)\nexit'],
  ['lookup not checked', `${VALUE.replace('= 2', '= 9')}r0 = *(u64 *)(r0 + 8)\nexit`],
  ['register never set', 'r0 = *(u64 *)(r7 + 16)\nexit'],
  ['stack slot never written', 'r1 = *(u64 *)(r10 - 16)\nr0 = *(u64 *)(r1 + 0)\nexit'],
  ['past the end of a map value', `${VALUE}r0 = *(u64 *)(r0 + 24)\nexit`],
  ['half past the end of a map value', `${VALUE}r0 = *(u64 *)(r0 + 12)\nexit`],
  ['just past the end', `${VALUE}r0 = *(u8 *)(r0 + 16)\nexit`],
  ['before a map value', `${VALUE}*(u32 *)(r0 - 4) = 0\nexit`],
  ['far past a map value, into another region', `${VALUE}r0 += 4096\nr0 = *(u64 *)(r0 + 0)\nexit`],
  ['below the stack', 'r1 = 0\n*(u64 *)(r10 - 520) = r1\nexit'],
  ['above the stack', '*(u64 *)(r10 + 0) = 1\nexit'],
  ['stack of a called function', 'call f\nexit\nf:\n*(u32 *)(r10 - 516) = 1\nr0 = 0\nexit'],
  ['past the context', 'r0 = *(u64 *)(r1 + 224)\nexit'],
  ['context on an old kernel', 'r0 = *(u32 *)(r1 + 72)\nexit', { kernel: '4.14' }],
  ['write to a read-only field', '*(u32 *)(r1 + 24) = 0\nexit'],
  [
    'write to the packet',
    'r2 = *(u64 *)(r1 + 192)\n*(u8 *)(r2 + 0) = 1\nexit',
    { context: fakeContext({}, { packet: new Uint8Array(20) }) },
  ],
  [
    'past the packet',
    'r2 = *(u64 *)(r1 + 192)\nr0 = *(u16 *)(r2 + 20)\nexit',
    { context: fakeContext({}, { packet: new Uint8Array(20) }) },
  ],
  [
    'write to struct bpf_sock',
    'r2 = *(u64 *)(r1 + 184)\n*(u32 *)(r2 + 16) = 1\nexit',
    { port: fakePort({ socket: fakeSocket() }) },
  ],
  [
    'past struct bpf_sock',
    'r2 = *(u64 *)(r1 + 184)\nr0 = *(u32 *)(r2 + 80)\nexit',
    { port: fakePort({ socket: fakeSocket() }) },
  ],
  ['a map itself', 'r1 = config ll\nr0 = *(u32 *)(r1 + 0)\nexit'],
  ['a function', 'r1 = f ll\nr0 = *(u32 *)(r1 + 0)\nexit\nf:\nr0 = 0\nexit'],
  ['a number for a pointer', 'r1 = 0x123456789 ll\nr0 = *(u8 *)(r1 + 0)\nexit'],
  [
    'ring buffer record after submit',
    'r1 = rb ll\nr2 = 8\nr3 = 0\ncall bpf_ringbuf_reserve\nr6 = r0\nr1 = r0\nr2 = 0\ncall bpf_ringbuf_submit\n*(u64 *)(r6 + 0) = 1\nexit',
  ],
  ['past a ring buffer record', 'r1 = rb ll\nr2 = 12\nr3 = 0\ncall bpf_ringbuf_reserve\n*(u64 *)(r0 + 8) = 1\nexit'],
  [
    'per-cpu value',
    '*(u32 *)(r10 - 4) = 0\nr1 = cnt ll\nr2 = r10\nr2 += -4\ncall bpf_map_lookup_elem\nr0 = *(u64 *)(r0 + 8)\nexit',
    { port: fakePort({ cpu: 1 }) },
  ],
  ['key outside the stack', 'r1 = flows ll\nr2 = r10\nr2 += -4\ncall bpf_map_lookup_elem\nexit'],
  [
    'value of the wrong size',
    '*(u64 *)(r10 - 8) = 1\nr1 = flows ll\nr2 = r10\nr2 += -8\nr3 = r10\nr3 += -8\nr4 = 0\ncall bpf_map_update_elem\nexit',
  ],
  ['not a map', 'r2 = r10\nr2 += -4\ncall bpf_map_lookup_elem\nexit'],
  [
    'not the context',
    'r1 = r10\nr2 = 1\ncall bpf_sock_ops_cb_flags_set\nexit',
    { port: fakePort({ socket: fakeSocket() }) },
  ],
  ['helper that does not exist', 'call 4242\nexit'],
  ['helper of other program types', 'call 9\nexit'],
  ['helper of newer kernels', 'r1 = 0\ncall bpf_get_netns_cookie\nexit', { kernel: '5.10' }],
  ['helper without a model', 'call bpf_get_branch_snapshot\nexit'],
  ['endless loop', 'goto -1', { budget: 1000 }],
  ['recursion', 'call f\nexit\nf:\ncall f\nexit'],
  ['no exit', 'r0 = 1'],
  ['jump out of the program', 'goto +100\nexit'],
  ['legacy packet access', 'r0 = *(u8 *)skb[4]\nexit'],
  ['indirect call', 'r1 = 0\ncallx r1\nexit'],
  [
    'negative option length',
    'r2 = 1\nr3 = 2\nr4 = r10\nr5 = -1\ncall bpf_setsockopt\nexit',
    { port: fakePort({ socket: fakeSocket() }) },
  ],
  ['lock taken twice', `${VALUE}r6 = r0\nr1 = r0\ncall bpf_spin_lock\nr1 = r6\ncall bpf_spin_lock\nexit`],
  [
    'field of the kernel that has no model',
    'r1 = *(u64 *)(r1 + 184)\ncall bpf_skc_to_tcp_sock\nr0 = *(u32 *)(r0 + 1000)\nexit',
    { port: fakePort({ socket: fakeSocket() }) },
  ],
  ['loop without a callback', 'r1 = 3\nr2 = 5\nr3 = 0\nr4 = 0\ncall bpf_loop\nexit'],
];

const GOLDEN = new URL('./faults.golden.txt', import.meta.url);

test('the words of faults', () => {
  const lines = CASES.map(
    ([name, text, options]) =>
      `${name}\n    ${faultOf(run((options?.kernel === '4.14' ? MAPS.replace(RINGBUF, '') : MAPS) + text, options).end)}\n`,
  );
  const actual = lines.join('');
  if (process.env.UPDATE === '1' || !existsSync(GOLDEN)) writeFileSync(GOLDEN, actual);
  assert.equal(actual, readFileSync(GOLDEN, 'utf8'));
});

test('a deleted value can be read until the program ends, as in a kernel, and that is reported', () => {
  const text = `.map flows, hash, 4, 8, 4
    .map keep, array, 4, 8, 1
    .section sockops
    main:
      *(u32 *)(r10 - 4) = 1
      r1 = flows ll
      r2 = r10
      r2 += -4
      call bpf_map_lookup_elem
      r6 = r0
      r1 = flows ll
      r2 = r10
      r2 += -4
      call bpf_map_delete_elem
      r0 = *(u64 *)(r6 + 0)
      r1 = keep[0] + 0 ll
      *(u64 *)(r1 + 0) = r6
      exit
    .section sockops/later
    later:
      r1 = keep[0] + 0 ll
      r1 = *(u64 *)(r1 + 0)
      r0 = *(u64 *)(r1 + 0)
      exit`;
  const vm = load(text);
  const port = fakePort();
  vm.map(1)!.update(u32s(1), u64s(31n));
  assert.equal(resultOf(vm.call({ program: 'main', port, context: fakeContext() })), 31n);
  assert.deepEqual(port.events, [
    { kind: 'diagnostic', diagnostic: { kind: 'use-after-delete', program: 'main', slot: 12, map: 'flows' } },
  ]);
  assert.match(
    faultOf(vm.call({ program: 'later', port, context: fakeContext() })),
    /^3: read of 8 bytes in the value of map `flows` at key 0x01000000 \(8 bytes\) whose element has been deleted$/,
  );
});

test('a fault leaves the machine where it happened, and the next call starts afresh', () => {
  const { vm, port, end } = run('.section sockops\nmain:\nr6 = 5\nr1 = 0\nr0 = *(u64 *)(r1 + 0)\nexit');
  assert.equal(faultOf(end), '2: read of 8 bytes through a null pointer');
  assert.equal(end.insns, 2);
  assert.equal(vm.slot, 2);
  assert.equal(vm.register(6), 5n);
  assert.equal(vm.active, false);
  const again = vm.call({ program: 'main', port, context: fakeContext() });
  assert.equal(faultOf(again), '2: read of 8 bytes through a null pointer');
});
