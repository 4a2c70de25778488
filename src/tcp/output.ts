// Sending single segments: tcp_transmit_skb() with everything that happens on its way, ACKs, resets, and the MSS of the
// moment (net/ipv4/tcp_output.c). Which data to send when is decided in send-queue.ts and retransmit.ts.

import { ackSent } from './ack-engine.ts';
import { congestionOps } from './congestion.ts';
import { EcnFlag, Flag, MIN_MSS, State } from './constants.ts';
import { clockUs, type Host, jiffies } from './engine.ts';
import { bufferOverhead } from './memory.ts';
import { kernelOptionLength, noOptions, writeOptions } from './options.ts';
import { establishedOptions, synOptions, writeBpfOptions } from './output-options.ts';
import { encodeHeader, isV4Mapped, type Segment } from './segment.ts';
import { before } from './sequence.ts';
import type { AddressWords, Sock, TxBuffer } from './sock.ts';
import { onSegmentSent } from './timestamping.ts';
import { selectWindow } from './window.ts';
import { routeMtu, sendSegment } from './wire.ts';

const ECT_0 = 2;
const ECN_MASK = 3;

/** A buffer without payload: control segments (tcp_init_nondata_skb()). */
export function controlBuffer(host: Host, seq: number, flags: number): TxBuffer {
  const overhead = bufferOverhead(host);
  return {
    seq,
    endSeq: (seq + ((flags & (Flag.SYN | Flag.FIN)) !== 0 ? 1 : 0)) >>> 0,
    length: 0,
    flags,
    sacked: 0,
    truesize: overhead,
    overhead,
    segments: 1,
    gsoSize: 0,
    sentUs: 0,
    sentOrder: 0,
    txFirstUs: 0,
    txDeliveredUs: 0,
    txDelivered: 0,
    txAppLimited: false,
    bpfTimestamp: false,
    endOfRecord: false,
  };
}

/** End of the window that the peer has opened. */
export const windowEnd = (sk: Sock): number => (sk.sndUna + sk.sndWnd) >>> 0;

/** tcp_packets_in_flight() */
export const inFlight = (sk: Sock): number => sk.packetsOut - sk.sackedOut - sk.lostOut + sk.retransOut;

export function refreshClock(host: Host, sk: Sock): void {
  sk.mstampUs = clockUs(host);
}

/** The IP type of service or traffic class that the socket sends with. */
function tosOf(sk: Sock): number {
  return isV4Mapped(sk.remoteAddress) ? sk.tos : sk.tclass;
}

/** INET_ECN_xmit() and INET_ECN_dontxmit(): whether packets say that they are ECN-capable. */
export function markEcnCapable(sk: Sock): void {
  sk.tos = (sk.tos & ~ECN_MASK) | ECT_0;
  sk.tclass = (sk.tclass & ~ECN_MASK) | ECT_0;
}

export function clearEcnCapable(sk: Sock): void {
  sk.tos &= ~ECN_MASK;
  sk.tclass &= ~ECN_MASK;
}

/**
 * tcp_transmit_skb(): builds the header, calls the programs for their options, and hands the segment to the network. `keeps` says
 * whether the buffer stays in a queue (data, SYN, FIN) or was made for this segment only.
 */
