// What a run leaves behind: plain data about every callback, segment and message, in the order in which they happened. The
// lists only grow while a world runs; restoring a snapshot cuts them back.

import type { Instant } from '../base/index.ts';
import type { TypeRef } from '../object/index.ts';
import type { HostSide } from './scenario-schema.ts';

/** A moment of a run: event number, and BPF instructions retired since that event began. Totally ordered. */
export interface Position {
  readonly event: number;
  readonly insn: number;
}

/** Negative, zero or positive as `a` lies before, at or after `b`. */
export function comparePositions(a: Position, b: Position): number {
  return a.event - b.event || a.insn - b.insn;
}

/** One program's turn in a callback. */
export interface ProgramRun {
  /** Index into the world's attached programs. */
  readonly program: number;
  readonly name: string;
  readonly file: string;
  /** Instructions retired since the event began, before and after. */
  readonly firstInsn: number;
  readonly endInsn: number;
  /** r0 at exit; undefined after a fault. */
  readonly returned: number | undefined;
  readonly replyBefore: number;
  readonly replyAfter: number;
  readonly fault: FaultRecord | undefined;
  /** Context fields that it loaded, in the order of first use, with the value that it got. */
  readonly reads: readonly FieldRead[];
  readonly helpers: readonly HelperCall[];
}

export interface FieldRead {
  readonly field: string;
  readonly value: bigint;
}

/** A helper call that changed or asked something of the socket. */
export interface HelperCall {
  readonly name: string;
  /** Arguments in words: "SOL_TCP, TCP_BPF_IW, 40". */
  readonly detail: string;
  readonly result: number;
}

export interface FaultRecord {
  readonly kind: string;
  /** What happened in one sentence, naming memory regions. */
  readonly message: string;
  readonly program: string;
  readonly slot: number;
  /** Source position (1-based lines for people come later), where the object has it. */
  readonly file?: string;
  readonly line0?: number;
  readonly column0?: number;
  readonly lineText?: string;
}

/** A context field as a person reads it: raw value and words where the words say more. */
export interface CallbackRecord {
  readonly index: number;
  /** Number that the TCP model gave the call; calls without a program have numbers too. */
  readonly callNumber: number;
  readonly event: number;
  /** Instructions retired in the event before and after this callback. */
  readonly firstInsn: number;
  readonly endInsn: number;
  readonly time: Instant;
  readonly host: HostSide;
  readonly op: number;
  readonly opName: string;
  readonly callSite: string;
  readonly args: readonly [number, number, number, number];
  readonly socketId: number;
  readonly cgroup: string | undefined;
  /** Every context field of this kernel on entry; empty in runs that do not record. */
  readonly ctx: Readonly<Record<string, bigint>>;
  readonly runs: readonly ProgramRun[];
  /** What tcp_call_bpf() sees: false when a program returned 0 or failed. */
  readonly ok: boolean;
  /** args[0] after the chain, signed. */
  readonly reply: number;
  /** In words; those of a reply are known only after the callback has returned to the TCP model. */
  effects: readonly string[];
}

export interface SegmentRecord {
  readonly index: number;
  readonly event: number;
  readonly time: Instant;
  readonly from: HostSide;
  readonly to: HostSide;
  /** When it arrives; undefined for one that the network lost. */
  readonly arrival: Instant | undefined;
  /** The event of its arrival; undefined while it is under way or when it was lost. */
  readonly arrivalEvent: number | undefined;
  readonly flags: readonly string[];
  /** Relative to the initial sequence number of its sender and of its receiver; absolute numbers are beside them. */
  readonly seq: number;
  readonly ack: number;
  readonly rawSeq: number;
  readonly rawAck: number;
  readonly window: number;
  readonly length: number;
  readonly tos: number;
  /** Options in words: "mss 1460", "sackOK", "wscale 7". */
  readonly options: readonly string[];
  readonly optionBytes: Uint8Array;
  readonly mss: number | undefined;
  readonly windowScale: number | undefined;
  /** Index of the callback after which it was sent, for ordering: -1 before the first. */
  readonly afterCallback: number;
  readonly retransmission: boolean;
}

export interface PrintkRecord {
  readonly event: number;
  readonly callback: number;
  readonly time: Instant;
  readonly host: HostSide;
  readonly text: string;
}

/** Something sent to user space through a ring buffer or perf event array. */
export interface OutputRecord {
  readonly event: number;
  readonly callback: number;
  readonly time: Instant;
  readonly map: string;
  readonly data: Uint8Array;
  /** Type of the record where the object tells it. */
  readonly type: TypeRef | undefined;
}

/** What the script did, and with which result where it can fail. */
export interface ActionRecord {
  readonly event: number;
  readonly time: Instant;
  readonly host: HostSide | undefined;
  /** Index into the script. */
  readonly step: number;
  /** "client.connect", "attach conn_stats to /". */
  readonly text: string;
  readonly error: string | undefined;
}

export interface RunRecord {
  readonly callbacks: readonly CallbackRecord[];
  readonly segments: readonly SegmentRecord[];
  readonly printk: readonly PrintkRecord[];
  readonly outputs: readonly OutputRecord[];
  readonly actions: readonly ActionRecord[];
}
