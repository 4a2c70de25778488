// Fields of the context fetched with bpf_core_read() or a probe read: what lies there in memory is another structure.

import { type Expr, walkExprs } from '../../syntax/index.ts';
import { contextNames } from '../context-uses.ts';
import type { QuickFix } from '../diagnostic.ts';
import type { Rule } from '../rule.ts';
import { isLiteral, type SourceAnalysis, textOf } from '../source-analysis.ts';

/** Functions and macros that read kernel memory, with the argument that says where. */
const READERS: Readonly<Record<string, number>> = {
  bpf_probe_read: 2,
  bpf_probe_read_kernel: 2,
  bpf_probe_read_str: 2,
  bpf_probe_read_kernel_str: 2,
  bpf_core_read: 2,
  bpf_core_read_str: 2,
  BPF_CORE_READ: 0,
  BPF_PROBE_READ: 0,
  BPF_CORE_READ_INTO: 1,
  BPF_PROBE_READ_INTO: 1,
};

export const ctxProbeRead: Rule = {
  code: 'ctx-probe-read',
  severity: 'warning',
  title: 'A field of the context is read as memory',
  doc:
    "struct bpf_sock_ops exists in no memory: the verifier replaces each `skops->field` by loads from the kernel's own structures. At the address in `skops` lies a struct bpf_sock_ops_kern, whose first member is a pointer. " +
    'BPF_CORE_READ(), bpf_core_read() and bpf_probe_read_kernel() read that memory at the offsets of struct bpf_sock_ops; the kernel loads the program, and it sees garbage. Write `skops->field`.',
  example: {
    wrong: `SEC("sockops")
int established(struct bpf_sock_ops *skops)
{
	if (BPF_CORE_READ(skops, op) == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_printk("established");
	return 1;
}`,
    right: `SEC("sockops")
int established(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_printk("established");
	return 1;
}`,
  },
  check: (analysis, report) => {
    for (const item of analysis.source.functions.values()) {
      if (item.body === undefined) continue;
      const names = contextNames(analysis, item);
      if (names.size === 0) continue;
      const seen = new Set<number>();
      walkExprs(item.body, (expr) => {
        const call = readerCall(expr);
        const from = call?.args[call.at];
        if (call === undefined || from === undefined || seen.has(expr.start)) return;
        const ctx = contextBehind(from, names);
        if (ctx === undefined) return;
        seen.add(expr.start);
        report({
          span: expr,
          message: `${call.name}() reads the kernel's own structure at '${ctx}', not the fields of struct bpf_sock_ops: read them as '${ctx}->field'`,
          fixes: loadFix(analysis, expr, call, ctx),
        });
      });
    }
  },
};

interface ReaderCall {
  readonly name: string;
  readonly args: readonly Expr[];
  readonly at: number;
}

function readerCall(expr: Expr): ReaderCall | undefined {
  const name =
    expr.kind === 'macro' ? expr.name : expr.kind === 'call' && expr.callee.kind === 'name' ? expr.callee.name : '';
  const at = READERS[name];
  return at === undefined || (expr.kind !== 'macro' && expr.kind !== 'call')
    ? undefined
    : { name, args: expr.args, at };
}

/** Name of the context pointer when the expression is it, or the address of one of its fields. */
function contextBehind(expr: Expr, names: ReadonlySet<string>): string | undefined {
  switch (expr.kind) {
    case 'name':
      return names.has(expr.name) ? expr.name : undefined;
    case 'cast':
      return contextBehind(expr.operand, names);
    case 'unary':
      return expr.op === '&' && expr.operand.kind === 'field' && expr.operand.arrow
        ? contextBehind(expr.operand.object, names)
        : undefined;
    default:
      return undefined;
  }
}

/** BPF_CORE_READ(ctx, field) becomes ctx->field. */
function loadFix(analysis: SourceAnalysis, expr: Expr, { name, args }: ReaderCall, ctx: string): QuickFix[] {
  const field = args[1];
  if (!/^BPF_(CORE|PROBE)_READ$/.test(name) || args.length !== 2 || field === undefined) return [];
  const text = textOf(analysis, field);
  if (!isLiteral(analysis, expr) || !/^\w+$/.test(text)) return [];
  return [
    {
      title: `Read '${ctx}->${text}'`,
      edits: [{ start: expr.start, end: expr.end, newText: `${ctx}->${text}` }],
      preferred: true,
    },
  ];
}
