// One C file as the checks see it: text, macros, items, annotations. `update` takes a new text and reuses the tree and every item
// whose text did not change; the result is the same as that of a fresh file, which a property test holds it to.
// The old items belong to the new version after an update: nobody may keep nodes across it.

import { LineIndex, type TextSpan } from '../base/index.ts';
import type { FunctionItem, Item } from './ast.ts';
import { Converter } from './convert.ts';
import { convertItem } from './convert-items.ts';
import { expandedText, MacroExpander } from './expand.ts';
import { lex } from './lexer.ts';
import { type Annotation, mask } from './mask.ts';
import type { CParser, SyntaxTree, TreePoint } from './parser.ts';
import { type Macro, type Preprocessed, preprocess } from './preprocess.ts';
import { shiftSpans } from './spans.ts';
import { readNode } from './tree-reader.ts';

interface CachedItem {
  readonly item: Item | undefined;
  readonly from: number;
}

export class CFile {
  readonly #parser: CParser;
  #text = '';
  #masked = '';
  #tree: SyntaxTree | undefined;
  #pre!: Preprocessed;
  #annotations: readonly Annotation[] = [];
  #items: readonly Item[] = [];
  #generated: readonly Item[] = [];
  #cache = new Map<string, CachedItem[]>();
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
    const tree = this.#parse(masked);
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
    this.#tree = tree;
    this.#readItems(tree);
    this.#generated = this.#generate();
  }

  /** Frees the tree; the file must not be updated after it. */
  dispose(): void {
    this.#tree?.delete();
    this.#tree = undefined;
  }

  #parse(masked: string): SyntaxTree {
    const previous = this.#tree;
    if (previous === undefined) return this.#parser.parse(masked);
    if (masked === this.#masked) return previous;
    const old = this.#masked;
    let start = 0;
    const limit = Math.min(old.length, masked.length);
    while (start < limit && old.charCodeAt(start) === masked.charCodeAt(start)) start++;
    let tail = 0;
    while (
      tail < limit - start &&
      old.charCodeAt(old.length - 1 - tail) === masked.charCodeAt(masked.length - 1 - tail)
    )
      tail++;
    previous.edit({
      startIndex: start,
      oldEndIndex: old.length - tail,
      newEndIndex: masked.length - tail,
      startPosition: pointAt(old, start),
      oldEndPosition: pointAt(old, old.length - tail),
      newEndPosition: pointAt(masked, masked.length - tail),
    });
    const tree = this.#parser.parse(masked, previous);
    previous.delete();
    if (!tree.rootNode.hasError) return tree;
    // How the parser recovers from an error depends on what it could reuse; a fresh parse does not.
    tree.delete();
    return this.#parser.parse(masked);
  }

  #readItems(tree: SyntaxTree): void {
    const next = new Map<string, CachedItem[]>();
    const items: Item[] = [];
    const byStart = new Map(this.#annotations.map((annotation) => [annotation.start, annotation]));
    let from = 0;
    const converter = new Converter({
      text: this.#masked,
      // What stands before an item, back to the end of the one before, belongs to it.
      annotationsIn: (span) => this.#annotationsBetween(span.start === this.#itemStart ? from : span.start, span.end),
      annotationAt: (offset) => byStart.get(offset),
      expand: (use, name, isCall) => this.#expander.expand(this.#text, use, name, isCall),
    });
    const hasErrors = tree.rootNode.hasError;
    this.#hasErrors = false;
    const cursor = tree.walk();
    if (cursor.gotoFirstChild()) {
      do {
        const end = cursor.endIndex;
        const key = `${cursor.nodeType}\0${this.#text.slice(from, end)}`;
        // What stands in a node with an error depends on more than its own text.
        const hasError = hasErrors && cursor.currentNode.hasError;
        const cached = hasError ? undefined : this.#cache.get(key)?.pop();
        let item: Item | undefined;
        if (cached !== undefined) {
          item = cached.item;
          if (item !== undefined && from !== cached.from) shiftSpans(item, from - cached.from);
        } else {
          const node = readNode(cursor);
          this.#itemStart = node.start;
          item = convertItem(converter, node);
          if (node.broken && item !== undefined && item.kind !== 'function')
            item = { kind: 'broken', start: item.start, end: item.end };
        }
        if (item !== undefined) {
          items.push(item);
          if (item.kind === 'broken' || (item as { broken?: boolean }).broken === true) this.#hasErrors = true;
        }
        const list = next.get(key);
        if (!hasError) {
          if (list === undefined) next.set(key, [{ item, from }]);
          else list.push({ item, from });
        }
        from = end;
      } while (cursor.gotoNextSibling());
    }
    cursor.delete();
    this.#cache = next;
    this.#items = items;
  }

  #itemStart = 0;

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

function pointAt(text: string, offset: number): TreePoint {
  let row = 0;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    row++;
    lineStart = at + 1;
  }
  return { row, column: offset - lineStart };
}
