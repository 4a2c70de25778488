// Integer expressions of the assembly language: numbers, symbols, `.` and operators. An expression is read first and evaluated
// when the symbols are known; values are 64-bit two's complement numbers. Source: what llvm-mc makes of each operator.

import { assertNever, type TextSpan } from '../base/index.ts';
import type { Token } from './lexer.ts';

export type BinaryOperator = '|' | '^' | '&' | '<<' | '>>' | '+' | '-' | '*' | '/' | '%';

export type Expression =
  | { readonly kind: 'number'; readonly value: bigint; readonly span: TextSpan }
  | { readonly kind: 'symbol'; readonly name: string; readonly span: TextSpan }
  /** `1f` and `1b`. */
  | { readonly kind: 'local-label'; readonly number: string; readonly direction: 'f' | 'b'; readonly span: TextSpan }
  /** `.`, the place of the statement itself. */
  | { readonly kind: 'here'; readonly span: TextSpan }
  | { readonly kind: 'unary'; readonly operator: '-' | '~'; readonly operand: Expression; readonly span: TextSpan }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: TextSpan;
    };

/** What was read and how many tokens it took, or where and why reading stopped. */
export type Parsed<T> =
  | { readonly kind: 'parsed'; readonly value: T; readonly next: number }
  | { readonly kind: 'failed'; readonly at: number; readonly expected: string };

/** LLVM follows the GNU assembler here, not C: shifts bind like multiplication, and bitwise operators tighter than sums. */
const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  '+': 1,
  '-': 1,
  '|': 2,
  '^': 2,
  '&': 2,
  '*': 3,
  '/': 3,
  '%': 3,
  '<<': 3,
  '>>': 3,
};

const isOperator = (text: string): text is BinaryOperator => Object.hasOwn(PRECEDENCE, text);

/** Nesting beyond this is refused, so that no input can exhaust the stack. */
const MAX_DEPTH = 64;

export interface ExpressionRules {
  /** Words that are no symbols, such as register names. */
  readonly reserved: (word: string) => boolean;
}

/** Reads an expression from token `at` on. */
export function parseExpression(tokens: readonly Token[], at: number, rules: ExpressionRules): Parsed<Expression> {
  return parseBinary(tokens, at, 0, rules, 0);
}

function parseBinary(
  tokens: readonly Token[],
  at: number,
  lowest: number,
  rules: ExpressionRules,
  depth: number,
): Parsed<Expression> {
  const first = parsePrimary(tokens, at, rules, depth);
  if (first.kind === 'failed') return first;
  let left = first.value;
  let next = first.next;
  for (;;) {
    const token = tokens[next];
    if (token?.kind !== 'punctuation' || !isOperator(token.text)) break;
    const precedence = PRECEDENCE[token.text];
    if (precedence <= lowest) break;
    const right = parseBinary(tokens, next + 1, precedence, rules, depth + 1);
    if (right.kind === 'failed') return right;
    const span = { start: left.span.start, end: right.value.span.end };
    left = { kind: 'binary', operator: token.text, left, right: right.value, span };
    next = right.next;
  }
  return { kind: 'parsed', value: left, next };
}

function parsePrimary(tokens: readonly Token[], at: number, rules: ExpressionRules, depth: number): Parsed<Expression> {
  const expected = 'a number or a symbol';
  const token = tokens[at];
  if (token === undefined || depth > MAX_DEPTH) return { kind: 'failed', at, expected };
  const { span } = token;
  switch (token.kind) {
    case 'number':
      if (token.value >= 1n << 64n) return { kind: 'failed', at, expected: 'a number of at most 64 bits' };
      return { kind: 'parsed', value: { kind: 'number', value: token.value, span }, next: at + 1 };
    case 'local-label': {
      const { number, direction } = token;
      return { kind: 'parsed', value: { kind: 'local-label', number, direction, span }, next: at + 1 };
    }
    case 'word':
      if (rules.reserved(token.text)) return { kind: 'failed', at, expected };
      return {
        kind: 'parsed',
        value: token.text === '.' ? { kind: 'here', span } : { kind: 'symbol', name: token.text, span },
        next: at + 1,
      };
    case 'punctuation': {
      if (token.text === '(') {
        const inner = parseBinary(tokens, at + 1, 0, rules, depth + 1);
        if (inner.kind === 'failed') return inner;
        const close = tokens[inner.next];
        if (close?.text !== ')') return { kind: 'failed', at: inner.next, expected: '`)`' };
        return { kind: 'parsed', value: inner.value, next: inner.next + 1 };
      }
      if (token.text !== '-' && token.text !== '~' && token.text !== '+') return { kind: 'failed', at, expected };
      const operand = parsePrimary(tokens, at + 1, rules, depth + 1);
      if (operand.kind === 'failed' || token.text === '+') return operand;
      const value: Expression = {
        kind: 'unary',
        operator: token.text,
        operand: operand.value,
        span: { start: span.start, end: operand.value.span.end },
      };
      return { kind: 'parsed', value, next: operand.next };
    }
    case 'string':
    case 'unknown':
      return { kind: 'failed', at, expected };
    default:
      return assertNever(token, 'parsePrimary');
  }
}

