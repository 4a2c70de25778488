// Received payload: the receive queue, segments out of order with their SACK blocks, and what arriving data does to the
// acknowledgment engine and the window (tcp_data_queue(), tcp_event_data_recv() of net/ipv4/tcp_input.c).

import { fastPathCheck } from './ack.ts';
import { delackMin, enterQuickAck, incrementQuickAck } from './ack-engine.ts';
import { congestionOps } from './congestion.ts';
import { AckPending, EcnFlag, Flag, MAX_QUICKACKS, MIN_MSS, MSS_DEFAULT } from './constants.ts';
import { type Host, jiffies, notice, nowInstant } from './engine.ts';
import { receiveFin } from './fin.ts';
import { chargeReceiving, unchargeReceiving } from './memory.ts';
import { type Segment, segmentEnd } from './segment.ts';
import { after, before, distance } from './sequence.ts';
import type { RxBuffer, SackBlock, Sock } from './sock.ts';
import { growWindow, measureReceiverRtt, measureScaling, receiveWindow } from './window.ts';

const ECN_MASK = 3;
const CE = 3;
/** SACK blocks that are kept. */
const MAX_SACKS = 4;
const RCV_SHUTDOWN = 1;

/** tcp_measure_rcv_mss(): what size the peer sends, which decides when an ACK is due. */
function measureRcvMss(host: Host, sk: Sock, segment: Segment): void {
  const lastSize = sk.ackLastSegSize;
  sk.ackLastSegSize = 0;
  let length = segment.gsoSize || segment.payloadLength;
  if (sk.rcvMss <= length) {
    if (length !== sk.rcvMss) measureScaling(host, sk, segment.payloadLength, segment.truesize);
    sk.rcvMss = Math.min(length, sk.advmss);
    if (host.features['pushed-full-segment-acked'] && (segment.flags & Flag.PSH) !== 0)
      sk.ackPending |= AckPending.PUSHED;
    return;
  }
  length += segment.header.length;
  const bare = (segment.flags & (Flag.FIN | Flag.URG | Flag.SYN | Flag.PSH)) === 0;
  if (MSS_DEFAULT + 20 <= length || (MIN_MSS + 20 <= length && bare)) {
    length -= sk.tcpHeaderLength;
    sk.ackLastSegSize = length;
    if (length === lastSize) {
      sk.rcvMss = length;
      return;
    }
  }
  if ((sk.ackPending & AckPending.PUSHED) !== 0) sk.ackPending |= AckPending.PUSHED2;
  sk.ackPending |= AckPending.PUSHED;
}

/** tcp_event_data_recv() */
export function dataReceived(host: Host, sk: Sock, segment: Segment): void {
  sk.ackPending |= AckPending.SCHED;
  measureRcvMss(host, sk, segment);
  measureReceiverRtt(host, sk);
  const now = jiffies(host);
  const minimum = delackMin(host);
  if (sk.ackAto === 0) {
    incrementQuickAck(sk, MAX_QUICKACKS);
    sk.ackAto = minimum;
  } else {
    const m = now - sk.ackLrcvtime;
    if (m <= minimum / 2) sk.ackAto = (sk.ackAto >> 1) + (minimum >> 1);
    else if (m < sk.ackAto) sk.ackAto = Math.min((sk.ackAto >> 1) + m, sk.rto);
    else if (sk.rto < m) incrementQuickAck(sk, MAX_QUICKACKS);
  }
  sk.ackLrcvtime = now;
  checkEcn(host, sk, segment);
  if (128 <= segment.payloadLength) growWindow(host, sk, segment.payloadLength, segment.truesize, segment.overhead);
}

/** tcp_data_ecn_check() */
function checkEcn(host: Host, sk: Sock, segment: Segment): void {
  if ((sk.ecnFlags & EcnFlag.OK) === 0) return;
  const bits = segment.tos & ECN_MASK;
  if (bits === 0) {
    if ((sk.ecnFlags & EcnFlag.SEEN) !== 0) enterQuickAck(host, sk, 2);
    return;
  }
  if (bits === CE) {
    if ((sk.ecnFlags & EcnFlag.DEMAND_CWR) === 0) {
      enterQuickAck(host, sk, 2);
      if (congestionOps(sk).name !== 'dctcp' || bits === CE) sk.ecnFlags |= EcnFlag.DEMAND_CWR;
    }
  }
  sk.ecnFlags |= EcnFlag.SEEN;
}

