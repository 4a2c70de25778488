// The launch request: its arguments checked, the program loaded and verified, a debugger over the run. Everything that can be wrong
// with the user's input comes back in words.

import path from 'node:path';
import { z } from 'zod';
import { hasErrors, type Problem } from '../base/index.ts';
import { CodeAddresses, type DebuggedProgram, Debugger, type SourceLocation } from '../debugger/index.ts';
import { isScenarioFile, loadRun, machineParts, type RunSpec, verifyForRun } from '../host/index.ts';
import { createWorld, nearest, type ScenarioInput } from '../world/index.ts';
import { issueText } from './arguments.ts';
import { type Change, contentsOf } from './contents.ts';
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
  kernelBtf: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  skipVerifier: z.boolean().default(false),
  trace: z.boolean().default(false),
  noDebug: z.boolean().default(false),
});

const FIELDS = Object.keys(LAUNCH.shape);

export type LaunchArguments = z.infer<typeof LAUNCH>;

export interface LaunchedRun {
  readonly debugger: Debugger;
  readonly addresses: CodeAddresses;
  readonly paths: Paths;
  readonly args: LaunchArguments;
  readonly stopOnEntry: boolean;
  /** Write the protocol to the console. */
  readonly trace: boolean;
  /** A file of the program or the scenario that has other contents than those being debugged; undefined when none has. */
  readonly changedFile: () => Change | undefined;
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
  const wrong = (message: string) => ({ kind: 'wrong', message: `launch configuration: ${message}` }) as const;
  const parsed = LAUNCH.safeParse(args);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return wrong(issue === undefined ? 'it is no object' : issueText(issue, args));
  }
  const { program, scenario } = parsed.data;
  const namesProgram = typeof scenario === 'object' ? scenario['programs'] !== undefined : scenario !== undefined;
  if (program === '' || scenario === '') return wrong(`"${program === '' ? 'program' : 'scenario'}" is empty`);
  if (program === undefined && !namesProgram)
    return wrong('name a "program" (C, object or assembly) or the path of a "scenario"');
  return { kind: 'right', value: parsed.data };
}

/** Members that are one of ours but for letter case or a slip: said, since they have no effect. Clients add members of their own. */
export function misspeltMembers(args: unknown): readonly string[] {
  if (typeof args !== 'object' || args === null) return [];
  return Object.keys(args).flatMap((name) => {
    const meant = FIELDS.includes(name) || name.length < 4 ? undefined : nearest(name, FIELDS);
    const isSlip = meant !== undefined && Math.abs(meant.length - name.length) < 3;
    return isSlip ? [`launch configuration: "${name}" is not known and has no effect; did you mean "${meant}"?`] : [];
  });
}

/** Loads, compiles, verifies. The run has not begun when this resolves. */
export async function launch(args: LaunchArguments, port: LaunchPort): Promise<LaunchResult> {
  const loaded = await loadRun({
    ...(typeof args.scenario === 'object' ? { scenarioValue: args.scenario as ScenarioInput } : {}),
    ...(args.program === undefined
      ? { file: typeof args.scenario === 'string' ? args.scenario : 'the launch configuration' }
      : { file: args.program, ...(typeof args.scenario === 'string' ? { scenario: args.scenario } : {}) }),
    ...(args.programName === undefined ? {} : { program: args.programName }),
    ...(args.kernel === undefined ? {} : { kernel: args.kernel }),
    ...(args.kernelBtf === undefined ? {} : { kernelBtf: args.kernelBtf }),
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
  const paths = new Paths(rootsOf(loaded.value));
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
      paths,
      args,
      stopOnEntry: args.stopOnEntry,
      trace: args.trace,
      changedFile: contentsOf(filesOf(loaded.value, args, target, paths)),
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
    message: first === undefined ? 'The program cannot be run' : briefText(first),
    details: problems.map(problemText),
  };
}

/** For a message box: where and what, then what to do. */
function briefText(problem: Problem): string {
  const { message, remedy = '' } = problem;
  const place = placeText(problem);
  return `${place}${place === '' ? capitalised(message) : message}${remedy === '' ? '' : `. ${capitalised(remedy)}`}`;
}

const capitalised = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

function placeText({ at }: Problem): string {
  if (at === undefined) return '';
  return at.range === undefined
    ? `${at.file}: `
    : `${at.file}:${at.range.start.line0 + 1}:${at.range.start.column0 + 1}: `;
}

/** `file:line:column: error: message [code]`, with the remedy and the notes on lines of their own. */
export function problemText(problem: Problem): string {
  const notes = (problem.notes ?? []).map((note) => `\n    note: ${note.message}`).join('');
  return `${placeText(problem)}${problem.severity}: ${problem.message} [${problem.code}]${notes}${problem.remedy === undefined ? '' : `\n    ${problem.remedy}`}`;
}

/** The files on disk that the run was made of. */
const filesOf = (spec: RunSpec, args: LaunchArguments, target: Debugger, paths: Paths): readonly string[] => [
  ...new Set([
    ...spec.paths.values(),
    ...target.sources.files.map((file) => paths.absolute(file)),
    ...(typeof args.scenario === 'string' && isScenarioFile(args.scenario) ? [args.scenario] : []),
  ]),
];

const rootsOf = (spec: RunSpec): readonly string[] => [
  ...new Set([...[...spec.paths.values()].map((file) => path.dirname(path.resolve(file))), process.cwd()]),
];
