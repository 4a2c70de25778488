// Breakpoints of every kind, and the visitor that stops at them. A hit is a pair (breakpoint, position): hits are remembered by
// position, so that counts are the same whichever way the run came there, and a log message is printed once.

import type { Moment, SlotSets, Verdict, Visitor } from '../timeline/index.ts';
import { comparePositions, type Position } from '../world/index.ts';
import type { DebuggedProgram, Sources } from './sources.ts';
import { touches, type WatchAccess, type WatchTarget, watchedBytes, watchedText, watchTargetText } from './watch.ts';

/** What a person adds to a breakpoint; all of it is optional. */
export interface BreakpointOptions {
  /** Stop only when this expression is not zero. */
  readonly condition?: string;
  /** Stop only at some hits: "3" (from the third on), "== 3", "> 3", ">= 3", "% 3". */
  readonly hitCondition?: string;
  /** Print instead of stopping; `{expression}` is replaced by its value. */
  readonly logMessage?: string;
}

export type BreakpointSpec = BreakpointOptions &
  (
    | { readonly kind: 'source'; readonly file: string; readonly line0: number }
    /** A function of the program, or an op ("BPF_SOCK_OPS_TCP_CONNECT_CB", "TCP_CONNECT_CB"). */
    | { readonly kind: 'function'; readonly name: string }
    | { readonly kind: 'instruction'; readonly program: DebuggedProgram; readonly slot: number }
    | { readonly kind: 'data'; readonly target: WatchTarget; readonly access: WatchAccess }
  );

export type BreakpointKind = BreakpointSpec['kind'];

export interface Breakpoint {
  readonly id: number;
  readonly spec: BreakpointSpec;
  /** Whether it can ever be hit; `message` says why not, or where it was moved to. */
  readonly verified: boolean;
  readonly message?: string;
  /** Where it stands, when it has a place in the source. */
  readonly file?: string;
  readonly line0?: number;
}

/** What the breakpoints need from the debugger: names and expressions. */
export interface BreakpointHost {
  readonly sources: Sources;
  /** Number of the op with that name, with or without prefix; undefined when no kernel has one. */
  opNumber(name: string): number | undefined;
  /** Functions and ops with a name close to one that does not exist. */
  similarName(name: string): string | undefined;
  /** Why a target can never be watched in this run; undefined when it can. */
  missingTarget(target: WatchTarget): string | undefined;
  /** Why the text is no expression; undefined when it is one. */
  checkSyntax(text: string): string | undefined;
  /** Value of an expression at a moment: a truth value and a text, or why it cannot be evaluated. */
  evaluate(
    text: string,
    moment: Moment,
  ): { readonly truth: boolean; readonly text: string } | { readonly error: string };
  log(text: string, breakpoint: Breakpoint, moment: Moment): void;
}

/** A stop because of breakpoints. `remark` is set when a condition could not be evaluated or a watched value changed. */
export interface BreakpointHit {
  readonly ids: readonly number[];
  readonly kind: BreakpointKind;
  readonly position: Position;
  readonly remark?: string;
}

interface HitTest {
  readonly passes: (count: number) => boolean;
}

export class Breakpoints {
  readonly #host: BreakpointHost;
  #nextId = 1;
  #all: readonly Breakpoint[] = [];
  readonly #hits = new Map<number, Position[]>();
  readonly #logged = new Map<number, Position>();
  /** Hits of the movement in progress; the one at the place where it ends says why it stopped. */
  #movement: BreakpointHit[] = [];

  constructor(host: BreakpointHost) {
    this.#host = host;
  }

  /** The hit at a position of the last movement. */
  hitAt(position: Position): BreakpointHit | undefined {
    return this.#movement.filter((hit) => comparePositions(hit.position, position) === 0).at(-1);
  }

  get all(): readonly Breakpoint[] {
    return this.#all;
  }

