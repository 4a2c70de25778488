// What a function's instructions say about its stack frame, where debug information alone misleads.
//
// 1. How many bytes it uses. LLVM's BPF backend writes frame offsets in DWARF as if the frame pointer were the bottom of the frame, while
//    r10 is its top: what it calls "frame base + 16" in a function with 40 bytes of stack lies at r10 - 24. (Seen from clang 14 to 22.)
//    Offsets below 0 are right as they stand.
// 2. Which bytes can have been written when a slot is reached. Compilers say "in memory" from the variable's declaration on, but
//    move the store behind later lines; until then the memory holds what another call left there.

import { type DecodedProgram, decodeProgram, type Insn, SLOT_BYTES, slotEdges } from '../isa/index.ts';

const FRAME_POINTER = 10;
const FRAME_ALIGN = 8;
/** MAX_BPF_STACK. Deeper accesses are mistakes of the program and say nothing about its frame. */
const MAX_FRAME_BYTES = 512;
const ALL_WRITTEN = (1n << BigInt(MAX_FRAME_BYTES)) - 1n;
/** Visits per slot before the analysis gives up and takes everything for written. */
const MAX_VISITS = 64;

/** A register's relation to r10: a known distance, some distance, or (undefined) none. */
type Held = number | 'somewhere' | undefined;

interface State {
  /** Bit n is byte r10 - 512 + n. */
  readonly written: bigint;
  readonly held: readonly Held[];
}

/** Bits of the bytes from `offset` (below 0) on; all for an unknown place. */
function bytesMask(offset: number, count: number): bigint {
  const first = Math.max(0, offset + MAX_FRAME_BYTES);
  const end = Math.min(MAX_FRAME_BYTES, offset + MAX_FRAME_BYTES + count);
  return end <= first ? 0n : ((1n << BigInt(end - first)) - 1n) << BigInt(first);
}

export class FrameModel {
  /** Bytes between r10 and the lowest place that the code touches or takes the address of, rounded to the frame's alignment. */
  readonly bytes: number;
  readonly #insns: DecodedProgram;
  #states: readonly (State | undefined)[] | undefined;

