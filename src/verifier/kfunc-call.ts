// Calls of kernel functions: arguments by their rows (or what the kernel's BTF would say), references, read-side sections.
// Source of truth: kernel/bpf/verifier.c check_kfunc_args, check_kfunc_call; kfuncs-6.18.json for what is printed.

import { assertNever } from '../base/index.ts';
import type { CallKfuncInsn } from '../isa/index.ts';
import type { KfuncArgKind, KfuncRow } from '../kernel/index.ts';
import { startTreeCallback } from './callback.ts';
import { createDynptr, dynptrBehind, processDynptr } from './dynptr.ts';
import type { Env } from './env.ts';
import { throwException } from './function-call.ts';
import {
  CallFacts,
  checkArgumentOffset,
  checkHelperMemory,
  checkReleaseOffset,
  checkSizedMemory,
} from './helper-args.ts';
import { advance, endReadSection, type IteratorPlace, processIterator } from './iterator.ts';
import { notNull } from './jump.ts';
import { setResult } from './kfunc-result.ts';
import { withSpilled } from './liveness.ts';
import { inTreeCallback } from './locks.ts';
import type { GraphRoot } from './map-info.ts';
import { checkUnmodified } from './memory.ts';
import { ALLOCATED, checkGraphNode, checkGraphRoot, fieldsBehind, giveAway } from './owned.ts';
import { markPrecise } from './precision.ts';
import type { OwnershipProblem } from './reason.ts';
import { release } from './references.ts';
import { type BtfTypeRef, baseOf, change, Flag, isSockPointer, isTrusted, Kind, mayBeNull, type Reg } from './reg.ts';
import { mapRegisters } from './state.ts';

const EACCES = 13;
const EINVAL = 22;
const EFAULT = 14;

export interface KfuncFacts {
  reference: number;
  released: number;
  constant: bigint | undefined;
  iterator: IteratorPlace | undefined;
  dynptr: Reg | undefined;
  callee: number;
  /** The list or tree named. */
  root: GraphRoot | undefined;
  /** Type of the object that is counted once more, and whether the program owns it. */
  object: BtfTypeRef | undefined;
  owning: boolean;
}

export function callKfunc(env: Env, insn: CallKfuncInsn): void {
  if (insn.btfId === 0 && insn.btfFdIndex === 0) return;
  const name = env.kfuncs.nameAt(insn.slot);
  const answer = env.kfuncs.answer(name);
  if (!answer.ok) {
    if (answer.row === undefined && env.input.kernelTypes?.origin !== 'given' && answer.why === 'unknown-name')
      env.uncertain.add(`kernel function ${insn.btfId} (slot ${insn.slot}) is not known without the kernel's BTF`);
    env.refuse({ kind: 'kfunc-refused', text: answer.message, errno: EACCES });
  }
  if (!answer.certain) env.uncertain.add(`whether this kernel lets sock_ops programs call ${name}() is not known`);
  const { row } = answer;
  const facts: KfuncFacts = {
    reference: 0,
    released: 0,
    constant: undefined,
    iterator: undefined,
    dynptr: undefined,
    callee: -1,
    root: undefined,
    object: undefined,
    owning: false,
  };
  for (let i = 0; i < row.arguments.length; i++) checkKfuncArgument(env, row, i, facts);
  if (row.flags.includes('release') && facts.released === 0 && !row.flags.includes('iter-destroy')) {
    env.refuse({ kind: 'kfunc-argument', text: `release kernel function ${name} expects refcounted PTR_TO_BTF_ID` });
  }
  if (name === 'bpf_rbtree_add_impl' || name === 'bpf_rbtree_add') startTreeCallback(env, facts.callee, facts.root!);
  regions(env, name);
  if (facts.released !== 0 && !release(env, facts.reference))
    env.refuse({ kind: 'never-acquired', helper: name, id: insn.btfId });
  if (name === 'bpf_throw') {
    throwException(env);
    return;
  }
  if (ADDS.has(name)) {
    const { refId } = env.reg(2);
    giveAway(env, refId);
    if (!release(env, refId)) env.refuse({ kind: 'never-acquired', helper: name, id: insn.btfId });
  }
  env.clearCallerSaved();
  env.source = undefined;
  setResult(env, row, facts);
  if (row.flags.includes('iter-next') && facts.iterator !== undefined) advance(env, facts.iterator);
}

