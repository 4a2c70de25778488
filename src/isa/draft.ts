// The assembly while it is being read: sections as lists of items whose sizes may not be settled yet, and symbols bound to
// items. Labels and directives fill it (directives.ts), layout and emission turn it into bytes (emit.ts).

import type { TextRange, TextSpan } from '../base/index.ts';
import type { AssembledMap, AssembledSymbol } from './assembly.ts';
import type { Expression } from './expression.ts';
import type { MatchedInsn } from './match.ts';

/** Something that takes room in a section. `order` numbers the statements of the text. */
export interface DraftItem {
  readonly span: TextSpan;
  readonly order: number;
  readonly content: ItemContent;
  /** Both are set by layout. */
  offset: number;
  size: number;
}

export type ItemContent =
  | { readonly kind: 'insn'; readonly insn: MatchedInsn }
  | { readonly kind: 'integer'; readonly bytes: 1 | 2 | 4 | 8; readonly value: Expression }
  | { readonly kind: 'leb128'; readonly signed: boolean; readonly value: Expression }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'fill'; readonly count: number; readonly size: number; readonly value: bigint }
  | { readonly kind: 'align'; readonly alignment: number; readonly fill: number };

export interface DraftSection {
  readonly name: string;
  readonly type: 'progbits' | 'nobits' | 'note' | 'other';
  flags: string;
  /** Whether the text gave flags, rather than the name implying them. */
  readonly flagsGiven: boolean;
  readonly entrySize: number;
  alignment: number;
  readonly items: DraftItem[];
  size: number;
}

/** A point between items: before item `item` of the section, or at its end. */
export interface DraftPlace {
  readonly section: number;
  readonly item: number;
}

export interface DraftSymbol {
  readonly name: string;
  readonly range: TextRange;
  binding: AssembledSymbol['binding'];
  /** Whether `.local` said so, rather than nothing. */
  declaredLocal: boolean;
  type: AssembledSymbol['type'];
  visibility: AssembledSymbol['visibility'];
  definition:
    | { readonly kind: 'place'; readonly place: DraftPlace }
    | { readonly kind: 'expression'; readonly value: Expression; readonly order: number }
    | { readonly kind: 'common'; readonly size: number; readonly alignment: number }
    | { readonly kind: 'map' }
    | undefined;
  size: { readonly value: Expression; readonly order: number } | undefined;
}

export interface DraftLine {
  readonly place: DraftPlace;
  readonly file: string;
  readonly line0: number;
  readonly column0: number;
  readonly isStatement: boolean;
}

export interface NumericLabel {
  readonly number: string;
  readonly order: number;
  readonly place: DraftPlace;
}

export interface Draft {
  readonly sections: DraftSection[];
  readonly symbols: Map<string, DraftSymbol>;
  readonly maps: AssembledMap[];
  readonly lines: DraftLine[];
  readonly numericLabels: NumericLabel[];
  /** Index of the section that statements go to, and those that .previous and .popsection return to. */
  current: number;
  previous: number | undefined;
  readonly stack: number[];
  /** Names that `.file N` gave to numbers. */
  readonly files: Map<number, string>;
}

/** A section's total size beyond this is refused, so that `.zero` cannot exhaust memory. */
export const MAX_SECTION_BYTES = 1 << 24;

interface SectionKind {
  readonly type: DraftSection['type'];
  readonly flags: string;
}

/** What a section is when nothing but its name is given. */
function impliedKind(name: string): SectionKind {
  const is = (base: string) => name === base || name.startsWith(`${base}.`);
  if (is('.text')) return { type: 'progbits', flags: 'ax' };
  if (is('.data')) return { type: 'progbits', flags: 'aw' };
  if (is('.bss')) return { type: 'nobits', flags: 'aw' };
  if (is('.rodata')) return { type: 'progbits', flags: 'a' };
  return { type: 'progbits', flags: '' };
}

/** Makes `name` the current section, creating it at its first mention. */
export function enterSection(
  draft: Draft,
  name: string,
  given: { readonly flags?: string; readonly type?: DraftSection['type']; readonly entrySize?: number } = {},
): void {
  let index = draft.sections.findIndex((section) => section.name === name);
  if (index < 0) {
    const implied = impliedKind(name);
    index = draft.sections.length;
    draft.sections.push({
      name,
      type: given.type ?? implied.type,
      flags: given.flags ?? implied.flags,
      flagsGiven: given.flags !== undefined,
      entrySize: given.entrySize ?? 0,
      alignment: 1,
      items: [],
      size: 0,
    });
  }
  if (index !== draft.current) draft.previous = draft.current;
  draft.current = index;
}

/** The section that statements go to; .text when the text has named none. */
export function currentSection(draft: Draft): DraftSection {
  if (draft.sections[draft.current] === undefined) enterSection(draft, '.text');
  return draft.sections[draft.current]!;
}

/** The point that the next item of the current section will have. */
export function currentPlace(draft: Draft): DraftPlace {
  const section = currentSection(draft);
  return { section: draft.current, item: section.items.length };
}

export function addItem(draft: Draft, span: TextSpan, order: number, content: ItemContent): void {
  const section = currentSection(draft);
  section.items.push({ span, order, content, offset: 0, size: 0 });
  if (content.kind === 'align') section.alignment = Math.max(section.alignment, content.alignment);
  if (content.kind === 'insn') {
    section.alignment = Math.max(section.alignment, 8);
    // LLVM would leave a section of code that was named without flags out of the program; nobody means that.
    if (!section.flagsGiven && section.flags === '') section.flags = 'ax';
  }
}

/** The symbol of this name, made known when it is new. */
export function symbolNamed(draft: Draft, name: string, range: TextRange): DraftSymbol {
  let symbol = draft.symbols.get(name);
  if (symbol === undefined) {
    symbol = {
      name,
      range,
      binding: 'local',
      declaredLocal: false,
      type: 'none',
      visibility: 'default',
      definition: undefined,
      size: undefined,
    };
    draft.symbols.set(name, symbol);
  }
  return symbol;
}
