// The stack of every call chain, once all paths are known: frames add up to at most 512 bytes, and fewer before a tail call.
// Source of truth: kernel/bpf/verifier.c check_max_stack_depth.

import type { Env } from './env.ts';
import { calledSlot, type FunctionInfo, functionStartingAt } from './program.ts';

const TAIL_CALL_LIMIT = 256;

/** Frames are rounded up: to 16 bytes where programs are compiled, which is everywhere that matters. */
const rounded = (env: Env, bytes: number): number => {
  const to = env.view.has('stack-rounded-to-16') ? 16 : 32;
  return Math.ceil(Math.max(bytes, to === 32 ? 1 : 0) / to) * to;
};

export function checkStackDepth(env: Env): void {
  const { functions } = env.program;
  for (let i = functions.length - 1; i >= 0; i--) {
    const fn = functions[i]!;
    if (i === 0 || fn.isAsyncCallback) walk(env, fn, 0, 0, new Set());
  }
}

/** `depth`: bytes of the callers; `frame`: number of callers; `seen`: what was walked already, so that calls do not multiply. */
function walk(env: Env, fn: FunctionInfo, depth: number, frame: number, seen: Set<string>, inCallback = false): void {
  const key = `${fn.index}:${depth}:${frame}:${inCallback}`;
  if (seen.has(key)) return;
  seen.add(key);
  if (frame >= env.rules.maxFrames) {
    env.refuse({ kind: 'call-stack-too-deep', frames: frame, found: 'counting' }, fn.start);
  }
  if (fn.index > 0 && fn.hasTailCall && depth >= TAIL_CALL_LIMIT)
    env.refuse({ kind: 'tail-call-stack', bytes: depth }, fn.start);
  const own = depth + rounded(env, fn.stackDepth);
  if (own > env.rules.maxStack) env.refuse({ kind: 'stack-too-large', calls: frame + 1, bytes: own }, fn.start);
  if (inCallback || fn.isCallback) refuseThrow(env, fn);
  for (const target of callsOf(env, fn)) {
    const callee = functionStartingAt(env.program, target.slot);
    if (callee === undefined) continue;
    // A timer's function has a stack of its own.
    if (callee.isAsyncCallback && target.how === 'address') continue;
    walk(env, callee, own, frame + 1, seen, inCallback || fn.isCallback);
  }
}

/** An exception cannot leave through the helper that called back. */
function refuseThrow(env: Env, fn: FunctionInfo): void {
  for (let slot = fn.start; slot < fn.end; slot++) {
    const insn = env.program.insns[slot];
    if (insn?.kind !== 'call-kfunc' || env.kfuncs.nameAt(slot) !== 'bpf_throw') continue;
    const text = `bpf_throw kfunc (insn ${slot}) cannot be called from callback subprog ${fn.index}`;
    env.refuse({ kind: 'kfunc-argument', text }, slot);
  }
}

interface Call {
  readonly slot: number;
  readonly how: 'call' | 'address';
}

const known = new WeakMap<FunctionInfo, readonly Call[]>();

function callsOf(env: Env, fn: FunctionInfo): readonly Call[] {
  const cached = known.get(fn);
  if (cached !== undefined) return cached;
  const calls: Call[] = [];
  for (let slot = fn.start; slot < fn.end; slot++) {
    const insn = env.program.insns[slot];
    if (insn === undefined) continue;
    const target = calledSlot(insn);
    if (target !== undefined) calls.push({ slot: target, how: insn.kind === 'call-local' ? 'call' : 'address' });
  }
  known.set(fn, calls);
  return calls;
}
