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
];
