// Packet bytes are read without a comparison with skb_data_end.

import type { Expr } from '../../syntax/index.ts';
import type { QuickFix } from '../diagnostic.ts';
import { contextNameAt, guardFix } from '../mend.ts';
import type { Rule } from '../rule.ts';
import { byNode, isLiteral, type SourceAnalysis, textOf } from '../source-analysis.ts';

export const packetBounds: Rule = {
  code: 'packet-bounds',
  severity: 'error',
  title: 'Packet bytes are read without a bounds check',
  doc:
    '`skb_data` points to the TCP header, and only bytes below `skb_data_end` may be read. The verifier wants a comparison that shows it: `if ((void *)(th + 1) > data_end) return 1;`. In HDR_OPT_LEN_CB and the timestamp ops the ' +
    'range is empty, so that the check fails there, as it must.',
  example: {
    wrong: `SEC("sockops")
int header(struct bpf_sock_ops *skops)
{
	__u8 *bytes = skops->skb_data;

	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_printk("%x", bytes[12]);
	return 1;
}`,
    right: `SEC("sockops")
int header(struct bpf_sock_ops *skops)
{
	__u8 *bytes = skops->skb_data;

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		return 1;
	if ((void *)(bytes + 20) > skops->skb_data_end)
		return 1;
	bpf_printk("%x", bytes[12]);
	return 1;
}`,
  },
  check: (analysis, report) => {
    for (const group of byNode(analysis.flow.of('dereference'))) {
      const open = group.all.find((use) => use.pointer.kind === 'packet' && !use.checked);
      if (open === undefined) continue;
      report({
        span: group.node,
        message: 'packet bytes are read here and nothing has compared the pointer with skb_data_end',
        kernelWords: 'invalid access to packet',
        related: [{ span: open.pointer.node, message: 'the pointer comes from here' }],
        fixes: boundsFix(analysis, open.pointerNode, group.node as Expr),
      });
    }
  },
};

function boundsFix(analysis: SourceAnalysis, pointer: Expr, use: Expr): QuickFix[] {
  const ctx = contextNameAt(analysis, pointer.start);
  if (ctx === undefined || !isLiteral(analysis, pointer)) return [];
  const text = textOf(analysis, pointer);
  if (!/^\w+$/.test(text)) return [];
  const index = use.kind === 'index' ? analysis.constant(use.index) : undefined;
  const beyond = use.kind === 'index' && index !== undefined ? index + 1n : 1n;
  return guardFix(
    analysis,
    use.start,
    `(void *)(${text} + ${beyond}) > (void *)(long)${ctx}->skb_data_end`,
    'Leave when the packet is shorter',
  );
}
