// The diagnostics that the text alone gives: every rule over one analysis, then severities and suppressions.

import type { KernelView } from '../kernel/index.ts';
import type { CFile } from '../syntax/index.ts';
import { compareDiagnostics, type Diagnostic, type DiagnosticSeverity } from './diagnostic.ts';
import { toDiagnostic } from './rule.ts';
import { diagnosticCodes, RULES } from './rules.ts';
import { analyseSource, type SourceAnalysis } from './source-analysis.ts';
import { applySuppressions } from './suppress.ts';

/** How grave each code is to this user; `off` silences it. */
export type SeveritySettings = Readonly<Record<string, DiagnosticSeverity | 'off'>>;

/** The source diagnostics of a file. A file that has nothing to do with sock_ops has none. */
export function sourceDiagnostics(analysis: SourceAnalysis, severities: SeveritySettings = {}): readonly Diagnostic[] {
  if (!analysis.source.isSockOps) return [];
  const found: Diagnostic[] = [];
  const seen = new Set<string>();
  for (const rule of RULES) {
    if (severities[rule.code] === 'off') continue;
    rule.check(analysis, (finding) => {
      const key = `${rule.code}:${finding.span.start}:${finding.span.end}:${finding.message}`;
      if (seen.has(key)) return;
      seen.add(key);
      found.push(toDiagnostic(rule, finding));
    });
  }
  return finish(analysis.file, found, severities);
}

/** Applies suppressions and the user's severities, and puts the list in order. */
export function finish(file: CFile, found: readonly Diagnostic[], severities: SeveritySettings): readonly Diagnostic[] {
  return applySuppressions(file, found, diagnosticCodes())
    .flatMap((diagnostic) => {
      const chosen = severities[diagnostic.code];
      if (chosen === 'off') return [];
      return [chosen === undefined ? diagnostic : { ...diagnostic, severity: chosen }];
    })
    .sort(compareDiagnostics);
}

/** Analyses and checks in one go. */
export function checkSource(
  file: CFile,
  views: readonly KernelView[],
  severities: SeveritySettings = {},
): readonly Diagnostic[] {
  return sourceDiagnostics(analyseSource(file, views), severities);
}
