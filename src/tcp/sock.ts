// The socket: one flat struct of plain data holding what struct sock, inet_connection_sock and tcp_sock hold, as far as a
// sock_ops program, TCP_INFO or the behaviour on the wire depends on it. Field names are the kernel's in camel case.
// No methods and no references to other objects but its own queues, so that copySock() is a snapshot.

import { type CaData, newCaData } from './ca-data.ts';
import { CaState, INFINITE_SSTHRESH, INIT_CWND, MSS_DEFAULT, Pending, State, U32_MAX } from './constants.ts';
import { copyMinFilter, type MinFilter, newMinFilter } from './min-filter.ts';
import type { Segment } from './segment.ts';

/** A buffer of the send queue (struct sk_buff with its tcp_skb_cb). Mutable: it lives in exactly one queue. */
export interface TxBuffer {
  seq: number;
  endSeq: number;
  /** Payload bytes. */
  length: number;
  /** TCP header flags that the segment will carry. */
  flags: number;
  /** Mark.* bits. */
  sacked: number;
  /** Memory accounted to the socket. */
  truesize: number;
  /** The part of it that is buffer head (memory.ts BufferCost). */
  overhead: number;
  /** Segments inside (tcp_skb_pcount); 0 before it was first cut. */
  segments: number;
  gsoSize: number;
  /** When it was last sent, microseconds; 0 = never. */
  sentUs: number;
  /** Order of sending, for RACK's list. */
  sentOrder: number;
  /** Delivery-rate bookkeeping (tcp_rate_skb_sent). */
  txFirstUs: number;
  txDeliveredUs: number;
  txDelivered: number;
  txAppLimited: boolean;
  /** Marked by bpf_sock_ops_enable_tx_tstamp(). */
  bpfTimestamp: boolean;
  /** Data of several sendmsg calls must not be joined behind it. */
  endOfRecord: boolean;
}

/** Received data that the application has not read, or that arrived out of order. Immutable but for its place. */
export interface RxBuffer {
  readonly seq: number;
  readonly endSeq: number;
  readonly length: number;
  readonly truesize: number;
  readonly fin: boolean;
}

export interface SackBlock {
  start: number;
  end: number;
}

/** Four big-endian 32-bit words of an address; an IPv4 address is ::ffff:a.b.c.d. */
export type AddressWords = readonly [number, number, number, number];

export const ANY_ADDRESS: AddressWords = [0, 0, 0, 0];

export interface Sock {
  readonly id: number;
  /** Name that the application knows it by, '' for a child nobody accepted yet. */
  label: string;
  readonly family: number;
  cgroup: string;
  state: number;
  /** Owned by a process: what arrives waits in the backlog. */
  owned: boolean;
  /** No process holds it any more (SOCK_DEAD). */
  orphan: boolean;
  /** close() was called and the last reference is gone. */
  destroyed: boolean;
  /** shutdown mask: 1 receive, 2 send. */
  shutdown: number;
  /** Pending error as a positive errno. */
  error: number;
  /** Socket id of the listener that made it, 0 for none. */
  listenerId: number;

  // --- addresses
  /** inet_rcv_saddr and inet_daddr, big-endian numbers; what local_ip4 and remote_ip4 show. */
  saddr4: number;
  daddr4: number;
  saddr6: AddressWords;
  daddr6: AddressWords;
  /** Addresses used for packets. */
  localAddress: AddressWords;
  remoteAddress: AddressWords;
  bound: boolean;
  /** inet_num: what programs read; 0 once the port was given back, while packets still carry `sport`. */
  num: number;
  sport: number;
  dport: number;
  boundDevice: number;

  // --- options of the socket level
  reuse: boolean;
  reusePort: boolean;
  keepaliveOn: boolean;
  priority: number;
  mark: number;
  rcvLowat: number;
  maxPacingRate: number;
  txRehash: number;
  tos: number;
  tclass: number;
  autoFlowLabel: boolean;
  lingerOn: boolean;
  lingerSeconds: number;
  sndBuf: number;
  rcvBuf: number;
  /** SOCK_SNDBUF_LOCK 1, SOCK_RCVBUF_LOCK 2. */
  userLocks: number;
  txHash: number;
  bpfCbFlags: number;
  skBpfCbFlags: number;
  notsentLowat: number;
  /** The application waits for room in the send buffer (SOCK_NOSPACE). */
  wantsSpace: boolean;

