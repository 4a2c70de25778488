// Inlay hints: numbers of ops, byte order of ports and addresses, and the value of a byte-order function with a constant.

import { OPS, type OpRow } from '../kernel/index.ts';
import { contextField, swapWidth } from '../syntax/index.ts';
import { contextFieldUses } from './context-uses.ts';
import { swap } from './hover.ts';
import { everyExpr, isLiteral, type SourceAnalysis } from './source-analysis.ts';

export interface InlayHint {
  readonly offset: number;
  readonly label: string;
  readonly tooltip: string;
  readonly kind: 'op-number' | 'byte-order' | 'value';
}

const BY_NAME = new Map<string, OpRow>(OPS.map((row) => [row.name, row]));

/** Hints inside a span, in source order. */
export function inlayHints(
  analysis: SourceAnalysis,
  span: { readonly start: number; readonly end: number },
): readonly InlayHint[] {
  const hints = new Map<string, InlayHint>();
  const add = (hint: InlayHint): void => {
    if (span.start <= hint.offset && hint.offset <= span.end) hints.set(`${hint.kind}:${hint.offset}`, hint);
  };
  everyExpr(analysis, (expr) => {
    if (expr.kind === 'name') {
      const op = BY_NAME.get(expr.name);
      if (op !== undefined && isLiteral(analysis, expr))
        add({ offset: expr.end, label: ` = ${op.number}`, tooltip: op.doc, kind: 'op-number' });
    }
    if (expr.kind === 'call' && expr.callee.kind === 'name' && isLiteral(analysis, expr)) {
      const bits = swapWidth(expr.callee.name);
      const value = bits === undefined || expr.args[0] === undefined ? undefined : analysis.constant(expr.args[0]);
      if (bits !== undefined && value !== undefined)
        add({
          offset: expr.end,
          label: ` = 0x${swap(value, bits).toString(16)}`,
          tooltip: `${value} with its ${bits / 8} bytes swapped (little-endian machine)`,
          kind: 'value',
        });
    }
  });
  for (const use of contextFieldUses(analysis)) {
    const field = contextField(use.name);
    const repr = field?.row.repr.kind;
    if (
      field === undefined ||
      !isLiteral(analysis, use) ||
      (repr !== 'port' && repr !== 'ipv4-address' && repr !== 'ipv6-word')
    )
      continue;
    const network = field.row.order !== 'host';
    // Inside a conversion the order is plain to see.
    if (/\b\w*(hton|ntoh)[sl]\s*\(\s*$/.test(analysis.file.text.slice(Math.max(0, use.start - 24), use.start)))
      continue;
    const end = /^\s*\[[^\]]*\]/.exec(analysis.file.text.slice(use.end, use.end + 40))?.[0].length ?? 0;
    add({
      offset: use.end + end,
      label: network ? ' (network order)' : ' (host order)',
      tooltip:
        field.row.order === 'network-high'
          ? 'a 32-bit number in network order: bpf_ntohl() gives the port'
          : network
            ? 'bpf_ntohl() gives host order'
            : 'the number itself',
      kind: 'byte-order',
    });
  }
  return [...hints.values()].sort((a, b) => a.offset - b.offset);
}
