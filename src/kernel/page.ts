// A page about one row: plain data, printed as markdown (hover, docs/reference) or as text (`sockscope explain`).

export interface PageFact {
  readonly label: string;
  readonly text: string;
}

export interface Page {
  /** The full name. */
  readonly title: string;
  /** What it is, in a few words: "op 2", "helper 49", "context field". */
  readonly kind: string;
  /** A C declaration or definition, where there is one. */
  readonly declaration?: string;
  readonly lead: string;
  readonly facts: readonly PageFact[];
  /** What surprises people, one sentence each. */
  readonly pitfalls: readonly string[];
  /** C code. */
  readonly example?: string;
  /** Names of related rows. */
  readonly seeAlso: readonly string[];
  /** Where the facts come from. */
  readonly source?: string;
}

export interface MarkdownOptions {
  /** Level of the heading; 0 prints the title in bold instead, for hovers. */
  readonly headingLevel: number;
  /** Makes a link of a name, or returns it plain. */
  readonly link?: (name: string) => string;
}

const code = (text: string): string => `\`${text}\``;

/** Text as markdown shows it: headers become code, other angle brackets and leading underscores lose their meaning. */
function prose(text: string): string {
  return text
    .replace(/<([\w./-]+\.h)>/g, '`<$1>`')
    .replace(/(?<!`)<(?=[A-Za-z/!])/g, '&lt;')
    .replace(/(^|[\s(])__(?=\w)/g, '$1\\_\\_')
    .replace(/(\w)\*(?=[\s,.;)]|$)/g, '$1\\*');
}

/** The page as GitHub markdown. */
export function pageMarkdown(page: Page, options: MarkdownOptions = { headingLevel: 0 }): string {
  const link = options.link ?? code;
  const lines: string[] = [];
  lines.push(
    options.headingLevel > 0
      ? `${'#'.repeat(options.headingLevel)} ${prose(page.title)}`
      : `**${prose(page.title)}** (${prose(page.kind)})`,
    '',
  );
  if (options.headingLevel > 0) lines.push(`*${page.kind}*`, '');
  if (page.declaration !== undefined) lines.push('```c', page.declaration, '```', '');
  lines.push(prose(page.lead), '');
  for (const fact of page.facts) lines.push(`- **${prose(fact.label)}**: ${prose(fact.text)}`);
  if (page.facts.length > 0) lines.push('');
  if (page.pitfalls.length > 0) {
    lines.push('**Watch out**', '');
    for (const pitfall of page.pitfalls) lines.push(`- ${prose(pitfall)}`);
    lines.push('');
  }
  if (page.example !== undefined) lines.push('```c', page.example, '```', '');
  if (page.seeAlso.length > 0) lines.push(`See also: ${page.seeAlso.map(link).join(', ')}`, '');
  if (page.source !== undefined && options.headingLevel > 0) lines.push(`<sub>${prose(page.source)}</sub>`, '');
  while (lines[lines.length - 1] === '') lines.pop();
  return `${lines.join('\n')}\n`;
}

/** Wraps a paragraph at `width` columns; following lines are indented by `indent`. */
function wrap(text: string, width: number, first: string, indent: string): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line += (empty ? '' : ' ') + word;
    }
    empty = false;
  }
  lines.push(line);
  return lines.join('\n');
}

/** The page as text of at most `width` columns, facts aligned in two columns. */
export function pageText(page: Page, width = 100): string {
  const parts: string[] = [`${page.title}  (${page.kind})`];
  if (page.declaration !== undefined) {
    parts.push(
      page.declaration
        .split('\n')
        .map((line) => `    ${line}`)
        .join('\n'),
    );
  }
  parts.push(wrap(page.lead, width, '', ''));
  if (page.facts.length > 0) {
    const column = Math.max(...page.facts.map((fact) => fact.label.length)) + 2;
    parts.push(
      page.facts.map((fact) => wrap(fact.text, width, fact.label.padEnd(column), ' '.repeat(column))).join('\n'),
    );
  }
  if (page.pitfalls.length > 0) {
    parts.push(`Watch out:\n${page.pitfalls.map((pitfall) => wrap(pitfall, width, '  - ', '    ')).join('\n')}`);
  }
  if (page.example !== undefined) {
    const body = page.example
      .split('\n')
      .map((line) => `    ${line.replaceAll('\t', '        ')}`)
      .join('\n');
    parts.push(`Example:\n${body}`);
  }
  if (page.seeAlso.length > 0) parts.push(wrap(`See also: ${page.seeAlso.join(', ')}`, width, '', '  '));
  if (page.source !== undefined) parts.push(wrap(`Source: ${page.source}`, width, '', '  '));
  return `${parts.join('\n\n')}\n`;
}
