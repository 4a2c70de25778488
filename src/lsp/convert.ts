// From the plain data of ide/ to the shapes of the protocol. Nothing is decided here.

import {
  type CodeAction,
  CodeActionKind,
  type CompletionItem,
  CompletionItemKind,
  DiagnosticSeverity,
  DiagnosticTag,
  InlayHintKind,
  InsertTextFormat,
  type Diagnostic as LspDiagnostic,
  type TextEdit as LspEdit,
  type FoldingRange as LspFolding,
  type InlayHint as LspHint,
  type DocumentSymbol as LspSymbol,
  MarkupKind,
  type Range,
  SymbolKind,
} from 'vscode-languageserver';
import type { LineIndex, TextSpan } from '../base/index.ts';
import type {
  Completion,
  CompletionKind,
  Diagnostic,
  DocumentSymbol,
  FoldingRange,
  InlayHint,
  DiagnosticSeverity as Severity,
  TextEdit,
} from '../ide/index.ts';

export const toRange = (lines: LineIndex, span: TextSpan): Range => ({
  start: toPosition(lines, span.start),
  end: toPosition(lines, span.end),
});

export function toPosition(lines: LineIndex, offset: number): { line: number; character: number } {
  const { line0, column0 } = lines.position(offset);
  return { line: line0, character: column0 };
}

export const toOffset = (lines: LineIndex, position: { readonly line: number; readonly character: number }): number =>
  lines.offset({ line0: position.line, column0: position.character });

const SEVERITIES = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} satisfies Record<Severity, DiagnosticSeverity>;

const DOCS = 'https://github.com/sockscope/sockscope/blob/main/docs/diagnostics';

export function toLspDiagnostic(uri: string, lines: LineIndex, diagnostic: Diagnostic): LspDiagnostic {
  const kernel =
    diagnostic.kernelWords === undefined || diagnostic.message.includes(diagnostic.kernelWords)
      ? ''
      : `\nkernel: ${diagnostic.kernelWords}`;
  return {
    range: toRange(lines, diagnostic.span),
    severity: SEVERITIES[diagnostic.severity],
    code: diagnostic.code,
    codeDescription: { href: `${DOCS}/${diagnostic.code.startsWith('verifier-') ? 'verifier' : diagnostic.code}.md` },
    source: 'sockscope',
    message: `${diagnostic.message}${kernel}`,
    ...(diagnostic.unnecessary === true ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    ...(diagnostic.related.length === 0
      ? {}
      : {
          relatedInformation: diagnostic.related.map((place) => ({
            location: { uri, range: toRange(lines, place.span) },
            message: place.message,
          })),
        }),
    data: { code: diagnostic.code, start: diagnostic.span.start, end: diagnostic.span.end },
  };
}

export const toLspEdits = (lines: LineIndex, edits: readonly TextEdit[]): LspEdit[] =>
  edits.map((edit) => ({ range: toRange(lines, edit), newText: edit.newText }));

/** The fixes of a diagnostic as code actions on one version of the document. */
export function toCodeActions(uri: string, lines: LineIndex, diagnostic: Diagnostic): CodeAction[] {
  return diagnostic.fixes.map((fix) => ({
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [toLspDiagnostic(uri, lines, diagnostic)],
    ...(fix.preferred === true ? { isPreferred: true } : {}),
    edit: { changes: { [uri]: toLspEdits(lines, fix.edits) } },
  }));
}

const COMPLETION_KINDS = {
  field: CompletionItemKind.Field,
  op: CompletionItemKind.EnumMember,
  flag: CompletionItemKind.EnumMember,
  option: CompletionItemKind.Constant,
  helper: CompletionItemKind.Function,
  'map-type': CompletionItemKind.EnumMember,
  snippet: CompletionItemKind.Snippet,
  section: CompletionItemKind.Value,
  constant: CompletionItemKind.Constant,
} satisfies Record<CompletionKind, CompletionItemKind>;

export function toCompletionItem(lines: LineIndex, completion: Completion): CompletionItem {
  return {
    label: completion.label,
    kind: COMPLETION_KINDS[completion.kind],
    detail: completion.detail,
    insertTextFormat: completion.isSnippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    textEdit: { range: toRange(lines, completion.span), newText: completion.insertText },
    sortText: String(Math.round((completion.rank + 1000) * 1000)).padStart(9, '0'),
    filterText: completion.label,
    ...(completion.page === undefined ? {} : { data: { page: completion.page, member: completion.kind === 'field' } }),
  };
}

const SYMBOL_KINDS = {
  program: SymbolKind.Event,
  function: SymbolKind.Function,
  map: SymbolKind.Object,
  variable: SymbolKind.Variable,
  struct: SymbolKind.Struct,
  enum: SymbolKind.Enum,
  constant: SymbolKind.EnumMember,
  member: SymbolKind.Field,
} satisfies Record<DocumentSymbol['kind'], SymbolKind>;

export function toLspSymbol(lines: LineIndex, symbol: DocumentSymbol): LspSymbol {
  return {
    name: symbol.name,
    detail: symbol.detail,
    kind: SYMBOL_KINDS[symbol.kind],
    range: toRange(lines, symbol.span),
    selectionRange: toRange(lines, symbol.nameSpan),
    children: symbol.children.map((child) => toLspSymbol(lines, child)),
  };
}

export function toLspFolding(lines: LineIndex, range: FoldingRange): LspFolding {
  return { startLine: lines.position(range.start).line0, endLine: lines.position(range.end).line0, kind: range.kind };
}

export function toLspHint(lines: LineIndex, hint: InlayHint): LspHint {
  return {
    position: toPosition(lines, hint.offset),
    label: hint.label,
    kind: InlayHintKind.Type,
    tooltip: hint.tooltip,
  };
}

export const markdown = (value: string): { kind: 'markdown'; value: string } => ({ kind: MarkupKind.Markdown, value });
