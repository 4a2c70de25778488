// IPv4 addresses and words of IPv6 ones in the wrong byte order.

import type { Expr, Value } from '../../syntax/index.ts';
import type { QuickFix } from '../diagnostic.ts';
import type { Rule } from '../rule.ts';
import { byNode, isLiteral, type SourceAnalysis, textOf } from '../source-analysis.ts';

export const addressByteOrder: Rule = {
  code: 'address-byte-order',
  severity: 'warning',
  title: 'An address in the wrong byte order',
  doc:
    '`remote_ip4`, `local_ip4` and the words of `remote_ip6` and `local_ip6` are in network order. Compare them with `bpf_htonl(0x7f000001)`, or convert them with bpf_ntohl() first. ' +
    'A 16-bit conversion of an address is never right. The mark of a v4-mapped address is `remote_ip6[2] == bpf_htonl(0x0000ffff)`.',
  example: {
    wrong: `SEC("sockops")
int loopback(struct bpf_sock_ops *skops)
{
	if (skops->remote_ip4 == 0x7f000001)
		bpf_printk("loopback");
	return 1;
}`,
    right: `SEC("sockops")
int loopback(struct bpf_sock_ops *skops)
{
	if (skops->remote_ip4 == bpf_htonl(0x7f000001))
		bpf_printk("loopback");
	return 1;
}`,
  },
  check: (analysis, report) => {
    const { flow } = analysis;
    for (const group of byNode(flow.of('converted'))) {
      const { node, by, from } = group.all[0]!;
      if (addressOf(from) === undefined || node.kind !== 'call' || !/s$|16$|16_/.test(by)) continue;
      report({
        span: node,
        message: `${by}() takes 16 bits, and an address word has 32: use bpf_ntohl()`,
        fixes: isLiteral(analysis, node.callee)
          ? [
              {
                title: "Use 'bpf_ntohl'",
                edits: [{ start: node.callee.start, end: node.callee.end, newText: 'bpf_ntohl' }],
                preferred: true,
              },
            ]
          : [],
      });
    }
    for (const group of byNode(flow.of('comparison'))) {
      const { left, right, leftNode, rightNode } = group.all[0]!;
      const finding = mismatch(analysis, left, right, rightNode) ?? mismatch(analysis, right, left, leftNode);
      if (finding !== undefined) report({ span: group.node, ...finding });
    }
    for (const group of byNode(flow.of('case-label'))) {
      const { scrutinee, value, node } = group.all[0]!;
      const finding = node.value === undefined ? undefined : mismatch(analysis, scrutinee, value, node.value);
      if (finding !== undefined) report({ span: node.value!, ...finding });
    }
  },
};

const addressOf = (value: Value) =>
  value.kind === 'number' && value.origin?.what === 'address' && value.order !== undefined ? value : undefined;

/** Whether the number reads like an address of a private, loopback or link-local network in host order. */
function looksLikeHostOrder(value: bigint): boolean {
  const top = value >> 24n;
  const second = (value >> 16n) & 0xffn;
  return (
    value <= 0xffffffffn &&
    (top === 10n ||
      top === 127n ||
      (top === 192n && second === 168n) ||
      (top === 172n && second >= 16n && second < 32n) ||
      (top === 169n && second === 254n))
  );
}

const swapped = (value: bigint): bigint =>
  ((value & 0xffn) << 24n) | ((value & 0xff00n) << 8n) | ((value >> 8n) & 0xff00n) | (value >> 24n);

/** Masks of the leading bytes of an address in host order: 0xff000000 (/8), 0xffff0000 (/16), 0xffffff00 (/24), and those between. */
const isPrefix = (mask: bigint): boolean => mask !== 0n && ((mask | (mask - 1n)) & 0xffffffffn) === 0xffffffffn;

/** A network or a first byte looked for at the wrong end of the word. */
function partMismatch(
  name: string,
  address: Value,
  { mask, shift }: { readonly mask: bigint; readonly shift: bigint },
  other: Value,
  value: bigint,
  text: string,
): { message: string; fixes: QuickFix[] } | undefined {
  if (address.kind !== 'number' || other.kind !== 'ints' || other.order !== undefined) return undefined;
  const network = value << shift;
  const looks = (number: bigint): boolean => looksLikeHostOrder(number) && (number & ~mask) === 0n;
  if (address.order === 'net32' && isPrefix(mask) && mask <= 0xffffff00n + 0xffn && looks(network))
    return {
      message: `'${name}' is in network order, whose first byte is the lowest: ${text} is looked for at the other end; convert with bpf_ntohl() first`,
      fixes: [],
    };
  if (
    address.order === 'host' &&
    shift === 0n &&
    looks(swapped(value)) === false &&
    isPrefix(swapped(mask)) &&
    looksLikeHostOrder(swapped(value))
  )
    return {
      message: `'${name}' has been converted to host order, and ${text} is looked for at the other end`,
      fixes: [],
    };
  return undefined;
}

function mismatch(
  analysis: SourceAnalysis,
  addressValue: Value,
  other: Value,
  otherNode: Expr,
): { message: string; fixes: QuickFix[] } | undefined {
  const address = addressOf(addressValue);
  if (address === undefined) return undefined;
  const origin = address.origin!;
  const rival = addressOf(other);
  const name = origin.field.count > 1 ? `${origin.field.name}[${origin.index}]` : origin.field.name;
  if (rival !== undefined)
    return rival.order === address.order || address.order === 'mixed' || rival.order === 'mixed'
      ? undefined
      : { message: `'${name}' and '${rival.origin!.field.name}' are compared in different byte orders`, fixes: [] };
  if (other.kind !== 'ints' || other.values.length !== 1) return undefined;
  const value = other.values[0]!;
  const text = textOf(analysis, otherNode);
  const wrap = (by: string): QuickFix[] =>
    isLiteral(analysis, otherNode)
      ? [
          {
            title: `Compare with ${by}(${text})`,
            edits: [{ start: otherNode.start, end: otherNode.end, newText: `${by}(${text})` }],
            preferred: true,
          },
        ]
      : [];
  if (origin.part !== undefined) return partMismatch(name, address, origin.part, other, value, text);
  if (address.order === 'net32') {
    if (other.order === 'net16') return { message: `'${name}' has 32 bits, and ${text} has 16`, fixes: [] };
    if (other.order !== undefined) return undefined;
    const mapped = origin.field.repr.kind === 'ipv6-word' && origin.index === 2 && value === 0xffffn;
    if (mapped || (looksLikeHostOrder(value) && !looksLikeHostOrder(swapped(value))))
      return { message: `'${name}' is in network order, and ${text} reads like host order`, fixes: wrap('bpf_htonl') };
    return undefined;
  }
  if (address.order !== 'host') return undefined;
  const bare = /^\w+\((.*)\)$/s.exec(text)?.[1];
  if (other.order === 'net32')
    return {
      message: `'${name}' has been converted to host order, and ${text} is in network order`,
      fixes:
        bare === undefined || !isLiteral(analysis, otherNode)
          ? []
          : [
              {
                title: `Compare with ${bare}`,
                edits: [{ start: otherNode.start, end: otherNode.end, newText: bare }],
                preferred: true,
              },
            ],
    };
  if (other.order === undefined && looksLikeHostOrder(swapped(value)) && !looksLikeHostOrder(value))
    return { message: `'${name}' has been converted to host order, and ${text} reads like network order`, fixes: [] };
  return undefined;
}
