// The send queue: filling it (tcp_sendmsg()), cutting buffers, and deciding what may leave now (tcp_write_xmit() with its tests
// for congestion window, peer's window and Nagle), as in net/ipv4/tcp.c and tcp_output.c.

import { CaState, Flag, Nagle, Pending, State } from './constants.ts';
import { type Host, jiffies, maxTcpHeader, notice, nowInstant } from './engine.ts';
import { initialCwnd, slowStartAfterIdle } from './growth.ts';
import { scheduleLossProbe } from './loss-probe.ts';
import { bufferCost, bufferOverhead, chargeSending, unchargeSending } from './memory.ts';
import { boundToHalfWindow, controlBuffer, currentMss, inFlight, refreshClock, transmit, windowEnd } from './output.ts';
import { checkApplicationLimited } from './rate.ts';
import { after, before } from './sequence.ts';
import type { Sock, TxBuffer } from './sock.ts';
import { rearmRto, resetXmitTimer } from './timers-arm.ts';
import { onSendmsg } from './timestamping.ts';
import { expandSendBuffer } from './window.ts';

/** How much is sent at most: everything, one buffer, or a loss probe (push_one of the kernel). */
export type PushMode = 'all' | 'one' | 'probe';

/** tcp_in_cwnd_reduction() */
export function inCwndReduction(sk: Sock): boolean {
  return sk.caState === CaState.CWR || sk.caState === CaState.RECOVERY;
}

/** GSO_LEGACY_MAX_SIZE less headers. */
const gsoMaxSize = (host: Host): number => 65536 - 1 - maxTcpHeader(host);

/** Buffers of the send queue are counted in segments of this size. */
function countSegments(buffer: TxBuffer, mss: number): number {
  if (buffer.length <= mss) {
    buffer.segments = 1;
    buffer.gsoSize = 0;
  } else {
    buffer.segments = Math.ceil(buffer.length / mss);
    buffer.gsoSize = mss;
  }
  return buffer.segments;
}

/** tcp_set_skb_tso_segs() */
export const recount = countSegments;

function initSegments(buffer: TxBuffer, mss: number): number {
  if (buffer.segments === 0 || (buffer.segments > 1 && buffer.gsoSize !== mss)) return countSegments(buffer, mss);
  return buffer.segments;
}

/** Puts a buffer at the end of the queue (tcp_queue_skb(), tcp_skb_entail()). */
function queueBuffer(host: Host, sk: Sock, buffer: TxBuffer): void {
  sk.writeSeq = buffer.endSeq;
  sk.writeQueue.push(buffer);
  chargeSending(host, sk, buffer.truesize);
  if ((sk.nonagle & Nagle.PUSH) !== 0) sk.nonagle &= ~Nagle.PUSH;
}

/** tcp_xmit_size_goal(): how long a buffer should get. */
function sizeGoal(host: Host, sk: Sock, mss: number): number {
  if (!host.config.gso) return mss;
  const most = boundToHalfWindow(sk, gsoMaxSize(host));
  return Math.max(Math.floor(most / mss) * mss, mss);
}

const forcedPush = (sk: Sock): boolean => after(sk.writeSeq, (sk.pushedSeq + (sk.maxWindow >>> 1)) >>> 0);

function markPush(sk: Sock, buffer: TxBuffer): void {
  buffer.flags |= Flag.PSH;
  sk.pushedSeq = sk.writeSeq;
}

/** sk_stream_memory_free() */
function memoryFree(host: Host, sk: Sock): boolean {
  if (sk.sndBuf <= sk.wmemQueued) return false;
  const lowat = sk.notsentLowat === 0 ? host.sysctls.tcp_notsent_lowat : sk.notsentLowat >>> 0;
  return (sk.writeSeq - sk.sndNxt) >>> 0 < lowat;
}

/**
 * tcp_sendmsg(): takes up to `bytes` bytes of payload. Returns how many were taken; fewer than asked means that the send
 * buffer is full and the application has to wait for a 'writable' notice.
 */
