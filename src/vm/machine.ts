// One machine: registers, call stack, memory and what the running program may see of the world. The interpreter drives it, the
// helpers work through it; vm.ts gives it its public face. All of its state is in linear memory or in the plain fields below,
// so that a snapshot is a copy of the fields and of the changed pages.

import { invariant } from '../base/index.ts';
import type { KernelView } from '../kernel/index.ts';
import type { TypeTable } from '../object/index.ts';
import { Access } from './access.ts';
import { asFunction, functionLow, joined, STACK_COLOUR, UNSET_STACK_BYTE, unsetRegister } from './address.ts';
import type { ContextSource } from './api.ts';
import { ContextRegion } from './context.ts';
import type { Continuation, ResumeTable } from './continuation.ts';
import type { AccessMode, Fault } from './fault.ts';
import { BLOCK, HEADER, Heap } from './heap.ts';
import {
  KERNEL_OBJECT_TYPES,
  type KernelObjectType,
  type KernelPort,
  type SocketPort,
  type VmDiagnostic,
} from './kernel-port.ts';
import { CONTROL, type LinearMemory } from './linear-memory.ts';
import { type Code, FIRST_CONSTANT } from './lower.ts';
import type { BpfMap } from './maps/map.ts';
import { STOP, type Stop } from './stop.ts';
import { Timers, UPTIME_NS } from './timers.ts';

/** Set by a helper that does not simply return. */
export const SIGNAL = { none: 0, fault: 1, transfer: 2 } as const;

/** Rounds of a may_goto loop (include/linux/bpf.h BPF_MAX_LOOPS). */
export const MAY_GOTO_ROUNDS = 8 * 1024 * 1024;
const STACK_BYTES = 512;
/** r6 to r10 */
const SAVED = 5;
/** Number of r6's low half. */
const FIRST_SAVED = 12;

/** Registers and call stack at one moment. */
export interface CpuState {
  readonly registers: BigInt64Array;
  readonly code: number;
  readonly pc: number;
  readonly depth: number;
  readonly retired: number;
  readonly tailCalls: number;
  readonly deepest: number;
  readonly budget: number;
  readonly active: boolean;
  readonly fault: Fault | undefined;
  readonly saved: BigInt64Array;
  readonly returnSlots: Int32Array;
  readonly returnCodes: Int32Array;
  readonly functionSlots: Int32Array;
  readonly mayGotoLeft: Int32Array;
  readonly continuations: readonly (Continuation | undefined)[];
  readonly context: unknown;
}

export interface MachineOptions {
  readonly view: KernelView;
  readonly memory: LinearMemory;
  readonly cpuCount: number;
  readonly resume: ResumeTable;
  /** The object's BTF. */
  readonly types: TypeTable | undefined;
}

export class Machine {
  readonly view: KernelView;
  readonly memory: LinearMemory;
  readonly heap: Heap;
  readonly cpuCount: number;
  readonly types: TypeTable | undefined;
  readonly maxFrames: number;
  readonly tailCallLimit: number;
  readonly context: ContextRegion;
  readonly timers: Timers;
  readonly access: Access;
  readonly #resume: ResumeTable;

  codes: readonly Code[] = [];
  maps: readonly BpfMap[] = [];
  code!: Code;
  /** r0 to r10, then constants; the same in 32-bit halves. */
  regs64 = new BigInt64Array(FIRST_CONSTANT);
  regs32 = new Int32Array(this.regs64.buffer);

  pc = 0;
  /** Call depth, 0 in the entry function. */
  depth = 0;
  /** Deepest frame whose stack has been prepared in this call. */
  deepest = 0;
  retired = 0;
  budget = 0;
  active = false;
  /** For engines: the entry function has executed its exit. */
  ended = false;
  tailCalls = 0;
  signal: number = SIGNAL.none;
  fault: Fault | undefined;
  /** By frame: what the caller had in r6 to r10, the slot of the call, the caller's code, the function's first slot. */
  readonly saved: BigInt64Array;
  readonly saved32: Int32Array;
  readonly returnSlots: Int32Array;
  readonly returnCodes: Int32Array;
  readonly functionSlots: Int32Array;
  readonly mayGotoLeft: Int32Array;
  continuations: (Continuation | undefined)[];
  /** Linear address just above each frame's stack. */
  readonly stackTops: Int32Array;
  #port: KernelPort | undefined;
  #reported = new Set<number>();

