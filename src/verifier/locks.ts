// Locks and timers inside map values: the argument must point at the field, and locks must pair up.
// Source of truth: kernel/bpf/verifier.c process_spin_lock, process_timer_func.

import type { Env } from './env.ts';
import { withSpilled } from './liveness.ts';
import { FIELD_NAMES, type ValueField } from './map-info.ts';
import { fieldsBehind } from './owned.ts';
import type { LockFieldProblem } from './reason.ts';
import { Flag, UNKNOWN_SCALAR } from './reg.ts';
import { mapRegisters } from './state.ts';

/** Checks that a map value pointer names the special field of that kind. */
export function checkFieldPlace(env: Env, regno: number, kind: ValueField['kind']): void {
  const reg = env.reg(regno);
  const name = FIELD_NAMES[kind];
  const refuse = (problem: LockFieldProblem): never =>
    env.refuse(kind === 'timer' ? { kind: 'timer', problem } : { kind: 'lock', problem });
  if (!reg.scalar.isConst) refuse({ kind: 'variable', reg: regno, field: name });
  const map = reg.map;
  if (map !== undefined && !map.hasBtf) refuse({ kind: 'no-btf', map: map.name, field: name });
  const field = fieldsBehind(env, reg).find((one) => one.kind === kind);
  if (field === undefined)
    refuse({ kind: 'no-field', map: map?.name ?? 'kptr', field: name, owner: map === undefined ? 'local' : 'map' });
  else {
    const at = reg.off + Number(reg.scalar.smin);
    if (field.offset !== at) refuse({ kind: 'elsewhere', off: `${at}`, field: name, fieldOff: field.offset });
  }
}

/** Whether this path runs inside the comparison function of a tree. */
export const inTreeCallback = (env: Env): boolean => env.state.frames.some((frame) => frame.role === 'tree-callback');

/** bpf_spin_lock() and bpf_spin_unlock(). */
export function takeLock(env: Env, regno: number, action: 'lock' | 'unlock'): void {
  if (inTreeCallback(env)) env.refuse({ kind: 'lock', problem: { kind: 'tree-callback' } });
  checkFieldPlace(env, regno, 'spin-lock');
  const reg = env.reg(regno);
  const { state } = env;
  const owner = reg.map ?? env.input.btf;
  if (action === 'lock') {
    if (state.locks > 0) env.refuse({ kind: 'lock', problem: { kind: 'two-locks' } });
    state.locks = 1;
    state.lockId = reg.id;
    state.lockOwner = owner;
    state.held = [
      ...state.held,
      { kind: 'lock', id: reg.id, slot: env.slot, ...(owner === undefined ? {} : { owner }) },
    ];
    return;
  }
  if (state.locks === 0) env.refuse({ kind: 'lock', problem: { kind: 'not-taken' } });
  if (state.lockOwner !== owner || state.lockId !== reg.id)
    env.refuse({ kind: 'lock', problem: { kind: 'different-lock' } });
  state.locks = 0;
  state.lockId = 0;
  state.lockOwner = undefined;
  state.held = state.held.filter((one) => one.kind !== 'lock');
  // What was only borrowed under the lock is no longer safe.
  mapRegisters(state, (other) => ((other.type & Flag.nonOwning) !== 0 ? UNKNOWN_SCALAR : other), withSpilled);
}
