// The instruction table against itself: names, templates, one meaning for every word.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  assemble,
  decodeOne,
  decodeProgram,
  encodeBytes,
  encodeInsn,
  formatInsn,
  INSN_DOCS,
  INSN_FEATURES,
  INSN_ROWS,
  type Insn,
  type InsnRow,
  rowOf,
  slotCount,
} from '../../src/isa/index.ts';
import { insnOf } from './samples.ts';

const ROWS: readonly InsnRow[] = INSN_ROWS;

/** Decoding says at which slot an instruction stands; the samples stand at slot 0. */
function bytesOf(insn: Insn): Uint8Array {
  const encoding = encodeBytes(insn);
  assert.equal(encoding.kind, 'encoded', JSON.stringify(encoding));
  return encoding.kind === 'encoded' ? encoding.bytes : new Uint8Array();
}

/** The only section of a text that is expected to be right. */
function assembled(text: string): Uint8Array {
  const { value, problems } = assemble(text);
  assert.deepEqual(problems, [], text);
  return value.sections[0]?.bytes ?? new Uint8Array();
}

test('row names are unique, and are those that instructions are looked up by', () => {
  assert.equal(new Set(ROWS.map((row) => row.name)).size, ROWS.length);
  for (const row of ROWS) {
    const [insn] = fc.sample(insnOf(row), { numRuns: 1, seed: 1 });
    assert.equal(rowOf(insn!)?.name, row.name);
  }
});

test('every description and every feature is used by a row', () => {
  assert.deepEqual(new Set(ROWS.map((row) => row.doc)), new Set(Object.keys(INSN_DOCS)));
  assert.deepEqual(new Set(ROWS.map((row) => row.feature)), new Set(Object.keys(INSN_FEATURES)));
});

for (const row of ROWS) {
  test(`${row.name}: decoding undoes encoding, assembling undoes printing`, () => {
    fc.assert(
      fc.property(insnOf(row), fc.constantFrom('hex', 'decimal'), (insn, numbers) => {
        const bytes = bytesOf(insn);
        assert.deepEqual(decodeOne(bytes, 0), insn);
        assert.equal(bytes.length, 8 * slotCount(insn));
        const text = formatInsn(insn, { dialect: 'source', numbers });
        assert.deepEqual(assembled(text), bytes, text);
        const narrow = formatInsn(insn, { dialect: 'source', numbers, narrowRegisters: 'r' });
        assert.deepEqual(assembled(narrow), bytes, narrow);
      }),
      { seed: 20, numRuns: 60 },
    );
  });
}

test('named operands print and assemble as the numbers do', () => {
  const map = '.map counts, array, 4, 8, 1\n.map more, hash, 4, 8, 1\n';
  const names = {
    map: (fd: number) => ['counts', 'more'][fd - 1],
    helper: (id: number) => (id === 1 ? 'bpf_map_lookup_elem' : undefined),
  };
  const cases: readonly [Partial<Insn> & { kind: 'load-imm64' | 'call-helper' }, string][] = [
    [{ kind: 'load-imm64', source: 'map-fd', dst: 1, low: 2, high: 0 }, 'r1 = more ll'],
    [{ kind: 'load-imm64', source: 'map-value', dst: 3, low: 1, high: 8 }, 'r3 = counts[0] + 0x8 ll'],
    [{ kind: 'load-imm64', source: 'map-value', dst: 3, low: 1, high: 0 }, 'r3 = counts[0] ll'],
    [{ kind: 'call-helper', helper: 1 }, 'call bpf_map_lookup_elem'],
  ];
  for (const [partial, text] of cases) {
    const insn = { ...partial, slot: 0 } as Insn;
    assert.equal(formatInsn(insn, { dialect: 'source', names }), text);
    const { value, problems } = assemble(map + text, {
      helperId: (name) => (name === 'bpf_map_lookup_elem' ? 1 : undefined),
      mapTypeId: () => 2,
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(value.sections[0]?.bytes, bytesOf(insn));
  }
});

test('no word is two instructions: every word decodes, prints and encodes back to itself', () => {
  const opcode = fc.oneof(
    fc.nat({ max: 255 }),
    fc.constantFrom(...ROWS.flatMap(({ opcode }) => (typeof opcode === 'number' ? opcode : Object.values(opcode)))),
  );
  const word = fc
    .tuple(
      opcode,
      fc.nat({ max: 255 }),
      fc.constantFrom(0, 1, 2, 8, 16, 32, -1, 300),
      fc.constantFrom(0, 1, 16, 32, 64, 0x40, 0xe1, 0xf1, 0x100, 0x110, -1),
    )
    .map(([op, registers, offset, imm]) => {
      const bytes = new Uint8Array(8);
      const view = new DataView(bytes.buffer);
      bytes[0] = op;
      bytes[1] = registers;
      view.setInt16(2, offset, true);
      view.setInt32(4, imm, true);
      return [...bytes];
    });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), fc.array(fc.nat({ max: 255 }), { maxLength: 7 }), (words, rest) => {
      const bytes = Uint8Array.from([...words.flat(), ...rest]);
      const program = decodeProgram(bytes);
      assert.equal(program.length, Math.ceil(bytes.length / 8));
      assert.deepEqual(
        Uint8Array.from(program.flatMap((insn) => (insn === undefined ? [] : [...bytesOf(insn)]))),
        bytes,
      );
      for (const insn of program) {
        if (insn === undefined) continue;
        assert.notEqual(formatInsn(insn), '');
        // Registers 11 to 15 exist in the encoding only; assembling them is allowed with a warning.
        const text = formatInsn(insn, { dialect: 'source' });
        const result = assemble(text);
        assert.deepEqual(
          result.problems.filter((problem) => problem.severity === 'error'),
          [],
          text,
        );
        assert.deepEqual(result.value.sections[0]?.bytes, bytesOf(insn), text);
      }
    }),
    { seed: 21, numRuns: 3000 },
  );
});

