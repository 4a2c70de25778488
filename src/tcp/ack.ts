// Processing of acknowledgments: tcp_ack() of net/ipv4/tcp_input.c, the cleaning of the retransmission queue, window updates
// and the delivery rate. Loss recovery proper is in recovery.ts, selective acknowledgments in sack.ts.

import { AckFlag } from './ack-flags.ts';
import { congestionOps } from './congestion.ts';
import { EcnFlag, Flag, Mark, Pending, State } from './constants.ts';
import { answerTooSoon, clockUs, type Host, jiffies, notice, nowInstant } from './engine.ts';
import { slowStartAfterIdle } from './growth.ts';
import { scheduleLossProbe } from './loss-probe.ts';
import { unchargeSending } from './memory.ts';
import type { IncomingOptions } from './options.ts';
import { currentMss, inFlight, sendAck, syncMss, windowEnd } from './output.ts';
import { rackAdvance, rackUpdateReoWnd } from './rack.ts';
import { deliverRate, generateRate, newRateSample, type RateSample } from './rate.ts';
import { congestionControl, fastretransAlert, processTlpAck } from './recovery.ts';
import { retransmitLost } from './retransmit.ts';
import { updateRtt } from './rtt.ts';
import { checkReordering, highestSackSeq, newSackState, removeRenoSacks, type SackState, tagSacked } from './sack.ts';
import type { Segment } from './segment.ts';
import { probe0Base, pushPending } from './send-queue.ts';
import { after, before, distance } from './sequence.ts';
import type { Sock } from './sock.ts';
import { clearXmitTimer, rearmRto, resetXmitTimer } from './timers-arm.ts';
import { onBufferAcked } from './timestamping.ts';

/** What the receive path decided before tcp_ack(). */
export interface AckInput {
  readonly slowPath: boolean;
  readonly updateTsRecent: boolean;
  readonly challenge: boolean;
}

/** tcp_fast_path_on() */
export function fastPathOn(sk: Sock): void {
  sk.predOn = true;
  sk.predWindow = sk.sndWnd >>> sk.sndWscale;
}

/** tcp_fast_path_check() */
export function fastPathCheck(sk: Sock): void {
  if (sk.outOfOrder.length === 0 && sk.rcvWnd !== 0 && sk.rmemAlloc < sk.rcvBuf) fastPathOn(sk);
}

/** tcp_snd_una_update() */
function advanceUna(sk: Sock, ack: number): void {
  sk.bytesAcked += distance(sk.sndUna, ack);
  sk.sndUna = ack;
}

/** tcp_ack_update_window() */
function updateWindow(host: Host, sk: Sock, segment: Segment): number {
  const window = (segment.flags & Flag.SYN) !== 0 ? segment.window : segment.window * 2 ** sk.sndWscale;
  let flag = 0;
  const may =
    after(segment.ack, sk.sndUna) ||
    after(segment.seq, sk.sndWl1) ||
    (segment.seq === sk.sndWl1 && (sk.sndWnd < window || window === 0));
  if (may) {
    flag = AckFlag.WIN_UPDATE;
    sk.sndWl1 = segment.seq;
    if (sk.sndWnd !== window) {
      sk.sndWnd = window;
      sk.predOn = false;
      fastPathCheck(sk);
      if (sk.writeQueue.length > 0) slowStartAfterIdle(host, sk);
      if (sk.maxWindow < window) {
        sk.maxWindow = window;
        syncMss(host, sk, sk.pmtuCookie);
      }
    }
  }
  advanceUna(sk, segment.ack);
  return flag;
}

/** tcp_replace_ts_recent() */
export function replaceTsRecent(host: Host, sk: Sock, seq: number): void {
  if (!sk.sawTstamp || after(seq, sk.rcvWup)) return;
  if (((sk.rcvTsval - sk.tsRecent) | 0) >= 0 || sk.tsRecentStamp === 0) {
    sk.tsRecent = sk.rcvTsval;
    sk.tsRecentStamp = Math.floor(clockUs(host) / 1e6) || 1;
  }
}

