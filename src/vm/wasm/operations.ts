// What each operation of the lowered code becomes. One row per operation; the compiler demands that none is missing.
// Semantics: interpreter.ts beside this folder, which is what compiled code has to agree with.

import { STACK_COLOUR, UNSET_STACK_BYTE } from '../address.ts';
import { CONTROL, GRANULE_BYTES, PAGE_BYTES } from '../linear-memory.ts';
import { ATOMIC, ATOMIC_FETCH, OP, type OpName } from '../op.ts';
import { type Body, LOCAL } from './body.ts';
import { I, TYPE } from './encoding.ts';
import { FRAMES, OUTCOME } from './layout.ts';
import { emitLookup, keyAccess, mapAtCall } from './lookups.ts';
import type { Mode } from './windows.ts';

/** One instruction being compiled. */
export interface Site {
  readonly body: Body;
  readonly column: number;
  readonly dst: number;
  readonly src: number;
  readonly off: number;
  /** The target column of the lowered code. */
  readonly target: number;
  /** Column at which its block starts. */
  readonly blockStart: number;
  /** Instructions of the block that come after this one. */
  readonly after: number;
  /** Block that starts at a column. */
  readonly blockAt: (column: number) => number;
  /** Dispatch number of a block that has one. */
  readonly entryOf: (block: number) => number;
}

export type Emitter = (site: Site) => void;

const FRAME_POINTER = 10;
const STACK_BYTES = 512;

/** dst = dst OP src in 64 bits; WebAssembly takes shift distances modulo 64 as BPF does. */
const alu64 =
  (op: number): Emitter =>
  ({ body, dst, src }) =>
    body.operand64(dst).operand64(src).op(op).setRegister(dst);

/** The same in 32 bits; the upper half becomes 0. */
const alu32 =
  (op: number): Emitter =>
  ({ body, dst, src }) =>
    body.operand32(dst).operand32(src).op(op, I.i64ExtendI32U).setRegister(dst);

interface Division {
  readonly bits: 32 | 64;
  readonly op: number;
  readonly signed: boolean;
  readonly result: 'quotient' | 'remainder';
}

/** Division by zero gives 0, its remainder the dividend; the smallest number by -1 gives itself, where WebAssembly would trap. */
const divide =
  ({ bits, op, signed, result }: Division): Emitter =>
  ({ body, dst, src }) => {
    const wide = bits === 64;
    const type = wide ? TYPE.i64 : TYPE.i32;
    const number = (value: number) => (wide ? body.i64(BigInt(value)) : body.i32(value));
    const operand = (register: number) => (wide ? body.operand64(register) : body.operand32(register));
    const minus = wide ? I.i64Sub : I.i32Sub;
    const constant = body.constantOf(src);
    const divisor = constant === undefined ? undefined : BigInt.asIntN(bits, constant);
    const plain = () => {
      operand(dst);
      operand(src);
      body.op(op);
    };
    const byZero = () => (result === 'quotient' ? number(0) : operand(dst));
    const byMinusOne = () => {
      number(0);
      operand(dst);
      body.op(minus);
    };
    const trapsAtMinusOne = signed && result === 'quotient';
    if (divisor === 0n) byZero();
    else if (divisor === -1n && trapsAtMinusOne) byMinusOne();
    else if (divisor !== undefined) plain();
    else {
      operand(src);
      body.op(wide ? I.i64Eqz : I.i32Eqz).op(I.if, type);
      byZero();
      body.else();
      if (trapsAtMinusOne) {
        operand(src);
        number(-1);
        body.op(wide ? I.i64Eq : I.i32Eq).op(I.if, type);
        byMinusOne();
        body.else();
        plain();
        body.op(I.end);
      } else plain();
      body.op(I.end);
    }
    if (!wide) body.op(I.i64ExtendI32U);
    body.setRegister(dst);
  };

/** dst = sign extension of the low bits of src. */
const extend64 =
  (op: number): Emitter =>
  ({ body, dst, src }) =>
    body.operand64(src).op(op).setRegister(dst);
const extend32 =
  (op: number): Emitter =>
  ({ body, dst, src }) =>
    body.operand32(src).op(op, I.i64ExtendI32U).setRegister(dst);

const zeroExtend =
  (mask: bigint): Emitter =>
  ({ body, dst }) =>
    body.operand64(dst).i64(mask).op(I.i64And).setRegister(dst);

const jump64 =
  (op: number): Emitter =>
  ({ body, dst, src, target, blockAt }) =>
    body.operand64(dst).operand64(src).op(op).goToIf(blockAt(target));
