// Requests that move the program, forwards and backwards.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { callsOnLine, type Granularity, slotsToJumpTo } from '../../debugger/index.ts';
import { badArguments, noTarget } from '../errors.ts';
import type { SessionState } from '../state.ts';

const granularityOf = (args: { readonly granularity?: DebugProtocol.SteppingGranularity }): Granularity =>
  args.granularity ?? 'line';

export const movement = {
  continue(state: SessionState) {
    const { debugger: target } = state;
    return { body: { allThreadsContinued: true }, after: () => state.move(() => target.resume('forward')) };
  },

  reverseContinue(state: SessionState) {
    const { debugger: target } = state;
    return { after: () => state.move(() => target.resume('backward')) };
  },

  next(state: SessionState, args: DebugProtocol.NextArguments) {
    const { debugger: target } = state;
    return { after: () => state.move(() => target.step('over', granularityOf(args), 'forward')) };
  },

  stepIn(state: SessionState, args: DebugProtocol.StepInArguments) {
    const { debugger: target } = state;
    if (args.targetId !== undefined) {
      const chosen = state.targets.get(args.targetId);
      if (chosen === undefined) throw noTarget(args.targetId);
      return { after: () => state.move(chosen.run) };
    }
    return { after: () => state.move(() => target.step('into', granularityOf(args), 'forward')) };
  },

  stepOut(state: SessionState, args: DebugProtocol.StepOutArguments) {
    const { debugger: target } = state;
    return { after: () => state.move(() => target.step('out', granularityOf(args), 'forward')) };
  },

  stepBack(state: SessionState, args: DebugProtocol.StepBackArguments) {
    const { debugger: target } = state;
    return { after: () => state.move(() => target.step('over', granularityOf(args), 'backward')) };
  },

  pause(state: SessionState) {
    const { debugger: target } = state;
    if (state.moving) state.pause();
    else return { after: () => state.reportStop(target.reason) };
    return {};
  },

  stepInTargets(state: SessionState, args: DebugProtocol.StepInTargetsArguments) {
    const targets = callsOnLine(state.frame(args.frameId)).map((call) => ({
      id: state.targets.create({ run: () => state.debugger.runTo([call.target]) }),
      label: call.label,
    }));
    return { body: { targets } };
  },

  gotoTargets(state: SessionState, args: DebugProtocol.GotoTargetsArguments) {
    const { debugger: target } = state;
    const file =
      args.source.path === undefined ? undefined : state.run?.paths.recorded(args.source.path, target.sources.files);
    if (file === undefined) throw badArguments('gotoTargets needs a source with a path');
    state.requireStopped();
    const targets = slotsToJumpTo(target, file, args.line - state.lineBase).map(({ slot, label, line0 }) => ({
      id: state.targets.create({
        run: () => {
          target.setNextSlot(slot);
          return { kind: 'goto' };
        },
      }),
      label,
      line: line0 + state.lineBase,
    }));
    return { body: { targets } };
  },

  goto(state: SessionState, args: DebugProtocol.GotoArguments) {
    const chosen = state.targets.get(args.targetId);
    if (chosen === undefined) throw noTarget(args.targetId);
    return { after: () => state.move(chosen.run) };
  },

  restartFrame(state: SessionState, args: DebugProtocol.RestartFrameArguments) {
    const frame = state.frame(args.frameId);
    const { debugger: target } = state;
    return { after: () => state.move(() => target.restartFrame(frame)) };
  },
};
