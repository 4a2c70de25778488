// Receive windows: the first one of a connection, how it grows, how it is announced, and the tuning of buffers behind it
// (tcp_select_initial_window() to tcp_rcv_space_adjust() of net/ipv4/tcp_output.c and tcp_input.c).

import { INIT_CWND, MAX_WINDOW, MAX_WSCALE, MIN_MSS, MSS_DEFAULT } from './constants.ts';
import { clockUs, type Host, jiffies, maxTcpHeader } from './engine.ts';
import { MIN_RCVBUF, SHARED_INFO, skbTruesize } from './memory.ts';
import { advance, before, distance } from './sequence.ts';
import type { Sock } from './sock.ts';

const LOCK_SNDBUF = 1;
const LOCK_RCVBUF = 2;

/** TCP_DEFAULT_SCALING_RATIO */
export function initialScalingRatio(host: Host): number {
  return host.features['scaling-ratio-starts-at-half'] ? 128 : Math.floor((1200 << 8) / skbTruesize(4096));
}

/** tcp_win_from_space(): how much of `space` bytes of buffer is window. */
export function windowFromSpace(host: Host, sk: Sock, space: number): number {
  if (host.features['receive-scaling-ratio']) return Math.floor((space * sk.scalingRatio) / 256);
  const scale = host.sysctls.tcp_adv_win_scale;
  return scale <= 0 ? space >> -scale : space - (space >> scale);
}

/** tcp_space_from_win(): how much buffer a window needs. */
export function spaceFromWindow(host: Host, sk: Sock, window: number): number {
  if (host.features['receive-scaling-ratio']) return Math.floor((window * 256) / sk.scalingRatio);
  return window * 2;
}

/** tcp_full_space() */
export function fullSpace(host: Host, sk: Sock): number {
  return windowFromSpace(host, sk, sk.rcvBuf);
}

/** tcp_space() */
export function freeSpace(host: Host, sk: Sock): number {
  return windowFromSpace(host, sk, sk.rcvBuf - sk.backlogMemory - sk.rmemAlloc);
}

/** tcp_receive_window(): what is left of the window last announced. */
export function receiveWindow(sk: Sock): number {
  const left = (sk.rcvWup + sk.rcvWnd - sk.rcvNxt) | 0;
  return Math.max(left, 0);
}

export interface InitialWindow {
  readonly rcvWnd: number;
  readonly windowClamp: number;
  readonly wscale: number;
}

const ilog2 = (value: number): number => 31 - Math.clz32(value);

/** tcp_select_initial_window(): first window, clamp and scale. `initRcvWnd` is in segments, 0 = not asked for. */
export function selectInitialWindow(
  host: Host,
  space: number,
  mss: number,
  clamp: number,
  wscaleOk: boolean,
  initRcvWnd: number,
): InitialWindow {
  const sysctls = host.sysctls;
  let windowClamp = clamp === 0 ? 0xffff * 2 ** MAX_WSCALE : clamp;
  let room = Math.min(windowClamp, Math.max(0, space));
  if (mss < room) room -= room % mss;
  const largeStart = host.features['initial-rmem-128k'];
  let rcvWnd = sysctls.tcp_workaround_signed_windows ? Math.min(room, MAX_WINDOW) : room;
  if (largeStart && !host.features['initial-window-above-64k']) rcvWnd = Math.min(rcvWnd, 0xffff);
  if (largeStart && initRcvWnd !== 0) rcvWnd = Math.min(rcvWnd, Math.imul(initRcvWnd, mss) >>> 0);
  let wscale = 0;
  if (wscaleOk) {
    let top = Math.max(room, sysctls.tcp_rmem[2], sysctls.rmem_max);
    top = Math.min(top, windowClamp);
    wscale = Math.min(Math.max(ilog2(top) - 15, 0), MAX_WSCALE);
  }
  if (!largeStart && mss > 2 ** wscale) {
    const segments = initRcvWnd !== 0 ? initRcvWnd : mss > 1460 ? Math.max(Math.floor((1460 * 20) / mss), 2) : 20;
    rcvWnd = Math.min(rcvWnd, Math.imul(segments, mss) >>> 0);
  }
  windowClamp = Math.min(0xffff * 2 ** wscale, windowClamp);
  return { rcvWnd, windowClamp, wscale };
}

