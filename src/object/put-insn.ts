// Writing one instruction back into code, the only way in which the linker changes any.

import { encodeInsn, type Insn, SLOT_BYTES, writeRaw } from '../isa/index.ts';

/** Replaces the instruction at `insn.slot`; false, with the code untouched, when it has no encoding or does not fit. */
export function putInsn(code: Uint8Array, insn: Insn): boolean {
  const encoding = encodeInsn(insn);
  if (encoding.kind === 'failed') return false;
  const { words } = encoding;
  if ((insn.slot + words.length) * SLOT_BYTES > code.length) return false;
  for (const [i, word] of words.entries()) writeRaw(code, insn.slot + i, word);
  return true;
}
