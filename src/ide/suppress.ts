// Comments that silence a diagnostic, with a reason: `// sockscope-ignore CODE: because ...` on the line before or at the end of
// the line itself, `// sockscope-ignore-file CODE: because ...` anywhere for the whole file.

import type { CFile } from '../syntax/index.ts';
import type { Diagnostic } from './diagnostic.ts';

interface Suppression {
  readonly codes: readonly string[];
  readonly reason: string;
  /** The line it silences; undefined for the whole file. */
  readonly line0: number | undefined;
  readonly start: number;
  readonly end: number;
}

const PATTERN = /sockscope-ignore(-file)?\s+([\w-]+(?:\s*,\s*[\w-]+)*)\s*(?::\s*(.*?))?\s*(?:\*\/)?\s*$/s;

/** Applies the suppression comments of a file; a comment without a reason silences nothing and is itself reported. */
export function applySuppressions(
  file: CFile,
  diagnostics: readonly Diagnostic[],
  known: ReadonlySet<string>,
): readonly Diagnostic[] {
  const suppressions = readSuppressions(file);
  if (suppressions.length === 0) return diagnostics;
  const kept = diagnostics.filter((diagnostic) => {
    const line0 = file.lines.position(diagnostic.span.start).line0;
    return !suppressions.some(
      (entry) =>
        entry.reason !== '' &&
        entry.codes.includes(diagnostic.code) &&
        (entry.line0 === undefined || entry.line0 === line0),
    );
  });
  for (const entry of suppressions) {
    const unknown = entry.codes.filter((code) => !known.has(code));
    const message =
      unknown.length > 0
        ? `no diagnostic has the code '${unknown[0]}'`
        : entry.reason === ''
          ? 'a suppression needs a reason: write it after a colon'
          : undefined;
    if (message !== undefined)
      kept.push({
        code: 'suppression',
        severity: 'warning',
        span: { start: entry.start, end: entry.end },
        message,
        related: [],
        fixes: [],
        from: 'source',
      });
  }
  return kept;
}

function readSuppressions(file: CFile): Suppression[] {
  if (!file.text.includes('sockscope-ignore')) return [];
  const found: Suppression[] = [];
  for (const comment of file.preprocessed.comments) {
    const match = PATTERN.exec(file.text.slice(comment.start, comment.end));
    if (!match) continue;
    const position = file.lines.position(comment.start);
    const before = file.text.slice(file.lines.lineStart(position.line0), comment.start);
    const ownLine = before.trim() === '';
    found.push({
      codes: match[2]!.split(/\s*,\s*/),
      reason: (match[3] ?? '').trim(),
      line0: match[1] !== undefined ? undefined : ownLine ? file.lines.position(comment.end).line0 + 1 : position.line0,
      start: comment.start,
      end: comment.end,
    });
  }
  return found;
}
