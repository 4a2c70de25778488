// Global variables on kernels that have no global data.

import { sectionOf } from '../../syntax/index.ts';
import type { Rule } from '../rule.ts';
import { everyName } from '../source-analysis.ts';
import { kernelName, onKernels } from '../words.ts';

export const globalData: Rule = {
  code: 'global-data',
  severity: 'error',
  title: 'Global variables on a kernel without global data',
  doc: 'Variables at file scope live in .data, .bss or .rodata, which libbpf turns into maps that the program reads directly. Kernels before 5.2 cannot do that. Use an array map with one entry there.',
  example: {
    wrong: `/* sockscope-test kernels: 4.19 5.10 */
int port = 443;

SEC("sockops")
int only(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT && skops->local_port == port)
		skops->reply = 40;
	return 1;
}`,
    right: `/* sockscope-test kernels: 4.19 5.10 */
#define PORT 443

SEC("sockops")
int only(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT && skops->local_port == PORT)
		skops->reply = 40;
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { views, file, source } = analysis;
    const missing = views.filter((view) => view.featurePresence('global-data') === 'no').map(kernelName);
    if (missing.length === 0) return;
    const variables = new Map<string, { readonly start: number; readonly end: number }>();
    for (const item of file.items) {
      if (item.kind !== 'variables' || sectionOf(item.annotations) !== undefined) continue;
      // A constant that the compiler puts into the code needs no memory.
      for (const variable of item.variables)
        if (
          !variable.isExtern &&
          !(variable.type.isConst && !variable.type.isVolatile && variable.type.dims.length === 0)
        )
          variables.set(variable.name, variable.nameSpan);
    }
    const used = new Set<string>();
    for (const expr of everyName(analysis)) {
      if (variables.has(expr.name)) used.add(expr.name);
    }
    for (const name of used)
      if (!source.maps.has(name))
        report({
          span: variables.get(name)!,
          message: `global variables need kernel 5.2: '${name}' cannot be loaded ${onKernels(missing, views)}`,
          kernels: missing,
        });
  },
};
