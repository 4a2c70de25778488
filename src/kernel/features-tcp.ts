// How the TCP stack of a kernel differs where a sock_ops program can see it.

import { defineFeatures } from './feature.ts';
import { since } from './lifetime.ts';

export const TCP_FEATURES = defineFeatures([
  {
    name: 'needs-ecn-per-synack',
    doc: 'NEEDS_ECN is called once for every SYN-ACK sent by a listener.',
    lifetimes: [since('5.10', 'net/ipv4/tcp_ipv4.c tcp_v4_send_synack')],
  },
]);
