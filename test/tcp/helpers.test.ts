// What every helper that concerns the socket returns in every op and state, and the edge cases of the header option helpers:
// the recorded tables of five kernels, row by row.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadFacts } from './support/golden-file.ts';
import { connectOnce, HELPER_COLUMNS, headerOptionEdgeCases, rowKey } from './support/helper-sweep.ts';

interface Row {
  readonly op: string;
  readonly is_fullsock: number;
  readonly state: string;
  readonly returns: Readonly<Record<string, number | null>>;
}

interface HelperFile {
  readonly rows: readonly Row[];
  readonly hdr_opt_edge_cases?: { readonly rows: readonly Row[] };
}

const columns = Object.keys(HELPER_COLUMNS);
const key = (row: Row): string => `${row.op} ${row.is_fullsock} ${row.state}`;
/** Ops in which the recorder tried the edge cases. */
const EDGE_OPS = [4, 5, 13, 14, 15];

for (const kernel of ['5.10', '6.1', '6.12', '6.18', '7.2']) {
  const file = loadFacts(`helper-returns-by-op-${kernel}.json`) as HelperFile;
  // A helper that this kernel lacks was never called; without ctx->sk the ones that need it were not reached.
  const missing = new Set(columns.filter((name) => file.rows.every((row) => (row.returns[name] ?? null) === null)));
  const shown = (name: string, value: number | null | undefined, isFull: boolean): string =>
    missing.has(name) || (!isFull && name.startsWith('bpf_tcp_sock')) ? '-' : String(value);

  test(`helper results by op, ${kernel}`, () => {
    const recorded = new Set(
      file.rows.map(
        (row) =>
          `${key(row)}: ${columns.map((name) => shown(name, row.returns[name], row.is_fullsock === 1)).join(' ')}`,
      ),
    );
    const modelled = new Set<string>();
    connectOnce({ kernel }, (call) => {
      const values = columns.map((name) => shown(name, HELPER_COLUMNS[name]!(call), call.isFullSock));
      modelled.add(`${rowKey(call)}: ${values.join(' ')}`);
    });
    assert.deepEqual([...modelled].sort(), [...recorded].sort());
  });

  const edge = file.hdr_opt_edge_cases;
  if (edge) {
    test(`header option edge cases, ${kernel}`, () => {
      const text = (cases: Readonly<Record<string, number | null>>) =>
        Object.entries(cases)
          .map(([name, value]) => `${name} ${value}`)
          .join('; ');
      const recorded = new Set(edge.rows.map((row) => `${key(row)}: ${text(row.returns)}`));
      const modelled = new Set<string>();
      connectOnce({ kernel }, (call) => {
        if (call.op === 11 || call.op === 3) call.setCallbackFlags(0x70);
        if (EDGE_OPS.includes(call.op)) modelled.add(`${rowKey(call)}: ${text(headerOptionEdgeCases(call))}`);
      });
      assert.deepEqual([...modelled].sort(), [...recorded].sort());
    });
  }
}
