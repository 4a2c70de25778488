// Completion: what fits at an offset, best first. Works from the text before the cursor and the last analysis, so that it is there
// while the line does not parse.

import type { TextSpan } from '../base/index.ts';
import {
  CALLBACK_FLAGS,
  CTX_FIELDS,
  type CtxFieldRow,
  type HelperRow,
  MAP_TYPES,
  OPS,
  type OpRow,
  SOCKOPTS,
  type SockoptRow,
} from '../kernel/index.ts';
import { type OpMask, opsOf, type Stmt, walkStmts } from '../syntax/index.ts';
import { headerConstant } from './constants.ts';
import { existenceOf, missingOn } from './lifetimes.ts';
import { contextNameAt, functionAt, isInsideBraces } from './mend.ts';
import type { SourceAnalysis } from './source-analysis.ts';
import { callAround, inComment, isContextMember, isContextName, lineBefore } from './word.ts';
import { listed, sinceText } from './words.ts';

export type CompletionKind =
  | 'field'
  | 'op'
  | 'flag'
  | 'option'
  | 'helper'
  | 'map-type'
  | 'snippet'
  | 'section'
  | 'constant';

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  /** One line beside the label. */
  readonly detail: string;
  /** Text to insert; with `isSnippet` in the snippet syntax of the language server protocol. */
  readonly insertText: string;
  readonly isSnippet: boolean;
  /** What is replaced: the part of the word already typed. */
  readonly span: TextSpan;
  /** Position in the list; smaller comes first. */
  readonly rank: number;
  /** Name of the page that describes it, for the details. */
  readonly page: string | undefined;
  readonly deprecated?: true;
}

type Draft = Omit<Completion, 'span' | 'isSnippet' | 'page'> & { readonly isSnippet?: true; readonly page?: string };

/** What can stand at an offset. */
export function completionsAt(analysis: SourceAnalysis, offset: number): readonly Completion[] {
  const { file } = analysis;
  if (inComment(file, offset) && file.text[offset - 1] !== '/') return [];
  const before = lineBefore(file, offset);
  const typed = /[\w$]*$/.exec(before)?.[0] ?? '';
  const span = { start: offset - typed.length, end: offset };
  const head = before.slice(0, before.length - typed.length);
  return drafts(analysis, offset, head, typed)
    .map((draft): Completion => ({ ...draft, span, isSnippet: draft.isSnippet === true, page: draft.page }))
    .sort((a, b) => a.rank - b.rank || (a.label < b.label ? -1 : 1));
}