/** tcp_initialize_rcv_mss(): a low guess of what the peer sends. */
export function initializeRcvMss(sk: Sock): void {
  let hint = Math.min(sk.advmss, sk.mssCache);
  hint = Math.min(hint, sk.rcvWnd >>> 1);
  hint = Math.min(hint, MSS_DEFAULT);
  sk.rcvMss = Math.max(hint, MIN_MSS);
}

/** tcp_sndbuf_expand() */
export function expandSendBuffer(host: Host, sk: Sock): void {
  let perMss = Math.max(sk.mssClamp, sk.mssCache) + maxTcpHeader(host) + SHARED_INFO;
  perMss = 2 ** Math.ceil(Math.log2(perMss)) + 256;
  const segments = Math.max(INIT_CWND, sk.sndCwnd, sk.reordering + 1);
  const wanted = (sk.ca === 'bbr' ? 3 : 2) * segments * perMss;
  if (sk.sndBuf < wanted) sk.sndBuf = Math.min(wanted, host.sysctls.tcp_wmem[2]);
}

/** tcp_init_buffer_space(): fits buffers and clamp together when the connection is established. */
export function initBufferSpace(host: Host, sk: Sock): void {
  const appWin = host.sysctls.tcp_app_win;
  if ((sk.userLocks & LOCK_SNDBUF) === 0) expandSendBuffer(host, sk);
  if (!host.features['initial-rmem-128k'] && (sk.userLocks & LOCK_RCVBUF) === 0) fixupReceiveBuffer(host, sk);
  sk.mstampUs = clockUs(host);
  sk.rcvqTime = sk.mstampUs;
  sk.rcvqSeq = sk.copiedSeq;
  const most = fullSpace(host, sk);
  if (most <= sk.windowClamp) {
    sk.windowClamp = most;
    if (appWin !== 0 && 4 * sk.advmss < most) {
      sk.windowClamp = Math.max(most - (appWin > 30 ? 0 : most >> appWin), 4 * sk.advmss);
    }
  }
  if (appWin !== 0 && 2 * sk.advmss < sk.windowClamp && most < sk.windowClamp + sk.advmss) {
    sk.windowClamp = Math.max(2 * sk.advmss, most - sk.advmss);
  }
  sk.rcvSsthresh = Math.min(sk.rcvSsthresh, sk.windowClamp);
  sk.sndCwndStamp = jiffies(host);
  sk.rcvqSpace = Math.min(sk.rcvSsthresh, sk.rcvWnd, INIT_CWND * sk.advmss);
}

/** tcp_fixup_rcvbuf() of kernels up to 4.19: room for a few segments. */
function fixupReceiveBuffer(host: Host, sk: Sock): void {
  let rcvmem = 2 * skbTruesize(sk.advmss + maxTcpHeader(host)) * defaultInitRwnd(sk.advmss);
  if (host.sysctls.tcp_moderate_rcvbuf) rcvmem *= 4;
  if (sk.rcvBuf < rcvmem) sk.rcvBuf = Math.min(rcvmem, host.sysctls.tcp_rmem[2]);
}

/** tcp_default_init_rwnd() of kernels up to 4.19. */
function defaultInitRwnd(mss: number): number {
  return mss > 1460 ? Math.max(Math.floor((1460 * 20) / mss), 2) : 20;
}

/** Slow part of window growth: whether a buffer of this shape still fits when the window doubles. */
function slowGrowth(host: Host, sk: Sock, length: number, truesize: number): number {
  let size = windowFromSpace(host, sk, truesize) >> 1;
  let window = windowFromSpace(host, sk, host.sysctls.tcp_rmem[2]) >> 1;
  while (sk.rcvSsthresh <= window) {
    if (size <= length) return 2 * sk.rcvMss;
    size >>= 1;
    window >>= 1;
  }
  return 0;
}

/** tcp_grow_window(): opens the window for a received segment. */
export function growWindow(host: Host, sk: Sock, length: number, truesize: number, overhead: number): void {
  const room = Math.min(sk.windowClamp, freeSpace(host, sk)) - sk.rcvSsthresh;
  if (room <= 0) return;
  let counted = truesize;
  if (host.features['grow-window-discounts-overhead'] && overhead > 0 && length <= truesize - overhead) {
    counted = truesize - overhead;
  }
  let step = windowFromSpace(host, sk, counted) <= length ? 2 * sk.advmss : slowGrowth(host, sk, length, counted);
  if (step === 0) return;
  step = Math.max(step, 2 * length);
  sk.rcvSsthresh += Math.min(room, step);
  sk.ackQuick |= 1;
}

