// Where the source reads members of the context, found by declared types alone; for what the flow analysis does not reach.

import { type Expr, type FieldExpr, type FunctionItem, type Stmt, walkExprs, walkStmts } from '../syntax/index.ts';
import type { SourceAnalysis } from './source-analysis.ts';

/** Names of parameters and locals of a function that hold the context pointer. */
export function contextNames(analysis: SourceAnalysis, item: FunctionItem): ReadonlySet<string> {
  const { types } = analysis.source;
  const names = new Set<string>();
  for (const parameter of item.parameters) if (types.isContextPointer(parameter.type)) names.add(parameter.name);
  const visit = (stmt: Stmt): void => {
    if (stmt.kind !== 'declaration') return;
    for (const variable of stmt.variables) {
      const copies =
        variable.init?.kind === 'name' && names.has(variable.init.name) && /typeof|auto/.test(variable.type.name);
      if (types.isContextPointer(variable.type) || copies) names.add(variable.name);
    }
  };
  if (item.body !== undefined) walkStmts(item.body, visit);
  return names;
}

const known = new WeakMap<SourceAnalysis, readonly FieldExpr[]>();

/** Every `ctx->name` of the file, those in macro expansions included (once per place). */
export function contextFieldUses(analysis: SourceAnalysis): readonly FieldExpr[] {
  const before = known.get(analysis);
  if (before !== undefined) return before;
  const uses = findUses(analysis);
  known.set(analysis, uses);
  return uses;
}

function findUses(analysis: SourceAnalysis): readonly FieldExpr[] {
  const uses: FieldExpr[] = [];
  const seen = new Set<string>();
  for (const item of analysis.source.functions.values()) {
    if (item.body === undefined) continue;
    const names = contextNames(analysis, item);
    if (names.size === 0) continue;
    walkExprs(item.body, (expr) => {
      if (expr.kind !== 'field' || !expr.arrow || !isContext(expr.object, names)) return;
      const key = `${expr.start}:${expr.end}:${expr.name}`;
      if (seen.has(key)) return;
      seen.add(key);
      uses.push(expr);
    });
  }
  return uses;
}

function isContext(expr: Expr, names: ReadonlySet<string>): boolean {
  if (expr.kind === 'macro' && expr.expansion !== undefined) return isContext(expr.expansion, names);
  if (expr.kind === 'cast') return isContext(expr.operand, names);
  return expr.kind === 'name' && names.has(expr.name);
}
