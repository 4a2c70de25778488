// The program prepared for verification: decoded instructions with what is known of each before any path is followed, and its
// functions. One object per verification; the marks on slots are set by cfg.ts and while paths are followed.

import type { DecodedProgram, Insn, RawInsn } from '../isa/index.ts';
import { decodeProgram, readRaw } from '../isa/index.ts';
import type { Requirement } from './requirement.ts';

/** One function of the program. */
export interface FunctionInfo {
  readonly index: number;
  readonly start: number;
  end: number;
  readonly name: string;
  readonly linkage: 'static' | 'global';
  /** BTF id of the FUNC, 0 when there is none. */
  readonly btfId: number;
  hasTailCall: boolean;
  changesPacket: boolean;
  /** It calls, itself or through others, what may sleep. */
  mightSleep: boolean;
  isCallback: boolean;
  isAsyncCallback: boolean;
  /** A verified caller calls it (global functions are verified on their own, once called). */
  called: boolean;
  verified: boolean;
  /** Its signature does not fit how it is called; never asked again. */
  unreliable: boolean;
  /** Deepest stack byte used. */
  stackDepth: number;
}

/** Marks on a slot, as bits. */
export const Mark = {
  prune: 1,
  jump: 2,
  checkpoint: 4,
  callsBack: 8,
  seen: 16,
  iterNext: 32,
} as const;

export interface PreparedProgram {
  readonly bytes: Uint8Array;
  readonly insns: DecodedProgram;
  readonly raws: readonly RawInsn[];
  readonly length: number;
  readonly functions: FunctionInfo[];
  readonly marks: Uint8Array;
  /** Strongly connected component of each slot, 0 for none. */
  readonly components: Int32Array;
  /** Registers that are read before they are written, from each slot on, as bits. */
  readonly liveRegs: Uint16Array;
  /** Kind of pointer that each memory instruction was used with. */
  readonly pointerTypes: Int32Array;
  /** Requirements by slot, made when first needed. */
  readonly requirements: (readonly Requirement[] | undefined)[];
}

export function prepare(bytes: Uint8Array): PreparedProgram {
  const insns = decodeProgram(bytes);
  const length = insns.length;
  return {
    bytes,
    insns,
    raws: insns.map((_, slot) => readRaw(bytes, slot)),
    length,
    functions: [],
    marks: new Uint8Array(length),
    components: new Int32Array(length),
    liveRegs: new Uint16Array(length),
    pointerTypes: new Int32Array(length),
    requirements: new Array(length).fill(undefined),
  };
}

/** The function that a slot lies in. */
export function functionAt(program: PreparedProgram, slot: number): FunctionInfo {
  const { functions } = program;
  let low = 0;
  let high = functions.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (functions[middle]!.start <= slot) low = middle;
    else high = middle - 1;
  }
  return functions[low]!;
}

/** The function that starts at a slot. */
export function functionStartingAt(program: PreparedProgram, slot: number): FunctionInfo | undefined {
  const found = functionAt(program, slot);
  return found.start === slot ? found : undefined;
}

/** Slot after an instruction in the text. */
export const nextSlot = (insn: Insn): number => insn.slot + (insn.kind === 'load-imm64' ? 2 : 1);

const CALL = 0x85;
/** BPF_PSEUDO_CALL. */
const CALL_LOCAL = 1;

/** Target of a call within the program, or of a load of a function's address. */
export function calledSlot(insn: Insn): number | undefined {
  if (insn.kind === 'call-local') return insn.target;
  // A call with something in a reserved field is refused where a path meets it, and is a call until then.
  if (insn.kind === 'invalid' && insn.raw.opcode === CALL && insn.raw.src === CALL_LOCAL)
    return insn.slot + 1 + insn.raw.imm;
  if (insn.kind === 'load-imm64' && insn.source === 'function') return insn.slot + 1 + (insn.low | 0);
  return undefined;
}
