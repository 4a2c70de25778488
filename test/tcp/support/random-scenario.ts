// Random scenarios for `npm run fuzz:tcp`: a handshake, some writes and one of many ways to end, with a few twists: settings of the
// hosts, socket options, replies and calls of the program, losses. The same seed gives the same scenario.

import { Random } from '../../../src/base/index.ts';
import type { Action, Scenario, ScenarioProgram, ScenarioRule, Step } from './scenario-file.ts';

type Draft = Omit<{ -readonly [Key in keyof Scenario]: Scenario[Key] }, 'programs' | 'sysctls'> & {
  steps: Step[];
  rules: ScenarioRule[];
  opts: { who: 'client' | 'server' | 'listener'; level: number; opt: number; value: number | string }[];
  sysctls: { client: Record<string, number | string>; server: Record<string, number | string> };
  programs: { client: Program; server: Program };
  autoClose: Record<string, boolean>;
  /** Where in time the next step goes, milliseconds. */
  time: number;
};

interface Program {
  flags?: number;
  actions: Action[];
  reply: Record<string, number>;
  ret0?: number[];
}

/** What the recorder program has room for. */
const MOST_ACTIONS = 12;

type Host = 'client' | 'server';
type Twist = (draft: Draft, random: Random) => void;

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.below(items.length)]!;
const chance = (random: Random, percent: number): boolean => random.below(100) < percent;
const host = (random: Random): Host => pick(random, ['client', 'server']);
const other = (who: Host): Host => (who === 'client' ? 'server' : 'client');
const int32 = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return bytes.toString('hex');
};

/** Milliseconds of a round trip. */
const roundTrip = (draft: Draft): number => (draft.topology === 'path' ? 2 * draft.delay : 1);

function add(draft: Draft, gap: number, step: Omit<Step, 'at'>): void {
  draft.steps.push({ at: draft.time, ...step });
  draft.time += gap;
}

/** The host whose program runs on the side of the server: on loopback there is one program for both. */
const serverProgram = (draft: Draft): Program => draft.programs[draft.topology === 'loopback' ? 'client' : 'server'];

// --- twists

const setting =
  (name: string, ...values: readonly (number | string)[]): Twist =>
  (draft, random) => {
    const value = pick(random, values);
    const where = pick(random, ['client', 'server', 'both']);
    for (const name_ of ['client', 'server'] as const) {
      if (where === name_ || where === 'both') draft.sysctls[name_][name] = value;
    }
  };

const option =
  (level: number, opt: number, ...values: readonly (number | string)[]): Twist =>
  (draft, random) => {
    draft.opts.push({ who: pick(random, ['client', 'listener']), level, opt, value: pick(random, values) });
  };

const reply =
  (op: number, ...values: readonly number[]): Twist =>
  (draft, random) => {
    draft.programs[host(random)].reply[op] = pick(random, values);
  };

const call =
  (ops: readonly number[], level: number, opt: number, ...values: readonly (number | string)[]): Twist =>
  (draft, random) => {
    const value = pick(random, values);
    const val = typeof value === 'number' ? int32(value) : value;
    draft.programs[host(random)].actions.push({ op: pick(random, ops), kind: 0, level, opt, val });
  };

const midway =
  (opt: number, ...values: readonly number[]): Twist =>
  (draft, random) => {
    add(draft, 1, { do: 'opt', who: host(random), level: 6, opt, value: pick(random, values) });
  };

const loss =
  (rule: Omit<ScenarioRule, 'first' | 'count'>, firsts: readonly number[], counts: readonly number[]): Twist =>
  (draft, random) => {
    draft.rules.push({ from: host(random), ...rule, first: pick(random, firsts), count: pick(random, counts) });
    draft.time += rule.kind === 'SYN' || rule.kind === 'SYN-ACK' ? 2300 : 400;
  };