const jump32 =
  (op: number): Emitter =>
  ({ body, dst, src, target, blockAt }) =>
    body.operand32(dst).operand32(src).op(op).goToIf(blockAt(target));

/**
 * Takes the label `slow` when an access at `base` + `off` is not one that the tags allow as it stands; falls through with `address` set.
 * Needs a look at the tags only outside of the window of such accesses (windows.ts).
 */
function checkAccess(body: Body, access: { base: number; off: number; size: number; mode: Mode; slow: number }): void {
  const { base, off, size, mode } = access;
  const window = body.windows.of(base, size, mode);
  const pointer = () => {
    body.operand64(base);
    if (off !== 0) body.i64(BigInt(off)).op(I.i64Add);
  };
  const end = () => {
    body.get(LOCAL.tag).op(I.i32WrapI64);
    if (mode === 'read') body.i32(0x7fffffff).op(I.i32And);
  };
  body.open('block');
  const slow = access.slow + 1;
  body.operand32(base);
  if (off !== 0) body.i32(off).op(I.i32Add);
  body.set(LOCAL.address);
  pointer();
  body.get(window.start).op(I.i64Sub).get(window.length).op(I.i64LtU).branch(0, 'if');
  body.get(LOCAL.address).get(LOCAL.capacity).op(I.i32GeU).branch(slow, 'if');
  body.get(LOCAL.address).i32(6).op(I.i32ShrU).i32(3).op(I.i32Shl).get(LOCAL.tagBase).op(I.i32Add);
  body.memory(I.i64Load, 3).tee(LOCAL.tag);
  body.operand64(base).op(I.i64Xor).i64(32n).op(I.i64ShrU).i64(0n).op(I.i64Ne).branch(slow, 'if');
  body.get(LOCAL.address).i32(size).op(I.i32Add);
  end();
  body.op(I.i32GtS).branch(slow, 'if');
  if (mode === 'write') markDirty(body, size);
  // A region begins at a granule, and all of it from the granule at hand to its end is allowed; of one that is written only what
  // lies in the page that has just been marked.
  pointer();
  body.i64(BigInt(-GRANULE_BYTES)).op(I.i64And).set(window.start);
  end();
  if (mode === 'write') {
    body.set(LOCAL.element);
    body.get(LOCAL.address).i32(-PAGE_BYTES).op(I.i32And).i32(PAGE_BYTES).op(I.i32Add).set(LOCAL.hash);
    body.get(LOCAL.element).get(LOCAL.hash).get(LOCAL.element).get(LOCAL.hash).op(I.i32LtU, I.select);
  }
  body.get(LOCAL.address).i32(-GRANULE_BYTES).op(I.i32And, I.i32Sub);
  body
    .i32(size - 1)
    .op(I.i32Sub, I.i64ExtendI32U)
    .set(window.length)
    .close();
}

/** Says that the bytes at `address` have changed. */
function markDirty(body: Body, size: number): void {
  const mark = (last: number) => {
    body.get(LOCAL.address);
    if (last > 0) body.i32(last).op(I.i32Add);
    body.i32(12).op(I.i32ShrU).get(LOCAL.dirtyBase).op(I.i32Add).i32(1).memory(I.i32Store8, 0);
  };
  mark(0);
  if (size > 1) mark(size - 1);
}

/** Tables may have moved while the machine was at work, and what was mapped may be gone. */
function reloadControl(body: Body): void {
  for (const { length } of body.windows) body.i64(0n).set(length);
  for (const [word, local] of [
    [CONTROL.tagBase, LOCAL.tagBase],
    [CONTROL.dirtyBase, LOCAL.dirtyBase],
    [CONTROL.capacity, LOCAL.capacity],
  ] as const)
    body.i32(0).memory(I.i32Load, 2, word).set(local);
}

/** Hands the instruction to the machine; `results` are the registers that it may have changed. */
function accessByMachine({ body, column, after }: Site, results: readonly number[]): void {
  body.spill().i32(column).call(body.functions.access).op(I.i32Eqz).if().stopped(after).close();
  body.reload(...results);
  reloadControl(body);
}

/**
 * Whether an access lies in the stack frame by its offset alone: the frame pointer cannot be changed, and a frame's memory is
 * always there. The engine marks the stacks as changed before it starts.
 */
const isInFrame = ({ off }: Site, base: number, size: number): boolean =>
  base === FRAME_POINTER && off >= -STACK_BYTES && off + size <= 0;

