// Questions about a sorted list of line entries, the same for lines from DWARF and from BTF.

import type { LineEntry } from './program.ts';

export class LineTable {
  readonly entries: readonly LineEntry[];
  readonly files: readonly string[];

  constructor(entries: readonly LineEntry[]) {
    this.entries = entries;
    this.files = [...new Set(entries.filter((entry) => entry.line0 >= 0).map((entry) => entry.file))];
  }

  /** The entry in effect at a slot, undefined before the first and where the compiler recorded no line. */
  at(slot: number): LineEntry | undefined {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle]!.slot <= slot) low = middle + 1;
      else high = middle;
    }
    const entry = this.entries[low - 1];
    return entry === undefined || entry.line0 < 0 ? undefined : entry;
  }

  /** First slots of every run of code of that line. */
  slotsOfLine(file: string, line0: number): readonly number[] {
    const name = this.#match(file);
    if (name === undefined) return [];
    const starts: number[] = [];
    const others: number[] = [];
    let previous: LineEntry | undefined;
    let open = false;
    for (const entry of this.entries) {
      const here = entry.file === name && entry.line0 === line0;
      const continues = previous?.file === name && previous.line0 === line0;
      if (here && !continues) {
        others.push(entry.slot);
        open = true;
      }
      // A run may begin with code that is no good place to stop; its first statement is.
      if (here && open && entry.isStatement) {
        starts.push(entry.slot);
        open = false;
      }
      previous = entry;
    }
    return starts.length > 0 ? starts : others;
  }

  linesWithCode(file: string): readonly number[] {
    const name = this.#match(file);
    const lines = new Set<number>();
    for (const entry of this.entries) {
      if (entry.file === name && entry.line0 >= 0 && entry.isStatement) lines.add(entry.line0);
    }
    return [...lines].sort((a, b) => a - b);
  }

  /** The recorded file that is meant: the same, or the one that shares most of its path with what was asked for. */
  #match(file: string): string | undefined {
    if (this.files.includes(file)) return file;
    const wanted = segments(file);
    let best: string | undefined;
    let bestLength = 0;
    for (const candidate of this.files) {
      const have = segments(candidate);
      const common = commonSuffix(wanted, have);
      if (common === Math.min(wanted.length, have.length) && common > bestLength) {
        best = candidate;
        bestLength = common;
      }
    }
    return best;
  }
}

/** Parts of a path from the end; "." and doubled separators do not count. */
function segments(path: string): string[] {
  const out: string[] = [];
  for (const part of path.split(/[\\/]+/)) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else out.push(part);
  }
  return out.reverse();
}

function commonSuffix(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count++;
  return count;
}
