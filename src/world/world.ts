// One runnable scenario: two hosts, the link between them, the programs in their control groups, and the applications of the
// script. It advances event by event; between events it can be saved, restored and hashed, within one a monitor can stop it at
// any instruction. The same scenario and seed always give the same run.

import { Bug, type Instant, instant } from '../base/index.ts';
import type { Network, NetworkSnapshot } from '../tcp/index.ts';
import type { VmSnapshot } from '../vm/index.ts';
import { Applications } from './applications.ts';
import { type AttachMode, type AttachResult, type CgroupSnapshot, CgroupTree } from './cgroup.ts';
import { ProgramChain, type Recording } from './chain.ts';
import { editMap } from './edit-map.ts';
import { effectText } from './effects-text.ts';
import { hashText } from './hash-text.ts';
import { KernelSide, type KernelSideSnapshot, type WorldFacts } from './kernel-side.ts';
import { Log, type LogSnapshot } from './log.ts';
import { Halt, type Monitor } from './monitor.ts';
import { makeNetwork } from './network.ts';
import { HostPort } from './ports.ts';
import type { LoadedProgram } from './programs.ts';
import type { ActionRecord, CallbackRecord, Position, SegmentRecord } from './record.ts';
import { type AttachFailure, type ResultFacts, RunResults, type Setting } from './run-results.ts';
import type { Running } from './running.ts';
import type { HostSide, Moment, ScriptStep } from './scenario-schema.ts';
import type { ScenarioSource } from './scenario-source.ts';
import { Script, type ScriptState, stepText } from './script.ts';
import { segmentRecords } from './segments.ts';
import { mapNamed } from './typed-map.ts';

export interface WorldParts extends Setting {
  readonly source: ScenarioSource;
  readonly recording: Recording;
}

/** How one event ended. */
export type EventEnd =
  | { readonly kind: 'ran'; readonly event: number }
  /** A monitor stopped it: the world can be looked at, and must be restored before it runs again. */
  | { readonly kind: 'halted'; readonly position: Position }
  | { readonly kind: 'finished'; readonly why: FinishReason };

/** `quiet`: nothing is left to happen. `until`: the scenario's end time has come. */
export type FinishReason = 'quiet' | 'until';

export type RunEnd =
  | { readonly kind: 'finished'; readonly why: FinishReason; readonly events: number }
  | { readonly kind: 'halted'; readonly position: Position }
  | { readonly kind: 'event-limit'; readonly events: number };

/** What comes next, before it happens. */
export interface NextEvent {
  readonly index: number;
  readonly time: Instant;
}

/** Events after which run() gives up: far beyond any connection worth looking at. */
const EVENT_LIMIT = 5_000_000;

/** Everything that changes. Opaque to callers; shares what has not changed. */
export interface WorldSnapshot {
  readonly event: number;
  readonly network: NetworkSnapshot;
  readonly machines: readonly VmSnapshot[];
  readonly cgroups: CgroupSnapshot<LoadedProgram>;
  readonly script: ScriptState;
  readonly kernel: KernelSideSnapshot;
  readonly applications: ReturnType<Applications['snapshot']>;
  readonly stuck: ReadonlySet<LoadedProgram>;
  readonly logs: Logs;
  readonly effectsSeen: number;
  readonly attachErrors: readonly AttachFailure[];
  readonly timerAlarm: Instant | undefined;
  readonly finished: FinishReason | undefined;
}

/** The lists that only grow. */
interface Logs {
  readonly callbacks: LogSnapshot<CallbackRecord>;
  readonly actions: LogSnapshot<ActionRecord>;
  readonly arrivals: LogSnapshot<Arrival>;
  readonly firstSegment: LogSnapshot<number>;
}

/** Event in which a segment arrived, by index of the segment. */
interface Arrival {
  readonly segment: number;
  readonly event: number;
}

