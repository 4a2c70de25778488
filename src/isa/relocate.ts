// How a reference to a symbol is left to the linker: clang's rule is that a local symbol that is defined here is reached
// through its section, with its offset as addend, and any other symbol by name. Source: LLVM's BPFELFObjectWriter by its output.

import type { TextSpan } from '../base/index.ts';
import type { AsmReporter } from './asm-problem.ts';
import type { AssembledRelocation } from './assembly.ts';
import { type Draft, symbolNamed } from './draft.ts';
import type { Value } from './expression.ts';

export interface RelocationSite {
  readonly draft: Draft;
  readonly reporter: AsmReporter;
  readonly span: TextSpan;
  readonly offset: number;
  readonly relocations: AssembledRelocation[];
}

/** Notes the relocation and gives the addend, in bytes, that goes into the section. */
export function relocateTo(
  value: Value & { readonly kind: 'symbolic' },
  kind: AssembledRelocation['kind'],
  { draft, reporter, span, offset, relocations }: RelocationSite,
): bigint {
  const name = value.symbol;
  const binding = name === undefined ? undefined : draft.symbols.get(name)?.binding;
  if (value.place !== undefined && (binding === undefined || binding === 'local')) {
    relocations.push({ offset, kind, to: { kind: 'section', section: value.place.section } });
    return value.place.offset + value.addend;
  }
  // A value without a place has a name: only labels and `.` lack one.
  const symbol = symbolNamed(draft, name ?? '', reporter.lineIndex.range(span));
  relocations.push({ offset, kind, to: { kind: 'symbol', name: symbol.name } });
  return value.addend;
}
