// Helpers that call back into the program (bpf_loop, bpf_for_each_map_elem, ...) are not JavaScript loops: each leaves a plain
// record of how far it is on the frame that it called, so that a run can stop inside a callback, be copied, and go on.

import type { Machine } from './machine.ts';

export type Continuation =
  | {
      readonly kind: 'loop';
      /** Rounds asked for, and the number of the one that is running. */
      readonly count: number;
      readonly index: number;
      readonly argument: bigint;
    }
  | {
      readonly kind: 'for-each-element';
      readonly map: number;
      /** What the map's iterator needs to go on. */
      readonly cursor: number;
      readonly done: number;
      readonly argument: bigint;
      /** Linear address of the block that shows the key to the callback, 0 where the element itself has it. */
      readonly key: number;
    }
  | {
      readonly kind: 'user-ringbuf';
      readonly map: number;
      readonly done: number;
      readonly flags: number;
      readonly argument: bigint;
      /** Linear address of the struct bpf_dynptr that the callback gets. */
      readonly dynptr: number;
    }
  | {
      /** bpf_rbtree_add(): the program's comparison decides the way down. All three are addresses. */
      readonly kind: 'tree-insert';
      readonly root: bigint;
      readonly node: bigint;
      /** Node that is being compared with. */
      readonly at: bigint;
    };

/** The helper that called, for call stacks. */
export const CALLED_BY = {
  loop: 'bpf_loop',
  'for-each-element': 'bpf_for_each_map_elem',
  'user-ringbuf': 'bpf_user_ringbuf_drain',
  'tree-insert': 'bpf_rbtree_add',
} satisfies Record<Continuation['kind'], string>;

/**
 * Called when the callback of a continuation returns (its result is in r0). Either arranges the next round with
 * `machine.again`, or gives the helper's result, with which the helper's caller goes on.
 */
export type Resume<K extends Continuation['kind']> = (
  machine: Machine,
  continuation: Extract<Continuation, { readonly kind: K }>,
) => number | bigint | undefined;

export type ResumeTable = { readonly [K in Continuation['kind']]: Resume<K> };
