// The calls into the cgroup's programs: tcp_call_bpf() and its relatives, and the object through which a program sees and
// changes the socket while it runs. Nothing here catches exceptions: a debugger may unwind from inside a callback.

import { CallbackFlag, Errno, Op, State } from './constants.ts';
import { readRequestField, readSockField } from './ctx-values.ts';
import type { Effect, EffectValue } from './effects.ts';
import { type Host, nowInstant } from './engine.ts';
import { loadHeaderOption, reserveHeaderOption, storeHeaderOption } from './header-options.ts';
import type { SegmentView, SockOpsCall, SockView } from './hook.ts';
import type { KernelClock, MemberValue, SocketMember } from './kernel-members.ts';
import type { RequestSock, SavedHeaders } from './request.ts';
import type { Sock } from './sock.ts';
import { SockFields } from './sock-view.ts';
import { getSocketOption, setSocketOption } from './socket-options.ts';

export type Args = readonly [number, number, number, number];
const NO_ARGS: Args = [0, 0, 0, 0];

/** The packet of a call; `visibleLength` moves while a program stores options. */
export interface CallSegment extends SegmentView {
  data: Uint8Array;
  visibleLength: number;
}

/** One call into the programs, alive only while they run. */
export class Call implements SockOpsCall {
  readonly kernelHost: Host;
  readonly op: number;
  readonly args: Args;
  readonly callSite: string;
  readonly sk: Sock | undefined;
  readonly req: RequestSock | undefined;
  readonly cgroup: string | undefined;
  readonly segment: CallSegment | undefined;
  /** The SYN being answered, for HDR_OPT_LEN and WRITE_HDR_OPT of a SYN-ACK. */
  readonly syn: SavedHeaders | undefined;
  /** Option bytes that may still be reserved or written. */
  remainingOptionLength: number;
  readonly number: number;
  /** Whether the skb may be marked by bpf_sock_ops_enable_tx_tstamp. */
  markTimestamp: (() => void) | undefined;

  constructor(
    host: Host,
    op: number,
    args: Args,
    callSite: string,
    sk: Sock | undefined,
    req: RequestSock | undefined,
    cgroup: string | undefined,
    segment?: CallSegment,
    remaining = 0,
    syn?: SavedHeaders,
  ) {
    this.kernelHost = host;
    this.op = op;
    this.args = args;
    this.callSite = callSite;
    this.sk = sk;
    this.req = req;
    this.cgroup = cgroup;
    this.segment = segment;
    this.remainingOptionLength = remaining;
    this.syn = syn;
    this.number = host.engine.effects.calls++;
  }

  get host(): string {
    return this.kernelHost.name;
  }

  get socketId(): number {
    return this.sk?.id ?? this.req!.id;
  }

  get isFullSock(): boolean {
    return this.sk !== undefined;
  }

  get isLocked(): boolean {
    return this.sk !== undefined && this.op < Op.TSTAMP_SCHED;
  }

  readField(name: string): bigint {
    return BigInt(this.readNumber(name));
  }

  readNumber(name: string): number {
    if (this.sk) return readSockField(this.kernelHost, this.sk, this.isLocked, this.segment, name);
    return readRequestField(this.kernelHost, this.req!, this.segment, name);
  }

  writeTxHash(value: number): void {
    if (!this.sk || !this.isLocked) return;
    this.effect('tx-hash', 'transmit hash', this.sk.txHash, value >>> 0);
    this.sk.txHash = value >>> 0;
  }

  get sock(): SockView | undefined {
    return this.sk && new SockFields(this.kernelHost, this.sk);
  }

  readMember(member: SocketMember, clock: KernelClock): MemberValue | undefined {
    if (member.of === 'sock') return this.sk && member.read(this.sk, this.kernelHost, clock);
    return this.req && member.read(this.req, this.kernelHost, clock);
  }

  setsockopt(level: number, option: number, value: Uint8Array): number {
    return this.isUnlockedOp() ? Errno.EOPNOTSUPP : setSocketOption(this, level, option, value);
  }

  getsockopt(level: number, option: number, buffer: Uint8Array): number {
    if (this.isUnlockedOp()) {
      buffer.fill(0);
      return Errno.EOPNOTSUPP;
    }
    return getSocketOption(this, level, option, buffer);
  }

  setCallbackFlags(flags: number): number {
    if (this.isUnlockedOp()) return Errno.EOPNOTSUPP;
    if (!this.sk) return Errno.EINVAL;
    const known = flags & this.kernelHost.kernel.allCallbackFlags;
    this.effect('flags', 'callback flags', this.sk.bpfCbFlags, known);
    this.sk.bpfCbFlags = known;
    return flags & ~this.kernelHost.kernel.allCallbackFlags;
  }