const OPENING_OPS = [3, 2, 1, 6, 4, 5, 11];
const ALL_OPS = [3, 2, 1, 6, 4, 5, 11, 10, 14, 13, 12];
const READABLE: readonly (readonly [number, number, number])[] = [
  ...[2, 7, 8, 9, 12, 15, 18, 36, 47, 62, 74].map((opt) => [1, opt, 4] as const),
  ...[1, 2, 4, 5, 6, 7, 10, 16, 18, 25, 27, 44, 1003, 1004, 1008].map((opt) => [6, opt, 4] as const),
  [6, 13, 16],
  [0, 1, 4],
  [41, 67, 4],
];

function headerOption(random: Random): Buffer {
  const kind = pick(random, [253, 254, 77, 200, 30]);
  const length = Math.max(kind >= 253 ? 4 : 2, pick(random, [2, 3, 4, 5, 8, 12, 16, 20, 28]));
  return Buffer.from([kind, length, ...Array.from({ length: length - 2 }, () => random.below(256))]);
}

const writesHeader: Twist = (draft, random) => {
  const program = draft.programs[host(random)];
  for (let count = 1 + random.below(2); count > 0; count--) {
    const bytes = headerOption(random);
    program.actions.push({ op: 14, kind: 5, level: bytes.length + pick(random, [0, 0, 0, 4, -1]), opt: 0 });
    program.actions.push({ op: 15, kind: 4, val: bytes.toString('hex'), len: bytes.length, opt: 0 });
  }
};

const reads: Twist = (draft, random) => {
  const program = draft.programs[host(random)];
  const op = pick(random, ALL_OPS);
  for (let i = 0; i < 8; i++) {
    const [level, opt, len] = pick(random, READABLE);
    program.actions.push({ op, kind: 1, level, opt, len });
  }
};

const savedSyn: Twist = (draft) => {
  const program = serverProgram(draft);
  program.actions.push({ op: 11, kind: 0, level: 6, opt: 27, val: int32(1) });
  for (const op of [5, 14]) {
    for (const opt of [1005, 1006, 28]) program.actions.push({ op, kind: 1, level: 6, opt, len: 40 });
  }
};

const unread: Twist = (draft, random) => {
  const who = host(random);
  add(draft, 5, { do: 'auto', who, on: false });
  add(draft, 10 * roundTrip(draft) + 300, { do: 'send', who: other(who), bytes: pick(random, [3000, 30000]) });
  add(draft, 3 * roundTrip(draft) + 60, { do: 'recv', who, bytes: pick(random, [1, 1000, 5000]) });
  add(draft, 10 * roundTrip(draft) + 700, { do: 'auto', who });
};

