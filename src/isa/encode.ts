// Instructions to bytes: the inverse of decode.ts over the same rows.
// Source: RFC 9669 sections 3 to 5.

import { codecFor, type OperandFields } from './codec.ts';
import { SLOT_BYTES } from './decode.ts';
import type { Insn, InsnOf, RawInsn, ValidKind } from './insn.ts';
import { rowOf } from './rows.ts';

/** Why an instruction has no encoding. */
export type EncodeFailure =
  | { readonly kind: 'no-such-operation' }
  /** An operand lies outside what its field holds. `field` counts as on the wire; jumps give their distance in slots. */
  | {
      readonly kind: 'out-of-range';
      readonly field: 'dst' | 'src' | 'offset' | 'imm';
      readonly value: number;
      readonly min: number;
      readonly max: number;
    };

/** The words of an instruction (two for load-imm64), or why there are none. */
export type Encoding =
  | { readonly kind: 'encoded'; readonly words: readonly [RawInsn] | readonly [RawInsn, RawInsn] }
  | { readonly kind: 'failed'; readonly failure: EncodeFailure };

const RANGES = {
  dst: [0, 15],
  src: [0, 15],
  offset: [-0x8000, 0x7fff],
  imm: [-0x8000_0000, 0x7fff_ffff],
} as const;

/** Encodes one instruction at the slot that it names, from which jump distances are counted. */
export function encodeInsn(insn: Insn): Encoding {
  if (insn.kind === 'invalid') return { kind: 'encoded', words: [insn.raw] };
  const row = rowOf(insn);
  const operands = operandFields(insn.kind, insn);
  const opcode = row === undefined ? undefined : opcodeByte(row.opcode, operands);
  if (row === undefined || opcode === undefined) return { kind: 'failed', failure: { kind: 'no-such-operation' } };

  const { nextImm, ...first } = operands;
  const word: RawInsn = { opcode, dst: 0, src: 0, offset: 0, imm: 0, ...row.fixed, ...first };
  for (const field of ['dst', 'src', 'offset', 'imm'] as const) {
    const [min, max] = RANGES[field];
    const value = word[field];
    if (!(Number.isInteger(value) && min <= value && value <= max))
      return { kind: 'failed', failure: { kind: 'out-of-range', field, value, min, max } };
  }
  if (nextImm === undefined) return { kind: 'encoded', words: [word] };
  return { kind: 'encoded', words: [word, { opcode: 0, dst: 0, src: 0, offset: 0, imm: nextImm }] };
}

/** Writes a word in little-endian order at `slot` of `bytes`; as much of it as there is room for. */
export function writeRaw(bytes: Uint8Array, slot: number, { opcode, dst, src, offset, imm }: RawInsn): void {
  const word = [opcode, (src << 4) | dst, offset, offset >> 8, imm, imm >> 8, imm >> 16, imm >> 24];
  bytes.set(
    Uint8Array.from(word).subarray(0, Math.max(0, bytes.length - slot * SLOT_BYTES)),
    Math.min(slot * SLOT_BYTES, bytes.length),
  );
}

/** Bytes of one instruction, or why it has none. An invalid instruction gives back the bytes that it was decoded from. */
export function encodeBytes(
  insn: Insn,
): { readonly kind: 'encoded'; readonly bytes: Uint8Array } | (Encoding & { kind: 'failed' }) {
  const encoding = encodeInsn(insn);
  if (encoding.kind === 'failed') return encoding;
  const truncated = insn.kind === 'invalid' && insn.why.kind === 'truncated-word' ? insn.why.bytes : undefined;
  const bytes = new Uint8Array(truncated ?? encoding.words.length * SLOT_BYTES);
  encoding.words.forEach((word, slot) => {
    writeRaw(bytes, slot, word);
  });
  return { kind: 'encoded', bytes };
}

function operandFields<K extends ValidKind>(kind: K, insn: InsnOf<K>): OperandFields {
  return codecFor(kind).write(insn);
}

function opcodeByte(
  opcode: number | { readonly imm?: number; readonly reg: number },
  operands: OperandFields,
): number | undefined {
  if (typeof opcode === 'number') return opcode;
  return operands.src === undefined ? opcode.imm : opcode.reg;
}
