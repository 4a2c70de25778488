// Helpers and kernel functions from inside a program: arguments, memory, results and errors.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8, encodeUtf8 } from '../../src/base/index.ts';
import { HELPER_ROWS, KFUNCS } from '../../src/kernel/index.ts';
import { HELPER_IMPLS, KFUNC_IMPLS } from '../../src/vm/helpers/index.ts';
import { formatBpf } from '../../src/vm/helpers/printf.ts';
import type { KernelObject, KernelRead } from '../../src/vm/index.ts';
import { fakeContext, fakePort, fakeSocket, faultOf, load, resultOf, run, u32s, u64s } from './support.ts';

const main = (text: string): string => `.section sockops\nmain:\n${text}\nexit\n`;
const value = (text: string, options = {}): bigint => resultOf(run(main(text), options).end);

test('every helper and kernel function that the tables list has an implementation or a reason', () => {
  for (const row of HELPER_ROWS) {
    if (row.sockOps === undefined) continue;
    const impl = (HELPER_IMPLS as Record<string, unknown>)[row.name];
    assert.ok(impl !== undefined, row.name);
  }
  for (const row of KFUNCS) assert.ok((KFUNC_IMPLS as Record<string, unknown>)[row.name] !== undefined, row.name);
});

test('clocks count from a machine that has been up for 100 s', () => {
  const port = fakePort();
  port.time = 1_500_000_001;
  assert.equal(value('call bpf_ktime_get_ns\n', { port }), 101_500_000_001n);
  assert.equal(value('call bpf_ktime_get_boot_ns\n', { port }), 101_500_000_001n);
  assert.equal(value('call bpf_ktime_get_coarse_ns\n', { port }), 101_500_000_000n);
  assert.equal(value('call bpf_jiffies64\n', { port }), BigInt(2 ** 32 - 300 * 250 + 25375));
});

test('who runs', () => {
  assert.equal(value('call bpf_get_current_pid_tgid\n'), (4700n << 32n) | 4711n);
  assert.equal(value('call bpf_get_current_uid_gid\n'), (100n << 32n) | 1000n);
  assert.equal(value('call bpf_get_smp_processor_id\n', { port: fakePort({ cpu: 1 }) }), 1n);
  assert.equal(value('call bpf_get_prandom_u32\n', { port: fakePort({ random: () => 0xffffffff }) }), 0xffffffffn);
  assert.equal(value('call bpf_get_current_cgroup_id\n'), 77n);
  assert.equal(value('r1 = 0\ncall bpf_get_current_ancestor_cgroup_id\n'), 1n);
  assert.equal(value('r1 = 5\ncall bpf_get_current_ancestor_cgroup_id\n'), 0n);
  const comm = `r1 = r10\nr1 += -16\nr2 = 16\ncall bpf_get_current_comm\nr1 = r10\nr0 = *(u64 *)(r1 - 16)\n`;
  assert.equal(value(comm), 0x6c727563n);
});

const printk = (format: string, ...args: string[]): string => {
  const bytes = [...encodeUtf8(format), 0];
  const stores = bytes.map((byte, i) => `*(u8 *)(r10 - ${64 - i}) = ${byte}`).join('\n');
  const words = args.map((arg, i) => `r${3 + i} = ${arg}`).join('\n');
  const { end, port } = run(
    main(`${stores}\n${words}\nr1 = r10\nr1 += -64\nr2 = ${bytes.length}\ncall bpf_trace_printk\n`),
  );
  const result = resultOf(end);
  const texts = port.events.map((event) => (event.kind === 'printk' ? event.text : event.kind));
  return result < 0n ? `error ${result}` : texts.join('|');
};

