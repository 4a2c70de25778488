// The outline of a file, what can be folded, and where names are defined.

import type { TextSpan } from '../base/index.ts';
import { contextField, walkStmts } from '../syntax/index.ts';
import { headerConstant } from './constants.ts';
import { helperByName } from './helpers.ts';
import { functionAt } from './mend.ts';
import type { SourceAnalysis } from './source-analysis.ts';
import { isContextMember, wordAt } from './word.ts';

export interface DocumentSymbol {
  readonly name: string;
  readonly kind: 'program' | 'function' | 'map' | 'variable' | 'struct' | 'enum' | 'constant' | 'member';
  readonly detail: string;
  readonly span: TextSpan;
  readonly nameSpan: TextSpan;
  readonly children: readonly DocumentSymbol[];
}

/** Programs, functions, maps, types and variables, in source order. */
export function documentSymbols(analysis: SourceAnalysis): readonly DocumentSymbol[] {
  const { file, source } = analysis;
  const sections = new Map(source.contextFunctions.map((entry) => [entry.item, entry.section?.name]));
  const symbols: DocumentSymbol[] = [];
  for (const item of file.items) {
    const span = { start: item.start, end: item.end };
    if (item.kind === 'function' && item.body !== undefined) {
      const section = sections.get(item);
      symbols.push({
        name: item.name,
        kind: section === undefined ? 'function' : 'program',
        detail: section ?? '',
        span,
        nameSpan: item.nameSpan,
        children: [],
      });
    } else if (item.kind === 'variables')
      for (const variable of item.variables) {
        const map = source.maps.get(variable.name);
        symbols.push({
          name: variable.name,
          kind: map === undefined ? 'variable' : 'map',
          detail:
            map?.settings
              .get('type')
              ?.text.replace(/^BPF_MAP_TYPE_/, '')
              .toLowerCase() ?? '',
          span,
          nameSpan: variable.nameSpan,
          children: [],
        });
      }
    else if (item.kind === 'type' && item.type.name !== '') {
      const record = item.type.record;
      const members = record?.members ?? [];
      symbols.push({
        name: item.type.name,
        kind: item.type.tag === 'enum' ? 'enum' : 'struct',
        detail: '',
        span,
        nameSpan: span,
        children: [
          ...members
            .filter((member) => member.name !== '')
            .map((member) => ({
              name: member.name,
              kind: 'member' as const,
              detail: '',
              span: { start: member.start, end: member.end },
              nameSpan: member.nameSpan,
              children: [],
            })),
          ...(item.type.enumerators ?? []).map((entry) => ({
            name: entry.name,
            kind: 'constant' as const,
            detail: '',
            span: { start: entry.start, end: entry.end },
            nameSpan: entry.nameSpan,
            children: [],
          })),
        ],
      });
    }
  }
  return symbols.filter((symbol) => symbol.name !== '');
}

export interface FoldingRange extends TextSpan {
  readonly kind: 'region' | 'comment' | 'imports';
}

/** Bodies, type definitions, long comments, blocks of includes and code that is not compiled. */
export function foldingRanges(analysis: SourceAnalysis): readonly FoldingRange[] {
  const { file } = analysis;
  const ranges: FoldingRange[] = [];
  const add = (start: number, end: number, kind: FoldingRange['kind']): void => {
    if (file.lines.position(start).line0 < file.lines.position(end).line0) ranges.push({ start, end, kind });
  };
  for (const item of file.items) {
    if (item.kind === 'function' && item.body !== undefined) {
      add(item.body.start, item.body.end, 'region');
      walkStmts(item.body, (stmt) => {
        if (stmt !== item.body && (stmt.kind === 'block' || stmt.kind === 'switch' || stmt.kind === 'case'))
          add(stmt.start, stmt.end, 'region');
      });
    } else if (item.kind === 'type' || item.kind === 'variables') add(item.start, item.end, 'region');
  }
  for (const comment of file.preprocessed.comments) add(comment.start, comment.end, 'comment');
  for (const dead of file.preprocessed.inactive) add(dead.start, dead.end, 'region');
  const includes = file.preprocessed.includes;
  if (includes.length > 1) add(includes[0]!.span.start, includes.at(-1)!.span.end, 'imports');
  return ranges.sort((a, b) => a.start - b.start || b.end - a.end);
}

