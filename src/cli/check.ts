// `sockscope check`: what the source alone tells, what the compiler says, and what each target kernel would refuse, merged into one list
// per file; for people, as JSON, as SARIF 2.1.0, or as GitHub workflow commands.

import { hasErrors, type Problem, type SourcePlace } from '../base/index.ts';
import {
  type BuildRequest,
  buildAndVerify,
  kernelBtfFor,
  loadCParser,
  loadObject,
  readFileText,
} from '../host/index.ts';
import {
  checkSource,
  compilerDiagnostics,
  type Diagnostic,
  type DiagnosticSeverity,
  mergeDiagnostics,
  objectDiagnostics,
  verifierDiagnostics,
} from '../ide/index.ts';
import { type KernelView, parseTarget, viewFor } from '../kernel/index.ts';
import { CFile } from '../syntax/index.ts';
import { explain, explainedProblem, inputOf, verify } from '../verifier/index.ts';
import { DEFAULT_HZ, objectOptions } from '../world/index.ts';
import { type CheckedFile, type Finding, githubText, jsonText, type KernelVerdict, sarifText } from './check-report.ts';
import { withNearPaths } from './near-paths.ts';
import { type ExitCode, out, problemText, reportProblems, styleFor } from './output.ts';

export interface CheckOptions {
  /** Kernels, separated by commas. */
  readonly kernel?: string;
  /** File with the types of the kernels. */
  readonly btf?: string;
  readonly format: 'text' | 'json' | 'sarif' | 'github';
}

/** As in the editor. */
const DEFAULT_KERNELS = '5.10,6.1,6.12,6.18';

/** Exit code 1 when anything is an error or a kernel refuses a program, 2 when a file cannot be read. */
export async function checkCommand(files: readonly string[], options: CheckOptions): Promise<ExitCode> {
  const views: KernelView[] = [];
  for (const name of (options.kernel ?? DEFAULT_KERNELS).split(',')) {
    const target = parseTarget(name.trim());
    if (target.value === undefined) {
      reportProblems(target.problems);
      return 2;
    }
    views.push(viewFor(target.value));
  }
  const types = kernelBtfFor(options.btf, '');
  if (hasErrors(types.problems)) {
    reportProblems(types.problems);
    return 2;
  }
  const checked: CheckedFile[] = [];
  for (const file of files) {
    const result = await checkFile(file, views, options.btf);
    if (result === undefined) return 2;
    checked.push(result);
  }
  switch (options.format) {
    case 'json':
      out(jsonText(checked));
      break;
    case 'sarif':
      out(sarifText(checked));
      break;
    case 'github':
      out(githubText(checked));
      break;
    case 'text':
      out(pageText(checked));
      break;
  }
  return checked.some((file) => hasErrors(file.findings) || file.verdicts.some(isRefused)) ? 1 : 0;
}

/** A refusal that rests on what we do not know of the kernel is told, and fails nothing. */
const isRefused = (verdict: KernelVerdict): boolean => !verdict.accepted && verdict.uncertain.length === 0;

async function checkFile(
  file: string,
  views: readonly KernelView[],
  btf: string | undefined,
): Promise<CheckedFile | undefined> {
  return /\.[ch]$/i.test(file) ? checkC(file, views, btf) : checkProgram(file, views, btf);
}

async function checkC(
  file: string,
  views: readonly KernelView[],
  btf: string | undefined,
): Promise<CheckedFile | undefined> {
  const read = readFileText(file);
  reportProblems(read.problems);
  const text = read.value;
  if (text === undefined) return undefined;
  const parsed = new CFile(await loadCParser(), text);
  const request: BuildRequest = {
    file,
    text,
    kernels: views.map((view) => view.target.name),
    compiler: {},
    ...(btf === undefined ? {} : { kernelBtf: btf }),
  };
  const build = await buildAndVerify(request);
  const source = checkSource(parsed, views);
  if (build === undefined) return { file, findings: [], verdicts: [] };
  const merged = mergeDiagnostics(parsed, source, verifierDiagnostics(parsed, build, views.length), build);
  const found = [...compilerDiagnostics(parsed, build), ...merged, ...objectDiagnostics(parsed, build)];
  const findings = withoutProgram(found).map((one) => findingOf(one, file, parsed));
  const verdicts = build.verdicts.map(
    ({ program, kernel, accepted, message, slot, uncertain }): KernelVerdict => ({
      program,
      kernel,
      accepted,
      message,
      insn: slot,
      uncertain,
    }),
  );
  return { file, findings, verdicts };
}

