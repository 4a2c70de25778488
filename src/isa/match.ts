// One assembly statement to the row and operands that it spells, by matching its tokens against the templates of the table.

import { assertNever, type TextSpan } from '../base/index.ts';
import { type Expression, type Parsed, parseExpression } from './expression.ts';
import type { Token } from './lexer.ts';
import type { InsnRow } from './row.ts';
import { INSN_ROWS } from './table.ts';
import { type BlankName, type RegisterMember, type Template, type TemplatePart, templateOf } from './template.ts';

/** Operands that are expressions: `src` when it is an immediate, and what the blanks of a template take. */
export type ExpressionMember =
  | 'src'
  | 'offset'
  | 'target'
  | 'function'
  | 'functionDistance'
  | 'helper'
  | 'kfunc'
  | 'kfuncFd'
  | 'imm64'
  | 'map'
  | 'mapValue'
  | 'toSpace'
  | 'fromSpace';

export interface MatchedRegister {
  readonly number: number;
  readonly span: TextSpan;
}

export interface MatchedInsn {
  readonly row: InsnRow;
  readonly registers: ReadonlyMap<RegisterMember, MatchedRegister>;
  readonly expressions: ReadonlyMap<ExpressionMember, Expression>;
}

/** What came closest to matching: the token where it ended (the number of tokens when they ran out) and what could follow. */
export interface Mismatch {
  readonly at: number;
  readonly expected: readonly string[];
}

export type MatchResult =
  | { readonly kind: 'matched'; readonly insn: MatchedInsn }
  | { readonly kind: 'mismatch'; readonly mismatch: Mismatch };

interface Candidate {
  readonly row: InsnRow;
  readonly template: Template;
}

const REGISTER = /^[rRwW](\d|1[0-5])$/;

const CANDIDATES: readonly Candidate[] = INSN_ROWS.flatMap((row: InsnRow) =>
  row.text.map((text) => ({ row, template: templateOf(text) })),
);

/** Templates by what they start with: the text of a first token, or `r` and `w` for the registers. */
const BY_START: ReadonlyMap<string, readonly Candidate[]> = (() => {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of CANDIDATES) {
    const [first] = candidate.template.parts;
    const key = first?.kind === 'register' ? first.prefix : first?.kind === 'literal' ? first.tokens[0]!.text : '';
    // A literal register, as in `r0 = cmpxchg_64(...)`, stands in the group of its kind.
    const group = isRegister(key) ? key[0]! : key;
    groups.set(group, [...(groups.get(group) ?? []), candidate]);
  }
  return groups;
})();

/** The templates that a statement can match, by its first token. */
function candidatesFor(token: Token | undefined): readonly Candidate[] {
  const text = token?.text.toLowerCase() ?? '';
  return BY_START.get(token?.kind === 'word' && isRegister(text) ? text[0]! : text) ?? [];
}

/** Number of a register name, undefined for any other word. Names up to r15 fit the encoding; the machine has r0 to r10. */
export function registerNumber(word: string): number | undefined {
  const match = REGISTER.exec(word);
  return match === null ? undefined : Number(match[1]);
}

export function isRegister(word: string): boolean {
  return registerNumber(word) !== undefined;
}

/** Finds the instruction that a statement spells. */
export function matchInsn(tokens: readonly Token[]): MatchResult {
  let at = 0;
  let expected = new Set<string>();
  for (const candidate of candidatesFor(tokens[0])) {
    const attempt = matchTemplate(candidate, tokens);
    if (attempt.kind === 'parsed') return { kind: 'matched', insn: attempt.value };
    if (attempt.at > at) {
      at = attempt.at;
      expected = new Set();
    }
    if (attempt.at === at) expected.add(attempt.expected);
  }
  return { kind: 'mismatch', mismatch: { at, expected: [...expected] } };
}

interface Captures {
  readonly row: InsnRow;
  readonly registers: Map<RegisterMember, MatchedRegister>;
  readonly expressions: Map<ExpressionMember, Expression>;
}

function matchTemplate({ row, template }: Candidate, tokens: readonly Token[]): Parsed<MatchedInsn> {
  const captures: Captures = { row, registers: new Map(), expressions: new Map() };
  let at = 0;
  for (const part of template.parts) {
    const step = matchPart(part, tokens, at, captures);
    if (step.kind === 'failed') return step;
    at = step.next;
  }
  if (at < tokens.length) return { kind: 'failed', at, expected: 'the end of the statement' };
  return { kind: 'parsed', value: captures, next: at };
}

type Step = Parsed<undefined>;
const stepTo = (next: number): Step => ({ kind: 'parsed', value: undefined, next });

function matchPart(part: TemplatePart, tokens: readonly Token[], at: number, captures: Captures): Step {
  switch (part.kind) {
    case 'literal': {
      for (const [index, wanted] of part.tokens.entries()) {
        const token = tokens[at + index];
        const same = token !== undefined && token.kind === wanted.kind && token.text.toLowerCase() === wanted.text;
        if (!same) return { kind: 'failed', at: at + index, expected: `\`${wanted.text}\`` };
      }
      return stepTo(at + part.tokens.length);
    }
    case 'register':
      return matchRegister(part, tokens, at, captures);
    case 'blank':
      return BLANK_MATCH[part.name](tokens, at, captures);
    default:
      return assertNever(part, 'matchPart');
  }
}

