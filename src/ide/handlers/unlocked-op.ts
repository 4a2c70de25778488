// Helpers and fields that need the socket lock, in the timestamp ops, which run without it.

import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { opNames } from '../words.ts';

const NEEDS_LOCK = new Set(['bpf_setsockopt', 'bpf_getsockopt', 'bpf_sock_ops_cb_flags_set', 'bpf_load_hdr_opt']);

export const unlockedOp: Rule = {
  code: 'unlocked-op',
  severity: 'warning',
  title: 'A helper that always fails in the timestamp ops',
  doc:
    'The TSTAMP_*_CB ops (6.15) run without the lock of the socket. bpf_setsockopt(), bpf_getsockopt(), bpf_sock_ops_cb_flags_set() and bpf_load_hdr_opt() give -EOPNOTSUPP there, and ' +
    'TCP fields of the context read 0. What works are skb_hwtstamp, the arguments, cookies, maps and bpf_sk_storage_get().',
  example: {
    wrong: `SEC("sockops")
int sent(struct bpf_sock_ops *skops)
{
	int mark = 1;

	/* sockscope-ignore op-since: only newer kernels matter here */
	if (skops->op == BPF_SOCK_OPS_TSTAMP_ACK_CB)
		bpf_setsockopt(skops, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
	return 1;
}`,
    right: `SEC("sockops")
int sent(struct bpf_sock_ops *skops)
{
	/* sockscope-ignore op-since: only newer kernels matter here */
	if (skops->op == BPF_SOCK_OPS_TSTAMP_ACK_CB)
		bpf_printk("acknowledged: %llu", bpf_get_socket_cookie(skops));
	return 1;
}`,
  },
  check: ({ flow }, report) => {
    for (const group of byNode(flow.of('call'))) {
      const first = group.all[0]!;
      if (!NEEDS_LOCK.has(first.name) || !group.all.every((call) => call.op.socket === 'full-unlocked')) continue;
      report({
        span: group.node,
        message: `${first.name}() gives -EOPNOTSUPP in ${opNames(group.ops)}: the socket is not locked there`,
      });
    }
  },
};
