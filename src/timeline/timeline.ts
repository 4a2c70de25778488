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
 * the same. A visitor without `beforeInsn`, or one that names its slots, runs at full speed in between.
 */
export interface Visitor {
  /** The moment from which a forward run starts, or the first one of an event that is searched backwards. */
  start?(moment: Moment): void;
  beforeInsn?(moment: Moment): Verdict;
  /** Slots that `beforeInsn` must see, by program name; it is shown others too. Absent: it must see every instruction. */
  readonly slots?: SlotSets;
  /** A callback is about to run its first instruction. */
  callback?(moment: Moment): Verdict;
  /** A callback is over; `stopAt` names the position to stop at. */
  afterCallback?(record: CallbackRecord): Verdict;
}

export type SlotSets = ReadonlyMap<string, ReadonlySet<number>>;

/** Asked now and then during a long movement: whether the caller wants to be called back before it goes on. */
export type SliceOver = () => boolean;

/** A movement that is made in slices. */
export interface Movement {
  /** Starts or goes on. `slice-over`: `isOver` said so; call again, or give up. */
  proceed(isOver?: SliceOver): Landing;
  /** Gives up: forwards the machine stays where it is, backwards it returns to where the search began. */
  abandon(): Landing;
}

/** Where a movement ended. */
export type Landing =
  | { readonly kind: 'stopped'; readonly position: Position }
  /** Backwards, nothing matched: now at the first instruction of the run. */
  | { readonly kind: 'history-start' }
  /** Forwards, nothing matched: the scenario is over. */
  | { readonly kind: 'end' }
  /** In the middle, between or within events. */
  | { readonly kind: 'slice-over' };

/** What one event is run for. */
interface EventRun {
  readonly visitor: Visitor;
  /** The visitor sees only moments after this one. */
  readonly from?: Position | undefined;
  /** The event is left here. */
  readonly until?: Position | undefined;
  /** The visitor is shown this position whatever its slots are. */
  readonly target?: Position | undefined;
  readonly isOver?: SliceOver | undefined;
}

type EventOutcome =
  | { readonly kind: 'ran' | 'finished' }
  | { readonly kind: 'stop' | 'slice-over'; readonly position: Position };

/** Instructions between two questions whether a slice is over, where nothing else is looked at: some milliseconds. */
const INSNS_BETWEEN_QUESTIONS = 1 << 16;
/** The same where every instruction is looked at anyway. */
const LOOKS_BETWEEN_QUESTIONS = 64;

