// Many connections through the same programs and maps, each with parameters drawn from ranges: what a policy does to a population
// and not to one handshake. Only counts and times are kept.

import { type Problem, Random } from '../base/index.ts';
import type { KernelView } from '../kernel/index.ts';
import type { LoadedFile, LoadedProgram } from './programs.ts';
import type { Scenario } from './scenario-parse.ts';
import type { ScenarioSource } from './scenario-source.ts';
import { parseBandwidth, parseDuration, type UnitResult } from './units.ts';
import { World } from './world.ts';

/** One parameter and the range from which it is drawn, uniformly. */
export interface Variation {
  readonly parameter: ParameterName;
  readonly from: number;
  readonly to: number;
}

interface Parameter {
  readonly doc: string;
  read(text: string): UnitResult<number>;
  readonly whole: 'whole' | 'fraction';
  apply(scenario: Scenario, value: number): Scenario;
}

const whole =
  (least: number, most: number) =>
  (text: string): UnitResult<number> => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return { kind: 'value', value };
    return { kind: 'wrong', why: `"${text}" is not a whole number from ${least} to ${most}` };
  };

const network = (scenario: Scenario, change: Partial<Scenario['network']>): Scenario => ({
  ...scenario,
  network: { ...scenario.network, ...change },
});

/** What can be varied. */
export const SWEEP_PARAMETERS = {
  delay: {
    doc: 'one-way delay, as in delay=1ms..200ms',
    read: parseDuration,
    whole: 'whole',
    apply: (scenario, value) => network(scenario, { oneWayDelay: value as Scenario['network']['oneWayDelay'] }),
  },
  loss: {
    doc: 'share of segments lost, as in loss=0..0.02',
    read: (text) => {
      const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
      return value >= 0 && value <= 1
        ? { kind: 'value', value }
        : { kind: 'wrong', why: `"${text}" is not a number from 0 to 1` };
    },
    whole: 'fraction',
    apply: (scenario, value) => network(scenario, { lossRate: value }),
  },
  mtu: {
    doc: 'largest IP packet, as in mtu=576..1500',
    read: whole(576, 65536),
    whole: 'whole',
    apply: (scenario, value) => network(scenario, { mtu: value }),
  },
  bandwidth: {
    doc: 'link rate, as in bandwidth=1mbit..1gbit',
    read: parseBandwidth,
    whole: 'whole',
    apply: (scenario, value) => network(scenario, { bandwidth: value }),
  },
  port: {
    doc: "the server's port, as in port=80..90",
    read: whole(1, 65535),
    whole: 'whole',
    apply: (scenario, value) => ({ ...scenario, server: { ...scenario.server, port: value } }),
  },
  bytes: {
    doc: 'size of what the client sends, as in bytes=100..100000',
    read: whole(1, 64_000_000),
    whole: 'whole',
    apply: (scenario, value) => ({
      ...scenario,
      script: scenario.script.map((step) => (step.do === 'client.send' ? { ...step, bytes: value } : step)),
    }),
  },
  address: {
    doc: "last byte of the client's IPv4 address, as in address=1..254",
    read: whole(1, 254),
    whole: 'whole',
    apply: (scenario, value) => ({
      ...scenario,
      client: { ...scenario.client, address: scenario.client.address.replace(/\d+$/, String(value)) },
    }),
  },
} as const satisfies Record<string, Parameter>;

export type ParameterName = keyof typeof SWEEP_PARAMETERS;

/** Reads "delay=1ms..200ms" or "mtu=1500". */
export function parseVariation(text: string): Variation | Problem {
  const wrong = (message: string, remedy: string): Problem => ({
    code: 'sweep-range',
    severity: 'error',
    message,
    remedy,
  });
  const match = /^([a-z]+)=(.+?)(?:\.\.(.+))?$/.exec(text);
  const known = Object.keys(SWEEP_PARAMETERS).join(', ');
  if (match === null) return wrong(`"${text}" is not a range`, 'write it as in delay=1ms..200ms');
  const [, name, low, high] = match as unknown as [string, string, string, string | undefined];
  if (!Object.hasOwn(SWEEP_PARAMETERS, name)) return wrong(`"${name}" cannot be varied`, `the parameters are ${known}`);
  const parameter: Parameter = SWEEP_PARAMETERS[name as ParameterName];
  const from = parameter.read(low);
  const to = parameter.read(high ?? low);
  if (from.kind === 'wrong') return wrong(from.why, parameter.doc);
  if (to.kind === 'wrong') return wrong(to.why, parameter.doc);
  if (to.value < from.value)
    return wrong(`"${text}": the range ends before it begins`, 'write the smaller value first');
  return { parameter: name as ParameterName, from: from.value, to: to.value };
}

export const isVariation = (value: Variation | Problem): value is Variation => 'parameter' in value;

