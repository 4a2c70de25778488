// Arithmetic on 32-bit sequence numbers, which wrap (RFC 9293 section 3.4). Every value is a number from 0 to 2^32 - 1.

/** Whether `a` lies before `b` on the circle. */
export const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;
/** Whether `a` lies after `b`. */
export const after = (a: number, b: number): boolean => ((b - a) | 0) < 0;
/** Whether `low <= at <= high`. */
export const between = (at: number, low: number, high: number): boolean => (high - low) >>> 0 >= (at - low) >>> 0;
/** a + b on the circle. */
export const advance = (a: number, by: number): number => (a + by) >>> 0;
/** How far `from` has to go to reach `to`. */
export const distance = (from: number, to: number): number => (to - from) >>> 0;
/** The later of two. */
export const latest = (a: number, b: number): number => (after(a, b) ? a : b);
