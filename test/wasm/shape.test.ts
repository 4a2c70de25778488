// Which loops become loops of WebAssembly, and what has to go through the dispatch table.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewFor } from '../../src/kernel/index.ts';
import { programFromAssembly } from '../../src/object/index.ts';
import { createVm, type EngineFactory } from '../../src/vm/index.ts';
import type { Machine } from '../../src/vm/machine.ts';
import { shapeOf } from '../../src/vm/wasm/shape.ts';

/** Loops as "head-last" and the blocks that have an entry, by the column at which they start. */
function shape(text: string): { readonly loops: string[]; readonly entries: number[] } {
  const { programs, maps } = programFromAssembly(text, { file: 'test' });
  let machine: Machine | undefined;
  const engine: EngineFactory = (made) => {
    machine = made as Machine;
    return { run: () => false };
  };
  createVm({ programs, maps, view: viewFor('6.12'), engine });
  const code = machine!.codes[0]!;
  const { blocks, loops, entries } = shapeOf(code);
  const column = (block: number) => blocks[block]!.start;
  return {
    loops: [...loops.values()].map(({ head, last }) => `${column(head)}-${column(last)}`).sort(),
    entries: [...entries.keys()].map(column).filter((start) => start < code.length),
  };
}

test('a loop in one piece is a loop; its inside has no entry', () => {
  const { loops, entries } = shape(
    'r0 = 5\n1: r1 = r0\nif r1 == 3 goto 2f\nr1 = 1\n2: r0 += -1\nif r0 != 0 goto 1b\nexit',
  );
  assert.deepEqual(loops, ['1-4']);
  assert.deepEqual(entries, [0, 1, 6]);
});

test('loops nest', () => {
  const { loops } = shape('r0 = 5\n1: r1 = 5\n2: r1 += -1\nif r1 != 0 goto 2b\nr0 += -1\nif r0 != 0 goto 1b\nexit');
  assert.deepEqual(loops, ['1-4', '2-2']);
});

test('loops that overlap become one that holds the other', () => {
  const { loops } = shape('r0 = 5\n1: r0 += -1\n2: r0 += -2\nif r0 s> 9 goto 1b\nif r0 s> 3 goto 2b\nexit');
  assert.deepEqual(loops, ['1-4', '2-4']);
});

test('a loop that is entered in the middle goes through the table, and so does what holds it', () => {
  const { loops, entries } = shape('r0 = 5\nif r1 == 0 goto 2f\n1: r0 += -1\n2: r0 += -2\nif r0 s> 3 goto 1b\nexit');
  assert.deepEqual(loops, []);
  assert.deepEqual(entries, [0, 2, 3, 5]);
});

test('a loop with a call of a function in it goes through the table, since the call returns there', () => {
  const { loops, entries } = shape(
    '.section sockops\nr6 = 5\n1: call f\nr6 += -1\nif r6 != 0 goto 1b\nexit\n.text\nf: r0 = 1\nexit',
  );
  assert.deepEqual(loops, []);
  assert.deepEqual(entries, [0, 1, 2, 4, 5]);
});

test('a jump into the middle of a 16-byte load leads to a trap that nothing runs into', () => {
  const { entries } = shape('if r1 == 0 goto +1\nr0 = 1 ll\nexit');
  assert.deepEqual(entries, [0, 1, 2]);
});