function checkKfuncArgument(env: Env, row: KfuncRow, index: number, facts: KfuncFacts): void {
  const regno = index + 1;
  const { arg } = row.arguments[index]!;
  const reg = env.reg(regno);
  const refuse = (text: string, errno = EINVAL): never =>
    errno === EINVAL
      ? env.refuse({ kind: 'kfunc-argument', text })
      : env.refuse({ kind: 'kfunc-refused', text, errno });
  if (arg.kind === 'ignored') return;
  if (arg.kind === 'scalar' || arg.kind === 'size') {
    if (!reg.isScalar) refuse(`R${regno} is not a scalar`);
    if (arg.constant === true) {
      if (!reg.scalar.isConst) refuse(`R${regno} must be a known constant`);
      markPrecise(env, regno);
      facts.constant = reg.scalar.tnum.value;
    }
    return;
  }
  const trusted = trustNeeded(row) || row.flags.includes('rcu');
  const nullable = 'nullable' in arg && arg.nullable === true;
  if (trusted && (reg.isZero || mayBeNull(reg.type)) && !nullable)
    refuse(`Possibly NULL pointer passed to trusted ${env.argumentName(index, 'arg')}`, EACCES);
  if (reg.refId !== 0) {
    facts.reference = reg.refId;
    if (row.flags.includes('release')) facts.released = regno;
  }
  if (nullable && reg.isZero) return;
  const releases = row.flags.includes('release') && arg.kind !== 'dynptr' && arg.kind !== 'iterator';
  if (releases && reg.refId === 0 && !reg.isZero && env.view.has('arguments-named-by-register'))
    env.refuse({ kind: 'release-unreferenced', reg: regno, object: 'pointer', by: `kfunc ${row.name}` });
  if (row.flags.includes('release') && reg.refId !== 0) checkReleaseOffset(env, regno);
  else if (!mustBeTrusted(arg)) checkArgumentOffset(env, regno);
  checkPointerArgument(env, row, index, arg, facts, refuse);
}

/** Of these the kernel asks first whether they are trusted, then where they point. */
const mustBeTrusted = (arg: KfuncArgKind): boolean =>
  arg.kind === 'btf-pointer' || (arg.kind === 'allocated' && arg.counted !== true);

const refuseObject = (env: Env, problem: OwnershipProblem): never => env.refuse({ kind: 'owned-object', problem });

type Refuse = (text: string, errno?: number) => never;

function checkPointerArgument(
  env: Env,
  row: KfuncRow,
  index: number,
  arg: Exclude<KfuncArgKind, { kind: 'scalar' | 'size' | 'ignored' }>,
  facts: KfuncFacts,
  refuse: Refuse,
): void {
  const regno = index + 1;
  const reg = env.reg(regno);
  switch (arg.kind) {
    case 'ctx':
      if (reg.type !== Kind.ctx)
        refuse(`${env.argumentName(index)} expected pointer to ctx, but got ${env.typeText(reg.type)}`);
      return;
    case 'btf-pointer':
      checkTyped(env, row, index, arg.type, refuse);
      return;
    case 'memory': {
      const next = row.arguments[index + 1]?.arg;
      if (next?.kind === 'size') {
        const facts2 = new CallFacts(0, row.name);
        withNotNull(env, regno, () => {
          for (const mode of ['read', 'write'] as const)
            checkSizedMemory(env, regno + 1, true, mode, undefined, facts2);
        });
      } else if (baseOf(reg.type) === Kind.scalar && !reg.isZero) {
        checkHelperMemory(env, regno, 8, 'read', false, undefined);
      }
      return;
    }
    case 'dynptr':
      if (arg.creates === true && row.name === 'bpf_dynptr_clone') {
        const from = facts.dynptr?.special;
        createDynptr(env, regno, from?.kind === 'dynptr' ? from.sort : 'local', facts.dynptr?.refId);
        return;
      }
      processDynptr(env, regno, {
        of: 'any',
        ...(arg.creates === true ? { creates: true as const } : {}),
        ...(arg.readOnly === true || reg.type === Kind.dynptr ? { readOnly: true as const } : {}),
      });
      if (arg.creates !== true) facts.dynptr = dynptrBehind(env, regno);
      return;
    case 'iterator': {
      if (row.name === 'bpf_iter_css_task_new')
        refuse('css_task_iter is only allowed in bpf_lsm, bpf_iter and sleepable progs');
      const use = row.flags.includes('iter-new')
        ? 'new'
        : row.flags.includes('iter-next')
          ? 'next'
          : row.flags.includes('iter-destroy')
            ? 'destroy'
            : 'other';
      facts.iterator = processIterator(env, regno, arg.type, use);
      return;
    }
    case 'map':
      if (reg.map === undefined) refuse(`pointer in R${regno} isn't map pointer`);
      return;
    case 'allocated':
      checkAllocated(env, row, index, arg.counted === true ? 'counted' : 'owned', facts, refuse);
      return;
    case 'list-head':
    case 'tree-root':
      if (reg.type !== Kind.mapValue && reg.type !== ALLOCATED)
        refuseObject(env, { kind: 'not-allocated', argument: env.argumentName(index), wanted: 'root' });
      if (reg.type === ALLOCATED && reg.refId === 0) refuseObject(env, { kind: 'not-owned' });
      facts.root = checkGraphRoot(env, regno, arg.kind);
      return;
    case 'list-node':
    case 'tree-node':
      checkMayBeNode(env, row, index, refuse);
      checkGraphNode(env, regno, arg.kind, facts.root!);
      return;
    case 'function':
      if (reg.type !== Kind.func) refuse(`${env.argumentName(index, 'arg')} expected pointer to func`);
      facts.callee = reg.extent;
      if (!ADDS.has(row.name)) unmodelled(env, row);
      return;
    case 'const-string':
      if (reg.type !== Kind.mapValue) refuse(`${env.argumentName(index)} doesn't point to a const string`);
      return;
    case 'work-queue':
    case 'task-work':
      if (reg.type !== Kind.mapValue) refuse(`${env.argumentName(index)} doesn't point to a map value`);
      unmodelled(env, row);
      return;
    case 'irq-flag':
      if (reg.type !== Kind.stack) refuse(`${env.argumentName(index)} doesn't point to an irq flag on stack`);
      unmodelled(env, row);
      return;
    case 'spin-lock':
      if (reg.type !== Kind.mapValue && (reg.type & Flag.alloc) === 0)
        refuse(`${env.argumentName(index)} doesn't point to map value or allocated object`);
      unmodelled(env, row);
      return;
    default:
      assertNever(arg, 'checkPointerArgument');
  }
}

