// The context image: when it is filled, what is written back, and what old kernels do wrong with it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeContext, fakePort, fakeSocket, faultOf, load, resultOf, run } from './support.ts';

const program = (text: string): string => `.section sockops\nmain:\n${text}\nexit`;

test('fields are read as they were filled, and the reply comes back', () => {
  const { end } = run(
    program('r2 = *(u32 *)(r1 + 0)\nr3 = *(u64 *)(r1 + 168)\n*(u32 *)(r1 + 4) = -7\nr0 = r2\nr0 += r3'),
    {
      context: fakeContext({ 0: 4, 168: 1, 172: 2 }),
    },
  );
  assert.equal(resultOf(end), 4n + 1n + 2n * 2n ** 32n);
  assert.equal(end.reply, -7);
});

test('after a helper that may change the socket the context is filled again when the program looks, args excepted', () => {
  const context = fakeContext({ 4: 5, 76: 10 });
  const socket = fakeSocket([], {
    setsockopt: () => {
      context.words.set(76, 20);
      context.words.set(4, 99);
      return 0;
    },
  });
  const text = program(`r6 = r1
    *(u32 *)(r10 - 4) = 9
    r2 = 6
    r3 = 13
    r4 = r10
    r4 += -4
    r5 = 4
    call bpf_setsockopt
    r0 = *(u32 *)(r6 + 76)
    r1 = *(u32 *)(r6 + 4)
    r0 <<= 8
    r0 |= r1`);
  const { end } = run(text, { context, port: fakePort({ socket }) });
  assert.equal(resultOf(end), (20n << 8n) | 5n);
  assert.deepEqual(context.fills, ['start', 'refresh']);
});

test('sk_txhash goes to the socket when it is locked and is dropped, with a remark, when not', () => {
  const text = program('*(u32 *)(r1 + 164) = 77\nr0 = *(u32 *)(r1 + 164)');
  const locked = fakeContext({ 164: 5 });
  assert.equal(resultOf(run(text, { context: locked }).end), 77n);
  assert.equal(locked.words.get(164), 77);
  const unlocked = fakeContext({ 164: 0 }, { isLocked: false });
  const { end, port } = run(text, { context: unlocked });
  assert.equal(resultOf(end), 0n);
  assert.equal(unlocked.words.get(164), 0);
  assert.deepEqual(port.events, [
    { kind: 'diagnostic', diagnostic: { kind: 'dropped-context-write', program: 'main', slot: 0, offset: 164 } },
  ]);
});

test('only the reply word can be written, but on the first kernels op and all reply words', () => {
  const text = program('*(u32 *)(r1 + 8) = 1\nr0 = *(u32 *)(r1 + 8)');
  assert.match(faultOf(run(text).end), /read-only/);
  assert.equal(resultOf(run(text, { kernel: '4.14' }).end), 1n);
});

test('packet and socket pointers', () => {
  const text = program(`r2 = *(u64 *)(r1 + 192)
    r3 = *(u64 *)(r1 + 200)
    r0 = r3
    r0 -= r2
    r4 = *(u8 *)(r2 + 12)
    r0 <<= 8
    r0 |= r4
    r5 = *(u64 *)(r1 + 184)
    r5 = *(u32 *)(r5 + 16)
    r0 <<= 8
    r0 |= r5`);
  const packet = Uint8Array.from({ length: 24 }, (_, i) => i);
  const { end } = run(text, { context: fakeContext({}, { packet }), port: fakePort({ socket: fakeSocket() }) });
  assert.equal(resultOf(end), (24n << 16n) | (12n << 8n) | 99n);
  const none = program('r0 = *(u64 *)(r1 + 192)\nr2 = *(u64 *)(r1 + 200)\nr0 |= r2\nr2 = *(u64 *)(r1 + 184)\nr0 |= r2');
  assert.equal(resultOf(run(none, { context: fakeContext({}, { hasSock: false }) }).end), 0n);
});

