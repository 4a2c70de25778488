// Header options, timestamps, Fast Open, SYN cookies, SYN and SYN-ACK loss, black-holed data, ECN, BASE_RTT: every recorded run of
// five kernels, and where packets were captured, every packet with flags, window, options and type of service.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparableModel, comparableRecording, describeSegments, firstDifference } from './support/compare.ts';
import { loadGolden } from './support/golden-file.ts';
import { capturedSegments, runExtra, sentSegments } from './support/tunnel.ts';

const maxHeaderOf = (kernel: string): number => (kernel === '6.18' ? 32 : 176);

for (const kernel of ['5.10', '6.1', '6.12', '6.18', '7.2']) {
  const file = loadGolden(`golden-${kernel}-extra.json`);
  for (const [name, run] of Object.entries(file.runs)) {
    test(`${kernel} ${name}`, () => {
      const made = runExtra({ file, kernel, name, run, maxHeader: maxHeaderOf(kernel) });
      assert.ok(made, `no script for the run ${name}`);
      const recorded = comparableRecording(run.events, 5001);
      // The cookie recording was stopped while the socket still retransmitted.
      const calls = name === 'cookie' ? made.recorder.calls.slice(0, recorded.length) : made.recorder.calls;
      assert.equal(firstDifference(recorded, comparableModel(calls, 5001)), undefined);
      const captured = capturedSegments(run);
      if (made.network && captured.length > 0) {
        const sent = describeSegments(sentSegments(made.network)).slice(0, captured.length);
        assert.deepEqual(sent, describeSegments(captured));
      }
    });
  }
}
