// What each socket option with a number as value does: one entry per option, with its range, its effect on the socket and what
// reading it gives (net/core/sock.c, net/ipv4/tcp.c, net/core/filter.c). Which kernel has it is a row of kernel/sockopts.ts.

import { Errno, MIN_MSS, Op, State } from './constants.ts';
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
const MAX_KEEPIDLE = 32767;
const MAX_KEEPCNT = 127;
const LOCK_SNDBUF = 1;
const LOCK_RCVBUF = 2;
const NAGLE_OFF = 1;
const INT_MAX = 0x7fffffff;
/** In place of an op number when a process sets an option. */
export const NO_OP = 0;

/** An option whose value is a 32-bit number. `set` gives 0 or a negative errno. */
export interface NumberOption {
  /** For the effect log. */
  readonly property: string;
  readonly get?: (sk: Sock, host: Host) => number;
  readonly set?: (sk: Sock, value: number, host: Host, op: number) => number;
  /** What the effect log shows, where it is not what `get` gives. */
  readonly show?: (sk: Sock) => EffectValue;
}

const inRange = (value: number, low: number, high: number): boolean => low <= value && value <= high;

const flag = (property: string, name: 'reuse' | 'reusePort' | 'autoFlowLabel'): NumberOption => ({
  property,
  get: (sk) => Number(sk[name]),
  set: (sk, value) => {
    sk[name] = value !== 0;
    return 0;
  },
});

const ranged = (
  property: string,
  low: number,
  high: number,
  get: (sk: Sock, host: Host) => number,
  store: (sk: Sock, value: number, host: Host) => void,
): NumberOption => ({
  property,
  get,
  set: (sk, value, host) => {
    if (!inRange(value, low, high)) return Errno.EINVAL;
    store(sk, value, host);
    return 0;
  },
});

const INT_MIN = -0x80000000;

/** Microseconds that become a number of jiffies from two to a fifth of a second. */
const timeoutOption = (property: string, name: 'delackMaxJiffies' | 'rtoMinJiffies'): NumberOption => ({
  property,
  get: (sk, host) => jiffiesToUsecs(host, sk[name]),
  set: (sk, value, host) => {
    const count = usecsToJiffies(host, value >>> 0);
    if (count < 2 || Math.floor(host.config.hz / 5) < count) return Errno.EINVAL;
    sk[name] = count;
    return 0;
  },
});

export const keyOf = (level: number, option: number): number => level * 65536 + option;

