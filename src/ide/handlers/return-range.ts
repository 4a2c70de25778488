// A return value other than 0 and 1, or one that the verifier cannot bound.

import type { Returned } from '../../syntax/index.ts';
import type { QuickFix } from '../diagnostic.ts';
import { contextNameAt } from '../mend.ts';
import type { Rule } from '../rule.ts';
import { byNode, indentAt, isLiteral, type SourceAnalysis, textOf } from '../source-analysis.ts';
import { kernelName, onKernels } from '../words.ts';

export const returnRange: Rule = {
  code: 'return-range',
  severity: 'error',
  title: 'A return value other than 0 or 1',
  doc:
    'A sock_ops program returns 1 (the reply counts) or 0 (it does not); from 4.15 on the verifier demands that nothing else can be returned. The answer to a question goes into `reply`. ' +
    'The result of a helper is a number that can be anything and must not be returned as it is.',
  example: {
    wrong: `SEC("sockops")
int timeout(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT)
		return 40;
	return 1;
}`,
    right: `SEC("sockops")
int timeout(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_RWND_INIT)
		skops->reply = 40;
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { flow, views, source } = analysis;
    const programs = new Set(
      source.contextFunctions.filter((entry) => entry.role === 'program').map((entry) => entry.item),
    );
    const kernels = views.filter((view) => view.has('return-range-checked')).map(kernelName);
    if (kernels.length === 0) return;
    const where = kernels.length === views.length ? '' : ` ${onKernels(kernels, views)}`;
    for (const group of byNode(flow.of('return'))) {
      const bad = group.all.filter((returned) => programs.has(returned.program) && trouble(returned) !== undefined);
      const first = bad[0];
      if (first === undefined) continue;
      const what = trouble(first)!;
      report({
        span: first.node.value ?? group.node,
        severity: what.certain ? 'error' : 'warning',
        message: `${what.text}; a sock_ops program must return 0 or 1${where}`,
        kernels,
        fixes: fixes(analysis, first),
      });
    }
  },
};

function trouble(returned: Returned): { readonly text: string; readonly certain: boolean } | undefined {
  const { value } = returned;
  const node = returned.node.value;
  if (value.kind === 'ints') {
    const outside = value.values.filter((v) => v !== 0n && v !== 1n);
    if (outside.length === 0) return undefined;
    return {
      text: `this returns ${outside.map(String).join(' or ')}`,
      certain: outside.length === value.values.length,
    };
  }
  if (value.kind === 'number' && value.helper !== undefined)
    return {
      text: `this returns the result of ${value.helper}(), which can be any number`,
      certain: node !== undefined && node === value.node,
    };
  if (value.kind === 'number' && value.origin !== undefined && node !== undefined && value.origin.node === node)
    return { text: `this returns '${value.origin.field.name}', which can be any number`, certain: true };
  if (value.kind === 'ctx') return { text: 'this returns the context pointer', certain: true };
  return undefined;
}

function fixes(analysis: SourceAnalysis, returned: Returned): QuickFix[] {
  const node = returned.node.value;
  if (node === undefined || !isLiteral(analysis, node)) return [];
  const text = textOf(analysis, node);
  const ctx = contextNameAt(analysis, node.start);
  const indent = indentAt(analysis, returned.node.start);
  if (returned.value.kind === 'number' && returned.value.helper !== undefined && node.kind === 'call')
    return [
      {
        title: 'Call it and return 1',
        edits: [{ start: returned.node.start, end: returned.node.end, newText: `${text};\n${indent}return 1;` }],
        preferred: true,
      },
    ];
  const one: QuickFix = { title: 'Return 1', edits: [{ start: node.start, end: node.end, newText: '1' }] };
  const asks = returned.op.reply.kind === 'value';
  const before = analysis.file.maskedText.slice(0, returned.node.start).trimEnd();
  // Directly under an `if` without braces two statements would change the meaning.
  const alone = /[;{}:]$/.test(before);
  if (ctx === undefined || !asks) return [{ ...one, preferred: true }];
  const body = alone
    ? `${ctx}->reply = ${text};\n${indent}return 1;`
    : `{\n${indent}${ctx}->reply = ${text};\n${indent}return 1;\n${indent.slice(0, -1)}}`;
  return [
    {
      title: `Put the value in '${ctx}->reply' and return 1`,
      edits: [{ start: returned.node.start, end: returned.node.end, newText: body }],
      preferred: true,
    },
    one,
  ];
}
