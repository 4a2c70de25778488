// What happens when a timer of a socket fires: retransmission with its give-up rules, zero-window probes, delayed and
// compressed ACKs, keepalive, the SYN-ACK timer of a fast open child (net/ipv4/tcp_timer.c).

import { delackMin, inPingpong } from './ack-engine.ts';
import { callBpf } from './callback.ts';
import { AckPending, CallbackFlag, Flag, INFINITE_SSTHRESH, Op, Pending, State } from './constants.ts';
import { clockMs, type Host, jiffies, jiffiesToUsecs } from './engine.ts';
import { becomeTimeWait, done, fail, TIMEWAIT_SECONDS } from './fin.ts';
import { finTime } from './input.ts';
import { repeatSynack } from './listener.ts';
import { sendLossProbe } from './loss-probe.ts';
import { askTimeout } from './open-active.ts';
import { currentMss, refreshClock, sendAck, sendActiveReset, sendProbe, transmit, windowEnd } from './output.ts';
import { rackReoTimeout } from './recovery.ts';
import { enterLoss, retransmit, retransmitLost } from './retransmit.ts';
import { computeRto } from './rtt.ts';
import { cutBuffer, probe0Base } from './send-queue.ts';
import { before } from './sequence.ts';
import type { Sock } from './sock.ts';
import {
  armKeepalive,
  keepaliveElapsed,
  keepaliveIntvlWhen,
  keepaliveTimeWhen,
  rearmRto,
  resetXmitTimer,
} from './timers-arm.ts';

const ETIMEDOUT = 110;
/** TCP_THIN_LINEAR_RETRIES */
const THIN_RETRIES = 6;

const isOpening = (sk: Sock): boolean => sk.state === State.SYN_SENT || sk.state === State.SYN_RECV;

/** tcp_model_timeout(): how long `boundary` retransmissions take, in milliseconds. */
function modelTimeout(host: Host, sk: Sock, boundary: number, baseJiffies: number): number {
  const rtoMax = sk.rtoMaxJiffies;
  const doublings = Math.floor(Math.log2(rtoMax / baseJiffies));
  const timeout =
    boundary <= doublings
      ? (2 ** (boundary + 1) - 1) * baseJiffies
      : (2 ** (doublings + 1) - 1) * baseJiffies + (boundary - doublings) * rtoMax;
  return (timeout * 1000) / host.config.hz;
}

/** retransmits_timed_out() */
function timedOut(host: Host, sk: Sock, boundary: number, userTimeoutMs: number): boolean {
  if (sk.retransmits === 0) return false;
  let timeout = userTimeoutMs;
  if (timeout === 0) {
    let base = Math.floor(host.config.hz / 5);
    if (isOpening(sk)) {
      base = host.features['give-up-asks-timeout-init']
        ? askTimeout(host, sk, 'retransmits_timed_out()')
        : host.config.hz;
    }
    timeout = modelTimeout(host, sk, boundary, base);
  }
  const elapsed = (clockMs(sk.mstampUs) - sk.retransStamp) | 0;
  return elapsed - timeout >= 0;
}

/** tcp_orphan_retries() */
function orphanRetries(host: Host, alive: boolean): number {
  const retries = host.sysctls.tcp_orphan_retries;
  return retries === 0 && alive ? 8 : retries;
}

/** tcp_write_timeout(): true when the connection was given up. */
function writeTimeout(host: Host, sk: Sock): boolean {
  const { sysctls } = host;
  let retries: number;
  let expired = false;
  if (isOpening(sk)) {
    retries = sk.synRetries || sysctls.tcp_syn_retries;
    let most = retries;
    if (sk.state === State.SYN_SENT && host.features['syn-linear-timeouts']) most += sysctls.tcp_syn_linear_timeouts;
    expired = most <= sk.retransmits;
  } else {
    timedOut(host, sk, sysctls.tcp_retries1, 0);
    retries = sysctls.tcp_retries2;
    if (sk.orphan) {
      const alive = sk.rto < sk.rtoMaxJiffies;
      retries = orphanRetries(host, alive);
    }
  }
  if (!expired) expired = timedOut(host, sk, retries, sk.userTimeoutMs);
  if ((sk.bpfCbFlags & CallbackFlag.RTO) !== 0) {
    callBpf(host, sk, Op.RTO, 'tcp_write_timeout()', [sk.retransmits, sk.rto, expired ? 1 : 0, 0]);
  }
  if (!expired) {
    // sk_rethink_txhash(): another path may be healthy.
    if (sk.txRehash !== 0) sk.txHash = (host.engine.random.u32() | 1) >>> 0;
    return false;
  }
  fail(host, sk, ETIMEDOUT);
  return true;
}

