// `sockscope conformance`: the plugin protocol of the public bpf_conformance suite, one process per test.
//
//   sockscope conformance [MEMORY] [OPTIONS...]      MEMORY: hex bytes parted by spaces, given only when the test has memory
//
// One line of hex bytes on standard input: the instructions. r1 is the address of the memory (0 without it), r2 its length, r10
// the top of the stack. Prints r0 in hex and exits 0; a fault goes to standard error with exit code 1.
//
// A test starts a process, so this file imports no more than the machine needs.

import { fromHex, type Instant, instant } from '../base/index.ts';
import { viewFor } from '../kernel/index.ts';
import { createVm, faultText, type KernelPort } from '../vm/index.ts';

export interface ConformanceResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: 0 | 1 | 2;
}

/** A world with nothing in it but a clock that stands. */
const NOWHERE: KernelPort = {
  now: (): Instant => instant(0),
  random: () => 4,
  cpu: 0,
  cpuCount: 1,
  hz: 250,
  task: { pid: 1, tgid: 1, uid: 0, gid: 0, comm: 'conformance', cgroupId: 1n },
  event: () => {},
  socket: undefined,
};

const refuse = (why: string, exitCode: 1 | 2): ConformanceResult => ({
  stdout: '',
  stderr: `sockscope conformance: ${why}\n`,
  exitCode,
});

const HEX_BYTES = /^\s*(?:[0-9a-fA-F]{2}\s*)+$/;

/** Runs one test. `args` are the arguments after `conformance`, `input` is all of standard input. */
export function conformance(args: readonly string[], input: string): ConformanceResult {
  const first = args[0];
  const hasMemory = first !== undefined && HEX_BYTES.test(first);
  if (first !== undefined && !hasMemory && !first.startsWith('-') && first.trim() !== '')
    return refuse(`the memory argument "${first}" is not hex bytes such as "0a 0b"`, 2);
  if (args.includes('--elf')) return refuse('object files are not taken; give the instructions as hex bytes', 2);
  const bytes = fromHex(input.trim());
  if (bytes === undefined || bytes.length === 0)
    return refuse('standard input must be one line of hex bytes, the instructions', 2);
  const memory = hasMemory ? fromHex(first.trim()) : undefined;
  const made = createVm({ programs: [{ name: 'test', bytes }], maps: [], view: viewFor('7.2'), cpuCount: 1 });
  if (made.value === undefined) return refuse(made.problems.map((problem) => problem.message).join('; '), 1);
  const end = made.value.callRaw({ program: 'test', port: NOWHERE, memory });
  if (end.kind === 'returned') return { stdout: `${end.r0.toString(16)}\n`, stderr: '', exitCode: 0 };
  return refuse(`instruction ${end.fault.place.slot}: ${faultText(end.fault)}`, 1);
}
