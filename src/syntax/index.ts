// L2: C source as plain data. The tree-sitter parser is injected (host/tree-sitter.ts); what comes out knows sock_ops types,
// sections, maps and macros, and nothing of any editor.

export type * from './ast.ts';
export { exprParts, stmtParts, walkExprs, walkStmts } from './ast.ts';
export { CFile } from './c-file.ts';
export { ALL_OPS, ALL_OPS_MASK, analyseFlow, FlowCache, type FlowResult, type OpMask, opsOf } from './flow/analyse.ts';
export type {
  Assigned,
  CaseLabel,
  Comparison,
  ContextAccess,
  ContextRead,
  ContextWrite,
  Converted,
  Dereference,
  HelperCall,
  Observation,
  ObservationKind,
  ObservationOf,
  Returned,
} from './flow/facts.ts';
export { compute, swapWidth } from './flow/order.ts';
export { contextField, contextFieldNames, type FieldName } from './flow/run.ts';
export type { Order, Origin, PointerTarget, Value } from './flow/value.ts';
export { lex, type Token } from './lexer.ts';
export type { Annotation } from './mask.ts';
export type { CParser, SyntaxCursor, SyntaxTree } from './parser.ts';
export type { Include, Macro } from './preprocess.ts';
export {
  type ContextFunction,
  isSockOpsSection,
  type MapVariable,
  type ProgramFile,
  readProgramFile,
  type SectionName,
  sectionOf,
} from './program.ts';
export { type MemberPlace, type RecordLayout, TypeTable } from './types.ts';
