// Windowed minimum over time as lib/win_minmax.c keeps it: the best three samples in three overlapping parts of the window.

interface Sample {
  t: number;
  v: number;
}

/** Three samples, best first; times are jiffies. */
export type MinFilter = [Sample, Sample, Sample];

export function newMinFilter(): MinFilter {
  return [
    { t: 0, v: 0 },
    { t: 0, v: 0 },
    { t: 0, v: 0 },
  ];
}

export function copyMinFilter(filter: MinFilter): MinFilter {
  const copy = ({ t, v }: Sample): Sample => ({ t, v });
  return [copy(filter[0]), copy(filter[1]), copy(filter[2])];
}

/** Forgets everything but one sample; returns it. */
export function resetMinFilter(filter: MinFilter, t: number, v: number): number {
  for (const sample of filter) {
    sample.t = t;
    sample.v = v;
  }
  return v;
}

/** Takes a sample at time `t` into a window of `window` jiffies; returns the minimum. */
export function updateMinFilter(filter: MinFilter, window: number, t: number, v: number): number {
  const [first, second, third] = filter;
  if (v <= first.v || third.t + window < t) return resetMinFilter(filter, t, v);
  if (v <= second.v) {
    second.t = third.t = t;
    second.v = third.v = v;
  } else if (v <= third.v) {
    third.t = t;
    third.v = v;
  }
  const age = t - first.t;
  const take = (into: Sample, from: Sample) => {
    into.t = from.t;
    into.v = from.v;
  };
  const fresh: Sample = { t, v };
  if (window < age) {
    take(first, second);
    take(second, third);
    take(third, fresh);
    if (window < t - first.t) {
      take(first, second);
      take(second, third);
      take(third, fresh);
    }
  } else if (second.t === first.t && age > window / 4) {
    take(second, fresh);
    take(third, fresh);
  } else if (third.t === second.t && age > window / 2) {
    take(third, fresh);
  }
  return first.v;
}
