// What compiled code and the engine agree on: where registers lie between the two, what the imported functions are called, and
// what the compiled function answers.

/**
 * A few words in the null page of linear memory, which no program can touch. Registers cross there between compiled code and
 * the machine; outside of a run the words are zero, so that states compare equal whoever ran the program.
 */
export const SCRATCH = {
  /** r0 to r10, 8 bytes each. */
  registers: 256,
  /** What is left of the budget, 32 bits. */
  left: 344,
  /** Column where it stopped, 32 bits. */
  column: 348,
  end: 352,
} as const;

export const REGISTERS = 11;

/** Why the compiled function came back. */
export const OUTCOME = {
  /** The entry function has returned. */
  ended: 0,
  /** The budget does not suffice for the next block, at which the machine stands. */
  budget: 1,
  /** A call from compiled code stopped it; the machine itself says why and where. */
  stopped: 2,
} as const;

/**
 * What compiled code calls. Each finds the registers in the scratch words and leaves them there.
 * The number they get is the column of the instruction.
 */
export interface EngineCalls {
  /** A load, store or atomic operation that the tags do not allow as it stands. 1: done. 0: stopped. */
  access(column: number): number;
  /** 1: done, the result is in r0. 0: stopped. */
  helper(column: number): number;
  /** Opens the frame of a function of the program. 1: done. 0: stopped. */
  enter(column: number): number;
  /** Returns from such a function: the dispatch number of the place to go on at, -1: stopped. */
  leave(column: number): number;
  /** 1: fall through, 0: jump. */
  mayGoto(): number;
  trap(column: number): void;
}

export const CALL_NAMES = [
  'access',
  'helper',
  'enter',
  'leave',
  'mayGoto',
  'trap',
] as const satisfies readonly (keyof EngineCalls)[];