/** tcp_rcv_nxt_update() */
export function advanceRcvNxt(sk: Sock, seq: number): void {
  sk.bytesReceived += distance(sk.rcvNxt, seq);
  sk.rcvNxt = seq;
}

function bufferOf(segment: Segment, seq: number, length: number): RxBuffer {
  return {
    seq,
    endSeq: segmentEnd(segment),
    length,
    truesize: segment.truesize,
    fin: (segment.flags & Flag.FIN) !== 0,
  };
}

/** Appends what is new of a segment to the receive queue (tcp_queue_rcv()). */
export function queueInOrder(host: Host, sk: Sock, segment: Segment): void {
  const skip = distance(segment.seq, sk.rcvNxt);
  const buffer = bufferOf(segment, sk.rcvNxt, Math.max(0, segment.payloadLength - skip));
  if (buffer.length > 0 || buffer.fin) {
    sk.receiveQueue.push(buffer);
    chargeReceiving(host, sk, buffer.truesize);
  }
  advanceRcvNxt(sk, buffer.endSeq);
}

/** tcp_data_ready(): wakes a reader when there is enough, or when the buffer is nearly full (tcp_epollin_ready()). */
export function dataReady(host: Host, sk: Sock): void {
  if (sk.orphan) return;
  const bytes = readableBytes(sk);
  const pressed = sk.rcvBuf - (sk.rcvBuf >> 3) < sk.rmemAlloc || receiveWindow(sk) <= sk.rcvMss;
  if (bytes > 0 && (sk.rcvLowat <= bytes || pressed)) {
    notice(host, { kind: 'readable', host: host.name, socketId: sk.id, bytes, time: nowInstant(host) });
  }
}

/** Payload that the application could read now. */
export function readableBytes(sk: Sock): number {
  let bytes = 0;
  for (const buffer of sk.receiveQueue) bytes += buffer.length;
  if (bytes === 0) return 0;
  const first = sk.receiveQueue[0]!;
  return bytes - Math.min(first.length, distance(first.seq, sk.copiedSeq));
}

/** tcp_dsack_set() */
function setDsack(host: Host, sk: Sock, start: number, end: number): void {
  if (sk.sackOk && host.sysctls.tcp_dsack) sk.dsack = { start, end };
}

/** tcp_dsack_extend(): a further duplicate is reported only where it touches the one that is reported already. */
function extendDsack(host: Host, sk: Sock, start: number, end: number): void {
  const block = sk.dsack;
  if (!block) {
    setDsack(host, sk, start, end);
  } else if (!after(start, block.end) && !after(block.start, end)) {
    if (before(start, block.start)) block.start = start;
    if (after(end, block.end)) block.end = end;
  }
}

function outOfWindow(host: Host, sk: Sock): void {
  enterQuickAck(host, sk, MAX_QUICKACKS);
  sk.ackPending |= AckPending.SCHED;
}

/** tcp_data_queue() */
export function queueData(host: Host, sk: Sock, segment: Segment): void {
  const end = segmentEnd(segment);
  if (segment.seq === end) return;
  sk.dsack = undefined;
  if (segment.seq === sk.rcvNxt) {
    const bareFin = segment.payloadLength === 0 && (segment.flags & Flag.FIN) !== 0;
    if (receiveWindow(sk) === 0 && !bareFin) {
      outOfWindow(host, sk);
      return;
    }
    takeInOrder(host, sk, segment);
    return;
  }
  if (!after(end, sk.rcvNxt)) {
    setDsack(host, sk, segment.seq, end);
    outOfWindow(host, sk);
    return;
  }
  if (!before(segment.seq, (sk.rcvNxt + receiveWindow(sk)) >>> 0)) {
    outOfWindow(host, sk);
    return;
  }
  if (before(segment.seq, sk.rcvNxt)) {
    setDsack(host, sk, segment.seq, sk.rcvNxt);
    if (receiveWindow(sk) === 0) {
      outOfWindow(host, sk);
      return;
    }
    takeInOrder(host, sk, segment);
    return;
  }
  queueOutOfOrder(host, sk, segment);
}

function takeInOrder(host: Host, sk: Sock, segment: Segment): void {
  queueInOrder(host, sk, segment);
  if (segment.payloadLength > 0) dataReceived(host, sk, segment);
  if ((segment.flags & Flag.FIN) !== 0) receiveFin(host, sk);
  if (sk.outOfOrder.length > 0) {
    drainOutOfOrder(host, sk);
    if (sk.outOfOrder.length === 0) sk.ackPending |= AckPending.NOW;
  }
  if (sk.sackBlocks.length > 0) removeSacks(sk);
  fastPathCheck(sk);
  if (!sk.orphan) dataReady(host, sk);
}