export function transmit(host: Host, sk: Sock, buffer: TxBuffer, keeps: 'queued' | 'single'): void {
  refreshClock(host, sk);
  const sentUs = sk.mstampUs;
  const isSyn = (buffer.flags & Flag.SYN) !== 0;
  const outgoing = { tcpFlags: buffer.flags, payloadLength: buffer.length };
  const options = isSyn ? synOptions(host, sk, outgoing, sentUs) : establishedOptions(host, sk, outgoing, sentUs);
  const optionLength = kernelOptionLength(options) + options.bpfLength;
  const window = isSyn ? Math.min(sk.rcvWnd, 65535) : selectWindow(host, sk);
  // Super-packets are pushed, their buffers stay as they are.
  const pushed = !isSyn && buffer.segments > 1 ? Flag.PSH : 0;
  let flags = buffer.flags | pushed;
  if (!isSyn) flags = ecnOnSend(sk, buffer, flags);
  const header = encodeHeader(
    sk.sport,
    sk.dport,
    buffer.seq,
    (flags & Flag.ACK) !== 0 ? sk.rcvNxt : 0,
    flags,
    window,
    optionLength,
  );
  const written = writeOptions(header, options);
  if (options.sackBlocks.length > 0) sk.dsack = undefined;
  const built = { ...outgoing, tcpFlags: outgoing.tcpFlags | pushed };
  writeBpfOptions(host, sk, undefined, sk.cgroup, header, written, options.bpfLength, built, 'normal', undefined);
  if ((buffer.flags & Flag.ACK) !== 0) ackSent(host, sk, buffer.segments);
  if (buffer.length > 0) {
    dataSent(host, sk);
    sk.dataSegsOut += Math.max(1, buffer.segments);
    sk.bytesSent += buffer.length;
  }
  sk.segsOut += Math.max(1, buffer.segments);
  if (keeps === 'queued') {
    buffer.sentUs = sentUs;
    buffer.sentOrder = ++sk.sendOrder;
    rateSent(sk, buffer);
  }
  onSegmentSent(host, sk, buffer, header.length);
  sendSegment(host, {
    id: host.engine.nextSegmentId++,
    source: sk.localAddress,
    destination: sk.remoteAddress,
    sport: sk.sport,
    dport: sk.dport,
    seq: buffer.seq,
    ack: (flags & Flag.ACK) !== 0 ? sk.rcvNxt : 0,
    flags,
    window,
    header,
    payloadLength: buffer.length,
    tos: tosOf(sk),
    gsoSize: buffer.segments > 1 ? buffer.gsoSize : 0,
    truesize: buffer.truesize,
    overhead: buffer.overhead,
    hardwareTimestamp: 0n,
  });
}

/** tcp_ecn_send(): marks new data as ECN-capable, and tells the peer what it should know. */
function ecnOnSend(sk: Sock, buffer: TxBuffer, flags: number): number {
  if ((sk.ecnFlags & EcnFlag.OK) === 0) return flags;
  let out = flags;
  if (buffer.length > 0 && !before(buffer.seq, sk.sndNxt)) {
    markEcnCapable(sk);
    if ((sk.ecnFlags & EcnFlag.QUEUE_CWR) !== 0) {
      sk.ecnFlags &= ~EcnFlag.QUEUE_CWR;
      out |= Flag.CWR;
    }
  } else if (!congestionOps(sk).needsEcn) {
    clearEcnCapable(sk);
  }
  if ((sk.ecnFlags & EcnFlag.DEMAND_CWR) !== 0) out |= Flag.ECE;
  return out;
}

/** tcp_event_data_sent() */
function dataSent(host: Host, sk: Sock): void {
  const now = jiffies(host);
  if (inFlight(sk) === 0) congestionOps(sk).txStart?.(host, sk);
  const isReply = now - sk.ackLrcvtime < sk.ackAto;
  if (host.features['pingpong-after-three']) {
    if (sk.lsndtime < sk.ackLrcvtime && isReply && sk.ackPingpong < 255) sk.ackPingpong++;
  } else if (isReply && sk.ackPingpong < 255) {
    sk.ackPingpong++;
  }
  sk.lsndtime = now;
}

/** tcp_rate_skb_sent(): what the delivery rate was when the buffer left. */
function rateSent(sk: Sock, buffer: TxBuffer): void {
  if (sk.packetsOut === 0) {
    sk.firstTxUs = buffer.sentUs;
    sk.deliveredUs = buffer.sentUs;
  }
  buffer.txFirstUs = sk.firstTxUs;
  buffer.txDeliveredUs = sk.deliveredUs;
  buffer.txDelivered = sk.delivered;
  buffer.txAppLimited = sk.appLimited !== 0;
}

/** tcp_acceptable_seq(): the sequence number of a segment without data. */
export function acceptableSeq(sk: Sock): number {
  const end = windowEnd(sk);
  if (!before(end, sk.sndNxt)) return sk.sndNxt;
  if (sk.wscaleOk && (sk.sndNxt - end) >>> 0 < 2 ** sk.rcvWscale) return sk.sndNxt;
  return end;
}

/** tcp_send_ack() */
export function sendAck(host: Host, sk: Sock): void {
  if (sk.state === State.CLOSE) return;
  transmit(host, sk, controlBuffer(host, acceptableSeq(sk), Flag.ACK), 'single');
}

/** tcp_send_active_reset() */
export function sendActiveReset(host: Host, sk: Sock): void {
  transmit(host, sk, controlBuffer(host, acceptableSeq(sk), Flag.ACK | Flag.RST), 'single');
}

