// TIME_WAIT and the mini-socket FIN_WAIT2 (struct tcp_timewait_sock): what is left of a connection that was closed first
// here. It answers segments by the rules of tcp_timewait_state_process() and never calls a program.

import type { AddressWords } from './sock.ts';

export interface TimeWaitSock {
  /** Id of the socket that it was. */
  readonly id: number;
  readonly localAddress: AddressWords;
  readonly remoteAddress: AddressWords;
  readonly sport: number;
  readonly dport: number;
  readonly family: number;
  /** State.FIN_WAIT2 or State.TIME_WAIT. */
  substate: number;
  rcvNxt: number;
  sndNxt: number;
  rcvWnd: number;
  rcvWscale: number;
  tsRecent: number;
  tsRecentStamp: number;
  tsOffset: number;
  tos: number;
  lastOow: number;
  token: number;
}

export function copyTimeWait(tw: TimeWaitSock): TimeWaitSock {
  return { ...tw };
}
