// What a process does with a socket up to closing it: the system calls, each with the lock and the backlog as in the
// kernel (net/ipv4/af_inet.c, tcp.c). Results are 0, a count, or a negative errno.

import { enterPingpong, inPingpong } from './ack-engine.ts';
import { callBpf, setState } from './callback.ts';
import { changeCongestionControl } from './congestion.ts';
import { AckPending, AF_INET, AF_INET6, Errno, Nagle, Op, State } from './constants.ts';
import { LOOPBACK4_IPV6 } from './ctx-values.ts';
import { findSock, type Host, initialSequence } from './engine.ts';
import { fastopenClientAllowed } from './fastopen.ts';
import { unchargeReceiving } from './memory.ts';
import { prepareConnect, replaceTimeWait, sendSyn } from './open-active.ts';
import { sendAck } from './output.ts';
import { lockSock, releaseSock } from './receive.ts';
import { isV4Mapped } from './segment.ts';
import { pushPendingFrames, writeData } from './send-queue.ts';
import { distance } from './sequence.ts';
import { type AddressWords, ANY_ADDRESS, type Sock } from './sock.ts';
import { adjustReceiveSpace, computeWindow, receiveWindow } from './window.ts';
import { isLocal, isLoopback } from './wire.ts';

const RCV_SHUTDOWN = 1;
const SEND_SHUTDOWN = 2;
const FIRST_EPHEMERAL_PORT = 32768;
const EPHEMERAL_PORTS = 28232;

/** bind(): an address (or any) and a port (or 0 for one chosen at connect or listen). */
export function bind(host: Host, sk: Sock, address: AddressWords, port: number): number {
  if (sk.state !== State.CLOSE || sk.bound) return Errno.EINVAL;
  const isAny = address[3] === 0 && address[2] === 0;
  if (!isAny && !isLocal(host, address)) return Errno.EADDRNOTAVAIL;
  if (port !== 0) {
    const taken = host.socks.some(
      (other) => other !== sk && other.num === port && !(other.reuse && sk.reuse && other.state !== State.LISTEN),
    );
    if (taken && !sk.reusePort) return Errno.EADDRINUSE;
  }
  sk.localAddress = isAny ? ANY_ADDRESS : address;
  sk.num = sk.sport = port;
  sk.bound = port !== 0;
  if (isAny) return 0;
  const v4 = isV4Mapped(address);
  sk.saddr4 = v4 ? address[3] : LOOPBACK4_IPV6;
  if (sk.family === AF_INET6) sk.saddr6 = address;
  return 0;
}

/** A port that no socket of the host uses. */
function choosePort(host: Host): number {
  for (let tries = 0; tries < EPHEMERAL_PORTS; tries++) {
    const port = FIRST_EPHEMERAL_PORT + (host.nextPort++ % EPHEMERAL_PORTS);
    if (!host.socks.some((other) => other.num === port)) return port;
  }
  return 0;
}

/** listen() */
export function listen(host: Host, sk: Sock, backlog: number): number {
  const old = sk.state;
  if (old !== State.CLOSE && old !== State.LISTEN) return Errno.EINVAL;
  lockSock(sk);
  sk.backlogMax = Math.min(backlog >>> 0, host.sysctls.somaxconn);
  if (old !== State.LISTEN) {
    if (sk.num === 0) sk.num = sk.sport = choosePort(host);
    sk.acceptQueue = [];
    sk.state = State.LISTEN;
    sk.shutdown = 0;
    if (host.kernel.op(Op.TCP_LISTEN)) callBpf(host, sk, Op.TCP_LISTEN, '__inet_listen_sk()');
  }
  releaseSock(host, sk);
  return 0;
}

/** connect(): starts the handshake and returns; EINPROGRESS is the success of a socket that does not block. */
export function connect(host: Host, sk: Sock, address: AddressWords, port: number): number {
  const check = checkConnect(sk, address);
  if (check !== 0) return check;
  lockSock(sk);
  const result = startConnect(host, sk, address, port);
  releaseSock(host, sk);
  return result;
}

