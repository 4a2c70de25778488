// Recursive descent with a precedence table. The first error ends the parse; its span says where.

import type { TextSpan } from '../../base/index.ts';
import {
  type BinaryOperator,
  type Expression,
  type ExpressionError,
  FORMAT_SUFFIXES,
  type FormatSuffix,
  type ParsedExpression,
  type TypeSyntax,
  type UnaryOperator,
} from './ast.ts';
import { type Token, tokenize } from './lexer.ts';

export type ParseResult =
  | { readonly kind: 'parsed'; readonly parsed: ParsedExpression }
  | { readonly kind: 'error'; readonly error: ExpressionError };

/** Binary operators by binding strength, as in C. */
const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  '*': 10,
  '/': 10,
  '%': 10,
  '+': 9,
  '-': 9,
  '<<': 8,
  '>>': 8,
  '<': 7,
  '<=': 7,
  '>': 7,
  '>=': 7,
  '==': 6,
  '!=': 6,
  '&': 5,
  '^': 4,
  '|': 3,
  '&&': 2,
  '||': 1,
};

const UNARY: readonly string[] = ['-', '+', '~', '!', '*', '&'] satisfies readonly UnaryOperator[];

const TYPE_KEYWORDS = new Set([
  'struct',
  'union',
  'enum',
  'unsigned',
  'signed',
  'char',
  'short',
  'int',
  'long',
  'void',
  '_Bool',
  'bool',
  'const',
  'volatile',
  'float',
  'double',
]);

/** Deepest nesting that is accepted; deeper input only comes from somebody who wants to exhaust the stack. */
const MAX_DEPTH = 100;
/** Most words and signs: a chain of operators makes a tree as deep as it is long. */
const MAX_TOKENS = 1000;

class Failure {
  readonly error: ExpressionError;
  constructor(error: ExpressionError) {
    this.error = error;
  }
}

/**
 * Parses an expression with an optional format suffix (`r1, x`). `isTypeName` says whether an identifier names a type, which
 * is what C needs to tell a cast from a parenthesis.
 */
