// What `sockscope check` found, in the forms that machines read: JSON (documented in docs/cli.md), SARIF 2.1.0, and GitHub's workflow
// commands.

import type { Problem } from '../base/index.ts';
import { VERSION } from './version.ts';

export interface Finding extends Problem {
  /** Target kernels it holds for; absent: all, or it has nothing to do with the kernel. */
  readonly kernels?: readonly string[];
}

export interface KernelVerdict {
  readonly program: string;
  readonly kernel: string;
  readonly accepted: boolean;
  readonly message: string;
  readonly insn: number | undefined;
  /** Why the verdict is not certain, one sentence each: our knowledge of the kernel ended there. */
  readonly uncertain: readonly string[];
}

export interface CheckedFile {
  readonly file: string;
  readonly findings: readonly Finding[];
  readonly verdicts: readonly KernelVerdict[];
}

/** Lines and columns count from 1, ends are exclusive. */
function regionOf(problem: Pick<Problem, 'at'>) {
  const range = problem.at?.range;
  if (range === undefined) return undefined;
  return {
    startLine: range.start.line0 + 1,
    startColumn: range.start.column0 + 1,
    endLine: range.end.line0 + 1,
    endColumn: range.end.column0 + 1,
  };
}

export function jsonText(files: readonly CheckedFile[]): string {
  const value = files.map(({ file, findings, verdicts }) => ({
    file,
    findings: findings.map((one) => ({
      code: one.code,
      severity: one.severity,
      message: one.message,
      ...regionOf(one),
      ...(one.remedy === undefined ? {} : { remedy: one.remedy }),
      ...(one.kernels === undefined ? {} : { kernels: one.kernels }),
      notes: (one.notes ?? []).map((note) => ({ message: note.message, ...regionOf(note) })),
    })),
    verdicts: verdicts.map((one) => ({ ...one, insn: one.insn ?? null })),
  }));
  return `${JSON.stringify({ files: value }, null, 1)}\n`;
}

export function sarifText(files: readonly CheckedFile[]): string {
  const rules = [...new Set(files.flatMap(({ findings }) => findings.map((one) => one.code)))].sort();
  const location = (file: string, problem: Pick<Problem, 'at'>) => {
    const region = regionOf(problem);
    return {
      physicalLocation: {
        artifactLocation: { uri: (problem.at?.file ?? file).replaceAll('\\', '/') },
        ...(region === undefined ? {} : { region }),
      },
    };
  };
  const results = files.flatMap(({ file, findings }) =>
    findings.map((one) => ({
      ruleId: one.code,
      ruleIndex: rules.indexOf(one.code),
      level: one.severity,
      message: { text: one.remedy === undefined ? one.message : `${one.message}; ${one.remedy}` },
      locations: [location(file, one)],
      relatedLocations: (one.notes ?? [])
        .filter((note) => note.at !== undefined)
        .map((note) => ({ ...location(file, note), message: { text: note.message } })),
      ...(one.kernels === undefined ? {} : { properties: { kernels: one.kernels } }),
    })),
  );
  const driver = { name: 'sockscope', version: VERSION, rules: rules.map((id) => ({ id })) };
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
  };
  return `${JSON.stringify(log, null, 1)}\n`;
}

const COMMAND: Readonly<Record<Problem['severity'], string>> = { error: 'error', warning: 'warning', note: 'notice' };

const escaped = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

export function githubText(files: readonly CheckedFile[]): string {
  return files
    .flatMap(({ file, findings }) =>
      findings.map((one) => {
        const region = regionOf(one);
        const place =
          region === undefined
            ? ''
            : `,line=${region.startLine},col=${region.startColumn},endLine=${region.endLine},endColumn=${region.endColumn}`;
        const text = [one.message, one.remedy ?? '', ...(one.notes ?? []).map((note) => note.message)];
        const message = text.filter((part) => part !== '').join('\n');
        return `::${COMMAND[one.severity]} file=${property(one.at?.file ?? file)}${place},title=${property(one.code)}::${escaped(message)}\n`;
      }),
    )
    .join('');
}
