// Whether the state of the path entails a requirement; refuses the program where it does not.

import { assertNever } from '../base/index.ts';
import type { RawInsn } from '../isa/index.ts';
import type { Env } from './env.ts';
import { checkAccess } from './memory.ts';
import { baseOf, isSockPointer, Kind, UNKNOWN_SCALAR } from './reg.ts';
import type { Requirement } from './requirement.ts';

export function check(env: Env, requirement: Requirement): void {
  switch (requirement.kind) {
    case 'fields-known':
      if (requirement.known === 'no') env.refuse({ kind: 'reserved-fields', instruction: requirement.instruction });
      return;
    case 'readable':
      env.checkReadable(requirement.reg);
      return;
    case 'writable':
      env.checkWritable(requirement.reg);
      return;
    case 'access':
      checkAccess(
        env,
        requirement.base,
        requirement.offset,
        requirement.size,
        requirement.mode,
        requirement.value,
        requirement.aligned === 'always',
      );
      return;
    case 'same-pointer':
      checkSamePointer(env);
      return;
    case 'divisor-not-zero':
      if (requirement.value === 0) env.refuse({ kind: 'divide-by-zero' });
      return;
    case 'shift-in-width':
      if (requirement.amount < 0 || requirement.width <= requirement.amount)
        env.refuse({ kind: 'shift-amount', amount: requirement.amount });
      return;
    case 'atomic-target':
      checkAtomicTarget(env, requirement.base, requirement.access);
      return;
    case 'receives-result':
      // The kernel writes the result first, so that nothing is left of an address in the same register.
      if (requirement.reg === requirement.base) env.setReg(requirement.reg, UNKNOWN_SCALAR);
      return;
    case 'immediate-target':
      if (env.reg(requirement.base).type === Kind.ctx && !env.view.has('store-immediate-to-ctx'))
        env.refuse({ kind: 'store-immediate-target', reg: requirement.base, type: 'ctx' });
      return;
    case 'address-space-cast':
      checkCast(env, requirement.toSpace, requirement.fromSpace);
      return;
    case 'legacy-packet-load':
      env.refuse({ kind: 'packet-load' });
      return;
    case 'well-formed':
      refuseWord(env, requirement.insn.raw);
      return;
    case 'kfunc-callable':
      if (!env.view.has('kfunc-calls')) env.refuse({ kind: 'kernel-cannot', what: 'kfuncs' });
      checkCallInRegion(env, requirement);
      return;
    case 'function-callable':
    case 'helper-callable':
      checkCallInRegion(env, requirement);
      return;
    // Checked with the effect, because the kernel's last question is about the result.
    case 'operands':
    case 'comparable':
    case 'may-exit':
      return;
    default:
      assertNever(requirement, 'check');
  }
}

const SPIN_UNLOCK = 94;
const MAY_GOTO = 0xe5;

/** Under a lock nothing may be called but what ends it. */
function checkCallInRegion(
  env: Env,
  call: Extract<Requirement, { kind: 'function-callable' | 'helper-callable' | 'kfunc-callable' }>,
): void {
  if (env.state.locks === 0) return;
  if (call.kind === 'function-callable' && !env.rules.locksSpanFunctions)
    env.refuse({ kind: 'lock', problem: { kind: 'call-while-held' } });
  if (call.kind === 'helper-callable' && call.helper !== SPIN_UNLOCK)
    env.refuse({ kind: 'lock', problem: { kind: 'call-while-held' } });
  if (call.kind === 'kfunc-callable') {
    const insn = env.program.insns[env.slot];
    const name = insn?.kind === 'call-kfunc' ? env.kfuncs.nameAt(insn.slot) : '';
    if (!/^bpf_(list|rbtree|refcount_acquire)|^bpf_res_spin_|^bpf_iter_num_/.test(name))
      env.refuse({ kind: 'lock', problem: { kind: 'call-while-held' } });
  }
}

function checkAtomicTarget(env: Env, base: number, access: 'stores into' | 'loads from'): void {
  const { type } = env.reg(base);
  if (type === Kind.ctx || type === Kind.packet || isSockPointer(type))
    env.refuse({ kind: 'atomic-target', reg: base, type: env.typeText(type), access });
}

/** Context and socket accesses are rewritten by the kernel, so that one instruction can serve one kind of pointer only. */
function checkSamePointer(env: Env): void {
  const types = env.program.pointerTypes;
  const before = types[env.slot]!;
  const now = env.accessedType;
  if (before === 0) types[env.slot] = now;
  else if (before !== now && (mustAgree(before) || mustAgree(now))) {
    // Typed pointers of different trust become untrusted ones.
    if (baseOf(before) === Kind.btfId && baseOf(now) === Kind.btfId) return;
    env.refuse({ kind: 'different-pointers' });
  }
}

function mustAgree(type: number): boolean {
  const base = baseOf(type);
  return base === Kind.ctx || isSockPointer(base) || base === Kind.btfId || base === Kind.arena;
}

function checkCast(env: Env, to: number, from: number): void {
  if (!((to === 0 && from === 1) || (to === 1 && from === 0)))
    env.refuse({ kind: 'address-space-cast', problem: 'spaces' });
  if (!env.usesArena) env.refuse({ kind: 'address-space-cast', problem: 'no-arena' });
}

const ALU_FIELDS: Readonly<Record<number, string>> = { 128: 'BPF_NEG', 176: 'BPF_MOV', 208: 'BPF_END' };

/** A word with an opcode that exists and fields that make no sense: named as the kernel does when a path reaches it. */
function refuseWord(env: Env, raw: RawInsn): never {
  const group = raw.opcode & 7;
  const operation = raw.opcode & 0xf0;
  const reserved = (instruction: string): never => env.refuse({ kind: 'reserved-fields', instruction });
  switch (group) {
    case 4:
    case 7:
      return reserved(ALU_FIELDS[operation] ?? 'BPF_ALU');
    case 0:
      return raw.opcode === 0x18 ? reserved('BPF_LD_IMM64') : env.refuse({ kind: 'packet-load' });
    case 1:
      return reserved('BPF_LDX');
    case 2:
      return reserved('BPF_ST');
    case 3:
      if ((raw.opcode & 0xe0) === 0xc0) {
        if (!env.view.has('atomic-instructions')) return reserved('BPF_XADD');
        const narrow = (raw.opcode & 0x18) === 0x08 || (raw.opcode & 0x18) === 0x10;
        if (narrow && ATOMIC_OPERATIONS.has(raw.imm)) return env.refuse({ kind: 'atomic-size' });
        return env.refuse({ kind: 'atomic-operation', imm: raw.imm });
      }
      return reserved('BPF_STX');
    default:
      if (raw.opcode === MAY_GOTO && env.view.has('may-goto-fields-named'))
        return env.refuse({ kind: 'may-goto-fields', imm: raw.imm });
      if (operation === 0x80) return reserved('BPF_CALL');
      if (operation === 0x90) return reserved('BPF_EXIT');
      if (operation === 0x00) return reserved('BPF_JA');
      return reserved(env.view.has('jmp32') ? 'BPF_JMP/JMP32' : 'BPF_JMP');
  }
}

/** Immediates of atomic operations that read, change and write: add, or, and, xor without and with fetching, xchg, cmpxchg. */
const ATOMIC_OPERATIONS: ReadonlySet<number> = new Set([0x00, 0x40, 0x50, 0xa0, 0x01, 0x41, 0x51, 0xa1, 0xe1, 0xf1]);
