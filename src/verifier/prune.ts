// Checkpoints: at slots where paths meet, the state is compared with those seen there before. A path that is covered ends; one that
// goes round an endless loop is refused; otherwise the state may be remembered for those that come later.
// Source of truth: kernel/bpf/verifier.c (states.c in later kernels) is_state_visited, SCC handling, propagate_backedges.

import type { Env } from './env.ts';
import { iteratorsDiffer, mayLoop, statesEqual } from './equality.ts';
import { clean, propagateReads, startMarks } from './liveness.ts';
import { forgetPrecision, markEverything, propagatePrecision, remember } from './precision.ts';
import { stateText } from './print.ts';
import { Mark } from './program.ts';
import { groupOf, type Reg, unlinked } from './reg.ts';
import { Byte, StackSlot } from './stack-slot.ts';
import { type State, slotOfFrame } from './state.ts';

/** One stay in a loop: entered by a remembered state, left when everything behind that state is verified. */
interface Visit {
  entry: State | undefined;
  /** Paths that ended at a state of the loop which was not finished, to get its precision later. */
  backEdges: State[];
}

const MAX_ROUNDS = 64;
const LONG_HISTORY = 40;

export class Checkpoints {
  readonly #env: Env;
  readonly #visits = new Map<string, Visit>();
  /** Back edges of all visits together. */
  #openEdges = 0;
  /** Chains of the main function, by component. */
  readonly #shallowChains: string[] = [];

  constructor(env: Env) {
    this.#env = env;
    const { length } = env.program;
    env.explored = new Array(length).fill(undefined);
  }

