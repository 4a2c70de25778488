// Loss recovery by acknowledgments: fast retransmit, proportional rate reduction (RFC 6937), F-RTO (RFC 5682)
// and undoing what turned out to be needless (tcp_fastretrans_alert() and around it, net/ipv4/tcp_input.c, tcp_recovery.c).

import { AckFlag } from './ack-flags.ts';
import { congestionOps, setCaState } from './congestion.ts';
import { CaState, EcnFlag, INFINITE_SSTHRESH, Mark } from './constants.ts';
import { type Host, jiffies } from './engine.ts';
import { inFlight, windowEnd } from './output.ts';
import { detectLoss, rackMarkLost } from './rack.ts';
import { currentSsthresh, initUndo, markLost, queueCwr } from './retransmit.ts';
import { addRenoSacks, checkReordering } from './sack.ts';
import { inCwndReduction } from './send-queue.ts';
import { after, before } from './sequence.ts';
import type { Sock } from './sock.ts';

/** tcp_rack_reo_timeout(): the reordering timer fired. True when something is lost and has to be sent again. */
export function rackReoTimeout(host: Host, sk: Sock): boolean {
  const flying = inFlight(sk);
  detectLoss(host, sk);
  if (flying === inFlight(sk)) return false;
  if (sk.caState !== CaState.RECOVERY) {
    enterRecovery(host, sk, 'no-ece');
    cwndReduction(sk, 1, 1, 0);
  }
  return true;
}

// --- congestion window in recovery

/** tcp_init_cwnd_reduction() */
function initCwndReduction(host: Host, sk: Sock): void {
  sk.highSeq = sk.sndNxt;
  sk.tlpHighSeq = 0;
  sk.sndCwndCnt = 0;
  sk.priorCwnd = sk.sndCwnd;
  sk.prrDelivered = 0;
  sk.prrOut = 0;
  sk.sndSsthresh = congestionOps(sk).ssthresh(host, sk);
  queueCwr(sk);
}

/** tcp_cwnd_reduction(): proportional rate reduction. */
function cwndReduction(sk: Sock, delivered: number, lost: number, flag: number): void {
  if (delivered <= 0 || sk.priorCwnd === 0) return;
  const flying = inFlight(sk);
  const delta = sk.sndSsthresh - flying;
  sk.prrDelivered += delivered;
  let count: number;
  if (delta < 0) {
    count = Math.floor((sk.sndSsthresh * sk.prrDelivered + sk.priorCwnd - 1) / sk.priorCwnd) - sk.prrOut;
  } else {
    count = Math.max(sk.prrDelivered - sk.prrOut, delivered);
    if ((flag & AckFlag.SND_UNA_ADVANCED) !== 0 && lost === 0) count++;
    count = Math.min(delta, count);
  }
  count = Math.max(count, sk.prrOut > 0 ? 0 : 1);
  sk.sndCwnd = flying + count;
}

/** tcp_end_cwnd_reduction() */
function endCwndReduction(host: Host, sk: Sock): void {
  if (sk.sndSsthresh < INFINITE_SSTHRESH && (sk.caState === CaState.CWR || sk.undoMarker !== 0)) {
    sk.sndCwnd = sk.sndSsthresh;
    sk.sndCwndStamp = jiffies(host);
  }
}

/** tcp_enter_cwr() */
export function enterCwr(host: Host, sk: Sock): void {
  sk.priorSsthresh = 0;
  if (sk.caState < CaState.CWR) {
    sk.undoMarker = 0;
    initCwndReduction(host, sk);
    setCaState(host, sk, CaState.CWR);
  }
}

/** tcp_cong_control() */
export function congestionControl(host: Host, sk: Sock, delivered: number, lost: number, flag: number): void {
  if (inCwndReduction(sk)) {
    cwndReduction(sk, delivered, lost, flag);
    return;
  }
  const mask = host.sysctls.tcp_reordering < sk.reordering ? AckFlag.FORWARD_PROGRESS : AckFlag.DATA_ACKED;
  if ((flag & mask) !== 0) {
    congestionOps(sk).congAvoid(host, sk, delivered);
    sk.sndCwndStamp = jiffies(host);
  }
}

