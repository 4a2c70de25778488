// More questions to more kernels (test/facts/kernel/asked-*.json): context and helpers of releases between the probed ones, the
// structures behind socket pointers, kernel functions, map creation, and which helper takes which map.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { HELPER_ROWS, type KernelView, type SockStructure, viewFor } from '../../src/kernel/index.ts';
import { readFacts } from './facts.ts';

interface Accepted<Row> {
  readonly accepted: readonly Row[];
}
interface Asked {
  readonly release: string;
  readonly ctx: Accepted<readonly [number, number, string]> & {
    readonly other: readonly (readonly [number, number, string, string])[];
  };
  readonly helpers: Readonly<Record<string, readonly [string, string?]>>;
  readonly bpf_sock: Accepted<readonly [number, number]> & {
    readonly other: readonly (readonly [number, number, string])[];
  };
  readonly bpf_tcp_sock: Accepted<readonly [number, number]> & {
    readonly other: readonly (readonly [number, number, string])[];
  };
  readonly kfuncs?: Readonly<Record<string, string>>;
  readonly maps: Readonly<Record<string, MapAnswers>>;
  readonly pairs: Readonly<Record<string, Readonly<Record<string, 0 | 1 | string>>>>;
}
interface MapAnswers {
  readonly base: number;
  readonly key?: Readonly<Record<string, number>>;
  readonly value?: Readonly<Record<string, number>>;
  readonly entries?: Readonly<Record<string, number>>;
  readonly flags?: Readonly<Record<string, number>>;
  readonly without?: number;
}

const FILES = readdirSync(new URL('../facts/kernel/', import.meta.url)).filter((name) => name.startsWith('asked-'));
const OURS =
  /^(invalid func|unknown func|program of this type|cannot call GPL|helper call might sleep|sleepable helper)/;
const SIZES = [1, 2, 4, 8];
const ERRNO = { EINVAL: -22, E2BIG: -7, ENOMEM: -12, ENOTSUPP: -524 } as const;

/** The definitions with which the maps were created: key, value, entries, flags. */
const BASE: Readonly<Record<string, readonly [number, number, number, number?]>> = {
  1: [8, 8, 4],
  2: [4, 8, 4],
  3: [4, 4, 4],
  4: [4, 4, 4],
  5: [8, 8, 4],
  6: [4, 8, 4],
  7: [4, 8, 4],
  8: [4, 4, 4],
  9: [8, 8, 4],
  10: [8, 8, 4],
  11: [8, 8, 4, 1],
  12: [4, 4, 4],
  13: [8, 4, 4],
  14: [4, 4, 4],
  15: [4, 4, 4],
  16: [4, 4, 4],
  17: [4, 4, 4],
  18: [8, 4, 4],
  19: [16, 8, 0],
  20: [4, 4, 4],
  21: [16, 8, 0],
  22: [0, 8, 4],
  23: [0, 8, 4],
  24: [4, 4, 0, 1],
  25: [4, 4, 4],
  27: [0, 0, 4096],
  28: [4, 4, 0, 1],
  29: [4, 4, 0, 1],
  30: [0, 8, 4],
  31: [0, 0, 4096],
  32: [4, 4, 0, 1],
  33: [0, 0, 4, 1024],
  34: [4, 16, 4],
};

function contextDifferences(view: KernelView, asked: Asked): string[] {
  const wrong: string[] = [];
  const accepted = new Map(asked.ctx.accepted.map(([offset, size, modes]) => [`${offset}/${size}`, modes]));
  const other = new Map(asked.ctx.other.map(([offset, size, mode, message]) => [`${offset}/${size}/${mode}`, message]));
  for (let offset = 0; offset < 232; offset++) {
    for (const size of SIZES) {
      for (const mode of ['read', 'write'] as const) {
        const ok = accepted.get(`${offset}/${size}`)?.includes(mode[0]!) ?? false;
        const kernel = ok
          ? ''
          : (other.get(`${offset}/${size}/${mode}`) ?? `invalid bpf_context access off=${offset} size=${size}`);
        const answer = view.ctxAccess({ offset, size, mode });
        const ours = answer.ok ? '' : answer.message;
        if (kernel !== ours) wrong.push(`${mode} ${offset}/${size}: kernel "${kernel}", view "${ours}"`);
      }
    }
  }
  return wrong;
}

function socketDifferences(
  view: KernelView,
  structure: SockStructure,
  answers: Asked['bpf_sock'],
  end: number,
): string[] {
  const wrong: string[] = [];
  const word = structure === 'sock' ? 'sock' : 'tcp_sock';
  const accepted = new Set(answers.accepted.map(([offset, size]) => `${offset}/${size}`));
  const other = new Map(answers.other.map(([offset, size, message]) => [`${offset}/${size}`, message]));
  for (let offset = 0; offset < end; offset++) {
    for (const size of SIZES) {
      const key = `${offset}/${size}`;
      const refused = `R6 invalid ${word} access off=${offset} size=${size}`;
      const kernel = accepted.has(key) ? '' : (other.get(key) ?? refused);
      const answer = view.sockAccess({ structure, offset, size });
      const ours = answer.ok ? '' : (answer.unconverted?.message ?? refused);
      if (kernel !== ours) wrong.push(`${word} ${key}: kernel "${kernel}", view "${ours}"`);
    }
  }
  return wrong;
}

