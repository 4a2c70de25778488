// Control flow before any path is followed: every slot must be reachable, and the slots where paths can meet are marked, so
// that states are compared there. Source of truth: kernel/bpf/verifier.c check_cfg, compute_scc, compute_live_registers.

import type { Insn } from '../isa/index.ts';
import type { Env } from './env.ts';
import { calledSlot, functionAt, Mark, nextSlot, type PreparedProgram } from './program.ts';

const DISCOVERED = 0x10;
const EXPLORED = 0x20;
const FALLTHROUGH = 1;
const BRANCH = 2;

/** Depth-first walk over the slots with an explicit stack (a program may have a million). */
export function checkControlFlow(env: Env): void {
  const { program } = env;
  const visited = new Uint8Array(program.length);
  const stack: number[] = [0];
  visited[0] = DISCOVERED;

  /** Whether the walk goes on to `to` first. */
  const follow = (from: number, to: number, edge: number): boolean => {
    if (visited[from]! >= (DISCOVERED | edge)) return false;
    if (to < 0 || program.length <= to) env.refuse({ kind: 'jump-out-of-range', from, to }, from);
    if (edge === BRANCH) program.marks[to]! |= Mark.prune | Mark.jump;
    if (visited[to] === 0) {
      visited[from] = DISCOVERED | edge;
      visited[to] = DISCOVERED;
      stack.push(to);
      return true;
    }
    if ((visited[to]! & 0xf0) === DISCOVERED) {
      const recursive = edge === BRANCH && program.insns[from]?.kind === 'call-local';
      if (!env.view.has('bounded-loops') || (recursive && !env.view.has('recursion-walked')))
        env.refuse({ kind: 'back-edge', from, to }, from);
      return false;
    }
    visited[from] = DISCOVERED | edge;
    return false;
  };

  while (stack.length > 0) {
    const slot = stack[stack.length - 1]!;
    if (!visit(env, slot, follow)) {
      visited[slot] = EXPLORED;
      stack.pop();
    }
  }
  for (let slot = 0; slot < program.length; slot++) {
    if (visited[slot] !== EXPLORED) env.refuse({ kind: 'unreachable', insn: slot }, slot);
    if (program.insns[slot]?.kind === 'load-imm64') {
      if (visited[slot + 1] !== 0 && env.view.has('imm64-halves-refused-first'))
        env.refuse({ kind: 'jump-into-imm64', insn: slot }, slot);
      slot++;
    }
  }
}

type Follow = (from: number, to: number, edge: number) => boolean;

