// The engine that runs compiled programs for a machine: compiles at first use, moves registers between the machine and compiled
// code, answers the calls that compiled code makes, and leaves to the interpreter what compiled code cannot start or finish.

import type { Engine, EngineFactory } from '../api.ts';
import { interpret } from '../interpreter.ts';
import type { Code } from '../lower.ts';
import { type Machine, SIGNAL } from '../machine.ts';
import { OP } from '../op.ts';
import { STOP, type Stop } from '../stop.ts';
import { type CompiledProgram, compileProgram } from './compile.ts';
import { type EngineCalls, OUTCOME, REGISTERS, SCRATCH } from './layout.ts';

/** The compiled function. */
export type RunFunction = (entry: number, left: number, depth: number) => number;

/** Makes a compiled function of a module; its imports are `calls`, and `memory`, as "env". host/ knows how. */
export type Instantiate = (module: Uint8Array, memory: unknown, calls: EngineCalls) => RunFunction;

/** An engine for machines whose memory came from a factory of the same host. */
export function wasmEngine(instantiate: Instantiate): EngineFactory {
  return (machine) => new WasmEngine(machine as Machine, instantiate);
}

/** Of one frame; compiled code writes to frames without marking them as changed. */
const STACK_BYTES = 512;

/** Budgets are passed in 32 bits. */
const LARGEST_BUDGET = 1 << 30;
const HALF_WORDS = 2 * REGISTERS;
const FIRST_WORD = SCRATCH.registers >> 2;

interface Ready {
  readonly program: CompiledProgram;
  readonly run: RunFunction;
}

class WasmEngine implements Engine {
  readonly #m: Machine;
  readonly #instantiate: Instantiate;
  /** By program number; null where there is nothing to run. */
  readonly #ready = new Map<number, Ready | null>();

  constructor(machine: Machine, instantiate: Instantiate) {
    this.#m = machine;
    this.#instantiate = instantiate;
  }

  run(budget: number): boolean {
    const m = this.#m;
    if (m.memory.linear.native === undefined || this.#compiled(m.code) === null) return false;
    for (const stack of m.stacks) m.memory.touched(stack, STACK_BYTES);
    this.#go(budget);
    m.memory.i32.fill(0, FIRST_WORD, SCRATCH.end >> 2);
    return true;
  }

  #go(budget: number): void {
    const m = this.#m;
    let left = budget;
    while (left > 0) {
      const ready = this.#compiled(m.code);
      const entry = ready?.program.entryOf(m.pc);
      if (ready === null || entry === undefined) {
        // In the middle of a block, or in a program without compiled code: one instruction by the interpreter.
        if (this.#stop(interpret(m, 1))) return;
        left--;
        continue;
      }
      const chunk = Math.min(left, LARGEST_BUDGET);
      this.#toScratch();
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
    const program = compileProgram(code, (register) => m.regs64[register]!);
    const calls = this.#calls(code, () => program);
    const ready =
      program === undefined ? null : { program, run: this.#instantiate(program.bytes, m.memory.linear.native, calls) };
    this.#ready.set(code.index, ready);
    return ready;
  }

  /** Registers r0 to r10 as halves, which copies without making a bigint of each. */
  #toScratch(): void {
    const { regs32, memory } = this.#m;
    const words = memory.i32;
    for (let half = 0; half < HALF_WORDS; half++) words[FIRST_WORD + half] = regs32[half]!;
  }
  #fromScratch(): void {
    const { regs32, memory } = this.#m;
    const words = memory.i32;
    for (let half = 0; half < HALF_WORDS; half++) regs32[half] = words[FIRST_WORD + half]!;
  }

  #calls(code: Code, program: () => CompiledProgram | undefined): EngineCalls {
    const m = this.#m;
    const begin = (column: number) => {
      this.#fromScratch();
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
        this.#toScratch();
        return 1;
      },
      enter: (column) => {
        begin(column);
        if (!m.enter(code.target[column]!)) return 0;
        this.#toScratch();
        return 1;
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
        return entry;
      },
      mayGoto: () => (m.mayGoto() ? 1 : 0),
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
      return m.loadSlowly(dst, src, off, 1, false);
    case OP.load16:
      return m.loadSlowly(dst, src, off, 2, false);
    case OP.load32:
      return m.loadSlowly(dst, src, off, 4, false);
    case OP.load64:
      return m.loadSlowly(dst, src, off, 8, false);
    case OP.loadSigned8:
      return m.loadSlowly(dst, src, off, 1, true);
    case OP.loadSigned16:
      return m.loadSlowly(dst, src, off, 2, true);
    case OP.loadSigned32:
      return m.loadSlowly(dst, src, off, 4, true);
    case OP.loadContext:
      return m.loadWithContextQuirks(dst, src, off, code.target[column]!);
    case OP.store8:
      return m.storeSlowly(dst, src, off, 1);
    case OP.store16:
      return m.storeSlowly(dst, src, off, 2);
    case OP.store32:
      return m.storeSlowly(dst, src, off, 4);
    case OP.store64:
      return m.storeSlowly(dst, src, off, 8);
    case OP.atomic32:
      return m.atomic(dst, src, off, code.target[column]!, 4);
    default:
      return m.atomic(dst, src, off, code.target[column]!, 8);
  }
}
