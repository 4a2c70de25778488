// The read-only requests of the protocol, each a few lines: find the document, ask ide/, convert.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type CodeAction,
  type CodeLens,
  type CompletionItem,
  type DocumentSymbol,
  type FoldingRange,
  type Hover,
  type InlayHint,
  type Location,
  type LocationLink,
  type Position,
  type Range,
  SemanticTokensBuilder,
  type SignatureHelp,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { LineIndex } from '../base/index.ts';
import { headersFolder } from '../host/index.ts';
import {
  type AsmTokenKind,
  assemblyDefinition,
  assemblyHover,
  assemblyReferences,
  assemblyRename,
  assemblySymbols,
  type CompletionKind,
  completionsAt,
  definitionAt,
  documentSymbols,
  findInHeader,
  foldingRanges,
  formatAssembly,
  hoverAt,
  inlayHints,
  pageFor,
  signatureAt,
} from '../ide/index.ts';
import { viewFor } from '../kernel/index.ts';
import {
  markdown,
  toCodeActions,
  toCompletionItem,
  toLspEdits,
  toLspFolding,
  toLspHint,
  toLspSymbol,
  toOffset,
  toPosition,
  toRange,
} from './convert.ts';
import type { DocumentState } from './document-state.ts';
import type { Settings } from './settings.ts';

export const SEMANTIC_TOKEN_TYPES = [
  'comment',
  'string',
  'number',
  'variable',
  'macro',
  'label',
  'keyword',
  'function',
] as const;

const TOKEN_TYPES = {
  comment: 0,
  string: 1,
  number: 2,
  register: 3,
  directive: 4,
  label: 5,
  keyword: 6,
  function: 7,
  word: undefined,
} satisfies Record<AsmTokenKind, number | undefined>;

const viewsOf = (settings: Settings) => settings.kernels.map((kernel) => viewFor(kernel));

export function hover(state: DocumentState, settings: Settings, position: Position): Hover | null {
  const offset = toOffset(state.lines, position);
  const analysis = state.analysis(settings);
  const found =
    state.kind === 'assembly'
      ? assemblyHover(state.assembly(), offset, viewsOf(settings))
      : analysis === undefined
        ? undefined
        : hoverAt(analysis, offset);
  return found === undefined ? null : { contents: markdown(found.markdown), range: toRange(state.lines, found.span) };
}

/** What clangd offers at the same places, name for name: listed once where it runs beside us. */
const CLANGD_TOO: ReadonlySet<CompletionKind> = new Set(['field', 'constant']);

export function completion(state: DocumentState, settings: Settings, position: Position): CompletionItem[] {
  const analysis = state.analysis(settings);
  if (analysis === undefined) return [];
  return completionsAt(analysis, toOffset(state.lines, position))
    .filter((item) => !settings.clangd || !CLANGD_TOO.has(item.kind))
    .map((item) => toCompletionItem(state.lines, item));
}

/** Fills in the page of a completion when it is looked at. */
export function resolveCompletion(item: CompletionItem, settings: Settings): CompletionItem {
  const data = item.data as { readonly page?: string; readonly member?: boolean } | undefined;
  if (typeof data?.page !== 'string') return item;
  const page = pageFor(data.page, data.member === true ? 'member' : 'name', viewsOf(settings));
  return page === undefined ? item : { ...item, documentation: markdown(page) };
}

export function signature(state: DocumentState, settings: Settings, position: Position): SignatureHelp | null {
  const analysis = state.analysis(settings);
  const found =
    analysis?.source.isSockOps === true ? signatureAt(analysis.file, toOffset(state.lines, position)) : undefined;
  if (found === undefined) return null;
  return {
    signatures: [
      {
        label: found.label,
        documentation: markdown(found.markdown),
        parameters: found.parameters.map((parameter) => ({ label: [parameter.start, parameter.end] })),
      },
    ],
    activeSignature: 0,
    activeParameter: found.activeParameter,
  };
}

export function symbols(state: DocumentState, settings: Settings): DocumentSymbol[] {
  const analysis = state.analysis(settings);
  const found =
    state.kind === 'assembly'
      ? assemblySymbols(state.assembly())
      : analysis?.source.isSockOps === true
        ? documentSymbols(analysis)
        : [];
  return found.map((symbol) => toLspSymbol(state.lines, symbol));
}

export function folding(state: DocumentState, settings: Settings): FoldingRange[] {
  const analysis = state.analysis(settings);
  return analysis?.source.isSockOps === true
    ? foldingRanges(analysis).map((range) => toLspFolding(state.lines, range))
    : [];
}

export function hints(state: DocumentState, settings: Settings, range: Range): InlayHint[] {
  const analysis = state.analysis(settings);
  if (analysis?.source.isSockOps !== true) return [];
  const span = { start: toOffset(state.lines, range.start), end: toOffset(state.lines, range.end) };
  return inlayHints(analysis, span)
    .filter((hint) => (hint.kind === 'op-number' ? settings.inlayHints.opNumbers : settings.inlayHints.byteOrder))
    .map((hint) => toLspHint(state.lines, hint));
}

