// Objects that programs allocate (bpf_obj_new), lists and red-black trees of them. Source: kernel/bpf/helpers.c.
//
// Nodes lie inside objects. A list head is 16 bytes [first, last], a list node 24 bytes [previous, next, owner], a tree root
// 16 bytes [root, count], a tree node 32 bytes [parent, left, right, owner], as addresses. The tree is kept in order and not
// balanced: what a program can see of it (first, left, right, root) is a valid search tree, not the kernel's exact shape.

import { sizeOf } from '../../object/index.ts';
import { highHalf, lowHalf } from '../address.ts';
import type { Continuation } from '../continuation.ts';
import { EINVAL } from '../errno.ts';
import { BLOCK, HEADER } from '../heap.ts';
import type { Machine } from '../machine.ts';
import type { HelperImpl } from './impl.ts';

const word = (m: Machine, at: number, index: number): bigint => m.memory.view.getBigInt64(at + 8 * index, true);
const setWord = (m: Machine, at: number, index: number, value: bigint): void => m.memory.setU64(at + 8 * index, value);

/** Linear address of `bytes` bytes at a 64-bit address that one of these structures holds; -1 with a fault. */
function at(m: Machine, address: bigint, bytes: number): number {
  const place = m.access.resolve(highHalf(address), lowHalf(address), bytes, 'write');
  if (place >= 0) return place;
  if (m.access.refusal !== undefined)
    m.setFault({
      kind: 'access',
      argument: { helper: m.helperName(), index: 1, what: 'linked object' },
      ...m.access.refusal,
    });
  m.access.refusal = undefined;
  return -1;
}

const LIST_HEAD = 16;
const LIST_NODE = 24;
const PREVIOUS = 0;
const NEXT = 1;
const OWNER = 2;

/** An empty head may be all zero: that is how a map value starts. */
function pushToList(m: Machine, front: boolean): number | undefined {
  const head = m.pointer(1, LIST_HEAD, 'write', 'list head');
  const node = head < 0 ? -1 : m.pointer(2, LIST_NODE, 'write', 'list node');
  if (head < 0 || node < 0) return undefined;
  if (word(m, node, OWNER) !== 0n) return EINVAL;
  const end = front ? 0 : 1;
  const neighbour = word(m, head, end);
  setWord(m, node, PREVIOUS, front ? 0n : neighbour);
  setWord(m, node, NEXT, front ? neighbour : 0n);
  setWord(m, node, OWNER, m.arg(1));
  if (neighbour !== 0n) {
    const other = at(m, neighbour, LIST_NODE);
    if (other < 0) return undefined;
    setWord(m, other, front ? PREVIOUS : NEXT, m.arg(2));
  } else setWord(m, head, 1 - end, m.arg(2));
  setWord(m, head, end, m.arg(2));
  return 0;
}

function popFromList(m: Machine, front: boolean): bigint | undefined {
  const head = m.pointer(1, LIST_HEAD, 'write', 'list head');
  if (head < 0) return undefined;
  const end = front ? 0 : 1;
  const address = word(m, head, end);
  if (address === 0n) return 0n;
  const node = at(m, address, LIST_NODE);
  if (node < 0) return undefined;
  const neighbour = word(m, node, front ? NEXT : PREVIOUS);
  if (neighbour !== 0n) {
    const other = at(m, neighbour, LIST_NODE);
    if (other < 0) return undefined;
    setWord(m, other, front ? PREVIOUS : NEXT, 0n);
  } else setWord(m, head, 1 - end, 0n);
  setWord(m, head, end, neighbour);
  for (let i = 0; i < 3; i++) setWord(m, node, i, 0n);
  return address;
}

/** bpf_list_add(): head, new node, node behind which it goes. */
function addBehind(m: Machine): number | undefined {
  const head = m.pointer(1, LIST_HEAD, 'write', 'list head');
  const node = head < 0 ? -1 : m.pointer(2, LIST_NODE, 'write', 'list node');
  const previous = node < 0 ? -1 : m.pointer(3, LIST_NODE, 'write', 'list node');
  if (head < 0 || node < 0 || previous < 0) return undefined;
  if (word(m, node, OWNER) !== 0n || word(m, previous, OWNER) !== m.arg(1)) return EINVAL;
  const after = word(m, previous, NEXT);
  setWord(m, node, PREVIOUS, m.arg(3));
  setWord(m, node, NEXT, after);
  setWord(m, node, OWNER, m.arg(1));
  setWord(m, previous, NEXT, m.arg(2));
  if (after === 0n) setWord(m, head, 1, m.arg(2));
  else {
    const other = at(m, after, LIST_NODE);
    if (other < 0) return undefined;
    setWord(m, other, PREVIOUS, m.arg(2));
  }
  return 0;
}