/** tcp_xmit_probe_skb(): an ACK below the window, which the peer must answer. `urgent` 0 or 1 as in the kernel. */
export function sendProbe(host: Host, sk: Sock, urgent: 0 | 1): void {
  transmit(host, sk, controlBuffer(host, (sk.sndUna - (urgent ? 0 : 1)) >>> 0, Flag.ACK), 'single');
}

/** A segment that belongs to no socket: resets and the ACKs of request and TIME_WAIT socks. No program sees it. */
export function sendBare(
  host: Host,
  from: {
    readonly source: AddressWords;
    readonly destination: AddressWords;
    readonly sport: number;
    readonly dport: number;
  },
  seq: number,
  ack: number,
  flags: number,
  window: number,
  timestamp: { readonly tsval: number; readonly tsecr: number } | undefined,
  tos: number,
): void {
  const options = noOptions();
  if (timestamp) {
    options.timestamp = true;
    options.tsval = timestamp.tsval >>> 0;
    options.tsecr = timestamp.tsecr;
  }
  const header = encodeHeader(from.sport, from.dport, seq, ack, flags, window, kernelOptionLength(options));
  writeOptions(header, options);
  const overhead = bufferOverhead(host);
  const segment: Segment = {
    id: host.engine.nextSegmentId++,
    ...from,
    seq,
    ack,
    flags,
    window,
    header,
    payloadLength: 0,
    tos,
    gsoSize: 0,
    truesize: overhead,
    overhead,
    hardwareTimestamp: 0n,
  };
  sendSegment(host, segment);
}

/** tcp_v4_send_reset() for a segment that no socket wants. */
export function sendReset(host: Host, segment: Segment, end: number): void {
  if ((segment.flags & Flag.RST) !== 0) return;
  const from = {
    source: segment.destination,
    destination: segment.source,
    sport: segment.dport,
    dport: segment.sport,
  };
  // IPv4 answers in the class of what it answers, IPv6 in none.
  const tos = isV4Mapped(from.destination) ? segment.tos & ~ECN_MASK : 0;
  if ((segment.flags & Flag.ACK) !== 0) sendBare(host, from, segment.ack, 0, Flag.RST, 0, undefined, tos);
  else sendBare(host, from, 0, end, Flag.RST | Flag.ACK, 0, undefined, tos);
}

/** Sizes of the IP and TCP headers without options. */
const fixedHeaders = (address: AddressWords): number => (isV4Mapped(address) ? 40 : 60);

/** tcp_mtu_to_mss() without the bound by the window. */
function mtuToMss(host: Host, sk: Sock, mtu: number): number {
  let mss = mtu - fixedHeaders(sk.remoteAddress);
  if (sk.mssClamp < mss) mss = sk.mssClamp;
  mss = Math.max(mss, host.sysctls.tcp_min_snd_mss);
  return mss - (sk.tcpHeaderLength - 20);
}

/** tcp_bound_to_half_wnd(): never more than half of the largest window the peer ever opened. */
export function boundToHalfWindow(sk: Sock, size: number): number {
  const cutoff = 536 < sk.maxWindow ? sk.maxWindow >>> 1 : sk.maxWindow;
  if (cutoff !== 0 && cutoff < size) return Math.max(cutoff, 68 - sk.tcpHeaderLength);
  return size;
}

/** tcp_sync_mss() */
export function syncMss(host: Host, sk: Sock, mtu: number): number {
  const mss = boundToHalfWindow(sk, mtuToMss(host, sk, mtu));
  sk.pmtuCookie = mtu;
  sk.mssCache = mss;
  return mss;
}

/** tcp_current_mss(): what fits into a segment now; asks the programs how much option space they want. */
export function currentMss(host: Host, sk: Sock): number {
  const mtu = routeMtu(host, sk.remoteAddress);
  let mss = mtu !== sk.pmtuCookie ? syncMss(host, sk, mtu) : sk.mssCache;
  const options = establishedOptions(host, sk, undefined, sk.mstampUs);
  const headerLength = 20 + kernelOptionLength(options) + options.bpfLength;
  mss -= headerLength - sk.tcpHeaderLength;
  return mss;
}

/** dst_metric_advmss(): the MSS that the route allows to announce. */
export function routeAdvmss(host: Host, address: AddressWords): number {
  return Math.max(routeMtu(host, address) - fixedHeaders(address), isV4Mapped(address) ? 256 : MIN_MSS);
}

/** tcp_mss_clamp(): an MSS limited by TCP_MAXSEG. */
export function clampMss(sk: Sock, mss: number): number {
  return sk.userMss !== 0 && sk.userMss < mss ? sk.userMss : mss;
}
