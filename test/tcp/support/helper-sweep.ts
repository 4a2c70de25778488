// The helper sweeps on the model: one loopback connection in which a probe runs in chosen callbacks, and the recorded rows to
// compare with.

import { milliseconds } from '../../../src/base/index.ts';
import { viewFor } from '../../../src/kernel/index.ts';
import { Op, type SockOpsCall, type SockOpsHook, STATE_NAMES } from '../../../src/tcp/index.ts';
import { createNetwork, later, type Sysctls } from './model.ts';

export const OP_NAMES: Readonly<Record<number, string>> = {
  1: 'TIMEOUT_INIT',
  2: 'RWND_INIT',
  3: 'TCP_CONNECT_CB',
  4: 'ACTIVE_ESTABLISHED_CB',
  5: 'PASSIVE_ESTABLISHED_CB',
  6: 'NEEDS_ECN',
  7: 'BASE_RTT',
  8: 'RTO_CB',
  9: 'RETRANS_CB',
  10: 'STATE_CB',
  11: 'TCP_LISTEN_CB',
  12: 'RTT_CB',
  13: 'PARSE_HDR_OPT_CB',
  14: 'HDR_OPT_LEN_CB',
  15: 'WRITE_HDR_OPT_CB',
  16: 'TSTAMP_SCHED_CB',
  17: 'TSTAMP_SND_SW_CB',
  18: 'TSTAMP_SND_HW_CB',
  19: 'TSTAMP_ACK_CB',
  20: 'TSTAMP_SENDMSG_CB',
};

export interface ConnectionOptions {
  readonly kernel: string;
  readonly family?: 'ipv4' | 'ipv6';
  /** TCP_SAVE_SYN set by the application on the listener. */
  readonly saveSyn?: number;
}

/** What the recorded machines had beyond their kernels' defaults. */
const MACHINES: Readonly<Record<string, Partial<Sysctls>>> = {
  '6.18': { tcp_available_congestion_control: ['reno', 'cubic', 'bbr'] },
  '7.2': { tcp_rmem: [4096, 131072, 11072896] },
};

/** One loopback connection with data both ways and an orderly close; `probe` runs in every callback. */
export function connectOnce(options: ConnectionOptions, probe: (call: SockOpsCall) => void): void {
  const hook: SockOpsHook = {
    call: (call) => {
      probe(call);
      return { ok: true, reply: call.args[0] };
    },
  };
  const network = createNetwork({
    hosts: [
      {
        name: 'machine',
        kernel: viewFor(options.kernel),
        config: { gso: true },
        sysctls: { tcp_available_congestion_control: ['reno', 'cubic', 'nv'], ...MACHINES[options.kernel] },
      },
    ],
    link: { delay: milliseconds(1), mtu: 1500 },
    seed: 1,
    hook,
  });
  const family = options.family ?? 'ipv4';
  const address = family === 'ipv4' ? '127.0.0.1' : '::1';
  const listener = network.socket('machine', { family });
  network.setOption('machine', listener, 1, 2, 1);
  if (options.saveSyn !== undefined) network.setOption('machine', listener, 6, 27, options.saveSyn);
  network.bind('machine', listener, address, 5001);
  network.listen('machine', listener, 5);
  const client = network.socket('machine', { family });
  network.connect('machine', client, address, 5001);
  const child = network.accept('machine', listener, 'server');
  if (child !== undefined) {
    network.send('machine', client, 1000);
    network.receive('machine', child, 65536);
    network.send('machine', child, 500);
    network.receive('machine', client, 65536);
    network.runUntil(later(network.now, milliseconds(120)));
    network.send('machine', client, 100000);
    while (network.receive('machine', child, 65536) > 0) {
      // all of it
    }
    network.runUntil(later(network.now, milliseconds(120)));
    network.close('machine', client);
    network.receive('machine', child, 1);
    network.close('machine', child);
  }
  network.runUntil(later(network.now, milliseconds(50)));
  network.close('machine', listener);
}

export const int32 = (value: number): Uint8Array => Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
export const readInt32 = (bytes: Uint8Array): number =>
  bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24);
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const buffer = (length: number, ...start: number[]): Uint8Array => {
  const made = new Uint8Array(length);
  made.set(start);
  return made;
};

