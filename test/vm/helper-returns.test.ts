// The recorded tables of what 39 helper calls return in every op, through a real program: assembly that makes the calls, the
// machine that runs it, the TCP model behind it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewFor } from '../../src/kernel/index.ts';
import { CallContext, socketElements, type Words } from '../../src/world/context.ts';
import { CallPort } from '../../src/world/ports.ts';
import { loadFacts } from '../tcp/support/golden-file.ts';
import { connectOnce, rowKey } from '../tcp/support/helper-sweep.ts';
import { fakePort, load, resultOf, u32s } from './support.ts';

interface HelperFile {
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly op: string;
    readonly is_fullsock: number;
    readonly state: string;
    readonly returns: Readonly<Record<string, number | null>>;
  }[];
}

/** What the recorder wrote where a call was not reached. */
const NOT_REACHED = 0x7fff_0000;

const buffer = (length: number, ...bytes: number[]): string =>
  `${Array.from({ length: Math.ceil(length / 8) }, (_, i) => `*(u64 *)(r10 - ${128 - 8 * i}) = 0\n`).join('')}${bytes
    .map((byte, i) => `*(u8 *)(r10 - ${128 - i}) = ${byte}\n`)
    .join('')}`;
const set = (level: number, option: number, value: number): string =>
  `*(u32 *)(r10 - 128) = ${value}\nr1 = r9\nr2 = ${level}\nr3 = ${option}\nr4 = r10\nr4 += -128\nr5 = 4\ncall bpf_setsockopt\n`;
const get = (level: number, option: number, length: number): string =>
  `${buffer(length)}r1 = r9\nr2 = ${level}\nr3 = ${option}\nr4 = r10\nr4 += -128\nr5 = ${length}\ncall bpf_getsockopt\n`;
const flags = (value: number): string => `r1 = r9\nr2 = ${value}\ncall bpf_sock_ops_cb_flags_set\n`;
const search = (length: number, how: number, ...bytes: number[]): string =>
  `${buffer(length, ...bytes)}r1 = r9\nr2 = r10\nr2 += -128\nr3 = ${length}\nr4 = ${how}\ncall bpf_load_hdr_opt\n`;
const update = (map: string, helper: string): string =>
  `*(u32 *)(r10 - 128) = 0\nr1 = r9\nr2 = ${map} ll\nr3 = r10\nr3 += -128\nr4 = 0\ncall ${helper}\n`;

let labels = 0;
/** Turns a pointer in r0 into 1 or 0. */
const present = (code: string): string => {
  const label = `present${labels++}`;
  return `${code}if r0 == 0 goto ${label}\nr0 = 1\n${label}:\n`;
};
/** Runs the code with ctx->sk in r7, or gives `NOT_REACHED`. */
const withSk = (code: string): string => {
  const label = `sk${labels++}`;
  return `r0 = ${NOT_REACHED}\nr7 = *(u64 *)(r9 + 184)\nif r7 == 0 goto ${label}\n${code}${label}:\n`;
};
const cast = (helper: string): string => withSk(present(`r1 = r7\ncall ${helper}\n`));

