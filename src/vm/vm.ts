// The virtual machine's public face: builds a Machine from programs and maps, runs calls on it whole or in pieces, and lets
// a debugger look inside.

import { Bug, type Instant, invariant, type Outcome } from '../base/index.ts';
import type { KernelView } from '../kernel/index.ts';
import { asFunction, highHalf, lowHalf, unsigned } from './address.ts';
import {
  type AddressInfo,
  type CallEnd,
  type ContextSource,
  DEFAULT_BUDGET,
  type Engine,
  type MapEntry,
  type PendingAccess,
  type RawCall,
  type RunResult,
  type RunUntil,
  type StepResult,
  type UserMap,
  type VirtualMachine,
  type VmCall,
  type VmFrame,
  type VmOptions,
  type VmProgram,
  type VmSnapshot,
} from './api.ts';
import { buildMachine } from './build-machine.ts';
import { CALLED_BY } from './continuation.ts';
import { BLOCK, HEADER, READ_ONLY, STATE } from './heap.ts';
import { interpret } from './interpreter.ts';
import { KERNEL_OBJECT_TYPES, type KernelObject, type KernelPort } from './kernel-port.ts';
import type { MemorySnapshot } from './linear-memory.ts';
import type { Code } from './lower.ts';
import type { CpuState, Machine } from './machine.ts';
import type { BpfMap } from './maps/map.ts';
import { RingbufMap } from './maps/ringbuf.ts';
import { OP } from './op.ts';
import { regionName } from './region-name.ts';
import { STOP, type Stop } from './stop.ts';

interface Snapshot extends VmSnapshot {
  readonly memory: MemorySnapshot;
  readonly cpu: CpuState;
}

/** Makes a machine. Without problems of severity error the value is there. */
export function createVm(options: VmOptions): Outcome<VirtualMachine | undefined> {
  const { value, problems } = buildMachine(options);
  return { value: value === undefined ? undefined : new Vm(value, options), problems };
}

class Vm implements VirtualMachine {
  readonly view: KernelView;
  readonly programs: readonly VmProgram[];
  readonly #m: Machine;
  readonly #engine: Engine | undefined;
  readonly #ringbufs: readonly RingbufMap[];
  readonly #userMaps = new Map<number, UserMap>();
  /** Block that shows the key to a timer's callback, 0: none. */
  #timerKey = 0;

  constructor(machine: Machine, options: VmOptions) {
    this.#m = machine;
    this.view = options.view;
    this.programs = options.programs;
    this.#ringbufs = machine.maps.filter((map): map is RingbufMap => map instanceof RingbufMap);
    this.#engine = options.engine?.(machine);
  }

  // ---- running ----

  call(call: VmCall): CallEnd {
    this.begin(call);
    return this.#toEnd();
  }

  callRaw(call: RawCall): CallEnd {
    this.beginRaw(call);
    return this.#toEnd();
  }

