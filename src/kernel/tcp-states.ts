// TCP state numbers as STATE_CB and the state field show them.
// Source: include/uapi/linux/bpf.h BPF_TCP_*, include/net/tcp_states.h.

import type { Lifetime, SourceRef } from './lifetime.ts';
import { since } from './lifetime.ts';

export interface TcpStateRow {
  readonly name: string;
  readonly number: number;
  readonly lifetimes: readonly Lifetime[];
  readonly doc: string;
  readonly source: SourceRef;
}

const defineTcpStates = <const Rows extends readonly TcpStateRow[]>(rows: Rows): Rows => rows;

const UAPI = 'include/uapi/linux/bpf.h BPF_TCP_*';

export const TCP_STATES = defineTcpStates([
  { name: 'BPF_TCP_ESTABLISHED', number: 1, lifetimes: [since('4.16')], doc: 'Data flows both ways.', source: UAPI },
  {
    name: 'BPF_TCP_SYN_SENT',
    number: 2,
    lifetimes: [since('4.16')],
    doc: 'Opened by this host, waiting for the SYN-ACK.',
    source: UAPI,
  },
  {
    name: 'BPF_TCP_SYN_RECV',
    number: 3,
    lifetimes: [since('4.16')],
    doc: 'The SYN-ACK is out, waiting for its acknowledgement.',
    source: UAPI,
  },
  {
    name: 'BPF_TCP_FIN_WAIT1',
    number: 4,
    lifetimes: [since('4.16')],
    doc: 'This host has closed; its FIN is not acknowledged.',
    source: UAPI,
  },
  {
    name: 'BPF_TCP_FIN_WAIT2',
    number: 5,
    lifetimes: [since('4.16')],
    doc: 'This host has closed and the peer knows; waiting for its FIN.',
    source: UAPI,
  },
  {
    name: 'BPF_TCP_TIME_WAIT',
    number: 6,
    lifetimes: [since('4.16')],
    doc: 'Both have closed; late segments are waited for. Never seen by a program: STATE_CB reports CLOSE instead.',
    source: UAPI,
  },
  { name: 'BPF_TCP_CLOSE', number: 7, lifetimes: [since('4.16')], doc: 'No connection.', source: UAPI },
  {
    name: 'BPF_TCP_CLOSE_WAIT',
    number: 8,
    lifetimes: [since('4.16')],
    doc: 'The peer has closed; this host has not.',
    source: UAPI,
  },
  {
    name: 'BPF_TCP_LAST_ACK',
    number: 9,
    lifetimes: [since('4.16')],
    doc: 'Both have closed, the peer first; waiting for the last acknowledgement.',
    source: UAPI,
  },
  { name: 'BPF_TCP_LISTEN', number: 10, lifetimes: [since('4.16')], doc: 'Waiting for connections.', source: UAPI },
  {
    name: 'BPF_TCP_CLOSING',
    number: 11,
    lifetimes: [since('4.16')],
    doc: 'Both have closed at once; waiting for the acknowledgement.',
    source: UAPI,
  },
  {
    name: 'BPF_TCP_NEW_SYN_RECV',
    number: 12,
    lifetimes: [since('4.16')],
    doc: 'A request sock: an incoming connection before its handshake is complete.',
    source: UAPI,
  },
  {
    name: 'BPF_TCP_BOUND_INACTIVE',
    number: 13,
    lifetimes: [since('6.8')],
    doc: 'Only a number for socket listings; no program sees it.',
    source: UAPI,
  },
]);

export type TcpStateName = (typeof TCP_STATES)[number]['name'];

/** The rows under their common type, for loops. */
export const TCP_STATE_ROWS: readonly TcpStateRow[] = TCP_STATES;
