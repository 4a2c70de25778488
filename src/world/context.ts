// struct bpf_sock_ops as the program of one call sees it: the TCP model's values at this kernel's offsets, args and reply
// carried along the chain of programs.

import type { KernelView } from '../kernel/index.ts';
import type { SockOpsCall } from '../tcp/index.ts';
import type { ContextSource } from '../vm/index.ts';
import { type CtxElement, ctxElements } from './ctx-text.ts';

/** Fields that are not read from the socket: the machine or the chain writes them. */
const WRITTEN_ELSEWHERE: readonly string[] = ['op', 'args', 'sk', 'skb_data', 'skb_data_end'];

const fromSocket = new WeakMap<KernelView, readonly CtxElement[]>();

/** The words of the context that come from the socket or the packet, in order. */
export function socketElements(view: KernelView): readonly CtxElement[] {
  let elements = fromSocket.get(view);
  if (elements === undefined) {
    elements = ctxElements(view).filter((element) => !WRITTEN_ELSEWHERE.includes(element.field.name));
    fromSocket.set(view, elements);
  }
  return elements;
}

/** args[0..3] as they stand between two programs of a chain; unsigned 32-bit. */
export type Words = [number, number, number, number];

/** The context of one program's turn. `elements` are the words to fill: all, or those that the program can load. */
export class CallContext implements ContextSource {
  #call: SockOpsCall;
  #words: Words;
  #elements: readonly CtxElement[];

  constructor(call: SockOpsCall, words: Words, elements: readonly CtxElement[]) {
    this.#call = call;
    this.#words = words;
    this.#elements = elements;
  }

  /** The same object for another turn: runs of many connections make millions of them. */
  rebind(call: SockOpsCall, words: Words, elements: readonly CtxElement[]): void {
    this.#call = call;
    this.#words = words;
    this.#elements = elements;
  }

  fill(image: DataView, when: 'start' | 'refresh'): void {
    if (when === 'start') {
      image.setUint32(0, this.#call.op, true);
      for (let index = 0; index < 4; index++) image.setUint32(4 + 4 * index, this.#words[index]!, true);
    }
    for (const element of this.#elements) {
      const { name, offset, size } = element;
      if (size === 8) image.setBigUint64(offset, BigInt.asUintN(64, this.#call.readField(name)), true);
      else image.setUint32(offset, this.#call.readNumber(name), true);
    }
  }

  get packet(): Uint8Array | undefined {
    const segment = this.#call.segment;
    return segment?.data.subarray(0, segment.visibleLength);
  }

  get hasSock(): boolean {
    return this.#call.isFullSock;
  }

  get isFullSock(): boolean {
    return this.#call.isFullSock;
  }

  get isLocked(): boolean {
    return this.#call.isLocked;
  }

  writeTxHash(value: number): void {
    this.#call.writeTxHash(value);
  }
}