function checkConnect(sk: Sock, address: AddressWords): number {
  if (sk.state === State.SYN_SENT || sk.state === State.SYN_RECV) return Errno.EALREADY;
  if (sk.state !== State.CLOSE) return Errno.EISCONN;
  if (sk.family === AF_INET && !isV4Mapped(address)) return Errno.EINVAL;
  return 0;
}

function startConnect(host: Host, sk: Sock, address: AddressWords, port: number): number {
  const v4 = isV4Mapped(address);
  sk.remoteAddress = address;
  sk.daddr4 = v4 ? address[3] : 0;
  sk.daddr6 = address;
  if (sk.localAddress === ANY_ADDRESS) {
    const source = isLoopback(address) ? address : v4 ? host.address4 : host.address6;
    sk.localAddress = source;
    sk.saddr4 = v4 ? source[3] : LOOPBACK4_IPV6;
    sk.saddr6 = source;
  } else if (sk.family === AF_INET) {
    sk.saddr6 = sk.localAddress;
  }
  sk.dport = port;
  prepareConnect(host, sk);
  if (sk.num === 0) {
    sk.num = sk.sport = choosePort(host);
  } else if (!replaceTimeWait(host, sk)) {
    setState(host, sk, State.CLOSE, 'tcp_v4_connect()');
    return Errno.EADDRNOTAVAIL;
  }
  if (sk.writeSeq === 0) {
    sk.writeSeq = initialSequence(host, sk.localAddress, sk.remoteAddress, sk.sport, sk.dport) || 1;
  }
  sendSyn(host, sk);
  return Errno.EINPROGRESS;
}

/** sendto(MSG_FASTOPEN): connects with data in the SYN where that is possible. Returns the bytes taken. */
export function connectWithData(host: Host, sk: Sock, address: AddressWords, port: number, bytes: number): number {
  if (!fastopenClientAllowed(host)) {
    const result = connect(host, sk, address, port);
    return result === Errno.EINPROGRESS ? 0 : result;
  }
  const check = checkConnect(sk, address);
  if (check !== 0) return check;
  lockSock(sk);
  const request = { bytes, cookie: undefined };
  sk.fastopenRequest = request;
  const result = startConnect(host, sk, address, port);
  sk.fastopenRequest = undefined;
  releaseSock(host, sk);
  return result === Errno.EINPROGRESS ? bytes - request.bytes : result;
}

/** accept(): the oldest child that is ready; undefined when there is none. */
export function accept(host: Host, listener: Sock): Sock | undefined {
  const index = listener.acceptQueue.findIndex((id) => {
    const child = findSock(host, id);
    return child === undefined || child.state !== State.SYN_RECV || child.fastopenRequestId !== 0;
  });
  if (index < 0) return undefined;
  const [id] = listener.acceptQueue.splice(index, 1);
  return findSock(host, id!);
}

/** send(): bytes taken into the send buffer, or a negative errno. */
export function send(host: Host, sk: Sock, bytes: number): number {
  if ((sk.shutdown & SEND_SHUTDOWN) !== 0) return Errno.EPIPE;
  if (sk.error !== 0) return -sk.error;
  if (sk.state !== State.ESTABLISHED && sk.state !== State.CLOSE_WAIT && sk.fastopenRequestId === 0) {
    return sk.state === State.SYN_SENT || sk.state === State.SYN_RECV ? Errno.EAGAIN : Errno.EPIPE;
  }
  lockSock(sk);
  const taken = writeData(host, sk, bytes);
  if (taken < bytes) sk.wantsSpace = true;
  releaseSock(host, sk);
  return taken === 0 && bytes > 0 ? Errno.EAGAIN : taken;
}

/** recv(): takes up to `most` bytes out of the receive queue; 0 also at the end of the stream. */
export function receive(host: Host, sk: Sock, most: number): number {
  lockSock(sk);
  let copied = 0;
  while (copied < most && sk.receiveQueue.length > 0) {
    const buffer = sk.receiveQueue[0]!;
    const used = Math.min(distance(buffer.seq, sk.copiedSeq), buffer.length);
    const count = Math.min(buffer.length - used, most - copied);
    copied += count;
    sk.copiedSeq = (sk.copiedSeq + count) >>> 0;
    adjustReceiveSpace(host, sk);
    if (used + count < buffer.length) break;
    if (buffer.fin) {
      sk.copiedSeq = (sk.copiedSeq + 1) >>> 0;
    }
    sk.receiveQueue.shift();
    unchargeReceiving(host, sk, buffer.truesize);
    if (buffer.fin) break;
  }
  cleanupReceiveBuffer(host, sk, copied);
  releaseSock(host, sk);
  return copied;
}

