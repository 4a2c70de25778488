// Pages of `sockscope explain` for the codes of problems: what the checker finds in sources, what goes wrong with objects and on the
// machine. Codes of assembly files are in explain-assembly.ts.

import { HOST_CODES } from '../host/index.ts';
import { OTHER_CODES, RULES } from '../ide/index.ts';
import type { Page } from '../kernel/index.ts';
import { OBJECT_CODES } from '../object/index.ts';

/** Pages for a code such as `ctx-width` or `object-bad-map`; none when it is no code. */
export function problemPages(code: string): readonly Page[] {
  const rule = RULES.find((one) => one.code === code);
  if (rule !== undefined) {
    const { title, doc, example, severity } = rule;
    return [
      page(code, `${severity} in a source file`, `${title}. ${doc}`, {
        example: `/* wrong */\n${example.wrong}\n\n/* right */\n${example.right}`,
        source: `docs/diagnostics/${code}.md`,
      }),
    ];
  }
  const other = OTHER_CODES.find((one) => one.code === code);
  if (other !== undefined)
    return [page(code, 'problem', `${other.title}. ${other.doc}`, { source: `docs/diagnostics/${code}.md` })];
  const remedies: Readonly<Record<string, { readonly severity: string; readonly remedy?: string }>> = {
    ...OBJECT_CODES,
    ...HOST_CODES,
  };
  const row = Object.hasOwn(remedies, code) ? remedies[code] : undefined;
  if (row === undefined) return [];
  const kind = code.startsWith('object-') ? 'of an object file' : 'of this machine or a file';
  return [
    page(
      code,
      `${row.severity} ${kind}`,
      row.remedy === undefined ? 'The message says all there is to say.' : `What to do: ${row.remedy}.`,
    ),
  ];
}

function page(title: string, kind: string, lead: string, rest: Partial<Page> = {}): Page {
  return { title, kind, lead, facts: [], pitfalls: [], seeAlso: [], ...rest };
}
