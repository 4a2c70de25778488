// The few node kinds that the checks need, as plain data with UTF-16 offsets. Parentheses are dropped; a use of one of the file's
// own macros is a `macro` node that holds what it stands for.

import type { TextSpan } from '../base/index.ts';
import type { Annotation } from './mask.ts';

export interface NameExpr extends TextSpan {
  readonly kind: 'name';
  readonly name: string;
}
export interface NumberExpr extends TextSpan {
  readonly kind: 'number';
  readonly text: string;
  /** Undefined for floating point and malformed literals. */
  readonly value: bigint | undefined;
}
export interface StringExpr extends TextSpan {
  readonly kind: 'string';
  /** Code units, escapes resolved, without the terminating NUL. */
  readonly units: readonly number[];
}
export interface CallExpr extends TextSpan {
  readonly kind: 'call';
  readonly callee: Expr;
  readonly args: readonly Expr[];
}
export interface FieldExpr extends TextSpan {
  readonly kind: 'field';
  readonly object: Expr;
  readonly name: string;
  readonly nameSpan: TextSpan;
  readonly arrow: boolean;
}
export interface IndexExpr extends TextSpan {
  readonly kind: 'index';
  readonly object: Expr;
  readonly index: Expr;
}
export interface UnaryExpr extends TextSpan {
  readonly kind: 'unary';
  readonly op: '-' | '+' | '!' | '~' | '*' | '&';
  readonly operand: Expr;
}
export interface UpdateExpr extends TextSpan {
  readonly kind: 'update';
  readonly op: '++' | '--';
  readonly operand: Expr;
}
export interface BinaryExpr extends TextSpan {
  readonly kind: 'binary';
  readonly op: string;
  readonly left: Expr;
  readonly right: Expr;
}
export interface AssignExpr extends TextSpan {
  readonly kind: 'assign';
  /** `=`, or the arithmetic operator of a compound assignment (`+` for `+=`). */
  readonly op: string;
  readonly target: Expr;
  readonly value: Expr;
}
export interface ConditionalExpr extends TextSpan {
  readonly kind: 'conditional';
  readonly condition: Expr;
  /** Undefined in `a ?: b`. */
  readonly whenTrue: Expr | undefined;
  readonly whenFalse: Expr;
}
export interface CastExpr extends TextSpan {
  readonly kind: 'cast';
  readonly type: TypeRef;
  readonly operand: Expr;
}
export interface SizeofExpr extends TextSpan {
  readonly kind: 'sizeof';
  readonly type: TypeRef | undefined;
  readonly operand: Expr | undefined;
}
export interface CommaExpr extends TextSpan {
  readonly kind: 'comma';
  readonly left: Expr;
  readonly right: Expr;
}
export interface InitListExpr extends TextSpan {
  readonly kind: 'init-list';
  readonly entries: readonly InitEntry[];
}
export interface InitEntry extends TextSpan {
  /** Field names of `.a.b`, in order; an array designator is an expression. */
  readonly designators: readonly (string | Expr)[];
  readonly value: Expr;
}
export interface CompoundLiteralExpr extends TextSpan {
  readonly kind: 'compound-literal';
  readonly type: TypeRef;
  readonly init: Expr;
}
export interface StatementExpr extends TextSpan {
  readonly kind: 'statement-expr';
  readonly body: BlockStmt;
}
/** A use of a macro of this file; `expansion` and `statements` are undefined when the body is neither. */
export interface MacroExpr extends TextSpan {
  readonly kind: 'macro';
  readonly name: string;
  readonly nameSpan: TextSpan;
  readonly args: readonly Expr[];
  readonly expansion: Expr | undefined;
  readonly statements: BlockStmt | undefined;
}
/** Anything else, and what the parser could not make sense of. */
export interface OpaqueExpr extends TextSpan {
  readonly kind: 'opaque';
  readonly parts: readonly Expr[];
  readonly broken: boolean;
}

export type Expr =
  | NameExpr
  | NumberExpr
  | StringExpr
  | CallExpr
  | FieldExpr
  | IndexExpr
  | UnaryExpr
  | UpdateExpr
  | BinaryExpr
  | AssignExpr
  | ConditionalExpr
  | CastExpr
  | SizeofExpr
  | CommaExpr
  | InitListExpr
  | CompoundLiteralExpr
  | StatementExpr
  | MacroExpr
  | OpaqueExpr;

