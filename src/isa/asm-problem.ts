// The problems that assembly text can have, each with its code in one place. docs/assembly.md explains them.

import type { LineIndex, Problem, TextSpan } from '../base/index.ts';

/** What each code means, in one sentence. */
export const ASSEMBLY_CODES = {
  'asm-syntax':
    'The statement is no instruction; the message says where it stopped making sense and what could stand there.',
  'asm-unknown-directive': 'There is no directive of this name.',
  'asm-unsupported-directive': 'Other assemblers have this directive; here the text has to be written out.',
  'asm-directive': 'The arguments of the directive are not what it takes.',
  'asm-undefined': 'A label or symbol is used that is defined nowhere in this section.',
  'asm-duplicate': 'A name is defined twice.',
  'asm-range': 'A number or a distance does not fit into its place in the instruction, or is none.',
  'asm-register': 'The encoding has room for registers from r11 on; no machine has them.',
  'asm-map': 'A .map directive is wrong, or a map is used as if it were something else.',
  'asm-size': 'A section may have 16 MiB at most.',
} as const satisfies Readonly<Record<string, string>>;

export type AssemblyProblemCode = keyof typeof ASSEMBLY_CODES;

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
