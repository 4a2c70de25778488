// Functions of the program that helpers call: verified where they are handed over, with the arguments that the helper will give.
// Source of truth: kernel/bpf/verifier.c push_callback_call and set_*_callback_state.

import type { Env } from './env.ts';
import { remarkOnArguments } from './function-call.ts';
import type { CallFacts } from './helper-args.ts';
import type { GraphRoot, MapInfo } from './map-info.ts';
import { borrowed, graphNode } from './owned.ts';
import { Kind, NOT_INIT, Reg, UNKNOWN_SCALAR } from './reg.ts';
import { ZERO } from './scalar.ts';
import { Frame, NO_CALLSITE, State } from './state.ts';

const ITERABLE = new Set(['hash', 'percpu-hash', 'lru-hash', 'lru-percpu-hash', 'array', 'percpu-array']);

/** Queues the path into the callback. */
export function startCallback(env: Env, facts: CallFacts): void {
  const fn = env.program.functions[facts.callee]!;
  remarkOnArguments(env, fn);
  fn.isCallback = true;
  if (facts.name === 'bpf_timer_set_callback') {
    startAsync(env, facts, fn.start);
    return;
  }
  const caller = env.frame;
  if (facts.name === 'bpf_for_each_map_elem' && !ITERABLE.has(facts.map?.type ?? ''))
    env.refuse({ kind: 'callback-map' });
  const state = env.branchTo(fn.start);
  if (state.current + 1 >= env.rules.maxFrames)
    env.refuse({ kind: 'call-stack-too-deep', frames: state.current + 2, found: 'walking' });
  const frame = Frame.entered(state.current + 1, facts.callee, env.slot);
  frame.role = 'callback';
  frame.returnRange = { min: 0, max: 1 };
  setArguments(env, caller, frame, facts);
  state.callbackUnrolls++;
  state.own(state.current).callbackDepth++;
  state.frames.push(frame);
  env.ownFrame().callbackDepth = 0;
  env.touchEverything();
}

/** The comparison function of a tree: it gets two nodes that it only borrows, under the lock of the tree. */
export function startTreeCallback(env: Env, callee: number, root: GraphRoot): void {
  const fn = env.program.functions[callee]!;
  remarkOnArguments(env, fn);
  fn.isCallback = true;
  const state = env.branchTo(fn.start);
  const frame = Frame.entered(state.current + 1, callee, env.slot);
  frame.role = 'tree-callback';
  frame.returnRange = { min: 0, max: 1 };
  frame.regs[1] = borrowed(env, graphNode(root));
  frame.regs[2] = frame.regs[1];
  state.callbackUnrolls++;
  state.own(state.current).callbackDepth++;
  state.frames.push(frame);
  env.touchEverything();
}

function setArguments(env: Env, caller: Frame, callee: Frame, facts: CallFacts): void {
  const regs = callee.regs;
  switch (facts.name) {
    case 'bpf_for_each_map_elem':
      regs[1] = caller.regs[1]!;
      regs[2] = mapThing(Kind.mapKey, facts.map!, facts.mapUid);
      regs[3] = mapThing(Kind.mapValue, facts.map!, facts.mapUid);
      regs[4] = caller.regs[3]!;
      regs[5] = NOT_INIT;
      return;
    case 'bpf_loop':
      regs[1] = UNKNOWN_SCALAR;
      regs[2] = caller.regs[3]!;
      return;
    case 'bpf_user_ringbuf_drain':
      regs[1] = new Reg(Kind.dynptr, ZERO, 0, env.nextId(), 0, false, 0, undefined, undefined, {
        kind: 'dynptr',
        sort: 'local',
        first: true,
      });
      regs[2] = caller.regs[3]!;
      return;
    case 'bpf_find_vma':
      regs[1] = caller.regs[1]!;
      regs[2] = new Reg(Kind.btfId, ZERO, 0, 0, 0, false, 0, undefined, env.kernelTypes.structure('vm_area_struct'));
      regs[3] = caller.regs[4]!;
      return;
    default:
      return;
  }
}

const mapThing = (type: number, map: MapInfo, uid: number): Reg => new Reg(type, ZERO, 0, 0, 0, false, uid, map);

/** A timer's function runs later, on a stack of its own. */
function startAsync(env: Env, facts: CallFacts, start: number): void {
  const fn = env.program.functions[facts.callee]!;
  fn.isAsyncCallback = true;
  const state = new State();
  const frame = Frame.entered(0, facts.callee, NO_CALLSITE);
  frame.role = 'async-callback';
  frame.asyncEntries = env.frame.asyncEntries + 1;
  frame.returnRange = { min: 0, max: 0 };
  const map = facts.map!;
  frame.regs[1] = mapThing(Kind.mapPtr, map, facts.mapUid);
  frame.regs[2] = mapThing(Kind.mapKey, map, facts.mapUid);
  frame.regs[3] = mapThing(Kind.mapValue, map, facts.mapUid);
  state.frames = [frame];
  state.firstSlot = start;
  env.startAsync(state, start);
}