  constructor(options: MachineOptions) {
    this.view = options.view;
    this.memory = options.memory;
    this.heap = new Heap(options.memory);
    this.cpuCount = options.cpuCount;
    this.#resume = options.resume;
    this.types = options.types;
    this.maxFrames = Math.max(8, options.view.limit('call-frames'));
    this.tailCallLimit = options.view.has('tail-call-limit-33') ? 33 : 32;
    const frames = this.maxFrames;
    this.saved = new BigInt64Array(frames * SAVED);
    this.saved32 = new Int32Array(this.saved.buffer);
    this.returnSlots = new Int32Array(frames);
    this.returnCodes = new Int32Array(frames);
    this.functionSlots = new Int32Array(frames);
    this.mayGotoLeft = new Int32Array(frames);
    this.continuations = new Array(frames).fill(undefined);
    this.stackTops = Int32Array.from({ length: frames }, (_, frame) => {
      const colour = (STACK_COLOUR + frame) | 0;
      return this.heap.allocate({ kind: BLOCK.stack, mapped: STACK_BYTES, owner: frame, colour }) + STACK_BYTES;
    });
    this.context = new ContextRegion(this);
    this.timers = new Timers(this);
    this.access = new Access(this);
  }

  /** Puts the constants of all programs behind the registers; once, after lowering. */
  setConstants(values: readonly bigint[]): void {
    this.regs64 = new BigInt64Array(FIRST_CONSTANT + values.length);
    this.regs32 = new Int32Array(this.regs64.buffer);
    this.regs64.set(values, FIRST_CONSTANT);
  }

  get port(): KernelPort {
    invariant(this.#port !== undefined, 'a running machine has a port');
    return this.#port;
  }

  /** The port, where one has been attached: for those who look at a machine that may not run. */
  get attachedPort(): KernelPort | undefined {
    return this.#port;
  }

  get socket(): SocketPort | undefined {
    return this.#port?.socket;
  }

  attach(port: KernelPort, context: ContextSource | undefined): void {
    this.#port = port;
    this.context.attach(context);
  }

  /** Prepares the registers and the first frame; the caller sets r1 and its fellows and `active`. */
  start(code: Code, slot: number, budget: number): void {
    this.heap.reap();
    this.code = code;
    this.pc = slot;
    this.depth = 0;
    this.deepest = -1;
    this.retired = 0;
    this.budget = budget;
    this.tailCalls = 0;
    this.signal = SIGNAL.none;
    this.fault = undefined;
    this.active = true;
    this.#reported.clear();
    this.continuations.fill(undefined);
    this.regs64.set(UNSET);
    this.#openFrame(slot);
  }

  #openFrame(slot: number): void {
    const { depth } = this;
    if (depth > this.deepest) this.prepareStack();
    this.functionSlots[depth] = slot;
    this.mayGotoLeft[depth] = MAY_GOTO_ROUNDS;
    this.regs32[20] = this.stackTops[depth]!;
    this.regs32[21] = (STACK_COLOUR + depth) | 0;
  }

  /** Makes the stack of a frame that this call has not reached before look unwritten. */
  prepareStack(): void {
    this.memory.fill(this.stackTops[this.depth]! - STACK_BYTES, STACK_BYTES, UNSET_STACK_BYTE);
    this.deepest = this.depth;
  }

  /** Calls the function at `slot` of the running program; false with a fault when the frames are used up. */
  enter(slot: number): boolean {
    if (this.depth + 1 >= this.maxFrames) {
      this.setFault({ kind: 'call-depth', limit: this.maxFrames });
      return false;
    }
    const depth = ++this.depth;
    // Halves, because moving them never makes a bigint, whatever the engine has compiled so far.
    const { regs32, saved32 } = this;
    const base = depth * 2 * SAVED - FIRST_SAVED;
    for (let i = FIRST_SAVED; i < FIRST_SAVED + 2 * SAVED; i++) saved32[base + i] = regs32[i]!;
    this.returnSlots[depth] = this.pc;
    this.returnCodes[depth] = this.code.index;
    this.#openFrame(slot);
    return true;
  }

