// Ring buffers from program to user space and back. Source of the semantics: kernel/bpf/ringbuf.c.
//
// The reader in user space is taken to be attentive: it has read everything by the time the running program ends, up to the
// first record that is still reserved. Within one call a ring buffer can fill up, as it can in a kernel.

import type { MapDefinition } from '../../object/index.ts';
import { E2BIG, EINVAL, ENOSPC } from '../errno.ts';
import { BLOCK, STATE as BLOCK_STATE, HEADER } from '../heap.ts';
import type { Machine } from '../machine.ts';
import { BpfMap } from './map.ts';

const RECORD_HEADER = 8;
const NEXT = HEADER.a;
const STATE = HEADER.b;
const LENGTH = HEADER.c;
const BUSY = 0;
const DONE = 1;

/** Words of the map object; positions are below 2^53 and take two. */
const HEAD = 0;
const TAIL = 1;
const PRODUCER = 2;
const CONSUMER = 4;

export class RingbufMap extends BpfMap {
  constructor(m: Machine, index: number, definition: MapDefinition) {
    super(m, index, definition);
  }

  get ok(): boolean {
    return true;
  }

  #position(word: number): number {
    return this.word(word) + this.word(word + 1) * 2 ** 32;
  }
  #advance(word: number, by: number): void {
    const to = this.#position(word) + by;
    this.setWord(word, to % 2 ** 32);
    this.setWord(word + 1, Math.floor(to / 2 ** 32));
  }

  get producer(): number {
    return this.#position(PRODUCER);
  }
  get consumer(): number {
    return this.#position(CONSUMER);
  }
  /** Bytes between producer and consumer. */
  get available(): number {
    return this.producer - this.consumer;
  }
  get size(): number {
    return this.definition.maxEntries;
  }

  /** Data address of a new record; 0: no room. */
  reserve(size: number): number {
    const length = (size + RECORD_HEADER + 7) & ~7;
    if (size >= 2 ** 30 || length > this.size) return 0;
    if (this.available + length > this.size - 1) return 0;
    const { heap } = this.m;
    const data = heap.allocate({ kind: BLOCK.ringbufRecord, mapped: size, owner: this.index });
    if (data < 0) return 0;
    heap.set(data, LENGTH, length);
    this.#advance(PRODUCER, length);
    const tail = this.word(TAIL);
    if (tail === 0) this.setWord(HEAD, data);
    else heap.set(tail, NEXT, data);
    this.setWord(TAIL, data);
    return data;
  }

  /** Ends a reservation; a submitted record is reported. */
  finish(data: number, how: 'submit' | 'discard'): void {
    const { heap, memory } = this.m;
    if (how === 'submit')
      this.m.port.event({
        kind: 'ringbuf-output',
        mapFd: this.definition.fd,
        data: memory.bytes(data, heap.size(data)),
      });
    heap.set(data, STATE, DONE);
    heap.unmap(data);
    heap.set(data, HEADER.state, BLOCK_STATE.deferred);
  }

  override callEnded(): void {
    const { heap } = this.m;
    let record = this.word(HEAD);
    while (record !== 0 && heap.get(record, STATE) !== BUSY) {
      const next = heap.get(record, NEXT);
      this.#advance(CONSUMER, heap.get(record, LENGTH));
      heap.free(record);
      record = next;
    }
    this.setWord(HEAD, record);
    if (record === 0) this.setWord(TAIL, 0);
  }
}

/** Samples that user space puts in and bpf_user_ringbuf_drain() takes out. */
export class UserRingbufMap extends BpfMap {
  constructor(m: Machine, index: number, definition: MapDefinition) {
    super(m, index, definition);
  }

  get ok(): boolean {
    return true;
  }
  override get count(): number {
    return this.entryCount;
  }

  override userPush(value: Uint8Array, flags: number): number {
    if (flags !== 0) return EINVAL;
    const length = (value.length + RECORD_HEADER + 7) & ~7;
    if (length > this.definition.maxEntries) return E2BIG;
    if (this.word(2) + length > this.definition.maxEntries) return ENOSPC;
    const { heap, memory } = this.m;
    const data = heap.allocate({ kind: BLOCK.dynptrData, mapped: Math.max(1, value.length), readOnly: true });
    if (data < 0) return ENOSPC;
    heap.set(data, LENGTH, length);
    heap.set(data, STATE, value.length);
    memory.copyIn(data, value);
    const tail = this.word(TAIL);
    if (tail === 0) this.setWord(HEAD, data);
    else heap.set(tail, NEXT, data);
    this.setWord(TAIL, data);
    this.setWord(2, this.word(2) + length);
    this.entryCount++;
    return 0;
  }

  /** Takes the oldest sample out: its data address and length; undefined when there is none. Its memory lives until the call ends. */
  take(): { readonly data: number; readonly length: number } | undefined {
    const { heap } = this.m;
    const data = this.word(HEAD);
    if (data === 0) return undefined;
    const next = heap.get(data, NEXT);
    this.setWord(HEAD, next);
    if (next === 0) this.setWord(TAIL, 0);
    this.setWord(2, this.word(2) - heap.get(data, LENGTH));
    this.entryCount--;
    return { data, length: heap.get(data, STATE) };
  }
}
