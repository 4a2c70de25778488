// References: objects that a helper handed out and that must be given back on every path.
// Source of truth: kernel/bpf/verifier.c acquire_reference, release_reference, check_resource_leak.

import type { Env } from './env.ts';
import { withSpilled } from './liveness.ts';
import type { Region } from './reason.ts';
import { UNKNOWN_SCALAR } from './reg.ts';
import { mapRegisters } from './state.ts';

/** A new reference, made by the instruction being verified. */
export function acquire(env: Env): number {
  const id = env.nextId();
  env.state.held = [...env.state.held, { kind: 'pointer', id, slot: env.slot }];
  return id;
}

/** Takes a reference off the list; false when it is not on it. */
export function drop(env: Env, id: number): boolean {
  const { held } = env.state;
  const at = held.findIndex((one) => one.kind === 'pointer' && one.id === id);
  if (at < 0) return false;
  // As in the kernel, the last one takes the place of the one that goes.
  const rest = held.slice();
  rest[at] = rest[rest.length - 1]!;
  rest.pop();
  env.state.held = rest;
  return true;
}

/** Whatever refers to a released object holds a mere number now. */
export function invalidate(env: Env, id: number): void {
  mapRegisters(env.state, (reg) => (reg.refId === id ? UNKNOWN_SCALAR : reg), withSpilled);
}

export function release(env: Env, id: number): boolean {
  if (!drop(env, id)) return false;
  invalidate(env, id);
  return true;
}

type Leaving = 'exit' | 'tail-call' | 'throw';

/**
 * Refuses to leave the program (or to go on in another) while something is held. A function may return with what it acquired: its
 * caller sees it.
 */
export function checkNothingHeld(env: Env, at: Leaving): void {
  const { state } = env;
  const returns = at === 'exit' && state.current > 0;
  if (returns && state.locks > 0 && !env.rules.locksSpanFunctions) refuseRegion(env, 'lock', state.locks, at);
  if (returns) return;
  if (state.locks > 0) refuseRegion(env, 'lock', state.locks, at);
  if (env.rules.checksResourcesTogether) checkReferences(env, at);
  if (state.irqId !== 0) refuseRegion(env, 'irq', 1, at);
  if (state.rcuDepth > 0) refuseRegion(env, 'rcu', state.rcuDepth, at);
  if (state.preemptDepth > 0) refuseRegion(env, 'preempt', state.preemptDepth, at);
  if (!env.rules.checksResourcesTogether) checkReferences(env, at);
}

function refuseRegion(env: Env, region: Region, count: number, at: Leaving): never {
  return at === 'tail-call'
    ? env.refuse({ kind: 'call-in-region', region, what: 'tail-call' })
    : env.refuse({ kind: 'region-open-at-exit', region, count, at });
}

function checkReferences(env: Env, at: Leaving): void {
  if (env.state.current > 0 && at !== 'throw') return;
  const held = env.state.held.filter((one) => one.kind === 'pointer');
  if (held.length > 0)
    env.refuse({ kind: 'held-at-end', held: held.map(({ id, slot, kind }) => ({ id, slot, kind })), at });
}
