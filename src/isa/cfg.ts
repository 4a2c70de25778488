// The control-flow graph of a program: functions, basic blocks, edges, what can be reached. Purely structural: what is odd
// about a program (a jump into the middle of an instruction, a function that runs off its end) is listed, never thrown,
// and left to the verifier to judge. Source: RFC 9669 section 4.3 for where control goes; functions are laid out as the
// kernel demands, each from its entry to the next entry.

import { assertNever } from '../base/index.ts';
import { slotCount } from './decode.ts';
import type { DecodedProgram, Insn, LoadImm64Insn } from './insn.ts';

export type EdgeKind = 'next' | 'jump' | 'taken';

/** Where control can go from an instruction: the slot after it, the target of a jump, or that of a jump that may be taken. */
export interface SlotEdge {
  readonly kind: EdgeKind;
  readonly slot: number;
}

export interface BlockEdge {
  readonly kind: EdgeKind;
  /** Index into `blocks`. */
  readonly block: number;
}

export interface BasicBlock {
  readonly index: number;
  readonly startSlot: number;
  /** Slot after the last instruction. */
  readonly endSlot: number;
  /** Slot of the last instruction. */
  readonly lastSlot: number;
  /** Index into `functions`. */
  readonly function: number;
  readonly successors: readonly BlockEdge[];
  /** Indices of the blocks that lead here, in ascending order. */
  readonly predecessors: readonly number[];
  /** Whether control can get here from the first slot, through calls and addresses of functions too. */
  readonly reachable: boolean;
  /** Whether a jump from inside the loop leads back here: the block is the head of a loop. */
  readonly loopHead: boolean;
}

export interface FunctionRegion {
  readonly index: number;
  readonly startSlot: number;
  /** Start of the next function, or the end of the program. */
  readonly endSlot: number;
  /** Indices of the functions that it calls or whose address it takes, in ascending order. */
  readonly references: readonly number[];
  readonly reachable: boolean;
}

/** Something about the flow of control that no correct program has. `slot` is the instruction to blame. */
export type FlowDefect =
  | { readonly kind: 'target-outside-program'; readonly slot: number; readonly target: number }
  | { readonly kind: 'target-inside-insn'; readonly slot: number; readonly target: number }
  | { readonly kind: 'target-in-other-function'; readonly slot: number; readonly target: number }
  | { readonly kind: 'runs-off-function-end'; readonly slot: number };

export interface ControlFlowGraph {
  readonly functions: readonly FunctionRegion[];
  /** In the order of their slots. */
  readonly blocks: readonly BasicBlock[];
  /** Block indices in reverse post-order, function by function: every block after those that lead to it, loops aside. */
  readonly order: readonly number[];
  readonly defects: readonly FlowDefect[];
  /** The block that a slot belongs to (the second slot of a 16-byte instruction too); undefined outside the program. */
  blockAt(slot: number): BasicBlock | undefined;
  functionAt(slot: number): FunctionRegion | undefined;
}

/** Where control can go next inside the same function. A call comes back to the next slot; indirect jumps name no slot. */
export function slotEdges(insn: Insn): readonly SlotEdge[] {
  const next: SlotEdge = { kind: 'next', slot: insn.slot + slotCount(insn) };
  switch (insn.kind) {
    case 'jump':
      return [{ kind: 'jump', slot: insn.target }];
    case 'jump-if':
    case 'may-goto':
      return [next, { kind: 'taken', slot: insn.target }];
    case 'exit':
    case 'jump-indirect':
      return [];
    case 'alu':
    case 'neg':
    case 'endian':
    case 'addr-space-cast':
    case 'load-imm64':
    case 'load':
    case 'store':
    case 'atomic':
    case 'load-acquire':
    case 'store-release':
    case 'call-helper':
    case 'call-local':
    case 'call-kfunc':
    case 'call-indirect':
    case 'packet-load':
    case 'invalid':
      return [next];
    default:
      return assertNever(insn, 'slotEdges');
  }
}

