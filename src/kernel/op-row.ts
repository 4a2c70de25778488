// The shape of a row of the op table: one BPF_SOCK_OPS_* callback.

import type { Lifetime, SourceRef } from './lifetime.ts';

/** The socket that an op runs on. `full-or-request`: a request sock on the passive side of the handshake. */
export type OpSocket = 'none' | 'full' | 'full-or-request' | 'full-unlocked';

/** What the kernel does with the reply. */
export type OpReply =
  | { readonly kind: 'ignored' }
  | {
      readonly kind: 'value';
      readonly unit: 'jiffies' | 'segments' | 'boolean' | 'microseconds';
      /** In words: which replies count, what the others mean. */
      readonly rule: string;
      /** In words: what happens without a reply. */
      readonly fallback: string;
    };

export interface OpArgument {
  /** 0 for args[0]. */
  readonly index: number;
  readonly name: string;
  readonly doc: string;
  readonly lifetimes: readonly Lifetime[];
}

/** The packet that skb_data shows. `header-range`: header readable. `empty-range`: lengths and flags only. */
export type OpPacket =
  | { readonly kind: 'none' }
  | { readonly kind: 'header-range'; readonly doc: string; readonly lifetimes: readonly Lifetime[] }
  | { readonly kind: 'empty-range'; readonly doc: string; readonly lifetimes: readonly Lifetime[] };

export interface OpRow {
  /** With prefix: "BPF_SOCK_OPS_TCP_CONNECT_CB". */
  readonly name: string;
  readonly number: number;
  readonly lifetimes: readonly Lifetime[];
  /** When it fires, in one sentence. */
  readonly doc: string;
  /** Kernel functions that make the call, with remarks. */
  readonly callers: readonly string[];
  readonly socket: OpSocket;
  readonly arguments: readonly OpArgument[];
  readonly reply: OpReply;
  /** Callback flags, any of which enables the op; empty: always called. */
  readonly enabledBy: readonly string[];
  /** A further condition, in words. */
  readonly condition?: string;
  readonly packet: OpPacket;
  readonly pitfalls: readonly string[];
  /** The body of a `case` as a program would write it. */
  readonly example: string;
  /** Names of related rows of any table. */
  readonly seeAlso: readonly string[];
  readonly source: SourceRef;
}

export function defineOps<const Rows extends readonly OpRow[]>(rows: Rows): Rows {
  return rows;
}
