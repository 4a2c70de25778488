// Retransmission: of one buffer (__tcp_retransmit_skb()), of what is marked lost (tcp_xmit_retransmit_queue()), and what
// entering loss recovery by timeout does to the socket (tcp_enter_loss()).

import { callBpf } from './callback.ts';
import { congestionOps, ecnOk, setCaState } from './congestion.ts';
import { CallbackFlag, CaState, EcnFlag, Flag, Mark, Op, Pending } from './constants.ts';
import { clockMs, type Host, jiffies } from './engine.ts';
import { unchargeSending } from './memory.ts';
import { currentMss, inFlight, transmit, windowEnd } from './output.ts';
import { cutBuffer, inCwndReduction, recount } from './send-queue.ts';
import { before } from './sequence.ts';
import type { Sock, TxBuffer } from './sock.ts';
import { resetXmitTimer } from './timers-arm.ts';

/** __tcp_retransmit_skb(): sends a buffer again, without marking it. False when the peer's window does not allow it. */
export function retransmitBuffer(host: Host, sk: Sock, buffer: TxBuffer, segments: number): boolean {
  if (before(buffer.seq, sk.sndUna)) trimHead(sk, buffer);
  const mss = currentMss(host, sk);
  let room = (windowEnd(sk) - buffer.seq) | 0;
  if (room <= 0) {
    if (buffer.seq !== sk.sndUna) return false;
    room = mss;
  }
  let length = mss * segments;
  if (room < length) length = Math.floor(room / mss) * mss || room;
  if (length < buffer.length) {
    fragmentSent(host, sk, buffer, length, mss);
  } else {
    const countBefore = buffer.segments;
    recount(buffer, mss);
    adjustCounts(sk, buffer, countBefore - buffer.segments);
    if (buffer.length < Math.min(room, mss)) collapse(host, sk, buffer, Math.min(room, mss));
  }
  const synEcn = Flag.ECE | Flag.CWR;
  if ((buffer.flags & Flag.SYN) !== 0 && (buffer.flags & synEcn) === synEcn) buffer.flags &= ~synEcn;
  const count = buffer.segments;
  sk.totalRetrans += count;
  sk.bytesRetrans += buffer.length;
  transmit(host, sk, buffer, 'queued');
  if ((sk.bpfCbFlags & CallbackFlag.RETRANS) !== 0) {
    callBpf(host, sk, Op.RETRANS, '__tcp_retransmit_skb()', [buffer.seq, count, 0, 0]);
  }
  buffer.sacked |= Mark.EVER_RETRANS;
  return true;
}

/** A buffer whose start was acknowledged meanwhile loses that start. */
function trimHead(sk: Sock, buffer: TxBuffer): void {
  let cut = (sk.sndUna - buffer.seq) >>> 0;
  if ((buffer.flags & Flag.SYN) !== 0) {
    buffer.flags &= ~Flag.SYN;
    buffer.seq = (buffer.seq + 1) >>> 0;
    cut--;
  }
  if (cut <= 0) return;
  const gone = Math.min(cut, buffer.length);
  buffer.seq = (buffer.seq + gone) >>> 0;
  buffer.length -= gone;
}

/** tcp_adjust_pcount(): a buffer that was cut differently counts as fewer or more packets. */
function adjustCounts(sk: Sock, buffer: TxBuffer, fewer: number): void {
  if (fewer === 0) return;
  sk.packetsOut -= fewer;
  if ((buffer.sacked & Mark.SACKED) !== 0) sk.sackedOut -= fewer;
  if ((buffer.sacked & Mark.RETRANS) !== 0) sk.retransOut -= fewer;
  if ((buffer.sacked & Mark.LOST) !== 0) sk.lostOut -= fewer;
}

/** tcp_fragment() in the retransmission queue: cuts a sent buffer in two and keeps the accounts; returns the second part. */
export function fragmentSent(host: Host, sk: Sock, buffer: TxBuffer, length: number, mss: number): TxBuffer {
  const before = buffer.segments;
  const rest = cutBuffer(host, sk, buffer, length, mss);
  sk.rtxQueue.splice(sk.rtxQueue.indexOf(buffer) + 1, 0, rest);
  adjustCounts(sk, buffer, before - buffer.segments - rest.segments);
  return rest;
}

/** tcp_retrans_try_collapse(): small buffers behind this one are sent along with it. */
function collapse(host: Host, sk: Sock, to: TxBuffer, room: number): void {
  if (!host.sysctls.tcp_retrans_collapse || (to.flags & Flag.SYN) !== 0) return;
  const at = sk.rtxQueue.indexOf(to);
  let space = room;
  let isFirst = true;
  for (;;) {
    const next = sk.rtxQueue[at + 1];
    if (
      !next ||
      next.segments > 1 ||
      (next.sacked & Mark.SACKED) !== 0 ||
      to.endOfRecord ||
      (next.flags & Flag.SYN) !== 0
    )
      return;
    space -= next.length;
    if (isFirst) {
      isFirst = false;
      space -= to.length;
    }
    if (space < 0 || before(windowEnd(sk), next.endSeq)) return;
    to.length += next.length;
    to.endSeq = next.endSeq;
    to.flags |= next.flags;
    to.sacked |= next.sacked & Mark.EVER_RETRANS;
    to.endOfRecord = next.endOfRecord;
    to.bpfTimestamp ||= next.bpfTimestamp;
    to.truesize += next.length;
    unchargeSending(host, sk, next.truesize - next.length);
    adjustCounts(sk, next, next.segments);
    sk.rtxQueue.splice(at + 1, 1);
  }
}

