// Round-trip time estimation (tcp_rtt_estimator() and its callers), and the timeout that follows from it.

import { callBpf } from './callback.ts';
import { CallbackFlag, Op } from './constants.ts';
import { type Host, jiffies, jiffiesToUsecs, usecsToJiffies } from './engine.ts';
import { updateMinFilter } from './min-filter.ts';
import { after } from './sequence.ts';
import type { Sock } from './sock.ts';

function tellRtt(host: Host, sk: Sock, measuredUs: number, srtt: number): void {
  if ((sk.bpfCbFlags & CallbackFlag.RTT) === 0) return;
  const args = host.features['rtt-callback-arguments'] ? ([measuredUs, srtt, 0, 0] as const) : undefined;
  callBpf(host, sk, Op.RTT, 'tcp_rtt_estimator()', args);
}

/** tcp_rtt_estimator(): Jacobson's estimator with the kernel's dampening; a sample in microseconds. */
function estimate(host: Host, sk: Sock, measuredUs: number): void {
  const floorUs = jiffiesToUsecs(host, sk.rtoMinJiffies);
  let srtt = sk.srttUs;
  if (srtt !== 0) {
    let m = measuredUs - (srtt >>> 3);
    srtt += m;
    if (m < 0) {
      m = -m - (sk.mdevUs >>> 2);
      if (m > 0) m >>= 3;
    } else {
      m -= sk.mdevUs >>> 2;
    }
    sk.mdevUs += m;
    if (sk.mdevMaxUs < sk.mdevUs) {
      sk.mdevMaxUs = sk.mdevUs;
      if (sk.rttvarUs < sk.mdevMaxUs) sk.rttvarUs = sk.mdevMaxUs;
    }
    if (after(sk.sndUna, sk.rttSeq)) {
      if (sk.mdevMaxUs < sk.rttvarUs) sk.rttvarUs -= (sk.rttvarUs - sk.mdevMaxUs) >>> 2;
      sk.rttSeq = sk.sndNxt;
      sk.mdevMaxUs = floorUs;
      tellRtt(host, sk, measuredUs, srtt);
    }
  } else {
    srtt = measuredUs * 8;
    sk.mdevUs = measuredUs * 2;
    sk.rttvarUs = Math.max(sk.mdevUs, floorUs);
    sk.mdevMaxUs = sk.rttvarUs;
    sk.rttSeq = sk.sndNxt;
    tellRtt(host, sk, measuredUs, srtt);
  }
  sk.srttUs = Math.max(1, srtt);
}

/** __tcp_set_rto() in jiffies. */
export function computeRto(host: Host, sk: Sock): number {
  return usecsToJiffies(host, (sk.srttUs >>> 3) + sk.rttvarUs);
}

export interface RttFlags {
  /** The ACK acknowledges something new. */
  readonly acked: boolean;
  readonly maybeDelayed: boolean;
}

/**
 * tcp_ack_update_rtt(): takes the sample of an ACK; negative times mean that there is none. Returns whether there was one, and the
 * sample for congestion control.
 */
export function updateRtt(
  host: Host,
  sk: Sock,
  flags: RttFlags,
  seqRttUs: number,
  sackRttUs: number,
  caRttUs: number,
): { readonly updated: boolean; readonly caRttUs: number } {
  let seqRtt = seqRttUs < 0 ? sackRttUs : seqRttUs;
  let caRtt = caRttUs;
  if (seqRtt < 0 && sk.sawTstamp && sk.rcvTsecr !== 0 && flags.acked) {
    const delta = (Math.floor(sk.mstampUs / 1000) + sk.tsOffset - sk.rcvTsecr) | 0;
    if (delta >= 0 && delta < 0x7fffffff / 1000) seqRtt = caRtt = (delta || 1) * 1000;
  }
  if (seqRtt < 0) return { updated: false, caRttUs: caRtt };
  if (!(flags.maybeDelayed && sk.rttMin[0].v < caRtt)) {
    const window = host.sysctls.tcp_min_rtt_wlen * host.config.hz;
    updateMinFilter(sk.rttMin, window, jiffies(host), caRtt || jiffiesToUsecs(host, 1));
  }
  estimate(host, sk, seqRtt);
  sk.rto = Math.min(computeRto(host, sk), sk.rtoMaxJiffies);
  sk.backoff = 0;
  return { updated: true, caRttUs: caRtt };
}
