// Ending a connection from the side of the process: shutdown(), close() with its rules for unread data and lingering,
// connect(AF_UNSPEC) (net/ipv4/tcp.c).

import { setState } from './callback.ts';
import { Errno, State } from './constants.ts';
import { findSock, type Host } from './engine.ts';
import { becomeTimeWait, destroy, purgeWriteQueue, TIMEWAIT_SECONDS } from './fin.ts';
import { finTime } from './input.ts';
import { reclaimMemory } from './memory.ts';
import { sendActiveReset } from './output.ts';
import { lockSock, releaseSock, workOffBacklog } from './receive.ts';
import { readableBytes } from './receive-data.ts';
import { sendFin } from './send-queue.ts';
import { resetForReuse } from './setup.ts';
import { ANY_ADDRESS, type Sock } from './sock.ts';
import { armKeepalive, clearAllTimers } from './timers-arm.ts';

const RCV_SHUTDOWN = 1;
const SEND_SHUTDOWN = 2;
const SHUTDOWN_BOTH = 3;

/** tcp_close_state(): the state after close() or shutdown(); true when a FIN is due. */
function closeState(host: Host, sk: Sock, site: string): boolean {
  switch (sk.state) {
    case State.ESTABLISHED:
    case State.SYN_RECV:
      setState(host, sk, State.FIN_WAIT1, site);
      return true;
    case State.CLOSE_WAIT:
      setState(host, sk, State.LAST_ACK, site);
      return true;
    case State.SYN_SENT:
      setState(host, sk, State.CLOSE, site);
      return false;
    default:
      setState(host, sk, sk.state, site);
      return false;
  }
}

/** shutdown(): `how` is 1 for receiving, 2 for sending, 3 for both. */
export function shutdown(host: Host, sk: Sock, how: 1 | 2 | 3): number {
  if (sk.state === State.CLOSE) return Errno.ENOTCONN;
  lockSock(sk);
  if (sk.state === State.LISTEN || sk.state === State.SYN_SENT) {
    if (sk.state === State.SYN_SENT || (how & RCV_SHUTDOWN) !== 0) disconnectLocked(host, sk);
  } else {
    sk.shutdown |= how;
    if ((how & SEND_SHUTDOWN) !== 0 && (sk.state === State.ESTABLISHED || sk.state === State.CLOSE_WAIT)) {
      if (closeState(host, sk, 'tcp_shutdown()')) sendFin(host, sk);
    }
  }
  releaseSock(host, sk);
  return 0;
}

/** tcp_need_reset() */
function needsReset(state: number): boolean {
  return (
    state === State.ESTABLISHED ||
    state === State.CLOSE_WAIT ||
    state === State.FIN_WAIT1 ||
    state === State.FIN_WAIT2 ||
    state === State.SYN_RECV
  );
}

/** tcp_disconnect(): the socket can be used again afterwards. */
function disconnectLocked(host: Host, sk: Sock): void {
  const old = sk.state;
  if (old !== State.CLOSE) {
    setState(host, sk, State.CLOSE, 'tcp_disconnect()');
  }
  if (old === State.LISTEN) {
    stopListening(host, sk);
  } else if (needsReset(old) || (sk.sndNxt !== sk.writeSeq && (old === State.CLOSING || old === State.LAST_ACK))) {
    sendActiveReset(host, sk);
    sk.error = 104;
  } else if (old === State.SYN_SENT) {
    sk.error = 104;
  }
  clearAllTimers(sk);
  purgeWriteQueue(sk);
  resetForReuse(host, sk);
  if (!sk.bound) {
    sk.localAddress = ANY_ADDRESS;
    sk.saddr4 = 0;
    sk.saddr6 = ANY_ADDRESS;
  }
}

/** connect(AF_UNSPEC) */
export function disconnect(host: Host, sk: Sock): number {
  lockSock(sk);
  disconnectLocked(host, sk);
  releaseSock(host, sk);
  return 0;
}

/** inet_csk_listen_stop(): handshakes are forgotten, children that nobody accepted are reset. */
function stopListening(host: Host, listener: Sock): void {
  const children = listener.acceptQueue;
  listener.acceptQueue = [];
  host.requests = host.requests.filter((req) => req.listenerId !== listener.id || req.childId !== 0);
  for (const id of children) {
    const child = findSock(host, id);
    if (!child) continue;
    lockSock(child);
    disconnectLocked(host, child);
    child.orphan = true;
    releaseSock(host, child);
    destroy(host, child);
  }
}

/** close() */
export function close(host: Host, sk: Sock): void {
  lockSock(sk);
  closeLocked(host, sk);
  releaseSock(host, sk);
}

function closeLocked(host: Host, sk: Sock): void {
  sk.shutdown = SHUTDOWN_BOTH;
  if (sk.state === State.LISTEN) {
    setState(host, sk, State.CLOSE, 'tcp_close()');
    stopListening(host, sk);
  } else {
    const unread = readableBytes(sk);
    sk.receiveQueue = [];
    sk.forwardAlloc += sk.rmemAlloc;
    sk.rmemAlloc = 0;
    reclaimMemory(sk);
    if (sk.state !== State.CLOSE) {
      if (unread > 0) {
        setState(host, sk, State.CLOSE, 'tcp_close()');
        sendActiveReset(host, sk);
      } else if (sk.lingerOn && sk.lingerSeconds === 0) {
        disconnectLocked(host, sk);
      } else if (closeState(host, sk, 'tcp_close()')) {
        sendFin(host, sk);
      }
    }
  }
  const state = sk.state;
  sk.orphan = true;
  workOffBacklog(host, sk);
  // Working off the backlog may have closed the socket, which the compiler does not see.
  const now: number = sk.state;
  if (state !== State.CLOSE && now === State.CLOSE) return;
  if (now === State.FIN_WAIT2) {
    if (sk.lingerJiffies < 0) {
      setState(host, sk, State.CLOSE, 'tcp_close()');
      sendActiveReset(host, sk);
    } else {
      const wait = finTime(host, sk);
      const length = TIMEWAIT_SECONDS * host.config.hz;
      if (length < wait) {
        armKeepalive(host, sk, wait - length);
      } else {
        becomeTimeWait(host, sk, State.FIN_WAIT2, wait);
        return;
      }
    }
  }
  if (sk.state === State.CLOSE) {
    clearAllTimers(sk);
    destroy(host, sk);
  }
}
