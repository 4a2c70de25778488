// One C file as the checks see it: text, macros, items, annotations. Every top-level chunk is parsed by itself and kept by its text, so
// `update` costs what changed; the result is the same as that of a fresh file, which a property test holds it to.
// The old items belong to the new version after an update: nobody may keep nodes across it.

import { LineIndex, type TextSpan } from '../base/index.ts';
import type { FunctionItem, Item } from './ast.ts';
import { topLevelChunks } from './chunks.ts';
import { Converter } from './convert.ts';
import { convertItem } from './convert-items.ts';
import { expandedText, MacroExpander } from './expand.ts';
import { lex } from './lexer.ts';
import { type Annotation, mask } from './mask.ts';
import type { CParser } from './parser.ts';
import { type Macro, type Preprocessed, preprocess } from './preprocess.ts';
import { shiftSpans } from './spans.ts';
import { readNode } from './tree-reader.ts';

/** What one chunk of the text holds; `from` is where it began when its spans were last set. */
interface CachedChunk {
  readonly items: readonly Item[];
  readonly from: number;
}

export class CFile {
  readonly #parser: CParser;
  #text = '';
  #masked = '';
  #pre!: Preprocessed;
  #annotations: readonly Annotation[] = [];
  #items: readonly Item[] = [];
  #generated: readonly Item[] = [];
  #cache = new Map<string, CachedChunk[]>();
  #macroKey = '';
  #expander!: MacroExpander;
  #lines: LineIndex | undefined;
  #hasErrors = false;

  constructor(parser: CParser, text: string) {
    this.#parser = parser;
    this.update(text);
  }

  get text(): string {
    return this.#text;
  }
  /** The text that was parsed, of the same length. */
  get maskedText(): string {
    return this.#masked;
  }
  get lines(): LineIndex {
    this.#lines ??= new LineIndex(this.#text);
    return this.#lines;
  }
  get items(): readonly Item[] {
    return this.#items;
  }
  /** Items that macros of the file stand for; their spans are those of the use. */
  get generatedItems(): readonly Item[] {
    return this.#generated;
  }
  get annotations(): readonly Annotation[] {
    return this.#annotations;
  }
  get macros(): ReadonlyMap<string, Macro> {
    return this.#pre.macros;
  }
  get preprocessed(): Preprocessed {
    return this.#pre;
  }
  /** Whether the parser met anything that is no C. */
  get hasErrors(): boolean {
    return this.#hasErrors;
  }

  get functions(): readonly FunctionItem[] {
    return this.#items.filter((item) => item.kind === 'function');
  }

  /** Replaces the text. */
  update(text: string): void {
    const pre = preprocess(text);
    const { text: masked, annotations } = mask(text, pre);
    const macroKey = [...pre.macros.values()]
      .map((macro) => `${macro.name}(${macro.parameters?.join(',') ?? '-'}${macro.variadic}) ${macro.bodyText}`)
      .join('\n');
    if (macroKey !== this.#macroKey || this.#expander === undefined) {
      this.#cache.clear();
      this.#macroKey = macroKey;
      this.#expander = new MacroExpander(this.#parser, pre.macros);
    }
    this.#text = text;
    this.#masked = masked;
    this.#pre = pre;
    this.#annotations = annotations;
    this.#lines = undefined;
    this.#readItems();
    this.#generated = this.#generate();
  }

