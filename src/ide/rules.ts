// Every rule, in the order of their codes. Adding one touches two places: its file in handlers/ and this list.

import { ctxFieldSince } from './handlers/ctx-field-since.ts';
import { ctxMergedRead } from './handlers/ctx-merged-read.ts';
import { ctxNarrowRead } from './handlers/ctx-narrow-read.ts';
import { ctxReadOnly } from './handlers/ctx-read-only.ts';
import { ctxUnknownField } from './handlers/ctx-unknown-field.ts';
import { ctxWidth } from './handlers/ctx-width.ts';
import type { Rule } from './rule.ts';

export const RULES: readonly Rule[] = [
  ctxFieldSince,
  ctxMergedRead,
  ctxNarrowRead,
  ctxReadOnly,
  ctxUnknownField,
  ctxWidth,
];

/** Codes that are not those of a source rule: from the compiler, the verifier and the assembler. */
export const OTHER_CODES: readonly { readonly code: string; readonly title: string; readonly doc: string }[] = [
  {
    code: 'compiler',
    title: 'clang refuses the file',
    doc: 'The message is clang\'s own. It is shown only where no other extension shows it (setting `sockscope.showCompilerErrors`).',
  },
  {
    code: 'no-compiler',
    title: 'No compiler for BPF was found',
    doc: 'The checks that need an object file (the verdict of the verifier on every target kernel) are off. Install clang, or set `sockscope.clangPath`.',
  },
  {
    code: 'verifier',
    title: 'A target kernel would refuse the program',
    doc: 'The compiled program was checked as the kernels named in the message check it. The kernel\'s own words are in the details; the related places show where the value came from.',
  },
  {
    code: 'assembler',
    title: 'The assembly cannot be read',
    doc: 'A line of the file is no instruction, label or directive.',
  },
  {
    code: 'suppression',
    title: 'A suppression comment that does not work',
    doc: 'A comment `sockscope-ignore CODE: reason` names a code that does not exist or gives no reason.',
  },
];

/** Every code that can be silenced or configured. */
export function diagnosticCodes(): ReadonlySet<string> {
  return new Set([...RULES.map((rule) => rule.code), ...OTHER_CODES.map((row) => row.code)]);
}
