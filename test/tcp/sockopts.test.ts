// bpf_setsockopt() and bpf_getsockopt(): every recorded row of five kernels (values, lengths, by op, saved SYN, algorithm names),
// and every option number at every level.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadFacts } from './support/golden-file.ts';
import { everyOptionNumber, optionSweep, type SockoptFile } from './support/sockopt-sweep.ts';

for (const kernel of ['5.10', '6.1', '6.12', '6.18', '7.2']) {
  const file = loadFacts(`sockopt-${kernel}.json`) as SockoptFile;
  test(`option sweeps, ${kernel}`, () => {
    const differences = Object.entries(file.options).flatMap(([name, sweep]) => optionSweep(kernel, name, sweep));
    assert.deepEqual(differences, []);
  });
  test(`every option number, ${kernel}`, () => {
    assert.deepEqual(everyOptionNumber(kernel, file), []);
  });
}
