// A field of the context that no program may write.

import type { Expr } from '../../syntax/index.ts';
import type { QuickFix } from '../diagnostic.ts';
import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { kernelName, onKernels } from '../words.ts';

export const ctxReadOnly: Rule = {
  code: 'ctx-read-only',
  severity: 'error',
  title: 'A read-only field of the context is written',
  doc:
    'A sock_ops program can write two words of struct bpf_sock_ops: its answer (`reply`, which is also `args[0]` and `replylong[0]`) and ' +
    '`sk_txhash`. A store to any other offset is refused when the program is loaded.\n\n' +
    'There is no way to change addresses, ports or TCP state by a store. To refuse a connection use a cgroup/connect4 or ' +
    'cgroup/skb program; to change TCP parameters call bpf_setsockopt().',
  example: {
    wrong: `SEC("sockops")
int reject(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		skops->remote_ip4 = 0;
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
  check: ({ flow, views, file }, report) => {
    for (const group of byNode(flow.of('context-write'))) {
      const first = group.all[0]!;
      const { field, spelled, index } = first;
      if (index === undefined && field.count > 1 && spelled !== 'reply') continue;
      const offset = field.offset + (index ?? 0) * field.size;
      const refused = views.flatMap((view) => {
        const answer = view.ctxAccess({ offset, size: field.size, mode: 'write' });
        return answer.ok || answer.why.kind !== 'read-only'
          ? []
          : [{ kernel: kernelName(view), message: answer.message }];
      });
      if (refused.length === 0) continue;
      const name = index === undefined ? spelled : `${spelled}[${index}]`;
      const kernels = refused.map((row) => row.kernel);
      const where = kernels.length === views.length ? '' : ` ${onKernels(kernels, views)}`;
      const hint =
        spelled === 'replylong' || spelled === 'args'
          ? '; the answer is one word, reply'
          : '; only reply and sk_txhash can be written';
      report({
        span: group.node,
        message: `'${name}' is read-only${where}${hint}`,
        kernels,
        kernelWords: refused[0]!.message,
        fixes: comparisonFix(file.text, group.node as Expr, first.valueNode),
      });
    }
  },
};

/** `if (ctx->op = X)` is a comparison that lost a character. */
function comparisonFix(text: string, target: Expr, value: Expr | undefined): QuickFix[] {
  if (value === undefined || value.start <= target.end) return [];
  const between = text.slice(target.end, value.start);
  const at = between.indexOf('=');
  const before = text.slice(0, target.start).trimEnd();
  if (at < 0 || between.includes('==') || !/\b(if|while)\s*\($/.test(before)) return [];
  const start = target.end + at;
  return [{ title: "Compare with '=='", edits: [{ start, end: start + 1, newText: '==' }], preferred: true }];
}
