// Helpers by id as the verifier needs them, looked up once: whether they may be called, their arguments and effects.

import type { HelperAnswer, KernelView } from '../kernel/index.ts';

const TIMER_SET_CALLBACK = 170;

/** How a helper uses the function that it is given. */
export type CallbackKind = 'none' | 'sync' | 'async';

export class HelperTable {
  readonly #view: KernelView;
  readonly #gplCompatible: boolean;
  readonly #answers = new Map<number, HelperAnswer>();

  constructor(view: KernelView, gplCompatible: boolean) {
    this.#view = view;
    this.#gplCompatible = gplCompatible;
  }

  answer(id: number): HelperAnswer {
    const known = this.#answers.get(id);
    if (known !== undefined) return known;
    const answer = this.#view.helper(id, { gplCompatible: this.#gplCompatible });
    this.#answers.set(id, answer);
    return answer;
  }

  /** "bpf_map_lookup_elem", or "unknown". */
  nameOf(id: number): string {
    const answer = this.answer(id);
    return 0 <= id && id < this.#view.helperIdEnd && answer.row !== undefined ? answer.row.name : 'unknown';
  }

  callbackKind(id: number): CallbackKind {
    if (!this.#has(id, 'calls-back')) return 'none';
    return id === TIMER_SET_CALLBACK ? 'async' : 'sync';
  }

  mightSleep(id: number): boolean {
    const answer = this.answer(id);
    return !answer.ok && answer.why === 'may-sleep';
  }

  changesPacket(id: number): boolean {
    return this.#has(id, 'invalidates-packet');
  }

  argumentCount(id: number): number | undefined {
    const answer = this.answer(id);
    return answer.ok ? answer.sockOps.arguments.length : undefined;
  }

  #has(id: number, effect: 'calls-back' | 'invalidates-packet'): boolean {
    return this.answer(id).row?.sockOps?.effects.includes(effect) ?? false;
  }
}
