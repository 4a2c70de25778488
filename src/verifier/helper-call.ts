// Calls of helpers: all arguments are checked, then what the helper does happens to the state.
// Source of truth: kernel/bpf/verifier.c check_helper_call, by behaviour.

import { assertNever } from '../base/index.ts';
import type { CallHelperInsn } from '../isa/index.ts';
import type { ReturnKind } from '../kernel/index.ts';
import { startCallback } from './callback.ts';
import { dynptrBehind, releaseDynptr } from './dynptr.ts';
import type { Env } from './env.ts';
import { checkFormat } from './format.ts';
import { CallFacts, checkArgument } from './helper-args.ts';
import { withSpilled } from './liveness.ts';
import { isSockmapUpdate, mapTakesHelper } from './map-helper.ts';
import { fieldOf } from './map-info.ts';
import { checkAccess, inReadSection, store } from './memory.ts';
import { markPrecise } from './precision.ts';
import { acquire, checkNothingHeld, drop, invalidate, release } from './references.ts';
import { change, Flag, isAnyPacketPointer, Kind, mayBeNull, NOT_INIT, Reg, scalarReg, UNKNOWN_SCALAR } from './reg.ts';
import { signedRange, ZERO } from './scalar.ts';
import { mapRegisters } from './state.ts';

const MAX_ERRNO = 4095;

/** Helpers whose result is the number of bytes copied, or an error. */
const RETURNS_LENGTH = new Set(['bpf_get_task_stack', 'bpf_probe_read_kernel_str', 'bpf_probe_read_user_str']);

/** Helpers that the kernel refuses for a read-only map. */
const WRITES_MAP = new Set(['bpf_map_delete_elem', 'bpf_map_update_elem', 'bpf_map_push_elem', 'bpf_map_pop_elem']);

export function callHelper(env: Env, insn: CallHelperInsn): void {
  const answer = env.helpers.answer(insn.helper);
  const missing = answer.ok ? undefined : env.input.unresolved?.get(env.slot);
  if (missing?.asked === 'built-in types')
    env.uncertain.add(`'${missing.spec}' is not among the built-in kernel types; the kernel's own may have it`);
  if (!answer.ok) env.refuse({ kind: 'helper-refused', id: insn.helper, message: answer.message, why: answer.why });
  if (!answer.certain)
    env.uncertain.add(`whether this kernel lets sock_ops programs call ${answer.row.name}() is not known`);
  const { sockOps, row } = answer;
  const facts = new CallFacts(insn.helper, row.name);
  for (let i = 0; i < sockOps.arguments.length; i++) {
    checkArgument(env, sockOps, i, facts);
  }
  if (facts.map !== undefined && !facts.map.programMayWrite && WRITES_MAP.has(row.name))
    env.refuse({ kind: 'map-write-forbidden' });
  if (row.name === 'bpf_tail_call') noteTailCallIndex(env, facts);
  writeUninitialised(env, facts);
  performRelease(env, insn.helper, facts, sockOps.arguments);
  performSpecial(env, facts);

  const before = [1, 2, 3, 4, 5].map((i) => env.reg(i));
  env.clearCallerSaved();
  env.source = before.find((reg) => reg.origin !== undefined && !reg.isScalar)?.origin;
  setResult(env, sockOps.returns, facts, row.name);

  const { map } = facts;
  if (map !== undefined && !mapTakesHelper(map, row.name, env.view)) {
    env.refuse({
      kind: 'map-argument',
      mapType: map.typeId,
      helper: row.name,
      id: insn.helper,
      sockmapUpdate: isSockmapUpdate(map, row.name) ? 'yes' : 'no',
    });
  }
  if (sockOps.effects.includes('invalidates-packet'))
    mapRegisters(env.state, (reg) => (isAnyPacketPointer(reg) ? UNKNOWN_SCALAR : reg), withSpilled);
}

