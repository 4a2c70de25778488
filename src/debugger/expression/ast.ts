// The expression language of the debugger: C expressions without side effects but assignment, plus registers, maps and
// format suffixes. Spans are offsets into the expression text, so that an error can point at its place.

import type { TextSpan } from '../../base/index.ts';

export type UnaryOperator = '-' | '+' | '~' | '!' | '*' | '&';

export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '<'
  | '<='
  | '>'
  | '>='
  | '=='
  | '!='
  | '&'
  | '^'
  | '|'
  | '&&'
  | '||';

/** How a result is to be shown: the suffix after a comma. */
export type FormatSuffix = 'x' | 'd' | 'u' | 'o' | 'b' | 'c' | 's' | 'ip' | 'port' | 'op' | 'state' | 'flags';

export const FORMAT_SUFFIXES: readonly FormatSuffix[] = [
  'x',
  'd',
  'u',
  'o',
  'b',
  'c',
  's',
  'ip',
  'port',
  'op',
  'state',
  'flags',
];

/** A type as written in a cast or in sizeof: base spelling without qualifiers, and how many pointers are around it. */
export interface TypeSyntax {
  readonly spelling: string;
  readonly pointers: number;
}

export type Expression =
  | {
      readonly kind: 'number';
      readonly value: bigint;
      readonly unsigned: boolean;
      readonly long: boolean;
      readonly span: TextSpan;
    }
  | { readonly kind: 'text'; readonly value: string; readonly span: TextSpan }
  | { readonly kind: 'name'; readonly name: string; readonly span: TextSpan }
  | {
      readonly kind: 'member';
      readonly object: Expression;
      readonly member: string;
      readonly arrow: boolean;
      readonly span: TextSpan;
    }
  | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression; readonly span: TextSpan }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[]; readonly span: TextSpan }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression; readonly span: TextSpan }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: TextSpan;
    }
  | {
      readonly kind: 'conditional';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
      readonly span: TextSpan;
    }
  | { readonly kind: 'cast'; readonly type: TypeSyntax; readonly operand: Expression; readonly span: TextSpan }
  | { readonly kind: 'sizeof-type'; readonly type: TypeSyntax; readonly span: TextSpan }
  | { readonly kind: 'sizeof'; readonly operand: Expression; readonly span: TextSpan }
  | { readonly kind: 'assign'; readonly target: Expression; readonly value: Expression; readonly span: TextSpan };

export interface ParsedExpression {
  readonly expression: Expression;
  readonly format: FormatSuffix | undefined;
}

/** Why an expression cannot be read or evaluated; `span` points into its text. */
export interface ExpressionError {
  readonly message: string;
  readonly span: TextSpan;
}
