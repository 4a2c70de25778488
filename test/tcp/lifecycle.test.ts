// Opening and closing in every order, on two hosts and on loopback: which callbacks come, in which order, with which states, and what
// goes over the wire. Expectations are the kernel's (sock_ops facts, net/ipv4/tcp*.c).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { milliseconds, seconds } from '../../src/base/index.ts';
import { viewFor } from '../../src/kernel/index.ts';
import { createNetwork, type LinkOptions, type Network, type SockOpsCall, type Sysctls } from '../../src/tcp/index.ts';
import { OP_NAMES } from './support/helper-sweep.ts';
import { later } from './support/model.ts';

interface Bench {
  readonly net: Network;
  /** "client STATE_CB 1>4" and so on, in order. */
  readonly log: string[];
  wait(ms: number): void;
  /** Flags, length of every segment: "client S", "server SA 0". */
  wire(): string[];
}

interface BenchOptions {
  readonly kernel?: string;
  readonly flags?: number;
  readonly sysctls?: Partial<Sysctls>;
  readonly link?: Partial<LinkOptions>;
  readonly reply?: (call: SockOpsCall) => number;
}

const FLAG_LETTERS = 'FSRPAUEC';

function bench(options: BenchOptions = {}): Bench {
  const log: string[] = [];
  const kernel = viewFor(options.kernel ?? '6.12');
  const net = createNetwork({
    hosts: [
      { name: 'client', kernel, sysctls: options.sysctls ?? {}, address4: '10.0.0.1' },
      { name: 'server', kernel, sysctls: options.sysctls ?? {}, address4: '10.0.1.2' },
    ],
    link: { delay: milliseconds(10), mtu: 1500, ...options.link },
    seed: 2,
    hook: {
      call: (call) => {
        if (call.op === 3 || call.op === 11) call.setCallbackFlags(options.flags ?? 0x07);
        const detail =
          call.op === 10 ? ` ${call.args[0]}>${call.args[1]}` : call.op === 8 ? ` ${call.args[0]} ${call.args[2]}` : '';
        log.push(`${call.host} ${OP_NAMES[call.op]}${detail}`);
        return { ok: true, reply: options.reply?.(call) ?? call.args[0] };
      },
    },
  });
  return {
    net,
    log,
    wait: (ms) => {
      net.runUntil(later(net.now, milliseconds(ms)));
    },
    wire: () =>
      net.segments.map(({ from, segment, fate }) => {
        const letters = [...FLAG_LETTERS].filter((_, bit) => (segment.flags & (1 << bit)) !== 0).join('');
        return `${from} ${letters} ${segment.payloadLength}${fate === 'sent' ? '' : ` ${fate}`}`;
      }),
  };
}

/** An established connection; the logs are empty again. */
function established(options: BenchOptions = {}): Bench & { client: number; server: number; listener: number } {
  const made = bench(options);
  const { net } = made;
  const listener = net.socket('server');
  net.bind('server', listener, '10.0.1.2', 80);
  net.listen('server', listener, 16);
  const client = net.socket('client');
  net.connect('client', client, '10.0.1.2', 80);
  made.wait(100);
  const server = net.accept('server', listener, 'server');
  assert.notEqual(server, undefined);
  made.log.length = 0;
  return { ...made, client, server: server!, listener };
}

const since = (made: Bench, count: number): string[] => made.wire().slice(count);

test('the client closes first', () => {
  const made = established();
  const before = made.wire().length;
  made.net.close('client', made.client);
  made.wait(50);
  made.net.close('server', made.server);
  made.wait(50);
  assert.deepEqual(made.log, [
    'client STATE_CB 1>4',
    'server STATE_CB 1>8',
    'client STATE_CB 4>5',
    // Nobody holds the socket any more, so a mini-sock waits for the FIN in its place.
    'client STATE_CB 5>7',
    'server STATE_CB 8>9',
    'server STATE_CB 9>7',
  ]);
  assert.equal(since(made, before)[0], 'client FA 0');
});

