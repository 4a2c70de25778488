// One C file as the checks see it: text, macros, items, annotations. Every top-level chunk, and every piece of a large one, is parsed
// by itself and kept by its text, so `update` costs what changed; the result is the same as that of a fresh file, which a property test holds it to.
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
import { PIECE_SIZES, PieceParser, type PieceSizes } from './piece-parser.ts';
import { type Piece, PiecePool, placePiece } from './piece-pool.ts';
import { type Macro, type Preprocessed, preprocess } from './preprocess.ts';
import { readNode } from './tree-reader.ts';

export class CFile {
  readonly #parser: CParser;
  #text = '';
  #masked = '';
  #pre!: Preprocessed;
  #annotations: readonly Annotation[] = [];
  #items: readonly Item[] = [];
  #generated: readonly Item[] = [];
  readonly #sizes: PieceSizes;
  #pieces: readonly Piece[] = [];
  #macroKey = '';
  #expander!: MacroExpander;
  #lines: LineIndex | undefined;
  #hasErrors = false;

  constructor(parser: CParser, text: string, sizes: PieceSizes = PIECE_SIZES) {
    this.#parser = parser;
    this.#sizes = sizes;
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
      this.#pieces = [];
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
    const pool = new PiecePool();
    const parser = new PieceParser(
      this.#parser,
      {
        text: this.#text,
        masked: this.#masked,
        annotationsBetween: (start, end) => this.#annotationsBetween(start, end),
        expand: (use, name, isCall) => this.#expander.expand(this.#text, use, name, isCall),
      },
      pool,
      this.#sizes,
    );
    const known = new Map<string, Piece[]>();
    for (const piece of this.#pieces) {
      const list = known.get(piece.key);
      if (list === undefined) known.set(piece.key, [piece]);
      else list.push(piece);
    }
    const found = topLevelChunks(this.#masked).map((span) => {
      const key = parser.keyOf('chunk', span);
      return { key, span, kept: known.get(key)?.pop() };
    });
    // Of chunks that are no longer there, the pieces that are.
    for (const list of known.values()) for (const piece of list) pool.dissolve(piece);
    this.#pieces = found.map(({ key, span, kept }) => {
      if (kept === undefined) return parser.chunk(key, span);
      placePiece(kept, span.start);
      return kept;
    });
    this.#items = this.#pieces.flatMap((piece) => piece.nodes as readonly Item[]);
    this.#hasErrors = this.#pieces.some((piece) => piece.broken);
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
