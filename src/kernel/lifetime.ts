// When something exists: half-open version ranges with their source. A list, because things are removed and come back.

import { type KernelVersion, parseVersion } from './version.ts';

/** Where a fact comes from: a kernel source path and symbol, a probe of a real kernel, or a document. */
export type SourceRef = string;

/** Half-open range of versions [since, until). */
export interface Lifetime {
  readonly since: KernelVersion;
  readonly until?: KernelVersion;
  readonly source?: SourceRef;
}

/** Whether one of the ranges contains the version. */
export function alive(lifetimes: readonly Lifetime[], at: KernelVersion): boolean {
  return lifetimes.some((range) => range.since <= at && (range.until === undefined || at < range.until));
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
