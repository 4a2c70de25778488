// What the flow analysis reports: observations at places of the source, each with the op under which it was made. Rules group
// them by node; nothing here knows a diagnostic.

import type { CtxFieldRow, OpRow } from '../../kernel/index.ts';
import type { CallExpr, CaseStmt, Expr, FunctionItem, MacroExpr, ReturnStmt, SwitchStmt } from '../ast.ts';
import type { State } from './state.ts';
import type { Value } from './value.ts';

/** The part of the state that rules may ask for. */
export interface PathFacts {
  readonly op: OpRow;
  readonly fullSocket: boolean | undefined;
  readonly filtered: boolean;
  /** Whether a macro that is not known may have changed or ended the path. */
  readonly vague: boolean;
}

export interface ContextRead extends PathFacts {
  readonly kind: 'context-read';
  readonly node: Expr;
  readonly field: CtxFieldRow;
  /** The name that the source uses: args, reply and replylong are one field. */
  readonly spelled: string;
  readonly index: number | undefined;
  readonly value: Value;
}
export interface ContextWrite extends PathFacts {
  readonly kind: 'context-write';
  readonly node: Expr;
  readonly field: CtxFieldRow;
  readonly spelled: string;
  readonly index: number | undefined;
  readonly value: Value;
  readonly valueNode: Expr | undefined;
}
/** An access to context bytes through a cast pointer or a memory copy. */
export interface ContextAccess extends PathFacts {
  readonly kind: 'context-access';
  readonly node: Expr;
  readonly offset: number;
  readonly size: number;
  readonly mode: 'read' | 'write';
}
export interface HelperCall extends PathFacts {
  readonly kind: 'call';
  readonly node: CallExpr;
  readonly name: string;
  readonly args: readonly Value[];
  /** For each argument, whether a pointer has been tested for NULL; true for everything that is no such pointer. */
  readonly tested: readonly boolean[];
  /** What is known of the variables whose addresses are passed, by path; `PATH#zeroed` and `PATH#initialised` tell how they began. */
  readonly parts: ReadonlyMap<string, Value>;
}
export interface Returned extends PathFacts {
  readonly kind: 'return';
  readonly node: ReturnStmt;
  readonly program: FunctionItem;
  readonly value: Value;
  readonly reply: State['reply'];
  readonly before: ReadonlyMap<string, Expr>;
}
export interface Dereference extends PathFacts {
  readonly kind: 'dereference';
  readonly node: Expr;
  readonly pointer: Extract<Value, { readonly kind: 'pointer' | 'packet' }>;
  readonly pointerNode: Expr;
  readonly checked: boolean;
}
export interface Comparison extends PathFacts {
  readonly kind: 'comparison';
  readonly node: Expr;
  readonly op_: string;
  readonly leftNode: Expr;
  readonly rightNode: Expr;
  readonly left: Value;
  readonly right: Value;
}
export interface CaseLabel extends PathFacts {
  readonly kind: 'case-label';
  readonly node: CaseStmt;
  readonly of: SwitchStmt;
  readonly scrutinee: Value;
  readonly value: Value;
}
export interface Assigned extends PathFacts {
  readonly kind: 'assigned';
  readonly node: Expr;
  /** The member or variable that is written: `key.dport`, `port`. */
  readonly path: string;
  readonly memberOf: string | undefined;
  readonly member: string | undefined;
  readonly width: number | undefined;
  readonly value: Value;
  readonly valueNode: Expr;
}
/** A byte-order function or cast applied to something whose order is known. */
export interface Converted extends PathFacts {
  readonly kind: 'converted';
  readonly node: Expr;
  readonly by: string;
  readonly from: Value;
  readonly to: Value;
}
/** A conditional (or case) whose outcome depends on the op. */
export interface Branch extends PathFacts {
  readonly kind: 'branch';
  readonly node: Expr;
  readonly taken: boolean | undefined;
}
export interface MacroUse extends PathFacts {
  readonly kind: 'macro-use';
  readonly node: MacroExpr;
}

export type Observation =
  | ContextRead
  | ContextWrite
  | ContextAccess
  | HelperCall
  | Returned
  | Dereference
  | Comparison
  | CaseLabel
  | Assigned
  | Converted
  | Branch;

export type ObservationKind = Observation['kind'];
export type ObservationOf<K extends ObservationKind> = Extract<Observation, { readonly kind: K }>;