/** The slot that a load-imm64 of a function's address refers to. */
export function functionTarget(insn: LoadImm64Insn): number | undefined {
  return insn.source === 'function' ? insn.slot + 1 + (insn.low | 0) : undefined;
}

/** The entry slot of the function that an instruction calls or takes the address of; undefined for any other instruction. */
export function referencedFunction(insn: Insn): number | undefined {
  if (insn.kind === 'call-local') return insn.target;
  return insn.kind === 'load-imm64' ? functionTarget(insn) : undefined;
}

/**
 * Builds the graph. `entries` adds function entries beyond slot 0 and those that the program itself refers to (functions
 * known from symbols alone). An edge that leads nowhere sensible is left out and recorded as a defect.
 */
export function buildControlFlow(program: DecodedProgram, entries: readonly number[] = []): ControlFlowGraph {
  const defects: FlowDefect[] = [];
  const starts = functionStarts(program, entries, defects);
  const functionOfSlot = indexBySlot(program.length, starts);
  const ends = starts.map((_, index) => starts[index + 1] ?? program.length);

  const edges = new Map<number, readonly SlotEdge[]>();
  const leaders = new Set(starts);
  for (const insn of program) {
    if (insn === undefined) continue;
    const home = functionOfSlot[insn.slot]!;
    const sound = slotEdges(insn).filter((edge) => {
      const defect = edgeDefect(program, functionOfSlot, insn, home, edge);
      if (defect !== undefined) defects.push(defect);
      return defect === undefined;
    });
    edges.set(insn.slot, sound);
    for (const edge of sound) if (edge.kind !== 'next') leaders.add(edge.slot);
    const next = insn.slot + slotCount(insn);
    if (endsBlock(insn) && next < program.length) leaders.add(next);
  }

  const blockStarts = [...leaders].sort((a, b) => a - b);
  const blockOfSlot = indexBySlot(program.length, blockStarts);
  const drafts = blockStarts.map((startSlot, index): Draft => {
    const endSlot = blockStarts[index + 1] ?? program.length;
    const lastSlot = program[endSlot - 1] === undefined ? endSlot - 2 : endSlot - 1;
    const successors = (edges.get(lastSlot) ?? []).map(({ kind, slot }) => ({ kind, block: blockOfSlot[slot]! }));
    return { index, startSlot, endSlot, lastSlot, function: functionOfSlot[startSlot]!, successors };
  });

  const references = starts.map((start, index) =>
    ascending(
      program.slice(start, ends[index]).flatMap((insn) => {
        const target = insn === undefined ? undefined : referencedFunction(insn);
        return target !== undefined && program[target] !== undefined ? [functionOfSlot[target]!] : [];
      }),
    ),
  );
  const walk = walkBlocks(drafts, starts, blockOfSlot);
  const reachable = reachableBlocks(program, drafts, starts, blockOfSlot);
  const predecessors = drafts.map((): number[] => []);
  for (const draft of drafts) {
    for (const edge of draft.successors) {
      const list = predecessors[edge.block]!;
      if (list.at(-1) !== draft.index) list.push(draft.index);
    }
  }
  const blocks = drafts.map(
    (draft): BasicBlock => ({
      ...draft,
      predecessors: predecessors[draft.index]!,
      reachable: reachable.has(draft.index),
      loopHead: walk.loopHeads.has(draft.index),
    }),
  );
  const functions = starts.map(
    (startSlot, index): FunctionRegion => ({
      index,
      startSlot,
      endSlot: ends[index]!,
      references: references[index]!,
      reachable: reachable.has(blockOfSlot[startSlot]!),
    }),
  );
  return {
    functions,
    blocks,
    order: walk.order,
    defects,
    blockAt: (slot) => blocks[blockOfSlot[slot] ?? -1],
    functionAt: (slot) => functions[functionOfSlot[slot] ?? -1],
  };
}

type Draft = Omit<BasicBlock, 'predecessors' | 'reachable' | 'loopHead'>;

const ascending = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);

