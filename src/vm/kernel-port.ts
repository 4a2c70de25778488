// What the virtual machine needs from outside to run a program: one narrow port per run. world/ implements it over the TCP
// model; tests implement it by hand. Everything that could make two runs differ comes through here, so that runs repeat.

import type { Instant } from '../base/index.ts';

/** Where an effect that the program caused is reported (for `run` output, the debugger and tests). */
export type VmEvent =
  | { readonly kind: 'printk'; readonly text: string }
  | { readonly kind: 'perf-output'; readonly mapFd: number; readonly data: Uint8Array }
  | { readonly kind: 'ringbuf-output'; readonly mapFd: number; readonly data: Uint8Array }
  | { readonly kind: 'tail-call'; readonly program: string };

export interface KernelPort {
  /** ktime_get_ns() and its relatives are computed from this. */
  now(): Instant;
  /** get_prandom_u32(), 0 to 2^32 - 1. */
  random(): number;
  readonly cpu: number;
  readonly cpuCount: number;
  /** CONFIG_HZ of the simulated kernel. */
  readonly hz: number;
  /** Process that the softirq or system call happens to run in. */
  readonly task: {
    readonly pid: number;
    readonly tgid: number;
    readonly uid: number;
    readonly gid: number;
    readonly comm: string;
    readonly cgroupId: bigint;
  };
  event(event: VmEvent): void;
  /** The socket side; undefined where a program runs without one (conformance, unit tests). */
  readonly socket: SocketPort | undefined;
}

/** The socket helpers. Return values are the kernel helpers' own. Mirrors tcp/hook.ts SockOpsCall. */
export interface SocketPort {
  readonly op: number;
  setsockopt(level: number, option: number, value: Uint8Array): number;
  getsockopt(level: number, option: number, buffer: Uint8Array): number;
  setCallbackFlags(flags: number): number;
  loadHeaderOption(search: Uint8Array, flags: bigint): number;
  storeHeaderOption(option: Uint8Array, flags: bigint): number;
  reserveHeaderOption(length: number, flags: bigint): number;
  socketCookie(): bigint;
  netnsCookie(): bigint;
  /** 0, or the negative errno with which sock_map_update and sock_hash_update refuse this socket in this op. */
  sockMapCheck(): number;
  enableTxTimestamp(flags: bigint): number;
  /** Identity of the full socket behind ctx->sk, undefined when sk is NULL. Keys socket storage and sockmaps. */
  readonly socketId: number | undefined;
}
