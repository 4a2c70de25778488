// The sockets of the model under the kernel's own names: which value a member of struct sock_common, sock, inet_sock, inet_connection_sock, tcp_sock
// or of a request sock holds, in the unit and encoding in which the kernel stores it. Where a member lies in memory is not known
// here. A member that is not listed has no value in the model. Source: include/net/{sock,inet_sock,inet_connection_sock}.h,
// include/linux/tcp.h, and recordings of the members on 6.18 (test/facts/kernel-members).

import { AF_INET6, State } from './constants.ts';
import { requestAddress4, swap32 } from './ctx-values.ts';
import type { Host } from './engine.ts';
import type { RequestSock } from './request.ts';
import type { AddressWords, SackBlock, Sock } from './sock.ts';

/** What a pointer member leads to. */
export type MemberTarget =
  | { readonly to: 'null' }
  | { readonly to: 'request_sock'; readonly id: number }
  | { readonly to: 'net'; readonly cookie: bigint }
  | { readonly to: 'proto'; readonly family: number }
  | { readonly to: 'cgroup'; readonly path: string }
  | { readonly to: 'tcp_congestion_ops'; readonly name: string }
  /** The cached route of the socket with that identity. */
  | { readonly to: 'route'; readonly id: number; readonly family: number }
  /** The part of the socket itself that is such a structure. */
  | { readonly to: 'part'; readonly structure: string };

/** What a member holds: a number as stored (negative ones stand for their two's complement), the bytes of one that is no number, or a pointer. */
export type MemberValue = number | bigint | Uint8Array | MemberTarget;

/** Where programs see the start of the simulation on the kernel's clocks. */
export interface KernelClock {
  /** ktime_get_ns() / 1000 at time 0. */
  readonly us: number;
  /** jiffies at time 0. */
  readonly jiffies: number;
}

type SockReader = (sk: Sock, host: Host, clock: KernelClock) => MemberValue;
type RequestReader = (req: RequestSock, host: Host, clock: KernelClock) => MemberValue;

/** A member that the model has a value for. */
export type SocketMember =
  | { readonly of: 'sock'; readonly read: SockReader }
  | { readonly of: 'request'; readonly read: RequestReader };

/** The member of a full socket at a path in one of its structures: ("sock_common", "skc_daddr"), ("tcp_sock", "rx_opt.tstamp_ok"). */
export function sockMember(structure: string, path: string): SocketMember | undefined {
  const read = SOCK[structure]?.[path];
  return read === undefined ? undefined : { of: 'sock', read };
}

/** The same for a request sock: ("sock_common", "skc_daddr"), ("tcp_request_sock", "rcv_isn"). */
export function requestMember(structure: string, path: string): SocketMember | undefined {
  const read = REQUEST[structure]?.[path];
  return read === undefined ? undefined : { of: 'request', read };
}

/** Structures with members in the tables, of full sockets or of request socks. */
export function hasMembers(of: SocketMember['of'], structure: string): boolean {
  return (of === 'sock' ? SOCK : REQUEST)[structure] !== undefined;
}

const zero = (): number => 0;
const constant = (value: number) => (): number => value;

/** Network byte order: as a little-endian machine reads it. */
const be16 = (value: number): number => ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
const be32 = swap32;

function in6(words: AddressWords): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    view.setUint32(4 * index, word);
  });
  return bytes;
}

/** A point of time of the model in microseconds, on the kernel's clock; 0 stays "never". */
const usTime = (us: number, host: Host, clock: KernelClock): number =>
  us === 0 ? 0 : us - host.clockBaseUs + clock.us;
/** The same for jiffies, 32 bits of them. */
const jiffyTime = (jiffy: number, host: Host, clock: KernelClock): number =>
  jiffy === 0 ? 0 : (jiffy - host.firstJiffy + clock.jiffies) % 2 ** 32;
/** Milliseconds as tcp_time_stamp_ms() counts them. */
const msTime = (ms: number, host: Host, clock: KernelClock): number =>
  ms === 0 ? 0 : (ms - msShift(host, clock)) >>> 0;
