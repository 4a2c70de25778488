// Arming and clearing the retransmission and keepalive timers. What they do when they fire is in timers.ts.

import { Pending, State } from './constants.ts';
import { armTimer, type Host, jiffies, jiffiesToUsecs, usecsToJiffies } from './engine.ts';
import type { Sock } from './sock.ts';

/** inet_csk_reset_xmit_timer(): arms the one timer that stands for retransmission, probe and loss probe. */
export function resetXmitTimer(host: Host, sk: Sock, what: number, when: number): void {
  const delay = Math.min(Math.max(when, 1), sk.rtoMaxJiffies);
  sk.pending = what;
  sk.timeout = jiffies(host) + delay;
  sk.retransmitToken = armTimer(host, sk.id, 'retransmit', sk.timeout);
}

/** inet_csk_clear_xmit_timer() */
export function clearXmitTimer(sk: Sock): void {
  sk.pending = Pending.NONE;
  sk.retransmitToken = 0;
}

/** tcp_clear_xmit_timers() */
export function clearAllTimers(sk: Sock): void {
  clearXmitTimer(sk);
  sk.delackToken = 0;
  sk.keepaliveToken = 0;
  sk.compressToken = 0;
  sk.ackPending = 0;
}

/** tcp_rearm_rto(): restarts the retransmission timer for what is outstanding. */
export function rearmRto(host: Host, sk: Sock): void {
  if (sk.fastopenRequestId !== 0) return;
  if (sk.packetsOut === 0) {
    clearXmitTimer(sk);
    return;
  }
  let rto = sk.rto;
  if (sk.pending === Pending.REO_TIMEOUT || sk.pending === Pending.LOSS_PROBE) {
    rto = usecsToJiffies(host, Math.max(rtoDeltaUs(host, sk), 1));
  }
  resetXmitTimer(host, sk, Pending.RETRANS, Math.max(rto, 1));
}

/** tcp_rto_delta_us(): how much of the timeout of the first outstanding buffer is left. */
export function rtoDeltaUs(host: Host, sk: Sock): number {
  const head = sk.rtxQueue[0];
  const rtoUs = jiffiesToUsecs(host, sk.rto);
  return head ? head.sentUs + rtoUs - sk.mstampUs : rtoUs;
}

export function keepaliveTimeWhen(host: Host, sk: Sock): number {
  return sk.keepaliveTime || host.sysctls.tcp_keepalive_time * host.config.hz;
}

export function keepaliveIntvlWhen(host: Host, sk: Sock): number {
  return sk.keepaliveIntvl || host.sysctls.tcp_keepalive_intvl * host.config.hz;
}

/** keepalive_time_elapsed(): jiffies since anything was heard. */
export function keepaliveElapsed(host: Host, sk: Sock): number {
  const now = jiffies(host);
  return Math.min(now - sk.ackLrcvtime, now - sk.rcvTstamp);
}

/** inet_csk_reset_keepalive_timer() */
export function armKeepalive(host: Host, sk: Sock, delay: number): void {
  sk.keepaliveToken = armTimer(host, sk.id, 'keepalive', jiffies(host) + delay);
}

/** tcp_set_keepalive() and the end of tcp_sock_set_keepidle(): starts or stops the timer after an option changed. */
export function resetKeepalive(host: Host, sk: Sock): void {
  if (sk.state === State.CLOSE || sk.state === State.LISTEN || sk.state === State.SYN_SENT) return;
  if (!sk.keepaliveOn) {
    sk.keepaliveToken = 0;
    return;
  }
  const elapsed = keepaliveElapsed(host, sk);
  const idle = keepaliveTimeWhen(host, sk);
  armKeepalive(host, sk, Math.max(idle - elapsed, 0));
}
