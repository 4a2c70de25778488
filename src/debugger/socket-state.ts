// The kernel's side of a callback as named values: the socket behind it, and the packet that it is about.

import type { Moment } from '../timeline/index.ts';
import { tcpFlagsText } from '../world/index.ts';

export interface SocketValue {
  readonly name: string;
  readonly value: number | string | boolean;
  readonly unit?: string;
}

/** Fields of the full socket; for a request sock, which has next to none, what it is. */
export function socketState({ world, callback }: Moment): readonly SocketValue[] {
  const fields = world.network.describe(callback.host, callback.socketId);
  if (fields !== undefined && callback.call.isFullSock) return fields.map(([name, value]) => ({ name, value }));
  return [
    { name: 'kind', value: 'a request sock: the connection is not established, so most fields do not exist yet' },
  ];
}

/** The packet that skb_data shows, or is empty about; nothing when there is none. */
export function segmentState({ callback }: Moment): readonly SocketValue[] {
  const { segment } = callback.call;
  if (segment === undefined) return [];
  return [
    { name: 'flags', value: tcpFlagsText(segment.tcpFlags) },
    { name: 'length', value: segment.length, unit: 'bytes (skb->len)' },
    { name: 'visible', value: segment.visibleLength, unit: 'bytes from skb_data to skb_data_end' },
    ...headerState(segment.data.subarray(0, segment.visibleLength)),
  ];
}

function headerState(header: Uint8Array): readonly SocketValue[] {
  if (header.length < 20) return [];
  const data = new DataView(header.buffer, header.byteOffset, header.length);
  return [
    { name: 'source port', value: data.getUint16(0) },
    { name: 'destination port', value: data.getUint16(2) },
    { name: 'sequence', value: data.getUint32(4) },
    { name: 'acknowledgement', value: data.getUint32(8) },
    { name: 'window', value: data.getUint16(14), unit: 'raw' },
    { name: 'options', value: optionBytes(header.subarray(20)) },
  ];
}

const optionBytes = (bytes: Uint8Array): string =>
  bytes.length === 0 ? 'none' : [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
