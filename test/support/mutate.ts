// Small changes to instructions of a real program, for comparing verifiers beyond what compilers write: another offset, register,
// size, operator, constant, helper; two instructions in the other order; one left out.

import type { Random } from '../../src/base/index.ts';
import { decodeProgram } from '../../src/isa/index.ts';

const NUMBERS = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 20, 31, 32, 63, 64, 100, 255, 4096, 65535, -1, -4, -8, -16, 0x7fffffff, -0x80000000,
] as const;
const GOTO_NEXT = Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0);
const CLASS = { ldx: 1, st: 2, stx: 3, alu32: 4, jmp: 5, jmp32: 6, alu64: 7 } as const;
const CALL = 0x85;
const EXIT = 0x95;

/** The program with `count` changes. Slots keep their numbers, so that types and lines of functions stay true. */
export function mutated(original: Uint8Array, random: Random, count: number): Uint8Array {
  const bytes = Uint8Array.from(original);
  for (let i = 0; i < count; i++) change(bytes, random);
  return bytes;
}

function change(bytes: Uint8Array, random: Random): void {
  const view = new DataView(bytes.buffer);
  const slots = decodeProgram(bytes).flatMap((insn) => (insn === undefined ? [] : [insn.slot]));
  const slot = random.pick(slots);
  const at = 8 * slot;
  const opcode = bytes[at]!;
  const isWide = opcode === 0x18;
  const setImm = (value: number): void => view.setInt32(at + 4, value | 0, true);
  const imm = view.getInt32(at + 4, true);
  const offset = view.getInt16(at + 2, true);
  const setOffset = (value: number): void => view.setInt16(at + 2, value, true);
  const setRegister = (which: 'dst' | 'src', register: number): void => {
    const both = bytes[at + 1]!;
    bytes[at + 1] = which === 'dst' ? (both & 0xf0) | register : (both & 0x0f) | (register << 4);
  };
  const anyRegister = (): number => random.below(random.below(8) === 0 ? 12 : 11);
  const general: (() => void)[] = [
    () => setRegister('dst', anyRegister()),
    () => (isWide ? setRegister('dst', anyRegister()) : bytes.set(GOTO_NEXT, at)),
    () => {
      const next = slots[slots.indexOf(slot) + 1];
      if (isWide || next === undefined || bytes[8 * next] === 0x18) return;
      const kept = bytes.slice(at, at + 8);
      bytes.copyWithin(at, 8 * next, 8 * next + 8);
      bytes.set(kept, 8 * next);
    },
  ];
  const own: (() => void)[] = [];
  switch (opcode & 7) {
    case CLASS.ldx:
    case CLASS.st:
    case CLASS.stx:
      own.push(
        () => setOffset(offset + random.pick([1, -1, 2, -2, 4, -4, 8, -8, 16, -16, 64, -64])),
        () => setOffset(random.pick([0, 4, 24, 66, 164, 184, 192, 200, 216, -8, -16, -256, -512])),
        () => (bytes[at] = (opcode & ~0x18) | (random.below(4) << 3)),
        () => setRegister('src', anyRegister()),
        () => setImm(random.pick(NUMBERS)),
      );
      break;
    case CLASS.alu32:
    case CLASS.alu64:
      own.push(
        () => setImm(imm + random.pick([1, -1, 4, -4, 8, -8])),
        () => setImm(random.pick(NUMBERS)),
        () => setRegister('src', anyRegister()),
        () => (bytes[at] = (opcode & 0x0f) | (random.below(14) << 4)),
        () => (bytes[at] = opcode ^ 0x03),
        () => (bytes[at] = opcode ^ 0x08),
      );
      break;
    case CLASS.jmp:
    case CLASS.jmp32:
      if (opcode === CALL) {
        const source = bytes[at + 1]! >> 4;
        if (source === 0)
          own.push(() =>
            setImm(
              random.pick([
                1,
                2,
                3,
                5,
                6,
                12,
                16,
                45,
                46,
                49,
                53,
                57,
                59,
                69,
                84,
                95,
                113,
                131,
                132,
                133,
                142,
                181,
                189,
                207,
                208,
                random.below(212),
              ]),
            ),
          );
        own.push(() => bytes.set(GOTO_NEXT, at));
        break;
      }
      if (opcode === EXIT) break;
      own.push(
        () => setOffset(offset + random.pick([1, -1, 2, -2, 3])),
        () => setOffset(random.below(8) - 6),
        () => setImm(random.pick(NUMBERS)),
        () => setImm(imm + random.pick([1, -1])),
        () => (bytes[at] = (opcode & 0x0f) | (random.pick([1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13]) << 4)),
        () => (bytes[at] = opcode ^ 0x03),
        () => setRegister('src', anyRegister()),
      );
      break;
  }
  random.pick(own.length === 0 || random.below(4) === 0 ? general : own)();
}
