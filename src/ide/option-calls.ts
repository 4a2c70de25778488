// Calls of bpf_setsockopt() and bpf_getsockopt(), with what is known of their arguments.

import { SOCKOPTS, type SockoptRow } from '../kernel/index.ts';
import type { Expr, HelperCall, OpMask, Value } from '../syntax/index.ts';
import { byNode, type SourceAnalysis, textOf } from './source-analysis.ts';

export interface OptionCall {
  readonly node: HelperCall['node'];
  readonly mode: 'set' | 'get';
  readonly level: number | undefined;
  readonly option: number | undefined;
  readonly length: number | undefined;
  readonly levelNode: Expr | undefined;
  readonly optionNode: Expr | undefined;
  readonly valueNode: Expr | undefined;
  readonly lengthNode: Expr | undefined;
  /** The row that the option's name in the source names, whatever the level says. */
  readonly named: SockoptRow | undefined;
  /** Every level and option that some path gives together, where both are known: a wrapper or a table gives several. */
  readonly pairs: readonly { readonly level: number; readonly option: number }[];
  readonly ops: OpMask;
  readonly all: readonly HelperCall[];
}

const one = (value: Value | undefined): number | undefined =>
  value?.kind === 'ints' && value.values.length === 1 ? Number(value.values[0]) : undefined;

/** Pairs of the paths. Where one path may give several levels and several options, nothing says which belong together. */
function pairsOf(calls: readonly HelperCall[]): { level: number; option: number }[] {
  const pairs = new Map<string, { level: number; option: number }>();
  for (const { args } of calls) {
    const [, levels, options] = args;
    if (levels?.kind !== 'ints' || options?.kind !== 'ints' || levels.values.length > 1) continue;
    for (const value of options.values) {
      const [level, option] = [Number(levels.values[0]), Number(value)];
      pairs.set(`${level}:${option}`, { level, option });
    }
  }
  return [...pairs.values()];
}

export function optionCalls(analysis: SourceAnalysis): readonly OptionCall[] {
  const calls: OptionCall[] = [];
  for (const group of byNode(analysis.flow.of('call'))) {
    const first = group.all[0]!;
    if (first.name !== 'bpf_setsockopt' && first.name !== 'bpf_getsockopt') continue;
    const [, levelNode, optionNode, valueNode, lengthNode] = first.node.args;
    const agreed = (index: number): number | undefined => {
      const values = new Set(group.all.map((call) => one(call.args[index])));
      return values.size === 1 ? [...values][0] : undefined;
    };
    const spelled = optionNode === undefined ? '' : textOf(analysis, optionNode).trim();
    calls.push({
      node: first.node,
      mode: first.name === 'bpf_setsockopt' ? 'set' : 'get',
      level: agreed(1),
      option: agreed(2),
      length: agreed(4),
      levelNode,
      optionNode,
      valueNode,
      lengthNode,
      named: (SOCKOPTS as readonly SockoptRow[]).find((row) => row.name === spelled),
      pairs: pairsOf(group.all),
      ops: group.ops,
      all: group.all,
    });
  }
  return calls;
}
