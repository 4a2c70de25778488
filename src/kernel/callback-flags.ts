// The callback flags of a connection: bits that switch the optional ops on.
// Source: include/uapi/linux/bpf.h (macros up to 5.6, an enum since).

import type { Lifetime, SourceRef } from './lifetime.ts';
import { since } from './lifetime.ts';

export interface CallbackFlagRow {
  readonly name: string;
  readonly bit: number;
  readonly value: number;
  readonly lifetimes: readonly Lifetime[];
  /** The ops that the flag switches on. */
  readonly enables: readonly string[];
  readonly doc: string;
  readonly source: SourceRef;
}

const defineCallbackFlags = <const Rows extends readonly CallbackFlagRow[]>(rows: Rows): Rows => rows;

const UAPI = 'include/uapi/linux/bpf.h BPF_SOCK_OPS_*_FLAG';

export const CALLBACK_FLAGS = defineCallbackFlags([
  {
    name: 'BPF_SOCK_OPS_RTO_CB_FLAG',
    bit: 0,
    value: 1,
    lifetimes: [since('4.16')],
    enables: ['BPF_SOCK_OPS_RTO_CB'],
    doc: 'Calls the program when the retransmission timer fires.',
    source: UAPI,
  },
  {
    name: 'BPF_SOCK_OPS_RETRANS_CB_FLAG',
    bit: 1,
    value: 2,
    lifetimes: [since('4.16')],
    enables: ['BPF_SOCK_OPS_RETRANS_CB'],
    doc: 'Calls the program after each retransmission.',
    source: UAPI,
  },
  {
    name: 'BPF_SOCK_OPS_STATE_CB_FLAG',
    bit: 2,
    value: 4,
    lifetimes: [since('4.16')],
    enables: ['BPF_SOCK_OPS_STATE_CB'],
    doc: 'Calls the program before each change of the TCP state.',
    source: UAPI,
  },
  {
    name: 'BPF_SOCK_OPS_RTT_CB_FLAG',
    bit: 3,
    value: 8,
    lifetimes: [since('5.3')],
    enables: ['BPF_SOCK_OPS_RTT_CB'],
    doc: 'Calls the program about once per round trip, with a new measurement.',
    source: UAPI,
  },
  {
    name: 'BPF_SOCK_OPS_PARSE_ALL_HDR_OPT_CB_FLAG',
    bit: 4,
    value: 16,
    lifetimes: [since('5.10')],
    enables: ['BPF_SOCK_OPS_PARSE_HDR_OPT_CB'],
    doc: 'Calls the program for every incoming segment that the slow path looks at.',
    source: UAPI,
  },
  {
    name: 'BPF_SOCK_OPS_PARSE_UNKNOWN_HDR_OPT_CB_FLAG',
    bit: 5,
    value: 32,
    lifetimes: [since('5.10')],
    enables: ['BPF_SOCK_OPS_PARSE_HDR_OPT_CB'],
    doc: 'Calls the program for incoming segments with a header option that the kernel does not know.',
    source: UAPI,
  },
  {
    name: 'BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG',
    bit: 6,
    value: 64,
    lifetimes: [since('5.10')],
    enables: ['BPF_SOCK_OPS_HDR_OPT_LEN_CB', 'BPF_SOCK_OPS_WRITE_HDR_OPT_CB'],
    doc: 'Calls the program for every outgoing packet, to reserve and write header options. For SYN-ACKs the flag of the listener counts.',
    source: UAPI,
  },
]);

export type CallbackFlagName = (typeof CALLBACK_FLAGS)[number]['name'];

/** The rows under their common type, for loops. */
export const CALLBACK_FLAG_ROWS: readonly CallbackFlagRow[] = CALLBACK_FLAGS;
