// Every connection is put into a map of sockets.

import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';

export const sockmapUnfiltered: Rule = {
  code: 'sockmap-unfiltered',
  severity: 'information',
  title: 'Every connection goes into the sockmap',
  doc:
    'A socket in a sockmap pays for it: its data takes another path through the kernel, and bugs of that path become bugs of the connection. Attached at the root of the cgroup tree, a program that adds without looking ' +
    'takes in every connection of the machine. Test ports, addresses or a map of wanted cgroups or processes first.',
  example: {
    wrong: `struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u64);
} sockets SEC(".maps");

SEC("sockops")
int add(struct bpf_sock_ops *skops)
{
	__u64 key = bpf_get_socket_cookie(skops);

	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB && bpf_sock_hash_update(skops, &sockets, &key, BPF_ANY))
		bpf_printk("not added");
	return 1;
}`,
    right: `struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u64);
} sockets SEC(".maps");

SEC("sockops")
int add(struct bpf_sock_ops *skops)
{
	__u64 key = bpf_get_socket_cookie(skops);

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || bpf_ntohl(skops->remote_port) != 443)
		return 1;
	if (bpf_sock_hash_update(skops, &sockets, &key, BPF_ANY))
		bpf_printk("not added");
	return 1;
}`,
  },
  check: ({ flow }, report) => {
    for (const group of byNode(flow.of('call'))) {
      const { name, node } = group.all[0]!;
      if (!/^bpf_sock_(map|hash)_update$/.test(name) || group.all.some((call) => call.filtered)) continue;
      report({
        span: node,
        message: 'every connection of the cgroup is added, whatever its ports, addresses or process: filter first',
      });
    }
  },
};
