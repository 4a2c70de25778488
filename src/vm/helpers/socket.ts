// Socket helpers: arguments and memory are dealt with here, the socket's answer comes through the port.
// Source: net/core/filter.c, net/core/sock_map.c, net/core/bpf_sk_storage.c.

import { EINVAL, ENOENT, EOPNOTSUPP } from '../errno.ts';
import { BLOCK, HEADER } from '../heap.ts';
import { KERNEL_OBJECT_TYPES, type SocketPort } from '../kernel-port.ts';
import type { Machine } from '../machine.ts';
import { SockHash, SockMap } from '../maps/references.ts';
import { SocketStorage } from '../maps/storage.ts';
import { flagsArg, type HelperImpl, isContext } from './impl.ts';

const AF_INET6 = 10;
const BUFFER_LIMIT = 1 << 20;

function socketOf(m: Machine): SocketPort | undefined {
  if (!isContext(m, 1)) return undefined;
  const { socket } = m.port;
  if (socket === undefined) m.unmodelled(`${m.helperName()}()`, 'the program runs without a socket');
  return socket;
}

/** Length argument as the helper sees it: an int in some, an unsigned one in others; never negative in a verified program. */
function lengthArg(m: Machine, n: number): number {
  const length = m.argS32(n);
  if (length >= 0 && length <= BUFFER_LIMIT) return length;
  m.badArgument(n, `a length of ${length}`);
  return -1;
}

/** Socket id behind a pointer argument; 'null' for NULL; undefined with a fault for anything else. */
export function socketArg(m: Machine, n: number): number | 'null' | undefined {
  if (m.isNull(n)) return 'null';
  const low = m.regs32[2 * n]!;
  const high = m.regs32[2 * n + 1]!;
  const data = m.heap.find(high, low);
  if (data !== 0 && data === low) {
    const kind = m.heap.kind(data);
    if (kind === BLOCK.sock || kind === BLOCK.tcpSock) return m.heap.owner(data);
    if (kind === BLOCK.kernelObject) {
      const type = KERNEL_OBJECT_TYPES[m.heap.get(data, HEADER.a)];
      if (type === 'tcp_sock') return m.heap.owner(data);
      // A request sock is a socket of the short kind: no cast to a full one fits it.
      if (type === 'request_sock') return 'null';
    }
  }
  m.badArgument(n, 'not a pointer to a socket');
  return undefined;
}

function updateSocketMap(m: Machine): number | undefined {
  const socket = socketOf(m);
  const map = socket === undefined ? undefined : m.mapArg(2);
  if (socket === undefined || map === undefined) return undefined;
  if (!(map instanceof SockMap) && !(map instanceof SockHash)) {
    m.badArgument(2, `map \`${map.definition.name}\` holds no sockets`);
    return undefined;
  }
  const key = m.pointer(3, map.definition.keySize, 'read', 'key');
  if (key < 0) return undefined;
  const refused = socket.sockMapCheck();
  if (refused !== 0) return refused;
  if (socket.socketId === undefined) return EOPNOTSUPP;
  const result = map.putSocket(key, socket.socketId, flagsArg(m, 4));
  if (result === 0) m.port.event({ kind: 'socket-map-update', mapFd: map.definition.fd, socketId: socket.socketId });
  return result;
}

/** One of the bpf_skc_to_* casts: the kernel's own socket when `fits`, else NULL. */
function cast(fits: (m: Machine) => boolean): HelperImpl {
  return (m) => {
    const id = socketArg(m, 1);
    if (id === undefined) return undefined;
    return m.returnBlock(id !== 'null' && fits(m) ? m.kernelObject('tcp_sock', id) : 0);
  };
}

function familyOf(m: Machine): number {
  const { socket } = m.port;
  if (socket?.family !== undefined) return socket.family;
  const image = new Uint8Array(80);
  socket?.fillSock?.(image);
  return image[4]!;
}

/** A cast to something that no socket of a sock_ops program is: bpf_skc_to_unix_sock() and the like. */
const NEVER: HelperImpl = (m) => {
  const id = socketArg(m, 1);
  return id === undefined ? undefined : m.returnBlock(0);
};

/** include/uapi/linux/bpf.h BPF_SK_STORAGE_GET_F_CREATE */
const CREATE = 1;

