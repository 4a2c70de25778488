// Which helper may take which map. Source: kernel/bpf/verifier.c check_map_func_compatibility, whose two switches are the two
// halves of the question: what a map of that type allows, and which types a helper insists on.

import type { Lifetime, Presence } from './lifetime.ts';
import { MAP_TYPE_ROWS } from './map-types.ts';

/** Helpers that work on maps of any kind that does not forbid them, although some types list them. */
const FOR_ALL: ReadonlySet<string> = new Set([
  'bpf_map_lookup_elem',
  'bpf_map_update_elem',
  'bpf_map_delete_elem',
  'bpf_kptr_xchg',
]);

/** Types that a helper insists on beyond those that list it. */
const INSISTS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'bpf_map_lookup_percpu_elem',
    ['BPF_MAP_TYPE_PERCPU_HASH', 'BPF_MAP_TYPE_PERCPU_ARRAY', 'BPF_MAP_TYPE_LRU_PERCPU_HASH'],
  ],
]);

const owners = new Map<string, Set<number>>();
for (const row of MAP_TYPE_ROWS) {
  if (row.helpers.kind === 'only') {
    for (const { name } of row.helpers.helpers) {
      if (!FOR_ALL.has(name)) owners.set(name, (owners.get(name) ?? new Set()).add(row.id));
    }
  }
  for (const [name, types] of INSISTS) {
    if (types.includes(row.name)) owners.set(name, (owners.get(name) ?? new Set()).add(row.id));
  }
}

/** Whether `helper` may take a map of type `typeId`; `there` answers for lifetimes on one kernel. */
export function mapTakesHelper(
  typeId: number,
  helper: string,
  there: (lifetimes: readonly Lifetime[]) => Presence,
): Presence {
  const row = MAP_TYPE_ROWS.find((candidate) => candidate.id === typeId);
  if (!row) return 'unknown';
  const insisted = owners.get(helper);
  if (insisted && !insisted.has(typeId)) return 'no';
  if (row.helpers.kind === 'generic') return 'yes';
  const listed = row.helpers.helpers.find((entry) => entry.name === helper);
  return listed ? there(listed.lifetimes) : 'no';
}
