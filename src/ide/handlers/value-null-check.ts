// The result of a lookup is used without a test for NULL.

import type { PointerTarget } from '../../syntax/index.ts';
import { nullGuard } from '../null-guard.ts';
import type { Rule } from '../rule.ts';
import { byNode, textOf } from '../source-analysis.ts';

export const valueNullCheck: Rule = {
  code: 'value-null-check',
  severity: 'error',
  title: 'The result of a lookup is used without a test for NULL',
  doc: 'bpf_map_lookup_elem(), bpf_sk_storage_get(), bpf_tcp_sock() and bpf_ringbuf_reserve() give NULL when there is nothing. The verifier refuses a program that follows the pointer before it has tested it.',
  example: {
    wrong: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

SEC("sockops")
int count(struct bpf_sock_ops *skops)
{
	__u32 zero = 0;
	__u64 *value = bpf_map_lookup_elem(&seen, &zero);

	*value += 1;
	return 1;
}`,
    right: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

SEC("sockops")
int count(struct bpf_sock_ops *skops)
{
	__u32 zero = 0;
	__u64 *value = bpf_map_lookup_elem(&seen, &zero);

	if (value)
		*value += 1;
	return 1;
}`,
  },
  check: (analysis, report) => {
    // The verifier stops at the first use of a pointer, and one test mends them all.
    const told = new Set<number>();
    const groups = [...byNode(analysis.flow.of('dereference'))].sort((a, b) => a.node.start - b.node.start);
    for (const group of groups) {
      const open = group.all.find(
        (use) => use.pointer.kind === 'pointer' && use.pointer.to.kind !== 'sock' && !use.checked,
      );
      if (open === undefined || open.pointer.kind !== 'pointer' || told.has(open.pointer.node.start)) continue;
      told.add(open.pointer.node.start);
      report({
        span: open.pointerNode,
        message: `'${textOf(analysis, open.pointerNode).slice(0, 60)}' may be NULL here: test it first`,
        kernelWords: `invalid mem access '${KERNEL_TYPE[open.pointer.to.kind]}'`,
        related: [{ span: open.pointer.node, message: 'it comes from here' }],
        fixes: nullGuard(analysis, open.pointerNode),
      });
    }
  },
};

const KERNEL_TYPE = {
  sock: 'sock_or_null',
  'tcp-sock': 'tcp_sock_or_null',
  'map-value': 'map_value_or_null',
  memory: 'ringbuf_mem_or_null',
} satisfies Record<PointerTarget['kind'], string>;
