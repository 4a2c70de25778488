// `npm run fuzz:runtime -- --count N --seed S`: random programs run by the running kernel (BPF_PROG_TEST_RUN as a traffic classifier),
// by our interpreter and by our compiled code. What they return and what their maps hold must be equal; differences are shrunk and
// printed as assembly, ready to become a fixture. Exit code 0 when there are none, 1 when there are, 2 without BPF.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Random } from '../src/base/index.ts';
import { parseTarget } from '../src/kernel/index.ts';
import { openKernel } from '../test/support/kernel-oracle.ts';
import { type RuntimeProgram, randomRuntime, shrinkRuntime, textOf } from '../test/support/random-runtime.ts';
import { compareRuntime, differenceOf, type RuntimeOracle } from '../test/support/runtime-compare.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    show: { type: 'string', default: '5' },
    refusals: { type: 'boolean', default: false },
  },
});
const [count, seed, show] = [values.count, values.seed, values.show].map(Number) as [number, number, number];

const opened = openKernel();
if ('unavailable' in opened) {
  console.error(`no kernel to compare with: ${opened.unavailable}`);
  process.exit(2);
}
const release = /^\d+\.\d+(?:\.\d+)?/.exec(opened.release)?.[0] ?? '';
if (parseTarget(release).value === undefined) {
  console.error(`the tables do not describe ${opened.release}`);
  process.exit(2);
}
const cpus = 1 + Number(readFileSync('/sys/devices/system/cpu/possible', 'utf8').trim().split('-').pop());
const oracle: RuntimeOracle = { kernel: opened, target: release, cpus };

interface Difference {
  readonly engine: string;
  readonly text: string;
  /** What a smaller program must keep: leaving lines out can also let an address of the kernel into a result. */
  readonly signature: string;
}

const signatureOf = (engine: string, text: string): string =>
  `${engine} ${text.replaceAll(/[0-9a-f]{8}8[0-9a-f]ffff/g, 'ADDRESS').replace(/(^[a-z]\w*( \+ \d+)?).*?(ADDRESS|fault.*|$)/, '$1 $3')}`;

/** The first difference of a program; 'refused' when there is nothing to compare. */
function differenceIn(program: RuntimeProgram): Difference | 'refused' | undefined {
  const comparison = compareRuntime(oracle, program);
  if (comparison.kind === 'refused') {
    const why = comparison.why.replaceAll(/\d+/g, 'N').slice(0, 200);
    refusals.set(why, (refusals.get(why) ?? 0) + 1);
    return 'refused';
  }
  for (const [engine, effects] of comparison.ours) {
    const text = differenceOf(comparison.kernel, effects);
    if (text !== undefined) return { engine, text, signature: signatureOf(engine, text) };
  }
  return undefined;
}

const refusals = new Map<string, number>();
let compared = 0;
let refused = 0;
let lines = 0;
const different: { readonly program: RuntimeProgram; readonly difference: Difference; readonly index: number }[] = [];
for (let index = 0; index < count; index++) {
  // Each program has a seed of its own, so that one can be made again without those before it.
  const random = new Random(seed * 1_000_003 + index);
  const program = randomRuntime(random, 1 + random.below(24));
  const difference = differenceIn(program);
  if (difference === 'refused') {
    refused++;
    continue;
  }
  compared++;
  lines += program.parts.reduce((sum, part) => sum + part.lines.length, 0);
  if (difference !== undefined) different.push({ program, difference, index });
}
console.log(
  `${opened.release}, seed ${seed}: ${compared} programs of ${Math.round(lines / Math.max(1, compared))} statements compared, ${refused} refused by the kernel, ${different.length} differ`,
);
if (values.refusals)
  for (const [why, times] of [...refusals].sort((a, b) => b[1] - a[1]).slice(0, 20)) console.log(`${times} x ${why}`);

for (const { program, difference, index } of different.slice(0, show)) {
  console.log(`\n--- program ${index}, ${difference.engine}: ${difference.text}`);
  const small = shrinkRuntime(program, (candidate) => {
    const other = differenceIn(candidate);
    return typeof other === 'object' && other.signature === difference.signature;
  });
  for (const [name, text] of small.texts)
    if (small.parts.some(({ maps }) => maps.includes(name))) console.log(`# ${name} = ${JSON.stringify(text)}`);
  console.log(textOf(small, { data: 'DATA', dataEnd: 'DATA_END' }));
}
process.exit(different.length === 0 ? 0 : 1);
