// Properties of the model over random links, programs and applications: it never throws and always ends, every byte arrives once and
// in order or the connection fails on both sides, equal runs are equal, and going back to a snapshot repeats the future.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { milliseconds, nanoseconds, Random } from '../../src/base/index.ts';
import { viewFor } from '../../src/kernel/index.ts';
import { createNetwork, type LinkRule, type Network, type SockOpsCall, type SockOpsHook } from '../../src/tcp/index.ts';
import { int32 } from './support/helper-sweep.ts';

const KERNELS = ['4.13', '4.19', '5.4', '5.10', '6.1', '6.6', '6.12', '6.18', '7.2'] as const;
const OPTIONS: readonly (readonly [number, number])[] = [
  [1, 7],
  [1, 8],
  [1, 18],
  [1, 36],
  [1, 47],
  [6, 1],
  [6, 2],
  [6, 4],
  [6, 7],
  [6, 10],
  [6, 18],
  [6, 25],
  [6, 27],
  [6, 1001],
  [6, 1002],
  [6, 1003],
  [6, 1004],
  [0, 1],
];
const VALUES = [-1, 0, 1, 2, 5, 40, 88, 536, 1460, 5000, 40000, 65536, 200000, 0x7fffffff];

/** A program that does something random in every callback. */
class RandomProgram implements SockOpsHook {
  readonly #random: Random;
  readonly log: string[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  get state(): readonly [number, number, number, number] {
    return this.#random.state;
  }

  restore(state: readonly [number, number, number, number]): void {
    this.#random.restore(state);
  }

  call(call: SockOpsCall): { ok: boolean; reply: number } {
    const random = this.#random;
    this.log.push(
      `${call.host} ${call.op} ${call.args.join(',')} ${call.readField('state')} ${call.readField('snd_nxt')}`,
    );
    if (call.op === 3 || call.op === 11) call.setCallbackFlags(random.below(128));
    if (random.below(8) === 0) {
      const [level, option] = random.pick(OPTIONS);
      call.setsockopt(level, option, int32(random.pick(VALUES)));
    }
    if (call.op === 14 && random.below(2) === 0) call.reserveHeaderOption(random.below(12), 0n);
    if (call.op === 15) call.storeHeaderOption(Uint8Array.of(253, 4, random.below(256), 1), 0n);
    if (random.below(4) === 0) call.loadHeaderOption(Uint8Array.of(random.pick([2, 3, 4, 8, 200]), 0, 0, 0), 0n);
    if (call.op === 1 || call.op === 2 || call.op === 6)
      return { ok: random.below(5) !== 0, reply: random.pick([-1, 0, 1, 3, 25, 40, 100]) };
    return { ok: true, reply: call.args[0] };
  }
}

interface Outcome {
  readonly sent: number;
  readonly received: number;
  readonly clientFailed: boolean;
  readonly serverFailed: boolean;
  readonly events: number;
}

/** A client that sends `bytes` and closes; a server that reads everything and closes. */
class Transfer {
  readonly network: Network;
  readonly program: RandomProgram;
  readonly #bytes: number;
  #client: number;
  readonly #listener: number;
  #child = 0;
  #unsent: number;
  #received = 0;
  #seen = 0;
  #clientFailed = false;
  #serverFailed = false;
  events = 0;

