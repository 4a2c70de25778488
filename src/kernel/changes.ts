// What each kernel brought to sock_ops programs, computed from the lifetimes of all rows: the other way round to look at the
// tables, for "what do I gain when I raise my minimum kernel to 5.10?".

import { CATALOGUE, type CatalogueEntry } from './catalogue.ts';
import type { Lifetime } from './lifetime.ts';
import type { Page, PageFact } from './page.ts';
import { type KernelVersion, OLDEST_KERNEL, parseVersion, versionText } from './version.ts';
import { allFeatures } from './view.ts';

/** One thing that a kernel brought or took away. */
export interface Change {
  readonly version: KernelVersion;
  readonly entry: CatalogueEntry;
  /** What of it: the thing itself, or one side of a socket option. */
  readonly what: 'itself' | 'set' | 'get';
  readonly kind: 'new' | 'gone';
  /** Whether it may have come earlier: the release before is not known to lack it. */
  readonly atTheLatest: boolean;
}

const isPatch = (version: KernelVersion): boolean => (version & 1023) !== 0;

/** The lifetimes in sock_ops programs of an entry, by what they are of. */
function lifetimesOf(
  entry: CatalogueEntry,
): readonly { readonly what: Change['what']; readonly lifetimes: readonly Lifetime[] }[] {
  switch (entry.kind) {
    case 'helper':
      return entry.row.sockOps ? [{ what: 'itself', lifetimes: entry.row.sockOps.lifetimes }] : [];
    case 'option':
      return [
        ...(entry.row.set ? [{ what: 'set', lifetimes: entry.row.set.lifetimes } as const] : []),
        ...(entry.row.get ? [{ what: 'get', lifetimes: entry.row.get.lifetimes } as const] : []),
      ];
    case 'op':
    case 'sock-field':
    case 'kfunc':
    case 'flag':
    case 'state':
    case 'constant':
      return [{ what: 'itself', lifetimes: entry.row.lifetimes }];
    case 'field':
      return entry.alias === undefined ? [{ what: 'itself', lifetimes: entry.row.lifetimes }] : [];
    case 'map-type':
      return entry.row.inSockOps === 'yes' ? [{ what: 'itself', lifetimes: entry.row.lifetimes }] : [];
    case 'user-option':
    case 'macro':
    case 'section':
    case 'limit':
    case 'profile':
      return [];
  }
}

function collect(): readonly Change[] {
  const changes: Change[] = [];
  for (const entry of CATALOGUE) {
    for (const { what, lifetimes } of lifetimesOf(entry)) {
      for (const { since, until, unknownFrom } of lifetimes) {
        // A backport into a stable series is no news of a kernel.
        if (isPatch(since)) continue;
        changes.push({ version: since, entry, what, kind: 'new', atTheLatest: unknownFrom !== undefined });
        if (until !== undefined) changes.push({ version: until, entry, what, kind: 'gone', atTheLatest: false });
      }
    }
  }
  return changes.sort((a, b) => a.version - b.version);
}

let collected: readonly Change[] | undefined;

/** Every change, oldest kernel first. */
export function kernelChanges(): readonly Change[] {
  collected ??= collect();
  return collected;
}

const HEADINGS: readonly (readonly [kind: CatalogueEntry['kind'], label: string])[] = [
  ['op', 'Ops'],
  ['field', 'Context fields'],
  ['flag', 'Callback flags'],
  ['helper', 'Helpers'],
  ['option', 'Socket options'],
  ['kfunc', 'Kernel functions'],
  ['map-type', 'Map types'],
  ['sock-field', 'Socket fields'],
  ['state', 'TCP states'],
  ['constant', 'Constants'],
];

function changeText(change: Change): string {
  const side = change.what === 'itself' ? '' : ` (${change.what})`;
  return `${change.entry.name}${side}${change.kind === 'gone' ? ' (gone)' : ''}${change.atTheLatest ? ' (at the latest)' : ''}`;
}

/** The facts of one series: a line for each family that changed. `print` turns a change into text. */
export function changeFacts(
  version: KernelVersion,
  print: (change: Change) => string = changeText,
): readonly PageFact[] {
  const here = kernelChanges().filter((change) => change.version === version);
  return HEADINGS.flatMap(([kind, label]) => {
    const some = here.filter((change) => change.entry.kind === kind);
    return some.length === 0 ? [] : [{ label, text: some.map(print).join(', ') }];
  });
}

/** Sentences about behaviour that began or ended with a kernel, from the feature rows of all consumers. */
export function behaviourChanges(version: KernelVersion): readonly string[] {
  return allFeatures().flatMap((feature) => {
    const began = feature.lifetimes.some((range) => range.since === version && !isPatch(range.since));
    const ended = feature.lifetimes.some((range) => range.until === version);
    if (began) return [feature.doc];
    return ended ? [`No longer: ${feature.doc}`] : [];
  });
}

/** The page of a kernel series, "5.10"; undefined for a text that is no version, or a version that brought nothing. */
export function describeKernel(text: string): Page | undefined {
  if (!/^v?\d+\.\d+$/.test(text.trim())) return undefined;
  const version = parseVersion(text);
  if (version === undefined) return undefined;
  const behaviour = version === OLDEST_KERNEL ? [] : behaviourChanges(version);
  const facts = [...changeFacts(version), ...behaviour.map((text) => ({ label: 'Behaviour', text }))];
  if (facts.length === 0) return undefined;
  const first = version === OLDEST_KERNEL;
  return {
    title: `Linux ${versionText(version)}`,
    kind: 'kernel',
    lead: first
      ? 'The first kernel with sock_ops programs, and what they could do.'
      : 'What this kernel brought to sock_ops programs.',
    facts,
    pitfalls: [],
    seeAlso: [],
  };
}
