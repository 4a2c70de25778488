// Precision: when a value decides something (a branch, an offset, a return value), every earlier value that it was computed from
// must be compared exactly when states are merged. The marks are found by walking the path back, instruction by instruction.
// Source of truth: kernel/bpf/verifier.c mark_chain_precision and backtrack_insn.

import { Bug } from '../base/index.ts';
import type { Insn } from '../isa/index.ts';
import type { Env } from './env.ts';
import { stateText } from './print.ts';
import { functionAt, Mark } from './program.ts';
import { change, Kind } from './reg.ts';
import { Byte, StackSlot } from './stack-slot.ts';
import { FRAME_POINTER, type HistoryEntry, type LinkedPlace, NO_CALLSITE, REGISTERS, type State } from './state.ts';

const ARGUMENTS = 0x3e;

/** Remembers the instruction being verified in the history of its path, or adds to what is remembered of it. */
export function remember(env: Env): HistoryEntry {
  if (env.historyEntry !== undefined) return env.historyEntry;
  const older = env.state.history;
  const entry: HistoryEntry = {
    slot: env.slot,
    previousSlot: env.previousSlot,
    older,
    count: (older?.count ?? 0) + 1,
    stackSpi: -1,
    stackFrame: 0,
    sourceIsStack: false,
    targetIsStack: false,
    linked: undefined,
  };
  env.state.history = entry;
  env.historyEntry = entry;
  return entry;
}

/** Notes that the instruction moved a register to or from this stack slot. */
export function rememberStackAccess(env: Env, frame: number, spi: number): void {
  const entry = remember(env);
  entry.stackSpi = spi;
  entry.stackFrame = frame;
}

/** Registers (16 bits) and stack slots (64 bits) still to be traced, by frame. */
class Wanted {
  frame: number;
  readonly regs: number[] = [];
  readonly low: number[] = [];
  readonly high: number[] = [];

  constructor(frame: number) {
    this.frame = frame;
    for (let i = 0; i <= frame; i++) this.grow();
  }

  grow(): void {
    this.regs.push(0);
    this.low.push(0);
    this.high.push(0);
  }

  get empty(): boolean {
    for (let i = 0; i <= this.frame; i++) if ((this.regs[i]! | this.low[i]! | this.high[i]!) !== 0) return false;
    return true;
  }

  hasReg(reg: number): boolean {
    return (this.regs[this.frame]! & (1 << reg)) !== 0;
  }

  addReg(reg: number, frame = this.frame): void {
    while (this.regs.length <= frame) this.grow();
    this.regs[frame]! |= 1 << reg;
  }

  dropReg(reg: number, frame = this.frame): void {
    this.regs[frame]! &= ~(1 << reg);
  }

  hasSlot(spi: number, frame: number): boolean {
    return spi < 32 ? (this.low[frame]! & (1 << spi)) !== 0 : (this.high[frame]! & (1 << (spi - 32))) !== 0;
  }

  addSlot(spi: number, frame: number): void {
    while (this.regs.length <= frame) this.grow();
    if (spi < 32) this.low[frame]! |= 1 << spi;
    else this.high[frame]! |= 1 << (spi - 32);
  }

  dropSlot(spi: number, frame: number): void {
    if (spi < 32) this.low[frame]! &= ~(1 << spi);
    else this.high[frame]! &= ~(1 << (spi - 32));
  }

  hasPlace(place: LinkedPlace): boolean {
    return place.where === 'reg'
      ? ((this.regs[place.frame] ?? 0) & (1 << place.index)) !== 0
      : place.frame < this.low.length && this.hasSlot(place.index, place.frame);
  }

  addPlace(place: LinkedPlace): void {
    if (place.where === 'reg') this.addReg(place.index, place.frame);
    else this.addSlot(place.index, place.frame);
  }

  enter(): void {
    this.frame++;
    if (this.regs.length <= this.frame) this.grow();
  }

  regsText(frame = this.frame): string {
    const names: string[] = [];
    for (let i = 0; i < 32; i++) if ((this.regs[frame]! & (1 << i)) !== 0) names.push(`r${i}`);
    return names.join(',');
  }

  slotsText(frame = this.frame): string {
    const names: string[] = [];
    for (let i = 0; i < 64; i++) if (this.hasSlot(i, frame)) names.push(`${-(i + 1) * 8}`);
    return names.join(',');
  }
}

/** Marks what the register's value was computed from; the register must hold a number. */
export function markPrecise(env: Env, reg: number): void {
  const wanted = new Wanted(env.state.current);
  if (reg >= 0) wanted.addReg(reg);
  trace(env, env.state, wanted, env.slot);
}

/** The same for a number spilled to the stack. */
export function markSlotPrecise(env: Env, frame: number, spi: number): void {
  const wanted = new Wanted(env.state.current);
  wanted.addSlot(spi, frame);
  trace(env, env.state, wanted, env.slot);
}

