// How many bytes of stack a function uses, read off its instructions. Needed because LLVM's BPF backend writes variables' frame offsets
// in DWARF as if the frame pointer were the bottom of the frame, while r10 is its top: what it calls "frame base + 16" in a
// function with 40 bytes of stack lies at r10 - 24. (Seen from clang 14 to 22.) Offsets below 0 are right as they stand.

import { decodeProgram, SLOT_BYTES } from '../isa/index.ts';

const FRAME_POINTER = 10;
const FRAME_ALIGN = 8;
/** MAX_BPF_STACK; deeper accesses are mistakes of the program and say nothing about its frame. */
const MAX_FRAME_BYTES = 512;

/** Bytes between r10 and the lowest place that the code touches or takes the address of, rounded to the frame's alignment. */
export function frameBytes(code: Uint8Array): number {
  let deepest = 0;
  const touch = (offset: number): void => {
    if (offset < deepest && offset >= -MAX_FRAME_BYTES) deepest = offset;
  };
  /** Registers that hold r10 plus a known number. */
  const copies = new Map<number, number>([[FRAME_POINTER, 0]]);
  const forget = (register: number): void => {
    if (register !== FRAME_POINTER) copies.delete(register);
  };
  for (const insn of decodeProgram(code.subarray(0, code.length - (code.length % SLOT_BYTES)))) {
    if (insn === undefined) continue;
    switch (insn.kind) {
      case 'alu': {
        const held = insn.src.kind === 'reg' ? copies.get(insn.src.reg) : undefined;
        const own = copies.get(insn.dst);
        if (insn.width === 64 && insn.fn === 'mov' && held !== undefined) copies.set(insn.dst, held);
        else if (
          insn.width === 64 &&
          insn.fn === 'add' &&
          insn.src.kind === 'imm' &&
          own !== undefined &&
          insn.dst !== FRAME_POINTER
        ) {
          copies.set(insn.dst, own + insn.src.value);
          touch(own + insn.src.value);
        } else forget(insn.dst);
        break;
      }
      case 'load':
      case 'load-acquire':
        touchBase(copies, insn.base, insn.offset, touch);
        forget(insn.dst);
        break;
      case 'store':
      case 'store-release':
        touchBase(copies, insn.base, insn.offset, touch);
        break;
      case 'atomic':
        touchBase(copies, insn.base, insn.offset, touch);
        forget(insn.src);
        forget(0);
        break;
      case 'load-imm64':
      case 'neg':
      case 'endian':
      case 'addr-space-cast':
        forget(insn.dst);
        break;
      case 'call-helper':
      case 'call-local':
      case 'call-kfunc':
      case 'call-indirect':
        for (let register = 0; register <= 5; register++) forget(register);
        break;
      default:
    }
  }
  return Math.ceil(-deepest / FRAME_ALIGN) * FRAME_ALIGN;
}

function touchBase(
  copies: ReadonlyMap<number, number>,
  base: number,
  offset: number,
  touch: (offset: number) => void,
): void {
  const held = copies.get(base);
  if (held !== undefined) touch(held + offset);
}
