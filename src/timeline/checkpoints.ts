// Snapshots by event. All are kept while there are few; past a limit the older ones are thinned, so that a long run costs
// memory in the logarithm of its length and a step back near the present stays instant.

import { invariant } from '../base/index.ts';

/** Snapshots above which the oldest half is thinned to every second one. */
const MAX_CHECKPOINTS = 2048;

export class Checkpoints<Snapshot> {
  #events: number[] = [];
  readonly #snapshots = new Map<number, Snapshot>();

  /** Keeps a snapshot of the state before `event`, unless there is one; `take` is called only when it is needed. */
  put(event: number, take: () => Snapshot): void {
    if (this.#snapshots.has(event)) return;
    this.#snapshots.set(event, take());
    const newest = this.#events.at(-1) ?? -1;
    this.#events.push(event);
    if (event < newest) this.#events.sort((a, b) => a - b);
    if (this.#events.length > MAX_CHECKPOINTS) this.#thin();
  }

  /** The latest snapshot at or before `event`; there is always the one of event 0. */
  nearest(event: number): { readonly event: number; readonly snapshot: Snapshot } {
    let low = 0;
    let high = this.#events.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#events[middle]! <= event) low = middle;
      else high = middle - 1;
    }
    const found = this.#events[low];
    const snapshot = found === undefined ? undefined : this.#snapshots.get(found);
    invariant(found !== undefined && snapshot !== undefined, 'the checkpoint of event 0 is never dropped');
    return { event: found, snapshot };
  }

  /** Forgets every snapshot of an event after `event`. */
  dropAfter(event: number): void {
    for (const later of this.#events.filter((candidate) => candidate > event)) this.#snapshots.delete(later);
    this.#events = this.#events.filter((candidate) => candidate <= event);
  }

  get count(): number {
    return this.#events.length;
  }

  #thin(): void {
    const half = this.#events.length >> 1;
    this.#events = this.#events.filter((event, index) => {
      const keep = index === 0 || index >= half || index % 2 === 0;
      if (!keep) this.#snapshots.delete(event);
      return keep;
    });
  }
}
