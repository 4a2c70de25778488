// Whole connections on loopback, IPv4 and IPv6, with and without callback flags, on five kernels: every call, its arguments, every
// context field and the header bytes must be those of the recording.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparableModel, comparableRecording, firstDifference } from './support/compare.ts';
import { loadGolden, sysctlsOf } from './support/golden-file.ts';
import { runLoopback } from './support/loopback.ts';

/** MAX_HEADER of the recorded kernel's configuration; the 6.18 machine has no tunnels and no wireless. */
const maxHeaderOf = (kernel: string): number => (kernel === '6.18' ? 32 : 176);

for (const kernel of ['5.10', '6.1', '6.12', '6.18', '7.2']) {
  for (const family of ['ipv4', 'ipv6'] as const) {
    const file = loadGolden(`golden-${kernel}-${family}.json`);
    for (const [name, run] of Object.entries(file.runs)) {
      test(`${kernel} ${family} ${name}`, () => {
        const recorder = runLoopback({
          kernel,
          family,
          sysctls: sysctlsOf(file),
          settings: name === 'all_cb_flags' ? { flags: 0x7f } : {},
          congestion: 'cubic',
          maxHeader: maxHeaderOf(kernel),
        });
        const difference = firstDifference(
          comparableRecording(run.events, 5001),
          comparableModel(recorder.calls, 5001),
        );
        assert.equal(difference, undefined);
      });
    }
  }
}

test('the comparison notices a changed field, a changed order and a missing call', () => {
  const file = loadGolden('golden-6.12-ipv4.json');
  const recorded = comparableRecording(file.runs['all_cb_flags']!.events, 5001);
  const changed = recorded.map((call, i) =>
    i === 20 ? { ...call, facts: new Map([...call.facts, ['packets_out', '7']]) } : call,
  );
  assert.match(
    firstDifference(recorded, changed) ?? '',
    /call 20 .*packets_out is "\d+" in the recording and "7" in the model/,
  );
  const swapped = [...recorded];
  [swapped[3], swapped[4]] = [swapped[4]!, swapped[3]!];
  assert.match(
    firstDifference(recorded, swapped) ?? '',
    /call 3: the recording has client TIMEOUT_INIT, the model calls client NEEDS_ECN/,
  );
  assert.match(firstDifference(recorded, recorded.slice(0, -1)) ?? '', /the model has ended/);
});
