// TCP Fast Open (RFC 7413): data in the SYN, cookies, and the child that exists before the handshake is complete
// (net/ipv4/tcp_fastopen.c, tcp_send_syn_data()).

import { createChild } from './child.ts';
import { Flag, OPTION_SPACE, Op, Pending } from './constants.ts';
import { type Host, notice, nowInstant } from './engine.ts';
import { receiveFin } from './fin.ts';
import { countSegment, incomingView } from './input.ts';
import { chargeReceiving, chargeSending } from './memory.ts';
import { askTimeout } from './open-active.ts';
import type { IncomingOptions } from './options.ts';
import { clampMss, controlBuffer, syncMss, transmit } from './output.ts';
import type { RequestSock } from './request.ts';
import { markLost, retransmit, retransmitWithoutCongestion } from './retransmit.ts';
import { type Segment, segmentEnd } from './segment.ts';
import type { AddressWords, Sock, TxBuffer } from './sock.ts';
import { rearmRto, resetXmitTimer } from './timers-arm.ts';
import { initTransfer } from './transfer.ts';
import { sameAddress } from './wire.ts';

const CLIENT_ENABLED = 1;
const SERVER_ENABLED = 2;
const CLIENT_NO_COOKIE = 4;
const SERVER_NO_COOKIE = 0x200;
const SERVER_DEFAULT = 0x400;
const COOKIE_BYTES = 8;

function cachedCookie(host: Host, address: AddressWords): Host['fastopenCookies'][number] | undefined {
  return host.fastopenCookies.find((entry) => sameAddress(entry.address, address));
}

/** tcp_send_syn_data(): the SYN with data where a cookie is known or none is needed, else a SYN that asks for one. */
export function sendSynData(host: Host, sk: Sock, syn: TxBuffer): void {
  const wish = sk.fastopenRequest!;
  const cached = cachedCookie(host, sk.remoteAddress);
  const cookieless = (host.sysctls.tcp_fastopen & CLIENT_NO_COOKIE) !== 0 || sk.fastopenNoCookie;
  sk.synFastopen = true;
  if (!cached && !cookieless) {
    wish.cookie = new Uint8Array(0);
    transmit(host, sk, syn, 'queued');
    wish.cookie = undefined;
    return;
  }
  sk.mssClamp = clampMss(sk, cached?.mss || sk.advmss);
  syncMss(host, sk, sk.pmtuCookie);
  const space = sk.mssCache + sk.tcpHeaderLength - 20 - OPTION_SPACE;
  const count = Math.min(space, wish.bytes);
  wish.cookie = cookieless ? undefined : cached?.cookie;
  const data = controlBuffer(host, syn.seq, syn.flags);
  data.length = count;
  data.endSeq = (syn.endSeq + count) >>> 0;
  data.truesize += count;
  sk.writeSeq = data.endSeq;
  chargeSending(host, sk, data.truesize);
  sk.packetsOut++;
  transmit(host, sk, data, 'queued');
  wish.cookie = undefined;
  wish.bytes -= count;
  syn.sentUs = data.sentUs;
  syn.sentOrder = data.sentOrder;
  data.seq = syn.endSeq;
  data.flags = Flag.ACK | Flag.PSH;
  sk.synData = count > 0 ? 1 : 0;
  sk.rtxQueue.push(data);
}

/** tcp_rcv_fastopen_synack(): what of the SYN's data the server took. True when data has to go out again. */
export function fastopenSynackReceived(host: Host, sk: Sock, options: IncomingOptions): boolean {
  const data = sk.synData > 0 ? sk.rtxQueue[0] : undefined;
  if (sk.synFastopen && options.fastopen !== undefined && options.fastopen.length > 0) {
    host.fastopenCookies = [
      ...host.fastopenCookies.filter((entry) => !sameAddress(entry.address, sk.remoteAddress)),
      { address: sk.remoteAddress, cookie: options.fastopen, mss: options.mss },
    ];
  }
  if (!data) {
    return false;
  }
  if (host.features['fastopen-refusal-is-loss']) {
    for (const buffer of sk.rtxQueue) markLost(sk, buffer);
    retransmitWithoutCongestion(host, sk);
    return true;
  }
  for (const buffer of sk.rtxQueue) retransmit(host, sk, buffer, 1);
  rearmRto(host, sk);
  return true;
}

