// Reads a tree-sitter tree into light nodes in one walk, so that the rest never touches the parser's own objects.

import type { SyntaxCursor } from './parser.ts';

/** A copied tree node. Unnamed tokens are kept: the operators are among them. */
export interface RawNode {
  readonly type: string;
  readonly field: string | null;
  readonly named: boolean;
  readonly start: number;
  readonly end: number;
  readonly children: readonly RawNode[];
  /** Whether the parser put an error or a missing token here or below. */
  readonly broken: boolean;
}

const NO_CHILDREN: readonly RawNode[] = [];
const asItIs = (position: number): number => position;

/**
 * Copies the node under the cursor and all below it; the cursor ends where it began. `placeOf` says where in its file a position of
 * the parsed text is. `depth` bounds the nesting.
 */
export function readNode(cursor: SyntaxCursor, placeOf: (position: number) => number = asItIs, depth = 0): RawNode {
  const type = cursor.nodeType;
  const field = cursor.currentFieldName;
  const named = cursor.nodeIsNamed;
  const start = placeOf(cursor.startIndex);
  const end = placeOf(cursor.endIndex);
  let broken = type === 'ERROR' || (start === end && cursor.nodeIsMissing);
  let children = NO_CHILDREN;
  if (depth < 400 && cursor.gotoFirstChild()) {
    const list: RawNode[] = [];
    do {
      const child = readNode(cursor, placeOf, depth + 1);
      broken ||= child.broken;
      list.push(child);
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
    children = list;
  }
  return { type, field, named, start, end, children, broken };
}

export function childOf(node: RawNode, field: string): RawNode | undefined {
  return node.children.find((child) => child.field === field);
}

export function childrenOf(node: RawNode, field: string): RawNode[] {
  return node.children.filter((child) => child.field === field);
}

export const namedChildren = (node: RawNode): RawNode[] => node.children.filter((child) => child.named);
