// What each kind of step stops at, as visitors for the timeline. One visitor serves both directions: forwards the first stop
// counts, backwards the last one before the present.

import type { Moment, Verdict, Visitor } from '../timeline/index.ts';
import type { CallbackInProgress } from '../world/index.ts';
import { type DebuggedProgram, lineAt, type Sources, startsStatement } from './sources.ts';
import { depthOf, type StackDepth } from './stack.ts';

/** `line`: the next line. `statement`: the next entry of the line table, also on the same line. */
export type Granularity = 'line' | 'statement' | 'instruction';

export type StepKind = 'into' | 'over' | 'out';

export type Direction = 'forward' | 'backward';

interface Here {
  readonly callback: CallbackInProgress;
  readonly program: DebuggedProgram | undefined;
  readonly depth: StackDepth;
  /** file:line of the code; undefined where no line is recorded. */
  readonly line: string | undefined;
  readonly slot: number;
}

/** Looks at the machine for stepping decisions. */
export function hereOf(moment: Moment, sources: Sources): Here {
  const { callback } = moment;
  const program = sources.find(callback.program.object.file, callback.vm.program);
  const slot = callback.vm.slot;
  const entry = program === undefined ? undefined : lineAt(program, slot);
  return {
    callback,
    program,
    depth: depthOf(callback, program),
    line: entry === undefined ? undefined : `${entry.file}:${entry.line0}`,
    slot,
  };
}

/**
 * The visitor of a step. `from` is where the step starts (the depth that `over` and `out` compare with). A step that leaves its
 * callback stops at the first place of the next one.
 */
export function stepVisitor(
  kind: StepKind,
  granularity: Granularity,
  direction: Direction,
  from: Moment,
  sources: Sources,
): Visitor {
  const origin = hereOf(from, sources);
  if (kind === 'out') return outVisitor(direction, origin, sources);
  if (granularity === 'instruction') {
    return {
      beforeInsn: (moment) => {
        if (kind === 'into' || !isSame(moment.callback, origin.callback)) return 'stop';
        return hereOf(moment, sources).depth.machine <= origin.depth.machine ? 'stop' : 'go';
      },
    };
  }
  return sourceVisitor(kind, granularity, direction, origin, sources);
}

function sourceVisitor(
  kind: 'into' | 'over',
  granularity: 'line' | 'statement',
  direction: Direction,
  origin: Here,
  sources: Sources,
): Visitor {
  // The line that execution was last on, per depth it was seen at: coming back from a call is not a new line.
  let previous: Here | undefined = direction === 'forward' ? origin : undefined;
  const reset = (moment: Moment) => {
    previous = direction === 'forward' ? hereOf(moment, sources) : undefined;
  };
  const judge = (here: Here): Verdict => {
    const last = previous;
    const sameCallback = here.callback === origin.callback || isSame(here.callback, origin.callback);
    const tooDeep = kind === 'over' && sameCallback && here.depth.logical > origin.depth.logical;
    if (tooDeep) return 'go';
    const statement =
      here.program !== undefined &&
      (here.program.debug === undefined && here.line === undefined ? true : startsStatement(here.program, here.slot));
    const noLines = here.program === undefined || (here.line === undefined && here.program.program.lines.length === 0);
    if (!statement && !noLines) {
      // In the middle of a line after a call returned into it: the line counts as seen.
      if (here.line !== undefined && (last === undefined || here.depth.logical <= last.depth.logical)) previous = here;
      return 'go';
    }
    previous = here;
    if (noLines) return 'stop';
    if (last === undefined || !isSame(last.callback, here.callback)) return 'stop';
    if (granularity === 'statement') return 'stop';
    return last.line !== here.line || last.depth.logical !== here.depth.logical ? 'stop' : 'go';
  };
  return {
    start: reset,
    beforeInsn: (moment) => judge(hereOf(moment, sources)),
  };
}

function outVisitor(direction: Direction, origin: Here, sources: Sources): Visitor {
  return {
    beforeInsn: (moment) => {
      if (!isSame(moment.callback, origin.callback)) return direction === 'forward' ? 'stop' : 'go';
      const here = hereOf(moment, sources);
      // The compiler may have put instructions of no line behind the call: the caller's next line is what a person means.
      const hasPlace = here.line !== undefined || here.program === undefined || here.program.program.lines.length === 0;
      return here.depth.logical < origin.depth.logical && hasPlace ? 'stop' : 'go';
    },
  };
}

/** For going back from a place outside of every callback: the last place that a step would have stopped at. */
export function lastPlaceVisitor(granularity: Granularity, sources: Sources): Visitor {
  if (granularity === 'instruction') return { beforeInsn: () => 'stop' };
  return {
    beforeInsn: (moment) => {
      const { program, slot, line } = hereOf(moment, sources);
      return program === undefined || line === undefined || startsStatement(program, slot) ? 'stop' : 'go';
    },
  };
}

/** Stops where the function of a machine frame began: `depth` counts from the entry function, 0. */
export function functionStartVisitor(from: CallbackInProgress, depth: number): Visitor {
  return {
    beforeInsn: ({ callback }) => {
      if (!isSame(callback, from)) return 'go';
      const frames = callback.vm.frames();
      const innermost = frames[0];
      return frames.length - 1 === depth && innermost?.slot === innermost?.functionSlot ? 'stop' : 'go';
    },
  };
}

/** Re-executing an event makes a new object for the same callback: compare what identifies it. */
export function isSame(a: CallbackInProgress, b: CallbackInProgress): boolean {
  return a === b || (a.position.event === b.position.event && a.position.insn === b.position.insn);
}

/** Stops at the first instruction of every callback. */
export const callbackVisitor: Visitor = { callback: () => 'stop' };
