// `sockscope disasm` and `sockscope asm` as a person uses them: an object to text and back.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { assemblyFromElf, readElf } from '../../src/object/index.ts';
import { scratch, sockscope } from '../cli/support.ts';

const OBJECT = 'test/isa/llvm/sockops-v1.o';

const sections = (file: string) => {
  const { value } = readElf(readFileSync(file), file);
  return assemblyFromElf(value!).sections.map(({ name, bytes }) => `${name} ${Buffer.from(bytes).toString('hex')}`);
};

test('an object printed as assembly and assembled has the same sections', () => {
  const printed = sockscope(['disasm', '--assembly', OBJECT]);
  assert.equal(printed.status, 0, printed.stderr);
  assert.match(printed.stdout, /call bpf_map_lookup_elem/);
  const text = scratch('again.bpfasm');
  const object = scratch('again.o');
  writeFileSync(text, printed.stdout);
  const assembled = sockscope(['asm', text, '-o', object]);
  assert.equal(assembled.status, 0, assembled.stderr);
  const added = /^\.BTF(\.ext)? /;
  assert.deepEqual(
    sections(object).filter((line) => !added.test(line)),
    sections(OBJECT),
  );
});

test('a listing has addresses, bytes and names; a program that is not there is named', () => {
  const listing = sockscope(['disasm', OBJECT, '--program', 'second']);
  // Its kernel function has no types to go by: the listing is there, and so is the complaint.
  assert.equal(listing.status, 1);
  assert.match(listing.stderr, /bpf_sock_ops_enable_tx_tstamp/);
  assert.match(listing.stdout, /^0{16} <second>:$/m);
  assert.match(listing.stdout, /^ {7}0:\t([0-9a-f]{2} ){7}[0-9a-f]{2}\t/m);
  assert.match(listing.stdout, /# bpf_trace_printk$/m);
  const missing = sockscope(['disasm', OBJECT, '--program', 'secnd']);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /did you mean "second"/);
});

test('instructions as hex by default; mistakes with line, column and what to do', () => {
  const good = scratch('good.bpfasm');
  writeFileSync(good, 'r0 = 1\nexit\n.license "GPL"\n');
  assert.equal(sockscope(['asm', good]).stdout, 'b7000000010000009500000000000000\n');
  const bad = scratch('bad.bpfasm');
  writeFileSync(bad, 'r0 = 1\nr0 = r1 + r2\nexit\n');
  const { status, stderr, stdout } = sockscope(['asm', bad]);
  assert.equal(status === 1 || status === 2, true);
  assert.equal(stdout, '');
  assert.match(stderr, /bad\.bpfasm:2:9: error: found `\+`/);
  assert.match(stderr, /two operands/);
});

test('explain knows instructions by any of their words, and the codes of problems', () => {
  const page = (word: string) => sockscope(['explain', word]);
  assert.match(page('s>>=').stdout, /^Shift right, signed {2}\(instruction\)/);
  assert.match(page('be16').stdout, /rDST = be16 rDST {3}opcode 0xdc/);
  assert.match(page('may_goto').stdout, /Linux 6\.9/);
  assert.match(page('asm-range').stdout, /does not fit/);
  assert.match(page('object-not-elf').stdout, /What to do/);
  assert.match(page('ctx-width').stdout, /wrong[\s\S]*right/);
  assert.equal(page('no_such_word').status, 2);
});
