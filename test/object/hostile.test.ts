// Hostile objects: whatever the bytes, there is an answer soon, it is an object with problems, and nothing is thrown.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import { type BpfObject, readObject } from '../../src/object/index.ts';
import { exercise } from './exercise.ts';

const folder = path.resolve(import.meta.dirname, '../fixtures/obj');

const load = (name: string): Uint8Array => new Uint8Array(readFileSync(path.join(folder, name)));

/** Objects without debug sections are read in a fraction of a millisecond, so most mutations go there. */
const SMALL = ['legacy.zig21-bare.o', 'globals.zig21-nodebug.o'];
const TYPED = ['maps.zig21-strip.o'];
const LARGE = readdirSync(folder).filter((name) =>
  /^(locals|calls|core|kconfig|tailcall)\.(zig21|clang14|gcc12|clang19-dwarf4)\.o$/.test(name),
);

const DONORS = [...SMALL, ...TYPED, ...LARGE].map(load);

/** Reads and exercises; whatever is wrong with that names the recipe of the mutation. */
function check(bytes: Uint8Array, recipe: string): BpfObject {
  try {
    const object = readObject(bytes, { file: 'mutated.o' });
    exercise(object);
    for (const problem of object.problems) {
      assert.ok(
        problem.message.length > 10 && problem.message.length < 600,
        `message of ${problem.code}: ${problem.message.slice(0, 700)}`,
      );
      assert.ok(problem.remedy !== undefined, `remedy of ${problem.code}`);
    }
    return object;
  } catch (error) {
    throw new Error(`${recipe}: ${(error as Error).stack}`);
  }
}

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const flipBits: Mutation = (bytes, random) => {
  const out = bytes.slice();
  for (let i = 1 + random.below(8); i > 0; i--) out[random.below(out.length)]! ^= 1 << random.below(8);
  return out;
};

/** Numbers that break arithmetic, on places where numbers are likely: multiples of four. */
const INTERESTING = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
const overwriteWords: Mutation = (bytes, random) => {
  const out = bytes.slice();
  const view = new DataView(out.buffer);
  for (let i = 1 + random.below(4); i > 0; i--)
    view.setUint32(4 * random.below(out.length >> 2), random.pick(INTERESTING), true);
  return out;
};

/** Damage where structure is: the file header and the section headers at the end. */
const damageHeaders: Mutation = (bytes, random) => {
  const out = bytes.slice();
  const view = new DataView(out.buffer);
  const headers = Number(view.getBigUint64(40, true));
  for (let i = 1 + random.below(3); i > 0; i--) {
    const start = random.below(4) === 0 ? 16 : headers;
    const length = start === 16 ? 48 : out.length - headers;
    const at = start + random.below(Math.max(1, length));
    if (random.below(2) === 0) out[at] = random.below(256);
    else if (at + 4 <= out.length) view.setUint32(at & ~3, random.pick(INTERESTING), true);
  }
  return out;
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length));

/** Copies a run of bytes from another place or another object, which keeps it plausible. */
const splice: Mutation = (bytes, random) => {
  const out = bytes.slice();
  const donor = random.pick(DONORS);
  const length = 1 + random.below(Math.min(256, donor.length));
  const from = random.below(donor.length - length + 1);
  const run = donor.subarray(from, from + length);
  out.set(run.subarray(0, out.length), random.below(Math.max(1, out.length - length)));
  return out;
};

const MUTATIONS = { flipBits, overwriteWords, damageHeaders, truncate, splice } as const;

function mutate(names: readonly string[], rounds: number, seed: number): number {
  const random = new Random(seed);
  const originals = names.map(load);
  const kinds = Object.entries(MUTATIONS);
  for (let round = 0; round < rounds; round++) {
    const index = round % names.length;
    const [kind, mutation] = kinds[round % kinds.length]!;
    check(mutation(originals[index]!, random), `${kind} of ${names[index]}, round ${round}, seed ${seed}`);
  }
  return rounds;
}

test('10,000 damaged objects are read without an exception', () => {
  const done = mutate(SMALL, 9_500, 1) + mutate(TYPED, 300, 3) + mutate(LARGE, 200, 2);
  assert.equal(done, 10_000);
});

test('an object cut at any byte says so', () => {
  const bytes = load('legacy.zig21-bare.o');
  for (let length = 0; length < bytes.length; length++) {
    const { programs, problems } = check(bytes.slice(0, length), `cut at ${length}`);
    assert.equal(programs.length, 0, `cut at ${length}`);
    assert.equal(
      problems.filter(({ severity }) => severity === 'error').length,
      1,
      `cut at ${length}: ${JSON.stringify(problems)}`,
    );
  }
});
