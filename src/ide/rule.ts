// What a rule is: one kind of mistake, its page of documentation with an example that must show it and one that must not,
// and the function that finds it. Rules live in handlers/, one a file, and are listed in rules.ts.

import type { TextSpan } from '../base/index.ts';
import type { Diagnostic, DiagnosticSeverity, QuickFix, RelatedPlace } from './diagnostic.ts';
import type { SourceAnalysis } from './source-analysis.ts';

export interface Rule {
  /** Stable; the name of its page and of its setting. */
  readonly code: string;
  readonly severity: DiagnosticSeverity;
  /** What the mistake is, as a headline. */
  readonly title: string;
  /** Paragraphs for the page: what happens, why, how to mend it. */
  readonly doc: string;
  /** Programs without includes and license, which every test and page adds. */
  readonly example: { readonly wrong: string; readonly right: string };
  readonly check: (analysis: SourceAnalysis, report: Report) => void;
}

export interface Finding {
  readonly span: TextSpan;
  readonly message: string;
  /** Milder or graver than the rule's own. */
  readonly severity?: DiagnosticSeverity;
  readonly kernels?: readonly string[];
  readonly related?: readonly RelatedPlace[];
  readonly fixes?: readonly QuickFix[];
  readonly kernelWords?: string;
  readonly unnecessary?: true;
  readonly settledByVerifier?: true;
}

export type Report = (finding: Finding) => void;

/** A finding as a diagnostic. Spans are copied: those of syntax nodes move when the text is edited. */
export function toDiagnostic(rule: Rule, finding: Finding): Diagnostic {
  const { related, fixes, severity, span, ...rest } = finding;
  return {
    code: rule.code,
    severity: severity ?? rule.severity,
    span: { start: span.start, end: span.end },
    related: (related ?? []).map((place) => ({
      message: place.message,
      span: { start: place.span.start, end: place.span.end },
    })),
    fixes: (fixes ?? []).map((fix) => ({
      ...fix,
      edits: fix.edits.map((edit) => ({ start: edit.start, end: edit.end, newText: edit.newText })),
    })),
    from: 'source',
    ...rest,
  };
}
