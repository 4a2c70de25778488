// The shape of a row of the socket option table: what bpf_setsockopt() and bpf_getsockopt() accept in a sock_ops program.

import type { Lifetime, SourceRef } from './lifetime.ts';

/** Which option lengths are accepted. */
export type LengthRule =
  | { readonly kind: 'exactly'; readonly bytes: number }
  | { readonly kind: 'at-least'; readonly bytes: number }
  /** 1 up to the length of what was saved. */
  | { readonly kind: 'up-to-saved' };

/** Which values setsockopt takes. Anything else gives `refused`. */
export type ValueRule =
  | { readonly kind: 'any'; readonly stored?: string }
  | {
      readonly kind: 'range';
      readonly min: number;
      readonly max: number;
      readonly also?: readonly number[];
      readonly unit?: string;
    }
  | { readonly kind: 'one-of'; readonly values: readonly number[] }
  | { readonly kind: 'mask'; readonly bits: number }
  | { readonly kind: 'text'; readonly what: string }
  | { readonly kind: 'never' };

export type OptionLevel = 'SOL_SOCKET' | 'SOL_TCP' | 'SOL_IP' | 'SOL_IPV6';

/** One direction of an option: since when, with which lengths and values. */
export interface OptionSide {
  readonly lifetimes: readonly Lifetime[];
  readonly length: LengthRule;
  /** Rules by kernel, the first whose lifetimes hold counts. Only for set. */
  readonly values?: readonly {
    readonly lifetimes: readonly Lifetime[];
    readonly rule: ValueRule;
    readonly refused: number;
  }[];
  readonly doc: string;
}

export interface SockoptRow {
  readonly level: OptionLevel;
  readonly name: string;
  readonly number: number;
  readonly set?: OptionSide;
  readonly get?: OptionSide;
  /** Address family that the socket must have. */
  readonly family?: 'AF_INET' | 'AF_INET6';
  /** Whether the number is BPF's own and unknown to user space. */
  readonly bpfOnly: boolean;
  readonly doc: string;
  /** What setting it does to the socket. */
  readonly effect: string;
  readonly pitfalls?: readonly string[];
  readonly source: SourceRef;
}

export function defineSockopts<const Rows extends readonly SockoptRow[]>(rows: Rows): Rows {
  return rows;
}