/** tcp_enter_recovery() */
function enterRecovery(host: Host, sk: Sock, ece: 'ece' | 'no-ece'): void {
  sk.priorSsthresh = 0;
  initUndo(sk);
  if (!inCwndReduction(sk)) {
    if (ece === 'no-ece') sk.priorSsthresh = currentSsthresh(sk);
    initCwndReduction(host, sk);
  }
  setCaState(host, sk, CaState.RECOVERY);
}

// --- undo

/** tcp_packet_delayed(): the echoed timestamp is older than the first retransmission. */
function packetDelayed(sk: Sock): boolean {
  if (sk.retransStamp === 0) return false;
  if (!sk.sawTstamp || sk.rcvTsecr === 0) return false;
  return before((sk.rcvTsecr - sk.tsOffset) >>> 0, sk.retransStamp);
}

const mayUndo = (sk: Sock): boolean => sk.undoMarker !== 0 && (sk.undoRetrans === 0 || packetDelayed(sk));

function undoCwndReduction(host: Host, sk: Sock, losses: 'unmark-losses' | 'keep-losses'): void {
  if (losses === 'unmark-losses') {
    for (const buffer of sk.rtxQueue) buffer.sacked &= ~Mark.LOST;
    sk.lostOut = 0;
  }
  if (sk.priorSsthresh !== 0) {
    sk.sndCwnd = Math.max(sk.sndCwnd, sk.priorCwnd);
    if (sk.sndSsthresh < sk.priorSsthresh) {
      sk.sndSsthresh = sk.priorSsthresh;
      sk.ecnFlags &= ~EcnFlag.QUEUE_CWR;
    }
  }
  sk.sndCwndStamp = jiffies(host);
  sk.undoMarker = 0;
  sk.rackAdvanced = true;
}

const anyRetransDone = (sk: Sock): boolean => {
  if (sk.retransOut > 0) return true;
  const head = sk.rtxQueue[0];
  return head !== undefined && (head.sacked & Mark.EVER_RETRANS) !== 0;
};

/** tcp_is_non_sack_preventing_reopen() */
function preventsReopen(sk: Sock): boolean {
  if (sk.sndUna === sk.highSeq && !sk.sackOk) {
    if (!anyRetransDone(sk)) sk.retransStamp = 0;
    return true;
  }
  return false;
}

function tryUndoRecovery(host: Host, sk: Sock): boolean {
  if (mayUndo(sk)) undoCwndReduction(host, sk, 'keep-losses');
  else if (sk.rackReoWndPersist > 0) sk.rackReoWndPersist--;
  if (preventsReopen(sk)) return true;
  setCaState(host, sk, CaState.OPEN);
  return false;
}

function tryUndoDsack(host: Host, sk: Sock): boolean {
  if (sk.undoMarker === 0 || sk.undoRetrans !== 0) return false;
  sk.rackReoWndPersist = Math.min(16, sk.rackReoWndPersist + 1);
  undoCwndReduction(host, sk, 'keep-losses');
  return true;
}

function tryUndoLoss(host: Host, sk: Sock, why: 'frto' | 'other'): boolean {
  if (why !== 'frto' && !mayUndo(sk)) return false;
  undoCwndReduction(host, sk, 'unmark-losses');
  sk.retransmits = 0;
  if (preventsReopen(sk)) return true;
  if (why === 'frto' || sk.sackOk) setCaState(host, sk, CaState.OPEN);
  return true;
}

