// A constant of another family is compared with the op, the state or the address family.

import { OPS } from '../../kernel/index.ts';
import type { Expr, Value } from '../../syntax/index.ts';
import { headerConstant } from '../constants.ts';
import type { Rule } from '../rule.ts';
import { byNode, textOf } from '../source-analysis.ts';

const FAMILIES = [
  { of: 'op', pattern: /^BPF_SOCK_OPS_(?!\w*_CB_FLAG$)\w+$/, what: 'an op' },
  {
    of: 'tcp-state',
    pattern:
      /^(BPF_TCP_(?!NR_)\w+|TCP_(ESTABLISHED|SYN_SENT|SYN_RECV|FIN_WAIT\d|TIME_WAIT|CLOSE|CLOSE_WAIT|LAST_ACK|LISTEN|CLOSING|NEW_SYN_RECV))$/,
    what: 'a TCP state',
  },
  { of: 'callback-flags', pattern: /^BPF_SOCK_OPS_\w+_CB_FLAG$/, what: 'a callback flag' },
  { of: 'address-family', pattern: /^AF_\w+$/, what: 'an address family' },
] as const;

export const opWrongFamily: Rule = {
  code: 'op-wrong-family',
  severity: 'warning',
  title: 'A constant of another kind is compared with the op or the state',
  doc:
    'Ops, TCP states, callback flags and address families are all small numbers, and comparing one with another compiles. `skops->op` is compared with ' +
    'BPF_SOCK_OPS_* ops, `skops->state` and the arguments of STATE_CB with BPF_TCP_* states, `skops->bpf_sock_ops_cb_flags` is a mask of *_CB_FLAG bits.',
  example: {
    wrong: `SEC("sockops")
int state(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_STATE_CB_FLAG)
		bpf_printk("state");
	return 1;
}`,
    right: `SEC("sockops")
int state(struct bpf_sock_ops *skops)
{
	if (skops->state == BPF_TCP_LISTEN)
		bpf_printk("listening");
	return 1;
}`,
  },
  check: (analysis, report) => {
    const found = (value: Value, constantNode: Expr): void => {
      const repr = value.kind === 'ints' || value.kind === 'number' ? value.origin?.field.repr.kind : undefined;
      const name = textOf(analysis, constantNode);
      const expected = FAMILIES.find((family) => family.of === repr);
      const actual = FAMILIES.find((family) => family.pattern.test(name));
      if (
        expected === undefined ||
        actual === undefined ||
        actual.of === expected.of ||
        headerConstant(name) === undefined
      )
        return;
      const field = value.kind === 'ints' || value.kind === 'number' ? value.origin!.field.name : '';
      const flagOf = /^(BPF_SOCK_OPS_\w+_CB)_FLAG$/.exec(name)?.[1];
      const fix =
        expected.of === 'op' && flagOf !== undefined && OPS.some((row) => row.name === flagOf) ? flagOf : undefined;
      report({
        span: constantNode,
        message: `'${field}' is ${expected.what}, and ${name} is ${actual.what}`,
        fixes:
          fix === undefined
            ? []
            : [
                {
                  title: `Change to '${fix}'`,
                  edits: [{ start: constantNode.start, end: constantNode.end, newText: fix }],
                  preferred: true,
                },
              ],
      });
    };
    for (const group of byNode(analysis.flow.of('comparison'))) {
      const { left, right, leftNode, rightNode, op_ } = group.all[0]!;
      if (op_ !== '==' && op_ !== '!=') continue;
      found(left, rightNode);
      found(right, leftNode);
    }
    for (const group of byNode(analysis.flow.of('case-label'))) {
      const { scrutinee, node } = group.all[0]!;
      if (node.value !== undefined) found(scrutinee, node.value);
    }
  },
};
