// Multiplication and division of the interpreter's registers, which are pairs of 32-bit halves. Bigints are exact but slow; numbers do
// for nearly all operands. Division by zero gives 0, its remainder the dividend (RFC 9669 section 4.1).

/** Numbers whose upper half is below this are exact. */
const MAX_EXACT_HIGH = 1 << 21;

/** regs[d] /= regs[s], unsigned. */
export function divide64(regs64: BigInt64Array, regs: Int32Array, d: number, s: number): void {
  const highD = regs[2 * d + 1]! >>> 0;
  const highS = regs[2 * s + 1]! >>> 0;
  if ((highD | highS) === 0) {
    const divisor = regs[2 * s]! >>> 0;
    regs[2 * d] = divisor === 0 ? 0 : (regs[2 * d]! >>> 0) / divisor;
    return;
  }
  if ((regs[2 * s]! | highS) === 0) {
    regs[2 * d] = 0;
    regs[2 * d + 1] = 0;
    return;
  }
  // Quotients of numbers below 2^53 are exact when rounded down.
  if (highD < MAX_EXACT_HIGH && highS < MAX_EXACT_HIGH) {
    const divisor = highS * 4294967296 + (regs[2 * s]! >>> 0);
    const quotient = (highD * 4294967296 + (regs[2 * d]! >>> 0)) / divisor;
    const high = (quotient / 4294967296) | 0;
    regs[2 * d] = quotient - high * 4294967296;
    regs[2 * d + 1] = high;
    return;
  }
  if (highS === 0) {
    divideByWord(regs, d, regs[2 * s]! >>> 0);
    return;
  }
  regs64[d] = BigInt.asUintN(64, regs64[d]!) / BigInt.asUintN(64, regs64[s]!);
}

/** regs[d] *= regs[s], modulo 2^64. */
export function multiply64(regs: Int32Array, d: number, s: number): void {
  const a = regs[2 * d]!;
  const b = regs[2 * s]!;
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const low = Math.imul(a0, b0) >>> 0;
  const left = Math.imul(a0, b1) >>> 0;
  const right = Math.imul(a1, b0) >>> 0;
  const middle = (low >>> 16) + (left & 0xffff) + (right & 0xffff);
  const carried = (Math.imul(a1, b1) >>> 0) + (left >>> 16) + (right >>> 16) + (middle >>> 16);
  regs[2 * d + 1] = carried + (Math.imul(regs[2 * d + 1]!, b) + Math.imul(a, regs[2 * s + 1]!));
  regs[2 * d] = Math.imul(a, b);
}

/** Unsigned division by a number of 32 bits that is not 0: three digits, each exact as a number. */
function divideByWord(regs: Int32Array, d: number, divisor: number): void {
  const high = regs[2 * d + 1]! >>> 0;
  const low = regs[2 * d]! >>> 0;
  const first = Math.floor(high / divisor);
  let rest = (high - first * divisor) * 65536 + (low >>> 16);
  const second = Math.floor(rest / divisor);
  rest = (rest - second * divisor) * 65536 + (low & 0xffff);
  regs[2 * d + 1] = first;
  regs[2 * d] = second * 65536 + Math.floor(rest / divisor);
}

/** What such a division leaves. */
function moduloWord(regs: Int32Array, d: number, divisor: number): void {
  const low = regs[2 * d]! >>> 0;
  let rest = regs[2 * d + 1]! >>> 0;
  for (const digit of [low >>> 16, low & 0xffff]) {
    rest -= Math.floor(rest / divisor) * divisor;
    rest = rest * 65536 + digit;
  }
  regs[2 * d] = rest - Math.floor(rest / divisor) * divisor;
  regs[2 * d + 1] = 0;
}

export function modulo64(regs64: BigInt64Array, regs: Int32Array, d: number, s: number): void {
  const highD = regs[2 * d + 1]! >>> 0;
  const highS = regs[2 * s + 1]! >>> 0;
  if (highD < MAX_EXACT_HIGH && highS < MAX_EXACT_HIGH) {
    const divisor = highS * 4294967296 + (regs[2 * s]! >>> 0);
    if (divisor === 0) return;
    // No product in here reaches 2^53 either, so the rest is exact; the engine's own % is a slow call.
    const dividend = highD * 4294967296 + (regs[2 * d]! >>> 0);
    const rest = dividend - Math.floor(dividend / divisor) * divisor;
    const high = (rest / 4294967296) | 0;
    regs[2 * d] = rest - high * 4294967296;
    regs[2 * d + 1] = high;
    return;
  }
  if (highS === 0) {
    const divisor = regs[2 * s]! >>> 0;
    if (divisor !== 0) moduloWord(regs, d, divisor);
    return;
  }
  regs64[d] = BigInt.asUintN(64, regs64[d]!) % BigInt.asUintN(64, regs64[s]!);
}

export function signedDivide64(regs64: BigInt64Array, d: number, s: number): void {
  const divisor = regs64[s]!;
  regs64[d] = divisor === 0n ? 0n : regs64[d]! / divisor;
}

export function signedModulo64(regs64: BigInt64Array, d: number, s: number): void {
  const divisor = regs64[s]!;
  if (divisor !== 0n) regs64[d] = regs64[d]! % divisor;
}
