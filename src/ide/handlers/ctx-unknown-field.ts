// A member that struct bpf_sock_ops does not have.

import { contextField, contextFieldNames } from '../../syntax/index.ts';
import { contextFieldUses } from '../context-uses.ts';
import type { Rule } from '../rule.ts';
import { isLiteral } from '../source-analysis.ts';
import { nearest } from '../words.ts';

export const ctxUnknownField: Rule = {
  code: 'ctx-unknown-field',
  severity: 'error',
  title: 'No such field in struct bpf_sock_ops',
  doc: 'No described kernel has a member of this name in struct bpf_sock_ops, so the program does not compile against any of its headers.',
  example: {
    wrong: `SEC("sockops")
int state(struct bpf_sock_ops *skops)
{
	return skops->remote_prot == 0;
}`,
    right: `SEC("sockops")
int state(struct bpf_sock_ops *skops)
{
	return skops->remote_port == 0;
}`,
  },
  check: (analysis, report) => {
    // A file with its own definition of the structure (a patched kernel) knows better.
    if (analysis.source.types.recordItem('bpf_sock_ops') !== undefined) return;
    for (const use of contextFieldUses(analysis)) {
      if (use.name === '' || contextField(use.name) !== undefined) continue;
      const better = nearest(use.name, contextFieldNames());
      report({
        span: use.nameSpan,
        message: `struct bpf_sock_ops has no field '${use.name}'${better === undefined ? '' : `; did you mean '${better}'?`}`,
        fixes:
          better === undefined || !isLiteral(analysis, use.nameSpan)
            ? []
            : [{ title: `Change to '${better}'`, edits: [{ ...use.nameSpan, newText: better }], preferred: true }],
      });
    }
  },
};
