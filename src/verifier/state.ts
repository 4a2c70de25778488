// The state of one path: frames of registers and stack, what is held (references, locks, regions), and how the path got here.
// States are mutable but share frames until one of them writes (copy on write), so that a branch costs a few references.
// Source of truth: include/linux/bpf_verifier.h struct bpf_verifier_state and bpf_func_state.

import type { Btf } from '../object/index.ts';
import type { MapInfo } from './map-info.ts';
import { Kind, NOT_INIT, Reg } from './reg.ts';
import { ZERO } from './scalar.ts';
import { EMPTY_SLOT, type StackSlot } from './stack-slot.ts';

export const REGISTERS = 11;
export const FRAME_POINTER = 10;
/** Call site of a function that nobody calls: the entry, or a global function verified on its own. */
export const NO_CALLSITE = -1;

/** Something acquired that must be given back. */
export interface Held {
  readonly kind: 'pointer' | 'irq' | 'lock' | 'res-lock' | 'res-lock-irq';
  readonly id: number;
  /** Slot of the acquiring instruction. */
  readonly slot: number;
  /** What a lock is in: the map, or the program's types for an allocated object. */
  readonly owner?: MapInfo | Btf;
}

export interface ReturnRange {
  readonly min: number;
  readonly max: number;
}

/** How a frame came to be. */
export type FrameRole = 'function' | 'callback' | 'tree-callback' | 'async-callback' | 'exception-callback';

export class Frame {
  readonly number: number;
  readonly subprogram: number;
  /** Slot of the call, or NO_CALLSITE. */
  readonly callsite: number;
  role: FrameRole = 'function';
  returnRange: ReturnRange = { min: 0, max: 0 };
  /** How deep asynchronous callbacks are nested. */
  asyncEntries = 0;
  /** Times that a callback was entered from here. */
  callbackDepth = 0;
  regs: Reg[];
  /** Slot i is the eight bytes at fp - 8 * (i + 1). */
  stack: StackSlot[];
  /** More than one state refers to this object: copy before writing. */
  shared = false;

  constructor(number: number, subprogram: number, callsite: number, regs: Reg[], stack: StackSlot[]) {
    this.number = number;
    this.subprogram = subprogram;
    this.callsite = callsite;
    this.regs = regs;
    this.stack = stack;
  }

  static entered(number: number, subprogram: number, callsite: number): Frame {
    const regs = new Array<Reg>(REGISTERS).fill(NOT_INIT);
    regs[FRAME_POINTER] = new Reg(Kind.stack, ZERO, 0, 0, 0, false, number);
    return new Frame(number, subprogram, callsite, regs, []);
  }

  copy(): Frame {
    const copy = new Frame(this.number, this.subprogram, this.callsite, this.regs.slice(), this.stack.slice());
    copy.role = this.role;
    copy.returnRange = this.returnRange;
    copy.asyncEntries = this.asyncEntries;
    copy.callbackDepth = this.callbackDepth;
    return copy;
  }

  /** The slot, EMPTY_SLOT where the stack has not been touched yet. */
  slotAt(spi: number): StackSlot {
    return this.stack[spi] ?? EMPTY_SLOT;
  }
}

/** A register or stack slot that belongs to a group of linked scalars. */
export interface LinkedPlace {
  readonly frame: number;
  readonly where: 'reg' | 'slot';
  readonly index: number;
}

/** One remembered instruction of the path since the last checkpoint, newest first. Only the newest is ever changed. */
export interface HistoryEntry {
  readonly slot: number;
  readonly previousSlot: number;
  readonly older: HistoryEntry | undefined;
  readonly count: number;
  /** The instruction accessed this stack slot as a register. */
  stackSpi: number;
  stackFrame: number;
  sourceIsStack: boolean;
  targetIsStack: boolean;
  linked: readonly LinkedPlace[] | undefined;
}

export class State {
  frames: Frame[] = [];
  held: readonly Held[] = [];
  /** Number of bpf_spin_lock and bpf_res_spin_lock held; the innermost one is `lockId` in `lockOwner`. */
  locks = 0;
  lockId = 0;
  lockOwner: MapInfo | Btf | undefined;
  rcuDepth = 0;
  preemptDepth = 0;
  irqId = 0;
  /** Paths that lead on from here and are not finished. */
  branches = 1;
  parent: State | undefined;
  /** In a remembered state: the slot it is for. */
  slot = 0;
  firstSlot = 0;
  lastSlot = -1;
  depth = 0;
  mayGotoDepth = 0;
  callbackUnrolls = 0;
  history: HistoryEntry | undefined;
  /** In the copy kept for a back edge: the remembered state that it equals. */
  equal: State | undefined;
  /** Stack slots read (in a remembered state: by what follows it) and written since the last checkpoint, 64 bits per frame. */
  stackReads: number[] = [];
  stackWrites: number[] = [];
  /** Bookkeeping of remembered states. */
  hits = 0;
  misses = 0;
  dropped = false;
  cleaned = false;

  get current(): number {
    return this.frames.length - 1;
  }

  /** The frame, made this state's own. */
  own(number: number): Frame {
    const frame = this.frames[number]!;
    if (!frame.shared) return frame;
    return (this.frames[number] = frame.copy());
  }

  /** A state that continues from the same place; both share the frames until they write. */
  copy(): State {
    const copy = new State();
    for (const frame of this.frames) frame.shared = true;
    copy.frames = this.frames.slice();
    copy.held = this.held;
    copy.locks = this.locks;
    copy.lockId = this.lockId;
    copy.lockOwner = this.lockOwner;
    copy.rcuDepth = this.rcuDepth;
    copy.preemptDepth = this.preemptDepth;
    copy.irqId = this.irqId;
    copy.branches = this.branches;
    copy.parent = this.parent;
    copy.slot = this.slot;
    copy.firstSlot = this.firstSlot;
    copy.lastSlot = this.lastSlot;
    copy.depth = this.depth;
    copy.mayGotoDepth = this.mayGotoDepth;
    copy.callbackUnrolls = this.callbackUnrolls;
    copy.history = this.history;
    copy.equal = this.equal;
    copy.stackReads = this.stackReads.slice();
    copy.stackWrites = this.stackWrites.slice();
    return copy;
  }
}

/** Slot at which a frame of a remembered state stands: the state's own, or the call that it waits in. */
export function slotOfFrame(state: State, frame: number): number {
  return frame === state.frames.length - 1 ? state.slot : state.frames[frame + 1]!.callsite;
}

/** Every register and spilled register of a state, replaced by what `replace` gives; frames are copied only on a change. */
export function mapRegisters(state: State, replace: (reg: Reg, frame: Frame) => Reg, spilled: SpillMaker): void {
  for (let number = 0; number < state.frames.length; number++) {
    let frame = state.frames[number]!;
    for (let i = 0; i < REGISTERS; i++) {
      const reg = frame.regs[i]!;
      const next = replace(reg, frame);
      if (next !== reg) {
        frame = state.own(number);
        frame.regs[i] = next;
      }
    }
    for (let spi = 0; spi < frame.stack.length; spi++) {
      const slot = frame.stack[spi]!;
      if (!slot.isSpill) continue;
      const next = replace(slot.reg, frame);
      if (next !== slot.reg) {
        frame = state.own(number);
        frame.stack[spi] = spilled(slot, next);
      }
    }
  }
}

export type SpillMaker = (slot: StackSlot, reg: Reg) => StackSlot;
