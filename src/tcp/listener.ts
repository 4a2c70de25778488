// The passive side until the child exists: SYNs, request socks, SYN-ACKs and their timer, SYN cookies, deferred accept
// (tcp_conn_request(), tcp_check_req(), reqsk_timer_handler()).

import { askBpfOfRequest } from './callback.ts';
import { createChild } from './child.ts';
import { caNeedsEcn } from './congestion.ts';
import { AF_INET, AF_INET6, CallbackFlag, Flag, MSS_DEFAULT, MSS_DEFAULT_V6, Op, State } from './constants.ts';
import {
  answerTooSoon,
  armTimer,
  clockMs,
  clockUs,
  findSock,
  type Host,
  initialSequence,
  jiffies,
  notice,
  nowInstant,
} from './engine.ts';
import { tryFastopen } from './fastopen.ts';
import { countSegment, measureSynack, receiveInState } from './input.ts';
import { bufferOverhead } from './memory.ts';
import { kernelOptionLength, parseOptions, writeOptions } from './options.ts';
import { clampMss, routeAdvmss, sendBare, sendReset } from './output.ts';
import { synackOptions, writeBpfOptions } from './output-options.ts';
import { headersOf, type RequestSock, type SavedHeaders } from './request.ts';
import { encodeHeader, isV4Mapped, type Segment, segmentEnd } from './segment.ts';
import { after, between } from './sequence.ts';
import type { Sock } from './sock.ts';
import { cookieIsn, cookieTimestamp } from './syn-cookies.ts';
import { fullSpace, selectInitialWindow } from './window.ts';
import { sameAddress, sendSegment } from './wire.ts';

const LOCK_RCVBUF = 2;
const ECN_MASK = 3;
const ECT_0 = 2;
const SYNACK_FLAGS = Flag.SYN | Flag.ACK;

/** Requests of a listener. */
function requestsOf(host: Host, listener: Sock): number {
  let count = 0;
  for (const req of host.requests) if (req.listenerId === listener.id) count++;
  return count;
}

export const acceptQueueFull = (listener: Sock): boolean => listener.backlogMax < listener.acceptQueue.length;

/** tcp_conn_request(): a SYN for a listener. */
export function receiveSyn(host: Host, listener: Sock, segment: Segment): void {
  const { sysctls } = host;
  let cookie = false;
  const most = listener.backlogMax + (host.features['request-queue-above-backlog'] ? 1 : 0);
  const queueFull = most <= requestsOf(host, listener);
  if (sysctls.tcp_syncookies === 2 || queueFull) {
    if (sysctls.tcp_syncookies === 0) return;
    cookie = true;
  }
  if (acceptQueueFull(listener)) return;
  // Without cookies a quarter of the SYN backlog is kept for destinations that proved to be alive; none is known here.
  const spare = sysctls.tcp_max_syn_backlog - requestsOf(host, listener);
  if (sysctls.tcp_syncookies === 0 && spare < sysctls.tcp_max_syn_backlog >> 2) return;
  const options = parseOptions(segment.header, true);
  const timestamps = options.timestamp && sysctls.tcp_timestamps !== 0;
  const clear = cookie && !timestamps;
  const v4 = isV4Mapped(segment.source);
  const peerMss = options.mss || (v4 ? MSS_DEFAULT : MSS_DEFAULT_V6);
  const req: RequestSock = {
    id: host.engine.nextId++,
    listenerId: listener.id,
    family: listener.family === AF_INET6 ? AF_INET6 : AF_INET,
    localAddress: segment.destination,
    remoteAddress: segment.source,
    localPort: segment.dport,
    remotePort: segment.sport,
    syncookie: cookie,
    mss: clampMss(listener, peerMss),
    sackOk: !clear && options.sackPermitted && sysctls.tcp_sack !== 0,
    tstampOk: timestamps,
    wscaleOk: !clear && options.wscale >= 0 && sysctls.tcp_window_scaling !== 0,
    sndWscale: Math.max(0, options.wscale),
    rcvWscale: 0,
    ecnOk: false,
    tsRecent: timestamps ? options.tsval : 0,
    tsOffset: timestamps && !cookie ? host.engine.random.u32() : 0,
    rcvIsn: segment.seq,
    sndIsn: initialSequence(host, segment.destination, segment.source, segment.dport, segment.sport),
    rcvNxt: (segment.seq + 1) >>> 0,
    rcvWnd: 0,
    windowClamp: 0,
    synTos: segment.tos,
    txHash: (host.engine.random.u32() | 1) >>> 0,
    sntSynackUs: 0,
    sntTsval: 0,
    timeoutJiffies: host.config.hz,
    numTimeout: 0,
    numRetrans: 0,
    acked: false,
    tfoListener: false,
    childId: 0,
    token: 0,
    mark: listener.mark,
    lastOow: 0,
    savedSyn: undefined,
  };
  createRequestEcn(host, listener, req, segment);
  if (cookie) {
    req.sndIsn = cookieIsn(host, req, segment);
    if (!timestamps) req.ecnOk = false;
  }
  openRequestWindow(host, listener, req);
  const wanted = listener.saveSyn !== 0 || (listener.bpfCbFlags & CallbackFlag.WRITE_HDR_OPT) !== 0;
  const syn = wanted ? headersOf(segment, !v4) : undefined;
  let fastopenCookie: Uint8Array | undefined;
  let child: Sock | undefined;
  if (!cookie) {
    if (listener.saveSyn !== 0 && syn) {
      const withMac = listener.saveSyn === 2 && host.features['save-syn-with-mac'];
      req.savedSyn = withMac ? syn : { ...syn, mac: 0, bytes: syn.bytes.subarray(syn.mac) };
    }
    const fastopen = tryFastopen(host, listener, req, segment, options);
    child = fastopen.child;
    fastopenCookie = fastopen.cookie;
  }
  if (child) {
    sendSynack(host, child, listener.cgroup, req, fastopenCookie, syn);
    offerChild(host, listener, child);
    return;
  }
  if (!cookie) {
    req.timeoutJiffies = askRequestTimeout(host, listener, req);
    host.requests.push(req);
    req.token = armTimer(host, req.id, 'synack', jiffies(host) + req.timeoutJiffies);
  }
  sendSynack(host, listener, listener.cgroup, req, fastopenCookie, syn);
}

