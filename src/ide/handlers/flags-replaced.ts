// Setting callback flags replaces the whole mask, and so loses what another place has set.

import { CALLBACK_FLAGS } from '../../kernel/index.ts';
import type { OpMask } from '../../syntax/index.ts';
import { flagSetters } from '../callback-flags.ts';
import type { Rule } from '../rule.ts';
import { isLiteral, textOf } from '../source-analysis.ts';
import { listed, opNames } from '../words.ts';

const bit = (op: number): OpMask => 1 << op;
const LISTEN = bit(11);
const CONNECT = bit(3);
const ACTIVE = bit(4);
const PASSIVE = bit(5);
const LATER = bit(8) | bit(9) | bit(10) | bit(12) | bit(13) | bit(14) | bit(15);

const isOne = (ops: OpMask): boolean => (ops & (ops - 1)) === 0;

/** Ops that can come on the same socket (or its parent's mask) before any of these. */
function earlier(ops: OpMask): OpMask {
  let before = 0;
  if ((ops & ACTIVE) !== 0) before |= CONNECT;
  if ((ops & PASSIVE) !== 0) before |= LISTEN;
  if ((ops & LATER) !== 0) before |= CONNECT | LISTEN | ACTIVE | PASSIVE;
  return before;
}

export const flagsReplaced: Rule = {
  code: 'flags-replaced',
  severity: 'warning',
  title: 'Callback flags are replaced instead of added',
  doc:
    'bpf_sock_ops_cb_flags_set() stores the mask it is given; it does not add to the old one. A second call with another flag switches the first off, and so ' +
    'does a call that follows what another program of the cgroup has set. Give it `skops->bpf_sock_ops_cb_flags | NEW_FLAG`.',
  example: {
    wrong: `SEC("sockops")
int watch(struct bpf_sock_ops *skops)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_RTT_CB_FLAG);
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_STATE_CB_FLAG);
		break;
	}
	return 1;
}`,
    right: `SEC("sockops")
int watch(struct bpf_sock_ops *skops)
{
	switch (skops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		bpf_sock_ops_cb_flags_set(skops, BPF_SOCK_OPS_RTT_CB_FLAG);
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		bpf_sock_ops_cb_flags_set(skops, skops->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG);
		break;
	}
	return 1;
}`,
  },
  check: (analysis, report) => {
    const setters = flagSetters(analysis);
    for (const setter of setters) {
      if (setter.value === undefined || setter.keepsOld || setter.value === 0n || setter.argument === undefined)
        continue;
      const losers = setters.filter(
        (other) =>
          other !== setter &&
          ((other.ops & earlier(setter.ops)) !== 0 ||
            ((other.ops & setter.ops) !== 0 &&
              other.node.start < setter.node.start &&
              (other.ops & setter.ops) === setter.ops)) &&
          (other.atLeast & ~setter.value!) !== 0n,
      );
      const first = losers[0];
      if (first === undefined) continue;
      const lost = losers.reduce((mask, other) => mask | (other.atLeast & ~setter.value!), 0n);
      const names = CALLBACK_FLAGS.filter((row) => (BigInt(row.value) & lost) !== 0n).map((row) => row.name);
      if (names.length === 0) continue;
      const ctx = setter.node.kind === 'call' ? setter.node.args[0] : undefined;
      const ctxText = ctx === undefined ? '' : textOf(analysis, ctx);
      report({
        span: setter.node,
        message: `this replaces the mask and switches off ${listed(names)}, which ${opNames(first.ops)} ${isOne(first.ops) ? 'has' : 'have'} set`,
        related: losers.map((other) => ({ span: other.node, message: 'set here' })),
        fixes:
          ctxText !== '' && isLiteral(analysis, setter.argument)
            ? [
                {
                  title: 'Add to the flags that are set already',
                  edits: [
                    {
                      start: setter.argument.start,
                      end: setter.argument.start,
                      newText: `${ctxText}->bpf_sock_ops_cb_flags | `,
                    },
                  ],
                  preferred: true,
                },
              ]
            : [],
      });
    }
  },
};