  /** `code` is one function. */
  constructor(code: Uint8Array) {
    this.#insns = decodeProgram(code.subarray(0, code.length - (code.length % SLOT_BYTES)));
    this.bytes = measure(this.#insns);
  }

  /**
   * Runs of bytes among `count` bytes from r10 + `offset`, each written possibly or certainly not when the slot (counted in the
   * function) is about to run. One run when all are alike.
   */
  runsAt(
    slot: number,
    offset: number,
    count: number,
  ): readonly { readonly bytes: number; readonly written: boolean }[] {
    this.#states ??= analyse(this.#insns);
    const state = this.#states[slot];
    if (state === undefined) return [{ bytes: count, written: true }];
    const runs: { bytes: number; written: boolean }[] = [];
    for (let i = 0; i < count; i++) {
      const mask = bytesMask(offset + i, 1);
      const written = mask === 0n || (state.written & mask) !== 0n;
      const last = runs.at(-1);
      if (last?.written === written) last.bytes++;
      else runs.push({ bytes: 1, written });
    }
    return runs;
  }
}

const START: State = {
  written: 0n,
  held: Array.from({ length: FRAME_POINTER + 1 }, (_, register) => (register === FRAME_POINTER ? 0 : undefined)),
};

function heldIn(state: State, register: number): Held {
  return register <= FRAME_POINTER ? state.held[register] : undefined;
}

function hold(state: State, register: number, value: Held): State {
  if (register >= FRAME_POINTER) return state;
  const held = [...state.held];
  held[register] = value;
  return { ...state, held };
}

/** The state after an instruction; `touch` is told every place of the frame that it names. */
function transfer(insn: Insn, state: State, touch: (offset: number) => void): State {
  const note = (offset: number): void => {
    if (offset < 0 && offset >= -MAX_FRAME_BYTES) touch(offset);
  };
  const reach = (base: number, offset: number): void => {
    const at = heldIn(state, base);
    if (typeof at === 'number') note(at + offset);
  };
  const store = (base: number, offset: number, size: number): State => {
    reach(base, offset);
    const at = heldIn(state, base);
    if (at === undefined) return state;
    return { ...state, written: state.written | (at === 'somewhere' ? ALL_WRITTEN : bytesMask(at + offset, size)) };
  };
  switch (insn.kind) {
    case 'alu': {
      const own = heldIn(state, insn.dst);
      const other = insn.src.kind === 'reg' ? heldIn(state, insn.src.reg) : undefined;
      if (insn.width !== 64) return hold(state, insn.dst, undefined);
      if (insn.fn === 'mov') return hold(state, insn.dst, other);
      if (insn.fn === 'add' && insn.src.kind === 'imm' && typeof own === 'number') {
        note(own + insn.src.value);
        return hold(state, insn.dst, own + insn.src.value);
      }
      const kept = own !== undefined || other !== undefined;
      return hold(state, insn.dst, kept ? 'somewhere' : undefined);
    }
    case 'load':
    case 'load-acquire': {
      reach(insn.base, insn.offset);
      return hold(state, insn.dst, undefined);
    }
    case 'store':
    case 'store-release':
      return store(insn.base, insn.offset, insn.size);
    case 'atomic':
      return hold(store(insn.base, insn.offset, insn.size), insn.fn === 'cmpxchg' ? 0 : insn.src, undefined);
    case 'neg':
    case 'endian':
    case 'load-imm64':
    case 'addr-space-cast':
      return hold(state, insn.dst, undefined);
    case 'call-helper':
    case 'call-local':
    case 'call-kfunc':
    case 'call-indirect': {
      // Whoever gets an address of the frame may fill from there on.
      let { written } = state;
      for (let register = 1; register <= 5; register++) {
        const at = heldIn(state, register);
        if (at !== undefined) written |= at === 'somewhere' ? ALL_WRITTEN : bytesMask(at, MAX_FRAME_BYTES);
      }
      return { written, held: state.held.map((value, register) => (register <= 5 ? undefined : value)) };
    }
    default:
      return state;
  }
}

/** The frame's size, from one pass in order. */
function measure(insns: DecodedProgram): number {
  let deepest = 0;
  let state = START;
  for (const insn of insns) {
    if (insn === undefined) continue;
    state = transfer(insn, state, (offset) => {
      if (offset < deepest) deepest = offset;
    });
  }
  return Math.ceil(-deepest / FRAME_ALIGN) * FRAME_ALIGN;
}

function merge(a: State, b: State): State {
  const held = a.held.map((value, register) => {
    const other = b.held[register];
    if (value === other) return value;
    return value === undefined && other === undefined ? undefined : 'somewhere';
  });
  return { written: a.written | b.written, held };
}

function same(a: State, b: State): boolean {
  return a.written === b.written && a.held.every((value, register) => value === b.held[register]);
}

/** States before each slot: the union over all paths from the function's start. */
function analyse(insns: DecodedProgram): readonly (State | undefined)[] {
  const states: (State | undefined)[] = new Array(insns.length);
  states[0] = START;
  const work = [0];
  let budget = insns.length * MAX_VISITS;
  for (let slot = work.pop(); slot !== undefined; slot = work.pop()) {
    const insn = insns[slot];
    const before = states[slot];
    if (insn === undefined || before === undefined) continue;
    if (budget-- <= 0) return [];
    const after = transfer(insn, before, () => undefined);
    for (const edge of slotEdges(insn)) {
      if (!(edge.slot >= 0 && edge.slot < insns.length)) continue;
      const known = states[edge.slot];
      const merged = known === undefined ? after : merge(known, after);
      if (known !== undefined && same(known, merged)) continue;
      states[edge.slot] = merged;
      work.push(edge.slot);
    }
  }
  return states;
}
