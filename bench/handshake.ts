// How long a whole handshake takes from object bytes to the finished report in a warm process, and how many connections a sweep
// runs a second. Targets: under 100 ms; 100,000 connections in under 10 s. A ratio to a fixed piece of arithmetic stands beside
// each time, because machines and their load differ.
//
//   node --import tsx bench/handshake.ts [CONNECTIONS]

import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { machineParts } from '../src/host/machine-parts.ts';
import { viewFor } from '../src/kernel/index.ts';
import { readObject } from '../src/object/index.ts';
import {
  createWorld,
  emptyTotals,
  objectOptions,
  parseScenario,
  type Scenario,
  type ScenarioSource,
  sweep,
  type World,
} from '../src/world/index.ts';

const root = path.resolve(import.meta.dirname, '..');
const view = viewFor('6.12');

const milliseconds = (from: bigint): number => Number(process.hrtime.bigint() - from) / 1e6;

/** A fixed piece of work: what a millisecond of this machine is worth now. */
function yardstick(): number {
  const from = process.hrtime.bigint();
  let value = 1;
  for (let round = 0; round < 3_000_000; round++) value = (Math.imul(value, 1664525) + 1013904223) >>> 0;
  return value === 0 ? Number.NaN : milliseconds(from);
}

function scenarioOf(name: string): { readonly scenario: Scenario; readonly source: ScenarioSource } {
  const { value } = parseScenario(readFileSync(path.join(root, `samples/${name}.handshake.json`), 'utf8'), name);
  if (value.scenario === undefined) throw new Error(`the scenario ${name} cannot be read`);
  return { scenario: value.scenario, source: value.source };
}

function load(name: string, recording: 'full' | 'counts'): World {
  const { scenario, source } = scenarioOf(name);
  const bytes = readFileSync(path.join(root, `test/fixtures/samples/${name}.o`));
  const objects = new Map(
    scenario.programs.map(({ file }) => [file, readObject(bytes, objectOptions(scenario, view, file))] as const),
  );
  const { value } = createWorld({ scenario, source, view, objects, recording, parts: machineParts() });
  if (value === undefined) throw new Error(`no world for ${name}`);
  return value;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

console.log(`load average ${loadavg()[0]?.toFixed(1)}`);
for (const name of ['initial_rwnd', 'conn_stats', 'header_option']) {
  const times: number[] = [];
  const sticks: number[] = [];
  for (let round = 0; round < 40; round++) {
    const from = process.hrtime.bigint();
    const world = load(name, 'full');
    world.run();
    JSON.stringify(world.report());
    if (round >= 10) times.push(milliseconds(from));
    sticks.push(yardstick());
  }
  const time = median(times);
  console.log(
    `${name.padEnd(16)} ${time.toFixed(1).padStart(8)} ms load to report   ${(time / median(sticks)).toFixed(2)} yardsticks`,
  );
}

const count = Number(process.argv[2] ?? 4000);
const { scenario, source } = scenarioOf('initial_rwnd');
const world = load('initial_rwnd', 'counts');
const spec = { scenario, source, view, programs: world.programs, files: world.files, vary: [] };
sweep(spec, 0, 500, emptyTotals());
const from = process.hrtime.bigint();
const used = process.cpuUsage();
sweep(spec, 500, count, emptyTotals());
const wall = milliseconds(from);
const cpu = process.cpuUsage(used).user / 1000;
console.log(
  `sweep            ${(wall / count).toFixed(3)} ms a connection (${(cpu / count).toFixed(3)} ms of CPU): 100,000 in ${((wall / count) * 100).toFixed(0)} s`,
);