  /** Returns from the innermost function, of which there are at least two. */
  leave(): void {
    const { depth } = this;
    const continuation = this.continuations[depth];
    if (continuation !== undefined) {
      const resume = this.#resume[continuation.kind] as (m: Machine, c: Continuation) => number | bigint | undefined;
      const result = resume(this, continuation);
      if (this.signal !== SIGNAL.none) return;
      this.setResult(result);
    }
    const { regs32, saved32 } = this;
    const base = depth * 2 * SAVED - FIRST_SAVED;
    for (let i = FIRST_SAVED; i < FIRST_SAVED + 2 * SAVED; i++) regs32[i] = saved32[base + i]!;
    this.pc = this.returnSlots[depth]! + 1;
    this.code = this.codes[this.returnCodes[depth]!]!;
    if (continuation !== undefined) this.continuations[depth] = undefined;
    this.depth = depth - 1;
  }

  setResult(result: number | bigint | undefined): void {
    if (typeof result === 'number') {
      this.regs32[0] = result;
      this.regs32[1] = result < 0 ? -1 : 0;
    } else if (result !== undefined) this.regs64[0] = result;
  }

  /** A helper calls a function of the program; the caller sets r1 to r5 afterwards. False: a fault. */
  callBack(functionRegister: number, continuation: Continuation): boolean {
    const high = this.regs32[2 * functionRegister + 1]!;
    const low = this.regs32[2 * functionRegister]!;
    const target = asFunction(high, low);
    const code = target === undefined ? undefined : this.codes[target.program];
    if (target === undefined || code === undefined || target.slot >= code.length) {
      this.badArgument(functionRegister, 'not the address of a function of the program');
      return false;
    }
    if (!this.enter(target.slot)) return false;
    this.code = code;
    this.pc = target.slot;
    this.continuations[this.depth] = continuation;
    this.signal = SIGNAL.transfer;
    return true;
  }

  /** From a continuation: runs the same callback once more. The caller sets r1 to r5. */
  again(continuation: Continuation): void {
    this.continuations[this.depth] = continuation;
    this.pc = this.functionSlots[this.depth]!;
    this.signal = SIGNAL.transfer;
  }

  /** Replaces the running function by another program. */
  tailCall(code: Code): void {
    this.code = code;
    this.pc = 0;
    this.functionSlots[this.depth] = 0;
    this.signal = SIGNAL.transfer;
  }

  /** Leaves all functions: the program returns `value`. */
  throwOut(value: bigint): void {
    this.depth = 0;
    this.regs64[0] = value;
    this.pc = this.code.length + 1;
    this.signal = SIGNAL.transfer;
  }

  mayGoto(): boolean {
    const left = this.mayGotoLeft[this.depth]!;
    if (left === 0) return false;
    this.mayGotoLeft[this.depth] = left - 1;
    return true;
  }

  /** For the interpreter: ends its run with the fault that has been set. */
  stopped(retired: number): Stop {
    this.retired += retired;
    return STOP.fault;
  }

  trap(index: number): void {
    const trap = this.code.traps[index]!;
    const slot = this.pc < this.code.length ? this.pc : this.code.off[this.pc]!;
    // A fault leaves the machine at an instruction of the program, where a debugger can show it.
    this.pc = slot;
    if (trap.kind === 'fell-off-the-end') {
      this.pc = Math.max(0, this.code.length - 1);
      this.setFault(trap);
      return;
    }
    this.setFault(trap);
  }

  setFault(what: FaultBody, slot = this.pc): void {
    this.fault = { place: { program: this.code.program.name, slot }, ...what } as Fault;
    this.signal = SIGNAL.fault;
  }

