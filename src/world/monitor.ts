// How somebody watches (and stops) a world while it runs: the debugger's view into callbacks in progress.

import type { SockOpsCall } from '../tcp/index.ts';
import type { KernelObject, RunUntil, VirtualMachine } from '../vm/index.ts';
import type { KernelMember } from './kernel-objects.ts';
import type { LoadedProgram } from './programs.ts';
import type { CallbackRecord, Position } from './record.ts';
import type { HostSide } from './scenario-schema.ts';

/** A value with the unit that it counts in. */
export interface NamedValue {
  readonly name: string;
  readonly value: number | bigint | string | boolean;
  readonly unit?: string;
}

/**
 * A callback that is running. One object per callback: identity tells callbacks apart; in a chain of several programs `program`
 * and `vm` change within it.
 */
export interface CallbackInProgress {
  /** Its index in the record's callbacks. */
  readonly index: number;
  /** Of its first instruction. */
  readonly position: Position;
  readonly op: number;
  readonly opName: string;
  readonly host: HostSide;
  readonly callSite: string;
  readonly args: readonly [number, number, number, number];
  readonly socketId: number;
  readonly call: SockOpsCall;
  /** The program whose turn it is, and where it stands in the chain. */
  readonly program: LoadedProgram;
  readonly chainIndex: number;
  readonly chain: readonly LoadedProgram[];
  /** The machine that runs it: registers, memory, frames. */
  readonly vm: VirtualMachine;
  /** Position of the next instruction. */
  readonly now: Position;
  /** Position of the first instruction of this program's turn. */
  readonly turnStart: Position;
  /** The kernel's side of the socket (or of the request sock) as named values. */
  socketState(): readonly NamedValue[];
  /** The packet of the call; empty where there is none. */
  segmentState(): readonly NamedValue[];
  /** Members of a kernel object that have a value, by the kernel types of the program whose turn it is. */
  kernelMembers(object: KernelObject): readonly KernelMember[];
}

/**
 * Every method may answer 'halt': the world then unwinds out of the TCP model and stays inspectable at that very point, until
 * it is restored or dropped. Editing registers, memory or maps is allowed in any of them.
 */
export interface Monitor {
  /** The first program of a callback is about to run: its call has begun, registers are set. */
  callback?(callback: CallbackInProgress): 'halt' | undefined;
  /** The turn of a program begins (also of the first one, after `callback`). */
  program?(callback: CallbackInProgress): 'halt' | undefined;
  /** Before an instruction: each one, or only those that `until` names. */
  beforeInsn?(vm: VirtualMachine, position: Position, callback: CallbackInProgress): 'halt' | undefined;
  /**
   * Where beforeInsn is wanted next, in retired instructions of the current turn and in slots; undefined: at the next
   * instruction. Asked before the first instruction and after each beforeInsn.
   */
  until?(callback: CallbackInProgress): RunUntil | undefined;
  afterCallback?(record: CallbackRecord): 'halt' | undefined;
}

/** Thrown through the TCP model when a monitor halts; never leaves the world. */
export class Halt {
  readonly position: Position;

  constructor(position: Position) {
    this.position = position;
  }
}
