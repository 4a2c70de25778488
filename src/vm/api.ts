// The virtual machine as its callers see it: plain data in, plain data out. world/ runs programs through `VirtualMachine`,
// the debugger looks inside through the same object, the WebAssembly compiler plugs in as an `Engine`.

import type { Instant, Outcome } from '../base/index.ts';
import type { KernelView } from '../kernel/index.ts';
import type { KfuncReference, KsymReference, MapDefinition, Subprogram, TypeTable } from '../object/index.ts';
import type { Fault, RegionName } from './fault.ts';
import type { KernelObject, KernelPort } from './kernel-port.ts';

/** A growable block of bytes that interpreter and compiled code can share. */
export interface LinearBuffer {
  /** Replaced by a larger one on `grow`. */
  readonly buffer: ArrayBuffer;
  /** Makes the buffer at least `bytes` long, contents kept, new bytes zero; false when that cannot be had. */
  grow(bytes: number): boolean;
  /** What the maker needs to hand to its compiler (a WebAssembly.Memory); nothing in this folder looks at it. */
  readonly native?: unknown;
}

/** Makes a zeroed buffer of at least `initialBytes` that may grow to `maximumBytes`; both are multiples of 65536. */
export type MemoryFactory = (initialBytes: number, maximumBytes: number) => LinearBuffer;

/** The parts of object/ Program that the machine looks at. */
export interface VmProgram {
  readonly name: string;
  /** Little-endian instruction words; map references by fd. */
  readonly bytes: Uint8Array;
  readonly license?: string;
  readonly subprograms?: readonly Subprogram[];
  readonly kfuncReferences?: readonly KfuncReference[];
  readonly ksymReferences?: readonly KsymReference[];
}

export interface VmOptions {
  readonly programs: readonly VmProgram[];
  readonly maps: readonly MapDefinition[];
  readonly view: KernelView;
  /** Number of possible CPUs, for per-cpu maps; 2 when absent. */
  readonly cpuCount?: number;
  /** Where linear memory comes from; a plain ArrayBuffer that is copied on growth when absent. */
  readonly memoryFactory?: MemoryFactory;
  /**
   * The object's BTF: sizes for bpf_obj_new(), and locks in map values for BPF_F_LOCK. Without it there are neither.
   */
  readonly types?: TypeTable;
  /** Compiled code; without it everything is interpreted. */
  readonly engine?: EngineFactory;
}

/** The context of one call. `image` is struct bpf_sock_ops, little endian, `view.ctxSize` bytes. */
export interface ContextSource {
  /**
   * Writes every scalar field. `start`: before the first instruction, into zeroed bytes. `refresh`: after a helper that may have
   * changed the socket; the machine keeps args/reply (bytes 4 to 19) as the program left them. sk, skb_data and skb_data_end
   * are written by the machine.
   */
  fill(image: DataView, when: 'start' | 'refresh'): void;
  /** Bytes from skb_data to skb_data_end; undefined: no skb, both pointers are NULL. */
  readonly packet: Uint8Array | undefined;
  /** Whether ctx->sk is a pointer (the port's `socketId` says to which socket). */
  readonly hasSock: boolean;
  readonly isFullSock: boolean;
  /** is_locked_tcp_sock (6.15) or, before, is_fullsock. */
  readonly isLocked: boolean;
  /** The program wrote sk_txhash on a locked socket. */
  writeTxHash(value: number): void;
}

export interface VmCall {
  /** Name of the program. */
  readonly program: string;
  readonly port: KernelPort;
  readonly context: ContextSource;
  /** Instructions after which the call ends with the fault `budget-exhausted`; DEFAULT_BUDGET when absent. */
  readonly budget?: number;
}

/** A call without a context: r1 = address of `memory` (0 when absent), r2 = its length. */
export interface RawCall {
  readonly program: string;
  readonly port: KernelPort;
  readonly memory: Uint8Array | undefined;
  readonly budget?: number;
}

/** How a call ended. `insns` counts the instructions retired in it; `reply` is the signed word at offset 4 of the context. */
export type CallEnd =
  | { readonly kind: 'returned'; readonly r0: bigint; readonly reply: number; readonly insns: number }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly reply: number; readonly insns: number };

export type StepResult = { readonly kind: 'ran' } | CallEnd;

export type RunResult = { readonly kind: 'paused'; readonly why: 'until' | 'breakpoint' } | CallEnd;

/** When `run` pauses; each given condition suffices. */
export interface RunUntil {
  /** Retired instructions of this call (0 before the first). */
  readonly insns?: number;
  /** Pause before executing any of these slots, by program name; not at the instruction where the run starts. */
  readonly slots?: ReadonlyMap<string, ReadonlySet<number>>;
}

/** One frame of the call stack, innermost first. */
export interface VmFrame {
  readonly program: string;
  /** Innermost: the next instruction. Others: the call instruction in progress. */
  readonly slot: number;
  /** First slot of the function. */
  readonly functionSlot: number;
  /** r0 to r10 as this frame sees them; r0 to r5 are known in the innermost frame only and undefined elsewhere. */
  readonly registers: readonly (bigint | undefined)[];
  /** Set where a helper called this frame's function: "bpf_loop". */
  readonly calledBy?: string;
  /** Number of the stack frame in messages, 0 for the entry function. */
  readonly depth: number;
}

