// Expands uses of the file's own macros into plain nodes. Simplification against C17 6.10.3: stringising and pasting give up
// (the use then stands for nothing known), and a macro is never expanded inside itself.

import type { TextSpan } from '../base/index.ts';
import type { BlockStmt, Expr } from './ast.ts';
import { Converter, type Expansion } from './convert.ts';
import { integerLiteral, lex, literalUnits, type Token } from './lexer.ts';
import { mask } from './mask.ts';
import type { CParser } from './parser.ts';
import { joinTokens, type Macro, type Preprocessed, preprocess } from './preprocess.ts';
import { mapSpans } from './spans.ts';
import { type RawNode, readNode } from './tree-reader.ts';

const PREFIX = 'void f(void) {';
const MAX_DEPTH = 10;
const MAX_LENGTH = 20_000;
const NOTHING: Expansion = { expr: undefined, statements: undefined };

/** Part of an expanded text that was copied from the use: `at` in the expansion, `from` in the text of the use. */
interface Copied {
  readonly at: number;
  readonly length: number;
  readonly from: number;
}

/** Expands macros of one macro table; parses are cached by text. */
export class MacroExpander {
  readonly #parser: CParser;
  readonly #macros: ReadonlyMap<string, Macro>;
  readonly #cache = new Map<string, Expansion>();
  readonly #active: string[] = [];

  constructor(parser: CParser, macros: ReadonlyMap<string, Macro>) {
    this.#parser = parser;
    this.#macros = macros;
  }

