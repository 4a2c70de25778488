// bpf_setsockopt() and bpf_getsockopt(): result codes and effects of every option that a sock_ops program may use. Whether an
// option exists on a kernel is a row of kernel/sockopts.ts; what it does to the socket is here, one entry per option.

import type { Call } from './callback.ts';
import { changeCongestionControl } from './congestion.ts';
import { AF_INET, AF_INET6, Errno, MIN_MSS, Op, State } from './constants.ts';
import type { EffectValue } from './effects.ts';
import { type Host, jiffiesToUsecs, msecsToJiffies, usecsToJiffies } from './engine.ts';
import { MIN_RCVBUF, MIN_SNDBUF } from './memory.ts';
import { savedSynOf } from './saved-syn.ts';
import { pushPendingFrames } from './send-queue.ts';
import type { Sock } from './sock.ts';
import { resetKeepalive } from './timers-arm.ts';
import { setWindowClamp, spaceFromWindow } from './window.ts';

const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_TCP = 6;
const SOL_IPV6 = 41;
const TCP_CONGESTION = 13;
const TCP_SAVED_SYN = 28;
const TCP_BPF_SYN = 1005;
const TCP_BPF_SYN_MAC = 1007;
const SO_BINDTODEVICE = 25;
const MAX_KEEPIDLE = 32767;
const MAX_KEEPCNT = 127;
const LOCK_SNDBUF = 1;
const LOCK_RCVBUF = 2;
const NAGLE_OFF = 1;
const INT_MAX = 0x7fffffff;
/** In place of an op number when a process sets an option. */
const NO_OP = 0;

