// The socket behind ctx->sk: struct bpf_sock and struct bpf_tcp_sock as bpf_sk conversion shows them (net/core/filter.c).

import { Bug } from '../base/index.ts';
import { readSockField, swap32 } from './ctx-values.ts';
import type { Host } from './engine.ts';
import type { SockView } from './hook.ts';
import type { Sock } from './sock.ts';

const IPPROTO_TCP = 6;
const SOCK_STREAM = 1;

const BPF_SOCK: Readonly<Record<string, (sk: Sock) => number>> = {
  bound_dev_if: (sk) => sk.boundDevice,
  family: (sk) => sk.family,
  type: () => SOCK_STREAM,
  protocol: () => IPPROTO_TCP,
  mark: (sk) => sk.mark >>> 0,
  priority: (sk) => sk.priority >>> 0,
  src_ip4: (sk) => swap32(sk.saddr4),
  'src_ip6[0]': (sk) => swap32(sk.saddr6[0]),
  'src_ip6[1]': (sk) => swap32(sk.saddr6[1]),
  'src_ip6[2]': (sk) => swap32(sk.saddr6[2]),
  'src_ip6[3]': (sk) => swap32(sk.saddr6[3]),
  src_port: (sk) => sk.num,
  dst_port: (sk) => ((sk.dport & 255) << 8) | (sk.dport >> 8),
  dst_ip4: (sk) => swap32(sk.daddr4),
  'dst_ip6[0]': (sk) => swap32(sk.daddr6[0]),
  'dst_ip6[1]': (sk) => swap32(sk.daddr6[1]),
  'dst_ip6[2]': (sk) => swap32(sk.daddr6[2]),
  'dst_ip6[3]': (sk) => swap32(sk.daddr6[3]),
  state: (sk) => sk.state,
  // sk_rx_queue_get() is -1 while no device queue was recorded; loopback and veth record none.
  rx_queue_mapping: () => 0xffffffff,
};

/** Fields that only struct bpf_tcp_sock has; the others have the names of the context. */
const BPF_TCP_SOCK: Readonly<Record<string, (sk: Sock) => number>> = {
  dsack_dups: (sk) => sk.dsackDups,
  delivered: (sk) => sk.delivered,
  delivered_ce: (sk) => sk.deliveredCe,
  icsk_retransmits: (sk) => sk.retransmits,
};

export class SockFields implements SockView {
  readonly #host: Host;
  readonly #sk: Sock;

  constructor(host: Host, sk: Sock) {
    this.#host = host;
    this.#sk = sk;
  }

  get socketId(): number {
    return this.#sk.id;
  }

  sockField(name: string): number {
    const reader = BPF_SOCK[name];
    if (!reader) throw new Bug(`struct bpf_sock has no field ${name}`);
    return reader(this.#sk) >>> 0;
  }

  tcpSockField(name: string): bigint {
    const reader = BPF_TCP_SOCK[name];
    return BigInt(reader ? reader(this.#sk) : readSockField(this.#host, this.#sk, true, undefined, name));
  }
}
