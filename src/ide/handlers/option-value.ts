// A value that the option refuses.

import type { ValueRule } from '../../kernel/index.ts';
import { optionCalls } from '../option-calls.ts';
import type { Rule } from '../rule.ts';
import { kernelName, onKernels } from '../words.ts';

export const optionValue: Rule = {
  code: 'option-value',
  severity: 'warning',
  title: 'A value that the option refuses',
  doc:
    'Each option has a range. TCP_BPF_IW and TCP_BPF_SNDCWND_CLAMP must be above 0, TCP_BPF_RTO_MIN and TCP_BPF_DELACK_MAX are microseconds up to 200000, TCP_KEEPCNT goes to 127, ' +
    'TCP_BPF_SOCK_OPS_CB_FLAGS takes known flags only. A value outside gives an error and changes nothing.',
  example: {
    wrong: `SEC("sockops")
int iw(struct bpf_sock_ops *skops)
{
	int iw = 0;

	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_setsockopt(skops, SOL_TCP, TCP_BPF_IW, &iw, sizeof(iw));
	return 1;
}`,
    right: `SEC("sockops")
int iw(struct bpf_sock_ops *skops)
{
	int iw = 40;

	if (skops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		bpf_setsockopt(skops, SOL_TCP, TCP_BPF_IW, &iw, sizeof(iw));
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { views } = analysis;
    for (const call of optionCalls(analysis)) {
      const { level, option, mode, valueNode } = call;
      if (mode !== 'set' || level === undefined || option === undefined || valueNode === undefined) continue;
      const numbers = new Set<number>();
      let known = true;
      for (const one of call.all) {
        const address = one.args[3];
        const value = address?.kind === 'address' ? one.parts.get(address.path) : undefined;
        if (value?.kind !== 'ints') known = false;
        else for (const v of value.values) numbers.add(Number(BigInt.asIntN(32, v)));
      }
      if (!known || numbers.size === 0) continue;
      const refusing = views.flatMap((view) => {
        const answer = view.sockopt(level, option)?.set;
        if (answer === undefined || answer.presence === 'no' || answer.values === undefined) return [];
        const bad = [...numbers].filter((value) => accepts(answer.values!.rule, value) === false);
        return bad.length === numbers.size
          ? [{ view, bad, rule: answer.values.rule, refused: answer.values.refused }]
          : [];
      });
      const first = refusing[0];
      if (first === undefined) continue;
      const names = refusing.map((entry) => kernelName(entry.view));
      const row = first.view.sockopt(level, option)!.row;
      report({
        span: valueNode,
        message: `${row.name} refuses ${first.bad.join(' and ')} (error ${first.refused})${names.length === views.length ? '' : ` ${onKernels(names, views)}`}: ${ruleText(first.rule)}`,
        kernels: names,
      });
    }
  },
};

function accepts(rule: ValueRule, value: number): boolean | undefined {
  switch (rule.kind) {
    case 'any':
      return true;
    case 'range':
      return (value >= rule.min && value <= rule.max) || (rule.also?.includes(value) ?? false);
    case 'not-zero':
      return value !== 0;
    case 'ticks':
      return value > 0 && value <= rule.maxMicroseconds;
    case 'mask':
      return (value & ~rule.bits) === 0;
    case 'congestion-control':
    case 'interface-name':
      return undefined;
  }
}

function ruleText(rule: ValueRule): string {
  switch (rule.kind) {
    case 'range':
      return `it takes ${rule.min} to ${rule.max}${rule.also === undefined || rule.also.length === 0 ? '' : ` and ${rule.also.join(', ')}`}`;
    case 'not-zero':
      return 'it must not be 0';
    case 'ticks':
      return `it takes microseconds above 0, at most ${rule.maxMicroseconds}`;
    case 'mask':
      return `it takes bits of 0x${rule.bits.toString(16)}`;
    case 'any':
    case 'congestion-control':
    case 'interface-name':
      return 'see its page';
  }
}
