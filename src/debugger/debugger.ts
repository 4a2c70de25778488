// The debugger: one stopped or moving run of a scenario, and everything that can be asked of it. API boundary: plain data, lines
// from 0, no protocol. Its clients are dap/ and the terminal.

import { Bug } from '../base/index.ts';
import type { BpfObject } from '../object/index.ts';
import { type Landing, type Moment, type Movement, type SliceOver, Timeline, type Visitor } from '../timeline/index.ts';
import { ctxElements, nearest, type Position, type World } from '../world/index.ts';
import { type Breakpoint, type BreakpointKind, type BreakpointSpec, Breakpoints } from './breakpoints.ts';
import { type EvaluationOutcome, evaluateText, syntaxError } from './evaluation.ts';
import { combine, type ExceptionFilter, ExceptionStops, exceptionFilters } from './exceptions.ts';
import { type MapText, mapTexts } from './map-nodes.ts';
import { writePlace, writeRefusal } from './scope.ts';
import { type ChangeTracker, type ScopeNode, scopesOf } from './scopes.ts';
import { type DebuggedProgram, type SourceLocation, Sources } from './sources.ts';
import { type StackFrame, stackOf } from './stack.ts';
import {
  callbackVisitor,
  type Direction,
  functionStartVisitor,
  type Granularity,
  lastPlaceVisitor,
  type StepKind,
  stepVisitor,
} from './stepping.ts';
import type { StopReason } from './stop.ts';
import type { VariableNode } from './variables.ts';
import type { WatchTarget } from './watch.ts';

export interface DebuggerOptions {
  readonly world: World;
  readonly objects: readonly BpfObject[];
  /** A log point printed. */
  readonly log?: (text: string, at: SourceLocation | undefined) => void;
  /** An edit changed the past: what came after it is gone. */
  readonly branched?: () => void;
  /**
   * Begins a slice of a long movement: the answer says, whenever it is asked, whether the slice is over and the shell wants to
   * look at its messages. Absent: every movement is made in one go.
   */
  readonly beginSlice?: () => SliceOver;
}

export interface HostThread {
  readonly id: number;
  readonly host: 'client' | 'server';
  /** "client 10.0.0.1:40000" */
  readonly name: string;
}

const HOSTS = ['client', 'server'] as const;

export class Debugger {
  readonly world: World;
  readonly sources: Sources;
  readonly timeline: Timeline;
  readonly breakpoints: Breakpoints;
  readonly exceptions: ExceptionStops;
  readonly #options: DebuggerOptions;
  #reason: StopReason = { kind: 'entry' };
  /** The movement that is made in slices, and what to say where it ends. */
  #moving: { readonly movement: Movement; readonly cause: () => StopReason } | undefined;
  /** Values at the previous stop and at this one, by key, for marks of change. */
  #before = new Map<string, string>();
  #now = new Map<string, string>();

  constructor(options: DebuggerOptions) {
    this.#options = options;
    this.world = options.world;
    this.sources = new Sources(options.objects);
    this.timeline = new Timeline(options.world);
    this.exceptions = new ExceptionStops(this.sources, options.world.view);
    this.breakpoints = new Breakpoints({
      sources: this.sources,
      opNumber: (name) => this.#opNumber(name),
      similarName: (name) =>
        nearest(name, [
          ...this.sources.functionNames,
          ...options.world.view.ops.map((row) => row.name.replace(/^BPF_SOCK_OPS_/, '')),
        ]),
      missingTarget: (target) => this.#missingTarget(target),
      checkSyntax: (text) => syntaxError(text),
      evaluate: (text, moment) => this.#evaluateCondition(text, moment),
      log: (text, _breakpoint, moment) => options.log?.(text, stackOf(moment.callback, this.sources)[0]?.location),
    });
  }

  // ---- where we are ----------------------------------------------------------------------------------------------

  get reason(): StopReason {
    return this.#reason;
  }

  get position(): Position {
    return this.timeline.position;
  }

