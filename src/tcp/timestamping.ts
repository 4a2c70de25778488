// The TSTAMP ops (6.15): a program marks the data of a sendmsg call, and is told when it enters the queue of the device, leaves
// for the driver, and is acknowledged (net/core/skbuff.c __skb_tstamp_tx(), net/ipv4/tcp.c tcp_tx_timestamp()).

import { Call, type CallSegment, runCall } from './callback.ts';
import { Op } from './constants.ts';
import type { Host } from './engine.ts';
import { isV4Mapped } from './segment.ts';
import type { Sock, TxBuffer } from './sock.ts';

const TX_TIMESTAMPING = 1;
const ETHERNET_HEADER = 14;
const NO_BYTES = new Uint8Array(0);

function tell(
  host: Host,
  sk: Sock,
  op: number,
  site: string,
  length: number,
  tcpFlags: number,
  mark?: () => void,
): void {
  if ((sk.skBpfCbFlags & TX_TIMESTAMPING) === 0) return;
  const view: CallSegment = { data: NO_BYTES, visibleLength: 0, length, tcpFlags, hardwareTimestamp: 0n };
  const call = new Call(host, op, [0, 0, 0, 0], site, sk, undefined, sk.cgroup, view);
  call.markTimestamp = mark;
  runCall(host, call);
}

/** tcp_tx_timestamp(): at the end of sendmsg, about the last buffer that it filled. */
export function onSendmsg(host: Host, sk: Sock, last: TxBuffer | undefined): void {
  if (!last) return;
  tell(host, sk, Op.TSTAMP_SENDMSG, 'tcp_tx_timestamp()', last.length, last.flags, () => {
    last.bpfTimestamp = true;
  });
}

/** The segment passes the queueing layer and the driver: TSTAMP_SCHED and TSTAMP_SND_SW. */
export function onSegmentSent(host: Host, sk: Sock, buffer: TxBuffer, headerLength: number): void {
  if (!buffer.bpfTimestamp) return;
  const lower = ETHERNET_HEADER + (isV4Mapped(sk.remoteAddress) ? 20 : 40);
  const length = buffer.length + headerLength + lower;
  tell(host, sk, Op.TSTAMP_SCHED, '__dev_queue_xmit()', length, 0);
  tell(host, sk, Op.TSTAMP_SND_SW, 'skb_tx_timestamp()', length, 0);
}

/** tcp_ack_tstamp(): a marked buffer was acknowledged. */
export function onBufferAcked(host: Host, sk: Sock, buffer: TxBuffer): void {
  if (!buffer.bpfTimestamp) return;
  tell(host, sk, Op.TSTAMP_ACK, 'tcp_ack_tstamp()', buffer.length, buffer.flags);
}
