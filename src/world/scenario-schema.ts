// The scenario file `NAME.handshake.json`: its one schema. Types, defaults, error messages, the JSON Schema that editors
// complete from (schemas/handshake.schema.json) and docs/scenarios.md are all derived from it.
// What only makes sense once defaults are known (addresses of a family, an unlisted preset) is added in scenario-parse.ts.

import { z } from 'zod';
import { type Duration, nanoseconds } from '../base/index.ts';
import { viewFor } from '../kernel/index.ts';
import { defaultSysctls, type Sysctls } from '../tcp/index.ts';
import { EXPECTATIONS } from './expectation-schema.ts';
import { PRESET_NAMES } from './preset-names.ts';
import { socketOptionNames } from './socket-options.ts';
import { parseBandwidth, parseDuration } from './units.ts';

const duration = (description: string) =>
  z
    .string({ error: 'a duration is a text with a unit, as in "40ms"' })
    .transform((text, context): Duration => {
      const result = parseDuration(text);
      if (result.kind === 'value') return result.value;
      context.issues.push({ code: 'custom', message: result.why, input: text });
      return nanoseconds(0);
    })
    .meta({ description, examples: ['40ms', '1s', '250us'] });

const bandwidth = (description: string) =>
  z
    .string({ error: 'a bandwidth is a text with a unit, as in "100mbit"' })
    .transform((text, context): number => {
      const result = parseBandwidth(text);
      if (result.kind === 'value') return result.value;
      context.issues.push({ code: 'custom', message: result.why, input: text });
      return 0;
    })
    .meta({ description, examples: ['1gbit', '100mbit'] });

const host = z.enum(['client', 'server']);
const port = (description: string) => z.number().int().min(1).max(65535).meta({ description });
const cgroup = (description: string) =>
  z
    .string()
    .regex(/^\/(?:[^/\s]+(?:\/[^/\s]+)*)?$/, 'a cgroup is a path from the root, such as "/" or "/app/worker"')
    .meta({ description });

const SEGMENT_KINDS = ['SYN', 'SYN-ACK', 'ACK', 'DATA', 'FIN', 'RST', 'ANY'] as const;

const drop = z
  .strictObject({
    from: host.meta({ description: 'The host whose segments are lost.' }),
    segment: z.enum(SEGMENT_KINDS).default('ANY').meta({
      description:
        'Which segments: by SYN, SYN-ACK, FIN and RST flag; DATA carries payload; ACK has neither payload nor any of these flags.',
    }),
    skip: z.number().int().min(0).max(1_000_000).default(0).meta({
      description: 'How many such segments get through before the first loss.',
    }),
    count: z
      .union([z.number().int().min(1).max(1_000_000), z.literal('all')])
      .default(1)
      .meta({ description: 'How many are lost after that; "all" for every one.' }),
  })
  .meta({ description: 'Segments that the network loses.' });

const network = z.strictObject({
  family: z
    .enum(['ipv4', 'ipv6', 'v4-mapped'])
    .default('ipv4')
    .meta({ description: 'Address family; v4-mapped is an IPv4 client that reaches a server listening on "::".' }),
  oneWayDelay: duration('Time that a segment travels from one host to the other.').prefault('10ms'),
  mtu: z.number().int().min(576).max(65536).default(1500).meta({ description: 'Largest IP packet in bytes.' }),
  bandwidth: bandwidth('Bits per second of the link in each direction.').prefault('1gbit'),
  lossRate: z.number().min(0).max(1).default(0).meta({
    description: 'Share of segments lost at random (from the seed), besides those named in "drop".',
  }),
  drop: z.array(drop).default([]).meta({ description: 'Losses at chosen places.' }),
});