export function definition(state: DocumentState, settings: Settings, position: Position): LocationLink[] {
  const offset = toOffset(state.lines, position);
  if (state.kind === 'assembly') {
    const span = assemblyDefinition(state.assembly(), offset);
    return span === undefined ? [] : [linkTo(state.uri, toRange(state.lines, span))];
  }
  const analysis = state.analysis(settings);
  const found = analysis?.source.isSockOps === true ? definitionAt(analysis, offset) : undefined;
  if (found === undefined) return [];
  if (found.kind === 'here')
    return [
      {
        ...linkTo(state.uri, toRange(state.lines, found.span)),
        originSelectionRange: toRange(state.lines, found.origin),
      },
    ];
  const folder = headersFolder();
  const file = folder === undefined ? undefined : path.join(folder, found.header);
  if (file === undefined || !existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  const span = findInHeader(text, found.symbol);
  if (span === undefined) return [];
  return [
    {
      ...linkTo(pathToFileURL(file).href, toRange(new LineIndex(text), span)),
      originSelectionRange: toRange(state.lines, found.origin),
    },
  ];
}

const linkTo = (targetUri: string, range: Range): LocationLink => ({
  targetUri,
  targetRange: range,
  targetSelectionRange: range,
});

export function references(state: DocumentState, position: Position): Location[] {
  if (state.kind !== 'assembly') return [];
  return assemblyReferences(state.assembly(), toOffset(state.lines, position)).map((token) => ({
    uri: state.uri,
    range: toRange(state.lines, token),
  }));
}

export function rename(
  state: DocumentState,
  position: Position,
  newName: string,
): WorkspaceEdit | { readonly why: string } {
  if (state.kind !== 'assembly') return { why: 'labels can be renamed in assembly only' };
  const result = assemblyRename(state.assembly(), toOffset(state.lines, position), newName);
  return 'why' in result ? result : { changes: { [state.uri]: toLspEdits(state.lines, result.edits) } };
}

export function formatting(state: DocumentState): TextEdit[] {
  return state.kind === 'assembly' ? toLspEdits(state.lines, formatAssembly(state.assembly())) : [];
}

export function semanticTokens(state: DocumentState): { readonly data: number[] } {
  const builder = new SemanticTokensBuilder();
  if (state.kind === 'assembly')
    for (const token of state.assembly().tokens) {
      const type = TOKEN_TYPES[token.kind];
      const { line, character } = toPosition(state.lines, token.start);
      if (type !== undefined && !/[\r\n]/.test(token.text))
        builder.push(line, character, token.end - token.start, type, 0);
    }
  return builder.build();
}

export function codeActions(state: DocumentState, range: Range): CodeAction[] {
  const start = toOffset(state.lines, range.start);
  const end = toOffset(state.lines, range.end);
  return state.diagnostics
    .filter((diagnostic) => diagnostic.span.start <= end && start <= diagnostic.span.end)
    .flatMap((diagnostic) => [...toCodeActions(state.uri, state.lines, diagnostic), ...suppression(state, diagnostic)]);
}

/** Offers to silence a diagnostic with a comment; the reason is for the person to write. */
function suppression(state: DocumentState, diagnostic: DocumentState['diagnostics'][number]): CodeAction[] {
  if (diagnostic.from !== 'source' || state.kind !== 'c' || diagnostic.severity === 'error') return [];
  const { line } = toPosition(state.lines, diagnostic.span.start);
  const start = state.lines.lineStart(line);
  const indent = /^[ \t]*/.exec(state.text.slice(start))?.[0] ?? '';
  return [
    {
      title: `Silence ${diagnostic.code} here`,
      kind: 'quickfix',
      edit: {
        changes: {
          [state.uri]: [
            {
              range: toRange(state.lines, { start, end: start }),
              newText: `${indent}/* sockscope-ignore ${diagnostic.code}: because ... */\n`,
            },
          ],
        },
      },
    },
  ];
}

/** Debug, run and verify above each program, with the verdict of every target kernel. */
export function lenses(state: DocumentState, settings: Settings): CodeLens[] {
  const analysis = state.analysis(settings);
  if (!settings.codeLens || analysis === undefined) return [];
  const { build } = state;
  return analysis.source.contextFunctions.flatMap(({ item, role, section }): CodeLens[] => {
    if (role !== 'program') return [];
    const range = toRange(state.lines, section === undefined ? item.nameSpan : section.annotation);
    const lens = (title: string, command: string, ...rest: unknown[]): CodeLens => ({
      range,
      command: { title, command, arguments: [state.uri, item.name, ...rest] },
    });
    const verdicts = settings.kernels.map((kernel) => {
      const verdict = build?.verdicts.find((entry) => entry.kernel === kernel && entry.program === item.name);
      const mark = verdict === undefined ? '' : verdict.accepted ? ' $(pass)' : ' $(error)';
      return lens(`${kernel}${mark}`, 'sockscope.verify', kernel);
    });
    return [
      lens('$(debug-alt) Debug', 'sockscope.debug'),
      lens('$(play) Run', 'sockscope.run'),
      lens('$(beaker) New scenario', 'sockscope.newScenario'),
      ...verdicts,
    ];
  });
}
