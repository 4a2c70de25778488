// What a row of the instruction table says, and which members of a decoded instruction are operands rather than part of
// the operation. table.ts holds the rows; codec.ts says where on the wire the operands lie.

import type { DocKey } from './docs.ts';
import type { InsnFeature } from './features.ts';
import type { InsnOf, ValidKind } from './insn.ts';

/** For each kind, the members that vary between two instructions of the same row. */
export interface OperandKeys {
  alu: 'dst' | 'src';
  neg: 'dst';
  endian: 'dst';
  'addr-space-cast': 'dst' | 'src' | 'toSpace' | 'fromSpace';
  'load-imm64': 'dst' | 'low' | 'high';
  load: 'dst' | 'base' | 'offset';
  store: 'base' | 'offset' | 'src';
  atomic: 'base' | 'offset' | 'src';
  'load-acquire': 'dst' | 'base' | 'offset';
  'store-release': 'base' | 'offset' | 'src';
  jump: 'target';
  'jump-if': 'dst' | 'src' | 'target';
  'may-goto': 'target';
  'jump-indirect': 'reg';
  'call-helper': 'helper';
  'call-local': 'target';
  'call-kfunc': 'btfId' | 'btfFdIndex';
  'call-indirect': 'reg';
  exit: never;
  'packet-load': 'src' | 'offset';
}

/** The constant part of an instruction: what the row contributes. */
export type SemanticsOf<K extends ValidKind> = { readonly kind: K } & Omit<InsnOf<K>, 'kind' | 'slot' | OperandKeys[K]>;

/**
 * Opcode byte: a single one, or one per form where the second operand may be a register or an immediate.
 * A pair without `imm` has the register form only.
 */
export type OpcodeBytes = number | { readonly imm?: number; readonly reg: number };

/** Wire fields whose value, together with the opcode, selects the row. Fields that are neither here nor operands must be 0. */
export interface FixedFields {
  readonly src?: number;
  readonly offset?: number;
  readonly imm?: number;
}

export interface InsnRow<K extends ValidKind = ValidKind> {
  /** Unique and stable: the operation, a dot, the width or size. Made of `sem` by codec.ts. */
  readonly name: string;
  readonly opcode: OpcodeBytes;
  readonly fixed?: FixedFields;
  readonly sem: { readonly [Kind in K]: SemanticsOf<Kind> }[K];
  /** Assembly in clang's syntax (template.ts explains the blanks). The first is printed, all are read. */
  readonly text: readonly [string, ...string[]];
  /** Key of the description that all widths of an operation share (docs.ts). */
  readonly doc: DocKey;
  readonly feature: InsnFeature;
}
