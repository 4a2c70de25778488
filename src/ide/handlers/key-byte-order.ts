// One member of a key is filled in one byte order here and in another there, so that a lookup never finds what was stored.

import type { TextSpan } from '../../base/index.ts';
import { type Expr, type FieldExpr, swapWidth, walkExprs, walkStmts } from '../../syntax/index.ts';
import type { QuickFix } from '../diagnostic.ts';
import type { Rule } from '../rule.ts';
import type { SourceAnalysis } from '../source-analysis.ts';

export const keyByteOrder: Rule = {
  code: 'key-byte-order',
  severity: 'warning',
  title: 'A key member is filled in two byte orders',
  doc:
    'A key that one function stores and another looks up must be built the same way. Here one fills the member with the port as the context gives it and the other with a converted one ' +
    '(`msg->local_port` is in host order, like `skops->local_port`; `bpf_htons()` of it is not), so the two never match. Decide on one order for the member and convert in both places.',
  example: {
    wrong: `struct flow {
	__u32 sport;
	__u32 dport;
};

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 64);
	__type(key, struct flow);
	__type(value, __u64);
} sockets SEC(".maps");

SEC("sockops")
int add(struct bpf_sock_ops *skops)
{
	struct flow key = {};

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || skops->local_port < 1024)
		return 1;
	key.sport = bpf_htons(skops->local_port);
	key.dport = skops->remote_port;
	if (bpf_sock_hash_update(skops, &sockets, &key, BPF_ANY))
		bpf_printk("not added");
	return 1;
}

SEC("sk_msg")
int redirect(struct sk_msg_md *msg)
{
	struct flow key = {};

	key.sport = msg->local_port;
	key.dport = msg->remote_port;
	return bpf_msg_redirect_hash(msg, &sockets, &key, BPF_F_INGRESS);
}`,
    right: `struct flow {
	__u32 sport;
	__u32 dport;
};

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 64);
	__type(key, struct flow);
	__type(value, __u64);
} sockets SEC(".maps");

SEC("sockops")
int add(struct bpf_sock_ops *skops)
{
	struct flow key = {};

	if (skops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || skops->local_port < 1024)
		return 1;
	key.sport = skops->local_port;
	key.dport = skops->remote_port;
	if (bpf_sock_hash_update(skops, &sockets, &key, BPF_ANY))
		bpf_printk("not added");
	return 1;
}

SEC("sk_msg")
int redirect(struct sk_msg_md *msg)
{
	struct flow key = {};

	key.sport = msg->local_port;
	key.dport = msg->remote_port;
	return bpf_msg_redirect_hash(msg, &sockets, &key, BPF_F_INGRESS);
}`,
  },
  check: (analysis, report) => {
    const first = new Map<string, Fill>();
    for (const fill of fills(analysis)) {
      const key = `${fill.record}.${fill.member}`;
      const before = first.get(key);
      if (before === undefined) {
        first.set(key, fill);
        continue;
      }
      if (orderOf(before) === orderOf(fill)) continue;
      const isSame = before.field.name === fill.field.name;
      report({
        span: fill.value,
        message: isSame
          ? `'${fill.member}' is filled here with '${fill.field.name}' ${words(fill.order)}, and elsewhere ${words(before.order)}: the two keys never match`
          : `'${fill.member}' is filled here with '${fill.field.name}' ${words(fill.order)}, which is ${orderOf(fill)}, and elsewhere with '${before.field.name}' ${words(before.order)}, which is ${orderOf(before)}: the two keys never match`,
        related: [{ span: before.value, message: `filled ${words(before.order)} here` }],
        fixes: isSame ? sameFieldFix(analysis, fill, before) : [],
      });
    }
  },
};

function sameFieldFix(analysis: SourceAnalysis, fill: Fill, before: Fill): QuickFix[] {
  const text = (span: TextSpan): string => analysis.file.text.slice(span.start, span.end);
  const replace = (title: string, newText: string): QuickFix[] => [
    { title, edits: [{ start: fill.value.start, end: fill.value.end, newText }], preferred: true },
  ];
  const width = /^swap(16|32)$/.exec(before.order)?.[1];
  if (fill.order === 'as given' && width !== undefined) {
    const by = `bpf_hton${width === '16' ? 's' : 'l'}`;
    return replace(`Convert here as well, with '${by}'`, `${by}(${text(fill.value)})`);
  }
  const argument = fill.value.kind === 'call' ? fill.value.args[0] : undefined;
  return before.order === 'as given' && argument !== undefined ? replace('Drop the conversion', text(argument)) : [];
}

