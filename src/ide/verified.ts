// Diagnostics from the compiled program: what the target kernels would refuse, placed on the C line, and joined with what the source
// checks found, so that one mistake gives one squiggle. The compiler and the verifier run elsewhere; their results are values here.

import type { LineIndex, Problem, TextSpan } from '../base/index.ts';
import type { LineEntry } from '../object/index.ts';
import type { ReasonKind } from '../verifier/index.ts';
import { compareDiagnostics, type Diagnostic, type RelatedPlace } from './diagnostic.ts';
import { listed } from './words.ts';

/** A text on which results are placed: a C file is one, an assembly file another. */
export interface PlacedText {
  readonly text: string;
  /** The text without what is no code; of the same length. */
  readonly maskedText: string;
  readonly lines: LineIndex;
  readonly functions: readonly (TextSpan & { readonly name: string; readonly nameSpan: TextSpan })[];
}

/** The verdict of one kernel on one program, as it comes out of a worker: plain data only. */
export interface ProgramVerdict {
  readonly kernel: string;
  readonly program: string;
  /** Line entries of the program, by slot. */
  readonly lines: readonly LineEntry[];
  readonly accepted: boolean;
  /** The kernel's last line; empty when accepted. */
  readonly message: string;
  readonly slot: number | undefined;
  readonly reason: ReasonKind | undefined;
  /** Why the verdict is not certain, one sentence each: the model's knowledge ended there. */
  readonly uncertain: readonly string[];
  /** Plain words and what to do, where the verifier explains the refusal. */
  readonly explanation?: { readonly message: string; readonly remedy?: string; readonly steps: readonly VerdictStep[] };
}

/** One place where the offending value came from. */
export interface VerdictStep {
  readonly message: string;
  readonly line0: number;
  readonly column0: number;
}

/** What compiling and verifying one text gave. */
export interface BuildResult {
  /** The text that was compiled. Results for another text are never shown. */
  readonly text: string;
  /** How the compiler knows the file; line entries of other files are placed on the function. */
  readonly fileName: string;
  /** `object-error`: it compiles, and a loader would refuse the object before any verifier sees it. */
  readonly state: 'compiled' | 'compile-error' | 'no-compiler' | 'object-error';
  readonly compilerProblems: readonly Problem[];
  readonly objectProblems: readonly Problem[];
  readonly verdicts: readonly ProgramVerdict[];
}

/** Codes of source diagnostics that a refusal of this kind confirms. */
const SAME_MISTAKE: Readonly<Partial<Record<ReasonKind, readonly string[]>>> = {
  'ctx-access': [
    'ctx-read-only',
    'ctx-field-since',
    'ctx-width',
    'ctx-merged-read',
    'ctx-narrow-read',
    'ctx-unknown-field',
  ],
  'ctx-conversion': ['ctx-width', 'ctx-field-since'],
  'bad-dereference': ['sk-null-check', 'value-null-check', 'packet-bounds'],
  'argument-type': ['sk-null-check', 'value-null-check', 'sockmap-generic-update', 'helper-not-allowed'],
  'argument-may-be-null': ['sk-null-check', 'value-null-check'],
  'pointer-arithmetic-nullable': ['sk-null-check', 'value-null-check'],
  'outside-packet': ['packet-bounds'],
  'helper-refused': ['helper-not-allowed', 'helper-needs-gpl'],
  'map-argument': ['sockmap-generic-update'],
  'stack-uninitialised': ['key-padding'],
  'stack-access': ['option-length', 'key-padding'],
  'outside-memory': ['option-length'],
  'zero-size': ['option-length'],
};

