// struct bpf_sock and struct bpf_tcp_sock: every offset and size, asked of 6.18.44.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SockStructure, viewFor } from '../../src/kernel/index.ts';
import { readFacts } from './facts.ts';

type Rows = readonly (readonly [offset: number, size: number, message: string])[];

describe('socket structures on 6.18', () => {
  const probe = readFacts<{ readonly bpf_sock: Rows; readonly bpf_tcp_sock: Rows }>('probe-sock-6.18.44.json');
  const view = viewFor('6.18.44');
  const structures: readonly (readonly [SockStructure, string, Rows])[] = [
    ['sock', 'sock', probe.bpf_sock],
    ['tcp-sock', 'tcp_sock', probe.bpf_tcp_sock],
  ];
  for (const [structure, word, rows] of structures) {
    it(`${rows.length} reads of ${word}`, () => {
      const wrong: string[] = [];
      for (const [offset, size, message] of rows) {
        const answer = view.sockAccess({ structure, offset, size });
        const ours = answer.ok
          ? ''
          : (answer.unconverted?.message ?? `R6 invalid ${word} access off=${offset} size=${size}`);
        if (ours !== message) wrong.push(`off=${offset} size=${size}: kernel "${message}", view "${ours}"`);
      }
      assert.deepEqual(wrong, []);
    });
  }
});
