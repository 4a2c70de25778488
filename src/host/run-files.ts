// From what a user names (a program, a scenario, a preset) to a scenario with its objects read: the one way in which `run`,
// `test`, `sweep` and the debuggers load what they run.

import path from 'node:path';
import { hasErrors, type Outcome, type Problem } from '../base/index.ts';
import { type KernelView, parseTarget, viewFor } from '../kernel/index.ts';
import type { BpfObject } from '../object/index.ts';
import {
  expectationProblems,
  nearest,
  objectOptions,
  PRESET_NAMES,
  parseScenario,
  type Scenario,
  type ScenarioInput,
  type ScenarioSource,
  scenarioFromValue,
} from '../world/index.ts';
import { readFileText } from './files.ts';
import { type KernelBtfChoice, kernelBtfFor } from './kernel-btf.ts';
import { type CompilerChoice, loadObject } from './load-object.ts';

export interface RunRequest {
  /** A program (C, assembly, object) or a scenario (*.json). */
  readonly file: string;
  /** Name of a preset or path of a scenario, for a program. */
  readonly scenario?: string;
  /** Name of the program in the file. */
  readonly program?: string;
  readonly kernel?: string;
  readonly seed?: number;
  /** A scenario given as a value (an editor's launch configuration) in place of `scenario`. */
  readonly scenarioValue?: ScenarioInput;
  readonly compiler?: CompilerChoice;
  /** Types of the kernel that runs, by path. */
  readonly kernelBtf?: KernelBtfChoice;
}

/** Everything that createWorld() needs. */
export interface RunSpec {
  readonly scenario: Scenario;
  readonly source: ScenarioSource;
  readonly view: KernelView;
  /** By file as the scenario names it. */
  readonly objects: ReadonlyMap<string, BpfObject>;
  /** Path of each program file as the user can open it, by file as the scenario names it. */
  readonly paths: ReadonlyMap<string, string>;
}

/** Whether a name is a scenario file and not a program. */
export const isScenarioFile = (file: string): boolean => /\.jsonc?$/i.test(file);

/** Loads a scenario and every object that it names. */
export async function loadRun(request: RunRequest): Promise<Outcome<RunSpec | undefined>> {
  const problems: Problem[] = [];
  const loaded = scenarioOf(request);
  problems.push(...loaded.problems);
  if (loaded.value === undefined) return { value: undefined, problems };
  const { source, directory } = loaded.value;
  const kernel = request.kernel ?? loaded.value.scenario.kernel;
  const target = parseTarget(kernel);
  if (target.value === undefined) {
    const at = request.kernel === undefined ? source.place(['kernel']) : undefined;
    problems.push(...target.problems.map((one) => (at === undefined ? one : { ...one, at })));
    return { value: undefined, problems };
  }
  problems.push(...target.problems);
  const view = viewFor(target.value);
  const scenario: Scenario = {
    ...loaded.value.scenario,
    kernel,
    ...(request.seed === undefined ? {} : { seed: request.seed }),
  };
  problems.push(...expectationProblems(scenario.expect, view, source));
  const types = kernelBtfFor(request.kernelBtf, view.target.name);
  problems.push(...types.problems);
  if (hasErrors(types.problems)) return { value: undefined, problems };
  const objects = new Map<string, BpfObject>();
  const paths = new Map<string, string>();
  for (const [index, spec] of scenario.programs.entries()) {
    if (objects.has(spec.file) || paths.has(spec.file)) continue;
    const file = path.isAbsolute(spec.file) ? spec.file : path.join(directory, spec.file);
    const shown = path.relative(process.cwd(), file).startsWith('..') ? file : path.relative(process.cwd(), file);
    paths.set(spec.file, shown);
    const object = await loadObject(shown, objectOptions(scenario, view, shown, types.value), request.compiler);
    problems.push(...pointedAtScenario(object.problems, shown, source, index, request));
    if (object.value !== undefined) objects.set(spec.file, object.value);
  }
  if (hasErrors(problems)) return { value: undefined, problems };
  return { value: { scenario, source, view, objects, paths }, problems };
}

/** A program file that is missing is the scenario's mistake: the message points at the line that names it. */
function pointedAtScenario(
  problems: readonly Problem[],
  file: string,
  source: ScenarioSource,
  index: number,
  request: RunRequest,
): readonly Problem[] {
  if (!isScenarioFile(request.file)) return problems;
  return problems.map((one) =>
    one.code === 'file-missing'
      ? { ...one, message: `there is no file "${file}"`, at: source.place(['programs', index, 'file']) }
      : one,
  );
}

interface FoundScenario {
  readonly scenario: Scenario;
  readonly source: ScenarioSource;
  /** That program files are relative to. */
  readonly directory: string;
}

function scenarioOf(request: RunRequest): Outcome<FoundScenario | undefined> {
  if (isScenarioFile(request.file)) {
    const found = scenarioFile(request.file);
    if (found.value === undefined || request.program === undefined) return found;
    const programs = found.value.scenario.programs.map((row) => ({ ...row, program: request.program! }));
    return { ...found, value: { ...found.value, scenario: { ...found.value.scenario, programs } } };
  }
  const row = {
    file: path.resolve(request.file),
    ...(request.program === undefined ? {} : { program: request.program }),
  };
  if (request.scenarioValue !== undefined) {
    const { programs = [row], ...rest } = request.scenarioValue;
    const made = scenarioFromValue({ ...rest, programs }, request.file);
    const { scenario, source } = made.value;
    const value = scenario === undefined ? undefined : { scenario, source, directory: process.cwd() };
    return { value, problems: made.problems };
  }
  const wanted = request.scenario;
  if (wanted === undefined || (PRESET_NAMES as readonly string[]).includes(wanted)) {
    const input: ScenarioInput = {
      programs: [row],
      ...(wanted === undefined ? {} : { preset: wanted as (typeof PRESET_NAMES)[number] }),
    };
    const made = scenarioFromValue(input, request.file);
    const { scenario, source } = made.value;
    return {
      value: scenario === undefined ? undefined : { scenario, source, directory: process.cwd() },
      problems: made.problems,
    };
  }
  if (!isScenarioFile(wanted)) {
    const meant = nearest(wanted, PRESET_NAMES);
    const remedy =
      meant === undefined
        ? `the presets are ${PRESET_NAMES.join(', ')}; a file ends in .json`
        : `did you mean "${meant}"?`;
    return {
      value: undefined,
      problems: [{ code: 'unknown-preset', severity: 'error', message: `there is no preset "${wanted}"`, remedy }],
    };
  }
  const found = scenarioFile(wanted);
  if (found.value === undefined) return found;
  // The program named on the command line takes the place of the file's first one: same group, same attach mode.
  const { scenario } = found.value;
  const [first] = scenario.programs;
  const { program: _, ...place } = first ?? { cgroup: '/', preorder: false };
  const programs = [{ ...place, ...row }, ...scenario.programs.slice(1)];
  return { ...found, value: { ...found.value, scenario: { ...scenario, programs } } };
}

function scenarioFile(file: string): Outcome<FoundScenario | undefined> {
  const text = readFileText(file);
  if (text.value === undefined) return { value: undefined, problems: text.problems };
  const { value, problems } = parseScenario(text.value, file);
  if (value.scenario === undefined) return { value: undefined, problems };
  return { value: { scenario: value.scenario, source: value.source, directory: path.dirname(file) }, problems };
}
