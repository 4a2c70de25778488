// What bpf_setsockopt() does with a value: whether the rule takes it, and what bpf_getsockopt() gives back afterwards.
// Checked against sweeps of every option on five kernels.

import { assertNever } from '../base/index.ts';
import type { LengthRule, StoredAs, ValueRule } from './sockopt-row.ts';

/** Whether a rule takes a number (the option's four bytes, signed). Text rules answer for no number. */
export function ruleTakes(rule: ValueRule, value: number, ticksPerSecond: number): boolean {
  switch (rule.kind) {
    case 'any':
      return true;
    case 'range':
      return (rule.min <= value && value <= rule.max) || (rule.also?.includes(value) ?? false);
    case 'not-zero':
      return value !== 0;
    case 'ticks': {
      const ticks = Math.ceil((value * ticksPerSecond) / 1_000_000);
      return ticks >= rule.minTicks && value <= rule.maxMicroseconds;
    }
    case 'mask':
      return value >= 0 && (value & ~rule.bits) === 0;
    case 'congestion-control':
    case 'interface-name':
      return false;
    default:
      return assertNever(rule, 'ruleTakes');
  }
}

/** What the socket and the system contribute to a value read back. */
export interface StoredContext {
  readonly ticksPerSecond: number;
  /** net.core.wmem_max and rmem_max. */
  readonly wmemMax: number;
  readonly rmemMax: number;
  /** The two ECN bits that the socket's traffic class had before. */
  readonly ecnBits: number;
}

/** What bpf_getsockopt() gives after `value` was set; undefined when it shows something else. */
export function storedValue(stored: StoredAs, value: number, context: StoredContext): number | undefined {
  switch (stored.kind) {
    case 'same':
      return value;
    case 'truth':
      return value === 0 ? 0 : 1;
    case 'buffer': {
      const max = stored.limit === 'wmem_max' ? context.wmemMax : context.rmemMax;
      return Math.max(2 * Math.min(value >>> 0, max), stored.min);
    }
    case 'low-water':
      return value < 0 ? 0x7fff_ffff : value === 0 ? 1 : value;
    case 'at-least':
      // The comparison is signed or unsigned by kernel; where it is unsigned a negative value still ends up at the minimum.
      return value < 0 ? (stored.signed ? value : stored.min) : Math.max(value, stored.min);
    case 'traffic-class': {
      const whole = stored.minusOneIsZero && value === -1 ? 0 : value & 0xff;
      return (whole & ~3) | context.ecnBits;
    }
    case 'byte':
      return value === -1 ? 0 : value & 0xff;
    case 'ticks': {
      const perSecond = stored.unit === 'us' ? 1_000_000 : 1000;
      const ticks = Math.ceil((value * context.ticksPerSecond) / perSecond);
      return Math.round((ticks * perSecond) / context.ticksPerSecond);
    }
    case 'rehash':
      return value === -1 ? 1 : value;
    case 'unrelated':
      return undefined;
    default:
      return assertNever(stored, 'storedValue');
  }
}

/** Whether a length is accepted; `saved` is the length of the saved packet for options that give one. */
export function lengthTakes(rule: LengthRule, length: number, saved = 0): boolean {
  switch (rule.kind) {
    case 'exactly':
      return length === rule.bytes;
    case 'at-least':
      return rule.bytes <= length;
    case 'up-to-saved':
      return 1 <= length && length <= saved;
    default:
      return assertNever(rule, 'lengthTakes');
  }
}