export interface ExprStmt extends TextSpan {
  readonly kind: 'expression';
  readonly expr: Expr;
}
export interface DeclStmt extends TextSpan {
  readonly kind: 'declaration';
  readonly variables: readonly Variable[];
}
export interface BlockStmt extends TextSpan {
  readonly kind: 'block';
  readonly body: readonly Stmt[];
}
export interface IfStmt extends TextSpan {
  readonly kind: 'if';
  readonly condition: Expr;
  readonly whenTrue: Stmt;
  readonly whenFalse: Stmt | undefined;
}
export interface SwitchStmt extends TextSpan {
  readonly kind: 'switch';
  readonly value: Expr;
  readonly body: readonly Stmt[];
}
/** A label of a switch and the statements up to the next label. */
export interface CaseStmt extends TextSpan {
  readonly kind: 'case';
  /** Undefined for `default`. */
  readonly value: Expr | undefined;
  /** Upper end of `case LOW ... HIGH`. */
  readonly last: Expr | undefined;
  readonly labelSpan: TextSpan;
  readonly body: readonly Stmt[];
}
export interface LoopStmt extends TextSpan {
  readonly kind: 'loop';
  readonly form: 'while' | 'do' | 'for' | 'macro';
  readonly init: Stmt | undefined;
  readonly condition: Expr | undefined;
  readonly update: Expr | undefined;
  readonly body: Stmt;
}
export interface ReturnStmt extends TextSpan {
  readonly kind: 'return';
  readonly value: Expr | undefined;
}
export interface JumpStmt extends TextSpan {
  readonly kind: 'break' | 'continue';
}
export interface GotoStmt extends TextSpan {
  readonly kind: 'goto';
  readonly label: string;
}
export interface LabelStmt extends TextSpan {
  readonly kind: 'label';
  readonly name: string;
  readonly body: readonly Stmt[];
}
export interface OtherStmt extends TextSpan {
  readonly kind: 'other';
  readonly parts: readonly Expr[];
  readonly broken: boolean;
}

export type Stmt =
  | ExprStmt
  | DeclStmt
  | BlockStmt
  | IfStmt
  | SwitchStmt
  | CaseStmt
  | LoopStmt
  | ReturnStmt
  | JumpStmt
  | GotoStmt
  | LabelStmt
  | OtherStmt;

/** A type as written. `name` is a tag, a typedef, or the words of a basic type joined by spaces. */
export interface TypeRef extends TextSpan {
  readonly tag: 'struct' | 'union' | 'enum' | undefined;
  readonly name: string;
  readonly record: RecordBody | undefined;
  readonly enumerators: readonly Enumerator[] | undefined;
  readonly pointers: number;
  /** Array bounds from the outermost; undefined for `[]`. */
  readonly dims: readonly (Expr | undefined)[];
  readonly isFunction: boolean;
  readonly isConst: boolean;
  readonly isVolatile: boolean;
}

export interface RecordBody extends TextSpan {
  readonly members: readonly Member[];
}

export interface Member extends TextSpan {
  /** Empty for an unnamed struct or union member. */
  readonly name: string;
  readonly nameSpan: TextSpan;
  readonly type: TypeRef;
  readonly bits: Expr | undefined;
}

export interface Enumerator extends TextSpan {
  readonly name: string;
  readonly nameSpan: TextSpan;
  readonly value: Expr | undefined;
}

export interface Variable extends TextSpan {
  readonly name: string;
  readonly nameSpan: TextSpan;
  readonly type: TypeRef;
  readonly init: Expr | undefined;
  readonly isStatic: boolean;
  readonly isExtern: boolean;
}

export interface FunctionItem extends TextSpan {
  readonly kind: 'function';
  readonly name: string;
  readonly nameSpan: TextSpan;
  readonly returns: TypeRef;
  readonly parameters: readonly Variable[];
  /** Undefined for a prototype. */
  readonly body: BlockStmt | undefined;
  readonly isStatic: boolean;
  readonly annotations: readonly Annotation[];
  /** Set when the parser met an error inside. */
  readonly broken: boolean;
}
export interface VariablesItem extends TextSpan {
  readonly kind: 'variables';
  readonly type: TypeRef;
  readonly variables: readonly Variable[];
  readonly annotations: readonly Annotation[];
}
export interface TypedefItem extends TextSpan {
  readonly kind: 'typedef';
  readonly names: readonly Variable[];
  readonly type: TypeRef;
  readonly annotations: readonly Annotation[];
}
/** A struct, union or enum that declares no variable. */
export interface TypeItem extends TextSpan {
  readonly kind: 'type';
  readonly type: TypeRef;
  readonly annotations: readonly Annotation[];
}
export interface BrokenItem extends TextSpan {
  readonly kind: 'broken';
}
export type Item = FunctionItem | VariablesItem | TypedefItem | TypeItem | BrokenItem;

