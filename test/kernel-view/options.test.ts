// Socket options against sweeps on five kernels: which option numbers exist, which lengths and values they take, what is read
// back, and the names of congestion control algorithms.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type KernelView,
  lengthTakes,
  optionLevelNumber,
  ruleTakes,
  type SockoptRow,
  storedValue,
  USER_OPTIONS,
  viewFor,
} from '../../src/kernel/index.ts';
import { readFacts } from './facts.ts';

type Result = readonly [number, number | string | null];
interface NumberSweep {
  readonly level: number;
  readonly optname: number;
  readonly values: Readonly<Record<string, Result>>;
  readonly 'optlen_set(val=1)': Readonly<Record<string, number | Result>>;
  readonly optlen_get: Readonly<Record<string, number | Result>>;
}
interface NameSweep {
  readonly set: readonly { readonly val: string; readonly optlen: number; readonly ret: number }[];
  readonly get_len: Readonly<Record<string, Result>>;
}
interface Sweep {
  readonly HZ: number;
  readonly all_optnames_not_EINVAL: Readonly<
    Record<'v4' | 'v6', Readonly<Record<string, { readonly get?: Result; readonly 'set(1)'?: Result }>>>
  >;
  readonly options: Readonly<Record<string, NumberSweep | NameSweep>>;
}

const MEM_MAX: Readonly<Record<string, number>> = { '6.18': 4194304, '7.2': 4194304 };
const first = (result: number | Result): number => (typeof result === 'number' ? result : result[0]);

/** What setsockopt gives for a number, by the table. */
function setResult(view: KernelView, row: SockoptRow, value: number, length: number, hz: number): number {
  const set = view.sockopt(levelNumber(row), row.number)!.set;
  if (set.presence === 'no') return set.refused;
  if (!lengthTakes(set.side.length, length)) return -22;
  return set.values && ruleTakes(set.values.rule, value, hz) ? 0 : (set.values?.refused ?? -22);
}

const levelNumber = (row: SockoptRow): number => optionLevelNumber(row.level);

