// What the TCP model says a callback changed, in words a person would use: "SYN timeout 1 s -> 100 ms".

import type { Effect, EffectValue } from '../tcp/index.ts';
import { callbackFlagNames } from './helper-trace.ts';
import { durationText } from './units.ts';

const NANOSECONDS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/** "property (unit)" into its parts. */
function unitOf(property: string): readonly [name: string, unit: string] {
  const match = /^(.*) \(([^()]*)\)$/.exec(property);
  return match === null ? [property, ''] : [match[1]!, match[2]!];
}

function valueText(value: EffectValue, name: string, unit: string, hz: number): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (name.includes('callback flags'))
    return callbackFlagNames(value).replaceAll('BPF_SOCK_OPS_', '').replaceAll('_CB_FLAG', '');
  if (name.includes('hash') || name === 'mark') return `0x${(value >>> 0).toString(16)}`;
  const factor = unit === 'jiffies' ? 1e9 / hz : NANOSECONDS[unit];
  return factor === undefined ? String(value) : durationText(value * factor);
}

/** One effect as one phrase; `hz` says how long a jiffy is. */
export function effectText(effect: Effect, hz: number): string {
  const [name, unit] = unitOf(effect.property);
  const from = valueText(effect.from, name, unit, hz);
  const to = valueText(effect.to, name, unit, hz);
  const suffix = unit === '' || unit === 'jiffies' || unit in NANOSECONDS ? '' : ` ${unit}`;
  const change = effect.from === effect.to ? `${name} stays ${to}${suffix}` : `${name} ${from} -> ${to}${suffix}`;
  return effect.remark === '' ? change : `${change} (${effect.remark})`;
}
