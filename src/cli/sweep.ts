// `sockscope sweep`: many connections, distributions.

import { availableParallelism } from 'node:os';
import { hasErrors } from '../base/index.ts';
import {
  distribution,
  durationText,
  isVariation,
  parseVariation,
  type SweepTotals,
  shortOp,
  type Variation,
} from '../world/index.ts';
import { type ExitCode, out, reportProblems, styleFor } from './output.ts';
import { exitCodeOf } from './run.ts';
import { runSweep } from './sweep-worker.ts';
import { tableLines } from './table.ts';

export interface SweepOptions {
  readonly connections: number;
  readonly vary?: readonly string[];
  readonly scenario?: string;
  readonly program?: string;
  readonly kernel?: string;
  readonly btf?: string;
  readonly seed?: number;
  readonly jobs?: number;
  readonly format: 'text' | 'json';
}

/** What a thread needs to load the same run: nothing but plain data. */
function requestOf({ scenario, program, kernel, btf, seed }: SweepOptions) {
  return {
    ...(scenario === undefined ? {} : { scenario }),
    ...(program === undefined ? {} : { program }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(btf === undefined ? {} : { kernelBtf: btf }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** Exit code 1 when a program faulted in one of the connections. */
export async function sweepCommand(file: string, options: SweepOptions): Promise<ExitCode> {
  const vary: Variation[] = [];
  for (const text of options.vary ?? []) {
    const parsed = parseVariation(text);
    if (isVariation(parsed)) vary.push(parsed);
    else {
      reportProblems([parsed]);
      return 2;
    }
  }
  const started = process.hrtime.bigint();
  const { totals, problems } = await runSweep(
    { request: { file, ...requestOf(options) }, vary, connections: options.connections },
    options.jobs ?? availableParallelism(),
  );
  reportProblems(problems);
  if (hasErrors(problems)) return exitCodeOf(problems);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (options.format === 'json') out(`${JSON.stringify(sweepJson(totals), null, 1)}\n`);
  else out(sweepText(totals, vary, seconds));
  return totals.faults > 0 ? 1 : 0;
}

/** The documented JSON: deterministic, so without the time that it took. */
function sweepJson(totals: SweepTotals): unknown {
  return {
    connections: totals.connections,
    failed: totals.failed,
    faults: totals.faults,
    handshake_ns: distribution(totals.handshake) ?? null,
    duration_ns: distribution(totals.duration) ?? null,
    retransmissions: distribution(totals.retransmissions) ?? null,
    segments: distribution(totals.segments) ?? null,
    callbacks: totals.ops,
    replies: totals.replies,
  };
}

function sweepText(totals: SweepTotals, vary: readonly Variation[], seconds: number): string {
  const style = styleFor(process.stdout);
  const rate = Math.round(totals.connections / Math.max(seconds, 1e-9));
  const lines = [
    style.heading(`${totals.connections} connections in ${seconds.toFixed(2)} s (${rate} a second)`),
    ...vary.map(({ parameter, from, to }) => `  ${parameter} from ${from} to ${to}`),
    ...(totals.failed === 0 ? [] : [style.warning(`  ${totals.failed} were never established`)]),
    ...(totals.faults === 0 ? [] : [style.warning(`  ${totals.faults} program faults; \`sockscope run\` shows one`)]),
    '',
  ];
  const columns = [
    { title: '', width: 18 },
    ...['min', 'median', 'p95', 'max'].map((title) => ({ title, width: 12, align: 'right' as const })),
  ];
  const row = (name: string, values: readonly number[], text: (value: number) => string): string[] => {
    const spread = distribution(values);
    return [
      name,
      ...(spread === undefined ? ['-', '-', '-', '-'] : [spread.min, spread.median, spread.p95, spread.max].map(text)),
    ];
  };
  lines.push(
    ...tableLines(
      columns,
      [
        row('handshake', totals.handshake, durationText),
        row('whole connection', totals.duration, durationText),
        row('retransmissions', totals.retransmissions, String),
        row('segments', totals.segments, String),
      ],
      style.heading,
    ),
    '',
  );
  const counts = (title: string, record: Readonly<Record<string, number>>): string[] => [
    style.heading(title),
    ...Object.entries(record)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 40)
      .map(
        ([name, count]) =>
          `  ${shortOp(name).padEnd(30)} ${String(count).padStart(10)}  ${(count / totals.connections).toFixed(2)} per connection`,
      ),
    '',
  ];
  if (Object.keys(totals.ops).length > 0) lines.push(...counts('callbacks', totals.ops));
  if (Object.keys(totals.replies).length > 0) lines.push(...counts('replies', totals.replies));
  while (lines.at(-1) === '') lines.pop();
  return `${lines.join('\n')}\n`;
}
