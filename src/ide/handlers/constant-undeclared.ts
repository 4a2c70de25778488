// A macro that none of the included headers defines.

import { headersOf, providedBy } from '../constant-headers.ts';
import { headerConstant } from '../constants.ts';
import type { Rule } from '../rule.ts';
import { everyName, insertAfterIncludes } from '../source-analysis.ts';

export const constantUndeclared: Rule = {
  code: 'constant-undeclared',
  severity: 'warning',
  title: 'A constant that the included headers do not define',
  doc:
    'vmlinux.h holds types and enumerators, not macros: SOL_TCP, AF_INET, SO_SNDBUF, TCP_CONGESTION and their like are macros and missing there, and linux/bpf.h has none of them either. Define the ones you need, or include the header that has them ' +
    '(which cannot be done beside vmlinux.h, because both would define the same types).',
  example: {
    wrong: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("sockops")
int ipv4(struct bpf_sock_ops *skops)
{
	return skops->family == AF_INET;
}`,
    right: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define AF_INET 2

SEC("sockops")
int ipv4(struct bpf_sock_ops *skops)
{
	return skops->family == AF_INET;
}`,
  },
  check: (analysis, report) => {
    const { file, source } = analysis;
    if (source.hasOwnHeaders) return;
    const includes = file.preprocessed.includes;
    // A header that is not in the list may define anything.
    if (includes.length === 0 || includes.some((include) => headersOf(include.path) === undefined)) return;
    const reported = new Set<string>();
    const declared = new Set<string>();
    for (const item of source.functions.values()) for (const parameter of item.parameters) declared.add(parameter.name);
    for (const expr of everyName(analysis)) {
      if (reported.has(expr.name)) continue;
      const { name } = expr;
      if (
        !/^[A-Z][A-Z0-9_]+$/.test(name) ||
        file.macros.has(name) ||
        source.types.enumerators.has(name) ||
        declared.has(name) ||
        source.types.globals.has(name)
      )
        continue;
      const value = headerConstant(name);
      const headers = providedBy(name);
      if (
        value === undefined ||
        headers === undefined ||
        includes.some((include) => headers.includes(headersOf(include.path)!))
      )
        continue;
      reported.add(name);
      report({
        span: expr,
        message: `none of the included headers defines ${name}`,
        fixes: [
          {
            title: `Define ${name} as ${value}`,
            edits: [insertAfterIncludes(analysis, `\n#define ${name} ${value}`)],
            preferred: true,
          },
        ],
      });
    }
  },
};