export function writeData(host: Host, sk: Sock, bytes: number): number {
  checkApplicationLimited(sk);
  const mss = currentMss(host, sk);
  const goal = sizeGoal(host, sk, mss);
  let copied = 0;
  while (copied < bytes) {
    let buffer = sk.writeQueue[sk.writeQueue.length - 1];
    let room = buffer && (buffer.flags & Flag.FIN) === 0 && !buffer.endOfRecord ? goal - buffer.length : 0;
    if (!buffer || room <= 0) {
      if (!memoryFree(host, sk)) {
        if (copied > 0) push(host, sk, mss, Nagle.PUSH);
        return copied;
      }
      const isFirst = sk.writeQueue.length === 0 && sk.rtxQueue.length === 0;
      buffer = controlBuffer(host, sk.writeSeq, Flag.ACK);
      buffer.segments = 0;
      const cost = bufferCost(host, Math.min(goal, bytes - copied), isFirst);
      buffer.overhead = cost.overhead;
      buffer.truesize = cost.overhead === 0 ? cost.truesize : bufferOverhead(host);
      queueBuffer(host, sk, buffer);
      slowStartAfterIdle(host, sk);
      room = goal;
    }
    const count = Math.min(room, bytes - copied);
    if (copied === 0) buffer.flags &= ~Flag.PSH;
    buffer.length += count;
    buffer.endSeq = (buffer.endSeq + count) >>> 0;
    buffer.segments = 0;
    if (buffer.overhead !== 0) {
      buffer.truesize += count;
      chargeSending(host, sk, count);
    }
    sk.writeSeq = (sk.writeSeq + count) >>> 0;
    copied += count;
    if (copied === bytes) break;
    if (buffer.length < goal) continue;
    if (forcedPush(sk)) {
      markPush(sk, buffer);
      pushPending(host, sk, mss, Nagle.PUSH);
    } else if (buffer === sk.writeQueue[0]) {
      writeXmit(host, sk, mss, Nagle.PUSH, 'one');
    }
  }
  if (copied === 0) return 0;
  onSendmsg(host, sk, sk.writeQueue[sk.writeQueue.length - 1] ?? sk.rtxQueue[sk.rtxQueue.length - 1]);
  push(host, sk, mss, sk.nonagle);
  return copied;
}

/** tcp_push() at the end of a write. */
function push(host: Host, sk: Sock, mss: number, nonagle: number): void {
  const last = sk.writeQueue[sk.writeQueue.length - 1];
  if (!last) return;
  markPush(sk, last);
  pushPending(host, sk, mss, nonagle);
}

/** __tcp_push_pending_frames() */
export function pushPending(host: Host, sk: Sock, mss: number, nonagle: number): void {
  if (sk.state === State.CLOSE) return;
  if (writeXmit(host, sk, mss, nonagle, 'all')) checkProbeTimer(host, sk);
}

/** tcp_push_pending_frames() */
export function pushPendingFrames(host: Host, sk: Sock): void {
  if (sk.writeQueue.length > 0) pushPending(host, sk, currentMss(host, sk), sk.nonagle);
}

/** tcp_check_probe_timer(): data waits and nothing is outstanding, so the window must be asked for. */
export function checkProbeTimer(host: Host, sk: Sock): void {
  if (sk.packetsOut === 0 && sk.pending === Pending.NONE) {
    resetXmitTimer(host, sk, Pending.PROBE0, probe0Base(host, sk));
  }
}

/** tcp_probe0_base() */
export function probe0Base(host: Host, sk: Sock): number {
  return Math.max(sk.rto, Math.floor(host.config.hz / 5));
}

function cwndQuota(host: Host, sk: Sock, buffer: TxBuffer): number {
  const isLoneFin = (buffer.flags & Flag.FIN) !== 0 && buffer.segments <= 1;
  if (isLoneFin && !host.features['fin-waits-for-cwnd']) return 1;
  const flying = inFlight(sk);
  if (sk.sndCwnd <= flying) return 0;
  return Math.min(Math.max(sk.sndCwnd >>> 1, 1), sk.sndCwnd - flying);
}

/** tcp_snd_wnd_test() */
export function windowTest(sk: Sock, buffer: TxBuffer, mss: number): boolean {
  const end = mss < buffer.length ? (buffer.seq + mss) >>> 0 : buffer.endSeq;
  return !after(end, windowEnd(sk));
}

function nagleTest(sk: Sock, buffer: TxBuffer, mss: number, nonagle: number): boolean {
  if ((nonagle & Nagle.PUSH) !== 0 || (buffer.flags & Flag.FIN) !== 0) return true;
  if (mss <= buffer.length) return true;
  if ((nonagle & Nagle.CORK) !== 0) return false;
  const smallOutstanding = after(sk.sndSml, sk.sndUna) && !after(sk.sndSml, sk.sndNxt);
  return !(nonagle === 0 && sk.packetsOut > 0 && smallOutstanding);
}

