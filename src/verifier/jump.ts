// Conditional jumps: which ways a path can go, and what each way teaches about the operands, about everything linked to them, about
// pointers that were compared with NULL and packet pointers that were compared with the end.
// Source of truth: kernel/bpf/verifier.c check_cond_jmp_op and what it calls.

import type { JumpFunction, JumpIfInsn, MayGotoInsn } from '../isa/index.ts';
import type { Env } from './env.ts';
import { withSpilled } from './liveness.ts';
import { withScalar } from './memory.ts';
import { markPrecise, remember } from './precision.ts';
import {
  AT_PACKET_END,
  BEYOND_PACKET_END,
  baseOf,
  change,
  constantReg,
  Flag,
  groupOf,
  isAnyPacketPointer,
  isNotNull,
  Kind,
  LINKED_SUM,
  mayBeNull,
  Reg,
  unlinked,
  ZERO_SCALAR,
} from './reg.ts';
import { constant, type Scalar } from './scalar.ts';
import { add32, add64 } from './scalar-alu.ts';
import { branchOutcome, FLIPPED, OPPOSITE, refine, refineSelf, selfOutcome } from './scalar-branch.ts';
import { StackSlot } from './stack-slot.ts';
import { FRAME_POINTER, type LinkedPlace, mapRegisters, type State } from './state.ts';
import { tnumAdd } from './tnum.ts';
import { widenFromPrevious } from './widen.ts';

const MAX_PACKET_OFFSET = 0xffffn;
/** Most places of a group that are followed; the others leave it. */
const MAX_LINKED = 6;

/** The next slot of the path at hand; the other way, where there is one, is queued. */
export function conditionalJump(env: Env, insn: JumpIfInsn): number {
  const { dst, src, fn, width, target } = insn;
  const left = env.reg(dst);
  const right = src.kind === 'reg' ? env.reg(src.reg) : constantReg(BigInt(src.value));
  if (src.kind === 'reg' ? right.type === Kind.stack || left.type === Kind.stack : left.type === Kind.stack) {
    const entry = remember(env);
    entry.sourceIsStack = src.kind === 'reg' && right.type === Kind.stack;
    entry.targetIsStack = left.type === Kind.stack;
  }
  const known =
    env.rules.decidesSelfComparisons && src.kind === 'reg' && src.reg === dst && left.isScalar
      ? selfOutcome(fn, left.scalar)
      : outcome(env, fn, width, left, right);
  if (known !== undefined) {
    if (left.isScalar) markPrecise(env, dst);
    if (src.kind === 'reg' && env.reg(src.reg).isScalar) markPrecise(env, src.reg);
    if (env.log.on) env.printTouched();
    return known ? target : env.slot + 1;
  }

  const linked: LinkedPlace[] = [];
  if (src.kind === 'reg' && right.isScalar && right.id !== 0) collectLinked(env, right.id, linked);
  if (left.isScalar && left.id !== 0) collectLinked(env, left.id, linked);
  if (linked.length > 1) remember(env).linked = linked;

  const taken = env.branchTo(target);
  const fallen = env.state;
  if (env.reg(dst).isScalar && (src.kind === 'imm' || env.reg(src.reg).isScalar)) {
    learn(env, insn, taken, fallen, linked);
  }
  learnFromPointers(env, insn, taken, fallen);
  if (env.log.on) env.printTouched();
  return env.slot + 1;
}

/** may_goto: one path leaves the loop, the other goes on with what it may still become. */
export function mayGoto(env: Env, insn: MayGotoInsn): number {
  const previous = findPrevious(env, env.state.parent, env.slot);
  const queued = env.branchTo(env.slot + 1);
  queued.mayGotoDepth++;
  if (previous !== undefined) widenFromPrevious(previous, queued);
  return insn.target;
}

/** The remembered state above `from` in which this path was at `slot` before, called from the same places. */
export function findPrevious(env: Env, from: State | undefined, slot: number): State | undefined {
  const { current, frames } = env.state;
  for (let state = from?.parent; state !== undefined; state = state.parent) {
    if (state.slot !== slot || state.current !== current) continue;
    let same = true;
    for (let i = 0; i <= current && same; i++) same = state.frames[i]!.callsite === frames[i]!.callsite;
    if (same) return state;
  }
  return undefined;
}

