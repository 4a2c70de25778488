// Making sockets: tcp_init_sock() with the settings of the host, and what a child takes over from its listener.

import { newCaData } from './ca-data.ts';
import { AF_INET, INFINITE_SSTHRESH, INIT_CWND, MSS_DEFAULT, State, U32_MAX } from './constants.ts';
import { type Host, jiffies, msecsToJiffies, usecsToJiffies } from './engine.ts';
import { newMinFilter, resetMinFilter } from './min-filter.ts';
import { copySock, newSock, type Sock } from './sock.ts';
import { initialScalingRatio } from './window.ts';

/** socket(): a fresh TCP socket of the host, known to it. */
export function createSock(host: Host, family: number): Sock {
  const sk = newSock(host.engine.nextId++, family);
  const { sysctls, features } = host;
  const { hz } = host.config;
  sk.sndBuf = sysctls.tcp_wmem[1];
  sk.rcvBuf = sysctls.tcp_rmem[1];
  sk.rto = hz;
  sk.rtoMinJiffies = features['rto-min-sysctl'] ? usecsToJiffies(host, sysctls.tcp_rto_min_us) : Math.floor(hz / 5);
  sk.rtoMaxJiffies = features['rto-max-configurable'] ? msecsToJiffies(host, sysctls.tcp_rto_max_ms) : 120 * hz;
  sk.delackMaxJiffies = Math.floor(hz / 5);
  sk.mdevUs = 1e6;
  sk.reordering = sysctls.tcp_reordering;
  sk.scalingRatio = initialScalingRatio(host);
  sk.ca = sysctls.tcp_congestion_control;
  sk.autoFlowLabel = family !== AF_INET;
  resetMinFilter(sk.rttMin, jiffies(host), U32_MAX);
  host.socks.push(sk);
  return sk;
}

/** sk_clone_lock() and the resets of tcp_create_openreq_child() that do not depend on the handshake. */
export function cloneSock(host: Host, listener: Sock): Sock {
  const child = copySock(listener, host.engine.nextId++);
  child.label = '';
  child.state = State.SYN_RECV;
  child.listenerId = listener.id;
  child.owned = false;
  child.backlog = [];
  child.backlogMemory = 0;
  child.acceptQueue = [];
  child.backlogMax = 0;
  child.pending = 0;
  child.retransmitToken = child.delackToken = child.keepaliveToken = child.compressToken = 0;
  child.saveSyn = listener.saveSyn;
  child.savedSyn = undefined;
  child.shutdown = 0;
  child.error = 0;
  child.wantsSpace = false;
  child.forwardAlloc = 0;
  // tcp_ca_openreq_child(): only an algorithm set by hand is inherited.
  if (!listener.caSetsockopt) child.ca = host.sysctls.tcp_congestion_control;
  child.caData = newCaData();
  child.caInitialized = false;
  child.rttMin = newMinFilter();
  resetMinFilter(child.rttMin, jiffies(host), U32_MAX);
  host.socks.push(child);
  return child;
}

/** What tcp_disconnect() puts back so that the socket can connect again. Callback flags and rtt_min survive. */
export function resetForReuse(host: Host, sk: Sock): void {
  const fresh = newSock(sk.id, sk.family);
  const { hz } = host.config;
  sk.dport = 0;
  sk.srttUs = 0;
  sk.mdevUs = 1e6;
  sk.rcvRttLastTsecr = 0;
  sk.writeSeq = (sk.writeSeq + sk.maxWindow + 2) >>> 0 || 1;
  sk.backoff = 0;
  sk.probesOut = 0;
  sk.probesTstamp = 0;
  sk.rto = hz;
  sk.rtoMinJiffies = host.features['rto-min-sysctl']
    ? usecsToJiffies(host, host.sysctls.tcp_rto_min_us)
    : Math.floor(hz / 5);
  sk.delackMaxJiffies = Math.floor(hz / 5);
  sk.sndSsthresh = INFINITE_SSTHRESH;
  sk.sndCwnd = INIT_CWND;
  sk.sndCwndCnt = 0;
  sk.isCwndLimited = false;
  sk.maxPacketsOut = 0;
  sk.windowClamp = 0;
  sk.delivered = 0;
  sk.deliveredCe = 0;
  sk.caState = 0;
  sk.caInitialized = false;
  sk.lostOut = sk.sackedOut = sk.retransOut = 0;
  sk.undoMarker = 0;
  sk.tlpHighSeq = 0;
  sk.ackPending = 0;
  sk.ackAto = 0;
  sk.ackQuick = 0;
  sk.ackPingpong = 0;
  sk.rcvMss = 88;
  sk.tsRecent = 0;
  sk.tsRecentStamp = 0;
  sk.tstampOk = sk.sackOk = sk.wscaleOk = false;
  sk.sndWscale = sk.rcvWscale = 0;
  sk.sackBlocks = [];
  sk.dsack = undefined;
  sk.compressedAck = 0;
  sk.segsIn = sk.segsOut = sk.dataSegsIn = sk.dataSegsOut = 0;
  sk.bytesSent = sk.bytesAcked = sk.bytesReceived = sk.bytesRetrans = 0;
  sk.dsackDups = 0;
  sk.reordSeen = 0;
  sk.totalRetrans = 0;
  sk.rackMstamp = sk.rackRttUs = sk.rackOrder = 0;
  sk.rackAdvanced = false;
  sk.rackReoWndSteps = 1;
  sk.rackReoWndPersist = 0;
  sk.rackDsackSeen = false;
  sk.synData = 0;
  sk.synFastopen = false;
  sk.rcvOooPack = 0;
  sk.totalRto = 0;
  sk.lost = 0;
  sk.appLimited = U32_MAX;
  sk.rateDelivered = fresh.rateDelivered;
  sk.rateIntervalUs = fresh.rateIntervalUs;
  sk.ecnFlags = 0;
  sk.mssClamp = MSS_DEFAULT;
  sk.receiveQueue = [];
  sk.outOfOrder = [];
  sk.rmemAlloc = 0;
  sk.forwardAlloc = 0;
  sk.predOn = false;
  sk.shutdown = 0;
}
