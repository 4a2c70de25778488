// A binary heap ordered by (key, insertion number), so that equal keys leave in the order in which they came.

interface Entry<T> {
  readonly key: number;
  readonly order: number;
  readonly item: T;
}

const before = <T>(a: Entry<T>, b: Entry<T>): boolean => a.key < b.key || (a.key === b.key && a.order < b.order);

/** Copyable state of a heap; the items are shared, not cloned. */
export interface HeapSnapshot<T> {
  readonly entries: readonly Entry<T>[];
  readonly nextOrder: number;
}

export class OrderedHeap<T> {
  #entries: Entry<T>[] = [];
  #nextOrder = 0;

  get size(): number {
    return this.#entries.length;
  }

  push(key: number, item: T): void {
    const entries = this.#entries;
    const entry = { key, order: this.#nextOrder++, item };
    let at = entries.length;
    entries.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, entries[parent]!)) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  /** Smallest key, or undefined when the heap is empty. */
  peekKey(): number | undefined {
    return this.#entries[0]?.key;
  }

  peek(): T | undefined {
    return this.#entries[0]?.item;
  }

  pop(): T | undefined {
    const entries = this.#entries;
    const top = entries[0];
    const last = entries.pop();
    if (top === undefined || last === undefined) return undefined;
    if (entries.length > 0) {
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= entries.length) break;
        if (child + 1 < entries.length && before(entries[child + 1]!, entries[child]!)) child++;
        if (!before(entries[child]!, last)) break;
        entries[at] = entries[child]!;
        at = child;
      }
      entries[at] = last;
    }
    return top.item;
  }

  /** The items in the order in which they would be popped. */
  inOrder(): T[] {
    return [...this.#entries].sort((a, b) => (before(a, b) ? -1 : 1)).map((entry) => entry.item);
  }

  snapshot(): HeapSnapshot<T> {
    return { entries: [...this.#entries], nextOrder: this.#nextOrder };
  }

  restore(snapshot: HeapSnapshot<T>): void {
    this.#entries = [...snapshot.entries];
    this.#nextOrder = snapshot.nextOrder;
  }
}
