// The launch request: its arguments checked, the program loaded and verified, a debugger over the run. Everything that can be wrong
// with the user's input comes back in words.

import path from 'node:path';
import { z } from 'zod';
import { hasErrors, type Problem } from '../base/index.ts';
import { CodeAddresses, type DebuggedProgram, Debugger, type SourceLocation } from '../debugger/index.ts';
import { loadRun, machineParts, type RunSpec, verifyForRun } from '../host/index.ts';
import { createWorld, type ScenarioInput } from '../world/index.ts';
import { Paths } from './paths.ts';
import { beginSlice } from './slices.ts';

const LAUNCH = z.object({
  program: z.string().optional(),
  programName: z.string().optional(),
  scenario: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  kernel: z.string().optional(),
  stopOnEntry: z.boolean().default(false),
  stopOnCallbacks: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  clangPath: z.string().optional(),
  skipVerifier: z.boolean().default(false),
  trace: z.boolean().default(false),
  noDebug: z.boolean().optional(),
});

export type LaunchArguments = z.infer<typeof LAUNCH>;

export interface LaunchedRun {
  readonly debugger: Debugger;
  readonly addresses: CodeAddresses;
  readonly paths: Paths;
  readonly stopOnEntry: boolean;
  /** Exception filters of the ops to stop at. */
  readonly stopOnCallbacks: readonly string[];
  /** Lines for the console: warnings on the way. */
  readonly remarks: readonly string[];
  /** What the verifier knew before an instruction; '' where it knew nothing. */
  verifierState(program: DebuggedProgram | undefined, slot: number | undefined): string;
}

export interface LaunchPort {
  readonly signal: AbortSignal;
  readonly log: (text: string, at: SourceLocation | undefined) => void;
  readonly branched: () => void;
}

export type LaunchResult =
  | { readonly kind: 'launched'; readonly run: LaunchedRun }
  | { readonly kind: 'failed'; readonly message: string; readonly details: readonly string[] };

/** Checks the arguments; names the first field that is wrong. */
export function parseLaunchArguments(
  args: unknown,
): { readonly kind: 'right'; readonly value: LaunchArguments } | { readonly kind: 'wrong'; readonly message: string } {
  const parsed = LAUNCH.safeParse(args);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      kind: 'wrong',
      message: `launch configuration: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is wrong'}`,
    };
  }
  if (parsed.data.program === undefined && parsed.data.scenario === undefined) {
    return {
      kind: 'wrong',
      message: 'launch configuration: name a "program" (C, object or assembly) or a "scenario" file',
    };
  }
  return { kind: 'right', value: parsed.data };
}

/** Loads, compiles, verifies. The run has not begun when this resolves. */
export async function launch(args: LaunchArguments, port: LaunchPort): Promise<LaunchResult> {
  const loaded = await loadRun({
    ...(typeof args.scenario === 'object' ? { scenarioValue: args.scenario as ScenarioInput } : {}),
    ...(args.program === undefined
      ? { file: String(args.scenario) }
      : { file: args.program, ...(typeof args.scenario === 'string' ? { scenario: args.scenario } : {}) }),
    ...(args.programName === undefined ? {} : { program: args.programName }),
    ...(args.kernel === undefined ? {} : { kernel: args.kernel }),
    compiler: {
      ...(args.clangPath === undefined || args.clangPath === '' ? {} : { clangPath: args.clangPath }),
      args: args.args,
      signal: port.signal,
    },
  });
  if (port.signal.aborted) return { kind: 'failed', message: 'The launch was cancelled', details: [] };
  if (loaded.value === undefined) return failed(loaded.problems);
  const verdicts = verifyForRun(loaded.value);
  const refused = verdicts.problems.filter((problem) => problem.severity === 'error');
  if (refused.length > 0 && !args.skipVerifier)
    return failed([...refused, ...verdicts.problems.filter((problem) => problem.severity !== 'error')]);
  const made = createWorld({ ...loaded.value, parts: machineParts() });
  if (made.value === undefined || hasErrors(made.problems)) return failed(made.problems);
  const objects = [...loaded.value.objects.values()];
  const target = new Debugger({
    world: made.value,
    objects,
    log: port.log,
    branched: port.branched,
    beginSlice: beginSlice(() => Date.now()),
  });
  const stopOnCallbacks = args.stopOnCallbacks.map(
    (name) => `op:${name.startsWith('BPF_SOCK_OPS_') ? name : `BPF_SOCK_OPS_${name}`}`,
  );
  const unknown = stopOnCallbacks.find((id) => !target.exceptionFilters.some((filter) => filter.id === id));
  if (unknown !== undefined)
    return { kind: 'failed', message: `stopOnCallbacks: no op is called ${unknown.slice(3)}`, details: [] };
  return {
    kind: 'launched',
    run: {
      debugger: target,
      addresses: new CodeAddresses(target.sources.programs),
      paths: new Paths(rootsOf(loaded.value)),
      stopOnEntry: args.stopOnEntry,
      stopOnCallbacks,
      remarks: [...loaded.problems, ...made.problems, ...(args.skipVerifier ? verdicts.problems : [])].map(problemText),
      verifierState: (program, slot) =>
        program === undefined || slot === undefined
          ? ''
          : verdicts.stateAt(program.object.file, program.program.name, slot),
    },
  };
}

function failed(problems: readonly Problem[]): LaunchResult {
  const first = problems.find((problem) => problem.severity === 'error') ?? problems[0];
  return {
    kind: 'failed',
    message: first === undefined ? 'The program cannot be run' : problemText(first),
    details: problems.map(problemText),
  };
}

/** `file:line:column: error: message [code]`, with the remedy and the notes on lines of their own. */
export function problemText(problem: Problem): string {
  const { at } = problem;
  const place =
    at === undefined
      ? ''
      : at.range === undefined
        ? `${at.file}: `
        : `${at.file}:${at.range.start.line0 + 1}:${at.range.start.column0 + 1}: `;
  const notes = (problem.notes ?? []).map((note) => `\n    note: ${note.message}`).join('');
  return `${place}${problem.severity}: ${problem.message} [${problem.code}]${notes}${problem.remedy === undefined ? '' : `\n    ${problem.remedy}`}`;
}

const rootsOf = (spec: RunSpec): readonly string[] => [
  ...new Set([...[...spec.paths.values()].map((file) => path.dirname(path.resolve(file))), process.cwd()]),
];