test('both close at once: CLOSING, and TIME_WAIT on both sides', () => {
  const made = established();
  made.net.close('client', made.client);
  made.net.close('server', made.server);
  made.wait(100);
  assert.deepEqual(
    made.log.filter((line) => line.startsWith('client')),
    ['client STATE_CB 1>4', 'client STATE_CB 4>11', 'client STATE_CB 11>7'],
  );
  assert.deepEqual(
    made.log.filter((line) => line.startsWith('server')),
    ['server STATE_CB 1>4', 'server STATE_CB 4>11', 'server STATE_CB 11>7'],
  );
});

test('half close: data still flows the other way, and close() reports an unchanged state', () => {
  const made = established();
  made.net.shutdown('client', made.client, 'send');
  made.wait(100);
  assert.equal(made.net.send('server', made.server, 5000), 5000);
  made.wait(100);
  assert.equal(made.net.receive('client', made.client, 10000), 5000);
  made.net.close('server', made.server);
  made.wait(100);
  assert.deepEqual(made.log, [
    'client STATE_CB 1>4',
    'server STATE_CB 1>8',
    'client STATE_CB 4>5',
    'server STATE_CB 8>9',
    'client STATE_CB 5>7',
    'server STATE_CB 9>7',
  ]);
});

test('close() with unread data resets', () => {
  const made = established();
  made.net.send('client', made.client, 100);
  made.wait(50);
  const before = made.wire().length;
  made.net.close('server', made.server);
  made.wait(50);
  assert.equal(since(made, before)[0], 'server RA 0');
  assert.deepEqual(made.log, ['server STATE_CB 1>7', 'client STATE_CB 1>7']);
  assert.ok(made.net.notices.some((notice) => notice.kind === 'error' && notice.errno === 104));
});

test('linger 0 resets; what arrives afterwards is answered by a bare RST without callbacks', () => {
  const made = established();
  made.net.send('server', made.server, 1000);
  made.net.setSpecialOption('client', made.client, { name: 'linger', seconds: 0 });
  const before = made.wire().length;
  made.net.close('client', made.client);
  made.wait(100);
  assert.deepEqual(made.log, ['client STATE_CB 1>7', 'server STATE_CB 1>7']);
  assert.deepEqual(since(made, before), ['client RA 0', 'client R 0']);
});

test('nobody listens: the SYN is refused', () => {
  const made = bench();
  const client = made.net.socket('client');
  made.net.connect('client', client, '10.0.1.2', 81);
  made.wait(100);
  assert.deepEqual(made.wire(), ['client S 0', 'server RA 0']);
  assert.deepEqual(made.log.slice(-1), ['client STATE_CB 2>7']);
  assert.ok(made.net.notices.some((notice) => notice.kind === 'error' && notice.errno === 111));
});

test('simultaneous open: the crossing SYN-ACK completes it from 6.1 on, an ACK before', () => {
  const opening = [
    'TCP_CONNECT_CB',
    'RWND_INIT',
    'TIMEOUT_INIT',
    'NEEDS_ECN',
    'HDR_OPT_LEN_CB 2',
    'STATE_CB 2>3',
    'HDR_OPT_LEN_CB 12',
  ];
  const expected: Readonly<Record<string, readonly string[]>> = {
    '5.10': [...opening, 'HDR_OPT_LEN_CB 10', 'RTT_CB', 'PASSIVE_ESTABLISHED_CB 10', 'STATE_CB 3>1'],
    '6.1': [
      ...opening,
      'RTT_CB',
      'PASSIVE_ESTABLISHED_CB 12',
      'STATE_CB 3>1',
      'HDR_OPT_LEN_CB 10',
      'PARSE_HDR_OPT_CB 10',
    ],
    '6.12': [
      ...opening,
      'RTT_CB',
      'PASSIVE_ESTABLISHED_CB 12',
      'STATE_CB 3>1',
      'HDR_OPT_LEN_CB 10',
      'PARSE_HDR_OPT_CB 10',
    ],
  };
  for (const [kernel, calls] of Object.entries(expected)) {
    const seen: string[] = [];
    const { net } = bench({
      kernel,
      flags: 0x7f,
      reply: (call) => {
        const flags = Number(call.readField('skb_tcp_flags'));
        const state = call.op === 10 ? ` ${call.args[0]}>${call.args[1]}` : '';
        seen.push(`${OP_NAMES[call.op]}${state}${flags === 0 ? '' : ` ${flags.toString(16)}`}`);
        return 0;
      },
    });
    const socket = net.socket('client');
    net.bind('client', socket, '10.0.0.1', 4000);
    net.connect('client', socket, '10.0.0.1', 4000);
    assert.deepEqual(seen, calls, kernel);
  }
});

