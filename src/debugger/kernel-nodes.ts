// What a pointer to one of the kernel's own objects shows when it is opened: the members that the simulation has, by the kernel's names, those of the
// structure itself first and those of the structures inside it in groups. Pointers among them can be opened in turn.

import { decodeUtf8, toHex } from '../base/index.ts';
import type { KernelObject } from '../vm/index.ts';
import { addressText, type CallbackInProgress, type KernelMember } from '../world/index.ts';
import { integer, type Value } from './expression/value.ts';
import { groupNode, type VariableNode } from './variables.ts';

/** Members of the object at an address; undefined when the address is not the start of a kernel object. */
export function kernelObjectNodes(
  callback: CallbackInProgress,
  address: bigint,
): (() => readonly VariableNode[]) | undefined {
  const object = callback.vm.kernelObjectAt(address);
  return object === undefined ? undefined : () => membersOf(callback, object);
}

/** A member of the kernel object at an address by its path; the names of the structures inside each other may lead the path. */
export function kernelMemberAt(
  callback: CallbackInProgress,
  address: bigint,
  path: readonly string[],
): { readonly value: Value } | { readonly why: string } | undefined {
  const object = callback.vm.kernelObjectAt(address);
  if (object === undefined) return undefined;
  const members = callback.kernelMembers(object);
  for (let from = 0; from < path.length; from++) {
    const found = members.find((member) => member.path === path.slice(from).join('.'));
    if (found === undefined) continue;
    switch (found.value.kind) {
      case 'number':
        return { value: integer(found.value.value, 64, found.value.value < 0n ? 'signed' : 'unsigned') };
      case 'bytes':
        return { why: `${bytesText(found.value.bytes)} is no number; open the pointer among the variables` };
      case 'pointer':
        return { why: 'this pointer can be opened among the variables, not followed in an expression' };
    }
  }
  return {
    why: `struct ${object.type} has no member ${path.join('.')} here that is simulated; open the pointer among the variables`,
  };
}

function membersOf(callback: CallbackInProgress, object: KernelObject): readonly VariableNode[] {
  const members = callback.kernelMembers(object);
  if (members.length === 0)
    return [{ name: '(none)', value: 'nothing of this object is simulated', type: '', virtual: true }];
  const groups = new Map<string, KernelMember[]>();
  for (const member of members) {
    const group = groups.get(member.structure);
    if (group === undefined) groups.set(member.structure, [member]);
    else group.push(member);
  }
  // The innermost structure stands first in memory; people look for the outermost.
  const [own = [], ...inner] = [...groups.values()].reverse();
  return [
    ...own.map((member) => memberNode(callback, member)),
    ...inner.map((group) =>
      groupNode(`struct ${group[0]!.structure}`, () => group.map((member) => memberNode(callback, member))),
    ),
  ];
}

function memberNode(callback: CallbackInProgress, member: KernelMember): VariableNode {
  const { path, type, value } = member;
  switch (value.kind) {
    case 'number':
      return { name: path, value: numberText(path, value.value), type };
    case 'bytes':
      return { name: path, value: bytesText(value.bytes), type };
    case 'pointer': {
      const { to } = value;
      if (to === undefined) return { name: path, value: 'NULL', type };
      return { name: path, value: `struct ${to.type}`, type, children: () => membersOf(callback, to) };
    }
  }
}

/** Addresses and ports in network order also as people write them. */
function numberText(path: string, value: bigint): string {
  if (/^(?:skc_daddr|skc_rcv_saddr|inet_saddr)$/.test(path))
    return addressText(Uint8Array.from([0n, 8n, 16n, 24n], (shift) => Number((value >> shift) & 0xffn)));
  if (/^(?:skc_dport|inet_sport)$/.test(path)) return `${value} (port ${((value & 0xffn) << 8n) | (value >> 8n)})`;
  return value.toString();
}

function bytesText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = bytes.subarray(0, end < 0 ? bytes.length : end);
  if (text.length > 0 && text.every((byte) => byte > 31 && byte < 127)) return `"${decodeUtf8(text)}"`;
  return bytes.length === 16 ? addressText(bytes) : toHex(bytes);
}