  // --- connection options
  userMss: number;
  /** tp->rx_opt */
  mssClamp: number;
  sackOk: boolean;
  tstampOk: boolean;
  wscaleOk: boolean;
  sndWscale: number;
  rcvWscale: number;
  sawTstamp: boolean;
  sawUnknown: boolean;
  rcvTsval: number;
  rcvTsecr: number;
  tsRecent: number;
  /** Seconds at which tsRecent was taken, 0 = never. */
  tsRecentStamp: number;
  tsOffset: number;
  tcpHeaderLength: number;
  advmss: number;
  mssCache: number;
  pmtuCookie: number;

  // --- sending
  writeSeq: number;
  sndNxt: number;
  sndUna: number;
  sndSml: number;
  sndUp: number;
  sndWl1: number;
  sndWnd: number;
  maxWindow: number;
  pushedSeq: number;
  sndCwnd: number;
  sndCwndClamp: number;
  sndCwndCnt: number;
  sndCwndUsed: number;
  sndCwndStamp: number;
  sndSsthresh: number;
  priorCwnd: number;
  priorSsthresh: number;
  maxPacketsOut: number;
  cwndUsageSeq: number;
  isCwndLimited: boolean;
  packetsOut: number;
  retransOut: number;
  lostOut: number;
  sackedOut: number;
  totalRetrans: number;
  lsndtime: number;
  nonagle: number;
  wmemQueued: number;
  /** Memory that was taken from the protocol's account and is not in use (sk_forward_alloc). */
  forwardAlloc: number;
  writeQueue: TxBuffer[];
  rtxQueue: TxBuffer[];
  sendOrder: number;

  // --- loss recovery
  caState: number;
  undoMarker: number;
  undoRetrans: number;
  highSeq: number;
  retransStamp: number;
  reordering: number;
  reordSeen: number;
  frto: boolean;
  tlpHighSeq: number;
  tlpRetrans: boolean;
  prrDelivered: number;
  prrOut: number;
  rackMstamp: number;
  rackRttUs: number;
  rackOrder: number;
  rackAdvanced: boolean;
  rackDsackSeen: boolean;
  rackReoWndSteps: number;
  rackReoWndPersist: number;
  rackLastDelivered: number;
  retransmits: number;
  backoff: number;
  probesOut: number;
  probesTstamp: number;
  totalRto: number;

  // --- round-trip times, microseconds
  srttUs: number;
  mdevUs: number;
  mdevMaxUs: number;
  rttvarUs: number;
  rttSeq: number;
  rttMin: MinFilter;
  /** tcp_rtt_min */
  mstampUs: number;
  rto: number;
  rtoMinJiffies: number;
  rtoMaxJiffies: number;
  delackMaxJiffies: number;

  // --- delivery rate
  delivered: number;
  deliveredCe: number;
  deliveredUs: number;
  firstTxUs: number;
  appLimited: number;
  rateDelivered: number;
  rateIntervalUs: number;
  rateAppLimited: boolean;
  lost: number;

  // --- receiving
  rcvNxt: number;
  copiedSeq: number;
  rcvWup: number;
  rcvWnd: number;
  rcvSsthresh: number;
  windowClamp: number;
  scalingRatio: number;
  rmemAlloc: number;
  rcvTstamp: number;
  receiveQueue: RxBuffer[];
  outOfOrder: RxBuffer[];
  sackBlocks: SackBlock[];
  dsack: SackBlock | undefined;
  rcvRttUs: number;
  rcvRttSeq: number;
  rcvRttTime: number;
  rcvRttLastTsecr: number;
  rcvqSpace: number;
  rcvqSeq: number;
  rcvqTime: number;
  /** Header prediction: whether it is on, and the raw window that a segment must carry. */
  predOn: boolean;
  predWindow: number;
  ackPending: number;
  ackQuick: number;
  ackPingpong: number;
  ackAto: number;
  ackTimeout: number;
  ackLrcvtime: number;
  ackLastSegSize: number;
  rcvMss: number;
  compressedAck: number;
  compressedAckRcvNxt: number;
  dupAckCounter: number;
  ackDeferred: boolean;
  /** Jiffies of the last answer to a segment out of window, 0 = never. */
  lastOow: number;

  // --- counters
  segsIn: number;
  segsOut: number;
  dataSegsIn: number;
  dataSegsOut: number;
  bytesReceived: number;
  bytesAcked: number;
  bytesSent: number;
  bytesRetrans: number;
  dsackDups: number;
  rcvOooPack: number;

  // --- explicit congestion notification
  ecnFlags: number;

  // --- congestion control
  ca: string;
  /** Whether the algorithm was set by hand (icsk_ca_setsockopt). */
  caSetsockopt: boolean;
  caInitialized: boolean;
  caData: CaData;

