// What kernel functions return: numbers, memory, typed pointers, objects of the program's own.
// Source of truth: kernel/bpf/verifier.c check_kfunc_call, check_special_kfunc, by behaviour.

import type { KfuncRow } from '../kernel/index.ts';
import { type Btf, strip } from '../object/index.ts';
import type { Env } from './env.ts';
import type { KfuncFacts } from './kfunc-call.ts';
import { ALLOCATED, borrowed, graphNode, mayHoldLock } from './owned.ts';
import { acquire } from './references.ts';
import { change, Flag, Kind, Reg, UNKNOWN_SCALAR } from './reg.ts';
import { ZERO } from './scalar.ts';

/** Puts what a kernel function returns into R0. */
export function setResult(env: Env, row: KfuncRow, facts: KfuncFacts): void {
  const { returns } = row;
  if (returns === 'void') return;
  if (returns === 'scalar') {
    env.setReg(0, UNKNOWN_SCALAR);
    return;
  }
  let result = pointerResult(env, row, returns.pointerTo, facts);
  if (result.isScalar) {
    env.setReg(0, result);
    return;
  }
  // Counting an object that one owns cannot fail.
  const nullable = row.flags.includes('ret-null') && !facts.owning;
  if (nullable) result = change(result, { type: result.type | Flag.nullable, id: env.nextId() });
  if (row.flags.includes('acquire')) {
    const id = acquire(env);
    result = change(result, { refId: id, ...(nullable ? { id } : {}) });
  } else if (facts.root !== undefined) result = borrowed(env, result);
  if (result.id === 0 && mayHoldLock(env, result)) result = change(result, { id: env.nextId() });
  env.setReg(0, result);
}

/** Sizes of what pointers to plain types point at. */
const SCALAR_BYTES: Readonly<Record<string, number>> = {
  int: 4,
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  __u8: 1,
  __u32: 4,
  __u64: 8,
  char: 1,
};

/** Most bytes of an object that every CPU has its own of. */
const PER_CPU_BYTES = 512;

/** An object of one of the program's own types. */
function newObject(env: Env, facts: KfuncFacts, sort: 'plain' | 'per-cpu'): Reg {
  const { btf } = env.input;
  const refuse = (text: string): never => env.refuse({ kind: 'kfunc-argument', text });
  const constant = facts.constant ?? 0n;
  if (constant > 0xffff_ffffn) refuse('local type ID argument must be in range [0, U32_MAX]');
  if (btf === undefined) return refuse('bpf_obj_new/bpf_percpu_obj_new requires prog BTF');
  const id = Number(constant);
  const type = btf.type(id);
  if (type?.kind !== 'struct') return refuse('bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a struct');
  const object = { kernel: false, id, name: type.name };
  if (sort === 'plain') return new Reg(ALLOCATED, ZERO, 0, 0, 0, false, 0, undefined, object);
  if (type.sizeBytes > PER_CPU_BYTES)
    refuse(`bpf_percpu_obj_new type size (${type.sizeBytes}) is greater than ${PER_CPU_BYTES}`);
  if (!isOfScalars(btf, id, 0)) refuse('bpf_percpu_obj_new type ID argument must be of a struct of scalars');
  if (env.maps.fieldsOfType(id).length > 0)
    refuse('bpf_percpu_obj_new type ID argument must not contain special fields');
  return new Reg(ALLOCATED | Flag.percpu, ZERO, 0, 0, 0, false, 0, undefined, object);
}

/** Structures of numbers, within each other at most four deep. */
function isOfScalars(btf: Btf, id: number, depth: number): boolean {
  const type = strip(btf, id)?.type;
  switch (type?.kind) {
    case 'int':
    case 'enum':
    case 'float':
      return true;
    case 'array':
      return isOfScalars(btf, type.element, depth);
    case 'struct':
    case 'union':
      return depth < 4 && type.members.every((member) => isOfScalars(btf, member.type, depth + 1));
    default:
      return false;
  }
}

function pointerResult(env: Env, row: KfuncRow, target: string, facts: KfuncFacts): Reg {
  const structure = (name: string, flags: number): Reg =>
    new Reg(Kind.btfId | flags, ZERO, 0, 0, 0, false, 0, undefined, env.kernelTypes.structure(name));
  if (facts.root !== undefined) return graphNode(facts.root);
  switch (row.name) {
    case 'bpf_cast_to_kern_ctx':
      return structure('bpf_sock_ops_kern', Flag.trusted);
    case 'bpf_rdonly_cast': {
      const id = Number(facts.constant ?? 0n);
      const type = env.kernelTypes.btf?.type(id);
      if (env.kernelTypes.btf !== undefined && type?.kind !== 'struct') {
        if (id !== 0 || !env.view.has('cast-to-void'))
          env.refuse({
            kind: 'kfunc-argument',
            text: 'kfunc bpf_rdonly_cast type ID argument must be of a struct or void',
          });
        return new Reg(Kind.mem | Flag.rdonly | Flag.untrusted, ZERO);
      }
      return structure(type?.kind === 'struct' ? type.name : '', Flag.untrusted);
    }
    case 'bpf_dynptr_slice':
    case 'bpf_dynptr_slice_rdwr': {
      const readOnly = row.name === 'bpf_dynptr_slice' ? Flag.rdonly : 0;
      if (readOnly === 0) env.refuse({ kind: 'kfunc-argument', text: 'the prog does not allow writes to packet data' });
      return new Reg(
        Kind.mem | readOnly,
        ZERO,
        0,
        0,
        0,
        false,
        Number(facts.constant ?? 0n),
        undefined,
        undefined,
        undefined,
        facts.dynptr?.id ?? 0,
      );
    }
    case 'bpf_obj_new':
    case 'bpf_obj_new_impl':
    case 'bpf_percpu_obj_new':
    case 'bpf_percpu_obj_new_impl':
      return newObject(env, facts, row.name.startsWith('bpf_percpu') ? 'per-cpu' : 'plain');
    case 'bpf_refcount_acquire':
    case 'bpf_refcount_acquire_impl':
      return new Reg(ALLOCATED, ZERO, 0, 0, 0, false, 0, undefined, facts.object);
    default:
      break;
  }
  const bytes = SCALAR_BYTES[target];
  if (bytes !== undefined) {
    return new Reg(Kind.mem | Flag.rdonly, ZERO, 0, 0, facts.reference, false, bytes);
  }
  if (target === 'void') return UNKNOWN_SCALAR;
  const trust = row.flags.includes('iter-next')
    ? env.stackSlot(facts.iterator?.frame ?? 0, facts.iterator?.spi ?? 0).reg.type & (Flag.rcu | Flag.trusted)
    : 0;
  return structure(target, trust);
}
