// Arithmetic instructions: numbers by scalar-alu.ts, pointers by the rules of pointer arithmetic. Which pointers may move, and how
// far, is checked here together with the result, because the last rule is about the result.
// Source of truth: kernel/bpf/verifier.c check_alu_op, adjust_reg_min_max_vals, adjust_ptr_min_max_vals.

import type { AluFunction, AluInsn, EndianInsn, Operand } from '../isa/index.ts';
import { operatorText } from './disasm.ts';
import type { Env } from './env.ts';
import { withScalar } from './memory.ts';
import { markPrecise } from './precision.ts';
import {
  baseOf,
  change,
  constantReg,
  isPacketPointer,
  Kind,
  LINKED_SUM,
  mayBeNull,
  Reg,
  scalarReg,
  UNKNOWN_SCALAR,
  unlinked,
} from './reg.ts';
import {
  S64_MAX,
  S64_MIN,
  type Scalar,
  settle,
  signExtend,
  signExtend32,
  sync,
  truncate,
  unbound32,
  zeroExtend32,
} from './scalar.ts';
import {
  computeScalar,
  convertOrder,
  negateScalar,
  type ScalarFunction,
  signMaskCase,
  signMaskWidth,
} from './scalar-alu.ts';
import { linkBeforeCopy } from './stack.ts';
import { bitLength, tnumAdd, tnumSub, U64_MAX } from './tnum.ts';

/** BPF_MAX_VAR_OFF. */
const MAX_OFFSET = 1n << 29n;

export function arithmetic(env: Env, insn: AluInsn): void {
  switch (insn.fn) {
    case 'mov':
    case 'movsx8':
    case 'movsx16':
    case 'movsx32':
      move(env, insn, insn.fn);
      return;
    default:
      compute(env, insn, insn.fn);
  }
}

// --- Moves -------------------------------------------------------------------------------------------------------------------

type Move = 'mov' | 'movsx8' | 'movsx16' | 'movsx32';
const MOVED_BYTES = { movsx8: 1, movsx16: 2, movsx32: 4 } as const;

function move(env: Env, insn: AluInsn, fn: Move): void {
  const { dst, src, width } = insn;
  if (src.kind === 'imm') {
    // A 32-bit move of an immediate zero-extends it.
    env.source = undefined;
    env.setReg(dst, constantReg(width === 64 ? BigInt(src.value) : BigInt(src.value >>> 0)));
    return;
  }
  env.setReg(dst, width === 64 ? moved64(env, src.reg, fn) : moved32(env, src.reg, fn));
}

function moved64(env: Env, from: number, fn: Move): Reg {
  if (fn === 'mov') {
    linkBeforeCopy(env, from);
    return env.reg(from);
  }
  if (!env.reg(from).isScalar) return UNKNOWN_SCALAR;
  const size = MOVED_BYTES[fn];
  const keeps = env.reg(from).scalar.umax < 1n << BigInt(8 * size - 1);
  if (keeps) linkBeforeCopy(env, from);
  const source = env.reg(from);
  const result = withScalar(source, settle(signExtend(source.scalar, size)));
  return keeps ? result : unlinked(result);
}

function moved32(env: Env, from: number, fn: Move): Reg {
  const before = env.reg(from);
  if (!before.isScalar) {
    // The low half of an address is a number.
    return scalarReg(truncate(UNKNOWN_SCALAR.scalar, 4));
  }
  const keeps =
    fn === 'mov'
      ? env.rules.linksNarrowCopies && bitLength(before.scalar.umax) <= 32
      : before.scalar.umax < 1n << BigInt(8 * MOVED_BYTES[fn] - 1);
  if (keeps) linkBeforeCopy(env, from);
  const source = env.reg(from);
  const low = fn === 'mov' ? source.scalar.copy() : signExtend32(source.scalar, fn === 'movsx8' ? 1 : 2);
  const result = withScalar(source, settle(sync(zeroExtend32(low === source.scalar ? low.copy() : low))));
  return keeps ? result : unlinked(result);
}

export function negate(env: Env, dst: number, width: 32 | 64): void {
  const reg = env.reg(dst);
  env.setReg(
    dst,
    reg.isScalar ? scalarReg(settle(negateScalar(reg.scalar, width, env.rules.arithmetic))) : UNKNOWN_SCALAR,
  );
}

export function convert(env: Env, insn: EndianInsn): void {
  const reg = env.reg(insn.dst);
  if (!reg.isScalar) {
    env.setReg(insn.dst, UNKNOWN_SCALAR);
    return;
  }
  // The programs are little-endian: "to little endian" only cuts off.
  const how = insn.fn === 'le' ? 'keep' : 'swap';
  env.setReg(insn.dst, scalarReg(settle(convertOrder(reg.scalar, how, insn.bits, env.rules.arithmetic))));
}

