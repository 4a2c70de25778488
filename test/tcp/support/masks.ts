// What is not compared between a recorded run and the model, each with its reason. The one place for it.

export interface Mask {
  readonly field: string;
  readonly reason: string;
}

/** Context fields whose values depend on how fast the recorded machine was, or on its random numbers. */
export const MASKED_FIELDS: readonly Mask[] = [
  { field: 'srtt_us', reason: 'measured round-trip time' },
  { field: 'rtt_min', reason: 'measured round-trip time; on a request sock of some kernels memory behind it' },
  { field: 'rate_delivered', reason: 'follows from measured times' },
  { field: 'rate_interval_us', reason: 'measured time' },
  { field: 'sk_txhash', reason: 'random number' },
];

/** Arguments by op number. */
export const MASKED_ARGS: Readonly<Record<number, { readonly indexes: readonly number[]; readonly reason: string }>> = {
  8: { indexes: [1], reason: 'the timeout follows from the measured round-trip time once there is a sample' },
  12: { indexes: [0, 1], reason: 'measured round-trip times' },
};

/** What is renumbered instead of masked. */
export const RENUMBERED: readonly Mask[] = [
  {
    field: 'rcv_nxt, snd_nxt, snd_una, RETRANS_CB args[0], sequence numbers in headers',
    reason: 'initial sequence numbers are random; compared relative to them',
  },
  { field: 'ports', reason: 'ephemeral ports are chosen by the kernel; compared by role' },
  { field: 'timestamps in headers', reason: 'clock and random offset; only their presence is compared' },
  { field: 'Fast Open cookies in headers', reason: 'made with a random key; only their length is compared' },
];

/** Two-host runs: what depends on when segments and readers happened to run while 100000 bytes were on their way. */
export const AFTER_BULK: readonly Mask[] = [
  { field: 'segs_in', reason: 'number of pure ACKs' },
  { field: 'segs_out', reason: 'number of pure ACKs' },
  { field: 'snd_cwnd', reason: 'HyStart leaves slow start by measured delays; growth counts ACKs' },
  { field: 'snd_ssthresh', reason: 'set by HyStart where it left slow start' },
  {
    field: 'header',
    reason: "the window field follows the receiver's buffer tuning; compared without it in the segments",
  },
];

/** Runs in which two timers or a timer and a process race, and what may differ. */
export const RACES: Readonly<Record<string, string>> = {
  synack_drop: 'timers of both sides expire together; a seed is chosen that gives as many SYN-ACKs',
  timeout50_synack_drop: 'as synack_drop',
  closenow: 'not compared: whether data is left unsent when close() comes, and with it what the FIN rides on',
};

/** Calls of the bulk part, whose number depends on ACK timing (HDR_OPT_LEN, WRITE, PARSE, RTT while data flows). */
export function isBulkCall(op: number, state: number, run: string): boolean {
  const flowing = state === 1 || state === 8 || (run === 'closenow' && state === 4);
  return flowing && 12 <= op && op <= 15;
}

/** STATE_CB out of ESTABLISHED and everything behind it lies after the bulk part. */
export function isAfterBulk(op: number, state: number): boolean {
  if (state === 1) return op === 8 || op === 9 || op === 10;
  return state === 4 || state === 5 || state === 7 || state === 8 || state === 9 || state === 11;
}
