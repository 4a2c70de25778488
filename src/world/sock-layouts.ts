// Images of struct bpf_sock and struct bpf_tcp_sock for programs that read through ctx->sk: the TCP model's values at the
// offsets of the knowledge base.

import { BPF_SOCK_FIELDS, BPF_TCP_SOCK_FIELDS } from '../kernel/index.ts';
import type { SockView } from '../tcp/index.ts';

interface Place {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

interface Row extends Place {
  readonly count: number;
}

const placesOf = (rows: readonly Row[]): readonly Place[] =>
  rows.flatMap(({ name, offset, size, count }) =>
    Array.from({ length: count }, (_, index) => ({
      name: count === 1 ? name : `${name}[${index}]`,
      offset: offset + index * size,
      size,
    })),
  );

const BPF_SOCK = placesOf(BPF_SOCK_FIELDS);
const BPF_TCP_SOCK = placesOf(BPF_TCP_SOCK_FIELDS);

function put(image: DataView, place: Place, value: bigint): void {
  switch (place.size) {
    case 2:
      image.setUint16(place.offset, Number(BigInt.asUintN(16, value)), true);
      return;
    case 4:
      image.setUint32(place.offset, Number(BigInt.asUintN(32, value)), true);
      return;
    default:
      image.setBigUint64(place.offset, BigInt.asUintN(64, value), true);
  }
}

const viewOf = (image: Uint8Array): DataView => new DataView(image.buffer, image.byteOffset, image.byteLength);

/** Writes struct bpf_sock. */
export function fillBpfSock(sock: SockView, image: Uint8Array): void {
  const view = viewOf(image);
  for (const place of BPF_SOCK) put(view, place, BigInt(sock.sockField(place.name)));
}

/** Writes struct bpf_tcp_sock; false when the socket is no full TCP socket. */
export function fillBpfTcpSock(sock: SockView, image: Uint8Array): boolean {
  const view = viewOf(image);
  for (const place of BPF_TCP_SOCK) {
    if (place.offset + place.size > image.length) break;
    const value = sock.tcpSockField(place.name);
    if (value === undefined) return false;
    put(view, place, value);
  }
  return true;
}
