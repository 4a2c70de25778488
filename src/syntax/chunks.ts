// Cuts a masked text at the ends of its top-level items, so that each can be parsed by itself: what stands in one function says
// nothing about the next, and a mistake that is being typed reaches no further than the item around it.

import type { TextSpan } from '../base/index.ts';

/** Unclosed items that are looked at twice; a text with more of them is cut by its line starts from there on. */
const MAX_SECOND_LOOKS = 8;

/** `struct name`, `enum name : type`: what stands before the brace of a record. */
const RECORD_HEAD = /\b(?:struct|union|enum)(?:\s+\w+){0,3}\s*(?::[\w\s]*)?$/;

/** Two words at the start of a line, the first no statement: where people begin a declaration at file level. */
const ITEM_START = /(?!(?:return|else|goto|case|default|do|if|for|while|switch|sizeof)\b)[A-Za-z_]\w*[ \t*]+[A-Za-z_]/y;

/** Covers `masked` from its start to its end, without gaps. The last chunk may be blank. */
export function topLevelChunks(masked: string): readonly TextSpan[] {
  const chunks: TextSpan[] = [];
  let secondLooks = 0;
  for (let start = 0; start < masked.length; ) {
    let found = chunkEnd(masked, start, secondLooks >= MAX_SECOND_LOOKS ? 'line-starts' : 'braces');
    if (!found.closed && secondLooks < MAX_SECOND_LOOKS) {
      secondLooks++;
      found = chunkEnd(masked, start, 'line-starts');
    }
    chunks.push({ start, end: found.end });
    start = found.end;
  }
  return chunks;
}

/**
 * The end of the item that begins at `from`. `braces` believes them; `line-starts` also ends an item whose brace is open where a line
 * begins like an item. `closed` is false when the text ended inside of a brace.
 */
function chunkEnd(
  masked: string,
  from: number,
  by: 'braces' | 'line-starts',
): { readonly end: number; readonly closed: boolean } {
  const length = masked.length;
  /** Offsets of the parentheses that are open since the last brace. */
  let parens: number[] = [];
  const outerParens: number[][] = [];
  let braces = 0;
  let isBody = false;
  let assigned = false;
  /** End and code of the last character that is no blank. */
  let lastEnd = from;
  let last = 0;
  /** Where the parentheses opened that were closed last. */
  let lastOpen = -1;
  for (let at = from; at < length; at++) {
    const code = masked.charCodeAt(at);
    if (code === 0x20 || code === 0x09 || code === 0x0d) continue;
    if (code === 0x0a) {
      if (by === 'line-starts' && braces > 0 && startsItem(masked, at + 1)) return { end: lastEnd, closed: true };
      continue;
    }
    switch (code) {
      case 0x22: // "
      case 0x27: // '
        at = literalEnd(masked, at, code);
        break;
      case 0x28: // (
        parens.push(at);
        break;
      case 0x29: // )
        lastOpen = parens.pop() ?? -1;
        break;
      case 0x3d: // =
        if (braces === 0) assigned = true;
        break;
      case 0x7b: // {
        if (braces === 0) isBody = opensBody(masked, from, at, assigned, last === 0x29 ? lastOpen : -1);
        braces++;
        outerParens.push(parens);
        parens = [];
        break;
      case 0x7d: // }
        if (braces === 0) return { end: at + 1, closed: true };
        braces--;
        parens = outerParens.pop()!;
        if (braces === 0 && isBody) return { end: at + 1, closed: true };
        break;
      case 0x3b: // ;
        if (braces === 0) return { end: at + 1, closed: true };
        break;
    }
    last = code;
    lastEnd = at + 1;
  }
  return { end: length, closed: braces === 0 };
}

/** Whether the brace at `at` opens the body of a function: an item ends with it, without a semicolon. */
function opensBody(masked: string, from: number, at: number, assigned: boolean, parenthesis: number): boolean {
  // After `=` only a declarator's parentheses make a body (`int x = 3 int f(void) {`, a semicolon short); a cast makes a literal.
  if (assigned) return parenthesis > from && /\w\s*$/.test(masked.slice(Math.max(from, parenthesis - 80), parenthesis));
  return !RECORD_HEAD.test(masked.slice(Math.max(from, at - 200), at));
}

function startsItem(masked: string, at: number): boolean {
  ITEM_START.lastIndex = at;
  return ITEM_START.test(masked);
}

/** Offset of the last character of a literal; one that is not closed ends with its line. */
export function literalEnd(masked: string, at: number, quote: number): number {
  for (let i = at + 1; i < masked.length; i++) {
    const code = masked.charCodeAt(i);
    if (code === 0x5c) i++;
    else if (code === quote) return i;
    else if (code === 0x0a) return i - 1;
  }
  return masked.length - 1;
}