/** tcp_data_queue_ofo(): a hole lies before the segment. */
function queueOutOfOrder(host: Host, sk: Sock, segment: Segment): void {
  checkEcn(host, sk, segment);
  if (host.features['out-of-order-measured']) measureRcvMss(host, sk, segment);
  sk.predOn = false;
  sk.ackPending |= AckPending.SCHED;
  sk.rcvOooPack++;
  const end = segmentEnd(segment);
  const queue = sk.outOfOrder;
  let at = queue.length;
  while (at > 0 && before(segment.seq, queue[at - 1]!.seq)) at--;
  const previous = queue[at - 1];
  if (previous && !after(end, previous.endSeq)) {
    setDsack(host, sk, segment.seq, end);
    if (sk.sackOk) newSackBlock(sk, segment.seq, end);
    return;
  }
  if (previous && before(segment.seq, previous.endSeq)) {
    if (segment.seq === previous.seq) {
      extendDsack(host, sk, previous.seq, previous.endSeq);
      unchargeReceiving(host, sk, previous.truesize);
      queue.splice(--at, 1);
    } else {
      setDsack(host, sk, segment.seq, previous.endSeq);
    }
  }
  const buffer = bufferOf(segment, segment.seq, segment.payloadLength);
  for (let next = queue[at]; next && after(end, next.seq); next = queue[at]) {
    if (before(end, next.endSeq)) {
      extendDsack(host, sk, next.seq, end);
      break;
    }
    extendDsack(host, sk, next.seq, next.endSeq);
    unchargeReceiving(host, sk, next.truesize);
    queue.splice(at, 1);
  }
  queue.splice(at, 0, buffer);
  chargeReceiving(host, sk, buffer.truesize);
  if (sk.sackOk) newSackBlock(sk, segment.seq, end);
  if (sk.sackOk) growWindow(host, sk, segment.payloadLength, segment.truesize, 0);
}

/** tcp_sack_new_ofo_skb(): the newest block comes first; touching blocks become one. */
function newSackBlock(sk: Sock, start: number, end: number): void {
  const merged: SackBlock = { start, end };
  const rest: SackBlock[] = [];
  for (const block of sk.sackBlocks) {
    if (after(block.start, merged.end) || before(block.end, merged.start)) {
      rest.push(block);
    } else {
      if (before(block.start, merged.start)) merged.start = block.start;
      if (after(block.end, merged.end)) merged.end = block.end;
    }
  }
  sk.sackBlocks = [merged, ...rest].slice(0, MAX_SACKS);
}

/** tcp_sack_remove(): blocks that the cumulative ACK now covers are gone. */
function removeSacks(sk: Sock): void {
  if (sk.outOfOrder.length === 0) {
    sk.sackBlocks = [];
    return;
  }
  sk.sackBlocks = sk.sackBlocks.filter((block) => before(sk.rcvNxt, block.start));
}

/** tcp_ofo_queue(): moves what has become contiguous into the receive queue. */
function drainOutOfOrder(host: Host, sk: Sock): void {
  const queue = sk.outOfOrder;
  // What lay before this was in the queue twice.
  let duplicateUntil = sk.rcvNxt;
  while (queue.length > 0 && !after(queue[0]!.seq, sk.rcvNxt)) {
    const buffer = queue.shift()!;
    if (before(buffer.seq, duplicateUntil)) {
      const end = duplicateUntil;
      if (before(buffer.endSeq, duplicateUntil)) duplicateUntil = buffer.endSeq;
      extendDsack(host, sk, buffer.seq, end);
    }
    if (!after(buffer.endSeq, sk.rcvNxt)) {
      unchargeReceiving(host, sk, buffer.truesize);
      continue;
    }
    const skip = distance(buffer.seq, sk.rcvNxt);
    sk.receiveQueue.push({ ...buffer, seq: sk.rcvNxt, length: Math.max(0, buffer.length - skip) });
    advanceRcvNxt(sk, buffer.endSeq);
    if (buffer.fin) {
      receiveFin(host, sk);
      return;
    }
  }
}

export const receiveShutDown = (sk: Sock): boolean => (sk.shutdown & RCV_SHUTDOWN) !== 0;
