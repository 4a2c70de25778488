// A key with padding that nothing sets to zero.

import type { TypeRef } from '../../syntax/index.ts';
import { walkStmts } from '../../syntax/index.ts';
import type { QuickFix } from '../diagnostic.ts';
import { helperByName } from '../helpers.ts';
import { functionAt } from '../mend.ts';
import type { Rule } from '../rule.ts';
import { byNode, type SourceAnalysis } from '../source-analysis.ts';

export const keyPadding: Rule = {
  code: 'key-padding',
  severity: 'warning',
  title: 'A key with padding that is not zeroed',
  doc:
    'Maps compare keys byte by byte, padding included. When the bytes between or behind the members of the key are not set, a lookup finds what was stored only by luck; kernels that do not let programs read ' +
    'uninitialised stack refuse the program. Zero the whole key first: `struct key key = {};` or `__builtin_memset(&key, 0, sizeof(key));`, or arrange the members without gaps.',
  example: {
    wrong: `struct key {
	__u32 address;
	__u16 port;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct key);
	__type(value, __u64);
} peers SEC(".maps");

SEC("sockops")
int remember(struct bpf_sock_ops *skops)
{
	struct key key;
	__u64 one = 1;

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		return 1;
	key.address = skops->remote_ip4;
	key.port = bpf_ntohl(skops->remote_port);
	bpf_map_update_elem(&peers, &key, &one, BPF_ANY);
	return 1;
}`,
    right: `struct key {
	__u32 address;
	__u16 port;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct key);
	__type(value, __u64);
} peers SEC(".maps");

SEC("sockops")
int remember(struct bpf_sock_ops *skops)
{
	struct key key = {};
	__u64 one = 1;

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		return 1;
	key.address = skops->remote_ip4;
	key.port = bpf_ntohl(skops->remote_port);
	bpf_map_update_elem(&peers, &key, &one, BPF_ANY);
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { types } = analysis.source;
    for (const group of byNode(analysis.flow.of('call'))) {
      const call = group.all[0]!;
      const keyIndex =
        helperByName(call.name)?.sockOps?.arguments.findIndex((argument) => argument.arg.kind === 'map-key') ?? -1;
      const key = keyIndex < 0 ? undefined : call.args[keyIndex];
      if (key?.kind !== 'address' || /[.[]/.test(key.name) || !/^f\d+:/.test(key.path)) continue;
      const declared = declarationOf(analysis, call.node.start, key.name);
      if (declared === undefined || declared.type.pointers > 0 || declared.type.dims.length > 0) continue;
      const layout = types.recordLayout(declared.type);
      if (layout === undefined || layout.holes.length === 0) continue;
      if (call.parts.has(`${key.path}#zeroed`) || emptyInitialiser(declared.init)) continue;
      // Not a single member was seen to be set: the key was filled in a way that is not followed.
      if (![...call.parts.keys()].some((path) => path.startsWith(`${key.path}.`))) continue;
      const bytes = layout.holes.reduce((sum, hole) => sum + hole.size, 0);
      report({
        span: call.node.args[keyIndex]!,
        message: `'${key.name}' has ${bytes} byte${bytes === 1 ? '' : 's'} of padding that nothing sets to zero, and the map compares ${bytes === 1 ? 'it' : 'them'} too`,
        related: [
          {
            span: declared.nameSpan,
            message: `padding at offset ${layout.holes.map((hole) => hole.offset).join(', ')}`,
          },
        ],
        fixes: zeroFix(declared),
      });
    }
  },
};

interface Declared {
  readonly type: TypeRef;
  readonly nameSpan: { readonly start: number; readonly end: number };
  readonly init: { readonly kind: string; readonly entries?: readonly unknown[] } | undefined;
}

function declarationOf(analysis: SourceAnalysis, offset: number, name: string): Declared | undefined {
  const item = functionAt(analysis, offset);
  let found: Declared | undefined;
  if (item?.body !== undefined)
    walkStmts(item.body, (stmt) => {
      if (stmt.kind === 'declaration')
        for (const variable of stmt.variables) if (variable.name === name) found = variable;
    });
  return found;
}

function emptyInitialiser(init: Declared['init']): boolean {
  if (init === undefined) return false;
  if (init.kind !== 'init-list') return true;
  const entries = (init.entries ?? []) as readonly {
    readonly designators: readonly unknown[];
    readonly value: { readonly kind: string; readonly value?: bigint };
  }[];
  return (
    entries.length === 0 ||
    (entries.length === 1 && entries[0]!.designators.length === 0 && entries[0]!.value.value === 0n)
  );
}

function zeroFix(declared: Declared): QuickFix[] {
  if (declared.init !== undefined) return [];
  return [
    {
      title: 'Zero the whole key where it is declared',
      edits: [{ start: declared.nameSpan.end, end: declared.nameSpan.end, newText: ' = {}' }],
      preferred: true,
    },
  ];
}