/** What the settings that people change mean; the others are named as in Documentation/networking/ip-sysctl.rst. */
const SYSCTL_DOCS: Partial<Readonly<Record<keyof Sysctls, string>>> = {
  tcp_ecn: '0 off, 1 ask for ECN and accept it, 2 accept only (the default).',
  tcp_timestamps: '0 off, 1 on (the default).',
  tcp_sack: '0 off, 1 on (the default).',
  tcp_window_scaling: '0 off, 1 on (the default).',
  tcp_rmem: 'Receive buffer: smallest, default, largest in bytes.',
  tcp_wmem: 'Send buffer: smallest, default, largest in bytes.',
  rmem_max: 'net.core.rmem_max: the cap of SO_RCVBUF.',
  wmem_max: 'net.core.wmem_max: the cap of SO_SNDBUF.',
  tcp_syn_retries: 'Retransmissions of a SYN; default 6.',
  tcp_synack_retries: 'Retransmissions of a SYN-ACK; default 5.',
  tcp_syn_linear_timeouts: 'SYN timeouts before the interval doubles (6.5); default 4.',
  tcp_retries2: 'Retransmissions of data before the connection is given up; default 15.',
  tcp_fastopen: 'Bit 0 client, bit 1 server, bit 2 client without cookie, bit 9 server without cookie; default 1.',
  tcp_syncookies: '0 off, 1 when the backlog overflows (the default), 2 always.',
  tcp_congestion_control: 'Congestion control of new sockets; default cubic.',
  tcp_available_congestion_control: 'Algorithms that are loaded; default reno and cubic.',
};

/** One schema per setting of the TCP model, made from the kind of its default. */
function sysctlSchema(name: keyof Sysctls, sample: Sysctls[keyof Sysctls]) {
  const description = SYSCTL_DOCS[name] ?? `net.ipv4.${name} of the host.`;
  const number = z.number().int().min(0).max(0xffff_ffff);
  const word = z.string().regex(/^[a-z0-9_]{1,15}$/, 'a name has 1 to 15 small letters, digits or underscores');
  if (typeof sample === 'number') return number.optional().meta({ description });
  if (typeof sample === 'string') return word.optional().meta({ description });
  if (typeof sample[0] === 'number') return z.tuple([number, number, number]).optional().meta({ description });
  return z.array(word).min(1).optional().meta({ description });
}

const SYSCTL_DEFAULTS = defaultSysctls(viewFor('6.12'));

/** Kernel settings that the TCP model reads; what is absent has the kernel's default. */
export const SYSCTLS = z.strictObject(
  Object.fromEntries(
    (Object.keys(SYSCTL_DEFAULTS) as (keyof Sysctls)[]).map((name) => [
      name,
      sysctlSchema(name, SYSCTL_DEFAULTS[name]),
    ]),
  ),
);

const OPTION_NAMES = socketOptionNames() as [string, ...string[]];

/** An option that the application itself sets with setsockopt(2). */
const socketOption = z
  .strictObject({
    option: z.enum(OPTION_NAMES).meta({ description: 'Name of the option, such as "TCP_CONGESTION" or "SO_RCVBUF".' }),
    value: z.union([z.number().int(), z.string()]).meta({ description: 'An integer, or the text of a name option.' }),
  })
  .meta({ description: 'An option that the application sets on its socket.' });

const endpoint = (who: 'client' | 'server') => ({
  address: z
    .string()
    .optional()
    .meta({
      description: `IP address of the ${who}; must be of the network's family.`,
      examples: who === 'client' ? ['10.0.0.1', 'fd00::1'] : ['10.0.1.2', 'fd00:1::2'],
    }),
  port: port(`TCP port of the ${who}.`).default(who === 'client' ? 40000 : 443),
  cgroup: cgroup(`Control group in which the ${who} makes its socket.`).default(`/${who}`),
  sysctls: SYSCTLS.default({}).meta({ description: `Kernel settings of the ${who}'s network namespace.` }),
  options: z
    .array(socketOption)
    .default([])
    .meta({
      description: `Options that the application sets before ${who === 'client' ? 'connect()' : 'listen()'}.`,
    }),
});

