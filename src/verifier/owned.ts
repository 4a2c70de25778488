// Objects that the program allocates, and the lists and trees it keeps them in: who owns an object, what may be done with one that
// is only borrowed, and which lock must be held. Source of truth: kernel/bpf/verifier.c __process_kf_arg_ptr_to_graph_root,
// __process_kf_arg_ptr_to_graph_node, ref_convert_owning_non_owning, mark_reg_graph_node, by behaviour.

import type { Env } from './env.ts';
import { withSpilled } from './liveness.ts';
import { FIELD_NAMES, type GraphRoot, type ValueField } from './map-info.ts';
import type { OwnershipProblem } from './reason.ts';
import { change, Flag, Kind, Reg } from './reg.ts';
import { ZERO } from './scalar.ts';
import { mapRegisters } from './state.ts';

const EINVAL = 22;

/** A pointer to an allocated object, without any other property. */
export const ALLOCATED = Kind.btfId | Flag.alloc;

/** Special fields of what a pointer leads to: a map value or an object of the program's own types. */
export function fieldsBehind(env: Env, reg: Reg): readonly ValueField[] {
  if (reg.map !== undefined) return reg.map.fields;
  return reg.btf === undefined || reg.btf.kernel ? [] : env.maps.fieldsOfType(reg.btf.id);
}

const refuse = (env: Env, problem: OwnershipProblem): never => env.refuse({ kind: 'owned-object', problem });

/** The constant offset that a pointer to a special field must have. */
function fieldOffset(env: Env, regno: number, field: string): number {
  const reg = env.reg(regno);
  if (!reg.scalar.isConst) refuse(env, { kind: 'variable', reg: regno, field });
  return reg.off + Number(reg.scalar.smin);
}

/** The list or tree that an argument names; its lock must be held. */
export function checkGraphRoot(env: Env, regno: number, kind: 'list-head' | 'tree-root'): GraphRoot {
  const reg = env.reg(regno);
  const name = FIELD_NAMES[kind];
  const offset = fieldOffset(env, regno, name);
  const fields = fieldsBehind(env, reg);
  const root = fields.find((field) => field.kind === kind && field.offset === offset);
  if (root?.kind !== 'list-head' && root?.kind !== 'tree-root')
    return refuse(env, { kind: 'not-found', field: name, offset });
  const lock = fields.find((field) => field.kind === 'spin-lock' || field.kind === 'res-spin-lock');
  const lockNeeded = (held: 'none' | 'other'): never =>
    // The kernel prints its number for "no such field" where there is no lock.
    refuse(env, { kind: 'lock-needed', root: name, lockOffset: lock?.offset ?? -EINVAL, held });
  if (env.state.locks === 0) lockNeeded('none');
  const owner = reg.map ?? env.input.btf;
  const held = env.state.held.some((one) => one.kind !== 'pointer' && one.id === reg.id && one.owner === owner);
  if (!held) lockNeeded('other');
  return root.contains ?? { typeId: 0, typeName: '', nodeOffset: 0 };
}

/** The node that is put into or taken out of a list or tree; it must be what that one holds. */
export function checkGraphNode(env: Env, regno: number, kind: 'list-node' | 'tree-node', root: GraphRoot): void {
  const reg = env.reg(regno);
  const name = FIELD_NAMES[kind];
  const offset = fieldOffset(env, regno, name);
  if (!fieldsBehind(env, reg).some((field) => field.kind === kind && field.offset === offset))
    refuse(env, { kind: 'not-found', field: name, offset });
  const rootName = FIELD_NAMES[kind === 'list-node' ? 'list-head' : 'tree-root'];
  const argument = env.argumentName(1);
  const expected = { offset: root.nodeOffset, type: root.typeName };
  if (reg.btf?.id !== root.typeId) {
    const type = reg.btf?.name ?? '';
    refuse(env, { kind: 'wrong-type', argument, root: rootName, node: name, expected, offset, type });
  }
  if (offset !== root.nodeOffset) refuse(env, { kind: 'wrong-offset', argument, node: name, expected, offset });
}

/** A pointer to the node inside an object of a list or tree. */
export const graphNode = ({ typeId, typeName, nodeOffset }: GraphRoot): Reg =>
  new Reg(ALLOCATED, ZERO, nodeOffset, 0, 0, false, 0, undefined, { kernel: false, id: typeId, name: typeName });

/** The same pointer without ownership: good while the lock is held. */
export function borrowed(env: Env, reg: Reg): Reg {
  const counted = fieldsBehind(env, reg).some(({ kind }) => kind === 'refcount');
  return change(reg, { type: reg.type | Flag.nonOwning | (counted ? Flag.rcu : 0), refId: 0 });
}

/** Whoever owned the object only borrows it from now on. */
export function giveAway(env: Env, refId: number): void {
  mapRegisters(env.state, (reg) => (reg.refId === refId ? borrowed(env, reg) : reg), withSpilled);
}

/** Whether a pointer leads to something that may have a lock of its own, and so needs an identity. */
export const mayHoldLock = (env: Env, reg: Reg): boolean =>
  fieldsBehind(env, reg).some(({ kind }) => kind === 'spin-lock' || kind === 'res-spin-lock');
