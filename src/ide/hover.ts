// What an editor shows over a word: the page of the knowledge base for it, whether the target kernels have it, and what can be worked
// out from the text (values in both byte orders, ops behind numbers).

import type { TextSpan } from '../base/index.ts';
import { explain, OPS, pageMarkdown, TCP_STATES } from '../kernel/index.ts';
import { contextField, type Expr, opsOf, swapWidth, type Value, walkExprs } from '../syntax/index.ts';
import { headerConstant } from './constants.ts';
import { functionAt } from './mend.ts';
import { byNode, type SourceAnalysis, textOf } from './source-analysis.ts';
import { isContextMember, wordAt } from './word.ts';
import { opNames } from './words.ts';

export interface Hover {
  readonly span: TextSpan;
  readonly markdown: string;
}

/** The hover at an offset; undefined where there is nothing to say. */
export function hoverAt(analysis: SourceAnalysis, offset: number): Hover | undefined {
  if (!analysis.source.isSockOps) return undefined;
  const word = wordAt(analysis.file, offset);
  if (word === undefined) return undefined;
  const parts = /^\d/.test(word.text)
    ? [numberHover(analysis, word.span)]
    : [
        swapHover(analysis, word.text, word.span),
        pageOf(analysis, word.text, word.span.start),
        ownHover(analysis, word.text, offset),
      ];
  const markdown = parts.filter((part) => part !== undefined && part !== '').join('\n\n---\n\n');
  return markdown === '' ? undefined : { span: word.span, markdown };
}

/** The page of the knowledge base for a name, with what the target kernels lack. */
export function pageFor(name: string, isMember: 'member' | 'name', views: SourceAnalysis['views']): string | undefined {
  const { entries, pages } = explain(name, views);
  const index = entries.findIndex((entry) =>
    isMember === 'member'
      ? entry.kind === 'field'
      : entry.kind !== 'field' && entry.kind !== 'sock-field' && entry.kind !== 'profile',
  );
  const page = pages[index];
  return page === undefined ? undefined : pageMarkdown(page).trimEnd();
}

function pageOf(analysis: SourceAnalysis, name: string, start: number): string | undefined {
  if (isContextMember(analysis, start))
    return contextField(name) === undefined ? undefined : pageFor(name, 'member', analysis.views);
  const owner = /(\w+)\s*(->|\.)\s*$/.exec(analysis.file.text.slice(Math.max(0, start - 80), start));
  if (owner) return sockMember(analysis, name, start);
  // Short words mean something as a member only.
  if (contextField(name) !== undefined && headerConstant(name) === undefined) return undefined;
  if (!/^(bpf_|BPF_|SO_|SOL_|TCP_|IP_|IPV6_|AF_|IPPROTO_|SK_|SEC$|__)/.test(name)) return undefined;
  return pageFor(name, 'name', analysis.views);
}

/** A member read through a socket pointer, by value flow. */
function sockMember(analysis: SourceAnalysis, name: string, start: number): string | undefined {
  const use = analysis.flow
    .of('dereference')
    .find(
      (found) => found.node.kind === 'field' && found.node.nameSpan.start === start && found.pointer.kind === 'pointer',
    );
  const target = use?.pointer.kind === 'pointer' ? use.pointer.to.kind : undefined;
  const structure = target === 'sock' ? 'bpf_sock' : target === 'tcp-sock' ? 'bpf_tcp_sock' : undefined;
  if (structure === undefined) return undefined;
  const { entries, pages } = explain(`${structure}.${name}`, analysis.views);
  const page = pages[entries.findIndex((entry) => entry.kind === 'sock-field')];
  return page === undefined ? undefined : pageMarkdown(page).trimEnd();
}

/** What the file itself says about a name. */
function ownHover(analysis: SourceAnalysis, name: string, offset: number): string | undefined {
  const { file, source, flow } = analysis;
  const macro = file.macros.get(name);
  if (macro !== undefined) {
    const value = constantOf(analysis, name);
    return `\`\`\`c\n#define ${name}${macro.parameters === undefined ? '' : `(${macro.parameters.join(', ')})`} ${macro.bodyText}\n\`\`\`${value === undefined ? '' : `\n\n= ${value} (0x${BigInt.asUintN(64, value).toString(16)})`}`;
  }
  const map = source.maps.get(name);
  if (map !== undefined) {
    const lines = [...map.settings].map(([key, setting]) => `- ${key}: \`${setting.text}\``);
    return `**map \`${name}\`**\n\n${lines.join('\n')}`;
  }
  const item = source.functions.get(name);
  if (item?.body !== undefined && item.nameSpan.start <= offset && offset <= item.nameSpan.end) {
    const mask = flow.reach.get(item.body) ?? 0;
    if (!flow.entered.has(item)) return undefined;
    const ops = opsOf(mask);
    return ops.length === 20 ? undefined : `Runs in ${opNames(mask, 8)}.`;
  }
  return undefined;
}

