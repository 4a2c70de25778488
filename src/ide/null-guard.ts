// The quick fix for a pointer that may be NULL: a test in front of the statement; a field of the context is first read into a variable.

import type { Expr } from '../syntax/index.ts';
import type { QuickFix } from './diagnostic.ts';
import { beforeStatement, earlyReturn, functionAt, guardFix, statementStart } from './mend.ts';
import { isLiteral, type SourceAnalysis, textOf } from './source-analysis.ts';

export function nullGuard(analysis: SourceAnalysis, pointer: Expr): QuickFix[] {
  if (!isLiteral(analysis, pointer)) return [];
  const text = textOf(analysis, pointer);
  if (/^\w+$/.test(text)) return guardFix(analysis, pointer.start, `!${text}`, `Leave when '${text}' is NULL`);
  const field = /^\w+\s*->\s*sk$/.exec(text);
  const start = statementStart(analysis, pointer.start);
  const item = functionAt(analysis, pointer.start);
  const leave = earlyReturn(analysis, pointer.start);
  if (!field || item?.body === undefined || leave === undefined) return [];
  const body = analysis.file.text.slice(item.body.start, item.body.end);
  const name =
    ['sk', 'sock', 'full_sk'].find((candidate) => !new RegExp(`[^>.\\w]${candidate}\\b`).test(body)) ?? 'checked_sk';
  // Under an `if` without braces the test goes to the start of the function's statements.
  const first = start ?? item.body.body.find((stmt) => stmt.kind !== 'declaration')?.start;
  const guard =
    first === undefined
      ? undefined
      : beforeStatement(analysis, first, [`struct bpf_sock *${name} = ${text};`, '', `if (!${name})`, `\t${leave}`]);
  if (guard === undefined) return [];
  return [
    {
      title: `Read '${text}' once and test it`,
      edits: [
        { ...guard, newText: guard.newText.replace(/\n[ \t]+\n/, '\n\n') },
        { start: pointer.start, end: pointer.end, newText: name },
      ],
      preferred: true,
    },
  ];
}
