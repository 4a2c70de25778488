// `npm run fuzz:verdicts -- --count N --seed S [--kind numbers]`: random sock_ops programs before the running kernel's verifier and ours. Compares the
// verdict and the first message of refusals, shrinks differences and prints them as assembly, ready to become a fixture.
// Exit code 0 when the figures are within the bounds stated below, 1 when not, 2 without BPF.

import { parseArgs } from 'node:util';
import { Random } from '../src/base/index.ts';
import { programFromAssembly } from '../src/object/index.ts';
import { inputOf } from '../src/verifier/index.ts';
import { openKernel } from '../test/support/kernel-oracle.ts';
import { type RandomSockOps, randomNumbers, randomSockOps, shrink, textOf } from '../test/support/random-sockops.ts';
import { type Comparison, compare, type Difference, differenceOf, viewOfRunning } from '../test/support/verdicts.ts';
import { loadable } from '../test/verifier/live.ts';
import { helperId, mapTypeId } from '../test/verifier/support.ts';

/** Of what the kernel accepts, the share that may be refused; of its refusals, the share whose first message must agree. */
const MOST_REFUSED = 1 / 200;
const LEAST_AGREEING = 0.95;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    show: { type: 'string', default: '5' },
    kind: { type: 'string', default: 'parts' },
  },
});
/** `parts`: everything a sock_ops program may contain. `numbers`: arithmetic on which the verdict hangs. */
const make = values.kind === 'numbers' ? randomNumbers : randomSockOps;
const [count, seed, show] = [values.count, values.seed, values.show].map(Number) as [number, number, number];

const opened = openKernel();
if ('unavailable' in opened) {
  console.error(`no verdicts to compare with: ${opened.unavailable}`);
  process.exit(2);
}
const kernel = opened;
const known = viewOfRunning(kernel);
if (known === undefined) {
  console.error(`the tables do not describe ${kernel.release}`);
  process.exit(2);
}
const view = known;

/** Both verdicts; undefined for a text that does not assemble or a load that says nothing about the program. */
function compareText(program: RandomSockOps): Comparison | undefined {
  const object = programFromAssembly(textOf(program), { file: 'random.bpfasm', helperId, mapTypeId });
  const made = object.programs[0];
  if (made === undefined || object.problems.some((problem) => problem.severity === 'error')) return undefined;
  const input = inputOf(made, object);
  return compare(kernel, view, loadable(kernel, input), input);
}

const random = new Random(seed);
const totals = { compared: 0, accepted: 0, refused: 0, unusable: 0 };
const differences: Record<Difference, { readonly program: RandomSockOps; readonly comparison: Comparison }[]> = {
  'accepted-wrongly': [],
  'refused-wrongly': [],
  'other-message': [],
};
for (let index = 0; index < count; index++) {
  const program = make(random, 1 + random.below(9));
  const comparison = compareText(program);
  if (comparison === undefined) {
    totals.unusable++;
    continue;
  }
  totals.compared++;
  totals[comparison.live.accepted ? 'accepted' : 'refused']++;
  const kind = differenceOf(comparison);
  if (kind !== undefined) differences[kind].push({ program, comparison });
}

const share = (part: number, whole: number): string =>
  whole === 0 ? '0' : `${part} (${((100 * part) / whole).toFixed(2)} %)`;
console.log(
  `${kernel.release}, seed ${seed}: ${totals.compared} programs compared (${totals.unusable} could not be), ${totals.accepted} accepted and ${totals.refused} refused by the kernel`,
);
console.log(
  `refused by the kernel, accepted by us:   ${share(differences['accepted-wrongly'].length, totals.refused)}`,
);
console.log(
  `accepted by the kernel, refused by us:   ${share(differences['refused-wrongly'].length, totals.accepted)}`,
);
console.log(`both refuse, another first message:      ${share(differences['other-message'].length, totals.refused)}`);

const seen = new Set<string>();
for (const kind of ['accepted-wrongly', 'refused-wrongly', 'other-message'] as const) {
  for (const { program } of differences[kind]) {
    if (seen.size >= show) break;
    const small = shrink(program, (candidate) => {
      const again = compareText(candidate);
      return again !== undefined && differenceOf(again) === kind;
    });
    const comparison = compareText(small);
    const signature = `${kind} ${comparison?.live.message.replaceAll(/\d+/g, 'N')} ${comparison?.ours.message.replaceAll(/\d+/g, 'N')}`;
    if (comparison === undefined || seen.has(signature)) continue;
    seen.add(signature);
    console.log(
      `\n--- ${kind}\nkernel: ${comparison.live.accepted ? 'accepted' : comparison.live.message}\nours:   ${comparison.ours.accepted ? 'accepted' : comparison.ours.message}\n${textOf(small)}`,
    );
  }
}
const fine =
  differences['accepted-wrongly'].length === 0 &&
  differences['refused-wrongly'].length <= totals.accepted * MOST_REFUSED &&
  totals.refused - differences['other-message'].length >= totals.refused * LEAST_AGREEING;
process.exit(fine ? 0 : 1);
