// A helper or kfunc that sock_ops programs may not call, at all or on a target kernel.

import type { HelperRow } from '../../kernel/index.ts';
import { helperByName } from '../helpers.ts';
import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { kernelName, onKernels, sinceText } from '../words.ts';

export const helperNotAllowed: Rule = {
  code: 'helper-not-allowed',
  severity: 'error',
  title: 'A helper that sock_ops programs may not call',
  doc:
    'Every program type has its own list of helpers, and it grows with the kernels. A call of one that is not on the list of a target kernel makes that kernel refuse the whole program. ' +
    'Headers do not tell: they declare every helper there is.',
  example: {
    wrong: `SEC("sockops")
int who(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_printk("pid %d", bpf_get_current_pid_tgid() >> 32);
	return 1;
}`,
    right: `SEC("sockops")
int who(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_printk("cookie %llu", bpf_get_socket_cookie(skops));
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { flow, views, source, file } = analysis;
    // A program that asks for the kernel's version or for types at run time may never reach the call on an older one.
    const asksKernel = /LINUX_KERNEL_VERSION|bpf_core_(enum_value|type|field)_exists/.test(file.text);
    for (const group of byNode(flow.of('call'))) {
      const { name, node } = group.all[0]!;
      if (source.functions.get(name)?.body !== undefined) continue;
      const row = helperByName(name);
      if (row !== undefined) checkHelper(row, name, node.callee);
      else if (source.functions.get(name)?.annotations.some((note) => note.name === '__ksym'))
        checkKfunc(name, node.callee);
    }

    function checkHelper(row: HelperRow, name: string, span: { readonly start: number; readonly end: number }): void {
      const refusals = views.flatMap((view) => {
        const answer = view.helper(row.id, { gplCompatible: true });
        return answer.ok || answer.why === 'gpl-only'
          ? []
          : [{ kernel: kernelName(view), why: answer.why, message: answer.message }];
      });
      const first = refusals[0];
      if (first === undefined) return;
      const kernels = refusals.map((refusal) => refusal.kernel);
      const via = name === row.name ? '' : ` (${name} uses ${row.name}())`;
      const text =
        first.why === 'never' || row.sockOps === undefined
          ? `no kernel lets a sock_ops program call ${row.name}()${via}${row.instead === undefined ? '' : `; ${row.instead}`}`
          : first.why === 'may-sleep'
            ? `${row.name}() may sleep, which a sock_ops program must not`
            : first.why === 'removed'
              ? `${row.name}() is no longer there ${onKernels(kernels, views)}`
              : `sock_ops programs can call ${row.name}() from kernel ${sinceText(row.sockOps.lifetimes)}, so it is refused ${onKernels(kernels, views)}${via}`;
      report({
        span,
        message: text,
        kernels,
        kernelWords: first.message,
        ...(asksKernel && first.why === 'not-yet' ? { severity: 'information' as const } : {}),
      });
    }

    function checkKfunc(name: string, span: { readonly start: number; readonly end: number }): void {
      const refusals = views.flatMap((view) => {
        const answer = view.kfunc(name);
        return answer.ok || answer.why === 'unknown-name'
          ? []
          : [{ kernel: kernelName(view), message: answer.message, row: answer.row }];
      });
      const first = refusals[0];
      if (first?.row === undefined) return;
      const kernels = refusals.map((refusal) => refusal.kernel);
      report({
        span,
        message:
          first.row.lifetimes.length === 0
            ? `no kernel lets a sock_ops program call the kfunc ${name}()`
            : `sock_ops programs can call the kfunc ${name}() from kernel ${sinceText(first.row.lifetimes)}, so it is refused ${onKernels(kernels, views)}`,
        kernels,
        kernelWords: first.message,
        ...(asksKernel ? { severity: 'information' as const } : {}),
      });
    }
  },
};
