// Compares a finished run with what its scenario expects. A failure carries the place of the expectation in the scenario file,
// what was expected and what happened, so that every front end can show it where it was written.

import type { Problem } from '../base/index.ts';
import type { KernelView } from '../kernel/index.ts';
import type { TypeRef } from '../object/index.ts';
import { ctxElements } from './ctx-text.ts';
import { nearest } from './edit-distance.ts';
import { checkCallbacks, checkCounts, checkNever } from './expect-callbacks.ts';
import { checkMap, checkOutputs } from './expect-maps.ts';
import { checkSegmentCounts, checkSegments } from './expect-segments.ts';
import {
  bareState,
  Checker,
  type ExpectationFailure,
  expectedText,
  inName,
  type Path,
  valueIs,
} from './expect-values.ts';
import type { Expectations, Expected } from './expectation-schema.ts';
import type { CallbackRecord, FaultRecord, OutputRecord, PrintkRecord, SegmentRecord } from './record.ts';
import type { ScenarioSource } from './scenario-source.ts';

/** Everything about a finished run that can be expected. */
export interface Outcomes {
  readonly view: KernelView;
  readonly callbacks: readonly CallbackRecord[];
  readonly segments: readonly SegmentRecord[];
  readonly printk: readonly PrintkRecord[];
  readonly outputs: readonly OutputRecord[];
  readonly faults: readonly FaultRecord[];
  readonly notes: readonly string[];
  /** Fields of the sockets at the end; undefined for one that never existed. */
  socket(who: 'client' | 'server' | 'listener'): Readonly<Record<string, number | string | boolean>> | undefined;
  map(name: string): MapOutcome | undefined;
  readonly mapNames: readonly string[];
  readonly attachErrors: readonly { readonly program: number; readonly error: string; readonly why: string }[];
}

export interface MapOutcome {
  readonly keyType: TypeRef | undefined;
  readonly valueType: TypeRef | undefined;
  readonly keySize: number;
  readonly valueSize: number;
  readonly entries: readonly { readonly key: Uint8Array; readonly values: readonly Uint8Array[] }[];
}

/** Every expectation that the run does not meet, in the order of the schema. */
export function checkExpectations(
  expectations: Expectations | undefined,
  outcomes: Outcomes,
  source: ScenarioSource,
): readonly ExpectationFailure[] {
  const checker = new Checker(outcomes, source);
  const wanted = expectations ?? {};
  checkCallbacks(checker, wanted.callbacks ?? []);
  checkNever(checker, wanted.never ?? []);
  checkCounts(checker, wanted.counts ?? []);
  checkSegments(checker, wanted.segments ?? []);
  checkSegmentCounts(checker, wanted.segmentCounts ?? []);
  checkSockets(checker, wanted.sockets ?? {});
  for (const [name, rows] of Object.entries(wanted.maps ?? {})) checkMap(checker, name, rows);
  checkTexts(
    checker,
    'printk',
    wanted.printk ?? [],
    outcomes.printk.map((one) => one.text),
  );
  for (const [name, rows] of Object.entries(wanted.ringbuf ?? {})) checkOutputs(checker, name, rows);
  checkFaults(checker, wanted.faults);
  checkContained(checker, 'notes', wanted.notes ?? [], outcomes.notes);
  checkAttach(checker, wanted.attach);
  return checker.failures;
}

/** Names in the expectations that no kernel or program has: found before anything runs. */
export function expectationProblems(
  expectations: Expectations | undefined,
  view: KernelView,
  source: ScenarioSource,
): Problem[] {
  const problems: Problem[] = [];
  const fieldNames = [...ctxElements(view).map((element) => element.name), 'reply'];
  const unknown = (path: Path, what: string, name: string, known: readonly string[]) => {
    const meant = nearest(name, known);
    problems.push({
      code: 'scenario-value',
      severity: 'error',
      message: `there is no ${what} "${name}"`,
      at: source.keyPlace(['expect', ...path]),
      remedy: meant === undefined ? `see \`sockscope explain\` for the names` : `did you mean "${meant}"?`,
    });
  };
  for (const list of ['callbacks', 'never', 'counts'] as const) {
    (expectations?.[list] ?? []).forEach((row, index) => {
      for (const field of Object.keys(row.ctx ?? {})) {
        if (!fieldNames.includes(field)) unknown([list, index, 'ctx', field], 'context field', field, fieldNames);
      }
    });
  }
  return problems;
}

