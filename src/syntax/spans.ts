// Moves the offsets of plain syntax nodes. Nodes are trees of objects whose numeric `start` and `end` are offsets.

interface Spanned {
  start?: unknown;
  end?: unknown;
}

/** Adds `delta` to every offset below `root`, in place. Only the owner of the nodes may do this (c-file.ts). */
export function shiftSpans(root: object, delta: number): void {
  const seen = new Set<object>();
  const visit = (node: object): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (Array.isArray(node)) {
      for (const item of node) if (typeof item === 'object' && item !== null) visit(item);
      return;
    }
    const spanned = node as Spanned;
    if (typeof spanned.start === 'number' && typeof spanned.end === 'number') {
      spanned.start += delta;
      spanned.end += delta;
    }
    for (const key in node) {
      const value = (node as Record<string, unknown>)[key];
      if (typeof value === 'object' && value !== null) visit(value);
    }
  };
  visit(root);
}

/** A copy of `root` in which every span has been replaced by what `map` makes of it. */
export function mapSpans<T>(
  root: T,
  map: (start: number, end: number) => { readonly start: number; readonly end: number },
): T {
  const copy = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(copy);
    const out: Record<string, unknown> = {};
    for (const key in value) out[key] = copy((value as Record<string, unknown>)[key]);
    if (typeof out['start'] === 'number' && typeof out['end'] === 'number') {
      const mapped = map(out['start'], out['end']);
      out['start'] = mapped.start;
      out['end'] = mapped.end;
    }
    return out;
  };
  return copy(root) as T;
}