// --- Computation -------------------------------------------------------------------------------------------------------------

function compute(env: Env, insn: AluInsn, fn: ScalarFunction): void {
  const { dst, src, width } = insn;
  const left = env.reg(dst);
  const right = operand(env, src);
  env.source = left.origin;
  if (left.type === Kind.arena || right.type === Kind.arena) {
    env.setReg(dst, left.type === Kind.arena ? left : right);
    return;
  }
  if (!left.isScalar && !right.isScalar) {
    // The distance between two pointers is a number to a privileged program.
    if (fn !== 'sub') env.refuse({ kind: 'two-pointers', reg: dst, operator: operatorText(insn.fn) });
    env.setReg(dst, UNKNOWN_SCALAR);
    return;
  }
  if (!right.isScalar) {
    markPrecise(env, dst);
    env.setReg(dst, movePointer(env, insn, right, env.reg(dst), 'pointer-second'));
    return;
  }
  if (!left.isScalar) {
    if (src.kind === 'reg') markPrecise(env, src.reg);
    env.setReg(dst, movePointer(env, insn, left, right, 'pointer-first'));
    return;
  }
  if (left.precise && src.kind === 'reg') markPrecise(env, src.reg);
  forkOnSignMask(env, fn, dst, right);
  const target = env.reg(dst);
  const result = settle(computeScalar(fn, width, target.scalar, right.scalar, env.rules.arithmetic));
  env.setReg(dst, relinked(env, insn, target, right, result));
}

const operand = (env: Env, src: Operand): Reg =>
  src.kind === 'reg' ? env.reg(src.reg) : constantReg(BigInt(src.value));

/** A copied number plus a constant stays linked to the number it was copied from. */
function relinked(env: Env, insn: AluInsn, target: Reg, right: Reg, result: Scalar): Reg {
  const plain =
    target.precise && result !== UNKNOWN_SCALAR.scalar
      ? new Reg(Kind.scalar, result, 0, 0, 0, true)
      : scalarReg(result);
  const links = insn.fn === 'add' ? env.rules.linksSums : insn.fn === 'sub' && env.rules.linksDifferences;
  if (!links || insn.width !== 64 || target.id === 0 || !right.isConstant) return plain;
  if (insn.src.kind === 'reg' && insn.src.reg === insn.dst) return plain;
  const distance = insn.fn === 'add' ? right.scalar.smin : -right.scalar.smin;
  const limit = env.rules.linksDifferences ? -0x8000_0000n : 0n;
  if ((target.id & LINKED_SUM) !== 0 || distance < limit || 0x7fff_ffffn < distance) return plain;
  return new Reg(Kind.scalar, result, Number(distance), target.id | LINKED_SUM, 0, target.precise);
}

function forkOnSignMask(env: Env, fn: ScalarFunction, dst: number, right: Reg): void {
  if (!env.rules.forksSignMasks || (fn !== 'and' && fn !== 'or') || !right.isConstant) return;
  const reg = env.reg(dst);
  const width = signMaskWidth(reg.scalar);
  if (width === 0) return;
  const other = env.branchTo(env.slot);
  const zero = withScalar(reg, signMaskCase(reg.scalar, width, 0));
  other.own(other.current).regs[dst] = zero;
  env.ownFrame().regs[dst] = withScalar(reg, signMaskCase(reg.scalar, width, -1));
}

// --- Pointers ----------------------------------------------------------------------------------------------------------------

const MOVABLE = new Set<number>([
  Kind.ctx,
  Kind.mapValue,
  Kind.mapKey,
  Kind.stack,
  Kind.packet,
  Kind.btfId,
  Kind.mem,
  Kind.buf,
  Kind.func,
  Kind.dynptr,
]);

function movePointer(
  env: Env,
  insn: AluInsn,
  pointer: Reg,
  offset: Reg,
  order: 'pointer-first' | 'pointer-second',
): Reg {
  const { dst, fn, width } = insn;
  const by = offset.scalar;
  const known = by.isConst;
  if (by.smin > by.smax || by.umin > by.umax) return UNKNOWN_SCALAR;
  const type = env.typeText(pointer.type);
  if (width === 32) {
    if (fn === 'sub') return UNKNOWN_SCALAR;
    env.refuse({ kind: 'pointer-arithmetic-32', reg: dst });
  }
  if (mayBeNull(pointer.type)) env.refuse({ kind: 'pointer-arithmetic-nullable', reg: dst, type });
  const base = baseOf(pointer.type);
  if (!MOVABLE.has(base) && !(base === Kind.mapPtr && known && by.smin === 0n && fn === 'add'))
    env.refuse({ kind: 'pointer-arithmetic', reg: dst, type });
  checkOffset(env, offset, pointer.type);
  checkPointerOffset(env, pointer, pointer.type);
  let result: Reg;
  switch (fn) {
    case 'add':
      result = moveForward(env, pointer, by);
      break;
    case 'sub':
      if (order === 'pointer-second') env.refuse({ kind: 'pointer-subtracted', reg: dst });
      if (pointer.type === Kind.stack) env.refuse({ kind: 'stack-pointer-subtraction', reg: dst });
      result = moveBack(env, pointer, by);
      break;
    case 'and':
    case 'or':
    case 'xor':
      return env.refuse({ kind: 'pointer-operator', reg: dst, operator: operatorText(fn), sort: 'bitwise' });
    default:
      return env.refuse({
        kind: 'pointer-operator',
        reg: dst,
        operator: operatorText(fn as AluFunction),
        sort: 'other',
      });
  }
  checkPointerOffset(env, result, pointer.type);
  if (result.scalar === pointer.scalar) return result;
  return withScalar(result, sync(result.scalar));
}