/** tcp_clamp_rto_to_user_timeout() */
function clampedRto(host: Host, sk: Sock): number {
  if (sk.userTimeoutMs === 0) return sk.rto;
  const elapsed = (clockMs(sk.mstampUs) - sk.retransStamp) | 0;
  const left = sk.userTimeoutMs - elapsed;
  if (left <= 0) return 1;
  return Math.min(sk.rto, Math.ceil((left * host.config.hz) / 1000));
}

/** tcp_retransmit_timer() */
function retransmitTimer(host: Host, sk: Sock): void {
  if (sk.fastopenRequestId !== 0) {
    fastopenSynackTimer(host, sk);
    return;
  }
  const head = sk.rtxQueue[0];
  if (sk.packetsOut === 0 || !head) return;
  if (sk.sndWnd === 0 && !sk.orphan && !isOpening(sk)) {
    if (120 * host.config.hz < jiffies(host) - sk.rcvTstamp) {
      fail(host, sk, ETIMEDOUT);
      return;
    }
    enterLoss(host, sk);
    retransmit(host, sk, head, 1);
    backOff(host, sk);
    return;
  }
  if (writeTimeout(host, sk)) return;
  enterLoss(host, sk);
  sk.retransmits++;
  sk.totalRto++;
  const first = sk.rtxQueue[0];
  if (first) retransmit(host, sk, first, 1);
  backOff(host, sk);
  timedOut(host, sk, host.sysctls.tcp_retries1 + 1, 0);
}

/** The end of tcp_retransmit_timer(): the next timeout. */
function backOff(host: Host, sk: Sock): void {
  const thin = sk.thinLto || host.sysctls.tcp_thin_linear_timeouts !== 0;
  if (
    sk.state === State.ESTABLISHED &&
    thin &&
    sk.packetsOut < 4 &&
    sk.sndSsthresh < INFINITE_SSTHRESH &&
    sk.retransmits <= THIN_RETRIES
  ) {
    sk.backoff = 0;
    sk.rto = Math.min(Math.max(computeRto(host, sk), sk.rtoMinJiffies), sk.rtoMaxJiffies);
  } else if (
    sk.state !== State.SYN_SENT ||
    !host.features['syn-linear-timeouts'] ||
    host.sysctls.tcp_syn_linear_timeouts < sk.totalRto
  ) {
    sk.backoff++;
    sk.rto = Math.min(sk.rto * 2, sk.rtoMaxJiffies);
  }
  resetXmitTimer(host, sk, Pending.RETRANS, clampedRto(host, sk));
}

/** tcp_fastopen_synack_timer() */
function fastopenSynackTimer(host: Host, sk: Sock): void {
  const req = host.requests.find((item) => item.id === sk.fastopenRequestId);
  if (!req) return;
  const most = sk.synRetries || host.sysctls.tcp_synack_retries + 1;
  if (most <= req.numTimeout) {
    fail(host, sk, ETIMEDOUT);
    return;
  }
  if (sk.totalRetrans === 0) enterLoss(host, sk);
  repeatSynack(host, sk, sk.cgroup, req);
  sk.totalRetrans++;
  req.numTimeout++;
  sk.retransmits++;
  if (sk.retransStamp === 0) sk.retransStamp = clockMs(sk.mstampUs);
  const base = host.features['fastopen-child-timeout-init'] ? req.timeoutJiffies : host.config.hz;
  resetXmitTimer(host, sk, Pending.RETRANS, base * 2 ** req.numTimeout);
}

/** tcp_probe_timer() */
function probeTimer(host: Host, sk: Sock): void {
  if (sk.packetsOut > 0 || sk.writeQueue.length === 0) {
    sk.probesOut = 0;
    sk.probesTstamp = 0;
    return;
  }
  const now = jiffies(host);
  if (sk.probesTstamp === 0) sk.probesTstamp = now;
  else if (sk.userTimeoutMs !== 0 && sk.userTimeoutMs * host.config.hz <= (now - sk.probesTstamp) * 1000) {
    fail(host, sk, ETIMEDOUT);
    return;
  }
  let most = host.sysctls.tcp_retries2;
  if (sk.orphan) most = orphanRetries(host, probe0Base(host, sk) * 2 ** sk.backoff < sk.rtoMaxJiffies);
  if (most <= sk.probesOut) {
    fail(host, sk, ETIMEDOUT);
    return;
  }
  writeWakeup(host, sk);
  if (sk.packetsOut > 0 || sk.writeQueue.length === 0) {
    sk.probesOut = 0;
    sk.backoff = 0;
    return;
  }
  sk.probesOut++;
  if (sk.backoff < host.sysctls.tcp_retries2) sk.backoff++;
  const when = Math.min(probe0Base(host, sk) * 2 ** sk.backoff, sk.rtoMaxJiffies);
  resetXmitTimer(host, sk, Pending.PROBE0, when);
}

