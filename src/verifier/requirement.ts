// What must hold before an instruction, as values: they can be listed, printed and explained without verifying anything. Checking
// them against a state is check.ts, the effect of the instruction is effect.ts. Their order is the kernel's order of checking, which
// decides what is reported when several do not hold.

import { assertNever } from '../base/index.ts';
import type { AccessSize, AluFunction, Insn, InvalidInsn } from '../isa/index.ts';

export type AccessMode = 'read' | 'write';

export type Requirement =
  /** The word is an instruction. */
  | { readonly kind: 'well-formed'; readonly insn: InvalidInsn }
  /** The kernel knows this use of the instruction's fields. */
  | { readonly kind: 'fields-known'; readonly instruction: string; readonly known: 'yes' | 'no' }
  /** The register holds a value. */
  | { readonly kind: 'readable'; readonly reg: number }
  /** The register exists and may be overwritten. */
  | { readonly kind: 'writable'; readonly reg: number }
  | { readonly kind: 'divisor-not-zero'; readonly value: number }
  | { readonly kind: 'shift-in-width'; readonly amount: number; readonly width: 32 | 64 }
  /** Arithmetic on these operands is defined: at most one pointer, and an operator that keeps it a pointer. */
  | {
      readonly kind: 'operands';
      readonly fn: AluFunction;
      readonly width: 32 | 64;
      readonly dst: number;
      readonly src: number | undefined;
    }
  /** `size` bytes at `base` + `offset` may be read or written. `value`: the register stored, -1 for an immediate or none. */
  | {
      readonly kind: 'access';
      readonly base: number;
      readonly offset: number;
      readonly size: AccessSize;
      readonly mode: AccessMode;
      readonly value: number;
      readonly aligned: 'as-kernel' | 'always';
    }
  /** The register receives the result before the address is used: it must not be the address. */
  | { readonly kind: 'receives-result'; readonly reg: number; readonly base: number }
  /** The memory behind the register takes atomic operations. */
  | { readonly kind: 'atomic-target'; readonly base: number; readonly access: 'stores into' | 'loads from' }
  | { readonly kind: 'immediate-target'; readonly base: number }
  /** Every path reaches this instruction with the same kind of pointer in `base`. */
  | { readonly kind: 'same-pointer'; readonly base: number }
  | { readonly kind: 'comparable'; readonly left: number; readonly right: number | undefined }
  | { readonly kind: 'address-space-cast'; readonly toSpace: number; readonly fromSpace: number }
  | { readonly kind: 'legacy-packet-load' }
  | { readonly kind: 'helper-callable'; readonly helper: number }
  | { readonly kind: 'kfunc-callable'; readonly btfId: number }
  | { readonly kind: 'function-callable'; readonly target: number }
  /** Nothing acquired is left, and R0 is what the kernel accepts. */
  | { readonly kind: 'may-exit' };

const readable = (reg: number): Requirement => ({ kind: 'readable', reg });
const writable = (reg: number): Requirement => ({ kind: 'writable', reg });
const samePointer = (base: number): Requirement => ({ kind: 'same-pointer', base });

/** How a kernel orders what it checks, where kernels differ. */
export interface RequirementOrder {
  /** Conditional jumps look at their first operand first. */
  readonly jumpTargetFirst: boolean;
  /** Signed division and sign-extending moves exist. */
  readonly knowsCpuV4: boolean;
}

/** The requirements of one instruction, in the order in which they are checked. */
export function requirementsOf(insn: Insn, order: RequirementOrder): readonly Requirement[] {
  switch (insn.kind) {
    case 'invalid': {
      const wrong: Requirement = { kind: 'well-formed', insn };
      return isComparison(insn.raw.opcode) && order.jumpTargetFirst ? [readable(insn.raw.dst), wrong] : [wrong];
    }
    case 'alu':
      return arithmetic(insn, order);
    case 'neg':
    case 'endian':
      return [readable(insn.dst), writable(insn.dst)];
    case 'addr-space-cast':
      return [
        { kind: 'address-space-cast', toSpace: insn.toSpace, fromSpace: insn.fromSpace },
        readable(insn.src),
        writable(insn.dst),
      ];
    case 'load-imm64':
      return [writable(insn.dst)];
    case 'load':
      return [
        readable(insn.base),
        writable(insn.dst),
        access(insn.base, insn.offset, insn.size, 'read', insn.dst),
        samePointer(insn.base),
      ];
    case 'load-acquire':
      return [
        readable(insn.base),
        { kind: 'atomic-target', base: insn.base, access: 'loads from' },
        writable(insn.dst),
        access(insn.base, insn.offset, insn.size, 'read', insn.dst, 'always'),
        samePointer(insn.base),
      ];
    case 'store':
      return insn.src.kind === 'reg'
        ? [
            readable(insn.src.reg),
            readable(insn.base),
            access(insn.base, insn.offset, insn.size, 'write', insn.src.reg),
            samePointer(insn.base),
          ]
        : [
            readable(insn.base),
            { kind: 'immediate-target', base: insn.base },
            access(insn.base, insn.offset, insn.size, 'write', -1),
            samePointer(insn.base),
          ];
    case 'store-release':
      return [
        readable(insn.src),
        readable(insn.base),
        { kind: 'atomic-target', base: insn.base, access: 'stores into' },
        access(insn.base, insn.offset, insn.size, 'write', insn.src, 'always'),
        samePointer(insn.base),
      ];
    case 'atomic': {
      const loaded = insn.fn === 'cmpxchg' ? 0 : insn.src;
      return [
        readable(insn.src),
        readable(insn.base),
        ...(insn.fn === 'cmpxchg' ? [readable(0)] : []),
        { kind: 'atomic-target', base: insn.base, access: 'stores into' },
        ...(insn.fetch ? ([writable(loaded), { kind: 'receives-result', reg: loaded, base: insn.base }] as const) : []),
        access(insn.base, insn.offset, insn.size, 'read', -1, 'always'),
        access(insn.base, insn.offset, insn.size, 'write', -1, 'always'),
        samePointer(insn.base),
      ];
    }
    case 'jump':
    case 'may-goto':
      return [];
    case 'jump-indirect':
      return [readable(insn.reg)];
    case 'jump-if': {
      const right = insn.src.kind === 'reg' ? insn.src.reg : undefined;
      const operands =
        right === undefined
          ? [readable(insn.dst)]
          : order.jumpTargetFirst
            ? [readable(insn.dst), readable(right)]
            : [readable(right), readable(insn.dst)];
      return [...operands, { kind: 'comparable', left: insn.dst, right }];
    }
    case 'call-helper':
      return [{ kind: 'helper-callable', helper: insn.helper }];
    case 'call-kfunc':
      return [{ kind: 'kfunc-callable', btfId: insn.btfId }];
    case 'call-local':
      return [{ kind: 'function-callable', target: insn.target }];
    case 'call-indirect':
      return [readable(insn.reg)];
    case 'exit':
      return [{ kind: 'may-exit' }];
    case 'packet-load':
      return [{ kind: 'legacy-packet-load' }];
    default:
      return assertNever(insn, 'requirementsOf');
  }
}

