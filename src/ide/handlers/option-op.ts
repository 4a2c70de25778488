// An option that fails or is lost in the op where it is set.

import { OPS, type OpRow } from '../../kernel/index.ts';
import { optionCalls } from '../option-calls.ts';
import type { Rule } from '../rule.ts';
import { kernelName, onKernels, opNames } from '../words.ts';

/** TCP_BPF_IW set before the connection is established is overwritten by tcp_init_transfer(). */
const IW_OPS = new Set(['BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB', 'BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB']);

export const optionOp: Rule = {
  code: 'option-op',
  severity: 'warning',
  title: 'An option that does nothing in this op',
  doc:
    'TCP_BPF_IW sets the congestion window once, and the kernel sets it to the default just before the ESTABLISHED callbacks: set earlier it is lost, set after data has gone out it gives -EINVAL. ' +
    'TCP_NODELAY in HDR_OPT_LEN_CB or WRITE_HDR_OPT_CB sends data and so calls the program again from within; newer kernels refuse it.',
  example: {
    wrong: `SEC("sockops")
int iw(struct bpf_sock_ops *skops)
{
	int iw = 40;

	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_setsockopt(skops, SOL_TCP, TCP_BPF_IW, &iw, sizeof(iw));
	return 1;
}`,
    right: `SEC("sockops")
int iw(struct bpf_sock_ops *skops)
{
	int iw = 40;

	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_setsockopt(skops, SOL_TCP, TCP_BPF_IW, &iw, sizeof(iw));
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { views } = analysis;
    for (const call of optionCalls(analysis)) {
      if (
        call.mode !== 'set' ||
        call.all.length > 12 ||
        call.level === undefined ||
        call.option === undefined ||
        call.optionNode === undefined
      )
        continue;
      const row = views[0]?.sockopt(call.level, call.option)?.row;
      if (row === undefined) continue;
      const ops = (OPS as readonly OpRow[]).filter((op) => (call.ops & (1 << op.number)) !== 0);
      if (row.name === 'TCP_BPF_IW' && ops.every((op) => !IW_OPS.has(op.name))) {
        report({
          span: call.optionNode,
          message: `TCP_BPF_IW has no effect in ${opNames(call.ops)}: set it in ACTIVE_ESTABLISHED_CB or PASSIVE_ESTABLISHED_CB`,
        });
        continue;
      }
      for (const limit of row.notInOps ?? []) {
        const inside = ops.filter((op) => limit.ops.includes(op.name));
        if (inside.length === 0) continue;
        const refusing = views.filter((view) => view.presence('options', limit.lifetimes) !== 'no').map(kernelName);
        const mask = inside.reduce((all, op) => all | (1 << op.number), 0);
        report({
          span: call.optionNode,
          message:
            refusing.length === 0
              ? `setting ${row.name} in ${opNames(mask)} calls this program again from within; newer kernels refuse it`
              : `${row.name} cannot be set in ${opNames(mask)}: it gives error ${limit.errno} ${onKernels(refusing, views)}`,
        });
      }
    }
  },
};