/** tcp_write_wakeup(): what fits into the window of the peer, or a bare probe. */
function writeWakeup(host: Host, sk: Sock): void {
  const buffer = sk.writeQueue[0];
  if (!buffer || !before(buffer.seq, windowEnd(sk))) {
    sendProbe(host, sk, 0);
    return;
  }
  const mss = currentMss(host, sk);
  const room = Math.min((windowEnd(sk) - buffer.seq) >>> 0, mss);
  if (room < buffer.length) sk.writeQueue.splice(1, 0, cutBuffer(host, sk, buffer, room, mss));
  buffer.segments = Math.max(1, buffer.segments);
  buffer.flags |= Flag.PSH;
  transmit(host, sk, buffer, 'queued');
  sk.sndNxt = buffer.endSeq;
  sk.writeQueue.shift();
  sk.rtxQueue.push(buffer);
  sk.packetsOut += buffer.segments;
  rearmRto(host, sk);
}

/** tcp_write_timer(): the one timer for retransmission, probes and reordering. */
export function onRetransmitTimer(host: Host, sk: Sock): void {
  sk.retransmitToken = 0;
  if (sk.state === State.CLOSE || sk.state === State.LISTEN || sk.pending === Pending.NONE) return;
  refreshClock(host, sk);
  const what = sk.pending;
  if (what === Pending.REO_TIMEOUT) {
    if (rackReoTimeout(host, sk)) retransmitLost(host, sk);
    // retransmitLost() may have armed the retransmission timer, which the compiler does not see.
    const pending: number = sk.pending;
    if (pending !== Pending.RETRANS) rearmRto(host, sk);
    return;
  }
  if (what === Pending.LOSS_PROBE) {
    sendLossProbe(host, sk);
    return;
  }
  sk.pending = Pending.NONE;
  if (what === Pending.RETRANS) retransmitTimer(host, sk);
  else if (what === Pending.PROBE0) probeTimer(host, sk);
}

/** tcp_delack_timer_handler() */
export function onDelackTimer(host: Host, sk: Sock): void {
  sk.delackToken = 0;
  if (sk.state === State.CLOSE || sk.state === State.LISTEN || (sk.ackPending & AckPending.TIMER) === 0) return;
  sk.ackPending &= ~AckPending.TIMER;
  if ((sk.ackPending & AckPending.SCHED) === 0) return;
  if (!inPingpong(host, sk)) {
    sk.ackAto = Math.min(sk.ackAto << 1, sk.rto);
  } else {
    sk.ackPingpong = 0;
    sk.ackAto = delackMin(host);
  }
  refreshClock(host, sk);
  sendAck(host, sk);
}

/** tcp_compressed_ack_kick() */
export function onCompressedAckTimer(host: Host, sk: Sock): void {
  sk.compressToken = 0;
  if (sk.compressedAck === 0) return;
  sk.compressedAck--;
  sendAck(host, sk);
}

/** tcp_keepalive_timer(): also ends FIN_WAIT2 of a socket that nobody holds. */
export function onKeepaliveTimer(host: Host, sk: Sock): void {
  sk.keepaliveToken = 0;
  if (sk.state === State.LISTEN) return;
  refreshClock(host, sk);
  if (sk.state === State.FIN_WAIT2 && sk.orphan) {
    if (sk.lingerJiffies >= 0) {
      const left = finTime(host, sk) - TIMEWAIT_SECONDS * host.config.hz;
      if (left > 0) {
        becomeTimeWait(host, sk, State.FIN_WAIT2, left);
        return;
      }
    }
    sendActiveReset(host, sk);
    done(host, sk);
    return;
  }
  if (!sk.keepaliveOn || sk.state === State.CLOSE || sk.state === State.SYN_SENT) return;
  const idle = keepaliveTimeWhen(host, sk);
  if (sk.packetsOut > 0 || sk.writeQueue.length > 0) {
    armKeepalive(host, sk, idle);
    return;
  }
  const elapsed = keepaliveElapsed(host, sk);
  if (elapsed < idle) {
    armKeepalive(host, sk, idle - elapsed);
    return;
  }
  const probes = sk.keepaliveProbes || host.sysctls.tcp_keepalive_probes;
  const byUser = sk.userTimeoutMs !== 0 && sk.userTimeoutMs <= jiffiesToUsecs(host, elapsed) / 1000 && sk.probesOut > 0;
  if (byUser || (sk.userTimeoutMs === 0 && probes <= sk.probesOut)) {
    sendActiveReset(host, sk);
    fail(host, sk, ETIMEDOUT);
    return;
  }
  sendProbe(host, sk, 0);
  sk.probesOut++;
  armKeepalive(host, sk, keepaliveIntvlWhen(host, sk));
}
