// The applications of both hosts as the scenario's script says: which step is due, and what the moments that steps wait for
// mean in terms of the sockets. The script is a list: an `at` step happens at its time; any other step waits for all steps
// above it, then for its moment, then for its delay.

import type { Instant } from '../base/index.ts';
import type { Moment, ScriptStep } from './scenario-schema.ts';

/** State of a script as of one moment. */
export interface ScriptState {
  /** Steps that are over, by index. */
  readonly done: readonly boolean[];
  /** Steps that have begun: a large write goes on for a while. */
  readonly begun: readonly boolean[];
  /** For a step whose moment has come and whose delay runs: when it is due. */
  readonly due: readonly (Instant | undefined)[];
}

export type MomentTest = (moment: Moment) => boolean;

const NONE: readonly number[] = [];

export class Script {
  readonly #steps: readonly ScriptStep[];
  #done: boolean[];
  #begun: boolean[];
  #due: (Instant | undefined)[];
  /** Steps that have begun and are not over. */
  #open = 0;

  constructor(steps: readonly ScriptStep[]) {
    this.#steps = steps;
    this.#done = steps.map(() => false);
    this.#begun = steps.map(() => false);
    this.#due = steps.map((step) => (step.at === undefined ? undefined : (step.at as number as Instant)));
  }

  /** Takes notice of what has become true; `has` answers for moments. Returns the time that became known, for an alarm. */
  update(now: Instant, has: MomentTest): Instant | undefined {
    // Of the steps without a time of their own, only the first that is not over can be waiting for its moment.
    const index = this.#firstOpen();
    const step = this.#steps[index];
    if (step === undefined || this.#due[index] !== undefined) return undefined;
    if (step.after !== undefined && !has(step.after)) return undefined;
    const when = (now + (step.delay ?? 0)) as Instant;
    this.#due[index] = when;
    return when;
  }

  #firstOpen(): number {
    const done = this.#done;
    let index = 0;
    while (index < done.length && done[index] === true) index++;
    return index;
  }

  /** Index of the first step that is due; undefined when none is. */
  next(now: Instant): number | undefined {
    const index = this.#due.findIndex((when, at) => when !== undefined && when <= now && this.#done[at] === false);
    return index < 0 ? undefined : index;
  }

  step(index: number): ScriptStep {
    return this.#steps[index]!;
  }

  begin(index: number): void {
    this.#open++;
    this.#begun[index] = true;
  }

  finish(index: number): void {
    this.#open--;
    this.#done[index] = true;
  }

  /** Steps that have begun and are not over. */
  underWay(): readonly number[] {
    if (this.#open === 0) return NONE;
    const open: number[] = [];
    for (let at = 0; at < this.#begun.length; at++) {
      if (this.#begun[at] === true && this.#done[at] === false) open.push(at);
    }
    return open;
  }

  /** Times of the `at` steps, for alarms at the start. */
  alarms(): readonly Instant[] {
    return this.#due.filter((when): when is Instant => when !== undefined);
  }

  /** Steps that have not happened. */
  pending(): readonly { readonly step: number; readonly text: string }[] {
    return this.#steps.flatMap((step, index) =>
      this.#done[index] === true ? [] : [{ step: index, text: stepText(step) }],
    );
  }

  snapshot(): ScriptState {
    return { done: [...this.#done], begun: [...this.#begun], due: [...this.#due] };
  }

  restore(state: ScriptState): void {
    this.#done = [...state.done];
    this.#begun = [...state.begun];
    this.#due = [...state.due];
    this.#open = state.begun.filter((begun, at) => begun && state.done[at] === false).length;
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
