// Numbers of the Linux TCP stack that more than one module needs. Names are the kernel's; sources are include/net/tcp.h,
// include/uapi/linux/{tcp,bpf}.h, include/net/tcp_states.h. What differs between kernels is in kernel/features-tcp.ts.

/** include/net/tcp_states.h; the numbers that ctx->state and STATE_CB show. */
export const State = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
  NEW_SYN_RECV: 12,
} as const;

/** Kernel names of the states by number. */
export const STATE_NAMES: readonly string[] = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
];

/** BPF_SOCK_OPS_* */
export const Op = {
  TIMEOUT_INIT: 1,
  RWND_INIT: 2,
  TCP_CONNECT: 3,
  ACTIVE_ESTABLISHED: 4,
  PASSIVE_ESTABLISHED: 5,
  NEEDS_ECN: 6,
  BASE_RTT: 7,
  RTO: 8,
  RETRANS: 9,
  STATE: 10,
  TCP_LISTEN: 11,
  RTT: 12,
  PARSE_HDR_OPT: 13,
  HDR_OPT_LEN: 14,
  WRITE_HDR_OPT: 15,
  TSTAMP_SCHED: 16,
  TSTAMP_SND_SW: 17,
  TSTAMP_SND_HW: 18,
  TSTAMP_ACK: 19,
  TSTAMP_SENDMSG: 20,
} as const;

/** BPF_SOCK_OPS_*_CB_FLAG */
export const CallbackFlag = {
  RTO: 1,
  RETRANS: 2,
  STATE: 4,
  RTT: 8,
  PARSE_ALL_HDR_OPT: 16,
  PARSE_UNKNOWN_HDR_OPT: 32,
  WRITE_HDR_OPT: 64,
} as const;

/** TCP header flags as in TCP_SKB_CB()->tcp_flags. */
export const Flag = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128, AE: 256 } as const;

/** Negative errno values that helpers return. */
export const Errno = {
  EPERM: -1,
  ENOENT: -2,
  E2BIG: -7,
  EAGAIN: -11,
  ENOMEM: -12,
  EFAULT: -14,
  EBUSY: -16,
  EEXIST: -17,
  ENODEV: -19,
  EINVAL: -22,
  ENOSPC: -28,
  EPIPE: -32,
  ENOMSG: -42,
  ENOPROTOOPT: -92,
  EOPNOTSUPP: -95,
  EADDRINUSE: -98,
  EADDRNOTAVAIL: -99,
  ENETUNREACH: -101,
  ECONNRESET: -104,
  EISCONN: -106,
  ENOTCONN: -107,
  ETIMEDOUT: -110,
  ECONNREFUSED: -111,
  EALREADY: -114,
  EINPROGRESS: -115,
  ENOTSUPP: -524,
} as const;

export const AF_INET = 2;
export const AF_INET6 = 10;

/** TCP_MSS_DEFAULT: what a peer without an MSS option gets over IPv4. */
export const MSS_DEFAULT = 536;
/** IPV6_MIN_MTU less both headers. */
export const MSS_DEFAULT_V6 = 1220;
/** TCP_MIN_MSS */
export const MIN_MSS = 88;
/** TCP_INIT_CWND */
export const INIT_CWND = 10;
export const INFINITE_SSTHRESH = 0x7fffffff;
/** MAX_TCP_OPTION_SPACE */
export const OPTION_SPACE = 40;
/** MAX_TCP_WINDOW */
export const MAX_WINDOW = 32767;
/** TCP_MAX_WSCALE */
export const MAX_WSCALE = 14;
/** TCP_MAX_QUICKACKS */
export const MAX_QUICKACKS = 16;
/** TCP_INFINITE value of minmax and of counters that mean "none yet". */
export const U32_MAX = 0xffffffff;

/** Congestion states (enum tcp_ca_state). */
export const CaState = { OPEN: 0, DISORDER: 1, CWR: 2, RECOVERY: 3, LOSS: 4 } as const;

/** Bits of ctx->ecn_flags. */
export const EcnFlag = { OK: 1, QUEUE_CWR: 2, DEMAND_CWR: 4, SEEN: 8 } as const;

/** What the retransmit timer of a socket stands for (icsk_pending). */
export const Pending = { NONE: 0, RETRANS: 1, PROBE0: 3, LOSS_PROBE: 5, REO_TIMEOUT: 6 } as const;

/** icsk_ack.pending */
export const AckPending = { SCHED: 1, TIMER: 2, PUSHED: 4, PUSHED2: 8, NOW: 16 } as const;

/** Bits of TxBuffer.sacked (TCPCB_*). */
export const Mark = { SACKED: 1, RETRANS: 2, LOST: 4, EVER_RETRANS: 128 } as const;

/** tp->nonagle */
export const Nagle = { OFF: 1, CORK: 2, PUSH: 4 } as const;
