// Active open: connect(), the SYN, and SYN_SENT until the connection is established, refused, or both sides turn out to have
// opened at once (tcp_v4_connect(), tcp_connect(), tcp_rcv_synsent_state_process()).

import { processAck } from './ack.ts';
import { enterQuickAck, inPingpong } from './ack-engine.ts';
import { askBpf, callBpf, setState } from './callback.ts';
import { caNeedsEcn } from './congestion.ts';
import {
  AckPending,
  EcnFlag,
  Flag,
  MAX_QUICKACKS,
  MSS_DEFAULT,
  MSS_DEFAULT_V6,
  Op,
  Pending,
  State,
} from './constants.ts';
import { armTimer, clockMs, clockUs, type Host, jiffies, notice, nowInstant } from './engine.ts';
import { fastopenSynackReceived, sendSynData } from './fastopen.ts';
import { receiveReset } from './fin.ts';
import { incomingView } from './input.ts';
import { chargeSending } from './memory.ts';
import { parseOptions } from './options.ts';
import {
  clampMss,
  controlBuffer,
  markEcnCapable,
  refreshClock,
  routeAdvmss,
  sendAck,
  syncMss,
  transmit,
} from './output.ts';
import { undoSpuriousSyn } from './recovery.ts';
import { isV4Mapped, type Segment } from './segment.ts';
import { after } from './sequence.ts';
import type { Sock } from './sock.ts';
import { dropTimeWait } from './time-wait-input.ts';
import { armKeepalive, keepaliveTimeWhen, resetXmitTimer } from './timers-arm.ts';
import { initTransfer } from './transfer.ts';
import { fullSpace, initializeRcvMss, selectInitialWindow } from './window.ts';
import { routeMtu, sameAddress } from './wire.ts';

const LOCK_RCVBUF = 2;

/** tcp_timeout_init(): the first retransmission timeout in jiffies; asks the programs. */
export function askTimeout(host: Host, sk: Sock, site: string): number {
  const standard = host.config.hz;
  const { call, reply } = askBpf(host, sk, Op.TIMEOUT_INIT, site);
  let timeout = reply <= 0 ? standard : reply;
  let remark = '';
  if (host.features['timeout-init-capped'] && sk.rtoMaxJiffies < timeout) {
    timeout = sk.rtoMaxJiffies;
    remark = `limited to ${sk.rtoMaxJiffies} jiffies`;
  }
  call.effect('reply', 'SYN timeout (jiffies)', standard, timeout, remark);
  return timeout;
}

/** tcp_connect_init() */
function connectInit(host: Host, sk: Sock): void {
  const { sysctls } = host;
  sk.tcpHeaderLength = sysctls.tcp_timestamps ? 32 : 20;
  if (sk.userMss !== 0) sk.mssClamp = sk.userMss;
  sk.maxWindow = 0;
  syncMss(host, sk, routeMtu(host, sk.remoteAddress));
  sk.advmss = clampMss(sk, routeAdvmss(host, sk.remoteAddress));
  initializeRcvMss(sk);
  if ((sk.userLocks & LOCK_RCVBUF) !== 0 && (fullSpace(host, sk) < sk.windowClamp || sk.windowClamp === 0)) {
    sk.windowClamp = fullSpace(host, sk);
  }
  const { call, reply } = askBpf(host, sk, Op.RWND_INIT, 'tcp_connect_init()');
  const asked = Math.max(0, reply);
  const mss = sk.advmss - (sk.tsRecentStamp !== 0 ? sk.tcpHeaderLength - 20 : 0);
  const space = fullSpace(host, sk);
  const scaling = sysctls.tcp_window_scaling !== 0;
  const chosen = selectInitialWindow(host, space, mss, sk.windowClamp, scaling, asked);
  if (asked > 0) {
    const usual = selectInitialWindow(host, space, mss, sk.windowClamp, scaling, 0);
    const wanted = asked * mss;
    const remark = chosen.rcvWnd < wanted ? `${asked} segments of ${mss} bytes do not fit into the receive buffer` : '';
    call.effect('reply', 'initial receive window (bytes)', usual.rcvWnd, chosen.rcvWnd, remark);
  }
  sk.rcvWnd = chosen.rcvWnd;
  sk.windowClamp = chosen.windowClamp;
  sk.rcvWscale = chosen.wscale;
  sk.rcvSsthresh = sk.rcvWnd;
  sk.error = 0;
  sk.sndWnd = 0;
  sk.sndWl1 = 0;
  sk.writeQueue = [];
  sk.rtxQueue = [];
  sk.forwardAlloc = 0;
  sk.wmemQueued = 0;
  sk.packetsOut = 0;
  sk.sndUna = sk.sndSml = sk.sndUp = sk.sndNxt = sk.writeSeq;
  sk.rcvNxt = sk.rcvWup = sk.copiedSeq = 0;
  sk.rto = askTimeout(host, sk, 'tcp_connect_init()');
  sk.retransmits = 0;
  sk.retransOut = sk.lostOut = sk.sackedOut = 0;
  sk.undoMarker = 0;
  sk.undoRetrans = -1;
  sk.totalRto = 0;
}

