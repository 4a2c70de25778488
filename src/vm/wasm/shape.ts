// How a program becomes structured code: its basic blocks in the order in which they are emitted, and which loops can be loops of
// WebAssembly. A loop can when it lies in one piece and is entered at its head only; every other jump backwards, every return
// from a function of the program, and every place where compiled code may start goes through a dispatch table.

import type { Code } from '../lower.ts';
import { OP } from '../op.ts';

export interface Block {
  readonly index: number;
  /** Column of the first instruction, and the one behind the last. */
  readonly start: number;
  readonly end: number;
  /** Columns of the instructions: the second slot of a 16-byte load is none. */
  readonly columns: readonly number[];
  /** Blocks that a jump at its end leads to. */
  readonly jumps: readonly number[];
  /** Whether control can run on into the next block. */
  readonly runsOn: boolean;
}

export interface Loop {
  readonly head: number;
  /** Its last block. */
  readonly last: number;
}

export interface Shape {
  readonly blocks: readonly Block[];
  /** By head, nested or apart, never crossing. */
  readonly loops: ReadonlyMap<number, Loop>;
  /** Index into the dispatch table by block; blocks inside loops have none. */
  readonly entries: ReadonlyMap<number, number>;
  /** Block that starts at a column. */
  blockAt(column: number): number | undefined;
}

const isJump = (op: number): boolean => (op >= OP.jump && op <= OP.jset32) || op === OP.mayGoto;

/** Operations after which a new block starts. */
const endsBlock = (op: number): boolean =>
  isJump(op) || op === OP.exit || op === OP.trap || op === OP.callHelper || op === OP.callLocal;

const runsOn = (op: number): boolean => op !== OP.jump && op !== OP.exit && op !== OP.trap && op !== OP.callLocal;

/** Finds the shape of a lowered program. */
export function shapeOf(code: Code): Shape {
  const size = code.op.length;
  const starts = new Set<number>([0]);
  /** Where compiled code must be able to start: functions, and what comes after a call of one. */
  const required = new Set<number>([0]);
  for (let column = 0; column < size; column = next(code, column)) {
    const op = code.op[column]!;
    if (isJump(op)) starts.add(code.target[column]!);
    if (op === OP.callLocal) for (const at of [code.target[column]!, column + 1]) required.add(at);
    if (op === OP.loadImm64) addFunctionAddress(code, column, required);
    if (endsBlock(op)) starts.add(next(code, column));
  }
  // The columns behind the program stand alone: the trap for passing the end, the exit, traps for bad jumps.
  for (let column = code.length; column < size; column++) starts.add(column);
  for (const column of required) starts.add(column);
  const sorted = [...starts].filter((column) => column < size).sort((a, b) => a - b);
  // A jump into the middle of a 16-byte load meets a trap, around which control runs on: it stands out of line, at the end.
  const inLine = sorted.filter((column) => !isSecondHalf(code, column));
  const aside = sorted.filter((column) => isSecondHalf(code, column));
  const order = [...inLine, ...aside];
  const blockOf = new Map(order.map((column, index) => [column, index]));
  const blocks = order.map((start, index) => {
    const end = index < inLine.length ? (inLine[index + 1] ?? size) : start + 1;
    return makeBlock(code, index, start, end, blockOf);
  });

  const dispatched = new Set([...required].flatMap((column) => blockOf.get(column) ?? []));
  const loops = findLoops(blocks, dispatched);
  const entries = new Map<number, number>();
  let inside = -1;
  for (const { index } of blocks) {
    if (index > inside) entries.set(index, entries.size);
    const loop = loops.get(index);
    if (loop !== undefined) inside = Math.max(inside, loop.last);
  }
  return { blocks, loops, entries, blockAt: (column) => blockOf.get(column) };
}

const next = (code: Code, column: number): number => column + (code.op[column] === OP.loadImm64 ? 2 : 1);

const isSecondHalf = (code: Code, column: number): boolean => column < code.length && code.insns[column] === undefined;

function addFunctionAddress(code: Code, column: number, required: Set<number>): void {
  const insn = code.insns[column];
  if (insn?.kind !== 'load-imm64' || insn.source !== 'function') return;
  const slot = insn.slot + 1 + (insn.low | 0);
  if (slot >= 0 && slot < code.length) required.add(slot);
}

function makeBlock(code: Code, index: number, start: number, end: number, blockOf: ReadonlyMap<number, number>): Block {
  const columns: number[] = [];
  for (let column = start; column < end; column = next(code, column)) columns.push(column);
  const last = columns.at(-1)!;
  const op = code.op[last]!;
  const jumps = isJump(op) ? [blockOf.get(code.target[last]!)!] : [];
  return { index, start, end, columns, jumps, runsOn: runsOn(op) };
}

/**
 * The loops that can be written as such. `dispatched` are blocks that must be reachable through the table; a loop may hold one
 * only as its head. A backward jump that belongs to no loop adds its target to them, which can undo other loops.
 */
function findLoops(blocks: readonly Block[], dispatched: Set<number>): ReadonlyMap<number, Loop> {
  const lasts = new Map<number, number>();
  for (const { index, jumps } of blocks)
    for (const target of jumps) if (target <= index) lasts.set(target, Math.max(lasts.get(target) ?? 0, index));
  spread(lasts);
  const entering = outsideEntries(blocks);
  for (;;) {
    const broken = [...lasts].filter(([head, last]) => !isLoop(head, last, dispatched, entering));
    if (broken.length === 0) break;
    for (const [head] of broken) {
      lasts.delete(head);
      dispatched.add(head);
    }
  }
  return new Map([...lasts].map(([head, last]) => [head, { head, last }]));
}

/** Where one loop starts inside another and ends after it, the outer one is taken to end there too. */
function spread(lasts: Map<number, number>): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const [head, last] of lasts) {
      for (const [other, otherLast] of lasts) {
        if (other > head && other <= last && otherLast > last) {
          lasts.set(head, otherLast);
          changed = true;
        }
      }
    }
  }
}

/** For every block, the lowest and highest block that jumps to it (running on from the block before is not a jump). */
function outsideEntries(blocks: readonly Block[]): readonly { readonly low: number; readonly high: number }[] {
  const entering = blocks.map(() => ({ low: Number.POSITIVE_INFINITY, high: -1 }));
  for (const { index, jumps } of blocks) {
    for (const target of jumps) {
      const entry = entering[target]!;
      entry.low = Math.min(entry.low, index);
      entry.high = Math.max(entry.high, index);
    }
  }
  return entering;
}

function isLoop(
  head: number,
  last: number,
  dispatched: ReadonlySet<number>,
  entering: readonly { readonly low: number; readonly high: number }[],
): boolean {
  for (let block = head + 1; block <= last; block++) {
    const { low, high } = entering[block]!;
    if (dispatched.has(block) || low < head || high > last) return false;
  }
  return true;
}