  #bucket(slot: number, state: State): number {
    const callsite = state.frames[state.current]!.callsite;
    return ((slot ^ callsite) >>> 0) % this.#env.program.length;
  }

  /** Whether the path ends here because it is covered. */
  visit(slot: number): boolean {
    const env = this.#env;
    const current = env.state;
    const forced = (env.program.marks[slot]! & Mark.checkpoint) !== 0;
    const mustAdd = env.remembersEveryState || forced || (current.history?.count ?? 0) > LONG_HISTORY;
    let add = mustAdd;
    if (env.jumps - env.jumpsAtCheckpoint >= 2 && env.processed - env.processedAtCheckpoint >= 8) add = true;

    const bucket = this.#bucket(slot, current);
    let list = env.explored[bucket];
    if (list !== undefined) this.#cleanFinished(list, slot, current);
    let seen = 0;
    for (let i = 0; list !== undefined && i < list.length; ) {
      // Newest first, as the kernel keeps them.
      const old = list[list.length - 1 - i]!;
      seen++;
      if (old.slot !== slot) {
        i++;
        continue;
      }
      const outcome = this.#compare(slot, old, current);
      if (outcome !== 'miss' && outcome !== 'unfinished') {
        old.hits++;
        this.#end(slot, old, current, outcome === 'covered-in-loop');
        return true;
      }
      if (
        outcome === 'unfinished' &&
        !mustAdd &&
        env.jumps - env.jumpsAtCheckpoint < 20 &&
        env.processed - env.processedAtCheckpoint < 100
      )
        add = false;
      if (add) old.misses++;
      const patience = forced && old.branches > 0 ? 64 : 3;
      if (old.misses > old.hits * patience + patience) {
        list.splice(list.length - 1 - i, 1);
        old.dropped = true;
        if (old.branches === 0) env.liveStates--;
        continue;
      }
      i++;
    }
    if (env.maxStatesPerInsn < seen) env.maxStatesPerInsn = seen;
    if (add) {
      list ??= env.explored[bucket] = [];
      this.#add(slot, list, current);
    }
    return false;
  }

  /** Remembered states of this slot and these callers that nothing follows any more lose what nobody read. */
  #cleanFinished(list: readonly State[], slot: number, current: State): void {
    for (const old of list) {
      if (old.branches > 0 || old.cleaned || old.slot !== slot || old.current !== current.current) continue;
      let sameCallers = true;
      for (let i = 0; i <= old.current && sameCallers; i++)
        sameCallers = old.frames[i]!.callsite === current.frames[i]!.callsite;
      if (sameCallers && !this.#isIncomplete(old)) clean(this.#env, old);
    }
  }

  #compare(slot: number, old: State, current: State): 'covered' | 'covered-in-loop' | 'miss' | 'unfinished' {
    const env = this.#env;
    if (old.branches === 0) {
      const incomplete = this.#isIncomplete(old);
      if (!statesEqual(env, old, current, incomplete ? 'within' : 'covered')) return 'miss';
      return incomplete ? 'covered-in-loop' : 'covered';
    }
    const frame = old.frames[old.current]!;
    if (frame.role === 'async-callback' && frame.asyncEntries !== current.frames[current.current]!.asyncEntries)
      return 'unfinished';
    const marks = env.program.marks[slot]!;
    if ((marks & Mark.iterNext) !== 0) {
      if (statesEqual(env, old, current, 'within') && this.#iteratorIsActive(current)) return 'covered-in-loop';
      return 'unfinished';
    }
    if (env.program.insns[slot]?.kind === 'may-goto') {
      if (old.mayGotoDepth !== current.mayGotoDepth && statesEqual(env, old, current, 'within'))
        return 'covered-in-loop';
    }
    if ((marks & Mark.callsBack) !== 0)
      return statesEqual(env, old, current, 'within') ? 'covered-in-loop' : 'unfinished';
    if (
      mayLoop(old, current) &&
      statesEqual(env, old, current, env.rules.exactLoops ? 'exact' : 'covered') &&
      !iteratorsDiffer(old, current) &&
      old.mayGotoDepth === current.mayGotoDepth &&
      old.callbackUnrolls === current.callbackUnrolls
    ) {
      const text = (state: State): string => stateText(state, current.current, 'all');
      env.refuse({ kind: 'infinite-loop', insn: slot, current: text(current), old: text(old) }, slot);
    }
    return 'unfinished';
  }

  /** The iterator that R1 points to at a call that advances it. */
  #iteratorIsActive(state: State): boolean {
    const frame = state.frames[state.current]!;
    const pointer = frame.regs[1]!;
    const spi = -(pointer.off + Number(pointer.scalar.smin)) / 8 - 1;
    const special = state.frames[pointer.extent]?.stack[spi]?.reg.special;
    return special?.kind === 'iter' && special.state === 'active';
  }

  /** The path ended at `old`: what is known to matter behind it matters on this path too. */
  #end(slot: number, old: State, current: State, inLoop: boolean): void {
    const env = this.#env;
    propagateReads(old, current);
    if ((env.program.marks[slot]! & Mark.jump) !== 0) remember(env);
    propagatePrecision(env, old, current, slot);
    if (!inLoop) return;
    const copy = current.copy();
    copy.equal = old;
    copy.slot = slot;
    const visit = this.#visitOf(old);
    if (visit !== undefined) {
      visit.backEdges.push(copy);
      this.#openEdges++;
    }
    env.liveStates++;
    this.#notePeak();
    if (env.log.level === 2) env.log.write(`SCC backedge ${this.#chainOf(old)}\n`);
  }

  #add(slot: number, list: State[], current: State): void {
    const env = this.#env;
    env.totalStates++;
    env.liveStates++;
    this.#notePeak();
    env.jumpsAtCheckpoint = env.jumps;
    env.processedAtCheckpoint = env.processed;
    forgetPrecision(current);
    if (env.rules.dropsLoneLinks) dropLoneIds(current);
    const copy = current.copy();
    copy.slot = slot;
    const chain = this.#chainOf(copy);
    if (chain !== undefined) {
      let visit = this.#visits.get(chain);
      if (visit === undefined) this.#visits.set(chain, (visit = { entry: undefined, backEdges: [] }));
      if (visit.entry === undefined) {
        visit.entry = copy;
        if (env.log.level === 2) env.log.write(`SCC enter ${chain}\n`);
      }
    }
    current.parent = copy;
    current.firstSlot = slot;
    current.depth = copy.depth + 1;
    current.history = undefined;
    startMarks(current);
    list.push(copy);
  }

  #notePeak(): void {
    const env = this.#env;
    if (env.peakStates < env.liveStates) env.peakStates = env.liveStates;
  }

  /** A path ended: the states it came from have one branch less to wait for. */
  finish(state: State): void {
    const env = this.#env;
    for (let at: State | undefined = state; at !== undefined; at = at.parent) {
      at.branches--;
      if (at.branches > 0) return;
      if (at.dropped) env.liveStates--;
      this.#leave(at);
    }
  }

  /** The loop that a state is in, by the calls that lead to it: "(12,3)". Undefined outside of loops. */
  #chainOf(state: State): string | undefined {
    const { components } = this.#env.program;
    if (state.current === 0) {
      const component = components[slotOfFrame(state, 0)]!;
      return component === 0 ? undefined : (this.#shallowChains[component] ??= `(${component})`);
    }
    let chain = '';
    for (let number = 0; number <= state.current; number++) {
      const slot = slotOfFrame(state, number);
      const component = components[slot]!;
      if (component !== 0) return `(${chain}${component})`;
      chain += `${slot},`;
    }
    return undefined;
  }

  #visitOf(state: State): Visit | undefined {
    const chain = this.#chainOf(state);
    return chain === undefined ? undefined : this.#visits.get(chain);
  }

  #isIncomplete(state: State): boolean {
    if (this.#openEdges === 0) return false;
    const visit = this.#visitOf(state);
    return visit !== undefined && visit.backEdges.length > 0;
  }

  #leave(state: State): void {
    const env = this.#env;
    if (this.#visits.size === 0) return;
    const chain = this.#chainOf(state);
    const visit = chain === undefined ? undefined : this.#visits.get(chain);
    if (visit === undefined || visit.entry !== state) return;
    if (env.log.level === 2) env.log.write(`SCC exit ${chain}\n`);
    visit.entry = undefined;
    env.liveStates -= visit.backEdges.length;
    this.#settle(visit);
  }

  /** Hands the marks of the loop's states to the paths that ended at them, until nothing changes. */
  #settle(visit: Visit): void {
    const env = this.#env;
    for (let round = 0; ; round++) {
      if (round >= MAX_ROUNDS) {
        for (const edge of visit.backEdges) markEverything(env, edge);
        break;
      }
      let changed = false;
      for (const edge of visit.backEdges) {
        propagateReads(edge.equal!, edge);
        if (propagatePrecision(env, edge.equal!, edge, edge.slot)) changed = true;
      }
      if (!changed) break;
    }
    this.#openEdges -= visit.backEdges.length;
    visit.backEdges = [];
  }
}