  /** Replaces every breakpoint of a kind (for `source`, of one file). Equal ones keep their id and their hits. */
  replace(kind: BreakpointKind, file: string | undefined, specs: readonly BreakpointSpec[]): readonly Breakpoint[] {
    const concerned = (breakpoint: Breakpoint) =>
      breakpoint.spec.kind === kind && (breakpoint.spec.kind !== 'source' || breakpoint.spec.file === file);
    const old = this.#all.filter(concerned);
    const made = specs.map((spec) => {
      const same = old.find((candidate) => sameSpec(candidate.spec, spec));
      return same ?? this.#resolve(spec);
    });
    this.#all = [...this.#all.filter((breakpoint) => !concerned(breakpoint)), ...made];
    const alive = new Set(this.#all.map((breakpoint) => breakpoint.id));
    for (const id of this.#hits.keys()) if (!alive.has(id)) this.#hits.delete(id);
    return made;
  }

  /** Puts breakpoints of an earlier build of the same files into this one, under their old ids. */
  adopt(others: readonly Breakpoint[]): void {
    this.#all = others.map(({ id, spec }) => this.#resolve(this.#inThisBuild(spec), id));
    this.#nextId = Math.max(this.#nextId, ...others.map(({ id }) => id + 1));
  }

  #inThisBuild(spec: BreakpointSpec): BreakpointSpec {
    if (spec.kind !== 'instruction') return spec;
    const { program, object } = spec.program;
    return { ...spec, program: this.#host.sources.find(object.file, program.name) ?? spec.program };
  }

  /** Adds one breakpoint beside the others. */
  add(spec: BreakpointSpec): Breakpoint {
    const made = this.#resolve(spec);
    this.#all = [...this.#all, made];
    return made;
  }

  remove(id: number): boolean {
    const before = this.#all.length;
    this.#all = this.#all.filter((breakpoint) => breakpoint.id !== id);
    this.#hits.delete(id);
    return this.#all.length < before;
  }

  /** Hits of a breakpoint at or before a position. */
  hitCount(id: number, until: Position): number {
    return (this.#hits.get(id) ?? []).filter((position) => comparePositions(position, until) <= 0).length;
  }

  /** Forgets what was seen after a position: an edit there makes another future. */
  forgetAfter(position: Position): void {
    for (const [id, hits] of this.#hits)
      this.#hits.set(
        id,
        hits.filter((hit) => comparePositions(hit, position) <= 0),
      );
    for (const [id, at] of this.#logged) if (comparePositions(at, position) > 0) this.#logged.set(id, position);
  }

  /** Stops where a breakpoint is hit; undefined when there are none, so that a run need not look at every instruction. */
  visitor(direction: 'forward' | 'backward'): Visitor {
    this.#movement = [];
    const active = this.#all.filter((breakpoint) => breakpoint.verified);
    const atSlots = new Map<DebuggedProgram, Map<number, Breakpoint[]>>();
    const atOps = new Map<number, Breakpoint[]>();
    const watches = active.filter((breakpoint) => breakpoint.spec.kind === 'data');
    for (const breakpoint of active) this.#place(breakpoint, atSlots, atOps);
    const watched = new Map<string, string>();
    let previous: Position | undefined;
    const look = (moment: Moment) => {
      for (const watch of watches)
        if (watch.spec.kind === 'data')
          watched.set(watchKey(watch, watch.spec.target, moment), watchedBytes(watch.spec.target, moment.callback.vm));
      previous = moment.position;
    };
    const beforeInsn = (moment: Moment): Verdict => {
      const { vm, program } = moment.callback;
      const here = this.#host.sources.find(program.object.file, vm.program);
      const candidates = here === undefined ? undefined : atSlots.get(here)?.get(vm.slot);
      let verdict = candidates === undefined ? 'go' : this.#judge(candidates, moment, undefined);
      for (const watch of watches) {
        const seen = this.#watch(watch, moment, watched, previous, direction);
        if (seen !== 'go') verdict = seen;
      }
      previous = moment.position;
      return verdict;
    };
    return {
      ...(watches.length > 0 ? { start: look } : { slots: slotSets(atSlots) }),
      ...(atSlots.size > 0 || watches.length > 0 ? { beforeInsn } : {}),
      ...(atOps.size > 0
        ? { callback: (moment: Moment) => this.#judge(atOps.get(moment.callback.op) ?? [], moment, undefined) }
        : {}),
    };
  }

  #watch(
    watch: Breakpoint,
    moment: Moment,
    watched: Map<string, string>,
    previous: Position | undefined,
    direction: 'forward' | 'backward',
  ): Verdict {
    if (watch.spec.kind !== 'data') return 'go';
    const { target, access } = watch.spec;
    const { vm } = moment.callback;
    if (access !== 'change' && access !== 'write' && touches(target, vm, 'read')) {
      return this.#judge([watch], moment, `${watchTargetText(target)} is about to be read`);
    }
    const key = watchKey(watch, target, moment);
    const before = watched.get(key);
    const after = watchedBytes(target, vm);
    watched.set(key, after);
    if (access === 'read' || before === undefined || before === after) return 'go';
    const verdict = this.#judge(
      [watch],
      moment,
      `${watchTargetText(target)} changed from ${watchedText(target, vm, before)} to ${watchedText(target, vm, after)}`,
    );
    // Going back, a person wants to stand before the write.
    if (
      verdict !== 'stop' ||
      direction === 'forward' ||
      previous === undefined ||
      previous.event !== moment.position.event
    )
      return verdict;
    const hit = this.#movement.pop();
    if (hit !== undefined) this.#movement.push({ ...hit, position: previous });
    return { stopAt: previous };
  }

  #judge(candidates: readonly Breakpoint[], moment: Moment, remark: string | undefined): Verdict {
    const ids: number[] = [];
    let words = remark;
    for (const breakpoint of candidates) {
      const { condition, hitCondition, logMessage } = breakpoint.spec;
      if (condition !== undefined) {
        const result = this.#host.evaluate(condition, moment);
        if ('error' in result) words = `the condition could not be evaluated: ${result.error}`;
        else if (!result.truth) continue;
      }
      const count = this.#record(breakpoint.id, moment.position);
      if (hitCondition !== undefined && !(parseHitCondition(hitCondition)?.passes(count) ?? true)) continue;
      if (logMessage === undefined) {
        ids.push(breakpoint.id);
        continue;
      }
      const printed = this.#logged.get(breakpoint.id);
      if (printed !== undefined && comparePositions(moment.position, printed) <= 0) continue;
      this.#logged.set(breakpoint.id, moment.position);
      this.#host.log(this.#interpolate(logMessage, moment), breakpoint, moment);
    }
    if (ids.length === 0) return 'go';
    this.#movement.push({
      ids,
      position: moment.position,
      kind: candidates.find((candidate) => candidate.id === ids[0])!.spec.kind,
      ...(words === undefined ? {} : { remark: words }),
    });
    return 'stop';
  }