/** tcp_set_window_clamp(): a positive clamp, with the kernel's floor. */
export function setWindowClamp(host: Host, sk: Sock, value: number): void {
  const floor = MIN_RCVBUF / 2;
  const asNumber = host.features['window-clamp-has-floor'] ? value : value >>> 0;
  const clamp = Math.max(asNumber, floor);
  const old = sk.windowClamp;
  sk.windowClamp = clamp;
  if (clamp === old) return;
  if (clamp < old) sk.rcvSsthresh = Math.min(sk.rcvSsthresh, clamp);
  else sk.rcvSsthresh = Math.max(Math.min(sk.rcvWnd, clamp), sk.rcvSsthresh);
}

/** The scaling ratio follows what arrives (part of tcp_measure_rcv_mss()). */
export function measureScaling(host: Host, sk: Sock, length: number, truesize: number): void {
  if (!host.features['receive-scaling-ratio']) return;
  const old = sk.scalingRatio;
  sk.scalingRatio = Math.min(255, Math.max(1, Math.floor((length * 256) / truesize)));
  if (old === sk.scalingRatio || !host.features['scaling-ratio-moves-clamp']) return;
  const clamp = windowFromSpace(host, sk, sk.rcvBuf);
  if (!host.features['scaling-ratio-applies-clamp']) {
    sk.windowClamp = clamp;
    return;
  }
  setWindowClamp(host, sk, clamp);
  if (sk.windowClamp < sk.rcvqSpace) sk.rcvqSpace = sk.windowClamp;
}

/** Whether a window that was announced may be taken back (net.ipv4.tcp_shrink_window). */
function mayShrink(host: Host, sk: Sock): boolean {
  return sk.rcvWscale !== 0 && host.sysctls.tcp_shrink_window !== 0;
}

/** __tcp_select_window(): the window that could be announced now. */
export function computeWindow(host: Host, sk: Sock): number {
  let mss = sk.rcvMss;
  let free = freeSpace(host, sk);
  const allowed = fullSpace(host, sk);
  const full = Math.min(sk.windowClamp, allowed);
  if (full < mss) {
    mss = full;
    if (mss <= 0) return 0;
  }
  const unit = 2 ** sk.rcvWscale;
  const shrinks = mayShrink(host, sk);
  if (shrinks || free < full >> 1) free -= ((free % unit) + unit) % unit;
  if (free < full >> 1) {
    sk.ackQuick = 0;
    if (free < allowed >> 4 || free < mss || (shrinks && free < unit)) return 0;
  }
  if (sk.rcvSsthresh < free) free = sk.rcvSsthresh;
  if (sk.rcvWscale !== 0) return Math.ceil(free / unit) * unit;
  let window = sk.rcvWnd;
  if (window <= free - mss || free < window) window = free - (free % mss);
  else if (mss === full && window + (full >> 1) < free) window = free;
  return window;
}

/** tcp_select_window(): decides what to announce; the value of the header field. */
export function selectWindow(host: Host, sk: Sock): number {
  const unit = 2 ** sk.rcvWscale;
  const current = receiveWindow(sk);
  let window = computeWindow(host, sk);
  if (window < current && !mayShrink(host, sk)) window = Math.ceil(current / unit) * unit;
  sk.rcvWnd = window;
  sk.rcvWup = sk.rcvNxt;
  if (sk.rcvWscale === 0 && host.sysctls.tcp_workaround_signed_windows) window = Math.min(window, MAX_WINDOW);
  else window = Math.min(window, 0xffff * unit);
  const field = Math.floor(window / unit);
  if (field === 0) sk.predOn = false;
  return field;
}

