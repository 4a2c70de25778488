// `sockscope test`: scenarios with expectations, as tests.

import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { hasErrors, type Problem } from '../base/index.ts';
import { isScenarioFile, loadRun, machineParts, type RunSpec, readFailure, writeWhole } from '../host/index.ts';
import { checkExpectations, createWorld, type ExpectationFailure, type World } from '../world/index.ts';
import { Coverage } from './coverage.ts';
import { type ExitCode, err, out, reportProblems, styleFor } from './output.ts';
import { junitText, plainText, type TestResult, testJson } from './test-report.ts';

export interface TestOptions {
  readonly format: 'text' | 'junit' | 'json';
  readonly coverage?: 'lcov';
  readonly coverageFile: string;
  readonly kernel?: string;
  readonly btf?: string;
  readonly shard?: { readonly index: number; readonly count: number };
}

const SCENARIO_ENDING = '.handshake.json';
const SKIPPED_FOLDERS = new Set(['node_modules', '.git', 'dist']);

/** Scenario files at the paths, sorted; a path that does not exist is a problem. */
function scenariosAt(paths: readonly string[]): { readonly files: string[]; readonly problems: Problem[] } {
  const files = new Set<string>();
  const problems: Problem[] = [];
  for (const given of paths) {
    try {
      if (statSync(given).isDirectory()) for (const file of scenariosIn(given)) files.add(file);
      else if (isScenarioFile(given)) files.add(path.normalize(given));
      else {
        problems.push({
          code: 'not-a-scenario',
          severity: 'error',
          message: 'this is no scenario file',
          at: { file: given },
          remedy: 'scenarios are named *.handshake.json; `sockscope run` runs a program',
        });
      }
    } catch (error) {
      problems.push(readFailure(given, error));
    }
  }
  return { files: [...files].sort(), problems };
}

function scenariosIn(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name)) found.push(...scenariosIn(full));
    } else if (entry.name.endsWith(SCENARIO_ENDING)) found.push(full);
  }
  return found;
}

/** Exit code 0: all passed. 1: one failed. 2: a scenario could not be used, or there was none. */
export async function testCommand(paths: readonly string[], options: TestOptions): Promise<ExitCode> {
  const { files, problems } = scenariosAt(paths.length === 0 ? ['.'] : paths);
  if (problems.length > 0) {
    reportProblems(problems);
    return 2;
  }
  if (files.length === 0) {
    err(`sockscope: no *${SCENARIO_ENDING} in ${paths.length === 0 ? 'this folder' : paths.join(', ')}\n`);
    return 2;
  }
  const { shard } = options;
  const mine = shard === undefined ? files : files.filter((_, at) => at % shard.count === shard.index - 1);
  const coverage = options.coverage === undefined ? undefined : new Coverage();
  const results: TestResult[] = [];
  const style = styleFor(process.stdout);
  for (const file of mine) {
    const result = await runTest(file, options, coverage);
    results.push(result);
    if (options.format === 'text') out(plainText(result, style));
  }
  if (options.format === 'junit') out(junitText(results));
  else if (options.format === 'json') out(`${JSON.stringify(testJson(results), null, 1)}\n`);
  else out(summary(results));
  if (coverage !== undefined) {
    const failed = writeWhole(options.coverageFile, coverage.lcov());
    if (failed !== undefined) {
      reportProblems([failed]);
      return 2;
    }
  }
  if (results.some((result) => result.kind === 'unusable')) return 2;
  return results.every((result) => result.kind === 'passed') ? 0 : 1;
}

function summary(results: readonly TestResult[]): string {
  const count = (kind: TestResult['kind']) => results.filter((result) => result.kind === kind).length;
  const unusable = count('unusable');
  return `${count('passed')} passed, ${count('failed')} failed${unusable === 0 ? '' : `, ${unusable} could not be run`}\n`;
}

async function runTest(file: string, options: TestOptions, coverage: Coverage | undefined): Promise<TestResult> {
  const started = process.hrtime.bigint();
  const took = () => Number(process.hrtime.bigint() - started) / 1e6;
  const loaded = await loadRun({
    file,
    ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
    ...(options.btf === undefined ? {} : { kernelBtf: options.btf }),
  });
  if (loaded.value === undefined) return unusable(file, '', loaded.problems, took());
  const { title } = loaded.value.scenario;
  const made = createWorld({ ...loaded.value, parts: machineParts() });
  if (made.value === undefined) return unusable(file, title, made.problems, took());
  const failures = runWorld(made.value, loaded.value, coverage);
  return { kind: failures.length === 0 ? 'passed' : 'failed', file, title, durationMs: took(), failures };
}

function runWorld(world: World, spec: RunSpec, coverage: Coverage | undefined): readonly ExpectationFailure[] {
  const end = world.run(coverage === undefined ? {} : { monitor: coverage.monitor() });
  if (coverage !== undefined) coverage.take(world);
  const failures = [...checkExpectations(spec.scenario.expect, world.outcomes(), spec.source)];
  if (end.kind === 'event-limit') {
    failures.push({
      message: 'the run did not end',
      expected: 'an end',
      actual: `${end.events} events`,
      at: spec.source.place([]),
    });
  }
  return failures;
}

function unusable(file: string, title: string, problems: readonly Problem[], durationMs: number): TestResult {
  const errors = problems.filter((problem) => problem.severity === 'error');
  return { kind: 'unusable', file, title, durationMs, problems: hasErrors(problems) ? errors : problems };
}