export const OPTIONS: ReadonlyMap<number, NumberOption> = new Map<number, NumberOption>([
  [keyOf(SOL_SOCKET, 2), flag('SO_REUSEADDR', 'reuse')],
  [keyOf(SOL_SOCKET, 15), flag('SO_REUSEPORT', 'reusePort')],
  [
    keyOf(SOL_SOCKET, 7),
    {
      property: 'send buffer (bytes)',
      get: (sk) => sk.sndBuf,
      set: (sk, value, host) => {
        const wanted = Math.min(value >>> 0, host.sysctls.wmem_max);
        sk.userLocks |= LOCK_SNDBUF;
        sk.sndBuf = Math.max(wanted * 2, MIN_SNDBUF);
        return 0;
      },
    },
  ],
  [
    keyOf(SOL_SOCKET, 8),
    {
      property: 'receive buffer (bytes)',
      get: (sk) => sk.rcvBuf,
      set: (sk, value, host) => {
        const wanted = Math.min(value >>> 0, host.sysctls.rmem_max);
        sk.userLocks |= LOCK_RCVBUF;
        sk.rcvBuf = Math.max(wanted * 2, MIN_RCVBUF);
        return 0;
      },
    },
  ],
  [
    keyOf(SOL_SOCKET, 9),
    {
      property: 'SO_KEEPALIVE',
      get: (sk) => Number(sk.keepaliveOn),
      set: (sk, value, host) => {
        sk.keepaliveOn = value !== 0;
        resetKeepalive(host, sk);
        return 0;
      },
    },
  ],
  [
    keyOf(SOL_SOCKET, 12),
    ranged(
      'SO_PRIORITY',
      INT_MIN,
      INT_MAX,
      (sk) => sk.priority,
      (sk, value) => {
        sk.priority = value;
      },
    ),
  ],
  [
    keyOf(SOL_SOCKET, 18),
    {
      property: 'SO_RCVLOWAT (bytes)',
      get: (sk) => sk.rcvLowat,
      set: (sk, value, host) => {
        let wanted = value < 0 ? INT_MAX : value;
        // Only a socket that a process holds goes through tcp_set_rcvlowat(); a child that nobody accepted has none yet.
        const held = host.features['options-by-socket-code'] && sk.label !== '';
        if (held) {
          const locked = (sk.userLocks & LOCK_RCVBUF) !== 0;
          wanted = Math.min(wanted, (locked ? sk.rcvBuf : host.sysctls.tcp_rmem[2]) >> 1);
          const space = spaceFromWindow(host, sk, wanted);
          if (!locked && sk.rcvBuf < space) {
            sk.rcvBuf = space;
            sk.windowClamp = wanted;
          }
        }
        sk.rcvLowat = wanted || 1;
        return 0;
      },
    },
  ],
  [
    keyOf(SOL_SOCKET, 36),
    ranged(
      'SO_MARK',
      INT_MIN,
      INT_MAX,
      (sk) => sk.mark,
      (sk, value) => {
        sk.mark = value;
      },
    ),
  ],
  [
    keyOf(SOL_SOCKET, 47),
    ranged(
      'maximum pacing rate (bytes per second, -1 = none)',
      INT_MIN,
      INT_MAX,
      (sk) => sk.maxPacingRate,
      (sk, value) => {
        sk.maxPacingRate = value;
      },
    ),
  ],
  [
    keyOf(SOL_SOCKET, 62),
    ranged(
      'bound interface index',
      0,
      INT_MAX,
      (sk) => sk.boundDevice,
      (sk, value) => {
        sk.boundDevice = value;
      },
    ),
  ],
  [
    keyOf(SOL_SOCKET, 74),
    ranged(
      'SO_TXREHASH',
      -1,
      1,
      (sk) => sk.txRehash,
      (sk, value) => {
        sk.txRehash = value === -1 ? 1 : value;
      },
    ),
  ],
  [
    keyOf(SOL_SOCKET, 1009),
    {
      property: 'SK_BPF_CB_FLAGS',
      get: (sk) => sk.skBpfCbFlags,
      set: (sk, value) => {
        if ((value & ~1) !== 0) return Errno.EINVAL;
        sk.skBpfCbFlags = value;
        return 0;
      },
    },
  ],
  [
    keyOf(SOL_TCP, 1),
    {
      property: 'TCP_NODELAY',
      get: (sk) => sk.nonagle & NAGLE_OFF,
      set: (sk, value, host, op) => {
        const within = op === Op.HDR_OPT_LEN || op === Op.WRITE_HDR_OPT;
        if (within && host.features['option-reentry-refused']) return Errno.EOPNOTSUPP;
        if (value === 0) {
          sk.nonagle &= ~NAGLE_OFF;
          return 0;
        }
        sk.nonagle |= NAGLE_OFF;
        // Older kernels enter the callback again from here, without end; the model leaves the data where it is.
        if (!within) pushPendingFrames(host, sk);
        return 0;
      },
    },
  ],
  [
    keyOf(SOL_TCP, 2),
    {
      property: 'maximum segment size wish (bytes)',
      get: (sk) =>
        sk.userMss !== 0 && (sk.state === State.CLOSE || sk.state === State.LISTEN) ? sk.userMss : sk.mssCache,
      show: (sk) => sk.userMss,
      set: (sk, value) => {
        if (value !== 0 && !inRange(value, MIN_MSS, 32767)) return Errno.EINVAL;
        sk.userMss = value;
        return 0;
      },
    },
  ],
  [
    keyOf(SOL_TCP, 4),
    ranged(
      'keepalive idle time (seconds)',
      1,
      MAX_KEEPIDLE,
      (sk, host) => keepaliveSeconds(sk, host),
      (sk, value, host) => {
        sk.keepaliveTime = value * host.config.hz;
        resetKeepalive(host, sk);
      },
    ),
  ],
  [
    keyOf(SOL_TCP, 5),
    ranged(
      'keepalive interval (seconds)',
      1,
      MAX_KEEPIDLE,
      (sk, host) => (sk.keepaliveIntvl === 0 ? host.sysctls.tcp_keepalive_intvl : sk.keepaliveIntvl / host.config.hz),
      (sk, value, host) => {
        sk.keepaliveIntvl = value * host.config.hz;
      },
    ),
  ],
  [
    keyOf(SOL_TCP, 6),
    ranged(
      'keepalive probes',
      1,
      MAX_KEEPCNT,
      (sk, host) => sk.keepaliveProbes || host.sysctls.tcp_keepalive_probes,
      (sk, value) => {
        sk.keepaliveProbes = value;
      },
    ),
  ],
  [
    keyOf(SOL_TCP, 7),
    ranged(
      'SYN retries',
      1,
      127,
      (sk, host) => sk.synRetries || host.sysctls.tcp_syn_retries,
      (sk, value) => {
        sk.synRetries = value;
      },
    ),
  ],
  [
    keyOf(SOL_TCP, 10),
    {
      property: 'window clamp (bytes)',
      get: (sk) => sk.windowClamp,
      set: (sk, value, host) => {
        if (value === 0) {
          if (sk.state !== State.CLOSE) return Errno.EINVAL;
          sk.windowClamp = 0;
          return 0;
        }
        setWindowClamp(host, sk, value);
        return 0;
      },
    },
  ],
  [
    keyOf(SOL_TCP, 16),
    ranged(
      'TCP_THIN_LINEAR_TIMEOUTS',
      0,
      1,
      (sk) => Number(sk.thinLto),
      (sk, value) => {
        sk.thinLto = value !== 0;
      },
    ),
  ],
  [
    keyOf(SOL_TCP, 18),
    ranged(
      'user timeout (milliseconds)',
      0,
      INT_MAX,
      (sk) => sk.userTimeoutMs,
      (sk, value) => {
        sk.userTimeoutMs = value;
      },
    ),
  ],
  [
    keyOf(SOL_TCP, 25),
    ranged(
      'unsent data limit (bytes)',
      INT_MIN,
      INT_MAX,
      (sk) => sk.notsentLowat,
      (sk, value) => {
        sk.notsentLowat = value;
      },
    ),
  ],
  [
    keyOf(SOL_TCP, 27),
    {
      property: 'TCP_SAVE_SYN',
      get: (sk) => sk.saveSyn,
      set: (sk, value, host, op) => {
        const feature = op === NO_OP ? 'save-syn-with-mac' : 'save-syn-two-from-bpf';
        const highest = host.features[feature] ? 2 : 1;
        if (!inRange(value, 0, highest)) return Errno.EINVAL;
        sk.saveSyn = value;
        return 0;
      },
    },
  ],
  [
    keyOf(SOL_TCP, 44),
    ranged(
      'largest retransmission timeout (milliseconds)',
      1000,
      120000,
      (sk, host) => (sk.rtoMaxJiffies * 1000) / host.config.hz,
      (sk, value, host) => {
        sk.rtoMaxJiffies = msecsToJiffies(host, value);
      },
    ),
  ],
  [
    keyOf(SOL_TCP, 1001),
    {
      property: 'congestion window (packets)',
      show: (sk) => sk.sndCwnd,
      set: (sk, value, host) => {
        const allowed = host.features['bpf-iw-counts-data'] ? sk.synData : 0;
        if (value <= 0 || sk.dataSegsOut > allowed) return Errno.EINVAL;
        sk.sndCwnd = value;
        return 0;
      },
    },
  ],
  [
    keyOf(SOL_TCP, 1002),
    {
      property: 'congestion window limit and slow start threshold (packets)',
      show: (sk) => sk.sndCwndClamp,
      set: (sk, value) => {
        if (value <= 0) return Errno.EINVAL;
        sk.sndCwndClamp = value;
        sk.sndSsthresh = value;
        return 0;
      },
    },
  ],
  [keyOf(SOL_TCP, 1003), timeoutOption('largest delayed ACK time (microseconds)', 'delackMaxJiffies')],
  [keyOf(SOL_TCP, 1004), timeoutOption('smallest retransmission timeout (microseconds)', 'rtoMinJiffies')],
  [
    keyOf(SOL_TCP, 1008),
    {
      property: 'callback flags',
      get: (sk) => sk.bpfCbFlags,
      set: (sk, value, host) => {
        if ((value & ~host.kernel.allCallbackFlags) !== 0) return Errno.EINVAL;
        sk.bpfCbFlags = value;
        return 0;
      },
    },
  ],
  [
    keyOf(SOL_IP, 1),
    {
      property: 'IP type of service',
      get: (sk) => sk.tos,
      set: (sk, value, host) => {
        if (host.features['ecn-bits-of-tos-protected']) {
          sk.tos = (value & 0xfc) | (sk.tos & 3);
          return 0;
        }
        if (!inRange(value, -1, 255)) return Errno.EINVAL;
        sk.tos = value === -1 ? 0 : value;
        return 0;
      },
    },
  ],
  [
    keyOf(SOL_IPV6, 67),
    {
      property: 'IPv6 traffic class',
      get: (sk) => sk.tclass,
      set: (sk, value, host) => {
        if (!inRange(value, -1, 255)) return Errno.EINVAL;
        const wanted = value === -1 ? 0 : value;
        sk.tclass = host.features['ecn-bits-of-tos-protected'] ? (wanted & 0xfc) | (sk.tclass & 3) : wanted;
        return 0;
      },
    },
  ],
  [keyOf(SOL_IPV6, 70), flag('IPV6_AUTOFLOWLABEL', 'autoFlowLabel')],
]);

function keepaliveSeconds(sk: Sock, host: Host): number {
  return sk.keepaliveTime === 0 ? host.sysctls.tcp_keepalive_time : sk.keepaliveTime / host.config.hz;
}