/** A constant index within the array is remembered exactly, so that the jump can be made directly. */
function noteTailCallIndex(env: Env, facts: CallFacts): void {
  const reg = env.reg(3);
  if (reg.isConstant && facts.map !== undefined && reg.scalar.umin < BigInt(facts.map.maxEntries)) markPrecise(env, 3);
}

/** Memory that the helper fills holds unknown bytes from now on. */
function writeUninitialised(env: Env, facts: CallFacts): void {
  const { regno, size } = facts.written;
  for (let i = 0; i < size; i++) {
    checkAccess(env, regno, i, 1, 'write', -1, false);
    store(env, regno, i, 1, { kind: 'anything' });
  }
}

function performRelease(
  env: Env,
  helper: number,
  facts: CallFacts,
  args: readonly { readonly arg: { readonly kind: string } }[],
): void {
  if (facts.released === 0) return;
  const regno = facts.released;
  const reg = env.reg(regno);
  let done = false;
  if (args[regno - 1]!.arg.kind === 'dynptr') done = releaseDynptr(env, regno);
  else if (facts.name === 'bpf_kptr_xchg' && facts.reference !== 0) {
    done = drop(env, facts.reference);
    keepPerCpuParts(env, facts.reference);
    invalidate(env, facts.reference);
  } else if (facts.reference !== 0) done = release(env, facts.reference);
  else if (reg.isZero) done = true;
  if (!done) env.refuse({ kind: 'never-acquired', helper: facts.name, id: helper });
}

/** Objects that every CPU has its own of can still be used after they went into a map, for as long as RCU keeps them. */
function keepPerCpuParts(env: Env, reference: number): void {
  if (!inReadSection(env)) return;
  const kept = Flag.alloc | Flag.percpu;
  mapRegisters(
    env.state,
    (reg) =>
      reg.refId === reference && (reg.type & kept) === kept
        ? change(reg, { refId: 0, type: (reg.type & ~Flag.alloc) | Flag.rcu })
        : reg,
    withSpilled,
  );
}

/** What single helpers do beyond their arguments and result. */
function performSpecial(env: Env, facts: CallFacts): void {
  switch (facts.name) {
    case 'bpf_tail_call':
      checkNothingHeld(env, 'tail-call');
      return;
    case 'bpf_get_local_storage':
      if (!env.reg(2).isZero) env.refuse({ kind: 'local-storage-flags' });
      markPrecise(env, 2);
      return;
    case 'bpf_for_each_map_elem':
    case 'bpf_timer_set_callback':
    case 'bpf_find_vma':
    case 'bpf_user_ringbuf_drain':
      startCallback(env, facts);
      return;
    case 'bpf_loop': {
      const count = env.reg(1);
      if (count.isScalar) markPrecise(env, 1);
      const frame = env.ownFrame();
      if (!count.isScalar || BigInt(frame.callbackDepth) < env.reg(1).scalar.umax) startCallback(env, facts);
      else {
        frame.callbackDepth = 0;
        if (env.log.level === 2) env.log.write(`frame${env.state.current} bpf_loop iteration limit reached\n`);
      }
      return;
    }
    case 'bpf_snprintf':
      checkFormat(env);
      return;
    case 'bpf_dynptr_from_mem':
      if (env.reg(1).type !== Kind.mapValue)
        env.refuse({ kind: 'dynptr', problem: { kind: 'memory-kind', type: env.typeText(env.reg(1).type) } });
      return;
    case 'bpf_dynptr_data': {
      const dynptr = dynptrBehind(env, 1);
      facts.dynptrId = dynptr?.id ?? 0;
      facts.reference = dynptr?.refId ?? 0;
      return;
    }
    default:
      return;
  }
}

/** Helpers that hand on the reference of their argument. */
const CASTS = new Set([
  'bpf_tcp_sock',
  'bpf_skc_to_tcp_sock',
  'bpf_skc_to_tcp6_sock',
  'bpf_skc_to_udp6_sock',
  'bpf_skc_to_mptcp_sock',
  'bpf_skc_to_tcp_timewait_sock',
  'bpf_skc_to_tcp_request_sock',
]);