/** Numbers that are alone in their group lose its identity, which only keeps states from being alike. */
function dropLoneIds(state: State): void {
  const counts = new Map<number, number>();
  const count = (reg: Reg): void => {
    if (reg.isScalar && reg.id !== 0) counts.set(groupOf(reg.id), (counts.get(groupOf(reg.id)) ?? 0) + 1);
  };
  for (const frame of state.frames) {
    for (const reg of frame.regs) count(reg);
    for (const slot of frame.stack) if (slot.top === Byte.spill) count(slot.reg);
  }
  if (counts.size === 0) return;
  const lone = (reg: Reg): boolean => reg.isScalar && reg.id !== 0 && counts.get(groupOf(reg.id)) === 1;
  for (let number = 0; number < state.frames.length; number++) {
    const frame = state.frames[number]!;
    for (let i = 0; i < frame.regs.length; i++) {
      const reg = state.frames[number]!.regs[i]!;
      if (lone(reg)) state.own(number).regs[i] = unlinked(reg);
    }
    for (let spi = 0; spi < frame.stack.length; spi++) {
      const slot = state.frames[number]!.stack[spi]!;
      if (slot.top === Byte.spill && lone(slot.reg))
        state.own(number).stack[spi] = new StackSlot(slot.types, unlinked(slot.reg));
    }
  }
}
