// struct bpf_sock and struct bpf_tcp_sock as include/uapi/linux/bpf.h lays them out: where each field of the socket that the
// TCP model reports lies in the image that a program reads through ctx->sk.

import type { SockView } from '../tcp/index.ts';

type Place = readonly [name: string, offset: number, size: 1 | 2 | 4 | 8];

const word = (name: string, offset: number): Place => [name, offset, 4];

const BPF_SOCK: readonly Place[] = [
  word('bound_dev_if', 0),
  word('family', 4),
  word('type', 8),
  word('protocol', 12),
  word('mark', 16),
  word('priority', 20),
  word('src_ip4', 24),
  word('src_ip6[0]', 28),
  word('src_ip6[1]', 32),
  word('src_ip6[2]', 36),
  word('src_ip6[3]', 40),
  word('src_port', 44),
  ['dst_port', 48, 2],
  word('dst_ip4', 52),
  word('dst_ip6[0]', 56),
  word('dst_ip6[1]', 60),
  word('dst_ip6[2]', 64),
  word('dst_ip6[3]', 68),
  word('state', 72),
  word('rx_queue_mapping', 76),
];

const BPF_TCP_SOCK: readonly Place[] = [
  ...[
    'snd_cwnd',
    'srtt_us',
    'rtt_min',
    'snd_ssthresh',
    'rcv_nxt',
    'snd_nxt',
    'snd_una',
    'mss_cache',
    'ecn_flags',
    'rate_delivered',
    'rate_interval_us',
    'packets_out',
    'retrans_out',
    'total_retrans',
    'segs_in',
    'data_segs_in',
    'segs_out',
    'data_segs_out',
    'lost_out',
    'sacked_out',
  ].map((name, index) => word(name, 4 * index)),
  ['bytes_received', 80, 8],
  ['bytes_acked', 88, 8],
  word('dsack_dups', 96),
  word('delivered', 100),
  word('delivered_ce', 104),
  word('icsk_retransmits', 108),
];

/** Writes struct bpf_sock (80 bytes). */
export function fillBpfSock(sock: SockView, image: Uint8Array): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  for (const [name, offset, size] of BPF_SOCK) {
    const value = sock.sockField(name);
    if (size === 2) view.setUint16(offset, value, true);
    else view.setUint32(offset, value, true);
  }
}

/** Writes struct bpf_tcp_sock; false when the socket is no full TCP socket. */
export function fillBpfTcpSock(sock: SockView, image: Uint8Array): boolean {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  for (const [name, offset, size] of BPF_TCP_SOCK) {
    if (offset + size > image.length) break;
    const value = sock.tcpSockField(name);
    if (value === undefined) return false;
    if (size === 8) view.setBigUint64(offset, BigInt.asUintN(64, value), true);
    else view.setUint32(offset, Number(BigInt.asUintN(32, value)), true);
  }
  return true;
}