/** tcp_try_fastopen(): whether a SYN gets a child at once. `cookie` goes into the SYN-ACK. */
export function tryFastopen(
  host: Host,
  listener: Sock,
  req: RequestSock,
  segment: Segment,
  options: IncomingOptions,
): { readonly child: Sock | undefined; readonly cookie: Uint8Array | undefined } {
  const mode = host.sysctls.tcp_fastopen;
  const hasData = segmentEnd(segment) !== (segment.seq + 1) >>> 0;
  const none = { child: undefined, cookie: undefined };
  const limit = listener.fastopenQueueMax || ((mode & SERVER_DEFAULT) !== 0 ? listener.backlogMax : 0);
  if ((mode & SERVER_ENABLED) === 0 || (options.fastopen === undefined && !hasData) || limit === 0) return none;
  if ((mode & SERVER_NO_COOKIE) !== 0) {
    return { child: createFastopenChild(host, listener, req, segment), cookie: undefined };
  }
  if (options.fastopen === undefined) return none;
  const valid = cookieFor(host, req.remoteAddress);
  const offered = options.fastopen;
  const matches = offered.length === valid.length && offered.every((byte, i) => byte === valid[i]);
  if (matches) return { child: createFastopenChild(host, listener, req, segment), cookie: undefined };
  return { child: undefined, cookie: valid };
}

/** The cookie of a client address: a fixed mixture with the server's identity. */
function cookieFor(host: Host, address: AddressWords): Uint8Array {
  const cookie = new Uint8Array(COOKIE_BYTES);
  let mix = 0x811c9dc5 ^ host.index;
  for (let i = 0; i < COOKIE_BYTES; i++) {
    mix = Math.imul(mix ^ address[i & 3]!, 0x01000193);
    cookie[i] = mix >>> 24;
  }
  return cookie;
}

/** tcp_fastopen_create_child() */
function createFastopenChild(host: Host, listener: Sock, req: RequestSock, segment: Segment): Sock {
  const child = createChild(host, listener, req, segment);
  child.fastopenRequestId = req.id;
  req.tfoListener = true;
  req.childId = child.id;
  host.requests.push(req);
  child.sndWnd = segment.window;
  child.maxWindow = child.sndWnd;
  if (host.features['fastopen-child-timeout-init']) {
    req.timeoutJiffies = askTimeout(host, child, 'tcp_fastopen_create_child()');
  } else {
    req.timeoutJiffies = host.config.hz;
  }
  resetXmitTimer(host, child, Pending.RETRANS, req.timeoutJiffies);
  initTransfer(host, child, Op.PASSIVE_ESTABLISHED, incomingView(segment));
  child.rcvNxt = (segment.seq + 1) >>> 0;
  takeSynData(host, child, segment);
  req.rcvNxt = child.rcvNxt;
  child.rcvWup = child.rcvNxt;
  return child;
}

/** tcp_fastopen_add_skb(): the data of the SYN becomes readable. */
function takeSynData(host: Host, child: Sock, segment: Segment): void {
  if (segment.payloadLength === 0) return;
  child.segsIn = 0;
  child.dataSegsIn = 0;
  countSegment(child, segment);
  const start = (segment.seq + 1) >>> 0;
  child.receiveQueue.push({
    seq: start,
    endSeq: segmentEnd(segment),
    length: segment.payloadLength,
    truesize: segment.truesize,
    fin: false,
  });
  chargeReceiving(host, child, segment.truesize);
  child.copiedSeq = start;
  child.rcvNxt = segmentEnd(segment);
  child.bytesReceived = segment.payloadLength;
  if ((segment.flags & Flag.FIN) !== 0) receiveFin(host, child);
  notice(host, {
    kind: 'readable',
    host: host.name,
    socketId: child.id,
    bytes: segment.payloadLength,
    time: nowInstant(host),
  });
}

/** tcp_rcv_synrecv_state_fastopen(): the ACK of the SYN-ACK arrived. */
export function fastopenHandshakeDone(host: Host, sk: Sock, req: RequestSock): void {
  sk.retransStamp = 0;
  sk.retransmits = 0;
  sk.fastopenRequestId = 0;
  host.requests = host.requests.filter((item) => item !== req);
  rearmRto(host, sk);
}

/** Whether a connect() with data waits for the first write (TCP_FASTOPEN_CONNECT), by sysctl. */
export function fastopenClientAllowed(host: Host): boolean {
  return (host.sysctls.tcp_fastopen & CLIENT_ENABLED) !== 0;
}
