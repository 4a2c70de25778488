// Which options a segment carries and how much room programs get (tcp_syn_options(), tcp_synack_options(),
// tcp_established_options() and the BPF header option calls of net/ipv4/tcp_output.c).

import { Call, type CallSegment, runCall } from './callback.ts';
import { CallbackFlag, OPTION_SPACE, Op } from './constants.ts';
import { clockMs, type Host } from './engine.ts';
import { kernelOptionLength, noOptions, type OutgoingOptions } from './options.ts';
import type { RequestSock, SavedHeaders } from './request.ts';
import type { Sock } from './sock.ts';

const CURRENT_MSS = 1;
const SYNACK_COOKIE = 2;
const EMPTY = new Uint8Array(0);

/** What the callbacks of one outgoing segment need to know of it. */
export interface OutgoingSegment {
  readonly tcpFlags: number;
  readonly payloadLength: number;
}

/** HDR_OPT_LEN on a full socket; lengthens `options` by what the programs reserved. */
function reserveOnSock(
  host: Host,
  sk: Sock,
  segment: OutgoingSegment | undefined,
  options: OutgoingOptions,
  callSite: string,
): void {
  if ((sk.bpfCbFlags & CallbackFlag.WRITE_HDR_OPT) === 0) return;
  const remaining = OPTION_SPACE - kernelOptionLength(options);
  if (remaining <= 0) return;
  const view: CallSegment | undefined = segment && {
    data: EMPTY,
    visibleLength: 0,
    length: segment.payloadLength,
    tcpFlags: segment.tcpFlags,
    hardwareTimestamp: 0n,
  };
  const call = new Call(
    host,
    Op.HDR_OPT_LEN,
    [segment ? 0 : CURRENT_MSS, 0, 0, 0],
    callSite,
    sk,
    undefined,
    sk.cgroup,
    view,
    remaining,
  );
  takeReservation(call, remaining, options);
}

function takeReservation(call: Call, remaining: number, options: OutgoingOptions): void {
  if (!runCall(call.kernelHost, call) || call.remainingOptionLength === remaining) return;
  const wanted = remaining - call.remainingOptionLength;
  options.bpfLength = (wanted + 3) & ~3;
  call.effect('header-option', 'reserved header option space (bytes)', 0, options.bpfLength);
}

/** Options of a SYN or of the SYN-ACK of a full socket. */
export function synOptions(host: Host, sk: Sock, segment: OutgoingSegment, sentUs: number): OutgoingOptions {
  const options = noOptions();
  const sysctls = host.sysctls;
  options.mss = advertisedMss(sk);
  if (sysctls.tcp_timestamps) {
    options.timestamp = true;
    options.tsval = (clockMs(sentUs) + sk.tsOffset) >>> 0;
    options.tsecr = sk.tsRecent;
  }
  if (sysctls.tcp_window_scaling) options.wscale = sk.rcvWscale;
  if (sysctls.tcp_sack) options.sackPermitted = true;
  const wish = sk.fastopenRequest;
  if (wish?.cookie !== undefined && !sk.fastopenNoCookie) {
    const fastopen = { cookie: wish.cookie, experimental: false };
    options.fastopen = fastopen;
    if (OPTION_SPACE < kernelOptionLength(options)) options.fastopen = undefined;
    else {
      sk.synFastopen = true;
    }
  }
  reserveOnSock(host, sk, segment, options, 'tcp_syn_options()');
  return options;
}

/** tcp_advertise_mss(): TCP_MAXSEG counts when the connection is set up, not when it changes while the SYN is made. */
export function advertisedMss(sk: Sock): number {
  return sk.advmss;
}

/** Options of a SYN-ACK made for a request sock. `flagsOf` is the socket whose callback flags count: the listener or TFO child. */
export function synackOptions(
  host: Host,
  flagsOf: Sock,
  cgroup: string,
  req: RequestSock,
  mss: number,
  sentUs: number,
  fastopenCookie: Uint8Array | undefined,
  isCookie: 'cookie' | 'normal',
  syn: SavedHeaders | undefined,
): OutgoingOptions {
  const options = noOptions();
  options.mss = mss;
  if (req.wscaleOk) options.wscale = req.rcvWscale;
  if (req.tstampOk) {
    options.timestamp = true;
    options.tsval = (clockMs(sentUs) + req.tsOffset) >>> 0;
    options.tsecr = req.tsRecent;
  }
  if (req.sackOk) options.sackPermitted = true;
  if (fastopenCookie) {
    options.fastopen = { cookie: fastopenCookie, experimental: false };
    if (OPTION_SPACE < kernelOptionLength(options)) options.fastopen = undefined;
  }
  const remaining = OPTION_SPACE - kernelOptionLength(options);
  if ((flagsOf.bpfCbFlags & CallbackFlag.WRITE_HDR_OPT) !== 0 && 0 < remaining) {
    const view: CallSegment = { data: EMPTY, visibleLength: 0, length: 0, tcpFlags: 0x12, hardwareTimestamp: 0n };
    const argument = isCookie === 'cookie' ? SYNACK_COOKIE : 0;
    const call = new Call(
      host,
      Op.HDR_OPT_LEN,
      [argument, 0, 0, 0],
      'tcp_synack_options()',
      undefined,
      req,
      cgroup,
      view,
      remaining,
      syn,
    );
    takeReservation(call, remaining, options);
  }
  return options;
}

/** Options of every other segment; `segment` is undefined when only the size is wanted (tcp_current_mss()). */
export function establishedOptions(
  host: Host,
  sk: Sock,
  segment: OutgoingSegment | undefined,
  sentUs: number,
): OutgoingOptions {
  const options = noOptions();
  if (sk.tstampOk) {
    options.timestamp = true;
    options.tsval = (clockMs(sentUs) + sk.tsOffset) >>> 0;
    options.tsecr = sk.tsRecent;
  }
  const blocks = sk.dsack ? [sk.dsack, ...sk.sackBlocks] : sk.sackBlocks;
  if (blocks.length > 0) {
    const remaining = OPTION_SPACE - kernelOptionLength(options);
    if (remaining < 12) return options;
    options.sackBlocks = blocks.slice(0, Math.floor((remaining - 4) / 8)).map(({ start, end }) => ({ start, end }));
  }
  reserveOnSock(host, sk, segment, options, segment ? 'tcp_established_options()' : 'tcp_current_mss()');
  return options;
}

/**
 * WRITE_HDR_OPT: lets the programs write what they reserved into `header`, whose own options end at `written`. Bytes that they
 * leave become NOPs; if the chain fails, all of them.
 */
export function writeBpfOptions(
  host: Host,
  sk: Sock | undefined,
  req: RequestSock | undefined,
  cgroup: string,
  header: Uint8Array,
  written: number,
  reserved: number,
  segment: OutgoingSegment,
  isCookie: 'cookie' | 'normal',
  syn: SavedHeaders | undefined,
): void {
  if (reserved === 0) return;
  const view: CallSegment = {
    data: header,
    visibleLength: written,
    length: header.length + segment.payloadLength,
    tcpFlags: segment.tcpFlags,
    hardwareTimestamp: 0n,
  };
  const argument = isCookie === 'cookie' ? SYNACK_COOKIE : 0;
  const site = req ? 'tcp_make_synack()' : '__tcp_transmit_skb()';
  const call = new Call(host, Op.WRITE_HDR_OPT, [argument, 0, 0, 0], site, sk, req, cgroup, view, reserved, syn);
  const ok = runCall(host, call);
  const stored = ok ? reserved - call.remainingOptionLength : 0;
  header.fill(1, written + stored, written + reserved);
}
