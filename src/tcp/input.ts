// Segments for a socket in a synchronised state: header prediction, the tests of an incoming segment, and the states from
// SYN_RECV to LAST_ACK (tcp_rcv_established(), tcp_validate_incoming(), tcp_rcv_state_process() of net/ipv4/tcp_input.c).

import { fastPathOn, processAck } from './ack.ts';
import { ackSendCheck, enterQuickAck } from './ack-engine.ts';
import { type CallSegment, callWithSegment, setState } from './callback.ts';
import { AckPending, CallbackFlag, Flag, MAX_QUICKACKS, Op, State } from './constants.ts';
import { answerTooSoon, clockUs, type Host, jiffies, notice, nowInstant } from './engine.ts';
import { fastopenHandshakeDone } from './fastopen.ts';
import { becomeTimeWait, done, fail, receiveReset, TIMEWAIT_SECONDS } from './fin.ts';
import { receiveSynSent } from './open-active.ts';
import { type IncomingOptions, parseOptions } from './options.ts';
import { refreshClock, sendAck, sendReset } from './output.ts';
import { dataReady, dataReceived, queueData, queueInOrder, receiveShutDown } from './receive-data.ts';
import { undoSpuriousSyn } from './recovery.ts';
import type { RequestSock } from './request.ts';
import { updateRtt } from './rtt.ts';
import { type Segment, segmentEnd } from './segment.ts';
import { checkSpace, pushPendingFrames, sendFin } from './send-queue.ts';
import { after, before } from './sequence.ts';
import type { Sock } from './sock.ts';
import { armKeepalive } from './timers-arm.ts';
import { initTransfer } from './transfer.ts';
import { initializeRcvMss, measureReceiverRttByTimestamp, receiveWindow } from './window.ts';

const ALIGNED_TIMESTAMP_HEADER = 32;
const SEND_SHUTDOWN = 2;
/** TCPOLEN_TSTAMP_ALIGNED */
const TIMESTAMP_LENGTH = 12;
const PAWS_24_DAYS_SECONDS = 60 * 60 * 24 * 24;
const NO_OPTIONS: IncomingOptions = parseOptions(new Uint8Array(20), false);

/** The packet of an incoming segment as a program sees it: header and options are visible. */
export function incomingView(segment: Segment): CallSegment {
  return {
    data: segment.header,
    visibleLength: segment.header.length,
    length: segment.header.length + segment.payloadLength,
    tcpFlags: segment.flags,
    hardwareTimestamp: segment.hardwareTimestamp,
  };
}

/** Counts a segment for the socket (tcp_segs_in()). */
export function countSegment(sk: Sock, segment: Segment): void {
  const count = segment.gsoSize > 0 ? Math.ceil(segment.payloadLength / segment.gsoSize) : 1;
  sk.segsIn += count;
  if (segment.payloadLength > 0) sk.dataSegsIn += count;
}

/** Reads the timestamp of a header that has exactly the usual layout; undefined otherwise. */
function alignedTimestamp(header: Uint8Array): { readonly tsval: number; readonly tsecr: number } | undefined {
  if (header[20] !== 1 || header[21] !== 1 || header[22] !== 8 || header[23] !== 10) return undefined;
  const read = (at: number) =>
    ((header[at]! << 24) | (header[at + 1]! << 16) | (header[at + 2]! << 8) | header[at + 3]!) >>> 0;
  return { tsval: read(24), tsecr: read(28) };
}

function storeTimestamp(host: Host, sk: Sock): void {
  sk.tsRecent = sk.rcvTsval;
  sk.tsRecentStamp = Math.floor(clockUs(host) / 1e6) || 1;
}

/** tcp_data_snd_check() */
function sendCheck(host: Host, sk: Sock): void {
  pushPendingFrames(host, sk);
  checkSpace(host, sk);
}

