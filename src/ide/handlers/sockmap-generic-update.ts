// bpf_map_update_elem() on a map of sockets.

import type { HelperCall } from '../../syntax/index.ts';
import type { QuickFix } from '../diagnostic.ts';
import { mapTypeOf } from '../maps.ts';
import { contextNameAt } from '../mend.ts';
import type { Rule } from '../rule.ts';
import { byNode, isLiteral, type SourceAnalysis, textOf } from '../source-analysis.ts';

const UPDATERS: Readonly<Record<string, string>> = {
  BPF_MAP_TYPE_SOCKMAP: 'bpf_sock_map_update',
  BPF_MAP_TYPE_SOCKHASH: 'bpf_sock_hash_update',
};

export const sockmapGenericUpdate: Rule = {
  code: 'sockmap-generic-update',
  severity: 'error',
  title: 'A sockmap is updated by the generic helper',
  doc:
    'A sock_ops program puts the socket it runs for into a sockmap or sockhash with bpf_sock_map_update() or bpf_sock_hash_update(), which take the context. bpf_map_update_elem() on such a map is refused at load ' +
    '("cannot update sockmap in this context"). Deleting with bpf_map_delete_elem() is allowed.',
  example: {
    wrong: `struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

SEC("sockops")
int add(struct bpf_sock_ops *skops)
{
	__u32 key = skops->local_port;
	struct bpf_sock *sk = skops->sk;

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || !sk || key != 443)
		return 1;
	if (bpf_map_update_elem(&sockets, &key, sk, BPF_ANY))
		bpf_printk("not added");
	return 1;
}`,
    right: `struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

SEC("sockops")
int add(struct bpf_sock_ops *skops)
{
	__u32 key = skops->local_port;

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || key != 443)
		return 1;
	if (bpf_sock_hash_update(skops, &sockets, &key, BPF_ANY))
		bpf_printk("not added");
	return 1;
}`,
  },
  check: (analysis, report) => {
    for (const group of byNode(analysis.flow.of('call'))) {
      const call = group.all[0]!;
      if (call.name !== 'bpf_map_update_elem') continue;
      const map = call.args[0];
      const type = map?.kind === 'map' ? mapTypeOf(analysis.source, map.name) : undefined;
      const updater = type === undefined ? undefined : UPDATERS[type];
      if (updater === undefined) continue;
      report({
        span: call.node,
        message: `a map of sockets is updated with ${updater}(), not with bpf_map_update_elem()`,
        kernelWords: 'cannot update sockmap in this context',
        fixes: updaterFix(analysis, call, updater),
      });
    }
  },
};

function updaterFix(analysis: SourceAnalysis, call: HelperCall, updater: string): QuickFix[] {
  const [map, key, , flags] = call.node.args;
  const ctx = contextNameAt(analysis, call.node.start);
  if (
    map === undefined ||
    key === undefined ||
    flags === undefined ||
    ctx === undefined ||
    !isLiteral(analysis, call.node)
  )
    return [];
  const newText = `${updater}(${ctx}, ${textOf(analysis, map)}, ${textOf(analysis, key)}, ${textOf(analysis, flags)})`;
  return [
    { title: `Use ${updater}()`, edits: [{ start: call.node.start, end: call.node.end, newText }], preferred: true },
  ];
}
