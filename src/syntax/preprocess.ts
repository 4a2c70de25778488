// The file's own macros and which of its lines are compiled. One configuration is analysed, as a compiler would: what a
// condition cannot decide counts as true, so that its first branch is seen. Source: C17 section 6.10.

import type { TextSpan } from '../base/index.ts';
import { type Directive, integerLiteral, type Lexed, lex, type Token } from './lexer.ts';

export interface Macro {
  readonly name: string;
  readonly nameSpan: TextSpan;
  /** Parameter names of a function-like macro; undefined for an object-like one. */
  readonly parameters?: readonly string[];
  readonly variadic: boolean;
  readonly body: readonly Token[];
  /** Text of the body with line continuations and comments taken out. */
  readonly bodyText: string;
  readonly directive: TextSpan;
}

export interface Include {
  readonly path: string;
  readonly system: boolean;
  readonly span: TextSpan;
}

export interface Preprocessed {
  /** Tokens that are compiled, in order. */
  readonly tokens: readonly Token[];
  readonly comments: readonly TextSpan[];
  readonly directives: readonly Directive[];
  readonly macros: ReadonlyMap<string, Macro>;
  readonly includes: readonly Include[];
  /** Half-open ranges of text that no compiler sees (the branches not taken). */
  readonly inactive: readonly TextSpan[];
}

interface Branch {
  /** Whether this branch is compiled. */
  active: boolean;
  /** Whether some branch of the group has been taken. */
  taken: boolean;
  readonly outer: boolean;
}

/** Reads directives, collects macros and drops the tokens of branches not taken. */
export function preprocess(text: string, lexed: Lexed = lex(text)): Preprocessed {
  const macros = new Map<string, Macro>();
  const includes: Include[] = [];
  const tokens: Token[] = [];
  const inactive: TextSpan[] = [];
  const stack: Branch[] = [];
  let active = true;
  let deadFrom = 0;
  let next = 0;

  const setActive = (value: boolean, at: Directive): void => {
    if (active && !value) deadFrom = at.end;
    if (!active && value && at.start > deadFrom) inactive.push({ start: deadFrom, end: at.start });
    active = value;
  };

  for (const directive of lexed.directives) {
    if (active) for (; next < directive.tokenIndex; next++) tokens.push(lexed.tokens[next]!);
    else next = directive.tokenIndex;
    const branch = stack.at(-1);
    switch (directive.name) {
      case 'if':
      case 'ifdef':
      case 'ifndef': {
        const holds = conditionHolds(text, directive, macros);
        stack.push({ active: active && holds, taken: holds, outer: active });
        setActive(active && holds, directive);
        break;
      }
      case 'elif':
      case 'elifdef':
      case 'elifndef':
        if (branch === undefined) break;
        branch.active = branch.outer && !branch.taken && conditionHolds(text, directive, macros);
        branch.taken ||= branch.active;
        setActive(branch.active, directive);
        break;
      case 'else':
        if (branch === undefined) break;
        branch.active = branch.outer && !branch.taken;
        branch.taken = true;
        setActive(branch.active, directive);
        break;
      case 'endif':
        if (branch === undefined) break;
        stack.pop();
        setActive(branch.outer, directive);
        break;
      case 'define':
        if (active) define(text, directive, macros);
        break;
      case 'undef':
        // The name stays known: what it stood for above this line is still wanted by hover and analysis.
        break;
      case 'include': {
        const match = /^\s*(?:<([^>\n]*)>|"([^"\n]*)")/.exec(text.slice(directive.bodyStart, directive.end));
        if (match && active)
          includes.push({
            path: match[1] ?? match[2] ?? '',
            system: match[1] !== undefined,
            span: { start: directive.start, end: directive.end },
          });
        break;
      }
    }
  }
  if (active) for (; next < lexed.tokens.length; next++) tokens.push(lexed.tokens[next]!);
  else inactive.push({ start: deadFrom, end: text.length });
  return { tokens, comments: lexed.comments, directives: lexed.directives, macros, includes, inactive };
}

function define(text: string, directive: Directive, macros: Map<string, Macro>): void {
  const { tokens } = lex(text, directive.bodyStart, directive.end);
  const name = tokens[0];
  if (name === undefined || name.kind !== 'name') return;
  let first = 1;
  let parameters: string[] | undefined;
  let variadic = false;
  if (tokens[1]?.text === '(' && tokens[1].start === name.end) {
    parameters = [];
    first = 2;
    for (; first < tokens.length && tokens[first]!.text !== ')'; first++) {
      const token = tokens[first]!;
      if (token.text === '...') variadic = true;
      else if (token.kind === 'name') parameters.push(token.text);
    }
    first++;
  }
  const body = tokens.slice(first);
  macros.set(name.text, {
    name: name.text,
    nameSpan: { start: name.start, end: name.end },
    ...(parameters === undefined ? {} : { parameters }),
    variadic,
    body,
    bodyText: joinTokens(body),
    directive: { start: directive.start, end: directive.end },
  });
}

/** Text of tokens with single spaces where the source had any gap. */
export function joinTokens(tokens: readonly Token[]): string {
  let text = '';
  for (let i = 0; i < tokens.length; i++) {
    if (i > 0 && tokens[i - 1]!.end !== tokens[i]!.start) text += ' ';
    text += tokens[i]!.text;
  }
  return text;
}

/** Names that a compiler for little-endian BPF does not define. */
const NEVER_DEFINED = /^(__cplusplus|__KERNEL__|__BIG_ENDIAN(__|_BITFIELD)?|__BYTE_ORDER_BIG__)$/;

/** True when the condition holds or cannot be decided from this file alone. */
function conditionHolds(text: string, directive: Directive, macros: ReadonlyMap<string, Macro>): boolean {
  const { tokens } = lex(text, directive.bodyStart, directive.end);
  if (/^(el)?ifdef$/.test(directive.name)) return !NEVER_DEFINED.test(tokens[0]?.text ?? '');
  // A header guard, or a definition for the case that no header has one.
  if (/^(el)?ifndef$/.test(directive.name)) return !macros.has(tokens[0]?.text ?? '');
  if (tokens.length === 1) {
    const value = integerLiteral(tokens[0]!.text);
    if (value !== undefined) return value !== 0n;
  }
  const negated = tokens[0]?.text === '!' && tokens[1]?.text === 'defined';
  if (negated) {
    const name = tokens.find((token, i) => i > 1 && token.kind === 'name');
    return name === undefined || !macros.has(name.text);
  }
  return !/BIG_ENDIAN/.test(directiveText(text, directive)) && !(tokens[0]?.text === 'defined' && neverDefined(tokens));
}

const directiveText = (text: string, directive: Directive): string => text.slice(directive.bodyStart, directive.end);

const neverDefined = (tokens: readonly Token[]): boolean =>
  tokens.length <= 4 && tokens.some((token) => NEVER_DEFINED.test(token.text));
