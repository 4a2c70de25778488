// Callback flags.

import { type Lifetime, type SourceRef, since } from './lifetime.ts';

export interface CallbackFlagRow {
  readonly name: string;
  readonly bit: number;
  readonly value: number;
  readonly lifetimes: readonly Lifetime[];
  readonly enables: readonly string[];
  readonly doc: string;
  readonly source: SourceRef;
}
const defineCallbackFlags = <const Rows extends readonly CallbackFlagRow[]>(rows: Rows): Rows => rows;
export const CALLBACK_FLAGS = defineCallbackFlags([
  { name: 'BPF_SOCK_OPS_RTO_CB_FLAG', bit: 0, value: 1, lifetimes: [since('4.16')], enables: [], doc: '', source: '' },
  {
    name: 'BPF_SOCK_OPS_RETRANS_CB_FLAG',
    bit: 1,
    value: 2,
    lifetimes: [since('4.16')],
    enables: [],
    doc: '',
    source: '',
  },
  {
    name: 'BPF_SOCK_OPS_STATE_CB_FLAG',
    bit: 2,
    value: 4,
    lifetimes: [since('4.16')],
    enables: [],
    doc: '',
    source: '',
  },
  { name: 'BPF_SOCK_OPS_RTT_CB_FLAG', bit: 3, value: 8, lifetimes: [since('5.3')], enables: [], doc: '', source: '' },
  {
    name: 'BPF_SOCK_OPS_PARSE_ALL_HDR_OPT_CB_FLAG',
    bit: 4,
    value: 16,
    lifetimes: [since('5.10')],
    enables: [],
    doc: '',
    source: '',
  },
  {
    name: 'BPF_SOCK_OPS_PARSE_UNKNOWN_HDR_OPT_CB_FLAG',
    bit: 5,
    value: 32,
    lifetimes: [since('5.10')],
    enables: [],
    doc: '',
    source: '',
  },
  {
    name: 'BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG',
    bit: 6,
    value: 64,
    lifetimes: [since('5.10')],
    enables: [],
    doc: '',
    source: '',
  },
]);
export type CallbackFlagName = (typeof CALLBACK_FLAGS)[number]['name'];
export const CALLBACK_FLAG_ROWS: readonly CallbackFlagRow[] = CALLBACK_FLAGS;