function matchRegister(
  { prefix, member }: TemplatePart & { kind: 'register' },
  tokens: readonly Token[],
  at: number,
  captures: Captures,
): Step {
  const { row } = captures;
  const token = tokens[at];
  const number = token?.kind === 'word' ? registerNumber(token.text) : undefined;
  const immediate = member === 'src' && typeof row.opcode !== 'number' && row.opcode.imm !== undefined;
  if (token !== undefined && number !== undefined && token.text[0]!.toLowerCase() === prefix) {
    const earlier = captures.registers.get(member);
    if (earlier !== undefined && earlier.number !== number)
      return { kind: 'failed', at, expected: `\`${prefix}${earlier.number}\` (the same register)` };
    captures.registers.set(member, { number, span: token.span });
    return stepTo(at + 1);
  }
  const registerName = prefix === 'r' ? 'a 64-bit register (r0 to r10)' : 'a 32-bit register (w0 to w10)';
  if (!immediate) return { kind: 'failed', at, expected: registerName };
  const expression = parseExpression(tokens, at, { reserved: isRegister });
  if (expression.kind === 'failed')
    return expression.at === at ? { kind: 'failed', at, expected: `${registerName} or a number` } : expression;
  captures.expressions.set('src', expression.value);
  return stepTo(expression.next);
}

type BlankMatcher = (tokens: readonly Token[], at: number, captures: Captures) => Step;

/** Takes an expression as `member`. */
function expressionBlank(member: ExpressionMember, expected: string): BlankMatcher {
  return (tokens, at, captures) => {
    const expression = parseExpression(tokens, at, { reserved: isRegister });
    if (expression.kind === 'failed') return expression.at === at ? { ...expression, expected } : expression;
    captures.expressions.set(member, expression.value);
    return stepTo(expression.next);
  };
}

/** Takes `+ 4` or `- 4`: an expression that has to start with its sign. */
function signedBlank(member: ExpressionMember): BlankMatcher {
  const read = expressionBlank(member, 'a number');
  return (tokens, at, captures) =>
    isSign(tokens[at]) ? read(tokens, at, captures) : { kind: 'failed', at, expected: '`+` or `-` and an offset' };
}

const isSign = (token: Token | undefined): boolean =>
  token?.kind === 'punctuation' && (token.text === '+' || token.text === '-');

const isWord = (token: Token | undefined, text: string): boolean => token?.kind === 'word' && token.text === text;

const never: BlankMatcher = (_tokens, at) => ({ kind: 'failed', at, expected: 'a number or a symbol' });

const numberBlank = (member: ExpressionMember) => expressionBlank(member, 'a number');

const BLANK_MATCH: Readonly<Record<BlankName, BlankMatcher>> = {
  offset: (tokens, at, captures) =>
    tokens[at]?.text === ')' || tokens[at]?.text === ',' ? stepTo(at) : signedBlank('offset')(tokens, at, captures),
  target: expressionBlank('target', 'a label or a distance'),
  function: (tokens, at, captures) => {
    if (isWord(tokens[at], 'pc') && isSign(tokens[at + 1]))
      return signedBlank('functionDistance')(tokens, at + 1, captures);
    if (tokens[at]?.kind === 'word' && !isWord(tokens[at], 'kfunc'))
      return expressionBlank('function', 'the name of a function')(tokens, at, captures);
    return { kind: 'failed', at, expected: 'the name of a function or the number of a helper' };
  },
  helper: (tokens, at, captures) =>
    tokens[at]?.kind === 'word'
      ? { kind: 'failed', at, expected: 'the name of a function or the number of a helper' }
      : expressionBlank('helper', 'the name of a function or the number of a helper')(tokens, at, captures),
  kfunc: (tokens, at, captures) => {
    if (!isWord(tokens[at], 'kfunc'))
      return { kind: 'failed', at, expected: 'the name of a function or the number of a helper' };
    const id = numberBlank('kfunc')(tokens, at + 1, captures);
    if (id.kind === 'failed' || tokens[id.next]?.text !== ',') return id;
    return numberBlank('kfuncFd')(tokens, id.next + 1, captures);
  },
  imm64: expressionBlank('imm64', 'a number or a symbol'),
  map: never,
  functionAddress: never,
  mapValue: (tokens, at, captures) => {
    const name = tokens[at];
    if (name?.kind !== 'word' || isRegister(name.text)) return never(tokens, at, captures);
    const rest = ['[', '0', ']'];
    for (const [index, wanted] of rest.entries()) {
      if (tokens[at + 1 + index]?.text !== wanted)
        return { kind: 'failed', at: at + 1 + index, expected: index === 0 ? '`ll`' : `\`${wanted}\`` };
    }
    captures.expressions.set('map', { kind: 'symbol', name: name.text, span: name.span });
    const after = at + 4;
    return isSign(tokens[after]) ? signedBlank('mapValue')(tokens, after, captures) : stepTo(after);
  },
  pseudo: (tokens, at, { row }) => {
    const wanted = row.fixed?.src ?? 0;
    const token = tokens[at];
    return token?.kind === 'number' && token.value === BigInt(wanted)
      ? stepTo(at + 1)
      : { kind: 'failed', at, expected: 'a number from 1 to 6' };
  },
  pseudo64: numberBlank('imm64'),
  toSpace: numberBlank('toSpace'),
  fromSpace: numberBlank('fromSpace'),
  packetOffset: numberBlank('offset'),
  packetIndex: (tokens, at, captures) =>
    tokens[at]?.text === ']' ? stepTo(at) : signedBlank('offset')(tokens, at, captures),
};
