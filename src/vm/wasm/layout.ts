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
  /** Call depth, and the deepest frame whose stack has been prepared. */
  depth: 352,
  deepest: 356,
  end: 360,
} as const;

/**
 * Frames that compiled code opens by itself, one record for each call depth. The machine hears of them when it has to: before
 * any call out of compiled code, and at the end of a run.
 */
export const FRAMES = {
  base: 2048,
  shift: 6,
  /** r6 to r10 of the caller. */
  saved: 0,
  /** Column of the call, and of the function's first instruction. */
  callColumn: 40,
  functionColumn: 44,
  /** Dispatch number of the place to return to. */
  returnEntry: 48,
  /** Not 0: opened since the machine last looked. */
  fresh: 52,
  /** Linear address above the frame's stack; written by the engine. */
  stackTop: 56,
} as const;

/** Records that there is room for; machines with more frames than that do not exist. */
export const MOST_FRAMES = 16;

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
  /** A call for which there is no frame left; stops the program. */
  enter(column: number): void;
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
