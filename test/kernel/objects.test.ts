// Every program of every compiled object of the fixtures, loaded into the running kernel with its types and maps as libbpf would, and
// put before our verifier: as it is, and with small changes.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Random } from '../../src/base/index.ts';
import { type Btf, readBtf, readObject } from '../../src/object/index.ts';
import { inputOf } from '../../src/verifier/index.ts';
import { openKernel } from '../support/kernel-oracle.ts';
import { liveObject } from '../support/live-object.ts';
import { mutated } from '../support/mutate.ts';
import { compare, differenceOf, viewOfRunning } from '../support/verdicts.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url);
const FOLDERS = ['obj', 'samples', 'cases'];
const KERNEL_TYPES = '/sys/kernel/btf/vmlinux';
/** Changed programs for each program. */
const CHANGED = 3;

const files = FOLDERS.flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, FIXTURES))
    .filter((name) => name.endsWith('.o'))
    .map((name) => `${folder}/${name}`),
);

function runningKernelTypes(): Btf | undefined {
  try {
    return readBtf(new Uint8Array(readFileSync(KERNEL_TYPES)), { file: KERNEL_TYPES }).value;
  } catch {
    return undefined;
  }
}

test('compiled objects, as they are and changed, get the verdict of the running kernel', (t) => {
  const kernel = openKernel();
  if ('unavailable' in kernel) return t.skip(`skipped: ${files.length} objects, ${kernel.unavailable}`);
  const view = viewOfRunning(kernel);
  const kernelBtf = runningKernelTypes();
  if (view === undefined || kernelBtf === undefined)
    return t.skip(`skipped: ${files.length} objects, the kernel or its types are not known (${kernel.release})`);
  const random = new Random(1);
  let compared = 0;
  let accepted = 0;
  const different: string[] = [];
  for (const file of files) {
    const bytes = new Uint8Array(readFileSync(new URL(file, FIXTURES)));
    const object = readObject(bytes, { file, kernelBtf, view });
    const live = liveObject(kernel, bytes, object);
    assert.ok(!('why' in live), `${file}: ${'why' in live ? live.why : ''}`);
    for (const program of object.programs) {
      // Names of kernel functions come from the kernel's types here, as changes may call another one.
      const { kfuncNames: _, ...input } = inputOf(program, object);
      for (let i = 0; i <= CHANGED; i++) {
        const code = i === 0 ? program.bytes : mutated(program.bytes, random, i);
        const answers = compare(kernel, view, live.load(program, code), { ...input, bytes: code });
        if (answers === undefined || answers.uncertain.length > 0) continue;
        compared++;
        if (answers.live.accepted) accepted++;
        if (differenceOf(answers) !== undefined)
          different.push(`${file} ${program.name}, change ${i}: ${JSON.stringify(answers)}`);
      }
    }
    live.close();
  }
  assert.ok(compared > 500 && accepted > 150, `${compared} compared, ${accepted} accepted`);
  assert.deepEqual(different, []);
});
