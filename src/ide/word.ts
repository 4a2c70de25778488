// What stands at an offset of the text: the word, and whether it is a member of the context. Works on text that does not parse.

import type { TextSpan } from '../base/index.ts';
import type { CFile } from '../syntax/index.ts';
import { contextNames } from './context-uses.ts';
import { functionAt } from './mend.ts';
import type { SourceAnalysis } from './source-analysis.ts';

export interface Word {
  readonly text: string;
  readonly span: TextSpan;
}

const isWord = (text: string, at: number): boolean => /[\w$]/.test(text[at] ?? '');

/** The identifier or number at (or just before) an offset; undefined in comments and strings, and between words. */
export function wordAt(file: CFile, offset: number): Word | undefined {
  const { text } = file;
  let start = offset;
  while (start > 0 && isWord(text, start - 1)) start--;
  let end = offset;
  while (end < text.length && isWord(text, end)) end++;
  if (start === end || inComment(file, start)) return undefined;
  return { text: text.slice(start, end), span: { start, end } };
}

export function inComment(file: CFile, offset: number): boolean {
  return file.preprocessed.comments.some((comment) => comment.start <= offset && offset < comment.end);
}

/** Text of the line up to an offset. */
export function lineBefore(file: CFile, offset: number): string {
  return file.text.slice(file.lines.lineStart(file.lines.position(offset).line0), offset);
}

/** Whether what ends at `offset` is `ctx->`, for a context variable of the function around it. */
export function isContextMember(analysis: SourceAnalysis, offset: number): boolean {
  const match = /(\w+)\s*->\s*$/.exec(analysis.file.text.slice(Math.max(0, offset - 80), offset));
  return match !== null && isContextName(analysis, match[1]!, offset);
}

/** Whether a name is the context around an offset; falls back to the text where the function does not parse. */
export function isContextName(analysis: SourceAnalysis, name: string, offset: number): boolean {
  const item = functionAt(analysis, offset);
  if (item !== undefined && contextNames(analysis, item).has(name)) return true;
  return new RegExp(`struct\\s+bpf_sock_ops\\s*\\*\\s*${name}\\b`).test(analysis.file.text);
}

/** The call whose argument list holds the offset: its name, and which argument it is, from 0. */
export function callAround(
  file: CFile,
  offset: number,
):
  | { readonly name: string; readonly nameSpan: TextSpan; readonly argument: number; readonly args: readonly string[] }
  | undefined {
  const { text } = file;
  let depth = 0;
  let argument = 0;
  const cuts: number[] = [];
  for (let at = offset - 1; at >= 0 && at > offset - 4000; at--) {
    const c = text[at]!;
    if (c === ')' || c === ']') depth++;
    else if (c === '[') depth--;
    else if (c === '(') {
      if (depth === 0) {
        let end = at;
        while (end > 0 && /\s/.test(text[end - 1]!)) end--;
        let start = end;
        while (start > 0 && isWord(text, start - 1)) start--;
        if (start === end) return undefined;
        const starts = [at + 1, ...cuts.reverse().map((cut) => cut + 1)];
        const args = starts.map((from, i) =>
          text.slice(from, i + 1 < starts.length ? starts[i + 1]! - 1 : offset).trim(),
        );
        return { name: text.slice(start, end), nameSpan: { start, end }, argument, args };
      }
      depth--;
    } else if (c === ',' && depth === 0) {
      argument++;
      cuts.push(at);
    } else if (c === ';' || c === '{' || c === '}') return undefined;
  }
  return undefined;
}
