// The state of a running simulation and the few services that every module uses: time, jiffies, chance, timers, the event
// queue and the logs. A Host is one kernel with its sockets; an Engine is all hosts and what lies between them.

import { type Instant, instant, type OrderedHeap, type Random } from '../base/index.ts';
import type { EffectLog } from './effects.ts';
import type { SockOpsHook } from './hook.ts';
import type { TcpFeatures, TcpKernel } from './kernel.ts';
import type { Link, SegmentRecord } from './link.ts';
import type { RequestSock } from './request.ts';
import type { Segment } from './segment.ts';
import type { AddressWords, Sock } from './sock.ts';
import type { Sysctls } from './sysctl.ts';
import type { TimeWaitSock } from './time-wait.ts';

/** Which timer of a socket or request sock an event is. */
export type TimerName = 'retransmit' | 'delack' | 'keepalive' | 'compressed-ack' | 'synack' | 'time-wait';

/** Something that will happen. Plain data: the queue is part of snapshots. */
export type NetEvent =
  | { readonly kind: 'deliver'; readonly host: number; readonly segment: Segment; readonly record: number }
  | {
      readonly kind: 'timer';
      readonly host: number;
      readonly owner: number;
      readonly timer: TimerName;
      readonly token: number;
    }
  /** Set by the user of the network with `wakeAt`; means nothing to the model. */
  | { readonly kind: 'wake'; readonly tag: number };

/** What an application would learn from the socket; appended in order. */
export type Notice =
  | { readonly kind: 'established'; readonly host: string; readonly socketId: number; readonly time: Instant }
  | {
      readonly kind: 'acceptable';
      readonly host: string;
      readonly listenerId: number;
      readonly socketId: number;
      readonly time: Instant;
    }
  | {
      readonly kind: 'readable';
      readonly host: string;
      readonly socketId: number;
      readonly bytes: number;
      readonly time: Instant;
    }
  | { readonly kind: 'end-of-stream'; readonly host: string; readonly socketId: number; readonly time: Instant }
  | { readonly kind: 'all-acked'; readonly host: string; readonly socketId: number; readonly time: Instant }
  | { readonly kind: 'writable'; readonly host: string; readonly socketId: number; readonly time: Instant }
  | {
      readonly kind: 'error';
      readonly host: string;
      readonly socketId: number;
      readonly errno: number;
      readonly time: Instant;
    }
  | { readonly kind: 'closed'; readonly host: string; readonly socketId: number; readonly time: Instant };

/** Build-time and hardware facts of a host that a program can see through sizes and times. */
export interface HostConfig {
  /** CONFIG_HZ */
  readonly hz: number;
  /** MAX_HEADER: room for lower headers, from the drivers and tunnels that are configured in; 176 on distribution kernels. */
  readonly maxHeader: number;
  /** MTU of the loopback device. */
  readonly loopbackMtu: number;
  /** Whether segments leave as GSO super-packets. */
  readonly gso: boolean;
  /** Simulated CPU time of handling one segment on loopback, nanoseconds. */
  readonly segmentCostNs: number;
}

/** One kernel. */
export interface Host {
  readonly index: number;
  readonly name: string;
  readonly engine: Engine;
  readonly kernel: TcpKernel;
  readonly features: TcpFeatures;
  readonly sysctls: Sysctls;
  readonly config: HostConfig;
  readonly address4: AddressWords;
  readonly address6: AddressWords;
  /** Jiffies at time 0, and how far into the tick time 0 lies. */
  readonly firstJiffy: number;
  readonly tickPhaseNs: number;
  readonly tickNs: number;
  /** Clock of timestamps at time 0, in microseconds. */
  readonly clockBaseUs: number;
  readonly netnsCookie: bigint;
  socks: Sock[];
  requests: RequestSock[];
  timeWaits: TimeWaitSock[];
  /** Packets that wait for the softirq of the loopback device. */
  softnet: Segment[];
  inSoftirq: boolean;
  /** Fast open cookies learnt from servers, by destination. */
  fastopenCookies: { readonly address: AddressWords; readonly cookie: Uint8Array; readonly mss: number }[];
  nextPort: number;
}

