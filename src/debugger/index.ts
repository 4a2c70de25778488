// L6: debugging a run of a scenario, as plain data. Knows no protocol.

export type { Breakpoint, BreakpointKind, BreakpointOptions, BreakpointSpec } from './breakpoints.ts';
export { CodeAddresses } from './code-address.ts';
export { Debugger, type DebuggerOptions, type HostThread } from './debugger.ts';
export { type DisassemblyRow, disassemble, insnText } from './disassembly.ts';
export type { EvaluationOutcome } from './evaluation.ts';
export { type ExceptionFilter, type ExceptionStop, exceptionFilters } from './exceptions.ts';
export type { MapText } from './map-nodes.ts';
export {
  type CallOnLine,
  type CompletionTarget,
  callsOnLine,
  completions,
  type JumpTarget,
  slotsToJumpTo,
  whereFromText,
} from './queries.ts';
export type { ScopeName, ScopeNode } from './scopes.ts';
export { type DebuggedProgram, lineAt, type SourceLocation, Sources, sameFile } from './sources.ts';
export type { StackFrame } from './stack.ts';
export type { Direction, Granularity, StepKind } from './stepping.ts';
export { type StopReason, stopText } from './stop.ts';
export { type TimelineView, timelineView } from './timeline-view.ts';
export type { VariableNode } from './variables.ts';
export { parseWatchTarget, type WatchAccess, type WatchTarget, watchTargetId, watchTargetText } from './watch.ts';
export type { OriginStep } from './where-from.ts';
