// The engine that runs compiled programs for a machine: compiles at first use, moves registers between the machine and compiled
// code, answers the calls that compiled code makes, and leaves to the interpreter what compiled code cannot start or finish.

import { highHalf, lowHalf } from '../address.ts';
import type { Engine, EngineFactory } from '../api.ts';
import { interpret } from '../interpreter.ts';
import type { Code } from '../lower.ts';
import { MAY_GOTO_ROUNDS, type Machine, SIGNAL } from '../machine.ts';
import { OP } from '../op.ts';
import { STOP, type Stop } from '../stop.ts';
import { type CompiledProgram, compileProgram } from './compile.ts';
import { type EngineCalls, FRAMES, MOST_FRAMES, OUTCOME, REGISTERS, SCRATCH } from './layout.ts';

/** The compiled function. */
export type RunFunction = (entry: number, left: number, depth: number) => number;

/** Makes a compiled function of a module; its imports are `calls`, and `memory`, as "env". host/ knows how. */
export type Instantiate = (module: Uint8Array, memory: unknown, calls: EngineCalls) => RunFunction;

export interface WasmEngineOptions {
  /** Instructions that a program runs in the interpreter before compiling it pays; 0 compiles at once. */
  readonly compileAfter?: number;
}

/** An engine for machines whose memory came from a factory of the same host. */
export function wasmEngine(instantiate: Instantiate, options: WasmEngineOptions = {}): EngineFactory {
  return (machine) => new WasmEngine(machine as Machine, instantiate, options.compileAfter ?? COMPILE_AFTER);
}

/** Compiling costs about as much as interpreting this many instructions. */
const COMPILE_AFTER = 50_000;

/** Compiled code can start at some places only: single steps that are tried to get to one, and what is interpreted before the next try. */
const STEPS_TO_ENTRY = 64;
const INSNS_BETWEEN_TRIES = 20_000;

/** Of one frame; compiled code writes to frames without marking them as changed. */
const STACK_BYTES = 512;

/** Budgets are passed in 32 bits. */
const LARGEST_BUDGET = 1 << 30;
const FIRST_WORD = SCRATCH.registers >> 2;
const FIRST_REGISTER = SCRATCH.registers >> 3;

/** r6 to r10, in halves. */
const SAVED_HALVES = 10;

/** Index of a 32-bit word of a frame's record. */
const frameWord = (depth: number, offset: number): number => (FRAMES.base + (depth << FRAMES.shift) + offset) >> 2;

interface Ready {
  readonly program: CompiledProgram;
  readonly run: RunFunction;
  /** Whether it opens frames by itself. */
  readonly hasFrames: boolean;
}

class WasmEngine implements Engine {
  readonly #m: Machine;
  readonly #instantiate: Instantiate;
  /** By program number; null where there is nothing to run. */
  readonly #ready = new Map<number, Ready | null>();
  /** By program number: instructions still to be interpreted before it is compiled. */
  readonly #untilCompiled = new Map<number, number>();
  readonly #compileAfter: number;
  /** Frames up to this depth are the machine's own. */
  #base = 0;

  constructor(machine: Machine, instantiate: Instantiate, compileAfter: number) {
    this.#m = machine;
    this.#instantiate = instantiate;
    this.#compileAfter = compileAfter;
  }

  run(budget: number): boolean {
    const m = this.#m;
    if (m.memory.linear.native === undefined) return false;
    const left = this.#warmUp(budget);
    if (left <= 0) return true;
    m.stackTops.forEach((top, depth) => {
      m.memory.touched(top - STACK_BYTES, STACK_BYTES);
      if (depth < MOST_FRAMES) m.memory.i32[frameWord(depth, FRAMES.stackTop)] = top;
    });
    this.#go(left);
    m.memory.i32.fill(0, FIRST_WORD, SCRATCH.end >> 2);
    m.memory.i32.fill(0, frameWord(0, 0), frameWord(MOST_FRAMES, 0));
    return true;
  }

