// rtt_min read where the socket may be a request sock, on kernels that do not guard the read.

import { contextNameAt, guardFix } from '../mend.ts';
import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { kernelName, onKernels, opNames } from '../words.ts';

export const rttMinUnguarded: Rule = {
  code: 'rtt-min-unguarded',
  severity: 'warning',
  title: 'rtt_min is read past the end of a request sock',
  doc:
    '`rtt_min` is the one TCP field that older kernels read without asking whether the socket is a full one. In TIMEOUT_INIT, RWND_INIT, NEEDS_ECN and the header-option ops of the ' +
    'passive side the socket is a request sock, and the program gets whatever lies behind it in memory. Ask `skops->is_fullsock` first.',
  example: {
    wrong: `SEC("sockops")
int window(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT && skops->rtt_min < 1000)
		skops->reply = 40;
	return 1;
}`,
    right: `SEC("sockops")
int window(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT && skops->is_fullsock && skops->rtt_min < 1000)
		skops->reply = 40;
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { flow, views } = analysis;
    const unguarded = views.filter((view) => view.has('context-rtt-min-unguarded')).map(kernelName);
    if (unguarded.length === 0) return;
    for (const group of byNode(flow.of('context-read'))) {
      if (group.all[0]!.field.guard !== 'none') continue;
      const open = group.all.filter((read) => read.op.socket === 'full-or-request' && read.fullSocket !== true);
      if (open.length === 0) continue;
      const mask = open.reduce((ops, read) => ops | (1 << read.op.number), 0);
      const ctx = contextNameAt(analysis, group.node.start);
      report({
        span: group.node,
        message: `${onKernels(unguarded, views)} 'rtt_min' is read past the end of a request sock in ${opNames(mask)}: test is_fullsock first`,
        kernels: unguarded,
        fixes:
          ctx === undefined
            ? []
            : guardFix(analysis, group.node.start, `!${ctx}->is_fullsock`, `Leave when '${ctx}->is_fullsock' is 0`),
      });
    }
  },
};