/** How far the model's clock of timestamps is ahead of the kernel's. */
const msShift = (host: Host, clock: KernelClock): number =>
  Math.floor(host.clockBaseUs / 1000) - Math.floor(clock.us / 1000);

/** NO_QUEUE_MAPPING */
const NO_QUEUE = 0xffff;
const SIGNED_LONG_MAX = (1n << 63n) - 1n;
/** sk_userlocks: the port was chosen by bind(). SOCK_BINDADDR_LOCK is not kept. */
const SOCK_BINDPORT_LOCK = 8;
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
/** net.ipv4.ip_default_ttl */
const DEFAULT_TTL = 64;
const TCP_DSACK_SEEN = 4;

const SOCK_COMMON: Readonly<Record<string, SockReader>> = {
  skc_daddr: (sk) => be32(sk.daddr4),
  skc_rcv_saddr: (sk) => be32(sk.saddr4),
  skc_addrpair: (sk) => (BigInt(be32(sk.saddr4)) << 32n) | BigInt(be32(sk.daddr4)),
  skc_dport: (sk) => be16(sk.dport),
  skc_num: (sk) => sk.num,
  skc_portpair: (sk) => sk.num * 65536 + be16(sk.dport),
  skc_family: (sk) => sk.family,
  skc_state: (sk) => sk.state,
  skc_reuse: (sk) => (sk.reuse ? 1 : 0),
  skc_reuseport: (sk) => (sk.reusePort ? 1 : 0),
  // bind() to an address of IPv6 sets it; a child has its listener's.
  skc_ipv6only: (sk, host) => {
    const bound = sk.listenerId === 0 ? sk : host.socks.find((one) => one.id === sk.listenerId);
    return bound?.state === State.LISTEN && bound.family === AF_INET6 && bound.saddr6.some((word) => word !== 0)
      ? 1
      : 0;
  },
  skc_net_refcnt: constant(1),
  skc_bound_dev_if: (sk) => sk.boundDevice,
  skc_prot: (sk) => ({ to: 'proto', family: sk.family }),
  'skc_net.net': (_sk, host) => ({ to: 'net', cookie: host.netnsCookie }),
  skc_v6_daddr: (sk) => in6(sk.daddr6),
  skc_v6_rcv_saddr: (sk) => in6(sk.saddr6),
  skc_tx_queue_mapping: constant(NO_QUEUE),
  skc_rx_queue_mapping: constant(NO_QUEUE),
};

const SOCKET: Readonly<Record<string, SockReader>> = {
  'sk_drops.counter': zero,
  sk_peek_off: constant(-1),
  'sk_error_queue.qlen': zero,
  'sk_receive_queue.qlen': (sk) => sk.receiveQueue.length,
  'sk_backlog.rmem_alloc.counter': (sk) => sk.rmemAlloc,
  sk_rcvbuf: (sk) => sk.rcvBuf,
  sk_userlocks: (sk) => sk.userLocks | (sk.bound ? SOCK_BINDPORT_LOCK : 0),
  sk_rcvtimeo: () => SIGNED_LONG_MAX,
  sk_sndtimeo: () => SIGNED_LONG_MAX,
  sk_rcvlowat: (sk) => sk.rcvLowat,
  sk_err: (sk) => sk.error,
  sk_reserved_mem: zero,
  sk_tsflags: zero,
  sk_wmem_queued: (sk) => sk.wmemQueued,
  'sk_write_queue.qlen': (sk) => sk.writeQueue.length,
  sk_pacing_status: zero,
  sk_max_pacing_rate: (sk) => (sk.maxPacingRate < 0 ? (1n << 64n) - 1n : BigInt(sk.maxPacingRate)),
  sk_priority: (sk) => sk.priority,
  sk_mark: (sk) => sk.mark,
  sk_protocol: constant(IPPROTO_TCP),
  sk_type: constant(SOCK_STREAM),
  sk_txhash: (sk) => sk.txHash,
  sk_sndbuf: (sk) => sk.sndBuf,
  sk_pacing_shift: constant(10),
  sk_kern_sock: zero,
  sk_no_check_tx: zero,
  sk_no_check_rx: zero,
  sk_shutdown: (sk) => sk.shutdown,
  sk_ack_backlog: (sk) => sk.acceptQueue.length,
  // A child has its listener's.
  sk_max_ack_backlog: (sk, host) => host.socks.find((one) => one.id === (sk.listenerId || sk.id))?.backlogMax ?? 0,
  sk_lingertime: (sk, host) => (sk.lingerOn ? sk.lingerSeconds * host.config.hz : 0),
  sk_txrehash: (sk) => sk.txRehash,
  sk_bpf_cb_flags: (sk) => sk.skBpfCbFlags,
  // From connect() on, and in every child.
  sk_dst_cache: (sk) =>
    sk.state === State.LISTEN || sk.state === State.CLOSE
      ? { to: 'null' }
      : { to: 'route', id: sk.id, family: sk.family },
  'sk_cgrp_data.cgroup': (sk) => ({ to: 'cgroup', path: sk.cgroup }),
  'sk_cgrp_data.classid': zero,
  'sk_cgrp_data.prioidx': zero,
};