  /** Interprets a program that has not run long enough yet; gives what is left of the budget, 0 when the call is over. */
  #warmUp(budget: number): number {
    const m = this.#m;
    const program = m.code.index;
    const wanted = this.#untilCompiled.get(program) ?? this.#compileAfter;
    if (wanted <= 0) return budget;
    const used = this.#interpret(Math.min(budget, wanted));
    this.#untilCompiled.set(program, wanted - Math.abs(used));
    return used < 0 ? 0 : budget - used;
  }

  /** Runs the interpreter for some instructions; gives how many it took, negative when the call is over with them. */
  #interpret(insns: number): number {
    const m = this.#m;
    const before = m.retired;
    const over = this.#stop(interpret(m, insns));
    const used = m.retired - before;
    // An end without an instruction (a fault at the first one) has to show as an end.
    return over ? -Math.max(1, used) : used;
  }

  #go(budget: number): void {
    const m = this.#m;
    let left = budget;
    let steps = 0;
    while (left > 0) {
      const ready = this.#compiled(m.code);
      const entry = ready?.program.entryOf(m.pc);
      if (ready === null || entry === undefined) {
        const step = ready !== null && steps++ % (STEPS_TO_ENTRY + 1) < STEPS_TO_ENTRY;
        const used = this.#interpret(Math.min(left, step ? 1 : INSNS_BETWEEN_TRIES));
        if (used < 0) return;
        left -= used;
        continue;
      }
      steps = 0;
      const chunk = Math.min(left, LARGEST_BUDGET);
      this.#toScratch();
      this.#base = m.depth;
      m.memory.i32[SCRATCH.depth >> 2] = m.depth;
      m.memory.i32[SCRATCH.deepest >> 2] = m.deepest;
      const outcome = ready.run(entry, chunk, m.depth);
      const rest = m.memory.i32[SCRATCH.left >> 2]!;
      const used = chunk - rest;
      left -= used;
      if (outcome === OUTCOME.stopped) {
        const faulted = m.signal === SIGNAL.fault;
        m.retired += faulted ? used - 1 : used;
        if (faulted) return;
        m.signal = SIGNAL.none;
        continue;
      }
      this.#fromScratch();
      if (ready.hasFrames) this.#adoptFrames();
      m.pc = m.memory.i32[SCRATCH.column >> 2]!;
      m.retired += used;
      if (outcome === OUTCOME.ended) {
        m.ended = true;
        return;
      }
      // Not even the next block fits into what is left.
      if (chunk === left + used) {
        this.#stop(interpret(m, left));
        return;
      }
    }
  }

  /** Takes note of how the interpreter stopped; whether the call is over. */
  #stop(stop: Stop): boolean {
    if (stop === STOP.returned) this.#m.ended = true;
    return stop !== STOP.budget;
  }

  #compiled(code: Code): Ready | null {
    const known = this.#ready.get(code.index);
    if (known !== undefined) return known;
    const m = this.#m;
    const program = compileProgram(code, {
      constant: (register) => m.regs64[register]!,
      maxFrames: m.maxFrames,
      mapOf: (pointer) => m.mapAt(highHalf(pointer), lowHalf(pointer))?.layout,
    });
    const hasFrames = code.op.includes(OP.callLocal);
    const calls = this.#calls(code, hasFrames, () => program);
    const ready =
      program === undefined
        ? null
        : { program, run: this.#instantiate(program.bytes, m.memory.linear.native, calls), hasFrames };
    this.#ready.set(code.index, ready);
    return ready;
  }

  #toScratch(): void {
    const { regs64, memory } = this.#m;
    const words = memory.i64;
    for (let register = 0; register < REGISTERS; register++) words[FIRST_REGISTER + register] = regs64[register]!;
  }
  #fromScratch(): void {
    const { regs64, memory } = this.#m;
    const words = memory.i64;
    for (let register = 0; register < REGISTERS; register++) regs64[register] = words[FIRST_REGISTER + register]!;
  }

  /** Tells the machine of the frames that compiled code has opened and closed by itself. */
  #adoptFrames(): void {
    const m = this.#m;
    const { i32 } = m.memory;
    const depth = i32[SCRATCH.depth >> 2]!;
    for (let frame = this.#base + 1; frame <= depth; frame++) {
      const saved = frameWord(frame, FRAMES.saved);
      for (let half = 0; half < SAVED_HALVES; half++) m.saved32[frame * SAVED_HALVES + half] = i32[saved + half]!;
      m.returnSlots[frame] = i32[frameWord(frame, FRAMES.callColumn)]!;
      m.returnCodes[frame] = m.code.index;
      m.functionSlots[frame] = i32[frameWord(frame, FRAMES.functionColumn)]!;
      if (i32[frameWord(frame, FRAMES.fresh)] === 0) continue;
      i32[frameWord(frame, FRAMES.fresh)] = 0;
      m.mayGotoLeft[frame] = MAY_GOTO_ROUNDS;
      m.continuations[frame] = undefined;
    }
    m.depth = depth;
    m.deepest = i32[SCRATCH.deepest >> 2]!;
  }

  #calls(code: Code, hasFrames: boolean, program: () => CompiledProgram | undefined): EngineCalls {
    const m = this.#m;
    const begin = (column: number) => {
      this.#fromScratch();
      if (hasFrames) this.#adoptFrames();
      m.pc = column;
    };
    return {
      access: (column) => {
        begin(column);
        if (!performAccess(m, code, column)) return 0;
        this.#toScratch();
        return 1;
      },
      helper: (column) => {
        begin(column);
        const result = code.calls[code.target[column]!]!(m);
        m.setResult(result);
        if (m.signal !== SIGNAL.none) return 0;
        // Helpers change r0 and nothing else.
        m.memory.i64[FIRST_REGISTER] = m.regs64[0]!;
        return 1;
      },
      enter: (column) => {
        begin(column);
        m.enter(code.target[column]!);
      },
      leave: (column) => {
        begin(column);
        m.leave();
        if (m.signal !== SIGNAL.none) return -1;
        const entry = m.code === code ? program()?.entryOf(m.pc) : undefined;
        if (entry === undefined) {
          // Back in another program, or inside a loop: the engine's own loop goes on from here.
          m.signal = SIGNAL.transfer;
          return -1;
        }
        this.#toScratch();
        this.#base = m.depth;
        return entry;
      },
      mayGoto: () => {
        if (hasFrames) this.#adoptFrames();
        return m.mayGoto() ? 1 : 0;
      },
      trap: (column) => {
        begin(column);
        m.trap(code.target[column]!);
      },
    };
  }
}

