// Segments against the rows of "segments" and "segmentCounts".

import { toHex } from '../base/index.ts';
import {
  type Checker,
  countIs,
  countText,
  type Difference,
  expectedText,
  inName,
  momentIs,
  momentText,
  valueIs,
} from './expect-values.ts';
import type { CountExpectation, SegmentExpectation } from './expectation-schema.ts';
import type { SegmentRecord } from './record.ts';
import { durationText } from './units.ts';

function flagsAreSame(text: string, flags: readonly string[]): boolean {
  const wanted = text
    .toUpperCase()
    .split(/[|,\s-]+/)
    .filter((part) => part !== '');
  return wanted.length === flags.length && wanted.every((flag) => flags.includes(flag));
}

function segmentDifferences(wanted: SegmentExpectation, actual: SegmentRecord): Difference[] {
  const differences: Difference[] = [];
  const differ = (what: string, expected: string, found: string) =>
    differences.push({ path: [what], what, expected, actual: found });
  if (wanted.from !== undefined && wanted.from !== actual.from) differ('from', wanted.from, actual.from);
  if (wanted.flags !== undefined && !flagsAreSame(wanted.flags, actual.flags))
    differ('flags', wanted.flags, actual.flags.join('|'));
  for (const name of ['window', 'length', 'mss', 'windowScale', 'tos'] as const) {
    const expected = wanted[name];
    const value = actual[name];
    if (expected === undefined) continue;
    if (value === undefined || !valueIs(expected, value, (text) => inName(text)(value))) {
      differ(name, expectedText(expected), value === undefined ? 'absent' : String(value));
    }
  }
  if (wanted.options !== undefined) {
    const hex = wanted.options.replace(/[\s:]/g, '').toLowerCase();
    if (!toHex(actual.optionBytes).includes(hex))
      differ('options', wanted.options, toHex(actual.optionBytes) || 'none');
  }
  if (wanted.lost !== undefined && wanted.lost !== (actual.arrival === undefined)) {
    differ('lost', wanted.lost ? 'lost' : 'not lost', actual.arrival === undefined ? 'lost' : 'not lost');
  }
  if (wanted.at !== undefined && !momentIs(wanted.at, actual.time)) {
    differ('at', momentText(wanted.at), `at ${durationText(actual.time)}`);
  }
  return differences;
}

function segmentText(row: SegmentExpectation): string {
  const parts = [`${row.flags ?? 'a segment'}${row.from === undefined ? '' : ` from the ${row.from}`}`];
  for (const name of ['window', 'length', 'mss', 'windowScale', 'tos'] as const) {
    if (row[name] !== undefined) parts.push(`${name} ${expectedText(row[name])}`);
  }
  if (row.options !== undefined) parts.push(`options ${row.options}`);
  if (row.lost !== undefined) parts.push(row.lost ? 'lost' : 'not lost');
  if (row.at !== undefined) parts.push(momentText(row.at));
  return parts.join(', ');
}

export function checkSegments(checker: Checker, rows: readonly SegmentExpectation[]): void {
  const { segments } = checker.outcomes;
  let from = 0;
  rows.forEach((row, index) => {
    const found = segments.findIndex((one, at) => at >= from && segmentDifferences(row, one).length === 0);
    if (found >= 0) {
      from = found + 1;
      return;
    }
    const best = segments
      .slice(from)
      .map((one) => ({ one, differences: segmentDifferences(row, one) }))
      .filter(({ differences }) => !differences.some((one) => one.what === 'from' || one.what === 'flags'))
      .sort((a, b) => a.differences.length - b.differences.length)[0];
    if (best === undefined) {
      checker.fail(
        ['segments', index],
        `${segmentText(row)} was never sent`,
        segmentText(row),
        `${segments.length - from} other segments`,
      );
      return;
    }
    for (const difference of best.differences) {
      checker.fail(
        ['segments', index, ...difference.path],
        `${row.flags ?? 'segment'}: ${difference.what} is not as expected`,
        difference.expected,
        difference.actual,
      );
    }
    from = best.one.index + 1;
  });
}

export function checkSegmentCounts(
  checker: Checker,
  rows: readonly (SegmentExpectation & { count: CountExpectation })[],
): void {
  rows.forEach((row, index) => {
    const count = checker.outcomes.segments.filter((one) => segmentDifferences(row, one).length === 0).length;
    if (countIs(row.count, count)) return;
    checker.fail(
      ['segmentCounts', index, 'count'],
      `${segmentText(row)}: wrong number of segments`,
      countText(row.count),
      String(count),
    );
  });
}
