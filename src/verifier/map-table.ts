// The maps that a program may refer to, by fd, described once: type row, special fields of the value, inner map.

import type { KernelView } from '../kernel/index.ts';
import type { MapDefinition } from '../object/index.ts';
import { describeMap, type MapInfo } from './map-info.ts';
import type { Reason } from './reason.ts';
import { valueFields } from './value-fields.ts';
import type { VerifyInput } from './verdict.ts';

export type MapAnswer =
  | { readonly kind: 'map'; readonly map: MapInfo }
  | { readonly kind: 'refused'; readonly reason: Reason };

export class MapTable {
  readonly #input: VerifyInput;
  readonly #view: KernelView;
  readonly #known = new Map<number, MapInfo>();
  readonly #used: number[] = [];
  #cgroupStorages = new Set<number>();

  constructor(input: VerifyInput, view: KernelView) {
    this.#input = input;
    this.#view = view;
  }

  /** fds in order of first use. */
  get used(): readonly number[] {
    return this.#used;
  }

  /** The map behind an fd, counted as used. */
  use(fd: number): MapAnswer {
    const known = this.#known.get(fd);
    if (known !== undefined) return { kind: 'map', map: known };
    const definition = this.#input.maps.find((one) => one.fd === fd);
    if (definition === undefined) return { kind: 'refused', reason: { kind: 'unknown-map', fd } };
    const limit = this.#view.limit('used-maps');
    if (this.#used.length >= limit) return { kind: 'refused', reason: { kind: 'too-many-maps', limit } };
    const map = this.#describe(definition);
    if (map.type === 'struct-ops')
      return { kind: 'refused', reason: { kind: 'map-not-usable', problem: 'struct-ops', type: map.type } };
    if (map.type === 'cgroup-storage' || map.type === 'percpu-cgroup-storage') {
      if (this.#cgroupStorages.has(map.typeId)) return { kind: 'refused', reason: { kind: 'second-cgroup-storage' } };
      this.#cgroupStorages.add(map.typeId);
    }
    this.#known.set(fd, map);
    this.#used.push(fd);
    return { kind: 'map', map };
  }

  #describe(definition: MapDefinition): MapInfo {
    const { btf } = this.#input;
    const answer = this.#view.mapType(definition.typeId);
    const inner = definition.inner === undefined ? undefined : this.#describe(definition.inner);
    const fields = btf === undefined || definition.valueTypeId === 0 ? [] : valueFields(btf, definition.valueTypeId);
    return describeMap(definition, answer.row, fields, inner);
  }
}
