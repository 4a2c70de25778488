// docs/diagnostics: one page a code, from the rules themselves.

import { diagnosticIndex, diagnosticPage, documentedCodes } from '../../src/ide/index.ts';

/** Path and text of every page. */
export function diagnosticPages(): readonly (readonly [string, string])[] {
  return [
    ['docs/diagnostics/README.md', diagnosticIndex()],
    ...documentedCodes().map((code) => [`docs/diagnostics/${code}.md`, diagnosticPage(code) ?? ''] as const),
  ];
}