test('bpf_printk prints as the kernel does', () => {
  assert.equal(printk('port %d of %u\\n', '80', '3'), 'port 80 of 3\\n');
  assert.equal(printk('%d %u %x', '-1', '-1', '-1'), '-1 4294967295 ffffffff');
  assert.equal(printk('%ld %llu %lx', '-1', '-1', '-1'), '-1 18446744073709551615 ffffffffffffffff');
  assert.equal(printk('[%5d] [%-5d] [%05d]', '42', '42', '-42'), '[   42] [42   ] [-0042]');
  assert.equal(printk('100%%'), '100%');
  assert.equal(printk('%c%c', '104', '105'), 'hi');
  assert.equal(printk('%s', '0'), '');
  assert.equal(printk('%px', '255'), '00000000000000ff');
  assert.equal(printk('%p', '0'), '0000000000000000');
  assert.equal(printk('%20px|%020px|', '0', '10'), '                   0|0000000000000000000a|');
  assert.match(printk('%p', '12345'), /^00000000[0-9a-f]{8}$/);
  assert.equal(printk('%f', '1'), 'error -22');
  assert.equal(printk('%hd', '1'), 'error -22');
  assert.equal(printk('%d %d %d %d', '1', '2', '3'), 'error -22', 'bpf_trace_printk() has three arguments');
  assert.equal(printk('%pz', '1'), 'error -22');
  assert.equal(printk('%sx', '0'), 'error -22', 'no letter may follow a string');
});

test('bytes above 127 in a format need a new kernel', () => {
  const text = [...encodeUtf8('\u00e9'), 0].map((byte, i) => `*(u8 *)(r10 - ${8 - i}) = ${byte}`).join('\n');
  const print = `${text}\nr1 = r10\nr1 += -8\nr2 = 3\ncall bpf_trace_printk\n`;
  assert.equal(value(print, { kernel: '6.1' }), -22n);
  assert.equal(value(print, { kernel: '7.2' }), 2n);
});

test('kernels before 5.13 take few conversions', () => {
  const old = (format: string) => {
    const bytes = [...encodeUtf8(format), 0];
    const stores = bytes.map((byte, i) => `*(u8 *)(r10 - ${64 - i}) = ${byte}`).join('\n');
    const text = `${stores}\nr3 = 1\nr4 = 0\nr5 = 0\nr1 = r10\nr1 += -64\nr2 = ${bytes.length}\ncall bpf_trace_printk\n`;
    return value(text, { kernel: '5.10' });
  };
  assert.equal(old('port %u %lld\n'), 9n);
  assert.equal(old('%d %s'), 2n);
  for (const refused of ['100%%', '%5d', '%X', '%c', '%px', '%pI4', '%s%s']) assert.equal(old(refused), -22n, refused);
});

