// C tokens with UTF-16 offsets, enough of the language to find macros, attributes and brackets before the parser sees the
// text. Source: C17 section 6.4. Directives are cut out whole (with their line continuations); comments are kept aside.

import type { TextSpan } from '../base/index.ts';

export type TokenKind = 'name' | 'number' | 'string' | 'char' | 'punct';

export interface Token extends TextSpan {
  readonly kind: TokenKind;
  readonly text: string;
}

/** A preprocessor line. `bodyStart` is the offset after the directive's name. */
export interface Directive extends TextSpan {
  readonly name: string;
  readonly bodyStart: number;
  /** Number of tokens that stand before it. */
  readonly tokenIndex: number;
}

export interface Lexed {
  readonly tokens: readonly Token[];
  readonly comments: readonly TextSpan[];
  readonly directives: readonly Directive[];
}

const isIdentStart = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || c === 36 || c > 127;
const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isSpace = (c: number): boolean => c === 32 || (c >= 9 && c <= 13) || c === 0xfeff || c === 0xa0;

const PUNCT3 = new Set(['<<=', '>>=', '...']);
const PUNCT2 = new Set([
  '->',
  '++',
  '--',
  '<<',
  '>>',
  '<=',
  '>=',
  '==',
  '!=',
  '&&',
  '||',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '##',
]);

/** Lexes `text` between two offsets. Unterminated comments and strings end at the end of the text or of the line. */
export function lex(text: string, from = 0, to = text.length): Lexed {
  const tokens: Token[] = [];
  const comments: TextSpan[] = [];
  const directives: Directive[] = [];
  let lineStart = true;
  let at = from;
  while (at < to) {
    const c = text.charCodeAt(at);
    if (c === 10 || c === 13) {
      lineStart = true;
      at++;
      continue;
    }
    if (isSpace(c) || c === 0) {
      at++;
      continue;
    }
    if (c === 92 && (text.charCodeAt(at + 1) === 10 || text.charCodeAt(at + 1) === 13)) {
      at += 2;
      if (text.charCodeAt(at - 1) === 13 && text.charCodeAt(at) === 10) at++;
      continue;
    }
    if (c === 47) {
      const end = commentEnd(text, at, to);
      if (end > at) {
        comments.push({ start: at, end });
        at = end;
        continue;
      }
    }
    if (c === 35 && lineStart) {
      const end = directiveEnd(text, at, to, comments);
      let name = at + 1;
      while (name < end && (text.charCodeAt(name) === 32 || text.charCodeAt(name) === 9)) name++;
      let nameEnd = name;
      while (nameEnd < end && isIdentStart(text.charCodeAt(nameEnd))) nameEnd++;
      directives.push({
        start: at,
        end,
        name: text.slice(name, nameEnd),
        bodyStart: nameEnd,
        tokenIndex: tokens.length,
      });
      at = end;
      continue;
    }
    lineStart = false;
    const start = at;
    let kind: TokenKind;
    if (isIdentStart(c)) {
      while (at < to && (isIdentStart(text.charCodeAt(at)) || isDigit(text.charCodeAt(at)))) at++;
      kind = 'name';
    } else if (isDigit(c) || (c === 46 && isDigit(text.charCodeAt(at + 1)))) {
      at = numberEnd(text, at, to);
      kind = 'number';
    } else if (c === 34 || c === 39) {
      at = quotedEnd(text, at, to);
      kind = c === 34 ? 'string' : 'char';
    } else {
      at += PUNCT3.has(text.slice(at, at + 3)) ? 3 : PUNCT2.has(text.slice(at, at + 2)) ? 2 : 1;
      kind = 'punct';
    }
    tokens.push({ kind, start, end: at, text: text.slice(start, at) });
  }
  return { tokens, comments, directives };
}

/** End of the comment that starts at `at`, or `at` when none does. */
function commentEnd(text: string, at: number, to: number): number {
  const next = text.charCodeAt(at + 1);
  if (next === 42) {
    const close = text.indexOf('*/', at + 2);
    return close < 0 || close + 2 > to ? to : close + 2;
  }
  if (next !== 47) return at;
  let end = at + 2;
  while (end < to) {
    const c = text.charCodeAt(end);
    if (c === 10 || c === 13) {
      let before = end - 1;
      if (c === 10 && text.charCodeAt(before) === 13) before--;
      if (text.charCodeAt(before) !== 92) return end;
    }
    end++;
  }
  return to;
}

function directiveEnd(text: string, start: number, to: number, comments: TextSpan[]): number {
  let at = start;
  while (at < to) {
    const c = text.charCodeAt(at);
    if (c === 34 || c === 39) {
      at = quotedEnd(text, at, to);
      continue;
    }
    if (c === 47) {
      const end = commentEnd(text, at, to);
      if (end > at) {
        comments.push({ start: at, end });
        at = end;
        continue;
      }
    }
    if (c === 92 && text.charCodeAt(at + 1) === 13 && text.charCodeAt(at + 2) === 10) at += 3;
    else if (c === 92 && (text.charCodeAt(at + 1) === 10 || text.charCodeAt(at + 1) === 13)) at += 2;
    else if (c === 10 || c === 13) return at;
    else at++;
  }
  return to;
}

function numberEnd(text: string, start: number, to: number): number {
  let at = start + 1;
  while (at < to) {
    const c = text.charCodeAt(at);
    const afterExponent =
      (c === 43 || c === 45) && /[eEpP]/.test(text[at - 1]!) && !/^0[xX]/.test(text.slice(start, at));
    if (!isIdentStart(c) && !isDigit(c) && c !== 46 && !afterExponent) break;
    at++;
  }
  return at;
}

function quotedEnd(text: string, start: number, to: number): number {
  const quote = text.charCodeAt(start);
  let at = start + 1;
  while (at < to) {
    const c = text.charCodeAt(at);
    if (c === quote) return at + 1;
    if (c === 92) {
      at += text.charCodeAt(at + 1) === 13 && text.charCodeAt(at + 2) === 10 ? 3 : 2;
      continue;
    }
    if (c === 10 || c === 13) return at;
    at++;
  }
  return to;
}

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
};

/** Code units of a string or character literal, escapes resolved. */
export function literalUnits(quoted: string): number[] {
  const units: number[] = [];
  const end = quoted.length > 1 && quoted.endsWith(quoted[0]!) ? quoted.length - 1 : quoted.length;
  for (let at = 1; at < end; at++) {
    if (quoted[at] !== '\\') {
      units.push(quoted.charCodeAt(at));
      continue;
    }
    const letter = quoted[++at] ?? '';
    const octal = /^[0-7]{1,3}/.exec(quoted.slice(at, at + 3))?.[0];
    const hex = letter === 'x' ? /^[0-9a-fA-F]+/.exec(quoted.slice(at + 1))?.[0] : undefined;
    if (octal !== undefined) {
      units.push(Number.parseInt(octal, 8) & 0xff);
      at += octal.length - 1;
    } else if (hex !== undefined) {
      units.push(Number.parseInt(hex, 16) & 0xff);
      at += hex.length;
    } else units.push(SIMPLE_ESCAPES[letter] ?? letter.charCodeAt(0));
  }
  return units;
}

/** Value of an integer literal, with the sign that the parser may have taken in; undefined for floating point and nonsense. */
export function integerLiteral(text: string): bigint | undefined {
  const match = /^([+-]?)\s*(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)([uUlL]*)$/.exec(text);
  if (!match) return undefined;
  const digits = match[2]!;
  const value = /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  return match[1] === '-' ? -value : value;
}
