// CUBIC as net/ipv4/tcp_cubic.c computes it (RFC 9438 with HyStart), in integers where the kernel's rounding shows.

import { newCaData } from './ca-data.ts';
import { type Host, jiffies, usecsToJiffies } from './engine.ts';
import { additiveIncrease, type CongestionOps, isCwndLimited, slowStart } from './growth.ts';
import { after } from './sequence.ts';
import type { Sock } from './sock.ts';

/** beta, in 1/1024 */
const BETA = 717;
/** bic_scale * 10 */
const CUBE_RTT_SCALE = 410;
/** 8 * (1024 + BETA) / 3 / (1024 - BETA) */
const BETA_SCALE = 15;
/** 2^40 / CUBE_RTT_SCALE */
const CUBE_FACTOR = 2 ** 40 / CUBE_RTT_SCALE;
const LOW_WINDOW = 16;
const MIN_SAMPLES = 8;
const ACK_DELTA_US = 2000;

function update(host: Host, sk: Sock, acked: number): void {
  const ca = sk.caData;
  const cwnd = sk.sndCwnd;
  const now = jiffies(host);
  ca.ackCnt += acked;
  if (ca.lastCwnd === cwnd && now - ca.lastTime <= Math.floor(host.config.hz / 32)) return;
  if (!(ca.epochStart !== 0 && now === ca.lastTime)) {
    ca.lastCwnd = cwnd;
    ca.lastTime = now;
    if (ca.epochStart === 0) {
      ca.epochStart = now;
      ca.ackCnt = acked;
      ca.tcpCwnd = cwnd;
      if (ca.lastMaxCwnd <= cwnd) {
        ca.k = 0;
        ca.originPoint = cwnd;
      } else {
        ca.k = Math.floor(Math.cbrt(CUBE_FACTOR * (ca.lastMaxCwnd - cwnd)));
        ca.originPoint = ca.lastMaxCwnd;
      }
    }
    const t = Math.floor(((now - ca.epochStart + usecsToJiffies(host, ca.delayMinUs)) * 1024) / host.config.hz);
    const offset = Math.abs(t - ca.k);
    const delta = Math.floor((CUBE_RTT_SCALE * offset * offset * offset) / 2 ** 40);
    const target = t < ca.k ? ca.originPoint - delta : ca.originPoint + delta;
    ca.cnt = cwnd < target ? Math.floor(cwnd / (target - cwnd)) : 100 * cwnd;
    if (ca.lastMaxCwnd === 0 && 20 < ca.cnt) ca.cnt = 20;
  }
  const step = (cwnd * BETA_SCALE) >> 3;
  while (step < ca.ackCnt) {
    ca.ackCnt -= step;
    ca.tcpCwnd++;
  }
  if (cwnd < ca.tcpCwnd) ca.cnt = Math.min(ca.cnt, Math.floor(cwnd / (ca.tcpCwnd - cwnd)));
  ca.cnt = Math.max(ca.cnt, 2);
}

function resetRound(sk: Sock): void {
  const ca = sk.caData;
  ca.roundStartUs = ca.lastAckUs = sk.mstampUs;
  ca.endSeq = sk.sndNxt;
  ca.currRttUs = 0xffffffff;
  ca.sampleCnt = 0;
}

function leaveSlowStart(sk: Sock): void {
  sk.caData.found = true;
  sk.sndSsthresh = sk.sndCwnd;
}

function hystart(sk: Sock, delay: number): void {
  const ca = sk.caData;
  if (after(sk.sndUna, ca.endSeq)) resetRound(sk);
  if (sk.sndCwnd < LOW_WINDOW) return;
  const now = sk.mstampUs;
  if (now - ca.lastAckUs <= ACK_DELTA_US) {
    ca.lastAckUs = now;
    const rate = Math.max(1, (2 * sk.mssCache * sk.sndCwnd * 8e6) / Math.max(1, sk.srttUs));
    const burst = Math.min(1000, (65536 * 4 * 1e6) / rate);
    if ((ca.delayMinUs + burst) / 2 < now - ca.roundStartUs) leaveSlowStart(sk);
  }
  if (delay < ca.currRttUs) ca.currRttUs = delay;
  if (ca.sampleCnt < MIN_SAMPLES) {
    ca.sampleCnt++;
  } else if (ca.delayMinUs + Math.min(Math.max(ca.delayMinUs >> 3, 4000), 16000) < ca.currRttUs) {
    leaveSlowStart(sk);
  }
}

export const CUBIC: CongestionOps = {
  name: 'cubic',
  needsEcn: false,
  init: (_host, sk) => {
    resetRound(sk);
  },
  ssthresh: (_host, sk) => {
    const ca = sk.caData;
    ca.epochStart = 0;
    ca.lastMaxCwnd = sk.sndCwnd < ca.lastMaxCwnd ? Math.floor((sk.sndCwnd * (1024 + BETA)) / 2048) : sk.sndCwnd;
    return Math.max(Math.floor((sk.sndCwnd * BETA) / 1024), 2);
  },
  congAvoid: (host, sk, acked) => {
    if (!isCwndLimited(sk)) return;
    let left = acked;
    if (sk.sndCwnd < sk.sndSsthresh) {
      left = slowStart(sk, acked);
      if (left === 0) return;
    }
    update(host, sk, left);
    additiveIncrease(sk, sk.caData.cnt, left);
  },
  pktsAcked: (host, sk, rttUs) => {
    if (rttUs < 0) return;
    const ca = sk.caData;
    if (ca.epochStart !== 0 && jiffies(host) - ca.epochStart < host.config.hz) return;
    const delay = rttUs || 1;
    if (ca.delayMinUs === 0 || delay < ca.delayMinUs) ca.delayMinUs = delay;
    if (!ca.found && sk.sndCwnd < sk.sndSsthresh) hystart(sk, delay);
  },
  lossState: (_host, sk) => {
    sk.caData = newCaData();
    resetRound(sk);
  },
  txStart: (host, sk) => {
    const ca = sk.caData;
    const now = jiffies(host);
    const idle = now - sk.lsndtime;
    if (ca.epochStart !== 0 && idle > 0) ca.epochStart = Math.min(ca.epochStart + idle, now);
  },
};