  diagnose(what: DiagnosticBody): void {
    // Once per place: a loop must not drown the run in one remark.
    if (this.#reported.has(this.pc)) return;
    this.#reported.add(this.pc);
    const diagnostic = { program: this.code.program.name, slot: this.pc, ...what } as VmDiagnostic;
    this.#port?.event({ kind: 'diagnostic', diagnostic });
  }

  /** A map lets go of a value: what hangs on it goes too. */
  valueGone(data: number): void {
    this.timers.valueGone(data);
  }

  // ---- for helpers ----------------------------------------------------------------------------------------------------

  /** Argument register `n` (1 to 5) as 64 bits, or its low half signed or unsigned. */
  arg(n: number): bigint {
    return this.regs64[n]!;
  }
  argU32(n: number): number {
    return this.regs32[2 * n]! >>> 0;
  }
  argS32(n: number): number {
    return this.regs32[2 * n]!;
  }
  isNull(n: number): boolean {
    return this.regs32[2 * n] === 0 && this.regs32[2 * n + 1] === 0;
  }

  /** Linear address of `size` bytes at argument `n`; -1 with a fault when the program may not touch them so. */
  pointer(n: number, size: number, mode: AccessMode, what: string): number {
    const low = this.regs32[2 * n]!;
    const high = this.regs32[2 * n + 1]!;
    if (size === 0) return Math.max(low, 0);
    const at = this.access.resolve(high, low, size, mode);
    if (at >= 0) return at;
    if (at === -2) return this.badArgument(n, `the ${what} lies in a kernel object that has no bytes here`);
    if (this.access.refusal !== undefined)
      this.setFault({
        kind: 'access',
        argument: { helper: this.helperName(), index: n, what },
        ...this.access.refusal,
      });
    this.access.refusal = undefined;
    return -1;
  }

  /** A copy of the bytes that argument `n` points to; undefined with a fault. */
  bytes(n: number, size: number, what: string): Uint8Array | undefined {
    const at = this.pointer(n, size, 'read', what);
    return at < 0 ? undefined : this.memory.bytes(at, size);
  }

  /** Faults; -1 so that it can stand where an address is expected. */
  badArgument(n: number, why: string): -1 {
    this.setFault({ kind: 'bad-argument', helper: this.helperName(), index: n, why });
    return -1;
  }

  unmodelled(what: string, reason: string): undefined {
    this.setFault({ kind: 'unmodelled', what, reason });
    return undefined;
  }

  /** The map that argument `n` points to; undefined with a fault. */
  mapArg(n: number): BpfMap | undefined {
    const map = this.mapAt(this.regs32[2 * n + 1]!, this.regs32[2 * n]!);
    if (map === undefined) this.badArgument(n, 'not a map');
    return map;
  }

  mapAt(high: number, low: number): BpfMap | undefined {
    if (low < 4096 || low >= this.memory.capacity || (low & 63) !== 0) return undefined;
    const index = this.memory.i32[low >> 2]!;
    const map = this.maps[index];
    return map !== undefined && map.object === low && this.heap.colour(low) === high ? map : undefined;
  }

  /** Returns a pointer to the data of a block, or NULL for 0. */
  returnBlock(data: number): undefined {
    this.regs32[0] = data;
    this.regs32[1] = data === 0 ? 0 : this.heap.colour(data);
    return undefined;
  }

  /** 64-bit pointer to a byte of a block. */
  addressOf(data: number, offset = 0): bigint {
    return data === 0 ? 0n : joined(this.heap.colour(data), data + offset);
  }

  setPointer(register: number, data: number, offset = 0): void {
    this.regs32[2 * register] = data === 0 ? 0 : data + offset;
    this.regs32[2 * register + 1] = data === 0 ? 0 : this.heap.colour(data);
  }

  functionAddress(code: number, slot: number): bigint {
    return joined(-1, functionLow(code, slot));
  }

  /** Name of the helper or kfunc that the current instruction calls. */
  helperName(): string {
    return this.nameOfCall(this.code, this.pc);
  }
  nameOfCall: (code: Code, slot: number) => string = () => 'helper';

  /**
   * Block that stands for a kernel object: it has no bytes (reads go through `readKernelObject`), and the same object has the same address as
   * long as it lives.
   */
  kernelObject(type: KernelObjectType, id: number): number {
    const { heap, memory } = this;
    const number = KERNEL_OBJECT_TYPES.indexOf(type);
    const list = objectList(number);
    let data = memory.getU32(list);
    // What only the running call has (its context, its packet, a request sock) is one block for all.
    while (data !== 0 && !isOfTheCall(type) && heap.owner(data) !== id) data = heap.get(data, HEADER.b);
    if (data === 0) {
      data = heap.allocate({ kind: BLOCK.kernelObject, mapped: GRANULE });
      if (data < 0) return 0;
      heap.set(data, HEADER.a, number);
      heap.set(data, HEADER.b, memory.getU32(list));
      memory.setU32(list, data);
    }
    heap.set(data, HEADER.owner, id);
    return data;
  }

  /** The object is gone: a pointer to it that a program kept is stale. */
  kernelObjectGone(type: KernelObjectType, id: number): void {
    const { heap, memory } = this;
    const list = objectList(KERNEL_OBJECT_TYPES.indexOf(type));
    let before = 0;
    for (let data = memory.getU32(list); data !== 0; data = heap.get(data, HEADER.b)) {
      if (heap.owner(data) === id) {
        const next = heap.get(data, HEADER.b);
        if (before === 0) memory.setU32(list, next);
        else heap.set(before, HEADER.b, next);
        heap.free(data);
        return;
      }
      before = data;
    }
  }

  /** A time on the program's monotonic clock as a time of the simulation. */
  fromKtime(nanoseconds: number): number {
    return nanoseconds - UPTIME_NS;
  }

  // ---- state ----------------------------------------------------------------------------------------------------------

  cpuState(): CpuState {
    return {
      registers: this.regs64.slice(0, 11),
      code: this.code?.index ?? 0,
      pc: this.pc,
      depth: this.depth,
      retired: this.retired,
      tailCalls: this.tailCalls,
      deepest: this.deepest,
      budget: this.budget,
      active: this.active,
      fault: this.fault,
      saved: this.saved.slice(0, (this.depth + 1) * SAVED),
      returnSlots: this.returnSlots.slice(0, this.depth + 1),
      returnCodes: this.returnCodes.slice(0, this.depth + 1),
      functionSlots: this.functionSlots.slice(0, this.depth + 1),
      mayGotoLeft: this.mayGotoLeft.slice(0, this.depth + 1),
      continuations: this.continuations.slice(0, this.depth + 1),
      context: this.context.state(),
    };
  }

  restoreCpu(state: CpuState): void {
    this.regs64.set(state.registers);
    this.code = this.codes[state.code]!;
    this.pc = state.pc;
    this.depth = state.depth;
    this.retired = state.retired;
    this.tailCalls = state.tailCalls;
    this.deepest = state.deepest;
    this.budget = state.budget;
    this.active = state.active;
    this.fault = state.fault;
    this.signal = SIGNAL.none;
    this.saved.set(state.saved);
    this.returnSlots.set(state.returnSlots);
    this.returnCodes.set(state.returnCodes);
    this.functionSlots.set(state.functionSlots);
    this.mayGotoLeft.set(state.mayGotoLeft);
    for (let depth = 0; depth < this.maxFrames; depth++) this.continuations[depth] = state.continuations[depth];
    this.context.restore(state.context);
    this.#reported.clear();
  }
}

const GRANULE = 64;

/** Where the list of the blocks of one type of kernel object starts, by number of the type. */
const objectList = (number: number): number => CONTROL.freeLists - 8 * (number + 1);

function isOfTheCall(type: KernelObjectType): boolean {
  return type === 'bpf_sock_ops_kern' || type === 'sk_buff' || type === 'request_sock';
}
const UNSET = BigInt64Array.from({ length: 10 }, (_, register) => unsetRegister(register));

type WithoutPlace<T> = T extends unknown ? Omit<T, 'place'> : never;
export type FaultBody = WithoutPlace<Fault>;
type WithoutSpot<T> = T extends unknown ? Omit<T, 'program' | 'slot'> : never;
export type DiagnosticBody = WithoutSpot<VmDiagnostic>;