const client = z.strictObject({
  ...endpoint('client'),
  fastOpen: z.boolean().default(false).meta({
    description: 'Send the first data with the SYN (TCP_FASTOPEN_CONNECT, a cookie is known from before).',
  }),
});

const listen = z.strictObject({
  backlog: z.number().int().min(0).max(65535).default(128).meta({ description: 'Argument of listen().' }),
  deferAccept: duration('TCP_DEFER_ACCEPT: the connection is established by its first data.').optional(),
  fastOpen: z.boolean().default(false).meta({ description: 'Accept data in the SYN (TCP_FASTOPEN).' }),
  saveSyn: z
    .union([z.literal(0), z.literal(1), z.literal(2)])
    .default(0)
    .meta({ description: 'TCP_SAVE_SYN: 1 keeps the IP and TCP header of the SYN, 2 the link header too.' }),
});

const server = z.strictObject({
  ...endpoint('server'),
  listen: listen.prefault({}).meta({ description: 'The listening socket.' }),
});

const program = z.strictObject({
  file: z.string().min(1).meta({
    description: 'C source (*.bpf.c), assembly (*.bpfasm) or compiled object (*.o), relative to this file.',
  }),
  program: z.string().min(1).optional().meta({
    description: 'Name of the program in the file; may be left out when there is one sock_ops program.',
  }),
  cgroup: cgroup('Control group to which the program is attached; "/" when left out.').optional(),
  attach: z.enum(['multi', 'override', 'exclusive']).optional().meta({
    description:
      'Attach flag: multi (BPF_F_ALLOW_MULTI) runs besides others, override (BPF_F_ALLOW_OVERRIDE) gives way to programs of child groups, exclusive (0) forbids them. Default: multi, or override on kernels before 4.15.',
  }),
  preorder: z.boolean().default(false).meta({
    description: 'BPF_F_PREORDER (6.15): run before the programs of child groups.',
  }),
});

const mapEntry = z.strictObject({
  key: z.json().meta({ description: 'Key: a number, text, array or object following the BTF type of the map.' }),
  value: z.json().meta({ description: 'Value, in the same way.' }),
});

/** The moments of a run that a script step can wait for. */
export const MOMENTS = [
  'client.established',
  'server.established',
  'client.received',
  'server.received',
  'client.acknowledged',
  'server.acknowledged',
  'client.peer-closed',
  'server.peer-closed',
  'client.closed',
  'server.closed',
  'client.failed',
] as const;

const when = {
  at: duration('Time of this step, counted from the start.').optional(),
  after: z.enum(MOMENTS).optional().meta({
    description:
      'The moment after which this step happens: "received" and "peer-closed" are about what the application has read, "acknowledged" about the peer having got all that was sent.',
  }),
  delay: duration('Further time to wait after "after" (or after the previous step).').optional(),
};

const simple = <Name extends string>(name: Name, description: string) =>
  z.strictObject({ do: z.literal(name).meta({ description }), ...when });

const sends = <Name extends string>(name: Name) =>
  z.strictObject({
    do: z.literal(name).meta({ description: 'The application writes.' }),
    ...when,
    bytes: z.number().int().min(1).max(64_000_000).default(1000).meta({ description: 'How much is written.' }),
  });

const setsOption = <Name extends string>(name: Name) =>
  z.strictObject({
    do: z.literal(name).meta({ description: 'The application calls setsockopt(2).' }),
    ...when,
    ...socketOption.shape,
  });

const programNumber = z.number().int().min(0).default(0).meta({ description: 'Index into "programs".' });
const mapName = z.string().meta({ description: 'Name of the map.' });