test('a v4 client of a v6 listener is an AF_INET6 child with both kinds of address', () => {
  const seen: string[] = [];
  const { net } = bench({
    reply: (call) => {
      if (call.host === 'server' && call.op !== 11) {
        const hex = (name: string) => Number(call.readField(name)).toString(16);
        seen.push(
          `${OP_NAMES[call.op]} ${call.readField('family')} ${hex('remote_ip4')} ${hex('remote_ip6[2]')} ${hex('remote_ip6[3]')} ${hex('local_ip4')}`,
        );
      }
      return 0;
    },
  });
  const listener = net.socket('server', { family: 'ipv6' });
  net.bind('server', listener, '', 80);
  net.listen('server', listener, 4);
  const client = net.socket('client');
  net.connect('client', client, '10.0.1.2', 80);
  net.runUntil(later(net.now, milliseconds(100)));
  const addresses = '10 100000a ffff0000 100000a 201000a';
  assert.deepEqual(seen, [
    `RWND_INIT ${addresses}`,
    `TIMEOUT_INIT ${addresses}`,
    `NEEDS_ECN ${addresses}`,
    `PASSIVE_ESTABLISHED_CB ${addresses}`,
    `STATE_CB ${addresses}`,
  ]);
});

test('the SYN-ACK timer with a TIMEOUT_INIT reply of 25 jiffies, before and after 5.18', () => {
  for (const [kernel, times] of [
    ['5.10', [107, 2137]],
    ['6.1', [102, 309, 735]],
    ['6.12', [100, 305, 713]],
  ] as const) {
    const made = bench({
      kernel,
      sysctls: { tcp_synack_retries: 3 },
      reply: (call) => (call.op === 1 && call.host === 'server' ? 25 : 0),
      link: {
        rules: [
          { match: { from: 'server', kind: 'SYN-ACK' }, count: 9, action: { kind: 'drop' } },
          { match: { from: 'client', kind: 'SYN' }, first: 1, count: 9, action: { kind: 'drop' } },
        ],
      },
    });
    const listener = made.net.socket('server');
    made.net.bind('server', listener, '10.0.1.2', 80);
    made.net.listen('server', listener, 4);
    const client = made.net.socket('client');
    made.net.connect('client', client, '10.0.1.2', 80);
    made.wait(4000);
    const sent = made.net.segments.filter(({ from }) => from === 'server').map(({ sentAt }) => sentAt / 1e6 - 10);
    // The timer wheel rounds up by up to an eighth of the wait; measured and modelled ticks lie differently.
    times.forEach((time, i) => {
      assert.ok(Math.abs(sent[i + 1]! - time) <= time / 16 + 5, `${kernel}: ${sent.map(Math.round)} for ${times}`);
    });
  }
});

test('AF_UNSPEC disconnect, and the socket connects again with its flags', () => {
  const made = established();
  made.net.disconnect('client', made.client);
  made.wait(50);
  assert.deepEqual(made.log, ['client STATE_CB 1>7', 'server STATE_CB 1>7']);
  made.log.length = 0;
  made.net.connect('client', made.client, '10.0.1.2', 80);
  made.wait(100);
  assert.equal(made.log[0], 'client STATE_CB 7>2');
  assert.equal(made.log[1], 'client TCP_CONNECT_CB');
  assert.ok(made.log.includes('client ACTIVE_ESTABLISHED_CB'));
});

test('listen() twice calls once; shutdown and listen() calls again', () => {
  const made = bench();
  const listener = made.net.socket('server');
  made.net.bind('server', listener, '10.0.1.2', 80);
  made.net.listen('server', listener, 4);
  made.net.listen('server', listener, 8);
  assert.deepEqual(made.log, ['server TCP_LISTEN_CB']);
  made.net.shutdown('server', listener, 'receive');
  made.net.listen('server', listener, 4);
  assert.deepEqual(made.log, ['server TCP_LISTEN_CB', 'server STATE_CB 10>7', 'server TCP_LISTEN_CB']);
});

