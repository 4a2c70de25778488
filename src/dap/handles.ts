// Numbers that stand for things while the program is stopped. They are never reused within a session, so that one from an
// earlier stop is recognised as stale.

export class Handles<Thing> {
  #next: number;
  #things = new Map<number, Thing>();

  constructor(first = 1) {
    this.#next = first;
  }

  create(thing: Thing): number {
    const id = this.#next++;
    this.#things.set(id, thing);
    return id;
  }

  get(id: number): Thing | undefined {
    return this.#things.get(id);
  }

  /** Puts something else in place of each thing, in the order of their numbers; undefined leaves it as it is. */
  renew(next: (thing: Thing) => Thing | undefined): void {
    for (const [id, thing] of this.#things) this.#things.set(id, next(thing) ?? thing);
  }

  /** Everything so far becomes stale: the program has moved. */
  reset(): void {
    this.#things = new Map();
  }
}