/** A memory operation in the machine's way; false when it stopped the program. */
function performAccess(m: Machine, code: Code, column: number): boolean {
  const dst = code.dst[column]!;
  const src = code.src[column]!;
  const off = code.off[column]!;
  switch (code.op[column]) {
    case OP.load8:
      return m.access.loadSlowly(dst, src, off, 1, false);
    case OP.load16:
      return m.access.loadSlowly(dst, src, off, 2, false);
    case OP.load32:
      return m.access.loadSlowly(dst, src, off, 4, false);
    case OP.load64:
      return m.access.loadSlowly(dst, src, off, 8, false);
    case OP.loadSigned8:
      return m.access.loadSlowly(dst, src, off, 1, true);
    case OP.loadSigned16:
      return m.access.loadSlowly(dst, src, off, 2, true);
    case OP.loadSigned32:
      return m.access.loadSlowly(dst, src, off, 4, true);
    case OP.loadContext:
      return m.access.loadWithContextQuirks(dst, src, off, code.target[column]!);
    case OP.store8:
      return m.access.storeSlowly(dst, src, off, 1);
    case OP.store16:
      return m.access.storeSlowly(dst, src, off, 2);
    case OP.store32:
      return m.access.storeSlowly(dst, src, off, 4);
    case OP.store64:
      return m.access.storeSlowly(dst, src, off, 8);
    case OP.atomic32:
      return m.access.atomic(dst, src, off, code.target[column]!, 4);
    default:
      return m.access.atomic(dst, src, off, code.target[column]!, 8);
  }
}
