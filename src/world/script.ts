// The applications of both hosts as the scenario's script says: which step is due, and what the moments that steps wait for
// mean in terms of the sockets. The script is a list: an `at` step happens at its time; any other step waits for all steps
// above it, then for its moment, then for its delay.

import type { Instant } from '../base/index.ts';
import type { Moment, ScriptStep } from './scenario-schema.ts';

/** Copyable state of a script. */
export interface ScriptState {
  /** Steps that are over, by index. */
  readonly done: readonly boolean[];
  /** Steps that have begun: a large write goes on for a while. */
  readonly begun: readonly boolean[];
  /** For a step whose moment has come and whose delay runs: when it is due. */
  readonly due: readonly (Instant | undefined)[];
}

export type MomentTest = (moment: Moment) => boolean;

export class Script {
  readonly #steps: readonly ScriptStep[];
  #state: ScriptState;

  constructor(steps: readonly ScriptStep[]) {
    this.#steps = steps;
    this.#state = {
      done: steps.map(() => false),
      begun: steps.map(() => false),
      due: steps.map((step) => (step.at === undefined ? undefined : (step.at as number as Instant))),
    };
  }

  /** Takes notice of what has become true; `has` answers for moments. Returns the times that became known, for alarms. */
  update(now: Instant, has: MomentTest): readonly Instant[] {
    const alarms: Instant[] = [];
    const due = [...this.#state.due];
    this.#steps.forEach((step, index) => {
      if (this.#state.done[index] === true || due[index] !== undefined) return;
      if (this.#state.done.slice(0, index).some((one) => !one)) return;
      if (step.after !== undefined && !has(step.after)) return;
      const when = (now + (step.delay ?? 0)) as Instant;
      due[index] = when;
      alarms.push(when);
    });
    if (alarms.length > 0) this.#state = { ...this.#state, due };
    return alarms;
  }

  /** Index of the first step that is due; undefined when none is. */
  next(now: Instant): number | undefined {
    const index = this.#state.due.findIndex(
      (when, at) => when !== undefined && when <= now && this.#state.done[at] === false,
    );
    return index < 0 ? undefined : index;
  }

  step(index: number): ScriptStep {
    return this.#steps[index]!;
  }

  begin(index: number): void {
    this.#state = { ...this.#state, begun: this.#state.begun.map((begun, at) => begun || at === index) };
  }

  finish(index: number): void {
    this.#state = { ...this.#state, done: this.#state.done.map((done, at) => done || at === index) };
  }

  /** Steps that have begun and are not over. */
  underWay(): readonly number[] {
    return this.#steps.flatMap((_, at) =>
      this.#state.begun[at] === true && this.#state.done[at] === false ? [at] : [],
    );
  }

  /** Times of the `at` steps, for alarms at the start. */
  alarms(): readonly Instant[] {
    return this.#state.due.filter((when): when is Instant => when !== undefined);
  }

  /** Steps that have not happened. */
  pending(): readonly { readonly step: number; readonly text: string }[] {
    return this.#steps.flatMap((step, index) =>
      this.#state.done[index] === true ? [] : [{ step: index, text: stepText(step) }],
    );
  }

  snapshot(): ScriptState {
    return this.#state;
  }

  restore(state: ScriptState): void {
    this.#state = state;
  }
}

/** "client.send 1000 bytes". */
export function stepText(step: ScriptStep): string {
  switch (step.do) {
    case 'client.send':
    case 'server.send':
      return `${step.do} ${step.bytes} bytes`;
    case 'client.setsockopt':
    case 'server.setsockopt':
      return `${step.do} ${step.option} = ${step.value}`;
    case 'attach':
    case 'detach':
      return `${step.do} program ${step.program}`;
    case 'map.update':
      return `map.update ${step.map}[${JSON.stringify(step.key)}] = ${JSON.stringify(step.value)}`;
    case 'map.delete':
      return `map.delete ${step.map}[${JSON.stringify(step.key)}]`;
    default:
      return step.do;
  }
}
