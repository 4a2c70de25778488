// A field that a target kernel does not have yet.

import { contextField } from '../../syntax/index.ts';
import { contextFieldUses } from '../context-uses.ts';
import type { Rule } from '../rule.ts';
import { kernelName, onKernels, sinceText } from '../words.ts';

export const ctxFieldSince: Rule = {
  code: 'ctx-field-since',
  severity: 'error',
  title: 'A field that a target kernel does not have',
  doc:
    'struct bpf_sock_ops has grown: the TCP fields came with 4.16, `sk` with 5.3, `skb_data` and its relatives with 5.10, `skb_hwtstamp` with 6.2. ' +
    'A header newer than the kernel lets such a program compile; the kernel then refuses the access as out of bounds.\n\n' +
    'Leave the field out, take the older kernel off the list of targets, or ask with bpf_core_field_exists() first: the branch is then ' +
    'dead code on that kernel.',
  example: {
    wrong: `SEC("sockops")
int stamp(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_TSTAMP_SND_HW_CB && skops->skb_hwtstamp)
		bpf_printk("sent");
	return 1;
}`,
    right: `SEC("sockops")
int length(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_PARSE_HDR_OPT_CB && skops->skb_len)
		bpf_printk("received");
	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_PARSE_ALL_HDR_OPT_CB_FLAG);
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { views, file } = analysis;
    const asksFields = file.text.includes('bpf_core_field_exists');
    for (const use of contextFieldUses(analysis)) {
      const field = contextField(use.name);
      if (field === undefined) continue;
      if (asksFields && new RegExp(`bpf_core_field_exists\\s*\\([^;]*\\b${use.name}\\b`).test(file.text)) continue;
      const missing = views.filter((view) => view.presence('context', field.row.lifetimes) === 'no').map(kernelName);
      if (missing.length === 0) continue;
      report({
        span: use.nameSpan,
        message: `'${use.name}' needs kernel ${sinceText(field.row.lifetimes)}: it does not exist ${onKernels(missing, views)}`,
        kernels: missing,
        kernelWords: `invalid bpf_context access off=${field.row.offset} size=${field.row.size}`,
      });
    }
  },
};
