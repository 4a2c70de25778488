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
  const lines = [trimmed(columns.map((column) => heading(pad(column.title, column))).join('  '))];
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
              const text = cells[index]?.[at] ?? '';
              const padded = pad(text, column);
              // Spaces stay outside of the colour, so that nothing is underlined or coloured but words.
              return text === '' ? padded : padded.replace(text, () => (column.dress ?? same)(text));
            })
            .join('  '),
        ),
      );
    }
  }
  return lines;
}

const pad = (text: string, column: Column): string =>
  column.align === 'right' ? text.padStart(column.width) : text.padEnd(column.width);

const trimmed = (line: string): string => line.replace(/\s+$/, '');