/** An access with a fast way, `fast` working on the local `address`, and the machine's way. */
function access(
  site: Site,
  what: {
    readonly base: number;
    readonly size: number;
    readonly mode: Mode;
    readonly results: readonly number[];
    readonly fast: () => void;
  },
): void {
  const { body, off } = site;
  const { base, size, mode } = what;
  if (isInFrame(site, what.base, what.size)) {
    body.operand32(what.base).i32(off).op(I.i32Add).set(LOCAL.address);
    what.fast();
    return;
  }
  body.open('block').open('block');
  checkAccess(body, { base, off, size, mode, slow: 0 });
  what.fast();
  body.branch(1, 'always').close();
  accessByMachine(site, what.results);
  body.close();
}

const load =
  (op: number, size: number): Emitter =>
  (site) => {
    const { body, dst, src } = site;
    const fast = () => body.get(LOCAL.address).memory(op, 0).setRegister(dst);
    access(site, { base: src, size, mode: 'read', results: [dst], fast });
  };

const store =
  (op: number, size: number): Emitter =>
  (site) => {
    const { body, dst, src } = site;
    const fast = () => body.get(LOCAL.address).operand64(src).memory(op, 0);
    access(site, { base: dst, size, mode: 'write', results: [], fast });
  };

const COMBINE: Readonly<Record<number, number>> = {
  [ATOMIC.add]: I.i64Add,
  [ATOMIC.or]: I.i64Or,
  [ATOMIC.and]: I.i64And,
  [ATOMIC.xor]: I.i64Xor,
};

/** Nothing else runs at the same time: an atomic operation is a load and a store. */
const atomic =
  (size: 4 | 8): Emitter =>
  (site) => {
    const { body, dst, src, target } = site;
    const fetch = (target & ATOMIC_FETCH) !== 0;
    const fn = target & ~ATOMIC_FETCH;
    const loadOp = size === 8 ? I.i64Load : I.i64Load32U;
    const storeOp = size === 8 ? I.i64Store : I.i64Store32;
    const loadOld = () => body.get(LOCAL.address).memory(loadOp, 0);
    const fast = () => {
      if (fn === ATOMIC.cmpxchg) {
        loadOld().tee(LOCAL.value);
        body.operand64(0);
        if (size === 4) zeroUpper(body);
        body.op(I.i64Eq).if();
        body.get(LOCAL.address).operand64(src).memory(storeOp, 0).close();
        body.get(LOCAL.value).setRegister(0);
        return;
      }
      loadOld().set(LOCAL.value);
      body.get(LOCAL.address);
      const combine = COMBINE[fn];
      if (combine === undefined) body.operand64(src);
      else body.get(LOCAL.value).operand64(src).op(combine);
      body.memory(storeOp, 0);
      if (fetch || fn === ATOMIC.xchg) body.get(LOCAL.value).setRegister(src);
    };
    access(site, { base: dst, size, mode: 'write', results: [0, src], fast });
  };

const zeroUpper = (body: Body) => body.i64(0xffff_ffffn).op(I.i64And);

/** Reverses the four bytes of the number on the stack: each pair of bytes by rotating the word to the left and to the right. */
function swapBytes(body: Body): Body {
  body.tee(LOCAL.hash).i32(8).op(I.i32Rotl).i32(0x00ff00ff).op(I.i32And);
  return body
    .get(LOCAL.hash)
    .i32(8)
    .op(I.i32Rotr)
    .i32(0xff00ff00 | 0)
    .op(I.i32And, I.i32Or);
}

/** r6 to r9 and the frame pointer, which a call must not change. */
const CALLEE_SAVED = [6, 7, 8, 9, FRAME_POINTER] as const;

/** Opens a frame as Machine.enter does; the new depth is in the local `address`. */
function openFrame({ body, column, target, blockAt, entryOf }: Site): void {
  const word = (offset: number, value: number) =>
    body
      .get(LOCAL.address)
      .i32(value)
      .memory(I.i32Store, 2, FRAMES.base + offset);
  const stackTop = () => body.get(LOCAL.address).memory(I.i32Load, 2, FRAMES.base + FRAMES.stackTop);
  body.get(LOCAL.address).tee(LOCAL.depth).i32(FRAMES.shift).op(I.i32Shl).set(LOCAL.address);
  CALLEE_SAVED.forEach((register, index) => {
    body
      .get(LOCAL.address)
      .operand64(register)
      .memory(I.i64Store, 3, FRAMES.base + FRAMES.saved + 8 * index);
  });
  word(FRAMES.callColumn, column);
  word(FRAMES.functionColumn, target);
  word(FRAMES.returnEntry, entryOf(blockAt(column + 1)));
  word(FRAMES.fresh, 1);
  body.get(LOCAL.depth).get(LOCAL.deepest).op(I.i32GtS).if();
  body.get(LOCAL.depth).set(LOCAL.deepest);
  stackTop();
  body.i32(STACK_BYTES).op(I.i32Sub).i32(UNSET_STACK_BYTE).i32(STACK_BYTES).op(I.bulk, I.memoryFill, 0).close();
  stackTop();
  body.op(I.i64ExtendI32U);
  body.get(LOCAL.depth).i32(STACK_COLOUR).op(I.i32Add, I.i64ExtendI32U).i64(32n).op(I.i64Shl, I.i64Or);
  body.setRegister(FRAME_POINTER);
}

