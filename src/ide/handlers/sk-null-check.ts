// skops->sk is used without a test for NULL.

import { helperByName } from '../helpers.ts';
import { nullGuard } from '../null-guard.ts';
import type { Rule } from '../rule.ts';
import { byNode, type SourceAnalysis, textOf } from '../source-analysis.ts';

export const skNullCheck: Rule = {
  code: 'sk-null-check',
  severity: 'error',
  title: '`sk` is used without a test for NULL',
  doc:
    '`skops->sk` is NULL on a request sock (the passive side before the connection is established), and the verifier wants to see the test before the pointer is followed or given to a helper such as ' +
    'bpf_sk_storage_get() or bpf_tcp_sock(). Read it once into a variable, test that, and use the variable.',
  example: {
    wrong: `SEC("sockops")
int mark(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_printk("mark %u", skops->sk->mark);
	return 1;
}`,
    right: `SEC("sockops")
int mark(struct bpf_sock_ops *skops)
{
	struct bpf_sock *sk = skops->sk;

	if (!sk)
		return 1;
	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_printk("mark %u", sk->mark);
	return 1;
}`,
  },
  check: (analysis, report) => {
    for (const group of byNode(analysis.flow.of('dereference'))) {
      const open = group.all.find(
        (use) => use.pointer.kind === 'pointer' && use.pointer.to.kind === 'sock' && !use.checked,
      );
      if (open === undefined) continue;
      report({
        span: open.pointerNode,
        message: `'${short(analysis, open.pointerNode)}' may be NULL here: test it first`,
        kernelWords: "invalid mem access 'sock_or_null'",
        fixes: nullGuard(analysis, open.pointerNode),
      });
    }
    for (const group of byNode(analysis.flow.of('call'))) {
      const call = group.all[0]!;
      const row = helperByName(call.name);
      call.args.forEach((value, i) => {
        const wanted = row?.sockOps?.arguments[i]?.arg;
        if (value.kind !== 'pointer' || value.to.kind !== 'sock' || call.tested[i] === true || wanted === undefined)
          return;
        if (
          (wanted.kind !== 'sock-common' && wanted.kind !== 'btf-sock-common') ||
          ('nullable' in wanted && wanted.nullable === true)
        )
          return;
        if (group.all.every((other) => other.vague || other.tested[i] === true)) return;
        const node = call.node.args[i]!;
        report({
          span: node,
          message: `${call.name}() does not take NULL, and '${short(analysis, node)}' may be NULL here: test it first`,
          kernelWords: 'type=sock_or_null expected=sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_',
          related: value.node === node ? [] : [{ span: value.node, message: 'read here' }],
          fixes: nullGuard(analysis, node),
        });
      });
    }
  },
};

const short = (analysis: SourceAnalysis, node: { readonly start: number; readonly end: number }): string =>
  textOf(analysis, node).slice(0, 60);
