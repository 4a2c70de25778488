// Requests of our own, documented in docs/dap.md: the timeline, going to positions, where a value comes from, maps.

import { timelineView, whereFromText } from '../../debugger/index.ts';
import type { Position } from '../../world/index.ts';
import { badArguments } from '../errors.ts';
import type { SessionState } from '../state.ts';

const hostOf = (state: SessionState, args: { readonly threadId?: number }): 'client' | 'server' | undefined =>
  args.threadId === undefined ? undefined : state.debugger.threads.find((thread) => thread.id === args.threadId)?.host;

export const custom = {
  'sockscope/timeline'(state: SessionState, args: { readonly axis?: 'compact' | 'time' }) {
    return { body: timelineView(state.debugger, args.axis === 'time' ? 'time' : 'compact') };
  },

  'sockscope/goToPosition'(state: SessionState, args: Position) {
    const { debugger: target } = state;
    return { after: () => state.move(() => target.goTo({ event: args.event, insn: args.insn })) };
  },

  'sockscope/nextCallback'(state: SessionState, args: { readonly threadId?: number }) {
    const { debugger: target } = state;
    const host = hostOf(state, args);
    return { after: () => state.move(() => target.toCallback('forward', host)) };
  },

  'sockscope/previousCallback'(state: SessionState, args: { readonly threadId?: number }) {
    const { debugger: target } = state;
    const host = hostOf(state, args);
    return { after: () => state.move(() => target.toCallback('backward', host)) };
  },

  'sockscope/whereFrom'(state: SessionState, args: { readonly expression: string; readonly frameId?: number }) {
    state.requireStopped();
    const frame = args.frameId === undefined ? undefined : state.frame(args.frameId);
    const outcome = whereFromText(state.debugger, args.expression, frame);
    if (outcome.kind === 'error') throw badArguments(outcome.message);
    return {
      body: {
        steps: outcome.steps.map((step) => ({
          position: step.position,
          text: step.text,
          ...(step.location === undefined || state.run === undefined
            ? {}
            : { source: state.run.paths.source(step.location.file), line: step.location.line0 + state.lineBase }),
        })),
      },
    };
  },

  'sockscope/verifierState'(state: SessionState, args: { readonly slot?: number; readonly memoryReference?: string }) {
    const place =
      args.memoryReference === undefined ? undefined : state.run?.addresses.placeOf(args.memoryReference, 0);
    return { body: { text: state.run?.verifierState(place?.program, place?.slot ?? args.slot) ?? '' } };
  },

  'sockscope/maps'(state: SessionState) {
    return { body: { maps: state.debugger.maps() } };
  },
};
