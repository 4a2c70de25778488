// Indexes over the instruction table: by name, and by opcode byte for the decoder.

import { Bug } from '../base/index.ts';
import { codecFor, type OperandForm } from './codec.ts';
import type { Insn, InsnOf, ValidKind } from './insn.ts';
import type { InsnRow } from './row.ts';
import { INSN_ROWS, type InsnName } from './table.ts';

/** One opcode byte's claim on a row. */
export interface OpcodeEntry {
  readonly row: InsnRow;
  readonly form: OperandForm;
}

const BY_NAME: ReadonlyMap<string, InsnRow> = new Map(INSN_ROWS.map((row) => [row.name, row]));

const BY_OPCODE: readonly (readonly OpcodeEntry[])[] = Array.from({ length: 256 }, (_, opcode) =>
  INSN_ROWS.flatMap((row: InsnRow): OpcodeEntry[] => {
    if (typeof row.opcode === 'number') return row.opcode === opcode ? [{ row, form: 'reg' }] : [];
    if (row.opcode.reg === opcode) return [{ row, form: 'reg' }];
    return row.opcode.imm === opcode ? [{ row, form: 'imm' }] : [];
  }),
);

/** The rows that an opcode byte may stand for; empty when no instruction has it. */
export function rowsOfOpcode(opcode: number): readonly OpcodeEntry[] {
  return BY_OPCODE[opcode & 0xff]!;
}

/** The row of this name. */
export function rowNamed(name: InsnName): InsnRow {
  const row = BY_NAME.get(name);
  if (row === undefined) throw new Bug(`no instruction row ${name}`);
  return row;
}

/** The row of a decoded instruction; undefined for an invalid one and for a combination that has no encoding (movsx32.32). */
export function rowOf(insn: Insn): InsnRow | undefined {
  return insn.kind === 'invalid' ? undefined : BY_NAME.get(nameOf(insn.kind, insn));
}

function nameOf<K extends ValidKind>(kind: K, insn: InsnOf<K>): string {
  return codecFor(kind).name(insn);
}