/** An object of the program's own, to be given up or to be counted once more. */
function checkAllocated(
  env: Env,
  row: KfuncRow,
  index: number,
  use: 'owned' | 'counted',
  facts: KfuncFacts,
  refuse: Refuse,
): void {
  const regno = index + 1;
  const reg = env.reg(regno);
  if (use === 'counted') {
    if (baseOf(reg.type) !== Kind.btfId || (reg.type & Flag.alloc) === 0)
      refuseObject(env, { kind: 'not-allocated', argument: env.argumentName(index), wanted: 'counted' });
    facts.owning = (reg.type & Flag.nonOwning) === 0 && reg.refId !== 0;
    const fields = fieldsBehind(env, reg);
    if (fields.length === 0)
      env.refuse({ kind: 'kfunc-refused', text: `${env.rules.bugPrefix}: Couldn't find btf_record`, errno: EFAULT });
    if (!fields.some(({ kind }) => kind === 'refcount'))
      refuseObject(env, { kind: 'no-count', argument: env.argumentName(index) });
    facts.object = reg.btf;
    return;
  }
  if (trustNeeded(row) && !isTrusted(reg)) refuse(`R${regno} must be referenced or trusted`);
  checkArgumentOffset(env, regno);
  const perCpu = row.name.startsWith('bpf_percpu_obj_drop');
  if (reg.type === ALLOCATED || reg.type === (ALLOCATED | Flag.percpu)) {
    const isPerCpu = reg.type !== ALLOCATED;
    if (isPerCpu !== perCpu) {
      const suffix = row.name.endsWith('_impl') ? '_impl' : '';
      const expected = `${isPerCpu ? 'bpf_percpu_obj_drop' : 'bpf_obj_drop'}${suffix}`;
      refuseObject(env, { kind: 'wrong-drop', argument: env.argumentName(index), expected });
    }
  } else refuseObject(env, { kind: 'not-allocated', argument: env.argumentName(index), wanted: 'object' });
  if (reg.refId === 0) refuseObject(env, { kind: 'not-owned' });
}

/** What may be put in is owned; what may be taken out or looked beside of is in already, or counted. */
function checkMayBeNode(env: Env, row: KfuncRow, index: number, refuse: Refuse): void {
  const reg = env.reg(index + 1);
  const { name, arg } = row.arguments[index]!;
  const nonOwning = (reg.type & Flag.nonOwning) !== 0;
  if (arg.kind === 'tree-node' && !ADDS.has(row.name)) {
    const counted = env.view.has('tree-nodes-counted');
    if (counted ? !nonOwning && reg.refId === 0 : !nonOwning || reg.refId !== 0) {
      const text = counted
        ? `${row.name} can only take non-owning or refcounted bpf_rb_node pointer`
        : 'rbtree_remove node input must be non-owning ref';
      refuseObject(env, { kind: 'not-in-tree', text });
    }
    if (inTreeCallback(env)) refuse(`${counted ? row.name : 'rbtree_remove'} not allowed in rbtree cb`);
    return;
  }
  if (name.endsWith('__nonown_allowed') && nonOwning && reg.refId === 0) return;
  if (reg.type !== ALLOCATED)
    refuseObject(env, { kind: 'not-allocated', argument: env.argumentName(index), wanted: 'object' });
  if (reg.refId === 0) refuseObject(env, { kind: 'not-owned' });
}