/** Whether something new was found behind this instruction. */
function visit(env: Env, slot: number, follow: Follow): boolean {
  const { program } = env;
  const { marks } = program;
  const insn = program.insns[slot];
  // A path that runs into the middle of a 16-byte instruction meets a word without meaning.
  if (insn === undefined) return follow(slot, slot + 1, FALLTHROUGH);
  switch (insn.kind) {
    case 'exit':
      return false;
    case 'jump': {
      if (follow(slot, insn.target, FALLTHROUGH)) {
        marks[insn.target]! |= Mark.prune | Mark.jump;
        return true;
      }
      marks[insn.target]! |= Mark.prune | Mark.jump;
      return false;
    }
    case 'jump-if':
    case 'may-goto':
      marks[slot]! |= insn.kind === 'may-goto' ? Mark.prune | Mark.checkpoint : Mark.prune;
      if (follow(slot, slot + 1, FALLTHROUGH)) return true;
      return follow(slot, insn.target, BRANCH);
    case 'call-helper': {
      const callback = env.helpers.callbackKind(insn.helper);
      if (callback === 'async') marks[slot]! |= Mark.prune;
      if (callback === 'sync') marks[slot]! |= Mark.callsBack | Mark.checkpoint | Mark.prune | Mark.jump;
      if (env.helpers.changesPacket(insn.helper)) functionAt(program, slot).changesPacket = true;
      if (env.helpers.mightSleep(insn.helper)) functionAt(program, slot).mightSleep = true;
      return afterCall(program, insn, undefined, follow);
    }
    case 'call-kfunc': {
      const row = env.kfuncs.at(insn);
      if (env.kfuncs.mightSleep(insn)) functionAt(program, slot).mightSleep = true;
      if (row?.flags.includes('iter-next')) marks[slot]! |= Mark.prune | Mark.checkpoint | Mark.iterNext;
      if (row !== undefined && env.kfuncs.callsBack(row.name))
        marks[slot]! |= Mark.callsBack | Mark.checkpoint | Mark.prune | Mark.jump;
      return afterCall(program, insn, undefined, follow);
    }
    case 'call-local':
      return afterCall(program, insn, insn.target, follow);
    case 'load-imm64':
      if (insn.source === 'function') return afterCall(program, insn, calledSlot(insn), follow);
      return follow(slot, slot + 2, FALLTHROUGH);
    case 'invalid': {
      const called = calledSlot(insn);
      if (called !== undefined) return afterCall(program, insn, called, follow);
      const group = insn.raw.opcode & 7;
      // Wrong jumps flow as their opcode says; what is wrong with them is found when a path gets there.
      if (group === 5 || group === 6) {
        const operation = insn.raw.opcode & 0xf0;
        if (operation === 0x90) return false;
        if (operation === 0) {
          const target = slot + 1 + (group === 6 ? insn.raw.imm : insn.raw.offset);
          return follow(slot, target, FALLTHROUGH);
        }
        if (operation !== 0x80) {
          marks[slot]! |= Mark.prune;
          if (follow(slot, slot + 1, FALLTHROUGH)) return true;
          return follow(slot, slot + 1 + insn.raw.offset, BRANCH);
        }
        return afterCall(program, insn, undefined, follow);
      }
      return follow(slot, slot + (insn.raw.opcode === 0x18 ? 2 : 1), FALLTHROUGH);
    }
    default:
      return follow(slot, slot + 1, FALLTHROUGH);
  }
}

function afterCall(program: PreparedProgram, insn: Insn, callee: number | undefined, follow: Follow): boolean {
  const next = nextSlot(insn);
  if (follow(insn.slot, next, FALLTHROUGH)) return true;
  program.marks[next]! |= Mark.prune | Mark.jump;
  if (callee === undefined) return false;
  program.marks[insn.slot]! |= Mark.prune;
  const caller = functionAt(program, insn.slot);
  const called = functionAt(program, callee);
  if (called.changesPacket) caller.changesPacket = true;
  if (called.mightSleep) caller.mightSleep = true;
  return follow(insn.slot, callee, BRANCH);
}

/** Slots that can follow an instruction inside its function. */
export function successors(program: PreparedProgram, slot: number): readonly number[] {
  const insn = program.insns[slot];
  if (insn === undefined) return [];
  switch (insn.kind) {
    case 'exit':
      return [];
    case 'jump':
      return [insn.target];
    case 'jump-if':
    case 'may-goto':
      return insn.target === slot + 1 ? [slot + 1] : [slot + 1, insn.target];
    default: {
      const next = nextSlot(insn);
      return next < program.length ? [next] : [];
    }
  }
}

/** Tarjan's algorithm, iterative. A slot that can be reached from itself gets the number (from 1) of its component. */
export function findComponents(program: PreparedProgram): number {
  const { length, components } = program;
  const pre = new Int32Array(length);
  const low = new Int32Array(length);
  const NOT_ON_STACK = 0x7fff_ffff;
  let nextNumber = 1;
  let nextComponent = 1;
  for (let root = 0; root < length; root++) {
    if (pre[root] !== 0 || program.insns[root] === undefined) continue;
    const stack: number[] = [];
    const walk: number[] = [root];
    walking: while (walk.length > 0) {
      const slot = walk[walk.length - 1]!;
      if (pre[slot] === 0) {
        pre[slot] = low[slot] = nextNumber++;
        stack.push(slot);
      }
      const next = successors(program, slot);
      for (const to of next) {
        if (pre[to] === 0) {
          walk.push(to);
          continue walking;
        }
        low[slot] = Math.min(low[slot]!, low[to]!);
      }
      walk.pop();
      if (low[slot]! < pre[slot]!) continue;
      const loops =
        stack[stack.length - 1] !== slot || next.includes(slot) || (program.marks[slot]! & Mark.callsBack) !== 0;
      for (;;) {
        const member = stack.pop()!;
        low[member] = NOT_ON_STACK;
        if (loops) components[member] = nextComponent;
        if (member === slot) break;
      }
      if (loops) nextComponent++;
    }
  }
  return nextComponent;
}