/** The helper calls of the recorded tables by column name. Columns that are about maps and BTF casts belong to the VM. */
export const HELPER_COLUMNS: Readonly<Record<string, (call: SockOpsCall) => number>> = {
  'setsockopt TCP_KEEPCNT=9': (call) => call.setsockopt(6, 6, int32(9)),
  'getsockopt TCP_CONGESTION len16': (call) => call.getsockopt(6, 13, buffer(16)),
  'getsockopt SO_RCVBUF': (call) => call.getsockopt(1, 8, buffer(4)),
  'setsockopt SO_MARK=0': (call) => call.setsockopt(1, 36, int32(0)),
  'setsockopt IP_TOS=0': (call) => call.setsockopt(0, 1, int32(0)),
  'setsockopt IPV6_TCLASS=0 (IPv4 socket)': (call) => call.setsockopt(41, 67, int32(0)),
  'setsockopt TCP_BPF_IW=10': (call) => call.setsockopt(6, 1001, int32(10)),
  'setsockopt TCP_BPF_SNDCWND_CLAMP': (call) => call.setsockopt(6, 1002, int32(1000)),
  'setsockopt TCP_BPF_DELACK_MAX=40000': (call) => call.setsockopt(6, 1003, int32(40000)),
  'setsockopt TCP_BPF_RTO_MIN=200000': (call) => call.setsockopt(6, 1004, int32(200000)),
  'setsockopt TCP_BPF_SOCK_OPS_CB_FLAGS=0x7f': (call) => call.setsockopt(6, 1008, int32(0x7f)),
  'getsockopt TCP_BPF_SOCK_OPS_CB_FLAGS': (call) => call.getsockopt(6, 1008, buffer(4)),
  'getsockopt TCP_BPF_SYN len60': (call) => call.getsockopt(6, 1005, buffer(60)),
  'getsockopt TCP_BPF_SYN_IP len64': (call) => call.getsockopt(6, 1006, buffer(64)),
  'getsockopt TCP_BPF_SYN_MAC len64': (call) => call.getsockopt(6, 1007, buffer(64)),
  'getsockopt TCP_SAVED_SYN len20': (call) => call.getsockopt(6, 28, buffer(20)),
  'getsockopt SK_BPF_CB_FLAGS': (call) => call.getsockopt(1, 1009, buffer(4)),
  'setsockopt SK_BPF_CB_FLAGS=1': (call) => call.setsockopt(1, 1009, int32(1)),
  'sock_ops_cb_flags_set(0x7f)': (call) => call.setCallbackFlags(0x7f),
  'sock_ops_cb_flags_set(0x1ff)': (call) => call.setCallbackFlags(0x1ff),
  'sock_ops_cb_flags_set(-1)': (call) => call.setCallbackFlags(-1),
  'load_hdr_opt kind2 len16': (call) => call.loadHeaderOption(buffer(16, 2), 0n),
  'load_hdr_opt kind2 flags=TCP_SYN': (call) => call.loadHeaderOption(buffer(16, 2), 1n),
  'load_hdr_opt kind253 magic eb9f': (call) => call.loadHeaderOption(buffer(16, 253, 4, 0xeb, 0x9f), 0n),
  'load_hdr_opt kind8 len4': (call) => call.loadHeaderOption(buffer(4, 8), 0n),
  'reserve_hdr_opt(4)': (call) => call.reserveHeaderOption(4, 0n),
  'store_hdr_opt kind253 len4': (call) => call.storeHeaderOption(bytes(253, 4, 0xeb, 0x9f), 0n),
  sock_map_update: (call) => call.sockMapCheck(),
  sock_hash_update: (call) => call.sockMapCheck(),
  'ctx->sk != NULL': (call) => Number(call.sock !== undefined),
  'bpf_tcp_sock(sk) != NULL': (call) => Number(call.sock?.tcpSockField('snd_cwnd') !== undefined),
  'socket_cookie != 0': (call) => Number(call.socketCookie() !== 0n),
  'netns_cookie != 0': (call) => Number(call.netnsCookie() !== 0n),
  'bpf_sock_ops_enable_tx_tstamp(ctx,0)': (call) => call.enableTxTimestamp(0n),
};

