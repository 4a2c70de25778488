// A helper in an op in which it always fails.

import { helperByName } from '../helpers.ts';
import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { listed, opNames, shortOp } from '../words.ts';

export const helperOp: Rule = {
  code: 'helper-op',
  severity: 'warning',
  title: 'A helper that always fails in this op',
  doc:
    'bpf_reserve_hdr_opt() works in HDR_OPT_LEN_CB only, bpf_store_hdr_opt() in WRITE_HDR_OPT_CB only, bpf_load_hdr_opt() where there is a packet, and sockets can be put into a sockmap in TCP_LISTEN_CB ' +
    'and the two ESTABLISHED callbacks only. Anywhere else the helper returns an error and does nothing.',
  example: {
    wrong: `SEC("sockops")
int reserve(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_reserve_hdr_opt(skops, 4, 0);
	return 1;
}`,
    right: `SEC("sockops")
int reserve(struct bpf_sock_ops *skops)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG);
		break;
	case BPF_SOCK_OPS_HDR_OPT_LEN_CB:
		bpf_reserve_hdr_opt(skops, 4, 0);
		break;
	}
	return 1;
}`,
  },
  check: ({ flow, source }, report) => {
    for (const group of byNode(flow.of('call'))) {
      const { name, node } = group.all[0]!;
      if (source.functions.get(name)?.body !== undefined) continue;
      const allowed = helperByName(name)?.sockOps?.ops;
      if (allowed === undefined) continue;
      // The SYN that is being answered can be searched where there is no packet of the op's own.
      const flags = group.all[0]!.args[3];
      if (name === 'bpf_load_hdr_opt' && !(flags?.kind === 'ints' && flags.values.every((v) => v === 0n))) continue;
      if (group.all.some((call) => allowed.includes(call.op.name))) continue;
      report({
        span: node,
        message: `${name}() always fails in ${opNames(group.ops)}: it works in ${listed(allowed.map(shortOp), 'and')}`,
      });
    }
  },
};
