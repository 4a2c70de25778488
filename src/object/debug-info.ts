// What a debugger asks about a program: where a slot is in the source, which functions it is in (inlined ones included), which
// variables exist there and where their values are. Filled from DWARF; from BTF.ext alone where there is no DWARF.

import type { CType, TypeRef, TypeTable } from './c-types.ts';
import type { LineEntry, Program } from './program.ts';

/** A place in a source file; line and column count from 0. */
export interface SourceLine {
  /** As the compiler recorded it, joined with its directory; may be relative. */
  readonly file: string;
  readonly line0: number;
  /** 0 when the compiler recorded none. */
  readonly column0: number;
}

/** A function that a slot lies in: the real one, or one inlined into it. */
export interface FunctionScope {
  readonly kind: 'function' | 'inlined';
  readonly name: string;
  /** Where the function is declared. */
  readonly declared?: SourceLine;
  /** For an inlined function: the call in the scope around it. */
  readonly call?: SourceLine;
  /** Half-open slot ranges of its code. */
  readonly ranges: readonly SlotRange[];
}

export interface SlotRange {
  readonly startSlot: number;
  readonly endSlot: number;
}

/** One step of a DWARF expression that has no simpler reading. Works on a stack of 64-bit values. */
export type ExpressionStep =
  | { readonly op: 'constant'; readonly value: bigint }
  /** Pushes register + offset; register 10 is the frame pointer. */
  | { readonly op: 'register'; readonly register: number; readonly offset: bigint }
  /** Pushes the value the register had when the function was entered. */
  | { readonly op: 'entry-register'; readonly register: number }
  /** Pushes the address of a byte of a global variable's section. */
  | { readonly op: 'map-address'; readonly mapFd: number; readonly offset: number }
  /** Replaces the address on top by the `size` bytes there, zero-extended. */
  | { readonly op: 'load'; readonly sizeBytes: number }
  /** Truncates or extends the top to `bits` and back to 64. */
  | { readonly op: 'convert'; readonly bits: number; readonly signed: boolean }
  | { readonly op: 'unary'; readonly fn: 'neg' | 'not' | 'abs' }
  | {
      readonly op: 'binary';
      readonly fn:
        | 'add'
        | 'sub'
        | 'mul'
        | 'div'
        | 'mod'
        | 'and'
        | 'or'
        | 'xor'
        | 'shl'
        | 'shr'
        | 'sar'
        | 'eq'
        | 'ne'
        | 'lt'
        | 'le'
        | 'gt'
        | 'ge';
    }
  | { readonly op: 'stack'; readonly fn: 'dup' | 'drop' | 'over' | 'swap' | 'rot' }
  | { readonly op: 'pick'; readonly index: number };

/** Where the value of a variable is while a slot is about to run. */
export type VariableLocation =
  /** In the low bytes of a register. */
  | { readonly kind: 'register'; readonly register: number }
  /** In memory at r10 + offset (of this frame). */
  | { readonly kind: 'frame'; readonly offset: number }
  /** In memory at register + offset. */
  | { readonly kind: 'register-memory'; readonly register: number; readonly offset: number }
  /** In memory of a data section: a global, or a static inside a function. */
  | { readonly kind: 'map-memory'; readonly mapFd: number; readonly offset: number }
  /** Not stored anywhere: the compiler knows the value. */
  | { readonly kind: 'constant'; readonly value: bigint }
  | { readonly kind: 'constant-bytes'; readonly bytes: Uint8Array }
  /** Computed from registers and memory: the result is the value, or the address at which it is. */
  | { readonly kind: 'computed'; readonly result: 'value' | 'address'; readonly steps: readonly ExpressionStep[] }
  /** Several places, in order from the lowest bits; a piece may itself be optimised out. */
  | { readonly kind: 'pieces'; readonly pieces: readonly LocationPiece[] }
  /** The compiler keeps no value here; `why` is a phrase for people. */
  | { readonly kind: 'optimised-out'; readonly why: string };

export interface LocationPiece {
  readonly location: VariableLocation;
  readonly sizeBits: number;
  /** Where in the value of `location` the piece starts. */
  readonly offsetBits: number;
}

/** A variable that is in scope at a slot. */
export interface Variable {
  readonly name: string;
  readonly kind: 'parameter' | 'local' | 'static' | 'global';
  /** Index into `scopesAt(slot)`; -1 for a global. */
  readonly scope: number;
  readonly type: TypeRef | undefined;
  /** The type in C, '' when unknown. */
  readonly typeText: string;
  readonly declared?: SourceLine;
  readonly location: VariableLocation;
  /** Hidden by a variable of the same name in a block further in. */
  readonly shadowed: boolean;
}

/** The debug information of one linked program. All slots are slots of that program. */
export interface ProgramDebug {
  /** Where the lines came from. */
  readonly source: 'dwarf' | 'btf' | 'none';
  /** Entries sorted by slot; each holds until the next. */
  readonly lines: readonly LineEntry[];
  /** The functions that the slot is in, outermost (the real function) first, innermost inlined one last; empty when unknown. */
  scopesAt(slot: number): readonly FunctionScope[];
  /** Parameters and locals of all scopes at the slot, outermost scope first, in order of declaration; then the globals of its unit. */
  variablesAt(slot: number): readonly Variable[];
  /** Position of the slot, undefined where the compiler recorded none (line 0 or no entry). */
  lineOf(slot: number): LineEntry | undefined;
  /** First slots of every run of code of that line, ascending. `file` matches as a path suffix in either direction. */
  slotsOfLine(file: string, line0: number): readonly number[];
  /** Lines of the file that have code, ascending. */
  linesWithCode(file: string): readonly number[];
  /** Files that have code in this program. */
  readonly files: readonly string[];
  /** Slots at which the function's prologue is over, by function name: where a function breakpoint belongs. */
  functionStart(name: string): number | undefined;
}

export interface CompileUnit {
  readonly name: string;
  readonly directory: string;
  readonly producer: string;
  readonly language: number;
}

/** A named type that a unit defines, for casts in expressions: "struct hdr", "__u32". */
export interface DebugInfo {
  readonly units: readonly CompileUnit[];
  /** Types of the DWARF sections. */
  readonly types: TypeTable;
  /** Id of a type by its C spelling without qualifiers: "struct hdr", "enum op", "__u32", "unsigned int"; undefined when unknown. */
  findType(spelling: string): number | undefined;
  /** The type itself, for convenience. */
  typeOf(ref: TypeRef): CType | undefined;
  /** Queries for one program of the object that this came from. */
  forProgram(program: Program): ProgramDebug;
}