/**
 * Carries the precision of a remembered state over to the path that ended at it. Gives whether any mark was new.
 * `at` is the slot where the two met.
 */
export function propagatePrecision(env: Env, old: State, current: State, at: number): boolean {
  const wanted = new Wanted(current.current);
  for (let number = old.current; number >= 0; number--) {
    const frame = old.frames[number]!;
    const names: string[] = [];
    for (let i = 0; i < FRAME_POINTER; i++) {
      const reg = frame.regs[i]!;
      if (!reg.isScalar || !reg.precise) continue;
      names.push(`r${i}`);
      wanted.addReg(i, number);
    }
    for (let spi = 0; spi < frame.stack.length; spi++) {
      const slot = frame.stack[spi]!;
      if (!slot.isSpill || !slot.reg.isScalar || !slot.reg.precise) continue;
      names.push(`fp${-(spi + 1) * 8}`);
      wanted.addSlot(spi, number);
    }
    if (names.length > 0 && env.log.level === 2) env.log.write(`frame ${number}: propagating ${names.join(',')}\n`);
  }
  return trace(env, current, wanted, at);
}

/** Walks back from `at`, where `start` stands. Gives whether any mark was new. */
function trace(env: Env, start: State, wanted: Wanted, at: number): boolean {
  if (wanted.empty) return false;
  const verbose = env.log.level === 2;
  let changed = false;
  let state: State = start;
  let lastSlot = at;
  let firstSlot = state.firstSlot;
  let subsequent = -1;
  let skipFirst = true;

  for (;;) {
    let history = state.history;
    if (verbose)
      env.log.write(
        `mark_precise: frame${wanted.frame}: last_idx ${lastSlot} first_idx ${firstSlot} subseq_idx ${subsequent} \n`,
      );
    if (lastSlot < 0) return traceIntoEntry(state, wanted) || changed;
    let slot = lastSlot;
    for (;;) {
      if (skipFirst) skipFirst = false;
      else {
        const entry = history !== undefined && history.slot === slot ? history : undefined;
        if (!stepBack(env, slot, subsequent, entry, wanted)) {
          markEverything(env, start);
          return true;
        }
      }
      if (wanted.empty) return changed;
      subsequent = slot;
      // The first instruction after a checkpoint ends the walk through this state.
      if (slot === state.firstSlot) {
        if (history === undefined) break;
        if (history.count === 1 && history.slot === slot) break;
      }
      if (history !== undefined && history.slot === slot) {
        slot = history.previousSlot;
        history = history.older;
      } else slot--;
      if (slot < 0) break;
    }
    const parent = state.parent;
    if (parent === undefined) break;
    state = parent;
    if (markInState(env, state, wanted, verbose)) changed = true;
    if (wanted.empty) return changed;
    subsequent = firstSlot;
    lastSlot = state.lastSlot;
    firstSlot = state.firstSlot;
  }
  // Something could not be traced to its origin: be safe.
  markEverything(env, start);
  return true;
}

/** A global function on its own: its arguments are where the walk ends. */
function traceIntoEntry(state: State, wanted: Wanted): boolean {
  const frame = state.frames[0]!;
  if (state.current !== 0 || frame.subprogram === 0 || frame.callsite !== NO_CALLSITE)
    throw new Bug('precision walk left the program');
  let changed = false;
  for (let i = 1; i <= 5; i++) {
    if (!wanted.hasReg(i)) continue;
    const reg = state.frames[0]!.regs[i]!;
    if (reg.isScalar && !reg.precise) {
      state.own(0).regs[i] = change(reg, { precise: true });
      changed = true;
    }
  }
  return changed;
}

/** Marks the wanted places of a remembered state; places that are no numbers, or marked already, are done with. */
function markInState(env: Env, state: State, wanted: Wanted, verbose: boolean): boolean {
  let changed = false;
  for (let number = wanted.frame; number >= 0; number--) {
    const frame = state.frames[number];
    if (frame === undefined) throw new Bug('precision walk in a frame that does not exist');
    let regs = wanted.regs[number]!;
    for (let i = 0; regs !== 0; i++, regs >>>= 1) {
      if ((regs & 1) === 0) continue;
      const reg = state.frames[number]!.regs[i]!;
      if (!reg.isScalar || reg.precise) wanted.dropReg(i, number);
      else {
        state.own(number).regs[i] = change(reg, { precise: true });
        changed = true;
      }
    }
    for (let spi = 0; spi < 64; spi++) {
      if (!wanted.hasSlot(spi, number)) continue;
      const slot = state.frames[number]!.stack[spi];
      if (slot === undefined || !slot.isSpill || !slot.reg.isScalar || slot.reg.precise) wanted.dropSlot(spi, number);
      else {
        state.own(number).stack[spi] = new StackSlot(slot.types, change(slot.reg, { precise: true }));
        changed = true;
      }
    }
    if (verbose)
      env.log.write(
        `mark_precise: frame${number}: parent state regs=${wanted.regsText(number)} stack=${wanted.slotsText(number)}: ${stateText(state, number, 'all')}\n`,
      );
  }
  return changed;
}

