// Pieces of quick fixes: guards put in front of a statement, where the text allows it.

import type { TextSpan } from '../base/index.ts';
import type { FunctionItem } from '../syntax/index.ts';
import type { QuickFix, TextEdit } from './diagnostic.ts';
import { indentAt, type SourceAnalysis } from './source-analysis.ts';

/** The function whose body holds the offset. */
export function functionAt(analysis: SourceAnalysis, offset: number): FunctionItem | undefined {
  return analysis.file.functions.find(
    (item) => item.body !== undefined && item.body.start <= offset && offset < item.body.end,
  );
}

/** Name of the context parameter of the function at an offset. */
export function contextNameAt(analysis: SourceAnalysis, offset: number): string | undefined {
  const item = functionAt(analysis, offset);
  const name = item?.parameters.find((parameter) => analysis.source.types.isContextPointer(parameter.type))?.name;
  if (name !== undefined) return name === '' ? undefined : name;
  if (item !== undefined) return undefined;
  // The function around the offset does not parse: its head is the last one before.
  const heads = [...analysis.file.maskedText.slice(0, offset).matchAll(/\bstruct\s+bpf_sock_ops\s*\*\s*(\w+)\s*[,)]/g)];
  return isInsideBraces(analysis, offset) ? heads.at(-1)?.[1] : undefined;
}

/** Whether the offset is in some function body, parsed or not. */
export function isInsideBraces(analysis: SourceAnalysis, offset: number): boolean {
  if (functionAt(analysis, offset) !== undefined) return true;
  let depth = 0;
  for (let at = 0; at < offset; at++) {
    const c = analysis.file.maskedText[at];
    if (c === '{') depth++;
    else if (c === '}') depth = Math.max(0, depth - 1);
  }
  return depth > 0;
}

/** Start of the statement that holds the offset, when it begins its line and does not stand alone under an `if`. */
export function statementStart(analysis: SourceAnalysis, offset: number): number | undefined {
  const { maskedText } = analysis.file;
  let at = offset;
  let depth = 0;
  while (at > 0) {
    const c = maskedText[at - 1]!;
    if (c === ')' || c === ']') depth++;
    else if (c === '(' || c === '[') depth--;
    else if (depth <= 0 && (c === ';' || c === '{' || c === '}' || (c === ':' && maskedText[at] !== ':'))) break;
    at--;
  }
  const start = at + (/^\s*/.exec(maskedText.slice(at, offset + 1))?.[0].length ?? 0);
  const head = maskedText.slice(start, offset);
  // `if (x) f();` or `else f();`: a guard in front would guard the `if` as well.
  return /^(if|else|for|while|switch|do)\b/.test(maskedText.slice(start, start + 7)) &&
    start !== offset &&
    !/^(if|while|switch)\s*\([^{};]*$/.test(head)
    ? undefined
    : start;
}

/** Inserts lines in front of the statement at an offset. */
export function beforeStatement(
  analysis: SourceAnalysis,
  offset: number,
  lines: readonly string[],
): TextEdit | undefined {
  const start = statementStart(analysis, offset);
  if (start === undefined) return undefined;
  const indent = indentAt(analysis, start);
  return { start, end: start, newText: `${lines.join(`\n${indent}`)}\n${indent}` };
}

/** What a function of this kind returns early with. */
export function earlyReturn(analysis: SourceAnalysis, offset: number): string | undefined {
  const item = functionAt(analysis, offset);
  if (item === undefined) return undefined;
  if (item.returns.name === 'void' && item.returns.pointers === 0) return 'return;';
  const isProgram = analysis.source.contextFunctions.some((entry) => entry.item === item && entry.role !== 'helper');
  return isProgram ? 'return 1;' : item.returns.pointers > 0 ? 'return 0;' : 'return 0;';
}

/** A fix that leaves the function when the condition holds, in front of the statement at an offset. */
export function guardFix(analysis: SourceAnalysis, offset: number, condition: string, title: string): QuickFix[] {
  const leave = earlyReturn(analysis, offset);
  const edit = leave === undefined ? undefined : beforeStatement(analysis, offset, [`if (${condition})`, `\t${leave}`]);
  return edit === undefined ? [] : [{ title, edits: [edit], preferred: true }];
}

/** Puts text in place of a span. */
export const replaceWith = (span: TextSpan, newText: string): TextEdit => ({
  start: span.start,
  end: span.end,
  newText,
});
