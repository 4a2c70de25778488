// The sender's side of selective acknowledgments (RFC 2018, 2883): which outstanding buffers arrived, duplicates reported by
// D-SACK, and the degree of reordering that follows (tcp_sacktag_write_queue() of net/ipv4/tcp_input.c).

import { AckFlag } from './ack-flags.ts';
import { Mark } from './constants.ts';
import type { Host } from './engine.ts';
import { currentMss } from './output.ts';
import { rackAdvance } from './rack.ts';
import { deliverRate, type RateSample } from './rate.ts';
import { fragmentSent } from './retransmit.ts';
import type { Segment } from './segment.ts';
import { after, before, distance } from './sequence.ts';
import type { SackBlock, Sock, TxBuffer } from './sock.ts';

/** What one ACK's SACK blocks brought. */
export interface SackState {
  /** Lowest sequence number that turned out to be reordered. */
  reordered: number;
  firstSent: number;
  lastSent: number;
  delivered: number;
  flag: number;
}

export function newSackState(sk: Sock): SackState {
  return { reordered: sk.sndNxt, firstSent: 0, lastSent: 0, delivered: 0, flag: 0 };
}

/** tcp_highest_sack_seq(): the start of the highest buffer that was selectively acknowledged. */
export function highestSackSeq(sk: Sock): number {
  if (sk.sackedOut === 0) return sk.sndUna;
  for (let i = sk.rtxQueue.length - 1; 0 <= i; i--) {
    const buffer = sk.rtxQueue[i]!;
    if ((buffer.sacked & Mark.SACKED) !== 0) return sk.rtxQueue[i + 1]?.seq ?? sk.sndNxt;
  }
  return sk.sndUna;
}

/** tcp_check_dsack(): whether the first block reports a duplicate. */
function isDsack(segment: Segment, blocks: readonly SackBlock[]): boolean {
  const first = blocks[0]!;
  if (before(first.start, segment.ack)) return true;
  const second = blocks[1];
  return second !== undefined && !after(first.end, second.end) && !before(first.start, second.start);
}

/** tcp_is_sackblock_valid(), without the part about very old duplicates. */
function isValid(sk: Sock, block: SackBlock, dsack: boolean): boolean {
  if (after(block.end, sk.sndNxt) || !before(block.start, block.end)) return false;
  if (!before(block.start, sk.sndNxt)) return false;
  if (after(block.start, sk.sndUna)) return true;
  if (!dsack || sk.undoMarker === 0) return false;
  if (after(block.end, sk.sndUna)) return false;
  return !before(block.start, sk.undoMarker) || after(block.end, sk.undoMarker);
}

/** tcp_sacktag_one() */
function tagOne(sk: Sock, buffer: TxBuffer, duplicate: boolean, state: SackState, rate: RateSample): void {
  const count = buffer.segments;
  if (duplicate && (buffer.sacked & (Mark.RETRANS | Mark.EVER_RETRANS)) !== 0) {
    if (sk.undoMarker !== 0 && sk.undoRetrans > 0 && after(buffer.endSeq, sk.undoMarker)) {
      sk.undoRetrans = Math.max(0, sk.undoRetrans - count);
    }
    if ((buffer.sacked & Mark.SACKED) !== 0 && before(buffer.seq, state.reordered)) state.reordered = buffer.seq;
  }
  if (!after(buffer.endSeq, sk.sndUna)) return;
  if ((buffer.sacked & Mark.SACKED) === 0) {
    rackAdvance(sk, buffer.sacked, buffer);
    if ((buffer.sacked & Mark.RETRANS) !== 0) {
      if ((buffer.sacked & Mark.LOST) !== 0) {
        buffer.sacked &= ~(Mark.LOST | Mark.RETRANS);
        sk.lostOut -= count;
        sk.retransOut -= count;
      }
    } else {
      if ((buffer.sacked & Mark.EVER_RETRANS) === 0) {
        if (before(buffer.seq, highestSackSeq(sk)) && before(buffer.seq, state.reordered)) state.reordered = buffer.seq;
        if (!after(buffer.endSeq, sk.highSeq)) state.flag |= AckFlag.ORIG_SACK_ACKED;
        if (state.firstSent === 0) state.firstSent = buffer.sentUs;
        state.lastSent = buffer.sentUs;
      }
      if ((buffer.sacked & Mark.LOST) !== 0) {
        buffer.sacked &= ~Mark.LOST;
        sk.lostOut -= count;
      }
    }
    buffer.sacked |= Mark.SACKED;
    state.flag |= AckFlag.DATA_SACKED;
    sk.sackedOut += count;
    state.delivered += count;
    deliverRate(sk, buffer, rate);
  }
  if (duplicate && (buffer.sacked & Mark.RETRANS) !== 0) {
    buffer.sacked &= ~Mark.RETRANS;
    sk.retransOut -= count;
  }
}

