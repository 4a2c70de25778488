// Arrival of a segment at a host: finds the socket, request sock or TIME_WAIT sock that it belongs to (tcp_v4_rcv()), lets it wait
// in the backlog while a process owns the socket, and answers what belongs to nobody with a reset.

import { AckPending, AF_INET, Flag, State } from './constants.ts';
import type { Host } from './engine.ts';
import { countSegment, receiveEstablished, receiveInState } from './input.ts';
import { findRequest, receiveForRequest, receiveSyn } from './listener.ts';
import { sendAck, sendReset } from './output.ts';
import { isV4Mapped, type Segment, segmentEnd } from './segment.ts';
import { ANY_ADDRESS, type Sock } from './sock.ts';
import { receiveCookieAck } from './syn-cookies.ts';
import { findTimeWait, receiveTimeWait } from './time-wait-input.ts';
import { sameAddress } from './wire.ts';

/** The connected socket of a segment. */
function findConnected(host: Host, segment: Segment): Sock | undefined {
  for (const sk of host.socks) {
    if (
      sk.dport === segment.sport &&
      sk.sport === segment.dport &&
      sk.state !== State.CLOSE &&
      sk.state !== State.LISTEN &&
      sameAddress(sk.remoteAddress, segment.source) &&
      sameAddress(sk.localAddress, segment.destination)
    ) {
      return sk;
    }
  }
  return undefined;
}

/** The listener for an address and port; a bound address wins over a wildcard. */
export function findListener(host: Host, segment: Segment): Sock | undefined {
  let wildcard: Sock | undefined;
  for (const sk of host.socks) {
    if (sk.state !== State.LISTEN || sk.sport !== segment.dport) continue;
    if (sk.family === AF_INET && !isV4Mapped(segment.destination)) continue;
    if (sameAddress(sk.localAddress, segment.destination)) return sk;
    if (sameAddress(sk.localAddress, ANY_ADDRESS)) wildcard ??= sk;
  }
  return wildcard;
}

/** tcp_v4_rcv() and tcp_v6_rcv() */
export function receiveSegment(host: Host, segment: Segment): void {
  const sk = findConnected(host, segment);
  if (sk) {
    countSegment(sk, segment);
    if (sk.owned) addToBacklog(host, sk, segment);
    else handleSegment(host, sk, segment);
    return;
  }
  const req = findRequest(host, segment);
  if (req) {
    receiveForRequest(host, req, segment);
    return;
  }
  const tw = findTimeWait(host, segment);
  if (tw && !receiveTimeWait(host, tw, segment)) return;
  const listener = findListener(host, segment);
  if (listener) {
    receiveListening(host, listener, segment);
    return;
  }
  sendReset(host, segment, segmentEnd(segment));
}

/** tcp_add_backlog(): a segment that continues the last one is joined with it, as long as both say the same. */
function addToBacklog(host: Host, sk: Sock, segment: Segment): void {
  const last = sk.backlog[sk.backlog.length - 1];
  const joined = last && host.features['backlog-joins-segments'] ? joinSegments(last, segment) : undefined;
  if (!joined) {
    sk.backlog.push(segment);
    sk.backlogMemory += segment.truesize;
    return;
  }
  sk.backlogMemory += joined.truesize - last!.truesize;
  sk.backlog[sk.backlog.length - 1] = joined;
}

const UNJOINABLE = Flag.SYN | Flag.RST | Flag.URG;
const MUST_AGREE = Flag.ECE | Flag.CWR | Flag.AE;
const FIXED_HEADER = 20;

/** One segment instead of two; undefined when they differ too much, or when the first is still the sender's as well. */
function joinSegments(first: Segment, second: Segment): Segment | undefined {
  const isShared = !first.joined && (first.payloadLength > 0 || (first.flags & Flag.FIN) !== 0);
  if (isShared || segmentEnd(first) !== second.seq || first.tos !== second.tos) return undefined;
  if (((first.flags | second.flags) & UNJOINABLE) !== 0 || (first.flags & second.flags & Flag.ACK) === 0)
    return undefined;
  if (((first.flags ^ second.flags) & MUST_AGREE) !== 0 || first.header.length !== second.header.length)
    return undefined;
  for (let i = FIXED_HEADER; i < first.header.length; i++) if (first.header[i] !== second.header[i]) return undefined;
  const isNewer = ((second.ack - first.ack) | 0) >= 0;
  const flags = first.flags | (second.flags & (Flag.FIN | Flag.PSH));
  // The header keeps the old acknowledgment number and does not learn of PSH.
  const header = Uint8Array.from(first.header);
  header[13] = first.header[13]! | (second.flags & Flag.FIN);
  if (isNewer) header.set(second.header.subarray(14, 16), 14);
  return {
    ...first,
    ack: isNewer ? second.ack : first.ack,
    window: isNewer ? second.window : first.window,
    flags,
    header,
    payloadLength: first.payloadLength + second.payloadLength,
    gsoSize: Math.max(first.gsoSize || first.payloadLength, second.gsoSize || second.payloadLength),
    truesize: first.truesize + second.truesize - second.overhead,
    joined: true,
  };
}

/** tcp_v4_do_rcv() on a listener. */
function receiveListening(host: Host, listener: Sock, segment: Segment): void {
  if ((segment.flags & Flag.RST) !== 0) return;
  if ((segment.flags & Flag.SYN) !== 0) {
    if ((segment.flags & Flag.ACK) !== 0) sendReset(host, segment, segmentEnd(segment));
    else if ((segment.flags & Flag.FIN) === 0) receiveSyn(host, listener, segment);
    return;
  }
  if ((segment.flags & Flag.ACK) !== 0) receiveCookieAck(host, listener, segment);
}

/** tcp_v4_do_rcv() on a connection. */
export function handleSegment(host: Host, sk: Sock, segment: Segment): void {
  if (sk.state === State.ESTABLISHED) {
    receiveEstablished(host, sk, segment);
    return;
  }
  if (!receiveInState(host, sk, segment)) sendReset(host, segment, segmentEnd(segment));
}

/** lock_sock(): from here on segments for the socket wait. */
export function lockSock(sk: Sock): void {
  sk.owned = true;
}

/** __release_sock(): handles what waited; the socket stays owned. */
export function workOffBacklog(host: Host, sk: Sock): void {
  while (sk.backlog.length > 0) {
    const batch = sk.backlog;
    sk.backlog = [];
    for (const segment of batch) handleSegment(host, sk, segment);
  }
  sk.backlogMemory = 0;
}

/** release_sock(): handles what waited, sends a deferred ACK, and gives the socket back. */
export function releaseSock(host: Host, sk: Sock): void {
  workOffBacklog(host, sk);
  if (sk.ackDeferred) {
    sk.ackDeferred = false;
    if ((sk.ackPending & AckPending.SCHED) !== 0) sendAck(host, sk);
    workOffBacklog(host, sk);
  }
  sk.owned = false;
}