  /** Remembers a hit and returns its number among the hits of that breakpoint, counted in order of position. */
  #record(id: number, position: Position): number {
    const hits = this.#hits.get(id) ?? [];
    this.#hits.set(id, hits);
    const at = hits.findIndex((hit) => comparePositions(hit, position) >= 0);
    if (at < 0) hits.push(position);
    else if (comparePositions(hits[at]!, position) > 0) hits.splice(at, 0, position);
    return at < 0 ? hits.length : at + 1;
  }

  #interpolate(message: string, moment: Moment): string {
    return message.replace(/\{([^{}]*)\}/g, (_whole, expression: string) => {
      const result = this.#host.evaluate(expression, moment);
      return 'error' in result ? `{${result.error}}` : result.text;
    });
  }

  #resolve(spec: BreakpointSpec, id = this.#nextId++): Breakpoint {
    const wrong = this.#wrongOptions(spec);
    if (wrong !== undefined) return { id, spec, verified: false, message: wrong };
    const { sources } = this.#host;
    switch (spec.kind) {
      case 'source': {
        if (!sources.hasFile(spec.file))
          return { id, spec, verified: false, message: 'this file is not part of the program being debugged' };
        const line = sources.resolveLine(spec.file, spec.line0);
        if (line === undefined) return { id, spec, verified: false, message: 'there is no code at or after this line' };
        return {
          id,
          spec,
          verified: true,
          file: spec.file,
          line0: line.line0,
          ...(line.line0 === spec.line0 ? {} : { message: 'moved to the next line with code' }),
        };
      }
      case 'function': {
        if (this.#host.opNumber(spec.name) !== undefined || sources.functionStarts(spec.name).length > 0)
          return { id, spec, verified: true };
        const meant = this.#host.similarName(spec.name);
        const names = sources.functionNames.join(', ');
        return {
          id,
          spec,
          verified: false,
          message: `neither a function of the program (${names}) nor an op is called '${spec.name}'${meant === undefined ? '' : `; did you mean ${meant}?`}`,
        };
      }
      case 'instruction': {
        const inside = spec.slot >= 0 && spec.slot < spec.program.program.bytes.length / 8;
        return inside
          ? { id, spec, verified: true }
          : { id, spec, verified: false, message: `the program has no instruction ${spec.slot}` };
      }
      case 'data': {
        const missing = this.#host.missingTarget(spec.target);
        return missing === undefined ? { id, spec, verified: true } : { id, spec, verified: false, message: missing };
      }
    }
  }

  #wrongOptions(spec: BreakpointOptions): string | undefined {
    if (spec.condition !== undefined) {
      const error = this.#host.checkSyntax(spec.condition);
      if (error !== undefined) return `condition: ${error}`;
    }
    if (spec.hitCondition !== undefined && parseHitCondition(spec.hitCondition) === undefined) {
      return `'${spec.hitCondition}' is no hit count; write 3, == 3, > 3, >= 3 or % 3`;
    }
    for (const [, expression] of (spec.logMessage ?? '').matchAll(/\{([^{}]*)\}/g)) {
      const error = this.#host.checkSyntax(expression ?? '');
      if (error !== undefined) return `log message: ${error}`;
    }
    return undefined;
  }

  #place(
    breakpoint: Breakpoint,
    atSlots: Map<DebuggedProgram, Map<number, Breakpoint[]>>,
    atOps: Map<number, Breakpoint[]>,
  ): void {
    const { sources } = this.#host;
    const { spec } = breakpoint;
    const put = (program: DebuggedProgram, slot: number) => {
      const slots = atSlots.get(program) ?? new Map<number, Breakpoint[]>();
      atSlots.set(program, slots);
      slots.set(slot, [...(slots.get(slot) ?? []), breakpoint]);
    };
    switch (spec.kind) {
      case 'source':
        for (const { program, slot } of sources.resolveLine(spec.file, breakpoint.line0 ?? spec.line0)?.slots ?? [])
          put(program, slot);
        return;
      case 'function': {
        const op = this.#host.opNumber(spec.name);
        if (op !== undefined) atOps.set(op, [...(atOps.get(op) ?? []), breakpoint]);
        for (const { program, slot } of sources.functionStarts(spec.name)) put(program, slot);
        return;
      }
      case 'instruction':
        put(spec.program, spec.slot);
        return;
      case 'data':
        return;
    }
  }
}