/** tcp_retransmit_skb(): sends a buffer again and keeps the accounts of recovery. */
export function retransmit(host: Host, sk: Sock, buffer: TxBuffer, segments: number): boolean {
  const sent = retransmitBuffer(host, sk, buffer, segments);
  if (sent) {
    if ((buffer.sacked & Mark.RETRANS) === 0) sk.retransOut += buffer.segments;
    buffer.sacked |= Mark.RETRANS;
  }
  if (sk.retransStamp === 0) sk.retransStamp = clockMs(buffer.sentUs) || 1;
  if (sk.undoRetrans < 0) sk.undoRetrans = 0;
  sk.undoRetrans += buffer.segments;
  return sent;
}

/** tcp_mark_skb_lost() */
export function markLost(sk: Sock, buffer: TxBuffer): void {
  if ((buffer.sacked & Mark.SACKED) !== 0) return;
  if ((buffer.sacked & Mark.LOST) !== 0) {
    if ((buffer.sacked & Mark.RETRANS) === 0) return;
    buffer.sacked &= ~Mark.RETRANS;
    sk.retransOut -= buffer.segments;
  } else {
    sk.lostOut += buffer.segments;
    buffer.sacked |= Mark.LOST;
  }
  sk.lost += buffer.segments;
}

/** tcp_xmit_retransmit_queue(): sends what is marked lost, as far as the window allows. */
export function retransmitLost(host: Host, sk: Sock): void {
  if (sk.packetsOut === 0) return;
  currentMss(host, sk);
  const head = sk.rtxQueue[0];
  let rearm = false;
  for (let i = 0; i < sk.rtxQueue.length; i++) {
    const buffer = sk.rtxQueue[i]!;
    const quota = sk.sndCwnd - inFlight(sk);
    if (quota <= 0 || sk.lostOut <= sk.retransOut) break;
    if ((buffer.sacked & Mark.LOST) === 0 || (buffer.sacked & (Mark.SACKED | Mark.RETRANS)) !== 0) continue;
    if (!retransmit(host, sk, buffer, Math.min(quota, host.config.gso ? host.sysctls.tcp_min_tso_segs : 1))) return;
    if (inCwndReduction(sk)) sk.prrOut += buffer.segments;
    if (buffer === head && sk.pending !== Pending.REO_TIMEOUT) rearm = true;
  }
  if (rearm) resetXmitTimer(host, sk, Pending.RETRANS, sk.rto);
}

/** tcp_non_congestion_loss_retransmit(): what is marked lost goes out again, and the congestion window is not blamed. */
export function retransmitWithoutCongestion(host: Host, sk: Sock): void {
  if (sk.caState !== CaState.LOSS) {
    sk.highSeq = sk.sndNxt;
    sk.sndSsthresh = currentSsthresh(sk);
    sk.priorSsthresh = 0;
    sk.undoMarker = 0;
    setCaState(host, sk, CaState.LOSS);
  }
  retransmitLost(host, sk);
}

/** tcp_current_ssthresh() */
export function currentSsthresh(sk: Sock): number {
  if (inCwndReduction(sk)) return sk.sndSsthresh;
  return Math.max(sk.sndSsthresh, (sk.sndCwnd >>> 1) + (sk.sndCwnd >>> 2));
}

/** tcp_init_undo() */
export function initUndo(sk: Sock): void {
  sk.undoMarker = sk.sndUna || 1;
  sk.undoRetrans = sk.retransOut || -1;
}

export function queueCwr(sk: Sock): void {
  if (ecnOk(sk)) sk.ecnFlags |= EcnFlag.QUEUE_CWR;
}

/** tcp_timeout_mark_lost(): after a timeout everything sent long enough ago counts as lost. */
function timeoutMarkLost(sk: Sock): void {
  const head = sk.rtxQueue[0];
  const reneging = head !== undefined && (head.sacked & Mark.SACKED) !== 0;
  if (reneging || !sk.sackOk) sk.sackedOut = 0;
  for (const buffer of sk.rtxQueue) {
    if (reneging) buffer.sacked &= ~Mark.SACKED;
    else if (buffer !== head && 0 < sk.rackRttUs - (sk.mstampUs - buffer.sentUs)) continue;
    markLost(sk, buffer);
  }
}

/** tcp_enter_loss(): the retransmission timer fired. */
export function enterLoss(host: Host, sk: Sock): void {
  const fresh = sk.caState < CaState.RECOVERY;
  timeoutMarkLost(sk);
  if (
    sk.caState <= CaState.DISORDER ||
    !before(sk.sndUna, sk.highSeq) ||
    (sk.caState === CaState.LOSS && sk.retransmits === 0)
  ) {
    sk.priorSsthresh = currentSsthresh(sk);
    sk.priorCwnd = sk.sndCwnd;
    sk.sndSsthresh = congestionOps(sk).ssthresh(host, sk);
    initUndo(sk);
  }
  sk.sndCwnd = inFlight(sk) + 1;
  sk.sndCwndCnt = 0;
  sk.sndCwndStamp = jiffies(host);
  if (sk.caState <= CaState.DISORDER && host.sysctls.tcp_reordering <= sk.sackedOut) {
    sk.reordering = Math.min(sk.reordering, host.sysctls.tcp_reordering);
  }
  setCaState(host, sk, CaState.LOSS);
  sk.highSeq = sk.sndNxt;
  sk.tlpHighSeq = 0;
  queueCwr(sk);
  sk.frto = host.sysctls.tcp_frto !== 0 && (fresh || sk.retransmits > 0);
}
