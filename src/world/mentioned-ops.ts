// Which ops a program asks for: the constants with which it compares ctx->op. Read off the instructions, for remarks such as
// "STATE_CB never fired"; a program that computes with the op in some other way mentions nothing, which costs a remark only.

import { decodeProgram, type Insn } from '../isa/index.ts';

const OP_OFFSET = 0;
const FRAME_POINTER = 10;
const HIGHEST = 31;

/** Op numbers that the program tells apart by comparing for equality or in a range. */
export function mentionedOps(bytes: Uint8Array): ReadonlySet<number> {
  const mentioned = new Set<number>();
  /** Registers that hold ctx->op plus a constant. Straight-line tracking: enough for what compilers make of a switch. */
  const holding = new Map<number, number>();
  for (const insn of decodeProgram(bytes)) {
    if (insn === undefined) continue;
    if (insn.kind === 'jump-if') {
      const base = holding.get(insn.dst);
      if (base !== undefined && insn.src.kind === 'imm') noteComparison(mentioned, insn, insn.src.value - base);
      continue;
    }
    track(holding, insn);
  }
  return mentioned;
}

function noteComparison(mentioned: Set<number>, insn: Insn & { kind: 'jump-if' }, op: number): void {
  switch (insn.fn) {
    case 'eq':
    case 'ne':
      if (op > 0 && op <= HIGHEST) mentioned.add(op);
      return;
    default:
      // Bounds of a range: compilers use them to split a switch as well as for neighbouring cases, so they prove nothing.
      return;
  }
}

function track(holding: Map<number, number>, insn: Insn): void {
  switch (insn.kind) {
    case 'load':
      if (insn.offset === OP_OFFSET && insn.size === 4 && insn.base !== FRAME_POINTER && !holding.has(insn.base)) {
        holding.set(insn.dst, 0);
      } else holding.delete(insn.dst);
      return;
    case 'alu': {
      const from = insn.src.kind === 'reg' ? holding.get(insn.src.reg) : undefined;
      const own = holding.get(insn.dst);
      if (insn.fn === 'mov' && insn.src.kind === 'reg' && from !== undefined) holding.set(insn.dst, from);
      else if (insn.fn === 'add' && insn.src.kind === 'imm' && own !== undefined)
        holding.set(insn.dst, own + insn.src.value);
      // Clearing the upper half leaves a 32-bit value as it is.
      else if (
        (insn.fn === 'lsh' || insn.fn === 'rsh') &&
        insn.src.kind === 'imm' &&
        insn.src.value === 32 &&
        own !== undefined
      )
        return;
      else holding.delete(insn.dst);
      return;
    }
    case 'call-helper':
    case 'call-local':
    case 'call-kfunc':
      for (let register = 0; register <= 5; register++) holding.delete(register);
      return;
    case 'neg':
    case 'endian':
    case 'load-imm64':
    case 'load-acquire':
    case 'addr-space-cast':
      holding.delete(insn.dst);
      return;
    default:
      return;
  }
}