function mapDifferences(view: KernelView, type: number, answers: MapAnswers): string[] {
  const base = BASE[type]!;
  const shape = { keySize: base[0], valueSize: base[1], maxEntries: base[2], flags: base[3] ?? 0, hasBtf: true };
  const wrong: string[] = [];
  const compare = (what: string, kernel: number, change: Partial<typeof shape>) => {
    const refusals = view.mapRefusals(type, { ...shape, ...change });
    const ours = refusals[0] ? ERRNO[refusals[0].errno] : 0;
    if (kernel !== ours) wrong.push(`map type ${type} ${what}: kernel ${kernel}, view ${ours}`);
  };
  if (answers.base !== 0) return wrong;
  compare('base', 0, {});
  for (const [value, errno] of Object.entries(answers.key ?? {}))
    compare(`key ${value}`, errno, { keySize: Number(value) });
  for (const [value, errno] of Object.entries(answers.value ?? {})) {
    compare(`value ${value}`, errno, { valueSize: Number(value) });
  }
  for (const [value, errno] of Object.entries(answers.entries ?? {})) {
    // The largest CPU map depends on how many CPUs the kernel was built for.
    if (type === 16 && Number(value) > 128) continue;
    compare(`entries ${value}`, errno, { maxEntries: Number(value) });
  }
  for (const [bit, errno] of Object.entries(answers.flags ?? {})) {
    // With BPF_F_STACK_BUILD_ID the size of a value counts in other units.
    if (type === 7 && bit === '5') continue;
    compare(`flag bit ${bit}`, errno, { flags: shape.flags | (1 << Number(bit)) });
  }
  if (answers.without !== undefined) compare('without its flag', answers.without, { flags: 0 });
  return wrong;
}

assert.ok(FILES.length >= 5);

for (const file of FILES) {
  const asked = readFacts<Asked>(file);
  describe(`what ${asked.release} answered`, () => {
    const view = viewFor(asked.release);

    it('context accesses', () => assert.deepEqual(contextDifferences(view, asked), []));

    it('socket structures', () => {
      assert.deepEqual(socketDifferences(view, 'sock', asked.bpf_sock, 96), []);
      assert.deepEqual(socketDifferences(view, 'tcp-sock', asked.bpf_tcp_sock, 128), []);
    });

    it('helpers', () => {
      const wrong: string[] = [];
      for (const [id, [gpl, nongpl = gpl]] of Object.entries(asked.helpers)) {
        for (const [message, gplCompatible] of [
          [gpl, true],
          [nongpl, false],
        ] as const) {
          const answer = view.helper(Number(id), { gplCompatible });
          const ours = answer.ok ? '' : answer.message;
          const kernel = OURS.test(message) ? message : '';
          if (ours !== kernel) wrong.push(`${id}: kernel "${message}", view "${ours}"`);
        }
      }
      assert.deepEqual(wrong, []);
    });

    it('kernel functions', () => {
      const wrong: string[] = [];
      for (const [name, message] of Object.entries(asked.kfuncs ?? {})) {
        const refused = /is not allowed$|^program must be sleepable|^BPF_CALL uses reserved fields$/.test(message);
        const answer = view.kfunc(name);
        if (answer.ok === refused)
          wrong.push(`${name}: kernel "${message}", view ${answer.ok ? 'allows' : answer.why}`);
        else if (!answer.ok && answer.message !== message)
          wrong.push(`${name}: kernel "${message}", view "${answer.message}"`);
      }
      assert.deepEqual(wrong, []);
    });

    it('map creation', () => {
      const wrong = Object.entries(asked.maps).flatMap(([type, answers]) => {
        const known = view.mapType(Number(type)).ok;
        if (known !== (answers.base === 0)) return [`map type ${type}: kernel ${answers.base}, view ${known}`];
        return mapDifferences(view, Number(type), answers);
      });
      assert.deepEqual(wrong, []);
    });

    it('helpers and the maps that they take', () => {
      const wrong: string[] = [];
      let compared = 0;
      for (const [id, row] of Object.entries(asked.pairs)) {
        const name = HELPER_ROWS.find((helper) => helper.id === Number(id))!.name;
        for (const [type, verdict] of Object.entries(row)) {
          // Other messages come from checks of the arguments, before the pair is looked at.
          if (typeof verdict === 'string') continue;
          compared++;
          const ours = view.mapTakesHelper(Number(type), name);
          if (ours !== 'unknown' && (ours === 'yes') !== (verdict === 1)) {
            wrong.push(`${name} and map type ${type}: kernel ${verdict === 1}, view ${ours}`);
          }
        }
      }
      assert.ok(compared > 150, String(compared));
      assert.deepEqual(wrong, []);
    });
  });
}
