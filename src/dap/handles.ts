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

  /** Everything so far becomes stale: the program has moved. */
  reset(): void {
    this.#things = new Map();
  }
}
