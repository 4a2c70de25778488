// Maps that exist and that a sock_ops program can do little or nothing with.

import type { MapDefinition } from '../../object/index.ts';
import type { Machine } from '../machine.ts';
import { BpfMap } from './map.ts';

/** A map that can be created and passed around; using it is a fault that says why. */
export class OpaqueMap extends BpfMap {
  readonly #reason: string;

  constructor(m: Machine, index: number, definition: MapDefinition, reason: string) {
    super(m, index, definition);
    this.#reason = reason;
  }
  get ok(): boolean {
    return true;
  }
  protected override unsupported(helper: string): number {
    this.m.unmodelled(`${helper}() on map \`${this.definition.name}\``, this.#reason);
    return -1;
  }
}

/** BPF_MAP_TYPE_PERF_EVENT_ARRAY with an attentive reader: every CPU's event has been opened and is read at once. */
export class PerfEventArray extends BpfMap {
  get ok(): boolean {
    return true;
  }
}
