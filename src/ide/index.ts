// L6: what an editor shows, as plain data: offsets of a text in, lists and Markdown out. No protocol, no IO; the compiler's
// result and the verifier's verdicts come in as values.

export {
  type AsmToken,
  type AsmTokenKind,
  type AssemblyFile,
  analyseAssembly,
  assemblyDefinition,
  assemblyHover,
  assemblyPlaces,
  assemblyReferences,
  assemblyRename,
  assemblySymbols,
  formatAssembly,
} from './assembly.ts';
export { type Completion, type CompletionKind, completionsAt } from './completion.ts';
export {
  applyEdits,
  compareDiagnostics,
  type Diagnostic,
  type DiagnosticSeverity,
  type QuickFix,
  type RelatedPlace,
  type TextEdit,
} from './diagnostic.ts';
export { checkSource, type SeveritySettings, sourceDiagnostics } from './diagnostics.ts';
export { type InlayHint, inlayHints } from './hints.ts';
export { type Hover, hoverAt, pageFor } from './hover.ts';
export { diagnosticIndex, diagnosticPage, documentedCodes } from './page.ts';
export type { Rule } from './rule.ts';
export { diagnosticCodes, OTHER_CODES, RULES } from './rules.ts';
export { type Signature, signatureAt } from './signature.ts';
export { analyseSource, type SourceAnalysis } from './source-analysis.ts';
export {
  type Definition,
  type DocumentSymbol,
  definitionAt,
  documentSymbols,
  type FoldingRange,
  findInHeader,
  foldingRanges,
} from './symbols.ts';
export {
  type BuildResult,
  compilerDiagnostics,
  mergeDiagnostics,
  objectDiagnostics,
  type PlacedText,
  type ProgramVerdict,
  type VerdictStep,
  verifierDiagnostics,
} from './verified.ts';
