// Socket options of user space that BPF does not offer on any described kernel: bpf_setsockopt() and bpf_getsockopt() give
// -EINVAL for them. People try them; the tables say so, and what to use instead.
// Source: include/uapi/asm-generic/socket.h, linux/tcp.h, linux/in.h; the sweeps over every option number on five kernels.

import type { SourceRef } from './lifetime.ts';
import type { OptionLevel } from './sockopt-row.ts';

export interface UserOptionRow {
  readonly level: OptionLevel;
  readonly name: string;
  readonly number: number;
  /** What it does for user space. */
  readonly doc: string;
  /** What a sock_ops program can use. */
  readonly instead?: string;
  readonly source: SourceRef;
}

const UAPI = 'include/uapi; sweeps of every option number on 5.10 to 7.2';

export const USER_OPTIONS: readonly UserOptionRow[] = [
  { level: 'SOL_SOCKET', name: 'SO_ERROR', number: 4, doc: 'Reads and clears the pending error.', source: UAPI },
  { level: 'SOL_SOCKET', name: 'SO_BROADCAST', number: 6, doc: 'Allows broadcasts.', source: UAPI },
  { level: 'SOL_SOCKET', name: 'SO_OOBINLINE', number: 10, doc: 'Keeps urgent data in line.', source: UAPI },
  { level: 'SOL_SOCKET', name: 'SO_LINGER', number: 13, doc: 'What close() does with unsent data.', source: UAPI },
  {
    level: 'SOL_SOCKET',
    name: 'SO_RCVTIMEO',
    number: 20,
    doc: 'How long a read may block.',
    instead: 'a time limit in the application; TCP_USER_TIMEOUT bounds unacknowledged data',
    source: UAPI,
  },
  {
    level: 'SOL_SOCKET',
    name: 'SO_SNDTIMEO',
    number: 21,
    doc: 'How long a write may block.',
    instead: 'a time limit in the application; TCP_USER_TIMEOUT bounds unacknowledged data',
    source: UAPI,
  },
  {
    level: 'SOL_SOCKET',
    name: 'SO_SNDBUFFORCE',
    number: 32,
    doc: "Send buffer beyond the system's limit.",
    instead: 'SO_SNDBUF, which stays below net.core.wmem_max',
    source: UAPI,
  },
  {
    level: 'SOL_SOCKET',
    name: 'SO_RCVBUFFORCE',
    number: 33,
    doc: "Receive buffer beyond the system's limit.",
    instead: 'SO_RCVBUF, which stays below net.core.rmem_max',
    source: UAPI,
  },
  { level: 'SOL_SOCKET', name: 'SO_BUSY_POLL', number: 46, doc: 'Time to busy-poll the network card.', source: UAPI },
  { level: 'SOL_SOCKET', name: 'SO_INCOMING_CPU', number: 49, doc: 'CPU that receives the flow.', source: UAPI },
  {
    level: 'SOL_SOCKET',
    name: 'SO_COOKIE',
    number: 57,
    doc: 'Cookie of the socket.',
    instead: 'bpf_get_socket_cookie()',
    source: UAPI,
  },
  { level: 'SOL_SOCKET', name: 'SO_ZEROCOPY', number: 60, doc: 'Allows sending without copying.', source: UAPI },
  { level: 'SOL_SOCKET', name: 'SO_TXTIME', number: 61, doc: 'Allows sending at a given time.', source: UAPI },
  {
    level: 'SOL_SOCKET',
    name: 'SO_NETNS_COOKIE',
    number: 71,
    doc: 'Cookie of the network namespace.',
    instead: 'bpf_get_netns_cookie()',
    source: UAPI,
  },
  { level: 'SOL_SOCKET', name: 'SO_RESERVE_MEM', number: 73, doc: 'Reserves buffer memory.', source: UAPI },
  { level: 'SOL_TCP', name: 'TCP_CORK', number: 3, doc: 'Holds back partial segments.', source: UAPI },
  { level: 'SOL_TCP', name: 'TCP_LINGER2', number: 8, doc: 'Lifetime of an orphan in FIN_WAIT2.', source: UAPI },
  {
    level: 'SOL_TCP',
    name: 'TCP_DEFER_ACCEPT',
    number: 9,
    doc: 'Wakes a listener only when data has come.',
    source: UAPI,
  },
  {
    level: 'SOL_TCP',
    name: 'TCP_INFO',
    number: 11,
    doc: 'State of the connection as one structure.',
    instead: 'context fields, bpf_tcp_sock(), or bpf_skc_to_tcp_sock()',
    source: UAPI,
  },
  {
    level: 'SOL_TCP',
    name: 'TCP_QUICKACK',
    number: 12,
    doc: 'Sends acknowledgements at once, for a while.',
    instead: 'TCP_BPF_DELACK_MAX',
    source: UAPI,
  },
  { level: 'SOL_TCP', name: 'TCP_MD5SIG', number: 14, doc: 'Signs segments with MD5.', source: UAPI },
  { level: 'SOL_TCP', name: 'TCP_THIN_DUPACK', number: 17, doc: 'Does nothing any more.', source: UAPI },
  {
    level: 'SOL_TCP',
    name: 'TCP_REPAIR',
    number: 19,
    doc: 'Takes a connection apart and puts it together.',
    source: UAPI,
  },
  {
    level: 'SOL_TCP',
    name: 'TCP_FASTOPEN',
    number: 23,
    doc: 'Accepts Fast Open connections on a listener.',
    source: UAPI,
  },
  { level: 'SOL_TCP', name: 'TCP_TIMESTAMP', number: 24, doc: 'Offset of the time stamps.', source: UAPI },
  { level: 'SOL_TCP', name: 'TCP_CC_INFO', number: 26, doc: 'State of the congestion control.', source: UAPI },
  {
    level: 'SOL_TCP',
    name: 'TCP_FASTOPEN_CONNECT',
    number: 30,
    doc: 'Opens with Fast Open in connect().',
    source: UAPI,
  },
  { level: 'SOL_TCP', name: 'TCP_ULP', number: 31, doc: 'Adds a protocol above TCP, TLS for one.', source: UAPI },
  { level: 'SOL_TCP', name: 'TCP_FASTOPEN_KEY', number: 33, doc: 'Key of the Fast Open cookies.', source: UAPI },
  {
    level: 'SOL_TCP',
    name: 'TCP_FASTOPEN_NO_COOKIE',
    number: 34,
    doc: 'Accepts Fast Open without a cookie.',
    source: UAPI,
  },
  { level: 'SOL_TCP', name: 'TCP_ZEROCOPY_RECEIVE', number: 35, doc: 'Receives without copying.', source: UAPI },
  { level: 'SOL_TCP', name: 'TCP_INQ', number: 36, doc: 'Tells how much is unread with each read.', source: UAPI },
  { level: 'SOL_TCP', name: 'TCP_TX_DELAY', number: 37, doc: 'Delays every packet, for tests.', source: UAPI },
  {
    level: 'SOL_TCP',
    name: 'TCP_RTO_MIN_US',
    number: 45,
    doc: 'Lower limit of the retransmission timeout.',
    instead: 'TCP_BPF_RTO_MIN',
    source: UAPI,
  },
  {
    level: 'SOL_TCP',
    name: 'TCP_DELACK_MAX_US',
    number: 46,
    doc: 'Longest delay of an acknowledgement.',
    instead: 'TCP_BPF_DELACK_MAX',
    source: UAPI,
  },
  { level: 'SOL_IP', name: 'IP_TTL', number: 2, doc: 'Time to live of the packets.', source: UAPI },
  { level: 'SOL_IP', name: 'IP_MTU_DISCOVER', number: 10, doc: 'How the path MTU is found.', source: UAPI },
  { level: 'SOL_IP', name: 'IP_MTU', number: 14, doc: 'Path MTU known now.', instead: 'mss_cache', source: UAPI },
  { level: 'SOL_IP', name: 'IP_TRANSPARENT', number: 19, doc: 'Allows foreign local addresses.', source: UAPI },
  {
    level: 'SOL_IP',
    name: 'IP_BIND_ADDRESS_NO_PORT',
    number: 24,
    doc: 'Leaves the port open until connect().',
    source: UAPI,
  },
  { level: 'SOL_IPV6', name: 'IPV6_UNICAST_HOPS', number: 16, doc: 'Hop limit of the packets.', source: UAPI },
  {
    level: 'SOL_IPV6',
    name: 'IPV6_V6ONLY',
    number: 26,
    doc: 'Whether an IPv6 listener takes IPv4 connections.',
    source: UAPI,
  },
];