/** tcp_ack(): positive = acceptable, 0 = old, negative = not acceptable (the peer acknowledged what was never sent). */
export function processAck(
  host: Host,
  sk: Sock,
  segment: Segment,
  options: IncomingOptions | undefined,
  input: AckInput,
): number {
  const priorUna = sk.sndUna;
  const { ack } = segment;
  let flag = input.slowPath ? AckFlag.SLOWPATH : 0;
  const priorPackets = sk.packetsOut;
  const priorDelivered = sk.delivered;
  const priorLost = sk.lost;
  const sack = newSackState(sk);
  const rate = newRateSample();
  const blocks = options?.sackBlocks;

  if (before(ack, priorUna)) {
    const most = Math.min(sk.maxWindow, sk.bytesAcked);
    if (before(ack, (priorUna - most) >>> 0)) {
      if (input.challenge && !answerTooSoon(host, sk)) sendAck(host, sk);
      return -1;
    }
    if (blocks && blocks.length > 0) {
      flag |= tagSacked(host, sk, segment, blocks, priorUna, sack, rate);
      const alert = fastretransAlert(host, sk, priorUna, 0, flag);
      recover(host, sk, alert.retransmit);
    }
    return 0;
  }
  if (after(ack, sk.sndNxt)) return -1;
  const advanced = after(ack, priorUna);
  if (advanced) {
    flag |= AckFlag.SND_UNA_ADVANCED;
    sk.retransmits = 0;
  }
  const priorFack = sk.sackOk ? highestSackSeq(sk) : sk.sndUna;
  rate.priorInFlight = inFlight(sk);
  if (input.updateTsRecent) replaceTsRecent(host, sk, segment.seq);

  if (!input.slowPath && advanced) {
    sk.sndWl1 = segment.seq;
    advanceUna(sk, ack);
    flag |= AckFlag.WIN_UPDATE;
  } else {
    if (segment.payloadLength > 0 || (segment.flags & (Flag.SYN | Flag.FIN)) !== 0) flag |= AckFlag.DATA;
    flag |= updateWindow(host, sk, segment);
    if (blocks && blocks.length > 0) flag |= tagSacked(host, sk, segment, blocks, priorUna, sack, rate);
    if ((segment.flags & Flag.ECE) !== 0 && (segment.flags & Flag.SYN) === 0 && (sk.ecnFlags & EcnFlag.OK) !== 0) {
      flag |= AckFlag.ECE;
    }
    if (sack.delivered > 0) countDelivered(sk, sack.delivered, flag);
  }
  acceptCwr(sk, segment);
  sk.probesOut = 0;
  sk.rcvTstamp = jiffies(host);

  if (priorPackets === 0) {
    if ((flag & AckFlag.DSACKING_ACK) !== 0) fastretransAlert(host, sk, priorUna, 0, flag);
    ackProbe(host, sk);
    if (sk.tlpHighSeq !== 0) processTlpAck(host, sk, ack, flag);
    return 1;
  }

  flag = cleanRtxQueue(host, sk, priorFack, priorUna, sack, rate, flag);
  rackUpdateReoWnd(sk, rate);
  if (sk.tlpHighSeq !== 0) processTlpAck(host, sk, ack, flag);
  let mode: RetransmitMode = 'none';
  const dubious = (flag & AckFlag.NOT_DUP) === 0 || (flag & AckFlag.CA_ALERT) !== 0 || sk.caState !== 0;
  if (dubious) {
    const duplicates = (flag & (AckFlag.SND_UNA_ADVANCED | AckFlag.NOT_DUP | AckFlag.DSACKING_ACK)) === 0 ? 1 : 0;
    const alert = fastretransAlert(host, sk, priorUna, duplicates, flag);
    flag = alert.flag;
    mode = alert.retransmit;
  }
  if ((flag & AckFlag.SET_XMIT_TIMER) !== 0) {
    if (!scheduleLossProbe(host, sk, 'rto-advances')) rearmRto(host, sk);
  }
  const delivered = sk.delivered - priorDelivered;
  const lost = sk.lost - priorLost;
  generateRate(sk, delivered, rate);
  congestionControl(host, sk, delivered, lost, flag);
  recover(host, sk, mode);
  if (sk.packetsOut === 0 && sk.writeQueue.length === 0 && (flag & AckFlag.DATA_ACKED) !== 0) {
    notice(host, { kind: 'all-acked', host: host.name, socketId: sk.id, time: nowInstant(host) });
  }
  return 1;
}

type RetransmitMode = 'none' | 'lost' | 'new';

/** tcp_xmit_recovery() */
function recover(host: Host, sk: Sock, mode: RetransmitMode): void {
  if (mode === 'none' || sk.state === State.SYN_SENT) return;
  if (mode === 'new') {
    pushPending(host, sk, currentMss(host, sk), 1);
    if (after(sk.sndNxt, sk.highSeq)) return;
    sk.frto = false;
  }
  retransmitLost(host, sk);
}

/** tcp_count_delivered() */
function countDelivered(sk: Sock, count: number, flag: number): void {
  sk.delivered += count;
  if ((flag & AckFlag.ECE) !== 0) sk.deliveredCe += count;
}

/** tcp_ecn_accept_cwr(): the peer has reduced its window, so the echo can stop. */
function acceptCwr(sk: Sock, segment: Segment): void {
  if ((segment.flags & Flag.CWR) === 0) return;
  sk.ecnFlags &= ~EcnFlag.DEMAND_CWR;
}

/** tcp_ack_probe(): the window opened again, or the probes go on. */
function ackProbe(host: Host, sk: Sock): void {
  const head = sk.writeQueue[0];
  if (!head) return;
  if (!after(head.endSeq, windowEnd(sk))) {
    sk.backoff = 0;
    sk.probesTstamp = 0;
    clearXmitTimer(sk);
  } else {
    const when = Math.min(probe0Base(host, sk) * 2 ** Math.min(sk.backoff, 30), sk.rtoMaxJiffies);
    resetXmitTimer(host, sk, Pending.PROBE0, when);
  }
}

