// Ports in the wrong byte order: comparisons, case labels, conversions and stores.

import type { Expr, HelperCall, Value } from '../../syntax/index.ts';
import { swapWidth } from '../../syntax/index.ts';
import type { QuickFix } from '../diagnostic.ts';
import type { Rule } from '../rule.ts';
import { byNode, isLiteral, type SourceAnalysis, textOf } from '../source-analysis.ts';

export const portByteOrder: Rule = {
  code: 'port-byte-order',
  severity: 'warning',
  title: 'A port in the wrong byte order',
  doc:
    '`local_port` is a plain number in host order. `remote_port` is a 32-bit number in network order: on a little-endian machine the 16-bit network port stands in its upper half. So the remote port is ' +
    '`bpf_ntohl(skops->remote_port)`, and never bpf_ntohs() of it, which is 0. Compare `bpf_ntohl(skops->remote_port)` and `skops->local_port` with plain numbers, or `skops->remote_port` with `bpf_htonl(80)`.',
  example: {
    wrong: `SEC("sockops")
int http(struct bpf_sock_ops *skops)
{
	if (skops->remote_port == 80)
		bpf_printk("http");
	return 1;
}`,
    right: `SEC("sockops")
int http(struct bpf_sock_ops *skops)
{
	if (bpf_ntohl(skops->remote_port) == 80)
		bpf_printk("http");
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { flow } = analysis;
    const reported = new Set<Expr>();
    for (const group of byNode(flow.of('converted'))) {
      const { node, by, from, to } = group.all[0]!;
      const wrong = wrongConversion(analysis, node, by, from, to);
      if (wrong === undefined) continue;
      reported.add(node);
      report({ span: node, ...wrong });
    }
    for (const group of byNode(flow.of('assigned'))) {
      const { value, valueNode, width } = group.all[0]!;
      if (portOf(value)?.order !== 'net32' || width !== 2) continue;
      report({
        span: valueNode,
        message: `'remote_port' is a 32-bit number whose lower half is 0, so 16 bits of it are always 0: use bpf_ntohl() for host order`,
        fixes: wrapFix(analysis, valueNode, 'bpf_ntohl'),
      });
    }
    for (const group of byNode(flow.of('call'))) {
      const call = group.all[0]!;
      if (!isPrint(call)) continue;
      call.args.forEach((value, i) => {
        const node = call.node.args[i]!;
        if (portOf(value)?.order !== 'net32') return;
        report({
          span: node,
          severity: 'information',
          message: `this prints 'remote_port' as the 32-bit number in network order that it is, not the port: use bpf_ntohl()`,
          fixes: wrapFix(analysis, node, 'bpf_ntohl'),
        });
      });
    }
    for (const group of byNode(flow.of('comparison'))) {
      const { left, right, leftNode, rightNode, op_ } = group.all[0]!;
      if (op_ === '-' || reported.has(leftNode) || reported.has(rightNode)) continue;
      const finding =
        mismatch(analysis, left, leftNode, right, rightNode) ?? mismatch(analysis, right, rightNode, left, leftNode);
      if (finding !== undefined) report({ span: group.node, ...finding });
    }
    for (const group of byNode(flow.of('case-label'))) {
      const { scrutinee, value, node, of } = group.all[0]!;
      if (node.value === undefined) continue;
      const finding = mismatch(analysis, scrutinee, of.value, value, node.value);
      if (finding !== undefined) report({ span: node.value, ...finding });
    }
  },
};

/** bpf_printk(), bpf_trace_printk(), and what a project calls its own: a name that says so and a format among the arguments. */
function isPrint({ name, args }: HelperCall): boolean {
  if (name === 'bpf_printk' || name === 'bpf_trace_printk') return true;
  const hasFormat = args.some((arg) => arg.kind === 'string' && arg.units.includes(0x25));
  return hasFormat && /print|debug|dbg|log|trace/i.test(name);
}

interface Found {
  readonly message: string;
  readonly fixes: readonly QuickFix[];
}

type Port = Extract<Value, { readonly kind: 'number' }>;

const portOf = (value: Value): Port | undefined =>
  value.kind === 'number' && value.origin?.what === 'port' && value.order !== undefined ? value : undefined;

function wrongConversion(analysis: SourceAnalysis, node: Expr, by: string, from: Value, to: Value): Found | undefined {
  const port = portOf(from);
  if (port === undefined) return undefined;
  const field = port.origin!.field.name;
  const call = node.kind === 'call' ? node : undefined;
  if (port.order === 'net32' && to.kind === 'number' && to.order === 'zero') {
    const name = call?.callee;
    const cast = node.kind === 'cast' ? node.operand : node.kind === 'binary' ? node.left : undefined;
    return {
      message: `'${field}' is a 32-bit number in network order whose lower half is 0, so ${swapWidth(by) === 16 ? `${by}()` : 'this'} gives 0: use bpf_ntohl()`,
      fixes:
        name !== undefined && isLiteral(analysis, name)
          ? [
              {
                title: "Use 'bpf_ntohl'",
                edits: [{ start: name.start, end: name.end, newText: 'bpf_ntohl' }],
                preferred: true,
              },
            ]
          : cast === undefined || comesFromMacro(analysis, node, cast)
            ? []
            : [
                {
                  title: "Convert with 'bpf_ntohl'",
                  edits: [
                    {
                      start: node.start,
                      end: node.end,
                      newText: `${node.kind === 'cast' ? `(${textOf(analysis, node.type)})` : ''}bpf_ntohl(${textOf(analysis, cast)})`,
                    },
                  ],
                  preferred: true,
                },
              ],
    };
  }
  if (port.order === 'host' && /ntoh/.test(by) && call !== undefined && port.origin!.via.length === 0) {
    const argument = call.args[0];
    const shifted = /^\s*>>\s*16\b/.exec(analysis.file.text.slice(call.end, call.end + 20))?.[0] ?? '';
    const text = argument === undefined ? '' : textOf(analysis, argument);
    return {
      message: `'${field}' is in host order already, and ${by}() turns it round`,
      fixes:
        text === ''
          ? []
          : shifted !== ''
            ? [
                {
                  title: 'Port in network order: bpf_htons()',
                  edits: [{ start: call.start, end: call.end + shifted.length, newText: `bpf_htons(${text})` }],
                  preferred: true,
                },
                {
                  title: 'Port in host order: no conversion',
                  edits: [{ start: call.start, end: call.end + shifted.length, newText: text }],
                },
              ]
            : [
                {
                  title: 'Drop the conversion',
                  edits: [{ start: call.start, end: call.end, newText: text }],
                  preferred: true,
                },
              ],
    };
  }
  if (to.kind === 'number' && to.order === 'zero' && (by === '>>' || swapWidth(by) === 16))
    return {
      message: `this is always 0: '${field}' has ${port.order === 'host' ? 'been converted to a port number already' : 'no more bits there'}`,
      fixes: [],
    };
  return undefined;
}

/** Parts of an expansion all stand where the macro is used; there is nothing of them in the text to change. */
const comesFromMacro = (analysis: SourceAnalysis, whole: Expr, part: Expr): boolean =>
  !isLiteral(analysis, whole) || (whole.start === part.start && whole.end === part.end);

/** Whether a port is compared with a number in another order. */
function mismatch(
  analysis: SourceAnalysis,
  portValue: Value,
  portNode: Expr,
  other: Value,
  otherNode: Expr,
): Found | undefined {
  const port = portOf(portValue);
  if (port === undefined || port.order === 'zero' || port.order === 'mixed') return undefined;
  const field = port.origin!.field.name;
  const rival = portOf(other);
  if (rival !== undefined) {
    if (rival.order === port.order || rival.order === 'zero' || rival.order === 'mixed') return undefined;
    const raw = port.order === 'net32' ? portNode : rival.order === 'net32' ? otherNode : undefined;
    return {
      message: `'${field}' and '${rival.origin!.field.name}' are compared in different byte orders`,
      fixes:
        raw === undefined || (port.order !== 'host' && rival.order !== 'host')
          ? []
          : wrapFix(analysis, raw, 'bpf_ntohl'),
    };
  }
  if (other.kind !== 'ints' || other.values.some((v) => v === 0n)) return undefined;
  const value = other.values[0]!;
  const constantOrder = other.order ?? 'host';
  if (constantOrder === port.order) return undefined;
  // A plain number above 65535 is taken for one that was written in network order by hand.
  if (other.order === undefined && value > 0xffffn) return undefined;
  if (port.order === 'net16' && other.order === undefined && (value & 0xffn) === value >> 8n) return undefined;
  const number = textOf(analysis, otherNode);
  const bare = /^\w+\((.*)\)$/s.exec(number)?.[1] ?? number;
  switch (port.order) {
    case 'net32':
      return {
        message: `'${field}' is a 32-bit number in network order; ${other.order === 'net16' ? `${number} is 16 bits wide and never equal to it` : `${number} is in host order`}`,
        fixes: isLiteral(analysis, otherNode)
          ? other.order === 'net16'
            ? [
                {
                  title: `Compare with bpf_htonl(${bare})`,
                  edits: [{ start: otherNode.start, end: otherNode.end, newText: `bpf_htonl(${bare})` }],
                  preferred: true,
                },
              ]
            : wrapFix(analysis, portNode, 'bpf_ntohl')
          : [],
      };
    case 'host':
      return {
        message: `${port.origin!.via.length === 0 ? `'${field}' is in host order` : `'${field}' has been converted to host order`}, and ${number} is in network order`,
        fixes:
          isLiteral(analysis, otherNode) && bare !== number
            ? [
                {
                  title: `Compare with ${bare}`,
                  edits: [{ start: otherNode.start, end: otherNode.end, newText: bare }],
                  preferred: true,
                },
              ]
            : [],
      };
    case 'net16':
      return {
        message: `this half of '${field}' is a 16-bit number in network order; compare it with bpf_htons(${bare})`,
        fixes: isLiteral(analysis, otherNode)
          ? [
              {
                title: `Compare with bpf_htons(${bare})`,
                edits: [{ start: otherNode.start, end: otherNode.end, newText: `bpf_htons(${bare})` }],
                preferred: true,
              },
            ]
          : [],
      };
    default:
      return undefined;
  }
}

export function wrapFix(analysis: SourceAnalysis, node: Expr, by: string): QuickFix[] {
  if (!isLiteral(analysis, node)) return [];
  return [
    {
      title: `Convert with '${by}'`,
      edits: [{ start: node.start, end: node.end, newText: `${by}(${textOf(analysis, node)})` }],
      preferred: true,
    },
  ];
}