  /** What a use stands for, with positions in `text`; undefined when `name` is no macro of the file or is being expanded. */
  expand(text: string, use: TextSpan, name: string, isCall: boolean): Expansion | undefined {
    const macro = this.#macros.get(name);
    if (macro === undefined || this.#active.includes(name) || this.#active.length >= MAX_DEPTH) return undefined;
    if ((macro.parameters !== undefined) !== isCall) {
      // An object-like macro that names a function is called through; the call itself is no macro use.
      return undefined;
    }
    if (macro.body.some((token) => token.text === '##' || token.text === '#')) return NOTHING;
    const simple = isCall ? undefined : simpleExpansion(macro, use);
    if (simple !== undefined) return simple;
    const { expanded, copied } = substitute(macro, isCall ? argumentsOf(text, use) : []);
    if (expanded.trim() === '' || expanded.length > MAX_LENGTH) return NOTHING;
    this.#active.push(name);
    const parsed = this.#parse(expanded);
    this.#active.pop();
    if (parsed.expr === undefined && parsed.statements === undefined) return NOTHING;
    return mapSpans(parsed, (start, end) => {
      for (const part of copied)
        if (part.at <= start && end <= part.at + part.length)
          return { start: start - part.at + part.from, end: end - part.at + part.from };
      return use;
    });
  }

  /** Parses an expansion; spans of the result count in the expanded text. */
  #parse(expanded: string): Expansion {
    const key = `${this.#active.join(',')}\0${expanded}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const result = this.#parseNow(expanded);
    this.#cache.set(key, result);
    return result;
  }

  #parseNow(expanded: string): Expansion {
    const text = `${PREFIX}${expanded};}`;
    const raw = preprocess(text);
    const source: Preprocessed = { ...raw, macros: this.#macros };
    const masked = mask(text, source);
    const tree = this.#parser.parse(masked.text);
    const cursor = tree.walk();
    const root = readNode(cursor);
    cursor.delete();
    tree.delete();
    const body = root.children[0]?.children.find((child) => child.type === 'compound_statement');
    if (body === undefined || root.broken) return NOTHING;
    const converter = new Converter({
      text: masked.text,
      annotationsIn: () => [],
      annotationAt: (offset) => masked.annotations.find((annotation) => annotation.start === offset),
      expand: (use, name, isCall) => this.expand(text, use, name, isCall),
    });
    const back = (start: number, end: number) => ({ start: start - PREFIX.length, end: end - PREFIX.length });
    const only = onlyExpression(body);
    if (only !== undefined) return { expr: mapSpans<Expr>(converter.expr(only), back), statements: undefined };
    return { expr: undefined, statements: mapSpans<BlockStmt>(converter.block(body), back) };
  }
}

/** The expression when the block holds one expression statement and nothing else. */
function onlyExpression(body: RawNode): RawNode | undefined {
  const statements = body.children.filter((child) => child.named && child.end - child.start > 1);
  const only = statements[0];
  if (statements.length !== 1 || only?.type !== 'expression_statement') return undefined;
  return only.children.find((child) => child.named);
}

function simpleExpansion(macro: Macro, use: TextSpan): Expansion | undefined {
  const tokens = macro.body;
  const negative = tokens.length === 2 && tokens[0]!.text === '-';
  const token: Token | undefined = negative ? tokens[1] : tokens.length === 1 ? tokens[0] : undefined;
  const span = { start: use.start, end: use.end };
  if (token?.kind === 'number') {
    const number: Expr = { kind: 'number', ...span, text: token.text, value: integerLiteral(token.text) };
    return { expr: negative ? { kind: 'unary', ...span, op: '-', operand: number } : number, statements: undefined };
  }
  if (negative) return undefined;
  if (token?.kind === 'string')
    return { expr: { kind: 'string', ...span, units: literalUnits(token.text) }, statements: undefined };
  return undefined;
}

/** Argument spans of a call-like use, read from the text. */
function argumentsOf(text: string, use: TextSpan): { readonly text: string; readonly start: number }[] {
  const { tokens } = lex(text, use.start, use.end);
  const open = tokens.findIndex((token) => token.text === '(');
  if (open < 0) return [];
  const args: { text: string; start: number }[] = [];
  let depth = 0;
  let first = open + 1;
  for (let i = open; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (/^[([{]$/.test(token.text)) depth++;
    const closes = /^[)\]}]$/.test(token.text);
    if (closes) depth--;
    if ((token.text === ',' && depth === 1) || (closes && depth === 0)) {
      const start = tokens[first]!.start;
      const end = i > first ? tokens[i - 1]!.end : start;
      if (i > first || args.length > 0 || token.text === ',') args.push({ text: text.slice(start, end), start });
      first = i + 1;
      if (depth === 0) break;
    }
  }
  return args;
}

function substitute(
  macro: Macro,
  args: readonly { readonly text: string; readonly start: number }[],
): { readonly expanded: string; readonly copied: readonly Copied[] } {
  const parameters = macro.parameters ?? [];
  const rest = args.slice(parameters.length);
  let expanded = '';
  const copied: Copied[] = [];
  const append = (arg: { readonly text: string; readonly start: number }): void => {
    copied.push({ at: expanded.length, length: arg.text.length, from: arg.start });
    expanded += arg.text;
  };
  for (let i = 0; i < macro.body.length; i++) {
    const token = macro.body[i]!;
    if (i > 0 && macro.body[i - 1]!.end !== token.start) expanded += ' ';
    const index = token.kind === 'name' ? parameters.indexOf(token.text) : -1;
    const argument = index < 0 ? undefined : args[index];
    if (argument !== undefined) append(argument);
    else if (token.text === '__VA_ARGS__' && macro.variadic) {
      rest.forEach((arg, k) => {
        if (k > 0) expanded += ', ';
        append(arg);
      });
    } else if (index < 0) expanded += token.text;
  }
  return { expanded, copied };
}

/** The text of a macro's body with the arguments of a use put in; for macros that stand for declarations. */
export function expandedText(macro: Macro, args: readonly string[]): string {
  const { expanded } = substitute(
    macro,
    args.map((text) => ({ text, start: 0 })),
  );
  return expanded === '' ? joinTokens(macro.body) : expanded;
}