/** tcp_clean_rtx_queue(): takes off the queue what is acknowledged, with all accounts; returns the flags. */
function cleanRtxQueue(
  host: Host,
  sk: Sock,
  priorFack: number,
  priorUna: number,
  sack: SackState,
  rate: RateSample,
  flagsBefore: number,
): number {
  let flag = flagsBefore;
  let firstSent = 0;
  let lastSent = 0;
  let acked = 0;
  let fully = true;
  let reordered = sk.sndUna;
  const priorSacked = sk.sackedOut;
  const queue = sk.rtxQueue;
  let taken = 0;
  for (; taken < queue.length; taken++) {
    const buffer = queue[taken]!;
    let count = buffer.segments;
    if (after(buffer.endSeq, sk.sndUna)) {
      if (buffer.segments <= 1 || !after(sk.sndUna, buffer.seq)) break;
      count = ackedPart(host, sk, buffer);
      if (count === 0) break;
      fully = false;
    }
    const marks = buffer.sacked;
    if ((marks & (Mark.RETRANS | Mark.EVER_RETRANS)) !== 0) {
      if ((marks & Mark.RETRANS) !== 0) sk.retransOut -= count;
      flag |= AckFlag.RETRANS_DATA_ACKED;
    } else if ((marks & Mark.SACKED) === 0) {
      lastSent = buffer.sentUs;
      if (firstSent === 0) firstSent = lastSent;
      if (before(buffer.seq, reordered)) reordered = buffer.seq;
      if (!after(buffer.endSeq, sk.highSeq)) flag |= AckFlag.ORIG_SACK_ACKED;
    }
    if ((marks & Mark.SACKED) !== 0) {
      sk.sackedOut -= count;
    } else if (sk.sackOk) {
      countDelivered(sk, count, flag);
      rackAdvance(sk, marks, buffer);
    }
    if ((marks & Mark.LOST) !== 0) sk.lostOut -= count;
    sk.packetsOut -= count;
    acked += count;
    deliverRate(sk, buffer, rate);
    if ((buffer.flags & Flag.SYN) === 0) {
      flag |= AckFlag.DATA_ACKED;
    } else {
      flag |= AckFlag.SYN_ACKED;
      sk.retransStamp = 0;
    }
    if (!fully) break;
    onBufferAcked(host, sk, buffer);
    unchargeSending(host, sk, buffer.truesize);
  }
  if (taken > 0) queue.splice(0, taken);
  const left = queue[0];
  if (left && (left.sacked & Mark.SACKED) !== 0) flag |= AckFlag.SACK_RENEGING;

  let seqRtt = -1;
  let caRtt = -1;
  let sackRtt = -1;
  if (firstSent !== 0 && (flag & AckFlag.RETRANS_DATA_ACKED) === 0) {
    seqRtt = sk.mstampUs - firstSent;
    caRtt = sk.mstampUs - lastSent;
    if (
      acked === 1 &&
      fully &&
      priorSacked === 0 &&
      distance(priorUna, sk.sndUna) < sk.mssCache &&
      rate.priorDelivered + 1 === sk.delivered &&
      (flag & (AckFlag.CA_ALERT | AckFlag.SYN_ACKED)) === 0
    ) {
      flag |= AckFlag.ACK_MAYBE_DELAYED;
    }
  }
  if (sack.firstSent !== 0) {
    sackRtt = sk.mstampUs - sack.firstSent;
    caRtt = sk.mstampUs - sack.lastSent;
  }
  const rtt = updateRtt(
    host,
    sk,
    { acked: (flag & AckFlag.ACKED) !== 0, maybeDelayed: (flag & AckFlag.ACK_MAYBE_DELAYED) !== 0 },
    seqRtt,
    sackRtt,
    caRtt,
  );
  rate.rttUs = rtt.caRttUs;
  if ((flag & AckFlag.ACKED) !== 0) {
    flag |= AckFlag.SET_XMIT_TIMER;
    if (!sk.sackOk) {
      removeRenoSacks(sk, acked);
      if ((flag & AckFlag.RETRANS_DATA_ACKED) !== 0) flag &= ~AckFlag.ORIG_SACK_ACKED;
    } else if (before(reordered, priorFack)) {
      checkReordering(host, sk, reordered);
    }
  } else if (left && rtt.updated && sackRtt >= 0 && sk.mstampUs - left.sentUs < sackRtt) {
    flag |= AckFlag.SET_XMIT_TIMER;
  }
  congestionOps(sk).pktsAcked?.(host, sk, rtt.caRttUs);
  return flag;
}

/** tcp_tso_acked(): the front of a super-packet was acknowledged; cuts it off and tells how many segments it was. */
function ackedPart(host: Host, sk: Sock, buffer: Sock['rtxQueue'][number]): number {
  const before = buffer.segments;
  const bytes = (sk.sndUna - buffer.seq) >>> 0;
  buffer.seq = sk.sndUna;
  buffer.length -= bytes;
  buffer.truesize -= bytes;
  unchargeSending(host, sk, bytes);
  buffer.segments = buffer.gsoSize > 0 ? Math.ceil(buffer.length / buffer.gsoSize) : 1;
  return before - buffer.segments;
}