function drafts(analysis: SourceAnalysis, offset: number, head: string, typed: string): readonly Draft[] {
  const start = offset - typed.length;
  if (/\bSEC\s*\(\s*"[\w/]*$/.test(head + typed)) return sections();
  if (!analysis.source.isSockOps) return /^\s*$/.test(head) && atFileLevel(analysis, start) ? [programSnippet()] : [];
  if (isContextMember(analysis, start)) return fields(analysis, offset);
  if (/(->|\.)\s*$/.test(head)) return [];
  if (/\bcase\s+$/.test(head)) return caseOps(analysis, offset);
  const compared = /(\w+)\s*->\s*(\w+)\s*(?:==|!=|&|\|)\s*\(?\s*~?$/.exec(head);
  if (compared && isContextName(analysis, compared[1]!, offset)) {
    if (compared[2] === 'op') return allOps(analysis);
    if (compared[2] === 'bpf_sock_ops_cb_flags') return flags(analysis);
    if (compared[2] === 'state') return states();
  }
  if (/__uint\s*\(\s*type\s*,\s*$/.test(head)) return mapTypes(analysis);
  const call = callAround(analysis.file, start);
  if (call !== undefined) {
    const inCall = callArguments(analysis, call.name, call.argument, call.args, offset);
    if (inCall.length > 0) return inCall;
  }
  const general = typed.length >= 2 || /^\s*$/.test(head) ? helpers(analysis, offset, typed) : [];
  const statement = /^\s*$/.test(head) || /[;{}:]\s*$/.test(head);
  if (statement && isInsideBraces(analysis, offset)) return [...statements(analysis, offset), ...general];
  if (statement && atFileLevel(analysis, start)) return [programSnippet()];
  return [...general, ...(typed.startsWith('BPF_') ? [...allOps(analysis), ...flags(analysis)] : [])];
}

const atFileLevel = (analysis: SourceAnalysis, offset: number): boolean => !isInsideBraces(analysis, offset);

/** Ops under which the statement around an offset can run; every op where that is not known. */
function opsAround(analysis: SourceAnalysis, offset: number): OpMask | undefined {
  const item = functionAt(analysis, offset);
  let best: { readonly stmt: Stmt; readonly mask: OpMask } | undefined;
  if (item?.body !== undefined)
    walkStmts(item.body, (stmt) => {
      const mask = analysis.flow.reach.get(stmt);
      if (
        mask !== undefined &&
        stmt.start <= offset &&
        offset <= stmt.end &&
        (best === undefined || stmt.end - stmt.start <= best.stmt.end - best.stmt.start)
      )
        best = { stmt, mask };
    });
  return best?.mask;
}

function fields(analysis: SourceAnalysis, offset: number): readonly Draft[] {
  const mask = opsAround(analysis, offset);
  const ops = mask === undefined ? [] : opsOf(mask);
  return (CTX_FIELDS as readonly CtxFieldRow[]).flatMap((row): Draft[] => {
    const missing = missingOn({ area: 'context', lifetimes: row.lifetimes }, analysis.views);
    if (missing.length === analysis.views.length) return [];
    const zero = ops.length > 0 && ops.every((op) => readsZero(row, op));
    const asks = ops.length > 0 && ops.length < 8 && ops.every((op) => op.reply.kind === 'value');
    const draft = (name: string, count: number, rank: number): Draft => ({
      label: name,
      kind: 'field',
      detail: `${row.ctype}${count > 1 ? `[${count}]` : ''}${missing.length > 0 ? `, not on ${listed(missing)}` : zero ? ', always 0 in this op' : ''}`,
      insertText: count > 1 ? `${name}[\${1:0}]` : name,
      ...(count > 1 ? { isSnippet: true as const } : {}),
      rank: rank + (zero ? 200 : 0) + (missing.length > 0 ? 300 : 0),
      page: name,
    });
    const base = row.name === 'op' ? 0 : 20 + row.offset / 1000;
    if (row.name !== 'args') return [draft(row.name, row.count, base)];
    return [
      draft('reply', 1, asks ? 1 : 30),
      draft('args', 4, ops.some((op) => op.arguments.length > 0) ? 2 : 40),
      draft('replylong', 4, 150),
    ];
  });
}

const readsZero = (row: CtxFieldRow, op: OpRow): boolean =>
  (row.guard === 'skb' && op.packet.kind === 'none') || (row.guard === 'locked' && op.socket === 'full-unlocked');

function opDraft(analysis: SourceAnalysis, row: OpRow, rank: number): Draft {
  const missing = missingOn({ area: 'ops', lifetimes: row.lifetimes }, analysis.views);
  return {
    label: row.name,
    kind: 'op',
    detail: `${row.number}${missing.length > 0 ? `, not on ${listed(missing)}` : ''}${row.enabledBy.length > 0 ? ', needs its flag' : ''}`,
    insertText: row.name,
    rank: rank + row.number + (missing.length > 0 ? 100 : 0),
    page: row.name,
  };
}

const OP_ROWS = (OPS as readonly OpRow[]).filter((row) => row.socket !== 'none');

const allOps = (analysis: SourceAnalysis): readonly Draft[] => OP_ROWS.map((row) => opDraft(analysis, row, 0));

/** Ops that the switch around the offset has no label for yet; the others at the end. */
function caseOps(analysis: SourceAnalysis, offset: number): readonly Draft[] {
  const item = functionAt(analysis, offset);
  const handled = new Set<string>();
  const text = analysis.file.maskedText.slice(item?.body?.start ?? 0, item?.body?.end ?? analysis.file.text.length);
  for (const match of text.matchAll(/\bcase\s+(BPF_SOCK_OPS_\w+)/g)) handled.add(match[1]!);
  return OP_ROWS.filter((row) => !handled.has(row.name)).map((row) => ({
    ...opDraft(analysis, row, 0),
    insertText: `${row.name}:\n\t$0\n\tbreak;`,
    isSnippet: true as const,
  }));
}

function flags(analysis: SourceAnalysis): readonly Draft[] {
  return CALLBACK_FLAGS.map((row) => {
    const missing = missingOn({ area: 'ops', lifetimes: row.lifetimes }, analysis.views);
    return {
      label: row.name,
      kind: 'flag' as const,
      detail: `0x${row.value.toString(16)}${missing.length > 0 ? `, not on ${listed(missing)}` : ''}`,
      insertText: row.name,
      rank: row.bit + (missing.length > 0 ? 100 : 0),
      page: row.name,
    };
  });
}

function states(): readonly Draft[] {
  return [
    'ESTABLISHED',
    'SYN_SENT',
    'SYN_RECV',
    'FIN_WAIT1',
    'FIN_WAIT2',
    'TIME_WAIT',
    'CLOSE',
    'CLOSE_WAIT',
    'LAST_ACK',
    'LISTEN',
    'CLOSING',
    'NEW_SYN_RECV',
  ].map((name, i) => ({
    label: `BPF_TCP_${name}`,
    kind: 'constant' as const,
    detail: String(headerConstant(`BPF_TCP_${name}`) ?? ''),
    insertText: `BPF_TCP_${name}`,
    rank: i,
  }));
}

function mapTypes(analysis: SourceAnalysis): readonly Draft[] {
  return MAP_TYPES.filter((row) => row.inSockOps === 'yes').map((row, i) => {
    const missing = missingOn({ area: 'maps', lifetimes: row.lifetimes }, analysis.views);
    return {
      label: row.name,
      kind: 'map-type' as const,
      detail: missing.length > 0 ? `not on ${listed(missing)}` : row.short,
      insertText: row.name,
      rank: i + (missing.length > 0 ? 100 : 0),
      page: row.name,
    };
  });
}

function sections(): readonly Draft[] {
  return [
    { label: 'sockops', kind: 'section', detail: 'a sock_ops program', insertText: 'sockops', rank: 0 },
    { label: '.maps', kind: 'section', detail: 'a BTF-defined map', insertText: '.maps', rank: 1 },
    { label: 'license', kind: 'section', detail: 'the license of the programs', insertText: 'license', rank: 2 },
  ];
}

function callArguments(
  analysis: SourceAnalysis,
  name: string,
  argument: number,
  args: readonly string[],
  offset: number,
): readonly Draft[] {
  const ctx = contextNameAt(analysis, offset);
  if (name === 'bpf_sock_ops_cb_flags_set' && argument === 1) {
    const keep: Draft[] =
      ctx === undefined
        ? []
        : [
            {
              label: `${ctx}->bpf_sock_ops_cb_flags |`,
              kind: 'snippet',
              detail: 'keep the flags that are set',
              insertText: `${ctx}->bpf_sock_ops_cb_flags | \${1:BPF_SOCK_OPS_STATE_CB_FLAG}`,
              isSnippet: true,
              rank: -1,
            },
          ];
    return [...(args[1]?.includes('|') === true ? [] : keep), ...flags(analysis)];
  }
  if (name !== 'bpf_setsockopt' && name !== 'bpf_getsockopt') return [];
  const mode = name === 'bpf_setsockopt' ? 'set' : 'get';
  if (argument === 1)
    return (['SOL_TCP', 'SOL_SOCKET', 'SOL_IP', 'SOL_IPV6'] as const).map((level, rank) => ({
      label: level,
      kind: 'constant',
      detail: String(headerConstant(level)),
      insertText: level,
      rank,
    }));
  if (argument === 2) return options(analysis, mode, args[1] ?? '');
  return [];
}

function options(analysis: SourceAnalysis, mode: 'set' | 'get', level: string): readonly Draft[] {
  return (SOCKOPTS as readonly SockoptRow[]).flatMap((row, i): Draft[] => {
    const side = row[mode];
    if (side === undefined || (/^SOL_/.test(level) && row.level !== level)) return [];
    const missing = missingOn({ area: 'options', lifetimes: side.lifetimes }, analysis.views);
    return [
      {
        label: row.name,
        kind: 'option',
        detail: `${row.level}${missing.length > 0 ? `, from ${sinceText(side.lifetimes)}: not on ${listed(missing)}` : ''}`,
        insertText: row.name,
        rank: i + (missing.length > 0 ? 100 : 0),
        page: row.name,
      },
    ];
  });
}

function helpers(analysis: SourceAnalysis, offset: number, typed: string): readonly Draft[] {
  const first = analysis.views[0];
  if (first === undefined || (typed !== '' && !'bpf_'.startsWith(typed.slice(0, 4)))) return [];
  const ctx = contextNameAt(analysis, offset) ?? 'skops';
  const newest = analysis.views.flatMap((view) => view.helpers);
  return [...new Map(newest.map((row) => [row.name, row])).values()].map((row): Draft => {
    const existence = existenceOf(row.name, 'name')!;
    const missing = missingOn(existence, analysis.views);
    return {
      label: row.name,
      kind: 'helper',
      detail: missing.length > 0 ? `not on ${listed(missing)}` : prototypeOf(row),
      insertText: `${row.name}(${argumentSnippet(row, ctx)})`,
      isSnippet: true,
      rank: 500 + row.id / 1000 + (missing.length > 0 ? 100 : 0) + (/sock|hdr_opt/.test(row.name) ? -100 : 0),
      page: row.name,
    };
  });
}

const prototypeOf = (row: HelperRow): string => row.prototype.replace(/\s+/g, ' ');

function argumentSnippet(row: HelperRow, ctx: string): string {
  return (row.sockOps?.arguments ?? [])
    .map((argument, i) => (argument.arg.kind === 'ctx' ? ctx : `\${${i + 1}:${argument.name}}`))
    .join(', ');
}

function statements(analysis: SourceAnalysis, offset: number): readonly Draft[] {
  const ctx = contextNameAt(analysis, offset);
  if (ctx === undefined) return [];
  const established = [
    'BPF_SOCK_OPS_TCP_CONNECT_CB',
    'BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB',
    'BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB',
  ];
  return [
    {
      label: `switch (${ctx}->op)`,
      kind: 'snippet',
      detail: 'one case for each moment of the connection',
      insertText: `switch (${ctx}->op) {\n${established.map((name, i) => `case ${name}:\n\t$${i + 1}\n\tbreak;`).join('\n')}\ndefault:\n\tbreak;\n}\n$0`,
      isSnippet: true,
      rank: 400,
    },
    {
      label: 'every callback flag',
      kind: 'snippet',
      detail: 'set all flags without losing those that are set',
      insertText: `bpf_sock_ops_cb_flags_set(${ctx}, ${ctx}->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_ALL_CB_FLAGS);\n$0`,
      isSnippet: true,
      rank: 401,
    },
    {
      label: 'checked sk',
      kind: 'snippet',
      detail: 'read sk once and test it',
      insertText: `struct bpf_sock *sk = ${ctx}->sk;\n\nif (!sk)\n\treturn 1;\n$0`,
      isSnippet: true,
      rank: 402,
    },
  ];
}

function programSnippet(): Draft {
  return {
    label: 'sock_ops program',
    kind: 'snippet',
    detail: 'a program with its section',
    insertText: `SEC("sockops")\nint \${1:name}(struct bpf_sock_ops *skops)\n{\n\tswitch (skops->op) {\n\tcase BPF_SOCK_OPS_TCP_CONNECT_CB:\n\t\t$0\n\t\tbreak;\n\tdefault:\n\t\tbreak;\n\t}\n\treturn 1;\n}\n`,
    isSnippet: true,
    rank: 0,
  };
}
