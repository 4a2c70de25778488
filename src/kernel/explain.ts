// What `sockscope explain NAME` and a hover ask: the pages of whatever a text names.

import { type CatalogueEntry, lookup } from './catalogue.ts';
import { describeKernel } from './changes.ts';
import { describe } from './describe.ts';
import type { Page } from './page.ts';
import type { KernelView } from './view.ts';

export interface Explanation {
  /** Best first; empty when nothing has that name. */
  readonly pages: readonly Page[];
  readonly entries: readonly CatalogueEntry[];
  /** Names that look like it, when nothing has that name. */
  readonly suggestions: readonly string[];
}

/** Explains a name in any usual spelling, or a kernel series ("5.10"), with what the given kernels lack. */
export function explain(text: string, views: readonly KernelView[] = []): Explanation {
  const { entries, suggestions } = lookup(text);
  const kernel = entries.length === 0 ? describeKernel(text) : undefined;
  if (kernel) return { entries, suggestions: [], pages: [kernel] };
  return { entries, suggestions, pages: entries.map((entry) => describe(entry, views)) };
}
