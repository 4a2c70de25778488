// Map contents and records sent to user space against the rows of "maps" and "ringbuf".

import type { TypeRef } from '../object/index.ts';
import { compareJson, decodeJson } from './btf-json.ts';
import { nearest } from './edit-distance.ts';
import type { MapOutcome } from './expect.ts';
import { type Checker, countIs, countText, type Path } from './expect-values.ts';
import type { Json, MapExpectation } from './expectation-schema.ts';
import type { OutputRecord } from './record.ts';

export function checkMap(checker: Checker, name: string, rows: readonly MapExpectation[]): void {
  const map = checker.outcomes.map(name);
  if (map === undefined) {
    const meant = nearest(name, checker.outcomes.mapNames);
    checker.fail(
      ['maps', name],
      `there is no map "${name}"`,
      name,
      meant === undefined
        ? `the maps are ${checker.outcomes.mapNames.join(', ') || 'none'}`
        : `did you mean "${meant}"?`,
    );
    return;
  }
  rows.forEach((row, index) => {
    const path = ['maps', name, index];
    if ('entries' in row) {
      if (!countIs(row.entries, map.entries.length)) {
        checker.fail(
          [...path, 'entries'],
          `${name}: wrong number of entries`,
          countText(row.entries),
          String(map.entries.length),
        );
      }
      return;
    }
    if ('any' in row) {
      const hit = map.entries.some((entry) =>
        entry.values.some((value) => !compareJson(row.any, value, map.valueType)),
      );
      if (!hit)
        checker.fail([...path, 'any'], `${name}: no entry has this value`, JSON.stringify(row.any), entriesText(map));
      return;
    }
    const entry = map.entries.find((one) => compareJson(row.key, one.key, map.keyType) === undefined);
    const key = `${name}[${JSON.stringify(row.key)}]`;
    if ('absent' in row) {
      if (entry !== undefined) {
        checker.fail(path, `${key} is there`, 'no such entry', JSON.stringify(valuesJson(entry.values, map.valueType)));
      }
      return;
    }
    if (entry === undefined) {
      checker.fail([...path, 'key'], `${key} is missing`, JSON.stringify(row.value), entriesText(map));
      return;
    }
    const mismatch = compareValues(row.value, entry.values, map.valueType);
    if (mismatch === undefined) return;
    checker.fail(
      [...path, 'value', ...mismatch.path],
      `${key}${mismatch.path.length === 0 ? '' : ` at ${mismatch.path.join('.')}`} is not as expected`,
      JSON.stringify(at(row.value, mismatch.path)),
      JSON.stringify(at(valuesJson(entry.values, map.valueType), mismatch.path)),
    );
  });
}

/** A per-CPU value is compared with the sum over the CPUs when a number is expected, else CPU by CPU with a list. */
function compareValues(expected: Json, values: readonly Uint8Array[], type: TypeRef | undefined) {
  if (values.length === 1) return compareJson(expected, values[0]!, type);
  if (Array.isArray(expected)) {
    for (const [cpu, one] of expected.entries()) {
      const value = values[cpu];
      const mismatch = value === undefined ? { path: [], message: '' } : compareJson(one, value, type);
      if (mismatch !== undefined) return { ...mismatch, path: [cpu, ...mismatch.path] };
    }
    return undefined;
  }
  const sum = sumOf(values, type);
  if (sum !== undefined) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, sum), true);
    return compareJson(expected, bytes, undefined);
  }
  for (const value of values) if (compareJson(expected, value, type) === undefined) return undefined;
  return compareJson(expected, values[0]!, type);
}

function sumOf(values: readonly Uint8Array[], type: TypeRef | undefined): bigint | undefined {
  let sum = 0n;
  for (const value of values) {
    const json = decodeJson(value, type);
    if (typeof json !== 'number' && !(typeof json === 'string' && /^-?\d+$/.test(json))) return undefined;
    sum += BigInt(json);
  }
  return sum;
}

/** One value, or a list of them for a per-CPU map. */
export function valuesJson(values: readonly Uint8Array[], type: TypeRef | undefined): Json {
  return values.length === 1 ? decodeJson(values[0]!, type) : values.map((value) => decodeJson(value, type));
}

const at = (json: Json, path: Path): Json => {
  let value: Json = json;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return value;
    value = (value as Record<string | number, Json>)[part] ?? null;
  }
  return value;
};

function entriesText(map: MapOutcome): string {
  if (map.entries.length === 0) return 'the map is empty';
  const some = map.entries
    .slice(0, 3)
    .map(
      (entry) =>
        `${JSON.stringify(decodeJson(entry.key, map.keyType))}: ${JSON.stringify(valuesJson(entry.values, map.valueType))}`,
    );
  return `${some.join(', ')}${map.entries.length > 3 ? `, ... (${map.entries.length} entries)` : ''}`;
}

export function checkOutputs(checker: Checker, name: string, rows: readonly Json[]): void {
  const map = checker.outcomes.map(name);
  const sent = checker.outcomes.outputs.filter((one) => one.map === name);
  if (map === undefined) {
    checker.fail(
      ['ringbuf', name],
      `there is no map "${name}"`,
      name,
      `the maps are ${checker.outcomes.mapNames.join(', ')}`,
    );
    return;
  }
  let from = 0;
  rows.forEach((row, index) => {
    const found = sent.findIndex((one, at) => at >= from && recordMatches(row, one, map.valueType));
    if (found >= 0) {
      from = found + 1;
      return;
    }
    const rest = sent.slice(from).map((one) => JSON.stringify(recordJson(one, map.valueType)));
    checker.fail(
      ['ringbuf', name, index],
      `${name}: no such record was sent`,
      JSON.stringify(row),
      rest.length === 0 ? 'nothing more was sent' : rest.join(' / '),
    );
  });
}

function recordMatches(expected: Json, record: OutputRecord, type: TypeRef | undefined): boolean {
  return compareJson(expected, record.data, record.type ?? type) === undefined;
}

const recordJson = (record: OutputRecord, type: TypeRef | undefined): Json =>
  decodeJson(record.data, record.type ?? type);
