// What congestion control algorithms share: their interface (struct tcp_congestion_ops), slow start and additive increase.

import { INIT_CWND } from './constants.ts';
import { type Host, jiffies } from './engine.ts';
import type { Sock } from './sock.ts';

export interface CongestionOps {
  readonly name: string;
  readonly needsEcn: boolean;
  readonly init: (host: Host, sk: Sock) => void;
  /** Slow start threshold after a loss. */
  readonly ssthresh: (host: Host, sk: Sock) => number;
  readonly congAvoid: (host: Host, sk: Sock, acked: number) => void;
  readonly pktsAcked?: (host: Host, sk: Sock, rttUs: number) => void;
  readonly lossState?: (host: Host, sk: Sock) => void;
  readonly txStart?: (host: Host, sk: Sock) => void;
}

/** tcp_slow_start(): grows by what was acknowledged; returns what is left over at the threshold. */
export function slowStart(sk: Sock, acked: number): number {
  const cwnd = Math.min(sk.sndCwnd + acked, sk.sndSsthresh);
  const left = acked - (cwnd - sk.sndCwnd);
  sk.sndCwnd = Math.min(cwnd, sk.sndCwndClamp);
  return left;
}

/** tcp_cong_avoid_ai(): one more packet for every `per` acknowledged. */
export function additiveIncrease(sk: Sock, per: number, acked: number): void {
  if (per <= sk.sndCwndCnt) {
    sk.sndCwndCnt = 0;
    sk.sndCwnd++;
  }
  sk.sndCwndCnt += acked;
  if (per <= sk.sndCwndCnt) {
    const steps = Math.floor(sk.sndCwndCnt / per);
    sk.sndCwndCnt -= steps * per;
    sk.sndCwnd += steps;
  }
  sk.sndCwnd = Math.min(sk.sndCwnd, sk.sndCwndClamp);
}

/** Whether the window, and not the application, limits sending (tcp_is_cwnd_limited()). */
export function isCwndLimited(sk: Sock): boolean {
  if (sk.isCwndLimited) return true;
  return sk.sndCwnd < sk.sndSsthresh && sk.sndCwnd < 2 * sk.maxPacketsOut;
}

/** tcp_init_cwnd(): where the window starts, and what idle connections come back to. */
export const initialCwnd = (sk: Sock): number => Math.min(INIT_CWND, sk.sndCwndClamp);

/** tcp_slow_start_after_idle_check(): a window that was not used for a timeout shrinks towards the initial one. */
export function slowStartAfterIdle(host: Host, sk: Sock): void {
  if (!host.sysctls.tcp_slow_start_after_idle || sk.packetsOut > 0 || sk.ca === 'bbr') return;
  const idle = jiffies(host) - sk.lsndtime;
  if (idle <= sk.rto) return;
  let cwnd = sk.sndCwnd;
  const restart = Math.min(initialCwnd(sk), cwnd);
  sk.sndSsthresh = Math.max(sk.sndSsthresh, (cwnd >>> 1) + (cwnd >>> 2));
  let left = idle;
  while ((left -= sk.rto) > 0 && restart < cwnd) cwnd >>>= 1;
  sk.sndCwnd = Math.max(cwnd, restart);
  sk.sndCwndStamp = jiffies(host);
  sk.sndCwndUsed = 0;
}