test('instructions without an encoding are refused, with the field that has no room', () => {
  const failure = (insn: object) => {
    const encoding = encodeInsn({ slot: 0, ...insn } as unknown as Insn);
    return encoding.kind === 'failed' ? encoding.failure : undefined;
  };
  const imm = (value: number) => ({ kind: 'imm', value });
  assert.equal(
    failure({ kind: 'alu', width: 32, fn: 'movsx32', dst: 0, src: { kind: 'reg', reg: 1 } })?.kind,
    'no-such-operation',
  );
  assert.equal(failure({ kind: 'alu', width: 64, fn: 'movsx8', dst: 0, src: imm(1) })?.kind, 'no-such-operation');
  assert.deepEqual(failure({ kind: 'jump', long: false, target: 32769 }), {
    kind: 'out-of-range',
    field: 'offset',
    value: 32768,
    min: -32768,
    max: 32767,
  });
  assert.equal(failure({ kind: 'alu', width: 64, fn: 'add', dst: 0, src: imm(2 ** 31) })?.kind, 'out-of-range');
  assert.equal(failure({ kind: 'alu', width: 64, fn: 'add', dst: 16, src: imm(1) })?.kind, 'out-of-range');
  assert.equal(
    failure({ kind: 'load', size: 4, signExtend: false, dst: 0, base: 1, offset: 0.5 })?.kind,
    'out-of-range',
  );
});

test('what an undecodable word says', () => {
  const why = (hex: string) => {
    const insn = decodeOne(Uint8Array.from(Buffer.from(hex, 'hex')), 0);
    return insn.kind === 'invalid' ? insn.why : insn.kind;
  };
  assert.deepEqual(why('ff00000000000000'), { kind: 'unknown-opcode', opcode: 0xff });
  assert.deepEqual(why('0f21000005000000'), { kind: 'reserved-field', field: 'imm' });
  assert.deepEqual(why('0721000005000000'), { kind: 'reserved-field', field: 'src' });
  assert.deepEqual(why('3f21020000000000'), { kind: 'reserved-field', field: 'offset' });
  assert.deepEqual(why('8501000001000000'), { kind: 'reserved-field', field: 'dst' });
  assert.deepEqual(why('c321000099000000'), { kind: 'reserved-field', field: 'imm' });
  assert.deepEqual(why('1801000001000000'), { kind: 'truncated-imm64' });
  assert.deepEqual(why('18010000010000000100000000000000'), { kind: 'bad-imm64-second-word' });
  assert.deepEqual(why('180100'), { kind: 'truncated-word', bytes: 3 });
  assert.deepEqual(why(''), { kind: 'truncated-word', bytes: 0 });
});
