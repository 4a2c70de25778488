// Results of `sockscope test` for people, for continuous integration (JUnit) and for editors (JSON).

import type { Problem } from '../base/index.ts';
import type { ExpectationFailure, TextStyle } from '../world/index.ts';
import { wrap } from '../world/index.ts';
import { excerpt, placeText, problemText } from './output.ts';

interface Common {
  readonly file: string;
  readonly title: string;
  readonly durationMs: number;
}

/** How one scenario went; `unusable`: it, or a program of it, could not be loaded. */
export type TestResult =
  | (Common & { readonly kind: 'passed' | 'failed'; readonly failures: readonly ExpectationFailure[] })
  | (Common & { readonly kind: 'unusable'; readonly problems: readonly Problem[] });

/** Lines for a terminal, with each failure at the line of the scenario that states the expectation. */
export function plainText(result: TestResult, style: TextStyle): string {
  const time = `${result.durationMs.toFixed(0)} ms`;
  const mark = result.kind === 'passed' ? style.effect('ok  ') : style.warning('FAIL');
  const lines = [`${mark} ${result.file} ${style.dim(`(${time})`)}`];
  if (result.kind === 'unusable') {
    for (const problem of result.problems)
      lines.push(
        ...problemText(problem, style)
          .split('\n')
          .map((line) => `     ${line}`),
      );
  } else {
    for (const failure of result.failures) lines.push(...failureLines(failure, style));
  }
  return `${lines.join('\n')}\n`;
}

function failureLines(failure: ExpectationFailure, style: TextStyle): string[] {
  const value = (label: string, text: string) =>
    wrap(text, 80).map((line, index) => `       ${(index === 0 ? label : '').padEnd(9)} ${line}`);
  return [
    `     ${style.heading(placeText(failure.at))}: ${failure.message}`,
    ...excerpt(failure.at, style).map((line) => `     ${line}`),
    ...value('expected', failure.expected),
    ...value('actual', failure.actual),
  ];
}

/** JUnit XML: one test case per scenario, in one suite. */
export function junitText(results: readonly TestResult[]): string {
  const failed = results.filter((result) => result.kind === 'failed').length;
  const errors = results.filter((result) => result.kind === 'unusable').length;
  const seconds = (ms: number) => (ms / 1000).toFixed(3);
  const total = results.reduce((sum, result) => sum + result.durationMs, 0);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${results.length}" failures="${failed}" errors="${errors}" time="${seconds(total)}">`,
    `  <testsuite name="sockscope" tests="${results.length}" failures="${failed}" errors="${errors}" time="${seconds(total)}">`,
  ];
  for (const result of results) {
    const name = xml(result.title === '' ? result.file : result.title);
    const head = `    <testcase name="${name}" classname="${xml(result.file)}" file="${xml(result.file)}" time="${seconds(result.durationMs)}"`;
    if (result.kind === 'passed') {
      lines.push(`${head}/>`);
      continue;
    }
    lines.push(`${head}>`);
    if (result.kind === 'unusable') {
      for (const problem of result.problems) {
        lines.push(`      <error message="${xml(problem.message)}">${xml(problemText(problem))}</error>`);
      }
    } else {
      for (const failure of result.failures) {
        const text = `${placeText(failure.at)}\nexpected: ${failure.expected}\nactual: ${failure.actual}`;
        lines.push(`      <failure message="${xml(failure.message)}">${xml(text)}</failure>`);
      }
    }
    lines.push('    </testcase>');
  }
  return `${[...lines, '  </testsuite>', '</testsuites>'].join('\n')}\n`;
}

function xml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ' ');
}

/** The documented JSON; lines and columns count from 1. */
export function testJson(results: readonly TestResult[]): unknown {
  const at = (place: ExpectationFailure['at']) => ({
    file: place.file,
    line: (place.range?.start.line0 ?? 0) + 1,
    column: (place.range?.start.column0 ?? 0) + 1,
  });
  return {
    scenarios: results.map((result) => {
      const head = {
        file: result.file,
        title: result.title,
        ok: result.kind === 'passed',
        durationMs: Math.round(result.durationMs),
      };
      if (result.kind === 'unusable') {
        const [first] = result.problems;
        const error =
          first === undefined
            ? { message: 'it could not be run', file: result.file, line: 1, column: 1 }
            : {
                message: first.remedy === undefined ? first.message : `${first.message}; ${first.remedy}`,
                ...at(first.at ?? { file: result.file }),
              };
        return { ...head, failures: [], error };
      }
      return {
        ...head,
        failures: result.failures.map(({ message, expected, actual, at: place, callback }) => ({
          message,
          expected,
          actual,
          ...at(place),
          ...(callback === undefined ? {} : { callback }),
        })),
      };
    }),
  };
}
