// Every kind of expectation can fail, and says what was expected and what happened; its true counterpart holds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkExpectations, type ScenarioInput, scenarioFromValue } from '../../src/world/index.ts';
import { fromValue, worldOf } from './support.ts';

const prepared = fromValue({ programs: [{ file: 'conn_stats.o' }, { file: 'global_data.o' }] }, 'samples');
const world = worldOf(prepared);
world.run();
const outcomes = world.outcomes();

function failures(expect: NonNullable<ScenarioInput['expect']>): string[] {
  const { value } = scenarioFromValue({ programs: [{ file: 'x.o' }], expect });
  assert.notEqual(value.scenario, undefined, 'the expectation itself must be well formed');
  return checkExpectations(value.scenario!.expect, outcomes, value.source).map(
    ({ message, expected, actual }) => `${message} | ${expected} | ${actual}`,
  );
}

type Expect = NonNullable<ScenarioInput['expect']>;

const PAIRS: readonly (readonly [name: string, holds: Expect, fails: Expect, message: RegExp])[] = [
  [
    'an op that happens',
    { callbacks: [{ op: 'BPF_SOCK_OPS_TCP_LISTEN_CB' }] },
    { callbacks: [{ op: 'BPF_SOCK_OPS_RTO_CB' }] },
    /BPF_SOCK_OPS_RTO_CB never happened .* these happened: BPF_SOCK_OPS_TCP_LISTEN_CB/,
  ],
  [
    'the order of callbacks',
    { callbacks: [{ op: 'BPF_SOCK_OPS_TCP_CONNECT_CB' }, { op: 'BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB' }] },
    { callbacks: [{ op: 'BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB' }, { op: 'BPF_SOCK_OPS_TCP_CONNECT_CB' }] },
    /TCP_CONNECT_CB happened too early/,
  ],
  [
    'the host',
    { callbacks: [{ host: 'client', op: 'BPF_SOCK_OPS_TCP_CONNECT_CB' }] },
    { callbacks: [{ host: 'server', op: 'BPF_SOCK_OPS_TCP_CONNECT_CB' }] },
    /TCP_CONNECT_CB on the server never happened/,
  ],
  [
    'arguments by name',
    { callbacks: [{ op: 'BPF_SOCK_OPS_STATE_CB', args: ['TCP_ESTABLISHED', 'TCP_FIN_WAIT1'] }] },
    { callbacks: [{ op: 'BPF_SOCK_OPS_STATE_CB', args: ['TCP_SYN_SENT', 'TCP_LISTEN'] }] },
    /args\[\d\] is not as expected/,
  ],
  [
    'a reply in a range',
    { callbacks: [{ op: 'BPF_SOCK_OPS_RWND_INIT', reply: { min: 30, max: 30 } }] },
    { callbacks: [{ op: 'BPF_SOCK_OPS_RWND_INIT', reply: { min: 31 } }] },
    /reply is not as expected \| at least 31 \| 30/,
  ],
  [
    'the returned value',
    { callbacks: [{ op: 'BPF_SOCK_OPS_RWND_INIT', return: 1 }] },
    { callbacks: [{ op: 'BPF_SOCK_OPS_RWND_INIT', return: 0 }] },
    /return value is not as expected \| 0 \| 1/,
  ],
  [
    'context fields by what they mean',
    {
      callbacks: [
        {
          op: 'BPF_SOCK_OPS_TCP_CONNECT_CB',
          ctx: { state: 'TCP_SYN_SENT', remote_ip4: '10.0.1.2', remote_port: '443', family: 'AF_INET' },
        },
      ],
    },
    { callbacks: [{ op: 'BPF_SOCK_OPS_TCP_CONNECT_CB', ctx: { remote_port: 443 } }] },
    /remote_port is not as expected \| 443 \| 443 \(0xbb010000\)/,
  ],
  [
    'an effect',
    { callbacks: [{ op: 'BPF_SOCK_OPS_RWND_INIT', effects: ['initial receive window'] }] },
    { callbacks: [{ op: 'BPF_SOCK_OPS_RWND_INIT', effects: ['SYN timeout'] }] },
    /effect is not as expected \| "SYN timeout" \| initial receive window/,
  ],
  [
    'a time',
    { callbacks: [{ op: 'BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB', at: '20ms' }] },
    { callbacks: [{ op: 'BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB', at: { max: '19ms' } }] },
    /time is not as expected \| to 19 ms \| at 20/,
  ],
  [
    'what must never happen',
    { never: [{ op: 'BPF_SOCK_OPS_RTO_CB' }] },
    { never: [{ op: 'BPF_SOCK_OPS_STATE_CB', host: 'server' }] },
    /BPF_SOCK_OPS_STATE_CB happened/,
  ],
  [
    'how often',
    { counts: [{ op: 'BPF_SOCK_OPS_RWND_INIT', count: 2 }] },
    { counts: [{ op: 'BPF_SOCK_OPS_RWND_INIT', count: { min: 3 } }] },
    /wrong number of callbacks \| 3 to any number \| 2/,
  ],
  [
    'a segment',
    { segments: [{ from: 'client', flags: 'SYN', window: 43800, mss: 1460 }, { flags: 'SYN|ACK' }] },
    { segments: [{ flags: 'SYN', window: 1 }] },
    /SYN: window is not as expected \| 1 \| 43800/,
  ],
  [
    'how many segments',
    { segmentCounts: [{ flags: 'SYN', count: 1 }] },
    { segmentCounts: [{ flags: 'RST', count: { min: 1 } }] },
    /wrong number of segments/,
  ],
  [
    'a field of a socket',
    { sockets: { client: { congestion_control: 'cubic', bytes_acked: { min: 1000 } } } },
    { sockets: { client: { congestion_contrl: 'cubic' } } },
    /a socket has no field "congestion_contrl" .* did you mean "congestion_control"\?/,
  ],
  [
    'a map entry, partly',
    { maps: { '.bss': [{ key: 0, value: { connections: 1 } }] } },
    { maps: { '.bss': [{ key: 0, value: { connections: 5 } }] } },
    /\.bss\[0\] at connections is not as expected \| 5 \| 1/,
  ],
  [
    'a per-CPU value as its sum',
    { maps: { finished: [{ key: 0, value: 2 }] } },
    { maps: { finished: [{ key: 0, value: 1 }] } },
    /finished\[0\] is not as expected \| 1 \| \[1,1\]/,
  ],
  [
    'entries that are absent, counted, or hold a value',
    { maps: { ids: [{ key: 12345, absent: true }, { entries: 1 }, { any: 100 }] } },
    { maps: { ids: [{ entries: 0 }] } },
    /ids: wrong number of entries \| 0 \| 1/,
  ],
  [
    'a map that exists',
    { maps: { ids: [{ entries: 1 }] } },
    { maps: { idz: [{ entries: 1 }] } },
    /there is no map "idz" .* did you mean "ids"\?/,
  ],
  ['a printed line', { printk: ['has id 100'] }, { printk: ['has id 7'] }, /"has id 7" was not printed/],
  [
    'records of a ring buffer',
    { ringbuf: { records: [{ remote_port: 443 }, { remote_port: 40000 }] } },
    { ringbuf: { records: [{ remote_port: 40000 }, { remote_port: 443 }] } },
    /records: no such record was sent/,
  ],
  ['a fault', { faults: [] }, { faults: ['null pointer'] }, /this fault did not happen/],
  [
    'an attach error',
    { attach: [] },
    { attach: [{ program: 0, error: 'EPERM' }] },
    /attaching program 0 did not end so/,
  ],
];

for (const [name, holds, fails, message] of PAIRS) {
  test(name, () => {
    assert.deepEqual(failures(holds), []);
    const found = failures(fails);
    assert.ok(found.length > 0, 'it must fail');
    assert.match(found.join('\n'), message);
  });
}
