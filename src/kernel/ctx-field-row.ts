// The shape of a row of the context table: one member of struct bpf_sock_ops.

import type { Lifetime, SourceRef } from './lifetime.ts';

/** What the verifier takes a loaded field for. */
export type CtxValueKind = 'scalar' | 'sock-or-null' | 'packet' | 'packet-end';

/** What the bits of a field mean, for people and for checks of constants. */
export type CtxRepresentation =
  | { readonly kind: 'number'; readonly unit?: string }
  | { readonly kind: 'op' }
  | { readonly kind: 'tcp-state' }
  | { readonly kind: 'address-family' }
  | { readonly kind: 'callback-flags' }
  | { readonly kind: 'tcp-flags' }
  | { readonly kind: 'ecn-flags' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'ipv4-address' }
  | { readonly kind: 'ipv6-word' }
  | { readonly kind: 'port' }
  | { readonly kind: 'sequence' }
  | { readonly kind: 'op-argument' }
  | { readonly kind: 'pointer' };

/** How the bytes are ordered. `network-high` is a 16-bit network value in the upper half of a 32-bit one. */
export type ByteOrder = 'host' | 'network' | 'network-high';

/**
 * When the kernel gives the real value. `always`: from the context itself. `sock-common`: read from any kind of socket.
 * `locked`: 0 unless the socket is a locked full one. `full`: NULL unless it is a full one. `skb`: 0 unless there is a packet.
 * `none`: read without any test.
 */
export type CtxGuard = 'always' | 'sock-common' | 'locked' | 'full' | 'skb' | 'none';

export interface CtxFieldRow {
  readonly name: string;
  readonly offset: number;
  /** Size of one element in bytes. */
  readonly size: 4 | 8;
  /** Number of elements; 1 for a plain member. */
  readonly count: number;
  /** As a C declaration prints it. */
  readonly ctype: string;
  /** When a program can read it. */
  readonly lifetimes: readonly Lifetime[];
  /** When a program can write it, per element index; absent: never. */
  readonly write?: readonly { readonly index: number; readonly lifetimes: readonly Lifetime[] }[];
  /** Other names of the same bytes, from the first element on. */
  readonly aliases?: readonly {
    readonly name: string;
    readonly count: number;
    readonly lifetimes: readonly Lifetime[];
    readonly doc: string;
  }[];
  /** Smaller reads accepted at the field's start offset. */
  readonly narrow?: readonly (1 | 2)[];
  readonly value: CtxValueKind;
  /** Set for an 8-byte field whose size rule tested only its first offset on older kernels. */
  readonly converted?: 'start-only';
  readonly order: ByteOrder;
  readonly guard: CtxGuard;
  readonly repr: CtxRepresentation;
  /** Number of bits that can be set; the rest reads 0. */
  readonly bits: number;
  /** What a read gives when the guard does not hold. */
  readonly otherwise: string;
  /** The kernel's own field behind it. */
  readonly backing: string;
  readonly doc: string;
  /** What surprises people, one sentence each. */
  readonly pitfalls?: readonly string[];
  /** A statement as a program would write it. */
  readonly example?: string;
  /** Names of related rows of any table. */
  readonly seeAlso?: readonly string[];
  readonly source: SourceRef;
}

/** Keeps the names as literals, so that `CtxFieldName` is a union. */
export function defineCtxFields<const Rows extends readonly CtxFieldRow[]>(rows: Rows): Rows {
  return rows;
}