/** tcp_rcv_established() */
export function receiveEstablished(host: Host, sk: Sock, segment: Segment): void {
  refreshClock(host, sk);
  sk.sawTstamp = false;
  const { header } = segment;
  if (
    sk.predOn &&
    segment.window === sk.predWindow &&
    header.length === sk.tcpHeaderLength &&
    (segment.flags & ~Flag.PSH) === Flag.ACK &&
    segment.seq === sk.rcvNxt &&
    !after(segment.ack, sk.sndNxt) &&
    predictedTimestamp(sk, header)
  ) {
    if (segment.payloadLength === 0 || segment.truesize <= sk.forwardAlloc) receivePredicted(host, sk, segment);
    else receiveChecked(host, sk, segment, NO_OPTIONS);
    return;
  }
  if ((segment.flags & (Flag.ACK | Flag.RST | Flag.SYN)) === 0) return;
  const options = validate(host, sk, segment);
  if (options) receiveChecked(host, sk, segment, options);
}

/** Step 5: a segment that passed the tests, or was predicted but has no memory waiting for it. */
function receiveChecked(host: Host, sk: Sock, segment: Segment, options: IncomingOptions): void {
  if (processAck(host, sk, segment, options, { slowPath: true, updateTsRecent: true, challenge: true }) < 0) return;
  measureReceiverRttByTimestamp(host, sk, segment.payloadLength);
  queueData(host, sk, segment);
  sendCheck(host, sk);
  ackSendCheck(host, sk, 'may-be-out-of-order');
}

/** Whether the timestamp of a predicted header is there and not older than the last. */
function predictedTimestamp(sk: Sock, header: Uint8Array): boolean {
  if (sk.tcpHeaderLength !== ALIGNED_TIMESTAMP_HEADER) return true;
  const timestamp = alignedTimestamp(header);
  if (!timestamp) return false;
  sk.sawTstamp = true;
  sk.rcvTsval = timestamp.tsval;
  sk.rcvTsecr = timestamp.tsecr;
  return ((timestamp.tsval - sk.tsRecent) | 0) >= 0;
}

/** The fast path: a pure ACK, or data in order. */
function receivePredicted(host: Host, sk: Sock, segment: Segment): void {
  const fast = { slowPath: false, updateTsRecent: false, challenge: true };
  if (sk.tcpHeaderLength === ALIGNED_TIMESTAMP_HEADER && sk.rcvNxt === sk.rcvWup) storeTimestamp(host, sk);
  if (segment.payloadLength === 0) {
    processAck(host, sk, segment, undefined, fast);
    sendCheck(host, sk);
    sk.rcvRttLastTsecr = sk.rcvTsecr;
    return;
  }
  measureReceiverRttByTimestamp(host, sk, segment.payloadLength);
  queueInOrder(host, sk, segment);
  dataReceived(host, sk, segment);
  if (segment.ack !== sk.sndUna) {
    processAck(host, sk, segment, undefined, fast);
    sendCheck(host, sk);
    if ((sk.ackPending & AckPending.SCHED) === 0) {
      dataReady(host, sk);
      return;
    }
  } else {
    sk.sndWl1 = segment.seq;
  }
  ackSendCheck(host, sk, 'in-order');
  dataReady(host, sk);
}

/** tcp_fast_parse_options(): reads the options into the socket; the full list when the header is not the usual one. */
function readOptions(sk: Sock, segment: Segment): IncomingOptions | undefined {
  const { header } = segment;
  if (header.length === 20) {
    sk.sawTstamp = false;
    return undefined;
  }
  if (sk.tstampOk && header.length === ALIGNED_TIMESTAMP_HEADER) {
    const timestamp = alignedTimestamp(header);
    if (timestamp) {
      sk.sawTstamp = true;
      sk.rcvTsval = timestamp.tsval;
      sk.rcvTsecr = timestamp.tsecr;
      return undefined;
    }
  }
  const options = parseOptions(header, false);
  sk.sawUnknown = options.unknown;
  sk.sawTstamp = sk.tstampOk && options.timestamp;
  if (sk.sawTstamp) {
    sk.rcvTsval = options.tsval;
    sk.rcvTsecr = options.tsecr;
  }
  return sk.sackOk ? options : { ...options, sackBlocks: [] };
}