function setResult(env: Env, returns: ReturnKind, facts: CallFacts, name: string): void {
  let result = resultOf(env, returns, facts, name);
  if (mayBeNull(result.type)) result = change(result, { id: env.nextId() });
  if (name === 'bpf_dynptr_data') result = change(result, { dynptrId: facts.dynptrId, refId: facts.reference });
  else if (CASTS.has(name)) result = change(result, { refId: facts.reference });
  else if (acquires(facts, name)) {
    const id = acquire(env);
    result = change(result, { id, refId: id });
  }
  if (result.type === Kind.notInit) {
    env.ownFrame().regs[0] = NOT_INIT;
    return;
  }
  env.setReg(0, result);
}

function acquires(facts: CallFacts, name: string): boolean {
  if (name === 'bpf_ringbuf_reserve' || name === 'bpf_kptr_xchg') return true;
  return name === 'bpf_map_lookup_elem' && (facts.map?.type === 'sockmap' || facts.map?.type === 'sockhash');
}

function resultOf(env: Env, returns: ReturnKind, facts: CallFacts, name: string): Reg {
  const pointer = (type: number, extent = 0): Reg => new Reg(type, ZERO, 0, 0, 0, false, extent);
  const nullable = (on: boolean): number => (on ? Flag.nullable : 0);
  switch (returns.kind) {
    case 'integer':
      return integerResult(env, facts, name);
    case 'void':
      return NOT_INIT;
    case 'map-value': {
      // A constant index that lies in the array is always there.
      const present =
        name === 'bpf_map_lookup_elem' &&
        facts.constantKey !== undefined &&
        facts.constantKey < BigInt(facts.map?.maxEntries ?? 0);
      const type = Kind.mapValue | nullable(returns.nullable && !present);
      const hasLock = facts.map !== undefined && fieldOf(facts.map, 'spin-lock') !== undefined;
      const id = !mayBeNull(type) && hasLock ? env.nextId() : 0;
      return new Reg(type, ZERO, 0, id, 0, false, facts.mapUid, facts.map);
    }
    case 'memory':
      return pointer(Kind.mem | Flag.nullable | (returns.of === 'ringbuf' ? Flag.ringbuf : 0), facts.allocated);
    case 'tcp-sock':
      return pointer(Kind.tcpSock | Flag.nullable);
    case 'btf-pointer': {
      const { kptr } = facts;
      const target =
        returns.type === '*' && kptr !== undefined ? env.kptrTarget(kptr) : env.kernelTypes.structure(returns.type);
      const flags = nullable(returns.nullable) | (returns.trusted === true ? Flag.trusted : 0);
      const own = target.kernel ? 0 : Flag.alloc | (kptr?.sort === 'percpu' ? Flag.percpu : 0);
      return new Reg(Kind.btfId | flags | own, ZERO, 0, 0, 0, false, 0, undefined, target);
    }
    case 'percpu-variable': {
      const flags = nullable(returns.nullable);
      const type = facts.percpu;
      if (type === undefined) return UNKNOWN_SCALAR;
      // One CPU's part of an object that the program allocated.
      if (facts.percpuIsOwn)
        return new Reg(Kind.btfId | Flag.alloc | Flag.rcu, ZERO, 0, 0, 0, false, 0, undefined, type);
      return new Reg(Kind.btfId | flags, ZERO, 0, 0, 0, false, 0, undefined, type);
    }
    default:
      return assertNever(returns, 'resultOf');
  }
}

function integerResult(env: Env, facts: CallFacts, name: string): Reg {
  if (RETURNS_LENGTH.has(name) && facts.maxSize <= 0x7fff_ffffn)
    return scalarReg(signedRange(-MAX_ERRNO, Number(facts.maxSize)));
  if (name === 'bpf_get_smp_processor_id' && env.cpuCount !== undefined)
    return scalarReg(signedRange(0, env.cpuCount - 1));
  return UNKNOWN_SCALAR;
}
