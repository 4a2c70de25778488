// The net.ipv4.tcp_* and net.core.* settings that the model obeys, with the defaults of each kernel. Values are numbers as
// /proc/sys shows them (documented in Documentation/networking/ip-sysctl.rst).

import type { TcpKernel } from './kernel.ts';

export interface Sysctls {
  tcp_rmem: readonly [number, number, number];
  tcp_wmem: readonly [number, number, number];
  rmem_max: number;
  wmem_max: number;
  somaxconn: number;
  tcp_congestion_control: string;
  /** Algorithms that are loaded; setting any other gives -ENOENT. */
  tcp_available_congestion_control: readonly string[];
  tcp_ecn: number;
  tcp_timestamps: number;
  tcp_sack: number;
  tcp_dsack: number;
  tcp_window_scaling: number;
  tcp_syncookies: number;
  tcp_max_syn_backlog: number;
  tcp_abort_on_overflow: number;
  tcp_fastopen: number;
  tcp_syn_retries: number;
  tcp_synack_retries: number;
  tcp_retries1: number;
  tcp_retries2: number;
  tcp_orphan_retries: number;
  tcp_syn_linear_timeouts: number;
  /** 4.13 to 6.5: how much of the buffer is overhead. From 6.6 the measured ratio replaces it. */
  tcp_adv_win_scale: number;
  tcp_app_win: number;
  tcp_moderate_rcvbuf: number;
  tcp_rcvbuf_low_rtt: number;
  tcp_min_snd_mss: number;
  tcp_pingpong_thresh: number;
  tcp_rto_min_us: number;
  tcp_rto_max_ms: number;
  tcp_fin_timeout: number;
  tcp_keepalive_time: number;
  tcp_keepalive_probes: number;
  tcp_keepalive_intvl: number;
  tcp_reflect_tos: number;
  tcp_early_retrans: number;
  tcp_recovery: number;
  tcp_reordering: number;
  tcp_max_reordering: number;
  tcp_frto: number;
  tcp_min_rtt_wlen: number;
  tcp_slow_start_after_idle: number;
  tcp_notsent_lowat: number;
  tcp_min_tso_segs: number;
  tcp_comp_sack_delay_ns: number;
  tcp_comp_sack_nr: number;
  tcp_backlog_ack_defer: number;
  tcp_workaround_signed_windows: number;
  /** From 6.6: the right edge of the window may move back. */
  tcp_shrink_window: number;
  tcp_rfc1337: number;
  tcp_retrans_collapse: number;
  tcp_thin_linear_timeouts: number;
  tcp_invalid_ratelimit: number;
}

const defaultsByKernel = new WeakMap<TcpKernel, Sysctls>();

/** What a freshly booted machine of this kernel with plenty of memory has. */
export function defaultSysctls(kernel: TcpKernel): Sysctls {
  const known = defaultsByKernel.get(kernel);
  if (known) return known;
  const largeBuffers = kernel.has('large-default-buffers');
  const made: Sysctls = {
    tcp_rmem: [4096, kernel.has('initial-rmem-128k') ? 131072 : 87380, largeBuffers ? 33554432 : 6291456],
    tcp_wmem: [4096, 16384, 4194304],
    rmem_max: largeBuffers ? 4194304 : 212992,
    wmem_max: largeBuffers ? 4194304 : 212992,
    somaxconn: kernel.has('somaxconn-4096') ? 4096 : 128,
    tcp_congestion_control: 'cubic',
    tcp_available_congestion_control: ['reno', 'cubic'],
    tcp_ecn: 2,
    tcp_timestamps: 1,
    tcp_sack: 1,
    tcp_dsack: 1,
    tcp_window_scaling: 1,
    tcp_syncookies: 1,
    tcp_max_syn_backlog: 128,
    tcp_abort_on_overflow: 0,
    tcp_fastopen: 1,
    tcp_syn_retries: 6,
    tcp_synack_retries: 5,
    tcp_retries1: 3,
    tcp_retries2: 15,
    tcp_orphan_retries: 0,
    tcp_syn_linear_timeouts: 4,
    tcp_adv_win_scale: 1,
    tcp_app_win: 31,
    tcp_moderate_rcvbuf: 1,
    tcp_rcvbuf_low_rtt: 1000,
    tcp_min_snd_mss: 48,
    tcp_pingpong_thresh: 1,
    tcp_rto_min_us: 200000,
    tcp_rto_max_ms: 120000,
    tcp_fin_timeout: 60,
    tcp_keepalive_time: 7200,
    tcp_keepalive_probes: 9,
    tcp_keepalive_intvl: 75,
    tcp_reflect_tos: 0,
    tcp_early_retrans: 3,
    tcp_recovery: 1,
    tcp_reordering: 3,
    tcp_max_reordering: 300,
    tcp_frto: 2,
    tcp_min_rtt_wlen: 300,
    tcp_slow_start_after_idle: 1,
    tcp_notsent_lowat: 0xffffffff,
    tcp_min_tso_segs: 2,
    tcp_comp_sack_delay_ns: 1000000,
    tcp_comp_sack_nr: 44,
    tcp_backlog_ack_defer: 1,
    tcp_workaround_signed_windows: 0,
    tcp_shrink_window: 0,
    tcp_rfc1337: 0,
    tcp_retrans_collapse: 1,
    tcp_thin_linear_timeouts: 0,
    tcp_invalid_ratelimit: 500,
  };
  defaultsByKernel.set(kernel, made);
  return made;
}
