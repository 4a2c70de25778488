// `sockscope verify`: the verdict on the programs of a file with a log as the kernel prints it; and, with --batch, verdicts on
// instructions given as JSON lines, for other tools. The lines are documented in docs/cli.md.

import { createInterface } from 'node:readline';
import { hasErrors, type Problem } from '../base/index.ts';
import { kernelBtfFor, loadObject, mapProblems } from '../host/index.ts';
import { type KernelView, parseTarget, viewFor } from '../kernel/index.ts';
import { explain, explainedProblem, inputOf, type Verdict, verify } from '../verifier/index.ts';
import { DEFAULT_HZ, objectOptions } from '../world/index.ts';
import { batchAnswer } from './batch.ts';
import { withNearPaths } from './near-paths.ts';
import { type ExitCode, out, problemText, reportProblems, styleFor } from './output.ts';
import { exitCodeOf } from './run.ts';

export interface VerifyOptions {
  readonly kernel?: string;
  readonly btf?: string;
  readonly program?: string;
  readonly log?: '1' | '2';
  readonly batch?: true;
}

const DEFAULT_KERNEL = '6.12';

/** Exit code 1 when a program is refused or cannot be built, 2 for wrong use or wrong input. */
export async function verifyCommand(file: string | undefined, options: VerifyOptions): Promise<ExitCode> {
  const target = parseTarget(options.kernel ?? DEFAULT_KERNEL);
  if (target.value === undefined) return refuse(target.problems);
  const view = viewFor(target.value);
  if (options.batch === true) return batch(view);
  if (file === undefined)
    return refuse([wrongUse('verify needs a file', 'name a program file, or give --batch and JSON lines')]);
  const types = kernelBtfFor(options.btf, view.target.name);
  if (hasErrors(types.problems)) return refuse(types.problems);
  const loaded = await loadObject(file, objectOptions({ hz: DEFAULT_HZ }, view, file, types.value));
  reportProblems(loaded.problems);
  if (loaded.value === undefined) return exitCodeOf(loaded.problems);
  const object = loaded.value;
  const programs = object.programs.filter(
    (program) => program.isSockOps && (options.program === undefined || program.name === options.program),
  );
  if (programs.length === 0) {
    const names = object.programs.filter((program) => program.isSockOps).map((program) => program.name);
    const remedy = names.length === 0 ? 'put it in section "sockops"' : `choose one of ${names.join(', ')}`;
    const what = options.program === undefined ? 'sock_ops program' : `sock_ops program "${options.program}"`;
    return refuse([wrongUse(`there is no ${what} in ${file}`, remedy)]);
  }
  reportProblems(mapProblems(object, [view]));
  const logLevel = options.log === undefined ? 0 : options.log === '1' ? 1 : 2;
  let worst: ExitCode = 0;
  for (const program of programs) {
    const input = inputOf(program, object);
    const verdict = verify(input, view, { logLevel });
    if (verdict.log !== '') out(verdict.log);
    const style = styleFor(process.stdout);
    for (const doubt of verdict.uncertain)
      out(`${style.heading(program.name)}: ${style.warning('unsure')}: ${doubt}\n`);
    const explanation = explain(verdict, input, view);
    if (explanation === undefined) {
      out(`${style.heading(program.name)}: ${style.effect(`${view.target.title} loads this`)} (${costs(verdict)})\n`);
      continue;
    }
    worst = 1;
    out(`${style.heading(program.name)}: ${style.warning(`${view.target.title} refuses this`)} (${costs(verdict)})\n`);
    out(`${problemText(withNearPaths(explainedProblem(explanation, view)), style)}\n`);
  }
  return worst;
}

function costs({ stats }: Verdict): string {
  const stack = stats.stackDepths.filter((bytes) => bytes > 0);
  return `${stats.processedInsns} instructions processed, stack ${stack.length === 0 ? '0' : stack.join(' + ')} bytes`;
}

const wrongUse = (message: string, remedy: string): Problem => ({ code: 'usage', severity: 'error', message, remedy });

function refuse(problems: readonly Problem[]): ExitCode {
  reportProblems(problems);
  return hasErrors(problems) ? 2 : 0;
}

/** Answers each line as soon as it is there, so that another process can ask one by one. */
async function batch(view: KernelView): Promise<ExitCode> {
  let worst: ExitCode = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const answer = batchAnswer(line, view);
    if ('error' in answer) worst = 2;
    out(`${JSON.stringify(answer)}\n`);
  }
  return worst;
}
