// The answer to `sockscope/verdicts`: what each target kernel says of each program of a document, or why nothing is known.

import type { SourceAnalysis } from '../ide/index.ts';
import { toPosition } from './convert.ts';
import { type DocumentState, MAX_TEXT } from './document-state.ts';
import type { Settings } from './settings.ts';

interface ProgramVerdicts {
  readonly name: string;
  /** From 0. */
  readonly line: number;
  readonly verdicts: readonly { readonly kernel: string; readonly accepted: boolean; readonly message: string }[];
}

export interface VerdictsAnswer {
  readonly state: 'current' | 'running' | 'no-compiler' | 'compile-error' | 'not-compiled';
  readonly programs: readonly ProgramVerdicts[];
  /** Why, where the state is `not-compiled`. */
  readonly reason?: string;
}

/** Why a document is not compiled, and will not be as it is; undefined when it is. */
export function reasonNotCompiled(
  state: DocumentState,
  settings: Settings,
  analysis: SourceAnalysis | undefined,
): string | undefined {
  if (!settings.trusted) return 'This workspace is not trusted, so nothing is compiled.';
  if (!state.uri.startsWith('file:')) return 'Save the text as a file to have it compiled.';
  if (state.kind !== 'c') return undefined;
  if (state.text.length > MAX_TEXT) return 'The file is too large to be looked at.';
  return analysis?.source.isSockOps === true ? undefined : 'There is no sock_ops program in this file.';
}

export function verdictsOf(
  state: DocumentState | undefined,
  settings: Settings,
  analysis: SourceAnalysis | undefined,
): VerdictsAnswer {
  if (state === undefined) return { state: 'running', programs: [] };
  const reason = reasonNotCompiled(state, settings, analysis);
  if (reason !== undefined) return { state: 'not-compiled', programs: [], reason };
  const { build } = state;
  if (build === undefined)
    return settings.compileOnType || state.building
      ? { state: 'running', programs: [] }
      : { state: 'not-compiled', programs: [], reason: 'The program is compiled when it is saved.' };
  // For the status bar an object that no loader takes is one that does not compile.
  if (build.state !== 'compiled')
    return { state: build.state === 'object-error' ? 'compile-error' : build.state, programs: [] };
  const names = [...new Set(build.verdicts.map((verdict) => verdict.program))];
  return {
    state: state.building ? 'running' : 'current',
    programs: names.map((name) => {
      const item = analysis?.source.functions.get(name);
      return {
        name,
        line: item === undefined ? 0 : toPosition(state.lines, item.nameSpan.start).line,
        verdicts: build.verdicts
          .filter((verdict) => verdict.program === name)
          .map(({ kernel, accepted, message }) => ({ kernel, accepted, message })),
      };
    }),
  };
}
