// What each socket option with a number as value does to the socket, and what reading it gives (net/core/sock.c, net/ipv4/tcp.c,
// net/core/filter.c). Which kernel has the option and which values it takes are rows of kernel/sockopts.ts.

import { Errno, Op, State } from './constants.ts';
import type { EffectValue } from './effects.ts';
import { type Host, jiffiesToUsecs, msecsToJiffies, usecsToJiffies } from './engine.ts';
import { MIN_RCVBUF, MIN_SNDBUF } from './memory.ts';
import { pushPendingFrames } from './send-queue.ts';
import type { Sock } from './sock.ts';
import { resetKeepalive } from './timers-arm.ts';
import { setWindowClamp, spaceFromWindow } from './window.ts';

const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_TCP = 6;
const SOL_IPV6 = 41;
const LOCK_SNDBUF = 1;
const LOCK_RCVBUF = 2;
const NAGLE_OFF = 1;
const ECN_BITS = 3;
const INT_MAX = 0x7fffffff;
/** In place of an op number when a process sets an option. */
export const NO_OP = 0;

/** An option whose value is a 32-bit number. */
export interface NumberOption {
  /** For the effect log, with the unit. */
  readonly property: string;
  readonly get?: (sk: Sock, host: Host) => number;
  /** Takes a value that the kernel's rule for the option admits. */
  readonly set: (sk: Sock, value: number, host: Host, op: number) => void;
  /** A refusal that depends on the socket or the op: a negative errno, 0 for none. */
  readonly refuse?: (sk: Sock, value: number, host: Host, op: number) => number;
  /** What the effect log shows, where it is not what `get` gives. */
  readonly show?: (sk: Sock) => EffectValue;
}

const flag = (property: string, name: 'reuse' | 'reusePort' | 'autoFlowLabel'): NumberOption => ({
  property,
  get: (sk) => Number(sk[name]),
  set: (sk, value) => {
    sk[name] = value !== 0;
  },
});

type PlainField =
  | 'priority'
  | 'mark'
  | 'maxPacingRate'
  | 'boundDevice'
  | 'userTimeoutMs'
  | 'notsentLowat'
  | 'skBpfCbFlags'
  | 'saveSyn'
  | 'bpfCbFlags';

const plain = (property: string, name: PlainField): NumberOption => ({
  property,
  get: (sk) => sk[name],
  set: (sk, value) => {
    sk[name] = value;
  },
});

/** A field where 0 stands for the setting of the host. */
const orHost = (
  property: string,
  name: 'keepaliveProbes' | 'synRetries',
  ofHost: (host: Host) => number,
): NumberOption => ({
  property,
  get: (sk, host) => sk[name] || ofHost(host),
  set: (sk, value) => {
    sk[name] = value;
  },
});

const microseconds = (property: string, name: 'delackMaxJiffies' | 'rtoMinJiffies'): NumberOption => ({
  property,
  get: (sk, host) => jiffiesToUsecs(host, sk[name]),
  set: (sk, value, host) => {
    sk[name] = usecsToJiffies(host, value);
  },
});

const SO_SNDBUF: NumberOption = {
  property: 'send buffer (bytes)',
  get: (sk) => sk.sndBuf,
  set: (sk, value, host) => {
    sk.userLocks |= LOCK_SNDBUF;
    sk.sndBuf = Math.max(Math.min(value >>> 0, host.sysctls.wmem_max) * 2, MIN_SNDBUF);
  },
};

const SO_RCVBUF: NumberOption = {
  property: 'receive buffer (bytes)',
  get: (sk) => sk.rcvBuf,
  set: (sk, value, host) => {
    sk.userLocks |= LOCK_RCVBUF;
    sk.rcvBuf = Math.max(Math.min(value >>> 0, host.sysctls.rmem_max) * 2, MIN_RCVBUF);
  },
};

const SO_KEEPALIVE: NumberOption = {
  property: 'SO_KEEPALIVE',
  get: (sk) => Number(sk.keepaliveOn),
  set: (sk, value, host) => {
    sk.keepaliveOn = value !== 0;
    resetKeepalive(host, sk);
  },
};

