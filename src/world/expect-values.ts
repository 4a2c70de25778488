// Single values against what was expected of them, and the list of failures that the checks write to.

import type { Duration, SourcePlace } from '../base/index.ts';
import type { Outcomes } from './expect.ts';
import type { CountExpectation, Expected, MomentExpectation } from './expectation-schema.ts';
import type { ScenarioSource } from './scenario-source.ts';
import { durationText } from './units.ts';

/** One expectation that was not met. */
export interface ExpectationFailure {
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
  readonly at: SourcePlace;
  /** The callback that comes nearest to what was expected. */
  readonly callback?: number;
}

export type Path = readonly (string | number)[];

export class Checker {
  readonly failures: ExpectationFailure[] = [];
  readonly outcomes: Outcomes;
  readonly source: ScenarioSource;

  constructor(outcomes: Outcomes, source: ScenarioSource) {
    this.outcomes = outcomes;
    this.source = source;
  }

  fail(path: Path, message: string, expected: string, actual: string, callback?: number): void {
    const at = this.source.place(['expect', ...path]);
    this.failures.push({ message, expected, actual, at, ...(callback === undefined ? {} : { callback }) });
  }
}

/** Whether a number is what was expected; `named` answers for texts. */
export function valueIs(expected: Expected, actual: number, named: (text: string) => boolean): boolean {
  if (typeof expected === 'number') return expected === actual;
  if (typeof expected === 'boolean') return expected === (actual !== 0);
  if (typeof expected === 'string') return named(expected);
  if ('oneOf' in expected) return expected.oneOf.some((one) => valueIs(one, actual, named));
  if ('not' in expected) return !valueIs(expected.not, actual, named);
  return (
    (expected.min === undefined || expected.min <= actual) && (expected.max === undefined || actual <= expected.max)
  );
}

export function expectedText(expected: Expected | null): string {
  if (expected === null) return 'anything';
  if (typeof expected !== 'object') return String(expected);
  if ('oneOf' in expected) return `one of ${expected.oneOf.join(', ')}`;
  if ('not' in expected) return `anything but ${expected.not}`;
  if (expected.min !== undefined && expected.max !== undefined) return `${expected.min} to ${expected.max}`;
  return expected.min !== undefined ? `at least ${expected.min}` : `at most ${expected.max}`;
}

/** A named moment is met to within a millisecond; that is finer than any timer of the kernel at HZ=1000. */
const MOMENT_SLACK = 1e6;

export function momentIs(expected: MomentExpectation, actual: number): boolean {
  if (typeof expected === 'number') return Math.abs(expected - actual) <= MOMENT_SLACK;
  return (
    (expected.min === undefined || expected.min <= actual) && (expected.max === undefined || actual <= expected.max)
  );
}

export function momentText(expected: MomentExpectation): string {
  if (typeof expected === 'number') return `at ${durationText(expected)}`;
  const text = (span: Duration | undefined, word: string) =>
    span === undefined ? '' : `${word} ${durationText(span)}`;
  return `${text(expected.min, 'from')} ${text(expected.max, 'to')}`.trim();
}

export const inName = (text: string) => (actual: number) => text === String(actual) || Number(text) === actual;

export const countIs = (expected: CountExpectation, actual: number): boolean =>
  typeof expected === 'number'
    ? expected === actual
    : (expected.min ?? 0) <= actual && actual <= (expected.max ?? Number.POSITIVE_INFINITY);

export const countText = (expected: CountExpectation): string =>
  typeof expected === 'number' ? String(expected) : `${expected.min ?? 0} to ${expected.max ?? 'any number'}`;

/** One property that does not match, in words. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
  readonly path: Path;
}

export const bareState = (text: string): string => text.toUpperCase().replace(/^(?:BPF_)?TCP_/, '');
