// Maps of an object that a kernel would not create: the load ends there, before any verifier sees the program.

import type { Problem } from '../base/index.ts';
import type { KernelView, MapRefusal } from '../kernel/index.ts';
import type { BpfObject, MapDefinition } from '../object/index.ts';

const PERF_EVENT_ARRAY = 4;

/** One problem for each map and reason that holds on any of the kernels; a map that user space has yet to complete is no problem. */
export function mapProblems(object: Pick<BpfObject, 'maps'>, views: readonly KernelView[]): readonly Problem[] {
  const found = new Map<string, { readonly map: MapDefinition; readonly what: string; readonly kernels: string[] }>();
  for (const view of views) {
    for (const map of object.maps) {
      const what = refusalOf(map, view);
      if (what === undefined) continue;
      const key = `${map.name} ${what}`;
      const entry = found.get(key);
      if (entry === undefined) found.set(key, { map, what, kernels: [view.target.name] });
      else entry.kernels.push(view.target.name);
    }
  }
  return [...found.values()].map(({ map, what, kernels }): Problem => {
    const names = kernels.join(', ').replace(/, ([^,]*)$/, ' and $1');
    const who =
      kernels.length < views.length
        ? `${names} ${kernels.length === 1 ? 'does' : 'do'} not create`
        : views.length === 1
          ? `${names} does not create`
          : 'no target kernel creates';
    return {
      code: 'map-refused',
      severity: 'warning',
      message: `${who} map '${map.name}': ${what}`,
    };
  });
}

function refusalOf(map: MapDefinition, view: KernelView): string | undefined {
  if (map.dataSection !== undefined) return undefined;
  const type = view.mapType(map.typeId);
  if (!type.ok) {
    if (type.why === 'unknown-type') return undefined;
    return `it has no ${type.row?.name ?? `map type ${map.typeId}`} yet`;
  }
  const refusals = view.mapRefusals(map.typeId, {
    keySize: map.keySize,
    valueSize: map.valueSize,
    // libbpf sizes a perf event array that has no size by the number of CPUs.
    maxEntries: map.typeId === PERF_EVENT_ARRAY && map.maxEntries === 0 ? 1 : map.maxEntries,
    flags: map.flags,
    hasBtf: map.keyTypeId !== 0 || map.valueTypeId !== 0,
  });
  const first = refusals.find((refusal) => !isLeftToUserSpace(map, refusal));
  return first === undefined ? undefined : `${first.message} (-${first.errno})`;
}

/** Programs leave out the size that user space sets before it loads them (bpf_map__set_max_entries). */
function isLeftToUserSpace(map: MapDefinition, { about }: MapRefusal): boolean {
  return about === 'max_entries' && map.maxEntries === 0;
}
