// The plugin protocol of the bpf_conformance suite: arguments, standard input and output, exit codes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../src/base/index.ts';
import { conformance } from '../../src/cli/conformance.ts';
import { programFromAssembly } from '../../src/object/index.ts';

const hex = (text: string): string =>
  (
    toHex(programFromAssembly(`.section sockops\nmain:\n${text}\nexit`, { file: 'x.bpfasm' }).programs[0]!.bytes).match(
      /../g,
    ) ?? []
  ).join(' ');

test('r0 in hex on standard output', () => {
  assert.deepEqual(conformance([], `${hex('r0 = 0x1f')}\n`), { stdout: '1f\n', stderr: '', exitCode: 0 });
  assert.equal(conformance([], hex('r0 = -1')).stdout, 'ffffffffffffffff\n');
  assert.equal(conformance([], hex('r0 = 0').replaceAll(' ', '')).stdout, '0\n', 'bytes need not be parted');
});

test('memory: r1 is its address, r2 its length; without it both are 0', () => {
  assert.equal(conformance(['aa bb cc dd'], hex('r0 = *(u32 *)(r1 + 0)')).stdout, 'ddccbbaa\n');
  assert.equal(conformance(['aa bb cc'], hex('r0 = r2')).stdout, '3\n');
  assert.equal(conformance(['0a'], hex('*(u8 *)(r1 + 0) = 7\nr0 = *(u8 *)(r1 + 0)')).stdout, '7\n');
  assert.equal(conformance([], hex('r0 = r1\nr0 |= r2')).stdout, '0\n');
  assert.equal(conformance(['--debug'], hex('r0 = r1')).stdout, '0\n', 'options are not memory');
  assert.equal(conformance(['01 02', '--debug'], hex('r0 = r2')).stdout, '2\n');
});

test('r10 is the top of a stack of 512 bytes', () => {
  assert.equal(conformance([], hex('*(u64 *)(r10 - 512) = 3\nr0 = *(u64 *)(r10 - 512)')).exitCode, 0);
  assert.equal(conformance([], hex('*(u64 *)(r10 - 520) = 3\nr0 = 0')).exitCode, 1);
});

test('a fault goes to standard error with exit code 1, wrong use gives 2', () => {
  const fault = conformance([], hex('r1 = 0\nr0 = *(u64 *)(r1 + 8)'));
  assert.deepEqual(fault, {
    stdout: '',
    stderr: 'sockscope conformance: instruction 1: read of 8 bytes through a null pointer (offset 8)\n',
    exitCode: 1,
  });
  assert.equal(conformance([], hex('goto -1')).exitCode, 1, 'an endless loop ends');
  assert.equal(conformance([], '').exitCode, 2);
  assert.equal(conformance([], 'not hex').exitCode, 2);
  assert.equal(conformance(['what?'], hex('r0 = 0')).exitCode, 2);
  assert.equal(conformance([], 'ff 00 00 00 00 00 00 00').exitCode, 1, 'an unknown instruction');
  assert.equal(conformance([], 'b7 00').exitCode, 1, 'half an instruction');
});
