// What the verifier of a kernel can and cannot do.

import { defineFeatures } from './feature.ts';
import { between, since } from './lifetime.ts';

export const VERIFIER_FEATURES = defineFeatures([
  {
    name: 'bounded-loops',
    doc: 'Back edges are allowed when the verifier can see the loop end.',
    lifetimes: [since('5.3', 'kernel/bpf/verifier.c is_state_visited')],
  },
  {
    name: 'global-data',
    doc: 'Direct access to map values (.data, .rodata, .bss) by BPF_PSEUDO_MAP_VALUE.',
    lifetimes: [since('5.2', 'kernel/bpf/verifier.c resolve_pseudo_ldimm64')],
  },
  {
    name: 'local-calls',
    doc: 'BPF-to-BPF calls.',
    lifetimes: [since('4.16', 'kernel/bpf/verifier.c check_func_call')],
  },
  {
    name: 'return-range-checked',
    doc: 'R0 at exit must lie in 0..1.',
    lifetimes: [since('4.15', 'kernel/bpf/verifier.c check_return_code')],
  },
  {
    name: 'ctx-op-writable',
    doc: 'The op and all four reply words can be written.',
    lifetimes: [between('4.13', '4.16', 'net/core/filter.c sock_ops_is_valid_access')],
  },
]);
