// Runs scenarios on the committed objects, so that no test of the world needs a compiler.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { hasErrors, type Problem } from '../../src/base/index.ts';
import { type KernelView, viewFor } from '../../src/kernel/index.ts';
import { type BpfObject, type Program, readObject } from '../../src/object/index.ts';
import {
  checkExpectations,
  createWorld,
  objectOptions,
  parseScenario,
  type Scenario,
  type ScenarioInput,
  type ScenarioSource,
  scenarioFromValue,
  type World,
} from '../../src/world/index.ts';

const fixtures = path.resolve(import.meta.dirname, '../fixtures');

export interface Prepared {
  readonly scenario: Scenario;
  readonly source: ScenarioSource;
  readonly view: KernelView;
  readonly objects: ReadonlyMap<string, BpfObject>;
}

/** What a program is replaced with to take away its effect: `return 1`. */
const RETURN_ONE = Uint8Array.from([0xb7, 0, 0, 0, 1, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]);

export const withoutEffect = (object: BpfObject): BpfObject => ({
  ...object,
  programs: object.programs.map(
    (program): Program => ({
      ...program,
      bytes: RETURN_ONE,
      subprograms: program.subprograms.slice(0, 1).map((sub) => ({ ...sub, startSlot: 0, endSlot: 2 })),
      lines: [],
      mapReferences: [],
    }),
  ),
});

function prepare(
  scenario: Scenario,
  source: ScenarioSource,
  folder: string,
  change: (object: BpfObject) => BpfObject,
): Prepared {
  const view = viewFor(scenario.kernel);
  const objects = new Map<string, BpfObject>();
  for (const { file } of scenario.programs) {
    const name = path.basename(file).replace(/\.bpf\.c$/, '.o');
    const bytes = readFileSync(path.join(fixtures, folder, name));
    const object = readObject(bytes, objectOptions(scenario, view, file));
    if (hasErrors(object.problems)) throw new Error(describeProblems(object.problems));
    objects.set(file, change(object));
  }
  return { scenario, source, view, objects };
}

const describeProblems = (problems: readonly Problem[]): string =>
  problems.map((problem) => `${problem.at?.file ?? ''}: ${problem.message}`).join('\n');

/** A scenario file with the committed objects of its programs. */
export function fromFile(file: string, folder: string, change = (object: BpfObject) => object): Prepared {
  const { value, problems } = parseScenario(readFileSync(file, 'utf8'), file);
  if (value.scenario === undefined) throw new Error(describeProblems(problems));
  return prepare(value.scenario, value.source, folder, change);
}

/** A scenario written in a test. */
export function fromValue(input: ScenarioInput, folder: string, change = (object: BpfObject) => object): Prepared {
  const { value, problems } = scenarioFromValue(input);
  if (value.scenario === undefined) throw new Error(describeProblems(problems));
  return prepare(value.scenario, value.source, folder, change);
}

/** A world before its first event. */
export function worldOf(prepared: Prepared, recording: 'full' | 'counts' = 'full'): World {
  const { value, problems } = createWorld({ ...prepared, recording });
  if (value === undefined) throw new Error(describeProblems(problems));
  return value;
}

/** Runs to the end and says in one line each what was not as expected. */
export function failuresOf(prepared: Prepared): { readonly world: World; readonly failures: string[] } {
  const world = worldOf(prepared);
  world.run();
  const failures = checkExpectations(prepared.scenario.expect, world.outcomes(), prepared.source).map(
    ({ message, expected, actual, at }) =>
      `${at.range === undefined ? '' : `${at.range.start.line0 + 1}: `}${message}: expected ${expected}; actual ${actual}`,
  );
  return { world, failures };
}
