// What clang prints about a program, as problems with ranges. The text form is read (every version has it) with source ranges switched
// on; clang counts columns in bytes from 1, we count UTF-16 code units from 0.

import type { Problem, ProblemNote, Severity, SourcePlace, TextRange } from '../base/index.ts';

/** Flags that make clang print what parseDiagnostics reads. */
export const DIAGNOSTIC_FLAGS = [
  '-fno-caret-diagnostics',
  '-fdiagnostics-print-source-range-info',
  '-fno-color-diagnostics',
  '-fdiagnostics-show-option',
  '-fno-diagnostics-fixit-info',
] as const;

export interface ParseOptions {
  /** Name to show for a file that clang names: a temporary copy goes by the original's name. */
  rename(file: string): string;
  /** Lines of a file for counting columns, undefined when it cannot be read. */
  lines(file: string): readonly string[] | undefined;
}

const LINE = /^(.*?):(\d+):(\d+):((?:\{\d+:\d+-\d+:\d+\})*:?) ?(fatal error|error|warning|note|remark): (.*)$/;
const BARE = /^(?:clang(?:-\d+)?|zig|error)?:? ?(fatal error|error|warning): (.*)$/;
const INCLUDED = /^(?:In file included from|\s+from) (.*?):(\d+)(?::\d+)?[:,]$/;

const SEVERITIES: Readonly<Record<string, Severity>> = {
  'fatal error': 'error',
  error: 'error',
  warning: 'warning',
  note: 'note',
  remark: 'note',
};

interface Draft {
  readonly severity: Severity;
  readonly message: string;
  readonly option: string | undefined;
  readonly at: SourcePlace | undefined;
  readonly notes: ProblemNote[];
}

/** Problems of a compiler run, notes attached to what they belong to. Lines that are no diagnostics are passed over. */
export function parseDiagnostics(text: string, options: ParseOptions): Problem[] {
  const drafts: Draft[] = [];
  let includes: SourcePlace[] = [];
  // clang tells how a header came in before the first diagnostic of a run of them.
  let told: { readonly file: string; readonly includes: readonly SourcePlace[] } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const included = INCLUDED.exec(line);
    if (included !== null) {
      const at = { line0: Number(included[2]) - 1, column0: 0 };
      includes.push({ file: options.rename(included[1]!), range: { start: at, end: at } });
      continue;
    }
    const found = LINE.exec(line);
    if (found === null) {
      const bare = BARE.exec(line);
      if (bare !== null) drafts.push({ ...split(bare[2]!), severity: SEVERITIES[bare[1]!]!, at: undefined, notes: [] });
      continue;
    }
    const [, file, row, column, ranges, kind, message] = found;
    const at = { file: options.rename(file!), range: rangeOf(file!, Number(row), Number(column), ranges!, options) };
    const last = drafts.at(-1);
    if (kind === 'note' && last !== undefined) {
      last.notes.push({ message: message!, at });
      includes = [];
      continue;
    }
    if (includes.length > 0 || told?.file !== at.file) told = { file: at.file, includes };
    const notes = told.includes.map((place) => ({ message: 'included from here', at: place }));
    includes = [];
    drafts.push({ ...split(message!), severity: SEVERITIES[kind!]!, at, notes });
  }
  return drafts.map((draft) => ({
    code: draft.option ?? 'compiler-error',
    severity: draft.severity,
    message: draft.message,
    ...(draft.at === undefined ? {} : { at: draft.at }),
    ...(draft.notes.length === 0 ? {} : { notes: draft.notes }),
  }));
}

/** Takes the option that controls a warning off its text: "unused variable 'x' [-Wunused-variable]". */
function split(message: string): { message: string; option: string | undefined } {
  const match = /^(.*) \[(-W[^\]]+)\]$/.exec(message);
  if (match === null) return { message, option: undefined };
  const option = match[2]!.split(',').find((one) => one !== '-Werror');
  return { message: match[1]!, option };
}

/** The range that clang gave around the position, or the word at the position. */
function rangeOf(file: string, line: number, column: number, ranges: string, options: ParseOptions): TextRange {
  const lines = options.lines(file);
  const place = (row: number, byteColumn: number) => ({
    line0: Math.max(0, row - 1),
    column0: utf16Column(lines?.[row - 1], Math.max(0, byteColumn - 1)),
  });
  const start = place(line, column);
  for (const match of ranges.matchAll(/\{(\d+):(\d+)-(\d+):(\d+)\}/g)) {
    const [fromLine, fromColumn, toLine, toColumn] = match.slice(1).map(Number) as [number, number, number, number];
    const after = fromLine < line || (fromLine === line && fromColumn <= column);
    const before = toLine > line || (toLine === line && toColumn > column);
    if (after && before) return { start: place(fromLine, fromColumn), end: place(toLine, toColumn) };
  }
  const word = /^(?:\w+|"(?:[^"\\]|\\.)*"|<[^>]*>|.)/.exec(lines?.[line - 1]?.slice(start.column0) ?? '')?.[0] ?? '';
  return { start, end: { line0: start.line0, column0: start.column0 + word.length } };
}

/** Column in UTF-16 code units of a byte offset in a line. */
export function utf16Column(line: string | undefined, byteOffset: number): number {
  if (line === undefined) return byteOffset;
  let bytes = 0;
  let units = 0;
  for (const character of line) {
    if (bytes >= byteOffset) break;
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units += character.length;
  }
  return units;
}