/** The offset of a pointer must be a sane distance; some kernels keep its fixed part within the variable one. */
function checkPointerOffset(env: Env, reg: Reg, type: number): void {
  if (!env.rules.joinsOffsets) {
    checkOffset(env, reg, type);
    return;
  }
  const offset = reg.scalar.smin + BigInt(reg.off);
  if (offset >= MAX_OFFSET || offset <= -MAX_OFFSET)
    env.refuse({ kind: 'pointer-offset-not-allowed', type: env.typeText(type), offset: offset.toString() });
}

/** An offset, or a pointer's own, must be a sane distance. */
function checkOffset(env: Env, reg: Reg, type: number): void {
  const { scalar } = reg;
  const name = env.typeText(type);
  if (scalar.isConst) {
    const value = scalar.smin;
    if (value >= MAX_OFFSET || value <= -MAX_OFFSET)
      env.refuse({ kind: 'offset-not-allowed', type: name, offset: value.toString() });
  }
  const fixed = reg.off;
  if (fixed >= Number(MAX_OFFSET) || fixed <= -Number(MAX_OFFSET))
    env.refuse({ kind: 'pointer-offset-not-allowed', type: name, offset: `${fixed}` });
  if (scalar.smin === S64_MIN) env.refuse({ kind: 'offset-unbounded', type: name });
  if (scalar.smin >= MAX_OFFSET || scalar.smin <= -MAX_OFFSET)
    env.refuse({ kind: 'offset-out-of-bounds', type: name, offset: scalar.smin.toString() });
}

const fitsInt = (x: number): boolean => x === (x | 0);
const inS64 = (x: bigint): boolean => S64_MIN <= x && x <= S64_MAX;

function moveForward(env: Env, pointer: Reg, by: Scalar): Reg {
  if (by.isConst) {
    const off = pointer.off + Number(by.smin);
    if (fitsInt(off)) return change(pointer, { off });
  }
  const from = pointer.scalar;
  const sum = from.copy();
  unbound32(sum);
  const smin = from.smin + by.smin;
  const smax = from.smax + by.smax;
  const signed = inS64(smin) && inS64(smax);
  sum.smin = signed ? smin : S64_MIN;
  sum.smax = signed ? smax : S64_MAX;
  const umax = from.umax + by.umax;
  const overflows = umax > U64_MAX;
  sum.umin = overflows ? 0n : from.umin + by.umin;
  sum.umax = overflows ? U64_MAX : umax;
  sum.tnum = tnumAdd(from.tnum, by.tnum);
  // A packet pointer moved by an unknown distance has no established range, and an identity of its own.
  return isPacketPointer(pointer)
    ? change(pointer, { scalar: sum, id: env.nextId(), extent: 0 })
    : change(pointer, { scalar: sum });
}

function moveBack(env: Env, pointer: Reg, by: Scalar): Reg {
  if (by.isConst) {
    const off = pointer.off - Number(by.smin);
    if (fitsInt(off)) return change(pointer, { off });
  }
  const from = pointer.scalar;
  const rest = from.copy();
  unbound32(rest);
  const smin = from.smin - by.smax;
  const smax = from.smax - by.smin;
  const signed = inS64(smin) && inS64(smax);
  rest.smin = signed ? smin : S64_MIN;
  rest.smax = signed ? smax : S64_MAX;
  const unsigned = from.umin >= by.umax;
  rest.umin = unsigned ? from.umin - by.umax : 0n;
  rest.umax = unsigned ? from.umax - by.umin : U64_MAX;
  rest.tnum = tnumSub(from.tnum, by.tnum);
  if (!isPacketPointer(pointer)) return change(pointer, { scalar: rest });
  return change(pointer, {
    scalar: rest,
    id: env.nextId(),
    ...(by.smin < 0n ? { extent: 0 } : {}),
  });
}