/** Functions that put an object into a list or tree. */
const ADDS = new Set([
  'bpf_list_push_front_impl',
  'bpf_list_push_front',
  'bpf_list_push_back_impl',
  'bpf_list_push_back',
  'bpf_list_add',
  'bpf_rbtree_add_impl',
  'bpf_rbtree_add',
]);

/** Objects that this verifier does not follow: the verdict may be too kind, and says so. */
function unmodelled(env: Env, row: KfuncRow): void {
  env.uncertain.add(`what ${row.name}() does to locks and owned objects is not modelled`);
}

const trustNeeded = (row: KfuncRow): boolean => row.flags.includes('trusted-args') || row.flags.includes('release');

function withNotNull(env: Env, regno: number, check: () => void): void {
  const reg = env.reg(regno);
  if (mayBeNull(reg.type)) env.ownFrame().regs[regno] = notNull(reg);
  check();
  if (mayBeNull(reg.type)) env.ownFrame().regs[regno] = reg;
}

/** Socket pointers stand for the structures of the same name. */
const SOCK_STRUCTURES: Readonly<Record<number, string>> = {
  [Kind.sock]: 'sock',
  [Kind.sockCommon]: 'sock_common',
  [Kind.tcpSock]: 'tcp_sock',
};

function checkTyped(env: Env, row: KfuncRow, index: number, wanted: string, refuse: Refuse): void {
  const regno = index + 1;
  const reg = env.reg(regno);
  const base = baseOf(reg.type);
  const isPointer = base === Kind.btfId || isSockPointer(base) || base === Kind.mapPtr;
  if (!isPointer)
    refuse(`${env.argumentName(index)} pointer type STRUCT ${wanted} must point to scalar, or struct with scalar`);
  const trusted = row.flags.includes('trusted-args');
  const rcu = row.flags.includes('rcu');
  if ((trusted || rcu) && !isTrusted(reg)) {
    if (!rcu) refuse(`R${regno} must be referenced or trusted`);
    if ((reg.type & Flag.rcu) === 0) refuse(`R${regno} must be a rcu pointer`);
  }
  checkUnmodified(env, reg, regno, base === Kind.btfId);
  const name = reg.btf?.name ?? SOCK_STRUCTURES[base] ?? '';
  const matches = reg.btf === undefined ? name === wanted : env.kernelTypes.isOrBeginsWith(reg.btf, reg.off, wanted);
  if (!matches && !(isSockPointer(base) && (wanted === 'sock' || wanted === 'sock_common'))) {
    refuse(
      `kernel function ${row.name} args#${index} expected pointer to STRUCT ${wanted} but R${regno} has a pointer to STRUCT ${name}`,
    );
  }
}

function regions(env: Env, name: string): void {
  const { state } = env;
  switch (name) {
    case 'bpf_rcu_read_lock':
      if (state.rcuDepth > 0 && !env.view.has('nested-rcu')) {
        env.refuse({ kind: 'kfunc-argument', text: `nested rcu read lock (kernel function ${name})` });
      }
      state.rcuDepth++;
      return;
    case 'bpf_rcu_read_unlock':
      if (state.rcuDepth === 0) env.refuse({ kind: 'region-not-open', region: 'rcu', name });
      state.rcuDepth--;
      if (state.rcuDepth > 0) return;
      endReadSection(env);
      mapRegisters(
        state,
        (reg) =>
          (reg.type & Flag.rcu) === 0
            ? reg
            : change(reg, { type: (reg.type & ~(Flag.rcu | Flag.nullable)) | Flag.untrusted }),
        withSpilled,
      );
      return;
    case 'bpf_preempt_disable':
      state.preemptDepth++;
      return;
    case 'bpf_preempt_enable':
      if (state.preemptDepth === 0) env.refuse({ kind: 'region-not-open', region: 'preempt', name });
      state.preemptDepth--;
      return;
    case '__bpf_trap':
      env.refuse({ kind: 'kfunc-refused', text: 'unexpected __bpf_trap() due to uninitialized variable?', errno: 14 });
      return;
    default:
      return;
  }
}
