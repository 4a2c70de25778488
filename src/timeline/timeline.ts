// Time travel over a deterministic world. The past is never undone: going to a position restores the snapshot taken at the
// start of its event and runs forward. Snapshots hold no breakpoints; what to stop at is the caller's `Visitor`.

import { invariant } from '../base/index.ts';
import type { CallbackInProgress, CallbackRecord, Monitor, Position, World, WorldSnapshot } from '../world/index.ts';
import { comparePositions } from '../world/index.ts';
import { Checkpoints } from './checkpoints.ts';

/** The machine about to execute the instruction at `position`. Valid during the call that it is passed to. */
export interface Moment {
  readonly world: World;
  readonly position: Position;
  readonly callback: CallbackInProgress;
}

/** Stop here, stop at an earlier position of the same event, or go on. */
export type Verdict = 'go' | 'stop' | { readonly stopAt: Position };

/**
 * What to stop at. Called in order of position, forwards as well as backwards, so that hit counts and previous values come out
 * the same. A visitor without `beforeInsn` runs at full speed.
 */
export interface Visitor {
  /** The moment from which a forward run starts, or the first one of an event that is searched backwards. */
  start?(moment: Moment): void;
  beforeInsn?(moment: Moment): Verdict;
  /** A callback is about to run its first instruction. */
  callback?(moment: Moment): Verdict;
  /** A callback is over; `stopAt` names the position to stop at. */
  afterCallback?(record: CallbackRecord): Verdict;
}

/** Where a movement ended. */
export type Landing =
  | { readonly kind: 'stopped'; readonly position: Position }
  /** Backwards, nothing matched: now at the first instruction of the run. */
  | { readonly kind: 'history-start' }
  /** Forwards, nothing matched: the scenario is over. */
  | { readonly kind: 'end' }
  /** `maxEvents` events went by; call again. */
  | { readonly kind: 'slice-over' };

/** A change that a person made, replayed whenever its position is passed. */
interface Edit {
  readonly position: Position;
  readonly apply: (moment: Moment) => void;
}

/** Between events, inside a callback about to execute an instruction, or past the last event. */
export type TimelineState = 'between' | 'inside' | 'end';

export class Timeline {
  readonly world: World;
  readonly #checkpoints = new Checkpoints<WorldSnapshot>();
  #edits: readonly Edit[] = [];
  #position: Position = { event: 0, insn: 0 };
  #state: TimelineState = 'between';

  /** Takes over a world that has not run yet. */
  constructor(world: World) {
    this.world = world;
    this.#checkpoints.put(0, () => world.snapshot());
  }

  /** Of the next instruction while `inside`; between events and at the end, of the next event. */
  get position(): Position {
    return this.#position;
  }

  get state(): TimelineState {
    return this.#state;
  }

  /** Number of changes that are in force. */
  get editCount(): number {
    return this.#edits.length;
  }

  /** Runs forward until the visitor stops, the scenario ends, or `maxEvents` events have gone by. */
  forward(visitor: Visitor, options: { readonly maxEvents?: number } = {}): Landing {
    if (this.#state === 'end') return { kind: 'end' };
    const from = this.#state === 'inside' ? this.#position : undefined;
    let event = this.#position.event;
    const { start: _, ...onward } = visitor;
    if (from !== undefined) this.#seekEventStart(event);
    for (let count = 0; count < (options.maxEvents ?? Number.POSITIVE_INFINITY); count++) {
      this.#checkpoints.put(event, () => this.world.snapshot());
      // Only the run as a whole has a start: what a visitor remembers goes on from one event into the next.
      const outcome =
        count === 0
          ? this.#runEvent(event, visitor, from, undefined)
          : this.#runEvent(event, onward, undefined, undefined);
      switch (outcome.kind) {
        case 'stop':
          return this.#land(outcome.position);
        case 'finished':
          this.#state = 'end';
          this.#position = { event, insn: 0 };
          return { kind: 'end' };
        case 'ran':
          event++;
      }
    }
    this.#state = 'between';
    this.#position = { event, insn: 0 };
    return { kind: 'slice-over' };
  }

  /** Goes to the last position before the current one at which the visitor stops. */
  backward(visitor: Visitor): Landing {
    const end = this.#position;
    for (let event = this.#state === 'inside' ? end.event : end.event - 1; event >= 0; event--) {
      this.#seekEventStart(event);
      let last: Position | undefined;
      const collect = (verdict: Verdict, here: Position): Verdict => {
        const at = verdict === 'stop' ? here : verdict === 'go' ? undefined : verdict.stopAt;
        if (at !== undefined && comparePositions(at, end) < 0) last = at;
        return 'go';
      };
      const collecting: Visitor = {
        ...(visitor.start === undefined ? {} : { start: (moment) => visitor.start?.(moment) }),
        ...(visitor.beforeInsn === undefined
          ? {}
          : { beforeInsn: (moment) => collect(visitor.beforeInsn?.(moment) ?? 'go', moment.position) }),
        ...(visitor.callback === undefined
          ? {}
          : { callback: (moment) => collect(visitor.callback?.(moment) ?? 'go', moment.position) }),
        afterCallback: (record) =>
          collect(visitor.afterCallback?.(record) ?? 'go', { event: record.event, insn: record.firstInsn }),
      };
      this.#runEvent(
        event,
        collecting,
        undefined,
        comparePositions({ event, insn: 0 }, end) <= 0 && event === end.event ? end : undefined,
      );
      if (last !== undefined) return this.seek(last);
    }
    return this.toStart();
  }

