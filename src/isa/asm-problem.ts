// The problems that assembly text can have, each with its code in one place. docs/assembly.md explains them.

import type { LineIndex, Problem, TextSpan } from '../base/index.ts';

export type AssemblyProblemCode =
  | 'asm-syntax'
  | 'asm-unknown-directive'
  | 'asm-unsupported-directive'
  | 'asm-directive'
  | 'asm-undefined'
  | 'asm-duplicate'
  | 'asm-range'
  | 'asm-register'
  | 'asm-map'
  | 'asm-size';

/** Makes problems of one text. */
export interface AsmReporter {
  readonly file: string;
  readonly lineIndex: LineIndex;
  readonly add: (problem: Problem) => void;
}

/** Reports an error, or a warning where `severity` says so. */
export function report(
  reporter: AsmReporter,
  code: AssemblyProblemCode,
  span: TextSpan,
  message: string,
  rest: { readonly remedy?: string; readonly severity?: 'error' | 'warning' } = {},
): void {
  reporter.add({
    code,
    severity: rest.severity ?? 'error',
    message,
    at: { file: reporter.file, range: reporter.lineIndex.range(span) },
    ...(rest.remedy === undefined ? {} : { remedy: rest.remedy }),
  });
}
