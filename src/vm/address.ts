// What the 64-bit numbers that programs see as pointers are made of.
//
// A pointer is (high, low): `low` is the offset into linear memory, `high` is the colour of the region that it was made for.
// Colours lie where Linux has its direct map and, for the stack, its vmalloc area, so that addresses look as they do in a
// kernel: 0xffff8881_0001a040. An access needs both halves to agree with the memory's tag, therefore a pointer that ran out
// of its own region is caught even when it lands in another one, and the colour tells which region it came from.

/** First and number of colours for everything but stacks: 0xffff8881 to 0xffffc87f, the kernel's direct map of 64 TB. */
export const FIRST_COLOUR = 0xffff8881 | 0;
export const COLOUR_COUNT = 0x3f00;

/** High half of a pointer into stack frame 0; frame n has n more. */
export const STACK_COLOUR = 0xffffc900 | 0;

/** Functions of the program: high half, and where the low half starts; 20 bits of slot below the program's number. */
export const FUNCTION_HIGH = -1;
const FUNCTION_LOW = 0xc0000000;
const SLOT_BITS = 20;
const MAX_PROGRAMS = 1 << 10;

/** High half of what a register holds that was never written. The low half is 0x00rr8000 with the register's number. */
export const UNSET_HIGH = 0xdead0000 | 0;
/** Byte of stack memory before the program writes it. */
export const UNSET_STACK_BYTE = 0xa5;
const UNSET_STACK_HIGH = 0xa5a5a5a5 | 0;

/** The value of a register that was never written. */
export function unsetRegister(number: number): bigint {
  return (BigInt(UNSET_HIGH) << 32n) | BigInt((number << 16) | 0x8000);
}

/** Which register the address came from when it is `unsetRegister` plus a displacement. */
export function asUnsetRegister(
  high: number,
  low: number,
): { readonly register: number; readonly offset: number } | undefined {
  if (high !== UNSET_HIGH) return undefined;
  return { register: (low >>> 16) & 0xff, offset: (low & 0xffff) - 0x8000 };
}

export const isUnsetStack = (high: number): boolean => high === UNSET_STACK_HIGH;

/** Low half of the address of a function, by program number (below 1024) and slot (below 2^20). */
export function functionLow(program: number, slot: number): number {
  return (FUNCTION_LOW + (program % MAX_PROGRAMS) * (1 << SLOT_BITS) + slot) | 0;
}

/** The inverse of `functionLow`; undefined when the address is no function's. */
export function asFunction(high: number, low: number): { readonly program: number; readonly slot: number } | undefined {
  const from = (low >>> 0) - FUNCTION_LOW;
  if (high !== FUNCTION_HIGH || from < 0) return undefined;
  return { program: from >>> SLOT_BITS, slot: from & ((1 << SLOT_BITS) - 1) };
}

/** Where the kernel's own functions start: 0xffffffff81000000, as without randomisation. Nothing can be read there. */
const KERNEL_TEXT = -0x7f00_0000n;

/** An address for a kernel function, by its number in the kernel's types. */
export const kernelTextAddress = (btfId: number): bigint => KERNEL_TEXT + BigInt(btfId & 0xf_ffff) * 16n;

/** A 64-bit pattern from its halves, signed as a register holds it. */
export const joined = (high: number, low: number): bigint => (BigInt(high) << 32n) | BigInt(low >>> 0);

/** As an unsigned number, the way people write addresses. */
export const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);

export const lowHalf = (value: bigint): number => Number(BigInt.asIntN(32, value));
export const highHalf = (value: bigint): number => Number(BigInt.asIntN(32, value >> 32n));