/** Everything that can make a connection unusual. Those of `ON_PATH` need a network between the hosts. */
const ANYWHERE: readonly Twist[] = [
  setting('tcp_timestamps', 0, 2),
  setting('tcp_sack', 0),
  setting('tcp_window_scaling', 0),
  setting('tcp_ecn', 0, 1),
  setting('tcp_rmem', '4096 8192 16384', '4096 300000 4194304', '2304 2304 2304'),
  setting('tcp_wmem', '4096 4608 4608', '4096 87380 4194304'),
  setting('tcp_shrink_window', 1),
  setting('tcp_slow_start_after_idle', 0),
  setting('tcp_app_win', 1, 2, 5),
  setting('tcp_early_retrans', 0),
  setting('tcp_recovery', 0, 2, 4),
  setting('tcp_workaround_signed_windows', 1),
  setting('tcp_pingpong_thresh', 1, 2, 3),
  setting('tcp_rto_min_us', 40000, 300000),
  setting('tcp_dsack', 0),
  setting('tcp_reflect_tos', 1),
  setting('tcp_congestion_control', 'reno'),
  option(6, 1, 1),
  option(6, 3, 1),
  option(6, 2, 88, 536, 1000, 1460, 9000),
  option(1, 8, 0, 2304, 20000, 150000),
  option(1, 7, 0, 5000, 150000),
  option(6, 10, 100, 2000, 30000, 100000),
  option(1, 18, 1000, 50000, 200000),
  option(6, 9, 1, 3),
  option(6, 25, 1, 1000, 16384),
  option(6, 13, '72656e6f00'),
  midway(12, 0, 1),
  midway(1, 0, 1),
  reply(2, 0, -1, 1, 3, 10, 40, 1000),
  reply(1, 0, -5, 1, 25, 1000),
  reply(6, 0, 1, 2, -1),
  (draft, random) => {
    draft.programs[host(random)].ret0 = [pick(random, ALL_OPS), pick(random, ALL_OPS)];
  },
  (draft, random) => {
    for (const who of ['client', 'server'] as const)
      draft.programs[who].flags = pick(random, [0, 1, 2, 4, 8, 16, 32, 64, 0x1ff]);
  },
  call([...ALL_OPS], 6, 1001, 1, 2, 4, 20, 40),
  call([3, 4, 5, 10], 6, 1002, 1, 2, 4, 20),
  call([3, 4, 5], 6, 1004, 8000, 40000),
  call([3, 4, 5], 6, 1003, 8000, 20000),
  call(OPENING_OPS, 1, 7, 1000, 30000, 500000),
  call(OPENING_OPS, 1, 8, 1000, 30000, 500000),
  call(OPENING_OPS, 6, 10, 1000, 30000, 200000),
  call(OPENING_OPS, 6, 2, 88, 600, 1200),
  call(OPENING_OPS, 6, 13, '72656e6f00'),
  call(OPENING_OPS, 6, 1, 1),
  writesHeader,
  reads,
  savedSyn,
];
const ON_PATH: readonly Twist[] = [
  loss({ from: 'client', kind: 'SYN', action: 'drop' }, [0], [1, 2]),
  loss({ from: 'server', kind: 'SYN-ACK', action: 'drop' }, [0], [1]),
  loss({ from: 'client', kind: 'ACK', action: 'drop' }, [0, 1], [1]),
  loss({ kind: 'DATA', action: 'drop' }, [0, 1, 2, 3, 5], [1, 2]),
  loss({ kind: 'FIN', action: 'drop' }, [0], [1]),
  loss({ kind: 'DATA', action: 'duplicate' }, [0, 1, 2], [1]),
  loss({ kind: 'DATA', action: 'delay', by: 30 }, [0, 1, 2], [1]),
  (draft, random) => {
    for (const who of ['client', 'server'] as const) draft.sysctls[who]['tcp_ecn'] = 1;
    loss({ kind: 'DATA', action: 'ce' }, [0, 1], [1, 2])(draft, random);
  },
  (draft, random) => {
    draft.mtu = pick(random, draft.family === '6' ? [1280, 1400] : [576, 600, 1280, 1400]);
  },
];

// --- writes and endings

function writes(draft: Draft, random: Random): void {
  for (let count = random.below(5); count > 0; count--) {
    const who = host(random);
    const bytes = pick(random, [1, 10, 100, 500, 1000, 1448, 1449, 2896, 3000, 5000, 9000, 14480]);
    const gap = 3 * roundTrip(draft) + 20 + pick(random, [0, 0, 60, 250]);
    if (chance(random, 20)) add(draft, 0, { do: 'send', who, bytes: pick(random, [1, 700, 2000]) });
    if (chance(random, 15)) add(draft, 0.5, { do: 'send', who: other(who), bytes: pick(random, [1, 700, 2000]) });
    add(draft, gap, { do: 'send', who, bytes });
  }
  draft.time += 3 * roundTrip(draft) + 60;
}

