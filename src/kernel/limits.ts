// Numbers that bound a program or its run.

import type { Lifetime, SourceRef } from './lifetime.ts';
import { between, since } from './lifetime.ts';
import type { Area } from './target.ts';

export interface LimitRow {
  readonly name: string;
  readonly area: Area;
  readonly values: readonly { readonly value: number; readonly lifetimes: readonly Lifetime[] }[];
  readonly doc: string;
  readonly source: SourceRef;
}

const defineLimits = <const Rows extends readonly LimitRow[]>(rows: Rows): Rows => rows;

export const LIMITS = defineLimits([
  {
    name: 'program-instructions',
    area: 'verifier',
    values: [
      { value: 4096, lifetimes: [between('4.13', '5.2')] },
      { value: 1_000_000, lifetimes: [since('5.2')] },
    ],
    doc: 'Instructions (slots) of a program with all its functions, for a loader with CAP_BPF.',
    source: 'kernel/bpf/syscall.c bpf_prog_load; include/linux/bpf_common.h BPF_MAXINSNS',
  },
  {
    name: 'processed-instructions',
    area: 'verifier',
    values: [
      { value: 98_304, lifetimes: [between('4.13', '4.14')] },
      { value: 131_072, lifetimes: [between('4.14', '5.2')] },
      { value: 1_000_000, lifetimes: [since('5.2')] },
    ],
    doc: 'Instructions that the verifier looks at over all paths before it gives up.',
    source: 'include/linux/bpf.h BPF_COMPLEXITY_LIMIT_INSNS',
  },
  {
    name: 'stack-bytes',
    area: 'verifier',
    values: [{ value: 512, lifetimes: [since('4.13')] }],
    doc: 'Stack of a program, shared by all frames of a call chain.',
    source: 'include/linux/filter.h MAX_BPF_STACK',
  },
  {
    name: 'call-frames',
    area: 'verifier',
    values: [
      { value: 1, lifetimes: [between('4.13', '4.16')] },
      { value: 8, lifetimes: [between('4.16', '7.2')] },
      { value: 16, lifetimes: [since('7.2')] },
    ],
    doc: 'Frames of nested BPF-to-BPF calls, the entry function included.',
    source: 'include/linux/bpf_verifier.h MAX_CALL_FRAMES',
  },
  {
    name: 'subprograms',
    area: 'verifier',
    values: [{ value: 256, lifetimes: [since('4.13')] }],
    doc: 'Functions of one program.',
    source: 'include/linux/bpf_verifier.h BPF_MAX_SUBPROGS',
  },
  {
    name: 'used-maps',
    area: 'verifier',
    values: [{ value: 64, lifetimes: [since('4.13')] }],
    doc: 'Different maps that one program refers to.',
    source: 'include/linux/bpf_verifier.h MAX_USED_MAPS',
  },
  {
    name: 'used-btfs',
    area: 'verifier',
    values: [{ value: 64, lifetimes: [since('4.13')] }],
    doc: 'Different BTF objects (kernel and modules) that one program refers to.',
    source: 'include/linux/bpf.h MAX_USED_BTFS',
  },
  {
    name: 'kfunc-calls',
    area: 'verifier',
    values: [{ value: 256, lifetimes: [since('4.13')] }],
    doc: 'Different kernel functions that one program calls.',
    source: 'kernel/bpf/verifier.c MAX_KFUNC_DESCS',
  },
  {
    name: 'tail-calls',
    area: 'runtime',
    values: [
      { value: 32, lifetimes: [between('4.13', '5.16')] },
      { value: 33, lifetimes: [since('5.16')] },
    ],
    doc: 'Tail calls in a row before bpf_tail_call() falls through.',
    source: 'include/linux/bpf.h MAX_TAIL_CALL_CNT',
  },
  {
    name: 'bpf-loop-iterations',
    area: 'runtime',
    values: [{ value: 8_388_608, lifetimes: [since('4.13')] }],
    doc: 'Iterations of one bpf_loop() call; more gives -E2BIG.',
    source: 'include/linux/bpf_verifier.h BPF_MAX_LOOPS',
  },
  {
    name: 'jump-sequence',
    area: 'verifier',
    values: [
      { value: 1024, lifetimes: [between('4.13', '5.3')] },
      { value: 8192, lifetimes: [since('5.3')] },
    ],
    doc: 'Branches waiting to be explored on one path.',
    source: 'kernel/bpf/verifier.c BPF_COMPLEXITY_LIMIT_JMP_SEQ',
  },
  {
    name: 'states-per-instruction',
    area: 'verifier',
    values: [{ value: 64, lifetimes: [since('4.13')] }],
    doc: 'Remembered states for one instruction before pruning becomes choosy.',
    source: 'kernel/bpf/verifier.c BPF_COMPLEXITY_LIMIT_STATES',
  },
  {
    name: 'cgroup-programs',
    area: 'runtime',
    values: [
      { value: 1, lifetimes: [between('4.13', '4.15')] },
      { value: 64, lifetimes: [since('4.15')] },
    ],
    doc: 'Programs attached to one cgroup for one attach type.',
    source: 'kernel/bpf/cgroup.c BPF_CGROUP_MAX_PROGS',
  },
  {
    name: 'map-key-bytes',
    area: 'maps',
    values: [{ value: 512, lifetimes: [since('4.13')] }],
    doc: 'Size of the key of a hash map (MAX_BPF_STACK, since keys are built on the stack).',
    source: 'kernel/bpf/hashtab.c htab_map_alloc_check',
  },
]);

export type LimitName = (typeof LIMITS)[number]['name'];

export const LIMIT_ROWS: readonly LimitRow[] = LIMITS;
