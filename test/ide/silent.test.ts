// Valid programs in the many ways in which people write the same thing: none of them may show anything.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, wholeProgram } from './support.ts';

const HEADER = 'struct header { __u16 source; __u16 dest; };\n';
const COUNTS =
  'struct {\n\t__uint(type, BPF_MAP_TYPE_ARRAY);\n\t__uint(max_entries, 1);\n\t__type(key, __u32);\n\t__type(value, __u64);\n} counts SEC(".maps");\n';
const body = (code: string, before = ''): string =>
  wholeProgram(`${before}SEC("sockops")\nint f(struct bpf_sock_ops *skops)\n{\n\t${code}\n}`);

const VALID: Readonly<Record<string, string>> = {
  'a case that does nothing for an op that never comes': body(
    'switch (skops->op) { case BPF_SOCK_OPS_RTO_CB: break; case BPF_SOCK_OPS_RETRANS_CB: case BPF_SOCK_OPS_STATE_CB: break; case BPF_SOCK_OPS_RTT_CB: { return 1; } } return 1;',
  ),
  'a bounds check with sizeof': body(
    'void *data = (void *)(long)skops->skb_data; void *end = (void *)(long)skops->skb_data_end; struct header *th = data; if (data + sizeof(*th) > end) return 1; bpf_printk("%d", th->source); return 1;',
    HEADER,
  ),
  'a bounds check with an index': body(
    'struct header *th = skops->skb_data; if ((void *)&th[1] > skops->skb_data_end) return 1; bpf_printk("%d", th->source); return 1;',
    HEADER,
  ),
  'a bounds check that holds inside': body(
    'struct header *th = skops->skb_data; if ((void *)(th + 1) <= skops->skb_data_end) bpf_printk("%d", th->source); return 1;',
    HEADER,
  ),
  'a bounds check written the other way round': body(
    'struct header *th = skops->skb_data; if (skops->skb_data_end < (void *)(th + 1)) return 1; bpf_printk("%d", th->source); return 1;',
    HEADER,
  ),
  'sk tested in the same condition': body('if (skops->sk && skops->sk->mark == 3) bpf_printk("three"); return 1;'),
  'sk tested in a conditional expression': body(
    '__u32 mark = skops->sk ? skops->sk->mark : 0; if (mark) bpf_printk("marked"); return 1;',
  ),
  'sk tested and passed on': body(
    'struct bpf_sock *sk = skops->sk; if (!sk) return 1; show(sk); return 1;',
    'static void show(struct bpf_sock *s) { bpf_printk("%d", s->mark); }\n',
  ),
  'sk tested with NULL': body(
    'struct bpf_sock *sk = skops->sk; if (sk == NULL) return 1; bpf_printk("%d", sk->mark); return 1;',
  ),
  'a lookup tested in a loop': body(
    'for (__u32 i = 0; i < 3; i++) { __u64 *v = bpf_map_lookup_elem(&counts, &i); if (!v) continue; *v += 1; } return 1;',
    COUNTS,
  ),
  'a lookup assigned in the condition': body(
    '__u32 k = 0; __u64 *v; if ((v = bpf_map_lookup_elem(&counts, &k))) *v += 1; return 1;',
    COUNTS,
  ),
  'a lookup tested by a macro of the file': body(
    '__u32 k = 0; __u64 *v = bpf_map_lookup_elem(&counts, &k); NEED(v); *v += 1; return 1;',
    `#define NEED(p) if (!(p)) return 1\n${COUNTS}`,
  ),
  'a lookup tested behind goto': body(
    '__u32 k = 0; __u64 *v = bpf_map_lookup_elem(&counts, &k); if (!v) goto out; *v += 1;\nout:\n\treturn 1;',
    COUNTS,
  ),
  'a result turned into 0 or 1': body('return bpf_get_prandom_u32() % 2 ? 1 : 0 || !!skops->op;'),
  'a masked result': body('int r = bpf_get_prandom_u32(); return (r & 1) || 1;'),
  'an error turned into 1': body(
    'int r = 0; if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB) r = bpf_sock_ops_cb_flags_set(skops, 0); return r ? 1 : 1;',
  ),
  'all flags at once': body(
    'if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB) bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_ALL_CB_FLAGS); if (skops->op == BPF_SOCK_OPS_STATE_CB) bpf_printk("state"); return 1;',
  ),
  'flags by the old mask in a variable': body(
    '__u32 flags = skops->bpf_sock_ops_cb_flags; switch (skops->op) { case BPF_SOCK_OPS_TCP_CONNECT_CB: bpf_sock_ops_cb_flags_set(skops, flags | BPF_SOCK_OPS_RTT_CB_FLAG); break; case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB: bpf_sock_ops_cb_flags_set(skops, flags | BPF_SOCK_OPS_STATE_CB_FLAG); break; } return 1;',
  ),
  'ports the right way': body(
    '__u16 remote = bpf_ntohl(skops->remote_port), local = (__u16)skops->local_port; if (remote == 443 || local == 80 || skops->remote_port == bpf_htonl(22) || bpf_htons(local) == bpf_htons(23)) bpf_printk("known"); return 1;',
  ),
  'ports compared with each other': body(
    'if (bpf_ntohl(skops->remote_port) == skops->local_port) bpf_printk("same"); return 1;',
  ),
  'addresses the right way': body(
    'if (skops->remote_ip4 == bpf_htonl(0x7f000001) || bpf_ntohl(skops->local_ip4) >> 24 == 10 || skops->remote_ip6[2] == bpf_htonl(0xffff)) bpf_printk("near"); return 1;',
  ),
  'an address in network order by hand': body('if (skops->remote_ip4 == 0x0100007f) bpf_printk("near"); return 1;'),
  'a reply through a variable': body(
    'int rv = -1; switch (skops->op) { case BPF_SOCK_OPS_RWND_INIT: rv = 40; break; case BPF_SOCK_OPS_NEEDS_ECN: rv = 1; break; } skops->reply = rv; return 1;',
  ),
  'a context under another name and type': wholeProgram(
    'typedef struct bpf_sock_ops ops_t;\nstatic int real(void *p)\n{\n\tops_t *c = p;\n\n\tif (c->op == BPF_SOCK_OPS_RWND_INIT)\n\t\tc->reply = 40;\n\treturn 1;\n}\n\nSEC("sockops")\nint f(ops_t *anything)\n{\n\treturn real(anything);\n}',
  ),
  'fields asked for before use': wholeProgram(
    'SEC("sockops")\nint f(struct bpf_sock_ops *skops)\n{\n\tif (bpf_core_field_exists(skops->skb_hwtstamp) && skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)\n\t\tbpf_printk("%llu", skops->skb_hwtstamp);\n\treturn 1;\n}',
  ),
  'a zeroed key': body(
    'struct key { __u8 a; __u32 b; } key; __u64 *v; __builtin_memset(&key, 0, sizeof(key)); key.a = skops->family; v = bpf_map_lookup_elem(&counts, &key); if (v) *v += 1; return 1;',
    COUNTS,
  ),
};

for (const [name, text] of Object.entries(VALID))
  test(`silent: ${name}`, () => {
    assert.deepEqual(
      diagnose(text).map((diagnostic) => `${diagnostic.severity}[${diagnostic.code}] ${diagnostic.message}`),
      [],
      text,
    );
  });
