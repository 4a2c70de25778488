// The page of a diagnostic code, as markdown: docs/diagnostics/CODE.md and `sockscope explain CODE`.

import { REASON_KINDS } from '../verifier/index.ts';
import { OTHER_CODES, RULES } from './rules.ts';

const SILENCE = (code: string): string =>
  `Its severity is the setting \`"sockscope.diagnostics": { "${code}": "error" | "warning" | "information" | "hint" | "off" }\`.\n` +
  `To silence one place, write the comment \`// sockscope-ignore ${code}: reason\` at the end of the line or on the line before; \`sockscope-ignore-file\` silences the whole file.`;

/** The page of a code; undefined for one that does not exist. Refusals of the verifier share a page. */
export function diagnosticPage(code: string): string | undefined {
  const rule = RULES.find((candidate) => candidate.code === code);
  if (rule !== undefined)
    return `# ${rule.title}\n\n\`${rule.code}\`, ${rule.severity}\n\n${rule.doc}\n\n## Shows it\n\n\`\`\`c\n${rule.example.wrong}\n\`\`\`\n\n## Does not\n\n\`\`\`c\n${rule.example.right}\n\`\`\`\n\n## Turn it off\n\n${SILENCE(code)}\n`;
  const isRefusal =
    code.startsWith('verifier-') && (REASON_KINDS as readonly string[]).includes(code.slice('verifier-'.length));
  const other = OTHER_CODES.find((row) => row.code === (isRefusal ? 'verifier' : code));
  if (other === undefined) return undefined;
  const reasons =
    other.code === 'verifier'
      ? `\n## Reasons\n\n${REASON_KINDS.map((kind) => `- \`verifier-${kind}\``).join('\n')}\n`
      : '';
  return `# ${other.title}\n\n\`${other.code}\`\n\n${other.doc}\n${reasons}\n## Turn it off\n\n${SILENCE(other.code)}\n`;
}

/** Codes that have a page of their own. */
export function documentedCodes(): readonly string[] {
  return [...RULES.map((rule) => rule.code), ...OTHER_CODES.map((row) => row.code)];
}

/** The list of all codes, for docs/diagnostics/README.md. */
export function diagnosticIndex(): string {
  const rows = RULES.map((rule) => `| [${rule.code}](${rule.code}.md) | ${rule.severity} | ${rule.title} |`);
  const others = OTHER_CODES.map((row) => `| [${row.code}](${row.code}.md) | | ${row.title} |`);
  return `# Diagnostics\n\nEvery code of the editor and of \`sockscope check\`, with an example that shows it and one that does not.\nGenerated from src/ide by \`npm run gen\`.\n\n| code | severity | what |\n| --- | --- | --- |\n${[...rows, ...others].join('\n')}\n`;
}
