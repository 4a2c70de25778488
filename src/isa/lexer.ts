// Assembly text to tokens. The language is that of LLVM's assembler for BPF: `#`, `//` and `/* */` start comments, a line end
// or `;` ends a statement, and words may hold dots and dollar signs. Never throws; what is no token becomes an `unknown` one.

import { encodeUtf8, type TextSpan } from '../base/index.ts';

export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly span: TextSpan }
  /** Value of an integer or a character literal. */
  | { readonly kind: 'number'; readonly value: bigint; readonly text: string; readonly span: TextSpan }
  /** `1f` or `1b`: the next or the previous numeric label. */
  | {
      readonly kind: 'local-label';
      readonly number: string;
      readonly direction: 'f' | 'b';
      readonly text: string;
      readonly span: TextSpan;
    }
  /** The bytes between the quotation marks: escapes resolved, other text in UTF-8. */
  | { readonly kind: 'string'; readonly bytes: Uint8Array; readonly text: string; readonly span: TextSpan }
  | { readonly kind: 'punctuation'; readonly text: string; readonly span: TextSpan }
  | { readonly kind: 'unknown'; readonly text: string; readonly why: string; readonly span: TextSpan };

/** The tokens of one statement, at least one. */
export interface Statement {
  readonly tokens: readonly Token[];
  readonly span: TextSpan;
}

const WORD = /[A-Za-z_.$][\w.$]*(?:@[A-Za-z_]\w*)?/y;
const NUMBER = /0[xX][0-9a-fA-F]+|0[bB][01]+|\d+/y;
const LOCAL_LABEL = /(\d+)([fb])(?![\w.$])/y;
const PUNCTUATION = /<<=|>>=|<<|>>|[-+*/%&|^=!<>]=|[-+*/%&|^=!<>()[\],:~@{}]/y;
const SPACE = /[ \t\f\v\u00a0\ufeff]+/y;
const LINE_COMMENT = /#[^\r\n]*|\/\/[^\r\n]*/y;

/** Splits a text into statements. */
export function tokenize(text: string): Statement[] {
  const statements: Statement[] = [];
  let tokens: Token[] = [];
  let at = 0;
  let lineStart = true;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const finish = () => {
    const [first] = tokens;
    if (first !== undefined)
      statements.push({ tokens, span: { start: first.span.start, end: tokens.at(-1)!.span.end } });
    tokens = [];
  };
  while (at < text.length) {
    const character = text[at]!;
    if (character === '\n' || character === '\r') {
      at++;
      finish();
      lineStart = true;
      continue;
    }
    const space = match(SPACE);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    if (character === ';') {
      const comment = lineStart || isProse(text, at + 1);
      finish();
      at = comment ? lineEnd(text, at) : at + 1;
      continue;
    }
    lineStart = false;
    const comment = match(LINE_COMMENT);
    if (comment !== null) {
      at += comment[0].length;
      continue;
    }
    if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) {
        tokens.push(unknown(text, at, text.length, 'the comment has no end'));
        at = text.length;
      } else at = end + 2;
      continue;
    }
    const token = readToken(text, at, match);
    tokens.push(token);
    at = token.span.end;
  }
  finish();
  return statements;
}

function readToken(text: string, at: number, match: (pattern: RegExp) => RegExpExecArray | null): Token {
  const spanOf = (length: number): TextSpan => ({ start: at, end: at + length });
  if (text[at] === '"' || text[at] === "'") return quoted(text, at);
  const label = match(LOCAL_LABEL);
  if (label !== null && !/^0[bB]$/.test(label[0])) {
    const direction = label[2] === 'f' ? 'f' : 'b';
    return { kind: 'local-label', number: label[1]!, direction, text: label[0], span: spanOf(label[0].length) };
  }
  const number = match(NUMBER);
  if (number !== null) {
    const digits = number[0];
    const after = text[at + digits.length] ?? '';
    if (/[\w.$]/.test(after)) {
      const whole = /^[\w.$]+/.exec(text.slice(at))![0];
      return unknown(text, at, at + whole.length, `\`${whole}\` is not a number`);
    }
    const octal = /^0\d/.test(digits);
    if (octal && /[89]/.test(digits))
      return unknown(text, at, at + digits.length, `\`${digits}\` is not an octal number`);
    return {
      kind: 'number',
      value: BigInt(octal ? `0o${digits.slice(1)}` : digits),
      text: digits,
      span: spanOf(digits.length),
    };
  }
  const word = match(WORD);
  if (word !== null) return { kind: 'word', text: word[0], span: spanOf(word[0].length) };
  const punctuation = match(PUNCTUATION);
  if (punctuation !== null) return { kind: 'punctuation', text: punctuation[0], span: spanOf(punctuation[0].length) };
  const character = String.fromCodePoint(text.codePointAt(at)!);
  return unknown(text, at, at + character.length, `\`${character}\` has no meaning here`);
}

function unknown(text: string, start: number, end: number, why: string): Token {
  return { kind: 'unknown', text: text.slice(start, end), why, span: { start, end } };
}

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  b: 8,
  f: 12,
  '"': 34,
  "'": 39,
  '\\': 92,
};

/** A string or character literal. */
function quoted(text: string, start: number): Token {
  const quote = text[start]!;
  const bytes: number[] = [];
  let at = start + 1;
  while (at < text.length && text[at] !== quote && text[at] !== '\n' && text[at] !== '\r') {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    at += character.length;
    if (character !== '\\') {
      bytes.push(...encodeUtf8(character));
      continue;
    }
    const numeric = /^(?:[0-7]{1,3}|x[0-9a-fA-F]+)/.exec(text.slice(at, at + 16))?.[0];
    const byte = numeric === undefined ? ESCAPES[text[at] ?? ''] : numericEscape(numeric);
    if (byte === undefined) return unknown(text, start, at + 1, `\`\\${text[at] ?? ''}\` is not an escape sequence`);
    bytes.push(byte);
    at += numeric?.length ?? 1;
  }
  if (text[at] !== quote) return unknown(text, start, at, 'the closing quotation mark is missing');
  const span = { start, end: at + 1 };
  const source = text.slice(start, at + 1);
  if (quote === '"') return { kind: 'string', bytes: Uint8Array.from(bytes), text: source, span };
  const [only] = bytes;
  if (only === undefined || bytes.length > 1)
    return unknown(text, start, at + 1, 'a character literal holds one character');
  return { kind: 'number', value: BigInt(only), text: source, span };
}

/** Up to three octal digits, or `x` and hexadecimal digits of which the last two count. */
function numericEscape(digits: string): number {
  return (digits.startsWith('x') ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 8)) & 0xff;
}

function lineEnd(text: string, at: number): number {
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}

const LEADING_KEYWORDS = /^(?:if|goto|gotol|gotox|may_goto|call|callx|lock|ld_pseudo)$/;

/**
 * Whether what follows a `;` reads like a remark and not like a statement: two words side by side of which the first starts
 * no instruction and is no directive. LLVM knows `;` as a separator only; many people write remarks with it.
 */
function isProse(text: string, from: number): boolean {
  const first = /^[ \t]*([A-Za-z][A-Za-z'’-]*)[ \t,]+[A-Za-z0-9'"(`]/.exec(text.slice(from, lineEnd(text, from)));
  return first !== null && !LEADING_KEYWORDS.test(first[1]!);
}
