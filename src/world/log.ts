// An append-only list that snapshots can share: a snapshot is the list and a length. Appending after going back to a shorter
// length leaves what other snapshots hold untouched.

export interface LogSnapshot<T> {
  readonly items: T[];
  readonly length: number;
}

export class Log<T> {
  #items: T[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The elements; valid until the next change. */
  get all(): readonly T[] {
    if (this.#items.length !== this.#length) this.#items = this.#items.slice(0, this.#length);
    return this.#items;
  }

  push(item: T): void {
    if (this.#items.length !== this.#length) this.#items = this.#items.slice(0, this.#length);
    this.#items.push(item);
    this.#length++;
  }

  /** Replaces an element that no snapshot holds yet: one of the event that is being simulated. */
  amend(index: number, item: T): void {
    this.#items[index] = item;
  }

  snapshot(): LogSnapshot<T> {
    return { items: this.#items, length: this.#length };
  }

  restore(snapshot: LogSnapshot<T>): void {
    this.#items = snapshot.items;
    this.#length = snapshot.length;
  }
}
