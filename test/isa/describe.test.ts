// Explanations of instructions: every row has one, and the line of effect names the operands.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ASSEMBLY_CODES,
  assemble,
  decodeProgram,
  describeInsn,
  findInsnDocs,
  INSN_ROWS,
  type InsnRow,
} from '../../src/isa/index.ts';
import { insnOf } from './samples.ts';

const describeText = (text: string) => {
  const { value } = assemble(text);
  return describeInsn(decodeProgram(value.sections[0]!.bytes)[0]!, { numbers: 'decimal' });
};

test('every row is explained, with an example that assembles', () => {
  for (const row of INSN_ROWS as readonly InsnRow[]) {
    const [insn] = fc.sample(insnOf(row), { numRuns: 1, seed: 3 });
    const { title, effect, doc, example, encoding, feature } = describeInsn(insn!);
    for (const text of [title, effect, doc, example, encoding]) assert.notEqual(text, '', row.name);
    assert.ok(feature !== undefined);
    const declared = `.map counts, array, 4, 8, 1\n.map settings, array, 4, 16, 1\n${example}\nexit\ncount:\ncallback: exit\n`;
    assert.deepEqual(assemble(declared).problems, [], example);
  }
});

test('effects in words', () => {
  const effects = [
    ['r2 += -8', 'r2 = r2 + -8'],
    ['w2 = w3', 'w2 = w3; the upper half of r2 becomes 0'],
    ['r1 = (s16)r2', 'r1 = the low 16 bits of r2, sign-extended'],
    ['w1 = *(u16 *)(r6 + 68)', 'r1 = the 2 bytes at r6 + 68, zero-extended'],
    ['*(u32 *)(r10 - 4) = 7', 'the 4 bytes at r10 - 4 = 7'],
    ['if w1 s< -1 goto +2', 'if w1 is (signed) less than -1, goes on at slot 3'],
    ['r1 = be16 r1', 'r1 = the low 16 bits of r1 with their bytes reversed (on a little-endian machine)'],
    [
      'r2 = atomic_fetch_or((u64 *)(r1 + 0), r2)',
      'the 8 bytes at r1 = themselves | r2, atomically; r2 = what they were',
    ],
    ['exit', 'returns r0'],
  ] as const;
  for (const [text, effect] of effects) assert.equal(describeText(text).effect, effect);
});

test('what a sock_ops program cannot use says so, and what is new says since when', () => {
  assert.equal(describeText('r0 = *(u8 *)skb[4]').inSockOps, 'refused');
  assert.equal(describeText('callx r1').inSockOps, 'refused');
  assert.equal(describeText('r1 s/= 3').feature?.since, '6.6');
  assert.equal(describeText('exit').inSockOps, 'allowed');
  assert.equal(describeText('.quad 0xff').effect, 'there is no opcode 0xff');
});

test('instructions are found by the words people search for', () => {
  const titles = (word: string) => findInsnDocs(word).map(({ doc }) => doc.title);
  assert.deepEqual(titles('s>>='), ['Shift right, signed']);
  assert.deepEqual(titles('atomic_fetch_add'), ['Atomic update that returns the old value']);
  assert.deepEqual(titles('be16'), ['Convert to or from big endian']);
  assert.deepEqual(titles('may_goto'), ['Bounded jump']);
  assert.deepEqual(titles('gotol'), ['Long jump']);
  assert.deepEqual(titles('frobnicate'), []);
});

test('docs/assembly.md names every code that a problem can have', () => {
  const text = readFileSync('docs/assembly.md', 'utf8');
  assert.deepEqual(
    Object.keys(ASSEMBLY_CODES).filter((code) => !text.includes(`\`${code}\``)),
    [],
  );
});
