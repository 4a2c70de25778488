// A branch for an op that cannot be the current one there, because an earlier test has already excluded it.

import { OPS, type OpRow } from '../../kernel/index.ts';
import { handledOps } from '../handled-ops.ts';
import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { opNames, shortOp } from '../words.ts';

const BY_NUMBER = new Map<number, OpRow>(OPS.map((row) => [row.number, row]));

export const opNeverReached: Rule = {
  code: 'op-never-reached',
  severity: 'warning',
  title: 'A test for an op that cannot hold here',
  doc:
    'Following the value of `skops->op` through variables, early returns, macros and static functions shows that this label or comparison can never match: ' +
    'an earlier test has returned for the op, the switch has an earlier label for it, or the constant is no op at all (a TCP state, say).',
  example: {
    wrong: `SEC("sockops")
int both(struct bpf_sock_ops *skops)
{
	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		return 1;
	if (skops->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_printk("accepted");
	return 1;
}`,
    right: `SEC("sockops")
int both(struct bpf_sock_ops *skops)
{
	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB && skops->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		return 1;
	if (skops->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_printk("accepted");
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { flow } = analysis;
    if (flow.incomplete) return;
    const reached = new Map<string, number>();
    for (const group of [...byNode(flow.of('case-label')), ...byNode(flow.of('comparison'))]) {
      const first = group.all[0]!;
      const nodes = first.kind === 'case-label' ? [first.node.value] : [first.leftNode, first.rightNode];
      for (const node of nodes)
        if (node !== undefined)
          reached.set(`${node.start}:${node.end}`, (reached.get(`${node.start}:${node.end}`) ?? 0) | group.ops);
    }
    for (const handled of handledOps(analysis)) {
      const mask = reached.get(`${handled.span.start}:${handled.span.end}`);
      if (mask === undefined) continue;
      const row = BY_NUMBER.get(handled.op);
      if (row === undefined || row.socket === 'none') {
        report({ span: handled.span, message: `the kernel passes no op ${handled.op}, so this never matches` });
        continue;
      }
      if ((mask & (1 << handled.op)) !== 0) continue;
      if (handled.how === 'not-equal') continue;
      report({
        span: handled.span,
        message: `${shortOp(row.name)} cannot be the op here: only ${opNames(mask)} ${mask === (mask & -mask) ? 'comes' : 'come'} this far`,
        unnecessary: true,
      });
    }
  },
};
