// Start and end of a session.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { alreadyLaunched, launchFailed } from '../errors.ts';
import { launch, parseLaunchArguments } from '../launch.ts';
import type { SessionState } from '../state.ts';
import { capabilities } from './capabilities.ts';

export const lifecycle = {
  initialize(state: SessionState, args: DebugProtocol.InitializeRequestArguments) {
    state.lineBase = args.linesStartAt1 === false ? 0 : 1;
    state.columnBase = args.columnsStartAt1 === false ? 0 : 1;
    state.supportsMemoryEvent = args.supportsMemoryEvent === true;
    state.supportsInvalidatedEvent = args.supportsInvalidatedEvent === true;
    state.supportsProgress = args.supportsProgressReporting === true;
    return { body: capabilities() };
  },

  async launch(state: SessionState, args: unknown, request: DebugProtocol.Request) {
    if (state.run !== undefined) throw alreadyLaunched();
    const parsed = parseLaunchArguments(args);
    if (parsed.kind === 'wrong') throw launchFailed(parsed.message);
    const controller = state.cancellable(request.seq);
    const progressId = `launch-${request.seq}`;
    if (state.supportsProgress)
      state.client.send('progressStart', {
        progressId,
        title: 'Compiling and verifying',
        requestId: request.seq,
        cancellable: true,
      });
    try {
      const result = await launch(parsed.value, {
        signal: controller.signal,
        log: (text, place) => state.output(text, 'console', place),
        branched: () => state.client.send('sockscope/timelineChanged', {}),
      });
      if (result.kind === 'failed') {
        for (const line of result.details) state.output(line, 'stderr');
        throw launchFailed(result.message);
      }
      for (const line of result.run.remarks) state.output(line, 'console');
      state.run = result.run;
    } finally {
      state.finished(request.seq);
      if (state.supportsProgress) state.client.send('progressEnd', { progressId });
    }
    return {
      // Breakpoints can be taken only now that there are lines to put them on.
      after: () => state.client.send('initialized'),
    };
  },

  configurationDone(state: SessionState) {
    const { run } = state;
    state.configured = true;
    if (run === undefined) return {};
    return { after: () => state.move(() => run.debugger.start(run.stopOnEntry ? 'stop-on-entry' : 'run')) };
  },

  restart(state: SessionState) {
    const { debugger: target, run } = state;
    return { after: () => state.move(() => target.restart(run?.stopOnEntry ? 'stop-on-entry' : 'run')) };
  },

  disconnect(state: SessionState) {
    return { after: () => state.client.ended() };
  },

  terminate(state: SessionState) {
    return {
      after: () => {
        state.client.send('terminated', {});
      },
    };
  },

  cancel(state: SessionState, args: DebugProtocol.CancelArguments) {
    if (args.requestId !== undefined) state.cancel(args.requestId);
    if (args.progressId !== undefined) state.cancel(Number(/^launch-(\d+)$/.exec(args.progressId)?.[1] ?? -1));
    return {};
  },
};