export const SOCKET_HELPERS = {
  bpf_setsockopt(m) {
    const socket = socketOf(m);
    const length = socket === undefined ? -1 : lengthArg(m, 5);
    if (socket === undefined || length < 0) return undefined;
    const value = m.bytes(4, length, 'option value');
    if (value === undefined) return undefined;
    const result = socket.setsockopt(m.argS32(2), m.argS32(3), value);
    m.context.changed();
    return result;
  },
  bpf_getsockopt(m) {
    const socket = socketOf(m);
    const length = socket === undefined ? -1 : lengthArg(m, 5);
    if (socket === undefined || length < 0) return undefined;
    const at = m.pointer(4, length, 'write', 'option value');
    if (at < 0) return undefined;
    const buffer = m.memory.bytes(at, length);
    const result = socket.getsockopt(m.argS32(2), m.argS32(3), buffer);
    m.memory.copyIn(at, buffer);
    return result;
  },
  bpf_sock_ops_cb_flags_set(m) {
    const socket = socketOf(m);
    if (socket === undefined) return undefined;
    const result = socket.setCallbackFlags(m.argS32(2));
    m.context.changed();
    return result;
  },
  bpf_load_hdr_opt(m) {
    const socket = socketOf(m);
    const length = socket === undefined ? -1 : lengthArg(m, 3);
    if (socket === undefined || length < 0) return undefined;
    const at = m.pointer(2, length, 'write', 'search result');
    if (at < 0) return undefined;
    const buffer = m.memory.bytes(at, length);
    const result = socket.loadHeaderOption(buffer, BigInt.asUintN(64, m.arg(4)));
    m.memory.copyIn(at, buffer);
    return result;
  },
  bpf_store_hdr_opt(m) {
    const socket = socketOf(m);
    const length = socket === undefined ? -1 : lengthArg(m, 3);
    if (socket === undefined || length < 0) return undefined;
    const option = m.bytes(2, length, 'option');
    if (option === undefined) return undefined;
    const result = socket.storeHeaderOption(option, BigInt.asUintN(64, m.arg(4)));
    m.context.changed();
    return result;
  },
  bpf_reserve_hdr_opt(m) {
    const socket = socketOf(m);
    return socket?.reserveHeaderOption(m.argU32(2), BigInt.asUintN(64, m.arg(3)));
  },
  bpf_get_socket_cookie: (m) => socketOf(m)?.socketCookie(),
  bpf_get_netns_cookie(m) {
    // NULL asks for the first network namespace, in which the simulated hosts live.
    if (m.isNull(1)) return m.port.socket?.netnsCookie() ?? 1n;
    return socketOf(m)?.netnsCookie();
  },
  bpf_sock_map_update: updateSocketMap,
  bpf_sock_hash_update: updateSocketMap,
  bpf_tcp_sock(m) {
    const id = socketArg(m, 1);
    if (id === undefined) return undefined;
    return m.returnBlock(id === 'null' ? 0 : m.context.tcpSockOf());
  },
  bpf_skc_to_tcp_sock: cast(() => true),
  bpf_skc_to_tcp6_sock: cast((m) => familyOf(m) === AF_INET6),
  // ctx->sk is NULL on request socks, and time-wait sockets have no callbacks.
  bpf_skc_to_tcp_timewait_sock: NEVER,
  bpf_skc_to_tcp_request_sock: NEVER,
  bpf_skc_to_udp6_sock: NEVER,
  bpf_skc_to_unix_sock: NEVER,
  /** The model has no multipath TCP: a subflow it is not. */
  bpf_skc_to_mptcp_sock: NEVER,
  bpf_sk_storage_get(m) {
    const map = m.mapArg(1);
    const id = map === undefined ? undefined : socketArg(m, 2);
    if (map === undefined || id === undefined) return undefined;
    if (!(map instanceof SocketStorage)) {
      m.badArgument(1, `map \`${map.definition.name}\` is no socket storage`);
      return undefined;
    }
    const flags = flagsArg(m, 4);
    if (id === 'null' || flags < 0 || flags > CREATE) return m.returnBlock(0);
    const known = map.of(BigInt(id));
    if (known !== 0 || flags !== CREATE) return m.returnBlock(known);
    const initial = m.isNull(3) ? 0 : m.pointer(3, map.definition.valueSize, 'read', 'value');
    return initial < 0 ? undefined : m.returnBlock(map.ofOrNew(BigInt(id), initial));
  },
  bpf_sk_storage_delete(m) {
    const map = m.mapArg(1);
    const id = map === undefined ? undefined : socketArg(m, 2);
    if (map === undefined || id === undefined) return undefined;
    if (id === 'null') return EINVAL;
    return map instanceof SocketStorage ? map.remove(BigInt(id)) : ENOENT;
  },
} satisfies Record<string, HelperImpl>;
