// Aligned columns for people: cells are wrapped to their column, a row is as high as its highest cell.

import { wrap } from '../world/index.ts';

export interface Column {
  readonly title: string;
  readonly width: number;
  readonly align?: 'left' | 'right';
  readonly dress?: (text: string) => string;
}

const same = (text: string): string => text;

/** Lines of a table; the heading first. Cells may hold several lines parted by \n. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  heading: (text: string) => string = same,
): string[] {
  const lines = [trimmed(columns.map((column) => dressed(column.title, column, heading)).join('  '))];
  for (const row of rows) {
    const cells = columns.map((column, index) =>
      (row[index] ?? '').split('\n').flatMap((text) => wrap(text, column.width)),
    );
    const height = Math.max(...cells.map((cell) => cell.length));
    for (let at = 0; at < height; at++) {
      lines.push(
        trimmed(
          columns
            .map((column, index) => {
              return dressed(cells[index]?.[at] ?? '', column, column.dress ?? same);
            })
            .join('  '),
        ),
      );
    }
  }
  return lines;
}

/** The text with its spaces outside of the colour, so that nothing is underlined or coloured but words. */
function dressed(text: string, column: Column, dress: (text: string) => string): string {
  return pad(text, column).replace(text, () => dress(text));
}

const pad = (text: string, column: Column): string =>
  column.align === 'right' ? text.padStart(column.width) : text.padEnd(column.width);

const trimmed = (line: string): string => line.replace(/\s+$/, '');
