// tcp_init_transfer(): the moment between handshake and data. The ESTABLISHED callbacks run here, with the congestion window
// already set, and before congestion control and buffers are.

import { type CallSegment, callWithSegment } from './callback.ts';
import { initCongestionControl } from './congestion.ts';
import { INFINITE_SSTHRESH, Op } from './constants.ts';
import { type Host, jiffies, jiffiesToUsecs } from './engine.ts';
import { initialCwnd } from './growth.ts';
import type { Sock } from './sock.ts';
import { initBufferSpace } from './window.ts';

/** TCP_TIMEOUT_FALLBACK in seconds: the timeout when the handshake gave no round-trip time. */
const FALLBACK_SECONDS = 3;

/** tcp_init_metrics() of a destination that nothing is known about, and the first congestion window. */
function initMetrics(host: Host, sk: Sock): void {
  sk.sndSsthresh = INFINITE_SSTHRESH;
  if (sk.srttUs === 0) {
    const fallback = FALLBACK_SECONDS * host.config.hz;
    sk.rttvarUs = jiffiesToUsecs(host, fallback);
    sk.mdevUs = sk.mdevMaxUs = sk.rttvarUs;
    sk.rto = fallback;
  }
  sk.sndCwnd = 1 < sk.totalRetrans && sk.undoMarker !== 0 ? 1 : initialCwnd(sk);
  sk.sndCwndStamp = jiffies(host);
}

/** Runs the callback `op` and starts the transfer. */
export function initTransfer(host: Host, sk: Sock, op: number, segment: CallSegment | undefined): void {
  const site = op === Op.ACTIVE_ESTABLISHED ? 'tcp_finish_connect()' : 'tcp_init_transfer()';
  initMetrics(host, sk);
  callWithSegment(host, sk, op, site, host.features['established-has-segment'] ? segment : undefined);
  if (!sk.caInitialized) initCongestionControl(host, sk);
  initBufferSpace(host, sk);
}