/** Where a name is defined: in this file, or under that name in one of our headers. */
export type Definition =
  | { readonly kind: 'here'; readonly span: TextSpan; readonly origin: TextSpan }
  | { readonly kind: 'header'; readonly header: string; readonly symbol: string; readonly origin: TextSpan };

export function definitionAt(analysis: SourceAnalysis, offset: number): Definition | undefined {
  const word = wordAt(analysis.file, offset);
  if (word === undefined) return undefined;
  const { file, source } = analysis;
  const origin = word.span;
  const here = (span: TextSpan): Definition => ({ kind: 'here', span: { start: span.start, end: span.end }, origin });
  if (isContextMember(analysis, origin.start)) {
    const record = source.types.recordItem('bpf_sock_ops');
    const own = record?.body.members.find((member) => member.name === word.text);
    if (own !== undefined) return here(own.nameSpan);
    return contextField(word.text) === undefined
      ? undefined
      : { kind: 'header', header: 'linux/bpf.h', symbol: word.text, origin };
  }
  const item = functionAt(analysis, offset);
  if (item?.body !== undefined) {
    const local = localDefinition(item, word.text);
    if (local !== undefined) return here(local);
  }
  const macro = file.macros.get(word.text);
  if (macro !== undefined) return here(macro.nameSpan);
  const map = source.maps.get(word.text);
  if (map !== undefined) return here(map.nameSpan);
  const own = source.functions.get(word.text);
  if (own !== undefined) return here(own.nameSpan);
  const global = source.types.globals.get(word.text);
  if (global !== undefined) return here(global.nameSpan);
  const enumerator = source.types.enumerators.get(word.text);
  if (enumerator !== undefined) return here(enumerator.enumerator.nameSpan);
  const record = source.types.recordItem(word.text);
  if (record !== undefined) return here(record.body);
  if (helperByName(word.text) !== undefined && /^bpf_(?!printk|core_)/.test(word.text))
    return { kind: 'header', header: 'bpf/bpf_helper_defs.h', symbol: word.text, origin };
  if (word.text === 'bpf_printk') return { kind: 'header', header: 'bpf/bpf_helpers.h', symbol: word.text, origin };
  if (headerConstant(word.text) !== undefined)
    return {
      kind: 'header',
      header: /^(BPF_|TCP_BPF_)/.test(word.text)
        ? 'linux/bpf.h'
        : /^TCP_/.test(word.text)
          ? 'linux/tcp.h'
          : /^SO_/.test(word.text)
            ? 'asm/socket.h'
            : 'linux/bpf.h',
      symbol: word.text,
      origin,
    };
  return undefined;
}

function localDefinition(
  item: {
    readonly parameters: readonly { readonly name: string; readonly nameSpan: TextSpan }[];
    readonly body: Parameters<typeof walkStmts>[0] | undefined;
  },
  name: string,
): TextSpan | undefined {
  let found = item.parameters.find((parameter) => parameter.name === name)?.nameSpan;
  if (item.body !== undefined)
    walkStmts(item.body, (stmt) => {
      if (found === undefined && stmt.kind === 'declaration')
        found = stmt.variables.find((variable) => variable.name === name)?.nameSpan;
      if (found === undefined && stmt.kind === 'label' && stmt.name === name)
        found = { start: stmt.start, end: stmt.start + name.length };
    });
  return found;
}

/** The place of a symbol's definition in a header's text. */
export function findInHeader(text: string, symbol: string): TextSpan | undefined {
  const name = symbol.replace(/[^\w]/g, '');
  const patterns = [
    new RegExp(`#define[ \\t]+(${name})\\b`),
    new RegExp(`[\\s*](${name})(?:\\[\\d+\\])?\\s*(?:;|,|=|\\)\\s*\\()`),
    new RegExp(`\\b(${name})\\b`),
  ];
  const inSockOps = text.indexOf('struct bpf_sock_ops {');
  for (const pattern of patterns) {
    // A member's name is common: the structure comes first.
    const from = contextField(name) !== undefined && inSockOps >= 0 ? inSockOps : 0;
    const match = pattern.exec(text.slice(from));
    if (match) {
      const start = from + match.index + match[0].indexOf(match[1]!);
      return { start, end: start + match[1]!.length };
    }
  }
  return undefined;
}
