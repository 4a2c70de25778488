// Source stepping over every sample, callback by callback: it stops only at lines that the line table has, and in an order that a
// reader of the source would expect. The order is kept as golden text, a line per kind of callback.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { assertGolden } from '../support/golden.ts';
import { debuggerOf, root, SCENARIOS } from './support.ts';

for (const scenario of SCENARIOS) {
  test(`${scenario}: stepping visits lines with code, in order`, () => {
    const target = debuggerOf(scenario);
    target.exceptions.enable([]);
    target.start('stop-on-entry');
    const paths = new Map<string, { readonly ops: Set<string>; count: number }>();
    let lines: string[] = [];
    let callback = '';
    let op = '';
    const finish = (): void => {
      if (callback === '') return;
      const key = lines.join(' ');
      const known = paths.get(key) ?? { ops: new Set<string>(), count: 0 };
      known.ops.add(op);
      known.count++;
      paths.set(key, known);
    };
    while (target.timeline.state === 'inside') {
      const { moment } = target;
      assert.ok(moment !== undefined);
      const { position, opName, host } = moment.callback;
      const here = `${position.event}.${position.insn}`;
      if (here !== callback) {
        finish();
        callback = here;
        op = `${host} ${opName.replace('BPF_SOCK_OPS_', '')}`;
        lines = [];
      }
      const [frame] = target.frames(target.currentThread);
      const { location, name } = frame!;
      assert.ok(location !== undefined, `no line at ${here}`);
      assert.ok(
        target.sources.linesWithCode(location.file).includes(location.line0),
        `line ${location.line0 + 1} is not in the line table`,
      );
      lines.push(
        frame!.kind === 'inlined' || target.frames(target.currentThread).length > 2
          ? `${name}:${location.line0 + 1}`
          : `${location.line0 + 1}`,
      );
      target.step('into', 'line', 'forward');
    }
    finish();
    const text = [...paths]
      .map(([visited, { ops, count }]) => `${visited}\n    ${count} x ${[...ops].join(', ')}\n`)
      .join('');
    assertGolden(path.join(root, 'test/debugger/golden', `${path.basename(scenario, '.handshake.json')}.txt`), text);
  });
}
