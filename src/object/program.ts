// What a loader makes of an object file (or of assembly, or of bare instructions): programs ready for the verifier and
// the virtual machine, with everything a person wants to see beside them. Plain data.

import type { Problem } from '../base/index.ts';

/** Names from include/uapi/linux/bpf.h enum bpf_map_type, lower case and dashed; `unknown` carries its number in `typeId`. */
export interface MapDefinition {
  readonly name: string;
  /** enum bpf_map_type. */
  readonly typeId: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  /** map_extra (bloom hash count, arena address). */
  readonly extra: bigint;
  /** Number by which load-imm64 instructions refer to the map; unique in its object, above 0. */
  readonly fd: number;
  /** BTF type ids of key and value, 0 when unknown. */
  readonly keyTypeId: number;
  readonly valueTypeId: number;
  /** Template of the inner map for array-of-maps and hash-of-maps. */
  readonly inner?: MapDefinition;
  /** Initial contents: the bytes of .data, .rodata or .bss for a data section. */
  readonly initial?: Uint8Array;
  /** Set for a map made from a data section, named as in the object (".rodata", ".data.counters"). */
  readonly dataSection?: string;
  /** Initial slots of a prog array (program names) or of a map of maps (map names), by index, from `.values`. */
  readonly initialSlots?: readonly { readonly index: number; readonly name: string }[];
}

/** One subprogram; the entry function is the first. Slots are half-open. */
export interface Subprogram {
  readonly name: string;
  readonly startSlot: number;
  readonly endSlot: number;
  /** BTF id of the FUNC, 0 when unknown. */
  readonly btfFuncId: number;
  readonly linkage: 'static' | 'global';
}

/** A source position that starts at `slot` and holds until the next entry. */
export interface LineEntry {
  readonly slot: number;
  /** As the compiler recorded it; may be relative. */
  readonly file: string;
  readonly line0: number;
  /** 0 when the compiler recorded none. */
  readonly column0: number;
  /** The text of the line as stored in BTF, '' when absent. */
  readonly text: string;
  /** Whether DWARF marks it as a recommended breakpoint location; true where there is only BTF. */
  readonly isStatement: boolean;
}

/** A reference from a load-imm64 at `slot` to a map; already written into `bytes` by fd. */
export interface MapReference {
  readonly slot: number;
  readonly mapFd: number;
  /** Offset into the value for direct value access. */
  readonly valueOffset?: number;
}

/** One program after linking: the entry function followed by every subprogram that it reaches, relocations applied. */
export interface Program {
  readonly name: string;
  readonly section: string;
  /** Whether libbpf would load it as BPF_PROG_TYPE_SOCK_OPS. */
  readonly isSockOps: boolean;
  readonly bytes: Uint8Array;
  readonly subprograms: readonly Subprogram[];
  readonly lines: readonly LineEntry[];
  readonly mapReferences: readonly MapReference[];
  readonly license: string;
}

/** Everything a BPF object gave. `btf` and `debugInfo` have their own modules. */
export interface BpfObject<Btf = unknown, DebugInfo = unknown> {
  /** As the user named it. */
  readonly file: string;
  readonly license: string;
  readonly programs: readonly Program[];
  readonly maps: readonly MapDefinition[];
  readonly btf: Btf | undefined;
  readonly debugInfo: DebugInfo | undefined;
  readonly problems: readonly Problem[];
}