test('closing the listener resets the children that nobody accepted', () => {
  const made = bench();
  const listener = made.net.socket('server');
  made.net.bind('server', listener, '10.0.1.2', 80);
  made.net.listen('server', listener, 4);
  const client = made.net.socket('client');
  made.net.connect('client', client, '10.0.1.2', 80);
  made.wait(100);
  made.log.length = 0;
  made.net.close('server', listener);
  made.wait(50);
  assert.deepEqual(made.log, ['server STATE_CB 10>7', 'server STATE_CB 1>7', 'client STATE_CB 1>7']);
});

test('a zero window is probed until it opens', () => {
  const made = established({ flags: 0 });
  let queued = 0;
  for (let i = 0; i < 40; i++) {
    const taken = made.net.send('client', made.client, 20000);
    if (taken > 0) queued += taken;
    made.wait(40);
  }
  const probes = made.net.segments.filter(
    ({ from, segment, sentAt }) =>
      from === 'client' && segment.payloadLength === 0 && segment.flags === 16 && sentAt > 1e9,
  );
  assert.ok(probes.length > 0, 'no probe was sent');
  let read = 0;
  for (let i = 0; i < 400 && read < queued; i++) {
    const count = made.net.receive('server', made.server, 65536);
    if (count > 0) read += count;
    made.wait(50);
  }
  assert.equal(read, queued);
});

test('a peer that vanishes: exponential backoff until tcp_retries2, RTO_CB says when it is over', () => {
  const made = established({
    sysctls: { tcp_retries2: 3 },
    link: {
      rules: [{ match: { from: 'client', kind: 'DATA' }, count: Number.POSITIVE_INFINITY, action: { kind: 'drop' } }],
    },
  });
  made.net.send('client', made.client, 100);
  made.wait(60000);
  const timeouts = made.log.filter((line) => line.startsWith('client RTO_CB'));
  assert.ok(timeouts.length >= 3);
  assert.equal(timeouts[0], 'client RTO_CB 0 0');
  assert.match(timeouts[timeouts.length - 1]!, / 1$/);
  assert.equal(made.log[made.log.length - 1], 'client STATE_CB 1>7');
  assert.ok(made.net.notices.some((notice) => notice.kind === 'error' && notice.errno === 110));
});

test('TCP_USER_TIMEOUT gives up earlier', () => {
  const made = established({
    link: {
      rules: [{ match: { from: 'client', kind: 'DATA' }, count: Number.POSITIVE_INFINITY, action: { kind: 'drop' } }],
    },
  });
  made.net.setOption('client', made.client, 6, 18, 1500);
  made.net.send('client', made.client, 100);
  made.wait(5000);
  assert.equal(made.log[made.log.length - 1], 'client STATE_CB 1>7');
});

test('keepalive probes an idle peer and gives up on a silent one', () => {
  const made = established({
    link: {
      rules: [
        { match: { from: 'client', kind: 'ACK' }, first: 1, count: Number.POSITIVE_INFINITY, action: { kind: 'drop' } },
      ],
    },
  });
  made.net.setOption('client', made.client, 1, 9, 1);
  made.net.setOption('client', made.client, 6, 4, 2);
  made.net.setOption('client', made.client, 6, 5, 1);
  made.net.setOption('client', made.client, 6, 6, 3);
  made.wait(10000);
  assert.deepEqual(made.log, ['client STATE_CB 1>7', 'server STATE_CB 1>7']);
});

test('deferred accept: the child appears with the first data', () => {
  const made = bench();
  const listener = made.net.socket('server');
  made.net.bind('server', listener, '10.0.1.2', 80);
  made.net.setSpecialOption('server', listener, { name: 'defer-accept', seconds: 5 });
  made.net.listen('server', listener, 4);
  const client = made.net.socket('client');
  made.net.connect('client', client, '10.0.1.2', 80);
  made.wait(100);
  assert.ok(made.log.includes('client ACTIVE_ESTABLISHED_CB'));
  assert.ok(!made.log.includes('server PASSIVE_ESTABLISHED_CB'));
  made.net.send('client', client, 10);
  made.wait(100);
  assert.ok(made.log.includes('server PASSIVE_ESTABLISHED_CB'));
});