/** tcp_connect(): the SYN goes out. The addresses and the state SYN_SENT are set. */
export function sendSyn(host: Host, sk: Sock): void {
  callBpf(host, sk, Op.TCP_CONNECT, 'tcp_connect()');
  connectInit(host, sk);
  const buffer = controlBuffer(host, sk.writeSeq, Flag.SYN);
  sk.writeSeq = (sk.writeSeq + 1) >>> 0;
  refreshClock(host, sk);
  sk.retransStamp = clockMs(sk.mstampUs) || 1;
  chargeSending(host, sk, buffer.truesize);
  sk.packetsOut++;
  sendSynEcn(host, sk, buffer);
  sk.rtxQueue.push(buffer);
  if (sk.fastopenRequest) sendSynData(host, sk, buffer);
  else transmit(host, sk, buffer, 'queued');
  const head = sk.writeQueue[0];
  sk.sndNxt = head ? head.seq : sk.writeSeq;
  sk.pushedSeq = sk.sndNxt;
  resetXmitTimer(host, sk, Pending.RETRANS, sk.rto);
}

/** tcp_ecn_send_syn() */
function sendSynEcn(host: Host, sk: Sock, buffer: { flags: number }): void {
  const { call, reply } = askBpf(host, sk, Op.NEEDS_ECN, 'tcp_ecn_send_syn()');
  const byProgram = reply === 1;
  const needed = caNeedsEcn(sk);
  sk.ecnFlags = 0;
  if (reply > 1)
    call.effect('reply', 'ECN requested in the SYN', false, false, 'only a reply of exactly 1 asks for ECN');
  if (host.sysctls.tcp_ecn !== 1 && !needed && !byProgram) return;
  if (byProgram) call.effect('reply', 'ECN requested in the SYN', host.sysctls.tcp_ecn === 1 || needed, true);
  buffer.flags |= Flag.ECE | Flag.CWR;
  sk.ecnFlags = EcnFlag.OK;
  if (needed || byProgram) markEcnCapable(sk);
}

/** Sets what tcp_v4_connect() and tcp_v6_connect() set before the SYN. */
export function prepareConnect(host: Host, sk: Sock): void {
  const v4 = isV4Mapped(sk.remoteAddress);
  sk.tsOffset = host.engine.random.u32();
  sk.mssClamp = v4 ? MSS_DEFAULT : MSS_DEFAULT_V6;
  sk.txHash = (host.engine.random.u32() | 1) >>> 0;
  setState(host, sk, State.SYN_SENT, v4 ? 'tcp_v4_connect()' : 'tcp_v6_connect()');
}

/**
 * __inet_check_established() of a port that was chosen with bind(): a TIME_WAIT sock of the same addresses and ports gives way when
 * timestamps tell its segments from new ones. False: the port cannot be had.
 */
export function replaceTimeWait(host: Host, sk: Sock): boolean {
  const tw = host.timeWaits.find(
    (item) =>
      item.sport === sk.sport &&
      item.dport === sk.dport &&
      sameAddress(item.remoteAddress, sk.remoteAddress) &&
      sameAddress(item.localAddress, sk.localAddress),
  );
  if (!tw) return true;
  if (tw.tsRecentStamp === 0) return false;
  sk.writeSeq = (tw.sndNxt + 65535 + 2) >>> 0 || 1;
  sk.tsRecent = tw.tsRecent;
  sk.tsRecentStamp = tw.tsRecentStamp;
  dropTimeWait(host, tw);
  return true;
}

export type SynSentOutcome = 'done' | 'reset' | 'data-follows';

