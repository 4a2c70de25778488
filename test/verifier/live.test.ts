// Random programs put before our verifier and the running kernel's: the same verdict, and the same words for a refusal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import { verify } from '../../src/verifier/index.ts';
import { openKernel } from '../support/kernel-oracle.ts';
import { loadable } from './live.ts';
import { assembled, view } from './support.ts';

const COUNT = 250;

/** A program of a few dozen lines: a frame that loads, with parts that may or may not be allowed. */
function randomProgram(random: Random): string {
  const lines = [
    '.map counts, hash, 4, 16, 8',
    '.map table, array, 4, 64, 1',
    'r6 = r1',
    'r7 = 0',
    '*(u64 *)(r10 - 16) = 0',
  ];
  let labels = 0;
  const size = (): string => random.pick(['u8', 'u16', 'u32', 'u64']);
  const scalar = (): string => random.pick(['r7', 'r8', 'r9']);
  lines.push('r8 = *(u32 *)(r6 + 0)', 'r9 = *(u32 *)(r6 + 68)');
  for (let count = 3 + random.below(8); count > 0; count--) {
    const label = `l${labels++}`;
    switch (random.below(9)) {
      case 0:
        lines.push(
          `${scalar()} = *(${random.pick(['u32', 'u32', 'u32', 'u64', 'u16'])} *)(r6 + ${random.pick([0, 4, 24, 28, 60, 64, 68, 84, 116])})`,
        );
        break;
      case 1:
        lines.push(
          `${scalar()} ${random.pick(['+=', '-=', '*=', '&=', '|=', '^=', '<<=', '>>=', 's>>='])} ${random.pick([1, 3, 7, 15, 31])}`,
        );
        break;
      case 2:
        lines.push(`${scalar()} ${random.pick(['+=', '-=', '&=', '|=', '^='])} ${scalar()}`);
        break;
      case 3:
        lines.push(
          `if ${scalar()} ${random.pick(['==', '!=', '>', '<=', 's>', 's<', '&'])} ${random.pick([0, 1, 7, 63, 1000])} goto ${label}`,
          `${scalar()} += ${random.below(9)}`,
          `${label}:`,
        );
        break;
      case 4:
        lines.push('r2 = r10', 'r2 += -4', `r1 = ${random.pick(['counts', 'table'])} ll`);
        if (random.below(4) > 0) lines.push('*(u32 *)(r10 - 4) = 0');
        lines.push('call bpf_map_lookup_elem');
        if (random.below(6) > 0) lines.push(`if r0 == 0 goto ${label}`);
        if (random.below(2) === 0) lines.push('r3 = r7', `r3 &= ${random.pick([3, 7, 15, 63])}`, 'r0 += r3');
        lines.push(`r3 = *(${size()} *)(r0 + ${random.pick([0, 0, 4, 8, 12, 56])})`, `${label}:`);
        break;
      case 5:
        lines.push(`r2 = *(u64 *)(r6 + 184)`);
        if (random.below(5) > 0) lines.push(`if r2 == 0 goto ${label}`);
        lines.push(
          `r8 = *(${random.pick(['u32', 'u32', 'u16'])} *)(r2 + ${random.pick([0, 4, 16, 24, 44, 72])})`,
          `${label}:`,
        );
        break;
      case 6:
        lines.push(
          'r2 = *(u64 *)(r6 + 192)',
          'r3 = *(u64 *)(r6 + 200)',
          'r4 = r2',
          `r4 += ${random.pick([4, 13, 20])}`,
        );
        if (random.below(6) > 0) lines.push(`if r4 > r3 goto ${label}`);
        lines.push(`r9 = *(${random.pick(['u8', 'u16'])} *)(r2 + ${random.pick([0, 2, 12])})`, `${label}:`);
        break;
      case 7:
        lines.push(`*(${size()} *)(r10 - ${random.pick([8, 16, 24, 504, 512, 520])}) = ${scalar()}`);
        break;
      case 8:
        lines.push(
          `r3 = r10`,
          `${scalar()} &= ${random.pick([7, 8, 31])}`,
          `r3 += ${scalar()}`,
          `*(u8 *)(r3 - ${random.pick([32, 40, 64])}) = 1`,
        );
        break;
    }
  }
  if (random.below(8) > 0) lines.push(`r0 = ${random.pick([0, 1, 1, 1, 2])}`);
  lines.push('exit', '.license "GPL"');
  return lines.join('\n');
}

test('random programs get the verdict of the running kernel', (t) => {
  const kernel = openKernel();
  if ('unavailable' in kernel) return t.skip(`skipped: ${COUNT} programs, ${kernel.unavailable}`);
  if (!kernel.release.startsWith('6.18')) return t.skip(`skipped: ${COUNT} programs, the kernel is ${kernel.release}`);
  const random = new Random(618);
  let accepted = 0;
  const different: string[] = [];
  for (let i = 0; i < COUNT; i++) {
    const text = randomProgram(random);
    const input = assembled(text);
    const live = kernel.load(loadable(kernel, input));
    // A load that a signal interrupts says nothing about the program.
    if (!live.accepted && live.messages.length === 0) continue;
    const ours = verify(input, view('6.18'));
    if (live.accepted) accepted++;
    const said = ours.refusal?.messages ?? [];
    if (live.accepted !== ours.accepted || (!live.accepted && live.messages[0] !== said[0]))
      different.push(
        `kernel: ${live.accepted} ${live.messages.join('; ')}\nours: ${ours.accepted} ${said.join('; ')}\n${text}`,
      );
  }
  assert.ok(accepted > 20, `${accepted} accepted`);
  assert.equal(different.length, 0, `${different.length} differ\n${different[0]}`);
});
