// What callbacks changed, as data: which property of which socket went from what to what, and what the kernel made of a
// reply. `run` prints them, the debugger shows them, tests compare them.

export type EffectValue = number | string | boolean;

/** One consequence of a callback. Values are in the unit that `property` names. */
export interface Effect {
  /** Number of the hook call that caused it, counted from 0. */
  readonly call: number;
  readonly socketId: number;
  readonly cause: 'reply' | 'setsockopt' | 'flags' | 'header-option' | 'tx-hash' | 'timestamp';
  /** In plain words with the unit: "initial receive window (bytes)". */
  readonly property: string;
  readonly from: EffectValue;
  readonly to: EffectValue;
  /** Why the kernel did not take the value as it is, '' when it did. */
  readonly remark: string;
}

/** Append-only; `calls` counts hook calls. */
export interface EffectLog {
  list: Effect[];
  calls: number;
}
