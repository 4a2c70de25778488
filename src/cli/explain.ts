// `sockscope explain`: any row of the knowledge base for a person.

import { explain, pageMarkdown, pageText, parseTarget, viewFor } from '../kernel/index.ts';
import { assemblyPages } from './explain-assembly.ts';
import { problemPages } from './explain-problems.ts';
import { type ExitCode, err, out, reportProblems } from './output.ts';

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
  const views = target?.value === undefined ? [] : [viewFor(target.value)];
  const pages: string[] = [];
  let unknown = 0;
  for (const name of names) {
    const found = explain(name, views);
    const all = [...found.pages, ...assemblyPages(name), ...problemPages(name)];
    if (all.length === 0) {
      unknown++;
      const meant = found.suggestions.slice(0, 5);
      err(
        `sockscope: nothing is known of "${name}"${meant.length === 0 ? '' : `; did you mean ${meant.join(', ')}?`}\n`,
      );
    }
    for (const page of all) {
      pages.push(options.format === 'markdown' ? pageMarkdown(page, { headingLevel: 1 }) : pageText(page, 100));
    }
  }
  out(pages.join('\n'));
  return unknown === 0 ? 0 : 2;
}
