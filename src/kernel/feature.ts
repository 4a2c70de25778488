// Features: behaviours of a kernel that are neither a field, an op, a helper nor an option. Each is a row with lifetimes; a
// layer that must behave differently per kernel asks `view.has('name')` and never sees a version.
// The rows live in one file per consumer so that each stays short: features-verifier.ts, features-tcp.ts, features-runtime.ts.

import type { Lifetime } from './lifetime.ts';

export interface FeatureRow {
  readonly name: string;
  /** What a kernel with this feature does that one without it does not, in one sentence. */
  readonly doc: string;
  readonly lifetimes: readonly Lifetime[];
}

/** Keeps the names as literals, so that `FeatureName` is a union and a misspelt feature does not compile. */
export function defineFeatures<const Rows extends readonly FeatureRow[]>(rows: Rows): Rows {
  return rows;
}