export interface Engine {
  now: number;
  readonly heap: OrderedHeap<NetEvent>;
  readonly random: Random;
  readonly hook: SockOpsHook;
  readonly hosts: Host[];
  readonly link: Link;
  readonly effects: EffectLog;
  segments: SegmentRecord[];
  notices: Notice[];
  nextId: number;
  nextSegmentId: number;
  nextToken: number;
}

/** Jiffies counter of the host now. */
export function jiffies(host: Host): number {
  return host.firstJiffy + Math.floor((host.engine.now + host.tickPhaseNs) / host.tickNs);
}

/** Time at which the jiffies counter becomes `jiffy`. */
export function jiffyTime(host: Host, jiffy: number): number {
  return (jiffy - host.firstJiffy) * host.tickNs - host.tickPhaseNs;
}

/** tcp_clock_us(): microseconds since boot. */
export function clockUs(host: Host): number {
  return host.clockBaseUs + Math.floor(host.engine.now / 1000);
}

/** tcp_clock_ms(), what timestamps count. */
export function clockMs(us: number): number {
  return Math.floor(us / 1000) >>> 0;
}

/** How many nanoseconds pass until the initial sequence numbers of a pair of addresses and ports count up by one. */
const SEQUENCE_TICK_NS = 64;

/** secure_tcp_seq(): a number that depends on addresses and ports, and grows with time so that connections do not overlap. */
export function initialSequence(
  host: Host,
  local: AddressWords,
  remote: AddressWords,
  localPort: number,
  remotePort: number,
): number {
  let hash = host.clockBaseUs >>> 0;
  for (const word of [...local, ...remote, localPort, remotePort]) {
    hash = Math.imul(hash ^ word, 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return (hash + Math.floor(host.engine.now / SEQUENCE_TICK_NS)) >>> 0;
}

export function usecsToJiffies(host: Host, us: number): number {
  return Math.ceil((us * host.config.hz) / 1e6);
}

export function jiffiesToUsecs(host: Host, count: number): number {
  return count * (1e6 / host.config.hz);
}

export function msecsToJiffies(host: Host, ms: number): number {
  return Math.ceil((ms * host.config.hz) / 1000);
}

export const nowInstant = (host: Host): Instant => instant(host.engine.now);

/**
 * When a timer that is due at jiffy `expires` fires: the timer wheel of kernel/time/timer.c rounds up to the next slot of a
 * level, and levels get eight times coarser with distance.
 */
export function wheelExpiry(host: Host, expires: number): number {
  const delta = expires - jiffies(host);
  let shift = 0;
  let start = 63;
  while (start <= delta && shift < 24) {
    shift += 3;
    start = 63 * 2 ** shift;
  }
  const gran = 2 ** shift;
  return (Math.floor(Math.max(expires, jiffies(host)) / gran) + 1) * gran;
}

/** Arms a timer at a jiffy; returns its token. Whoever holds the token ignores events with an older one. */
export function armTimer(host: Host, owner: number, timer: TimerName, expires: number): number {
  return armTimerNs(host, owner, timer, jiffyTime(host, wheelExpiry(host, expires)));
}

/** Arms a high-resolution timer at a time in nanoseconds. */
export function armTimerNs(host: Host, owner: number, timer: TimerName, at: number): number {
  const token = host.engine.nextToken++;
  host.engine.heap.push(at, { kind: 'timer', host: host.index, owner, timer, token });
  return token;
}

/** The socket with an id, undefined once it is gone. */
export function findSock(host: Host, id: number): Sock | undefined {
  for (const sk of host.socks) if (sk.id === id) return sk;
  return undefined;
}

export function notice(host: Host, item: Notice): void {
  host.engine.notices.push(item);
}

/** MAX_TCP_HEADER of the host's kernel. */
export function maxTcpHeader(host: Host): number {
  return (128 + host.config.maxHeader + 63) & ~63;
}

/**
 * __tcp_oow_rate_limited(): whether an answer to a bare segment out of window has to be left out because the last one is too recent.
 * The owner remembers the time of the last.
 */
export function answerTooSoon(host: Host, owner: { lastOow: number }): boolean {
  const now = jiffies(host);
  const limit = msecsToJiffies(host, host.sysctls.tcp_invalid_ratelimit);
  if (owner.lastOow !== 0 && now - owner.lastOow < limit) return true;
  owner.lastOow = now;
  return false;
}
