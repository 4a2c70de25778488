// The maps that a program may refer to, by fd, described once: type row, special fields of the value, inner map.

import type { KernelView } from '../kernel/index.ts';
import type { MapDefinition } from '../object/index.ts';
import { describeMap, type MapInfo, type ValueField } from './map-info.ts';
import type { Reason } from './reason.ts';
import { EARLY_POINTER_TAGS, POINTER_TAGS, valueFields } from './value-fields.ts';
import type { VerifyInput } from './verdict.ts';

export type MapAnswer =
  | { readonly kind: 'map'; readonly map: MapInfo }
  | { readonly kind: 'refused'; readonly reason: Reason };

export class MapTable {
  readonly #input: VerifyInput;
  readonly #view: KernelView;
  readonly #known = new Map<number, MapInfo>();
  readonly #used: number[] = [];
  readonly #fields = new Map<number, readonly ValueField[]>();
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
    const answer = this.#view.mapType(definition.typeId);
    const inner = definition.inner === undefined ? undefined : this.#describe(definition.inner);
    return describeMap(definition, answer.row, this.fieldsOfType(definition.valueTypeId), inner);
  }

  /** Special fields of one of the program's own types; none for id 0. */
  fieldsOfType(id: number): readonly ValueField[] {
    const { btf } = this.#input;
    if (btf === undefined || id === 0) return [];
    let fields = this.#fields.get(id);
    if (fields === undefined)
      this.#fields.set(
        id,
        (fields = valueFields(btf, id, this.#view.has('kptrs-counted') ? POINTER_TAGS : EARLY_POINTER_TAGS)),
      );
    return fields;
  }
}