/** The edge cases of the header option helpers, in the recorder's order, by op. */
export function headerOptionEdgeCases(call: SockOpsCall): Record<string, number> {
  const out: Record<string, number> = {};
  const load = (length: number, flags: number, ...start: number[]): number =>
    call.loadHeaderOption(buffer(length, ...start), BigInt(flags));
  if (call.op === Op.HDR_OPT_LEN) {
    const reserve = (length: number, flags = 0): number => call.reserveHeaderOption(length, BigInt(flags));
    out['reserve(0)'] = reserve(0);
    out['reserve(1)'] = reserve(1);
    out['reserve(2,flags=1)'] = reserve(2, 1);
    out['reserve(41)'] = reserve(41);
    out['reserve(0xffffffff)'] = reserve(0xffffffff);
    out['reserve(3)'] = reserve(3);
    out['reserve(6)'] = reserve(6);
    let most = 0;
    for (let length = 40; length >= 2 && most === 0; length--) if (reserve(length) === 0) most = length;
    out['largest further reserve accepted'] = most;
    out['reserve(2) after that'] = reserve(2);
  }
  if (call.op === Op.WRITE_HDR_OPT) {
    const store = (length: number, flags: number, ...start: number[]): number =>
      call.storeHeaderOption(buffer(length, ...start), BigInt(flags));
    out['store kind0'] = store(4, 0, 0, 4);
    out['store kind1'] = store(4, 0, 1, 4);
    out['store len arg 1'] = store(1, 0, 200);
    out['store opt[1]=3 len arg 2'] = store(2, 0, 200, 3);
    out['store flags=1'] = store(4, 1, 200, 3, 7);
    out['store kind8 len10 (kernel wrote a timestamp)'] = store(10, 0, 8, 10);
    out['store kind253 opt[1]=3'] = store(4, 0, 253, 3, 0xeb);
    out['store kind254 opt[1]=2'] = store(4, 0, 254, 2);
    out['store kind200 len3'] = store(3, 0, 200, 3, 7);
    out['store the same again'] = store(3, 0, 200, 3, 7);
    out['store kind253 len6 magic eb9f0102'] = store(6, 0, 253, 6, 0xeb, 0x9f, 1, 2);
    out['store kind253 len4 magic eb9f after that'] = store(4, 0, 253, 4, 0xeb, 0x9f);
    out['store kind253 len4 magic eb9e'] = store(4, 0, 253, 4, 0xeb, 0x9e);
    out['store kind202 len40'] = store(40, 0, 202, 40);
    out['load kind200 from what was written'] = load(16, 0, 200);
  }
  out['load kind0'] = load(16, 0, 0);
  out['load kind1'] = load(16, 0, 1);
  out['load kind2 buf len 1'] = load(1, 0, 2);
  out['load kind2 buf len 2'] = load(2, 0, 2);
  out['load flags=2'] = load(16, 2, 2);
  out['load kind2 with opt[1]=4'] = load(16, 0, 2, 4);
  out['load kind253 opt[1]=0'] = load(16, 0, 253);
  out['load kind253 opt[1]=5'] = load(16, 0, 253, 5, 0xeb, 0x9f);
  out['load kind253 opt[1]=6 magic eb9f0102'] = load(16, 0, 253, 6, 0xeb, 0x9f, 1, 2);
  out['load kind253 opt[1]=6 buf len 5'] = load(5, 0, 253, 6, 0xeb, 0x9f, 1);
  out['load kind8'] = load(16, 0, 8);
  out['load kind3'] = load(16, 0, 3);
  out['load kind4'] = load(16, 0, 4);
  out['load kind2 flags=TCP_SYN'] = load(16, 1, 2);
  return out;
}

/** "ACTIVE_ESTABLISHED_CB 1 ESTABLISHED", the key of a recorded row. */
export function rowKey(call: SockOpsCall): string {
  const state = Number(call.readField('state'));
  return `${OP_NAMES[call.op]} ${call.isFullSock ? 1 : 0} ${STATE_NAMES[state]}`;
}
