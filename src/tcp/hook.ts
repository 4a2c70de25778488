// The one door between the TCP model and whoever runs sock_ops programs. The model calls `SockOpsHook.call` at the
// places where the kernel calls tcp_call_bpf() and its relatives; during that call the program may look at and change the
// socket through the methods of `SockOpsCall`. The model knows nothing of BPF instructions, memory or maps.

import type { KernelClock, MemberValue, SocketMember } from './kernel-members.ts';

/** Name of an endpoint of the simulation: "client", "server". */
export type HostName = string;

/** The packet that the program can see through skb_data, skb_data_end, skb_len and skb_tcp_flags. */
export interface SegmentView {
  /** Bytes from skb_data on: the TCP header with its options as far as it is written, then payload bytes that exist. */
  readonly data: Uint8Array;
  /** Number of bytes between skb_data and skb_data_end; 0 in HDR_OPT_LEN and TSTAMP ops. */
  readonly visibleLength: number;
  /** skb->len. */
  readonly length: number;
  /** TCP_SKB_CB(skb)->tcp_flags; bit 8 is AE. */
  readonly tcpFlags: number;
  /** skb_hwtstamps(skb)->hwtstamp in nanoseconds. */
  readonly hardwareTimestamp: bigint;
}

/**
 * One call into the cgroup's programs. Valid during `SockOpsHook.call` only. All helper methods return what the kernel's helper
 * returns (0 or a positive length, or a negative errno) for this op, socket and kernel.
 */
export interface SockOpsCall {
  readonly host: HostName;
  /** BPF_SOCK_OPS_* number. */
  readonly op: number;
  /** What args[0..3] hold on entry; reply shares args[0]. */
  readonly args: readonly [number, number, number, number];
  /** The kernel function that calls, as a person would look it up: "tcp_connect_init()". */
  readonly callSite: string;
  /** Identity of the socket or request sock: unique in the simulation and stable over snapshots. A child has its own. */
  readonly socketId: number;
  /** Cgroup path of the socket ("/app"), or undefined for a request sock without a listener (SYN cookies). */
  readonly cgroup: string | undefined;
  readonly isFullSock: boolean;
  /** is_locked_tcp_sock (6.15) or, before, is_fullsock. */
  readonly isLocked: boolean;
  readonly segment: SegmentView | undefined;

  /**
   * Value of a scalar context field as a little-endian program reads it now ("remote_ip6[2]" for array elements), with the
   * kernel's guards applied (0 where the socket is not full or not locked). Not for op, args, reply, sk, skb_data, skb_data_end.
   */
  readField(name: string): bigint;
  /** The same as a number; exact, since no field exceeds 2^53. */
  readNumber(name: string): number;
  /** Writes sk_txhash; silently ignored where the kernel ignores it. */
  writeTxHash(value: number): void;

  /** Fields of struct bpf_sock behind ctx->sk, by offset and size as the program reads them. Undefined: sk is NULL. */
  readonly sock: SockView | undefined;

  /** A member of the kernel's own socket or request sock, for programs that read it by its type; undefined where this one has no such member. */
  readMember(member: SocketMember, clock: KernelClock): MemberValue | undefined;

  setsockopt(level: number, option: number, value: Uint8Array): number;
  /** Fills `buffer` (zeroed on error, as the kernel does). */
  getsockopt(level: number, option: number, buffer: Uint8Array): number;
  setCallbackFlags(flags: number): number;
  loadHeaderOption(search: Uint8Array, flags: bigint): number;
  storeHeaderOption(option: Uint8Array, flags: bigint): number;
  reserveHeaderOption(length: number, flags: bigint): number;
  socketCookie(): bigint;
  netnsCookie(): bigint;
  /** Whether sock_map_update / sock_hash_update may put this socket into a map in this op: 0, or -EOPNOTSUPP. */
  sockMapCheck(): number;
  /** kfunc bpf_sock_ops_enable_tx_tstamp. */
  enableTxTimestamp(flags: bigint): number;
}

/** The socket as struct bpf_sock and struct bpf_tcp_sock show it. Values by field name, kernel byte order conventions applied. */
export interface SockView {
  readonly socketId: number;
  /** struct bpf_sock field ("src_ip6[1]"). */
  sockField(name: string): number;
  /** struct bpf_tcp_sock field; undefined when bpf_tcp_sock() gives NULL (not a full TCP socket). */
  tcpSockField(name: string): bigint | undefined;
}

/** What came out of the chain of programs: tcp_call_bpf() gives the reply when `ok`, -1 otherwise. */
export interface SockOpsResult {
  /** False when a program of the chain returned 0 (or set an error): the reply is dropped. */
  readonly ok: boolean;
  /** args[0] as the last writer left it, as a signed 32-bit integer. */
  readonly reply: number;
}

/** Runs the programs of the socket's cgroup. `undefined` means that no program is attached. */
export interface SockOpsHook {
  call(call: SockOpsCall): SockOpsResult | undefined;
}
