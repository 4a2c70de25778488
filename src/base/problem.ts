// A problem is something wrong with what the user gave us: a value, never an exception. Readers return what they could
// make of the input together with the list of problems.

import type { TextRange } from './text.ts';

export type Severity = 'error' | 'warning' | 'note';

/** Where a problem is: a file as the user named it, and a range in it where one is known. */
export interface SourcePlace {
  readonly file: string;
  readonly range?: TextRange;
}

/** A further remark on a problem, at a place of its own where it has one. */
export interface ProblemNote {
  readonly message: string;
  readonly at?: SourcePlace;
}

/**
 * One thing that is wrong. `code` is stable and documented (`sockscope explain CODE`); `message` says what and why in one
 * sentence without a final full stop; `remedy` says what to do.
 */
export interface Problem {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly at?: SourcePlace;
  readonly remedy?: string;
  readonly notes?: readonly ProblemNote[];
}

/** A value and what was wrong on the way to it. An outcome with errors may still hold a usable value. */
export interface Outcome<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}

/** Whether any problem of the list is an error. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
