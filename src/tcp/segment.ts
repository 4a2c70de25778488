// A TCP segment on the wire: header bytes as they would be sent, and what the network layer around it carries. Immutable
// once sent, so that queues, logs and snapshots may share it. Payload is a length: no program can see payload bytes.

import type { AddressWords } from './sock.ts';

export interface Segment {
  /** Unique in the simulation, in order of sending. */
  readonly id: number;
  readonly source: AddressWords;
  readonly destination: AddressWords;
  readonly sport: number;
  readonly dport: number;
  readonly seq: number;
  readonly ack: number;
  /** Flag.* bits. */
  readonly flags: number;
  /** Window field as sent, not scaled. */
  readonly window: number;
  /** The TCP header with its options. */
  readonly header: Uint8Array;
  readonly payloadLength: number;
  /** IPv4 TOS or IPv6 traffic class, with the two ECN bits. */
  readonly tos: number;
  /** Segment size of a GSO super-packet; 0 when it is one segment. */
  readonly gsoSize: number;
  /** Memory that the packet occupies at a receiver that gets the sender's own buffer (loopback, veth). */
  readonly truesize: number;
  /** Bytes of truesize that are the linear part with its sk_buff, which window growth does not count. */
  readonly overhead: number;
  /** Hardware receive timestamp, 0 for none. */
  readonly hardwareTimestamp: bigint;
  /** Made of several segments that waited in a backlog; they share nothing with the sender's buffers. */
  readonly joined?: true;
}

/** Whether an address is an IPv4 address written as ::ffff:a.b.c.d. */
export function isV4Mapped(address: AddressWords): boolean {
  return address[0] === 0 && address[1] === 0 && address[2] === 0xffff;
}

/** End of the sequence space that the segment occupies. */
export function segmentEnd(segment: Segment): number {
  return (segment.seq + segment.payloadLength + (segment.flags & 1) + ((segment.flags >> 1) & 1)) >>> 0;
}

/** Builds the header bytes: 20 fixed ones, then the options, which are a multiple of 4 long. */
export function encodeHeader(
  sport: number,
  dport: number,
  seq: number,
  ack: number,
  flags: number,
  window: number,
  optionLength: number,
): Uint8Array {
  const header = new Uint8Array(20 + optionLength);
  header[0] = sport >> 8;
  header[1] = sport;
  header[2] = dport >> 8;
  header[3] = dport;
  header[4] = seq >>> 24;
  header[5] = seq >>> 16;
  header[6] = seq >>> 8;
  header[7] = seq;
  header[8] = ack >>> 24;
  header[9] = ack >>> 16;
  header[10] = ack >>> 8;
  header[11] = ack;
  header[12] = ((20 + optionLength) << 2) | ((flags >> 8) & 1);
  header[13] = flags;
  header[14] = window >> 8;
  header[15] = window;
  return header;
}