/** tcp_timeout_init() of a request sock. */
function askRequestTimeout(host: Host, listener: Sock, req: RequestSock): number {
  const standard = host.config.hz;
  const answer = askBpfOfRequest(host, req, listener.cgroup, Op.TIMEOUT_INIT, 'tcp_conn_request()');
  if (!answer) return standard;
  let timeout = answer.reply <= 0 ? standard : answer.reply;
  const most = listener.rtoMaxJiffies;
  let remark = '';
  if (host.features['timeout-init-capped'] && most < timeout) {
    timeout = most;
    remark = `limited to ${most} jiffies`;
  }
  answer.call.effect('reply', 'SYN-ACK timeout (jiffies)', standard, timeout, remark);
  return timeout;
}

/** tcp_ecn_create_request() */
function createRequestEcn(host: Host, listener: Sock, req: RequestSock, segment: Segment): void {
  const both = Flag.ECE | Flag.CWR;
  if ((segment.flags & both) !== both) return;
  const ect = (segment.tos & ECN_MASK) !== 0;
  const reserved = (segment.flags & Flag.AE) !== 0;
  if (((!ect || reserved) && host.sysctls.tcp_ecn !== 0) || caNeedsEcn(listener)) {
    req.ecnOk = true;
    return;
  }
  const answer = askBpfOfRequest(host, req, listener.cgroup, Op.NEEDS_ECN, 'tcp_ecn_create_request()');
  if (answer?.reply !== 1) return;
  answer.call.effect('reply', 'ECN granted to the peer', false, true);
  req.ecnOk = true;
}

/** tcp_openreq_init_rwin() */
function openRequestWindow(host: Host, listener: Sock, req: RequestSock): void {
  let space = fullSpace(host, listener);
  const mss = clampMss(listener, routeAdvmss(host, req.remoteAddress));
  req.windowClamp = listener.windowClamp;
  if ((listener.userLocks & LOCK_RCVBUF) !== 0 && (space < req.windowClamp || req.windowClamp === 0))
    req.windowClamp = space;
  const answer = askBpfOfRequest(host, req, listener.cgroup, Op.RWND_INIT, 'tcp_openreq_init_rwin()');
  const asked = Math.max(0, answer?.reply ?? 0);
  const payload = mss - (req.tstampOk ? 12 : 0);
  const usual = selectInitialWindow(host, space, payload, req.windowClamp, req.wscaleOk, 0);
  if (asked !== 0) {
    const wanted = Math.imul(asked, mss) >>> 0;
    if (space < wanted) space = wanted | 0;
  }
  const chosen = asked === 0 ? usual : selectInitialWindow(host, space, payload, req.windowClamp, req.wscaleOk, asked);
  if (asked !== 0) {
    const remark = chosen.rcvWnd < asked * payload ? 'the window field of a SYN-ACK holds at most 65535' : '';
    answer!.call.effect('reply', 'initial receive window (bytes)', usual.rcvWnd, chosen.rcvWnd, remark);
  }
  req.rcvWnd = chosen.rcvWnd;
  req.windowClamp = chosen.windowClamp;
  req.rcvWscale = chosen.wscale;
}