const SO_RCVLOWAT: NumberOption = {
  property: 'SO_RCVLOWAT (bytes)',
  get: (sk) => sk.rcvLowat,
  set: (sk, value, host) => {
    let wanted = value < 0 ? INT_MAX : value;
    // Only a socket that a process holds goes through tcp_set_rcvlowat(); a child that nobody accepted has none yet.
    if (host.features['options-by-socket-code'] && sk.label !== '') {
      const locked = (sk.userLocks & LOCK_RCVBUF) !== 0;
      wanted = Math.min(wanted, (locked ? sk.rcvBuf : host.sysctls.tcp_rmem[2]) >> 1);
      const space = spaceFromWindow(host, sk, wanted);
      if (!locked && sk.rcvBuf < space) {
        sk.rcvBuf = space;
        const raises = sk.windowClamp !== 0 && sk.windowClamp < wanted;
        if (raises || !host.features['rcvlowat-only-raises-clamp']) sk.windowClamp = wanted;
      }
    }
    sk.rcvLowat = wanted || 1;
  },
};

const SO_TXREHASH: NumberOption = {
  property: 'SO_TXREHASH',
  get: (sk) => sk.txRehash,
  set: (sk, value) => {
    sk.txRehash = value === -1 ? 1 : value;
  },
};

const isHeaderCallback = (op: number): boolean => op === Op.HDR_OPT_LEN || op === Op.WRITE_HDR_OPT;

const TCP_NODELAY: NumberOption = {
  property: 'TCP_NODELAY',
  get: (sk) => sk.nonagle & NAGLE_OFF,
  refuse: (_sk, _value, host, op) =>
    isHeaderCallback(op) && host.features['option-reentry-refused'] ? Errno.EOPNOTSUPP : 0,
  set: (sk, value, host, op) => {
    if (value === 0) {
      sk.nonagle &= ~NAGLE_OFF;
      return;
    }
    sk.nonagle |= NAGLE_OFF;
    // Older kernels enter the callback again from here, without end; the model leaves the data where it is.
    if (!isHeaderCallback(op)) pushPendingFrames(host, sk);
  },
};

const TCP_MAXSEG: NumberOption = {
  property: 'maximum segment size wish (bytes)',
  get: (sk) => (sk.userMss !== 0 && (sk.state === State.CLOSE || sk.state === State.LISTEN) ? sk.userMss : sk.mssCache),
  show: (sk) => sk.userMss,
  set: (sk, value) => {
    sk.userMss = value;
  },
};

const TCP_KEEPIDLE: NumberOption = {
  property: 'keepalive idle time (seconds)',
  get: (sk, host) => (sk.keepaliveTime === 0 ? host.sysctls.tcp_keepalive_time : sk.keepaliveTime / host.config.hz),
  set: (sk, value, host) => {
    sk.keepaliveTime = value * host.config.hz;
    resetKeepalive(host, sk);
  },
};

const TCP_KEEPINTVL: NumberOption = {
  property: 'keepalive interval (seconds)',
  get: (sk, host) => (sk.keepaliveIntvl === 0 ? host.sysctls.tcp_keepalive_intvl : sk.keepaliveIntvl / host.config.hz),
  set: (sk, value, host) => {
    sk.keepaliveIntvl = value * host.config.hz;
  },
};

const TCP_WINDOW_CLAMP: NumberOption = {
  property: 'window clamp (bytes)',
  get: (sk) => sk.windowClamp,
  set: (sk, value, host) => {
    setWindowClamp(host, sk, value);
  },
};

const TCP_THIN_LINEAR_TIMEOUTS: NumberOption = {
  property: 'TCP_THIN_LINEAR_TIMEOUTS',
  get: (sk) => Number(sk.thinLto),
  set: (sk, value) => {
    sk.thinLto = value !== 0;
  },
};

const TCP_RTO_MAX_MS: NumberOption = {
  property: 'largest retransmission timeout (milliseconds)',
  get: (sk, host) => (sk.rtoMaxJiffies * 1000) / host.config.hz,
  set: (sk, value, host) => {
    sk.rtoMaxJiffies = msecsToJiffies(host, value);
  },
};

const TCP_BPF_IW: NumberOption = {
  property: 'congestion window (packets)',
  show: (sk) => sk.sndCwnd,
  refuse: (sk, _value, host) =>
    (host.features['bpf-iw-counts-data'] ? sk.synData : 0) < sk.dataSegsOut ? Errno.EINVAL : 0,
  set: (sk, value) => {
    sk.sndCwnd = value;
  },
};