/** Tags of alarms that the world sets on the network's queue. */
const WAKE_SCRIPT = 1;
const WAKE_TIMER = 2;

export class World extends RunResults implements WorldFacts {
  readonly source: ScenarioSource;
  readonly network: Network;
  readonly cgroups: CgroupTree<LoadedProgram>;
  readonly #chain: ProgramChain;
  /** Timers run in a softirq of the first CPU. */
  readonly #timerPort: HostPort;
  readonly #script: Script;
  readonly #applications: Applications;
  readonly #kernel: KernelSide;
  readonly #recording: Recording;
  #event = 0;
  #finished: FinishReason | undefined;
  #halted = false;
  /** When the alarm for the next bpf_timer goes off. */
  #timerAlarm: Instant | undefined;
  readonly #actions = new Log<ActionRecord>();
  #attachErrors: readonly AttachFailure[] = [];
  /** Effects of the TCP model's log that have been handed to their callbacks. */
  #effectsSeen = 0;
  readonly #arrivals = new Log<Arrival>();
  /** Number of segments sent before each event. */
  readonly #firstSegment = new Log<number>();

  constructor(parts: WorldParts) {
    super(parts);
    this.source = parts.source;
    this.#recording = parts.recording;
    this.cgroups = new CgroupTree({
      multi: this.view.has('cgroup-multi-attach'),
      preorder: this.view.has('cgroup-preorder'),
    });
    this.#kernel = new KernelSide(parts.scenario, this.view, this.cgroups, this.programs, this.files, this);
    this.#chain = new ProgramChain(this.#kernel, parts.recording);
    this.#timerPort = new HostPort(this.#kernel, 'client');
    this.network = makeNetwork(parts.scenario, this.view, this.#chain);
    this.#script = new Script(parts.scenario.script);
    this.#applications = new Applications(this.network, parts.scenario);
    for (const program of this.programs) if (!this.#isAttachedByScript(program)) this.#attach(program);
    for (const time of this.#script.alarms()) this.network.wakeAt(time, WAKE_SCRIPT);
    this.#askScript();
  }

  // ---- running ----

  get now(): Instant {
    return this.network.now;
  }

  /** Index of the next event, or of the one in which the world stands halted. */
  get event(): number {
    return this.#event;
  }

  /** Identity of the listening socket, once there is one. */
  get listener(): number | undefined {
    return this.#applications.id('listener');
  }

  get finished(): FinishReason | undefined {
    return this.#finished;
  }

  /** The event that runEvent() would run; undefined when nothing is left. */
  get nextEvent(): NextEvent | undefined {
    const time = this.network.nextEventTime;
    if (this.#finished !== undefined || time === undefined || time > this.scenario.until) return undefined;
    return { index: this.#event, time };
  }

  /** Where a monitor stopped the world: inside this callback. Undefined while it stands between events. */
  get halted(): { readonly callback: Running } | undefined {
    const callback = this.#halted ? this.#chain.inProgress : undefined;
    return callback === undefined ? undefined : { callback };
  }

  /** Both hosts with their names for people. */
  get hosts(): readonly { readonly host: HostSide; readonly label: string }[] {
    return [
      { host: 'client', label: this.hostLabel('client') },
      { host: 'server', label: this.hostLabel('server') },
    ];
  }

  /** Runs one event to its end, or to where the monitor halts it. */
  runEvent(monitor?: Monitor): EventEnd {
    if (this.#halted) throw new Bug('a halted world was run without restoring it');
    const time = this.network.nextEventTime;
    if (time === undefined || time > this.scenario.until) {
      this.#finished ??= time === undefined ? 'quiet' : 'until';
      return { kind: 'finished', why: this.#finished };
    }
    this.#chain.retired = 0;
    this.#chain.monitor = monitor;
    this.#chain.inProgress = undefined;
    this.#firstSegment.push(this.network.segments.length);
    try {
      this.#kernel.context = 'softirq';
      const event = this.network.runNextEvent();
      if (event?.kind === 'deliver') this.#arrivals.push({ segment: event.record, event: this.#event });
      else if (event?.kind === 'wake' && event.tag === WAKE_SCRIPT) this.#runScriptStep();
      else if (event?.kind === 'wake' && event.tag === WAKE_TIMER) this.#runTimers();
      this.#afterEvent();
    } catch (error) {
      if (!(error instanceof Halt)) throw error;
      this.#halted = true;
      return { kind: 'halted', position: error.position };
    } finally {
      this.#chain.monitor = undefined;
    }
    const event = this.#event++;
    return { kind: 'ran', event };
  }

  /** Runs to the end, or until the monitor halts. */
  run(options: { readonly monitor?: Monitor; readonly maxEvents?: number } = {}): RunEnd {
    const limit = options.maxEvents ?? EVENT_LIMIT;
    for (let count = 0; count < limit; count++) {
      const end = this.runEvent(options.monitor);
      if (end.kind === 'halted') return end;
      if (end.kind === 'finished') return { ...end, events: this.#event };
    }
    return { kind: 'event-limit', events: this.#event };
  }

  #afterEvent(): void {
    // Reading and accepting are system calls of their own, made as soon as the application is told.
    this.#applications.takeNotices(this.#enter, this.#socketGone);
    this.#handOutEffects();
    if (this.#recording === 'full') this.#applications.remember();
    for (const index of this.#script.underWay()) {
      const step = this.#script.step(index);
      const host = step.do === 'client.send' ? 'client' : step.do === 'server.send' ? 'server' : undefined;
      if (host === undefined || !this.#applications.isSending(host)) this.#script.finish(index);
    }
    this.#askScript();
    this.#setTimerAlarm();
  }

  /** One alarm for the earliest bpf_timer of all machines. */
  #setTimerAlarm(): void {
    let earliest: Instant | undefined;
    for (const file of this.files) {
      const timer = file.vm.nextTimer();
      if (timer !== undefined && (earliest === undefined || timer < earliest)) earliest = timer;
    }
    if (earliest === undefined || earliest === this.#timerAlarm) return;
    this.#timerAlarm = earliest;
    this.network.wakeAt(instant(Math.max(earliest, this.network.now)), WAKE_TIMER);
  }

  /** Sets an alarm for the step whose moment has come. */
  #askScript(): void {
    const time = this.#script.update(this.network.now, this.#hasMoment);
    if (time !== undefined) this.network.wakeAt(time, WAKE_SCRIPT);
  }

  readonly #hasMoment = (moment: Moment): boolean => this.#applications.has(moment);

  readonly #enter = (host: HostSide): void => {
    this.#kernel.context = host;
  };

  readonly #socketGone = (socketId: number): void => {
    for (const file of this.files) file.vm.socketClosed(socketId);
  };

  #runTimers(): void {
    this.#timerAlarm = undefined;
    for (const file of this.files) {
      const timer = file.vm.nextTimer();
      if (timer === undefined || timer > this.network.now) continue;
      const program = this.programs.find((one) => one.vm === file.vm);
      if (program === undefined) continue;
      this.#timerPort.program = program;
      this.#timerPort.callback = this.#chain.log.length - 1;
      file.vm.runTimers(this.#timerPort);
    }
  }

  #runScriptStep(): void {
    const index = this.#script.next(this.network.now);
    if (index === undefined) return;
    const step = this.#script.step(index);
    const host = step.do.startsWith('client.') ? 'client' : step.do.startsWith('server.') ? 'server' : undefined;
    const action: ActionRecord = {
      event: this.#event,
      time: this.network.now,
      host,
      step: index,
      text: this.#actionText(step),
      error: undefined,
    };
    this.#actions.push(action);
    const place = this.#actions.length - 1;
    this.#kernel.context = host ?? 'client';
    this.#script.begin(index);
    const error = this.#perform(step);
    if (error !== undefined) this.#actions.amend(place, { ...action, error });
  }

  #actionText(step: ScriptStep): string {
    if (step.do !== 'attach' && step.do !== 'detach') return stepText(step);
    const program = this.programs.find((one) => one.index === step.program);
    return program === undefined
      ? stepText(step)
      : `${step.do} ${program.program.name} ${step.do === 'attach' ? 'to' : 'from'} ${program.spec.cgroup}`;
  }

  /** Does what a step says; the error in words when it fails. */
  #perform(step: ScriptStep): string | undefined {
    switch (step.do) {
      case 'attach':
      case 'detach': {
        const program = this.programs.find((one) => one.index === step.program);
        if (program === undefined) return 'there is no such program';
        return step.do === 'attach' ? this.#attach(program) : this.#detach(program);
      }
      case 'map.update':
      case 'map.delete': {
        const typed = mapNamed(this.files, step.map);
        if (typed === undefined) return 'there is no such map';
        return editMap(typed, step);
      }
      default:
        return this.#applications.perform(step);
    }
  }

  // ---- programs ----

  /** A program whose first mention in the script is an attach step starts out unattached. */
  #isAttachedByScript(program: LoadedProgram): boolean {
    const first = this.scenario.script.find(
      (step) => (step.do === 'attach' || step.do === 'detach') && step.program === program.index,
    );
    return first?.do === 'attach';
  }

  /** What a loader would use: several programs side by side, where the kernel can. */
  get #usualMode(): AttachMode {
    return this.view.has('cgroup-multi-attach') ? 'multi' : 'override';
  }

  #attach(program: LoadedProgram): string | undefined {
    const { spec } = program;
    return this.#noteAttach(
      program,
      this.cgroups.attach(spec.cgroup, { program, mode: spec.attach ?? this.#usualMode, preorder: spec.preorder }),
    );
  }

  #detach(program: LoadedProgram): string | undefined {
    return this.#noteAttach(program, this.cgroups.detach(program.spec.cgroup, program));
  }

  #noteAttach(program: LoadedProgram, result: AttachResult): string | undefined {
    if (result.kind === 'attached') return undefined;
    this.#attachErrors = [...this.#attachErrors, { program: program.index, error: result.error, why: result.why }];
    return `${result.error}: ${result.why}`;
  }