/** tcp_tso_segs(): segments in one GSO packet. */
function tsoSegments(host: Host, sk: Sock, mss: number): number {
  if (!host.config.gso) return 1;
  const rate = sk.srttUs === 0 ? 0 : (2 * sk.mssCache * Math.max(sk.sndCwnd, sk.packetsOut) * 8e6) / sk.srttUs;
  const bytes = Math.min(rate / 1024, gsoMaxSize(host));
  return Math.max(Math.floor(bytes / mss), host.sysctls.tcp_min_tso_segs);
}

/** tcp_write_xmit(): sends what may leave. True: data waits and nothing is outstanding. */
export function writeXmit(host: Host, sk: Sock, mss: number, nonagle: number, mode: PushMode): boolean {
  refreshClock(host, sk);
  let sent = 0;
  const maxSegments = tsoSegments(host, sk, mss);
  let buffer: TxBuffer | undefined;
  while ((buffer = sk.writeQueue[0])) {
    initSegments(buffer, mss);
    let quota = cwndQuota(host, sk, buffer);
    if (quota === 0) {
      if (mode !== 'probe') break;
      quota = 1;
    }
    quota = Math.min(quota, maxSegments);
    if (host.features['send-grows-buffer']) growBuffer(host, sk, buffer, quota * mss - buffer.length);
    const segments = initSegments(buffer, mss);
    if (!windowTest(sk, buffer, mss)) break;
    const isLast = sk.writeQueue.length === 1;
    if (segments === 1 && !nagleTest(sk, buffer, mss, isLast ? nonagle : Nagle.PUSH)) break;
    let limit = mss;
    if (segments > 1) limit = splitPoint(sk, buffer, mss, quota, nonagle);
    if (limit < buffer.length) splitHead(host, sk, buffer, limit, mss);
    transmit(host, sk, buffer, 'queued');
    newDataSent(host, sk, buffer);
    if (buffer.length < buffer.segments * mss) sk.sndSml = buffer.endSeq;
    sent += buffer.segments;
    if (mode !== 'all') break;
  }
  const cwndLimited = sk.sndCwnd <= inFlight(sk);
  if (sent > 0 || cwndLimited) validateCwnd(host, sk, cwndLimited);
  if (sent > 0) {
    if (inCwndReduction(sk)) sk.prrOut += sent;
    if (mode !== 'probe') scheduleLossProbe(host, sk, 'rto-from-now');
    return false;
  }
  return sk.packetsOut === 0 && sk.writeQueue.length > 0;
}

/** tcp_grow_skb(): moves bytes from the next buffer into this one. */
function growBuffer(host: Host, sk: Sock, buffer: TxBuffer, missing: number): void {
  const next = sk.writeQueue[1];
  if (missing <= 0 || !next || next.length === 0 || buffer.length === 0) return;
  const count = Math.min(missing, next.length);
  if (count < next.length) {
    // Only whole pages are moved; a part is cut off when it would make the difference.
    next.length -= count;
    next.seq = (next.seq + count) >>> 0;
    next.segments = 0;
    next.truesize -= count;
  } else {
    buffer.flags |= next.flags;
    buffer.endOfRecord = next.endOfRecord;
    buffer.bpfTimestamp ||= next.bpfTimestamp;
    if ((next.flags & Flag.FIN) !== 0) buffer.endSeq = (buffer.endSeq + 1) >>> 0;
    unchargeSending(host, sk, next.truesize - count);
    sk.writeQueue.splice(1, 1);
  }
  buffer.length += count;
  buffer.endSeq = (buffer.endSeq + count) >>> 0;
  buffer.truesize += count;
  buffer.segments = 0;
}

/** tcp_mss_split_point() */
function splitPoint(sk: Sock, buffer: TxBuffer, mss: number, maxSegments: number, nonagle: number): number {
  const window = (windowEnd(sk) - buffer.seq) >>> 0;
  const most = mss * maxSegments;
  if (most <= window && buffer !== sk.writeQueue[sk.writeQueue.length - 1]) return most;
  const needed = Math.min(buffer.length, window);
  if (most <= needed) return most;
  const partial = needed % mss;
  if (partial !== 0 && nonagle === 0 && sk.packetsOut > 0 && after(sk.sndSml, sk.sndUna)) return needed - partial;
  return needed;
}

/** tso_fragment(): leaves `length` bytes in the buffer at the head and puts the rest behind it. */
function splitHead(host: Host, sk: Sock, buffer: TxBuffer, length: number, mss: number): void {
  const rest = cutBuffer(host, sk, buffer, length, mss);
  sk.writeQueue.splice(1, 0, rest);
}