const ENDINGS: readonly Twist[] = [
  (draft) => {
    draft.autoClose['server'] = true;
    add(draft, 0, { do: 'close', who: 'client' });
  },
  (draft) => {
    draft.autoClose['client'] = true;
    add(draft, 0, { do: 'close', who: 'server' });
  },
  (draft) => {
    add(draft, 0.4, { do: 'close', who: 'client' });
    add(draft, 0, { do: 'close', who: 'server' });
  },
  (draft, random) => {
    const who = host(random);
    const gap = 4 * roundTrip(draft) + 60;
    add(draft, gap, { do: 'shutdown', who, how: pick(random, ['send', 'receive', 'both']) });
    add(draft, gap, { do: 'send', who: other(who), bytes: pick(random, [1, 3000]) });
    add(draft, gap, { do: 'close', who: other(who) });
    add(draft, gap, { do: 'close', who });
  },
  (draft, random) => {
    const who = host(random);
    add(draft, 0, { do: 'linger', who, seconds: 0 });
    add(draft, 4 * roundTrip(draft) + 60, { do: 'close', who });
    add(draft, 0, { do: 'close', who: other(who) });
  },
  (draft, random) => {
    const who = host(random);
    add(draft, 1, { do: 'auto', who, on: false });
    add(draft, 4 * roundTrip(draft) + 60, { do: 'send', who: other(who), bytes: pick(random, [10, 4000]) });
    add(draft, 4 * roundTrip(draft) + 60, { do: 'close', who });
    add(draft, 0, { do: 'close', who: other(who) });
  },
  (draft, random) => {
    draft.autoClose['server'] = true;
    add(draft, 0, { do: 'send', who: 'client', bytes: pick(random, [100, 5000, 14480]) });
    add(draft, 0, { do: 'close', who: 'client' });
  },
  (draft, random) => {
    add(draft, 0, { do: 'opt', who: 'client', level: 6, opt: 8, value: pick(random, [-1, 1, 5]) });
    add(draft, 4 * roundTrip(draft) + 60, { do: 'close', who: 'client' });
    add(draft, 0, { do: 'close', who: 'server' });
  },
  (draft) => {
    add(draft, 4 * roundTrip(draft) + 60, { do: 'disconnect', who: 'client' });
    add(draft, 0, { do: 'close', who: 'server' });
  },
  (draft) => {
    draft.autoClose['server'] = true;
    add(draft, 4 * roundTrip(draft) + 60, { do: 'close', who: 'listener' });
    add(draft, 0, { do: 'close', who: 'client' });
  },
];

/** The scenario of a seed. */
export function randomScenario(seed: number): Scenario {
  const random = new Random(seed);
  const topology = chance(random, 70) ? 'path' : 'loopback';
  const delay = topology === 'path' ? pick(random, [2, 5, 10, 20]) : 0;
  const draft: Draft = {
    title: `seed ${seed}`,
    topology,
    family: pick(random, ['4', '4', '4', '6', 'mapped']),
    delay,
    until: 0,
    rules: [],
    opts: [],
    sysctls: { client: {}, server: {} },
    programs: {
      client: { flags: 127, actions: [], reply: {} },
      server: { flags: 127, actions: [], reply: {} },
    },
    steps: [
      { at: 0, do: 'listen' },
      { at: 0, do: 'auto', who: 'server' },
      { at: 0, do: 'auto', who: 'client' },
      { at: 10, do: 'connect' },
    ],
    autoClose: {},
    time: 10 + 6 * delay + 30,
  };
  const twists = topology === 'path' ? [...ANYWHERE, ...ON_PATH] : ANYWHERE;
  for (let count = 1 + random.below(3); count > 0; count--) pick(random, twists)(draft, random);
  writes(draft, random);
  if (topology === 'loopback' && chance(random, 10)) unread(draft, random);
  pick(random, ENDINGS)(draft, random);
  const { time, ...scenario } = draft;
  for (const program of [draft.programs.client, draft.programs.server]) program.actions.splice(MOST_ACTIONS);
  const programs: Record<string, ScenarioProgram> = { client: draft.programs.client };
  if (topology === 'path') programs['server'] = draft.programs.server;
  // On loopback one machine has the settings of both.
  const sysctls =
    topology === 'loopback' ? { client: { ...draft.sysctls.client, ...draft.sysctls.server } } : draft.sysctls;
  return { ...scenario, programs, sysctls, until: time + 6 * roundTrip(draft) + 300 };
}