const INET_SOCK: Readonly<Record<string, SockReader>> = {
  pinet6: (sk) => (sk.family === AF_INET6 ? { to: 'part', structure: 'ipv6_pinfo' } : { to: 'null' }),
  // connect() of an IPv6 socket leaves it alone.
  inet_saddr: (sk) =>
    sk.family === AF_INET6 && sk.listenerId === 0 && sk.state !== State.LISTEN ? 0 : be32(sk.saddr4),
  inet_sport: (sk) => be16(sk.sport),
  uc_ttl: constant(-1),
  tos: (sk) => sk.tos,
  min_ttl: zero,
  // That of the segment which made a child.
  mc_ttl: (sk) => (sk.listenerId === 0 || sk.family === AF_INET6 ? 1 : DEFAULT_TTL),
  pmtudisc: constant(1),
};

const INET_CONNECTION_SOCK: Readonly<Record<string, SockReader>> = {
  'icsk_accept_queue.rskq_defer_accept': (sk) => sk.deferAccept,
  'icsk_accept_queue.qlen.counter': (sk, host) => host.requests.filter((req) => req.listenerId === sk.id).length,
  'icsk_accept_queue.fastopenq.max_qlen': (sk) => sk.fastopenQueueMax,
  icsk_timeout: (sk, host, clock) => jiffyTime(sk.timeout, host, clock),
  icsk_rto: (sk) => sk.rto,
  icsk_rto_min: (sk) => sk.rtoMinJiffies,
  icsk_rto_max: (sk) => sk.rtoMaxJiffies,
  icsk_delack_max: (sk) => sk.delackMaxJiffies,
  icsk_pmtu_cookie: (sk) => sk.pmtuCookie,
  icsk_ca_ops: (sk) => ({ to: 'tcp_congestion_ops', name: sk.ca }),
  icsk_ca_state: (sk) => sk.caState,
  icsk_ca_initialized: (sk) => (sk.caInitialized ? 1 : 0),
  icsk_ca_setsockopt: (sk) => (sk.caSetsockopt ? 1 : 0),
  icsk_ca_dst_locked: zero,
  icsk_retransmits: (sk) => sk.retransmits,
  icsk_pending: (sk) => sk.pending,
  icsk_backoff: (sk) => sk.backoff,
  icsk_syn_retries: (sk) => sk.synRetries,
  icsk_probes_out: (sk) => sk.probesOut,
  icsk_ext_hdr_len: zero,
  'icsk_ack.pending': (sk) => sk.ackPending,
  'icsk_ack.quick': (sk) => sk.ackQuick,
  'icsk_ack.pingpong': (sk) => sk.ackPingpong,
  'icsk_ack.ato': (sk) => sk.ackAto,
  'icsk_ack.timeout': (sk, host, clock) => jiffyTime(sk.ackTimeout, host, clock),
  'icsk_ack.lrcvtime': (sk, host, clock) => jiffyTime(sk.ackLrcvtime, host, clock),
  'icsk_ack.last_seg_size': (sk) => sk.ackLastSegSize,
  'icsk_ack.rcv_mss': (sk) => sk.rcvMss,
  icsk_probes_tstamp: (sk, host, clock) => jiffyTime(sk.probesTstamp, host, clock),
  icsk_user_timeout: (sk) => sk.userTimeoutMs,
};

