// The tree of named values that every view shows: variables, watch results, map entries. Nodes are made lazily, so that opening
// a struct of a thousand fields costs what is looked at.

import type { TypeRef, ValueNode } from '../object/index.ts';
import { decodeValue } from '../object/index.ts';
import type { Place } from './expression/value.ts';
import type { WatchTarget } from './watch.ts';

export interface VariableNode {
  readonly name: string;
  /** One line for a person. */
  readonly value: string;
  /** C type; '' where there is none. */
  readonly type: string;
  /** An expression that gives this value again. */
  readonly evaluateName?: string;
  /** Guest address of the first byte, for memory views. */
  readonly address?: bigint;
  readonly children?: () => readonly VariableNode[];
  /** Number of children when they are elements that can be paged. */
  readonly indexedCount?: number;
  /** Where a new value is written; absent: read-only. */
  readonly place?: Place;
  /** What a data breakpoint on this node would watch. */
  readonly watch?: WatchTarget;
  /** Other than at the last stop. */
  readonly changed?: boolean;
  /** Groups and remarks, as opposed to data of the program. */
  readonly virtual?: boolean;
}

/** Bytes in guest memory decoded by a C type, with places for writing and watching. */
export function memoryNode(
  name: string,
  type: TypeRef,
  bytes: Uint8Array,
  address: bigint | undefined,
  evaluateName: string,
): VariableNode {
  return fromValue(decodeValue(type, bytes, { name }), address, evaluateName);
}

/** A decoded value as a node; `address` is that of the bytes that were decoded, undefined when they are in no memory. */
export function fromValue(node: ValueNode, address: bigint | undefined, evaluateName: string): VariableNode {
  const at = address === undefined ? undefined : address + BigInt(Math.floor(node.offsetBits / 8));
  const scalar =
    node.children.length === 0 && node.shape !== 'unreadable' && node.shape !== 'struct' && node.shape !== 'union';
  const place: Place | undefined =
    at === undefined || !scalar
      ? undefined
      : { kind: 'memory', address: at, offsetBits: node.offsetBits % 8, sizeBits: node.sizeBits };
  return {
    name: node.name === '' ? '(anonymous)' : node.name,
    value: node.text,
    type: node.typeText,
    evaluateName,
    ...(at === undefined
      ? {}
      : {
          address: at,
          watch: {
            kind: 'memory',
            label: evaluateName,
            address: at,
            size: Math.max(1, Math.ceil(node.sizeBits / 8)),
          } as const,
        }),
    ...(place === undefined ? {} : { place }),
    ...(node.children.length === 0
      ? {}
      : {
          children: () => {
            const nodes = node.children.map((child) => fromValue(child, address, childName(node, child, evaluateName)));
            return node.omitted > 0
              ? [...nodes, { name: '...', value: `${node.omitted} more`, type: '', virtual: true }]
              : nodes;
          },
          ...(node.shape === 'array' || node.shape === 'string' ? { indexedCount: node.children.length } : {}),
        }),
  };
}

function childName(parent: ValueNode, child: ValueNode, evaluateName: string): string {
  if (child.name === '') return evaluateName;
  return parent.shape === 'array' || parent.shape === 'string'
    ? `${evaluateName}${child.name}`
    : `${evaluateName}.${child.name}`;
}

/** A node that only groups others. */
export function groupNode(name: string, children: () => readonly VariableNode[], value = ''): VariableNode {
  return { name, value, type: '', children, virtual: true };
}
