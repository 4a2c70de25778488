// Where a large function can be cut into pieces that mean the same when each is parsed by itself: blocks, and the statements of a
// block. A cut that is not made costs time only, so whatever looks unusual stays in one piece.

import type { TextSpan } from '../base/index.ts';
import { literalEnd } from './chunks.ts';

/** What may stand before the brace of a block; an initialiser, a record or a statement expression has something else. */
const BEFORE_BLOCK = /(?:[){};:]|\b(?:else|do))\s*$/;
/** How far back that is looked for. */
const LOOK_BEHIND = 80;
const WORD = /\s*([A-Za-z_]\w*)?/y;
const CASE = /\s*(?:\w+\s*:\s*)?(?:case|default)\b/y;

const opensBlock = (masked: string, at: number): boolean =>
  BEFORE_BLOCK.test(masked.slice(Math.max(0, at - LOOK_BEHIND), at));

/** The outermost blocks between `start` and `end` that are at least `least` characters long, braces included. */
export function innerBlocks(masked: string, start: number, end: number, least: number): TextSpan[] {
  const open: number[] = [];
  let found: TextSpan[] = [];
  for (let at = start; at < end; at++) {
    const code = masked.charCodeAt(at);
    if (code === 0x22 || code === 0x27) at = literalEnd(masked, at, code);
    else if (code === 0x7b) open.push(at);
    else if (code === 0x7d) {
      const from = open.pop();
      if (from === undefined || at + 1 - from < least || !opensBlock(masked, from)) continue;
      // What lies inside was closed, and so found, before.
      while (found.length > 0 && found[found.length - 1]!.start > from) found.pop();
      found.push({ start: from, end: at + 1 });
    }
  }
  found = found.filter((span) => span.end <= end);
  return found;
}

/**
 * The statements between `start` and `end`, which lie inside the braces of one block: spans without gaps that cover it. What follows
 * a `case` label belongs to it, up to the next label, as the grammar has it.
 */
export function statementSpans(masked: string, start: number, end: number): TextSpan[] {
  const spans: TextSpan[] = [];
  let from = start;
  const cut = (to: number): void => {
    if (matchesAt(CASE, masked, from) && !matchesAt(CASE, masked, to)) return;
    spans.push({ start: from, end: to });
    from = to;
  };
  let parens = 0;
  let braces = 0;
  /** Whether the parentheses that are open are those of a loop's head, which holds semicolons. */
  let isLoopHead = false;
  let isBlock = false;
  for (let at = start; at < end; at++) {
    switch (masked.charCodeAt(at)) {
      case 0x22: // "
      case 0x27: // '
        at = literalEnd(masked, at, masked.charCodeAt(at));
        break;
      case 0x28: // (
        if (braces > 0) break;
        if (parens === 0) isLoopHead = /\bfor\s*$/.test(masked.slice(Math.max(from, at - LOOK_BEHIND), at));
        parens++;
        break;
      case 0x29: // )
        if (braces === 0 && parens > 0) parens--;
        break;
      case 0x7b: // {
        if (braces === 0) isBlock = opensBlock(masked, at);
        braces++;
        break;
      case 0x7d: // }
        if (braces > 0) braces--;
        if (braces > 0 || !isBlock || !startsStatement(masked, at + 1, end)) break;
        parens = 0;
        cut(at + 1);
        break;
      case 0x3b: // ;
        // A parenthesis that is open here is one that is still to be typed.
        if (braces > 0 || (parens > 0 && isLoopHead) || continuesStatement(masked, at + 1)) break;
        parens = 0;
        cut(at + 1);
        break;
    }
  }
  if (from < end) spans.push({ start: from, end });
  return spans;
}

function matchesAt(pattern: RegExp, masked: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(masked);
}

function wordAt(masked: string, at: number): string {
  WORD.lastIndex = at;
  return WORD.exec(masked)?.[1] ?? '';
}

/** `else` of an `if`, `while` of a `do`. */
function continuesStatement(masked: string, at: number): boolean {
  const word = wordAt(masked, at);
  return word === 'else' || word === 'while';
}

function startsStatement(masked: string, at: number, end: number): boolean {
  if (continuesStatement(masked, at)) return false;
  return wordAt(masked, at) !== '' || /^\s*(?:[{}]|$)/.test(masked.slice(at, Math.min(end, at + LOOK_BEHIND)));
}