/** tcp_cleanup_rbuf(): whether reading made an ACK or a window update due. */
function cleanupReceiveBuffer(host: Host, sk: Sock, copied: number): void {
  let due = false;
  if ((sk.ackPending & AckPending.SCHED) !== 0) {
    const pushed =
      (sk.ackPending & AckPending.PUSHED2) !== 0 ||
      ((sk.ackPending & AckPending.PUSHED) !== 0 && !inPingpong(host, sk));
    due = sk.rcvMss < distance(sk.rcvWup, sk.rcvNxt) || (copied > 0 && pushed && sk.rmemAlloc === 0);
  }
  if (copied > 0 && !due && (sk.shutdown & RCV_SHUTDOWN) === 0) {
    const current = receiveWindow(sk);
    if (2 * current <= sk.windowClamp) {
      const window = computeWindow(host, sk);
      due = window > 0 && 2 * current <= window;
    }
  }
  if (due) sendAck(host, sk);
}

/** Options of a process that are no plain numbers, or that BPF programs cannot set. */
export type ProcessOption =
  | { readonly name: 'linger'; readonly seconds: number | undefined }
  | { readonly name: 'cork'; readonly on: boolean }
  | { readonly name: 'quick-ack'; readonly value: number }
  | { readonly name: 'defer-accept'; readonly seconds: number }
  | { readonly name: 'fastopen-queue'; readonly length: number }
  | { readonly name: 'fin-timeout'; readonly seconds: number }
  | { readonly name: 'congestion-control'; readonly algorithm: string };

/** setsockopt() for them. */
export function setSpecialOption(host: Host, sk: Sock, option: ProcessOption): number {
  switch (option.name) {
    case 'linger':
      sk.lingerOn = option.seconds !== undefined;
      sk.lingerSeconds = option.seconds ?? 0;
      return 0;
    case 'cork':
      if (option.on) {
        sk.nonagle |= Nagle.CORK;
      } else {
        sk.nonagle &= ~Nagle.CORK;
        pushPendingFrames(host, sk);
      }
      return 0;
    case 'quick-ack':
      setQuickAck(host, sk, option.value);
      return 0;
    case 'defer-accept':
      sk.deferAccept = secondsToRetransmissions(option.seconds);
      return 0;
    case 'fastopen-queue':
      sk.fastopenQueueMax = option.length;
      return 0;
    case 'fin-timeout':
      sk.lingerJiffies = option.seconds < 0 ? -1 : option.seconds * host.config.hz;
      return 0;
    case 'congestion-control':
      return changeCongestionControl(host, sk, option.algorithm, 'at-once');
  }
}

/** TCP_QUICKACK: 0 delays acknowledgments, an odd number sends them at once from now on, an even one only the one that is due. */
function setQuickAck(host: Host, sk: Sock, value: number): void {
  if (value === 0) {
    enterPingpong(host, sk);
    return;
  }
  sk.ackPingpong = 0;
  const open = sk.state === State.ESTABLISHED || sk.state === State.CLOSE_WAIT;
  if (!open || (sk.ackPending & AckPending.SCHED) === 0) return;
  sk.ackPending |= AckPending.PUSHED;
  cleanupReceiveBuffer(host, sk, 1);
  if ((value & 1) === 0) enterPingpong(host, sk);
}

/** secs_to_retrans(): how many doubling timeouts, the first of one second, cover a time. */
function secondsToRetransmissions(seconds: number): number {
  let count = 0;
  if (seconds > 0) {
    let timeout = 1;
    let period = 1;
    count = 1;
    while (period < seconds && count < 255) {
      count++;
      timeout = Math.min(timeout * 2, 120);
      period += timeout;
    }
  }
  return count;
}
