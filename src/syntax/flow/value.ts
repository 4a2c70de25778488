// What the flow analysis knows of a value. It follows one op at a time, so constants stay constants through switches on the op;
// what it does not follow is `unknown`, from which no rule concludes anything.

import type { CtxFieldRow } from '../../kernel/index.ts';
import type { Expr } from '../ast.ts';

/**
 * How the bytes of a port or address are ordered in a number, on a little-endian machine.
 * host: the number is the port or address itself. net32: a 32-bit number in network order (remote_ip4, remote_port as the
 * context gives it, bpf_htonl(x)). net16: a 16-bit one (bpf_htons(x), remote_port >> 16). zero: always 0, by a wrong conversion.
 * mixed: some other arrangement.
 */
export type Order = 'host' | 'net32' | 'net16' | 'zero' | 'mixed';

/** Where a number comes from, for messages and for the checks of ports and addresses. */
export interface Origin {
  readonly field: CtxFieldRow;
  readonly index: number;
  readonly what: 'port' | 'address' | 'other';
  /** The innermost conversion that was applied, as written. */
  readonly via: readonly string[];
  /** Where the field was read. */
  readonly node: Expr;
  /** What is left of an address: the bits of the mask, moved down by `shift`. */
  readonly part?: { readonly mask: bigint; readonly shift: bigint };
}

export type Value =
  | { readonly kind: 'unknown' }
  /** One of a few integers. `order` is set when they went through a byte-order function. */
  | { readonly kind: 'ints'; readonly values: readonly bigint[]; readonly order?: Order; readonly origin?: Origin }
  /** A number that is not known, with what is known about it. */
  | {
      readonly kind: 'number';
      readonly origin?: Origin;
      readonly order?: Order;
      readonly helper?: string;
      readonly node?: Expr;
    }
  /** The context pointer. */
  | { readonly kind: 'ctx' }
  /** Address of a context field or element. */
  | { readonly kind: 'ctx-address'; readonly offset: number; readonly size: number }
  | { readonly kind: 'string'; readonly units: readonly number[] }
  /** A pointer that may be NULL until tested; `id` is the same for copies. */
  | { readonly kind: 'pointer'; readonly to: PointerTarget; readonly id: string; readonly node: Expr }
  /** Pointer into the packet; `base` tells one load of skb_data from another. */
  | { readonly kind: 'packet'; readonly base: string; readonly offset: number | undefined; readonly node: Expr }
  | { readonly kind: 'packet-end' }
  /** Address of a local variable or a part of it. */
  | { readonly kind: 'address'; readonly path: string; readonly name: string }
  | { readonly kind: 'map'; readonly name: string };

export type PointerTarget =
  | { readonly kind: 'sock' }
  | { readonly kind: 'tcp-sock' }
  | { readonly kind: 'map-value'; readonly map: string }
  | { readonly kind: 'memory'; readonly from: string };

export const UNKNOWN: Value = { kind: 'unknown' };
const MAX_INTS = 8;

export const int = (value: bigint | number): Value => ({ kind: 'ints', values: [BigInt(value)] });

/** Whether the value can be zero or NULL, where that is known. */
export function truth(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'ints':
      return value.values.every((v) => v === 0n) ? false : value.values.some((v) => v === 0n) ? undefined : true;
    case 'ctx':
    case 'ctx-address':
    case 'address':
    case 'map':
    case 'string':
      return true;
    case 'number':
      return value.order === 'zero' ? false : undefined;
    case 'unknown':
    case 'pointer':
    case 'packet':
    case 'packet-end':
      return undefined;
  }
}

export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'unknown':
    case 'ctx':
    case 'packet-end':
      return true;
    case 'ints':
      return (
        b.kind === 'ints' &&
        a.order === b.order &&
        a.values.length === b.values.length &&
        a.values.every((v, i) => v === b.values[i])
      );
    case 'number':
      return (
        b.kind === 'number' &&
        a.order === b.order &&
        a.helper === b.helper &&
        a.origin?.field === b.origin?.field &&
        a.origin?.index === b.origin?.index
      );
    case 'ctx-address':
      return b.kind === 'ctx-address' && a.offset === b.offset && a.size === b.size;
    case 'string':
      return b.kind === 'string' && a.units === b.units;
    case 'pointer':
      return b.kind === 'pointer' && a.id === b.id;
    case 'packet':
      return b.kind === 'packet' && a.base === b.base && a.offset === b.offset;
    case 'address':
      return b.kind === 'address' && a.path === b.path;
    case 'map':
      return b.kind === 'map' && a.name === b.name;
  }
}

/** What is known where two paths meet. */
export function joinValues(a: Value, b: Value): Value {
  if (sameValue(a, b)) return a;
  if (a.kind === 'ints' && b.kind === 'ints') {
    const values = [...new Set([...a.values, ...b.values])];
    if (values.length > MAX_INTS) return { kind: 'number' };
    return { kind: 'ints', values, ...(a.order === b.order && a.order !== undefined ? { order: a.order } : {}) };
  }
  if (a.kind === 'packet' && b.kind === 'packet' && a.base === b.base) return { ...a, offset: undefined };
  const numeric = (value: Value): boolean => value.kind === 'ints' || value.kind === 'number';
  if (numeric(a) && numeric(b)) return { kind: 'number', ...joinOrigin(a, b) };
  return UNKNOWN;
}

function joinOrigin(a: Value, b: Value): { origin?: Origin; order?: Order; helper?: string } {
  if (a.kind !== 'number' || b.kind !== 'number') {
    // A helper's result on one path is enough for the verifier to refuse it as a return value.
    const helper = a.kind === 'number' ? a.helper : b.kind === 'number' ? b.helper : undefined;
    return helper === undefined ? {} : { helper };
  }
  if (a.origin?.field !== b.origin?.field || a.order !== b.order || a.origin === undefined) return {};
  return { origin: a.origin, ...(a.order === undefined ? {} : { order: a.order }) };
}
