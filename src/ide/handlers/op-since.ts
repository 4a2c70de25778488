// An op that a target kernel does not have: the branch for it is never taken there.

import { OPS, type OpRow } from '../../kernel/index.ts';
import type { Rule } from '../rule.ts';
import { everyName } from '../source-analysis.ts';
import { kernelName, listed, onKernels, sinceText } from '../words.ts';

const BY_NAME = new Map<string, OpRow>(OPS.map((row) => [row.name, row]));

export const opSince: Rule = {
  code: 'op-since',
  severity: 'information',
  title: 'An op that a target kernel does not have',
  doc:
    'Ops are numbers, so a program that handles a newer one loads on an older kernel; the branch is just never taken there. That is fine for ' +
    'a bonus and wrong for something the program relies on.',
  example: {
    wrong: `SEC("sockops")
int sent(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_TSTAMP_SND_SW_CB)
		bpf_printk("sent");
	return 1;
}`,
    right: `SEC("sockops")
int connecting(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_printk("connecting");
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { views } = analysis;
    const seen = new Set<number>();
    for (const expr of everyName(analysis)) {
      const row = BY_NAME.get(expr.name);
      if (row === undefined || seen.has(expr.start)) continue;
      seen.add(expr.start);
      const missing = views.filter((view) => view.presence('ops', row.lifetimes) === 'no').map(kernelName);
      if (missing.length === 0) continue;
      report({
        span: expr,
        severity: missing.length === views.length ? 'warning' : 'information',
        message: `${row.name} came with kernel ${sinceText(row.lifetimes)} and is never called ${missing.length === views.length ? 'on any target kernel' : onKernels(missing, views)}${missing.length === views.length && views.length > 1 ? ` (${listed(missing)})` : ''}`,
        kernels: missing,
      });
    }
  },
};