  /** The machine where it stands; undefined between callbacks and at the end. */
  get moment(): Moment | undefined {
    const callback = this.world.halted?.callback;
    return this.timeline.state === 'inside' && callback !== undefined
      ? { world: this.world, position: this.timeline.position, callback }
      : undefined;
  }

  get threads(): readonly HostThread[] {
    return HOSTS.map((host, index) => ({ id: index + 1, host, name: this.world.hostLabel(host) }));
  }

  /** The thread whose host runs the program now. */
  get currentThread(): number {
    const host = this.moment?.callback.host;
    return this.threads.find((thread) => thread.host === host)?.id ?? 1;
  }

  /** Frames of a thread, innermost first; empty for a host that runs no program at the moment. */
  frames(threadId: number): readonly StackFrame[] {
    const { moment } = this;
    if (moment === undefined || threadId !== this.currentThread) return [];
    return stackOf(moment.callback, this.sources);
  }

  scopes(frame: StackFrame): readonly ScopeNode[] {
    const { moment } = this;
    return moment === undefined ? [] : scopesOf(moment, frame, this.#changes);
  }

  maps(): readonly MapText[] {
    return this.world.files.flatMap(({ object, vm }) => mapTexts(vm, object, this.#changes));
  }

  readonly #changes: ChangeTracker = {
    changed: (key, value) => {
      this.#now.set(key, value);
      const before = this.#before.get(key);
      return before !== undefined && before !== value;
    },
  };

  // ---- moving ----------------------------------------------------------------------------------------------------

  /** Goes to the first instruction, or runs on to the first stop. `slice-over` in `resume` asks to be called again. */
  start(mode: 'stop-on-entry' | 'run'): StopReason | 'slice-over' {
    if (mode === 'run') return this.resume('forward');
    return this.#land(this.timeline.toStart(), { kind: 'entry' }, { 'history-start': { kind: 'entry' } });
  }

  /** Runs to the next (or previous) breakpoint, fault or end. */
  resume(direction: Direction): StopReason | 'slice-over' {
    return this.#move(direction, []);
  }

  /** Steps; breakpoints and faults on the way stop it too. */
  step(kind: StepKind, granularity: Granularity, direction: Direction): StopReason | 'slice-over' {
    const { moment } = this;
    if (moment === undefined)
      return direction === 'forward'
        ? this.resume('forward')
        : this.#begin('backward', lastPlaceVisitor(granularity, this.sources), () => ({ kind: 'step' }));
    const step = stepVisitor(kind, granularity, direction, moment, this.sources);
    return this.#move(direction, [step]);
  }

  /** To the first instruction of the next or previous callback, of one host or of any. */
  toCallback(direction: Direction, host?: 'client' | 'server'): StopReason | 'slice-over' {
    const visitor: Visitor =
      host === undefined ? callbackVisitor : { callback: (moment) => (moment.callback.host === host ? 'stop' : 'go') };
    return this.#begin(direction, visitor, () => ({ kind: 'callback' }));
  }

  /** Runs until a slot is about to be executed (run to cursor, until). */
  runTo(targets: readonly { readonly program: DebuggedProgram; readonly slot: number }[]): StopReason | 'slice-over' {
    const visitor: Visitor = {
      beforeInsn: ({ callback }) => {
        const here = this.sources.find(callback.program.object.file, callback.vm.program);
        return targets.some((target) => target.program === here && target.slot === callback.vm.slot) ? 'stop' : 'go';
      },
    };
    return this.#move('forward', [visitor]);
  }

  /** Goes to any position of the run that has been or will be reached. */
  goTo(position: Position): StopReason {
    return this.#land(this.timeline.seek(position), { kind: 'goto' });
  }

  /** Back to where the function of a frame was entered; for the kernel's frame, to the beginning of the callback. */
  restartFrame({ vmFrame }: StackFrame): StopReason | 'slice-over' {
    const { moment } = this;
    if (moment === undefined || vmFrame === undefined || vmFrame.depth === 0) return this.restartCallback();
    const visitor = functionStartVisitor(moment.callback, vmFrame.depth);
    return this.#begin('backward', visitor, () => ({ kind: 'goto' }));
  }

  /** Back to the first instruction of the callback in progress. */
  restartCallback(): StopReason {
    const { moment } = this;
    return moment === undefined ? this.#reason : this.goTo(moment.callback.position);
  }

  /** Back to the beginning of the run; edits stay in force unless `fresh`. */
  restart(mode: 'stop-on-entry' | 'run'): StopReason | 'slice-over' {
    this.timeline.toStart();
    this.timeline.forgetFuture();
    return mode === 'run'
      ? this.resume('forward')
      : this.#land(this.timeline.toStart(), { kind: 'entry' }, { 'history-start': { kind: 'entry' } });
  }

  /** After `slice-over`: goes on with the movement. */
  proceed(): StopReason | 'slice-over' {
    const moving = this.#moving;
    if (moving === undefined) return this.#reason;
    const landing = moving.movement.proceed(this.#options.beginSlice?.());
    if (landing.kind === 'slice-over') return 'slice-over';
    this.#moving = undefined;
    return this.#land(landing, moving.cause());
  }

  /** After `slice-over`: gives the movement up, forwards where it has come to and backwards where it began. */
  pause(): StopReason {
    const moving = this.#moving;
    this.#moving = undefined;
    return moving === undefined ? this.#reason : this.#land(moving.movement.abandon(), { kind: 'paused' });
  }

  #move(direction: Direction, wanted: readonly Visitor[]): StopReason | 'slice-over' {
    return this.#begin(direction, this.#stops(direction, wanted), () => this.#stopCause({ kind: 'step' }));
  }

  #begin(direction: Direction, visitor: Visitor, cause: () => StopReason): StopReason | 'slice-over' {
    const movement =
      direction === 'forward' ? this.timeline.movingForward(visitor) : this.timeline.movingBackward(visitor);
    this.#moving = { movement, cause };
    return this.proceed();
  }

  /** Breakpoints and faults first, so that a step that ends on a breakpoint says so. */
  #stops(direction: Direction, further: readonly Visitor[]): Visitor {
    return combine([this.breakpoints.visitor(direction), this.exceptions.visitor(), ...further]);
  }