/** An option whose value is a 32-bit number. `set` gives 0 or a negative errno. */
interface NumberOption {
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

const keyOf = (level: number, option: number): number => level * 65536 + option;

const OPTIONS: ReadonlyMap<number, NumberOption> = new Map<number, NumberOption>([
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

const read32 = (bytes: Uint8Array): number => bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24);

function write32(bytes: Uint8Array, value: number): void {
  bytes[0] = value;
  bytes[1] = value >> 8;
  bytes[2] = value >> 16;
  bytes[3] = value >> 24;
}

/** Whether the socket's family fits the level: SOL_IP wants AF_INET, SOL_IPV6 AF_INET6. */
function familyFits(sk: Sock, level: number): boolean {
  if (level === SOL_IP) return sk.family === AF_INET;
  if (level === SOL_IPV6) return sk.family === AF_INET6;
  return true;
}

/** bpf_setsockopt(): 0 or a negative errno. */
export function setSocketOption(call: Call, level: number, option: number, value: Uint8Array): number {
  const { sk, kernelHost: host } = call;
  if (!sk) return Errno.EINVAL;
  if (level === SOL_TCP && option === TCP_SAVED_SYN && host.features['options-by-socket-code']) {
    return value.length === 4 ? Errno.ENOPROTOOPT : Errno.EINVAL;
  }
  const answer = host.kernel.sockopt(level, option);
  if (!answer || answer.set.presence === 'no') return Errno.EINVAL;
  if (level === SOL_TCP && option === TCP_CONGESTION) return setCongestion(call, sk, value);
  if (level === SOL_SOCKET && option === SO_BINDTODEVICE) return bindToDevice(call, sk, value);
  if (value.length !== 4 || !familyFits(sk, level)) return Errno.EINVAL;
  const row = OPTIONS.get(keyOf(level, option));
  if (!row?.set) return Errno.EINVAL;
  const show = (): EffectValue => row.show?.(sk) ?? row.get?.(sk, host) ?? '';
  const before = show();
  const wanted = read32(value);
  const result = row.set(sk, wanted, host, call.op);
  if (result === 0) call.effect('setsockopt', row.property, before, show());
  return result;
}

/** bpf_getsockopt(): 0, the length for TCP_BPF_SYN*, or a negative errno with the buffer zeroed. */
export function getSocketOption(call: Call, level: number, option: number, buffer: Uint8Array): number {
  const host = call.kernelHost;
  const answer = host.kernel.sockopt(level, option);
  const exists = answer !== undefined && answer.get.presence !== 'no';
  if (exists && level === SOL_TCP && TCP_BPF_SYN <= option && option <= TCP_BPF_SYN_MAC) {
    return getSyn(call, option, buffer);
  }
  const result = exists ? getValue(call, level, option, buffer) : Errno.EINVAL;
  if (result < 0) buffer.fill(0);
  return result;
}

function getValue(call: Call, level: number, option: number, buffer: Uint8Array): number {
  const { sk, kernelHost: host } = call;
  if (!sk) return Errno.EINVAL;
  if (level === SOL_TCP && option === TCP_CONGESTION) {
    if (buffer.length <= 1) return Errno.EINVAL;
    buffer.fill(0);
    for (let i = 0; i < Math.min(sk.ca.length, buffer.length - 1); i++) buffer[i] = sk.ca.charCodeAt(i);
    return 0;
  }
  if (level === SOL_TCP && option === TCP_SAVED_SYN) {
    const saved = sk.savedSyn;
    if (!saved || buffer.length === 0 || buffer.length > saved.bytes.length) return Errno.EINVAL;
    buffer.set(saved.bytes.subarray(0, buffer.length));
    return 0;
  }
  if (buffer.length !== 4 || !familyFits(sk, level)) return Errno.EINVAL;
  const row = OPTIONS.get(keyOf(level, option));
  if (!row?.get) return Errno.EINVAL;
  write32(buffer, row.get(sk, host));
  return 0;
}

/** TCP_BPF_SYN, _IP and _MAC: the headers of the SYN from the TCP, IP or MAC header on. */
function getSyn(call: Call, option: number, buffer: Uint8Array): number {
  const syn = savedSynOf(call);
  const wantsMac = option === TCP_BPF_SYN_MAC;
  if (!syn || (wantsMac && syn.mac === 0)) {
    buffer.fill(0);
    return Errno.ENOENT;
  }
  const start = option === TCP_BPF_SYN ? syn.mac + syn.ip : wantsMac ? 0 : syn.mac;
  const length = syn.bytes.length - start;
  const copied = Math.min(length, buffer.length);
  buffer.set(syn.bytes.subarray(start, start + copied));
  buffer.fill(0, copied);
  return copied < length ? Errno.ENOSPC : length;
}

function asciiUntilNul(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

function setCongestion(call: Call, sk: Sock, value: Uint8Array): number {
  const host = call.kernelHost;
  // TCP_CA_NAME_MAX less the NUL that the kernel adds.
  const bytes = value.subarray(0, 15);
  const name = asciiUntilNul(bytes);
  if (host.features['options-by-socket-code']) {
    if (value.length < 2) return Errno.EINVAL;
    if (value.length >= 3 && name === 'cdg') return Errno.ENOTSUPP;
  }
  // Without a NUL the kernel's name buffer goes on with whatever is on its stack, which names no algorithm.
  if (host.features['congestion-name-needs-nul'] && !bytes.includes(0) && value.length < 16) return Errno.ENOENT;
  const before = sk.ca;
  const reinit = !host.features['congestion-name-copied-raw'] || call.op > Op.NEEDS_ECN;
  const result = changeCongestionControl(host, sk, name, reinit ? 'at-once' : 'at-establishment');
  if (result === 0) call.effect('setsockopt', 'congestion control', before, sk.ca);
  return result;
}

/** Interfaces by index; an end of a simulated connection has a loopback device and one network card. */
const INTERFACES = ['', 'lo', 'eth0'] as const;

function bindToDevice(call: Call, sk: Sock, value: Uint8Array): number {
  const name = asciiUntilNul(value.subarray(0, 15));
  const index = INTERFACES.indexOf(name as (typeof INTERFACES)[number]);
  if (index < 0) return Errno.ENODEV;
  call.effect('setsockopt', 'bound interface index', sk.boundDevice, index);
  sk.boundDevice = index;
  return 0;
}

/** setsockopt() of a process, for an option with a number as value: no program is involved. 0 or a negative errno. */
export function setProcessOption(host: Host, sk: Sock, level: number, option: number, value: number): number {
  const row = OPTIONS.get(keyOf(level, option));
  if (!row?.set) return Errno.ENOPROTOOPT;
  return row.set(sk, value, host, NO_OP);
}