test('an option that the program stores lengthens the packet that it sees', () => {
  const context = fakeContext({}, { packet: new Uint8Array(20) });
  const socket = fakeSocket([], {
    storeHeaderOption: (option) => {
      const longer = new Uint8Array(24);
      longer.set(option.subarray(0, 4), 20);
      context.packet = longer;
      return 0;
    },
  });
  const text = program(`r6 = r1
    r7 = *(u64 *)(r1 + 192)
    *(u32 *)(r10 - 4) = 0x0a0b04fd
    r2 = r10
    r2 += -4
    r3 = 4
    r4 = 0
    call bpf_store_hdr_opt
    r2 = *(u64 *)(r6 + 200)
    r0 = r2
    r0 -= r7
    r1 = *(u8 *)(r7 + 20)
    r0 <<= 8
    r0 |= r1`);
  const { end } = run(text, { context, port: fakePort({ socket }) });
  assert.equal(resultOf(end), (24n << 8n) | 0xfdn);
});

test('reading a TCP field into the register of the context: crash, leak or right, by kernel', () => {
  const text = program('r1 = *(u32 *)(r1 + 76)\nr0 = r1');
  const full = () => fakeContext({ 72: 1, 76: 10 });
  const request = () => fakeContext({ 72: 0, 76: 0 }, { isFullSock: false, isLocked: false, hasSock: false });
  assert.match(
    faultOf(run(text, { kernel: '5.4', context: full() }).end),
    /^0: this kernel would crash here: it reads snd_cwnd/,
  );
  assert.equal(resultOf(run(text, { kernel: '5.4', context: request() }).end), 0n);
  assert.equal(resultOf(run(text, { kernel: '5.10', context: full() }).end), 10n);
  const leak = run(text, { kernel: '5.10', context: request() });
  assert.equal(BigInt.asUintN(64, resultOf(leak.end)), leak.vm.contextAddress);
  assert.deepEqual(leak.port.events, [
    { kind: 'diagnostic', diagnostic: { kind: 'context-pointer-leak', program: 'main', slot: 0, offset: 76 } },
  ]);
  const fixed = run(text, { kernel: '7.2', context: request() });
  assert.equal(resultOf(fixed.end), 0n);
  assert.deepEqual(fixed.port.events, []);
  const sk = program('r9 = r1\nr9 = *(u64 *)(r9 + 184)\nr0 = r9');
  assert.match(faultOf(run(sk, { kernel: '5.4', context: full() }).end), /it reads sk into the register/);
});

test('rtt_min of a request sock: a remark on kernels that read it unguarded', () => {
  const text = program('r0 = *(u32 *)(r1 + 92)');
  const context = fakeContext({ 92: 123 }, { isFullSock: false, isLocked: false, hasSock: false });
  const old = run(text, { kernel: '5.10', context });
  assert.deepEqual(old.port.events, [
    { kind: 'diagnostic', diagnostic: { kind: 'unguarded-context-read', program: 'main', slot: 0, offset: 92 } },
  ]);
  assert.deepEqual(run(text, { kernel: '7.2', context }).port.events, []);
  assert.deepEqual(run(text, { kernel: '5.10', context: fakeContext({ 92: 5 }) }).port.events, []);
});

test('memory and addresses for a debugger', () => {
  const vm = load(program('r0 = 1'));
  vm.begin({ program: 'main', port: fakePort(), context: fakeContext({ 0: 3 }, { packet: new Uint8Array([7, 8]) }) });
  assert.deepEqual([...vm.readMemory(vm.contextAddress, 4)], [3, 0, 0, 0]);
  assert.equal(vm.readMemory(vm.contextAddress, 10_000).length, 224);
  assert.deepEqual([...vm.readMemory(vm.packetAddress, 10)], [7, 8]);
  assert.deepEqual(vm.describeAddress(vm.contextAddress + 76n), {
    region: { kind: 'context', size: 224 },
    offset: 76,
    state: 'live',
    writable: false,
  });
  assert.deepEqual(vm.describeAddress(vm.register(10) - 8n)?.region, { kind: 'stack', frame: 0, size: 512 });
  assert.equal(vm.describeAddress(0n), undefined);
  assert.equal(vm.describeAddress(12345n), undefined);
  assert.equal(vm.writeMemory(vm.register(10) - 8n, Uint8Array.of(1, 2, 3)), true);
  assert.deepEqual([...vm.readMemory(vm.register(10) - 8n, 3)], [1, 2, 3]);
  assert.equal(vm.writeMemory(vm.register(10) - 2n, Uint8Array.of(1, 2, 3)), false);
  assert.match(vm.contextAddress.toString(16), /^ffff88/);
  assert.match(vm.register(10).toString(16), /^ffffc900/);
});