  // --- timers: tokens of the armed timers, 0 = not armed
  pending: number;
  /** Jiffies at which the retransmit timer is due. */
  timeout: number;
  retransmitToken: number;
  delackToken: number;
  keepaliveToken: number;
  compressToken: number;
  keepaliveTime: number;
  keepaliveIntvl: number;
  keepaliveProbes: number;
  lingerJiffies: number;
  synRetries: number;
  userTimeoutMs: number;
  deferAccept: number;
  thinLto: boolean;

  // --- opening
  synData: number;
  synFastopen: boolean;
  /** Bytes and cookie wish of a MSG_FASTOPEN send under way, undefined otherwise. */
  fastopenRequest: { bytes: number; cookie: Uint8Array | undefined } | undefined;
  /** Request sock id of a TFO child until the handshake ends, 0 for none. */
  fastopenRequestId: number;
  fastopenNoCookie: boolean;
  saveSyn: number;
  /** What TCP_SAVED_SYN returns: MAC (14 or 0 bytes), IP and TCP headers. */
  savedSyn: { mac: number; ip: number; tcp: number; bytes: Uint8Array } | undefined;

  // --- listener
  backlogMax: number;
  acceptQueue: number[];
  fastopenQueueMax: number;

  // --- deferred input
  backlog: Segment[];
  /** Memory of the backlog, until all of it is worked off (sk_backlog.len). */
  backlogMemory: number;
}

