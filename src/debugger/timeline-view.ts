// The whole run as a picture and as data, wherever the debugger stands in it: what the handshake view shows.

import { ladderSvg, type Position, type Report } from '../world/index.ts';
import type { Debugger } from './debugger.ts';

export interface TimelineView {
  readonly svg: string;
  /** As `run --format json` prints it. */
  readonly run: Report;
  readonly position: Position;
  readonly callbacks: readonly {
    readonly index: number;
    readonly position: Position;
    readonly host: 'client' | 'server';
    readonly op: string;
  }[];
}

/** Runs to the end to see the rest, with the edits that are in force, and comes back. */
export function timelineView(target: Debugger, axis: 'compact' | 'time'): TimelineView {
  const here = target.position;
  const stood = target.timeline.state;
  target.timeline.forward({});
  const view: TimelineView = {
    svg: ladderSvg(target.world.ladder('single'), { axis, ...(stood === 'end' ? {} : { future: here }) }),
    run: target.world.report(),
    position: here,
    callbacks: target.world.callbacks.map((callback) => ({
      index: callback.index,
      position: { event: callback.event, insn: callback.firstInsn },
      host: callback.host,
      op: callback.opName,
    })),
  };
  if (stood !== 'end') target.timeline.seek(here);
  return view;
}
