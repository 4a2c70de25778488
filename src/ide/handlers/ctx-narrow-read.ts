// A part of a field is used, so that a compiler may load only that part.

import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';
import { volatileFix } from './ctx-merged-read.ts';

export const ctxNarrowRead: Rule = {
  code: 'ctx-narrow-read',
  severity: 'information',
  title: 'A part of a field may be read in a narrow load',
  doc:
    'When only some bytes of a field are used (`skops->remote_port >> 16`), a compiler may load just those bytes: `*(u16 *)(r1 + 66)`. The kernel refuses it, since the ' +
    'fields of struct bpf_sock_ops must be read whole.\n\n' +
    'Convert with bpf_ntohl(), which needs all four bytes, or read through a volatile pointer. The diagnostic goes away as soon as the file has been compiled and every ' +
    'target kernel accepts the result.',
  example: {
    wrong: `SEC("sockops")
int port(struct bpf_sock_ops *skops)
{
	__u16 port = skops->remote_port >> 16;

	return port != bpf_htons(22);
}`,
    right: `SEC("sockops")
int port(struct bpf_sock_ops *skops)
{
	__u16 port = bpf_ntohl(skops->remote_port);

	return port != 22;
}`,
  },
  check: (analysis, report) => {
    for (const group of byNode(analysis.flow.of('converted'))) {
      const { node, by, from } = group.all[0]!;
      if (from.kind !== 'number' || from.origin === undefined || from.origin.via.length > 0) continue;
      if (by !== '>>' || node.kind !== 'binary' || node.left !== from.origin.node) continue;
      const { field } = from.origin;
      const shift = analysis.constant(node.right);
      if (field.size !== 4 || shift === undefined || shift % 8n !== 0n || shift === 0n) continue;
      report({
        span: node,
        message: `the compiler may read only the upper half of '${field.name}', and the kernel refuses anything but a 4-byte read`,
        kernelWords: `invalid bpf_context access off=${field.offset + Number(shift) / 8} size=2`,
        settledByVerifier: true,
        fixes: volatileFix(analysis, [from.origin.node]),
      });
    }
  },
};
