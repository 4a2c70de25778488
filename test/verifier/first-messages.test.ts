// First messages of refusals that differ between kernels where the last one, which programs.txt holds, does not. Found with
// `npm run fuzz:verdicts` under the kernels named.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verify } from '../../src/verifier/index.ts';
import { assembled, view } from './support.ts';

function firstMessages(text: string, kernels: readonly string[]): Record<string, string | undefined> {
  const input = assembled(text);
  return Object.fromEntries(kernels.map((kernel) => [kernel, verify(input, view(kernel)).refusal?.messages[0]]));
}

test('a copied number keeps its identity over a checkpoint, until 7.x takes it from a number that is alone with it', () => {
  const text = `
.map counts, hash, 4, 16, 8
.map events, ringbuf, 0, 0, 4096
call bpf_get_socket_cookie
r7 = r0
*(u32 *)(r10 - 4) = 0
r2 = r10
r2 += -4
r1 = counts ll
call bpf_map_lookup_elem
r3 = r7
r1 = events ll
r2 = 16
call bpf_ringbuf_reserve
exit
`;
  assert.deepEqual(firstMessages(text, ['6.18', '7.2']), {
    '6.18': 'Unreleased reference id=4 alloc_insn=12',
    '7.2': 'Unreleased reference id=5 alloc_insn=12',
  });
});

test('the reach of a packet pointer that was moved by a number counts that number from 7.x on', () => {
  const text = `
r6 = r1
r7 = *(u32 *)(r6 + 20)
r2 = *(u64 *)(r6 + 192)
r3 = *(u64 *)(r6 + 200)
r7 &= 15
r2 += r7
r4 = r2
if r4 > r3 goto out
r9 = *(u32 *)(r2 + 20)
out:
r0 = 1
exit
`;
  const words = (reach: number) => `invalid access to packet, off=20 size=4, R2(id=1,off=20,r=${reach})`;
  assert.deepEqual(firstMessages(text, ['6.12', '6.18', '7.2']), {
    '6.12': words(0),
    '6.18': words(0),
    '7.2': words(15),
  });
  const checked = text.replace('r4 = r2', 'r4 = r2\nr4 += 24');
  assert.deepEqual(firstMessages(checked, ['6.18', '7.2']), { '6.18': undefined, '7.2': undefined });
});