/** tcp_paws_discard(): the timestamp is older than one already seen. */
function pawsDiscards(host: Host, sk: Sock, segment: Segment): boolean {
  if (((sk.rcvTsval - sk.tsRecent) | 0) >= 0) return false;
  if (PAWS_24_DAYS_SECONDS < Math.floor(clockUs(host) / 1e6) - sk.tsRecentStamp) return false;
  const isDuplicateAck =
    (segment.flags & Flag.ACK) !== 0 &&
    segment.seq === segmentEnd(segment) &&
    segment.seq === sk.rcvNxt &&
    segment.ack === sk.sndUna;
  return !isDuplicateAck;
}

/** tcp_send_challenge_ack() */
function challenge(host: Host, sk: Sock): void {
  if (!answerTooSoon(host, sk)) sendAck(host, sk);
}

/** tcp_send_dupack(); answers to segments without payload are rationed. */
function sendDuplicateAck(host: Host, sk: Sock, segment: Segment): void {
  const end = segmentEnd(segment);
  if (end === segment.seq && answerTooSoon(host, sk)) return;
  if (end !== segment.seq && before(segment.seq, sk.rcvNxt)) {
    enterQuickAck(host, sk, MAX_QUICKACKS);
    if (sk.sackOk && host.sysctls.tcp_dsack) {
      sk.dsack = { start: segment.seq, end: after(end, sk.rcvNxt) ? sk.rcvNxt : end };
    }
  }
  sendAck(host, sk);
}

/** tcp_sequence() */
function isInWindow(host: Host, sk: Sock, seq: number, end: number): boolean {
  if (before(end, sk.rcvWup)) return false;
  const limit = (sk.rcvNxt + receiveWindow(sk)) >>> 0;
  if (after(seq, limit)) return false;
  return !host.features['window-end-checked'] || !after(end, limit) || sk.receiveQueue.length === 0;
}

/** tcp_validate_incoming(): undefined when the segment goes no further; otherwise the options that matter to tcp_ack(). */
export function validate(host: Host, sk: Sock, segment: Segment): IncomingOptions | undefined {
  const options = readOptions(sk, segment) ?? NO_OPTIONS;
  const isReset = (segment.flags & Flag.RST) !== 0;
  const isSyn = (segment.flags & Flag.SYN) !== 0;
  if (sk.sawTstamp && pawsDiscards(host, sk, segment) && !isReset) {
    if (isSyn) challenge(host, sk);
    else sendDuplicateAck(host, sk, segment);
    return undefined;
  }
  const end = segmentEnd(segment);
  const inWindow = isInWindow(host, sk, segment.seq, end);
  const afterFin =
    segment.seq === (sk.rcvNxt - 1) >>> 0 &&
    (sk.state === State.CLOSE_WAIT || sk.state === State.LAST_ACK || sk.state === State.CLOSING);
  if (!inWindow) {
    if (!isReset) {
      if (isSyn) challenge(host, sk);
      else sendDuplicateAck(host, sk, segment);
    } else if (afterFin) {
      receiveReset(host, sk);
    }
    return undefined;
  }
  if (isReset) {
    const highest = sk.sackBlocks.reduce((top, block) => (after(block.end, top) ? block.end : top), sk.rcvNxt);
    if (segment.seq === sk.rcvNxt || afterFin || segment.seq === highest) receiveReset(host, sk);
    else challenge(host, sk);
    return undefined;
  }
  if (isSyn) {
    const crossing =
      host.features['crossing-synack-establishes'] &&
      sk.state === State.SYN_RECV &&
      sk.listenerId === 0 &&
      (segment.flags & Flag.ACK) !== 0 &&
      (segment.seq + 1) >>> 0 === end &&
      end === sk.rcvNxt &&
      segment.ack === sk.sndNxt;
    if (!crossing) {
      challenge(host, sk);
      return undefined;
    }
  }
  tellHeader(host, sk, segment);
  return options;
}