function tryUndoPartial(host: Host, sk: Sock, priorUna: number): boolean {
  if (sk.undoMarker === 0 || !packetDelayed(sk)) return false;
  checkReordering(host, sk, priorUna);
  if (sk.retransOut > 0) return true;
  if (!anyRetransDone(sk)) sk.retransStamp = 0;
  undoCwndReduction(host, sk, 'unmark-losses');
  tryKeepOpen(host, sk);
  return false;
}

function tryKeepOpen(host: Host, sk: Sock): void {
  const state = sk.sackedOut + sk.lostOut > 0 || anyRetransDone(sk) ? CaState.DISORDER : CaState.OPEN;
  if (sk.caState !== state) {
    setCaState(host, sk, state);
    sk.highSeq = sk.sndNxt;
  }
}

function tryToOpen(host: Host, sk: Sock, flag: number): void {
  if (!anyRetransDone(sk)) sk.retransStamp = 0;
  if ((flag & AckFlag.ECE) !== 0) enterCwr(host, sk);
  if (sk.caState !== CaState.CWR) tryKeepOpen(host, sk);
}

/** tcp_process_tlp_ack(): whether the loss probe repaired a loss. */
export function processTlpAck(host: Host, sk: Sock, ack: number, flag: number): void {
  if (before(ack, sk.tlpHighSeq)) return;
  if (!sk.tlpRetrans || (flag & AckFlag.DSACK_TLP) !== 0) {
    sk.tlpHighSeq = 0;
  } else if (after(ack, sk.tlpHighSeq)) {
    initCwndReduction(host, sk);
    setCaState(host, sk, CaState.CWR);
    endCwndReduction(host, sk);
    tryKeepOpen(host, sk);
  } else if ((flag & (AckFlag.SND_UNA_ADVANCED | AckFlag.NOT_DUP | AckFlag.DATA_SACKED)) === 0) {
    sk.tlpHighSeq = 0;
  }
}

// --- the state machine

/** tcp_identify_packet_loss(): returns the flags, which may gain LOST_RETRANS or lose SET_XMIT_TIMER. */
function identifyLoss(host: Host, sk: Sock, flag: number): number {
  if (sk.rtxQueue.length === 0) return flag;
  if (!sk.sackOk) {
    newRenoMarkLost(sk, (flag & AckFlag.SND_UNA_ADVANCED) !== 0 ? 'advanced' : 'duplicate');
    return flag;
  }
  let out = flag;
  const prior = sk.retransOut;
  if (rackMarkLost(host, sk)) out &= ~AckFlag.SET_XMIT_TIMER;
  if (sk.retransOut < prior) out |= AckFlag.LOST_RETRANS;
  return out;
}

function newRenoMarkLost(sk: Sock, una: 'advanced' | 'duplicate'): void {
  const isRecovering = sk.caState === CaState.RECOVERY;
  if ((sk.caState < CaState.RECOVERY && sk.reordering <= sk.sackedOut) || (isRecovering && una === 'advanced')) {
    const head = sk.rtxQueue[0]!;
    if ((head.sacked & Mark.LOST) === 0) markLost(sk, head);
  }
}

/** tcp_process_loss(): in recovery after a timeout. */
function processLoss(host: Host, sk: Sock, flag: number, duplicates: number): 'none' | 'lost' | 'new' {
  const recovered = !before(sk.sndUna, sk.highSeq);
  if ((flag & AckFlag.SND_UNA_ADVANCED) !== 0 && tryUndoLoss(host, sk, 'other')) return 'none';
  if (sk.frto) {
    if ((flag & AckFlag.ORIG_SACK_ACKED) !== 0 && tryUndoLoss(host, sk, 'frto')) return 'none';
    if (after(sk.sndNxt, sk.highSeq)) {
      if ((flag & AckFlag.DATA_SACKED) !== 0 || duplicates > 0) sk.frto = false;
    } else if ((flag & AckFlag.SND_UNA_ADVANCED) !== 0 && !recovered) {
      sk.highSeq = sk.sndNxt;
      if (sk.writeQueue.length > 0 && after(windowEnd(sk), sk.sndNxt)) return 'new';
      sk.frto = false;
    }
  }
  if (recovered) {
    tryUndoRecovery(host, sk);
    return 'none';
  }
  if (!sk.sackOk) {
    if (after(sk.sndNxt, sk.highSeq) && duplicates > 0) addRenoSacks(sk, duplicates);
    else if ((flag & AckFlag.SND_UNA_ADVANCED) !== 0) sk.sackedOut = 0;
  }
  return 'lost';
}