  #stopCause(otherwise: StopReason): StopReason {
    const { position } = this;
    const hit = this.breakpoints.hitAt(position);
    if (hit !== undefined) {
      return {
        kind: 'breakpoint',
        ids: hit.ids,
        breakpoint: hit.kind,
        ...(hit.remark === undefined ? {} : { remark: hit.remark }),
      };
    }
    const stop = this.exceptions.stopAt(position);
    if (stop !== undefined) return { kind: 'exception', exception: stop };
    return otherwise;
  }

  #land(
    landing: Landing,
    reason: StopReason,
    special: Partial<Record<'history-start' | 'end', StopReason>> = {},
  ): StopReason {
    this.#before = this.#now;
    this.#now = new Map(this.#before);
    switch (landing.kind) {
      case 'stopped':
        this.#reason = reason;
        break;
      case 'history-start':
      case 'end':
        this.#reason = special[landing.kind] ?? { kind: landing.kind };
        break;
      case 'slice-over':
        throw new Bug('a slice is no landing');
    }
    return this.#reason;
  }

  // ---- breakpoints -----------------------------------------------------------------------------------------------

  setBreakpoints(
    kind: BreakpointKind,
    file: string | undefined,
    specs: readonly BreakpointSpec[],
  ): readonly Breakpoint[] {
    return this.breakpoints.replace(kind, file, specs);
  }

  /** Takes over what another debugger of the same files was told to stop at; breakpoints keep their ids. */
  takeOver(other: Debugger): void {
    this.breakpoints.adopt(other.breakpoints.all);
    this.exceptions.enable(other.exceptions.enabled);
  }

  get exceptionFilters(): readonly ExceptionFilter[] {
    return exceptionFilters(this.world.view.ops);
  }

  #opNumber(name: string): number | undefined {
    const wanted = name.toUpperCase().replace(/^BPF_SOCK_OPS_/, '');
    return this.world.view.ops.find((row) => row.name.replace(/^BPF_SOCK_OPS_/, '') === wanted)?.number;
  }

  #missingTarget(target: WatchTarget): string | undefined {
    switch (target.kind) {
      case 'memory':
        return undefined;
      case 'context':
        return ctxElements(this.world.view).some(
          (element) => element.offset <= target.offset && target.offset + target.size <= element.offset + element.size,
        )
          ? undefined
          : `${this.world.view.target.title} has no context field '${target.field}'`;
      case 'map-entry':
        return this.world.files.some(({ object }) => object.maps.some((map) => map.name === target.map))
          ? undefined
          : `the program has no map '${target.map}'`;
    }
  }

  #evaluateCondition(
    text: string,
    moment: Moment,
  ): { readonly truth: boolean; readonly text: string } | { readonly error: string } {
    const frame = stackOf(moment.callback, this.sources)[0];
    if (frame === undefined) return { error: 'there is no frame here' };
    const outcome = evaluateText(text, moment, frame, 'read-only');
    if (outcome.kind === 'error') return { error: outcome.message };
    return { truth: outcome.truth, text: outcome.node.value };
  }

  // ---- values ----------------------------------------------------------------------------------------------------

  /** Evaluates a C expression in a frame. `allow-writes` lets it assign, which starts a branch of the run. */
  evaluate(text: string, frame: StackFrame | undefined, mode: 'read-only' | 'allow-writes'): EvaluationOutcome {
    const { moment } = this;
    if (moment === undefined)
      return {
        kind: 'error',
        message: 'the program is not running: there is nothing to evaluate in',
        span: { start: 0, end: text.length },
      };
    const at = frame ?? stackOf(moment.callback, this.sources)[0];
    if (at === undefined)
      return { kind: 'error', message: 'there is no frame to evaluate in', span: { start: 0, end: text.length } };
    if (mode === 'read-only') return evaluateText(text, moment, at, 'read-only');
    // Tried first on the machine as it is: an assignment that fails must leave no trace in the record of edits.
    const outcome = evaluateText(text, moment, at, 'allow-writes');
    if (outcome.kind === 'value' && outcome.wrote !== undefined) {
      const { place, value } = outcome.wrote;
      this.#edit((again) => void writePlace(place, value, again));
    }
    return outcome;
  }

  /** Writes a text as a value to a variable; undefined on success, else why not. */
  assign(node: VariableNode, text: string, frame: StackFrame | undefined): string | undefined {
    const { moment } = this;
    const { place } = node;
    if (moment === undefined) return 'the program is not running';
    if (place === undefined) return `${node.name} cannot be set`;
    const outcome = this.evaluate(text, frame, 'read-only');
    if (outcome.kind === 'error') return outcome.message;
    if (outcome.scalar === undefined) return 'a number is needed here';
    const value = outcome.scalar;
    const refused = writePlace(place, value, moment);
    if (refused !== undefined) return refused;
    this.#edit((again) => void writePlace(place, value, again));
    return undefined;
  }

  /** Whether `assign` can succeed: most of the context only shows the socket. */
  isWritable({ place }: VariableNode): boolean {
    const { moment } = this;
    return place !== undefined && moment !== undefined && writeRefusal(place, moment) === undefined;
  }

  /** As many bytes as are there from the address on, at most `length`. */
  readMemory(address: bigint, length: number): Uint8Array {
    return this.moment?.callback.vm.readMemory(address, length) ?? new Uint8Array(0);
  }

  writeMemory(address: bigint, bytes: Uint8Array): boolean {
    const { moment } = this;
    if (moment === undefined || !moment.callback.vm.writeMemory(address, bytes)) return false;
    this.#edit((again) => void again.callback.vm.writeMemory(address, bytes));
    return true;
  }

  /** Moves the next instruction within the function. */
  setNextSlot(slot: number): void {
    this.#edit((again) => again.callback.vm.setSlot(slot));
    this.#reason = { kind: 'goto' };
  }

  #edit(apply: (moment: Moment) => void): void {
    this.timeline.edit(apply);
    this.breakpoints.forgetAfter(this.position);
    this.#options.branched?.();
  }
}