/** Opcodes of conditional jumps, as opposed to goto, call, exit and may_goto. */
function isComparison(opcode: number): boolean {
  const group = opcode & 7;
  const operation = opcode >> 4;
  return (group === 5 || group === 6) && operation !== 0 && operation !== 8 && operation !== 9 && operation < 14;
}

function arithmetic(insn: Extract<Insn, { kind: 'alu' }>, order: RequirementOrder): readonly Requirement[] {
  const { fn, width, dst, src } = insn;
  if (!order.knowsCpuV4) {
    if (fn === 'sdiv' || fn === 'smod') return [{ kind: 'fields-known', instruction: 'BPF_ALU', known: 'no' }];
    if (fn.startsWith('movsx')) return [{ kind: 'fields-known', instruction: 'BPF_MOV', known: 'no' }];
  }
  const register = src.kind === 'reg' ? src.reg : undefined;
  const source = register === undefined ? [] : [readable(register)];
  if (fn === 'mov' || fn === 'movsx8' || fn === 'movsx16' || fn === 'movsx32') return [...source, writable(dst)];
  const list: Requirement[] = [...source, readable(dst)];
  if (src.kind === 'imm') {
    if (fn === 'div' || fn === 'mod' || fn === 'sdiv' || fn === 'smod')
      list.push({ kind: 'divisor-not-zero', value: src.value });
    if (fn === 'lsh' || fn === 'rsh' || fn === 'arsh') list.push({ kind: 'shift-in-width', amount: src.value, width });
  }
  list.push(writable(dst), { kind: 'operands', fn, width, dst, src: register });
  return list;
}

const access = (
  base: number,
  offset: number,
  size: AccessSize,
  mode: AccessMode,
  value: number,
  aligned: 'as-kernel' | 'always' = 'as-kernel',
): Requirement => ({ kind: 'access', base, offset, size, mode, value, aligned });

/** A requirement as a person would say it. */
export function requirementText(requirement: Requirement): string {
  switch (requirement.kind) {
    case 'well-formed':
      return 'the word is a valid instruction';
    case 'fields-known':
      return `the kernel knows this form of ${requirement.instruction}`;
    case 'readable':
      return `R${requirement.reg} holds a value`;
    case 'writable':
      return `R${requirement.reg} may be written`;
    case 'divisor-not-zero':
      return 'the constant divisor is not 0';
    case 'shift-in-width':
      return `the shift amount is between 0 and ${requirement.width - 1}`;
    case 'operands':
      return `the operands of ${requirement.fn} are numbers, or one is a pointer that may move`;
    case 'access': {
      const at = requirement.offset < 0 ? `${requirement.offset}` : `+${requirement.offset}`;
      return `${requirement.size} byte${requirement.size === 1 ? '' : 's'} at R${requirement.base}${at} may be ${requirement.mode === 'read' ? 'read' : 'written'}`;
    }
    case 'receives-result':
      return `R${requirement.reg} receives the old value and is not the address itself`;
    case 'atomic-target':
      return `R${requirement.base} points to memory that takes atomic operations`;
    case 'immediate-target':
      return `R${requirement.base} points to memory that takes immediates`;
    case 'same-pointer':
      return `R${requirement.base} holds the same kind of pointer on every path`;
    case 'comparable':
      return requirement.right === undefined
        ? `R${requirement.left} can be compared with a constant`
        : `R${requirement.left} and R${requirement.right} can be compared`;
    case 'address-space-cast':
      return 'the cast is between an arena and the program';
    case 'legacy-packet-load':
      return 'the program type has legacy packet access';
    case 'helper-callable':
      return `helper ${requirement.helper} may be called with these arguments`;
    case 'kfunc-callable':
      return 'the kernel function may be called with these arguments';
    case 'function-callable':
      return `the function at ${requirement.target} may be called with these arguments`;
    case 'may-exit':
      return 'nothing is left to release, and R0 is 0 or 1';
    default:
      return assertNever(requirement, 'requirementText');
  }
}
