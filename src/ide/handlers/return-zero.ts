// `return 0` in ops that ask: it silences the whole cgroup tree.

import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { opNames } from '../words.ts';
import { isZero, returnOneFix, throwsAway } from './reply-discarded.ts';

export const returnZero: Rule = {
  code: 'return-zero',
  severity: 'information',
  title: '`return 0` also drops the answers of other programs',
  doc:
    'All sock_ops programs of the cgroup tree run for a callback, and when one of them returns 0 the reply of every one is dropped. "Nothing to do" is therefore `return 1` with `reply` left alone; ' +
    '`return 0` is for a program that wants the defaults to win.',
  example: {
    wrong: `SEC("sockops")
int only_connect(struct bpf_sock_ops *skops)
{
	if (skops->op != BPF_SOCK_OPS_TCP_CONNECT_CB)
		return 0;
	bpf_printk("connecting");
	return 1;
}`,
    right: `SEC("sockops")
int only_connect(struct bpf_sock_ops *skops)
{
	if (skops->op != BPF_SOCK_OPS_TCP_CONNECT_CB)
		return 1;
	bpf_printk("connecting");
	return 1;
}`,
  },
  check: (analysis, report) => {
    const programs = new Set(
      analysis.source.contextFunctions.filter((entry) => entry.role === 'program').map((entry) => entry.item),
    );
    for (const group of byNode(analysis.flow.of('return'))) {
      const silent = group.all.filter(
        (returned) => programs.has(returned.program) && isZero(returned) && returned.op.reply.kind === 'value',
      );
      const first = silent[0];
      if (first === undefined || group.all.some((returned) => isZero(returned) && throwsAway(returned) !== undefined))
        continue;
      const mask = silent.reduce((ops, returned) => ops | (1 << returned.op.number), 0);
      report({
        span: group.node,
        message: `returning 0 makes the kernel drop the reply of every program of the cgroup tree in ${opNames(mask)}: return 1 and leave reply alone`,
        fixes: returnOneFix(analysis, first),
      });
    }
  },
};