/** How the port lies in the member in the end, whichever field it came from, on a little-endian machine. */
const ORDERS = {
  local_port: {
    'as given': 'the port itself',
    swap16: '16 bits in network order',
    swap32: '32 bits in network order',
    'upper half': 'always 0',
    'swap32 and upper half': '16 bits in network order',
    'upper half and swap16': 'always 0',
  },
  remote_port: {
    'as given': '32 bits in network order',
    swap16: 'always 0',
    swap32: 'the port itself',
    'upper half': '16 bits in network order',
    'swap32 and upper half': 'always 0',
    'upper half and swap16': 'the port itself',
  },
} as const satisfies Record<string, Record<Exclude<Arrangement, 'other'>, string>>;

const orderOf = ({ field, order }: Fill): string =>
  ORDERS[field.name === 'local_port' ? 'local_port' : 'remote_port'][order];

type Arrangement =
  | 'as given'
  | 'swap16'
  | 'swap32'
  | 'upper half'
  | 'swap32 and upper half'
  | 'upper half and swap16'
  | 'other';

const WORDS: Readonly<Record<Exclude<Arrangement, 'other'>, string>> = {
  'as given': 'as the context gives it',
  swap16: 'through a 16-bit conversion',
  swap32: 'through a 32-bit conversion',
  'upper half': 'shifted down by 16',
  'swap32 and upper half': 'converted and shifted down by 16',
  'upper half and swap16': 'shifted down by 16 and converted',
};

const words = (order: Exclude<Arrangement, 'other'>): string => WORDS[order];

interface Fill {
  readonly record: string;
  readonly member: string;
  readonly field: FieldExpr;
  readonly value: Expr;
  readonly order: Exclude<Arrangement, 'other'>;
}

/** Every store of a port of some context (sock_ops, sk_msg, sk_skb) into a member of a structure. */
function fills(analysis: SourceAnalysis): Fill[] {
  const out: Fill[] = [];
  const { types, functions } = analysis.source;
  for (const item of functions.values()) {
    if (item.body === undefined) continue;
    const records = new Map<string, string>();
    const add = (record: string | undefined, member: string, value: Expr): void => {
      const found = arrangement(value);
      if (record === undefined || record === '' || found === undefined || found.order === 'other') return;
      out.push({ record, member, value, field: found.field, order: found.order });
    };
    for (const parameter of item.parameters) {
      const name = types.recordName({ ...parameter.type, pointers: 0 });
      if (name !== undefined) records.set(parameter.name, name);
    }
    walkStmts(item.body, (stmt) => {
      if (stmt.kind !== 'declaration') return;
      for (const variable of stmt.variables) {
        const name = types.recordName({ ...variable.type, pointers: 0 });
        if (name === undefined) continue;
        records.set(variable.name, name);
        if (variable.init?.kind === 'init-list')
          for (const entry of variable.init.entries) {
            const member = entry.designators.at(-1);
            if (typeof member === 'string') add(name, member, entry.value);
          }
      }
    });
    walkExprs(item.body, (expr) => {
      if (expr.kind !== 'assign' || expr.op !== '=' || expr.target.kind !== 'field') return;
      const { object, name } = expr.target;
      if (object.kind === 'name') add(records.get(object.name), name, expr.value);
    });
  }
  return out.sort((a, b) => a.value.start - b.value.start);
}

function arrangement(expr: Expr): { readonly field: FieldExpr; readonly order: Arrangement } | undefined {
  switch (expr.kind) {
    case 'field':
      return expr.arrow && (expr.name === 'local_port' || expr.name === 'remote_port')
        ? { field: expr, order: 'as given' }
        : undefined;
    case 'cast': {
      const inner = arrangement(expr.operand);
      return inner;
    }
    case 'call': {
      const name = expr.callee.kind === 'name' ? expr.callee.name : '';
      const inner = expr.args[0] === undefined ? undefined : arrangement(expr.args[0]);
      const width = swapWidth(name);
      if (inner === undefined || (width === undefined && name !== 'READ_ONCE')) return undefined;
      if (width === undefined) return inner;
      if (inner.order === 'as given') return { field: inner.field, order: width === 16 ? 'swap16' : 'swap32' };
      if (inner.order === 'upper half' && width === 16) return { field: inner.field, order: 'upper half and swap16' };
      // Swapped twice in different widths, or shifted before: left to the flow analysis.
      return { field: inner.field, order: 'other' };
    }
    case 'binary': {
      const inner = arrangement(expr.left);
      if (inner === undefined) return undefined;
      const isHalving = expr.op === '>>' && expr.right.kind === 'number' && expr.right.value === 16n;
      if (!isHalving) return { field: inner.field, order: 'other' };
      const { order } = inner;
      const half = order === 'as given' ? 'upper half' : order === 'swap32' ? 'swap32 and upper half' : 'other';
      return { field: inner.field, order: half };
    }
    case 'macro':
      return expr.expansion === undefined ? undefined : arrangement(expr.expansion);
    case 'unary':
      return expr.op === '*' || expr.op === '&' ? arrangement(expr.operand) : undefined;
    default:
      return undefined;
  }
}
