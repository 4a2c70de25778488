// RACK (RFC 8985): a buffer is lost when one sent later has arrived and a reordering window has passed (net/ipv4/tcp_recovery.c).

import { CaState, Mark, Pending } from './constants.ts';
import { type Host, usecsToJiffies } from './engine.ts';
import type { RateSample } from './rate.ts';
import { markLost } from './retransmit.ts';
import { before } from './sequence.ts';
import type { Sock, TxBuffer } from './sock.ts';
import { resetXmitTimer } from './timers-arm.ts';

/**
 * tcp_rack_advance(): remembers the buffer sent last among those that arrived. The kernel orders by time and, within a microsecond,
 * by sequence; simulated sending takes no time, so the order of sending itself decides.
 */
export function rackAdvance(sk: Sock, marks: number, buffer: TxBuffer): void {
  const rtt = sk.mstampUs - buffer.sentUs;
  if (rtt < sk.rttMin[0].v && (marks & (Mark.RETRANS | Mark.EVER_RETRANS)) !== 0) return;
  sk.rackAdvanced = true;
  sk.rackRttUs = rtt;
  if (sk.rackOrder < buffer.sentOrder) {
    sk.rackMstamp = buffer.sentUs;
    sk.rackOrder = buffer.sentOrder;
  }
}

function reorderingWindow(host: Host, sk: Sock): number {
  if (sk.reordSeen === 0) {
    if (sk.caState >= CaState.RECOVERY) return 0;
    if (sk.reordering <= sk.sackedOut && (host.sysctls.tcp_recovery & 4) === 0) return 0;
  }
  return Math.min((sk.rttMin[0].v >>> 2) * sk.rackReoWndSteps, sk.srttUs >>> 3);
}

/** tcp_rack_detect_loss(): marks what should have arrived before what did; returns how long to wait for the rest. */
export function detectLoss(host: Host, sk: Sock): number {
  const window = reorderingWindow(host, sk);
  let wait = 0;
  const inOrder: TxBuffer[] = sk.rtxQueue.filter((buffer) => (buffer.sacked & Mark.SACKED) === 0);
  inOrder.sort((a, b) => a.sentOrder - b.sentOrder);
  for (const buffer of inOrder) {
    if ((buffer.sacked & Mark.LOST) !== 0 && (buffer.sacked & Mark.RETRANS) === 0) continue;
    if (sk.rackOrder <= buffer.sentOrder) break;
    const remaining = sk.rackRttUs + window - (sk.mstampUs - buffer.sentUs);
    if (remaining <= 0) markLost(sk, buffer);
    else wait = Math.max(wait, remaining);
  }
  return wait;
}

/** tcp_rack_mark_lost(): true when it armed the reordering timer. */
export function rackMarkLost(host: Host, sk: Sock): boolean {
  if (!sk.rackAdvanced) return false;
  sk.rackAdvanced = false;
  const wait = detectLoss(host, sk);
  if (wait === 0) return false;
  resetXmitTimer(host, sk, Pending.REO_TIMEOUT, Math.min(usecsToJiffies(host, wait) + 2, sk.rto));
  return true;
}

/** tcp_rack_update_reo_wnd(): D-SACKs widen the reordering window for a while. */
export function rackUpdateReoWnd(sk: Sock, rate: RateSample): void {
  if (before(rate.priorDelivered, sk.rackLastDelivered)) sk.rackDsackSeen = false;
  if (sk.rackDsackSeen) {
    sk.rackReoWndSteps = Math.min(0xff, sk.rackReoWndSteps + 1);
    sk.rackDsackSeen = false;
    sk.rackLastDelivered = sk.delivered;
    sk.rackReoWndPersist = 16;
  } else if (sk.rackReoWndPersist === 0) {
    sk.rackReoWndSteps = 1;
  }
}