/** A socket as tcp_init_sock() leaves it, before the settings of its host are applied. */
export function newSock(id: number, family: number): Sock {
  return {
    id,
    label: '',
    family,
    cgroup: '/',
    state: State.CLOSE,
    owned: false,
    orphan: false,
    destroyed: false,
    shutdown: 0,
    error: 0,
    listenerId: 0,
    saddr4: 0,
    daddr4: 0,
    saddr6: ANY_ADDRESS,
    daddr6: ANY_ADDRESS,
    localAddress: ANY_ADDRESS,
    remoteAddress: ANY_ADDRESS,
    bound: false,
    num: 0,
    sport: 0,
    dport: 0,
    boundDevice: 0,
    reuse: false,
    reusePort: false,
    keepaliveOn: false,
    priority: 0,
    mark: 0,
    rcvLowat: 1,
    maxPacingRate: -1,
    txRehash: 1,
    tos: 0,
    tclass: 0,
    autoFlowLabel: true,
    lingerOn: false,
    lingerSeconds: 0,
    sndBuf: 16384,
    rcvBuf: 131072,
    userLocks: 0,
    txHash: 0,
    bpfCbFlags: 0,
    skBpfCbFlags: 0,
    notsentLowat: 0,
    wantsSpace: false,
    userMss: 0,
    mssClamp: MSS_DEFAULT,
    sackOk: false,
    tstampOk: false,
    wscaleOk: false,
    sndWscale: 0,
    rcvWscale: 0,
    sawTstamp: false,
    sawUnknown: false,
    rcvTsval: 0,
    rcvTsecr: 0,
    tsRecent: 0,
    tsRecentStamp: 0,
    tsOffset: 0,
    tcpHeaderLength: 20,
    advmss: 0,
    mssCache: MSS_DEFAULT,
    pmtuCookie: 0,
    writeSeq: 0,
    sndNxt: 0,
    sndUna: 0,
    sndSml: 0,
    sndUp: 0,
    sndWl1: 0,
    sndWnd: 0,
    maxWindow: 0,
    pushedSeq: 0,
    sndCwnd: INIT_CWND,
    sndCwndClamp: U32_MAX,
    sndCwndCnt: 0,
    sndCwndUsed: 0,
    sndCwndStamp: 0,
    sndSsthresh: INFINITE_SSTHRESH,
    priorCwnd: 0,
    priorSsthresh: 0,
    maxPacketsOut: 0,
    cwndUsageSeq: 0,
    isCwndLimited: false,
    packetsOut: 0,
    retransOut: 0,
    lostOut: 0,
    sackedOut: 0,
    totalRetrans: 0,
    lsndtime: 0,
    nonagle: 0,
    wmemQueued: 0,
    forwardAlloc: 0,
    writeQueue: [],
    rtxQueue: [],
    sendOrder: 0,
    caState: CaState.OPEN,
    undoMarker: 0,
    undoRetrans: 0,
    highSeq: 0,
    retransStamp: 0,
    reordering: 3,
    reordSeen: 0,
    frto: false,
    tlpHighSeq: 0,
    tlpRetrans: false,
    prrDelivered: 0,
    prrOut: 0,
    rackMstamp: 0,
    rackRttUs: 0,
    rackOrder: 0,
    rackAdvanced: false,
    rackDsackSeen: false,
    rackReoWndSteps: 1,
    rackReoWndPersist: 0,
    rackLastDelivered: 0,
    retransmits: 0,
    backoff: 0,
    probesOut: 0,
    probesTstamp: 0,
    totalRto: 0,
    srttUs: 0,
    mdevUs: 0,
    mdevMaxUs: 0,
    rttvarUs: 0,
    rttSeq: 0,
    rttMin: newMinFilter(),
    mstampUs: 0,
    rto: 0,
    rtoMinJiffies: 0,
    rtoMaxJiffies: 0,
    delackMaxJiffies: 0,
    delivered: 0,
    deliveredCe: 0,
    deliveredUs: 0,
    firstTxUs: 0,
    appLimited: U32_MAX,
    rateDelivered: 0,
    rateIntervalUs: 0,
    rateAppLimited: true,
    lost: 0,
    rcvNxt: 0,
    copiedSeq: 0,
    rcvWup: 0,
    rcvWnd: 0,
    rcvSsthresh: 0,
    windowClamp: 0,
    scalingRatio: 0,
    rmemAlloc: 0,
    rcvTstamp: 0,
    receiveQueue: [],
    outOfOrder: [],
    sackBlocks: [],
    dsack: undefined,
    rcvRttUs: 0,
    rcvRttSeq: 0,
    rcvRttTime: 0,
    rcvRttLastTsecr: 0,
    rcvqSpace: 0,
    rcvqSeq: 0,
    rcvqTime: 0,
    predOn: false,
    predWindow: 0,
    ackPending: 0,
    ackQuick: 0,
    ackPingpong: 0,
    ackAto: 0,
    ackTimeout: 0,
    ackLrcvtime: 0,
    ackLastSegSize: 0,
    rcvMss: 0,
    compressedAck: 0,
    compressedAckRcvNxt: 0,
    dupAckCounter: 0,
    ackDeferred: false,
    lastOow: 0,
    segsIn: 0,
    segsOut: 0,
    dataSegsIn: 0,
    dataSegsOut: 0,
    bytesReceived: 0,
    bytesAcked: 0,
    bytesSent: 0,
    bytesRetrans: 0,
    dsackDups: 0,
    rcvOooPack: 0,
    ecnFlags: 0,
    ca: 'cubic',
    caSetsockopt: false,
    caInitialized: false,
    caData: newCaData(),
    pending: Pending.NONE,
    timeout: 0,
    retransmitToken: 0,
    delackToken: 0,
    keepaliveToken: 0,
    compressToken: 0,
    keepaliveTime: 0,
    keepaliveIntvl: 0,
    keepaliveProbes: 0,
    lingerJiffies: 0,
    synRetries: 0,
    userTimeoutMs: 0,
    deferAccept: 0,
    thinLto: false,
    synData: 0,
    synFastopen: false,
    fastopenRequest: undefined,
    fastopenRequestId: 0,
    fastopenNoCookie: false,
    saveSyn: 0,
    savedSyn: undefined,
    backlogMax: 0,
    acceptQueue: [],
    fastopenQueueMax: 0,
    backlog: [],
    backlogMemory: 0,
  };
}

const copyTxBuffer = (buffer: TxBuffer): TxBuffer => ({ ...buffer });
const copyBlock = (block: SackBlock): SackBlock => ({ start: block.start, end: block.end });

/**
 * An independent copy, of another identity if `id` says so; shares only what is immutable (segments, received buffers, saved
 * headers).
 */
export function copySock(sk: Sock, id = sk.id): Sock {
  return {
    ...sk,
    id,
    writeQueue: sk.writeQueue.map(copyTxBuffer),
    rtxQueue: sk.rtxQueue.map(copyTxBuffer),
    rttMin: copyMinFilter(sk.rttMin),
    receiveQueue: sk.receiveQueue.slice(),
    outOfOrder: sk.outOfOrder.slice(),
    sackBlocks: sk.sackBlocks.map(copyBlock),
    dsack: sk.dsack && copyBlock(sk.dsack),
    caData: { ...sk.caData },
    fastopenRequest: sk.fastopenRequest && { ...sk.fastopenRequest },
    acceptQueue: sk.acceptQueue.slice(),
    backlog: sk.backlog.slice(),
  };
}
