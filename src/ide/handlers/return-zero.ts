// `return 0` in ops that ask: it silences the whole cgroup tree.

import type { TextSpan } from '../../base/index.ts';
import type { OpMask } from '../../syntax/index.ts';
import type { QuickFix } from '../diagnostic.ts';
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
    const places: {
      readonly program: unknown;
      readonly span: TextSpan;
      readonly mask: OpMask;
      readonly fixes: QuickFix[];
    }[] = [];
    for (const group of byNode(analysis.flow.of('return'))) {
      const silent = group.all.filter(
        (returned) => programs.has(returned.program) && isZero(returned) && returned.op.reply.kind === 'value',
      );
      const first = silent[0];
      if (first === undefined || group.all.some((returned) => isZero(returned) && throwsAway(returned) !== undefined))
        continue;
      const mask = silent.reduce((ops, returned) => ops | (1 << returned.op.number), 0);
      places.push({ program: first.program, span: group.node, mask, fixes: returnOneFix(analysis, first) });
    }
    // One diagnostic for a program: programs that do not know of it return 0 everywhere.
    for (const program of new Set(places.map((place) => place.program))) {
      const all = places.filter((place) => place.program === program);
      const [first, ...others] = all;
      if (first === undefined) continue;
      const mask = all.reduce((ops, place) => ops | place.mask, 0);
      const edits = all.flatMap((place) => place.fixes.flatMap((fix) => fix.edits));
      report({
        span: first.span,
        message: `returning 0 makes the kernel drop the reply of every program of the cgroup tree in ${opNames(mask)}: return 1 and leave reply alone`,
        related: others.map(({ span }) => ({ span, message: 'returns 0 here too' })),
        fixes:
          edits.length === 0
            ? []
            : [
                {
                  title: edits.length === 1 ? 'Return 1' : `Return 1 in ${edits.length} places`,
                  edits,
                  preferred: true,
                },
              ],
      });
    }
  },
};
