// Where a value comes from: the chain of writes that made a register, a stack slot or other memory what it is. The callback is
// run again and every instruction's reads and writes are noted; then the chain is followed from the present into the past.

import { assertNever } from '../base/index.ts';
import { decodeProgram, type Insn } from '../isa/index.ts';
import type { Moment, Timeline } from '../timeline/index.ts';
import type { VirtualMachine } from '../vm/index.ts';
import { comparePositions, ctxElements, type Position } from '../world/index.ts';
import { pointerText } from './scopes.ts';
import { type DebuggedProgram, lineAt, type SourceLocation, type Sources } from './sources.ts';

/** What is asked about, in the frame `depth` of the machine (0 for the entry function). */
export type Origin =
  | { readonly kind: 'register'; readonly register: number; readonly depth: number }
  | { readonly kind: 'memory'; readonly address: bigint; readonly size: number };

export interface OriginStep {
  /** Position of the instruction that wrote; go there to stand before it. */
  readonly position: Position;
  readonly text: string;
  readonly location: SourceLocation | undefined;
  readonly slot: number;
}

interface TraceEntry {
  readonly position: Position;
  readonly program: DebuggedProgram | undefined;
  readonly slot: number;
  readonly insn: Insn | undefined;
  readonly depth: number;
  /** Where the program's turn began: registers do not outlive it. */
  readonly turn: number;
  readonly access:
    | { readonly mode: 'read' | 'write' | 'read-write'; readonly address: bigint; readonly size: number }
    | undefined;
}

export interface WhereFromOptions {
  readonly sources: Sources;
  /** Text of an instruction, with names. */
  readonly textOf: (program: DebuggedProgram, slot: number) => string;
  /** Instructions back from the present that are looked at (default 200,000): a program may have run for millions. */
  readonly reach?: number;
}

const REACH = 200_000;

/** Longest chain that is followed. */
const MAX_STEPS = 64;

/** The chain, newest write first, ending where the value entered the program. Leaves the timeline where it was. */
export function whereFrom(timeline: Timeline, origin: Origin, options: WhereFromOptions): readonly OriginStep[] {
  const here = timeline.position;
  const reach = options.reach ?? REACH;
  const trace = traceEvent(timeline, here, reach, options.sources);
  let turn = timeline.world.halted?.callback.turnStart.insn ?? 0;
  timeline.seek(here);
  const contextAddress = timeline.world.halted?.callback.vm.contextAddress;
  const machine = timeline.world.halted?.callback.vm;
  const view = machine?.view;
  const steps: OriginStep[] = [];
  let wanted: Origin | undefined = origin;
  let index = trace.length - 1;
  while (wanted !== undefined && steps.length < MAX_STEPS) {
    const at = lastWriter(trace, index, wanted, turn);
    if (at === undefined) {
      const from = trace.find((candidate) => candidate.turn === turn) ?? trace[0];
      if (from !== undefined)
        steps.push({
          position: from.position,
          text:
            from.position.insn > from.turn
              ? `written before the last ${reach} instructions, which is as far as is looked`
              : entryText(wanted, machine),
          location: locationOf(from),
          slot: from.slot,
        });
      break;
    }
    const entry = trace[at]!;
    turn = entry.turn;
    const next = sourceOf(entry, wanted, trace, at);
    let text = entry.program === undefined ? `instruction ${entry.slot}` : options.textOf(entry.program, entry.slot);
    if (next?.kind === 'memory' && contextAddress !== undefined && view !== undefined && entry.access !== undefined) {
      const offset = Number(next.address - contextAddress);
      const element = ctxElements(view).find(
        (candidate) => candidate.offset <= offset && offset < candidate.offset + candidate.size,
      );
      if (element !== undefined && lastWriter(trace, at - 1, next, turn) === undefined) {
        text += `    (skops->${element.name}, from the kernel: ${element.field.backing})`;
        steps.push({ position: entry.position, text, location: locationOf(entry), slot: entry.slot });
        break;
      }
    }
    steps.push({ position: entry.position, text, location: locationOf(entry), slot: entry.slot });
    wanted = next;
    index = at - 1;
  }
  return steps;
}

function traceEvent(timeline: Timeline, until: Position, reach: number, sources: Sources): readonly TraceEntry[] {
  const trace: TraceEntry[] = [];
  const decoded = new Map<DebuggedProgram, ReturnType<typeof decodeProgram>>();
  timeline.seek({ event: until.event, insn: Math.max(0, until.insn - reach) });
  const note = (moment: Moment): void => {
    const { vm, program } = moment.callback;
    const here = sources.find(program.object.file, vm.program);
    if (here !== undefined && !decoded.has(here)) decoded.set(here, decodeProgram(here.program.bytes));
    const insn = here === undefined ? undefined : decoded.get(here)?.at(vm.slot);
    trace.push({
      position: moment.position,
      program: here,
      slot: vm.slot,
      insn,
      depth: vm.frames().length - 1,
      turn: moment.callback.turnStart.insn,
      access: vm.pendingAccess(),
    });
  };
  timeline.forward({
    start: (moment) => comparePositions(moment.position, until) < 0 && note(moment),
    beforeInsn: (moment) => {
      if (comparePositions(moment.position, until) >= 0) return 'stop';
      note(moment);
      return 'go';
    },
  });
  return trace;
}

