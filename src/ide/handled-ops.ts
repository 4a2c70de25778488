// The places where a file says "in this op": case labels and comparisons with the op, by value flow, whatever the variable is called.

import type { TextSpan } from '../base/index.ts';
import { type CaseStmt, type Expr, type Stmt, type Value, walkStmts } from '../syntax/index.ts';
import { byNode, type SourceAnalysis } from './source-analysis.ts';

export interface HandledOp {
  readonly op: number;
  /** The constant as written. */
  readonly span: TextSpan;
  readonly how: 'case' | 'equal' | 'not-equal';
  /** The label, for a case. */
  readonly label?: CaseStmt;
}

const isOp = (value: Value): boolean => value.kind === 'ints' && value.origin?.field.repr.kind === 'op';
const constant = (value: Value): number | undefined =>
  value.kind === 'ints' && value.values.length === 1 ? Number(value.values[0]) : undefined;

/** Ops that the file mentions, in source order. */
export function handledOps(analysis: SourceAnalysis): readonly HandledOp[] {
  const handled: HandledOp[] = [];
  for (const group of byNode(analysis.flow.of('case-label'))) {
    const { scrutinee, value, node } = group.all[0]!;
    const op = constant(value);
    if (isOp(scrutinee) && op !== undefined && node.value !== undefined)
      handled.push({ op, span: spanOf(node.value), how: 'case', label: node });
  }
  for (const group of byNode(analysis.flow.of('comparison'))) {
    const { left, right, leftNode, rightNode, op_ } = group.all[0]!;
    if (op_ !== '==' && op_ !== '!=') continue;
    const [value, node] = isOp(left) ? [right, rightNode] : isOp(right) ? [left, leftNode] : [undefined, undefined];
    const op = value === undefined || (isOp(left) && isOp(right)) ? undefined : constant(value);
    if (op !== undefined && node !== undefined)
      handled.push({ op, span: spanOf(node), how: op_ === '==' ? 'equal' : 'not-equal' });
  }
  return handled.sort((a, b) => a.span.start - b.span.start);
}

const spanOf = (expr: Expr): TextSpan => ({ start: expr.start, end: expr.end });

/** Whether the case, with those it falls through to, only leaves the switch: nothing is lost when it never comes. */
export function doesNothing(analysis: SourceAnalysis, label: CaseStmt): boolean {
  let arms: readonly Stmt[] = [];
  for (const item of analysis.file.functions) {
    if (item.body === undefined || label.start < item.start || item.end <= label.start) continue;
    walkStmts(item.body, (stmt) => {
      if (stmt.kind === 'switch' && stmt.body.includes(label)) arms = stmt.body.slice(stmt.body.indexOf(label));
    });
  }
  for (const arm of arms) {
    if (arm.kind !== 'case') return false;
    if (arm.body.length > 0) return arm.body.every(isIdle);
  }
  return false;
}

function isIdle(stmt: Stmt): boolean {
  if (stmt.kind === 'block') return stmt.body.every(isIdle);
  if (stmt.kind === 'return') return stmt.value === undefined || /^(number|name|macro)$/.test(stmt.value.kind);
  return stmt.kind === 'break';
}