/** A file without a sock_ops program is nothing to fail for: it is said what is looked for. */
function withoutProgram(found: readonly Diagnostic[]): readonly Diagnostic[] {
  const named = found.some(({ code }) => code === 'section-unknown');
  return found
    .filter(({ code }) => !(named && code === 'object-section-name'))
    .map((one) =>
      one.code === 'object-no-program' || one.code === 'object-no-sockops'
        ? {
            ...one,
            severity: 'hint',
            message:
              'no sock_ops program was found in this file: a program is a function in section "sockops", SEC("sockops")',
          }
        : one,
    );
}

const SEVERITY: Readonly<Record<DiagnosticSeverity, Problem['severity']>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

function findingOf(diagnostic: Diagnostic, file: string, parsed: CFile): Finding {
  const place = ({ start, end }: { start: number; end: number }): SourcePlace => ({
    file,
    range: { start: parsed.lines.position(start), end: parsed.lines.position(end) },
  });
  const notes = diagnostic.related.map(({ span, message }) => ({ message, at: place(span) }));
  const words = diagnostic.kernelWords ?? '';
  return {
    code: diagnostic.code,
    severity: SEVERITY[diagnostic.severity],
    message: diagnostic.message,
    at: diagnostic.wholeFile === true ? { file } : place(diagnostic.span),
    notes: [...notes, ...(words === '' ? [] : [{ message: `the kernel says: ${words}` }])],
    ...(diagnostic.kernels === undefined ? {} : { kernels: diagnostic.kernels }),
  };
}

/** An object or assembly: what the kernels say, explained. */
async function checkProgram(
  file: string,
  views: readonly KernelView[],
  btf: string | undefined,
): Promise<CheckedFile | undefined> {
  const findings = new Map<string, Finding>();
  const verdicts: KernelVerdict[] = [];
  for (const view of views) {
    const types = kernelBtfFor(btf, view.target.name).value;
    const loaded = await loadObject(file, objectOptions({ hz: DEFAULT_HZ }, view, file, types));
    for (const problem of loaded.problems) findings.set(JSON.stringify(problem), problem);
    if (loaded.value === undefined) {
      if (loaded.problems.some(({ code }) => code.startsWith('file-'))) {
        reportProblems(loaded.problems);
        return undefined;
      }
      break;
    }
    for (const program of loaded.value.programs) {
      if (!program.isSockOps) continue;
      const input = inputOf(program, loaded.value);
      const verdict = verify(input, view);
      const { accepted, message, slot, uncertain } = verdict;
      verdicts.push({ program: program.name, kernel: view.target.name, accepted, message, insn: slot, uncertain });
      const explanation = explain(verdict, input, view);
      if (explanation === undefined) continue;
      const key = `${program.name}:${explanation.slot}:${explanation.code}:${explanation.rule}`;
      const known = findings.get(key);
      if (known === undefined)
        findings.set(key, { ...withNearPaths(explainedProblem(explanation, view)), kernels: [view.target.name] });
      else findings.set(key, { ...known, kernels: [...(known.kernels ?? []), view.target.name] });
    }
  }
  return { file, findings: [...findings.values()], verdicts };
}

// --- For people ------------------------------------------------------------------------------------------------------------------

function pageText(files: readonly CheckedFile[]): string {
  const style = styleFor(process.stdout);
  const lines: string[] = [];
  for (const { file, findings, verdicts } of files) {
    for (const finding of findings) {
      const kernels = finding.kernels === undefined ? '' : style.dim(` [${finding.kernels.join(', ')}]`);
      const [first = '', ...rest] = problemText(finding, style).split('\n');
      lines.push(`${first}${kernels}`, ...rest);
    }
    for (const name of new Set(verdicts.map((one) => one.program))) {
      lines.push(`${style.heading(`${file}: ${name}`)}: ${summary(verdicts.filter((one) => one.program === name))}`);
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** "loads on 6.1 and 6.12; refused by 5.10: back-edge from insn 3 to 1". */
function summary(verdicts: readonly KernelVerdict[]): string {
  const parts: string[] = [];
  const loads = verdicts.filter((one) => one.accepted).map((one) => one.kernel);
  if (loads.length > 0) parts.push(`loads on ${loads.join(', ')}`);
  const refused = verdicts.filter(isRefused);
  const unsure = verdicts.filter((one) => !one.accepted && !isRefused(one)).map((one) => one.kernel);
  if (unsure.length > 0) parts.push(`not certain for ${unsure.join(', ')}`);
  for (const message of new Set(refused.map((one) => one.message))) {
    const kernels = refused.filter((one) => one.message === message).map((one) => one.kernel);
    parts.push(`refused by ${kernels.join(', ')}${message === '' ? '' : ` because: ${message}`}`);
  }
  return parts.join('; ');
}
