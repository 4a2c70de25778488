// How running a program (context conversion, helpers, tail calls, cgroup chain) differs between kernels.

import { defineFeatures } from './feature.ts';
import { between, maybeSince, since } from './lifetime.ts';

export const RUNTIME_FEATURES = defineFeatures([
  {
    name: 'tail-call-limit-33',
    doc: 'A program may tail-call 33 times; before, 32 times.',
    lifetimes: [since('5.16', 'include/linux/bpf.h MAX_TAIL_CALL_CNT')],
  },
  {
    name: 'context-self-load-crashes',
    doc: 'Reading a TCP field or sk into the register that holds the context (r1 = *(u32 *)(r1 + 96)) follows the number 1 as a pointer on a full socket.',
    lifetimes: [between('4.16', '5.9', 'net/core/filter.c SOCK_OPS_GET_FIELD, without a saved register')],
  },
  {
    name: 'context-self-load-leaks',
    doc: 'Reading a TCP field or sk into the register that holds the context leaves the context pointer there, instead of 0, when the socket is not a full (locked) one.',
    lifetimes: [
      between('5.9', '6.1.192', 'net/core/filter.c SOCK_OPS_GET_FIELD; 5.10.262 has it, 6.1.192 not'),
      between('6.2', '6.12.117', 'tree of 6.12.117 is fixed'),
      between('6.13', '6.18.44', 'tree of 6.18.2 has it, xlated dump of 6.18.44 is fixed'),
      between('6.19', '7.2', 'tree of 7.2.13 is fixed'),
    ],
  },
  {
    name: 'context-rtt-min-unguarded',
    doc: 'rtt_min is read without asking whether the socket is a full (locked) one: past the end of a request sock, and the real value in TSTAMP ops.',
    lifetimes: [
      between('4.16', '6.1.192', 'net/core/filter.c sock_ops_convert_ctx_access; guarded in the 6.1.192 tree'),
      between('6.2', '6.12.117', 'guarded in the 6.12.117 tree'),
      between('6.13', '7.2', 'unguarded in 6.18.44, guarded in 7.2.13'),
    ],
  },
  {
    name: 'printk-plain-formats',
    doc: 'bpf_trace_printk() takes %d %i %u %x with l and ll, %p and one %s, and neither widths nor %% nor addresses.',
    lifetimes: [between('4.13', '5.13', 'kernel/trace/bpf_trace.c bpf_trace_printk, read in 5.4 and 5.10')],
  },
  {
    name: 'printk-utf8',
    doc: 'Formats of bpf_trace_printk() and bpf_snprintf() may hold bytes above 127 between their conversions.',
    lifetimes: [maybeSince('6.18.3', '6.18.44', 'measured on 6.18.44; kernel/bpf/helpers.c bpf_bprintf_prepare')],
  },
  {
    name: 'loop-inlined',
    doc: 'The verifier puts a loop in place of a call of bpf_loop(): too many rounds give 0xfffffff9 and not -7.',
    lifetimes: [since('5.19', 'kernel/bpf/verifier.c inline_bpf_loop; measured on 6.18.44')],
  },
  {
    name: 'timer-absolute',
    doc: 'bpf_timer_start() takes BPF_F_TIMER_ABS.',
    lifetimes: [since('6.4', 'kernel/bpf/helpers.c bpf_timer_start; 6.1 refuses every flag')],
  },
  {
    name: 'timer-cpu-pin',
    doc: 'bpf_timer_start() takes BPF_F_TIMER_CPU_PIN.',
    lifetimes: [since('6.7', 'kernel/bpf/helpers.c bpf_timer_start')],
  },
  {
    name: 'cgroup-multi-attach',
    doc: 'Several programs can be attached to one control group (BPF_F_ALLOW_MULTI).',
    lifetimes: [since('4.15', 'kernel/bpf/cgroup.c __cgroup_bpf_attach')],
  },
  {
    name: 'cgroup-preorder',
    doc: 'BPF_F_PREORDER runs programs of parent groups before those of their children.',
    lifetimes: [
      between('6.12.117', '6.13', 'tree of 6.12.117'),
      maybeSince('6.15', '6.17', 'kernel/bpf/cgroup.c compute_effective_progs; absent in 6.14, present in 6.17'),
    ],
  },
  {
    name: 'cgroup-result-must-be-one',
    doc: 'The results of the programs of a chain are ANDed and must be 1; since then, none may be 0.',
    lifetimes: [between('4.13', '5.18', 'include/linux/bpf.h BPF_PROG_CGROUP_INET_EGRESS_RUN_ARRAY and relatives')],
  },
]);
