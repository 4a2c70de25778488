// When something exists: half-open version ranges with their source. A list, because things are removed and come back, and
// because a fix is backported to stable series. Where the first release is not known exactly, the range says so.

import { type KernelVersion, parseVersion } from './version.ts';

/** Where a fact comes from: a kernel source path and symbol, a probe of a real kernel, or a document. */
export type SourceRef = string;

/** The three answers of the knowledge base. `unknown` never becomes an error. */
export type Presence = 'yes' | 'no' | 'unknown';

/** Half-open range of versions [since, until). */
export interface Lifetime {
  readonly since: KernelVersion;
  readonly until?: KernelVersion;
  /** Versions from here up to `since` may have it or not: nobody looked. */
  readonly unknownFrom?: KernelVersion;
  readonly source?: SourceRef;
}

/** Whether one of the ranges certainly contains the version. */
export function alive(lifetimes: readonly Lifetime[], at: KernelVersion): boolean {
  return presence(lifetimes, at) === 'yes';
}

/** Whether the ranges contain the version, certainly contain it not, or leave it open. */
export function presence(lifetimes: readonly Lifetime[], at: KernelVersion): Presence {
  let answer: Presence = 'no';
  for (const range of lifetimes) {
    if (range.until !== undefined && at >= range.until) continue;
    if (range.since <= at) return 'yes';
    if (range.unknownFrom !== undefined && range.unknownFrom <= at) answer = 'unknown';
  }
  return answer;
}

const need = (text: string) => {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new TypeError(`not a kernel version: ${text}`);
  return parsed;
};

/** Table shorthand: `since('5.10')`, `between('4.13', '4.16')`. */
export const since = (from: string, source?: SourceRef): Lifetime => ({
  since: need(from),
  ...(source === undefined ? {} : { source }),
});
export const between = (from: string, until: string, source?: SourceRef): Lifetime => ({
  since: need(from),
  until: need(until),
  ...(source === undefined ? {} : { source }),
});

/** Table shorthand for an inexact start: certainly absent before `maybe`, certainly there from `surely` (to `until`). */
export const maybeSince = (maybe: string, surely: string, source?: SourceRef, until?: string): Lifetime => ({
  unknownFrom: need(maybe),
  since: need(surely),
  ...(until === undefined ? {} : { until: need(until) }),
  ...(source === undefined ? {} : { source }),
});
