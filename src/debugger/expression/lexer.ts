// Splits an expression into tokens. Never throws: an unknown character becomes a token of its own kind.

import type { TextSpan } from '../../base/index.ts';

export type Token =
  | {
      readonly kind: 'number';
      readonly value: bigint;
      readonly unsigned: boolean;
      readonly long: boolean;
      readonly span: TextSpan;
    }
  | { readonly kind: 'text'; readonly value: string; readonly span: TextSpan }
  | { readonly kind: 'name'; readonly name: string; readonly span: TextSpan }
  | { readonly kind: 'punctuator'; readonly text: string; readonly span: TextSpan }
  | { readonly kind: 'bad'; readonly message: string; readonly span: TextSpan }
  | { readonly kind: 'end'; readonly span: TextSpan };

const PUNCTUATORS = [
  '<<',
  '>>',
  '<=',
  '>=',
  '==',
  '!=',
  '&&',
  '||',
  '->',
  '+',
  '-',
  '*',
  '/',
  '%',
  '&',
  '|',
  '^',
  '~',
  '!',
  '<',
  '>',
  '=',
  '?',
  ':',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '.',
  ',',
];

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  '0': 0,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
};

/** Tokens of the text, the last one of kind `end`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const start = at;
    const rest = text.slice(at);
    const space = /^\s+/.exec(rest);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const name = /^[$A-Za-z_][\w$]*/.exec(rest);
    if (name !== null) {
      at += name[0].length;
      tokens.push({ kind: 'name', name: name[0], span: { start, end: at } });
      continue;
    }
    if (/^\d/.test(rest)) {
      const token = numberToken(rest, start);
      at = token.span.end;
      tokens.push(token);
      continue;
    }
    if (rest.startsWith("'") || rest.startsWith('"')) {
      const token = quotedToken(rest, start);
      at = token.span.end;
      tokens.push(token);
      continue;
    }
    const punctuator = PUNCTUATORS.find((candidate) => rest.startsWith(candidate));
    at += punctuator?.length ?? 1;
    const span = { start, end: at };
    tokens.push(
      punctuator === undefined
        ? { kind: 'bad', message: `unexpected character '${[...rest.slice(0, 2)][0]}'`, span }
        : { kind: 'punctuator', text: punctuator, span },
    );
  }
  tokens.push({ kind: 'end', span: { start: text.length, end: text.length } });
  return tokens;
}

function numberToken(rest: string, start: number): Token {
  const match = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)([a-zA-Z_]\w*)?/.exec(rest)!;
  const digits = match[1]!;
  const suffix = (match[2] ?? '').toLowerCase();
  const span = { start, end: start + match[0].length };
  if (!/^(u?l{0,2}|l{1,2}u)$/.test(suffix)) return { kind: 'bad', message: `'${match[0]}' is not a number`, span };
  const octal = /^0[0-7]+$/.test(digits);
  if (!octal && /^0\d/.test(digits)) return { kind: 'bad', message: `'${digits}' is not an octal number`, span };
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  if (value > 0xffff_ffff_ffff_ffffn) return { kind: 'bad', message: `${digits} does not fit into 64 bits`, span };
  const long = suffix.includes('l');
  // C gives a hexadecimal or octal constant that does not fit int, but fits unsigned int, that type; a decimal one becomes long.
  const wide = !/^[1-9]/.test(digits) && !long && value > 0x7fff_ffffn && value <= 0xffff_ffffn;
  return { kind: 'number', value, unsigned: suffix.includes('u') || wide, long, span };
}

function quotedToken(rest: string, start: number): Token {
  const quote = rest[0]!;
  let value = '';
  let at = 1;
  while (at < rest.length && rest[at] !== quote) {
    if (rest[at] === '\\') {
      const hex = /^\\x([0-9a-fA-F]{1,2})/.exec(rest.slice(at));
      const code = hex === null ? ESCAPES[rest[at + 1] ?? ''] : Number.parseInt(hex[1]!, 16);
      if (code === undefined)
        return { kind: 'bad', message: 'unknown escape sequence', span: { start: start + at, end: start + at + 2 } };
      value += String.fromCharCode(code);
      at += hex === null ? 2 : hex[0].length;
    } else value += rest[at++];
  }
  const span = { start, end: Math.min(start + at + 1, start + rest.length) };
  if (rest[at] !== quote) return { kind: 'bad', message: `missing closing ${quote}`, span };
  if (quote === '"') return { kind: 'text', value, span };
  if (value.length !== 1) return { kind: 'bad', message: 'a character constant holds one character', span };
  return { kind: 'number', value: BigInt(value.charCodeAt(0)), unsigned: false, long: false, span };
}
