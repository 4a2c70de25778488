// `sockscope run`: one connection, callback by callback.

import { hasErrors, type Problem } from '../base/index.ts';
import { loadRun, machineParts, verifyForRun, writeWhole } from '../host/index.ts';
import { createWorld, standaloneSvg } from '../world/index.ts';
import { type ExitCode, out, reportProblems, styleFor } from './output.ts';
import { runText } from './run-text.ts';

export interface RunOptions {
  readonly scenario?: string;
  readonly program?: string;
  readonly kernel?: string;
  readonly btf?: string;
  readonly seed?: number;
  readonly format: 'text' | 'json';
  readonly svg?: string;
  readonly axis: 'compact' | 'time';
  readonly all?: true;
  readonly skipVerifier?: true;
}

/** Exit code 1 when a program faulted, could not be attached or could not be loaded; 2 when the input is wrong. */
export async function runCommand(file: string, options: RunOptions): Promise<ExitCode> {
  const loaded = await loadRun({ file, ...options, ...(options.btf === undefined ? {} : { kernelBtf: options.btf }) });
  if (loaded.value === undefined) {
    reportProblems(loaded.problems);
    return exitCodeOf(loaded.problems);
  }
  const made = createWorld({ ...loaded.value, parts: machineParts() });
  reportProblems([...loaded.problems, ...made.problems]);
  if (made.value === undefined || hasErrors(made.problems)) return exitCodeOf(made.problems);
  const world = made.value;
  // What a kernel would not load cannot run there: said before anybody believes the rest.
  const refused = options.skipVerifier === true ? [] : verifyForRun(loaded.value).problems;
  reportProblems(refused.map((problem) => ({ ...problem, remedy: checkAdvice(problem) })));
  const end = world.run();
  const fold = options.all === true ? 'single' : 'folded';
  if (options.svg !== undefined) {
    const failed = writeWhole(options.svg, standaloneSvg(world.ladder(fold), { axis: options.axis }));
    if (failed !== undefined) {
      reportProblems([failed]);
      return 2;
    }
  }
  if (options.format === 'json') out(`${JSON.stringify(world.report(), null, 1)}\n`);
  else out(`${runText(world, styleFor(process.stdout), fold).join('\n')}\n`);
  if (end.kind === 'event-limit') {
    reportProblems([
      {
        code: 'run-too-long',
        severity: 'error',
        message: `stopped after ${end.events} events without an end`,
        remedy: 'shorten the script or set "until"',
      },
    ]);
    return 1;
  }
  return refused.length > 0 || world.faults.length > 0 || world.attachErrors.length > 0 ? 1 : 0;
}

/** The run goes on all the same, so that one sees what the program would do. */
const checkAdvice = (problem: Problem): string =>
  `${(problem.remedy ?? '').split(';')[0]}; what follows is what it would do if it were loaded`;

/** A program that does not compile or load is the program's failure (1); anything else wrong with the input is wrong use (2). */
export function exitCodeOf(problems: readonly Problem[]): ExitCode {
  const first = problems.find((problem) => problem.severity === 'error');
  return first !== undefined && /^(?:compile-error|compiler-error|asm-|c-|map-)/.test(first.code) ? 1 : 2;
}
