// A GPL-only helper in a program whose license is not compatible with the GPL.

import { gplCompatible, helperByName } from '../helpers.ts';
import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { kernelName } from '../words.ts';

export const helperNeedsGpl: Rule = {
  code: 'helper-needs-gpl',
  severity: 'error',
  title: 'A GPL-only helper without a GPL-compatible license',
  doc:
    'Some helpers (bpf_trace_printk() behind bpf_printk(), bpf_perf_event_output(), bpf_probe_read_kernel(), ...) are for programs that state a GPL-compatible license. A program states it in its ' +
    '`license` section: `char _license[] SEC("license") = "GPL";`. Without one it counts as proprietary.',
  example: {
    wrong: `SEC("sockops")
int hello(struct bpf_sock_ops *skops)
{
	bpf_printk("op %d", skops->op);
	return 1;
}

char _license[] SEC("license") = "Proprietary";`,
    right: `SEC("sockops")
int hello(struct bpf_sock_ops *skops)
{
	bpf_printk("op %d", skops->op);
	return 1;
}

char _license[] SEC("license") = "Dual BSD/GPL";`,
  },
  check: (analysis, report) => {
    const { flow, views, source } = analysis;
    const compatible = gplCompatible(source);
    // A header of the project may state the license.
    if (compatible === true || (compatible === undefined && source.hasOwnHeaders)) return;
    if (!source.contextFunctions.some((entry) => entry.role === 'program')) return;
    for (const group of byNode(flow.of('call'))) {
      const { name, node } = group.all[0]!;
      const row = helperByName(name);
      if (row?.sockOps?.gplOnly !== true || source.functions.get(name)?.body !== undefined) continue;
      const answers = views.flatMap((view) => {
        const answer = view.helper(row.id, { gplCompatible: false });
        return !answer.ok && answer.why === 'gpl-only' ? [{ kernel: kernelName(view), message: answer.message }] : [];
      });
      const first = answers[0];
      if (first === undefined) continue;
      const { license } = source;
      report({
        span: node.callee,
        message: `${row.name}() is for GPL-compatible programs, and this file ${license === undefined ? 'states no license' : `is licensed "${license.text}"`}`,
        kernels: answers.map((answer) => answer.kernel),
        kernelWords: first.message,
        ...(license === undefined ? {} : { related: [{ span: license.span, message: 'the license is stated here' }] }),
        fixes:
          license === undefined
            ? [
                {
                  title: 'State the license GPL',
                  edits: [
                    {
                      start: analysis.file.text.length,
                      end: analysis.file.text.length,
                      newText: '\nchar _license[] SEC("license") = "GPL";\n',
                    },
                  ],
                  preferred: true,
                },
              ]
            : [
                {
                  title: 'License the program "GPL"',
                  edits: [{ start: license.span.start, end: license.span.end, newText: '"GPL"' }],
                },
              ],
      });
    }
  },
};
