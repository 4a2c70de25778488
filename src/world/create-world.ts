// Builds a world from a scenario and the objects that it names: machines, control groups, preloaded maps, hosts and the link
// between them. Everything that can be wrong with the input is found here, before anything runs.

import { hasErrors, type Outcome, type Problem } from '../base/index.ts';
import type { KernelView } from '../kernel/index.ts';
import type { BpfObject } from '../object/index.ts';
import { encodeJson } from './btf-json.ts';
import type { Recording } from './chain.ts';
import { nearest } from './edit-distance.ts';
import type { Json } from './expectation-schema.ts';
import { type LoadedFile, loadPrograms, type MachineParts } from './programs.ts';
import type { Scenario } from './scenario-parse.ts';
import type { ScenarioSource } from './scenario-source.ts';
import { mapNamed, mapsOf, type TypedMap } from './typed-map.ts';
import { World } from './world.ts';

export interface WorldSpec {
  readonly scenario: Scenario;
  readonly source: ScenarioSource;
  readonly view: KernelView;
  /** By file as the scenario writes it. */
  readonly objects: ReadonlyMap<string, BpfObject>;
  /** How to show each file to a person, by file as the scenario writes it. */
  readonly paths?: ReadonlyMap<string, string>;
  /** Memory and compiled code; interpreter over plain memory when absent. */
  readonly parts?: MachineParts;
  /** `full` when absent. */
  readonly recording?: Recording;
}

/** Makes a world that stands before its first event. Undefined when a problem is an error. */
export function createWorld(spec: WorldSpec): Outcome<World | undefined> {
  const { scenario, source, objects, view } = spec;
  const loaded = loadPrograms(scenario, source, objects, view, spec.parts ?? {});
  const problems: Problem[] = [...loaded.problems];
  if (hasErrors(problems)) return { value: undefined, problems };
  const world = new World({
    scenario,
    source,
    view,
    programs: loaded.programs,
    files: loaded.files,
    paths: spec.paths ?? new Map(),
    recording: spec.recording ?? 'full',
  });
  for (const [name, rows] of Object.entries(scenario.maps)) {
    const found = mapNamed(loaded.files, name);
    if (found === undefined) {
      problems.push(noSuchMap(loaded.files, name, source, ['maps', name]));
      continue;
    }
    rows.forEach((row, index) => {
      problems.push(...putEntry(found, row.key, row.value, source, ['maps', name, index]));
    });
  }
  scenario.script.forEach((step, index) => {
    if (step.do !== 'map.update' && step.do !== 'map.delete') return;
    const found = mapNamed(loaded.files, step.map);
    if (found === undefined) problems.push(noSuchMap(loaded.files, step.map, source, ['script', index, 'map']));
    else problems.push(...entryProblems(found, step, source, ['script', index]));
  });
  for (const name of [...Object.keys(scenario.expect?.maps ?? {}), ...Object.keys(scenario.expect?.ringbuf ?? {})]) {
    if (mapNamed(loaded.files, name) !== undefined) continue;
    const member = name in (scenario.expect?.maps ?? {}) ? 'maps' : 'ringbuf';
    problems.push(noSuchMap(loaded.files, name, source, ['expect', member, name]));
  }
  return { value: hasErrors(problems) ? undefined : world, problems };
}

function noSuchMap(
  files: readonly LoadedFile[],
  name: string,
  source: ScenarioSource,
  path: readonly (string | number)[],
): Problem {
  const names = files.flatMap((file) => mapsOf(file).map((map) => map.name));
  const meant = nearest(name, names);
  const known = names.length === 0 ? 'no program of this scenario has maps' : `the maps are ${names.join(', ')}`;
  return {
    code: 'scenario-map',
    severity: 'error',
    message: `there is no map "${name}"`,
    at: path.at(-1) === 'map' ? source.place([...path]) : source.keyPlace([...path]),
    remedy: meant === undefined ? known : `did you mean "${meant}"?`,
  };
}

interface EntryStep {
  readonly do: 'map.update' | 'map.delete';
  readonly key: Json;
  readonly value?: Json;
}

/** Whether key and value of a script step can be encoded. */
function entryProblems(
  typed: TypedMap,
  step: EntryStep,
  source: ScenarioSource,
  path: readonly (string | number)[],
): Problem[] {
  const { definition } = typed.map;
  const key = encodeJson(step.key, typed.keyType, definition.keySize);
  if (key.kind === 'wrong') return [mismatchProblem(key.mismatch, definition.name, 'key', source, path)];
  if (step.do === 'map.delete') return [];
  const value = encodeJson(step.value ?? null, typed.valueType, definition.valueSize);
  return value.kind === 'wrong' ? [mismatchProblem(value.mismatch, definition.name, 'value', source, path)] : [];
}

function mismatchProblem(
  mismatch: { readonly path: readonly (string | number)[]; readonly message: string },
  map: string,
  member: 'key' | 'value',
  source: ScenarioSource,
  path: readonly (string | number)[],
): Problem {
  const [what, ...advice] = mismatch.message.split('; ');
  return {
    code: 'scenario-map-value',
    severity: 'error',
    message: `${member} for map "${map}"${mismatch.path.length === 0 ? '' : ` at ${mismatch.path.join('.')}`}: ${what}`,
    at: source.place([...path, member, ...mismatch.path]),
    remedy: advice.length > 0 ? advice.join('; ') : `write it as the ${member} type of the map asks`,
  };
}

/** Writes an entry as user space would; a refusal is a problem at the entry. */
function putEntry(
  typed: TypedMap,
  keyJson: Json,
  valueJson: Json,
  source: ScenarioSource,
  path: readonly (string | number)[],
): Problem[] {
  const { definition } = typed.map;
  const key = encodeJson(keyJson, typed.keyType, definition.keySize);
  if (key.kind === 'wrong') return [mismatchProblem(key.mismatch, definition.name, 'key', source, path)];
  // Variables of a data section that the scenario does not mention keep what the object gave them.
  const present = definition.dataSection === undefined ? 0 : typed.map.lookup(key.bytes);
  const base = typeof present === 'number' ? undefined : present.values[0];
  const value = encodeJson(valueJson, typed.valueType, definition.valueSize, base);
  if (value.kind === 'wrong') return [mismatchProblem(value.mismatch, definition.name, 'value', source, path)];
  const result = typed.map.update(key.bytes, value.bytes);
  if (result === 0) return [];
  return [
    {
      code: 'scenario-map-value',
      severity: 'error',
      message: `map "${definition.name}" does not take this entry (error ${result})`,
      at: source.place([...path]),
      remedy: 'check the key against max_entries and the kind of map',
    },
  ];
}
