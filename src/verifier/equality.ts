// Whether a path can end because a remembered state already covers it: every value the current state allows was allowed there.
// Source of truth: kernel/bpf/verifier.c states_equal, regsafe, stacksafe, refsafe.

import type { Env } from './env.ts';
import { isStackRead } from './liveness.ts';
import { baseOf, Kind, LINKED_SUM, type Reg, UNKNOWN_SCALAR } from './reg.ts';
import type { Scalar } from './scalar.ts';
import { rangeWithin } from './scalar-branch.ts';
import { Byte, byteType, EMPTY_SLOT, type StackSlot } from './stack-slot.ts';
import { type Frame, REGISTERS, type State, slotOfFrame } from './state.ts';
import { tnumIn } from './tnum.ts';

/** How alike the states must be: covered, the very same (for endless loops), or with all ranges covered (inside loops). */
export type Exactness = 'covered' | 'exact' | 'within';

/** Identities of one state matched with those of the other, one to one. */
class Pairing {
  #old: number[] = [];
  #current: number[] = [];
  #made = 0;

  reset(lastId: number): void {
    this.#old.length = 0;
    this.#current.length = 0;
    this.#made = lastId;
  }

  match(old: number, current: number): boolean {
    if ((old !== 0) !== (current !== 0)) return false;
    if (old === 0) return true;
    for (let i = 0; i < this.#old.length; i++) {
      if (this.#old[i] === old) return this.#current[i] === current;
      if (this.#current[i] === current) return false;
    }
    this.#old.push(old);
    this.#current.push(current);
    return true;
  }

  /** A number that was in a group must be in one now; one that was alone may be in any. */
  matchScalars(old: number, current: number): boolean {
    if (old === 0) return true;
    const id = current !== 0 ? current : ++this.#made;
    if (!this.match(old, id)) return false;
    if ((old & LINKED_SUM) !== 0) return this.match(old & ~LINKED_SUM, id & ~LINKED_SUM);
    return true;
  }
}

const pairing = new Pairing();

export function statesEqual(env: Env, old: State, current: State, exactness: Exactness): boolean {
  if (old.frames.length !== current.frames.length) return false;
  pairing.reset(env.lastId);
  if (!sameHoldings(old, current)) return false;
  for (let number = 0; number < old.frames.length; number++) {
    const a = old.frames[number]!;
    const b = current.frames[number]!;
    if (a.callsite !== b.callsite || a.callbackDepth > b.callbackDepth) return false;
    const live = env.program.liveRegs[slotOfFrame(old, number)]! | (1 << 10);
    for (let i = 0; i < REGISTERS; i++) {
      if ((live & (1 << i)) !== 0 && !covers(a.regs[i]!, b.regs[i]!, exactness)) return false;
    }
    if (!stackCovers(env, old, a, b, exactness)) return false;
  }
  return true;
}

function sameHoldings(old: State, current: State): boolean {
  if (
    old.held.length !== current.held.length ||
    old.locks !== current.locks ||
    old.preemptDepth !== current.preemptDepth ||
    old.rcuDepth !== current.rcuDepth ||
    !pairing.match(old.irqId, current.irqId) ||
    !pairing.match(old.lockId, current.lockId) ||
    old.lockOwner !== current.lockOwner
  )
    return false;
  for (let i = 0; i < old.held.length; i++) {
    const a = old.held[i]!;
    const b = current.held[i]!;
    if (a.kind !== b.kind || a.owner !== b.owner || !pairing.match(a.id, b.id)) return false;
  }
  return true;
}

function sameScalar(a: Scalar, b: Scalar): boolean {
  return (
    a === b ||
    (a.tnum.value === b.tnum.value &&
      a.tnum.mask === b.tnum.mask &&
      a.umin === b.umin &&
      a.umax === b.umax &&
      a.smin === b.smin &&
      a.smax === b.smax &&
      a.u32min === b.u32min &&
      a.u32max === b.u32max &&
      a.s32min === b.s32min &&
      a.s32max === b.s32max)
  );
}

/** The same type, offset and referent; bounds are the caller's business. */
function sameReferent(a: Reg, b: Reg): boolean {
  return (
    a.type === b.type &&
    a.off === b.off &&
    a.extent === b.extent &&
    a.map === b.map &&
    a.btf?.id === b.btf?.id &&
    a.btf?.name === b.btf?.name &&
    a.special === b.special
  );
}

function identical(a: Reg, b: Reg): boolean {
  return (
    (a === b || (sameReferent(a, b) && sameScalar(a.scalar, b.scalar))) &&
    pairing.match(a.id, b.id) &&
    pairing.match(a.refId, b.refId)
  );
}

const within = (a: Reg, b: Reg): boolean => rangeWithin(a.scalar, b.scalar) && tnumIn(a.scalar.tnum, b.scalar.tnum);

function covers(old: Reg, current: Reg, exactness: Exactness): boolean {
  if (exactness === 'exact') return identical(old, current);
  if (old.type === Kind.notInit) return true;
  if (old.type !== current.type) return false;
  switch (baseOf(old.type)) {
    case Kind.scalar:
      if (!old.precise && exactness === 'covered') return true;
      if ((old.id & LINKED_SUM) !== (current.id & LINKED_SUM) && old.id !== 0) return false;
      if ((old.id & LINKED_SUM) !== 0 && old.off !== current.off) return false;
      if (old.scalar !== current.scalar && !within(old, current)) return false;
      return pairing.matchScalars(old.id, current.id);
    case Kind.mapKey:
    case Kind.mapValue:
    case Kind.mem:
    case Kind.buf:
      return (
        sameReferent(old, current) &&
        within(old, current) &&
        pairing.match(old.id, current.id) &&
        pairing.match(old.refId, current.refId)
      );
    case Kind.packet:
      if (old.extent < 0 || current.extent < 0 ? old.extent !== current.extent : old.extent > current.extent)
        return false;
      return old.off === current.off && pairing.match(old.id, current.id) && within(old, current);
    case Kind.arena:
      return true;
    default:
      return identical(old, current);
  }
}

/** A slot as one number: a spilled one, or bytes of which nothing is known. */
function asScalar(env: Env, slot: StackSlot): Reg | undefined {
  if (slot.types === 0x11111111) return slot.reg.isScalar ? slot.reg : undefined;
  for (let byte = 0; byte < 8; byte++) {
    const type = byteType(slot.types, byte);
    if (type === Byte.misc || (type === Byte.invalid && env.rules.readsUninitialisedStack)) continue;
    return undefined;
  }
  return UNKNOWN_SCALAR;
}

function stackCovers(env: Env, oldState: State, old: Frame, current: Frame, exactness: Exactness): boolean {
  for (let spi = 0; spi < old.stack.length; spi++) {
    const a = old.stack[spi]!;
    const b = current.stack[spi] ?? EMPTY_SLOT;
    if (exactness === 'exact') {
      if (a.types !== b.types) return false;
    } else if (exactness === 'covered' && !isStackRead(oldState, old.number, spi) && !a.isSpecialObject) continue;
    if (a.types === 0 || a === b) {
      if (a === b && a.types !== 0 && !slotIdentities(a, b, exactness)) return false;
      continue;
    }
    if (!slotCovers(env, a, b, exactness)) return false;
  }
  return true;
}

/** Two references to one slot object still have to agree with the pairing of identities so far. */
function slotIdentities(a: StackSlot, b: StackSlot, exactness: Exactness): boolean {
  return !a.isSpecial || covers(a.reg, b.reg, exactness === 'exact' ? 'exact' : exactness);
}

function slotCovers(env: Env, a: StackSlot, b: StackSlot, exactness: Exactness): boolean {
  const scalarA = asScalar(env, a);
  const scalarB = scalarA === undefined ? undefined : asScalar(env, b);
  if (scalarA !== undefined && scalarB !== undefined) return covers(scalarA, scalarB, exactness);
  for (let byte = 0; byte < 8; byte++) {
    const typeA = byteType(a.types, byte);
    const typeB = byteType(b.types, byte);
    if (typeA === Byte.invalid) continue;
    if (typeA === Byte.misc && env.rules.readsUninitialisedStack) continue;
    if (typeA === Byte.misc && typeB === Byte.zero) continue;
    if (typeA !== typeB) return false;
  }
  switch (a.top) {
    case Byte.spill:
      return covers(a.reg, b.reg, exactness);
    case Byte.dynptr:
    case Byte.iter:
    case Byte.irq:
      return sameObject(a.reg, b.reg);
    default:
      return true;
  }
}

function sameObject(a: Reg, b: Reg): boolean {
  const x = a.special;
  const y = b.special;
  if (x === undefined || y === undefined || x.kind !== y.kind) return false;
  if (x.kind === 'dynptr' && y.kind === 'dynptr')
    return x.sort === y.sort && x.first === y.first && pairing.match(a.refId, b.refId) && pairing.match(a.id, b.id);
  if (x.kind === 'iter' && y.kind === 'iter')
    return x.type === y.type && x.state === y.state && pairing.match(a.refId, b.refId);
  return pairing.match(a.refId, b.refId);
}

/** Cheap test before the exact comparison: the registers of the frame on top are the same, marks aside. */
export function mayLoop(old: State, current: State): boolean {
  const number = current.current;
  if (old.current !== number) return false;
  const a = old.frames[number]!.regs;
  const b = current.frames[number]!.regs;
  for (let i = 0; i < REGISTERS; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (x === y) continue;
    if (!sameReferent(x, y) || !sameScalar(x.scalar, y.scalar) || x.id !== y.id || x.refId !== y.refId) return false;
  }
  return true;
}

/** Whether an iterator has advanced between two states: then the loop is not endless. */
export function iteratorsDiffer(old: State, current: State): boolean {
  for (let number = 0; number <= old.current; number++) {
    const { stack } = old.frames[number]!;
    for (let spi = 0; spi < stack.length; spi++) {
      const a = stack[spi]!.reg.special;
      if (stack[spi]!.top !== Byte.iter || a?.kind !== 'iter' || a.state !== 'active') continue;
      const b = current.frames[number]?.stack[spi]?.reg.special;
      if (b?.kind !== 'iter' || b.depth !== a.depth) return true;
    }
  }
  return false;
}
