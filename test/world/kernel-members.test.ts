// Members of the kernel's own socket at every callback of a whole connection: what a program reads through typed pointers and
// bpf_probe_read_kernel() on the machine is what it reads on 6.18.44, on the interpreter and in compiled code, by the built-in layout.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { test } from 'node:test';
import { wasmParts } from '../../src/host/wasm.ts';
import { type Btf, readBtf } from '../../src/object/index.ts';
import { type MemberRun, runMembers } from './kernel-members-run.ts';

const RUNNING = '/sys/kernel/btf/vmlinux';

interface Recording {
  readonly names: readonly string[];
  readonly records: readonly (readonly string[])[];
}

const recording = (family: string): Recording =>
  JSON.parse(
    readFileSync(new URL(`../facts/kernel-members/loopback-6.18-${family}.json`, import.meta.url), 'utf8'),
  ) as Recording;

/** Initial sequence numbers are random: compared by their distance from the first one seen. */
const SEQUENCES = new Set([
  'copied_seq',
  'snd_wl1',
  'snd_sml',
  'write_seq',
  'pushed_seq',
  'rtt_seq',
  'rcv_nxt',
  'snd_nxt',
  'snd_una',
  'snd_up',
  'rcv_wup',
  'cwnd_usage_seq',
  'rcv_rtt_est.seq',
  'rcvq_space.seq',
  'tlp_high_seq',
  'high_seq',
  'undo_marker',
  'prior_ssthresh',
]);

/** What is not compared, each with its reason. */
const MASKED: Readonly<Record<string, string>> = {
  sk_txhash: 'random number',
  srtt_us: 'measured round-trip time',
  mdev_us: 'measured round-trip time',
  'rtt_min.s[0].v': 'measured round-trip time',
  'rack.rtt_us': 'measured round-trip time',
  'rcv_rtt_est.rtt_us': 'measured time',
  rate_interval_us: 'measured time',
  rate_delivered: 'follows from measured times',
  retrans_stamp: 'a time; compared as set or not',
};

/** SOCK_BINDADDR_LOCK, which the model does not keep. */
const BIND_ADDRESS_LOCK = 4n;

class Bases {
  readonly #known: bigint[] = [];

  text(value: bigint): string {
    if (value === 0n) return '0';
    const distance = (base: bigint): bigint => BigInt.asIntN(32, value - base);
    let index = this.#known.findIndex((base) => distance(base) > -100n && distance(base) < 1n << 24n);
    if (index < 0) index = this.#known.push(value) - 1;
    return `isn ${index} + ${distance(this.#known[index]!)}`;
  }
}

/** Records as text by name, with what cannot be compared taken out. */
function comparable(names: readonly string[], records: readonly (readonly bigint[])[]): Map<string, string>[] {
  const bases = new Bases();
  return records.map((record) => {
    const row = new Map<string, string>();
    names.forEach((name, at) => {
      const value = record[at]!;
      if (name === 'retrans_stamp') row.set(name, value === 0n ? 'never' : 'set');
      else if (name === 'sk_userlocks') row.set(name, String(value & ~BIND_ADDRESS_LOCK));
      else if (SEQUENCES.has(name)) row.set(name, bases.text(value));
      else if (!(name in MASKED)) row.set(name, String(value));
    });
    // The arguments of RTT_CB are measured.
    if (row.get('kern.op') === '12') for (const name of ['kern.args[0]', 'kern.args[1]']) row.delete(name);
    return row;
  });
}

function differences(family: 'ipv4' | 'ipv6', run: MemberRun): string[] {
  const { names, records } = recording(family);
  assert.deepEqual(run.names, names);
  const theirs = comparable(
    names,
    records.map((record) => record.map(BigInt)),
  );
  const ours = comparable(names, run.records);
  assert.equal(ours.length, theirs.length);
  return theirs.flatMap((row, at) =>
    [...row].flatMap(([name, value]) =>
      ours[at]!.get(name) === value
        ? []
        : [`callback ${at} (op ${row.get('kern.op')}): ${name} is ${value} on the kernel, ${ours[at]!.get(name)} here`],
    ),
  );
}

for (const family of ['ipv4', 'ipv6'] as const) {
  test(`${family}: members at every callback are those of 6.18.44`, () => {
    const run = runMembers({ kernel: '6.18', family });
    assert.deepEqual(run.faults, []);
    assert.deepEqual(differences(family, run), []);
  });
}

test('compiled code reads the same', () => {
  const plain = runMembers({ kernel: '6.18', family: 'ipv4' });
  const compiled = runMembers({ kernel: '6.18', family: 'ipv4', parts: wasmParts({ compileAfter: 0 }) });
  assert.deepEqual(compiled.faults, []);
  assert.deepEqual(compiled.records, plain.records);
});

/** BTF of real kernels, cut down to the structures in question (scripts/trim-btf.ts). */
const layout = (kernel: string): Btf => {
  const file = `btf-${kernel}.bin`;
  const bytes = readFileSync(new URL(`../facts/kernel-members/${file}`, import.meta.url));
  return readBtf(new Uint8Array(bytes), { file }).value!;
};

for (const kernel of ['6.1', '7.2']) {
  test(`names decide, not offsets: the layout of a real ${kernel} gives what the built-in one gives`, () => {
    const builtIn = runMembers({ kernel, family: 'ipv6' });
    const given = runMembers({ kernel, family: 'ipv6', kernelBtf: layout(kernel) });
    assert.equal(given.object.kernelTypes?.origin, 'given');
    assert.deepEqual(given.faults, []);
    // On 6.1 sk_userlocks is a bit-field in the upper half of its byte, and the program reads the byte.
    const at = builtIn.names.indexOf('sk_userlocks');
    const plain = (run: MemberRun): unknown =>
      run.records.map((record) => record.map((value, index) => (index === at && kernel === '6.1' ? 'any' : value)));
    assert.deepEqual(plain(given), plain(builtIn));
  });
}

test('a relocated bit-field may be an ordinary field on the kernel', () => {
  // icsk_ack.ato has 8 bits from 6.10 on and was a whole word before.
  const { object } = runMembers({ kernel: '6.1', family: 'ipv4', kernelBtf: layout('6.1') });
  assert.deepEqual(
    object.problems.filter((problem) => problem.code === 'object-bad-core'),
    [],
  );
  const shifts = object.programs[0]!.coreRelocations.filter(({ spec }) => spec.endsWith('icsk_ack.ato'));
  assert.ok(shifts.some(({ what, outcome }) => what === 'field byte offset' && outcome.kind === 'patched'));
});

test('the layout of the running kernel, where it is a 6.18 that shows its types', {
  skip: !release().startsWith('6.18.') || !existsSync(RUNNING),
}, () => {
  const given = readBtf(new Uint8Array(readFileSync(RUNNING)), { file: RUNNING }).value!;
  const run = runMembers({ kernel: '6.18', family: 'ipv4', kernelBtf: given });
  assert.deepEqual(run.faults, []);
});
