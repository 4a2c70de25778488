// Sentences that many rules share: lists of kernels and ops, the nearest spelling of a name.

import type { KernelView, Lifetime } from '../kernel/index.ts';
import { versionText } from '../kernel/index.ts';
import { type OpMask, opsOf } from '../syntax/index.ts';

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[], word: 'and' | 'or' = 'and'): string {
  if (items.length <= 1) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

/** Op names without their common prefix, at most `limit` of them. */
export function opNames(mask: OpMask, limit = 4): string {
  const names = opsOf(mask).map((row) => shortOp(row.name));
  if (names.length <= limit) return listed(names);
  return `${names.slice(0, limit).join(', ')} and ${names.length - limit} more`;
}

export const shortOp = (name: string): string => name.replace(/^BPF_SOCK_OPS_/, '');

/** "on 5.10 and 6.1"; empty when it holds for every target. */
export function onKernels(kernels: readonly string[], views: readonly KernelView[]): string {
  return kernels.length === views.length && views.length !== 1 ? 'on every target kernel' : `on ${listed(kernels)}`;
}

export const kernelName = (view: KernelView): string => view.target.name;

/** "5.10", or "5.15 or 5.16" where the first version is not certain. */
export function sinceText(lifetimes: readonly Lifetime[]): string {
  const first = lifetimes[0];
  return first === undefined ? 'no described kernel' : versionText(first.since);
}

/** The candidate that is closest in spelling; undefined when none is close. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 4)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name, candidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string, limit: number): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const value = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + cost);
      next.push(value);
      least = Math.min(least, value);
    }
    if (least >= limit) return limit;
    row = next;
  }
  return row[b.length]!;
}