test('addresses and strings in formats', () => {
  const memory = new Map<bigint, Uint8Array>([
    [1n, Uint8Array.of(10, 0, 1, 200)],
    [2n, Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
    [3n, encodeUtf8('cubic\0rest')],
  ]);
  const format = (text: string, ...words: bigint[]): string => {
    const result = formatBpf(encodeUtf8(text), {
      words: words.length,
      word: (i) => words[i]!,
      read: (address, length) => memory.get(address)?.subarray(0, length),
    });
    return result.ok ? decodeUtf8(result.bytes) : `error ${result.errno}`;
  };
  assert.equal(format('%pI4 %pi4', 1n, 1n), '10.0.1.200 010.000.001.200');
  assert.equal(format('%pI6 %pi6', 2n, 2n), '2001:0db8:0000:0000:0000:0000:0000:0001 20010db8000000000000000000000001');
  assert.equal(format('%pI4:%d', 1n, 80n), '10.0.1.200:80');
  assert.equal(format('<%s> <%8s> <%-8s> <%pks>', 3n, 3n, 3n, 3n), '<cubic> <   cubic> <cubic   > <cubic>');
  assert.equal(format('%s', 99n), '', 'a string that cannot be read is empty');
  assert.equal(format('caf\u00e9 %x', 1n), 'caf\u00e9 1');
  assert.equal(format('%20pI4|', 1n), '10.0.1.200|', 'no width for addresses');
  assert.equal(format('%pI4abc|', 1n), '10.0.1.200|', 'letters behind an address are swallowed');
  assert.equal(format('%px %p', 2n ** 64n - 22n, 2n ** 64n - 22n), 'ffffffffffffffea ffffffffffffffea');
  assert.equal(format('%'), 'error -22');
  assert.equal(format('%+d % d', 5n, 5n), '+5  5');
});

test('bpf_snprintf cuts to the buffer and returns the whole length', () => {
  const vm = load(
    `.map fmt, array, 4, 16, 1, flags=0x80
     .section sockops
     main:
       r1 = 443
       *(u64 *)(r10 - 8) = r1
       r1 = r10
       r1 += -16
       r2 = 6
       r3 = fmt[0] + 0 ll
       r4 = r10
       r4 += -8
       r5 = 8
       call bpf_snprintf
       exit`,
    { maps: { fmt: { initial: encodeUtf8('port=%d\0') } } },
  );
  vm.begin({ program: 'main', port: fakePort(), context: fakeContext() });
  const stack = vm.register(10);
  assert.equal(resultOf(vm.run() as never), 9n);
  assert.equal(decodeUtf8(vm.readMemory(stack - 16n, 6)), 'port=\0');
});

test('numbers and strings', () => {
  const parse = (text: string, helper: string, flags = 0): [bigint, bigint] => {
    const stores = [...encodeUtf8(text)].map((byte, i) => `*(u8 *)(r10 - ${32 - i}) = ${byte}`).join('\n');
    const { vm, end } = run(
      main(
        `*(u64 *)(r10 - 8) = 0\n${stores}\nr1 = r10\nr1 += -32\nr2 = ${text.length}\nr3 = ${flags}\nr4 = r10\nr4 += -8\ncall ${helper}\n`,
      ),
    );
    const bytes = vm.readMemory(vm.register(10) - 8n, 8);
    return [resultOf(end), new DataView(bytes.buffer).getBigInt64(0, true)];
  };
  assert.deepEqual(parse('  -42 ', 'bpf_strtol'), [5n, -42n]);
  assert.deepEqual(parse('0x1F', 'bpf_strtol'), [4n, 31n]);
  assert.deepEqual(parse('017', 'bpf_strtol'), [3n, 15n]);
  assert.deepEqual(parse('12', 'bpf_strtoul', 8), [2n, 10n]);
  assert.deepEqual(parse('-1', 'bpf_strtoul'), [-22n, 0n]);
  assert.deepEqual(parse('x', 'bpf_strtol'), [-22n, 0n]);
  assert.deepEqual(parse('99999999999999999999', 'bpf_strtoul'), [-34n, 0n]);
  assert.deepEqual(parse('9223372036854775808', 'bpf_strtol'), [-34n, 0n]);
  assert.deepEqual(parse('1', 'bpf_strtol', 7), [-22n, 0n]);
  assert.deepEqual(parse('0x', 'bpf_strtol'), [1n, 0n], 'a zero and something else');
  assert.deepEqual(parse('0x', 'bpf_strtol', 16), [-22n, 0n], 'with base 16 the prefix is skipped in any case');
  assert.deepEqual(parse('-99999999999999999999', 'bpf_strtoul'), [-34n, 0n], 'the range is checked before the sign');
});

test('bpf_loop calls back with the round, stops on 1, and can be paused inside', () => {
  const text = `.section sockops
    main:
      *(u64 *)(r10 - 8) = 0
      r1 = 10
      r2 = body ll
      r3 = r10
      r3 += -8
      r4 = 0
      call bpf_loop
      r1 = *(u64 *)(r10 - 8)
      r0 <<= 16
      r0 |= r1
      exit
    body:
      r3 = *(u64 *)(r2 + 0)
      r3 += r1
      *(u64 *)(r2 + 0) = r3
      r0 = 0
      if r1 != 4 goto out
      r0 = 1
    out:
      exit`;
  const { end } = run(text);
  assert.equal(resultOf(end), (5n << 16n) | 10n);
  const vm = load(text);
  vm.begin({ program: 'main', port: fakePort(), context: fakeContext() });
  vm.run({ insns: 20 });
  const frames = vm.frames();
  assert.equal(frames.length, 2);
  assert.equal(frames[0]!.calledBy, 'bpf_loop');
  assert.equal(frames[1]!.program, 'main');
  assert.equal(frames[1]!.slot, 7, 'the call instruction in progress');
  const snapshot = vm.snapshot();
  const hash = vm.stateHash();
  const finish = vm.run();
  assert.deepEqual(finish, end);
  vm.restore(snapshot);
  assert.equal(vm.stateHash(), hash);
  vm.reattach(fakePort(), fakeContext());
  assert.deepEqual(vm.run(), end);
  const tooMany = 'r1 = 9000000\nr2 = 0\nr3 = 0\nr4 = 0\ncall bpf_loop\n';
  assert.equal(value(tooMany, { kernel: '5.17' }), -7n);
  assert.equal(value(tooMany), 0xfffffff9n, 'the loop that the verifier puts in place of the call');
  assert.equal(value('r1 = 0\nr2 = 0\nr3 = 0\nr4 = 0\ncall bpf_loop\n'), 0n);
  assert.equal(value('r1 = 1\nr2 = 0\nr3 = 0\nr4 = 1\ncall bpf_loop\n'), -22n);
});

test('bpf_for_each_map_elem visits every element with its key, and may delete on the way', () => {
  const text = (type: string) => `.map m, ${type}, 4, 8, 4
    .section sockops
    main:
      *(u64 *)(r10 - 8) = 0
      r1 = m ll
      r2 = body ll
      r3 = r10
      r3 += -8
      r4 = 0
      call bpf_for_each_map_elem
      r1 = *(u64 *)(r10 - 8)
      r0 <<= 16
      r0 |= r1
      exit
    body:
      r6 = r4
      r7 = *(u32 *)(r2 + 0)
      r8 = *(u64 *)(r3 + 0)
      r7 += r8
      r8 = *(u64 *)(r6 + 0)
      r8 += r7
      *(u64 *)(r6 + 0) = r8
      call bpf_map_delete_elem
      r0 = 0
      exit`;
  const hash = load(text('hash'));
  for (const key of [1, 2, 3]) hash.map(1)!.update(u32s(key), u64s(BigInt(key * 10)));
  const port = fakePort();
  assert.equal(resultOf(hash.call({ program: 'main', port, context: fakeContext() })), (3n << 16n) | 66n);
  assert.equal(hash.map(1)!.count, 0);
  assert.equal(resultOf(hash.call({ program: 'main', port, context: fakeContext() })), 0n);
  const array = load(text('array'));
  array.map(1)!.update(u32s(3), u64s(5n));
  assert.equal(resultOf(array.call({ program: 'main', port, context: fakeContext() })), (4n << 16n) | 11n);
});

test('timers fire when their time has come, in order, with map, key and value', () => {
  const text = `.map t, hash, 4, 24, 4
    .section sockops
    main:
      r6 = *(u32 *)(r1 + 8)
      r7 = *(u32 *)(r1 + 4)
      *(u32 *)(r10 - 4) = w7
      r1 = t ll
      r2 = r10
      r2 += -4
      call bpf_map_lookup_elem
      if r0 == 0 goto none
      r8 = r0
      r1 = r8
      r2 = t ll
      r3 = 1
      call bpf_timer_init
      if r0 != 0 goto out
      r1 = r8
      r2 = fired ll
      call bpf_timer_set_callback
      r1 = r8
      r2 = r6
      r3 = 0
      call bpf_timer_start
      goto out
    none:
      r0 = -1
    out:
      exit
    fired:
      r1 = *(u32 *)(r2 + 0)
      *(u64 *)(r3 + 16) = r1
      r0 = 0
      exit`;
  const vm = load(text);
  const port = fakePort();
  const start = (key: number, delay: number) =>
    resultOf(vm.call({ program: 'main', port, context: fakeContext({ 4: key, 8: delay }) }));
  assert.equal(start(1, 1000), -1n);
  for (const key of [1, 2]) vm.map(1)!.update(u32s(key), new Uint8Array(24));
  assert.equal(start(1, 2000), 0n);
  assert.equal(start(1, 2000), -16n, '-EBUSY: already initialised');
  assert.equal(start(2, 1000), 0n);
  assert.equal(vm.nextTimer(), 1000);
  const snapshot = vm.snapshot();
  port.time = 1500;
  assert.equal(vm.runTimers(port).length, 1);
  const mark = (key: number) => {
    const entry = vm.map(1)!.lookup(u32s(key));
    return typeof entry === 'object' ? entry.values[0]![16] : entry;
  };
  assert.equal(mark(2), 2);
  assert.equal(mark(1), 0);
  assert.equal(vm.nextTimer(), 2000);
  vm.map(1)!.delete(u32s(1));
  assert.equal(vm.nextTimer(), undefined, 'the timer goes with its value');
  vm.restore(snapshot);
  assert.equal(vm.nextTimer(), 1000);
  port.time = 5000;
  assert.equal(vm.runTimers(port).length, 2);
  assert.equal(mark(1), 1);
});

test('dynptrs: bounds, read-only, ring buffer records', () => {
  const text = `.map rb, ringbuf, 0, 0, 4096
    .section sockops
    main:
      r1 = rb ll
      r2 = 16
      r3 = 0
      r4 = r10
      r4 += -16
      call bpf_ringbuf_reserve_dynptr
      *(u64 *)(r10 - 24) = 0x1122
      r1 = r10
      r1 += -16
      r2 = 8
      r3 = r10
      r3 += -24
      r4 = 8
      r5 = 0
      call bpf_dynptr_write
      r6 = r0
      r1 = r10
      r1 += -16
      r2 = 12
      r3 = r10
      r3 += -24
      r4 = 8
      r5 = 0
      call bpf_dynptr_write
      r7 = r0
      r1 = r10
      r1 += -16
      r2 = 8
      r3 = 8
      call bpf_dynptr_data
      r8 = *(u16 *)(r0 + 0)
      r1 = r10
      r1 += -16
      r2 = 0
      call bpf_ringbuf_submit_dynptr
      r0 = r6
      r0 += r7
      r0 <<= 32
      r0 |= r8
      exit`;
  const { end, port } = run(text);
  const result = resultOf(end);
  assert.equal(result >> 32n, -7n, '-E2BIG for the write that does not fit, 0 for the other');
  assert.equal(result & 0xffffn, 0x1122n);
  const output = port.events[0];
  assert.ok(output?.kind === 'ringbuf-output');
  assert.deepEqual([...output.data.subarray(8, 10)], [0x22, 0x11]);
});

test('user ring buffer: samples are drained through callbacks', () => {
  const text = `.map urb, user_ringbuf, 0, 0, 4096
    .section sockops
    main:
      *(u64 *)(r10 - 8) = 0
      r1 = urb ll
      r2 = each ll
      r3 = r10
      r3 += -8
      r4 = 0
      call bpf_user_ringbuf_drain
      r1 = *(u64 *)(r10 - 8)
      r0 <<= 16
      r0 |= r1
      exit
    each:
      r6 = r2
      r2 = 0
      r3 = 4
      call bpf_dynptr_data
      if r0 == 0 goto stop
      r1 = *(u32 *)(r0 + 0)
      r2 = *(u64 *)(r6 + 0)
      r2 += r1
      *(u64 *)(r6 + 0) = r2
    stop:
      r0 = 0
      exit`;
  const vm = load(text);
  for (const sample of [5, 6, 7]) assert.equal(vm.map(1)!.push(u32s(sample)), 0);
  assert.equal(vm.map(1)!.push(new Uint8Array(5000)), -7);
  const call = () => resultOf(vm.call({ program: 'main', port: fakePort(), context: fakeContext() }));
  assert.equal(call(), (3n << 16n) | 18n);
  assert.equal(call(), 0n);
});

test('socket helpers hand arguments and memory over and back', () => {
  const calls: unknown[][] = [];
  const port = fakePort({ socket: fakeSocket(calls) });
  const text = main(`r6 = r1
    *(u64 *)(r10 - 8) = 0x0a0b
    r2 = 6
    r3 = 13
    r4 = r10
    r4 += -8
    r5 = 4
    call bpf_setsockopt
    r1 = r6
    r2 = 1
    r3 = 8
    r4 = r10
    r4 += -8
    r5 = 4
    call bpf_getsockopt
    r7 = *(u8 *)(r10 - 8)
    r1 = r6
    r2 = 0x7f
    call bpf_sock_ops_cb_flags_set
    r1 = r6
    r2 = 4
    r3 = 0
    call bpf_reserve_hdr_opt
    r1 = r6
    call bpf_get_socket_cookie
    r0 <<= 8
    r0 |= r7`);
  assert.equal(resultOf(run(text, { port }).end), (0x123456789an << 8n) | 42n);
  assert.deepEqual(calls, [
    ['setsockopt', 6, 13, Uint8Array.of(0x0b, 0x0a, 0, 0)],
    ['getsockopt', 1, 8, 4],
    ['setCallbackFlags', 0x7f],
    ['reserveHeaderOption', 4, 0n],
  ]);
});

test('socket pointers and casts', () => {
  const port = (family: number) => fakePort({ socket: fakeSocket([], { family }) });
  const cast = (helper: string) => `r1 = *(u64 *)(r1 + 184)\ncall ${helper}\nif r0 == 0 goto out\nr0 = 1\nout:\n`;
  assert.equal(value(cast('bpf_tcp_sock'), { port: port(2) }), 1n);
  assert.equal(value(`r1 = *(u64 *)(r1 + 184)\ncall bpf_tcp_sock\nr0 = *(u32 *)(r0 + 0)\n`, { port: port(2) }), 10n);
  assert.equal(value(cast('bpf_skc_to_tcp_sock'), { port: port(2) }), 1n);
  assert.equal(value(cast('bpf_skc_to_tcp6_sock'), { port: port(2) }), 0n);
  assert.equal(value(cast('bpf_skc_to_tcp6_sock'), { port: port(10) }), 1n);
  assert.equal(value(cast('bpf_skc_to_tcp_request_sock'), { port: port(2) }), 0n);
  const none = fakeContext({}, { hasSock: false });
  assert.equal(value(cast('bpf_skc_to_tcp_sock'), { port: port(2), context: none }), 0n);
});

test('reads of kernel objects', () => {
  const asked: unknown[] = [];
  const port = {
    ...fakePort({ socket: fakeSocket([], { family: 10 }) }),
    readKernelObject: (object: KernelObject, offset: number, size: number): KernelRead => {
      asked.push([object.type, offset, size]);
      if (offset >= 200) return { kind: 'unmodelled', what: `struct ${object.type}.far`, reason: 'it is far' };
      if (offset === 8) return { kind: 'pointer', to: { type: 'tcp_congestion_ops', id: 3 }, offset: 16 };
      if (offset === 24) return { kind: 'pointer', to: undefined, offset: 0 };
      return { kind: 'value', value: (BigInt(offset) * 0x0101010101010101n) & ((1n << BigInt(8 * size)) - 1n) };
    },
  };
  const tcp = 'r6 = r1\nr1 = *(u64 *)(r1 + 184)\ncall bpf_skc_to_tcp_sock\n';
  assert.equal(value(`${tcp}r0 = *(u32 *)(r0 + 100)\n`, { port }), 0x64646464n);
  assert.equal(value(`${tcp}r0 = *(u64 *)(r0 + 24)\n`, { port }), 0n);
  asked.length = 0;
  // A pointer out of one object leads to another one, at its offset.
  assert.equal(value(`${tcp}r0 = *(u64 *)(r0 + 8)\nr0 = *(u16 *)(r0 + 2)\n`, { port }), 0x1212n);
  assert.deepEqual(asked.at(-1), ['tcp_congestion_ops', 18, 2]);
  // One socket, one address: whatever the cast.
  assert.equal(value(`${tcp}r7 = r0\nr1 = r7\ncall bpf_skc_to_tcp6_sock\nr0 -= r7\n`, { port }), 0n);
  const probe = (size: number, source: string) =>
    `${tcp}*(u64 *)(r10 - 8) = -1\nr1 = r10\nr1 += -8\nr2 = ${size}\n${source}\ncall bpf_probe_read_kernel\nr1 = *(u64 *)(r10 - 8)\nr0 <<= 8\nr0 |= r1\n`;
  asked.length = 0;
  // Whatever the alignment, the bytes are those of the members.
  assert.equal(value(probe(7, 'r3 = r0\nr3 += 13'), { port }) & ((1n << 56n) - 1n), 0x101010100e0e0dn);
  assert.deepEqual(asked, [
    ['tcp_sock', 13, 1],
    ['tcp_sock', 14, 2],
    ['tcp_sock', 16, 4],
  ]);
  // Behind the views that the verifier makes of socket and context lie the kernel's own objects.
  asked.length = 0;
  value(probe(4, 'r3 = *(u64 *)(r6 + 184)\nr3 += 4'), { port });
  value(probe(4, 'r3 = r6\nr3 += 4'), { port });
  assert.deepEqual(asked, [
    ['tcp_sock', 4, 4],
    ['bpf_sock_ops_kern', 4, 4],
  ]);
  assert.match(
    faultOf(run(main(`${tcp}r0 = *(u32 *)(r0 + 200)\n`), { port }).end),
    /struct tcp_sock\.far is not modelled: it is far$/,
  );
  assert.match(faultOf(run(main(`${tcp}*(u32 *)(r0 + 8) = 1\n`), { port }).end), /read-only/);
  assert.match(
    faultOf(run(main(`${tcp}r0 = *(u32 *)(r0 + 8)\n`), { port: fakePort({ socket: fakeSocket([]) }) }).end),
    /no kernel stands behind the machine/,
  );
});

test('reads of kernel memory: what is not there gives -EFAULT and zeros', () => {
  const read = (source: string) =>
    value(
      `*(u64 *)(r10 - 16) = 0x55\n*(u64 *)(r10 - 8) = -1\n${source}\nr1 = r10\nr1 += -8\nr2 = 8\ncall bpf_probe_read_kernel\nr1 = *(u64 *)(r10 - 8)\nr0 <<= 8\nr0 |= r1\n`,
    );
  assert.equal(read('r3 = r10\nr3 += -16'), 0x55n);
  assert.equal(read('r3 = 0'), -14n << 8n);
  assert.equal(read('r3 = r10\nr3 += 100'), -14n << 8n);
  assert.equal(
    value(
      '*(u64 *)(r10 - 8) = 0x6968\nr1 = r10\nr1 += -16\nr2 = 8\nr3 = r10\nr3 += -8\ncall bpf_probe_read_kernel_str\n',
    ),
    3n,
  );
  assert.match(
    faultOf(run(main('r1 = r10\nr2 = 8\nr3 = 0\ncall bpf_probe_read_kernel\n')).end),
    /bpf_probe_read_kernel\(\) argument 1 \(buffer\): write of 8 bytes, just past the end of the stack/,
  );
});

test('perf events go to the CPU that runs', () => {
  const text = (flags: string) => `.map ev, perf_event_array, 4, 4, 0
    .section sockops
    main:
      *(u32 *)(r10 - 4) = 7
      r2 = ev ll
      r3 = ${flags}
      r4 = r10
      r4 += -4
      r5 = 4
      call bpf_perf_event_output
      exit`;
  const { end, port } = run(text('0xffffffff ll'), { port: fakePort({ cpu: 1 }) });
  assert.equal(resultOf(end), 0n);
  assert.deepEqual(port.events, [{ kind: 'perf-output', mapFd: 1, data: u32s(7) }]);
  assert.equal(resultOf(run(text('0')).end), 0n);
  assert.equal(resultOf(run(text('1')).end), -95n);
  assert.equal(resultOf(run(text('9')).end), -7n);
  assert.equal(resultOf(run(text('0x100000000 ll')).end), -22n);
});

test('two runs with the same answers from outside are the same', () => {
  const text = `.map n, hash, 4, 8, 64
    .section sockops
    main:
      call bpf_get_prandom_u32
      *(u32 *)(r10 - 4) = w0
      call bpf_ktime_get_ns
      *(u64 *)(r10 - 16) = r0
      r1 = n ll
      r2 = r10
      r2 += -4
      r3 = r10
      r3 += -16
      r4 = 0
      call bpf_map_update_elem
      r0 = 1
      exit`;
  const once = (): string[] => {
    let seed = 1;
    const port = fakePort({ random: () => (seed = (seed * 48271) % 0x7fffffff) });
    const vm = load(text);
    return Array.from({ length: 50 }, (_, i) => {
      port.time = i * 1000;
      vm.call({ program: 'main', port, context: fakeContext() });
      return vm.stateHash();
    });
  };
  const first = once();
  assert.deepEqual(once(), first);
  assert.equal(new Set(first).size, 50, 'and the state changes from call to call');
});
