// Eight bytes of stack: what each byte holds, and the register that was spilled there. Immutable, like registers.
// Source of truth: include/linux/bpf_verifier.h enum bpf_stack_slot_type.

import { NOT_INIT, type Reg } from './reg.ts';

/** What one byte holds. */
export const Byte = {
  invalid: 0,
  spill: 1,
  misc: 2,
  zero: 3,
  dynptr: 4,
  iter: 5,
  irq: 6,
} as const;

export const BYTE_CHARS = '?rm0dif';

/** The types of eight bytes, four bits each; byte 7, at the lowest address, in the top bits. */
export type ByteTypes = number;

export const ALL_INVALID: ByteTypes = 0;
export const ALL_SPILL: ByteTypes = 0x11111111;
export const ALL_MISC: ByteTypes = 0x22222222;

export const byteType = (types: ByteTypes, byte: number): number => (types >>> (4 * byte)) & 15;

export const withByte = (types: ByteTypes, byte: number, type: number): ByteTypes =>
  (types & ~(15 << (4 * byte))) | (type << (4 * byte));

/** All eight bytes of one type. */
export const fill = (type: number): ByteTypes => Math.imul(type, 0x11111111) | 0;

export class StackSlot {
  readonly types: ByteTypes;
  readonly reg: Reg;

  constructor(types: ByteTypes, reg: Reg) {
    this.types = types;
    this.reg = reg;
  }

  /** The type of the byte at the lowest address decides what the slot as a whole is. */
  get top(): number {
    return (this.types >>> 28) & 15;
  }

  get isSpill(): boolean {
    return ((this.types >>> 28) & 15) === Byte.spill;
  }

  /** A dynptr, iterator or interrupt flag. */
  get isSpecialObject(): boolean {
    return this.top >= Byte.dynptr;
  }

  get isSpecial(): boolean {
    const top = this.top;
    return top === Byte.spill || top === Byte.dynptr || top === Byte.iter || top === Byte.irq;
  }
}

export const EMPTY_SLOT = new StackSlot(ALL_INVALID, NOT_INIT);

/** The bytes of a slot that loses its register or object: whatever was there is no longer known. */
export function scrubbed(types: ByteTypes): ByteTypes {
  let result = types;
  for (let byte = 0; byte < 8; byte++)
    if (byteType(types, byte) !== Byte.invalid) result = withByte(result, byte, Byte.misc);
  return result;
}