/** tcp_v4_send_synack() and tcp_make_synack(). `flagsOf` is the listener or the fast open child. */
function sendSynack(
  host: Host,
  flagsOf: Sock,
  cgroup: string,
  req: RequestSock,
  fastopenCookie: Uint8Array | undefined,
  syn: SavedHeaders | undefined,
): void {
  const nowUs = clockUs(host);
  const mode = req.syncookie ? 'cookie' : 'normal';
  let stampUs = nowUs;
  if (req.syncookie && req.tstampOk) stampUs = cookieTimestamp(req, clockMs(nowUs)) * 1000;
  else if (req.sntSynackUs === 0) req.sntSynackUs = nowUs;
  const mss = clampMss(flagsOf, routeAdvmss(host, req.remoteAddress));
  const options = synackOptions(host, flagsOf, cgroup, req, mss, stampUs, fastopenCookie, mode, syn);
  req.sntTsval = options.tsval;
  const window = Math.min(req.rcvWnd, 65535);
  const flags = SYNACK_FLAGS | (req.ecnOk ? Flag.ECE : 0);
  const length = kernelOptionLength(options) + options.bpfLength;
  const header = encodeHeader(req.localPort, req.remotePort, req.sndIsn, req.rcvNxt, flags, window, length);
  const written = writeOptions(header, options);
  const outgoing = { tcpFlags: SYNACK_FLAGS, payloadLength: 0 };
  writeBpfOptions(host, undefined, req, cgroup, header, written, options.bpfLength, outgoing, mode, syn);
  let tos = isV4Mapped(req.remoteAddress) ? flagsOf.tos : flagsOf.tclass;
  if (host.sysctls.tcp_reflect_tos !== 0) tos = (req.synTos & ~ECN_MASK) | (tos & ECN_MASK);
  if (host.features['needs-ecn-per-synack'] && (tos & ECN_MASK) === 0) {
    const answer = askBpfOfRequest(
      host,
      req,
      cgroup,
      Op.NEEDS_ECN,
      isV4Mapped(req.remoteAddress) ? 'tcp_v4_send_synack()' : 'tcp_v6_send_synack()',
    );
    if (answer?.reply === 1) {
      answer.call.effect('reply', 'SYN-ACK packet marked ECN-capable', false, true);
      tos |= ECT_0;
    }
  }
  const overhead = bufferOverhead(host);
  sendSegment(host, {
    id: host.engine.nextSegmentId++,
    source: req.localAddress,
    destination: req.remoteAddress,
    sport: req.localPort,
    dport: req.remotePort,
    seq: req.sndIsn,
    ack: req.rcvNxt,
    flags,
    window,
    header,
    payloadLength: 0,
    tos,
    gsoSize: 0,
    truesize: overhead,
    overhead,
    hardwareTimestamp: 0n,
  });
}

/** reqsk_timeout(): how long the next wait for the ACK is. */
function requestTimeout(host: Host, req: RequestSock): number {
  const base = host.features['synack-backoff-from-reply'] ? req.timeoutJiffies : host.config.hz;
  return Math.min(base * 2 ** Math.min(req.numTimeout, 24), 120 * host.config.hz);
}

/** inet_rtx_syn_ack(): sends the SYN-ACK again; the SYN is no longer at hand. */
export function repeatSynack(host: Host, flagsOf: Sock, cgroup: string, req: RequestSock): void {
  req.txHash = (host.engine.random.u32() | 1) >>> 0;
  sendSynack(host, flagsOf, cgroup, req, undefined, undefined);
  req.numRetrans++;
}

/** reqsk_timer_handler() */
export function requestTimer(host: Host, req: RequestSock): void {
  const listener = findSock(host, req.listenerId);
  if (!listener || listener.state !== State.LISTEN) {
    dropRequest(host, req);
    return;
  }
  const most = listener.synRetries || host.sysctls.tcp_synack_retries;
  let expired = most <= req.numTimeout;
  let resend = true;
  if (listener.deferAccept > 0) {
    expired = expired && (!req.acked || listener.deferAccept <= req.numTimeout);
    resend = !req.acked || listener.deferAccept - 1 <= req.numTimeout;
  }
  if (expired) {
    dropRequest(host, req);
    return;
  }
  if (resend) repeatSynack(host, listener, listener.cgroup, req);
  req.numTimeout++;
  req.token = armTimer(host, req.id, 'synack', jiffies(host) + requestTimeout(host, req));
}

export function dropRequest(host: Host, req: RequestSock): void {
  req.token = 0;
  host.requests = host.requests.filter((item) => item !== req);
}