/** bpf_skops_parse_hdr() */
function tellHeader(host: Host, sk: Sock, segment: Segment): void {
  const unknown = sk.sawUnknown && (sk.bpfCbFlags & CallbackFlag.PARSE_UNKNOWN_HDR_OPT) !== 0;
  if (!unknown && (sk.bpfCbFlags & CallbackFlag.PARSE_ALL_HDR_OPT) === 0) return;
  if (sk.state === State.SYN_RECV || sk.state === State.SYN_SENT || sk.state === State.LISTEN) return;
  callWithSegment(host, sk, Op.PARSE_HDR_OPT, 'tcp_validate_incoming()', incomingView(segment));
}

/** tcp_synack_rtt_meas(): the round trip of SYN-ACK and ACK; without a request sock the timestamps give it. */
export function measureSynack(host: Host, sk: Sock, req: RequestSock | undefined): void {
  refreshClock(host, sk);
  const rtt = req && req.numRetrans === 0 && req.sntSynackUs !== 0 ? clockUs(host) - req.sntSynackUs : -1;
  updateRtt(host, sk, { acked: true, maybeDelayed: false }, rtt, -1, rtt);
}

/** tcp_rcv_state_process() for every state but ESTABLISHED and LISTEN. False: the caller answers with a reset. */
export function receiveInState(host: Host, sk: Sock, segment: Segment): boolean {
  refreshClock(host, sk);
  if (sk.state === State.CLOSE) return true;
  if (sk.state === State.SYN_SENT) {
    const outcome = receiveSynSent(host, sk, segment);
    if (outcome === 'reset') return false;
    if (outcome === 'data-follows') sendCheck(host, sk);
    return true;
  }
  sk.sawTstamp = false;
  const req = sk.fastopenRequestId !== 0 ? host.requests.find((item) => item.id === sk.fastopenRequestId) : undefined;
  if (req && segment.seq === req.rcvIsn && (segment.flags & (Flag.SYN | Flag.ACK)) === Flag.SYN) return true;
  if ((segment.flags & (Flag.ACK | Flag.RST | Flag.SYN)) === 0) return true;
  const options = validate(host, sk, segment);
  if (!options) return true;
  const ackInput = { slowPath: true, updateTsRecent: true, challenge: false };
  if (processAck(host, sk, segment, options, ackInput) <= 0) {
    if (sk.state === State.SYN_RECV) return false;
    challenge(host, sk);
    return true;
  }
  if (!processState(host, sk, segment, req)) return true;
  return receiveText(host, sk, segment);
}

/** The switch over the state: false when the segment is consumed. */
function processState(host: Host, sk: Sock, segment: Segment, req: RequestSock | undefined): boolean {
  switch (sk.state) {
    case State.SYN_RECV:
      establishPassive(host, sk, segment, req);
      return true;
    case State.FIN_WAIT1:
      if (req) fastopenHandshakeDone(host, sk, req);
      return sk.sndUna !== sk.writeSeq || finAcked(host, sk, segment);
    case State.CLOSING:
      if (sk.sndUna !== sk.writeSeq) return true;
      becomeTimeWait(host, sk, State.TIME_WAIT, 0);
      return false;
    case State.LAST_ACK:
      if (sk.sndUna !== sk.writeSeq) return true;
      done(host, sk);
      return false;
    default:
      return true;
  }
}

