// How running a program (context conversion, helpers, tail calls, cgroup chain) differs between kernels.

import { defineFeatures } from './feature.ts';
import { since } from './lifetime.ts';

export const RUNTIME_FEATURES = defineFeatures([
  {
    name: 'tail-call-limit-33',
    doc: 'A program may tail-call 33 times; before, 32 times.',
    lifetimes: [since('5.16', 'include/linux/bpf.h MAX_TAIL_CALL_CNT')],
  },
]);