/** Every number in every remembered state that the path went through. */
export function markEverything(env: Env, start: State): void {
  if (env.log.level === 2)
    env.log.write(`mark_precise: frame${start.current}: falling back to forcing all scalars precise\n`);
  for (let state = start.parent; state !== undefined; state = state.parent) {
    for (let number = 0; number <= state.current; number++) {
      for (let i = 0; i < FRAME_POINTER; i++) {
        const reg = state.frames[number]!.regs[i]!;
        if (!reg.isScalar || reg.precise) continue;
        state.own(number).regs[i] = change(reg, { precise: true });
        if (env.log.level === 2) env.log.write(`force_precise: frame${number}: forcing r${i} to be precise\n`);
      }
      const { length } = state.frames[number]!.stack;
      for (let spi = 0; spi < length; spi++) {
        const slot = state.frames[number]!.stack[spi]!;
        if (!slot.isSpill || !slot.reg.isScalar || slot.reg.precise) continue;
        state.own(number).stack[spi] = new StackSlot(slot.types, change(slot.reg, { precise: true }));
        if (env.log.level === 2)
          env.log.write(`force_precise: frame${number}: forcing fp${-(spi + 1) * 8} to be precise\n`);
      }
    }
  }
}

/** A checkpoint starts without marks; they come back where something later needs them. */
export function forgetPrecision(state: State): void {
  for (let number = 0; number <= state.current; number++) {
    let frame = state.frames[number]!;
    for (let i = 0; i < REGISTERS; i++) {
      const reg = frame.regs[i]!;
      if (reg.precise && reg.isScalar) {
        frame = state.own(number);
        frame.regs[i] = change(reg, { precise: false });
      }
    }
    for (let spi = 0; spi < frame.stack.length; spi++) {
      const slot = frame.stack[spi]!;
      if (slot.reg.precise && slot.reg.isScalar && slot.isSpill) {
        frame = state.own(number);
        frame.stack[spi] = new StackSlot(slot.types, change(slot.reg, { precise: false }));
      }
    }
  }
}

/** If one of a group of linked numbers is wanted, all are: each was used to narrow the others. */
function spreadLinks(wanted: Wanted, entry: HistoryEntry | undefined): void {
  const linked = entry?.linked;
  if (linked === undefined) return;
  if (linked.some((place) => wanted.hasPlace(place))) for (const place of linked) wanted.addPlace(place);
}

/** Undoes one instruction on the set of wanted places. False when the value cannot be followed further. */
function stepBack(
  env: Env,
  slot: number,
  subsequent: number,
  entry: HistoryEntry | undefined,
  wanted: Wanted,
): boolean {
  const insn = env.program.insns[slot];
  if (insn === undefined) return true;
  if (env.log.level === 2)
    env.log.write(
      `mark_precise: frame${wanted.frame}: regs=${wanted.regsText()} stack=${wanted.slotsText()} before ${slot}: ${env.insnText(slot)}\n`,
    );
  spreadLinks(wanted, entry);
  const followed = undo(env, insn, subsequent, entry, wanted);
  if (followed === 'done') return true;
  if (followed === 'lost') return false;
  spreadLinks(wanted, entry);
  return true;
}

type Followed = 'on' | 'done' | 'lost';

