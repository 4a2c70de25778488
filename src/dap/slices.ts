// How long the adapter moves the program before it looks at its messages again.

/** Milliseconds of progress after which a slice is over. */
const SLICE_MS = 100;

/**
 * Gives slices by a clock in milliseconds. In the middle of an event a slice first has to come back to where the last one ended, so
 * it may take as long again for getting further: the whole then costs at most twice what it would in one go.
 */
export function beginSlice(clock: () => number): () => () => boolean {
  return () => {
    const began = clock();
    let deadline: number | undefined;
    return () => {
      const now = clock();
      deadline ??= now + Math.max(SLICE_MS, now - began);
      return deadline <= now;
    };
  };
}
