// A name that looks like an op (or a callback flag) and is none.

import { CALLBACK_FLAGS, OPS } from '../../kernel/index.ts';
import type { Rule } from '../rule.ts';
import { everyName, isLiteral } from '../source-analysis.ts';
import { nearest } from '../words.ts';

const KNOWN = new Set<string>([
  ...OPS.map((row) => row.name),
  ...CALLBACK_FLAGS.map((row) => row.name),
  'BPF_SOCK_OPS_ALL_CB_FLAGS',
  'BPF_SOCK_OPS_NAME_MAX',
]);

/** Ops of research kernels that never went upstream. */
const NEVER_UPSTREAM = /^BPF_(TCP_PARSE_OPTIONS|TCP_WRITE_OPTIONS|SOCK_OPS_TCP_ACK_CB|SOCK_OPS_TCP_MSS_CB)$/;

export const opUnknown: Rule = {
  code: 'op-unknown',
  severity: 'error',
  title: 'No such op or callback flag',
  doc:
    'The name has the form of a sock_ops op or callback flag and no described kernel has it. It is misspelt, or it comes from a patched kernel ' +
    'whose op never went upstream (BPF_TCP_PARSE_OPTIONS is such a one: use BPF_SOCK_OPS_PARSE_HDR_OPT_CB with a PARSE flag, from 5.10).',
  example: {
    wrong: `SEC("sockops")
int connected(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED)
		bpf_printk("connected");
	return 1;
}`,
    right: `SEC("sockops")
int connected(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_printk("connected");
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { source, file } = analysis;
    const seen = new Set<number>();
    for (const expr of everyName(analysis)) {
      if (!(/^BPF_SOCK_OPS_\w+$/.test(expr.name) || NEVER_UPSTREAM.test(expr.name))) continue;
      if (
        KNOWN.has(expr.name) ||
        source.types.enumerators.has(expr.name) ||
        file.macros.has(expr.name) ||
        seen.has(expr.start)
      )
        continue;
      seen.add(expr.start);
      const better = NEVER_UPSTREAM.test(expr.name) ? undefined : nearest(expr.name, [...KNOWN]);
      const parse = expr.name === 'BPF_TCP_PARSE_OPTIONS' ? 'BPF_SOCK_OPS_PARSE_HDR_OPT_CB' : undefined;
      const suggestion = better ?? parse;
      report({
        span: expr,
        severity: source.hasOwnHeaders ? 'warning' : 'error',
        message: NEVER_UPSTREAM.test(expr.name)
          ? `'${expr.name}' exists only in patched kernels and never fires upstream${parse === undefined ? '' : `; upstream has ${parse}`}`
          : `no kernel has an op or callback flag '${expr.name}'${better === undefined ? '' : `; did you mean '${better}'?`}`,
        fixes:
          suggestion === undefined || !isLiteral(analysis, expr)
            ? []
            : [
                {
                  title: `Change to '${suggestion}'`,
                  edits: [{ start: expr.start, end: expr.end, newText: suggestion }],
                  preferred: true,
                },
              ],
      });
    }
  },
};