const locationOf = (entry: TraceEntry): SourceLocation | undefined => {
  const line = entry.program === undefined ? undefined : lineAt(entry.program, entry.slot);
  return line === undefined ? undefined : { file: line.file, line0: line.line0, column0: line.column0 };
};

function entryText(origin: Origin, machine: VirtualMachine | undefined): string {
  const place = origin.kind === 'memory' && machine !== undefined ? pointerText(machine, origin.address) : undefined;
  if (place !== undefined) return `${place} held this before the callback`;
  if (origin.kind === 'memory')
    return `the ${origin.size} bytes at 0x${origin.address.toString(16)} held this before the callback`;
  return origin.register === 1 && origin.depth === 0
    ? 'r1 is the context at entry'
    : `r${origin.register} had this value at entry`;
}

/** The last instruction at or before `from` that wrote the origin; for a register only within its program's turn. */
function lastWriter(trace: readonly TraceEntry[], from: number, origin: Origin, turn: number): number | undefined {
  for (let index = from; index >= 0; index--) {
    const entry = trace[index]!;
    if (origin.kind === 'register' && entry.turn !== turn) return undefined;
    if (writes(entry, origin)) return index;
  }
  return undefined;
}

/** Whether the instruction writes (part of) the origin. */
function writes(entry: TraceEntry, origin: Origin): boolean {
  const { insn } = entry;
  if (insn === undefined) return false;
  if (origin.kind === 'memory') {
    if (entry.access === undefined || entry.access.mode === 'read') return false;
    return (
      entry.access.address < origin.address + BigInt(origin.size) &&
      origin.address < entry.access.address + BigInt(entry.access.size)
    );
  }
  if (insn.kind === 'call-local')
    return entry.depth === origin.depth - 1 && origin.register >= 1 && origin.register <= 5;
  if (insn.kind === 'exit') return entry.depth === origin.depth + 1 && origin.register === 0;
  return entry.depth === origin.depth && registerWritten(insn) === origin.register;
}

function registerWritten(insn: Insn): number | undefined {
  switch (insn.kind) {
    case 'alu':
    case 'neg':
    case 'endian':
    case 'addr-space-cast':
    case 'load-imm64':
    case 'load':
    case 'load-acquire':
      return insn.dst;
    case 'atomic':
      return insn.fetch ? (insn.fn === 'cmpxchg' ? 0 : insn.src) : undefined;
    case 'call-helper':
    case 'call-kfunc':
    case 'packet-load':
      return 0;
    case 'store':
    case 'store-release':
    case 'jump':
    case 'jump-if':
    case 'jump-indirect':
    case 'may-goto':
    case 'call-local':
    case 'call-indirect':
    case 'exit':
    case 'invalid':
      return undefined;
    default:
      return assertNever(insn, 'registerWritten');
  }
}

/** What the written value was made of: the one place to follow further. Undefined where the value begins. */
function sourceOf(entry: TraceEntry, origin: Origin, trace: readonly TraceEntry[], at: number): Origin | undefined {
  const { insn, depth, access } = entry;
  if (insn === undefined) return undefined;
  const register = (number: number): Origin => ({ kind: 'register', register: number, depth });
  switch (insn.kind) {
    case 'alu': {
      if (insn.fn === 'mov' || insn.fn.startsWith('movsx'))
        return insn.src.kind === 'reg' ? register(insn.src.reg) : undefined;
      // Of two operands the destination carries the value on, unless it is a constant at this point.
      const dst = register(insn.dst);
      if (insn.src.kind === 'imm') return dst;
      return isConstant(trace, at - 1, dst) ? register(insn.src.reg) : dst;
    }
    case 'neg':
    case 'endian':
    case 'addr-space-cast':
      return register(insn.dst);
    case 'load':
    case 'load-acquire':
    case 'atomic':
      return access === undefined ? undefined : { kind: 'memory', address: access.address, size: access.size };
    case 'store':
      return insn.src.kind === 'reg' ? register(insn.src.reg) : undefined;
    case 'store-release':
      return register(insn.src);
    case 'call-local':
      return origin.kind === 'register' ? { kind: 'register', register: origin.register, depth } : undefined;
    case 'exit':
      return { kind: 'register', register: 0, depth };
    default:
      return undefined;
  }
}

function isConstant(trace: readonly TraceEntry[], from: number, origin: Origin): boolean {
  const at = lastWriter(trace, from, origin, trace[from]?.turn ?? 0);
  const insn = at === undefined ? undefined : trace[at]?.insn;
  return insn?.kind === 'load-imm64' || (insn?.kind === 'alu' && insn.fn === 'mov' && insn.src.kind === 'imm');
}
