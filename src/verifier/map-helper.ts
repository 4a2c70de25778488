// Which helpers may take which maps: some types have helpers of their own, and some helpers have types of their own.
// Source of truth: the map type rows; kernel/bpf/verifier.c check_map_func_compatibility.

import type { KernelView, MapTypeRow } from '../kernel/index.ts';
import type { MapInfo } from './map-info.ts';

/** Helpers for maps of any type that does not say otherwise. */
const FOR_ANY_MAP = new Set([
  'bpf_map_lookup_elem',
  'bpf_map_update_elem',
  'bpf_map_delete_elem',
  'bpf_for_each_map_elem',
  'bpf_kptr_xchg',
  'bpf_timer_init',
  'bpf_timer_set_callback',
  'bpf_timer_start',
  'bpf_timer_cancel',
  'bpf_spin_lock',
  'bpf_spin_unlock',
]);

const PER_CPU = new Set(['percpu-array', 'percpu-hash', 'lru-percpu-hash']);

/** Whether the verifier lets `helper` take the map. */
export function mapTakesHelper(map: MapInfo, helper: string, view: KernelView): boolean {
  const rule = map.row?.helpers;
  if (rule?.kind === 'only') return rule.helpers.some((one) => one.name === helper && alive(view, one.lifetimes));
  if (helper === 'bpf_map_lookup_percpu_elem') return PER_CPU.has(map.type);
  return FOR_ANY_MAP.has(helper) || !belongsToOthers(helper, view);
}

const alive = (view: KernelView, lifetimes: Parameters<KernelView['presence']>[1]): boolean =>
  view.presence('maps', lifetimes) !== 'no';

function belongsToOthers(helper: string, view: KernelView): boolean {
  return view.mapTypes.some(
    (row: MapTypeRow) => row.helpers.kind === 'only' && row.helpers.helpers.some((one) => one.name === helper),
  );
}

/** Refused with the remark that sockmaps cannot be updated here. */
export const isSockmapUpdate = (map: MapInfo, helper: string): boolean =>
  (map.type === 'sockmap' || map.type === 'sockhash') &&
  (helper === 'bpf_map_update_elem' || helper === 'bpf_map_delete_elem');