  #readItems(): void {
    const next = new Map<string, CachedChunk[]>();
    const items: Item[] = [];
    this.#hasErrors = false;
    for (const { start, end } of topLevelChunks(this.#masked)) {
      // How a text was masked, and so what its annotations are, depends on what stands before it.
      const roles = this.#annotationsBetween(start, end).map((annotation) => annotation.role);
      const key = [this.#text.slice(start, end), this.#masked.slice(start, end), ...roles].join('\0');
      const cached = this.#cache.get(key)?.pop();
      const found = cached?.items ?? this.#parseChunk(start, end);
      if (cached !== undefined && cached.from !== start) shiftSpans(found, start - cached.from);
      for (const item of found) {
        items.push(item);
        if (item.kind === 'broken' || (item.kind === 'function' && item.broken)) this.#hasErrors = true;
      }
      const list = next.get(key);
      if (list === undefined) next.set(key, [{ items: found, from: start }]);
      else list.push({ items: found, from: start });
    }
    this.#cache = next;
    this.#items = items;
  }

  #parseChunk(start: number, end: number): readonly Item[] {
    const chunk = this.#masked.slice(start, end);
    const indent = chunk.length - chunk.trimStart().length;
    if (indent === chunk.length) return [];
    const tree = this.#parser.parse(chunk.slice(indent));
    const cursor = tree.walk();
    const root = readNode(cursor, start + indent);
    cursor.delete();
    tree.delete();
    let from = start;
    let itemStart = start;
    const converter = new Converter({
      text: this.#masked,
      // What stands before an item, back to the end of the one before, belongs to it.
      annotationsIn: (span) => this.#annotationsBetween(span.start === itemStart ? from : span.start, span.end),
      annotationAt: (offset) => this.#annotationsBetween(offset, offset + 1)[0],
      expand: (use, name, isCall) => this.#expander.expand(this.#text, use, name, isCall),
    });
    const items: Item[] = [];
    for (const node of root.children) {
      itemStart = node.start;
      const item = convertItem(converter, node);
      if (item !== undefined)
        items.push(
          node.broken && item.kind !== 'function' ? { kind: 'broken', start: item.start, end: item.end } : item,
        );
      from = node.end;
    }
    return items;
  }

  #annotationsBetween(start: number, end: number): readonly Annotation[] {
    const all = this.#annotations;
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (all[middle]!.start < start) low = middle + 1;
      else high = middle;
    }
    let last = low;
    while (last < all.length && all[last]!.start < end) last++;
    return all.slice(low, last);
  }

  /** Parses what declaration macros of the file stand for. */
  #generate(): readonly Item[] {
    const out: Item[] = [];
    for (const use of this.#annotations) {
      const macro = use.role === 'declaration' ? this.#pre.macros.get(use.name) : undefined;
      if (macro === undefined || macro.parameters === undefined) continue;
      const text = `${expandedText(macro, use.args)};`;
      const inner = new CFileText(this.#parser, text, this.#pre.macros).items();
      for (const item of inner) out.push(replaceSpans(item, use));
    }
    return out;
  }
}

/** A one-off parse of a generated text. */
class CFileText {
  readonly #parser: CParser;
  readonly #text: string;
  readonly #macros: ReadonlyMap<string, Macro>;

  constructor(parser: CParser, text: string, macros: ReadonlyMap<string, Macro>) {
    this.#parser = parser;
    this.#text = text;
    this.#macros = macros;
  }

  items(): Item[] {
    const lexed = lex(this.#text);
    const pre: Preprocessed = { ...preprocess(this.#text, lexed), macros: this.#macros };
    const masked = mask(this.#text, pre);
    const tree = this.#parser.parse(masked.text);
    const cursor = tree.walk();
    const root = readNode(cursor);
    cursor.delete();
    tree.delete();
    if (root.broken) return [];
    let from = 0;
    const items: Item[] = [];
    for (const node of root.children) {
      const start = from;
      const converter = new Converter({
        text: masked.text,
        annotationsIn: (span) =>
          masked.annotations.filter(
            (note) => note.start >= (span.start === node.start ? start : span.start) && note.start < span.end,
          ),
        annotationAt: (offset) => masked.annotations.find((note) => note.start === offset),
        expand: () => undefined,
      });
      const item = convertItem(converter, node);
      if (item !== undefined) items.push(item);
      from = node.end;
    }
    return items;
  }
}

function replaceSpans(item: Item, by: TextSpan): Item {
  const copy = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(copy);
    const out: Record<string, unknown> = {};
    for (const key in value) out[key] = copy((value as Record<string, unknown>)[key]);
    if (typeof out['start'] === 'number') {
      out['start'] = by.start;
      out['end'] = by.end;
    }
    return out;
  };
  return copy(item) as Item;
}
