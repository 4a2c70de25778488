// Congestion control: the algorithm interface (struct tcp_congestion_ops), Reno, and the choice of an algorithm. CUBIC has its
// own file. DIFFERS: dctcp, bbr and nv grow like Reno; what a sock_ops program sees of them (names, BASE_RTT, ECN wish) is exact.

import { type CaData, newCaData } from './ca-data.ts';
import { askBpf } from './callback.ts';
import { CaState, EcnFlag, Errno, Op, State } from './constants.ts';
import { CUBIC } from './cubic.ts';
import type { Host } from './engine.ts';
import { additiveIncrease, type CongestionOps, isCwndLimited, slowStart } from './growth.ts';
import { clearEcnCapable, markEcnCapable } from './output.ts';
import type { Sock } from './sock.ts';

function renoAvoid(_host: Host, sk: Sock, acked: number): void {
  if (!isCwndLimited(sk)) return;
  let left = acked;
  if (sk.sndCwnd < sk.sndSsthresh) {
    left = slowStart(sk, acked);
    if (left === 0) return;
  }
  additiveIncrease(sk, sk.sndCwnd, left);
}

const halfWindow = (_host: Host, sk: Sock): number => Math.max(sk.sndCwnd >>> 1, 2);
const nothing = (): void => {};

const reno = (name: string, more: Partial<CongestionOps> = {}): CongestionOps => ({
  name,
  needsEcn: false,
  init: nothing,
  ssthresh: halfWindow,
  congAvoid: renoAvoid,
  ...more,
});

const ALGORITHMS: Readonly<Record<string, CongestionOps>> = {
  reno: reno('reno'),
  cubic: CUBIC,
  nv: reno('nv', {
    init: (host, sk) => {
      const { call, reply } = askBpf(host, sk, Op.BASE_RTT, 'tcpnv_init()');
      if (reply > 0)
        call.effect('reply', 'lower bound of the base round-trip time (microseconds)', 0, (reply * 205) >> 8);
    },
  }),
  dctcp: reno('dctcp', { needsEcn: true }),
  bbr: reno('bbr'),
};

/** The algorithm of a socket; one that is only a name behaves like Reno. */
export function congestionOps(sk: Sock): CongestionOps {
  return ALGORITHMS[sk.ca] ?? ALGORITHMS['reno']!;
}

/** tcp_ca_needs_ecn() */
export function caNeedsEcn(sk: Sock): boolean {
  return congestionOps(sk).needsEcn;
}

/** Packets are marked as ECN-capable by default where the algorithm wants it, and no more where a program wanted it for the SYN. */
function chooseEcnMark(sk: Sock): void {
  if (caNeedsEcn(sk)) markEcnCapable(sk);
  else clearEcnCapable(sk);
}

/** tcp_init_congestion_control() */
export function initCongestionControl(host: Host, sk: Sock): void {
  sk.priorSsthresh = 0;
  sk.caData = newCaData();
  congestionOps(sk).init(host, sk);
  chooseEcnMark(sk);
  sk.caInitialized = true;
}

/** tcp_set_congestion_control(): 0 or a negative errno. */
export function changeCongestionControl(
  host: Host,
  sk: Sock,
  name: string,
  when: 'at-once' | 'at-establishment',
): number {
  if (name === sk.ca) {
    sk.caSetsockopt = true;
    return 0;
  }
  if (!host.sysctls.tcp_available_congestion_control.includes(name)) return Errno.ENOENT;
  sk.ca = name;
  sk.caSetsockopt = true;
  const fresh: CaData = newCaData();
  sk.caData = fresh;
  sk.caInitialized = false;
  if (when === 'at-once') chooseEcnMark(sk);
  if (when === 'at-once' && sk.state !== State.CLOSE && sk.state !== State.LISTEN) initCongestionControl(host, sk);
  return 0;
}

/** tcp_set_ca_state() */
export function setCaState(host: Host, sk: Sock, state: number): void {
  if (state === CaState.LOSS) congestionOps(sk).lossState?.(host, sk);
  sk.caState = state;
}

/** Whether ECN was negotiated. */
export const ecnOk = (sk: Sock): boolean => (sk.ecnFlags & EcnFlag.OK) !== 0;
