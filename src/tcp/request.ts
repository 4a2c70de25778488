// Request socks: a handshake that a listener has answered and nobody completed yet (struct tcp_request_sock), and the saved
// headers of the SYN that began it.

import type { Segment } from './segment.ts';
import type { AddressWords } from './sock.ts';

export interface RequestSock {
  readonly id: number;
  readonly listenerId: number;
  /** AF_INET or AF_INET6, as the program reads it. */
  readonly family: number;
  readonly localAddress: AddressWords;
  readonly remoteAddress: AddressWords;
  readonly localPort: number;
  readonly remotePort: number;
  readonly syncookie: boolean;
  /** Peer's MSS. */
  mss: number;
  sackOk: boolean;
  tstampOk: boolean;
  wscaleOk: boolean;
  sndWscale: number;
  rcvWscale: number;
  ecnOk: boolean;
  tsRecent: number;
  tsOffset: number;
  rcvIsn: number;
  sndIsn: number;
  /** Next sequence number expected from the peer. */
  rcvNxt: number;
  /** Initial receive window. */
  rcvWnd: number;
  windowClamp: number;
  synTos: number;
  txHash: number;
  /** When the first SYN-ACK was sent, microseconds; 0 = not yet. */
  sntSynackUs: number;
  /** TSval of the last SYN-ACK sent. */
  sntTsval: number;
  timeoutJiffies: number;
  numTimeout: number;
  numRetrans: number;
  acked: boolean;
  tfoListener: boolean;
  /** Id of the fast open child, 0 for none. */
  childId: number;
  token: number;
  mark: number;
  lastOow: number;
  savedSyn: { mac: number; ip: number; tcp: number; bytes: Uint8Array } | undefined;
}

/** Ethernet, IP and TCP headers of a segment, as far as they can be known, for TCP_SAVED_SYN and TCP_BPF_SYN*. */
export interface SavedHeaders {
  readonly mac: number;
  readonly ip: number;
  readonly tcp: number;
  readonly bytes: Uint8Array;
}

/** Rebuilds the headers of a received SYN. Checksums, IP id and hardware addresses are zero, as nothing simulates them. */
export function headersOf(segment: Segment, isV6: boolean): SavedHeaders {
  const mac = 14;
  const ip = isV6 ? 40 : 20;
  const tcp = segment.header.length;
  const bytes = new Uint8Array(mac + ip + tcp);
  bytes[12] = isV6 ? 0x86 : 0x08;
  bytes[13] = isV6 ? 0xdd : 0x00;
  const total = tcp + segment.payloadLength;
  const put32 = (at: number, value: number) => {
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  };
  if (isV6) {
    bytes[mac] = 0x60 | (segment.tos >> 4);
    bytes[mac + 1] = (segment.tos & 15) << 4;
    bytes[mac + 4] = total >> 8;
    bytes[mac + 5] = total;
    bytes[mac + 6] = 6;
    bytes[mac + 7] = 64;
    for (let i = 0; i < 4; i++) {
      put32(mac + 8 + 4 * i, segment.source[i]!);
      put32(mac + 24 + 4 * i, segment.destination[i]!);
    }
  } else {
    bytes[mac] = 0x45;
    bytes[mac + 1] = segment.tos;
    bytes[mac + 2] = (total + 20) >> 8;
    bytes[mac + 3] = total + 20;
    bytes[mac + 6] = 0x40;
    bytes[mac + 8] = 64;
    bytes[mac + 9] = 6;
    put32(mac + 12, segment.source[3]);
    put32(mac + 16, segment.destination[3]);
  }
  bytes.set(segment.header, mac + ip);
  return { mac, ip, tcp, bytes };
}

export function copyRequest(req: RequestSock): RequestSock {
  return { ...req };
}
