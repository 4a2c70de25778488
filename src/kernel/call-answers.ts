// Whether a sock_ops program may call a helper or a kernel function, in the words of the kernel that refuses. Arguments are the
// verifier's matter; what is decided here is decided before any argument is looked at, in this order.
// Source: kernel/bpf/verifier.c check_helper_call and fetch_kfunc_meta, and the probes of real kernels.

import type { KERNEL_FEATURES } from './features-kernel.ts';
import type { HelperRow, SockOpsHelper } from './helper-row.ts';
import type { KfuncRow } from './kfunc-row.ts';
import { REFUSED_KFUNCS } from './kfuncs.ts';
import type { Lifetime, Presence } from './lifetime.ts';

/** What the verifier must know of a program to answer for a helper. */
export interface ProgramTraits {
  readonly gplCompatible: boolean;
}

export type HelperAnswer =
  | { readonly ok: true; readonly row: HelperRow; readonly sockOps: SockOpsHelper; readonly certain: boolean }
  | {
      readonly ok: false;
      readonly why: 'no-such-helper' | 'not-yet' | 'removed' | 'never' | 'gpl-only' | 'may-sleep';
      /** What the kernel prints. */
      readonly message: string;
      readonly row: HelperRow | undefined;
    };

export type KfuncAnswer =
  | { readonly ok: true; readonly row: KfuncRow; readonly certain: boolean }
  | {
      readonly ok: false;
      readonly why: 'no-kfuncs' | 'not-yet' | 'not-allowed' | 'unknown-name' | 'may-sleep';
      readonly message: string;
      readonly row: KfuncRow | undefined;
    };

/** What the rules need to know of a kernel. */
export interface CallRules {
  /** One above the largest helper id. */
  readonly helperIdEnd: number;
  helperPresence(lifetimes: readonly Lifetime[]): Presence;
  kfuncPresence(lifetimes: readonly Lifetime[]): Presence;
  has(feature: (typeof KERNEL_FEATURES)[number]['name']): boolean;
}

/** Answers for a helper by id; `row` is its row, where the tables have one. */
export function answerHelper(
  row: HelperRow | undefined,
  id: number,
  program: ProgramTraits,
  rules: CallRules,
): HelperAnswer {
  if (!row || id >= rules.helperIdEnd) {
    return { ok: false, why: 'no-such-helper', message: `invalid func unknown#${id}`, row };
  }
  const words = rules.has('helper-refusal-names-program-type')
    ? 'program of this type cannot use helper'
    : 'unknown func';
  const refused = `${words} ${row.name}#${id}`;
  const { sockOps } = row;
  if (!sockOps) return { ok: false, why: 'never', message: refused, row };
  const allowed = rules.helperPresence(sockOps.lifetimes);
  if (allowed === 'no') {
    const gone = sockOps.lifetimes.every((range) => range.until !== undefined);
    return { ok: false, why: gone ? 'removed' : 'not-yet', message: refused, row };
  }
  if (sockOps.gplOnly && !program.gplCompatible) {
    const message = rules.has('gpl-refusal-says-restricted')
      ? 'cannot call GPL-restricted function from non-GPL compatible program'
      : 'cannot call GPL only function from proprietary program';
    return { ok: false, why: 'gpl-only', message, row };
  }
  if (sockOps.effects.includes('may-sleep')) {
    const message = rules.has('sleepable-call-names-helper')
      ? `sleepable helper ${row.name}#${id} in non-sleepable prog`
      : 'helper call might sleep in a non-sleepable prog';
    return { ok: false, why: 'may-sleep', message, row };
  }
  return { ok: true, row, sockOps, certain: allowed === 'yes' };
}

const refusedEverywhere: ReadonlySet<string> = new Set(REFUSED_KFUNCS);

/** Answers for a kernel function by name; `row` is its row, where the tables have one. */
export function answerKfunc(row: KfuncRow | undefined, name: string, rules: CallRules): KfuncAnswer {
  const message = rules.has('kfunc-call-encoding')
    ? `calling kernel function ${name} is not allowed`
    : 'BPF_CALL uses reserved fields';
  if (!rules.has('kfuncs')) return { ok: false, why: 'no-kfuncs', message, row };
  if (!row) return { ok: false, why: refusedEverywhere.has(name) ? 'not-allowed' : 'unknown-name', message, row };
  const allowed = rules.kfuncPresence(row.lifetimes);
  if (allowed === 'no') return { ok: false, why: 'not-yet', message, row };
  if (row.sleepable && rules.kfuncPresence(row.sleepable) === 'yes') {
    const asleep = `program must be sleepable to call sleepable kfunc ${name}`;
    return { ok: false, why: 'may-sleep', message: asleep, row };
  }
  return { ok: true, row, certain: allowed === 'yes' };
}
