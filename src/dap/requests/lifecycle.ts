// Start and end of a session.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debugger } from '../../debugger/index.ts';
import { alreadyLaunched, badArguments, DapError, launchFailed, nothingToAttachTo } from '../errors.ts';
import { type LaunchArguments, type LaunchedRun, launch, misspeltMembers, parseLaunchArguments } from '../launch.ts';
import type { SessionState } from '../state.ts';
import { capabilities } from './capabilities.ts';

const startOf = ({ run }: SessionState): Parameters<Debugger['start']>[0] =>
  run?.stopOnEntry === true ? 'stop-on-entry' : 'run';

/** Compiles, verifies and loads, with progress and cancellation; a failure is an error answer, with all of it in the console. */
async function build(state: SessionState, args: LaunchArguments, requestId: number): Promise<LaunchedRun> {
  const controller = state.cancellable(requestId);
  const progressId = `launch-${requestId}`;
  if (state.supportsProgress)
    state.client.send('progressStart', { progressId, title: 'Compiling and verifying', requestId, cancellable: true });
  try {
    const result = await launch(args, {
      signal: controller.signal,
      log: (text, place) => state.output(text, 'console', place),
      branched: () => state.client.send('sockscope/timelineChanged', {}),
    });
    if (result.kind === 'failed') {
      for (const line of result.details) state.output(line, 'stderr');
      throw launchFailed(result.message);
    }
    for (const line of result.run.remarks) state.output(line, 'console');
    return result.run;
  } finally {
    state.finished(requestId);
    if (state.supportsProgress) state.client.send('progressEnd', { progressId });
  }
}

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
    for (const line of misspeltMembers(args)) state.output(line, 'console');
    state.run = await build(state, parsed.value, request.seq);
    return {
      // Breakpoints can be taken only now that there are lines to put them on.
      after: () => state.client.send('initialized'),
    };
  },

  configurationDone(state: SessionState) {
    const { debugger: target } = state;
    if (state.configured) throw badArguments('configurationDone was sent before; the run has begun');
    state.configured = true;
    if (state.run?.args.noDebug === true) return { after: () => state.runThrough() };
    return { after: () => state.move(() => target.start(startOf(state))) };
  },

  attach() {
    throw nothingToAttachTo();
  },

  /** From the beginning; with the program built anew when its files or the configuration have changed. */
  async restart(
    state: SessionState,
    args: { readonly arguments?: unknown },
    request: DebugProtocol.Request,
  ): Promise<{ readonly after: () => Promise<void> }> {
    const { debugger: target, run } = state;
    const parsed = args.arguments === undefined ? undefined : parseLaunchArguments(args.arguments);
    if (parsed?.kind === 'wrong') throw launchFailed(parsed.message);
    const wanted = parsed?.value ?? run?.args;
    const isSame = run?.changedFile() === undefined && JSON.stringify(wanted) === JSON.stringify(run?.args);
    if (wanted === undefined || isSame) return { after: () => state.move(() => target.restart(startOf(state))) };
    const next = await build(state, wanted, request.seq).catch((error: unknown) => {
      if (error instanceof DapError) return error;
      throw error;
    });
    if (next instanceof DapError) {
      // A refused restart leaves Visual Studio Code with a session that it cannot end: the answer is yes, and nothing has moved.
      return {
        after: () => {
          state.restartRefused(next.message);
          state.reportStop(target.reason);
          return Promise.resolve();
        },
      };
    }
    state.replaceRun(next);
    return {
      after: () => {
        state.tellBreakpoints();
        return state.move(() => next.debugger.start(startOf(state)));
      },
    };
  },

  disconnect(state: SessionState) {
    return { after: () => state.client.ended() };
  },

  terminate(state: SessionState) {
    return {
      after: () => {
        state.terminated();
      },
    };
  },

  cancel(state: SessionState, args: DebugProtocol.CancelArguments) {
    if (args.requestId !== undefined) state.cancel(args.requestId);
    if (args.progressId !== undefined) state.cancel(Number(/^launch-(\d+)$/.exec(args.progressId)?.[1] ?? -1));
    return {};
  },
};
