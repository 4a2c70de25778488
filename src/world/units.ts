// Quantities as a person writes them in a scenario: "40ms", "1gbit". A number without a unit is refused, because every
// wrong guess about one (milliseconds, jiffies, seconds) is a mistake that sock_ops users are known to make.

import { type Duration, nanoseconds } from '../base/index.ts';

/** What a text was read as, or in words what is wrong with it. */
export type UnitResult<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'wrong'; readonly why: string };

const NANOSECONDS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9 };
const BITS: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };

/** Longest duration that a scenario may name: the virtual clock counts nanoseconds in a double. */
const LONGEST = 48 * NANOSECONDS['h']!;

const SAID_OTHERWISE: Readonly<Record<string, string>> = {
  msec: 'ms',
  millis: 'ms',
  milliseconds: 'ms',
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  m: 'min',
  minute: 'min',
  minutes: 'min',
  usec: 'us',
  µs: 'us',
  μs: 'us',
  microseconds: 'us',
  nsec: 'ns',
  hour: 'h',
  hours: 'h',
};

/** Reads "40ms", "1.5s", "100us", "20ns", "2min" or "1h"; from 0 to 48 hours. */
export function parseDuration(text: string): UnitResult<Duration> {
  const match = /^\s*(-?\d+(?:\.\d+)?)\s*([^\d\s.]*)\s*$/u.exec(text);
  if (match === null)
    return { kind: 'wrong', why: `"${text}" is not a duration; write a number and a unit, as in "40ms"` };
  const [, digits, unit] = match as unknown as [string, string, string];
  if (unit === '')
    return { kind: 'wrong', why: `"${text}" has no unit; write "${digits}ms" or another of ns, us, ms, s, min, h` };
  const factor = NANOSECONDS[unit];
  if (factor === undefined) {
    const meant = SAID_OTHERWISE[unit.toLowerCase()] ?? (unit.toLowerCase() in NANOSECONDS ? unit.toLowerCase() : '');
    const advice = unit === 'jiffies' ? 'scenarios know no jiffies' : `the units are ns, us, ms, s, min, h`;
    return {
      kind: 'wrong',
      why: `"${unit}" is not a unit of time; ${meant === '' ? advice : `write "${digits}${meant}"`}`,
    };
  }
  const value = Number(digits) * factor;
  if (value < 0) return { kind: 'wrong', why: `"${text}" is negative; a duration starts at 0` };
  if (value > LONGEST) return { kind: 'wrong', why: `"${text}" is too long; the longest duration is 48h` };
  return { kind: 'value', value: nanoseconds(Math.round(value)) };
}

/** Reads "1gbit", "100mbit", "64kbit" or "9600bit" into bits per second; at least 1 kbit. */
export function parseBandwidth(text: string): UnitResult<number> {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z/]*)\s*$/.exec(text);
  if (match === null) return { kind: 'wrong', why: `"${text}" is not a bandwidth; write it as in "100mbit"` };
  const [, digits, unit] = match as unknown as [string, string, string];
  const factor = BITS[unit.toLowerCase()];
  if (factor === undefined) {
    const why = unit === '' ? `"${text}" has no unit` : `"${unit}" is not a unit of bandwidth`;
    return { kind: 'wrong', why: `${why}; the units are bit, kbit, mbit, gbit (per second)` };
  }
  const value = Number(digits) * factor;
  if (value < 1000) return { kind: 'wrong', why: `"${text}" is slower than 1kbit` };
  return { kind: 'value', value };
}

/** A duration in the unit a person would use: "40 ms", "1.03 s", "12 us". Exact to the digits that it prints. */
export function durationText(span: number): string {
  const absolute = Math.abs(span);
  if (absolute >= 1e9) return `${trimmed(span / 1e9)} s`;
  if (absolute >= 1e6) return `${trimmed(span / 1e6)} ms`;
  if (absolute >= 1e3) return `${trimmed(span / 1e3)} us`;
  return `${span} ns`;
}

const trimmed = (value: number): string => String(Number(value.toFixed(3)));