for (const kernel of ['5.10', '6.1', '6.12', '6.18', '7.2']) {
  describe(`socket options on ${kernel}`, () => {
    const sweep = readFacts<Sweep>(`sockopt-${kernel}.json`);
    const view = viewFor(kernel);
    const numbers = Object.entries(sweep.options).filter(
      (entry): entry is [string, NumberSweep] => 'values' in entry[1] && 'level' in entry[1],
    );

    it('exist where the kernel knows them', () => {
      const wrong: string[] = [];
      for (const level of [0, 1, 6, 41]) {
        for (let number = 0; number <= 1013; number++) {
          if (number === 130) number = 1000;
          const v4 = sweep.all_optnames_not_EINVAL.v4[`${level}:${number}`];
          const v6 = sweep.all_optnames_not_EINVAL.v6[`${level}:${number}`];
          const answer = view.sockopt(level, number);
          // Options that refuse the value 1 or the length 4 of this sweep with -EINVAL do not show in it.
          const takesOne =
            answer?.set.presence === 'yes' &&
            answer.set.values !== undefined &&
            lengthTakes(answer.set.side.length, 4) &&
            ruleTakes(answer.set.values.rule, 1, sweep.HZ);
          const seen = v4?.['set(1)']?.[0] === 0 || v6?.['set(1)']?.[0] === 0;
          if (takesOne !== seen) wrong.push(`set ${level}:${number}: kernel ${seen}, view ${takesOne}`);
          const readable = answer?.get.presence === 'yes' && answer.get.side.length.kind !== 'up-to-saved';
          const read = v4?.get !== undefined || v6?.get !== undefined;
          if (readable !== read) wrong.push(`get ${level}:${number}: kernel ${read}, view ${readable}`);
        }
      }
      assert.deepEqual(wrong, []);
    });

    it('take the values and lengths that the kernel takes', () => {
      const wrong: string[] = [];
      let asked = 0;
      for (const [name, option] of numbers) {
        const row = view.sockopt(option.level, option.optname)?.row;
        if (!row) {
          wrong.push(`${name}: no row`);
          continue;
        }
        assert.equal(row.name, name);
        for (const [text, [result]] of Object.entries(option.values)) {
          asked++;
          const ours = setResult(view, row, Number(text), 4, sweep.HZ);
          if (ours !== result) wrong.push(`${name} = ${text}: kernel ${result}, view ${ours}`);
        }
        for (const [length, result] of Object.entries(option['optlen_set(val=1)'])) {
          asked++;
          const ours = setResult(view, row, 1, Number(length), sweep.HZ);
          if (ours !== first(result)) wrong.push(`${name} length ${length}: kernel ${first(result)}, view ${ours}`);
        }
        const get = view.sockopt(option.level, option.optname)!.get;
        for (const [length, result] of Object.entries(option.optlen_get)) {
          asked++;
          const ours = get.presence !== 'no' && lengthTakes(get.side.length, Number(length)) ? 0 : -22;
          if (ours !== first(result)) wrong.push(`${name} get length ${length}: kernel ${first(result)}, view ${ours}`);
        }
      }
      assert.ok(asked > 1500, String(asked));
      assert.deepEqual(wrong, []);
    });

    it('read back as the kernel reads them back', () => {
      const wrong: string[] = [];
      const memMax = MEM_MAX[kernel] ?? 212992;
      let compared = 0;
      for (const [name, option] of numbers) {
        const answer = view.sockopt(option.level, option.optname)!;
        if (answer.set.presence === 'no' || answer.get.presence === 'no' || !answer.set.values) continue;
        for (const [text, [result, back]] of Object.entries(option.values)) {
          if (result !== 0 || typeof back !== 'number') continue;
          const ours = storedValue(answer.set.values.stored, Number(text), {
            ticksPerSecond: sweep.HZ,
            wmemMax: memMax,
            rmemMax: memMax,
            ecnBits: 0,
          });
          if (ours === undefined) continue;
          compared++;
          if (ours !== back) wrong.push(`${name} = ${text}: kernel ${back}, view ${ours}`);
        }
      }
      assert.ok(compared >= 40, String(compared));
      assert.deepEqual(wrong, []);
    });

    it('TCP_CONGESTION takes a name with or without its NUL, as the kernel does', () => {
      const option = sweep.options['TCP_CONGESTION'] as NameSweep;
      const answer = view.sockopt(6, 13)!;
      assert.ok(answer.set.presence === 'yes' && answer.set.values?.rule.kind === 'congestion-control');
      const { rule } = answer.set.values;
      const unterminated = option.set.find((row) => row.val === "b'reno'" && row.optlen === 4)!;
      assert.equal(unterminated.ret === 0, !rule.needsTerminator);
      assert.equal(option.set.find((row) => row.val === "b'nosuch'")!.ret, answer.set.values.refused);
      assert.ok(answer.get.presence === 'yes');
      for (const [length, result] of Object.entries(option.get_len)) {
        assert.equal(lengthTakes(answer.get.side.length, Number(length)) ? 0 : -22, first(result), `length ${length}`);
      }
    });
  });
}

describe('socket options on 6.16.12', () => {
  it('give the results that calls in PASSIVE_ESTABLISHED gave', () => {
    const { rows } = readFacts<{
      readonly rows: readonly (readonly ['set' | 'get', number, number, number, number, number, number])[];
    }>('sockopt-calls-6.16.12.json');
    const view = viewFor('6.16.12');
    const wrong: string[] = [];
    for (const [side, level, number, value, length, result] of rows) {
      const answer = view.sockopt(level, number);
      let ours = -22;
      if (side === 'set' && answer) ours = setResult(view, answer.row, value, length, 250);
      // Nothing was saved on this connection.
      else if (answer?.get.presence === 'yes' && lengthTakes(answer.get.side.length, length)) ours = 0;
      if (ours !== result) wrong.push(`${side} ${level}:${number} ${value}: kernel ${result}, view ${ours}`);
    }
    assert.ok(rows.length > 70);
    assert.deepEqual(wrong, []);
  });
});

describe('options of user space only', () => {
  for (const kernel of ['5.10', '6.1', '6.12', '6.18', '7.2']) {
    it(`are refused on ${kernel}`, () => {
      const sweep = readFacts<Sweep>(`sockopt-${kernel}.json`);
      for (const row of USER_OPTIONS) {
        const key = `${optionLevelNumber(row.level)}:${row.number}`;
        assert.equal(sweep.all_optnames_not_EINVAL.v4[key], undefined, row.name);
        assert.equal(sweep.all_optnames_not_EINVAL.v6[key], undefined, row.name);
        assert.equal(viewFor(kernel).sockopt(optionLevelNumber(row.level), row.number), undefined, row.name);
      }
    });
  }
});