const CALLS: Readonly<Record<string, string>> = {
  'setsockopt TCP_KEEPCNT=9': set(6, 6, 9),
  'getsockopt TCP_CONGESTION len16': get(6, 13, 16),
  'getsockopt SO_RCVBUF': get(1, 8, 4),
  'setsockopt SO_MARK=0': set(1, 36, 0),
  'setsockopt IP_TOS=0': set(0, 1, 0),
  'setsockopt IPV6_TCLASS=0 (IPv4 socket)': set(41, 67, 0),
  'setsockopt TCP_BPF_IW=10': set(6, 1001, 10),
  'setsockopt TCP_BPF_SNDCWND_CLAMP': set(6, 1002, 1000),
  'setsockopt TCP_BPF_DELACK_MAX=40000': set(6, 1003, 40000),
  'setsockopt TCP_BPF_RTO_MIN=200000': set(6, 1004, 200000),
  'setsockopt TCP_BPF_SOCK_OPS_CB_FLAGS=0x7f': set(6, 1008, 0x7f),
  'getsockopt TCP_BPF_SOCK_OPS_CB_FLAGS': get(6, 1008, 4),
  'getsockopt TCP_BPF_SYN len60': get(6, 1005, 60),
  'getsockopt TCP_BPF_SYN_IP len64': get(6, 1006, 64),
  'getsockopt TCP_BPF_SYN_MAC len64': get(6, 1007, 64),
  'getsockopt TCP_SAVED_SYN len20': get(6, 28, 20),
  'getsockopt SK_BPF_CB_FLAGS': get(1, 1009, 4),
  'setsockopt SK_BPF_CB_FLAGS=1': set(1, 1009, 1),
  'sock_ops_cb_flags_set(0x7f)': flags(0x7f),
  'sock_ops_cb_flags_set(0x1ff)': flags(0x1ff),
  'sock_ops_cb_flags_set(-1)': flags(-1),
  'load_hdr_opt kind2 len16': search(16, 0, 2),
  'load_hdr_opt kind2 flags=TCP_SYN': search(16, 1, 2),
  'load_hdr_opt kind253 magic eb9f': search(16, 0, 253, 4, 0xeb, 0x9f),
  'load_hdr_opt kind8 len4': search(4, 0, 8),
  'reserve_hdr_opt(4)': 'r1 = r9\nr2 = 4\nr3 = 0\ncall bpf_reserve_hdr_opt\n',
  'store_hdr_opt kind253 len4': `${buffer(4, 253, 4, 0xeb, 0x9f)}r1 = r9\nr2 = r10\nr2 += -128\nr3 = 4\nr4 = 0\ncall bpf_store_hdr_opt\n`,
  sock_map_update: update('socks', 'bpf_sock_map_update'),
  sock_hash_update: update('sockets', 'bpf_sock_hash_update'),
  'ctx->sk != NULL': present('r0 = *(u64 *)(r9 + 184)\n'),
  'sk_storage_get(create) != NULL': withSk(
    present('r1 = storage ll\nr2 = r7\nr3 = 0\nr4 = 1\ncall bpf_sk_storage_get\n'),
  ),
  'bpf_tcp_sock(sk) != NULL': cast('bpf_tcp_sock'),
  'skc_to_tcp_sock != NULL': cast('bpf_skc_to_tcp_sock'),
  'skc_to_tcp_request_sock != NULL': cast('bpf_skc_to_tcp_request_sock'),
  'skc_to_tcp6_sock != NULL': cast('bpf_skc_to_tcp6_sock'),
  'socket_cookie != 0': present('r1 = r9\ncall bpf_get_socket_cookie\n'),
  'netns_cookie != 0': present('r1 = r9\ncall bpf_get_netns_cookie\n'),
  'bpf_sock_ops_enable_tx_tstamp(ctx,0)': 'r1 = r9\ncall kfunc 1\nr1 = r0\nr2 = 0\ncall kfunc 2\nr0 = (s32)r0\n',
  'map_delete_elem(sockmap)':
    '*(u32 *)(r10 - 128) = 0\nr1 = socks ll\nr2 = r10\nr2 += -128\ncall bpf_map_delete_elem\n',
};

for (const kernel of ['5.10', '6.1', '6.12', '6.18', '7.2']) {
  test(`helper results by op through a program, ${kernel}`, () => {
    const file = loadFacts(`helper-returns-by-op-${kernel}.json`) as HelperFile;
    // A helper that this kernel lacks was never called.
    const columns = file.columns.filter((name) => file.rows.some((row) => (row.returns[name] ?? null) !== null));
    assert.deepEqual(
      columns.filter((name) => CALLS[name] === undefined),
      [],
    );
    const calls = columns.map((name, i) => `${CALLS[name]!}*(u64 *)(r8 + ${8 * i}) = r0\n`);
    const vm = load(
      `.map out, array, 4, 512, 1
       .map socks, sockmap, 4, 4, 4
       .map sockets, sockhash, 4, 4, 4
       .map storage, sk_storage, 4, 8, 0, flags=1
       .section sockops
       main:
       r9 = r1
       r8 = out[0] + 0 ll
       ${calls.join('')}
       r0 = 1
       exit
       .license "GPL"`,
      {
        kernel,
        maps: { storage: { keyTypeId: 1, valueTypeId: 2 } },
        kfuncs: { 1: 'bpf_cast_to_kern_ctx', 2: 'bpf_sock_ops_enable_tx_tstamp' },
      },
    );
    const elements = socketElements(viewFor(kernel));
    const seen = new Set<string>();
    connectOnce({ kernel }, (call) => {
      const words: Words = [call.args[0] >>> 0, call.args[1] >>> 0, call.args[2] >>> 0, call.args[3] >>> 0];
      const port = fakePort({ socket: new CallPort(call) });
      const end = vm.call({ program: 'main', port, context: new CallContext(call, words, elements) });
      assert.equal(resultOf(end), 1n);
      const out = vm.mapByName('out')!.lookup(u32s(0));
      assert.ok(typeof out === 'object');
      const results = new BigInt64Array(out.values[0]!.slice().buffer);
      const texts = columns.map((name, i) => `${name} ${results[i] === BigInt(NOT_REACHED) ? null : results[i]}`);
      seen.add(`${rowKey(call)}: ${texts.join('; ')}`);
    });
    const recorded = new Set(
      file.rows.map((row) => {
        const texts = columns.map((name) => `${name} ${row.returns[name] ?? null}`);
        return `${row.op} ${row.is_fullsock} ${row.state}: ${texts.join('; ')}`;
      }),
    );
    assert.deepEqual([...seen].sort(), [...recorded].sort());
  });
}
