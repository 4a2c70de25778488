// What the virtual machine needs from outside to run a program: one narrow port per run. world/ implements it over the TCP
// model; tests implement it by hand. Everything that could make two runs differ comes through here, so that runs repeat.

import type { Instant } from '../base/index.ts';

/** Where an effect that the program caused is reported (for `run` output, the debugger and tests). */
export type VmEvent =
  | { readonly kind: 'printk'; readonly text: string }
  | { readonly kind: 'perf-output'; readonly mapFd: number; readonly data: Uint8Array }
  | { readonly kind: 'ringbuf-output'; readonly mapFd: number; readonly data: Uint8Array }
  | { readonly kind: 'tail-call'; readonly program: string }
  | { readonly kind: 'socket-map-update'; readonly mapFd: number; readonly socketId: number }
  | { readonly kind: 'signal'; readonly pid: number; readonly signal: number }
  | { readonly kind: 'diagnostic'; readonly diagnostic: VmDiagnostic };

/** Something that a real kernel lets happen without a word and that is almost certainly a mistake. `slot` is where. */
export type VmDiagnostic =
  | {
      /** dst == src on a guarded context field: this kernel leaves the context pointer in the register instead of 0. */
      readonly kind: 'context-pointer-leak';
      readonly program: string;
      readonly slot: number;
      readonly offset: number;
    }
  | {
      /** A field that this kernel reads without asking whether the socket is a full one (rtt_min). */
      readonly kind: 'unguarded-context-read';
      readonly program: string;
      readonly slot: number;
      readonly offset: number;
    }
  | {
      /** A map value used after the program deleted or replaced it; the memory is still there until the program ends. */
      readonly kind: 'use-after-delete';
      readonly program: string;
      readonly slot: number;
      readonly map: string;
    }
  | {
      /** A write that the kernel drops: sk_txhash while the socket is not locked. */
      readonly kind: 'dropped-context-write';
      readonly program: string;
      readonly slot: number;
      readonly offset: number;
    };

/** The task in whose context the softirq or system call happens to run. */
export interface TaskPort {
  readonly pid: number;
  readonly tgid: number;
  readonly uid: number;
  readonly gid: number;
  readonly comm: string;
  readonly cgroupId: bigint;
  /** Ids of the task's cgroup's ancestors, root (level 0) first, its own cgroup last. Absent: only the root and itself are known. */
  readonly cgroupAncestors?: readonly bigint[];
}

export interface KernelPort {
  /** ktime_get_ns() and its relatives are computed from this. */
  now(): Instant;
  /** get_prandom_u32(), 0 to 2^32 - 1. */
  random(): number;
  readonly cpu: number;
  readonly cpuCount: number;
  /** CONFIG_HZ of the simulated kernel. */
  readonly hz: number;
  readonly task: TaskPort;
  event(event: VmEvent): void;
  /** The socket side; undefined where a program runs without one (conformance, unit tests). */
  readonly socket: SocketPort | undefined;
  /** Id of the cgroup to which the running program is attached (bpf_get_local_storage). Absent: the task's cgroup. */
  readonly attachedCgroupId?: bigint;
  /**
   * A read of `size` bytes (1, 2, 4 or 8) at `offset` of an object of the kernel, as laid out in the kernel types that the program was linked
   * against. Absent: no kernel stands behind the machine, and each such read is a fault.
   */
  readKernelObject?(object: KernelObject, offset: number, size: number): KernelRead;
}

/** An object of the kernel that programs hold pointers to: which structure, and which of its kind. */
export interface KernelObject {
  readonly type: KernelObjectType;
  /** Identity of the socket, pid, number of the cgroup, ...; a whole number of 32 bits. */
  readonly id: number;
}

/** What stands in a part of a kernel object. */
export type KernelRead =
  /** The bytes as a little-endian number without sign. */
  | { readonly kind: 'value'; readonly value: bigint }
  /** A pointer to another object, to a byte of it; NULL where `to` is undefined. */
  | { readonly kind: 'pointer'; readonly to: KernelObject | undefined; readonly offset: number }
  /** What the program's own context holds at that offset now (args and reply, which programs write). */
  | { readonly kind: 'context'; readonly offset: number }
  /** `what` is not modelled because of `reason`. */
  | { readonly kind: 'unmodelled'; readonly what: string; readonly reason: string };

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
  /** Address family of the full socket (2 or 10), for bpf_skc_to_tcp6_sock(). Absent: taken from the bpf_sock image. */
  readonly family?: number;
  /**
   * Writes struct bpf_sock of the socket behind ctx->sk into `image` (80 bytes, zeroed, little endian). Called when the program
   * first reads through the pointer and again after a helper that may have changed the socket.
   */
  fillSock?(image: Uint8Array): void;
  /** Writes struct bpf_tcp_sock into `image` (zeroed); false: bpf_tcp_sock() gives NULL. */
  fillTcpSock?(image: Uint8Array): boolean;
}

/**
 * Kernel structures to which programs get pointers. A socket is one object whatever type its pointer has (sock, inet_sock, tcp_sock,
 * tcp6_sock are one inside the other): 'tcp_sock'.
 */
export const KERNEL_OBJECT_TYPES = [
  'tcp_sock',
  'request_sock',
  'bpf_sock_ops_kern',
  'sk_buff',
  'task_struct',
  'css_set',
  'cgroup',
  'kernfs_node',
  'net',
  'proto',
  'tcp_congestion_ops',
  'rtable',
  'rt6_info',
] as const;

export type KernelObjectType = (typeof KERNEL_OBJECT_TYPES)[number];
