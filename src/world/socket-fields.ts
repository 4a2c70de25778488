// The kernel's side of a socket as named values: what reports print at the end of a run, what scenarios may expect, and what
// the debugger shows beside the context. Names are the kernel's where it has one that people know.

import type { Sock } from '../tcp/index.ts';
import { addressText } from './addresses.ts';
import { stateText } from './ctx-text.ts';
import { callbackFlagNames } from './helper-trace.ts';
import type { SegmentRecord } from './record.ts';

export type SocketFields = Readonly<Record<string, number | string | boolean>>;

export interface SocketValue {
  readonly name: string;
  readonly value: number | string | boolean;
  readonly unit?: string;
}

type Row = readonly [name: string, read: (sk: Sock) => number | string | boolean, unit?: string];

/** jiffies of a timer value in milliseconds. */
const perJiffy = (sk: Sock, hz: number): number => (sk.rto * 1000) / hz;

const address = (words: readonly number[]): string => {
  const bytes = Uint8Array.from(
    words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]),
  );
  const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  return addressText(mapped ? bytes.subarray(12) : bytes);
};

const ROWS: readonly Row[] = [
  ['state', (sk) => stateText(sk.state)],
  ['local', (sk) => `${address(sk.localAddress)}:${sk.sport}`],
  ['remote', (sk) => `${address(sk.remoteAddress)}:${sk.dport}`],
  ['congestion', (sk) => sk.ca],
  ['snd_cwnd', (sk) => sk.sndCwnd, 'segments'],
  ['snd_ssthresh', (sk) => sk.sndSsthresh, 'segments'],
  ['snd_cwnd_clamp', (sk) => sk.sndCwndClamp, 'segments'],
  ['mss_cache', (sk) => sk.mssCache, 'bytes'],
  ['advmss', (sk) => sk.advmss, 'bytes'],
  ['snd_wnd', (sk) => sk.sndWnd, 'bytes'],
  ['rcv_wnd', (sk) => sk.rcvWnd, 'bytes'],
  ['rcv_ssthresh', (sk) => sk.rcvSsthresh, 'bytes'],
  ['window_clamp', (sk) => sk.windowClamp, 'bytes'],
  ['snd_wscale', (sk) => (sk.wscaleOk ? sk.sndWscale : 0)],
  ['rcv_wscale', (sk) => (sk.wscaleOk ? sk.rcvWscale : 0)],
  ['sack', (sk) => sk.sackOk],
  ['timestamps', (sk) => sk.tstampOk],
  ['ecn', (sk) => (sk.ecnFlags & 1) === 1],
  ['srtt_us', (sk) => sk.srttUs >>> 3, 'us'],
  ['min_rtt_us', (sk) => sk.rttMin[0].v >>> 0, 'us'],
  ['sndbuf', (sk) => sk.sndBuf, 'bytes'],
  ['rcvbuf', (sk) => sk.rcvBuf, 'bytes'],
  ['packets_out', (sk) => sk.packetsOut, 'segments'],
  ['retrans_out', (sk) => sk.retransOut, 'segments'],
  ['lost_out', (sk) => sk.lostOut, 'segments'],
  ['total_retrans', (sk) => sk.totalRetrans, 'segments'],
  ['segs_in', (sk) => sk.segsIn, 'segments'],
  ['segs_out', (sk) => sk.segsOut, 'segments'],
  ['data_segs_in', (sk) => sk.dataSegsIn, 'segments'],
  ['data_segs_out', (sk) => sk.dataSegsOut, 'segments'],
  ['bytes_received', (sk) => sk.bytesReceived, 'bytes'],
  ['bytes_acked', (sk) => sk.bytesAcked, 'bytes'],
  ['cb_flags', (sk) => callbackFlagNames(sk.bpfCbFlags)],
  ['tos', (sk) => (sk.family === 10 ? sk.tclass : sk.tos)],
  ['mark', (sk) => sk.mark],
  ['priority', (sk) => sk.priority],
  ['max_pacing_rate', (sk) => (sk.maxPacingRate >= 0xffff_ffff ? 'unlimited' : sk.maxPacingRate), 'bytes per second'],
  ['keepalive', (sk) => sk.keepaliveOn],
  ['nodelay', (sk) => (sk.nonagle & 1) === 1],
  ['syn_retries', (sk) => sk.synRetries],
  ['user_timeout_ms', (sk) => sk.userTimeoutMs, 'ms'],
  ['save_syn', (sk) => sk.saveSyn],
  ['error', (sk) => sk.error],
];

/** Fields for a report: those of the socket, and what the handshake fixed. */
export function socketFields(
  sk: Sock,
  who: 'client' | 'server' | 'listener',
  segments: readonly SegmentRecord[],
  hz: number,
): SocketFields {
  const fields: Record<string, number | string | boolean> = {};
  for (const [name, read] of ROWS) fields[name] = read(sk);
  fields['rto_ms'] = perJiffy(sk, hz);
  if (who === 'listener') return fields;
  const opening = segments.find((segment) => segment.from === who && segment.flags.includes('SYN'));
  if (opening !== undefined) {
    // The first window counts in segments as RWND_INIT replies do: of the MSS with which the side computed it.
    const segment = who === 'client' || !sk.tstampOk ? (opening.mss ?? sk.advmss) : (opening.mss ?? sk.advmss) - 12;
    fields['rcv_wnd_initial'] = Math.floor(opening.window / segment);
    fields['rcv_wnd_initial_bytes'] = opening.window;
  }
  return fields;
}

/** The same as a list with units, for the debugger. */
export function socketValues(sk: Sock): readonly SocketValue[] {
  return ROWS.map(([name, read, unit]) => ({ name, value: read(sk), ...(unit === undefined ? {} : { unit }) }));
}