const ALL_REGS = 0xffff;
const CALLER_SAVED = 0x3f;

/** Which registers an instruction reads and writes, as bits. */
function usesAndDefs(env: Env, insn: Insn): readonly [uses: number, defs: number] {
  switch (insn.kind) {
    case 'alu': {
      const src = insn.src.kind === 'reg' ? 1 << insn.src.reg : 0;
      const dst = 1 << insn.dst;
      return insn.fn === 'mov' || insn.fn.startsWith('movsx') ? [src, dst] : [src | dst, dst];
    }
    case 'neg':
    case 'endian':
      return [1 << insn.dst, 1 << insn.dst];
    case 'addr-space-cast':
      return [1 << insn.src, 1 << insn.dst];
    case 'load-imm64':
      return [0, 1 << insn.dst];
    case 'load':
    case 'load-acquire':
      return [1 << insn.base, 1 << insn.dst];
    case 'store':
      return [(1 << insn.base) | (insn.src.kind === 'reg' ? 1 << insn.src.reg : 0), 0];
    case 'store-release':
      return [(1 << insn.base) | (1 << insn.src), 0];
    case 'atomic': {
      const both = (1 << insn.base) | (1 << insn.src);
      if (insn.fn === 'cmpxchg') return [both | 1, 1];
      return [both, insn.fetch ? 1 << insn.src : 0];
    }
    case 'jump':
    case 'may-goto':
      return [0, 0];
    case 'jump-indirect':
      return [1 << insn.reg, 0];
    case 'jump-if':
      return [(1 << insn.dst) | (insn.src.kind === 'reg' ? 1 << insn.src.reg : 0), 0];
    case 'exit':
      return [1, 0];
    case 'call-helper': {
      const count = env.helpers.argumentCount(insn.helper) ?? 5;
      return [((1 << count) - 1) << 1, CALLER_SAVED];
    }
    case 'call-kfunc': {
      const count = env.kfuncs.argumentCount(insn) ?? 5;
      return [((1 << count) - 1) << 1, CALLER_SAVED];
    }
    case 'call-local':
      return [CALLER_SAVED & ~1, CALLER_SAVED];
    case 'call-indirect':
    case 'packet-load':
    case 'invalid':
      return [ALL_REGS, 0];
  }
}

/** Backwards data flow to a fixed point. */
export function findLiveRegisters(env: Env): void {
  const { program } = env;
  const { length, liveRegs } = program;
  const uses = new Uint16Array(length);
  const keeps = new Uint16Array(length);
  const before: number[][] = Array.from({ length }, () => []);
  for (let slot = 0; slot < length; slot++) {
    const insn = program.insns[slot];
    if (insn === undefined) continue;
    const [use, def] = usesAndDefs(env, insn);
    uses[slot] = use;
    keeps[slot] = ALL_REGS & ~def;
    for (const to of successors(program, slot)) before[to]?.push(slot);
  }
  const queue: number[] = [];
  for (let slot = 0; slot < length; slot++) if (program.insns[slot] !== undefined) queue.push(slot);
  const queued = new Uint8Array(length).fill(1);
  while (queue.length > 0) {
    const slot = queue.pop()!;
    queued[slot] = 0;
    let out = 0;
    for (const to of successors(program, slot)) out |= liveRegs[to] ?? 0;
    const live = (out & keeps[slot]!) | uses[slot]!;
    if (live === liveRegs[slot]) continue;
    liveRegs[slot] = live;
    for (const from of before[slot]!)
      if (queued[from] === 0) {
        queued[from] = 1;
        queue.push(from);
      }
  }
}
