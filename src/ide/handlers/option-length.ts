// An option length that the kernel does not take.

import type { QuickFix } from '../diagnostic.ts';
import { type OptionCall, optionCalls } from '../option-calls.ts';
import type { Rule } from '../rule.ts';
import { isLiteral, type SourceAnalysis } from '../source-analysis.ts';
import { kernelName, onKernels } from '../words.ts';

export const optionLength: Rule = {
  code: 'option-length',
  severity: 'warning',
  title: 'A wrong option length',
  doc:
    'Integer options are 4 bytes long, and with any other length bpf_setsockopt() and bpf_getsockopt() give -EINVAL. The length of TCP_CONGESTION must be that of the name: a longer one makes the ' +
    'kernel read past its end, a shorter one cuts it. Before 6.1 the terminating NUL has to be counted.',
  example: {
    wrong: `SEC("sockops")
int mark(struct bpf_sock_ops *skops)
{
	long mark = 1;

	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_setsockopt(skops, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
	return 1;
}`,
    right: `SEC("sockops")
int mark(struct bpf_sock_ops *skops)
{
	int mark = 1;

	if (skops->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_setsockopt(skops, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { views } = analysis;
    for (const call of optionCalls(analysis)) {
      const { level, option, length, lengthNode } = call;
      if (level === undefined || option === undefined || length === undefined || lengthNode === undefined) continue;
      const bad = views.filter((view) => {
        const answer = view.sockopt(level, option)?.[call.mode];
        if (answer === undefined || answer.presence === 'no') return false;
        const rule = answer.side.length;
        return rule.kind === 'exactly'
          ? length !== rule.bytes
          : rule.kind === 'at-least'
            ? length < rule.bytes
            : length < 1;
      });
      const first = bad[0]?.sockopt(level, option);
      if (first !== undefined) {
        const side = first[call.mode];
        const rule = side.presence === 'no' ? undefined : side.side.length;
        const wanted =
          rule?.kind === 'exactly'
            ? `exactly ${rule.bytes}`
            : rule?.kind === 'at-least'
              ? `at least ${rule.bytes}`
              : 'at least 1';
        const names = bad.map(kernelName);
        report({
          span: lengthNode,
          message: `${first.row.name} takes ${wanted} byte${wanted.endsWith(' 1') ? '' : 's'}, and with ${length} the call fails with -EINVAL${names.length === views.length ? '' : ` ${onKernels(names, views)}`}`,
          kernels: names,
          fixes: rule?.kind === 'exactly' ? exactFix(analysis, call, rule.bytes) : [],
        });
        continue;
      }
      nameLength(analysis, call, report);
    }
  },
};

/** Declares the value as an int, or states the length. */
function exactFix(analysis: SourceAnalysis, call: OptionCall, bytes: number): QuickFix[] {
  const { lengthNode, valueNode } = call;
  if (lengthNode === undefined || !isLiteral(analysis, lengthNode)) return [];
  const text = analysis.file.text.slice(lengthNode.start, lengthNode.end);
  const variable =
    valueNode?.kind === 'unary' && valueNode.operand.kind === 'name' ? valueNode.operand.name : undefined;
  if (bytes === 4 && variable !== undefined && /sizeof/.test(text)) {
    const declaration = new RegExp(
      `\\b(long|__u64|__u8|__u16|u64|u8|u16|char|short|bool|long long|unsigned long|unsigned char)\\s+${variable}\\b`,
    ).exec(analysis.file.maskedText);
    if (declaration)
      return [
        {
          title: `Declare '${variable}' as int`,
          edits: [
            { start: declaration.index, end: declaration.index + declaration[1]!.length, newText: 'int' },
            ...(text === `sizeof(${variable})` || text === `sizeof ${variable}`
              ? []
              : [{ start: lengthNode.start, end: lengthNode.end, newText: `sizeof(${variable})` }]),
          ],
          preferred: true,
        },
      ];
  }
  return [
    {
      title: `Use ${bytes}`,
      edits: [{ start: lengthNode.start, end: lengthNode.end, newText: bytes === 4 ? 'sizeof(int)' : String(bytes) }],
      preferred: true,
    },
  ];
}

/** The name of a congestion control algorithm against the length that is stated for it. */
function nameLength(analysis: SourceAnalysis, call: OptionCall, report: Parameters<Rule['check']>[1]): void {
  const { views } = analysis;
  const { level, option, length, lengthNode, valueNode, mode } = call;
  if (mode !== 'set' || length === undefined || lengthNode === undefined || valueNode === undefined) return;
  const value = call.all[0]!.args[3];
  const text =
    value?.kind === 'string' ? value.units : value?.kind === 'address' ? stringAt(call, value.path) : undefined;
  if (text === undefined) return;
  const textual = views.filter((view) => {
    const answer = view.sockopt(level!, option!)?.set;
    return answer !== undefined && answer.presence !== 'no' && answer.values?.rule.kind === 'congestion-control';
  });
  if (textual.length === 0) return;
  const name = String.fromCharCode(...text).split('\0')[0]!;
  const fix: QuickFix[] =
    isLiteral(analysis, lengthNode) && valueNode.kind === 'name'
      ? [
          {
            title: `Use sizeof(${valueNode.name})`,
            edits: [{ start: lengthNode.start, end: lengthNode.end, newText: `sizeof(${valueNode.name})` }],
            preferred: true,
          },
        ]
      : [];
  if (length > text.length + 1) {
    report({
      span: lengthNode,
      message: `'${name}' is ${name.length + 1} bytes with its NUL, and ${length} reads past its end`,
      fixes: fix,
    });
    return;
  }
  if (length < name.length) {
    report({
      span: lengthNode,
      message: `a length of ${length} cuts '${name}' to '${name.slice(0, length)}'`,
      fixes: fix,
    });
    return;
  }
  const needNul = textual.filter((view) => {
    const answer = view.sockopt(level!, option!)!.set;
    return (
      answer.presence !== 'no' &&
      answer.values?.rule.kind === 'congestion-control' &&
      answer.values.rule.needsTerminator
    );
  });
  if (length === name.length && needNul.length > 0)
    report({
      span: lengthNode,
      message: `${onKernels(needNul.map(kernelName), views)} the length must count the NUL: '${name}' needs ${name.length + 1}`,
      kernels: needNul.map(kernelName),
      fixes: fix,
    });
}

function stringAt(call: OptionCall, path: string): readonly number[] | undefined {
  const value = call.all[0]!.parts.get(path);
  return value?.kind === 'string' ? value.units : undefined;
}
