// How the answers that kernel/ itself gives differ between kernels: the context access rule and the words of refusals.

import { defineFeatures, type FeatureRow } from './feature.ts';
import { between, maybeSince, since } from './lifetime.ts';
import type { Area } from './target.ts';

interface KernelFeatureRow extends FeatureRow {
  readonly area: Area;
}

const defineKernelFeatures = <const Rows extends readonly KernelFeatureRow[]>(rows: Rows): Rows => defineFeatures(rows);

export const KERNEL_FEATURES = defineKernelFeatures([
  {
    name: 'ctx-words-only',
    area: 'context',
    doc: 'Every aligned 4-byte word of the context can be read, and no other size.',
    lifetimes: [between('4.13', '4.16', 'net/core/filter.c sock_ops_is_valid_access')],
  },
  {
    name: 'ctx-pointers-whole',
    area: 'context',
    doc: 'A part of sk, skb_data, skb_data_end or skb_hwtstamp is refused as an invalid access; before, a 4-byte read of the upper half failed later with "bpf verifier is misconfigured".',
    lifetimes: [
      maybeSince('5.10.224', '5.10.262', 'probe of 5.10.223, tree of 5.10.262', '5.11'),
      maybeSince('6.1.100', '6.1.176', 'probe of 6.1.176', '6.2'),
      maybeSince('6.12.44', '6.12.111', 'probes of 6.12.43 and 6.12.111', '6.13'),
      maybeSince('6.16.1', '6.16.12', 'probe of 6.16.12', '6.17'),
      since('6.17', 'tree of 6.14 lacks it, tree of 6.17 and probe of 6.17.13 have it'),
    ],
  },
  {
    name: 'helper-refusal-names-program-type',
    area: 'verifier',
    doc: 'A helper that the program type lacks is refused with "program of this type cannot use helper"; before, with "unknown func".',
    lifetimes: [since('6.10', 'kernel/bpf/verifier.c check_helper_call; probes of 6.1 and 6.12')],
  },
  {
    name: 'gpl-refusal-says-restricted',
    area: 'verifier',
    doc: 'A GPL-only helper is refused with "cannot call GPL-restricted function from non-GPL compatible program"; before, with "cannot call GPL only function from proprietary program".',
    lifetimes: [since('4.18', 'kernel/bpf/verifier.c check_helper_call')],
  },
  {
    name: 'sleepable-call-names-helper',
    area: 'verifier',
    doc: 'A helper that may sleep is refused with its name.',
    lifetimes: [maybeSince('7.0', '7.1', 'probes of 6.18.44 and 7.2.13; log of 7.1.13')],
  },
  {
    name: 'kfunc-call-encoding',
    area: 'kfuncs',
    doc: 'A call instruction with source register 2 is a call of a kernel function; before, its fields are reserved.',
    lifetimes: [since('5.13', 'kernel/bpf/verifier.c do_check; probe of 5.10.223')],
  },
  {
    name: 'kfuncs',
    area: 'kfuncs',
    doc: 'sock_ops programs can call kernel functions at all.',
    lifetimes: [since('6.2', 'kernel/bpf/btf.c bpf_prog_type_to_kfunc_hook')],
  },
  {
    name: 'sock-port-is-half-word',
    area: 'context',
    doc: 'dst_port of struct bpf_sock is a 16-bit field with padding behind it, still readable with 4 bytes; before, a 32-bit field.',
    lifetimes: [
      maybeSince('5.10.90', '5.10.223', 'probe of 5.10.223', '5.11'),
      maybeSince('5.15.10', '5.15.178', 'tree of 5.15.178', '5.16'),
      since('5.18', 'net/core/filter.c bpf_sock_is_valid_access'),
    ],
  },
  {
    name: 'conversion-failure-is-verifier-bug',
    area: 'verifier',
    doc: 'An access that no conversion exists for fails with "verifier bug: error during ctx access conversion"; before, with "bpf verifier is misconfigured".',
    lifetimes: [maybeSince('6.17', '6.17.13', 'probes of 6.16.12 and 6.17.13')],
  },
]);
