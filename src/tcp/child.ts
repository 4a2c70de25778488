// The socket that a completed handshake makes: tcp_v4_syn_recv_sock(), tcp_v6_syn_recv_sock() and tcp_create_openreq_child().

import { EcnFlag } from './constants.ts';
import { LOOPBACK4_IPV6 } from './ctx-values.ts';
import { clockUs, type Host, jiffies } from './engine.ts';
import { clampMss, routeAdvmss, syncMss } from './output.ts';
import type { RequestSock } from './request.ts';
import { isV4Mapped, type Segment } from './segment.ts';
import { cloneSock } from './setup.ts';
import type { Sock } from './sock.ts';
import { armKeepalive, keepaliveTimeWhen } from './timers-arm.ts';
import { initializeRcvMss } from './window.ts';
import { routeMtu } from './wire.ts';

const MSS_DEFAULT = 536;
const USEC_PER_MSEC = 1000;

/** The child of a request sock, in SYN_RECV, as it is before it sees the segment that completed the handshake. */
export function createChild(host: Host, listener: Sock, req: RequestSock, segment: Segment): Sock {
  const child = cloneSock(host, listener);
  const first = (req.rcvIsn + 1) >>> 0;
  const sent = (req.sndIsn + 1) >>> 0;
  const v4 = isV4Mapped(req.remoteAddress);
  child.localAddress = req.localAddress;
  child.remoteAddress = req.remoteAddress;
  child.saddr6 = req.localAddress;
  child.daddr6 = req.remoteAddress;
  child.saddr4 = v4 ? req.localAddress[3] : LOOPBACK4_IPV6;
  child.daddr4 = v4 ? req.remoteAddress[3] : LOOPBACK4_IPV6;
  // sk_clone_lock(): the port was bound by the listener, not by the child.
  child.bound = false;
  child.num = child.sport = req.localPort;
  child.dport = req.remotePort;
  child.mark = req.mark;
  child.rcvWup = child.copiedSeq = child.rcvNxt = first;
  child.segsIn = 1;
  child.sndSml = child.sndUna = child.sndNxt = child.sndUp = sent;
  child.writeSeq = child.pushedSeq = sent;
  child.sndWl1 = req.rcvIsn;
  child.ackLrcvtime = jiffies(host);
  child.lsndtime = jiffies(host);
  child.txHash = req.txHash;
  child.totalRetrans = req.numRetrans;
  if (child.keepaliveOn) armKeepalive(host, child, keepaliveTimeWhen(host, child));
  child.tstampOk = req.tstampOk;
  child.sackOk = req.sackOk;
  child.wscaleOk = req.wscaleOk;
  child.windowClamp = req.windowClamp;
  child.rcvSsthresh = child.rcvWnd = req.rcvWnd;
  if (req.wscaleOk) {
    child.sndWscale = req.sndWscale;
    child.rcvWscale = req.rcvWscale;
  } else {
    child.sndWscale = child.rcvWscale = 0;
    child.windowClamp = Math.min(child.windowClamp, 65535);
  }
  child.sndWnd = child.maxWindow = segment.window * 2 ** child.sndWscale;
  if (req.tstampOk) {
    child.tsRecent = req.tsRecent;
    child.tsRecentStamp = Math.floor(clockUs(host) / 1e6) || 1;
    child.tcpHeaderLength = 32;
  } else {
    child.tsRecentStamp = 0;
    child.tcpHeaderLength = 20;
  }
  if (req.numTimeout > 0) {
    child.undoMarker = req.sndIsn || 1;
    child.retransStamp = Math.floor(req.sntSynackUs / USEC_PER_MSEC);
  }
  child.tsOffset = req.tsOffset;
  const length = segment.header.length + segment.payloadLength;
  if (MSS_DEFAULT + child.tcpHeaderLength <= length) child.ackLastSegSize = length - child.tcpHeaderLength;
  child.mssClamp = req.mss;
  child.ecnFlags = req.ecnOk ? EcnFlag.OK : 0;
  if (host.sysctls.tcp_reflect_tos !== 0) {
    const tos = (req.synTos & 0xfc) | (child.tos & 3);
    if (v4) child.tos = tos;
    else child.tclass = tos;
  }
  syncMss(host, child, routeMtu(host, child.remoteAddress));
  child.advmss = clampMss(child, routeAdvmss(host, child.remoteAddress));
  initializeRcvMss(child);
  return child;
}
