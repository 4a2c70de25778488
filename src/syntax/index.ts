// L2: C source as plain data. The tree-sitter parser is injected (host/tree-sitter.ts); what comes out knows sock_ops types,
// sections, maps and macros, and nothing of any editor.

export type * from './ast.ts';
export { exprParts, stmtParts, walkExprs, walkStmts } from './ast.ts';
export { CFile } from './c-file.ts';
export { lex, type Token } from './lexer.ts';
export type { Annotation } from './mask.ts';
export type { CParser, SyntaxCursor, SyntaxTree, TreeEdit } from './parser.ts';
export type { Include, Macro } from './preprocess.ts';
