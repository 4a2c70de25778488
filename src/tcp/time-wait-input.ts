// Segments for TIME_WAIT and mini FIN_WAIT2 socks: tcp_timewait_state_process().

import { Flag, State } from './constants.ts';
import { answerTooSoon, armTimer, clockMs, clockUs, type Host, jiffies } from './engine.ts';
import { TIMEWAIT_SECONDS } from './fin.ts';
import { parseOptions } from './options.ts';
import { sendBare, sendReset } from './output.ts';
import { type Segment, segmentEnd } from './segment.ts';
import { after, before } from './sequence.ts';
import type { TimeWaitSock } from './time-wait.ts';
import { sameAddress } from './wire.ts';

export function findTimeWait(host: Host, segment: Segment): TimeWaitSock | undefined {
  return host.timeWaits.find(
    (tw) =>
      tw.sport === segment.dport &&
      tw.dport === segment.sport &&
      sameAddress(tw.remoteAddress, segment.source) &&
      sameAddress(tw.localAddress, segment.destination),
  );
}

export function dropTimeWait(host: Host, tw: TimeWaitSock): void {
  tw.token = 0;
  host.timeWaits = host.timeWaits.filter((other) => other !== tw);
}

function rearm(host: Host, tw: TimeWaitSock): void {
  tw.token = armTimer(host, tw.id, 'time-wait', jiffies(host) + TIMEWAIT_SECONDS * host.config.hz);
}

/** tcp_v4_timewait_ack() */
function answer(host: Host, tw: TimeWaitSock, segment: Segment): void {
  const bare = segmentEnd(segment) === segment.seq || (segment.flags & Flag.SYN) !== 0;
  if (bare && answerTooSoon(host, tw)) return;
  const from = {
    source: segment.destination,
    destination: segment.source,
    sport: segment.dport,
    dport: segment.sport,
  };
  const timestamp =
    tw.tsRecentStamp !== 0 ? { tsval: clockMs(clockUs(host)) + tw.tsOffset, tsecr: tw.tsRecent } : undefined;
  const window = Math.min(65535, Math.floor(tw.rcvWnd / 2 ** tw.rcvWscale));
  sendBare(host, from, tw.sndNxt, tw.rcvNxt, Flag.ACK, window, timestamp, tw.tos);
}

/** True when the segment is a new SYN that a listener may take; the old sock is gone then. */
export function receiveTimeWait(host: Host, tw: TimeWaitSock, segment: Segment): boolean {
  const end = segmentEnd(segment);
  const isSyn = (segment.flags & Flag.SYN) !== 0;
  const isReset = (segment.flags & Flag.RST) !== 0;
  const options = parseOptions(segment.header, isSyn);
  const stale = tw.tsRecentStamp !== 0 && options.timestamp && ((options.tsval - tw.tsRecent) | 0) < 0;
  if (tw.substate === State.FIN_WAIT2) {
    const limit = (tw.rcvNxt + tw.rcvWnd) >>> 0;
    const inWindow = segment.seq === tw.rcvNxt || (after(end, tw.rcvNxt) && before(segment.seq, limit));
    if (stale || !inWindow) {
      if (!isReset) answer(host, tw, segment);
      return false;
    }
    if (isReset) {
      dropTimeWait(host, tw);
      return false;
    }
    if (isSyn && !before(segment.seq, tw.rcvNxt)) {
      sendReset(host, segment, end);
      return false;
    }
    if ((segment.flags & Flag.ACK) === 0 || !after(end, tw.rcvNxt) || end === segment.seq) return false;
    if ((segment.flags & Flag.FIN) === 0 || end !== (tw.rcvNxt + 1) >>> 0) {
      sendReset(host, segment, end);
      dropTimeWait(host, tw);
      return false;
    }
    tw.substate = State.TIME_WAIT;
    tw.rcvNxt = end;
    if (options.timestamp) tw.tsRecent = options.tsval;
    rearm(host, tw);
    answer(host, tw, segment);
    return false;
  }
  if (!stale && segment.seq === tw.rcvNxt && (segment.seq === end || isReset)) {
    if (isReset) {
      if (!host.sysctls.tcp_rfc1337) dropTimeWait(host, tw);
      return false;
    }
    rearm(host, tw);
    if (options.timestamp) tw.tsRecent = options.tsval;
    return false;
  }
  const newer =
    after(segment.seq, tw.rcvNxt) ||
    (tw.tsRecentStamp !== 0 && options.timestamp && ((options.tsval - tw.tsRecent) | 0) > 0);
  if (isSyn && !isReset && (segment.flags & Flag.ACK) === 0 && !stale && newer) {
    dropTimeWait(host, tw);
    return true;
  }
  if (!isReset) {
    if (!stale || (segment.flags & Flag.ACK) !== 0) rearm(host, tw);
    answer(host, tw, segment);
  }
  return false;
}
