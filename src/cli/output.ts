// Where the command line's words go: standard output and error with or without colours, a pipe that the reader has closed,
// and problems as lines that editors can jump to.

import { readFileSync, writeSync } from 'node:fs';
import type { Problem, SourcePlace } from '../base/index.ts';
import type { TextStyle } from '../world/index.ts';
import { PLAIN } from '../world/index.ts';

/** What a command came to. 0: fine. 1: the program or an expectation failed. 2: wrong use. 3: our own mistake. */
export type ExitCode = 0 | 1 | 2 | 3;

/** The reader of our output has gone away: nobody is left to tell anything. */
export class OutputClosed extends Error {}

function write(descriptor: 1 | 2, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  let from = 0;
  while (from < bytes.length) {
    try {
      from += writeSync(descriptor, bytes, from);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A pipe whose reader is slow is full for a moment; one whose reader is gone stays so.
      if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      else throw new OutputClosed(code);
    }
  }
}

export const out = (text: string): void => write(1, text);
export const err = (text: string): void => write(2, text);

/** Whether a stream wants colours: a terminal, unless NO_COLOR is set; FORCE_COLOR overrules. */
export function wantsColour(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0') return true;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  return stream.isTTY === true && TERM !== 'dumb';
}

const code =
  (open: string, close: string) =>
  (text: string): string =>
    text === '' ? '' : `\u001b[${open}m${text}\u001b[${close}m`;

const COLOURED: TextStyle = {
  time: code('2', '22'),
  op: code('36', '39'),
  effect: code('32', '39'),
  warning: code('31', '39'),
  segment: code('39', '39'),
  lost: code('31', '39'),
  action: code('35', '39'),
  heading: code('1', '22'),
  dim: code('2', '22'),
};

/** How text on a stream is dressed. */
export const styleFor = (stream: { readonly isTTY?: boolean }): TextStyle => (wantsColour(stream) ? COLOURED : PLAIN);

/** "file:3:13", lines and columns from 1. */
export function placeText(at: SourcePlace): string {
  if (at.range === undefined) return at.file;
  return `${at.file}:${at.range.start.line0 + 1}:${at.range.start.column0 + 1}`;
}

/** A problem as people and editors read it: place, what, the line with a mark, what to do. */
export function problemText(problem: Problem, style: TextStyle = PLAIN): string {
  const word = problem.severity === 'error' ? style.warning('error') : style.heading(problem.severity);
  const lines = [
    `${problem.at === undefined ? '' : `${style.heading(placeText(problem.at))}: `}${word}: ${problem.message}`,
  ];
  if (problem.at !== undefined) lines.push(...excerpt(problem.at, style));
  if (problem.remedy !== undefined) lines.push(`  ${style.effect('help')}: ${problem.remedy}`);
  for (const note of problem.notes ?? []) {
    lines.push(`  note: ${note.at === undefined ? '' : `${placeText(note.at)}: `}${note.message}`);
  }
  return lines.join('\n');
}

/** The source line with a mark under the range; nothing where the file cannot be read. */
export function excerpt(at: SourcePlace, style: TextStyle = PLAIN): string[] {
  if (at.range === undefined) return [];
  let text: string | undefined;
  try {
    text = readFileSync(at.file, 'utf8').split(/\r\n|\n|\r/)[at.range.start.line0];
  } catch {
    return [];
  }
  if (text === undefined || text.trim() === '' || text.includes('\0')) return [];
  const { start, end } = at.range;
  const last = end.line0 === start.line0 ? Math.min(end.column0, text.length) : text.length;
  const gutter = String(start.line0 + 1);
  // A long line is shown around the mark.
  const shift = start.column0 > 70 ? start.column0 - 40 : 0;
  const shown = text.slice(shift, shift + 90).replace(/\t/g, ' ');
  const mark = ' '.repeat(start.column0 - shift) + '^'.repeat(Math.max(1, Math.min(last - start.column0, 90)));
  return [`${style.dim(`${gutter.padStart(5)} |`)} ${shown}`, `${style.dim('      |')} ${style.warning(mark)}`];
}

/** Writes problems to standard error; the errors among them decide what the caller's exit code is. */
export function reportProblems(problems: readonly Problem[]): void {
  const style = styleFor(process.stderr);
  for (const problem of problems) err(`${problemText(problem, style)}\n`);
}
