// A reply in an op that asks for none.

import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { opNames } from '../words.ts';

export const replyIgnored: Rule = {
  code: 'reply-ignored',
  severity: 'warning',
  title: 'A reply that the kernel ignores',
  doc: 'Only TIMEOUT_INIT, RWND_INIT, NEEDS_ECN and BASE_RTT are questions. In every other op the kernel does not look at `reply`, and a value written there does nothing.',
  example: {
    wrong: `SEC("sockops")
int window(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		skops->reply = 40;
	return 1;
}`,
    right: `SEC("sockops")
int window(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT)
		skops->reply = 40;
	return 1;
}`,
  },
  check: ({ flow }, report) => {
    for (const group of byNode(flow.of('context-write'))) {
      const isReply = (write: (typeof group.all)[number]): boolean =>
        write.spelled === 'reply' || (write.field.name === 'args' && write.index === 0);
      if (!group.all.every((write) => isReply(write) && write.op.reply.kind === 'ignored')) continue;
      // What a helper returned is put there for people to see in a trace.
      if (!group.all.some((write) => write.value.kind === 'ints')) continue;
      // -1 is the usual way to say "no opinion", and means nothing anywhere.
      if (
        group.all.every(
          (write) => write.value.kind === 'ints' && write.value.values.every((v) => BigInt.asIntN(32, v) === -1n),
        )
      )
        continue;
      report({
        span: group.node,
        message: `the kernel ignores the reply in ${opNames(group.ops)}: only TIMEOUT_INIT, RWND_INIT, NEEDS_ECN and BASE_RTT ask for one`,
      });
    }
  },
};
