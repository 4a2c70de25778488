// Where a file sets callback flags, by the helper or by the socket option.

import type { Expr, OpMask, Value } from '../syntax/index.ts';
import { byNode, type SourceAnalysis } from './source-analysis.ts';

export interface FlagSetter {
  readonly node: Expr;
  readonly argument: Expr | undefined;
  /** The mask that is set, where it is one known number. */
  readonly value: bigint | undefined;
  /** Bits that are certainly among those set. */
  readonly atLeast: bigint;
  /** Whether the old mask is part of the new one. */
  readonly keepsOld: boolean;
  readonly ops: OpMask;
}

const KEEPS_OLD = /bpf_sock_ops_cb_flags\b(?!_set)/;

/** Every call that sets the mask. */
export function flagSetters(analysis: SourceAnalysis): readonly FlagSetter[] {
  const setters: FlagSetter[] = [];
  for (const group of byNode(analysis.flow.of('call'))) {
    const first = group.all[0]!;
    const isHelper = first.name === 'bpf_sock_ops_cb_flags_set';
    const isOption = first.name === 'bpf_setsockopt' && intOf(first.args[2]) === 1008n;
    if (!isHelper && !isOption) continue;
    const argument = isHelper ? first.node.args[1] : undefined;
    const value = isHelper ? intOf(first.args[1]) : undefined;
    setters.push({
      node: first.node,
      argument,
      value,
      atLeast: value ?? (argument === undefined ? 0n : certainBits(argument, analysis)),
      keepsOld: argument !== undefined && value === undefined && mentionsOldMask(argument, analysis),
      ops: group.ops,
    });
  }
  return setters;
}

/** Whether some setter may set the bit: one whose mask is not known may set anything. */
export function maySetFlag(setters: readonly FlagSetter[], bit: bigint): boolean {
  return setters.some((setter) =>
    setter.value === undefined
      ? (setter.atLeast & bit) !== 0n || !setter.keepsOld || setter.atLeast === 0n
      : (setter.value & bit) !== 0n,
  );
}

const intOf = (value: Value | undefined): bigint | undefined =>
  value?.kind === 'ints' && value.values.length === 1 ? value.values[0] : undefined;

/** Bits that an OR of constants and unknown parts certainly has. */
function certainBits(expr: Expr, analysis: SourceAnalysis): bigint {
  const value = analysis.constant(expr);
  if (value !== undefined) return value;
  if (expr.kind === 'macro' && expr.expansion !== undefined) return certainBits(expr.expansion, analysis);
  if (expr.kind === 'binary' && expr.op === '|')
    return certainBits(expr.left, analysis) | certainBits(expr.right, analysis);
  return 0n;
}

function mentionsOldMask(expr: Expr, analysis: SourceAnalysis): boolean {
  const text = analysis.file.text.slice(expr.start, expr.end);
  if (KEEPS_OLD.test(text)) return true;
  const body = expr.kind === 'macro' ? (analysis.file.macros.get(expr.name)?.bodyText ?? '') : '';
  // A variable may have been filled from the old mask; nobody can tell from here.
  return KEEPS_OLD.test(body) || expr.kind === 'name';
}