function constantOf(analysis: SourceAnalysis, name: string): bigint | undefined {
  let value: bigint | undefined;
  for (const item of analysis.source.functions.values())
    if (item.body !== undefined && value === undefined)
      walkExprs(item.body, (expr) => {
        if (value === undefined && expr.kind === 'macro' && expr.name === name) value = analysis.constant(expr);
      });
  return value;
}

/** A byte-order function with a constant: the value on both kinds of machine. */
function swapHover(analysis: SourceAnalysis, name: string, span: TextSpan): string | undefined {
  const bits = swapWidth(name);
  if (bits === undefined) return undefined;
  const call = exprAt(analysis, span.start, (expr) => expr.kind === 'call' && expr.callee.start === span.start);
  const argument = call?.kind === 'call' ? call.args[0] : undefined;
  const value = argument === undefined ? undefined : analysis.constant(argument);
  const general = `**\`${name}()\`** swaps ${bits} bits on a little-endian machine and does nothing on a big-endian one.`;
  if (value === undefined) return general;
  const swapped = swap(value, bits);
  const digits = bits / 4;
  return `${general}\n\n\`${textOf(analysis, argument!)}\` = ${value} becomes **0x${swapped.toString(16).padStart(digits, '0')}** (${swapped})`;
}

export function swap(value: bigint, bits: number): bigint {
  let out = 0n;
  for (let i = 0; i < bits; i += 8) out = (out << 8n) | ((value >> BigInt(i)) & 0xffn);
  return out;
}

function exprAt(analysis: SourceAnalysis, offset: number, wanted: (expr: Expr) => boolean): Expr | undefined {
  const item = functionAt(analysis, offset);
  let found: Expr | undefined;
  if (item?.body !== undefined)
    walkExprs(item.body, (expr) => {
      if (found === undefined && wanted(expr)) found = expr;
    });
  return found;
}

/** A number that is compared with something of the context: what it means there. */
function numberHover(analysis: SourceAnalysis, span: TextSpan): string | undefined {
  const meaning = (other: Value, number: Value): string | undefined => {
    if (number.kind !== 'ints' || number.values.length !== 1) return undefined;
    const value = Number(number.values[0]);
    const repr = other.kind === 'ints' || other.kind === 'number' ? other.origin?.field.repr.kind : undefined;
    if (repr === 'op') {
      const row = OPS.find((op) => op.number === value);
      return row === undefined ? `no op has the number ${value}` : `op ${value} is \`${row.name}\`: ${row.doc}`;
    }
    if (repr === 'tcp-state') {
      const row = TCP_STATES.find((state) => state.number === value);
      return row === undefined ? undefined : `state ${value} is \`${row.name}\`: ${row.doc}`;
    }
    if (repr === 'address-family') return value === 2 ? '`AF_INET`' : value === 10 ? '`AF_INET6`' : undefined;
    if (repr === 'port')
      return `port ${value & 0xffff} in host order; ${swap(BigInt(value), 16)} (0x${swap(BigInt(value), 16).toString(16)}) as 16 bits in network order`;
    return undefined;
  };
  const at = (node: Expr): boolean => node.start <= span.start && span.end <= node.end;
  for (const group of byNode(analysis.flow.of('comparison'))) {
    const { leftNode, rightNode, left, right } = group.all[0]!;
    const text = at(rightNode) ? meaning(left, right) : at(leftNode) ? meaning(right, left) : undefined;
    if (text !== undefined) return text;
  }
  for (const group of byNode(analysis.flow.of('case-label'))) {
    const { node, scrutinee, value } = group.all[0]!;
    if (node.value !== undefined && at(node.value)) return meaning(scrutinee, value);
  }
  return undefined;
}