/** tcp_rcv_space_adjust(): called when the application reads. */
export function adjustReceiveSpace(host: Host, sk: Sock): void {
  if (sk.rcvRttUs === 0) return;
  const time = sk.mstampUs - sk.rcvqTime;
  if (time < sk.rcvRttUs / 8) return;
  let copied = distance(sk.rcvqSeq, sk.copiedSeq);
  if (host.features['receive-space-counts-unread']) copied -= distance(sk.copiedSeq, sk.rcvNxt);
  if (sk.rcvqSpace < copied) growReceiveBuffer(host, sk, copied);
  sk.rcvqSeq = sk.copiedSeq;
  sk.rcvqTime = sk.mstampUs;
}

function growReceiveBuffer(host: Host, sk: Sock, copied: number): void {
  const old = sk.rcvqSpace;
  sk.rcvqSpace = copied;
  if (!host.sysctls.tcp_moderate_rcvbuf || (sk.userLocks & LOCK_RCVBUF) !== 0) return;
  const cap = host.sysctls.tcp_rmem[2];
  let buffer: number;
  if (host.features['receive-space-counts-unread']) {
    let window = copied * 2;
    const rtt = Math.floor(sk.rcvRttUs / 8);
    const threshold = host.sysctls.tcp_rcvbuf_low_rtt;
    if (host.features['receive-space-low-rtt'] && rtt < threshold) window += Math.floor((window * rtt) / threshold);
    else window += Math.floor((window * 2 * (copied - old)) / old);
    const last = sk.outOfOrder[sk.outOfOrder.length - 1];
    if (last) window += distance(sk.rcvNxt, last.endSeq);
    buffer = Math.min(spaceFromWindow(host, sk, window), cap);
  } else {
    let window = copied * 2 + 16 * sk.advmss;
    window += 2 * Math.floor((window * (copied - old)) / old);
    if (host.features['receive-scaling-ratio']) {
      buffer = Math.min(spaceFromWindow(host, sk, window), cap);
    } else {
      let rcvmem = skbTruesize(sk.advmss + maxTcpHeader(host));
      while (windowFromSpace(host, sk, rcvmem) < sk.advmss) rcvmem += 128;
      buffer = Math.min(Math.floor(window / sk.advmss) * rcvmem, cap);
    }
  }
  if (sk.rcvBuf < buffer) {
    sk.rcvBuf = buffer;
    sk.windowClamp = windowFromSpace(host, sk, buffer);
  }
}

/** tcp_rcv_rtt_update(): the receiver's idea of the round-trip time, microseconds times 8. */
function updateReceiverRtt(host: Host, sk: Sock, sampleUs: number, byWindow: 'by-window' | 'by-timestamp'): void {
  const old = sk.rcvRttUs;
  const m = sampleUs * 8;
  if (old === 0 || m < old) {
    sk.rcvRttUs = m;
    return;
  }
  if (byWindow === 'by-window') return;
  if (host.features['receive-space-counts-unread'] && sk.rcvNxt !== sk.copiedSeq) return;
  sk.rcvRttUs = old - Math.floor(old / 8) + sampleUs;
}

/** tcp_rcv_rtt_measure(): one window's worth of data takes about one round trip. */
export function measureReceiverRtt(host: Host, sk: Sock): void {
  if (sk.rcvRttTime !== 0) {
    if (before(sk.rcvNxt, sk.rcvRttSeq)) return;
    updateReceiverRtt(host, sk, Math.max(1, sk.mstampUs - sk.rcvRttTime), 'by-window');
  }
  sk.rcvRttSeq = advance(sk.rcvNxt, sk.rcvWnd);
  sk.rcvRttTime = sk.mstampUs;
}

/** tcp_rcv_rtt_measure_ts(): the echo of a full segment's timestamp. */
export function measureReceiverRttByTimestamp(host: Host, sk: Sock, payload: number): void {
  if (sk.rcvTsecr === sk.rcvRttLastTsecr) return;
  sk.rcvRttLastTsecr = sk.rcvTsecr;
  if (payload < sk.rcvMss) return;
  let delta = ((Math.floor(sk.mstampUs / 1000) + sk.tsOffset - sk.rcvTsecr) | 0) * 1000;
  if (delta === 0) {
    // A round trip below one timestamp tick: older kernels call it 1 ms, newer ones take no sample.
    if (host.features['receive-space-counts-unread']) return;
    delta = 1000;
  }
  if (0 < delta && delta < 0x7fffffff) updateReceiverRtt(host, sk, delta, 'by-timestamp');
}
