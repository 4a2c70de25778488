// A diagnostic as plain data: offsets of one text, no editor's types.

import type { TextSpan } from '../base/index.ts';

/** From worst to mildest. */
export type DiagnosticSeverity = 'error' | 'warning' | 'information' | 'hint';

/** Replaces the text of a span; an empty span inserts. */
export interface TextEdit extends TextSpan {
  readonly newText: string;
}

/** A mend that can be applied as it is: after it the file still compiles and the diagnostic is gone. */
export interface QuickFix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** Whether it is the mend that a person most likely wants. */
  readonly preferred?: true;
}

/** A further place that explains the diagnostic. */
export interface RelatedPlace {
  readonly span: TextSpan;
  readonly message: string;
}

export interface Diagnostic {
  readonly code: string;
  readonly severity: DiagnosticSeverity;
  readonly span: TextSpan;
  /** What and why, one sentence without a final full stop. */
  readonly message: string;
  /** Names of the target kernels it holds for; absent: for every one, or it has nothing to do with the kernel. */
  readonly kernels?: readonly string[];
  readonly related: readonly RelatedPlace[];
  readonly fixes: readonly QuickFix[];
  /** What a kernel would print, in its own words. */
  readonly kernelWords?: string;
  /** Greyed out in the editor: the code cannot matter. */
  readonly unnecessary?: true;
  /**
   * Whether the compiler decides if the mistake happens. Such a diagnostic is withdrawn when the object that was compiled from
   * this very text is accepted by every target kernel.
   */
  readonly settledByVerifier?: true;
  /** About the file as a whole: `span` is where an editor shows it, and an excerpt says nothing. */
  readonly wholeFile?: true;
  /** Source: at once from the text, from the compiler, or from the verifier. */
  readonly from: 'source' | 'compiler' | 'verifier' | 'assembler';
}

const ORDER: Readonly<Record<DiagnosticSeverity, number>> = { error: 0, warning: 1, information: 2, hint: 3 };

/** Order in which diagnostics are listed: by place, then by weight, then by code. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    a.span.start - b.span.start ||
    a.span.end - b.span.end ||
    ORDER[a.severity] - ORDER[b.severity] ||
    (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)
  );
}

/** The text after the edits of a fix. Edits must not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  let out = '';
  let at = 0;
  for (const edit of sorted) {
    out += text.slice(at, edit.start) + edit.newText;
    at = edit.end;
  }
  return out + text.slice(at);
}
