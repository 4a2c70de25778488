// Ready-made scenarios: what `--scenario NAME` and `"preset": "NAME"` mean. A preset is a piece of a scenario file; what
// the user writes is laid over it.

import type { PresetName } from './preset-names.ts';
import type { ScenarioInput } from './scenario-schema.ts';

export interface Preset {
  readonly title: string;
  /** Control group of programs that name none: "/" sees both hosts. */
  readonly programCgroup: string;
  readonly scenario: ScenarioInput;
}

const CLOSE_BOTH = [
  { after: 'server.received', do: 'server.send', bytes: 1000 },
  { after: 'client.received', do: 'client.close' },
  { after: 'server.peer-closed', do: 'server.close' },
] as const satisfies ScenarioInput['script'];

const OPEN = [
  { at: '0ms', do: 'server.listen' },
  { at: '0ms', do: 'client.connect' },
] as const satisfies ScenarioInput['script'];

/** The script of a scenario that has none: connect, a kilobyte each way, close. */
export const DEFAULT_SCRIPT: NonNullable<ScenarioInput['script']> = [
  ...OPEN,
  { after: 'client.established', do: 'client.send', bytes: 1000 },
  ...CLOSE_BOTH,
];

const everywhere = (title: string, scenario: ScenarioInput): Preset => ({ title, programCgroup: '/', scenario });

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  'active-open': {
    title: 'The program watches the connecting side of an ordinary connection',
    programCgroup: '/client',
    scenario: {},
  },
  'passive-open': {
    title: 'The program watches the listening side of an ordinary connection',
    programCgroup: '/server',
    scenario: {},
  },
  'syn-loss': everywhere('The first SYN is lost', {
    network: { drop: [{ from: 'client', segment: 'SYN', count: 1 }] },
  }),
  'syn-ack-loss': everywhere('The first SYN-ACK is lost', {
    network: { drop: [{ from: 'server', segment: 'SYN-ACK', count: 1 }] },
  }),
  refused: everywhere('Nobody listens: the SYN is answered by a reset', {
    script: [{ at: '0ms', do: 'client.connect' }],
  }),
  'fast-open': everywhere('TCP Fast Open: the SYN carries data', {
    client: { fastOpen: true },
    server: { listen: { fastOpen: true }, sysctls: { tcp_fastopen: 3 } },
    script: [...OPEN, { at: '0ms', do: 'client.send', bytes: 500 }, ...CLOSE_BOTH],
  }),
  'defer-accept': everywhere('TCP_DEFER_ACCEPT: the server is established by the first data', {
    server: { listen: { deferAccept: '5s' } },
    script: [...OPEN, { after: 'client.established', delay: '100ms', do: 'client.send', bytes: 1000 }, ...CLOSE_BOTH],
  }),
  'syn-cookie': everywhere('The server answers with a SYN cookie', {
    server: { sysctls: { tcp_syncookies: 2 } },
  }),
  retransmit: everywhere('One data segment is lost and sent again after three duplicate acknowledgements', {
    network: { drop: [{ from: 'client', segment: 'DATA', skip: 3, count: 1 }] },
    script: [...OPEN, { after: 'client.established', do: 'client.send', bytes: 20_000 }, ...CLOSE_BOTH],
  }),
  rto: everywhere('Data vanishes until the retransmission timer fires', {
    network: { drop: [{ from: 'client', segment: 'DATA', count: 3 }] },
  }),
  reset: everywhere('The client aborts the connection', {
    script: [
      ...OPEN,
      { after: 'client.established', do: 'client.send', bytes: 1000 },
      { after: 'client.acknowledged', do: 'client.reset' },
    ],
  }),
  ipv6: everywhere('The same over IPv6', { network: { family: 'ipv6' } }),
  'v4-mapped': everywhere('An IPv4 client reaches a server that listens on "::"', {
    network: { family: 'v4-mapped' },
  }),
  'attach-mid-flow': everywhere('The program is attached when the connection already exists', {
    script: [
      ...OPEN,
      { after: 'client.established', do: 'client.send', bytes: 1000 },
      { after: 'server.received', do: 'attach', program: 0 },
      { after: 'server.received', delay: '50ms', do: 'client.send', bytes: 1000 },
      ...CLOSE_BOTH,
    ],
  }),
};
