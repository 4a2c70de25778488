// Reference pages for a terminal: headings, lists, tables, code and emphasis of the small Markdown that our own pages use.

import type { TextStyle } from '../world/index.ts';
import { wrap } from '../world/index.ts';

const WIDTH = 98;

/** Text of at most 100 columns. */
export function markdownText(markdown: string, style: TextStyle): string {
  const lines: string[] = [];
  let inCode = false;
  let paragraph: string[] = [];
  const flush = (): void => {
    if (paragraph.length > 0) lines.push(...wrap(plain(paragraph.join(' ')), WIDTH));
    paragraph = [];
  };
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) {
      flush();
      inCode = !inCode;
    } else if (inCode) lines.push(`    ${style.op(line)}`);
    else if (/^#{1,6} /.test(line)) {
      flush();
      lines.push(style.heading(plain(line.replace(/^#+ /, ''))));
    } else if (/^\s*[-*] /.test(line)) {
      flush();
      const indent = /^\s*/.exec(line)![0];
      const rows = wrap(plain(line.trim().slice(2)), WIDTH - indent.length - 4);
      lines.push(...rows.map((row, index) => `${indent}${index === 0 ? '  - ' : '    '}${row}`));
    } else if (line.startsWith('|')) {
      flush();
      if (!/^\|[\s:|-]+\|?$/.test(line)) lines.push(`  ${cells(line).join('  ')}`);
    } else if (line.trim() === '') {
      flush();
      if (lines.at(-1) !== '') lines.push('');
    } else paragraph.push(line.trim());
  }
  flush();
  while (lines.at(-1) === '') lines.pop();
  return `${alignTables(lines).join('\n')}\n`;
}

/** A table row is marked by a character that no text has, so that its columns can be aligned afterwards. */
const CELL = '\u0000';
const cells = (line: string): string[] => [
  line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => plain(cell.trim()))
    .join(CELL),
];

function alignTables(lines: readonly string[]): string[] {
  const out: string[] = [];
  for (let at = 0; at < lines.length; ) {
    if (lines[at]?.includes(CELL) !== true) {
      out.push(lines[at++]!);
      continue;
    }
    const block: string[][] = [];
    while (lines[at]?.includes(CELL) === true) block.push(lines[at++]!.trim().split(CELL));
    const widths = block[0]!.map((_, column) =>
      Math.min(40, Math.max(...block.map((row) => row[column]?.length ?? 0))),
    );
    for (const row of block) {
      const wrapped = row.map((cell, column) => wrap(cell, Math.max(8, widths[column] ?? 8)));
      for (let line = 0; line < Math.max(...wrapped.map((cell) => cell.length)); line++) {
        out.push(
          `  ${wrapped.map((cell, column) => (cell[line] ?? '').padEnd(widths[column] ?? 8)).join('  ')}`.trimEnd(),
        );
      }
    }
  }
  return out;
}

/** Without marks: links keep their text, code and emphasis lose their signs. */
const plain = (text: string): string =>
  text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/`([^`]*)`/g, '$1')
    .replace(/\*\*([^*]*)\*\*/g, '$1')
    .replace(/(^|\s)_([^_]+)_(?=\s|$|[.,;:])/g, '$1$2')
    .replace(/\\([|_*`])/g, '$1');
