// Breakpoints of every kind: client form to debugger form and back.

import type { DebugProtocol } from '@vscode/debugprotocol';
import {
  type Breakpoint,
  type BreakpointOptions,
  type BreakpointSpec,
  parseWatchTarget,
  type WatchAccess,
  watchTargetId,
  watchTargetText,
} from '../../debugger/index.ts';
import { breakpointForClient } from '../breakpoint-text.ts';
import { badArguments } from '../errors.ts';
import type { SessionState } from '../state.ts';

const ACCESS: Readonly<Record<string, WatchAccess>> = {
  read: 'read',
  write: 'write',
  readWrite: 'readWrite',
  change: 'change',
};

const optionsOf = (row: {
  readonly condition?: string;
  readonly hitCondition?: string;
  readonly logMessage?: string;
}): BreakpointOptions => ({
  ...(row.condition ? { condition: row.condition } : {}),
  ...(row.hitCondition ? { hitCondition: row.hitCondition } : {}),
  ...(row.logMessage ? { logMessage: row.logMessage } : {}),
});

/** The answer has one row per wanted breakpoint, in the client's order: what could be set, and why the others could not. */
function answerInOrder(
  state: SessionState,
  wanted: readonly (BreakpointSpec | string)[],
  set: (specs: readonly BreakpointSpec[]) => readonly Breakpoint[],
): { readonly body: { readonly breakpoints: readonly DebugProtocol.Breakpoint[] } } {
  const made = set(wanted.filter((row) => typeof row !== 'string')).values();
  return {
    body: {
      breakpoints: wanted.map((row) =>
        typeof row === 'string' ? { verified: false, message: row } : breakpointForClient(state, made.next().value!),
      ),
    },
  };
}

export const breakpoints = {
  setBreakpoints(state: SessionState, args: DebugProtocol.SetBreakpointsArguments) {
    const path = args.source.path;
    if (path === undefined) throw badArguments('setBreakpoints needs a source with a path');
    const { debugger: target } = state;
    const file = state.run?.paths.recorded(path, target.sources.files) ?? path;
    const specs = (args.breakpoints ?? []).map(
      (row): BreakpointSpec => ({ kind: 'source', file, line0: row.line - state.lineBase, ...optionsOf(row) }),
    );
    return {
      body: { breakpoints: target.setBreakpoints('source', file, specs).map((row) => breakpointForClient(state, row)) },
    };
  },

  setFunctionBreakpoints(state: SessionState, args: DebugProtocol.SetFunctionBreakpointsArguments) {
    const specs = args.breakpoints.map(
      (row): BreakpointSpec => ({ kind: 'function', name: row.name, ...optionsOf(row) }),
    );
    return {
      body: {
        breakpoints: state.debugger
          .setBreakpoints('function', undefined, specs)
          .map((row) => breakpointForClient(state, row)),
      },
    };
  },

  setInstructionBreakpoints(state: SessionState, args: DebugProtocol.SetInstructionBreakpointsArguments) {
    const { debugger: target } = state;
    const wanted = args.breakpoints.map((row): BreakpointSpec | string => {
      const place = state.run?.addresses.placeOf(row.instructionReference, row.offset ?? 0);
      return place === undefined
        ? `there is no instruction at ${row.instructionReference}`
        : { kind: 'instruction', program: place.program, slot: place.slot, ...optionsOf(row) };
    });
    return answerInOrder(state, wanted, (specs) => target.setBreakpoints('instruction', undefined, specs));
  },

  dataBreakpointInfo(state: SessionState, args: DebugProtocol.DataBreakpointInfoArguments) {
    const node =
      args.variablesReference === undefined ? undefined : state.childNamed(args.variablesReference, args.name);
    const watch = node?.watch ?? state.watchOf(args.name, args.frameId);
    if (watch === undefined)
      return { body: { dataId: null, description: `${args.name} is in no memory, so it cannot be watched` } };
    return {
      body: {
        dataId: watchTargetId(watch),
        description: watchTargetText(watch),
        accessTypes: ['read', 'write', 'readWrite'],
        canPersist: watch.kind !== 'memory',
      },
    };
  },

  setDataBreakpoints(state: SessionState, args: DebugProtocol.SetDataBreakpointsArguments) {
    const wanted = args.breakpoints.map((row): BreakpointSpec | string => {
      const target = parseWatchTarget(row.dataId);
      return target === undefined
        ? `'${row.dataId}' names nothing that can be watched`
        : { kind: 'data', target, access: ACCESS[row.accessType ?? 'write'] ?? 'write', ...optionsOf(row) };
    });
    return answerInOrder(state, wanted, (specs) => state.debugger.setBreakpoints('data', undefined, specs));
  },

  setExceptionBreakpoints(state: SessionState, args: DebugProtocol.SetExceptionBreakpointsArguments) {
    state.debugger.exceptions.enable([
      ...args.filters,
      ...(args.filterOptions ?? []).map((option) => option.filterId),
      ...(state.run?.stopOnCallbacks ?? []),
    ]);
    return {};
  },

  exceptionInfo(state: SessionState) {
    const { reason } = state.debugger;
    if (reason.kind !== 'exception')
      throw badArguments('the program did not stop because of a fault or another filter');
    const { filter, title, description } = reason.exception;
    return {
      body: {
        exceptionId: title,
        description,
        breakMode: 'always',
        details: { message: description, typeName: filter },
      },
    };
  },

  breakpointLocations(state: SessionState, args: DebugProtocol.BreakpointLocationsArguments) {
    const path = args.source.path;
    if (path === undefined) throw badArguments('breakpointLocations needs a source with a path');
    const { sources } = state.debugger;
    const file = state.run?.paths.recorded(path, sources.files) ?? path;
    const first = args.line - state.lineBase;
    const last = (args.endLine ?? args.line) - state.lineBase;
    const lines = sources.linesWithCode(file).filter((line) => first <= line && line <= last);
    return { body: { breakpoints: lines.map((line) => ({ line: line + state.lineBase })) } };
  },
};
