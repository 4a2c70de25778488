// What a loader makes of an object file (or of assembly, or of bare instructions): programs ready for the verifier and
// the virtual machine, with everything a person wants to see beside them. Plain data, but for the two type tables.

import type { Problem } from '../base/index.ts';
import type { Btf } from './btf.ts';
import type { DebugInfo } from './debug-info.ts';

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
  /** BTF type ids of key and value, 0 when unknown. For a data section the value is the BTF DATASEC. */
  readonly keyTypeId: number;
  readonly valueTypeId: number;
  /** Template of the inner map for array-of-maps and hash-of-maps. */
  readonly inner?: MapDefinition;
  /** Initial contents: the bytes of .data, .rodata, .bss or .kconfig for a data section. */
  readonly initial?: Uint8Array;
  /** Set for a map made from a data section, named as in the object (".rodata", ".data.counters", ".kconfig"). */
  readonly dataSection?: string;
  /** Initial slots of a prog array (program names) or of a map of maps (map names), by index, from `.values`. */
  readonly initialSlots?: readonly { readonly index: number; readonly name: string }[];
  /** Set when the object asks for pinning (LIBBPF_PIN_BY_NAME). */
  readonly pinnedByName?: true;
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
  /** -1 for code that the compiler made up. */
  readonly line0: number;
  /** 0 when the compiler recorded none. */
  readonly column0: number;
  /** The text of the line as stored in BTF, '' when absent. */
  readonly text: string;
  /** Whether DWARF marks it as a recommended breakpoint location; true for lines from BTF, which has no such mark. */
  readonly isStatement: boolean;
}

/** A reference from a load-imm64 at `slot` to a map; already written into `bytes` by fd. */
export interface MapReference {
  readonly slot: number;
  readonly mapFd: number;
  /** Offset into the value for direct value access. */
  readonly valueOffset?: number;
}

/** A call of a kernel function at `slot`; `btfId` is what stands in the instruction. */
export interface KfuncReference {
  readonly slot: number;
  readonly name: string;
  readonly btfId: number;
}

/** A load of the address of a kernel symbol (`extern ... __ksym`) at `slot`; `btfId` is what stands in the instruction, 0 when untyped. */
export interface KsymReference {
  readonly slot: number;
  readonly name: string;
  /** A function's address is only good for being compared with NULL (bpf_ksym_exists()). */
  readonly kind: 'function' | 'variable';
  readonly btfId: number;
}

/** What became of one CO-RE relocation. */
export interface CoreRelocation {
  readonly slot: number;
  /** "field byte offset", "type exists", ... */
  readonly what: string;
  /** The local side in C: "struct tcp_sock.snd_cwnd". */
  readonly spec: string;
  readonly outcome:
    | { readonly kind: 'patched'; readonly oldValue: bigint; readonly newValue: bigint }
    /** The kernel has no such type or field: the instruction is now a call of a helper that does not exist, as libbpf leaves it. */
    | { readonly kind: 'poisoned'; readonly reason: string };
}

/** A run of slots that was copied from one place of a section of the object; what debug information is looked up by. */
export interface ProgramPiece {
  readonly startSlot: number;
  readonly endSlot: number;
  /** Number of the ELF section. */
  readonly section: number;
  /** Byte offset in the section that `startSlot` came from. */
  readonly sectionOffset: number;
}

/** One program after linking: the entry function followed by every subprogram that it reaches, relocations applied. */
export interface Program {
  readonly name: string;
  readonly section: string;
  /** Whether libbpf would load it as BPF_PROG_TYPE_SOCK_OPS. */
  readonly isSockOps: boolean;
  readonly bytes: Uint8Array;
  readonly subprograms: readonly Subprogram[];
  /** From BTF, as the kernel prints them; from DWARF where BTF has none. */
  readonly lines: readonly LineEntry[];
  readonly mapReferences: readonly MapReference[];
  readonly kfuncReferences: readonly KfuncReference[];
  readonly ksymReferences: readonly KsymReference[];
  readonly coreRelocations: readonly CoreRelocation[];
  readonly pieces: readonly ProgramPiece[];
  readonly license: string;
}

/** A kernel function or variable that the object names with `__ksym`. */
export interface KernelSymbol {
  readonly name: string;
  readonly kind: 'function' | 'variable';
  /** Id in the kernel's BTF; a made-up one (see `origin`) where the kernel at hand has no such symbol; 0 for a weak one that is absent. */
  readonly btfId: number;
  /** 'synthetic': no kernel BTF knew it, so the number means something in this object only; look at the name. */
  readonly origin: 'kernel' | 'synthetic' | 'absent';
  readonly weak: boolean;
}

/** The kernel's types that an object was linked against: CO-RE offsets and ids of kernel symbols are numbers of this table. */
export interface KernelTypes {
  readonly btf: Btf;
  /** 'built-in': our own small table, whose layout is no kernel's; only what CO-RE relocated fits it. */
  readonly origin: 'given' | 'built-in';
}

/** Everything a BPF object gave. */
export interface BpfObject {
  /** As the user named it. */
  readonly file: string;
  readonly license: string;
  /** The `version` section (LINUX_VERSION_CODE of old objects), 0 when absent. */
  readonly version: number;
  readonly programs: readonly Program[];
  readonly maps: readonly MapDefinition[];
  readonly kernelSymbols: readonly KernelSymbol[];
  readonly btf: Btf | undefined;
  /** Absent where nothing was linked and no types were given: bare instructions, a file that could not be read. */
  readonly kernelTypes: KernelTypes | undefined;
  /** Always there; without debug sections its answers are empty. */
  readonly debugInfo: DebugInfo;
  readonly problems: readonly Problem[];
}
