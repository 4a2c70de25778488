// `sockscope explain`: any row of the knowledge base for a person.

import { explain, parseTarget, viewFor } from '../kernel/index.ts';
import { markdownText } from './markdown.ts';
import { type ExitCode, err, out, reportProblems, styleFor } from './output.ts';

export interface ExplainOptions {
  readonly kernel?: string;
  readonly format: 'text' | 'markdown';
}

/** One page per name; exit code 2 for a name that nothing has. */
export function explainCommand(names: readonly string[], options: ExplainOptions): ExitCode {
  const target = options.kernel === undefined ? undefined : parseTarget(options.kernel);
  if (target !== undefined && target.value === undefined) {
    reportProblems(target.problems);
    return 2;
  }
  const view = target?.value === undefined ? undefined : viewFor(target.value);
  let unknown = 0;
  names.forEach((name, index) => {
    const page = explain(name, view);
    if (page.kind === 'unknown') {
      unknown++;
      const meant = page.suggestions.slice(0, 5);
      err(
        `sockscope: nothing is known of "${name}"${meant.length === 0 ? '' : `; did you mean ${meant.join(', ')}?`}\n`,
      );
      return;
    }
    if (index > 0) out('\n');
    out(
      options.format === 'markdown'
        ? `${page.markdown.trimEnd()}\n`
        : markdownText(page.markdown, styleFor(process.stdout)),
    );
  });
  return unknown === 0 ? 0 : 2;
}
