// The shape of a row of the map type table: what map creation checks, and which helpers may take the map.

import type { Lifetime, SourceRef } from './lifetime.ts';

/** A rule on a size in bytes, checked when the map is created. */
export type SizeRule =
  | { readonly kind: 'any-positive' }
  | { readonly kind: 'exactly'; readonly sizes: readonly number[] }
  | {
      readonly kind: 'range';
      readonly min: number;
      readonly max: number;
      readonly multipleOf?: number;
      /** The error above `max` where it is not EINVAL. */
      readonly tooBig?: 'E2BIG' | 'ENOMEM';
    }
  | { readonly kind: 'zero' };

/** Which helpers may take a map. `generic`: all but those that belong to particular types. */
export type MapHelperRule =
  | { readonly kind: 'generic' }
  | {
      readonly kind: 'only';
      readonly helpers: readonly { readonly name: string; readonly lifetimes: readonly Lifetime[] }[];
    };

export interface MapTypeRow {
  /** As in enum bpf_map_type: "BPF_MAP_TYPE_HASH". */
  readonly name: string;
  /** Short form used in messages and options: "hash". */
  readonly short: string;
  readonly id: number;
  readonly lifetimes: readonly Lifetime[];
  readonly key: SizeRule;
  readonly value: SizeRule;
  /** Rules of kernels on which they are other ones. */
  readonly older?: readonly {
    readonly lifetimes: readonly Lifetime[];
    readonly key?: SizeRule;
    readonly value?: SizeRule;
  }[];
  readonly entries: 'positive' | 'zero' | 'power-of-two-pages' | 'any';
  /** Names of creation flags that this type takes. */
  readonly flags: readonly string[];
  /** Flags without which creation fails. */
  readonly requiredFlags: readonly string[];
  /** Whether creation needs BTF for key and value. */
  readonly needsBtf: boolean;
  readonly helpers: MapHelperRule;
  /** Whether a sock_ops program can use a map of this type at all. */
  readonly inSockOps: 'yes' | 'no';
  readonly doc: string;
  readonly pitfalls?: readonly string[];
  readonly source: SourceRef;
}

export function defineMapTypes<const Rows extends readonly MapTypeRow[]>(rows: Rows): Rows {
  return rows;
}
