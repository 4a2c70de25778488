// What to do when the language server's process dies: start it again quietly, but not for ever.

/** Deaths within WINDOW_MS after which it is left alone. */
const MANY = 4;
const WINDOW_MS = 180_000;

export class ServerDeaths {
  readonly #now: () => number;
  #times: number[] = [];

  /** `now` gives milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes a death; the answer says whether to start the server again. */
  died(): 'restart' | 'give-up' {
    const now = this.#now();
    this.#times = [...this.#times.filter((time) => now - time < WINDOW_MS), now];
    return this.#times.length < MANY ? 'restart' : 'give-up';
  }

  /** A person started it again: what was before does not count. */
  forget(): void {
    this.#times = [];
  }
}