/** Memory that the next instruction is about to touch itself (not what a helper will). */
export interface PendingAccess {
  readonly mode: 'read' | 'write' | 'read-write';
  readonly address: bigint;
  readonly size: number;
}

export interface AddressInfo {
  readonly region: RegionName;
  /** From the region's start; may lie outside of it. */
  readonly offset: number;
  readonly state: 'live' | 'freed';
  readonly writable: boolean;
}

/** One entry of a map as user space sees it. `values` has one element, or one per CPU for per-cpu maps. */
export interface MapEntry {
  /** Empty for maps without keys (queue, stack, bloom, ring buffers). */
  readonly key: Uint8Array;
  readonly values: readonly Uint8Array[];
}

/** The user-space side of a map. Results are 0 or a negative errno, as bpf(2) gives. */
export interface UserMap {
  readonly definition: MapDefinition;
  /** Number of entries present (arrays: maxEntries). */
  readonly count: number;
  lookup(key: Uint8Array): MapEntry | number;
  /** `value`: the value size, or per-cpu: one value (written on every CPU) or all values one after the other. flags: BPF_ANY/NOEXIST/EXIST. */
  update(key: Uint8Array, value: Uint8Array, flags?: number): number;
  delete(key: Uint8Array): number;
  /** Deterministic order; `limit` bounds the number of entries. Arrays leave out nothing. */
  entries(limit?: number): readonly MapEntry[];
  /** Guest address of a value that exists (for memory views), 0n otherwise. */
  addressOf(key: Uint8Array, cpu?: number): bigint;
  /** Queue and stack maps, and user ring buffers (a sample for the program to drain). */
  push(value: Uint8Array, flags?: number): number;
}

/** Opaque: give it back to `restore` of the same machine or of one made with the same options. */
export interface VmSnapshot {
  readonly kind: 'vm-snapshot';
}

/** Runs compiled code. The machine offers whole calls to it; it answers undefined where it leaves the work to the interpreter. */
export interface Engine {
  /** Runs the machine from its current state until the call ends or `budget` retired instructions are used up; false: nothing done. */
  run(budget: number): boolean;
}
export type EngineFactory = (machine: unknown) => Engine;

export interface VirtualMachine {
  readonly view: KernelView;
  readonly programs: readonly VmProgram[];

  /** Runs a program from start to end. */
  call(call: VmCall): CallEnd;
  callRaw(call: RawCall): CallEnd;

  /** The same in pieces: `begin`, then `step` or `run` until they give a CallEnd. A call in progress is part of snapshots. */
  begin(call: VmCall): void;
  beginRaw(call: RawCall): void;
  step(): StepResult;
  run(until?: RunUntil): RunResult;
  /** Whether a call is in progress. */
  readonly active: boolean;
  /** After `restore` of a call in progress, the outside world must be plugged in again. */
  reattach(port: KernelPort, context: ContextSource | undefined): void;
  /** Ends a call in progress without a result. */
  abandon(): void;

  /** Instructions retired in the call in progress (or the last one). */
  readonly insns: number;
  readonly program: string;
  /** Slot of the next instruction. */
  readonly slot: number;
  frames(): readonly VmFrame[];
  register(number: number): bigint;
  setRegister(number: number, value: bigint): void;
  setSlot(slot: number): void;
  pendingAccess(): PendingAccess | undefined;
  /** As many bytes as are there from `address` on, at most `length`; empty when nothing is. */
  readMemory(address: bigint, length: number): Uint8Array;
  /** False when any byte is not there; read-only regions can be written (it is a debugger's write). */
  writeMemory(address: bigint, bytes: Uint8Array): boolean;
  /** What an address belongs to; undefined for numbers that are no pointers. */
  describeAddress(address: bigint): AddressInfo | undefined;
  /** The kernel object that an address points to, for debuggers: it has no bytes, its members are asked of the outside. */
  kernelObjectAt(address: bigint): KernelObject | undefined;
  /** Address of the context of the call in progress (or of the last one). */
  readonly contextAddress: bigint;
  readonly packetAddress: bigint;

  map(fd: number): UserMap | undefined;
  mapByName(name: string): UserMap | undefined;

  /** When the next bpf_timer expires. */
  nextTimer(): Instant | undefined;
  /** Starts the callback of the next timer that has expired by `port.now()`, to be stepped or run; false: none has. */
  beginTimer(port: KernelPort): boolean;
  /** Runs the callbacks of the timers that have expired by `port.now()`; one CallEnd each. */
  runTimers(port: KernelPort): readonly CallEnd[];
  /** The socket is gone: its storage and its places in sockmaps go too. */
  socketClosed(socketId: number): void;
  /** A child of a listener: storage with BPF_F_CLONE is copied. */
  socketCloned(parentId: number, childId: number): void;

  snapshot(): VmSnapshot;
  restore(snapshot: VmSnapshot): void;
  /** Equal for equal states: memory, maps, registers, call stack. */
  stateHash(): string;
}

/** Instructions that one call may retire: far beyond what a verified program of ordinary kind runs, under a second here. */
export const DEFAULT_BUDGET = 1 << 26;

export type CreateVm = (options: VmOptions) => Outcome<VirtualMachine>;