  loadHeaderOption(search: Uint8Array, flags: bigint): number {
    return loadHeaderOption(this, search, flags);
  }

  storeHeaderOption(option: Uint8Array, flags: bigint): number {
    return storeHeaderOption(this, option, flags);
  }

  reserveHeaderOption(length: number, flags: bigint): number {
    return reserveHeaderOption(this, length, flags);
  }

  socketCookie(): bigint {
    // Cookies count up per network; the socket's identity serves, since nothing else is promised of them.
    return BigInt(this.socketId);
  }

  netnsCookie(): bigint {
    return this.kernelHost.netnsCookie;
  }

  sockMapCheck(): number {
    const features = this.kernelHost.features;
    if (!features['sockmap-checks-op']) return this.sk ? 0 : Errno.EOPNOTSUPP;
    if (this.op === Op.ACTIVE_ESTABLISHED || this.op === Op.PASSIVE_ESTABLISHED) return 0;
    if (this.op === Op.TCP_LISTEN && features['sockmap-takes-listeners']) return 0;
    return Errno.EOPNOTSUPP;
  }

  enableTxTimestamp(flags: bigint): number {
    if (this.op !== Op.TSTAMP_SENDMSG) return Errno.EOPNOTSUPP;
    if (flags !== 0n) return Errno.EINVAL;
    this.markTimestamp?.();
    this.effect('timestamp', 'timestamps of the data being sent', false, true);
    return 0;
  }

  /** Ops 16 to 20: the kernel treats the socket as not locked. */
  isUnlockedOp(): boolean {
    return this.op >= Op.TSTAMP_SCHED;
  }

  /** Notes a change for the log; a change to the same value is no effect. */
  effect(cause: Effect['cause'], property: string, from: EffectValue, to: EffectValue, remark = ''): void {
    if (from === to && remark === '') return;
    this.kernelHost.engine.effects.list.push({
      call: this.number,
      socketId: this.socketId,
      cause,
      property,
      from,
      to,
      remark,
    });
  }
}

/** What tcp_call_bpf() gave, and the call it came from, for the effect log. */
export interface BpfReply {
  readonly reply: number;
  readonly call: Call;
}

function run(host: Host, call: Call): number {
  const result = host.engine.hook.call(call);
  if (result === undefined) return 0;
  return result.ok ? result.reply | 0 : -1;
}

/** tcp_call_bpf() on a full socket: the reply, or -1 when the chain failed. */
export function callBpf(host: Host, sk: Sock, op: number, callSite: string, args: Args = NO_ARGS): number {
  return run(host, new Call(host, op, args, callSite, sk, undefined, sk.cgroup));
}

/** tcp_call_bpf() whose reply has a meaning; the call is kept for the effect log. */
export function askBpf(host: Host, sk: Sock, op: number, callSite: string): BpfReply {
  const call = new Call(host, op, NO_ARGS, callSite, sk, undefined, sk.cgroup);
  return { call, reply: run(host, call) };
}

/**
 * tcp_call_bpf() on a request sock. A SYN cookie's has no listener, so no cgroup and no program.
 */
export function askBpfOfRequest(
  host: Host,
  req: RequestSock,
  cgroup: string,
  op: number,
  callSite: string,
): BpfReply | undefined {
  if (req.syncookie) return undefined;
  const call = new Call(host, op, NO_ARGS, callSite, undefined, req, cgroup);
  return { call, reply: run(host, call) };
}

/** A callback that carries a packet and whose reply means nothing. */
export function callWithSegment(
  host: Host,
  sk: Sock,
  op: number,
  callSite: string,
  segment: CallSegment | undefined,
): void {
  run(host, new Call(host, op, NO_ARGS, callSite, sk, undefined, sk.cgroup, segment));
}

/** Runs a call made elsewhere (header options, timestamps); tells whether the chain succeeded. */
export function runCall(host: Host, call: Call): boolean {
  const result = host.engine.hook.call(call);
  return result === undefined || result.ok;
}

/** tcp_set_state(): tells the programs first, then stores. */
export function setState(host: Host, sk: Sock, state: number, callSite = 'tcp_set_state()'): void {
  if ((sk.bpfCbFlags & CallbackFlag.STATE) !== 0) callBpf(host, sk, Op.STATE, callSite, [sk.state, state, 0, 0]);
  if (state === State.CLOSE && sk.state !== State.CLOSE) {
    // The port goes back before the last segment is sent, unless bind() chose it.
    if (!sk.bound) sk.num = 0;
    host.engine.notices.push({ kind: 'closed', host: host.name, socketId: sk.id, time: nowInstant(host) });
  }
  sk.state = state;
}
