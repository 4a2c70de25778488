// When to acknowledge: quick ACKs, delayed ACKs, the interactive ("pingpong") mode, compressed ACKs (include/net/tcp.h,
// net/ipv4/tcp_input.c __tcp_ack_snd_check(), tcp_output.c tcp_send_delayed_ack()).

import { AckPending, MAX_QUICKACKS } from './constants.ts';
import { armTimer, armTimerNs, type Host, jiffies, usecsToJiffies } from './engine.ts';
import { sendAck } from './output.ts';
import { distance } from './sequence.ts';
import type { Sock } from './sock.ts';
import { computeWindow } from './window.ts';

/** Reno's duplicate ACK threshold, for which out-of-order ACKs are not compressed. */
const UNCOMPRESSED = 3;

/** TCP_ATO_MIN and TCP_DELACK_MIN: 40 ms in jiffies. */
export const delackMin = (host: Host): number => Math.floor(host.config.hz / 25);

const delackMax = (host: Host): number => Math.floor(host.config.hz / 5);

export function inPingpong(host: Host, sk: Sock): boolean {
  const threshold = host.features['pingpong-after-three']
    ? 3
    : host.features['pingpong-threshold-sysctl']
      ? host.sysctls.tcp_pingpong_thresh
      : 1;
  return threshold <= sk.ackPingpong;
}

/** inet_csk_enter_pingpong_mode() */
export function enterPingpong(host: Host, sk: Sock): void {
  sk.ackPingpong = host.features['pingpong-after-three'] ? 3 : Math.max(1, host.sysctls.tcp_pingpong_thresh);
}

export function incrementQuickAck(sk: Sock, most: number): void {
  let count = Math.floor(sk.rcvWnd / (2 * sk.rcvMss));
  if (count === 0) count = 2;
  count = Math.min(count, most);
  if (sk.ackQuick < count) sk.ackQuick = count;
}

export function enterQuickAck(host: Host, sk: Sock, most = MAX_QUICKACKS): void {
  incrementQuickAck(sk, most);
  sk.ackPingpong = 0;
  sk.ackAto = delackMin(host);
}

export function inQuickAck(host: Host, sk: Sock): boolean {
  return sk.ackQuick > 0 && !inPingpong(host, sk);
}

/** tcp_event_ack_sent(): an ACK went out with the segment, alone or on data. */
export function ackSent(host: Host, sk: Sock, packets: number): void {
  if (sk.compressedAck > 0) {
    sk.compressedAck = 0;
    sk.compressToken = 0;
  }
  if (sk.ackQuick > 0) {
    const used = host.features['quickack-counts-scheduled']
      ? (sk.ackPending & AckPending.SCHED) !== 0
        ? 1
        : 0
      : Math.max(1, packets);
    if (sk.ackQuick <= used) {
      sk.ackQuick = 0;
      sk.ackAto = delackMin(host);
    } else {
      sk.ackQuick -= used;
    }
  }
  sk.ackPending = 0;
  sk.delackToken = 0;
}

/** tcp_send_delayed_ack() */
export function sendDelayedAck(host: Host, sk: Sock): void {
  let ato = sk.ackAto;
  const minimum = delackMin(host);
  if (minimum < ato) {
    let most = Math.floor(host.config.hz / 2);
    if (inPingpong(host, sk) || (sk.ackPending & AckPending.PUSHED) !== 0) most = delackMax(host);
    if (sk.srttUs !== 0) {
      const rtt = Math.max(usecsToJiffies(host, sk.srttUs >>> 3), minimum);
      if (rtt < most) most = rtt;
    }
    ato = Math.min(ato, most);
  }
  ato = Math.min(ato, sk.delackMaxJiffies);
  const now = jiffies(host);
  let timeout = now + ato;
  if ((sk.ackPending & AckPending.TIMER) !== 0) {
    if (sk.ackTimeout <= now + (ato >> 2)) {
      sendAck(host, sk);
      return;
    }
    if (sk.ackTimeout <= timeout) timeout = sk.ackTimeout;
  }
  sk.ackPending |= AckPending.SCHED | AckPending.TIMER;
  sk.ackTimeout = timeout;
  sk.delackToken = armTimer(host, sk.id, 'delack', timeout);
}

/** __tcp_ack_snd_check(): acknowledges now or arms the timer. */
export function ackSendCheck(host: Host, sk: Sock, outOfOrder: 'may-be-out-of-order' | 'in-order'): void {
  if ((sk.ackPending & AckPending.SCHED) === 0 && outOfOrder === 'may-be-out-of-order') {
    // tcp_ack_snd_check(): nothing to acknowledge.
    return;
  }
  const unacked = distance(sk.rcvWup, sk.rcvNxt);
  const wantsNow =
    (sk.rcvMss < unacked &&
      (distance(sk.copiedSeq, sk.rcvNxt) < sk.rcvLowat || sk.rcvWnd <= computeWindow(host, sk))) ||
    inQuickAck(host, sk) ||
    (sk.ackPending & AckPending.NOW) !== 0;
  if (wantsNow) {
    if (sk.owned && host.features['backlog-defers-ack'] && host.sysctls.tcp_backlog_ack_defer) {
      sk.ackDeferred = true;
      return;
    }
    sendAck(host, sk);
    return;
  }
  if (outOfOrder === 'in-order' || sk.outOfOrder.length === 0) {
    sendDelayedAck(host, sk);
    return;
  }
  if (!host.features['compressed-acks'] || !sk.sackOk || host.sysctls.tcp_comp_sack_nr <= sk.compressedAck) {
    sendAck(host, sk);
    return;
  }
  if (sk.compressedAckRcvNxt !== sk.rcvNxt) {
    sk.compressedAckRcvNxt = sk.rcvNxt;
    sk.dupAckCounter = 0;
  }
  if (sk.dupAckCounter < UNCOMPRESSED) {
    sk.dupAckCounter++;
    sendAck(host, sk);
    return;
  }
  sk.compressedAck++;
  if (sk.compressToken !== 0) return;
  let rtt = sk.rcvRttUs;
  if (sk.srttUs !== 0 && sk.srttUs < rtt) rtt = sk.srttUs;
  const delay = Math.min(host.sysctls.tcp_comp_sack_delay_ns, Math.floor((rtt * 125) / 20));
  sk.compressToken = armTimerNs(host, sk.id, 'compressed-ack', host.engine.now + delay);
}