// --- Which way -----------------------------------------------------------------------------------------------------------------

function outcome(env: Env, fn: JumpFunction, width: 32 | 64, left: Reg, right: Reg): boolean | undefined {
  if (left.isScalar && right.isScalar)
    return branchOutcome(fn, width, left.scalar, right.scalar, env.rules.comparisons);
  if (width === 32) return undefined;
  if (isAnyPacketPointer(left) && isAnyPacketPointer(right)) return packetOutcome(fn, left, right);
  if (!env.rules.decidesNullComparisons) return undefined;
  const [pointer, number] = right.isConstant ? [left, right] : [right, left];
  if (!number.isZero || pointer.isScalar || !isNotNull(pointer)) return undefined;
  return fn === 'eq' ? false : fn === 'ne' ? true : undefined;
}

function packetOutcome(fn: JumpFunction, left: Reg, right: Reg): boolean | undefined {
  let pointer: Reg;
  let condition = fn;
  if (right.type === Kind.packetEnd) pointer = left;
  else if (left.type === Kind.packetEnd) {
    pointer = right;
    condition = FLIPPED[fn];
  } else return undefined;
  if (pointer.extent >= 0) return undefined;
  if (condition === 'le' || condition === 'gt')
    return pointer.extent === BEYOND_PACKET_END ? condition === 'gt' : undefined;
  if (condition === 'lt' || condition === 'ge') return condition === 'ge';
  return undefined;
}

// --- Numbers -------------------------------------------------------------------------------------------------------------------

function learn(env: Env, insn: JumpIfInsn, taken: State, fallen: State, linked: readonly LinkedPlace[]): void {
  const { dst, src, fn, width } = insn;
  const left = env.reg(dst).scalar;
  const right = src.kind === 'reg' ? env.reg(src.reg).scalar : constant(BigInt(src.value));
  if (src.kind === 'reg' && src.reg === dst) {
    setNumber(fallen, dst, refineSelf(OPPOSITE[fn], width, left));
    setNumber(taken, dst, refineSelf(fn, width, left));
  } else {
    const [a, b] = refine(OPPOSITE[fn], width, left, right, env.rules.comparisons);
    setNumber(fallen, dst, a);
    if (src.kind === 'reg') setNumber(fallen, src.reg, b);
    const [c, d] = refine(fn, width, left, right, env.rules.comparisons);
    setNumber(taken, dst, c);
    if (src.kind === 'reg') setNumber(taken, src.reg, d);
  }
  if (src.kind === 'reg') {
    syncLinked(env, fallen, src.reg, linked);
    syncLinked(env, taken, src.reg, linked);
  }
  syncLinked(env, fallen, dst, linked);
  syncLinked(env, taken, dst, linked);
}

function setNumber(state: State, regno: number, scalar: Scalar): void {
  const frame = state.frames[state.current]!;
  const reg = frame.regs[regno]!;
  if (reg.scalar !== scalar) state.own(state.current).regs[regno] = withScalar(reg, scalar);
}

/** Every register and spilled register of the group, in all frames, innermost first. */
function collectLinked(env: Env, id: number, places: LinkedPlace[]): void {
  const group = groupOf(id);
  const { state } = env;
  for (let number = state.current; number >= 0; number--) {
    const frame = state.frames[number]!;
    for (let i = 0; i < FRAME_POINTER; i++) {
      const reg = frame.regs[i]!;
      if (reg.isScalar && groupOf(reg.id) === group) add(env, places, { frame: number, where: 'reg', index: i });
    }
    for (let spi = 0; spi < frame.stack.length; spi++) {
      const slot = frame.stack[spi]!;
      if (slot.isSpill && slot.reg.isScalar && groupOf(slot.reg.id) === group)
        add(env, places, { frame: number, where: 'slot', index: spi });
    }
  }
}

function add(env: Env, places: LinkedPlace[], place: LinkedPlace): void {
  if (places.length < MAX_LINKED) {
    places.push(place);
    return;
  }
  // Too many to follow: this one leaves the group.
  const frame = env.state.own(place.frame);
  if (place.where === 'reg') frame.regs[place.index] = unlinked(frame.regs[place.index]!);
  else {
    const slot = frame.stack[place.index]!;
    frame.stack[place.index] = new StackSlot(slot.types, unlinked(slot.reg));
  }
}