/** SYN_RECV to ESTABLISHED: the callbacks of a passive open. */
function establishPassive(host: Host, sk: Sock, segment: Segment, req: RequestSock | undefined): void {
  sk.delivered++;
  if (sk.srttUs === 0) measureSynack(host, sk, req);
  const lowersFirst = host.features['child-advmss-lowered-first'];
  if (sk.tstampOk && lowersFirst) sk.advmss -= TIMESTAMP_LENGTH;
  if (req) {
    fastopenHandshakeDone(host, sk, req);
  } else {
    undoSpuriousSyn(sk);
    sk.retransStamp = 0;
    initTransfer(host, sk, Op.PASSIVE_ESTABLISHED, incomingView(segment));
    sk.copiedSeq = sk.rcvNxt;
  }
  setState(host, sk, State.ESTABLISHED, 'tcp_rcv_state_process()');
  notice(host, { kind: 'established', host: host.name, socketId: sk.id, time: nowInstant(host) });
  sk.sndUna = segment.ack;
  sk.sndWnd = segment.window * 2 ** sk.sndWscale;
  sk.sndWl1 = segment.seq;
  if (sk.tstampOk && !lowersFirst) sk.advmss -= TIMESTAMP_LENGTH;
  sk.lsndtime = jiffies(host);
  initializeRcvMss(sk);
  fastPathOn(sk);
  if ((sk.shutdown & SEND_SHUTDOWN) !== 0) {
    setState(host, sk, State.FIN_WAIT1, 'tcp_shutdown()');
    sendFin(host, sk);
  }
}

/** FIN_WAIT1 and our FIN is acknowledged. False when the socket became a mini FIN_WAIT2. */
function finAcked(host: Host, sk: Sock, segment: Segment): boolean {
  setState(host, sk, State.FIN_WAIT2, 'tcp_rcv_state_process()');
  sk.shutdown |= SEND_SHUTDOWN;
  if (!sk.orphan) return true;
  const end = segmentEnd(segment);
  const fin = segment.flags & Flag.FIN;
  if (sk.lingerJiffies < 0 || (end !== segment.seq && after((end - fin) >>> 0, sk.rcvNxt))) {
    done(host, sk);
    sendReset(host, segment, end);
    return false;
  }
  const wait = finTime(host, sk);
  const length = TIMEWAIT_SECONDS * host.config.hz;
  if (length < wait) {
    armKeepalive(host, sk, wait - length);
  } else if (fin !== 0 || sk.owned) {
    armKeepalive(host, sk, wait);
  } else {
    becomeTimeWait(host, sk, State.FIN_WAIT2, wait);
    return false;
  }
  return true;
}

/** tcp_fin_time() */
export function finTime(host: Host, sk: Sock): number {
  const wanted = sk.lingerJiffies || host.sysctls.tcp_fin_timeout * host.config.hz;
  return Math.max(wanted, (sk.rto << 2) - (sk.rto >> 1));
}

/** Step 7: the payload. False: the caller answers with a reset. */
function receiveText(host: Host, sk: Sock, segment: Segment): boolean {
  const end = segmentEnd(segment);
  switch (sk.state) {
    case State.CLOSE_WAIT:
    case State.CLOSING:
    case State.LAST_ACK:
      if (!before(segment.seq, sk.rcvNxt)) break;
      if (!acceptText(host, sk, segment, end)) return false;
      break;
    case State.FIN_WAIT1:
    case State.FIN_WAIT2:
    case State.ESTABLISHED:
      if (!acceptText(host, sk, segment, end)) return false;
      break;
    default:
      break;
  }
  if (sk.state !== State.CLOSE) {
    sendCheck(host, sk);
    ackSendCheck(host, sk, 'may-be-out-of-order');
  }
  return true;
}

function acceptText(host: Host, sk: Sock, segment: Segment, end: number): boolean {
  const fin = segment.flags & Flag.FIN;
  if (
    sk.state !== State.ESTABLISHED &&
    receiveShutDown(sk) &&
    end !== segment.seq &&
    after((end - fin) >>> 0, sk.rcvNxt)
  ) {
    fail(host, sk, 104);
    return false;
  }
  queueData(host, sk, segment);
  return true;
}