const NO_SLOTS: SlotSets = new Map();

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

  /** Runs forward until the visitor stops or the scenario ends. */
  forward(visitor: Visitor): Landing {
    return this.movingForward(visitor).proceed();
  }

  /** Goes to the last position before the current one at which the visitor stops. */
  backward(visitor: Visitor): Landing {
    return this.movingBackward(visitor).proceed();
  }

  /** `forward` in slices. */
  movingForward(visitor: Visitor): Movement {
    let seen = visitor;
    // Only the run as a whole has a start: what a visitor remembers goes on from one event, or slice, into the next.
    const { start: _, ...onward } = visitor;
    return {
      proceed: (isOver) => {
        if (this.#state === 'end') return { kind: 'end' };
        let from = this.#state === 'inside' ? this.#position : undefined;
        let { event } = this.#position;
        if (from !== undefined) this.#seekEventStart(event);
        for (;;) {
          this.#checkpoints.put(event, () => this.world.snapshot());
          const outcome = this.#runEvent(event, { visitor: seen, from, isOver });
          seen = onward;
          from = undefined;
          switch (outcome.kind) {
            case 'stop':
              return this.#land(outcome.position);
            case 'slice-over':
              this.#land(outcome.position);
              return { kind: 'slice-over' };
            case 'finished':
              return this.#landAtEnd(event);
            case 'ran':
              event++;
              if (isOver?.() !== true) continue;
              this.#state = 'between';
              this.#position = { event, insn: 0 };
              return { kind: 'slice-over' };
          }
        }
      },
      abandon: () =>
        this.#state === 'inside'
          ? { kind: 'stopped', position: this.#position }
          : this.forward({ callback: () => 'stop' }),
    };
  }

  /** `backward` in slices. */
  movingBackward(visitor: Visitor): Movement {
    const end = this.#position;
    const stood = this.#state;
    let event = stood === 'inside' ? end.event : end.event - 1;
    let last: Position | undefined;
    /** Where the last slice ended within `event`. */
    let from: Position | undefined;
    const collect = (verdict: Verdict, here: Position): Verdict => {
      const at = verdict === 'stop' ? here : verdict === 'go' ? undefined : verdict.stopAt;
      if (at !== undefined && comparePositions(at, end) < 0) last = at;
      return 'go';
    };
    const { beforeInsn, callback, afterCallback, start, slots } = visitor;
    const collecting: Visitor = {
      ...(slots === undefined ? {} : { slots }),
      ...(beforeInsn === undefined
        ? {}
        : { beforeInsn: (moment) => collect(beforeInsn.call(visitor, moment), moment.position) }),
      ...(callback === undefined
        ? {}
        : { callback: (moment) => collect(callback.call(visitor, moment), moment.position) }),
      afterCallback: (record) =>
        collect(afterCallback?.call(visitor, record) ?? 'go', { event: record.event, insn: record.firstInsn }),
    };
    const fromStart: Visitor =
      start === undefined ? collecting : { ...collecting, start: (moment) => start.call(visitor, moment) };
    return {
      proceed: (isOver) => {
        for (; event >= 0; event--) {
          this.#seekEventStart(event);
          const until = event === end.event ? end : undefined;
          const outcome = this.#runEvent(event, {
            visitor: from === undefined ? fromStart : collecting,
            from,
            until,
            isOver,
          });
          if (outcome.kind === 'slice-over') {
            from = outcome.position;
            this.#land(from);
            return { kind: 'slice-over' };
          }
          from = undefined;
          if (last !== undefined) return this.seek(last);
          if (isOver?.() !== true) continue;
          event--;
          return { kind: 'slice-over' };
        }
        return this.toStart();
      },
      abandon: () => (stood === 'inside' ? this.seek(end) : this.forward({})),
    };
  }

  /** Goes to a position; one that no instruction has gives the next one that has, or the end. */
  seek(target: Position): Landing {
    this.#seekEventStart(target.event);
    const visitor: Visitor = {
      slots: NO_SLOTS,
      beforeInsn: (moment) => (comparePositions(moment.position, target) >= 0 ? 'stop' : 'go'),
    };
    let { event } = target;
    for (;;) {
      this.#checkpoints.put(event, () => this.world.snapshot());
      const outcome = this.#runEvent(event, { visitor, target });
      if (outcome.kind === 'stop') return this.#land(outcome.position);
      if (outcome.kind === 'finished') return this.#landAtEnd(event);
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

  #landAtEnd(event: number): Landing {
    this.#state = 'end';
    this.#position = { event, insn: 0 };
    return { kind: 'end' };
  }

  /** Brings the world to the start of an event, re-running earlier ones whose checkpoints were thinned out. */
  #seekEventStart(event: number): void {
    const nearest = this.#checkpoints.nearest(event);
    this.world.restore(nearest.snapshot);
    for (let at = nearest.event; at < event; at++) {
      if (this.#runEvent(at, { visitor: {} }).kind !== 'ran') return;
      this.#checkpoints.put(at + 1, () => this.world.snapshot());
    }
  }

  /** Runs one event from its start. */
  #runEvent(event: number, { visitor, from, until, target, isOver }: EventRun): EventOutcome {
    const edits = this.#edits.filter((edit) => edit.position.event === event);
    let nextEdit = 0;
    let stop: Position | undefined;
    let sliced: Position | undefined;
    let stoppedAfterCallback = false;
    let started = false;
    let looks = 0;
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
      const verdict = visitor.beforeInsn === undefined ? undefined : judge(visitor.beforeInsn(moment), moment.position);
      if (verdict !== undefined || isOver === undefined) return verdict;
      if (looksAtAll && ++looks % LOOKS_BETWEEN_QUESTIONS !== 0) return undefined;
      if (!isOver()) return undefined;
      sliced = moment.position;
      return 'halt';
    };
    const looksAtAll = visitor.beforeInsn !== undefined && visitor.slots === undefined;
    const needsInsns =
      visitor.beforeInsn !== undefined ||
      edits.length > 0 ||
      from !== undefined ||
      until !== undefined ||
      isOver !== undefined;
    let firstOf: CallbackInProgress | undefined;
    /** The first instruction of a callback is always looked at; after that, the next place where something is to be done. */
    const nextLook = (callback: CallbackInProgress) => {
      const { insns } = callback.vm;
      if (firstOf === callback) return { insns };
      if (started && looksAtAll) return undefined;
      const here = callback.now.insn;
      let ahead = isOver === undefined ? Number.POSITIVE_INFINITY : INSNS_BETWEEN_QUESTIONS;
      for (const position of [edits[nextEdit]?.position, until, target, started ? undefined : from])
        if (position !== undefined && position.insn >= here) ahead = Math.min(ahead, position.insn - here);
      return {
        ...(Number.isFinite(ahead) ? { insns: insns + ahead } : {}),
        slots: (started ? visitor.slots : undefined) ?? NO_SLOTS,
      };
    };
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
            until: nextLook,
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
    if (sliced !== undefined) return { kind: 'slice-over', position: sliced };
    return { kind: result.kind === 'finished' ? 'finished' : 'ran' };
  }
}