export interface SweepSpec {
  readonly scenario: Scenario;
  readonly source: ScenarioSource;
  readonly view: KernelView;
  readonly programs: readonly LoadedProgram[];
  readonly files: readonly LoadedFile[];
  readonly vary: readonly Variation[];
}

/** What is known of many connections; mergeable, so that several workers can share the work. */
export interface SweepTotals {
  connections: number;
  /** Connections that never reached ESTABLISHED on both sides. */
  failed: number;
  faults: number;
  /** Callbacks by op name. */
  ops: Record<string, number>;
  /** Replies that counted, by "OP reply". */
  replies: Record<string, number>;
  /** Nanoseconds from connect to established at the client, one per connection that got there. */
  handshake: number[];
  /** Nanoseconds of the whole connection. */
  duration: number[];
  retransmissions: number[];
  segments: number[];
}

export const emptyTotals = (): SweepTotals => ({
  connections: 0,
  failed: 0,
  faults: 0,
  ops: {},
  replies: {},
  handshake: [],
  duration: [],
  retransmissions: [],
  segments: [],
});

/** What the callbacks of a sweep are counted by. */
interface CallbackCounts {
  readonly ops: Map<string, number>;
  readonly replies: Map<string, number>;
  /** Ops whose reply means something. */
  readonly answered: ReadonlySet<number>;
}

/** Runs connections number `first` to `first + count - 1`: each is the same whoever runs it. */
export function sweep(spec: SweepSpec, first: number, count: number, totals: SweepTotals): void {
  const counts: CallbackCounts = {
    ops: new Map(),
    replies: new Map(),
    answered: new Set(spec.view.ops.filter((row) => row.reply.kind === 'value').map((row) => row.number)),
  };
  for (let number = first; number < first + count; number++) runConnection(spec, number, totals, counts);
  for (const [name, value] of counts.ops) totals.ops[name] = (totals.ops[name] ?? 0) + value;
  for (const [name, value] of counts.replies) totals.replies[name] = (totals.replies[name] ?? 0) + value;
}

/** Runs one connection and counts what happened in it. */
function runConnection(spec: SweepSpec, number: number, totals: SweepTotals, counts: CallbackCounts): void {
  const world = new World({
    ...spec,
    scenario: varied(spec.scenario, spec.vary, number),
    paths: NO_PATHS,
    recording: 'counts',
  });
  world.run({ maxEvents: 100_000 });
  totals.connections++;
  for (const callback of world.callbacks) {
    increment(counts.ops, callback.opName);
    if (counts.answered.has(callback.op))
      increment(counts.replies, `${callback.opName} ${callback.ok ? callback.reply : 'dropped'}`);
    for (const run of callback.runs) if (run.fault !== undefined) totals.faults++;
  }
  const { establishedAt, endedAt, retransmissions, segmentCount } = world.brief();
  if (establishedAt === undefined) totals.failed++;
  else totals.handshake.push(establishedAt);
  totals.duration.push(endedAt);
  totals.retransmissions.push(retransmissions);
  totals.segments.push(segmentCount);
}

const NO_PATHS: ReadonlyMap<string, string> = new Map();

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** The scenario of one connection: its own seed, its own draw from every range, its own client port. */
function varied(scenario: Scenario, vary: readonly Variation[], number: number): Scenario {
  const random = new Random(scenario.seed * 0x9e3779b1 + number);
  let own: Scenario = {
    ...scenario,
    seed: random.u32(),
    client: { ...scenario.client, port: 1024 + ((scenario.client.port - 1024 + number) % 64_512) },
  };
  for (const { parameter, from, to } of vary) {
    const row: Parameter = SWEEP_PARAMETERS[parameter];
    const drawn = from + random.unit() * (to - from + (row.whole === 'whole' ? 1 : 0));
    own = row.apply(own, row.whole === 'whole' ? Math.min(to, Math.floor(drawn)) : drawn);
  }
  return own;
}

/** Adds what another worker counted. */
export function mergeTotals(into: SweepTotals, from: SweepTotals): void {
  into.connections += from.connections;
  into.failed += from.failed;
  into.faults += from.faults;
  for (const member of ['ops', 'replies'] as const) {
    for (const [name, value] of Object.entries(from[member])) into[member][name] = (into[member][name] ?? 0) + value;
  }
  for (const member of ['handshake', 'duration', 'retransmissions', 'segments'] as const) {
    // Not push(...list): a long list would overflow the stack.
    for (const value of from[member]) into[member].push(value);
  }
}

/** Smallest, median, 95th percentile and largest of a list; undefined for an empty one. */
export function distribution(values: readonly number[]) {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? sorted[0]!;
  return { min: sorted[0]!, median: at(0.5), p95: at(0.95), max: sorted[sorted.length - 1]! };
}
