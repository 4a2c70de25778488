// An option that a target kernel does not take from BPF yet.

import { optionCalls } from '../option-calls.ts';
import type { Rule } from '../rule.ts';
import { kernelName, onKernels, sinceText } from '../words.ts';

export const optionSince: Rule = {
  code: 'option-since',
  severity: 'warning',
  title: 'An option that a target kernel does not take',
  doc:
    'The list of options that BPF may set or read has grown with the kernels: SO_KEEPALIVE and the TCP_KEEP* options can be set from 5.9, TCP_BPF_DELACK_MAX and TCP_BPF_RTO_MIN from 5.10, ' +
    'most of the rest from 6.1. On an older kernel the call gives -EINVAL and changes nothing; the program loads all the same.',
  example: {
    wrong: `SEC("sockops")
int clamp(struct bpf_sock_ops *skops)
{
	int bytes = 150000;

	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_setsockopt(skops, SOL_TCP, TCP_WINDOW_CLAMP, &bytes, sizeof(bytes));
	return 1;
}`,
    right: `SEC("sockops")
int clamp(struct bpf_sock_ops *skops)
{
	int bytes = 150000;

	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_setsockopt(skops, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { views } = analysis;
    for (const call of optionCalls(analysis)) {
      const { level, option, optionNode } = call;
      if (level === undefined || option === undefined || optionNode === undefined) continue;
      const missing = views.filter((view) => {
        const answer = view.sockopt(level, option);
        const side = answer === undefined ? undefined : answer[call.mode];
        return side !== undefined && side.presence === 'no' && side.everSince.length > 0;
      });
      const first = missing[0];
      if (first === undefined) continue;
      const answer = first.sockopt(level, option)!;
      const side = answer[call.mode];
      if (side.presence !== 'no') continue;
      const names = missing.map(kernelName);
      report({
        span: optionNode,
        message: `BPF can ${call.mode === 'set' ? 'set' : 'read'} ${answer.row.name} from kernel ${sinceText(side.everSince)}: the call fails with -EINVAL ${onKernels(names, views)}`,
        kernels: names,
      });
    }
  },
};
