// The shape of a row of the socket option table: what bpf_setsockopt() and bpf_getsockopt() accept in a sock_ops program.

import type { Lifetime, SourceRef } from './lifetime.ts';

/** Which option lengths are accepted. */
export type LengthRule =
  | { readonly kind: 'exactly'; readonly bytes: number }
  | { readonly kind: 'at-least'; readonly bytes: number }
  /** 1 up to the length of what was saved. */
  | { readonly kind: 'up-to-saved' };

/** Which values setsockopt takes; a value is the option's bytes as a signed 32-bit number unless it is text. */
export type ValueRule =
  | { readonly kind: 'any' }
  | { readonly kind: 'range'; readonly min: number; readonly max: number; readonly also?: readonly number[] }
  | { readonly kind: 'not-zero' }
  /** Microseconds that, rounded up to kernel ticks, give at least `minTicks` ticks and at most `maxMicroseconds`. */
  | { readonly kind: 'ticks'; readonly minTicks: number; readonly maxMicroseconds: number }
  | { readonly kind: 'mask'; readonly bits: number }
  | { readonly kind: 'congestion-control'; readonly needsTerminator: boolean }
  | { readonly kind: 'interface-name' };

/** What getsockopt gives after a value was set. */
export type StoredAs =
  | { readonly kind: 'same' }
  /** 0 or 1. */
  | { readonly kind: 'truth' }
  /** Twice the value, at least `min` and at most twice the system's maximum; negative counts as the maximum. */
  | { readonly kind: 'buffer'; readonly min: number; readonly limit: 'wmem_max' | 'rmem_max' }
  /** Negative becomes the largest number, 0 becomes 1. */
  | { readonly kind: 'low-water' }
  | { readonly kind: 'at-least'; readonly min: number; readonly signed: boolean }
  /** The low byte without its two ECN bits, which stay as they were; -1 is 0 where `minusOneIsZero`. */
  | { readonly kind: 'traffic-class'; readonly minusOneIsZero: boolean }
  /** The whole byte; -1 is 0. */
  | { readonly kind: 'byte' }
  /** Rounded up to whole kernel ticks. */
  | { readonly kind: 'ticks'; readonly unit: 'us' | 'ms' }
  /** -1 is read as 1. */
  | { readonly kind: 'rehash' }
  /** Reads something else: the current segment size. */
  | { readonly kind: 'unrelated' };

export type OptionLevel = 'SOL_SOCKET' | 'SOL_TCP' | 'SOL_IP' | 'SOL_IPV6';

/** What set does with values, on the kernels of `lifetimes`. */
export interface OptionValues {
  readonly lifetimes: readonly Lifetime[];
  readonly rule: ValueRule;
  /** The negative errno for a value outside the rule. */
  readonly refused: number;
  readonly stored: StoredAs;
}

/** One direction of an option. */
export interface OptionSide {
  readonly lifetimes: readonly Lifetime[];
  readonly length: LengthRule;
  /** Only for set: the entry whose lifetimes hold counts. */
  readonly values?: readonly OptionValues[];
  /** In words: the values, or what comes back. */
  readonly doc: string;
}

export interface SockoptRow {
  readonly level: OptionLevel;
  readonly name: string;
  readonly number: number;
  readonly set?: OptionSide;
  readonly get?: OptionSide;
  /** Errors other than -EINVAL for a set that the kernel does not offer. */
  readonly setRefused?: readonly { readonly lifetimes: readonly Lifetime[]; readonly errno: number }[];
  /** Ops in which setting fails. */
  readonly notInOps?: readonly {
    readonly lifetimes: readonly Lifetime[];
    readonly ops: readonly string[];
    readonly errno: number;
  }[];
  /** Address family that the socket must have. */
  readonly family?: 'AF_INET' | 'AF_INET6';
  /** Whether the number is BPF's own and unknown to user space. */
  readonly bpfOnly: boolean;
  readonly doc: string;
  /** What setting it does to the socket. */
  readonly effect: string;
  readonly pitfalls?: readonly string[];
  /** A statement as a program would write it. */
  readonly example?: string;
  readonly source: SourceRef;
}

export function defineSockopts<const Rows extends readonly SockoptRow[]>(rows: Rows): Rows {
  return rows;
}
