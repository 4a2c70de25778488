// A function with the context whose section libbpf does not take for a sock_ops program, or that has none.

import { isSockOpsSection } from '../../syntax/index.ts';
import type { Rule } from '../rule.ts';

export const sectionUnknown: Rule = {
  code: 'section-unknown',
  severity: 'warning',
  title: 'The section is not one of a sock_ops program',
  doc:
    'libbpf takes the program type from the section name. For sock_ops it is `SEC("sockops")`, or `SEC("sockops/anything")` to tell several apart. With another name loading fails ("failed to guess program type"), or the program gets the wrong type. ' +
    'A function that takes the context, is not static and stands in no section is never loaded.',
  example: {
    wrong: `SEC("sock_ops")
int window(struct bpf_sock_ops *skops)
{
	return 1;
}`,
    right: `SEC("sockops")
int window(struct bpf_sock_ops *skops)
{
	return 1;
}`,
  },
  check: ({ source, flow, file }, report) => {
    for (const { item, section } of source.contextFunctions) {
      if (item.isStatic && section === undefined) continue;
      if (section === undefined) {
        // A function that a program of this file calls is a subprogram and needs no section.
        const called = flow.entered.has(item) && !flow.entries.includes(item);
        const referenced = new RegExp(`\\b${item.name}\\b`, 'g');
        if (called || item.name === '' || (file.maskedText.match(referenced)?.length ?? 0) > 1) continue;
        report({
          span: item.nameSpan,
          severity: 'information',
          message: `'${item.name}' takes the context and stands in no section: libbpf does not load it as a program`,
          fixes: [
            {
              title: 'Put it in SEC("sockops")',
              edits: [{ start: item.start, end: item.start, newText: 'SEC("sockops")\n' }],
              preferred: true,
            },
          ],
        });
        continue;
      }
      if (
        isSockOpsSection(section.name) ||
        /^(freplace|struct_ops|license|version|\.text|fentry|fexit|\?)/.test(section.name)
      )
        continue;
      report({
        span: section,
        message: `libbpf does not take section "${section.name}" for a sock_ops program: write SEC("sockops")`,
        kernelWords: `libbpf: prog '${item.name}': failed to guess program type from ELF section '${section.name}'`,
        fixes: [
          {
            title: 'Change to "sockops"',
            edits: [{ start: section.start, end: section.end, newText: '"sockops"' }],
            preferred: true,
          },
        ],
      });
    }
  },
};
