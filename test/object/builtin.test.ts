// The built-in kernel types against the BTF of real kernels: every structure and member exists in one of them, and each simulated
// kernel has those that the real one has.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { viewFor } from '../../src/kernel/index.ts';
import { builtinBtf, builtinKernelBtf, flatMembers } from '../../src/object/index.ts';

interface Presence {
  readonly kernels: readonly string[];
  readonly structures: Readonly<
    Record<string, { readonly in: string; readonly members: Readonly<Record<string, string>> }>
  >;
}

const recorded = JSON.parse(
  readFileSync(new URL('../facts/kernel-members/presence.json', import.meta.url), 'utf8'),
) as Presence;

/** Members that a kernel has or lacks by its configuration, and renamed ones that came back under another meaning. */
const BY_CONFIGURATION = new Set(['tcp_sock.is_mptcp', 'tcp_skb_cb.tcp_tw_isn']);

test('the recording covers the table', () => {
  const btf = builtinBtf();
  for (let id = 1; id < btf.endId; id++) {
    const type = btf.type(id);
    if (type?.kind !== 'struct' || type.name === '') continue;
    const row = recorded.structures[type.name];
    assert.ok(row?.in.includes('+') === true, `struct ${type.name} is in no recorded kernel`);
    for (const member of flatMembers(btf, id)!)
      assert.ok(row.members[member.name]?.includes('+'), `struct ${type.name}.${member.name} is in no recorded kernel`);
  }
});

for (const [index, kernel] of recorded.kernels.entries()) {
  test(`${kernel} has the structures and members of the real one`, () => {
    const btf = builtinKernelBtf(viewFor(kernel));
    const wrong: string[] = [];
    for (const [name, row] of Object.entries(recorded.structures)) {
      const id = btf.find('struct', name);
      if ((row.in[index] === '+') !== (id !== undefined)) wrong.push(`struct ${name}`);
      if (id === undefined || row.in[index] !== '+') continue;
      const here = new Set(flatMembers(btf, id)!.map((member) => member.name));
      for (const [member, signs] of Object.entries(row.members)) {
        const place = `${name}.${member}`;
        if (!BY_CONFIGURATION.has(place) && (signs[index] === '+') !== here.has(member)) wrong.push(place);
      }
    }
    assert.deepEqual(wrong, []);
  });
}