/** tcp_rcv_synsent_state_process() */
export function receiveSynSent(host: Host, sk: Sock, segment: Segment): SynSentOutcome {
  const isSyn = (segment.flags & Flag.SYN) !== 0;
  const isReset = (segment.flags & Flag.RST) !== 0;
  const options = parseOptions(segment.header, isSyn);
  sk.sawUnknown = options.unknown;
  sk.sawTstamp = options.timestamp && host.sysctls.tcp_timestamps !== 0;
  if (sk.sawTstamp) {
    sk.rcvTsval = options.tsval;
    sk.rcvTsecr = options.tsecr;
  }
  if (options.mss !== 0) {
    sk.mssClamp = sk.userMss !== 0 && sk.userMss < options.mss ? sk.userMss : options.mss;
  }
  if (isSyn) {
    sk.wscaleOk = options.wscale >= 0 && host.sysctls.tcp_window_scaling !== 0;
    if (sk.wscaleOk) sk.sndWscale = options.wscale;
    sk.sackOk = options.sackPermitted && host.sysctls.tcp_sack !== 0;
  }
  if ((segment.flags & Flag.ACK) === 0) {
    if (isReset || !isSyn) return 'done';
    crossedSyn(host, sk, segment);
    return 'done';
  }
  if (!after(segment.ack, sk.sndUna) || after(segment.ack, sk.sndNxt)) {
    if (sk.retransmits === 0) resetXmitTimer(host, sk, Pending.RETRANS, 2);
    return 'reset';
  }
  if (isReset) {
    receiveReset(host, sk);
    return 'done';
  }
  if (!isSyn) return 'done';
  if ((sk.ecnFlags & EcnFlag.OK) !== 0 && ((segment.flags & Flag.ECE) === 0 || (segment.flags & Flag.CWR) !== 0)) {
    sk.ecnFlags &= ~EcnFlag.OK;
  }
  sk.sndWl1 = segment.seq;
  undoSpuriousSyn(sk);
  processAck(host, sk, segment, options, { slowPath: true, updateTsRecent: false, challenge: true });
  sk.rcvNxt = sk.rcvWup = (segment.seq + 1) >>> 0;
  sk.sndWnd = segment.window;
  if (!sk.wscaleOk) {
    sk.sndWscale = sk.rcvWscale = 0;
    sk.windowClamp = Math.min(sk.windowClamp, 65535);
  }
  takeTimestamps(host, sk, 'lower-advmss');
  syncMss(host, sk, sk.pmtuCookie);
  initializeRcvMss(sk);
  sk.copiedSeq = sk.rcvNxt;
  finishConnect(host, sk, segment);
  const resend = (sk.synFastopen || sk.synData > 0) && fastopenSynackReceived(host, sk, options);
  if (resend) return 'data-follows';
  if (sk.writeQueue.length > 0 || sk.deferAccept > 0 || inPingpong(host, sk)) {
    sk.ackPending |= AckPending.SCHED | AckPending.TIMER;
    enterQuickAck(host, sk, MAX_QUICKACKS);
    sk.ackTimeout = jiffies(host) + Math.floor(host.config.hz / 5);
    sk.delackToken = armTimer(host, sk.id, 'delack', sk.ackTimeout);
    return 'data-follows';
  }
  sendAck(host, sk);
  return 'data-follows';
}

function takeTimestamps(host: Host, sk: Sock, advmss: 'lower-advmss' | 'keep-advmss'): void {
  if (sk.sawTstamp) {
    sk.tstampOk = true;
    sk.tcpHeaderLength = 32;
    if (advmss === 'lower-advmss') sk.advmss -= 12;
    sk.tsRecent = sk.rcvTsval;
    sk.tsRecentStamp = Math.floor(clockUs(host) / 1e6) || 1;
  } else {
    sk.tcpHeaderLength = 20;
  }
}

/** tcp_finish_connect() */
function finishConnect(host: Host, sk: Sock, segment: Segment): void {
  setState(host, sk, State.ESTABLISHED, 'tcp_finish_connect()');
  sk.ackLrcvtime = jiffies(host);
  initTransfer(host, sk, Op.ACTIVE_ESTABLISHED, incomingView(segment));
  sk.lsndtime = jiffies(host);
  if (sk.keepaliveOn) armKeepalive(host, sk, keepaliveTimeWhen(host, sk));
  if (sk.sndWscale === 0) {
    sk.predOn = true;
    sk.predWindow = sk.sndWnd;
  } else {
    sk.predOn = false;
  }
  notice(host, { kind: 'established', host: host.name, socketId: sk.id, time: nowInstant(host) });
}

/** A SYN crossed ours: simultaneous open. The socket answers with a SYN-ACK of its own. */
function crossedSyn(host: Host, sk: Sock, segment: Segment): void {
  setState(host, sk, State.SYN_RECV, 'tcp_rcv_synsent_state_process()');
  takeTimestamps(host, sk, 'keep-advmss');
  sk.rcvNxt = sk.copiedSeq = sk.rcvWup = (segment.seq + 1) >>> 0;
  sk.sndWnd = segment.window;
  sk.sndWl1 = segment.seq;
  sk.maxWindow = sk.sndWnd;
  if ((sk.ecnFlags & EcnFlag.OK) !== 0) {
    const both = Flag.ECE | Flag.CWR;
    if ((segment.flags & both) !== both) sk.ecnFlags &= ~EcnFlag.OK;
  }
  syncMss(host, sk, sk.pmtuCookie);
  initializeRcvMss(sk);
  sendSynackOfSock(host, sk);
}

/** tcp_send_synack(): the SYN becomes a SYN-ACK and goes out again. */
function sendSynackOfSock(host: Host, sk: Sock): void {
  const buffer = sk.rtxQueue[0];
  if (!buffer || (buffer.flags & Flag.SYN) === 0) return;
  if ((buffer.flags & Flag.ACK) === 0) {
    buffer.flags |= Flag.ACK;
    buffer.flags &= ~Flag.CWR;
    if ((sk.ecnFlags & EcnFlag.OK) === 0) {
      buffer.flags &= ~Flag.ECE;
    } else if (caNeedsEcn(sk) || askBpf(host, sk, Op.NEEDS_ECN, 'tcp_ecn_send_synack()').reply === 1) {
      markEcnCapable(sk);
    }
  }
  transmit(host, sk, buffer, 'queued');
}