const step = z.discriminatedUnion('do', [
  simple('server.listen', 'The server makes its socket, binds and listens.'),
  simple('client.connect', 'The client makes its socket and connects.'),
  sends('client.send'),
  sends('server.send'),
  simple('client.shutdown', 'shutdown(SHUT_WR): the client sends FIN and still reads.'),
  simple('server.shutdown', 'shutdown(SHUT_WR): the server sends FIN and still reads.'),
  simple('client.close', 'The client closes its socket.'),
  simple('server.close', 'The server closes the accepted socket.'),
  simple('client.reset', 'The client closes with SO_LINGER 0: a reset.'),
  simple('server.reset', 'The server closes the accepted socket with SO_LINGER 0: a reset.'),
  simple('server.stop-listening', 'The server closes its listening socket.'),
  setsOption('client.setsockopt'),
  setsOption('server.setsockopt'),
  z.strictObject({
    do: z.literal('attach').meta({
      description: 'A program is attached; one that has such a step before any "detach" starts out unattached.',
    }),
    ...when,
    program: programNumber,
  }),
  z.strictObject({
    do: z.literal('detach').meta({ description: 'A program is detached.' }),
    ...when,
    program: programNumber,
  }),
  z.strictObject({
    do: z.literal('map.update').meta({ description: 'User space writes a map entry.' }),
    ...when,
    map: mapName,
    ...mapEntry.shape,
  }),
  z.strictObject({
    do: z.literal('map.delete').meta({ description: 'User space deletes a map entry.' }),
    ...when,
    map: mapName,
    key: mapEntry.shape.key,
  }),
]);

export const SCENARIO = z
  .strictObject({
    $schema: z.string().optional().meta({ description: 'Where editors find the schema of this file.' }),
    title: z.string().default('').meta({ description: 'What this scenario shows, in one sentence.' }),
    preset: z.enum(PRESET_NAMES).optional().meta({
      description: 'A ready-made scenario to start from; everything written here takes precedence.',
    }),
    kernel: z
      .string()
      .default('6.12')
      .meta({
        description: 'Kernel version ("6.12") or distribution ("rhel-9") that both hosts run.',
        examples: ['5.10', '6.1', '6.12', '6.18', '7.2'],
      }),
    hz: z
      .union([z.literal(100), z.literal(250), z.literal(300), z.literal(1000)])
      .default(250)
      .meta({ description: 'CONFIG_HZ: what one jiffy of a TIMEOUT_INIT reply means.' }),
    seed: z.number().int().min(0).max(0xffff_ffff).default(1).meta({
      description: 'Start of all random numbers: the same seed gives the same run.',
    }),
    until: duration('The run ends at this time even when something is still going on.').prefault('300s'),
    network: network.prefault({}).meta({ description: 'What lies between the hosts.' }),
    client: client.prefault({}).meta({ description: 'The host that connects.' }),
    server: server.prefault({}).meta({ description: 'The host that listens.' }),
    programs: z.array(program).max(128).default([]).meta({
      description: 'Programs in the order in which they are attached. Programs of one file share its maps.',
    }),
    maps: z.record(z.string(), z.array(mapEntry)).default({}).meta({
      description: 'What user space puts into maps before the first callback, by map name.',
    }),
    script: z.array(step).optional().meta({
      description: 'What the applications do, in order. Left out: connect, a kilobyte each way, close.',
    }),
    expect: EXPECTATIONS.optional().meta({ description: 'What must come out (`sockscope test`).' }),
  })
  .meta({
    title: 'Sockscope handshake scenario',
    description: 'A TCP connection and the sock_ops programs that see it.',
  });

/** A scenario as written, before defaults. */
export type ScenarioInput = z.input<typeof SCENARIO>;
/** A scenario with every default filled in, except what scenario-parse.ts derives from the rest. */
export type ParsedScenario = z.output<typeof SCENARIO>;
export type ScriptStep = z.output<typeof step>;
export type HostSide = z.output<typeof host>;
export type DropRule = z.output<typeof drop>;
export type ProgramSpec = z.output<typeof program>;
export type SocketOptionSpec = z.output<typeof socketOption>;
export type Moment = (typeof MOMENTS)[number];

/** The schema as editors want it (JSON Schema draft 7 with descriptions and defaults). */
export function scenarioJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(SCENARIO, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  return { ...schema, allowComments: true, allowTrailingCommas: true };
}