/** bpf_list_del(): the node, or NULL when it is in no or another list. */
function removeFromList(m: Machine): bigint | undefined {
  const head = m.pointer(1, LIST_HEAD, 'write', 'list head');
  const node = head < 0 ? -1 : m.pointer(2, LIST_NODE, 'write', 'list node');
  if (head < 0 || node < 0) return undefined;
  if (word(m, node, OWNER) !== m.arg(1)) return 0n;
  const previous = word(m, node, PREVIOUS);
  const next = word(m, node, NEXT);
  const before = previous === 0n ? head : at(m, previous, LIST_NODE);
  const behind = next === 0n ? head : at(m, next, LIST_NODE);
  if (before < 0 || behind < 0) return undefined;
  setWord(m, before, previous === 0n ? 0 : NEXT, next);
  setWord(m, behind, next === 0n ? 1 : PREVIOUS, previous);
  for (let i = 0; i < 3; i++) setWord(m, node, i, 0n);
  return m.arg(2);
}

/** Whether the node in argument 2 is at that end of the list in argument 1. */
function isAtEnd(m: Machine, end: 0 | 1): number | undefined {
  const address = endOfList(m, end);
  return address === undefined ? undefined : address !== 0n && address === m.arg(2) ? 1 : 0;
}

function endOfList(m: Machine, end: 0 | 1): bigint | undefined {
  const head = m.pointer(1, LIST_HEAD, 'read', 'list head');
  return head < 0 ? undefined : word(m, head, end);
}

const TREE_ROOT = 16;
const TREE_NODE = 32;
const PARENT = 0;
const LEFT = 1;
const RIGHT = 2;
const TREE_OWNER = 3;

function treeNode(m: Machine, n: number): number {
  return m.pointer(n, TREE_NODE, 'write', 'tree node');
}

function removeFromTree(m: Machine): bigint | undefined {
  const root = m.pointer(1, TREE_ROOT, 'write', 'tree root');
  const node = root < 0 ? -1 : treeNode(m, 2);
  if (root < 0 || node < 0) return undefined;
  if (word(m, node, TREE_OWNER) !== m.arg(1)) return 0n;
  const self = m.arg(2);
  const parent = word(m, node, PARENT);
  let replacement: bigint;
  const left = word(m, node, LEFT);
  const right = word(m, node, RIGHT);
  if (left === 0n || right === 0n) replacement = left === 0n ? right : left;
  else {
    // The smallest of the right side takes the place.
    let least = right;
    for (;;) {
      const place = at(m, least, TREE_NODE);
      if (place < 0) return undefined;
      const lower = word(m, place, LEFT);
      if (lower === 0n) break;
      least = lower;
    }
    const place = at(m, least, TREE_NODE);
    if (least !== right) {
      const above = at(m, word(m, place, PARENT), TREE_NODE);
      if (above < 0) return undefined;
      const below = word(m, place, RIGHT);
      setWord(m, above, LEFT, below);
      if (below !== 0n) {
        const child = at(m, below, TREE_NODE);
        if (child < 0) return undefined;
        setWord(m, child, PARENT, word(m, place, PARENT));
      }
      setWord(m, place, RIGHT, right);
      const other = at(m, right, TREE_NODE);
      if (other < 0) return undefined;
      setWord(m, other, PARENT, least);
    }
    setWord(m, place, LEFT, left);
    const lower = at(m, left, TREE_NODE);
    if (lower < 0) return undefined;
    setWord(m, lower, PARENT, least);
    replacement = least;
  }
  if (replacement !== 0n) {
    const place = at(m, replacement, TREE_NODE);
    if (place < 0) return undefined;
    setWord(m, place, PARENT, parent);
  }
  if (parent === 0n) setWord(m, root, 0, replacement);
  else {
    const above = at(m, parent, TREE_NODE);
    if (above < 0) return undefined;
    setWord(m, above, word(m, above, LEFT) === self ? LEFT : RIGHT, replacement);
  }
  for (let i = 0; i < 4; i++) setWord(m, node, i, 0n);
  return self;
}

function firstOfTree(m: Machine): bigint | undefined {
  const root = m.pointer(1, TREE_ROOT, 'read', 'tree root');
  if (root < 0) return undefined;
  let address = word(m, root, 0);
  for (;;) {
    if (address === 0n) return 0n;
    const place = at(m, address, TREE_NODE);
    if (place < 0) return undefined;
    const left = word(m, place, LEFT);
    if (left === 0n) return address;
    address = left;
  }
}

function insertAt(m: Machine, root: number, rootAddress: bigint, node: bigint, parent: bigint, side: number): boolean {
  const place = at(m, node, TREE_NODE);
  if (place < 0) return false;
  setWord(m, place, PARENT, parent);
  setWord(m, place, LEFT, 0n);
  setWord(m, place, RIGHT, 0n);
  setWord(m, place, TREE_OWNER, rootAddress);
  if (parent === 0n) setWord(m, root, 0, node);
  else {
    const above = at(m, parent, TREE_NODE);
    if (above < 0) return false;
    setWord(m, above, side, node);
  }
  return true;
}