const block = (blocks: readonly SackBlock[], index: number, end: 'start' | 'end'): number => blocks[index]?.[end] ?? 0;

const TCP_SOCK: Readonly<Record<string, SockReader>> = {
  // Set when a connection begins.
  tcp_header_len: (sk) => (sk.advmss === 0 ? 0 : sk.tcpHeaderLength),
  max_window: (sk) => sk.maxWindow,
  rcv_ssthresh: (sk) => sk.rcvSsthresh,
  reordering: (sk) => sk.reordering,
  notsent_lowat: (sk) => sk.notsentLowat,
  tsoffset: (sk, host, clock) => (sk.tsOffset + msShift(host, clock)) >>> 0,
  snd_wnd: (sk) => sk.sndWnd,
  mss_cache: (sk) => sk.mssCache,
  snd_cwnd: (sk) => sk.sndCwnd,
  prr_out: (sk) => sk.prrOut,
  lost_out: (sk) => sk.lostOut,
  sacked_out: (sk) => sk.sackedOut,
  scaling_ratio: (sk) => sk.scalingRatio,
  repair: zero,
  tcp_usec_ts: zero,
  is_sack_reneg: zero,
  is_cwnd_limited: (sk) => (sk.isCwndLimited ? 1 : 0),
  recvmsg_inq: zero,
  copied_seq: (sk) => sk.copiedSeq,
  snd_wl1: (sk) => sk.sndWl1,
  tlp_high_seq: (sk) => sk.tlpHighSeq,
  rttvar_us: (sk) => sk.rttvarUs,
  retrans_out: (sk) => sk.retransOut,
  advmss: (sk) => sk.advmss,
  urg_data: zero,
  lost: (sk) => sk.lost,
  snd_ssthresh: (sk) => sk.sndSsthresh,
  ...rttMin(),
  segs_out: (sk) => sk.segsOut,
  data_segs_out: (sk) => sk.dataSegsOut,
  bytes_sent: (sk) => sk.bytesSent,
  snd_sml: (sk) => sk.sndSml,
  write_seq: (sk) => sk.writeSeq,
  pushed_seq: (sk) => sk.pushedSeq,
  lsndtime: (sk, host, clock) => jiffyTime(sk.lsndtime, host, clock),
  mdev_us: (sk) => sk.mdevUs,
  mdev_max_us: (sk) => sk.mdevMaxUs,
  rtt_seq: (sk) => sk.rttSeq,
  ecn_flags: (sk) => sk.ecnFlags,
  nonagle: (sk) => sk.nonagle,
  rate_app_limited: (sk) => (sk.rateAppLimited ? 1 : 0),
  pred_flags: (sk) => (sk.predOn ? be32(((sk.tcpHeaderLength << 26) | 0x100000 | sk.predWindow) >>> 0) : 0),
  tcp_clock_cache: (sk, host, clock) => BigInt(usTime(sk.mstampUs, host, clock)) * 1000n,
  tcp_mstamp: (sk, host, clock) => usTime(sk.mstampUs, host, clock),
  rcv_nxt: (sk) => sk.rcvNxt,
  snd_nxt: (sk) => sk.sndNxt,
  snd_una: (sk) => sk.sndUna,
  window_clamp: (sk) => sk.windowClamp,
  srtt_us: (sk) => sk.srttUs,
  packets_out: (sk) => sk.packetsOut,
  // Without urgent data it follows snd_una.
  snd_up: (sk) => sk.sndUna,
  delivered: (sk) => sk.delivered,
  delivered_ce: (sk) => sk.deliveredCe,
  app_limited: (sk) => sk.appLimited,
  rcv_wnd: (sk) => sk.rcvWnd,
  rcv_tstamp: (sk, host, clock) => jiffyTime(sk.rcvTstamp, host, clock),
  'rx_opt.ts_recent_stamp': (sk, host, clock) =>
    sk.tsRecentStamp === 0 ? 0 : sk.tsRecentStamp - Math.floor(host.clockBaseUs / 1e6) + Math.floor(clock.us / 1e6),
  'rx_opt.ts_recent': (sk) => sk.tsRecent,
  'rx_opt.rcv_tsval': (sk) => sk.rcvTsval,
  'rx_opt.rcv_tsecr': (sk) => sk.rcvTsecr,
  'rx_opt.saw_tstamp': (sk) => (sk.sawTstamp ? 1 : 0),
  'rx_opt.tstamp_ok': (sk) => (sk.tstampOk ? 1 : 0),
  'rx_opt.dsack': (sk) => (sk.dsack === undefined ? 0 : 1),
  'rx_opt.wscale_ok': (sk) => (sk.wscaleOk ? 1 : 0),
  'rx_opt.sack_ok': (sk) => (sk.sackOk ? 1 : 0) | (sk.dsackDups > 0 ? TCP_DSACK_SEEN : 0),
  'rx_opt.smc_ok': zero,
  'rx_opt.snd_wscale': (sk) => sk.sndWscale,
  'rx_opt.rcv_wscale': (sk) => sk.rcvWscale,
  'rx_opt.accecn': zero,
  'rx_opt.saw_unknown': (sk) => (sk.sawUnknown ? 1 : 0),
  'rx_opt.unused': zero,
  'rx_opt.num_sacks': (sk) => sk.sackBlocks.length,
  'rx_opt.user_mss': (sk) => sk.userMss,
  'rx_opt.mss_clamp': (sk) => (sk.state === State.LISTEN || sk.state === State.CLOSE ? 0 : sk.mssClamp),
  bytes_received: (sk) => sk.bytesReceived,
  segs_in: (sk) => sk.segsIn,
  data_segs_in: (sk) => sk.dataSegsIn,
  rcv_wup: (sk) => sk.rcvWup,
  max_packets_out: (sk) => sk.maxPacketsOut,
  cwnd_usage_seq: (sk) => sk.cwndUsageSeq,
  rate_delivered: (sk) => sk.rateDelivered,
  rate_interval_us: (sk) => sk.rateIntervalUs,
  rcv_rtt_last_tsecr: (sk) => sk.rcvRttLastTsecr,
  first_tx_mstamp: (sk, host, clock) => usTime(sk.firstTxUs, host, clock),
  delivered_mstamp: (sk, host, clock) => usTime(sk.deliveredUs, host, clock),
  bytes_acked: (sk) => sk.bytesAcked,
  'rcv_rtt_est.rtt_us': (sk) => sk.rcvRttUs,
  'rcv_rtt_est.seq': (sk) => sk.rcvRttSeq,
  'rcv_rtt_est.time': (sk, host, clock) => usTime(sk.rcvRttTime, host, clock),
  'rcvq_space.space': (sk) => sk.rcvqSpace,
  'rcvq_space.seq': (sk) => sk.rcvqSeq,
  'rcvq_space.time': (sk, host, clock) => usTime(sk.rcvqTime, host, clock),
  dsack_dups: (sk) => sk.dsackDups,
  compressed_ack_rcv_nxt: (sk) => sk.compressedAckRcvNxt,
  'rack.mstamp': (sk, host, clock) => usTime(sk.rackMstamp, host, clock),
  'rack.rtt_us': (sk) => sk.rackRttUs,
  'rack.last_delivered': (sk) => sk.rackLastDelivered,
  'rack.reo_wnd_steps': (sk) => sk.rackReoWndSteps,
  'rack.reo_wnd_persist': (sk) => sk.rackReoWndPersist,
  'rack.dsack_seen': (sk) => (sk.rackDsackSeen ? 1 : 0),
  'rack.advanced': (sk) => (sk.rackAdvanced ? 1 : 0),
  compressed_ack: (sk) => sk.compressedAck,
  dup_ack_counter: (sk) => sk.dupAckCounter,
  tlp_retrans: (sk) => (sk.tlpRetrans ? 1 : 0),
  thin_lto: (sk) => (sk.thinLto ? 1 : 0),
  frto: (sk) => (sk.frto ? 1 : 0),
  fastopen_no_cookie: (sk) => (sk.fastopenNoCookie ? 1 : 0),
  save_syn: (sk) => sk.saveSyn,
  syn_data: (sk) => sk.synData,
  syn_fastopen: (sk) => (sk.synFastopen ? 1 : 0),
  keepalive_probes: (sk) => sk.keepaliveProbes,
  reord_seen: (sk) => sk.reordSeen,
  snd_cwnd_cnt: (sk) => sk.sndCwndCnt,
  snd_cwnd_clamp: (sk) => sk.sndCwndClamp,
  snd_cwnd_used: (sk) => sk.sndCwndUsed,
  snd_cwnd_stamp: (sk, host, clock) => jiffyTime(sk.sndCwndStamp, host, clock),
  prior_cwnd: (sk) => sk.priorCwnd,
  prr_delivered: (sk) => sk.prrDelivered,
  last_oow_ack_time: (sk, host, clock) => jiffyTime(sk.lastOow, host, clock),
  'duplicate_sack[0].start_seq': (sk) => sk.dsack?.start ?? 0,
  'duplicate_sack[0].end_seq': (sk) => sk.dsack?.end ?? 0,
  'selective_acks[0].start_seq': (sk) => block(sk.sackBlocks, 0, 'start'),
  'selective_acks[0].end_seq': (sk) => block(sk.sackBlocks, 0, 'end'),
  'selective_acks[1].start_seq': (sk) => block(sk.sackBlocks, 1, 'start'),
  'selective_acks[1].end_seq': (sk) => block(sk.sackBlocks, 1, 'end'),
  'selective_acks[2].start_seq': (sk) => block(sk.sackBlocks, 2, 'start'),
  'selective_acks[2].end_seq': (sk) => block(sk.sackBlocks, 2, 'end'),
  'selective_acks[3].start_seq': (sk) => block(sk.sackBlocks, 3, 'start'),
  'selective_acks[3].end_seq': (sk) => block(sk.sackBlocks, 3, 'end'),
  prior_ssthresh: (sk) => sk.priorSsthresh,
  high_seq: (sk) => sk.highSeq,
  retrans_stamp: (sk, host, clock) => msTime(sk.retransStamp, host, clock),
  undo_marker: (sk) => sk.undoMarker,
  undo_retrans: (sk) => sk.undoRetrans,
  mtu_info: zero,
  bytes_retrans: (sk) => sk.bytesRetrans,
  total_retrans: (sk) => sk.totalRetrans,
  total_rto: (sk) => sk.totalRto,
  keepalive_time: (sk) => sk.keepaliveTime,
  keepalive_intvl: (sk) => sk.keepaliveIntvl,
  linger2: (sk) => sk.lingerJiffies,
  bpf_sock_ops_cb_flags: (sk) => sk.bpfCbFlags,
  rcv_ooopack: (sk) => sk.rcvOooPack,
  is_mptcp: zero,
  fastopen_rsk: (sk) =>
    sk.fastopenRequestId === 0 ? { to: 'null' } : { to: 'request_sock', id: sk.fastopenRequestId },
};

