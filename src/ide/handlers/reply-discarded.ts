// A reply, or a reserved header option, that is thrown away because the program returns 0.

import type { Returned } from '../../syntax/index.ts';
import type { QuickFix } from '../diagnostic.ts';
import type { Rule } from '../rule.ts';
import { byNode, isLiteral, type SourceAnalysis } from '../source-analysis.ts';
import { opNames } from '../words.ts';

export const replyDiscarded: Rule = {
  code: 'reply-discarded',
  severity: 'warning',
  title: 'The answer is thrown away by `return 0`',
  doc:
    'The return value of a sock_ops program says whether its answer counts. With 0 the kernel behaves as if no program had run: the reply is dropped, a reservation made in HDR_OPT_LEN_CB is ' +
    'dropped, and options stored in WRITE_HDR_OPT_CB are overwritten with NOPs. Return 1.',
  example: {
    wrong: `SEC("sockops")
int window(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT)
		skops->reply = 40;
	return 0;
}`,
    right: `SEC("sockops")
int window(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT)
		skops->reply = 40;
	return 1;
}`,
  },
  check: (analysis, report) => {
    for (const group of byNode(analysis.flow.of('return'))) {
      const lost = group.all.filter((returned) => isZero(returned) && throwsAway(returned) !== undefined);
      const first = lost[0];
      if (first === undefined) continue;
      const mask = lost.reduce((ops, returned) => ops | (1 << returned.op.number), 0);
      const why = throwsAway(first)!;
      report({
        span: group.node,
        message: `returning 0 ${why.what} in ${opNames(mask)}: return 1`,
        related: [{ span: why.node, message: why.related }],
        fixes: returnOneFix(analysis, first),
      });
    }
  },
};

export const isZero = (returned: Returned): boolean =>
  returned.value.kind === 'ints' && returned.value.values.every((v) => v === 0n);

interface Loss {
  readonly what: string;
  readonly node: { readonly start: number; readonly end: number };
  readonly related: string;
}

/** What `return 0` loses on this path. */
export function throwsAway(returned: Returned): Loss | undefined {
  if (returned.op.reply.kind === 'value' && returned.reply !== undefined) {
    const { value, node } = returned.reply;
    const noOpinion = value.kind === 'ints' && value.values.every((v) => BigInt.asIntN(32, v) === -1n);
    return noOpinion ? undefined : { what: 'throws the reply away', node, related: 'the reply is written here' };
  }
  const reserve = returned.before.get('bpf_reserve_hdr_opt');
  if (returned.op.name === 'BPF_SOCK_OPS_HDR_OPT_LEN_CB' && reserve !== undefined)
    return {
      what: 'drops the space reserved for the header option',
      node: reserve,
      related: 'the space is reserved here',
    };
  const store = returned.before.get('bpf_store_hdr_opt');
  if (returned.op.name === 'BPF_SOCK_OPS_WRITE_HDR_OPT_CB' && store !== undefined)
    return {
      what: 'makes the kernel overwrite the header option with NOPs',
      node: store,
      related: 'the option is stored here',
    };
  return undefined;
}

/** `return 0` becomes `return 1`. */
export function returnOneFix(analysis: SourceAnalysis, returned: Returned): QuickFix[] {
  const { value } = returned.node;
  if (value === undefined || !isLiteral(analysis, value)) return [];
  return [{ title: 'Return 1', edits: [{ start: value.start, end: value.end, newText: '1' }], preferred: true }];
}