function addToTree(m: Machine): number | undefined {
  const root = m.pointer(1, TREE_ROOT, 'write', 'tree root');
  const node = root < 0 ? -1 : treeNode(m, 2);
  if (root < 0 || node < 0) return undefined;
  if (word(m, node, TREE_OWNER) !== 0n) return EINVAL;
  const rootAddress = m.arg(1);
  const nodeAddress = m.arg(2);
  const top = word(m, root, 0);
  if (top === 0n) return insertAt(m, root, rootAddress, nodeAddress, 0n, LEFT) ? 0 : undefined;
  const continuation: Continuation = { kind: 'tree-insert', root: rootAddress, node: nodeAddress, at: top };
  if (m.callBack(3, continuation)) {
    m.regs64[1] = nodeAddress;
    m.regs64[2] = top;
  }
  return undefined;
}

/** The comparison of bpf_rbtree_add() has returned: go down on the side it says. */
export function resumeTreeInsert(m: Machine, c: Extract<Continuation, { kind: 'tree-insert' }>): number | undefined {
  const side = m.regs64[0] !== 0n ? LEFT : RIGHT;
  const place = at(m, c.at, TREE_NODE);
  if (place < 0) return undefined;
  const next = word(m, place, side);
  if (next === 0n) {
    const root = at(m, c.root, TREE_ROOT);
    return root >= 0 && insertAt(m, root, c.root, c.node, c.at, side) ? 0 : undefined;
  }
  m.again({ ...c, at: next });
  m.regs64[1] = c.node;
  m.regs64[2] = next;
  return undefined;
}

function newObject(m: Machine): undefined {
  const type = m.argU32(1);
  const size = m.types === undefined ? undefined : sizeOf(m.types, type);
  if (size === undefined)
    return m.unmodelled('bpf_obj_new()', `the program has no BTF that says how large type ${type} is`);
  const data = m.heap.allocate({ kind: BLOCK.allocated, mapped: Math.max(1, size), owner: type });
  return m.returnBlock(Math.max(0, data));
}

function dropObject(m: Machine): undefined {
  if (m.isNull(1)) return undefined;
  const low = m.regs32[2]!;
  const data = m.heap.find(m.regs32[3]!, low);
  if (data !== low || m.heap.kind(data) !== BLOCK.allocated || !m.access.allowed(m.regs32[3]!, low, 1, 'read')) {
    m.badArgument(1, 'not the start of an object from bpf_obj_new()');
    return undefined;
  }
  // Header field `a` counts references beyond the first.
  const others = m.heap.get(data, HEADER.a);
  if (others > 0) m.heap.set(data, HEADER.a, others - 1);
  else m.heap.defer(data);
  return undefined;
}

function acquireObject(m: Machine): bigint | undefined {
  const low = m.regs32[2]!;
  const data = m.isNull(1) ? 0 : m.heap.find(m.regs32[3]!, low);
  if (data !== 0 && m.heap.kind(data) === BLOCK.allocated && m.access.allowed(m.regs32[3]!, low, 1, 'read')) {
    m.heap.set(data, HEADER.a, m.heap.get(data, HEADER.a) + 1);
    return m.arg(1);
  }
  m.badArgument(1, 'not an object from bpf_obj_new()');
  return undefined;
}

export const OBJECT_KFUNCS = {
  bpf_obj_new_impl: newObject,
  bpf_obj_new: newObject,
  bpf_percpu_obj_new_impl: newObject,
  bpf_percpu_obj_new: newObject,
  bpf_obj_drop_impl: dropObject,
  bpf_obj_drop: dropObject,
  bpf_percpu_obj_drop_impl: dropObject,
  bpf_percpu_obj_drop: dropObject,
  bpf_refcount_acquire_impl: acquireObject,
  bpf_refcount_acquire: acquireObject,
  bpf_list_push_front_impl: (m) => pushToList(m, true),
  bpf_list_push_front: (m) => pushToList(m, true),
  bpf_list_push_back_impl: (m) => pushToList(m, false),
  bpf_list_push_back: (m) => pushToList(m, false),
  bpf_list_add: addBehind,
  bpf_list_del: removeFromList,
  bpf_list_is_first: (m) => isAtEnd(m, 0),
  bpf_list_is_last: (m) => isAtEnd(m, 1),
  bpf_list_empty(m) {
    const first = endOfList(m, 0);
    return first === undefined ? undefined : first === 0n ? 1 : 0;
  },
  bpf_list_pop_front: (m) => popFromList(m, true),
  bpf_list_pop_back: (m) => popFromList(m, false),
  bpf_list_front: (m) => endOfList(m, 0),
  bpf_list_back: (m) => endOfList(m, 1),
  bpf_rbtree_add_impl: addToTree,
  bpf_rbtree_add: addToTree,
  bpf_rbtree_remove: removeFromTree,
  bpf_rbtree_first: firstOfTree,
  bpf_rbtree_root(m) {
    const root = m.pointer(1, TREE_ROOT, 'read', 'tree root');
    return root < 0 ? undefined : word(m, root, 0);
  },
  bpf_rbtree_left(m) {
    const node = m.pointer(2, TREE_NODE, 'read', 'tree node');
    return node < 0 ? undefined : word(m, node, LEFT);
  },
  bpf_rbtree_right(m) {
    const node = m.pointer(2, TREE_NODE, 'read', 'tree node');
    return node < 0 ? undefined : word(m, node, RIGHT);
  },
} satisfies Record<string, HelperImpl>;