export const EMITTERS = {
  add64: alu64(I.i64Add),
  sub64: alu64(I.i64Sub),
  mul64: alu64(I.i64Mul),
  div64: divide({ bits: 64, op: I.i64DivU, signed: false, result: 'quotient' }),
  sdiv64: divide({ bits: 64, op: I.i64DivS, signed: true, result: 'quotient' }),
  or64: alu64(I.i64Or),
  and64: alu64(I.i64And),
  lsh64: alu64(I.i64Shl),
  rsh64: alu64(I.i64ShrU),
  mod64: divide({ bits: 64, op: I.i64RemU, signed: false, result: 'remainder' }),
  smod64: divide({ bits: 64, op: I.i64RemS, signed: true, result: 'remainder' }),
  xor64: alu64(I.i64Xor),
  mov64: ({ body, dst, src }) => body.operand64(src).setRegister(dst),
  movsx8to64: extend64(I.i64Extend8S),
  movsx16to64: extend64(I.i64Extend16S),
  movsx32to64: extend64(I.i64Extend32S),
  arsh64: alu64(I.i64ShrS),
  neg64: ({ body, dst }) => body.i64(0n).operand64(dst).op(I.i64Sub).setRegister(dst),
  add32: alu32(I.i32Add),
  sub32: alu32(I.i32Sub),
  mul32: alu32(I.i32Mul),
  div32: divide({ bits: 32, op: I.i32DivU, signed: false, result: 'quotient' }),
  sdiv32: divide({ bits: 32, op: I.i32DivS, signed: true, result: 'quotient' }),
  or32: alu32(I.i32Or),
  and32: alu32(I.i32And),
  lsh32: alu32(I.i32Shl),
  rsh32: alu32(I.i32ShrU),
  mod32: divide({ bits: 32, op: I.i32RemU, signed: false, result: 'remainder' }),
  smod32: divide({ bits: 32, op: I.i32RemS, signed: true, result: 'remainder' }),
  xor32: alu32(I.i32Xor),
  mov32: ({ body, dst, src }) => body.operand32(src).op(I.i64ExtendI32U).setRegister(dst),
  movsx8to32: extend32(I.i32Extend8S),
  movsx16to32: extend32(I.i32Extend16S),
  arsh32: alu32(I.i32ShrS),
  neg32: ({ body, dst }) => body.i32(0).operand32(dst).op(I.i32Sub, I.i64ExtendI32U).setRegister(dst),
  zext16: zeroExtend(0xffffn),
  zext32: zeroExtend(0xffff_ffffn),
  nop: () => {},
  bswap16: ({ body, dst }) => {
    body.operand32(dst).i32(8).op(I.i32Shl).i32(0xff00).op(I.i32And);
    body.operand32(dst).i32(8).op(I.i32ShrU).i32(0xff).op(I.i32And, I.i32Or, I.i64ExtendI32U).setRegister(dst);
  },
  bswap32: ({ body, dst }) => {
    swapBytes(body.operand32(dst)).op(I.i64ExtendI32U).setRegister(dst);
  },
  bswap64: ({ body, dst }) => {
    swapBytes(body.operand32(dst)).op(I.i64ExtendI32U).i64(32n).op(I.i64Shl);
    swapBytes(body.operand64(dst).i64(32n).op(I.i64ShrU, I.i32WrapI64)).op(I.i64ExtendI32U, I.i64Or).setRegister(dst);
  },
  loadImm64: ({ body, dst, src }) => body.operand64(src).setRegister(dst),
  load8: load(I.i64Load8U, 1),
  load16: load(I.i64Load16U, 2),
  load32: load(I.i64Load32U, 4),
  load64: load(I.i64Load, 8),
  loadSigned8: load(I.i64Load8S, 1),
  loadSigned16: load(I.i64Load16S, 2),
  loadSigned32: load(I.i64Load32S, 4),
  loadContext: (site) => accessByMachine(site, [site.dst]),
  store8: store(I.i64Store8, 1),
  store16: store(I.i64Store16, 2),
  store32: store(I.i64Store32, 4),
  store64: store(I.i64Store, 8),
  atomic32: atomic(4),
  atomic64: atomic(8),
  jump: ({ body, target, blockAt }) => body.goTo(blockAt(target)),
  jeq64: jump64(I.i64Eq),
  jne64: jump64(I.i64Ne),
  jgt64: jump64(I.i64GtU),
  jge64: jump64(I.i64GeU),
  jlt64: jump64(I.i64LtU),
  jle64: jump64(I.i64LeU),
  jsgt64: jump64(I.i64GtS),
  jsge64: jump64(I.i64GeS),
  jslt64: jump64(I.i64LtS),
  jsle64: jump64(I.i64LeS),
  jset64: ({ body, dst, src, target, blockAt }) =>
    body.operand64(dst).operand64(src).op(I.i64And).i64(0n).op(I.i64Ne).goToIf(blockAt(target)),
  jeq32: jump32(I.i32Eq),
  jne32: jump32(I.i32Ne),
  jgt32: jump32(I.i32GtU),
  jge32: jump32(I.i32GeU),
  jlt32: jump32(I.i32LtU),
  jle32: jump32(I.i32LeU),
  jsgt32: jump32(I.i32GtS),
  jsge32: jump32(I.i32GeS),
  jslt32: jump32(I.i32LtS),
  jsle32: jump32(I.i32LeS),
  jset32: jump32(I.i32And),
  mayGoto: ({ body, target, blockAt }) => body.call(body.functions.mayGoto).op(I.i32Eqz).goToIf(blockAt(target)),
  callHelper: ({ body, column, after, blockStart }) => {
    const map = mapAtCall(body, column, blockStart);
    if (map !== undefined) {
      // Labels: 0 the machine's way, 1 done.
      body.open('block').open('block');
      checkAccess(body, { ...keyAccess(map), slow: 0 });
      emitLookup(body, map, 0, 1);
      body.close();
    }
    body.spill().i32(column).call(body.functions.helper).op(I.i32Eqz).if().stopped(after).close();
    body.reload(0);
    reloadControl(body);
    if (map !== undefined) body.close();
  },
  callLocal: (site) => {
    const { body, column, after, target, blockAt } = site;
    body.get(LOCAL.depth).i32(1).op(I.i32Add).tee(LOCAL.address).i32(body.maxFrames).op(I.i32GeS).if();
    body.spill().i32(column).call(body.functions.enter).stopped(after).close();
    openFrame(site);
    body.goTo(blockAt(target));
  },
  exit: ({ body, column, after }) => {
    if (body.hasFrames) {
      body.get(LOCAL.depth).get(LOCAL.base).op(I.i32GtS).if();
      body.get(LOCAL.depth).i32(FRAMES.shift).op(I.i32Shl).set(LOCAL.address);
      CALLEE_SAVED.forEach((register, index) => {
        body
          .get(LOCAL.address)
          .memory(I.i64Load, 3, FRAMES.base + FRAMES.saved + 8 * index)
          .setRegister(register);
      });
      body
        .get(LOCAL.address)
        .memory(I.i32Load, 2, FRAMES.base + FRAMES.returnEntry)
        .set(LOCAL.entry);
      body.get(LOCAL.depth).i32(1).op(I.i32Sub).set(LOCAL.depth).goToEntry().close();
    }
    body.get(LOCAL.depth).op(I.i32Eqz).if().finish(OUTCOME.ended, column).close();
    body.spill().i32(column).call(body.functions.leave);
    body.tee(LOCAL.entry).i32(0).op(I.i32LtS).if().stopped(after).close();
    body.get(LOCAL.depth).i32(1).op(I.i32Sub).tee(LOCAL.depth).set(LOCAL.base);
    body.reload(0, ...CALLEE_SAVED);
    reloadControl(body);
    body.goToEntry();
  },
  trap: ({ body, column, after }) => body.spill().i32(column).call(body.functions.trap).stopped(after),
  // Breakpoints are set in interpreted runs only; compiled code that meets one stops as if the budget had run out.
  breakpoint: ({ body, column }) => body.finish(OUTCOME.budget, column),
} satisfies Record<OpName, Emitter>;

const BY_NUMBER: readonly (Emitter | undefined)[] = (() => {
  const table: Emitter[] = [];
  for (const [name, number] of Object.entries(OP)) table[number] = EMITTERS[name as OpName];
  return table;
})();

/** The emitter of an operation number of lowered code. */
export function emitterOf(op: number): Emitter {
  return BY_NUMBER[op] ?? EMITTERS.trap;
}