export function parseExpression(text: string, isTypeName: (name: string) => boolean): ParseResult {
  const tokens = tokenize(text);
  if (tokens.length > MAX_TOKENS)
    return { kind: 'error', error: { message: 'the expression is too long', span: { start: 0, end: text.length } } };
  const parser = new Parser(tokens, isTypeName);
  try {
    return { kind: 'parsed', parsed: parser.whole() };
  } catch (failure) {
    if (failure instanceof Failure) return { kind: 'error', error: failure.error };
    throw failure;
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #isTypeName: (name: string) => boolean;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], isTypeName: (name: string) => boolean) {
    this.#tokens = tokens;
    this.#isTypeName = isTypeName;
  }

  whole(): ParsedExpression {
    const expression = this.#assignment();
    let format: FormatSuffix | undefined;
    if (this.#take(',')) {
      const token = this.#next();
      const name = token.kind === 'name' ? token.name : '';
      format = FORMAT_SUFFIXES.find((suffix) => suffix === name);
      if (format === undefined) this.#fail(`unknown format; use one of ${FORMAT_SUFFIXES.join(', ')}`, token.span);
    }
    const rest = this.#peek();
    if (rest.kind !== 'end') this.#fail('unexpected text after the expression', rest.span);
    return { expression, format };
  }

  #assignment(): Expression {
    const target = this.#conditional();
    if (!this.#take('=')) return target;
    const value = this.#assignment();
    return { kind: 'assign', target, value, span: join(target, value) };
  }

  #conditional(): Expression {
    const test = this.#binary(1);
    if (!this.#take('?')) return test;
    const then = this.#conditional();
    this.#expect(':');
    const otherwise = this.#conditional();
    return { kind: 'conditional', test, then, otherwise, span: join(test, otherwise) };
  }

  #binary(least: number): Expression {
    let left = this.#unary();
    for (;;) {
      const token = this.#peek();
      const operator =
        token.kind === 'punctuator' && token.text in PRECEDENCE ? (token.text as BinaryOperator) : undefined;
      if (operator === undefined || PRECEDENCE[operator] < least) return left;
      this.#next();
      const right = this.#binary(PRECEDENCE[operator] + 1);
      left = { kind: 'binary', operator, left, right, span: join(left, right) };
    }
  }

  #unary(): Expression {
    if (++this.#depth > MAX_DEPTH) this.#fail('the expression is nested too deeply', this.#peek().span);
    try {
      const token = this.#peek();
      if (token.kind === 'punctuator' && UNARY.includes(token.text)) {
        this.#next();
        const operand = this.#unary();
        return {
          kind: 'unary',
          operator: token.text as UnaryOperator,
          operand,
          span: { start: token.span.start, end: operand.span.end },
        };
      }
      if (token.kind === 'name' && token.name === 'sizeof') return this.#sizeof(token.span);
      if (token.kind === 'punctuator' && token.text === '(' && this.#startsType(this.#at + 1)) {
        this.#next();
        const type = this.#type();
        this.#expect(')');
        const operand = this.#unary();
        return { kind: 'cast', type, operand, span: { start: token.span.start, end: operand.span.end } };
      }
      return this.#postfix();
    } finally {
      this.#depth--;
    }
  }

  #sizeof(span: TextSpan): Expression {
    this.#next();
    const open = this.#peek();
    if (open.kind === 'punctuator' && open.text === '(' && this.#startsType(this.#at + 1)) {
      this.#next();
      const type = this.#type();
      const end = this.#expect(')').span.end;
      return { kind: 'sizeof-type', type, span: { start: span.start, end } };
    }
    const operand = this.#unary();
    return { kind: 'sizeof', operand, span: { start: span.start, end: operand.span.end } };
  }

  #startsType(at: number): boolean {
    const token = this.#tokens[at];
    return token?.kind === 'name' && (TYPE_KEYWORDS.has(token.name) || this.#isTypeName(token.name));
  }

  #type(): TypeSyntax {
    const words: string[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind !== 'name') break;
      this.#next();
      if (token.name !== 'const' && token.name !== 'volatile') words.push(token.name);
    }
    let pointers = 0;
    while (this.#take('*')) pointers++;
    return { spelling: words.join(' '), pointers };
  }

  #postfix(): Expression {
    let object = this.#primary();
    for (;;) {
      const start = object.span.start;
      if (this.#take('[')) {
        const index = this.#assignment();
        const end = this.#expect(']').span.end;
        object = { kind: 'index', object, index, span: { start, end } };
        continue;
      }
      const arrow = this.#take('->') !== undefined;
      if (!arrow && !this.#take('.')) return object;
      const member = this.#next();
      if (member.kind !== 'name') this.#fail('a member name is expected here', member.span);
      object = { kind: 'member', object, member: member.name, arrow, span: { start, end: member.span.end } };
    }
  }

  #primary(): Expression {
    const token = this.#next();
    switch (token.kind) {
      case 'number':
        return token;
      case 'text':
        return token;
      case 'name': {
        if (!this.#take('(')) return token;
        const args: Expression[] = [];
        let close = this.#take(')');
        while (close === undefined) {
          args.push(this.#assignment());
          close = this.#take(')');
          if (close === undefined) this.#expect(',');
        }
        return { kind: 'call', name: token.name, args, span: { start: token.span.start, end: close.span.end } };
      }
      case 'punctuator': {
        if (token.text !== '(') return this.#fail(`unexpected '${token.text}'`, token.span);
        const inner = this.#assignment();
        this.#expect(')');
        return inner;
      }
      case 'bad':
        return this.#fail(token.message, token.span);
      case 'end':
        return this.#fail('an expression is expected here', token.span);
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #take(text: string): Token | undefined {
    const token = this.#peek();
    if (token.kind !== 'punctuator' || token.text !== text) return undefined;
    this.#at++;
    return token;
  }

  #expect(text: string): Token {
    return this.#take(text) ?? this.#fail(`'${text}' is expected here`, this.#peek().span);
  }

  #fail(message: string, span: TextSpan): never {
    throw new Failure({ message, span });
  }
}

const join = (left: Expression, right: Expression): TextSpan => ({ start: left.span.start, end: right.span.end });
