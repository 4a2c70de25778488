// What the assembler makes of a text: sections, symbols, maps and where in the text everything came from. Plain data; close to
// an ELF relocatable object, but with maps as declarations of their own.

import type { TextRange } from '../base/index.ts';

/** What has to be filled in at `offset` once addresses are known. The addend stands in the bytes, as in ELF's REL sections. */
export interface AssembledRelocation {
  /** In bytes from the start of the section; for instructions, of the instruction's first word. */
  readonly offset: number;
  /** `imm64`: both immediates of a 16-byte load. `call`: the immediate of a call. `data32`, `data64`: plain words. */
  readonly kind: 'imm64' | 'call' | 'data32' | 'data64';
  readonly to: RelocationTarget;
}

export type RelocationTarget =
  /** A symbol of the table, by name. */
  | { readonly kind: 'symbol'; readonly name: string }
  /** A place in a section of this assembly; the offset into it is the addend. */
  | { readonly kind: 'section'; readonly section: number };

/** Where bytes came from: the statement that begins at `offset`. */
export interface SourceOrigin {
  readonly offset: number;
  readonly range: TextRange;
}

export interface AssembledSection {
  readonly name: string;
  readonly type: 'progbits' | 'nobits' | 'note' | 'other';
  /** Letters of the .section directive: a (allocated), w (writable), x (code), M, S, ... */
  readonly flags: string;
  readonly entrySize: number;
  readonly alignment: number;
  /** Contents; zeros for `nobits`. */
  readonly bytes: Uint8Array;
  readonly relocations: readonly AssembledRelocation[];
  /** In ascending order of offset; statements that make no bytes have none. */
  readonly origins: readonly SourceOrigin[];
}

export interface AssembledSymbol {
  readonly name: string;
  readonly binding: 'local' | 'global' | 'weak';
  readonly type: 'none' | 'function' | 'object';
  readonly visibility: 'default' | 'hidden' | 'protected' | 'internal';
  readonly value:
    | { readonly kind: 'place'; readonly section: number; readonly offset: number }
    | { readonly kind: 'absolute'; readonly value: bigint }
    /** Storage that a linker allots. */
    | { readonly kind: 'common'; readonly size: number; readonly alignment: number }
    | { readonly kind: 'undefined' };
  /** From .size, in bytes; 0 when unknown. */
  readonly size: number;
  /** The label or directive that made it known. */
  readonly range: TextRange;
}

/** A `.map` directive. */
export interface AssembledMap {
  readonly name: string;
  /** As written, with underscores: `array`, `percpu_hash`, or a number. */
  readonly type: string;
  /** Number of the type where it is known. */
  readonly typeId: number | undefined;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly extra: bigint;
  /** Name of the map that serves as template of the inner maps. */
  readonly inner: string | undefined;
  /** Number by which the code refers to it: as given by `fd=`, else its place in the text counted from 1. */
  readonly fd: number;
  readonly range: TextRange;
}

/** A `.loc` directive of a compiler: from `offset` on, the code is that of this place in its source. */
export interface CompilerLine {
  readonly section: number;
  readonly offset: number;
  readonly file: string;
  readonly line0: number;
  /** 0 when the compiler gave none. */
  readonly column0: number;
  readonly isStatement: boolean;
}

export interface Assembly {
  readonly sections: readonly AssembledSection[];
  /** In the order in which they were first named; private labels (`.L...`) are left out. */
  readonly symbols: readonly AssembledSymbol[];
  readonly maps: readonly AssembledMap[];
  readonly lines: readonly CompilerLine[];
}