/** Direct parts of an expression, in source order. Expansions of macros are not parts of the source and are left out. */
export function exprParts(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'name':
    case 'number':
    case 'string':
      return [];
    case 'call':
      return [expr.callee, ...expr.args];
    case 'field':
      return [expr.object];
    case 'index':
      return [expr.object, expr.index];
    case 'unary':
    case 'update':
    case 'cast':
      return [expr.operand];
    case 'binary':
    case 'comma':
      return [expr.left, expr.right];
    case 'assign':
      return [expr.target, expr.value];
    case 'conditional':
      return expr.whenTrue === undefined
        ? [expr.condition, expr.whenFalse]
        : [expr.condition, expr.whenTrue, expr.whenFalse];
    case 'sizeof':
      return expr.operand === undefined ? [] : [expr.operand];
    case 'init-list':
      return expr.entries.map((entry) => entry.value);
    case 'compound-literal':
      return [expr.init];
    case 'statement-expr':
      return [];
    case 'macro':
      return expr.args;
    case 'opaque':
      return expr.parts;
  }
}

/** Direct sub-statements and expressions of a statement. */
export function stmtParts(stmt: Stmt): { readonly stmts: readonly Stmt[]; readonly exprs: readonly Expr[] } {
  const some = <T>(...items: (T | undefined)[]): T[] => items.filter((item) => item !== undefined);
  switch (stmt.kind) {
    case 'expression':
      return { stmts: [], exprs: [stmt.expr] };
    case 'declaration':
      return { stmts: [], exprs: some(...stmt.variables.map((variable) => variable.init)) };
    case 'block':
    case 'label':
      return { stmts: stmt.body, exprs: [] };
    case 'case':
      return { stmts: stmt.body, exprs: some(stmt.value, stmt.last) };
    case 'if':
      return { stmts: some(stmt.whenTrue, stmt.whenFalse), exprs: [stmt.condition] };
    case 'switch':
      return { stmts: stmt.body, exprs: [stmt.value] };
    case 'loop':
      return { stmts: some(stmt.init, stmt.body), exprs: some(stmt.condition, stmt.update) };
    case 'return':
      return { stmts: [], exprs: some(stmt.value) };
    case 'break':
    case 'continue':
    case 'goto':
      return { stmts: [], exprs: [] };
    case 'other':
      return { stmts: [], exprs: stmt.parts };
  }
}

/** Visits every expression below a statement, outermost first, macro expansions and statement expressions included. */
export function walkExprs(root: Stmt, visit: (expr: Expr) => void): void {
  switch (root.kind) {
    case 'expression':
      walkExpr(root.expr, visit);
      return;
    case 'declaration':
      for (const variable of root.variables) if (variable.init !== undefined) walkExpr(variable.init, visit);
      return;
    case 'block':
    case 'label':
      for (const inner of root.body) walkExprs(inner, visit);
      return;
    case 'break':
    case 'continue':
    case 'goto':
      return;
    case 'return':
      if (root.value !== undefined) walkExpr(root.value, visit);
      return;
    default: {
      const { stmts, exprs } = stmtParts(root);
      for (const expr of exprs) walkExpr(expr, visit);
      for (const inner of stmts) walkExprs(inner, visit);
    }
  }
}

/** Visits an expression and everything below it. */
function walkExpr(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr);
  switch (expr.kind) {
    case 'name':
    case 'number':
    case 'string':
      return;
    case 'field':
      walkExpr(expr.object, visit);
      return;
    case 'binary':
    case 'comma':
      walkExpr(expr.left, visit);
      walkExpr(expr.right, visit);
      return;
    case 'call':
      walkExpr(expr.callee, visit);
      for (const arg of expr.args) walkExpr(arg, visit);
      return;
    case 'assign':
      walkExpr(expr.target, visit);
      walkExpr(expr.value, visit);
      return;
    case 'unary':
    case 'update':
    case 'cast':
      walkExpr(expr.operand, visit);
      return;
    case 'macro':
      for (const arg of expr.args) walkExpr(arg, visit);
      if (expr.expansion !== undefined) walkExpr(expr.expansion, visit);
      if (expr.statements !== undefined) walkExprs(expr.statements, visit);
      return;
    case 'statement-expr':
      walkExprs(expr.body, visit);
      return;
    default:
      for (const part of exprParts(expr)) walkExpr(part, visit);
  }
}

/** Visits every statement below and including `root`. */
export function walkStmts(root: Stmt, visit: (stmt: Stmt) => void): void {
  visit(root);
  switch (root.kind) {
    case 'block':
    case 'label':
    case 'case':
    case 'switch':
      for (const inner of root.body) walkStmts(inner, visit);
      return;
    case 'if':
      walkStmts(root.whenTrue, visit);
      if (root.whenFalse !== undefined) walkStmts(root.whenFalse, visit);
      return;
    case 'loop':
      if (root.init !== undefined) walkStmts(root.init, visit);
      walkStmts(root.body, visit);
      return;
    default:
  }
}
