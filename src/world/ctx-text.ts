// Context fields in words: an op as its name, an address dotted, a port as the number that people know, flags by name. The
// rows of kernel/ say what a field is; here each kind of meaning has its one way of being shown and of being read back.

import { assertNever } from '../base/index.ts';
import type { CtxFieldRow, CtxRepresentation, KernelView } from '../kernel/index.ts';
import { CALLBACK_FLAGS, OPS, TCP_STATES } from '../kernel/index.ts';
import { addressBytes, addressText, bytesToWords, wordsToBytes } from './addresses.ts';

/** One readable word of the context: an element of an array field, or a plain field. */
export interface CtxElement {
  /** "remote_ip6[2]" or "family". */
  readonly name: string;
  readonly field: CtxFieldRow;
  readonly index: number;
  readonly offset: number;
  readonly size: 4 | 8;
}

const elementsByView = new WeakMap<KernelView, readonly CtxElement[]>();

/** Every word of the context of a kernel, in order of offset. */
export function ctxElements(view: KernelView): readonly CtxElement[] {
  let elements = elementsByView.get(view);
  if (elements === undefined) {
    elements = view.ctxFields.flatMap((field) =>
      Array.from({ length: field.count }, (_, index) => ({
        name: field.count === 1 ? field.name : `${field.name}[${index}]`,
        field,
        index,
        offset: field.offset + index * field.size,
        size: field.size,
      })),
    );
    elementsByView.set(view, elements);
  }
  return elements;
}

const TCP_FLAG_NAMES = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE'];

/** "SYN|ACK"; "0" for none. */
export function tcpFlagsText(flags: number): string {
  const names = TCP_FLAG_NAMES.filter((_, bit) => ((flags >> bit) & 1) === 1);
  return names.length === 0 ? '0' : names.join('|');
}

/** Flag names in the order in which people write them: SYN before ACK, ACK last. */
export function tcpFlagList(flags: number): string[] {
  const names = TCP_FLAG_NAMES.filter((name, bit) => name !== 'ACK' && ((flags >> bit) & 1) === 1);
  return (flags & 16) === 0 ? names : [...names, 'ACK'];
}

const callbackFlagsText = (value: number): string => {
  const names = CALLBACK_FLAGS.filter((flag) => (value & flag.value) !== 0).map((flag) => flag.name);
  return names.length === 0 ? '0' : names.join('|');
};

const ECN_FLAGS = ['OK', 'QUEUE_CWR', 'DEMAND_CWR', 'SEEN'];

/** "TCP_ESTABLISHED". */
export function stateText(state: number): string {
  return TCP_STATES.find((row) => row.number === state)?.name.replace(/^BPF_/, '') ?? String(state);
}

const opText = (op: number): string => OPS.find((row) => row.number === op)?.name ?? String(op);

/** A value in words, or undefined where the number itself says it best. */
function wordsOf(repr: CtxRepresentation, value: bigint): string | undefined {
  const number = Number(BigInt.asUintN(32, value));
  switch (repr.kind) {
    case 'op':
      return opText(number);
    case 'tcp-state':
      return stateText(number);
    case 'address-family':
      return number === 2 ? 'AF_INET' : number === 10 ? 'AF_INET6' : undefined;
    case 'callback-flags':
      return callbackFlagsText(number);
    case 'tcp-flags':
      return tcpFlagsText(number);
    case 'ecn-flags':
      return number === 0 ? undefined : ECN_FLAGS.filter((_, bit) => ((number >> bit) & 1) === 1).join('|');
    case 'boolean':
      return number === 0 ? 'no' : 'yes';
    case 'ipv4-address':
      return addressText(wordsToBytes([number]));
    case 'pointer':
      return value === 0n ? 'NULL' : 'non-NULL';
    case 'ipv6-word':
    case 'port':
    case 'number':
    case 'sequence':
    case 'op-argument':
      return undefined;
    default:
      return assertNever(repr, 'wordsOf');
  }
}

/** A field's value for a person: "TCP_SYN_SENT", "10.0.0.1", "443 (0xbb010000)", "40". */
export function ctxValueText(field: CtxFieldRow, value: bigint): string {
  const words = wordsOf(field.repr, value);
  if (words !== undefined) return words;
  if (field.order === 'network-high') {
    const port = portOf(value);
    return port === undefined ? value.toString() : `${port} (0x${value.toString(16).padStart(8, '0')})`;
  }
  if (field.repr.kind === 'ipv6-word') return `0x${value.toString(16).padStart(8, '0')}`;
  return value.toString();
}

/** The port in a big-endian 16-bit value that stands in the upper half of a 32-bit one. */
function portOf(value: bigint): number | undefined {
  const number = Number(BigInt.asUintN(32, value));
  if ((number & 0xffff) !== 0) return undefined;
  const high = number >>> 16;
  return ((high & 255) << 8) | (high >>> 8);
}

const bare = (name: string): string => name.toUpperCase().replace(/^(?:BPF_)?(?:SOCK_OPS_|TCP_)?/, '');
const flagSet = (text: string): string =>
  text
    .split('|')
    .map((name) => bare(name.trim()).replace(/_FLAG$/, ''))
    .sort()
    .join('|');

/** Whether a text that a person wrote means this value of the field: by name, as an address, as a port, or as a number. */
export function ctxValueIs(field: CtxFieldRow, value: bigint, text: string): boolean {
  const number = numberOf(text);
  switch (field.repr.kind) {
    case 'op':
      return bare(opText(Number(value))) === bare(text);
    case 'tcp-state':
      return bare(stateText(Number(value))) === bare(text) || number === value;
    case 'callback-flags':
    case 'tcp-flags':
    case 'ecn-flags':
      return flagSet(wordsOf(field.repr, value) ?? '0') === flagSet(text) || number === value;
    case 'ipv4-address':
    case 'ipv6-word': {
      const bytes = addressBytes(text);
      if (bytes === undefined) return number === value;
      return bytes.length === 4 && BigInt(bytesToWords(bytes)[0]!) === value;
    }
    default:
      if (field.order === 'network-high')
        return number !== undefined && (BigInt(portOf(value) ?? -1) === number || value === number);
      return wordsOf(field.repr, value)?.toUpperCase() === text.toUpperCase() || number === value;
  }
}

const numberOf = (text: string): bigint | undefined =>
  /^(?:0x[0-9a-fA-F]+|\d+)$/.test(text) ? BigInt(text) : undefined;

const STATE_CB = 'BPF_SOCK_OPS_STATE_CB';

/** The arguments of a callback in words: "SYN_SENT -> ESTABLISHED", "retransmits 0, rto 250"; '' where it has none. */
export function argumentsText(view: KernelView, op: number, args: readonly number[]): string {
  const row = view.op(op);
  if (row === undefined) return '';
  if (row.name === STATE_CB) return `${bare(stateText(args[0] ?? 0))} -> ${bare(stateText(args[1] ?? 0))}`;
  return row.arguments
    .filter((argument) => view.presence('ops', argument.lifetimes) !== 'no')
    .map(({ index, name }) => `${name} ${(args[index] ?? 0) >>> 0}`)
    .join(', ');
}
