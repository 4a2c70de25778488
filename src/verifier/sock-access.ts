// Reads through socket pointers: which bytes of struct bpf_sock and struct bpf_tcp_sock may be read with which size.
// Source of truth: the rows of kernel/sock-fields.ts; net/core/filter.c bpf_sock_is_valid_access.

import { BPF_SOCK_FIELD_ROWS, BPF_TCP_SOCK_FIELD_ROWS, type SockFieldRow } from '../kernel/index.ts';
import { Kind, type RegType } from './reg.ts';

/** Fields that only a full socket has, so that a sock_common pointer cannot read them. */
const FULL_SOCKET_ONLY = new Set(['type', 'protocol', 'mark', 'priority']);

/** The field that a read hits, or undefined when the kernel refuses it. */
export function sockMember(type: RegType, offset: number, size: number): SockFieldRow | undefined {
  const rows = type === Kind.tcpSock ? BPF_TCP_SOCK_FIELD_ROWS : BPF_SOCK_FIELD_ROWS;
  if (offset < 0 || offset % size !== 0) return undefined;
  const row = rows.find((one) => one.offset <= offset && offset < one.offset + one.size * one.count);
  if (row === undefined || (type === Kind.sockCommon && FULL_SOCKET_ONLY.has(row.name))) return undefined;
  return sizeAccepted(row, offset, size) ? row : undefined;
}

function sizeAccepted(row: SockFieldRow, offset: number, size: number): boolean {
  const within = (offset - row.offset) % row.size;
  // The 16-bit port was once declared with 32 bits and can still be read so.
  if (row.name === 'dst_port' && within === 0 && size === 4) return true;
  switch (row.narrow) {
    case 'none':
      return within === 0 && size === row.size;
    case 'start':
      return within === 0 && size <= row.size;
    case 'anywhere':
      return within + size <= row.size;
  }
}
