// A field that always reads zero where it is read.

import type { OpRow } from '../../kernel/index.ts';
import type { ContextRead } from '../../syntax/index.ts';
import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { kernelName, onKernels, opNames, shortOp } from '../words.ts';

export const readsZero: Rule = {
  code: 'reads-zero',
  severity: 'warning',
  title: 'A field that is always zero in this op',
  doc:
    'Not every field means something in every op: `skb_*` fields are zero in ops without a packet, TCP fields are zero in the timestamp ops (no lock) and on request socks, and `args[n]` is zero ' +
    'in ops without that argument. The program reads a zero and takes it for a value.',
  example: {
    wrong: `SEC("sockops")
int retransmitted(struct bpf_sock_ops *skops)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_RETRANS_CB_FLAG);
		break;
	case BPF_SOCK_OPS_RETRANS_CB:
		bpf_printk("%u bytes", skops->skb_len);
		break;
	}
	return 1;
}`,
    right: `SEC("sockops")
int retransmitted(struct bpf_sock_ops *skops)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_RETRANS_CB_FLAG);
		break;
	case BPF_SOCK_OPS_RETRANS_CB:
		bpf_printk("%u segments", skops->args[1]);
		break;
	}
	return 1;
}`,
  },
  check: ({ flow, views }, report) => {
    for (const group of byNode(flow.of('context-read'))) {
      const first = group.all[0]!;
      const name = first.index === undefined ? first.spelled : `${first.spelled}[${first.index}]`;
      const reasons = group.all.map((read) => zeroBecause(read));
      if (reasons.every((reason) => reason !== undefined)) {
        report({
          span: group.node,
          message: `'${name}' always reads 0 in ${opNames(group.ops)}: ${reasons[0]!.text}`,
          severity: reasons[0]!.severity,
        });
        continue;
      }
      if (group.all.every((read) => read.op === first.op)) {
        const argument = argumentOf(first.op, first);
        const missing =
          argument === undefined
            ? []
            : views.filter((view) => view.presence('ops', argument.lifetimes) === 'no').map(kernelName);
        if (missing.length > 0)
          report({
            span: group.node,
            severity: 'information',
            message: `${shortOp(first.op.name)} has no '${name}' ${onKernels(missing, views)}: it reads 0 there`,
            kernels: missing,
          });
      }
    }
  },
};

const argumentOf = (op: OpRow, read: ContextRead) =>
  read.spelled === 'args' && read.index !== undefined
    ? op.arguments.find((argument) => argument.index === read.index)
    : undefined;

function zeroBecause(
  read: ContextRead,
): { readonly text: string; readonly severity: 'warning' | 'information' } | undefined {
  const { field, op, index } = read;
  if (read.spelled === 'args' && index !== undefined)
    return op.arguments.some((argument) => argument.index === index) || op.reply.kind === 'value'
      ? undefined
      : { text: 'the op has no such argument', severity: 'warning' };
  if (field.guard === 'skb' && op.packet.kind === 'none')
    return { text: 'there is no packet in this op', severity: 'warning' };
  if (field.guard === 'locked' && op.socket === 'full-unlocked')
    return { text: 'the socket is not locked in the timestamp ops', severity: 'warning' };
  if (
    (field.guard === 'locked' || field.guard === 'full') &&
    op.socket === 'full-or-request' &&
    read.fullSocket === false
  )
    return { text: 'the socket is not a full one here', severity: 'warning' };
  return undefined;
}
