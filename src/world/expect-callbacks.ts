// Callbacks against the rows of "callbacks", "never" and "counts".

import type { CtxFieldRow, KernelView } from '../kernel/index.ts';
import { ctxElements, ctxValueIs, ctxValueText, stateText } from './ctx-text.ts';
import {
  bareState,
  type Checker,
  countIs,
  countText,
  type Difference,
  expectedText,
  inName,
  momentIs,
  momentText,
  type Path,
  valueIs,
} from './expect-values.ts';
import type { CallbackExpectation, CountExpectation, Expected } from './expectation-schema.ts';
import type { CallbackRecord } from './record.ts';
import { durationText } from './units.ts';

function callbackDifferences(view: KernelView, wanted: CallbackExpectation, actual: CallbackRecord): Difference[] {
  const differences: Difference[] = [];
  const differ = (path: Path, what: string, expected: string, found: string) =>
    differences.push({ path, what, expected, actual: found });
  if (wanted.op !== undefined && wanted.op !== actual.opName) differ(['op'], 'op', wanted.op, actual.opName);
  if (wanted.host !== undefined && wanted.host !== actual.host) differ(['host'], 'host', wanted.host, actual.host);
  (wanted.args ?? []).forEach((expected, index) => {
    if (expected === null) return;
    const value = actual.args[index] ?? 0;
    const named = (text: string) =>
      inName(text)(value) ||
      (actual.opName === 'BPF_SOCK_OPS_STATE_CB' && bareState(text) === bareState(stateText(value)));
    if (!valueIs(expected, value, named))
      differ(['args', index], `args[${index}]`, expectedText(expected), String(value));
  });
  if (wanted.reply !== undefined && !valueIs(wanted.reply, actual.reply, (text) => inName(text)(actual.reply))) {
    differ(['reply'], 'reply', expectedText(wanted.reply), String(actual.reply));
  }
  if (wanted.return !== undefined) {
    const returned = actual.runs.at(-1)?.returned;
    if (returned === undefined || !valueIs(wanted.return, returned, (text) => inName(text)(returned))) {
      differ(
        ['return'],
        'return value',
        expectedText(wanted.return),
        returned === undefined ? 'none' : String(returned),
      );
    }
  }
  for (const [name, expected] of Object.entries(wanted.ctx ?? {})) {
    const element = ctxElements(view).find((one) => one.name === name);
    const value = actual.ctx[name];
    if (element === undefined || value === undefined) {
      differ(['ctx', name], name, expectedText(expected), 'not recorded');
    } else if (!fieldIs(element.field, value, expected)) {
      differ(['ctx', name], name, expectedText(expected), ctxValueText(element.field, value));
    }
  }
  (wanted.effects ?? []).forEach((text, index) => {
    if (!actual.effects.some((effect) => effect.includes(text))) {
      differ(
        ['effects', index],
        'effect',
        `"${text}"`,
        actual.effects.length === 0 ? 'no effect' : actual.effects.join('; '),
      );
    }
  });
  if (wanted.at !== undefined && !momentIs(wanted.at, actual.time)) {
    differ(['at'], 'time', momentText(wanted.at), `at ${durationText(actual.time)}`);
  }
  return differences;
}

function fieldIs(field: CtxFieldRow, value: bigint, expected: Expected): boolean {
  return valueIs(expected, Number(value), (text) => ctxValueIs(field, value, text));
}

function callbackText(row: CallbackExpectation): string {
  const parts = [`${row.op ?? 'a callback'}${row.host === undefined ? '' : ` on the ${row.host}`}`];
  if (row.args !== undefined) parts.push(`args ${row.args.map(expectedText).join(', ')}`);
  if (row.reply !== undefined) parts.push(`reply ${expectedText(row.reply)}`);
  if (row.return !== undefined) parts.push(`return ${expectedText(row.return)}`);
  for (const [name, value] of Object.entries(row.ctx ?? {})) parts.push(`${name} ${expectedText(value)}`);
  for (const effect of row.effects ?? []) parts.push(`effect "${effect}"`);
  if (row.at !== undefined) parts.push(momentText(row.at));
  return parts.join(', ');
}

const happened = (callback: CallbackRecord): string =>
  `${callback.opName} on the ${callback.host} at ${durationText(callback.time)}, reply ${callback.reply}`;

/**
 * An ordered subsequence: each row takes the first callback after the previous row's that matches it. When none does, the
 * candidate that differs in the fewest points (same op and host) tells what is wrong.
 */
export function checkCallbacks(checker: Checker, rows: readonly CallbackExpectation[]): void {
  const { callbacks, view } = checker.outcomes;
  let from = 0;
  rows.forEach((row, index) => {
    const found = callbacks.findIndex((one, at) => at >= from && callbackDifferences(view, row, one).length === 0);
    if (found >= 0) {
      from = found + 1;
      return;
    }
    const candidates = callbacks
      .map((one, at) => ({ one, at, differences: callbackDifferences(view, row, one) }))
      .filter(({ differences }) => !differences.some((one) => one.what === 'op' || one.what === 'host'))
      .sort((a, b) => Number(a.at < from) - Number(b.at < from) || a.differences.length - b.differences.length);
    const best = candidates[0];
    const op = `${row.op ?? 'such a callback'}${row.host === undefined ? '' : ` on the ${row.host}`}`;
    if (best === undefined) {
      checker.fail(['callbacks', index], `${op} never happened`, callbackText(row), opsText(callbacks));
    } else if (best.differences.length === 0) {
      checker.fail(
        ['callbacks', index],
        `${op} happened too early: before what the previous rows expect`,
        callbackText(row),
        happened(best.one),
        best.one.index,
      );
      // Rows that follow are judged from here, or all of them would fail for one reason.
    } else {
      for (const difference of best.differences) {
        checker.fail(
          ['callbacks', index, ...difference.path],
          `${op}: ${difference.what} is not as expected`,
          difference.expected,
          difference.actual,
          best.one.index,
        );
      }
      if (best.at >= from) from = best.at + 1;
    }
  });
}

function opsText(callbacks: readonly CallbackRecord[]): string {
  if (callbacks.length === 0) return 'no callback at all';
  const counts = new Map<string, number>();
  for (const one of callbacks) counts.set(one.opName, (counts.get(one.opName) ?? 0) + 1);
  return `these happened: ${[...counts].map(([name, count]) => (count === 1 ? name : `${name} x ${count}`)).join(', ')}`;
}

export function checkNever(checker: Checker, rows: readonly CallbackExpectation[]): void {
  rows.forEach((row, index) => {
    const found = checker.outcomes.callbacks.find(
      (one) => callbackDifferences(checker.outcomes.view, row, one).length === 0,
    );
    if (found === undefined) return;
    checker.fail(
      ['never', index],
      `${row.op ?? 'this callback'} happened`,
      `never ${callbackText(row)}`,
      happened(found),
      found.index,
    );
  });
}

export function checkCounts(
  checker: Checker,
  rows: readonly (CallbackExpectation & { count: CountExpectation })[],
): void {
  rows.forEach((row, index) => {
    const matching = checker.outcomes.callbacks.filter(
      (one) => callbackDifferences(checker.outcomes.view, row, one).length === 0,
    );
    if (countIs(row.count, matching.length)) return;
    checker.fail(
      ['counts', index, 'count'],
      `${callbackText(row)}: wrong number of callbacks`,
      countText(row.count),
      String(matching.length),
      matching.at(-1)?.index,
    );
  });
}
