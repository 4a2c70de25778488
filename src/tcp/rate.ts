// Delivery rate samples (net/ipv4/tcp_rate.c): what ctx->rate_delivered and rate_interval_us show.

import { Mark } from './constants.ts';
import { after } from './sequence.ts';
import type { Sock, TxBuffer } from './sock.ts';

export interface RateSample {
  priorInFlight: number;
  priorDelivered: number;
  priorUs: number;
  intervalUs: number;
  lastEndSeq: number;
  isAppLimited: boolean;
  isRetransmission: boolean;
  rttUs: number;
  delivered: number;
}

export function newRateSample(): RateSample {
  return {
    priorInFlight: 0,
    priorDelivered: 0,
    priorUs: 0,
    intervalUs: 0,
    lastEndSeq: 0,
    isAppLimited: false,
    isRetransmission: false,
    rttUs: -1,
    delivered: 0,
  };
}

/** tcp_rate_skb_delivered(): a buffer was acknowledged; the one sent last counts. */
export function deliverRate(sk: Sock, buffer: TxBuffer, sample: RateSample): void {
  if (buffer.txDeliveredUs === 0) return;
  if (
    sample.priorUs === 0 ||
    buffer.sentUs > sk.firstTxUs ||
    (buffer.sentUs === sk.firstTxUs && after(buffer.endSeq, sample.lastEndSeq))
  ) {
    sample.priorDelivered = buffer.txDelivered;
    sample.priorUs = buffer.txDeliveredUs;
    sample.isAppLimited = buffer.txAppLimited;
    sample.isRetransmission = (buffer.sacked & Mark.EVER_RETRANS) !== 0;
    sample.lastEndSeq = buffer.endSeq;
    sk.firstTxUs = buffer.sentUs;
    sample.intervalUs = sk.firstTxUs - buffer.txFirstUs;
  }
  if ((buffer.sacked & Mark.SACKED) !== 0) buffer.txDeliveredUs = 0;
}

/** tcp_rate_check_app_limited(): at the start of a write, whether the application and not the network limits what is under way. */
export function checkApplicationLimited(sk: Sock): void {
  const flying = sk.packetsOut - sk.sackedOut - sk.lostOut + sk.retransOut;
  const isShort = (sk.writeSeq - sk.sndNxt) >>> 0 < sk.mssCache;
  if (isShort && flying < sk.sndCwnd && sk.lostOut <= sk.retransOut) sk.appLimited = sk.delivered + flying || 1;
}

/** tcp_rate_gen() */
export function generateRate(sk: Sock, delivered: number, sample: RateSample): void {
  if (sk.appLimited !== 0 && after(sk.delivered, sk.appLimited)) sk.appLimited = 0;
  if (delivered > 0) sk.deliveredUs = sk.mstampUs;
  if (sample.priorUs === 0) return;
  sample.delivered = sk.delivered - sample.priorDelivered;
  const ackUs = sk.mstampUs - sample.priorUs;
  sample.intervalUs = Math.max(sample.intervalUs, ackUs);
  const minRtt = sk.rttMin[0].v;
  if (sample.intervalUs < minRtt) return;
  if (
    !sample.isAppLimited ||
    sk.rateDelivered === 0 ||
    sk.rateDelivered * sample.intervalUs <= sample.delivered * sk.rateIntervalUs
  ) {
    sk.rateDelivered = sample.delivered;
    sk.rateIntervalUs = sample.intervalUs;
    sk.rateAppLimited = sample.isAppLimited;
  }
}