/** Diagnostics of the compiler, for editors in which nothing else shows them. What is wrong in a header stands where it is included. */
export function compilerDiagnostics(file: PlacedText, build: BuildResult): readonly Diagnostic[] {
  if (build.text !== file.text) return [];
  const seen = new Set<string>();
  return build.compilerProblems.flatMap((problem): Diagnostic[] => {
    const isElsewhere = problem.at !== undefined && !sameFile(problem.at.file, build.fileName);
    const span = isElsewhere ? includeLine(file, build, problem) : spanOf(file, problem);
    const header = isElsewhere ? `in ${shortPath(problem.at.file)}:${(problem.at.range?.start.line0 ?? 0) + 1}: ` : '';
    const message = `${header}${withRemedy(problem)}`;
    // One mistake in a header or a macro is often told once for each use.
    const key = `${span.start}:${message}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [
      {
        code: build.state === 'no-compiler' ? 'no-compiler' : 'compiler',
        severity:
          build.state === 'no-compiler'
            ? 'information'
            : problem.severity === 'note'
              ? 'information'
              : problem.severity,
        span,
        message,
        related: [],
        fixes: [],
        ...(problem.at?.range === undefined ? { wholeFile: true } : {}),
        from: 'compiler',
      },
    ];
  });
}

function spanOf(file: PlacedText, problem: Problem): TextSpan {
  const range = problem.at?.range;
  if (range === undefined) return { start: 0, end: firstLineEnd(file) };
  const start = file.lines.offset(range.start);
  const end = Math.max(file.lines.offset(range.end), start + 1);
  return { start, end: Math.min(end, file.text.length) };
}

/** The line of this file through which a header came in. */
function includeLine(file: PlacedText, build: BuildResult, problem: Problem): TextSpan {
  const from = problem.notes?.find(({ at }) => at !== undefined && sameFile(at.file, build.fileName))?.at?.range;
  const place = from === undefined ? undefined : linePlace(file, from.start.line0, 0);
  return place ?? { start: 0, end: firstLineEnd(file) };
}

const shortPath = (path: string): string => path.split(/[\\/]/).slice(-2).join('/');

/** The problem's words with what to do, as one sentence. */
function withRemedy({ message, remedy }: Problem): string {
  if (remedy === undefined) return message;
  const rest = /^[A-Z][a-z]/.test(remedy) ? remedy[0]!.toLowerCase() + remedy.slice(1) : remedy;
  return `${message}; ${rest}`;
}

/** What a loader would refuse in the object (a bad map, a bad relocation), placed on the name that the message quotes. */
export function objectDiagnostics(file: PlacedText, build: BuildResult): readonly Diagnostic[] {
  if (build.text !== file.text) return [];
  // A relocation without an answer matters where code reaches it, which is what the verifier tells.
  const problems = build.objectProblems.filter(({ code }) => code !== 'object-unresolved-core');
  return problems.map((problem): Diagnostic => {
    const name = /'([A-Za-z_]\w*)'/.exec(problem.message)?.[1];
    const at = name === undefined ? -1 : file.maskedText.search(new RegExp(`\\b${name}\\b`));
    const span =
      name === undefined || at < 0 ? { start: 0, end: firstLineEnd(file) } : { start: at, end: at + name.length };
    return {
      code: problem.code,
      severity: problem.severity === 'note' ? 'information' : problem.severity,
      span,
      message: withRemedy(problem),
      related: [],
      fixes: [],
      from: 'compiler',
    };
  });
}

const firstLineEnd = (file: PlacedText): number => Math.max(1, file.lines.lineStart(1) - 1);

/** Refusals of the target kernels, one diagnostic for each mistake, whatever the number of kernels. */
export function verifierDiagnostics(file: PlacedText, build: BuildResult, kernelCount: number): readonly Diagnostic[] {
  if (build.text !== file.text) return [];
  const groups = new Map<
    string,
    { readonly first: ProgramVerdict; readonly kernels: string[]; readonly span: TextSpan; readonly header: string }
  >();
  for (const entry of build.verdicts) {
    if (entry.accepted) continue;
    const span = placeOf(file, build, entry);
    const key = `${entry.program}:${entry.reason ?? entry.message}:${span.start}`;
    const group = groups.get(key);
    if (group === undefined)
      groups.set(key, { first: entry, kernels: [entry.kernel], span, header: headerOf(build, entry) });
    else group.kernels.push(entry.kernel);
  }
  return [...groups.values()].map(({ first, kernels, span, header }): Diagnostic => {
    const where =
      kernels.length === kernelCount
        ? kernelCount > 1
          ? 'every target kernel refuses this'
          : `${kernels[0]} refuses this`
        : `${listed(kernels)} refuse${kernels.length === 1 ? 's' : ''} this`;
    const plain = first.explanation;
    const remedy = plain?.remedy === undefined ? '' : `; ${plain.remedy}`;
    return {
      code: first.reason === undefined ? 'verifier' : `verifier-${first.reason}`,
      // A refusal that rests on an assumption is no error.
      severity: first.uncertain.length > 0 ? 'warning' : 'error',
      span,
      message: `${where}: ${plain?.message ?? first.message}${header}${remedy}${first.uncertain.length > 0 ? ` (not certain: ${first.uncertain[0]})` : ''}`,
      kernels,
      kernelWords: first.message,
      related: (plain?.steps ?? []).flatMap((step): RelatedPlace[] => {
        const place = linePlace(file, step.line0, step.column0);
        return place === undefined || (place.start === span.start && place.end === span.end)
          ? []
          : [{ span: place, message: step.message }];
      }),
      fixes: [],
      from: 'verifier',
    };
  });
}

/** " (in lib/key.h:30)" for an instruction that came from a header; the diagnostic then stands on the line before it in this file. */
function headerOf(build: BuildResult, { slot, lines }: ProgramVerdict): string {
  if (slot === undefined) return '';
  let exact: LineEntry | undefined;
  for (const line of lines) if (line.slot <= slot && (exact === undefined || line.slot >= exact.slot)) exact = line;
  return exact === undefined || exact.file === '' || sameFile(exact.file, build.fileName)
    ? ''
    : ` (in ${shortPath(exact.file)}:${exact.line0 + 1})`;
}

/** The C place of an instruction: its line entry, else the program's function. */
function placeOf(file: PlacedText, build: BuildResult, entry: ProgramVerdict): TextSpan {
  const { slot } = entry;
  let best: LineEntry | undefined;
  if (slot !== undefined)
    for (const line of entry.lines)
      if (line.slot <= slot && sameFile(line.file, build.fileName) && (best === undefined || line.slot >= best.slot))
        best = line;
  const place = best === undefined ? undefined : linePlace(file, best.line0, best.column0);
  if (place !== undefined) return place;
  const item = file.functions.find((candidate) => candidate.name === entry.program);
  return item?.nameSpan ?? { start: 0, end: firstLineEnd(file) };
}

const baseName = (path: string): string => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
const sameFile = (a: string, b: string): boolean => baseName(a) === baseName(b);

/** From a column to the end of what stands on the line; a comment at its end is left out. */
function linePlace(file: PlacedText, line0: number, column0: number): TextSpan | undefined {
  if (line0 < 0 || line0 >= file.lines.lineCount) return undefined;
  const lineStart = file.lines.lineStart(line0);
  const code = file.maskedText.slice(lineStart, file.lines.lineStart(line0 + 1));
  const text = code.trim() === '' ? file.text.slice(lineStart, file.lines.lineStart(line0 + 1)) : code;
  const first = text.length - text.trimStart().length;
  const end = text.trimEnd().length;
  const start = Math.min(Math.max(column0, first), Math.max(first, end - 1));
  return end > start ? { start: lineStart + start, end: lineStart + end } : undefined;
}

/**
 * Joins source and verifier diagnostics. A refusal that a source diagnostic foretold gives it the kernel's words and the weight of an
 * error; what only the compiler can decide is withdrawn when every target kernel accepts every program.
 */
export function mergeDiagnostics(
  file: PlacedText,
  source: readonly Diagnostic[],
  verifier: readonly Diagnostic[],
  build: BuildResult | undefined,
): readonly Diagnostic[] {
  const current = build !== undefined && build.text === file.text;
  const accepted =
    current &&
    build.state === 'compiled' &&
    build.verdicts.length > 0 &&
    build.verdicts.every((entry) => entry.accepted);
  const kindOf = new Map<string, ReasonKind>();
  if (current)
    for (const entry of build.verdicts) if (entry.reason !== undefined) kindOf.set(entry.message, entry.reason);
  const kept = source
    .filter((diagnostic) => !(accepted && diagnostic.settledByVerifier === true))
    .map((diagnostic) => ({ diagnostic }));
  const rest: Diagnostic[] = [];
  for (const refusal of verifier) {
    const kind = refusal.kernelWords === undefined ? undefined : kindOf.get(refusal.kernelWords);
    const twin = kept.find(({ diagnostic }) => foretells(file, diagnostic, refusal, kind));
    if (twin === undefined) {
      rest.push(refusal);
      continue;
    }
    const { diagnostic } = twin;
    twin.diagnostic = {
      ...diagnostic,
      severity: 'error',
      ...(refusal.kernelWords === undefined ? {} : { kernelWords: refusal.kernelWords }),
      ...(refusal.kernels === undefined ? {} : { kernels: refusal.kernels }),
      related: [...diagnostic.related, ...refusal.related],
    };
  }
  return [...kept.map(({ diagnostic }) => diagnostic), ...rest].sort(compareDiagnostics);
}

function foretells(file: PlacedText, source: Diagnostic, refusal: Diagnostic, kind: ReasonKind | undefined): boolean {
  // What one kernel refuses for its age says nothing about another kernel's refusal at the same place.
  if (source.kernels !== undefined && refusal.kernels?.some((kernel) => source.kernels?.includes(kernel)) === false)
    return false;
  const line = (offset: number): number => file.lines.position(offset).line0;
  const overlaps =
    line(source.span.start) <= line(refusal.span.end) && line(refusal.span.start) <= line(source.span.end);
  // The verifier looks at a return value where the program ends, which is often another line of the same function.
  if (source.code === 'return-range' && kind !== undefined && /return/.test(kind)) {
    const inside = (offset: number) => file.functions.find((item) => item.start <= offset && offset < item.end);
    return inside(source.span.start) === inside(refusal.span.start);
  }
  if (!overlaps) return false;
  if (source.severity === 'error') return true;
  return kind !== undefined && (SAME_MISTAKE[kind]?.includes(source.code) ?? false);
}