/** A place: a section of the assembly and an offset in it in bytes. */
export interface Place {
  readonly section: number;
  readonly offset: bigint;
}

/** What an expression comes to. `symbol` is unset for `.` and numeric labels, `place` for what is not defined in this text. */
export type Value =
  | { readonly kind: 'constant'; readonly value: bigint }
  | {
      readonly kind: 'symbolic';
      readonly symbol: string | undefined;
      readonly place: Place | undefined;
      readonly addend: bigint;
    }
  | { readonly kind: 'error'; readonly message: string; readonly span: TextSpan };

export interface SymbolScope {
  /** A symbol's value: a constant (from .set), a place, or undefined when it is not defined in this text. */
  readonly symbol: (name: string) => bigint | Place | undefined;
  readonly localLabel: (number: string, direction: 'f' | 'b') => Place | undefined;
  readonly here: Place;
}

/** Evaluates an expression in a scope. */
export function evaluate(expression: Expression, scope: SymbolScope): Value {
  switch (expression.kind) {
    case 'number':
      return { kind: 'constant', value: wrap(expression.value) };
    case 'symbol': {
      const value = scope.symbol(expression.name);
      if (typeof value === 'bigint') return { kind: 'constant', value };
      return { kind: 'symbolic', symbol: expression.name, place: value, addend: 0n };
    }
    case 'local-label': {
      const place = scope.localLabel(expression.number, expression.direction);
      if (place !== undefined) return { kind: 'symbolic', symbol: undefined, place, addend: 0n };
      const where = expression.direction === 'f' ? 'after' : 'before';
      const message = `there is no label \`${expression.number}:\` ${where} this line`;
      return { kind: 'error', message, span: expression.span };
    }
    case 'here':
      return { kind: 'symbolic', symbol: undefined, place: scope.here, addend: 0n };
    case 'unary': {
      const operand = evaluate(expression.operand, scope);
      if (operand.kind === 'error') return operand;
      if (operand.kind === 'symbolic') return notConstant(expression.operand);
      return { kind: 'constant', value: wrap(expression.operator === '-' ? -operand.value : ~operand.value) };
    }
    case 'binary':
      return combine(expression, evaluate(expression.left, scope), evaluate(expression.right, scope));
    default:
      return assertNever(expression, 'evaluate');
  }
}

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

function notConstant(expression: Expression): Value {
  return { kind: 'error', message: 'this needs a number, not an address', span: expression.span };
}

function combine(expression: Expression & { kind: 'binary' }, left: Value, right: Value): Value {
  if (left.kind === 'error') return left;
  if (right.kind === 'error') return right;
  const { operator } = expression;
  if (left.kind === 'symbolic') {
    if (right.kind === 'symbolic') {
      const near = left.place?.section === right.place?.section ? left.place : undefined;
      if (operator !== '-' || near === undefined || right.place === undefined) return notConstant(expression);
      return { kind: 'constant', value: near.offset + left.addend - right.place.offset - right.addend };
    }
    if (operator === '+') return { ...left, addend: wrap(left.addend + right.value) };
    if (operator === '-') return { ...left, addend: wrap(left.addend - right.value) };
    return notConstant(expression.left);
  }
  if (right.kind === 'symbolic')
    return operator === '+' ? { ...right, addend: wrap(right.addend + left.value) } : notConstant(expression.right);
  const value = arithmetic(operator, left.value, right.value);
  if (value === undefined) return { kind: 'error', message: 'division by zero', span: expression.right.span };
  return { kind: 'constant', value: wrap(value) };
}

function arithmetic(operator: BinaryOperator, left: bigint, right: bigint): bigint | undefined {
  switch (operator) {
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '&':
      return left & right;
    case '<<':
      return left << BigInt.asUintN(6, right);
    case '>>':
      return BigInt.asUintN(64, left) >> BigInt.asUintN(6, right);
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0n ? undefined : left / right;
    case '%':
      return right === 0n ? undefined : left % right;
    default:
      return assertNever(operator, 'arithmetic');
  }
}
