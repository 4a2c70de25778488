// Lowered code to a WebAssembly module with one function that runs the program from any entry of its dispatch table:
//
//   run(entry, left, depth) -> outcome
//
// Every block first takes its instructions off the budget; when that is not enough it leaves, and the interpreter goes on.

import { CONTROL } from '../linear-memory.ts';
import type { Code } from '../lower.ts';
import { Body, type FunctionNumbers, I32_LOCALS, I64_LOCALS, LOCAL, type MachineFacts } from './body.ts';
import { encodeModule, type FunctionType, I, TYPE, Writer } from './encoding.ts';
import { CALL_NAMES, MOST_FRAMES, OUTCOME, REGISTERS, SCRATCH } from './layout.ts';
import { keyAccess, mapAtCall } from './lookups.ts';
import { emitterOf } from './operations.ts';
import { type Block, type Shape, shapeOf } from './shape.ts';

/** Programs with more columns are left to the interpreter: compiling them would take longer than it could save. */
const MAX_COLUMNS = 32_768;

export interface CompiledProgram {
  readonly bytes: Uint8Array;
  /** Dispatch number of a column, undefined where compiled code cannot start. */
  entryOf(column: number): number | undefined;
}

const TYPES = [
  { parameters: [TYPE.i32], results: [TYPE.i32] },
  { parameters: [], results: [TYPE.i32] },
  { parameters: [TYPE.i32], results: [] },
  { parameters: [TYPE.i32, TYPE.i32, TYPE.i32], results: [TYPE.i32] },
  { parameters: Array.from({ length: REGISTERS }, () => TYPE.i64), results: [] },
] as const satisfies readonly FunctionType[];
const TYPE_OF_CALL = { access: 0, helper: 0, enter: 2, leave: 0, mayGoto: 1, trap: 2 } as const satisfies Record<
  (typeof CALL_NAMES)[number],
  number
>;
const RUN_TYPE = 3;
const SPILL_TYPE = 4;

const IMPORTED = CALL_NAMES.length;
const FUNCTIONS: FunctionNumbers = {
  access: CALL_NAMES.indexOf('access'),
  helper: CALL_NAMES.indexOf('helper'),
  enter: CALL_NAMES.indexOf('enter'),
  leave: CALL_NAMES.indexOf('leave'),
  mayGoto: CALL_NAMES.indexOf('mayGoto'),
  trap: CALL_NAMES.indexOf('trap'),
  spill: IMPORTED,
};
const RUN = IMPORTED + 1;

/** Compiles a program for a machine; undefined when it is too large. */
export function compileProgram(code: Code, machine: MachineFacts): CompiledProgram | undefined {
  if (code.op.length > MAX_COLUMNS || machine.maxFrames > MOST_FRAMES) return undefined;
  const shape = shapeOf(code);
  const body = new Body(code, FUNCTIONS, machine, shape.entries);
  emitFunction(body, shape);
  const bytes = encodeModule({
    types: TYPES,
    imports: CALL_NAMES.map((name) => ({ name, type: TYPE_OF_CALL[name] })),
    functions: [
      { type: SPILL_TYPE, locals: [], code: spillCode() },
      {
        type: RUN_TYPE,
        locals: [
          { count: I32_LOCALS, type: TYPE.i32 },
          { count: I64_LOCALS + body.windows.locals, type: TYPE.i64 },
        ],
        code: body.out.bytes(),
      },
    ],
    exported: { name: 'run', index: RUN },
  });
  return {
    bytes,
    entryOf: (column) => {
      const block = shape.blockAt(column);
      return block === undefined ? undefined : shape.entries.get(block);
    },
  };
}

function spillCode(): Uint8Array {
  const out = new Writer();
  for (let register = 0; register < REGISTERS; register++) {
    out.byte(I.i32Const).s32(0).byte(I.localGet).u32(register);
    out
      .byte(I.i64Store)
      .u32(3)
      .u32(SCRATCH.registers + 8 * register);
  }
  return out.bytes();
}

function emitFunction(body: Body, shape: Shape): void {
  for (const [word, local] of [
    [CONTROL.tagBase, LOCAL.tagBase],
    [CONTROL.dirtyBase, LOCAL.dirtyBase],
    [CONTROL.capacity, LOCAL.capacity],
  ] as const)
    body.i32(0).memory(I.i32Load, 2, word).set(local);
  body.reload(...Array.from({ length: REGISTERS }, (_, register) => register));
  body.get(LOCAL.depth).set(LOCAL.base);
  body.i32(0).memory(I.i32Load, 2, SCRATCH.deepest).set(LOCAL.deepest);
  for (const { start, columns } of shape.blocks) {
    const map = mapAtCall(body, columns.at(-1)!, start);
    if (map === undefined) continue;
    const { base, size, mode } = keyAccess(map);
    body.windows.add(base, size, mode);
  }
  body.open('block', { kind: 'finish' }).open('loop', { kind: 'dispatch' });
  emitRange(body, shape, 0, shape.blocks.length - 1, 'dispatched');
  body.op(I.unreachable).close().close();
  body.spill();
  body.i32(SCRATCH.left).get(LOCAL.left).memory(I.i32Store, 2);
  body.i32(SCRATCH.column).get(LOCAL.column).memory(I.i32Store, 2);
  body.get(LOCAL.outcome);
}

/** A run of blocks: single ones and whole loops. */
interface Item {
  readonly first: number;
  readonly last: number;
}

/**
 * Emits blocks `from` to `to`. The label of each item is opened before the first one and closed right before the item itself,
 * so that any earlier block can jump forward to it. In the outermost range the dispatch table comes before the first item.
 */
function emitRange(body: Body, shape: Shape, from: number, to: number, kind: 'dispatched' | 'loop'): void {
  const items: Item[] = [];
  for (let block = from; block <= to; ) {
    // A loop that starts where this one does is this one.
    const inner = kind === 'loop' && block === from ? undefined : shape.loops.get(block);
    const last = inner?.last ?? block;
    items.push({ first: block, last });
    block = last + 1;
  }
  const labelled = kind === 'loop' ? items.slice(1) : items;
  for (const item of [...labelled].reverse()) body.open('block', { kind: 'before', block: item.first });
  if (kind === 'dispatched') {
    body.get(LOCAL.entry).op(I.brTable);
    body.out.u32(items.length - 1);
    items.forEach((_, index) => {
      body.out.u32(index);
    });
  }
  items.forEach((item, index) => {
    if (kind === 'dispatched' || index > 0) body.close();
    if (shape.loops.has(item.first) && !(kind === 'loop' && item.first === from)) {
      body.open('loop', { kind: 'loop', block: item.first });
      emitRange(body, shape, item.first, item.last, 'loop');
      body.close();
    } else emitBlock(body, shape, shape.blocks[item.first]!);
  });
}

function emitBlock(body: Body, shape: Shape, block: Block): void {
  const { columns, start } = block;
  const count = columns.length;
  body.get(LOCAL.left).i32(count).op(I.i32Sub).tee(LOCAL.left).i32(0).op(I.i32LtS).if();
  body.get(LOCAL.left).i32(count).op(I.i32Add).set(LOCAL.left).finish(OUTCOME.budget, start).close();
  const { code } = body;
  columns.forEach((column, index) => {
    emitterOf(code.op[column]!)({
      body,
      column,
      dst: code.dst[column]!,
      src: code.src[column]!,
      off: code.off[column]!,
      target: code.target[column]!,
      after: count - index - 1,
      blockStart: start,
      blockAt: (at) => shape.blockAt(at)!,
      entryOf: (at) => shape.entries.get(at)!,
    });
  });
}
