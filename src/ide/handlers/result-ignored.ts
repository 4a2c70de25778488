// The result of a helper that often fails is thrown away.

import type { Expr } from '../../syntax/index.ts';
import { walkStmts } from '../../syntax/index.ts';
import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';

const OFTEN_FAILS: Readonly<Record<string, string>> = {
  bpf_sock_map_update:
    'the map may be full, or with BPF_NOEXIST the key may be there from a connection that used the tuple before',
  bpf_sock_hash_update:
    'the map may be full, or with BPF_NOEXIST the key may be there from a connection that used the tuple before',
};

export const resultIgnored: Rule = {
  code: 'result-ignored',
  severity: 'information',
  title: 'The result of an update is ignored',
  doc:
    'bpf_sock_hash_update() and bpf_sock_map_update() fail in ordinary operation: the map is full, or BPF_NOEXIST meets a key that an earlier connection with the same tuple has left. Count or log the failure, ' +
    'or use BPF_ANY where a newer socket should win.',
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

	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB && bpf_ntohl(skops->remote_port) == 443)
		bpf_sock_hash_update(skops, &sockets, &key, BPF_NOEXIST);
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

	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB && bpf_ntohl(skops->remote_port) == 443)
		if (bpf_sock_hash_update(skops, &sockets, &key, BPF_NOEXIST))
			bpf_printk("not added");
	return 1;
}`,
  },
  check: (analysis, report) => {
    const statements = new Set<Expr>();
    for (const item of analysis.source.functions.values())
      if (item.body !== undefined)
        walkStmts(item.body, (stmt) => {
          if (stmt.kind === 'expression') statements.add(stmt.expr);
        });
    for (const group of byNode(analysis.flow.of('call'))) {
      const { name, node } = group.all[0]!;
      const why = OFTEN_FAILS[name];
      if (why !== undefined && statements.has(node))
        report({ span: node, message: `the result of ${name}() is ignored: ${why}` });
    }
  },
};
