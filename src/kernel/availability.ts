// When something exists, in words: from its lifetimes alone, and on the kernels that a person targets.

import type { Lifetime, Presence } from './lifetime.ts';
import type { Area } from './target.ts';
import { type KernelVersion, OLDEST_KERNEL, versionText } from './version.ts';
import type { KernelView } from './view.ts';

const isPatch = (version: KernelVersion): boolean => (version & 1023) !== 0;
const seriesOf = (version: KernelVersion): number => version >> 10;

function lastBefore(until: KernelVersion): string {
  return `before ${versionText(until)}`;
}

/** "since 5.10", "before 4.16", "since 6.18 at the latest, not before 6.15", "since 6.17, and 6.12.43 and later of 6.12". */
export function sinceText(lifetimes: readonly Lifetime[]): string {
  const parts: string[] = [];
  const backports: string[] = [];
  for (const range of lifetimes) {
    const { since, until, unknownFrom } = range;
    if (until !== undefined && isPatch(since) && seriesOf(until) - seriesOf(since) <= 1) {
      const from = unknownFrom === undefined ? '' : ' at the latest';
      backports.push(`${versionText(since)}${from} and later of ${since >> 20}.${(since >> 10) & 1023}`);
      continue;
    }
    if (until !== undefined) {
      parts.push(
        since <= OLDEST_KERNEL ? lastBefore(until) : `since ${versionText(since)}, gone in ${versionText(until)}`,
      );
    } else if (unknownFrom !== undefined) {
      parts.push(`since ${versionText(since)} at the latest, not before ${versionText(unknownFrom)}`);
    } else {
      parts.push(since <= OLDEST_KERNEL ? `since ${versionText(OLDEST_KERNEL)}` : `since ${versionText(since)}`);
    }
  }
  if (parts.length === 0 && backports.length === 0) return 'on no described kernel';
  return [...parts, ...backports.map((text) => `and ${text}`)].join(', ');
}

/** The titles of the views for which the answer is `wanted`. */
function which(views: readonly KernelView[], area: Area, lifetimes: readonly Lifetime[], wanted: Presence): string {
  return views
    .filter((view) => view.presence(area, lifetimes) === wanted)
    .map((view) => view.target.name)
    .join(', ');
}

/** `sinceText` followed by the targets that lack it ("not on 5.4") and those for which it is unknown. */
export function availabilityText(area: Area, lifetimes: readonly Lifetime[], views: readonly KernelView[]): string {
  const missing = which(views, area, lifetimes, 'no');
  const unknown = which(views, area, lifetimes, 'unknown');
  return [
    sinceText(lifetimes),
    ...(missing === '' ? [] : [`not on ${missing}`]),
    ...(unknown === '' ? [] : [`unknown on ${unknown}`]),
  ].join('; ');
}