const TCP_BPF_SNDCWND_CLAMP: NumberOption = {
  property: 'congestion window limit and slow start threshold (packets)',
  show: (sk) => sk.sndCwndClamp,
  set: (sk, value) => {
    sk.sndCwndClamp = value;
    sk.sndSsthresh = value;
  },
};

const IP_TOS: NumberOption = {
  property: 'IP type of service',
  get: (sk) => sk.tos,
  set: (sk, value, host) => {
    if (host.features['ecn-bits-of-tos-protected']) sk.tos = (value & 0xfc) | (sk.tos & ECN_BITS);
    else sk.tos = value === -1 ? 0 : value;
  },
};

const IPV6_TCLASS: NumberOption = {
  property: 'IPv6 traffic class',
  get: (sk) => sk.tclass,
  set: (sk, value, host) => {
    const wanted = value === -1 ? 0 : value;
    sk.tclass = host.features['ecn-bits-of-tos-protected'] ? (wanted & 0xfc) | (sk.tclass & ECN_BITS) : wanted;
  },
};

export const keyOf = (level: number, option: number): number => level * 65536 + option;

/** The options by level and number. */
export const OPTIONS: ReadonlyMap<number, NumberOption> = new Map<number, NumberOption>([
  [keyOf(SOL_SOCKET, 2), flag('SO_REUSEADDR', 'reuse')],
  [keyOf(SOL_SOCKET, 7), SO_SNDBUF],
  [keyOf(SOL_SOCKET, 8), SO_RCVBUF],
  [keyOf(SOL_SOCKET, 9), SO_KEEPALIVE],
  [keyOf(SOL_SOCKET, 12), plain('SO_PRIORITY', 'priority')],
  [keyOf(SOL_SOCKET, 15), flag('SO_REUSEPORT', 'reusePort')],
  [keyOf(SOL_SOCKET, 18), SO_RCVLOWAT],
  [keyOf(SOL_SOCKET, 36), plain('SO_MARK', 'mark')],
  [keyOf(SOL_SOCKET, 47), plain('maximum pacing rate (bytes per second, -1 = none)', 'maxPacingRate')],
  [keyOf(SOL_SOCKET, 62), plain('bound interface index', 'boundDevice')],
  [keyOf(SOL_SOCKET, 74), SO_TXREHASH],
  [keyOf(SOL_SOCKET, 1009), plain('SK_BPF_CB_FLAGS', 'skBpfCbFlags')],
  [keyOf(SOL_TCP, 1), TCP_NODELAY],
  [keyOf(SOL_TCP, 2), TCP_MAXSEG],
  [keyOf(SOL_TCP, 4), TCP_KEEPIDLE],
  [keyOf(SOL_TCP, 5), TCP_KEEPINTVL],
  [keyOf(SOL_TCP, 6), orHost('keepalive probes', 'keepaliveProbes', (host) => host.sysctls.tcp_keepalive_probes)],
  [keyOf(SOL_TCP, 7), orHost('SYN retries', 'synRetries', (host) => host.sysctls.tcp_syn_retries)],
  [keyOf(SOL_TCP, 10), TCP_WINDOW_CLAMP],
  [keyOf(SOL_TCP, 16), TCP_THIN_LINEAR_TIMEOUTS],
  [keyOf(SOL_TCP, 18), plain('user timeout (milliseconds)', 'userTimeoutMs')],
  [keyOf(SOL_TCP, 25), plain('unsent data limit (bytes)', 'notsentLowat')],
  [keyOf(SOL_TCP, 27), plain('TCP_SAVE_SYN', 'saveSyn')],
  [keyOf(SOL_TCP, 44), TCP_RTO_MAX_MS],
  [keyOf(SOL_TCP, 1001), TCP_BPF_IW],
  [keyOf(SOL_TCP, 1002), TCP_BPF_SNDCWND_CLAMP],
  [keyOf(SOL_TCP, 1003), microseconds('largest delayed ACK time (microseconds)', 'delackMaxJiffies')],
  [keyOf(SOL_TCP, 1004), microseconds('smallest retransmission timeout (microseconds)', 'rtoMinJiffies')],
  [keyOf(SOL_TCP, 1008), plain('callback flags', 'bpfCbFlags')],
  [keyOf(SOL_IP, 1), IP_TOS],
  [keyOf(SOL_IPV6, 67), IPV6_TCLASS],
  [keyOf(SOL_IPV6, 70), flag('IPV6_AUTOFLOWLABEL', 'autoFlowLabel')],
]);