/** Carries what was learnt of one number of a group over to the others. */
function syncLinked(env: Env, state: State, regno: number, places: readonly LinkedPlace[]): void {
  const known = state.frames[state.current]!.regs[regno]!;
  if (!known.isScalar || known.id === 0) return;
  for (const place of places) {
    const frame = state.frames[place.frame]!;
    const reg = place.where === 'reg' ? frame.regs[place.index]! : frame.stack[place.index]!.reg;
    if (reg === known || !reg.isScalar || groupOf(reg.id) !== groupOf(known.id)) continue;
    if (place.where === 'reg' && place.frame === state.current && place.index === regno) continue;
    const next = follow(env, reg, known);
    if (next === reg) continue;
    const own = state.own(place.frame);
    if (place.where === 'reg') own.regs[place.index] = next;
    else own.stack[place.index] = new StackSlot(own.stack[place.index]!.types, next);
  }
}

function follow(env: Env, reg: Reg, known: Reg): Reg {
  const plain = (reg.id & LINKED_SUM) === 0 && (known.id & LINKED_SUM) === 0;
  if (plain || reg.off === known.off) {
    if (reg.scalar === known.scalar && reg.precise === known.precise && reg.id === known.id) return reg;
    return new Reg(
      Kind.scalar,
      known.scalar,
      known.off,
      known.id,
      0,
      known.precise,
      0,
      undefined,
      undefined,
      undefined,
      0,
      reg.origin,
    );
  }
  // The same number further on by the difference of their distances from the group.
  const distance = constant(BigInt(reg.off - known.off));
  const moved = known.scalar.copy();
  add32(moved, distance, env.rules.arithmetic);
  add64(moved, distance, env.rules.arithmetic);
  moved.tnum = tnumAdd(moved.tnum, distance.tnum);
  return new Reg(
    Kind.scalar,
    moved,
    reg.off,
    reg.id,
    0,
    known.precise,
    0,
    undefined,
    undefined,
    undefined,
    0,
    reg.origin,
  );
}

// --- Pointers ------------------------------------------------------------------------------------------------------------------

function learnFromPointers(env: Env, insn: JumpIfInsn, taken: State, fallen: State): void {
  const { dst, src, fn, width } = insn;
  const left = env.reg(dst);
  if (width === 64 && src.kind === 'reg') {
    const right = env.reg(src.reg);
    const bothPlain = baseOf(left.type) !== Kind.btfId && baseOf(right.type) !== Kind.btfId;
    if (!left.isScalar && !right.isScalar && bothPlain && (fn === 'eq' || fn === 'ne')) {
      // Equal to a pointer that is not NULL: then neither is the other.
      const equal = fn === 'eq' ? taken : fallen;
      if (isNotNull(left) && mayBeNull(right.type)) setNotNull(equal, src.reg);
      if (isNotNull(right) && mayBeNull(left.type)) setNotNull(equal, dst);
    }
  }
  if (width === 64 && src.kind === 'imm' && src.value === 0 && (fn === 'eq' || fn === 'ne') && mayBeNull(left.type)) {
    settleNull(fallen, dst, fn === 'ne' ? 'null' : 'not-null');
    settleNull(taken, dst, fn === 'eq' ? 'null' : 'not-null');
    return;
  }
  if (width === 64 && src.kind === 'reg') matchPacketPointers(env, insn, src.reg, fallen, taken);
}

function setNotNull(state: State, regno: number): void {
  const frame = state.own(state.current);
  frame.regs[regno] = notNull(frame.regs[regno]!);
}

/** A pointer that was found not to be NULL. What a map lookup gives depends on the kind of map. */
export function notNull(reg: Reg): Reg {
  if (baseOf(reg.type) !== Kind.mapValue) return change(reg, { type: reg.type & ~Flag.nullable });
  const map = reg.map!;
  if (map.inner !== undefined) {
    // The inner map; its identity tells apart maps with timers.
    const uid = map.inner.fields.some(
      (field) => field.kind === 'timer' || field.kind === 'work-queue' || field.kind === 'task-work',
    )
      ? reg.id
      : 0;
    return new Reg(
      Kind.mapPtr,
      reg.scalar,
      0,
      reg.id,
      reg.refId,
      false,
      uid,
      map.inner,
      undefined,
      undefined,
      0,
      reg.origin,
    );
  }
  const type =
    map.type === 'xskmap'
      ? Kind.xdpSock
      : map.type === 'sockmap' || map.type === 'sockhash'
        ? Kind.sock
        : Kind.mapValue;
  const kept = type === Kind.mapValue ? map : undefined;
  return new Reg(
    type,
    reg.scalar,
    reg.off,
    reg.id,
    reg.refId,
    false,
    reg.extent,
    kept,
    undefined,
    undefined,
    0,
    reg.origin,
  );
}

