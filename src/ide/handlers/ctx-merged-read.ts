// Reads of neighbouring fields that a compiler may join into one wide load.

import type { Assigned, Expr } from '../../syntax/index.ts';
import type { QuickFix } from '../diagnostic.ts';
import type { Rule } from '../rule.ts';
import { byNode, isLiteral, type SourceAnalysis, textOf } from '../source-analysis.ts';

export const ctxMergedRead: Rule = {
  code: 'ctx-merged-read',
  severity: 'information',
  title: 'Neighbouring fields may be read in one load',
  doc:
    'When two neighbouring 4-byte fields are copied to neighbouring places, or context memory is copied as a block, some compilers join the loads ' +
    'into one of 8 bytes. The kernel refuses it: each field must be read with its own 4-byte load.\n\n' +
    'Read the fields through a volatile pointer, so that each keeps its own load. The diagnostic goes away as soon as the file has been compiled and ' +
    'every target kernel accepts the result.',
  example: {
    wrong: `struct key {
	__u32 remote_ip4;
	__u32 local_ip4;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct key);
	__type(value, __u32);
} peers SEC(".maps");

SEC("sockops")
int remember(struct bpf_sock_ops *skops)
{
	struct key k = { .remote_ip4 = skops->remote_ip4, .local_ip4 = skops->local_ip4 };
	__u32 one = 1;

	bpf_map_update_elem(&peers, &k, &one, BPF_ANY);
	return 1;
}`,
    right: `struct key {
	__u32 remote_ip4;
	__u32 local_ip4;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct key);
	__type(value, __u32);
} peers SEC(".maps");

SEC("sockops")
int remember(struct bpf_sock_ops *skops)
{
	struct key k = {
		.remote_ip4 = *(volatile __u32 *)&skops->remote_ip4,
		.local_ip4 = *(volatile __u32 *)&skops->local_ip4,
	};
	__u32 one = 1;

	bpf_map_update_elem(&peers, &k, &one, BPF_ANY);
	return 1;
}`,
  },
  check: (analysis, report) => {
    const groups = byNode(analysis.flow.of('assigned'));
    const copies = groups.flatMap((group) => copyOf(analysis, group.all[0]!));
    for (const copy of copies) {
      const next = copies.find(
        (other) => other.host === copy.host && other.from === copy.from + 4 && other.to === copy.to + 4,
      );
      if (next === undefined) continue;
      const pair = [copy, next];
      report({
        span: next.node,
        message: `the compiler may read '${copy.field}' and '${next.field}' in one 8-byte load, which the kernel refuses`,
        kernelWords: `invalid bpf_context access off=${copy.from} size=8`,
        related: [{ span: copy.node, message: `'${copy.field}' is copied here, to the 4 bytes before` }],
        settledByVerifier: true,
        fixes: volatileFix(
          analysis,
          pair.map((part) => part.node),
        ),
      });
    }
    for (const group of byNode(analysis.flow.of('context-access'))) {
      const { node, offset, size, mode } = group.all[0]!;
      if (node.kind !== 'call' || mode !== 'read' || size <= 4) continue;
      report({
        span: node,
        message: `copying ${size} bytes of the context as a block may use loads of 8 bytes, which the kernel refuses: copy field by field`,
        kernelWords: `invalid bpf_context access off=${offset} size=8`,
        settledByVerifier: true,
      });
    }
  },
};

interface Copy {
  readonly node: Expr;
  readonly field: string;
  readonly host: string;
  readonly from: number;
  readonly to: number;
}

function copyOf(analysis: SourceAnalysis, assigned: Assigned): Copy[] {
  const { value, valueNode, memberOf, member, path, width } = assigned;
  if (
    value.kind !== 'number' ||
    value.origin === undefined ||
    value.origin.via.length > 0 ||
    width !== 4 ||
    memberOf === undefined
  )
    return [];
  if (value.origin.field.size !== 4 || valueNode.kind === 'binary') return [];
  const record = analysis.source.types.recordItem(memberOf);
  if (record === undefined) return [];
  const layout = analysis.source.types.recordLayout({
    tag: 'struct',
    name: memberOf,
    record: record.body,
    enumerators: undefined,
    pointers: 0,
    dims: [],
    isFunction: false,
    isConst: false,
    isVolatile: false,
    start: 0,
    end: 0,
  });
  const place = layout?.members.find((entry) => entry.member.name === member);
  if (place === undefined) return [];
  const { field, index } = value.origin;
  return [
    {
      node: valueNode,
      field: field.count > 1 ? `${field.name}[${index}]` : field.name,
      host: path.slice(0, path.lastIndexOf('.')),
      from: field.offset + index * field.size,
      to: place.offset,
    },
  ];
}

/** Wraps plain context reads so that each keeps a load of its own. */
export function volatileFix(analysis: SourceAnalysis, nodes: readonly Expr[]): QuickFix[] {
  const edits = nodes.flatMap((node) => {
    const text = textOf(analysis, node);
    return isLiteral(analysis, node) && /^\w+\s*->\s*\w+(\s*\[\s*\w+\s*\])?$/.test(text)
      ? [{ start: node.start, end: node.end, newText: `*(volatile __u32 *)&${text}` }]
      : [];
  });
  return edits.length === nodes.length ? [{ title: 'Read through a volatile pointer', edits, preferred: true }] : [];
}
