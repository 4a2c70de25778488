// A reply whose number does not fit the unit that the op counts in.

import type { ContextWrite, Expr, Value } from '../../syntax/index.ts';
import type { QuickFix } from '../diagnostic.ts';
import { functionAt } from '../mend.ts';
import type { Rule } from '../rule.ts';
import { byNode, isLiteral, type SourceAnalysis, textOf } from '../source-analysis.ts';
import { shortOp } from '../words.ts';

export const replyUnit: Rule = {
  code: 'reply-unit',
  severity: 'warning',
  title: 'A reply in the wrong unit',
  doc:
    'TIMEOUT_INIT counts in jiffies (ticks of 1/CONFIG_HZ second: at 250 Hz one is 4 ms), RWND_INIT in segments of the MSS, NEEDS_ECN wants exactly 1, BASE_RTT counts in microseconds. ' +
    'A plain number for TIMEOUT_INIT means a different time on a kernel built with another CONFIG_HZ; take CONFIG_HZ from the kernel with `extern unsigned long CONFIG_HZ __kconfig;`.',
  example: {
    wrong: `SEC("sockops")
int ecn(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_NEEDS_ECN)
		skops->reply = 2;
	return 1;
}`,
    right: `SEC("sockops")
int ecn(struct bpf_sock_ops *skops)
{
	if (skops->op == BPF_SOCK_OPS_NEEDS_ECN)
		skops->reply = 1;
	return 1;
}`,
  },
  check: (analysis, report) => {
    for (const group of byNode(analysis.flow.of('context-write'))) {
      const asking = group.all.filter(
        (write) =>
          (write.spelled === 'reply' || (write.field.name === 'args' && write.index === 0)) &&
          write.op.reply.kind === 'value',
      );
      for (const write of asking) {
        const finding = misfit(analysis, write);
        if (finding === undefined) continue;
        // One store that answers several questions cannot be mended for one of them.
        const isShared = asking.some(({ op }) => op.number !== write.op.number);
        report({ span: write.valueNode ?? group.node, ...finding, ...(isShared ? { fixes: [] } : {}) });
        break;
      }
    }
  },
};

/** The one number that is written; beside it there may be 0 and -1, which leave the kernel's default. */
function onlyAnswer(value: Value): bigint | undefined {
  if (value.kind !== 'ints') return undefined;
  const numbers = value.values.map((one) => BigInt.asIntN(32, one));
  const answers = numbers.filter((one) => one !== 0n && one !== -1n);
  return numbers.length === 1 ? numbers[0] : answers.length === 1 ? answers[0] : undefined;
}

interface Misfit {
  readonly message: string;
  readonly severity: 'warning' | 'information';
  readonly fixes: readonly QuickFix[];
}

function misfit(analysis: SourceAnalysis, write: ContextWrite): Misfit | undefined {
  const { value, op, valueNode } = write;
  if (op.reply.kind !== 'value') return undefined;
  const known = onlyAnswer(value);
  // 0 and below leave the kernel's default, whatever the unit.
  if (known !== undefined && known <= 0n && op.reply.unit !== 'boolean') return undefined;
  const words = valueNode === undefined ? '' : wordsAround(analysis, valueNode);
  const spelledUnit = /(^|[^a-z])(ms|msec|msecs|millis\w*)([^a-z]|$)/i.test(words)
    ? 'milliseconds'
    : /(^|[^a-z])(us|usec|usecs|micros\w*)([^a-z]|$)/i.test(words)
      ? 'microseconds'
      : undefined;
  const name = shortOp(op.name);
  switch (op.reply.unit) {
    case 'jiffies': {
      if (/\bHZ\b|CONFIG_HZ|jiffies/i.test(words)) return undefined;
      // -1 beside the number is not to be multiplied.
      const isAlone = value.kind === 'ints' && value.values.length === 1;
      const fixes = known === undefined || !isAlone ? [] : jiffiesFix(analysis, valueNode, known);
      if (spelledUnit !== undefined)
        return {
          severity: 'warning',
          fixes,
          message: `${name} counts in jiffies, and this looks like ${spelledUnit}: convert with CONFIG_HZ`,
        };
      if (known === undefined) return undefined;
      const at = (hz: bigint): string => `${(known * 1000n) / hz} ms at ${hz} Hz`;
      return {
        severity: known > 30_000n ? 'warning' : 'information',
        fixes,
        message: `${name} counts in jiffies: ${known} is ${at(100n)}, ${at(250n)} and ${at(1000n)}`,
      };
    }
    case 'segments':
      if (spelledUnit !== undefined || /bytes/i.test(words) || (known !== undefined && known >= 10_000n))
        return {
          severity: 'warning',
          fixes: [],
          message: `${name} counts in segments of the MSS${known === undefined ? '' : `: ${known} of them are about ${((Number(known) * 1460) / 1e6).toFixed(1)} MB`}`,
        };
      return undefined;
    case 'boolean':
      if (known === undefined || known === 0n || known === 1n || known === -1n) return undefined;
      return {
        severity: 'warning',
        fixes:
          valueNode !== undefined && isLiteral(analysis, valueNode)
            ? [
                {
                  title: 'Reply 1',
                  edits: [{ start: valueNode.start, end: valueNode.end, newText: '1' }],
                  preferred: true,
                },
              ]
            : [],
        message: `${name} takes exactly 1 for yes; ${known} counts as no`,
      };
    case 'microseconds':
      if (spelledUnit === 'milliseconds')
        return {
          severity: 'warning',
          fixes: [],
          message: `${name} counts in microseconds, and this looks like milliseconds`,
        };
      return undefined;
  }
}

/** The written value, what its names stand for, and the comment at the end of its line. */
function wordsAround(analysis: SourceAnalysis, node: Expr): string {
  const { file } = analysis;
  const line0 = file.lines.position(node.start).line0;
  const line = file.text.slice(node.start, file.lines.lineStart(line0 + 1));
  const comment = /(\/\/.*|\/\*.*)/.exec(line)?.[1] ?? '';
  const text = textOf(analysis, node);
  const bodies = [...text.matchAll(/\w+/g)].map((match) => file.macros.get(match[0])?.bodyText ?? '');
  return [text.replace(/_/g, ' '), ...bodies, comment].join(' ');
}

/** `100` becomes 100 ms by CONFIG_HZ. */
function jiffiesFix(analysis: SourceAnalysis, node: Expr | undefined, value: bigint): QuickFix[] {
  if (node === undefined || !isLiteral(analysis, node)) return [];
  const item = functionAt(analysis, node.start);
  if (item === undefined) return [];
  const edits = [{ start: node.start, end: node.end, newText: `${textOf(analysis, node)} * CONFIG_HZ / 1000` }];
  if (!analysis.source.types.globals.has('CONFIG_HZ')) {
    const section = analysis.source.contextFunctions.find((entry) => entry.item === item)?.section?.annotation;
    const at = Math.min(item.start, section?.start ?? item.start);
    edits.unshift({ start: at, end: at, newText: 'extern unsigned long CONFIG_HZ __kconfig;\n\n' });
  }
  return [{ title: `Mean ${value} ms: multiply by CONFIG_HZ / 1000`, edits, preferred: true }];
}
