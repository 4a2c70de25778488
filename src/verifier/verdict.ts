// What goes into a verification and what comes out: plain data, so that command line, language server and tests share it.

import type { BpfObject, Btf, KernelTypes, LineEntry, MapDefinition, Program, Subprogram } from '../object/index.ts';
import type { Reason } from './reason.ts';

/** One program, linked, with the maps it refers to by `fd`. */
export interface VerifyInput {
  /** Little-endian instructions, 8 bytes a slot. */
  readonly bytes: Uint8Array;
  readonly maps: readonly MapDefinition[];
  /** As in the object's license section; GPL-compatible or not decides about some helpers. */
  readonly license: string;
  /** Functions by BTF (func_info), entry first. Without it callbacks and global functions cannot be verified, as in the kernel. */
  readonly subprograms?: readonly Subprogram[];
  /** Type information of the object: function signatures, special fields of map values. */
  readonly btf?: Btf;
  readonly lines?: readonly LineEntry[];
  /** Types of the kernel that the object was linked against, for kernel functions and typed pointers. */
  readonly kernelTypes?: KernelTypes;
  /** Whether offsets into the kernel's structures are those of `kernelTypes`; 'unknown' when absent. */
  readonly layout?: 'fits' | 'unknown';
  /** Names of the kernel functions called, by slot, where the object knows them; else they come from `kernelTypes`. */
  readonly kfuncNames?: ReadonlyMap<number, string>;
  /** CO-RE relocations that could not be resolved, by slot: what the instruction asked for, and why there is no answer. */
  readonly unresolved?: ReadonlyMap<number, UnresolvedRelocation>;
  /** prog_flags of BPF_PROG_LOAD (BPF_F_STRICT_ALIGNMENT, ...); 0 when absent. */
  readonly loadFlags?: number;
  /** enum bpf_attach_type; 0 when absent. */
  readonly expectedAttachType?: number;
}

/** A question about the kernel's types that stayed without an answer; the instruction then calls a helper that does not exist. */
export interface UnresolvedRelocation {
  /** In C: "struct tcp_sock.snd_cwnd". */
  readonly spec: string;
  readonly reason: string;
  /** Whether only our built-in types were asked, which the kernel's own may exceed. */
  readonly asked: 'built-in types' | "the kernel's types";
}

export interface VerifyOptions {
  /** 0: no log. 1: the path that leads to the refusal. 2: every path, with states and precision marks. */
  readonly logLevel?: 0 | 1 | 2;
  /** Most instructions to process before giving up; the kernel's own limit when absent or larger. */
  readonly budget?: number;
  /** Possible CPUs of the kernel at hand; absent: nothing is assumed of bpf_get_smp_processor_id(). */
  readonly cpuCount?: number;
  /** Whether to record where values come from and what each register holds before each instruction. */
  readonly trace?: 'none' | 'origins' | 'states' | 'all';
}

/** What verification cost. The names are the kernel's, from its last log line. */
export interface VerifyStats {
  readonly processedInsns: number;
  readonly totalStates: number;
  readonly peakStates: number;
  readonly maxStatesPerInsn: number;
  /** Bytes of stack by subprogram. */
  readonly stackDepths: readonly number[];
}

/** A register or stack slot before an instruction, as the kernel prints it and in words. */
export interface PlaceState {
  /** "R1" or "fp-8". */
  readonly place: string;
  /** "ctx()", "map_value(ks=4,vs=8)". */
  readonly text: string;
  /** Slots of the instructions that made the value, newest first; empty unless origins were traced. */
  readonly origins: readonly number[];
}

/** The state in which one path reached an instruction. */
export interface InsnState {
  readonly slot: number;
  readonly frame: number;
  readonly places: readonly PlaceState[];
}

export interface Refusal {
  /** Structured: what is wrong, with all numbers. */
  readonly reason: Reason;
  /** Slot that the refusal is about; undefined when it is about the program as a whole. */
  readonly slot: number | undefined;
  /** Lines that the kernel prints before, about what it does not refuse: signatures that do not fit. */
  readonly remarks: readonly string[];
  /** The kernel's lines that say why, in order. */
  readonly messages: readonly string[];
  /** errno of BPF_PROG_LOAD, positive. */
  readonly errno: number;
  /** Slots of the path that led here, oldest first (the last few hundred). */
  readonly path: readonly number[];
  /** The state at the refused instruction; undefined when it was refused before any path was looked at. */
  readonly state: InsnState | undefined;
}

export interface Verdict {
  readonly accepted: boolean;
  readonly refusal: Refusal | undefined;
  /** The last of the kernel's lines, which is its verdict in one sentence; '' when accepted. */
  readonly message: string;
  readonly slot: number | undefined;
  readonly log: string;
  readonly stats: VerifyStats;
  /** fds of the maps that the program refers to, in order of first use. */
  readonly usedMaps: readonly number[];
  /** Slots that no path reached (the kernel removes them); empty when refused. */
  readonly deadSlots: readonly number[];
  /** By slot, the states in which it was reached (the first few of them); empty unless traced. */
  readonly states: ReadonlyMap<number, readonly InsnState[]>;
  /** Where our knowledge ended and the verdict rests on an assumption, one sentence each. */
  readonly uncertain: readonly string[];
}

/** A program of an object file as verification input. */
export function inputOf(program: Program, object: Pick<BpfObject, 'maps' | 'btf' | 'kernelTypes'>): VerifyInput {
  const { kernelTypes } = object;
  const unresolved = new Map<number, UnresolvedRelocation>();
  for (const { slot, spec, outcome } of program.coreRelocations) {
    if (outcome.kind !== 'poisoned') continue;
    const asked = kernelTypes?.origin === 'given' ? "the kernel's types" : 'built-in types';
    unresolved.set(slot, { spec, reason: outcome.reason, asked });
  }
  return {
    bytes: program.bytes,
    maps: object.maps,
    license: program.license,
    subprograms: program.subprograms,
    lines: program.lines,
    kfuncNames: new Map(program.kfuncReferences.map((reference) => [reference.slot, reference.name])),
    ...(object.btf === undefined ? {} : { btf: object.btf }),
    ...(unresolved.size === 0 ? {} : { unresolved }),
    ...(kernelTypes === undefined ? {} : { kernelTypes }),
    // Offsets that CO-RE did not adapt are those of some other kernel.
    layout: kernelTypes?.origin === 'given' || program.coreRelocations.length > 0 ? 'fits' : 'unknown',
  };
}
