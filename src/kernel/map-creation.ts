// Whether the kernel would create a map: the checks of bpf(BPF_MAP_CREATE) that depend on the definition alone, for a loader's
// messages before anything is loaded. Checked against thousands of creations on several kernels.

import { assertNever } from '../base/index.ts';
import { CONSTANT_ROWS, type ConstantRow } from './constants.ts';
import type { Lifetime, Presence } from './lifetime.ts';
import type { MapTypeRow, SizeRule } from './map-type-row.ts';

/** What a map definition says. Sizes in bytes. */
export interface MapShape {
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  /** Whether BTF describes key and value. */
  readonly hasBtf: boolean;
}

/** One reason for which the kernel refuses to create the map. */
export interface MapRefusal {
  readonly about: 'key_size' | 'value_size' | 'max_entries' | 'map_flags' | 'btf';
  readonly errno: 'EINVAL' | 'E2BIG' | 'ENOMEM' | 'ENOTSUPP';
  /** What is wrong and what is wanted, as a sentence without a full stop. */
  readonly message: string;
}

const PAGE_BYTES = 4096;
/** Map creation flags by name; names of one value never stand for two flags of one type. */
const FLAGS: ReadonlyMap<string, ConstantRow> = new Map(
  CONSTANT_ROWS.filter((row) => row.group === 'map-create').map((row) => [row.name, row]),
);

/**
 * The reasons for which a map of this type cannot be made, in the order in which people mend them; empty when it can. `there`
 * answers for lifetimes on one kernel; what is unknown is taken for allowed.
 */
export function mapRefusals(
  row: MapTypeRow,
  shape: MapShape,
  there: (lifetimes: readonly Lifetime[]) => Presence,
): readonly MapRefusal[] {
  const older = row.older?.find((rules) => there(rules.lifetimes) === 'yes');
  const refusals: MapRefusal[] = [];
  const size = (about: 'key_size' | 'value_size', rule: SizeRule, value: number) => {
    const refusal = sizeRefusal(about, rule, value);
    if (refusal) refusals.push(refusal);
  };
  size('key_size', older?.key ?? row.key, shape.keySize);
  size('value_size', older?.value ?? row.value, shape.valueSize);
  const entries = entriesRefusal(row, shape.maxEntries);
  if (entries) refusals.push(entries);
  refusals.push(...flagRefusals(row, shape.flags, (lifetimes) => there(lifetimes) !== 'no'));
  if (row.needsBtf && !shape.hasBtf) {
    refusals.push({ about: 'btf', errno: 'EINVAL', message: 'this map type needs BTF for its key and value' });
  }
  return refusals;
}

function sizeRefusal(about: 'key_size' | 'value_size', rule: SizeRule, value: number): MapRefusal | undefined {
  const refuse = (wanted: string, errno: MapRefusal['errno'] = 'EINVAL'): MapRefusal => ({
    about,
    errno,
    message: `${about} is ${value}, it must be ${wanted}`,
  });
  switch (rule.kind) {
    case 'any-positive':
      return value > 0 ? undefined : refuse('above 0');
    case 'zero':
      return value === 0 ? undefined : refuse('0');
    case 'exactly':
      return rule.sizes.includes(value) ? undefined : refuse(rule.sizes.join(' or '));
    case 'range': {
      const wanted = `${rule.min} to ${rule.max}`;
      if (value < rule.min) return refuse(wanted);
      if (value > rule.max) return refuse(wanted, rule.tooBig ?? 'EINVAL');
      if (rule.multipleOf !== undefined && value % rule.multipleOf !== 0)
        return refuse(`a multiple of ${rule.multipleOf}`);
      return undefined;
    }
    default:
      return assertNever(rule, 'sizeRefusal');
  }
}

function entriesRefusal(row: MapTypeRow, value: number): MapRefusal | undefined {
  const refuse = (wanted: string): MapRefusal => ({
    about: 'max_entries',
    errno: 'EINVAL',
    message: `max_entries is ${value}, it must be ${wanted}`,
  });
  switch (row.entries) {
    case 'positive':
      return value > 0 ? undefined : refuse('above 0');
    case 'zero':
      return value === 0 ? undefined : refuse('0');
    case 'power-of-two-pages': {
      const power = value > 0 && Number.isInteger(Math.log2(value));
      return power && value % PAGE_BYTES === 0 ? undefined : refuse('a power of two and a multiple of the page size');
    }
    case 'any':
      return undefined;
    default:
      return assertNever(row.entries, 'entriesRefusal');
  }
}

function flagRefusals(
  row: MapTypeRow,
  flags: number,
  exists: (lifetimes: readonly Lifetime[]) => boolean,
): readonly MapRefusal[] {
  const refusals: MapRefusal[] = [];
  for (const name of row.requiredFlags) {
    const value = FLAGS.get(name)?.value ?? 0;
    if ((flags & value) === 0) {
      refusals.push({ about: 'map_flags', errno: 'EINVAL', message: `map_flags must have ${name}` });
    }
  }
  let allowed = 0;
  for (const name of [...row.flags, ...row.requiredFlags]) {
    const flag = FLAGS.get(name);
    if (flag && exists(flag.lifetimes)) allowed |= flag.value;
  }
  const extra = flags & ~allowed;
  if (extra !== 0) {
    const names = [...FLAGS.values()].filter((flag) => (extra & flag.value) !== 0).map((flag) => flag.name);
    const text = names.length > 0 ? names.join(' and ') : `0x${extra.toString(16)}`;
    refusals.push({
      about: 'map_flags',
      errno: row.name.includes('LRU') && extra === 1 ? 'ENOTSUPP' : 'EINVAL',
      message: `map_flags has ${text}, which this map type does not take`,
    });
  }
  return refusals;
}
