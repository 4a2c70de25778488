// "Did you mean ...?" for names that people type.

/** The candidate nearest to `name` when it is near enough to be a slip of the finger; letter case does not count. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  // A slip changes a part of a word, never all of it: "a" is no misspelt "hz".
  let bestDistance = Math.min(Math.max(2, Math.ceil(name.length / 3)) + 1, name.length);
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    // A name written without its long prefix ("RWND_INIT") or cut short ("prog") is as clear as a misspelt one.
    const shortened = wanted.length > 2 && (known.endsWith(`_${wanted}`) || known.startsWith(wanted));
    const distance = shortened ? 1 : editDistance(wanted, known, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Optimal string alignment distance, or `limit` when it is not below it. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let twoBack: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let value = Math.min(previous[j]! + 1, row[j - 1]! + 1, substitute);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        value = Math.min(value, twoBack[j - 2]! + 1);
      row.push(value);
    }
    twoBack = previous;
    previous = row;
  }
  return Math.min(previous[b.length]!, limit);
}