  /** Goes to a position; one that no instruction has gives the next one that has, or the end. */
  seek(target: Position): Landing {
    this.#seekEventStart(target.event);
    const visitor: Visitor = {
      beforeInsn: (moment) => (comparePositions(moment.position, target) >= 0 ? 'stop' : 'go'),
    };
    let event = target.event;
    for (;;) {
      this.#checkpoints.put(event, () => this.world.snapshot());
      const outcome = this.#runEvent(event, visitor, undefined, undefined);
      if (outcome.kind === 'stop') return this.#land(outcome.position);
      if (outcome.kind === 'finished') {
        this.#state = 'end';
        this.#position = { event, insn: 0 };
        return { kind: 'end' };
      }
      event++;
    }
  }

  /** Goes to the first instruction of the run. */
  toStart(): Landing {
    const landing = this.seek({ event: 0, insn: 0 });
    return landing.kind === 'stopped' ? { kind: 'history-start' } : landing;
  }

  /**
   * Changes the machine at the current position. What came after it was computed from other values, so it is forgotten:
   * edits after this position are dropped and the run goes on from here. Only while `inside`.
   */
  edit(apply: (moment: Moment) => void): void {
    invariant(this.#state === 'inside', 'an edit needs a machine that stands inside a callback');
    const position = this.#position;
    this.#edits = [
      ...this.#edits.filter((edit) => comparePositions(edit.position, position) <= 0),
      { position, apply },
    ];
    this.#checkpoints.dropAfter(position.event);
    this.seek(position);
  }

  /** Drops the edits that lie after the current position, and what was computed with them. */
  forgetFuture(): void {
    this.#edits = this.#edits.filter((edit) => comparePositions(edit.position, this.#position) <= 0);
    this.#checkpoints.dropAfter(this.#position.event);
  }

  #land(position: Position): Landing {
    this.#position = position;
    this.#state = 'inside';
    return { kind: 'stopped', position };
  }

  /** Brings the world to the start of an event, re-running earlier ones whose checkpoints were thinned out. */
  #seekEventStart(event: number): void {
    const nearest = this.#checkpoints.nearest(event);
    this.world.restore(nearest.snapshot);
    for (let at = nearest.event; at < event; at++) {
      if (this.#runEvent(at, {}, undefined, undefined).kind !== 'ran') return;
      this.#checkpoints.put(at + 1, () => this.world.snapshot());
    }
  }

  /**
   * Runs one event from its start. `from`: the visitor sees only moments after it. `until`: the event is left at this position.
   */
  #runEvent(
    event: number,
    visitor: Visitor,
    from: Position | undefined,
    until: Position | undefined,
  ): { readonly kind: 'ran' | 'finished' } | { readonly kind: 'stop'; readonly position: Position } {
    const edits = this.#edits.filter((edit) => edit.position.event === event);
    let nextEdit = 0;
    let stop: Position | undefined;
    let stoppedAfterCallback = false;
    let started = false;
    const judge = (verdict: Verdict, here: Position): 'halt' | undefined => {
      if (verdict === 'go') return undefined;
      const at = verdict === 'stop' ? here : verdict.stopAt;
      // A place named after the fact may be the one that the run started from: it has been stopped at already.
      if (from !== undefined && comparePositions(at, from) <= 0) return undefined;
      stop = at;
      return 'halt';
    };
    const before = (moment: Moment, first: boolean): 'halt' | undefined => {
      while (nextEdit < edits.length && comparePositions(edits[nextEdit]!.position, moment.position) <= 0)
        edits[nextEdit++]!.apply(moment);
      if (until !== undefined && comparePositions(moment.position, until) >= 0) {
        // A value that is seen here to have changed was written before: a watch may name the place of the write.
        if (started) visitor.beforeInsn?.(moment);
        return 'halt';
      }
      if (!started) {
        if (from !== undefined && comparePositions(moment.position, from) < 0) return undefined;
        started = true;
        visitor.start?.(moment);
        if (from !== undefined) return undefined;
      }
      const halted =
        first && visitor.callback !== undefined ? judge(visitor.callback(moment), moment.position) : undefined;
      if (halted !== undefined) return halted;
      return visitor.beforeInsn === undefined ? undefined : judge(visitor.beforeInsn(moment), moment.position);
    };
    const needsInsns =
      visitor.beforeInsn !== undefined || edits.length > 0 || from !== undefined || until !== undefined;
    let firstOf: CallbackInProgress | undefined;
    const monitor: Monitor = {
      callback: (callback) => {
        firstOf = callback;
        return needsInsns ? undefined : before({ world: this.world, position: callback.position, callback }, true);
      },
      ...(needsInsns
        ? {
            beforeInsn: (_vm, position, callback) => {
              const first = firstOf === callback;
              firstOf = undefined;
              return before({ world: this.world, position, callback }, first);
            },
          }
        : {}),
      afterCallback: (record) => {
        if (visitor.afterCallback === undefined || (from !== undefined && !started)) return undefined;
        const verdict = judge(visitor.afterCallback(record), { event: record.event, insn: record.firstInsn });
        stoppedAfterCallback = verdict === 'halt';
        return verdict;
      },
    };
    const result = this.world.runEvent(monitor);
    if (stop !== undefined) {
      // A stop named after the fact lies behind the machine: go there.
      if (!stoppedAfterCallback && result.kind === 'halted' && comparePositions(result.position, stop) === 0)
        return { kind: 'stop', position: stop };
      const landing = this.seek(stop);
      return landing.kind === 'stopped' ? { kind: 'stop', position: landing.position } : { kind: 'finished' };
    }
    return { kind: result.kind === 'finished' ? 'finished' : 'ran' };
  }
}
