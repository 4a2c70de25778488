// The end of a connection: what a FIN or RST does, the last state changes, and turning a socket into TIME_WAIT
// (tcp_fin(), tcp_reset(), tcp_done(), tcp_time_wait()).

import { enterPingpong } from './ack-engine.ts';
import { setState } from './callback.ts';
import { AckPending, State } from './constants.ts';
import { armTimer, type Host, jiffies, notice, nowInstant } from './engine.ts';
import { reclaimMemory, unchargeReceiving } from './memory.ts';
import { sendAck } from './output.ts';
import type { Sock } from './sock.ts';
import { clearAllTimers } from './timers-arm.ts';

const SHUTDOWN_BOTH = 3;
const RCV_SHUTDOWN = 1;
const ECONNREFUSED = 111;
const EPIPE = 32;
const ECONNRESET = 104;
/** TCP_TIMEWAIT_LEN in seconds. */
export const TIMEWAIT_SECONDS = 60;

/** tcp_fin() */
export function receiveFin(host: Host, sk: Sock): void {
  sk.ackPending |= AckPending.SCHED;
  sk.shutdown |= RCV_SHUTDOWN;
  switch (sk.state) {
    case State.SYN_RECV:
    case State.ESTABLISHED:
      setState(host, sk, State.CLOSE_WAIT, 'tcp_fin()');
      enterPingpong(host, sk);
      break;
    case State.FIN_WAIT1:
      sendAck(host, sk);
      setState(host, sk, State.CLOSING, 'tcp_fin()');
      break;
    case State.FIN_WAIT2:
      sendAck(host, sk);
      becomeTimeWait(host, sk, State.TIME_WAIT, 0);
      break;
    default:
      break;
  }
  for (const buffer of sk.outOfOrder) unchargeReceiving(host, sk, buffer.truesize);
  sk.outOfOrder = [];
  sk.sackBlocks = [];
  sk.dsack = undefined;
  reclaimMemory(sk);
  if (!sk.orphan) notice(host, { kind: 'end-of-stream', host: host.name, socketId: sk.id, time: nowInstant(host) });
}

/** tcp_reset(): the peer sent an acceptable RST. */
export function receiveReset(host: Host, sk: Sock): void {
  switch (sk.state) {
    case State.SYN_SENT:
      fail(host, sk, ECONNREFUSED);
      break;
    case State.CLOSE_WAIT:
      fail(host, sk, EPIPE);
      break;
    case State.CLOSE:
      return;
    default:
      fail(host, sk, ECONNRESET);
  }
}

/** tcp_done_with_error(): reports an error, drops what was to be sent, and closes. */
export function fail(host: Host, sk: Sock, errno: number): void {
  sk.error = errno;
  purgeWriteQueue(sk);
  done(host, sk);
  notice(host, { kind: 'error', host: host.name, socketId: sk.id, errno, time: nowInstant(host) });
}

/** tcp_write_queue_purge() */
export function purgeWriteQueue(sk: Sock): void {
  sk.writeQueue = [];
  sk.rtxQueue = [];
  sk.forwardAlloc += sk.wmemQueued;
  reclaimMemory(sk);
  sk.wmemQueued = 0;
  sk.packetsOut = 0;
  sk.backoff = 0;
}

/** tcp_done() */
export function done(host: Host, sk: Sock): void {
  setState(host, sk, State.CLOSE, 'tcp_done()');
  clearAllTimers(sk);
  if (sk.fastopenRequestId !== 0) {
    host.requests = host.requests.filter((req) => req.id !== sk.fastopenRequestId);
    sk.fastopenRequestId = 0;
  }
  sk.shutdown = SHUTDOWN_BOTH;
  if (sk.orphan) destroy(host, sk);
}

/** inet_csk_destroy_sock(): nobody knows the socket any more. */
export function destroy(host: Host, sk: Sock): void {
  sk.destroyed = true;
  host.socks = host.socks.filter((other) => other !== sk);
}

/** tcp_time_wait(): leaves a TIME_WAIT (or mini FIN_WAIT2) sock behind and closes this one. `jiffies` 0 = the standard time. */
export function becomeTimeWait(host: Host, sk: Sock, substate: number, jiffiesWanted: number): void {
  const length = TIMEWAIT_SECONDS * host.config.hz;
  const rto = (sk.rto << 2) - (sk.rto >> 1);
  let timeout = Math.max(jiffiesWanted, rto);
  if (substate === State.TIME_WAIT) timeout = length;
  host.timeWaits.push({
    id: sk.id,
    localAddress: sk.localAddress,
    remoteAddress: sk.remoteAddress,
    sport: sk.sport,
    dport: sk.dport,
    family: sk.family,
    substate,
    rcvNxt: sk.rcvNxt,
    sndNxt: sk.sndNxt,
    rcvWnd: Math.max(0, (sk.rcvWup + sk.rcvWnd - sk.rcvNxt) | 0),
    rcvWscale: sk.rcvWscale,
    tsRecent: sk.tsRecent,
    tsRecentStamp: sk.tstampOk ? sk.tsRecentStamp || 1 : 0,
    tsOffset: sk.tsOffset,
    tos: sk.tos,
    lastOow: 0,
    token: armTimer(host, sk.id, 'time-wait', jiffies(host) + timeout),
  });
  done(host, sk);
}
