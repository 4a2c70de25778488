// Several programs in one section, which old libbpf took for one program.

import type { Rule } from '../rule.ts';

export const sectionShared: Rule = {
  code: 'section-shared',
  severity: 'information',
  title: 'Several programs share a section',
  doc:
    'libbpf before 0.2 and loaders that follow it take a section for one program, so that the second function becomes unreachable code ("unreachable insn") and the load fails. Today\'s libbpf tells them apart. ' +
    'A name behind a slash, `SEC("sockops/second")`, works everywhere.',
  example: {
    wrong: `SEC("sockops")
int first(struct bpf_sock_ops *skops)
{
	return 1;
}

SEC("sockops")
int second(struct bpf_sock_ops *skops)
{
	return 1;
}`,
    right: `SEC("sockops/first")
int first(struct bpf_sock_ops *skops)
{
	return 1;
}

SEC("sockops/second")
int second(struct bpf_sock_ops *skops)
{
	return 1;
}`,
  },
  check: ({ source }, report) => {
    const first = new Map<string, { readonly start: number; readonly end: number }>();
    for (const { section, item, role } of source.contextFunctions) {
      if (section === undefined || role !== 'program') continue;
      const before = first.get(section.name);
      if (before === undefined) {
        first.set(section.name, section);
        continue;
      }
      report({
        span: section,
        message: `another program stands in section "${section.name}" already, which loaders before libbpf 0.2 take for one program`,
        kernelWords: 'unreachable insn',
        related: [{ span: before, message: 'the first one' }],
        fixes: [
          {
            title: `Name it "${section.name}/${item.name}"`,
            edits: [{ start: section.start, end: section.end, newText: `"${section.name}/${item.name}"` }],
            preferred: true,
          },
        ],
      });
    }
  },
};
