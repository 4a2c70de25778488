// A header option whose kind or length byte the helper refuses, or that is longer than its reservation.

import type { HelperCall, Value } from '../../syntax/index.ts';
import type { Rule } from '../rule.ts';
import { byNode } from '../source-analysis.ts';

export const hdrOptFormat: Rule = {
  code: 'hdr-opt-format',
  severity: 'warning',
  title: 'A TCP header option with a bad kind or length',
  doc:
    'A TCP option is a kind byte, a length byte that counts both, and data. Kinds 0 and 1 (end and no-operation) have no length and are refused. The experimental kinds 253 and 254 carry a magic number of 2 or 4 bytes. ' +
    'When searching with bpf_load_hdr_opt() the length byte must be 0, except for an experimental kind, where it is 4 or 6: what the magic number and the two bytes before it take. The result must be at least 2 bytes long. ' +
    'What bpf_store_hdr_opt() writes must fit into what bpf_reserve_hdr_opt() has reserved in HDR_OPT_LEN_CB, rounded up to 4 bytes.',
  example: {
    wrong: `SEC("sockops")
int search(struct bpf_sock_ops *skops)
{
	__u8 option[4] = { 28, 4 };

	if (skops->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_load_hdr_opt(skops, option, sizeof(option), 0);
	return 1;
}`,
    right: `SEC("sockops")
int search(struct bpf_sock_ops *skops)
{
	__u8 option[4] = { 28, 0 };

	if (skops->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_load_hdr_opt(skops, option, sizeof(option), 0);
	return 1;
}`,
  },
  check: (analysis, report) => {
    const groups = byNode(analysis.flow.of('call'));
    const reserved = reservedBytes(groups.map((group) => group.all));
    for (const group of groups) {
      const call = group.all[0]!;
      const problem = trouble(call) ?? noSpace(call, reserved);
      if (problem !== undefined) report({ span: call.node.args[problem.argument] ?? call.node, message: problem.text });
    }
  },
};

interface Trouble {
  readonly argument: number;
  readonly text: string;
}

const one = (value: Value | undefined): number | undefined =>
  value?.kind === 'ints' && value.values.length === 1 ? Number(value.values[0]) : undefined;

/** Bytes that all reservations of the file make together, as the kernel rounds them; undefined where one is not known. */
function reservedBytes(groups: readonly (readonly HelperCall[])[]): number | undefined {
  let sum = 0;
  for (const calls of groups) {
    if (calls[0]?.name !== 'bpf_reserve_hdr_opt') continue;
    const lengths = calls.map((call) => one(call.args[1]));
    if (lengths.includes(undefined)) return undefined;
    sum += Math.max(...lengths.map((length) => length!));
  }
  return sum === 0 ? undefined : Math.ceil(sum / 4) * 4;
}

/** An option that is longer than what was reserved for it. */
function noSpace(call: HelperCall, reserved: number | undefined): Trouble | undefined {
  if (call.name !== 'bpf_store_hdr_opt' || reserved === undefined) return undefined;
  const { length } = headBytes(call);
  if (length === undefined || length <= reserved) return undefined;
  return {
    argument: 1,
    text: `the option is ${length} bytes long, and bpf_reserve_hdr_opt() has reserved ${reserved}: the call gives -ENOSPC`,
  };
}

function trouble(call: HelperCall): Trouble | undefined {
  switch (call.name) {
    case 'bpf_reserve_hdr_opt': {
      const length = one(call.args[1]);
      if (length === undefined) return undefined;
      if (length < 2) return { argument: 1, text: `a header option is at least 2 bytes long: ${length} gives -EINVAL` };
      if (length > 40)
        return { argument: 1, text: `a TCP header has room for 40 bytes of options in all: ${length} gives -ENOSPC` };
      return flags(call, 2, [0]);
    }
    case 'bpf_store_hdr_opt': {
      const { kind, length } = headBytes(call);
      const size = one(call.args[2]);
      if (size !== undefined && size < 2)
        return { argument: 2, text: `a header option is at least 2 bytes long: ${size} gives -EINVAL` };
      if (kind === 0 || kind === 1)
        return {
          argument: 1,
          text: `kind ${kind} is ${kind === 0 ? 'end of options' : 'no-operation'} and cannot be stored: the call gives -EINVAL`,
        };
      if (length !== undefined && length < 2)
        return {
          argument: 1,
          text: `the length byte is ${length}, which counts less than itself: the header becomes malformed`,
        };
      if (length !== undefined && size !== undefined && length > size)
        return {
          argument: 1,
          text: `the length byte says ${length} and only ${size} bytes are given: the call gives -EINVAL`,
        };
      if ((kind === 253 || kind === 254) && length !== undefined && length < 4)
        return {
          argument: 1,
          text: `an experimental option (kind ${kind}) needs a magic number, so at least 4 bytes: the call gives -EINVAL`,
        };
      return flags(call, 3, [0]);
    }
    case 'bpf_load_hdr_opt': {
      const { kind, length } = headBytes(call);
      const size = one(call.args[2]);
      if (size !== undefined && size < 2)
        return { argument: 2, text: `the buffer must take at least the kind and length bytes: ${size} gives -EINVAL` };
      if (kind === 0 || kind === 1)
        return { argument: 1, text: `kind ${kind} cannot be searched for: the call gives -EINVAL` };
      if (kind === undefined || length === undefined) return flags(call, 3, [0, 1]);
      const experimental = kind === 253 || kind === 254;
      if (experimental && length !== 4 && length !== 6)
        return {
          argument: 1,
          text: `searching for an experimental option (kind ${kind}) needs 4 or 6 in the length byte, for a magic number of 2 or 4 bytes: ${length} gives -EINVAL`,
        };
      if (!experimental && length !== 0)
        return { argument: 1, text: `the length byte of a search must be 0 for kind ${kind}: ${length} gives -EINVAL` };
      return flags(call, 3, [0, 1]);
    }
    default:
      return undefined;
  }
}

function flags(call: HelperCall, argument: number, allowed: readonly number[]): Trouble | undefined {
  const value = one(call.args[argument]);
  return value === undefined || allowed.includes(value)
    ? undefined
    : { argument, text: `the flags must be ${allowed.join(' or ')}: ${value} gives -EINVAL` };
}

/** The first two bytes of the option, where the program's text shows them. */
function headBytes(call: HelperCall): { readonly kind: number | undefined; readonly length: number | undefined } {
  const address = call.args[1];
  if (address?.kind !== 'address') return { kind: undefined, length: undefined };
  const at = (index: number): number | undefined => {
    const direct = one(call.parts.get(`${address.path}[${index}]`));
    if (direct !== undefined) return direct;
    const initialised = one(call.parts.get(`${address.path}#initialised`));
    const touched = [...call.parts.keys()].some((path) => path.startsWith(`${address.path}[`));
    if (touched && initialised !== undefined && index >= initialised) return 0;
    const members = [...call.parts.entries()].filter(([path]) => path.startsWith(`${address.path}.`));
    if (members.length === 0) return undefined;
    for (const name of index === 0 ? ['kind'] : ['len', 'length', 'size']) {
      const member = one(call.parts.get(`${address.path}.${name}`));
      if (member !== undefined) return member;
    }
    return undefined;
  };
  return { kind: at(0), length: at(1) };
}