export interface Alert {
  readonly flag: number;
  readonly retransmit: 'none' | 'lost' | 'new';
}

/** tcp_fastretrans_alert(): moves between the congestion states on an ACK that is not plain progress. */
export function fastretransAlert(
  host: Host,
  sk: Sock,
  priorUna: number,
  duplicates: number,
  flagsBefore: number,
): Alert {
  let flag = flagsBefore;
  const ece = (flag & AckFlag.ECE) !== 0 ? 'ece' : 'no-ece';
  if (sk.packetsOut === 0 && sk.sackedOut > 0) sk.sackedOut = 0;
  if (ece === 'ece') sk.priorSsthresh = 0;
  if (sk.caState === CaState.OPEN) {
    sk.retransStamp = 0;
  } else if (!before(sk.sndUna, sk.highSeq)) {
    if (sk.caState === CaState.CWR) {
      if (sk.sndUna !== sk.highSeq) {
        endCwndReduction(host, sk);
        setCaState(host, sk, CaState.OPEN);
      }
    } else if (sk.caState === CaState.RECOVERY) {
      if (!sk.sackOk) sk.sackedOut = 0;
      if (tryUndoRecovery(host, sk)) return { flag, retransmit: 'none' };
      endCwndReduction(host, sk);
    }
  }
  const advanced = (flag & AckFlag.SND_UNA_ADVANCED) !== 0;
  if (sk.caState === CaState.RECOVERY) {
    if (!advanced) {
      if (!sk.sackOk) addRenoSacks(sk, duplicates);
    } else if (tryUndoPartial(host, sk, priorUna)) {
      return { flag, retransmit: 'none' };
    }
    if (tryUndoDsack(host, sk)) tryToOpen(host, sk, flag);
    flag = identifyLoss(host, sk, flag);
    if (sk.caState !== CaState.RECOVERY) {
      if (sk.lostOut === 0) return { flag, retransmit: 'none' };
      enterRecovery(host, sk, ece);
    }
    return { flag, retransmit: 'lost' };
  }
  if (sk.caState === CaState.LOSS) {
    const mode = processLoss(host, sk, flag, duplicates);
    flag = identifyLoss(host, sk, flag);
    // After processLoss() the state may have become Open, which the compiler does not see.
    const now: number = sk.caState;
    if (!(now === CaState.OPEN || (flag & AckFlag.LOST_RETRANS) !== 0)) return { flag, retransmit: mode };
  }
  if (!sk.sackOk) {
    if (advanced) sk.sackedOut = 0;
    addRenoSacks(sk, duplicates);
  }
  if (sk.caState <= CaState.DISORDER) tryUndoDsack(host, sk);
  flag = identifyLoss(host, sk, flag);
  if (sk.lostOut === 0) {
    tryToOpen(host, sk, flag);
    return { flag, retransmit: 'none' };
  }
  enterRecovery(host, sk, ece);
  return { flag, retransmit: 'lost' };
}

/** tcp_try_undo_spurious_syn(): a repeated SYN was needless when the peer answers the first one. */
export function undoSpuriousSyn(sk: Sock): void {
  const stamp = sk.retransStamp;
  if (sk.undoMarker !== 0 && stamp !== 0 && sk.sawTstamp && stamp === (sk.rcvTsecr - sk.tsOffset) >>> 0) {
    sk.undoMarker = 0;
  }
}