/** Jumps, exits and indirect jumps end a block; a call does not. */
function endsBlock(insn: Insn): boolean {
  const edges = slotEdges(insn);
  return edges.length !== 1 || edges[0]!.kind !== 'next';
}

function functionStarts(program: DecodedProgram, entries: readonly number[], defects: FlowDefect[]): number[] {
  const starts = program.length > 0 ? [0] : [];
  for (const insn of program) {
    const target = insn === undefined ? undefined : referencedFunction(insn);
    if (insn === undefined || target === undefined) continue;
    if (!(target >= 0 && target < program.length))
      defects.push({ kind: 'target-outside-program', slot: insn.slot, target });
    else if (program[target] === undefined) defects.push({ kind: 'target-inside-insn', slot: insn.slot, target });
    else starts.push(target);
  }
  return ascending([...starts, ...entries.filter((slot) => program[slot] !== undefined)]);
}

/** For every slot, the index of the last start that is not after it. */
function indexBySlot(length: number, starts: readonly number[]): Int32Array {
  const index = new Int32Array(length).fill(-1);
  starts.forEach((start, at) => {
    index.fill(at, start, starts[at + 1]);
  });
  return index;
}

function edgeDefect(
  program: DecodedProgram,
  functionOfSlot: Int32Array,
  insn: Insn,
  home: number,
  edge: SlotEdge,
): FlowDefect | undefined {
  const { slot } = insn;
  const target = edge.slot;
  const inside = target >= 0 && target < program.length;
  if (edge.kind === 'next')
    return inside && functionOfSlot[target] === home ? undefined : { kind: 'runs-off-function-end', slot };
  if (!inside) return { kind: 'target-outside-program', slot, target };
  if (program[target] === undefined) return { kind: 'target-inside-insn', slot, target };
  return functionOfSlot[target] === home ? undefined : { kind: 'target-in-other-function', slot, target };
}

/** Depth-first from each function's entry, then from blocks that nothing leads to, without recursion. */
function walkBlocks(blocks: readonly Draft[], starts: readonly number[], blockOfSlot: Int32Array) {
  const loopHeads = new Set<number>();
  const state = new Uint8Array(blocks.length); // 0 not seen, 1 on the path, 2 done
  const order: number[] = [];
  const roots = starts.map((start) => blockOfSlot[start]!);
  for (const [index, root] of roots.entries()) {
    const end = roots[index + 1] ?? blocks.length;
    const trees: number[][] = [];
    for (let at = root; at < end; at++) {
      const finished: number[] = [];
      const path: { readonly block: number; edge: number }[] = [];
      const enter = (block: number) => {
        state[block] = 1;
        path.push({ block, edge: 0 });
      };
      if (state[at] === 0) enter(at);
      for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
        const edge = blocks[top.block]!.successors[top.edge++];
        if (edge === undefined) {
          state[top.block] = 2;
          finished.push(top.block);
          path.pop();
        } else if (state[edge.block] === 1) loopHeads.add(edge.block);
        else if (state[edge.block] === 0) enter(edge.block);
      }
      trees.push(finished.reverse());
    }
    // Code that nothing leads to may lead into code that is reached, so a later tree comes before an earlier one.
    order.push(...trees.reverse().flat());
  }
  return { loopHeads, order };
}

function reachableBlocks(
  program: DecodedProgram,
  blocks: readonly Draft[],
  starts: readonly number[],
  blockOfSlot: Int32Array,
): ReadonlySet<number> {
  const entries = new Set(starts);
  const seen = new Set<number>();
  const waiting = blocks.length > 0 ? [0] : [];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (seen.has(index)) continue;
    seen.add(index);
    const block = blocks[index]!;
    for (const edge of block.successors) waiting.push(edge.block);
    for (let slot = block.startSlot; slot < block.endSlot; slot++) {
      const insn = program[slot];
      const target = insn === undefined ? undefined : referencedFunction(insn);
      if (target !== undefined && entries.has(target)) waiting.push(blockOfSlot[target]!);
    }
  }
  return seen;
}
