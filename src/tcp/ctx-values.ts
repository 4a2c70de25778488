// Values of the scalar context fields as a little-endian program reads them, with the kernel's guards: which fields read 0 on
// a request sock, which in the ops that do not hold the lock, which without a packet (sock_ops_convert_ctx_access()).

import { Bug } from '../base/index.ts';
import { AF_INET6, State } from './constants.ts';
import type { Host } from './engine.ts';
import type { SegmentView } from './hook.ts';
import type { RequestSock } from './request.ts';
import type { AddressWords, Sock } from './sock.ts';

/** A big-endian 32-bit number as it reads when loaded on a little-endian machine. */
export function swap32(value: number): number {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

/** 127.0.0.6, the kernel's placeholder in the IPv4 fields of an IPv6 socket, as a big-endian number. */
export const LOOPBACK4_IPV6 = 0x7f000006;

type Reader<Owner> = (owner: Owner, host: Host) => number;

const SOCK_READERS: Readonly<Record<string, Reader<Sock>>> = {
  family: (sk) => sk.family,
  remote_ip4: (sk) => swap32(sk.daddr4),
  local_ip4: (sk) => swap32(sk.saddr4),
  'remote_ip6[0]': (sk) => swap32(sk.daddr6[0]),
  'remote_ip6[1]': (sk) => swap32(sk.daddr6[1]),
  'remote_ip6[2]': (sk) => swap32(sk.daddr6[2]),
  'remote_ip6[3]': (sk) => swap32(sk.daddr6[3]),
  'local_ip6[0]': (sk) => swap32(sk.saddr6[0]),
  'local_ip6[1]': (sk) => swap32(sk.saddr6[1]),
  'local_ip6[2]': (sk) => swap32(sk.saddr6[2]),
  'local_ip6[3]': (sk) => swap32(sk.saddr6[3]),
  remote_port: (sk) => swap32(sk.dport),
  local_port: (sk) => sk.num,
  is_fullsock: () => 1,
  state: (sk) => sk.state,
};

/** Fields of struct tcp_sock: read 0 unless the socket is full and locked. */
const TCP_READERS: Readonly<Record<string, Reader<Sock>>> = {
  snd_cwnd: (sk) => sk.sndCwnd,
  srtt_us: (sk) => sk.srttUs,
  bpf_sock_ops_cb_flags: (sk) => sk.bpfCbFlags,
  snd_ssthresh: (sk) => sk.sndSsthresh,
  rcv_nxt: (sk) => sk.rcvNxt,
  snd_nxt: (sk) => sk.sndNxt,
  snd_una: (sk) => sk.sndUna,
  mss_cache: (sk) => sk.mssCache,
  ecn_flags: (sk) => sk.ecnFlags,
  rate_delivered: (sk) => sk.rateDelivered,
  rate_interval_us: (sk) => sk.rateIntervalUs,
  packets_out: (sk) => sk.packetsOut,
  retrans_out: (sk) => sk.retransOut,
  total_retrans: (sk) => sk.totalRetrans,
  segs_in: (sk) => sk.segsIn,
  data_segs_in: (sk) => sk.dataSegsIn,
  segs_out: (sk) => sk.segsOut,
  data_segs_out: (sk) => sk.dataSegsOut,
  lost_out: (sk) => sk.lostOut,
  sacked_out: (sk) => sk.sackedOut,
  sk_txhash: (sk) => sk.txHash,
  bytes_received: (sk) => sk.bytesReceived,
  bytes_acked: (sk) => sk.bytesAcked,
};

const SEGMENT_READERS: Readonly<Record<string, (segment: SegmentView) => number>> = {
  skb_len: (segment) => segment.length,
  skb_tcp_flags: (segment) => segment.tcpFlags,
  skb_hwtstamp: (segment) => Number(segment.hardwareTimestamp),
};

const REQUEST_READERS: Readonly<Record<string, Reader<RequestSock>>> = {
  family: (req) => req.family,
  remote_ip4: (req, host) => swap32(requestAddress4(host, req, req.remoteAddress)),
  local_ip4: (req, host) => swap32(requestAddress4(host, req, req.localAddress)),
  'remote_ip6[0]': (req) => swap32(req.remoteAddress[0]),
  'remote_ip6[1]': (req) => swap32(req.remoteAddress[1]),
  'remote_ip6[2]': (req) => swap32(req.remoteAddress[2]),
  'remote_ip6[3]': (req) => swap32(req.remoteAddress[3]),
  'local_ip6[0]': (req) => swap32(req.localAddress[0]),
  'local_ip6[1]': (req) => swap32(req.localAddress[1]),
  'local_ip6[2]': (req) => swap32(req.localAddress[2]),
  'local_ip6[3]': (req) => swap32(req.localAddress[3]),
  remote_port: (req) => swap32(req.remotePort),
  local_port: (req) => req.localPort,
  is_fullsock: () => 0,
  state: () => State.NEW_SYN_RECV,
  // Without the guard the kernel reads memory behind the request sock: some stale word, here one made from its identity.
  rtt_min: (req, host) => (host.features['rtt-min-guarded'] ? 0 : (Math.imul(req.id, 0x9e3779b1) ^ req.txHash) >>> 0),
};

/** An IPv6 request sock has a placeholder in its IPv4 fields, or nothing, by kernel. */
export function requestAddress4(host: Host, req: RequestSock, address: AddressWords): number {
  const mapped = address[0] === 0 && address[1] === 0 && address[2] === 0xffff;
  if (req.family === AF_INET6 && !mapped) return host.features['v6-request-has-v4-loopback'] ? LOOPBACK4_IPV6 : 0;
  return address[3];
}

/** A field of a full socket. `isLocked` is false in the TSTAMP ops. */
export function readSockField(
  host: Host,
  sk: Sock,
  isLocked: boolean,
  segment: SegmentView | undefined,
  name: string,
): number {
  const plain = SOCK_READERS[name];
  if (plain) return plain(sk, host);
  const tcp = TCP_READERS[name];
  if (tcp) return isLocked ? tcp(sk, host) : 0;
  if (name === 'rtt_min') return isLocked || !host.features['rtt-min-guarded'] ? sk.rttMin[0].v >>> 0 : 0;
  return readSegmentField(segment, name);
}

/** A field of a request sock: addresses, ports and state are there, everything of a TCP socket is not. */
export function readRequestField(host: Host, req: RequestSock, segment: SegmentView | undefined, name: string): number {
  const reader = REQUEST_READERS[name];
  if (reader) return reader(req, host);
  if (TCP_READERS[name]) return 0;
  return readSegmentField(segment, name);
}

function readSegmentField(segment: SegmentView | undefined, name: string): number {
  const reader = SEGMENT_READERS[name];
  if (!reader) throw new Bug(`the TCP model was asked for a context field it does not know: ${name}`);
  return segment ? reader(segment) : 0;
}