function undo(env: Env, insn: Insn, subsequent: number, entry: HistoryEntry | undefined, wanted: Wanted): Followed {
  switch (insn.kind) {
    case 'alu': {
      if (!wanted.hasReg(insn.dst)) return 'done';
      const isMove = insn.fn === 'mov' || insn.fn.startsWith('movsx');
      if (isMove) wanted.dropReg(insn.dst);
      if (insn.src.kind === 'reg' && insn.src.reg !== FRAME_POINTER) wanted.addReg(insn.src.reg);
      return 'on';
    }
    case 'addr-space-cast':
      if (!wanted.hasReg(insn.dst)) return 'done';
      wanted.dropReg(insn.dst);
      wanted.addReg(insn.src);
      return 'on';
    case 'neg':
    case 'endian':
      return 'done';
    case 'load':
    case 'load-acquire':
      return undoLoad(insn.dst, entry, wanted);
    case 'atomic':
      if (insn.fetch) return undoLoad(insn.fn === 'cmpxchg' ? 0 : insn.src, entry, wanted);
      return undoStore(insn.base, insn.src, entry, wanted);
    case 'store':
      return undoStore(insn.base, insn.src.kind === 'reg' ? insn.src.reg : undefined, entry, wanted);
    case 'store-release':
      return undoStore(insn.base, insn.src, entry, wanted);
    case 'load-imm64':
      wanted.dropReg(insn.dst);
      return 'done';
    case 'jump-if': {
      if (insn.src.kind === 'imm') return 'on';
      if (!wanted.hasReg(insn.dst) && !wanted.hasReg(insn.src.reg)) return 'done';
      if (entry?.sourceIsStack !== true) wanted.addReg(insn.src.reg);
      if (entry?.targetIsStack !== true) wanted.addReg(insn.dst);
      return 'on';
    }
    case 'call-local':
      return undoLocalCall(env, insn.target, wanted);
    case 'call-helper': {
      if (env.helpers.callbackKind(insn.helper) === 'sync' && insn.slot !== subsequent - 1) return undoCallback(wanted);
      wanted.dropReg(0);
      if ((wanted.regs[wanted.frame]! & ARGUMENTS) !== 0) return 'lost';
      return 'on';
    }
    case 'call-kfunc': {
      const name = env.kfuncs.nameAt(insn.slot);
      if (env.kfuncs.callsBack(name) && insn.slot !== subsequent - 1) return undoCallback(wanted);
      wanted.dropReg(0);
      if ((wanted.regs[wanted.frame]! & ARGUMENTS) !== 0) return 'lost';
      return 'on';
    }
    case 'exit': {
      const caller = subsequent - 1 >= 0 ? env.program.insns[subsequent - 1] : undefined;
      const returnsToCall = caller?.kind === 'call-local';
      const wantsResult = returnsToCall && wanted.hasReg(0);
      // Out of a callback: the helper that calls it sets its arguments.
      if (subsequent >= 0 && (env.program.marks[subsequent]! & Mark.callsBack) !== 0)
        wanted.regs[wanted.frame]! &= ~ARGUMENTS;
      wanted.dropReg(0);
      wanted.enter();
      if (wantsResult) wanted.addReg(0);
      return 'done';
    }
    case 'packet-load':
      return wanted.hasReg(0) ? 'lost' : 'done';
    case 'jump':
    case 'may-goto':
    case 'jump-indirect':
    case 'call-indirect':
    case 'invalid':
      return 'on';
  }
}

function undoLoad(loaded: number, entry: HistoryEntry | undefined, wanted: Wanted): Followed {
  if (!wanted.hasReg(loaded)) return 'done';
  wanted.dropReg(loaded);
  // What comes from anywhere but a spilled register is unknown, and as such exact.
  if (entry === undefined || entry.stackSpi < 0) return 'done';
  wanted.addSlot(entry.stackSpi, entry.stackFrame);
  return 'on';
}

function undoStore(
  base: number,
  stored: number | undefined,
  entry: HistoryEntry | undefined,
  wanted: Wanted,
): Followed {
  // A wanted register is a number and can be no address: something could not be followed.
  if (wanted.hasReg(base)) return 'lost';
  if (entry === undefined || entry.stackSpi < 0) return 'done';
  if (entry.stackFrame >= wanted.low.length || !wanted.hasSlot(entry.stackSpi, entry.stackFrame)) return 'done';
  wanted.dropSlot(entry.stackSpi, entry.stackFrame);
  if (stored !== undefined) wanted.addReg(stored);
  return 'on';
}

function undoLocalCall(env: Env, target: number, wanted: Wanted): Followed {
  const callee = functionAt(env.program, target);
  if (callee.linkage === 'global' && callee.index > 0 && env.hasFunctionInfo) {
    wanted.dropReg(0);
    return 'done';
  }
  // The callee's arguments are the caller's registers.
  const args = wanted.regs[wanted.frame]! & ARGUMENTS;
  if (wanted.frame === 0) return 'lost';
  if (wanted.regs[wanted.frame] !== args || (wanted.low[wanted.frame]! | wanted.high[wanted.frame]!) !== 0)
    return 'lost';
  wanted.regs[wanted.frame] = 0;
  wanted.frame--;
  wanted.regs[wanted.frame]! |= args;
  return 'done';
}

/** Into a callback's caller: what the callback was given is unknown there. */
function undoCallback(wanted: Wanted): Followed {
  if (wanted.frame === 0) return 'lost';
  wanted.regs[wanted.frame] = 0;
  wanted.low[wanted.frame] = 0;
  wanted.high[wanted.frame] = 0;
  wanted.frame--;
  return 'done';
}

/** Whether a slot holds a spilled number. */
export const isSpilledScalar = (slot: StackSlot): boolean => slot.top === Byte.spill && slot.reg.type === Kind.scalar;
