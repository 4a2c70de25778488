// A socket for people: what `ss -ti` would show and what callbacks change, with units, in a fixed order.

import { formatAddress } from './address.ts';
import { STATE_NAMES } from './constants.ts';
import { type Host, jiffiesToUsecs } from './engine.ts';
import { inFlight } from './output.ts';
import { readableBytes } from './receive-data.ts';
import type { Sock } from './sock.ts';

const CA_STATES = ['Open', 'Disorder', 'CWR', 'Recovery', 'Loss'] as const;

/** Names with values; names are stable and carry their unit. */
export function describeSock(host: Host, sk: Sock): readonly (readonly [string, string | number | boolean])[] {
  const us = (count: number) => jiffiesToUsecs(host, count);
  return [
    ['state', STATE_NAMES[sk.state] ?? String(sk.state)],
    ['local', `${formatAddress(sk.localAddress)}:${sk.sport}`],
    ['remote', `${formatAddress(sk.remoteAddress)}:${sk.dport}`],
    ['cgroup', sk.cgroup],
    ['congestion_control', sk.ca],
    ['ca_state', CA_STATES[sk.caState] ?? ''],
    ['snd_cwnd', sk.sndCwnd],
    ['snd_cwnd_clamp', sk.sndCwndClamp],
    ['snd_ssthresh', sk.sndSsthresh],
    ['in_flight', inFlight(sk)],
    ['packets_out', sk.packetsOut],
    ['lost_out', sk.lostOut],
    ['sacked_out', sk.sackedOut],
    ['retrans_out', sk.retransOut],
    ['total_retrans', sk.totalRetrans],
    ['srtt_us', sk.srttUs >>> 3],
    ['rttvar_us', sk.rttvarUs],
    ['rtt_min_us', sk.rttMin[0].v],
    ['rto_us', us(sk.rto)],
    ['rto_min_us', us(sk.rtoMinJiffies)],
    ['delack_max_us', us(sk.delackMaxJiffies)],
    ['ato_us', us(sk.ackAto)],
    ['mss_cache', sk.mssCache],
    ['advmss', sk.advmss],
    ['rcv_mss', sk.rcvMss],
    ['snd_una', sk.sndUna],
    ['snd_nxt', sk.sndNxt],
    ['snd_wnd', sk.sndWnd],
    ['rcv_nxt', sk.rcvNxt],
    ['rcv_wnd', sk.rcvWnd],
    ['rcv_ssthresh', sk.rcvSsthresh],
    ['window_clamp', sk.windowClamp],
    ['snd_wscale', sk.sndWscale],
    ['rcv_wscale', sk.rcvWscale],
    ['timestamps', sk.tstampOk],
    ['sack', sk.sackOk],
    ['ecn_flags', sk.ecnFlags],
    ['tos', sk.tos],
    ['tclass', sk.tclass],
    ['sndbuf', sk.sndBuf],
    ['rcvbuf', sk.rcvBuf],
    ['unread_bytes', readableBytes(sk)],
    ['bytes_sent', sk.bytesSent],
    ['bytes_acked', sk.bytesAcked],
    ['bytes_received', sk.bytesReceived],
    ['segs_in', sk.segsIn],
    ['segs_out', sk.segsOut],
    ['data_segs_in', sk.dataSegsIn],
    ['data_segs_out', sk.dataSegsOut],
    ['delivered', sk.delivered],
    ['syn_retries', sk.synRetries || host.sysctls.tcp_syn_retries],
    ['user_timeout_ms', sk.userTimeoutMs],
    ['keepalive', sk.keepaliveOn],
    ['mark', sk.mark],
    ['priority', sk.priority],
    ['max_pacing_rate', sk.maxPacingRate],
    ['nodelay', (sk.nonagle & 1) !== 0],
    ['save_syn', sk.saveSyn],
    ['bpf_sock_ops_cb_flags', sk.bpfCbFlags],
    ['sk_bpf_cb_flags', sk.skBpfCbFlags],
  ];
}
