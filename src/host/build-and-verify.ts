// One text of a program, compiled and put before the verifier of every target kernel. What the language server's worker and
// `sockscope check` run; between two kernels it yields, so that a cancelled run ends soon.

import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { hasErrors, type Problem } from '../base/index.ts';
import type { BuildResult, ProgramVerdict } from '../ide/index.ts';
import { viewFor } from '../kernel/index.ts';
import { type BpfObject, dependsOnKernel, type Program, type ReadObjectOptions, readObject } from '../object/index.ts';
import { type Explanation, explain, inputOf, verify } from '../verifier/index.ts';
import { DEFAULT_HZ, objectOptions } from '../world/index.ts';
import type { CompileOptions } from './compiler.ts';
import { type KernelBtfChoice, kernelBtfFor } from './kernel-btf.ts';
import { loadProgramFile } from './load-object.ts';
import { mapProblems } from './map-problems.ts';

export interface BuildRequest {
  readonly file: string;
  /** The text to build in place of what is on disk. */
  readonly text: string;
  /** Target kernels by name, as `parseTarget` reads them. */
  readonly kernels: readonly string[];
  readonly compiler: Omit<CompileOptions, 'text' | 'signal'>;
  /** Types of the target kernels, by path. */
  readonly kernelBtf?: KernelBtfChoice;
}

/** Instructions after which the server gives up on one program and one kernel; the kernel's own limit is far above. */
const BUDGET = 400_000;

/** Compiles and verifies. Undefined when `signal` was raised. Never throws for bad input. */
export async function buildAndVerify(request: BuildRequest, signal?: AbortSignal): Promise<BuildResult | undefined> {
  const aborted = (): boolean => signal?.aborted === true;
  const fileName = path.basename(request.file);
  const [firstKernel] = request.kernels;
  const options = readOptions(request, firstKernel);
  const loaded = await loadProgramFile(request.file, options, {
    ...request.compiler,
    text: request.text,
    ...(signal === undefined ? {} : { signal }),
  });
  if (aborted()) return undefined;
  const compilerProblems = loaded.compiled?.problems ?? [];
  const fromCompiler = new Set(compilerProblems.map((problem) => problem.message));
  const objectProblems = [
    ...kernelTypeProblems(request),
    ...loaded.problems.filter((problem) => !fromCompiler.has(problem.message)),
  ];
  const base = { text: request.text, fileName, compilerProblems, objectProblems };
  const { object } = loaded;
  if (object === undefined) {
    const compiler = loaded.compiled?.compiler;
    const isC = loaded.compiled !== undefined;
    return { ...base, state: isC && compiler === undefined ? 'no-compiler' : 'compile-error', verdicts: [] };
  }
  const bytes = loaded.compiled?.object;
  const readAgain = bytes !== undefined && dependsOnKernel(object);
  const problems = new Map(objectProblems.map((problem) => [problem.message, problem]));
  const verdicts: ProgramVerdict[] = [];
  const explained: Explained = new Map();
  for (const kernel of request.kernels) {
    const linked: BpfObject =
      readAgain && kernel !== firstKernel ? readObject(bytes, readOptions(request, kernel)) : object;
    if (linked !== object) for (const problem of linked.problems) problems.set(problem.message, problem);
    if (hasErrors(linked.problems)) continue;
    for (const program of linked.programs) {
      if (!program.isSockOps) continue;
      await nextTurn();
      if (aborted()) return undefined;
      verdicts.push(verdictOf(program, kernel, inputOf(program, linked), explained));
    }
  }
  const views = request.kernels.map((kernel) => viewFor(kernel));
  const isSockOps = object.programs.some((program) => program.isSockOps);
  const ofMaps = isSockOps ? mapProblems(object, views) : [];
  const found = { ...base, objectProblems: [...problems.values(), ...ofMaps] };
  const isUnread = verdicts.length === 0 && hasErrors(found.objectProblems);
  return { ...found, state: isUnread ? 'object-error' : 'compiled', verdicts };
}

/** How to read the object for one kernel: CO-RE relocations, configuration values and kernel functions link otherwise on another. */
function readOptions({ file, kernelBtf }: BuildRequest, kernel: string | undefined): ReadObjectOptions {
  if (kernel === undefined) return { file, debugInfo: 'lines' };
  const types = kernelBtfFor(kernelBtf, kernel).value;
  return { ...objectOptions({ hz: DEFAULT_HZ }, viewFor(kernel), file, types), debugInfo: 'lines' };
}

/** Kernel types that were given and cannot be read leave the built-in ones; that is said, and the program is still looked at. */
function kernelTypeProblems({ kernels, kernelBtf }: BuildRequest): readonly Problem[] {
  const found = new Map<string, Problem>();
  for (const kernel of kernels)
    for (const problem of kernelBtfFor(kernelBtf, kernel).problems) {
      const message = `${problem.at?.file ?? ''}: ${problem.message} (the built-in kernel types were used)`;
      found.set(message, { ...problem, severity: 'warning', message });
    }
  return [...found.values()];
}

/** Explanations by program, reason and place: kernels that refuse for the same reason share one. */
type Explained = Map<string, ProgramVerdict['explanation']>;

function verdictOf(
  program: Program,
  kernel: string,
  input: ReturnType<typeof inputOf>,
  explained: Explained,
): ProgramVerdict {
  const view = viewFor(kernel);
  const verdict = verify(input, view, { budget: BUDGET });
  const reason = verdict.refusal?.reason.kind;
  const key = `${program.name}:${reason}:${verdict.slot}`;
  if (!verdict.accepted && !explained.has(key)) {
    const explanation = explain(verdict, input, view);
    explained.set(key, explanation === undefined ? undefined : plainExplanation(explanation));
  }
  const explanation = verdict.accepted ? undefined : explained.get(key);
  return {
    kernel,
    program: program.name,
    lines: program.lines,
    accepted: verdict.accepted,
    message: verdict.message,
    slot: verdict.slot,
    reason,
    uncertain: verdict.uncertain,
    ...(explanation === undefined ? {} : { explanation }),
  };
}

function plainExplanation(explanation: Explanation): NonNullable<ProgramVerdict['explanation']> {
  return {
    message: explanation.rule,
    ...(explanation.remedy === undefined ? {} : { remedy: explanation.remedy }),
    steps: explanation.steps.flatMap(({ message, at }) =>
      at?.range === undefined ? [] : [{ message, line0: at.range.start.line0, column0: at.range.start.column0 }],
    ),
  };
}

/** The log of one program as a kernel would print it; an explanation in words when there is no program. */
export async function verifierLogOf(
  request: BuildRequest,
  kernel: string,
  programName: string | undefined,
): Promise<string> {
  const loaded = await loadProgramFile(request.file, readOptions(request, kernel), {
    ...request.compiler,
    text: request.text,
  });
  const { object } = loaded;
  if (object === undefined) return loaded.problems.map((problem) => problem.message).join('\n');
  const programs = object.programs.filter((program) => programName === undefined || program.name === programName);
  if (programs.length === 0) return `no program '${programName ?? ''}' in ${request.file}`;
  return programs
    .map((program) => {
      const verdict = verify(inputOf(program, object), viewFor(kernel), { logLevel: 2 });
      return `; ${program.name} on ${kernel}: ${verdict.accepted ? 'accepted' : 'refused'}\n${verdict.log}`;
    })
    .join('\n');
}