/** tcp_match_skb_to_sack(): a super-packet that is covered in part is cut at a segment boundary. */
function cutToBlock(host: Host, sk: Sock, index: number, block: SackBlock): void {
  const buffer = sk.rtxQueue[index]!;
  if (buffer.segments <= 1) return;
  const mss = buffer.gsoSize;
  const inside = before(buffer.seq, block.start) ? distance(buffer.seq, block.start) : distance(buffer.seq, block.end);
  const at = before(buffer.seq, block.start) ? Math.ceil(inside / mss) * mss : Math.floor(inside / mss) * mss;
  if (at <= 0 || buffer.length <= at) return;
  fragmentSent(host, sk, buffer, at, mss);
}

/** tcp_sacktag_write_queue(): returns the flags it adds. */
export function tagSacked(
  host: Host,
  sk: Sock,
  segment: Segment,
  blocks: readonly SackBlock[],
  priorUna: number,
  state: SackState,
  rate: RateSample,
): number {
  let flag = 0;
  const foundDsack = isDsack(segment, blocks);
  if (foundDsack) {
    const first = blocks[0]!;
    flag |= AckFlag.DSACKING_ACK;
    const count = Math.max(1, Math.ceil(distance(first.start, first.end) / Math.max(1, sk.mssCache)));
    sk.dsackDups += count;
    sk.rackDsackSeen = true;
    if (sk.tlpHighSeq !== 0 && sk.tlpRetrans && first.end === sk.tlpHighSeq) flag |= AckFlag.DSACK_TLP;
    if (sk.undoMarker !== 0 && sk.undoRetrans > 0 && !after(first.end, priorUna) && after(first.end, sk.undoMarker)) {
      sk.undoRetrans = Math.max(0, sk.undoRetrans - count);
    }
  }
  if (before(segment.ack, (priorUna - sk.maxWindow) >>> 0) || sk.packetsOut === 0) return flag;
  // The kernel wants to know how long a segment is now, which asks the programs.
  currentMss(host, sk);
  const ordered = blocks
    .map((block, index) => ({ block, duplicate: foundDsack && index === 0 }))
    .filter(({ block, duplicate }) => isValid(sk, block, duplicate) && (duplicate || after(block.end, segment.ack)))
    .sort((a, b) => (before(a.block.start, b.block.start) ? -1 : a.block.start === b.block.start ? 0 : 1));
  for (const { block, duplicate } of ordered) {
    for (let i = 0; i < sk.rtxQueue.length; i++) {
      let buffer = sk.rtxQueue[i]!;
      if (!before(buffer.seq, block.end)) break;
      if (!after(buffer.endSeq, block.start)) continue;
      if (before(buffer.seq, block.start) || after(buffer.endSeq, block.end)) {
        cutToBlock(host, sk, i, block);
        buffer = sk.rtxQueue[i]!;
        if (before(buffer.seq, block.start) || after(buffer.endSeq, block.end)) continue;
      }
      tagOne(sk, buffer, duplicate, state, rate);
    }
  }
  if (sk.caState !== 4 || sk.undoMarker !== 0) checkReordering(host, sk, state.reordered);
  return flag | state.flag;
}

/** tcp_check_sack_reordering(): something arrived behind what was sent later. */
export function checkReordering(host: Host, sk: Sock, lowSeq: number): void {
  const fack = highestSackSeq(sk);
  if (!before(lowSeq, fack)) return;
  const metric = distance(lowSeq, fack);
  if (metric > sk.reordering * sk.mssCache && sk.mssCache > 0) {
    sk.reordering = Math.min(Math.ceil(metric / sk.mssCache), host.sysctls.tcp_max_reordering);
  }
  sk.reordSeen++;
}

/** tcp_remove_reno_sacks(): without SACK, duplicates stood for arrived segments. */
export function removeRenoSacks(sk: Sock, acked: number): void {
  if (acked > 0) {
    sk.delivered += Math.max(acked - sk.sackedOut, 1);
    sk.sackedOut = acked - 1 >= sk.sackedOut ? 0 : sk.sackedOut - (acked - 1);
  }
}

/** tcp_add_reno_sack() */
export function addRenoSacks(sk: Sock, duplicates: number): void {
  if (duplicates === 0) return;
  const prior = sk.sackedOut;
  // tcp_limit_reno_sacked(): at least one hole, or as many as are lost.
  const holes = Math.min(Math.max(sk.lostOut, 1), sk.packetsOut);
  sk.sackedOut = Math.min(sk.sackedOut + duplicates, sk.packetsOut - holes);
  if (sk.sackedOut > prior) sk.delivered += sk.sackedOut - prior;
}
