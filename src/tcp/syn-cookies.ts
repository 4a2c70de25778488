// SYN cookies (net/ipv4/syncookies.c): the handshake without a request sock. The kernel packs MSS and time into the initial
// sequence number and the options into the timestamp, and authenticates them with a hash. DIFFERS: the hash is a plain
// mixture, and the timestamps of a cookie have no random offset.

import { createChild } from './child.ts';
import { AF_INET, AF_INET6 } from './constants.ts';
import { clockUs, type Host } from './engine.ts';
import { acceptQueueFull, adoptSegment, offerChild } from './listener.ts';
import { parseOptions } from './options.ts';
import { sendReset } from './output.ts';
import type { RequestSock } from './request.ts';
import { isV4Mapped, type Segment } from './segment.ts';
import type { Sock } from './sock.ts';
import { fullSpace, selectInitialWindow } from './window.ts';

const MSS_V4 = [536, 1300, 1440, 1460] as const;
const MSS_V6 = [1220, 1420, 1440, 8940] as const;
const TS_BITS = 6;
const TS_MASK = (1 << TS_BITS) - 1;
const NO_WSCALE = 15;
const TS_SACK = 16;
const TS_ECN = 32;
/** A cookie is good for this many minutes. */
const MAX_AGE_MINUTES = 2;

function mixture(host: Host, segment: Segment, minute: number): number {
  let hash = Math.imul(host.index + 1, 0x9e3779b1) ^ minute;
  for (const word of [...segment.source, ...segment.destination, segment.sport, segment.dport]) {
    hash = Math.imul(hash ^ word, 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  return hash >>> 0;
}

const minuteOf = (host: Host): number => Math.floor(clockUs(host) / 60e6);

/** The initial sequence number of a cookie; also rounds the peer's MSS down to one that fits in. */
export function cookieIsn(host: Host, req: RequestSock, segment: Segment): number {
  const table = isV4Mapped(segment.source) ? MSS_V4 : MSS_V6;
  let index = table.length - 1;
  while (index > 0 && req.mss < table[index]!) index--;
  req.mss = table[index]!;
  const minute = minuteOf(host);
  const secret = mixture(host, segment, minute) & 0xffffff;
  return (segment.seq + ((minute & 0xff) << 24) + ((secret + index) & 0xffffff)) >>> 0;
}

/** cookie_init_timestamp(): milliseconds whose low bits carry the options. */
export function cookieTimestamp(req: RequestSock, nowMs: number): number {
  let bits = req.wscaleOk ? req.sndWscale : NO_WSCALE;
  if (req.sackOk) bits |= TS_SACK;
  if (req.ecnOk) bits |= TS_ECN;
  let stamp = (nowMs & ~TS_MASK) | bits;
  if (stamp >>> 0 > nowMs) stamp -= 1 << TS_BITS;
  return stamp >>> 0;
}

/** Whether the ACK carries a cookie of ours: the MSS, or undefined. */
function checkIsn(host: Host, segment: Segment): number | undefined {
  const table = isV4Mapped(segment.source) ? MSS_V4 : MSS_V6;
  const cookie = (segment.ack - 1 - (segment.seq - 1)) >>> 0;
  const now = minuteOf(host);
  for (let age = 0; age < MAX_AGE_MINUTES; age++) {
    const minute = now - age;
    if (cookie >>> 24 !== (minute & 0xff)) continue;
    const secret = mixture(host, segment, minute) & 0xffffff;
    const index = ((cookie & 0xffffff) - secret) & 0xffffff;
    if (index < table.length) return table[index];
  }
  return undefined;
}

/** cookie_v4_check(): an ACK for a listener that no request sock wants. */
export function receiveCookieAck(host: Host, listener: Sock, segment: Segment): void {
  const mss = host.sysctls.tcp_syncookies === 0 ? undefined : checkIsn(host, segment);
  if (mss === undefined || acceptQueueFull(listener)) {
    sendReset(host, segment, segment.seq);
    return;
  }
  const options = parseOptions(segment.header, false);
  const bits = options.timestamp ? options.tsecr & TS_MASK : NO_WSCALE;
  const wscale = bits & NO_WSCALE;
  const req: RequestSock = {
    id: host.engine.nextId++,
    listenerId: listener.id,
    family: listener.family === AF_INET6 ? AF_INET6 : AF_INET,
    localAddress: segment.destination,
    remoteAddress: segment.source,
    localPort: segment.dport,
    remotePort: segment.sport,
    syncookie: true,
    mss,
    sackOk: (bits & TS_SACK) !== 0,
    tstampOk: options.timestamp,
    wscaleOk: options.timestamp && wscale !== NO_WSCALE,
    sndWscale: wscale === NO_WSCALE ? 0 : wscale,
    rcvWscale: 0,
    ecnOk: (bits & TS_ECN) !== 0 && host.sysctls.tcp_ecn !== 0,
    tsRecent: options.tsval,
    tsOffset: 0,
    rcvIsn: (segment.seq - 1) >>> 0,
    sndIsn: (segment.ack - 1) >>> 0,
    rcvNxt: segment.seq,
    rcvWnd: 0,
    windowClamp: listener.windowClamp,
    synTos: 0,
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
  // The window is in segments of the peer, as far as the cookie remembers their size.
  const chosen = selectInitialWindow(host, fullSpace(host, listener), mss, req.windowClamp, req.wscaleOk, 0);
  req.rcvWnd = chosen.rcvWnd;
  req.windowClamp = chosen.windowClamp;
  req.rcvWscale = chosen.wscale;
  const child = createChild(host, listener, req, segment);
  offerChild(host, listener, child);
  adoptSegment(host, child, segment);
}
