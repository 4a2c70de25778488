// The verifier against the kernel's own: time of both for the samples and for programs of 100,000 processed instructions and more.
// The kernel's time is what it prints itself (log level 4), where it can be asked; the best of several runs on both sides.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { HELPER_ROWS, MAP_TYPES, viewFor } from '../src/kernel/index.ts';
import { programFromAssembly, readObject } from '../src/object/index.ts';
import { inputOf, type VerifyInput, verify } from '../src/verifier/index.ts';
import { openKernel } from '../test/support/kernel-oracle.ts';
import { loadable } from '../test/verifier/live.ts';

const VIEW = viewFor('6.18');
const RUNS = 5;

const STRESS: Readonly<Record<string, string>> = {
  'nested loops': `
    r6 = 0
    r9 = 0
outer:
    r8 = 0
inner:
    r8 += 1
    r9 += r8
    if r8 < 100 goto inner
    r6 += 1
    if r6 < 340 goto outer
    r0 = 0
    exit`,
  arithmetic: `
    r6 = r1
    r7 = 0
again:
    w2 = *(u32 *)(r6 + 0)
    r3 = r2
    r3 &= 255
    r3 += 7
    r3 *= 3
    w4 = *(u32 *)(r6 + 4)
    r4 &= 1023
    r4 <<= 2
    r4 += r3
    r4 >>= 1
    r4 ^= r3
    r4 |= 5
    r7 += 1
    if r7 < 8000 goto again
    r0 = 0
    exit`,
  'map lookups': `
.map counts, hash, 4, 8, 16
    r7 = 0
again:
    *(u32 *)(r10 - 4) = w7
    r2 = r10
    r2 += -4
    r1 = counts ll
    call bpf_map_lookup_elem
    if r0 == 0 goto absent
    r1 = *(u64 *)(r0 + 0)
    r1 += 1
    *(u64 *)(r0 + 0) = r1
absent:
    r7 += 1
    if r7 < 5000 goto again
    r0 = 0
    exit`,
};

function stress(text: string): VerifyInput {
  const plain = (name: string): string => name.replaceAll('_', '-');
  const object = programFromAssembly(text, {
    file: 'stress.bpfasm',
    helperId: (name) => HELPER_ROWS.find((row) => row.name === name)?.id,
    mapTypeId: (type) => MAP_TYPES.find((row) => plain(row.short) === plain(type))?.id,
  });
  return inputOf(object.programs[0]!, object);
}

function samples(): [string, VerifyInput][] {
  const folder = path.join(import.meta.dirname, '..', 'test', 'fixtures', 'samples');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.o'))
    .flatMap((name) => {
      const object = readObject(new Uint8Array(readFileSync(path.join(folder, name))), { file: name });
      return object.programs
        .filter((program) => program.isSockOps)
        .map((program): [string, VerifyInput] => [
          `${name.replace(/\.bpf\.o$|\.o$/, '')}/${program.name}`,
          inputOf(program, object),
        ]);
    });
}

const kernel = openKernel();
const live = 'unavailable' in kernel ? undefined : kernel;
if ('unavailable' in kernel) console.log(`the kernel's time is not known: ${kernel.unavailable}`);

const rows: [string, VerifyInput][] = [
  ...samples(),
  ...Object.entries(STRESS).map(([name, text]): [string, VerifyInput] => [name, stress(text)]),
];
console.log(`${'program'.padEnd(44)} ${'insns'.padStart(8)} ${'ours ms'.padStart(9)} ${'kernel ms'.padStart(9)} ratio`);
for (const [name, input] of rows) {
  let ours = Number.POSITIVE_INFINITY;
  let theirs = Number.POSITIVE_INFINITY;
  let verdict = verify(input, VIEW);
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    verdict = verify(input, VIEW);
    ours = Math.min(ours, performance.now() - start);
    try {
      const answer = live?.load(loadable(live, input));
      // A load that a signal interrupts is no measurement.
      if (answer?.accepted === true && answer.verificationMicroseconds !== undefined)
        theirs = Math.min(theirs, answer.verificationMicroseconds / 1000);
    } catch {
      // A map that this kernel does not make.
    }
  }
  const known = Number.isFinite(theirs);
  console.log(
    `${name.padEnd(44)} ${String(verdict.stats.processedInsns).padStart(8)} ${ours.toFixed(2).padStart(9)} ${(known ? theirs.toFixed(2) : '-').padStart(9)} ${known ? (ours / theirs).toFixed(1) : '-'}`,
  );
}
