// Instructions for tests: every row of the table in every form, with the operands at which encodings go wrong.

import fc from 'fast-check';
import type { Insn, InsnRow, Operand, ValidKind } from '../../src/isa/index.ts';

const REGISTERS = [0, 1, 5, 9, 10];
const IMMEDIATES = [0, 1, -1, 7, 0x7fffffff, -0x80000000, 0x12345678, -129];
const OFFSETS = [0, 4, -4, 255, -256, 0x7fff, -0x8000];

type Values = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Mostly edges, sometimes anything in range. */
const number = (edges: readonly number[], min: number, max: number): fc.Arbitrary<number> =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...edges) }, { weight: 1, arbitrary: fc.integer({ min, max }) });

const register = number(REGISTERS, 0, 10);
const offset = number(OFFSETS, -0x8000, 0x7fff);
const imm = number(IMMEDIATES, -0x80000000, 0x7fffffff);
const unsigned = number([0, 1, 0xffffffff, 0x80000000, 0x7fffffff], 0, 0xffffffff);
/** Distance of a jump in slots; the instruction stands at slot 0. */
const near = number([0, 1, -1, 0x7ffe, -0x8000], -0x8000, 0x7fff);
const far = number([0, 1, -1, 0x7fffffff, -0x80000000], -0x80000000, 0x7fffffff);
const targetBy = (distance: fc.Arbitrary<number>) => distance.map((slots) => slots + 1);

const registerOperand: fc.Arbitrary<Operand> = register.map((reg) => ({ kind: 'reg', reg }));
const immOperand: fc.Arbitrary<Operand> = imm.map((value) => ({ kind: 'imm', value }));

function operandOf(row: InsnRow): fc.Arbitrary<Operand> {
  const hasImmediate = typeof row.opcode !== 'number' && row.opcode.imm !== undefined;
  return hasImmediate ? fc.oneof(registerOperand, immOperand) : registerOperand;
}

const OPERANDS: Readonly<Record<ValidKind, (row: InsnRow) => Values>> = {
  alu: (row) => ({ dst: register, src: operandOf(row) }),
  neg: () => ({ dst: register }),
  endian: () => ({ dst: register }),
  'addr-space-cast': () => ({
    dst: register,
    src: register,
    toSpace: number([0, 1, 0xffff], 0, 0xffff),
    fromSpace: number([0, 1, 0xffff], 0, 0xffff),
  }),
  'load-imm64': () => ({ dst: register, low: unsigned, high: unsigned }),
  load: () => ({ dst: register, base: register, offset }),
  store: (row) => ({ base: register, offset, src: operandOf(row) }),
  atomic: () => ({ base: register, offset, src: register }),
  'load-acquire': () => ({ dst: register, base: register, offset }),
  'store-release': () => ({ base: register, offset, src: register }),
  jump: (row) => ({ target: targetBy(row.sem.kind === 'jump' && row.sem.long ? far : near) }),
  'jump-if': (row) => ({ dst: register, src: operandOf(row), target: targetBy(near) }),
  'may-goto': () => ({ target: targetBy(near) }),
  'jump-indirect': () => ({ reg: register }),
  'call-helper': () => ({ helper: imm }),
  'call-local': () => ({ target: targetBy(far) }),
  'call-kfunc': () => ({ btfId: imm, btfFdIndex: number([0, 1, 0x7fff], -0x8000, 0x7fff) }),
  'call-indirect': () => ({ reg: register }),
  exit: () => ({}),
  'packet-load': (row) => ({
    src: row.sem.kind === 'packet-load' && row.sem.mode === 'ind' ? register : fc.constant(0),
    offset: imm,
  }),
};

/** Instructions of a row, standing at slot 0. */
export function insnOf(row: InsnRow): fc.Arbitrary<Insn> {
  return fc
    .record({ ...OPERANDS[row.sem.kind](row) })
    .map((operands) => ({ ...operands, ...row.sem, slot: 0 }) as unknown as Insn);
}