/** The request sock that a segment belongs to. */
export function findRequest(host: Host, segment: Segment): RequestSock | undefined {
  for (const req of host.requests) {
    if (
      req.remotePort === segment.sport &&
      req.localPort === segment.dport &&
      req.childId === 0 &&
      sameAddress(req.remoteAddress, segment.source) &&
      sameAddress(req.localAddress, segment.destination)
    ) {
      return req;
    }
  }
  return undefined;
}

/** tcp_v4_reqsk_send_ack() */
function sendRequestAck(host: Host, req: RequestSock, segment: Segment): void {
  const from = {
    source: segment.destination,
    destination: segment.source,
    sport: segment.dport,
    dport: segment.sport,
  };
  const timestamp = req.tstampOk ? { tsval: clockMs(clockUs(host)) + req.tsOffset, tsecr: req.tsRecent } : undefined;
  const window = Math.floor(req.rcvWnd / 2 ** req.rcvWscale);
  sendBare(host, from, (req.sndIsn + 1) >>> 0, req.rcvNxt, Flag.ACK, window, timestamp, 0);
}

/** tcp_check_req(): a segment for a request sock. */
export function receiveForRequest(host: Host, req: RequestSock, segment: Segment): void {
  const listener = findSock(host, req.listenerId);
  if (!listener || listener.state !== State.LISTEN) {
    dropRequest(host, req);
    sendReset(host, segment, segmentEnd(segment));
    return;
  }
  const options = parseOptions(segment.header, (segment.flags & Flag.SYN) !== 0);
  const stale = req.tstampOk && options.timestamp && ((options.tsval - req.tsRecent) | 0) < 0;
  let flags = segment.flags & (Flag.RST | Flag.SYN | Flag.ACK);
  if (segment.seq === req.rcvIsn && flags === Flag.SYN && !stale) {
    if (answerTooSoon(host, req)) return;
    repeatSynack(host, listener, listener.cgroup, req);
    req.token = armTimer(host, req.id, 'synack', jiffies(host) + requestTimeout(host, req));
    return;
  }
  if ((flags & Flag.ACK) !== 0 && segment.ack !== (req.sndIsn + 1) >>> 0) {
    sendReset(host, segment, segmentEnd(segment));
    return;
  }
  const end = segmentEnd(segment);
  const limit = (req.rcvNxt + req.rcvWnd) >>> 0;
  const inWindow =
    segment.seq === req.rcvNxt ||
    (after(end, req.rcvNxt) && !after(segment.seq, limit)) ||
    (segment.seq === limit && end === limit);
  if (stale || !(inWindow || between(segment.seq, req.rcvNxt, limit))) {
    const bare = end === segment.seq || (segment.flags & Flag.SYN) !== 0;
    if ((flags & Flag.RST) === 0 && !(bare && answerTooSoon(host, req))) sendRequestAck(host, req, segment);
    return;
  }
  if (segment.seq === req.rcvIsn) flags &= ~Flag.SYN;
  if ((flags & (Flag.RST | Flag.SYN)) !== 0) {
    if ((flags & Flag.RST) === 0) sendReset(host, segment, end);
    dropRequest(host, req);
    return;
  }
  if ((flags & Flag.ACK) === 0) return;
  if (options.timestamp && req.tstampOk && !after(segment.seq, req.rcvNxt)) req.tsRecent = options.tsval;
  if (req.numTimeout < listener.deferAccept && end === (req.rcvIsn + 1) >>> 0) {
    req.acked = true;
    return;
  }
  if (acceptQueueFull(listener)) {
    if (host.sysctls.tcp_abort_on_overflow) {
      sendReset(host, segment, end);
      dropRequest(host, req);
    } else {
      req.acked = true;
    }
    return;
  }
  const child = createChild(host, listener, req, segment);
  child.savedSyn = req.savedSyn;
  measureSynack(host, child, req);
  dropRequest(host, req);
  offerChild(host, listener, child);
  adoptSegment(host, child, segment);
}

/** tcp_child_process(): the child handles the segment that made it. */
export function adoptSegment(host: Host, child: Sock, segment: Segment): void {
  countSegment(child, segment);
  const state = child.state;
  if (!receiveInState(host, child, segment)) sendReset(host, segment, segmentEnd(segment));
  if (state === State.SYN_RECV && child.state !== state) {
    const { listenerId } = child;
    notice(host, { kind: 'acceptable', host: host.name, listenerId, socketId: child.id, time: nowInstant(host) });
  }
}

/** inet_csk_reqsk_queue_add(): the child waits to be accepted. */
export function offerChild(host: Host, listener: Sock, child: Sock): void {
  listener.acceptQueue.push(child.id);
  if (child.fastopenRequestId !== 0) {
    notice(host, {
      kind: 'acceptable',
      host: host.name,
      listenerId: listener.id,
      socketId: child.id,
      time: nowInstant(host),
    });
  }
}
