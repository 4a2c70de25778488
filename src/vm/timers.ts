// bpf_timer: a record per timer in linear memory, in a list by time of starting. Source of the semantics: kernel/bpf/helpers.c
// bpf_timer_init and its fellows. The machine does not wake up by itself: its owner asks `next` and calls `due`.

import type { Instant } from '../base/index.ts';
import { BLOCK, HEADER } from './heap.ts';
import { CONTROL } from './linear-memory.ts';
import type { Machine } from './machine.ts';

/** How long the simulated machine had been running when the simulation starts: 100 s, so that no clock reads zero. */
export const UPTIME_NS = 100_000_000_000;

/** Header fields of a timer record. */
const NEXT = HEADER.a;
/** Value block that the timer lies in, and the offset in it. */
const VALUE = HEADER.b;
const OFFSET = HEADER.c;
const MAP = HEADER.d;
/** Program number and slot of the callback; slot -1: none yet. */
const PROGRAM = HEADER.e;
const SLOT = HEADER.f;
/** In the hidden bytes: expiry in nanoseconds (8 bytes), whether it is armed, order of arming. */
const EXPIRES = 0;
const ARMED = 8;
const ORDER = 12;

export interface DueTimer {
  readonly record: number;
  readonly map: number;
  readonly value: number;
  readonly program: number;
  readonly slot: number;
}

export class Timers {
  readonly #m: Machine;

  constructor(m: Machine) {
    this.#m = m;
  }

  /** A record for the timer at `offset` of a value block; 0: no memory. */
  create(map: number, value: number, offset: number): number {
    const { heap, memory } = this.#m;
    const record = heap.allocate({ kind: BLOCK.internal, mapped: 0, hidden: 16 });
    if (record < 0) return 0;
    heap.set(record, VALUE, value);
    heap.set(record, OFFSET, offset);
    heap.set(record, MAP, map);
    heap.set(record, SLOT, -1);
    heap.set(record, NEXT, memory.getU32(CONTROL.timerHead));
    memory.setU32(CONTROL.timerHead, record);
    return record;
  }

  /** Record of the timer at a place; 0: not initialised. */
  at(value: number, offset: number): number {
    const { heap } = this.#m;
    for (let record = this.#first(); record !== 0; record = heap.get(record, NEXT))
      if (heap.get(record, VALUE) === value && heap.get(record, OFFSET) === offset) return record;
    return 0;
  }

  #first(): number {
    return this.#m.memory.getU32(CONTROL.timerHead);
  }

  setCallback(record: number, program: number, slot: number): void {
    this.#m.heap.set(record, PROGRAM, program);
    this.#m.heap.set(record, SLOT, slot);
  }
  hasCallback(record: number): boolean {
    return this.#m.heap.get(record, SLOT) !== -1;
  }

  arm(record: number, expires: number): void {
    const { memory } = this.#m;
    memory.setU64(record + EXPIRES, BigInt(Math.round(expires)));
    memory.setU32(record + ARMED, 1);
    const order = memory.getU32(CONTROL.ticket) + 1;
    memory.setU32(CONTROL.ticket, order);
    memory.setU32(record + ORDER, order);
  }

  /** Whether the callback of that timer is what the machine is running; the record is kept in a control word. */
  isRunning(record: number): boolean {
    return this.#m.active && this.#m.memory.getU32(CONTROL.runningTimer) === record;
  }
  setRunning(record: number): void {
    this.#m.memory.setU32(CONTROL.runningTimer, record);
  }

  /** Whether it was armed. */
  disarm(record: number): boolean {
    const { memory } = this.#m;
    const was = memory.getU32(record + ARMED) === 1;
    memory.setU32(record + ARMED, 0);
    return was;
  }

  #expiry(record: number): number {
    return Number(this.#m.memory.view.getBigInt64(record + EXPIRES, true));
  }

  /** The armed timer that expires first, those of equal time in order of arming. */
  #earliest(): number {
    const { heap, memory } = this.#m;
    let best = 0;
    for (let record = this.#first(); record !== 0; record = heap.get(record, NEXT)) {
      if (memory.getU32(record + ARMED) !== 1) continue;
      const earlier =
        best === 0 ||
        this.#expiry(record) < this.#expiry(best) ||
        (this.#expiry(record) === this.#expiry(best) && memory.getU32(record + ORDER) < memory.getU32(best + ORDER));
      if (earlier) best = record;
    }
    return best;
  }

  next(): Instant | undefined {
    const record = this.#earliest();
    return record === 0 ? undefined : (this.#expiry(record) as Instant);
  }

  /** Disarms and gives the next timer that has expired. */
  due(now: Instant): DueTimer | undefined {
    const { heap } = this.#m;
    const record = this.#earliest();
    if (record === 0 || this.#expiry(record) > now) return undefined;
    this.disarm(record);
    return {
      record,
      map: heap.get(record, MAP),
      value: heap.get(record, VALUE),
      program: heap.get(record, PROGRAM),
      slot: heap.get(record, SLOT),
    };
  }

  /** The value is gone, and its timers with it. */
  valueGone(value: number): void {
    const { heap, memory } = this.#m;
    let previous = 0;
    let record = this.#first();
    while (record !== 0) {
      const next = heap.get(record, NEXT);
      if (heap.get(record, VALUE) === value) {
        if (previous === 0) memory.setU32(CONTROL.timerHead, next);
        else heap.set(previous, NEXT, next);
        heap.free(record);
      } else previous = record;
      record = next;
    }
  }
}