  #handOutEffects(): void {
    const list = this.network.effects;
    if (list.length === this.#effectsSeen || this.#recording === 'counts') {
      this.#effectsSeen = list.length;
      return;
    }
    const byCall = new Map<number, string[]>();
    for (const effect of list.slice(this.#effectsSeen)) {
      const texts = byCall.get(effect.call) ?? [];
      texts.push(effectText(effect, this.scenario.hz));
      byCall.set(effect.call, texts);
    }
    this.#effectsSeen = list.length;
    const callbacks = this.#chain.log.all;
    for (let at = callbacks.length - 1; at >= 0 && byCall.size > 0; at--) {
      const callback = callbacks[at]!;
      const texts = byCall.get(callback.callNumber);
      if (texts === undefined) continue;
      byCall.delete(callback.callNumber);
      this.#chain.log.amend(at, { ...callback, effects: [...callback.effects, ...texts] });
    }
  }

  // ---- state ----

  /** The state between two events. */
  snapshot(): WorldSnapshot {
    if (this.#halted) throw new Bug('a halted world cannot be saved; it stands in the middle of an event');
    return {
      event: this.#event,
      network: this.network.snapshot(),
      machines: this.files.map((file) => file.vm.snapshot()),
      cgroups: this.cgroups.snapshot(),
      script: this.#script.snapshot(),
      kernel: this.#kernel.snapshot(),
      applications: this.#applications.snapshot(),
      stuck: this.#chain.stuck,
      logs: {
        callbacks: this.#chain.log.snapshot(),
        actions: this.#actions.snapshot(),
        arrivals: this.#arrivals.snapshot(),
        firstSegment: this.#firstSegment.snapshot(),
      },
      effectsSeen: this.#effectsSeen,
      attachErrors: this.#attachErrors,
      timerAlarm: this.#timerAlarm,
      finished: this.#finished,
    };
  }

  restore(snapshot: WorldSnapshot): void {
    this.#halted = false;
    this.#chain.inProgress = undefined;
    this.#event = snapshot.event;
    this.network.restore(snapshot.network);
    this.files.forEach((file, index) => {
      file.vm.restore(snapshot.machines[index]!);
    });
    this.cgroups.restore(snapshot.cgroups);
    this.#script.restore(snapshot.script);
    this.#kernel.restore(snapshot.kernel);
    this.#applications.restore(snapshot.applications);
    this.#chain.stuck = snapshot.stuck;
    const { logs } = snapshot;
    this.#chain.log.restore(logs.callbacks);
    this.#actions.restore(logs.actions);
    this.#arrivals.restore(logs.arrivals);
    this.#firstSegment.restore(logs.firstSegment);
    this.#effectsSeen = snapshot.effectsSeen;
    this.#attachErrors = snapshot.attachErrors;
    this.#timerAlarm = snapshot.timerAlarm;
    this.#finished = snapshot.finished;
  }

  /** A text that is equal for equal states and, in practice, for no others. */
  stateHash(): string {
    const own = JSON.stringify([
      this.#event,
      this.#kernel.snapshot().random,
      this.#script.snapshot(),
      this.cgroups
        .attachments()
        .map(([path, list]) => [path, list.map((one) => [one.program.index, one.mode, one.preorder])]),
      this.#chain.log.length,
      this.#kernel.printk.length,
      this.#kernel.outputs.length,
      this.#actions.length,
    ]);
    return [this.network.stateHash(), ...this.files.map((file) => file.vm.stateHash()), hashText(own)].join('-');
  }

  /** What a sweep wants to know of a connection. Times in nanoseconds. */
  brief(): {
    readonly establishedAt: number | undefined;
    readonly endedAt: number;
    readonly retransmissions: number;
    readonly segmentCount: number;
  } {
    const { notices, segments } = this.network;
    const client = notices.find((one) => one.kind === 'established' && one.host === 'client');
    const ended = notices.filter((one) => one.kind === 'closed' || one.kind === 'error').at(-1);
    return {
      establishedAt: client?.time,
      endedAt: ended?.time ?? this.network.now,
      retransmissions: segments.filter((segment) => segment.retransmission).length,
      segmentCount: segments.length,
    };
  }

  // ---- what came of it ----

  override get callbacks(): readonly CallbackRecord[] {
    return this.#chain.log.all;
  }

  protected override facts(): ResultFacts {
    const segments = () => this.#segments();
    return {
      callbacks: this.#chain.log.all,
      // Only when somebody asks: it is a walk over everything that was sent.
      get segments() {
        return segments();
      },
      printk: this.#kernel.printk,
      outputs: this.#kernel.outputs,
      actions: this.#actions.all,
      diagnostics: this.#kernel.diagnostics,
      attachErrors: this.#attachErrors,
      askedTaskInSoftirq: this.#kernel.askedTaskInSoftirq,
      pending: this.#script.pending(),
      describe: (role) => this.#applications.describe(role),
    };
  }

  #segments(): readonly SegmentRecord[] {
    const arrivals = new Map(this.#arrivals.all.map((one) => [one.segment, one.event]));
    const callbackAfter = (callNumber: number): number => {
      // The index of the last callback whose call number is below: programs may have seen only some of the calls.
      let low = 0;
      let high = this.#chain.log.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.#chain.log.all[middle]!.callNumber < callNumber) low = middle + 1;
        else high = middle;
      }
      return low - 1;
    };
    return segmentRecords(this.network.segments, this.#firstSegment.all, this.#event, arrivals, callbackAfter);
  }
}
