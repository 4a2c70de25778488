// An access to the context in a width or at an offset that the kernel refuses.

import type { CtxRefusal } from '../../kernel/index.ts';
import type { QuickFix } from '../diagnostic.ts';
import type { Rule } from '../rule.ts';
import { byNode, textOf } from '../source-analysis.ts';
import { kernelName, listed, onKernels } from '../words.ts';

export const ctxWidth: Rule = {
  code: 'ctx-width',
  severity: 'error',
  title: 'The context is accessed in a width that the kernel refuses',
  doc:
    'A field of struct bpf_sock_ops must be read whole, at its start: 4 bytes for most, 8 for bytes_received, bytes_acked, sk, skb_data, ' +
    'skb_data_end and skb_hwtstamp. Only skb_tcp_flags may be read with 1 or 2 bytes. Casts to narrower or wider pointers, and pointers into ' +
    'the middle of a field, are refused at load.',
  example: {
    wrong: `SEC("sockops")
int port(struct bpf_sock_ops *skops)
{
	__u16 port = *(__u16 *)&skops->local_port;

	return port != 22;
}`,
    right: `SEC("sockops")
int port(struct bpf_sock_ops *skops)
{
	__u16 port = (__u16)skops->local_port;

	return port != 22;
}`,
  },
  check: (analysis, report) => {
    const { flow, views } = analysis;
    for (const group of byNode(flow.of('context-access'))) {
      const { offset, size, mode, node } = group.all[0]!;
      if (node.kind === 'call') continue;
      const refused = views.flatMap((view) => {
        const answer = view.ctxAccess({ offset, size, mode });
        return answer.ok ? [] : [{ kernel: kernelName(view), why: answer.why, message: answer.message }];
      });
      const first = refused[0];
      if (first === undefined) continue;
      const kernels = refused.map((row) => row.kernel);
      const where = kernels.length === views.length ? '' : ` ${onKernels(kernels, views)}`;
      report({
        span: node,
        message: `${mode === 'read' ? 'a read' : 'a write'} of ${size} byte${size === 1 ? '' : 's'} here is refused${where}: ${why(first.why)}`,
        kernels,
        kernelWords: first.message,
        fixes: directReadFix(textOf(analysis, node), node, mode),
      });
    }
  },
};

/** The refusal in words; shared with the merged-read rule. */
export function why(refusal: CtxRefusal): string {
  switch (refusal.kind) {
    case 'outside':
      return `the structure ends at ${refusal.ctxSize} bytes`;
    case 'not-yet':
      return `'${refusal.field.name}' does not exist yet`;
    case 'misaligned':
      return 'the offset is not a multiple of the size';
    case 'wrong-size':
      return `'${refusal.field.name}' is accessed with ${listed(refusal.wanted.map(String), 'or')} bytes`;
    case 'inside-field':
      return `'${refusal.field.name}' must be accessed whole, ${listed(refusal.wanted.map(String), 'or')} bytes at its start`;
    case 'spans-fields':
      return 'it covers more than one field';
    case 'read-only':
      return `'${refusal.field.name}' is read-only`;
  }
}

/** `*(T *)&ctx->field` becomes `(T)ctx->field`. */
function directReadFix(
  text: string,
  span: { readonly start: number; readonly end: number },
  mode: 'read' | 'write',
): QuickFix[] {
  const match =
    /^\*\s*\(\s*(?:volatile\s+|const\s+)*([\w ]+?)\s*\*\s*\)\s*&\s*(\w+\s*->\s*\w+(?:\s*\[\s*\w+\s*\])?)$/.exec(text);
  if (!match || mode === 'write') return [];
  return [
    {
      title: 'Read the whole field and convert',
      edits: [{ ...span, newText: `(${match[1]})${match[2]}` }],
      preferred: true,
    },
  ];
}
