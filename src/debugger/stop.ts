// Why the debugger stands still.

import type { BreakpointKind } from './breakpoints.ts';
import type { ExceptionStop } from './exceptions.ts';

export type StopReason =
  | { readonly kind: 'entry' }
  | { readonly kind: 'step' }
  | {
      readonly kind: 'breakpoint';
      readonly ids: readonly number[];
      readonly breakpoint: BreakpointKind;
      readonly remark?: string;
    }
  | { readonly kind: 'exception'; readonly exception: ExceptionStop }
  | { readonly kind: 'callback' }
  | { readonly kind: 'goto' }
  | { readonly kind: 'paused' }
  /** Backwards past the first instruction. */
  | { readonly kind: 'history-start' }
  /** The scenario is over. */
  | { readonly kind: 'end' };

/** One line for a person. */
export function stopText(reason: StopReason, opName: string | undefined): string {
  const where = opName === undefined ? '' : ` in ${opName}`;
  switch (reason.kind) {
    case 'entry':
      return `Stopped at the first callback${where}`;
    case 'step':
      return `Stepped${where}`;
    case 'breakpoint':
      return reason.remark ?? `Breakpoint${where}`;
    case 'exception':
      return reason.exception.description;
    case 'callback':
      return opName ?? 'Callback';
    case 'goto':
      return `Moved${where}`;
    case 'paused':
      return `Paused${where}`;
    case 'history-start':
      return 'The beginning of the run: nothing was executed before this';
    case 'end':
      return 'The scenario is over';
  }
}
