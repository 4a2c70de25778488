// A breakpoint as the protocol describes it.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Breakpoint } from '../debugger/index.ts';
import type { SessionState } from './state.ts';

export function breakpointForClient(
  { run, lineBase }: Pick<SessionState, 'run' | 'lineBase'>,
  { id, verified, message, file, line0, spec }: Breakpoint,
): DebugProtocol.Breakpoint {
  const reference = spec.kind === 'instruction' ? run?.addresses.textOf(spec.program, spec.slot) : undefined;
  return {
    id,
    verified,
    ...(message === undefined ? {} : { message }),
    ...(line0 === undefined ? {} : { line: line0 + lineBase }),
    ...(file === undefined || run === undefined ? {} : { source: run.paths.source(file) }),
    ...(reference === undefined ? {} : { instructionReference: reference }),
  };
}