  constructor(seed: number) {
    const random = new Random(seed);
    const kernel = viewFor(random.pick(KERNELS));
    const rules: LinkRule[] = [];
    for (let i = random.below(4); 0 < i; i--) {
      rules.push({
        match: { kind: random.pick(['SYN', 'SYN-ACK', 'ACK', 'DATA', 'FIN', 'ANY'] as const) },
        first: random.below(6),
        count: 1 + random.below(3),
        action: random.pick([
          { kind: 'drop' },
          { kind: 'drop' },
          { kind: 'duplicate' },
          { kind: 'delay', by: milliseconds(30) },
          { kind: 'mark-ce' },
        ] as const),
      });
    }
    this.program = new RandomProgram(seed + 1);
    const options = {
      kernel,
      sysctls: {
        tcp_ecn: random.below(3),
        tcp_timestamps: random.below(4) === 0 ? 0 : 1,
        tcp_sack: random.below(4) === 0 ? 0 : 1,
      },
    };
    this.network = createNetwork({
      hosts: [
        { name: 'client', ...options, config: { gso: random.below(2) === 0 } },
        { name: 'server', ...options },
      ],
      link: {
        delay: milliseconds(1 + random.below(40)),
        jitter: nanoseconds(random.below(3) === 0 ? 3_000_000 : 0),
        mtu: random.pick([576, 1500, 9000]),
        loss: random.pick([0, 0, 0.02, 0.1]),
        rules,
      },
      seed,
      hook: this.program,
    });
    this.#bytes = random.pick([0, 1, 1000, 30000, 200000]);
    this.#unsent = this.#bytes;
    const net = this.network;
    this.#listener = net.socket('server');
    net.bind('server', this.#listener, '', 443);
    net.listen('server', this.#listener, 8);
    this.#client = net.socket('client');
    net.connect('client', this.#client, '10.0.1.1', 443);
  }

  /** Runs one event and reacts; false at the end. */
  step(): boolean {
    const net = this.network;
    if (this.events > 20000 || net.runNextEvent() === undefined) return false;
    this.events++;
    for (; this.#seen < net.notices.length; this.#seen++) {
      const notice = net.notices[this.#seen]!;
      const isClient = 'socketId' in notice && notice.socketId === this.#client;
      if (notice.kind === 'acceptable') {
        const child = net.accept('server', this.#listener, 'server');
        if (child !== undefined) {
          this.#child = child;
          this.#read();
        }
      } else if ((notice.kind === 'established' || notice.kind === 'writable') && isClient) {
        this.#write();
      } else if (notice.kind === 'readable' && !isClient) {
        this.#read();
      } else if (notice.kind === 'end-of-stream' && !isClient) {
        this.#read();
        net.close('server', this.#child);
      } else if (notice.kind === 'error') {
        if (isClient) this.#clientFailed = true;
        else this.#serverFailed = true;
      }
    }
    return true;
  }

  #write(): void {
    const net = this.network;
    while (this.#unsent > 0) {
      const taken = net.send('client', this.#client, Math.min(this.#unsent, 7000));
      if (taken <= 0) return;
      this.#unsent -= taken;
    }
    net.close('client', this.#client);
    this.#unsent = -1;
  }

  #read(): void {
    if (this.#child === 0) return;
    for (;;) {
      const count = this.network.receive('server', this.#child, 5000);
      if (count <= 0) return;
      this.#received += count;
    }
  }

  outcome(): Outcome {
    return {
      sent: this.#bytes,
      received: this.#received,
      clientFailed: this.#clientFailed,
      serverFailed: this.#serverFailed,
      events: this.events,
    };
  }
}

function runTransfer(seed: number): Transfer {
  const transfer = new Transfer(seed);
  while (transfer.step()) {
    // until nothing is left to happen
  }
  return transfer;
}

test('every byte arrives exactly once, or the connection fails', () => {
  let complete = 0;
  for (let seed = 0; seed < 400; seed++) {
    const { sent, received, clientFailed, serverFailed, events } = runTransfer(seed).outcome();
    assert.ok(events <= 20000, `seed ${seed}: the run does not end`);
    assert.ok(received <= sent, `seed ${seed}: ${received} bytes arrived, ${sent} were sent`);
    if (received === sent) complete++;
    else
      assert.ok(clientFailed || serverFailed, `seed ${seed}: ${received} of ${sent} bytes arrived and nobody failed`);
  }
  assert.ok(complete > 300, `only ${complete} of 400 transfers completed`);
});

test('the same seed gives the same run', () => {
  for (let seed = 1000; seed < 1030; seed++) {
    const a = runTransfer(seed);
    const b = runTransfer(seed);
    assert.deepEqual(a.program.log, b.program.log);
    assert.equal(a.network.stateHash(), b.network.stateHash());
  }
});

test('going back to a snapshot repeats the future, hash by hash', () => {
  for (let seed = 2000; seed < 2025; seed++) {
    const transfer = new Transfer(seed);
    const { network, program } = transfer;
    for (let i = 0; i < 12; i++) transfer.step();
    const snapshot = network.snapshot();
    const random = program.state;
    const before = network.stateHash();
    const future = (): string[] => {
      const hashes: string[] = [];
      for (let i = 0; i < 60 && network.runNextEvent(); i++) hashes.push(network.stateHash());
      return hashes;
    };
    const first = future();
    network.restore(snapshot);
    program.restore(random);
    assert.equal(network.stateHash(), before, `seed ${seed}`);
    assert.deepEqual(future(), first, `seed ${seed}`);
  }
});

test('a hook that throws leaves a network that can be restored', () => {
  let calls = 0;
  let haltAt = -1;
  const log: number[] = [];
  const network = createNetwork({
    hosts: [
      { name: 'client', kernel: viewFor('6.12') },
      { name: 'server', kernel: viewFor('6.12') },
    ],
    link: { delay: milliseconds(5), mtu: 1500 },
    seed: 4,
    hook: {
      call: (call) => {
        if (calls++ === haltAt) throw new Error('halt');
        log.push(call.op);
        if (call.op === 3 || call.op === 11) call.setCallbackFlags(0x7f);
        return { ok: true, reply: 0 };
      },
    },
  });
  const listener = network.socket('server');
  network.bind('server', listener, '', 80);
  network.listen('server', listener, 4);
  const client = network.socket('client');
  network.connect('client', client, '10.0.1.1', 80);
  const reference: number[] = [];
  let events = 0;
  for (;;) {
    const snapshot = network.snapshot();
    const callsBefore = calls;
    const hash = network.stateHash();
    haltAt = calls;
    const logged = log.length;
    let halted = false;
    try {
      network.runNextEvent();
    } catch {
      halted = true;
    }
    if (halted) {
      network.restore(snapshot);
      assert.equal(network.stateHash(), hash);
      calls = callsBefore;
      log.length = logged;
      haltAt = -1;
      network.runNextEvent();
    }
    reference.push(...log.slice(logged));
    if (++events > 40 || network.nextEventTime === undefined) break;
  }
  assert.ok(reference.includes(4) && reference.includes(5), 'both sides were established');
});