/** Cuts a buffer in two; the caller puts the rest into the queue. */
export function cutBuffer(host: Host, sk: Sock, buffer: TxBuffer, length: number, mss: number): TxBuffer {
  const overhead = bufferOverhead(host);
  const restLength = buffer.length - length;
  const rest: TxBuffer = {
    ...buffer,
    seq: (buffer.seq + length) >>> 0,
    length: restLength,
    truesize: overhead + restLength,
    overhead,
    segments: 0,
  };
  buffer.length = length;
  buffer.endSeq = rest.seq;
  buffer.flags &= ~(Flag.FIN | Flag.PSH);
  buffer.truesize = Math.max(buffer.truesize - restLength, overhead + length);
  buffer.endOfRecord = false;
  chargeSending(host, sk, overhead);
  countSegments(buffer, mss);
  countSegments(rest, mss);
  return rest;
}

/** tcp_event_new_data_sent(): the buffer now waits for its ACK. */
function newDataSent(host: Host, sk: Sock, buffer: TxBuffer): void {
  const prior = sk.packetsOut;
  sk.sndNxt = buffer.endSeq;
  sk.writeQueue.shift();
  sk.rtxQueue.push(buffer);
  sk.packetsOut += buffer.segments;
  if (prior === 0 || sk.pending === Pending.LOSS_PROBE) rearmRto(host, sk);
  checkSpace(host, sk);
}

/** tcp_cwnd_validate() */
function validateCwnd(host: Host, sk: Sock, cwndLimited: boolean): void {
  const now = jiffies(host);
  if (!before(sk.sndUna, sk.cwndUsageSeq) || cwndLimited || (!sk.isCwndLimited && sk.maxPacketsOut < sk.packetsOut)) {
    sk.isCwndLimited = cwndLimited;
    sk.maxPacketsOut = sk.packetsOut;
    sk.cwndUsageSeq = sk.sndNxt;
  }
  const limited = sk.isCwndLimited || (sk.sndCwnd < sk.sndSsthresh && sk.sndCwnd < 2 * sk.maxPacketsOut);
  if (limited) {
    sk.sndCwndUsed = 0;
    sk.sndCwndStamp = now;
    return;
  }
  if (sk.sndCwndUsed < sk.packetsOut) sk.sndCwndUsed = sk.packetsOut;
  if (host.sysctls.tcp_slow_start_after_idle && sk.rto <= now - sk.sndCwndStamp && sk.ca !== 'bbr')
    applicationLimited(host, sk);
}

/** tcp_cwnd_application_limited(): the window shrinks towards what the application used. */
function applicationLimited(host: Host, sk: Sock): void {
  // sk_socket is NULL before accept() and after close().
  const hasSocket = sk.label !== '' && !sk.orphan;
  if (sk.caState === CaState.OPEN && hasSocket && !sk.wantsSpace) {
    const used = Math.max(sk.sndCwndUsed, initialCwnd(sk));
    if (used < sk.sndCwnd) {
      sk.sndSsthresh = Math.max(sk.sndSsthresh, (sk.sndCwnd >>> 1) + (sk.sndCwnd >>> 2));
      sk.sndCwnd = (sk.sndCwnd + used) >>> 1;
    }
    sk.sndCwndUsed = 0;
  }
  sk.sndCwndStamp = jiffies(host);
}

/** tcp_check_space(): tells a waiting application that it may write again. */
export function checkSpace(host: Host, sk: Sock): void {
  if (!sk.wantsSpace) return;
  if ((sk.userLocks & 1) === 0 && inFlight(sk) < sk.sndCwnd) {
    expandSendBuffer(host, sk);
    sk.sndCwndStamp = jiffies(host);
  }
  const wspace = sk.sndBuf - sk.wmemQueued;
  if (sk.wmemQueued >> 1 <= wspace && memoryFree(host, sk)) {
    sk.wantsSpace = false;
    notice(host, { kind: 'writable', host: host.name, socketId: sk.id, time: nowInstant(host) });
  }
}

/** tcp_send_fin() */
export function sendFin(host: Host, sk: Sock): void {
  const tail = sk.writeQueue[sk.writeQueue.length - 1];
  if (tail) {
    tail.flags |= Flag.FIN;
    tail.endSeq = (tail.endSeq + 1) >>> 0;
    sk.writeSeq = (sk.writeSeq + 1) >>> 0;
  } else {
    queueBuffer(host, sk, controlBuffer(host, sk.writeSeq, Flag.ACK | Flag.FIN));
  }
  pushPending(host, sk, currentMss(host, sk), Nagle.OFF);
}
