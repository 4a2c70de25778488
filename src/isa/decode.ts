// Bytes to instructions. Never throws: a word that is no instruction becomes an InvalidInsn that says why.
// Source: RFC 9669; the rows of table.ts, whose fixed fields and operands together must account for every bit of a word.

import { codecFor, type OperandFields, type WireContext } from './codec.ts';
import type { DecodedProgram, Insn, InsnOf, InvalidInsn, InvalidReason, RawInsn, ValidKind } from './insn.ts';
import type { InsnRow } from './row.ts';
import { type OpcodeEntry, rowsOfOpcode } from './rows.ts';

/** Bytes in one slot. */
export const SLOT_BYTES = 8;

/** Slots that an instruction takes: two for load-imm64, one for everything else. */
export function slotCount(insn: Insn): 1 | 2 {
  return insn.kind === 'load-imm64' ? 2 : 1;
}

/** The five fields of the little-endian word at `slot`; bytes past the end read as zero. */
export function readRaw(bytes: Uint8Array, slot: number): RawInsn {
  const at = slot * SLOT_BYTES;
  const byte = (index: number): number => bytes[at + index] ?? 0;
  const registers = byte(1);
  return {
    opcode: byte(0),
    dst: registers & 15,
    src: registers >> 4,
    offset: ((byte(2) | (byte(3) << 8)) << 16) >> 16,
    imm: byte(4) | (byte(5) << 8) | (byte(6) << 16) | (byte(7) << 24),
  };
}

/**
 * Decodes a whole program. The result has one element per slot, rounded up when bytes are left over at the end (those
 * become an InvalidInsn of their own); the second slot of a 16-byte instruction holds undefined.
 */
export function decodeProgram(bytes: Uint8Array): DecodedProgram {
  const count = Math.ceil(bytes.length / SLOT_BYTES);
  const program: (Insn | undefined)[] = [];
  for (let slot = 0; slot < count; slot = program.length) {
    const insn = decodeOne(bytes, slot);
    program.push(insn);
    if (slotCount(insn) === 2) program.push(undefined);
  }
  return program;
}

/** Decodes the instruction that starts at `slot`, which may also be the middle of a 16-byte one. */
export function decodeOne(bytes: Uint8Array, slot: number): Insn {
  const raw = readRaw(bytes, slot);
  const left = bytes.length - slot * SLOT_BYTES;
  if (left < SLOT_BYTES) return invalid(slot, raw, { kind: 'truncated-word', bytes: Math.max(0, left) });

  const entries = rowsOfOpcode(raw.opcode);
  if (entries.length === 0) return invalid(slot, raw, { kind: 'unknown-opcode', opcode: raw.opcode });

  const wide = entries[0]!.row.sem.kind === 'load-imm64';
  const next = wide && left >= 2 * SLOT_BYTES ? readRaw(bytes, slot + 1) : undefined;
  let closest: Attempt | undefined;
  for (const entry of entries) {
    const attempt = attemptRow(entry, { raw, slot, form: entry.form, nextImm: next?.imm ?? 0 });
    if (closest === undefined || attempt.wrong.length < closest.wrong.length) closest = attempt;
    if (attempt.wrong.length === 0) break;
  }
  const [field] = closest!.wrong;
  if (field !== undefined) return invalid(slot, raw, { kind: 'reserved-field', field });
  if (wide) {
    if (next === undefined) return invalid(slot, raw, { kind: 'truncated-imm64' });
    if (next.opcode !== 0 || next.dst !== 0 || next.src !== 0 || next.offset !== 0)
      return invalid(slot, raw, { kind: 'bad-imm64-second-word' });
  }
  return closest!.insn;
}

type ReservedField = 'dst' | 'src' | 'offset' | 'imm';
const FIELDS: readonly ReservedField[] = ['dst', 'src', 'offset', 'imm'];

interface Attempt {
  readonly insn: Insn;
  /** Fields that hold something other than the row wants; none when the row is the one. */
  readonly wrong: readonly ReservedField[];
}

const NONE: readonly ReservedField[] = [];

/** Reads the operands as this row lays them out and looks whether operands and fixed fields give the same word back. */
function attemptRow({ row }: OpcodeEntry, wire: WireContext): Attempt {
  const { insn, operands } = readOperands(row, wire);
  const { raw } = wire;
  const { fixed } = row;
  const isRight =
    (operands.dst ?? 0) === raw.dst &&
    (operands.src ?? fixed?.src ?? 0) === raw.src &&
    (operands.offset ?? fixed?.offset ?? 0) === raw.offset &&
    (operands.imm ?? fixed?.imm ?? 0) === raw.imm;
  if (isRight) return { insn, wrong: NONE };
  const wanted = { dst: 0, src: 0, offset: 0, imm: 0, ...fixed, ...operands };
  return { insn, wrong: FIELDS.filter((field) => wanted[field] !== raw[field]) };
}

function readOperands<K extends ValidKind>(
  row: InsnRow<K>,
  wire: WireContext,
): { readonly insn: InsnOf<K>; readonly operands: OperandFields } {
  const codec = codecFor<K>(row.sem.kind);
  const insn = codec.read(row.sem, wire);
  return { insn, operands: codec.write(insn) };
}

function invalid(slot: number, raw: RawInsn, why: InvalidReason): InvalidInsn {
  return { kind: 'invalid', slot, why, raw };
}