test('fast open: a cookie is asked for, then data rides on the SYN', () => {
  const made = bench({ sysctls: { tcp_fastopen: 3 } });
  const { net } = made;
  const listener = net.socket('server');
  net.bind('server', listener, '10.0.1.2', 80);
  net.setSpecialOption('server', listener, { name: 'fastopen-queue', length: 8 });
  net.listen('server', listener, 8);
  const first = net.socket('client');
  net.connectWithData('client', first, '10.0.1.2', 80, 300);
  made.wait(100);
  assert.equal(made.wire()[0], 'client S 0');
  net.close('client', first);
  made.wait(100);
  const before = made.wire().length;
  const second = net.socket('client');
  assert.equal(net.connectWithData('client', second, '10.0.1.2', 80, 300), 300);
  made.wait(100);
  assert.equal(since(made, before)[0], 'client S 300');
  const accepted = [net.accept('server', listener, 'a'), net.accept('server', listener, 'b')].filter(
    (id) => id !== undefined,
  );
  assert.equal(net.receive('server', accepted[accepted.length - 1]!, 1000), 300);
});

test('a full SYN queue is answered with cookies', () => {
  const made = bench();
  const { net } = made;
  const listener = net.socket('server');
  net.bind('server', listener, '10.0.1.2', 80);
  net.listen('server', listener, 1);
  const clients = [0, 1, 2].map(() => net.socket('client'));
  for (const client of clients) net.connect('client', client, '10.0.1.2', 80);
  made.wait(200);
  // The third SYN found no room for a request sock, one more than the backlog: cookies do not ask for a timeout.
  assert.equal(made.log.filter((line) => line === 'server TIMEOUT_INIT').length, 2);
  assert.ok(made.log.filter((line) => line === 'client ACTIVE_ESTABLISHED_CB').length >= 2);
});

test('TIME_WAIT answers a repeated FIN and goes away after a minute', () => {
  const made = established();
  made.net.close('client', made.client);
  made.wait(50);
  made.net.close('server', made.server);
  made.wait(50);
  assert.equal(made.net.connect('client', made.client, '10.0.1.2', 80) < 0, true);
  made.net.runUntil(later(made.net.now, seconds(130)));
  assert.equal(made.net.nextEventTime, undefined);
});

test('ECN: a marked segment makes the receiver echo and the sender reduce', () => {
  const made = established({
    sysctls: { tcp_ecn: 1 },
    link: { rules: [{ match: { from: 'client', kind: 'DATA' }, first: 2, count: 1, action: { kind: 'mark-ce' } }] },
  });
  made.net.send('client', made.client, 30000);
  made.wait(300);
  const echo = made.net.segments.some(
    ({ from, segment }) => from === 'server' && (segment.flags & 64) !== 0 && (segment.flags & 2) === 0,
  );
  const reduced = made.net.segments.some(
    ({ from, segment }) => from === 'client' && (segment.flags & 128) !== 0 && (segment.flags & 2) === 0,
  );
  assert.ok(echo && reduced);
});

test('SYN times with a TIMEOUT_INIT reply follow the timer wheel', () => {
  const made = bench({
    kernel: '6.1',
    flags: 0,
    sysctls: { tcp_syn_retries: 3 },
    reply: (call) => (call.op === 1 ? 25 : call.args[0]),
  });
  const client = made.net.socket('client');
  made.net.connect('client', client, '10.0.9.9', 80);
  made.wait(3000);
  const times = made.net.segments.map(({ sentAt }) => Math.round(sentAt / 1e6));
  assert.equal(times.length, 4);
  const gaps = times.slice(1).map((time, i) => time - times[i]!);
  assert.ok(100 <= gaps[0]! && gaps[0]! <= 104, String(gaps));
  assert.ok(200 <= gaps[1]! && gaps[1]! <= 204, String(gaps));
  assert.ok(400 <= gaps[2]! && gaps[2]! <= 432, String(gaps));
});