  #toEnd(): CallEnd {
    const result = this.run();
    invariant(result.kind !== 'paused', 'a run without conditions goes to its end');
    return result;
  }

  #codeNamed(name: string): Code {
    for (const code of this.#m.codes) if (code.program.name === name) return code;
    throw new Bug(`the machine has no program named ${name}`);
  }

  begin(call: VmCall): void {
    const m = this.#m;
    invariant(!m.active, 'one call at a time');
    m.attach(call.port, call.context);
    m.start(this.#codeNamed(call.program), 0, call.budget ?? DEFAULT_BUDGET);
    m.context.begin();
  }

  beginRaw(call: RawCall): void {
    const m = this.#m;
    invariant(!m.active, 'one call at a time');
    m.attach(call.port, undefined);
    m.start(this.#codeNamed(call.program), 0, call.budget ?? DEFAULT_BUDGET);
    m.context.beginRaw(call.memory);
  }

  step(): StepResult {
    invariant(this.#m.active, 'a call is in progress');
    return this.#after(this.#go(1)) ?? { kind: 'ran' };
  }

  run(until: RunUntil = {}): RunResult {
    const m = this.#m;
    invariant(m.active, 'a call is in progress');
    const limit = until.insns ?? Number.POSITIVE_INFINITY;
    if (m.retired >= limit) return { kind: 'paused', why: 'until' };
    if (until.slots !== undefined && until.slots.size > 0) {
      const first = this.#after(this.#go(1));
      if (first !== undefined) return first;
      if (m.retired >= limit) return { kind: 'paused', why: 'until' };
    }
    const patched = this.#setBreakpoints(until.slots);
    try {
      const budget = Math.min(limit - m.retired, m.budget - m.retired);
      const whole = patched.length === 0 && this.#engine !== undefined && this.#engine.run(budget);
      const stop = whole ? this.#stopOfEngine() : this.#go(budget);
      if (stop === STOP.breakpoint) return { kind: 'paused', why: 'breakpoint' };
      return this.#after(stop) ?? { kind: 'paused', why: 'until' };
    } finally {
      for (const [code, slot, word] of patched) code.words[slot] = word;
    }
  }

  /** What state an engine left the machine in, in the interpreter's terms. */
  #stopOfEngine(): Stop {
    const m = this.#m;
    if (m.fault !== undefined) return STOP.fault;
    const over = m.depth === 0 && m.ended;
    return over ? STOP.returned : STOP.budget;
  }

  #go(budget: number): Stop {
    const m = this.#m;
    return interpret(m, Math.max(0, Math.min(budget, m.budget - m.retired)));
  }

  #setBreakpoints(slots: RunUntil['slots']): (readonly [Code, number, number])[] {
    const patched: (readonly [Code, number, number])[] = [];
    for (const [name, set] of slots ?? []) {
      const code = this.#m.codes.find((each) => each.program.name === name);
      if (code === undefined) continue;
      for (const slot of set) {
        if (slot < 0 || slot >= code.length) continue;
        patched.push([code, slot, code.words[slot]!]);
        code.words[slot] = OP.breakpoint;
      }
    }
    return patched;
  }

  /** The end of the call if this stop is one. */
  #after(stop: Stop): CallEnd | undefined {
    const m = this.#m;
    if (stop === STOP.budget) {
      if (m.retired < m.budget) return undefined;
      m.setFault({ kind: 'budget-exhausted', budget: m.budget });
    }
    if (stop === STOP.breakpoint) return undefined;
    m.active = false;
    m.ended = false;
    for (const map of this.#ringbufs) map.callEnded();
    if (this.#timerKey !== 0) {
      m.heap.free(this.#timerKey);
      this.#timerKey = 0;
      m.timers.setRunning(0);
    }
    const reply = m.context.reply();
    return stop === STOP.returned
      ? { kind: 'returned', r0: unsigned(m.regs64[0]!), reply, insns: m.retired }
      : { kind: 'fault', fault: m.fault!, reply, insns: m.retired };
  }

  get active(): boolean {
    return this.#m.active;
  }

  reattach(port: KernelPort, context: ContextSource | undefined): void {
    this.#m.attach(port, context);
  }

  abandon(): void {
    this.#m.active = false;
  }

  // ---- looking inside ----

  get insns(): number {
    return this.#m.retired;
  }
  get program(): string {
    return this.#m.code.program.name;
  }
  get slot(): number {
    return this.#m.pc;
  }

  frames(): readonly VmFrame[] {
    const m = this.#m;
    const frames: VmFrame[] = [];
    for (let depth = m.depth; depth >= 0; depth--) {
      const innermost = depth === m.depth;
      const code = innermost ? m.code : m.codes[m.returnCodes[depth + 1]!]!;
      const continuation = m.continuations[depth];
      const registers = Array.from({ length: 11 }, (_, register) => {
        if (innermost) return unsigned(m.regs64[register]!);
        return register < 6 ? undefined : unsigned(m.saved[(depth + 1) * 5 + register - 6]!);
      });
      frames.push({
        program: code.program.name,
        slot: innermost ? m.pc : m.returnSlots[depth + 1]!,
        functionSlot: m.functionSlots[depth]!,
        registers,
        depth,
        ...(continuation === undefined ? {} : { calledBy: CALLED_BY[continuation.kind] }),
      });
    }
    return frames;
  }

  register(number: number): bigint {
    invariant(number >= 0 && number <= 10, 'a register number');
    return unsigned(this.#m.regs64[number]!);
  }
  setRegister(number: number, value: bigint): void {
    invariant(number >= 0 && number <= 10, 'a register number');
    this.#m.regs64[number] = BigInt.asIntN(64, value);
  }
  setSlot(slot: number): void {
    invariant(slot >= 0 && slot < this.#m.code.length, 'a slot of the running program');
    this.#m.pc = slot;
  }

  pendingAccess(): PendingAccess | undefined {
    const m = this.#m;
    const insn = m.code.insns[m.pc];
    if (!m.active || insn === undefined) return undefined;
    switch (insn.kind) {
      case 'load':
      case 'load-acquire':
      case 'store':
      case 'store-release':
      case 'atomic': {
        const address = unsigned(m.regs64[insn.base]! + BigInt(insn.offset));
        const mode =
          insn.kind === 'atomic'
            ? 'read-write'
            : insn.kind === 'load' || insn.kind === 'load-acquire'
              ? 'read'
              : 'write';
        return { mode, address, size: insn.size };
      }
      default:
        return undefined;
    }
  }

  /** Linear address and number of bytes that are there from a guest address on. */
  #extent(address: bigint): { readonly at: number; readonly length: number } | undefined {
    const m = this.#m;
    const high = highHalf(address);
    const low = lowHalf(address);
    if (m.context.owns(high)) m.context.resolve(high, low, 1, 'read');
    const data = m.heap.find(high, low);
    if (data === 0 || low < data) return undefined;
    const kind = m.heap.kind(data);
    if (kind === BLOCK.mapObject || kind === BLOCK.kernelObject || kind === BLOCK.internal) return undefined;
    if (m.heap.state(data) === STATE.freed) return undefined;
    const length = data + m.heap.size(data) - low;
    return length > 0 ? { at: low, length } : undefined;
  }

  readMemory(address: bigint, length: number): Uint8Array {
    const extent = this.#extent(address);
    return extent === undefined
      ? new Uint8Array(0)
      : this.#m.memory.bytes(extent.at, Math.max(0, Math.min(length, extent.length)));
  }

  writeMemory(address: bigint, bytes: Uint8Array): boolean {
    const extent = this.#extent(address);
    if (extent === undefined || extent.length < bytes.length) return false;
    this.#m.memory.copyIn(extent.at, bytes);
    return true;
  }

  describeAddress(address: bigint): AddressInfo | undefined {
    const m = this.#m;
    const high = highHalf(address);
    const low = lowHalf(address);
    if (high === 0 || asFunction(high, low) !== undefined) return undefined;
    const data = m.heap.find(high, low);
    if (data === 0) return undefined;
    return {
      region: regionName(m, data),
      offset: low - data,
      state: m.heap.state(data) === STATE.live ? 'live' : 'freed',
      writable: (m.heap.get(data, HEADER.flags) & READ_ONLY) === 0,
    };
  }

  kernelObjectAt(address: bigint): KernelObject | undefined {
    const m = this.#m;
    const data = m.heap.find(highHalf(address), lowHalf(address));
    if (data === 0 || data !== lowHalf(address) || m.heap.kind(data) !== BLOCK.kernelObject) return undefined;
    if (m.heap.state(data) === STATE.freed) return undefined;
    return { type: KERNEL_OBJECT_TYPES[m.heap.get(data, HEADER.a)]!, id: m.heap.owner(data) };
  }

  get contextAddress(): bigint {
    return unsigned(this.#m.addressOf(this.#m.context.data));
  }
  get packetAddress(): bigint {
    return unsigned(this.#m.addressOf(this.#m.context.packet));
  }

  // ---- maps ----

  map(fd: number): UserMap | undefined {
    const map = this.#m.maps.find((each) => each.definition.fd === fd);
    return map === undefined ? undefined : this.#userMap(map);
  }
  mapByName(name: string): UserMap | undefined {
    const map = this.#m.maps.find((each) => each.definition.name === name);
    return map === undefined ? undefined : this.#userMap(map);
  }

  #userMap(map: BpfMap): UserMap {
    const known = this.#userMaps.get(map.index);
    if (known !== undefined) return known;
    const m = this.#m;
    const made: UserMap = {
      definition: map.definition,
      get count() {
        return map.count;
      },
      lookup: (key) => map.userLookup(key),
      update: (key, value, flags = 0) => map.userUpdate(key, value, flags),
      delete: (key) => map.userDelete(key),
      entries: (limit = Number.POSITIVE_INFINITY): readonly MapEntry[] => map.userEntries(limit),
      addressOf: (key, cpu = 0) => unsigned(m.addressOf(map.userAddress(key, cpu))),
      push: (value, flags = 0) => map.userPush(value, flags),
    };
    this.#userMaps.set(map.index, made);
    return made;
  }

  // ---- timers and sockets ----

  nextTimer(): Instant | undefined {
    return this.#m.timers.next();
  }

  beginTimer(port: KernelPort): boolean {
    const m = this.#m;
    const due = m.timers.due(port.now());
    if (due === undefined) return false;
    const map = m.maps[due.map]!;
    m.timers.setRunning(due.record);
    const key = map.keyBytes(due.value);
    m.attach(port, undefined);
    m.start(m.codes[due.program]!, due.slot, DEFAULT_BUDGET);
    this.#timerKey = m.heap.allocate({
      kind: BLOCK.mapKey,
      mapped: Math.max(1, key.length),
      owner: map.index,
      readOnly: true,
    });
    m.memory.copyIn(this.#timerKey, key);
    m.setPointer(1, map.object);
    m.setPointer(2, this.#timerKey);
    m.setPointer(3, due.value);
    return true;
  }

  runTimers(port: KernelPort): readonly CallEnd[] {
    const ends: CallEnd[] = [];
    // A callback may start its timer again without delay: bounded, so that time can go on.
    while (ends.length < 1000 && this.beginTimer(port)) ends.push(this.#toEnd());
    return ends;
  }

  socketClosed(socketId: number): void {
    for (const type of ['tcp_sock', 'rtable', 'rt6_info'] as const) this.#m.kernelObjectGone(type, socketId);
    for (const map of this.#m.maps) map.socketClosed(socketId);
  }
  socketCloned(parentId: number, childId: number): void {
    for (const map of this.#m.maps) map.socketCloned(parentId, childId);
  }

  // ---- state ----

  snapshot(): VmSnapshot {
    const snapshot: Snapshot & { readonly timerKey: number } = {
      kind: 'vm-snapshot',
      memory: this.#m.memory.snapshot(),
      cpu: this.#m.cpuState(),
      timerKey: this.#timerKey,
    };
    return snapshot;
  }

  restore(snapshot: VmSnapshot): void {
    const from = snapshot as Snapshot & { readonly timerKey: number };
    this.#m.memory.restore(from.memory);
    this.#m.restoreCpu(from.cpu);
    this.#timerKey = from.timerKey;
  }

  stateHash(): string {
    const m = this.#m;
    const [a, b] = m.memory.hash();
    const cpu = m.active
      ? JSON.stringify(m.cpuState(), (_, value) =>
          typeof value === 'bigint'
            ? value.toString(16)
            : ArrayBuffer.isView(value)
              ? Array.from(value as unknown as ArrayLike<number | bigint>, String)
              : value,
        )
      : '';
    let c = 0x811c9dc5;
    for (let i = 0; i < cpu.length; i++) c = Math.imul(c ^ cpu.charCodeAt(i), 0x01000193);
    return [a, b, c >>> 0].map((part) => part.toString(16).padStart(8, '0')).join('');
  }
}