function checkSockets(checker: Checker, rows: NonNullable<Expectations['sockets']>): void {
  for (const who of ['client', 'server', 'listener'] as const) {
    const wanted = rows[who];
    if (wanted === undefined) continue;
    const socket = checker.outcomes.socket(who);
    if (socket === undefined) {
      checker.fail(['sockets', who], `the ${who} has no socket`, `a socket of the ${who}`, 'none was made');
      continue;
    }
    for (const [name, expected] of Object.entries(wanted)) {
      const actual = socket[name];
      if (actual === undefined) {
        const meant = nearest(name, Object.keys(socket));
        const advice =
          meant === undefined ? `its fields are ${Object.keys(socket).join(', ')}` : `did you mean "${meant}"?`;
        checker.fail(['sockets', who, name], `a socket has no field "${name}"`, name, advice);
      } else if (!socketValueIs(expected, actual)) {
        checker.fail(
          ['sockets', who, name],
          `${name} of the ${who}'s socket is not as expected`,
          expectedText(expected),
          String(actual),
        );
      }
    }
  }
}

function socketValueIs(expected: Expected, actual: number | string | boolean): boolean {
  if (typeof actual === 'number') return valueIs(expected, actual, (text) => inName(text)(actual));
  const same = (one: number | string | boolean) =>
    String(one) === String(actual) || bareState(String(one)) === bareState(String(actual));
  if (typeof expected !== 'object') return same(expected);
  if ('oneOf' in expected) return expected.oneOf.some(same);
  return 'not' in expected ? !same(expected.not) : false;
}

/** Each text must occur in a line after the one that the previous text occurred in. */
function checkTexts(checker: Checker, member: 'printk', wanted: readonly string[], lines: readonly string[]): void {
  let from = 0;
  wanted.forEach((text, index) => {
    const found = lines.findIndex((line, at) => at >= from && line.includes(text));
    if (found >= 0) {
      from = found + 1;
      return;
    }
    const rest = lines.slice(from);
    checker.fail(
      [member, index],
      `"${text}" was not printed`,
      `"${text}"`,
      rest.length === 0 ? 'nothing more was printed' : rest.join(' / '),
    );
  });
}

function checkContained(checker: Checker, member: 'notes', wanted: readonly string[], lines: readonly string[]): void {
  wanted.forEach((text, index) => {
    if (lines.some((line) => line.includes(text))) return;
    checker.fail(
      [member, index],
      `no remark says "${text}"`,
      `"${text}"`,
      lines.length === 0 ? 'there are no remarks' : lines.join(' / '),
    );
  });
}

function checkFaults(checker: Checker, wanted: readonly string[] | undefined): void {
  const { faults } = checker.outcomes;
  if (wanted === undefined) {
    const first = faults[0];
    if (first !== undefined) {
      checker.fail(['faults'], `${first.program} faulted`, 'no fault', faultLine(first));
    }
    return;
  }
  let from = 0;
  wanted.forEach((text, index) => {
    const found = faults.findIndex((one, at) => at >= from && one.message.includes(text));
    if (found >= 0) from = found + 1;
    else
      checker.fail(
        ['faults', index],
        'this fault did not happen',
        `"${text}"`,
        faults.map(faultLine).join(' / ') || 'no fault',
      );
  });
  if (wanted.length === 0 && faults.length > 0)
    checker.fail(['faults'], 'a program faulted', 'no fault', faultLine(faults[0]!));
}

const faultLine = (fault: FaultRecord): string =>
  `${fault.program}: ${fault.message}${fault.file === undefined ? '' : ` (${fault.file}:${(fault.line0 ?? 0) + 1})`}`;

function checkAttach(checker: Checker, wanted: Expectations['attach']): void {
  const { attachErrors } = checker.outcomes;
  (wanted ?? []).forEach((row, index) => {
    const found = attachErrors.find((one) => one.program === row.program);
    if (found?.error === row.error) return;
    checker.fail(
      ['attach', index],
      `attaching program ${row.program} did not end so`,
      row.error,
      found?.error ?? 'attached',
    );
  });
  for (const error of attachErrors) {
    if ((wanted ?? []).some((row) => row.program === error.program)) continue;
    checker.fail(
      ['attach'],
      `program ${error.program} could not be attached`,
      'attached',
      `${error.error}: ${error.why}`,
    );
  }
}
