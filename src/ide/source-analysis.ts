// Everything that the rules and the editor features ask about one C file: the parsed program, the flow analysis, the target
// kernels, and a few questions that several of them share. Computed once per text.

import type { TextSpan } from '../base/index.ts';
import type { KernelView } from '../kernel/index.ts';
import {
  analyseFlow,
  type CFile,
  type Expr,
  FlowCache,
  type FlowResult,
  type NameExpr,
  type OpMask,
  type ProgramFile,
  readProgramFile,
  type Stmt,
  walkExprs,
} from '../syntax/index.ts';
import { headerConstant } from './constants.ts';
import type { TextEdit } from './diagnostic.ts';

export interface SourceAnalysis {
  readonly file: CFile;
  readonly source: ProgramFile;
  readonly flow: FlowResult;
  readonly views: readonly KernelView[];
  /** Value of a constant expression of the file. */
  constant(expr: Expr): bigint | undefined;
}

/** What is kept of the flow analysis from one text of a file to the next. */
const flowCaches = new WeakMap<CFile, FlowCache>();

/** Analyses a file for the target kernels. */
export function analyseSource(file: CFile, views: readonly KernelView[]): SourceAnalysis {
  const source = readProgramFile(file);
  const constant = (expr: Expr): bigint | undefined => constantValue(expr, source);
  source.types.evaluate = constant;
  const cache = flowCaches.get(file) ?? new FlowCache();
  flowCaches.set(file, cache);
  return { file, source, flow: analyseFlow(source, headerConstant, cache), views, constant };
}

function constantValue(expr: Expr, source: ProgramFile): bigint | undefined {
  switch (expr.kind) {
    case 'number':
      return expr.value;
    case 'name':
      return source.types.enumerators.get(expr.name)?.value ?? headerConstant(expr.name);
    case 'macro':
      return expr.expansion === undefined ? headerConstant(expr.name) : constantValue(expr.expansion, source);
    case 'cast':
      return constantValue(expr.operand, source);
    case 'unary': {
      const value = constantValue(expr.operand, source);
      if (value === undefined) return undefined;
      return expr.op === '-' ? -value : expr.op === '~' ? ~value : expr.op === '+' ? value : undefined;
    }
    case 'binary': {
      const left = constantValue(expr.left, source);
      const right = constantValue(expr.right, source);
      if (left === undefined || right === undefined) return undefined;
      return fold(expr.op, left, right);
    }
    case 'sizeof': {
      const size = expr.type === undefined ? undefined : source.types.sizeOf(expr.type);
      return size === undefined ? undefined : BigInt(size);
    }
    default:
      return undefined;
  }
}

function fold(op: string, a: bigint, b: bigint): bigint | undefined {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? undefined : a / b;
    case '|':
      return a | b;
    case '&':
      return a & b;
    case '<<':
      return b < 0n || b > 63n ? undefined : a << b;
    case '>>':
      return b < 0n || b > 63n ? undefined : a >> b;
    default:
      return undefined;
  }
}

export interface Grouped<T> {
  readonly node: Expr | Stmt;
  readonly ops: OpMask;
  readonly all: readonly T[];
}

const grouped = new WeakMap<object, readonly Grouped<unknown>[]>();

/** Observations by the node they were made at, in source order, with the ops under which they were made. Computed once per list. */
export function byNode<T extends { readonly node: Expr | Stmt; readonly op: { readonly number: number } }>(
  observations: readonly T[],
): readonly Grouped<T>[] {
  const known = grouped.get(observations);
  if (known !== undefined) return known as readonly Grouped<T>[];
  const result = groupByNode(observations);
  grouped.set(observations, result);
  return result;
}

interface Growing<T> {
  readonly node: Expr | Stmt;
  ops: OpMask;
  readonly all: T[];
}

function groupByNode<T extends { readonly node: Expr | Stmt; readonly op: { readonly number: number } }>(
  observations: readonly T[],
): readonly Grouped<T>[] {
  const groups = new Map<Expr | Stmt, Growing<T>>();
  for (const observation of observations) {
    const group = groups.get(observation.node);
    const bit = 1 << observation.op.number;
    if (group === undefined) groups.set(observation.node, { node: observation.node, ops: bit, all: [observation] });
    else {
      group.ops |= bit;
      group.all.push(observation);
    }
  }
  const sorted = [...groups.values()].sort((a, b) => a.node.start - b.node.start || a.node.end - b.node.end);
  // One span can stand for several nodes (a macro used once, a function run from two places): it is reported once.
  const out: Growing<T>[] = [];
  for (const group of sorted) {
    const same = sameSpan(out, group.node);
    if (same === undefined) out.push(group);
    else {
      same.ops |= group.ops;
      same.all.push(...group.all);
    }
  }
  return out;
}

/** The last group with this very span; groups are in order, so it is among the last ones. */
function sameSpan<T>(out: readonly Growing<T>[], node: Expr | Stmt): Growing<T> | undefined {
  for (let i = out.length - 1; i >= 0; i--) {
    const other = out[i]!.node;
    if (other.start !== node.start || other.end !== node.end) return undefined;
    if (other.kind === node.kind) return out[i];
  }
  return undefined;
}

/** Text of a span. */
export function textOf(analysis: SourceAnalysis, span: TextSpan): string {
  return analysis.file.text.slice(span.start, span.end);
}

const names = new WeakMap<SourceAnalysis, readonly NameExpr[]>();

/** Every name used in the file's functions, expansions included. */
export function everyName(analysis: SourceAnalysis): readonly NameExpr[] {
  const known = names.get(analysis);
  if (known !== undefined) return known;
  const found: NameExpr[] = [];
  everyExpr(analysis, (expr) => {
    if (expr.kind === 'name') found.push(expr);
  });
  names.set(analysis, found);
  return found;
}

/** Every expression of the file's functions, expansions included. */
export function everyExpr(analysis: SourceAnalysis, visit: (expr: Expr) => void): void {
  for (const item of analysis.source.functions.values()) if (item.body !== undefined) walkExprs(item.body, visit);
}

/** White space at the start of the line of an offset. */
export function indentAt(analysis: SourceAnalysis, offset: number): string {
  const { lines, text } = analysis.file;
  const start = lines.lineStart(lines.position(offset).line0);
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}

/** Inserts lines before the line that holds `offset`, indented like it. */
export function insertLinesBefore(analysis: SourceAnalysis, offset: number, lines: readonly string[]): TextEdit {
  const indent = indentAt(analysis, offset);
  const index = analysis.file.lines;
  const start = index.lineStart(index.position(offset).line0);
  return { start, end: start, newText: lines.map((line) => `${indent}${line}\n`).join('') };
}

/** Puts text at the end of the includes (or at the top of the file). */
export function insertAfterIncludes(analysis: SourceAnalysis, text: string): TextEdit {
  const last = analysis.file.preprocessed.includes.at(-1);
  const index = analysis.file.lines;
  const at = last === undefined ? 0 : index.lineStart(index.position(last.span.end).line0 + 1);
  return { start: at, end: at, newText: `${text}\n` };
}

/** Whether the spans are the same text of the file (an expansion stands at its use and is none). */
export function isLiteral(analysis: SourceAnalysis, span: TextSpan): boolean {
  const start = analysis.file.maskedText[span.start];
  return start !== undefined && start !== ' ';
}