/** rtt_min: three samples, best first; times are 32 bits of jiffies. */
function rttMin(): Record<string, SockReader> {
  const rows: Record<string, SockReader> = {};
  for (const index of [0, 1, 2] as const) {
    rows[`rtt_min.s[${index}].t`] = (sk, host, clock) => jiffyTime(sk.rttMin[index].t, host, clock);
    rows[`rtt_min.s[${index}].v`] = (sk) => sk.rttMin[index].v;
  }
  return rows;
}

const IPV6_PINFO: Readonly<Record<string, SockReader>> = {
  saddr: (sk) => in6(sk.saddr6),
  hop_limit: constant(-1),
  tclass: (sk) => sk.tclass,
};

const SOCK: Readonly<Record<string, Readonly<Record<string, SockReader>>>> = {
  sock_common: SOCK_COMMON,
  sock: SOCKET,
  inet_sock: INET_SOCK,
  inet_connection_sock: INET_CONNECTION_SOCK,
  tcp_sock: TCP_SOCK,
  tcp6_sock: {},
  ipv6_pinfo: IPV6_PINFO,
};

const REQUEST: Readonly<Record<string, Readonly<Record<string, RequestReader>>>> = {
  sock_common: {
    skc_daddr: (req, host) => be32(requestAddress4(host, req, req.remoteAddress)),
    skc_rcv_saddr: (req, host) => be32(requestAddress4(host, req, req.localAddress)),
    skc_addrpair: (req, host) =>
      (BigInt(be32(requestAddress4(host, req, req.localAddress))) << 32n) |
      BigInt(be32(requestAddress4(host, req, req.remoteAddress))),
    skc_dport: (req) => be16(req.remotePort),
    skc_num: (req) => req.localPort,
    skc_portpair: (req) => req.localPort * 65536 + be16(req.remotePort),
    skc_family: (req) => req.family,
    skc_state: constant(State.NEW_SYN_RECV),
    skc_v6_daddr: (req) => in6(req.remoteAddress),
    skc_v6_rcv_saddr: (req) => in6(req.localAddress),
  },
  request_sock: {
    mss: (req) => req.mss,
    num_retrans: (req) => req.numRetrans,
    syncookie: (req) => (req.syncookie ? 1 : 0),
    num_timeout: (req) => req.numTimeout,
    ts_recent: (req) => req.tsRecent,
    timeout: (req) => req.timeoutJiffies,
  },
  inet_request_sock: {
    snd_wscale: (req) => req.sndWscale,
    rcv_wscale: (req) => req.rcvWscale,
    tstamp_ok: (req) => (req.tstampOk ? 1 : 0),
    sack_ok: (req) => (req.sackOk ? 1 : 0),
    wscale_ok: (req) => (req.wscaleOk ? 1 : 0),
    ecn_ok: (req) => (req.ecnOk ? 1 : 0),
    acked: (req) => (req.acked ? 1 : 0),
    smc_ok: zero,
    ir_mark: (req) => req.mark,
  },
  tcp_request_sock: {
    snt_synack: (req, host, clock) => usTime(req.sntSynackUs, host, clock),
    tfo_listener: (req) => (req.tfoListener ? 1 : 0),
    is_mptcp: zero,
    txhash: (req) => req.txHash,
    rcv_isn: (req) => req.rcvIsn,
    snt_isn: (req) => req.sndIsn,
    ts_off: (req, host, clock) => (req.tsOffset + msShift(host, clock)) >>> 0,
    last_oow_ack_time: (req, host, clock) => jiffyTime(req.lastOow, host, clock),
    rcv_nxt: (req) => req.rcvNxt,
    syn_tos: (req) => req.synTos,
  },
};

/** Value of a member of the socket or request sock with an id, on whatever host; undefined when there is none of that kind. */
export function readMember(
  hosts: readonly Host[],
  id: number,
  member: SocketMember,
  clock: KernelClock,
): MemberValue | undefined {
  for (const host of hosts) {
    if (member.of === 'sock') {
      for (const sk of host.socks) if (sk.id === id) return member.read(sk, host, clock);
    } else {
      for (const req of host.requests) if (req.id === id) return member.read(req, host, clock);
    }
  }
  return undefined;
}
