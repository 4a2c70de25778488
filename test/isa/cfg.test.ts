// Control-flow graphs of small programs, stated whole.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assemble, buildControlFlow, type DecodedProgram, decodeProgram, slotEdges } from '../../src/isa/index.ts';

function programOf(text: string): DecodedProgram {
  const { value, problems } = assemble(text);
  assert.deepEqual(problems, []);
  return decodeProgram(value.sections[0]?.bytes ?? new Uint8Array());
}

/** One line per block: `index start..end function -> successors`, marked when not reachable or the head of a loop. */
function describe(text: string): string[] {
  const graph = buildControlFlow(programOf(text));
  return [
    ...graph.blocks.map(({ index, startSlot, endSlot, function: home, successors, reachable, loopHead }) => {
      const edges = successors.map((edge) => `${edge.kind} ${edge.block}`).join(', ');
      return `${index} ${startSlot}..${endSlot} f${home} -> ${edges}${reachable ? '' : ' (dead)'}${loopHead ? ' (loop)' : ''}`;
    }),
    ...graph.defects.map(
      (defect) => `${defect.kind} at ${defect.slot}${'target' in defect ? ` to ${defect.target}` : ''}`,
    ),
  ];
}

test('straight code is one block; a 16-byte load counts two slots', () => {
  assert.deepEqual(describe('r0 = 1 ll\nr0 += 1\nexit'), ['0 0..4 f0 -> ']);
});

test('a branch and its join', () => {
  assert.deepEqual(describe('if r1 == 0 goto +2\nr0 = 1\ngoto +1\nr0 = 2\nexit'), [
    '0 0..1 f0 -> next 1, taken 2',
    '1 1..3 f0 -> jump 3',
    '2 3..4 f0 -> next 3',
    '3 4..5 f0 -> ',
  ]);
});

test('a loop has its head; may_goto leaves it', () => {
  assert.deepEqual(describe('r0 = 0\n1: may_goto +2\nr0 += 1\ngoto 1b\nexit'), [
    '0 0..1 f0 -> next 1',
    '1 1..2 f0 -> next 2, taken 3 (loop)',
    '2 2..4 f0 -> jump 1',
    '3 4..5 f0 -> ',
  ]);
});

test('functions: called, pointed to, dead, and their order', () => {
  const text = 'call pc+3\nld_pseudo r2, 4, 3\nexit\nexit\nr0 = 3\nexit';
  assert.deepEqual(describe(text), ['0 0..4 f0 -> ', '1 4..5 f1 -> ', '2 5..7 f2 -> ']);
  const graph = buildControlFlow(programOf(text));
  assert.deepEqual(
    graph.functions.map(({ startSlot, endSlot, references, reachable }) => ({
      startSlot,
      endSlot,
      references,
      reachable,
    })),
    [
      { startSlot: 0, endSlot: 4, references: [1, 2], reachable: true },
      { startSlot: 4, endSlot: 5, references: [], reachable: true },
      { startSlot: 5, endSlot: 7, references: [], reachable: true },
    ],
  );
  assert.equal(graph.functionAt(6)?.index, 2);
  assert.equal(graph.functionAt(7), undefined);
  assert.equal(graph.blockAt(2)?.index, 0);
});

test('dead code is there and marked', () => {
  assert.deepEqual(describe('goto +1\nr0 = 1\nexit'), [
    '0 0..1 f0 -> jump 2',
    '1 1..2 f0 -> next 2 (dead)',
    '2 2..3 f0 -> ',
  ]);
});

test('what no program should have is listed', () => {
  assert.deepEqual(describe('if r1 == 0 goto +5\ngoto +1\nr0 = 1 ll\nr0 = 2'), [
    '0 0..1 f0 -> next 1',
    '1 1..2 f0 -> ',
    '2 2..5 f0 ->  (dead)',
    'target-outside-program at 0 to 6',
    'target-inside-insn at 1 to 3',
    'runs-off-function-end at 4',
  ]);
  assert.deepEqual(describe('call pc+1\ngoto +0\nexit').slice(-1), ['target-in-other-function at 1 to 2']);
  assert.deepEqual(describe('call pc+9\nexit').slice(-1), ['target-outside-program at 0 to 10']);
  assert.deepEqual(describe(''), []);
});

test('of any bytes: every edge goes to the start of a block, order holds every block once and respects edges forward', () => {
  const opcodes = [0x05, 0x06, 0x15, 0x1e, 0x85, 0x95, 0x18, 0xb7, 0xe5, 0x0d, 0x00];
  const word = fc.tuple(
    fc.constantFrom(...opcodes),
    fc.constantFrom(0, 0, 0x10),
    fc.integer({ min: -6, max: 6 }),
    fc.integer({ min: -6, max: 6 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 24 }), (words) => {
      const bytes = new Uint8Array(8 * words.length);
      const view = new DataView(bytes.buffer);
      words.forEach(([opcode, registers, offset, imm], slot) => {
        bytes[8 * slot] = opcode;
        bytes[8 * slot + 1] = registers;
        view.setInt16(
          8 * slot + 2,
          opcode === 0x05 || opcode === 0x15 || opcode === 0x1e || opcode === 0xe5 ? offset : 0,
          true,
        );
        view.setInt32(8 * slot + 4, opcode === 0x05 || opcode === 0x1e || opcode === 0x95 ? 0 : imm, true);
      });
      const program = decodeProgram(bytes);
      const graph = buildControlFlow(program);
      assert.deepEqual(
        [...graph.order].sort((a, b) => a - b),
        graph.blocks.map((block) => block.index),
      );
      const place = new Map(graph.order.map((block, at) => [block, at]));
      let slot = 0;
      for (const block of graph.blocks) {
        assert.equal(block.startSlot, slot);
        assert.ok(block.endSlot > block.startSlot);
        slot = block.endSlot;
        for (const edge of block.successors) {
          const target = graph.blocks[edge.block]!;
          assert.equal(target.function, block.function);
          assert.ok(target.predecessors.includes(block.index));
          // Backwards in the order means round a loop.
          if (place.get(edge.block)! <= place.get(block.index)!) assert.ok(target.loopHead);
          if (block.reachable) assert.ok(target.reachable);
        }
        for (let inner = block.startSlot; inner < block.lastSlot; inner++) {
          const insn = program[inner];
          if (insn !== undefined)
            assert.deepEqual(
              slotEdges(insn).map((edge) => edge.kind),
              ['next'],
            );
        }
      }
      assert.equal(slot, program.length);
    }),
    { seed: 24, numRuns: 2000 },
  );
});
