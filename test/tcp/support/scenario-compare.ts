// Compares a recorded scenario with its run on the model: callbacks by side, every segment on the wire, results of system calls.

import {
  comparableModel,
  comparableRecording,
  describeSegments,
  firstDifference,
  type SeenSegment,
} from './compare.ts';
import type { Network } from './model.ts';
import type { RecordedScenario, ScenarioSegment } from './scenario-file.ts';
import { runScenario, type ScenarioSetup } from './scenario-run.ts';

const SERVER_PORT = 5001;
const SIDES = ['client', 'server', 'listener'] as const;

interface Sent extends SeenSegment {
  readonly dropped: boolean;
}

const describe = (segments: readonly Sent[]): string[] =>
  describeSegments(segments).map((text, i) => (segments[i]!.dropped ? `${text}, dropped` : text));

const recordedBy = (wire: readonly ScenarioSegment[], from: string): Sent[] =>
  wire.filter((segment) => segment.from === from).map((segment) => ({ ...segment, payloadLength: segment.payload }));

const modelledBy = (network: Network, from: string): Sent[] =>
  network.segments
    .filter((record) => record.from === from && record.fate !== 'duplicate')
    .map(({ segment, fate }) => ({
      flags: segment.flags,
      seq: segment.seq,
      ack: segment.ack,
      window: segment.window,
      tos: segment.tos,
      payloadLength: segment.payloadLength,
      options: Buffer.from(segment.header.subarray(20)).toString('hex'),
      dropped: fate === 'dropped',
    }));

function firstWireDifference(want: readonly string[], have: readonly string[], from: string): string | undefined {
  for (let i = 0; i < Math.max(want.length, have.length); i++) {
    if (want[i] !== have[i]) return `segment ${i} of the ${from}\n  recorded: ${want[i]}\n  modelled: ${have[i]}`;
  }
  return undefined;
}

/** The first difference of each kind, in words; empty when there is none. */
export function scenarioDifferences(recorded: RecordedScenario, setup: ScenarioSetup): string[] {
  const { scenario } = recorded;
  const made = runScenario(recorded, setup);
  const want = comparableRecording(recorded.events, SERVER_PORT);
  const have = comparableModel(made.calls, SERVER_PORT);
  const differences: (string | undefined)[] = [];
  if (scenario.topology === 'loopback') {
    differences.push(firstDifference(want, have));
  } else {
    for (const side of SIDES) {
      const found = firstDifference(
        want.filter((call) => call.side === side),
        have.filter((call) => call.side === side),
      );
      differences.push(found && `${side}: ${found}`);
    }
    for (const from of ['client', 'server']) {
      const recordedWire = describe(recordedBy(recorded.wire, from));
      differences.push(firstWireDifference(recordedWire, describe(modelledBy(made.network, from)), from));
    }
  }
  const results = JSON.stringify(made.results);
  if (results !== JSON.stringify(recorded.results)) {
    differences.push(`results\n  recorded: ${JSON.stringify(recorded.results)}\n  modelled: ${results}`);
  }
  return differences.filter((text) => text !== undefined);
}

/** As scenarioDifferences(), with as many seeds as the scenario allows: races end as in the recording for one of them. */
export function bestDifferences(recorded: RecordedScenario, setup: Omit<ScenarioSetup, 'seed'>): string[] {
  let first: string[] = [];
  for (let seed = 1; seed <= (recorded.scenario.seeds ?? 1); seed++) {
    const differences = scenarioDifferences(recorded, { ...setup, seed });
    if (differences.length === 0) return [];
    if (seed === 1) first = differences;
  }
  return first;
}