/** Where breakpoints stand, by program name; programs of two files may share a name, and then also their slots. */
function slotSets(placed: ReadonlyMap<DebuggedProgram, ReadonlyMap<number, unknown>>): SlotSets {
  const sets = new Map<string, Set<number>>();
  for (const [{ program }, slots] of placed) {
    const set = sets.get(program.name) ?? new Set();
    sets.set(program.name, set);
    for (const slot of slots.keys()) set.add(slot);
  }
  return sets;
}

/** Another callback may be about another socket: its context is no continuation of the last one. */
const watchKey = (watch: Breakpoint, target: WatchTarget, moment: Moment): string =>
  target.kind === 'context' ? `${watch.id} ${moment.callback.index}` : `${watch.id}`;

/** Reads "3", "== 3", ">= 3", "> 3", "% 3"; undefined for anything else. A bare number means "from then on". */
export function parseHitCondition(text: string): HitTest | undefined {
  const match = /^\s*(==?|>=?|%|<=?)?\s*(\d+)\s*$/.exec(text);
  if (match === null) return undefined;
  const limit = Number(match[2]);
  switch (match[1]) {
    case '=':
    case '==':
      return { passes: (count) => count === limit };
    case '>':
      return { passes: (count) => count > limit };
    case '<':
      return { passes: (count) => count < limit };
    case '<=':
      return { passes: (count) => count <= limit };
    case '%':
      return limit === 0 ? undefined : { passes: (count) => count % limit === 0 };
    default:
      return { passes: (count) => count >= limit };
  }
}

function sameSpec(a: BreakpointSpec, b: BreakpointSpec): boolean {
  if (a.condition !== b.condition || a.hitCondition !== b.hitCondition || a.logMessage !== b.logMessage) return false;
  if (a.kind === 'source') return b.kind === 'source' && a.line0 === b.line0 && a.file === b.file;
  if (a.kind === 'function') return b.kind === 'function' && a.name === b.name;
  if (a.kind === 'instruction') return b.kind === 'instruction' && a.program === b.program && a.slot === b.slot;
  return (
    b.kind === 'data' &&
    a.access === b.access &&
    JSON.stringify(a.target, bigintText) === JSON.stringify(b.target, bigintText)
  );
}

const bigintText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
