// Tail loss probes (RFC 8985 section 7): when the last segments of a flight may be lost, one more is sent before the
// retransmission timer would fire.

import { CaState, Nagle, Pending } from './constants.ts';
import { type Host, jiffiesToUsecs, usecsToJiffies } from './engine.ts';
import { currentMss } from './output.ts';
import { fragmentSent, retransmitBuffer } from './retransmit.ts';
import { windowTest, writeXmit } from './send-queue.ts';
import type { Sock } from './sock.ts';
import { rearmRto, resetXmitTimer, rtoDeltaUs } from './timers-arm.ts';

/** tcp_schedule_loss_probe(): arms the probe; false when none is due. */
export function scheduleLossProbe(host: Host, sk: Sock, rto: 'rto-from-now' | 'rto-advances'): boolean {
  if (sk.fastopenRequestId !== 0) return false;
  const early = host.sysctls.tcp_early_retrans;
  if ((early !== 3 && early !== 4) || sk.packetsOut === 0 || !sk.sackOk) return false;
  if (sk.caState !== CaState.OPEN && sk.caState !== CaState.CWR) return false;
  let timeout: number;
  if (sk.srttUs !== 0) {
    let us = sk.srttUs >>> 2;
    us += jiffiesToUsecs(host, sk.packetsOut === 1 ? sk.rtoMinJiffies : 2);
    timeout = usecsToJiffies(host, us);
  } else {
    timeout = host.config.hz;
  }
  const rtoUs = rto === 'rto-advances' ? jiffiesToUsecs(host, sk.rto) : rtoDeltaUs(host, sk);
  if (rtoUs > 0) timeout = Math.min(timeout, usecsToJiffies(host, rtoUs));
  resetXmitTimer(host, sk, Pending.LOSS_PROBE, timeout);
  return true;
}

/** tcp_send_loss_probe(): new data if there is any, else the last segment again. */
export function sendLossProbe(host: Host, sk: Sock): void {
  const mss = currentMss(host, sk);
  if (sk.tlpHighSeq !== 0) {
    rearmRto(host, sk);
    return;
  }
  sk.tlpRetrans = false;
  const head = sk.writeQueue[0];
  if (head && windowTest(sk, head, mss)) {
    const before = sk.packetsOut;
    writeXmit(host, sk, mss, Nagle.OFF, 'probe');
    if (sk.packetsOut > before) probeSent(sk);
    rearmRto(host, sk);
    return;
  }
  let last = sk.rtxQueue[sk.rtxQueue.length - 1];
  if (!last) {
    sk.pending = Pending.NONE;
    return;
  }
  if (last.segments > 1 && (last.segments - 1) * mss < last.length) {
    last = fragmentSent(host, sk, last, (last.segments - 1) * mss, mss);
  }
  if (retransmitBuffer(host, sk, last, 1)) {
    sk.tlpRetrans = true;
    probeSent(sk);
  }
  rearmRto(host, sk);
}

function probeSent(sk: Sock): void {
  sk.tlpHighSeq = sk.sndNxt;
  sk.pending = Pending.NONE;
}
