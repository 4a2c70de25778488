// A branch for an op that comes only after its callback flag was set, in a file that never sets it.

import { CALLBACK_FLAGS, OPS, type OpRow } from '../../kernel/index.ts';
import { flagSetters, maySetFlag } from '../callback-flags.ts';
import type { QuickFix } from '../diagnostic.ts';
import { doesNothing, handledOps } from '../handled-ops.ts';
import type { Rule } from '../rule.ts';
import { indentAt, type SourceAnalysis } from '../source-analysis.ts';
import { listed, shortOp } from '../words.ts';

export const opNeedsFlag: Rule = {
  code: 'op-needs-flag',
  severity: 'warning',
  title: 'An op that never comes, because its callback flag is never set',
  doc:
    'RTO_CB, RETRANS_CB, STATE_CB, RTT_CB, PARSE_HDR_OPT_CB, HDR_OPT_LEN_CB and WRITE_HDR_OPT_CB are called only for sockets on which a program has set the flag with ' +
    'bpf_sock_ops_cb_flags_set(). Set it while the socket is a full one: in TCP_CONNECT_CB or ACTIVE_ESTABLISHED_CB for connections made, in ' +
    'TCP_LISTEN_CB (children inherit the mask) or PASSIVE_ESTABLISHED_CB for connections taken.',
  example: {
    wrong: `SEC("sockops")
int closed(struct bpf_sock_ops *skops)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_STATE_CB:
		bpf_printk("state %d", skops->args[1]);
		break;
	}
	return 1;
}`,
    right: `SEC("sockops")
int closed(struct bpf_sock_ops *skops)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_STATE_CB_FLAG);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		bpf_printk("state %d", skops->args[1]);
		break;
	}
	return 1;
}`,
  },
  check: (analysis, report) => {
    if (
      analysis.flow.incomplete ||
      analysis.flow.opaqueContext ||
      !analysis.source.contextFunctions.some((entry) => entry.role === 'program')
    )
      return;
    const setters = flagSetters(analysis);
    for (const handled of handledOps(analysis)) {
      const row: OpRow | undefined = (OPS as readonly OpRow[]).find((op) => op.number === handled.op);
      if (row === undefined || row.enabledBy.length === 0) continue;
      const flags = row.enabledBy.flatMap((name) => CALLBACK_FLAGS.filter((flag) => flag.name === name));
      if (flags.length === 0 || flags.some((flag) => maySetFlag(setters, BigInt(flag.value)))) continue;
      if (handled.label !== undefined && doesNothing(analysis, handled.label)) continue;
      const wanted = flags[0]!;
      report({
        span: handled.span,
        message: `${shortOp(row.name)} is called only for sockets on which ${listed(row.enabledBy, 'or')} is set, and nothing in this file sets it`,
        related: setters.map((setter) => ({
          span: setter.node,
          message: 'the callback flags are set here, without it',
        })),
        fixes: setFlagFix(analysis, wanted.name),
      });
    }
  },
};

/** Sets the flag where connections are established, or adds it to the one place that sets flags. */
function setFlagFix(analysis: SourceAnalysis, flag: string): QuickFix[] {
  const setters = flagSetters(analysis);
  const only = setters.length === 1 ? setters[0]! : undefined;
  const flagArg = only?.argument;
  if (only !== undefined && flagArg !== undefined && only.value !== undefined)
    return [
      {
        title: `Set ${flag} as well`,
        edits: [{ start: flagArg.end, end: flagArg.end, newText: ` | ${flag}` }],
        preferred: true,
      },
    ];
  if (setters.length > 0) return [];
  const program = analysis.source.contextFunctions.find((entry) => entry.role === 'program')?.item;
  const ctx = program?.parameters[0]?.name;
  const body = program?.body;
  if (body === undefined || ctx === undefined || ctx === '') return [];
  const first = firstStatementAfterDeclarations(body.body);
  if (first === undefined) return [];
  const indent = indentAt(analysis, first.start);
  const lines = [
    `if (${ctx}->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB || ${ctx}->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)`,
    `\tbpf_sock_ops_cb_flags_set(${ctx}, ${ctx}->bpf_sock_ops_cb_flags | ${flag});`,
  ];
  const at = first.start;
  return [
    {
      title: `Set ${flag} when a connection is established`,
      edits: [{ start: at, end: at, newText: `${lines.join(`\n${indent}`)}\n${indent}` }],
      preferred: true,
    },
  ];
}

function firstStatementAfterDeclarations(
  body: readonly { readonly kind: string; readonly start: number }[],
): { readonly start: number } | undefined {
  return body.find((stmt) => stmt.kind !== 'declaration');
}