/** All copies of a pointer that was compared with NULL. */
function settleNull(state: State, regno: number, is: 'null' | 'not-null'): void {
  const pointer = state.frames[state.current]!.regs[regno]!;
  const { id, refId } = pointer;
  if (refId !== 0 && refId === id && is === 'null') {
    // Nothing was handed out, so nothing has to be given back.
    state.held = state.held.filter((one) => one.kind !== 'pointer' || one.id !== refId);
  }
  mapRegisters(
    state,
    (reg) => {
      if (!mayBeNull(reg.type) || reg.id !== id) return reg;
      if (is === 'null')
        return reg.origin === undefined
          ? ZERO_SCALAR
          : new Reg(Kind.scalar, ZERO_SCALAR.scalar, 0, 0, 0, false, 0, undefined, undefined, undefined, 0, reg.origin);
      const settled = notNull(reg);
      // The identity goes on where a lock in the value has to be told apart.
      const keepsId =
        settled.type === Kind.mapValue &&
        settled.map!.fields.some((field) => field.kind === 'spin-lock' || field.kind === 'res-spin-lock');
      return keepsId ? settled : change(settled, { id: 0 });
    },
    withSpilled,
  );
}

/** A packet pointer compared with the end: on one side so many bytes are known to be there. */
function matchPacketPointers(env: Env, insn: JumpIfInsn, src: number, fallen: State, taken: State): void {
  const regs = fallen.frames[fallen.current]!.regs;
  const left = regs[insn.dst]!;
  const right = regs[src]!;
  let pointer: number;
  let condition: JumpFunction;
  if (left.type === Kind.packet && right.type === Kind.packetEnd) {
    pointer = insn.dst;
    condition = insn.fn;
  } else if (left.type === Kind.packetEnd && right.type === Kind.packet) {
    pointer = src;
    condition = FLIPPED[insn.fn];
  } else return;
  const reg = regs[pointer]!;
  switch (condition) {
    case 'gt':
      extendRange(env, fallen, reg, 0);
      markEnd(taken, pointer, BEYOND_PACKET_END);
      break;
    case 'lt':
      extendRange(env, taken, reg, 1);
      markEnd(fallen, pointer, AT_PACKET_END);
      break;
    case 'ge':
      extendRange(env, fallen, reg, 1);
      markEnd(taken, pointer, AT_PACKET_END);
      break;
    case 'le':
      extendRange(env, taken, reg, 0);
      markEnd(fallen, pointer, BEYOND_PACKET_END);
      break;
    default:
      break;
  }
}

/**
 * All pointers of the same identity may reach as far as this one points; one byte more when it lies strictly before the end. Where
 * the offsets of a pointer are one, the reach is counted from where the packet pointer was before it was moved.
 */
function extendRange(env: Env, state: State, pointer: Reg, more: 0 | 1): void {
  const { umax } = pointer.scalar;
  const moved = env.rules.joinsOffsets && umax <= MAX_PACKET_OFFSET ? Number(umax) : 0;
  const reach = pointer.off + moved;
  if (pointer.off < 0 || (reach === 0 && more === 1)) return;
  if (umax > MAX_PACKET_OFFSET || umax + BigInt(pointer.off) > MAX_PACKET_OFFSET) return;
  const range = reach + more;
  mapRegisters(
    state,
    (reg) =>
      reg.type === Kind.packet && reg.id === pointer.id && reg.extent < range ? change(reg, { extent: range }) : reg,
    withSpilled,
  );
}

function markEnd(state: State, regno: number, end: number): void {
  const frame = state.own(state.current);
  frame.regs[regno] = change(frame.regs[regno]!, { extent: end });
}
