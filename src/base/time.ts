// Virtual time. An instant and a duration are both numbers of nanoseconds; the brands keep `now + now` from compiling by accident.

import type { Brand } from './brand.ts';

/** Nanoseconds since the start of the simulation; an integer below 2^53 (104 days). */
export type Instant = Brand<number, 'Instant'>;

/** A span of nanoseconds; an integer, may be negative. */
export type Duration = Brand<number, 'Duration'>;

export const instant = (nanoseconds: number): Instant => nanoseconds as Instant;
export const nanoseconds = (count: number): Duration => count as Duration;
export const microseconds = (count: number): Duration => Math.round(count * 1e3) as Duration;
export const milliseconds = (count: number): Duration => Math.round(count * 1e6) as Duration;
export const seconds = (count: number): Duration => Math.round(count * 1e9) as Duration;

/** The instant that lies `span` after `at`. */
export const later = (at: Instant, span: Duration): Instant => (at + span) as Instant;

/** How long after `from` the instant `to` lies. */
export const elapsed = (from: Instant, to: Instant): Duration => (to - from) as Duration;
