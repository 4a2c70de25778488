// Parses the chunks of one text. A large function is parsed piece by piece, each block and each statement of a large block for itself:
// what stands in one says nothing about the next, so that a keystroke costs the statement that it is in, and a mistake that is being
// typed reaches no further.

import type { TextSpan } from '../base/index.ts';
import type { BlockStmt, Item, Stmt } from './ast.ts';
import { Converter, type Expansion } from './convert.ts';
import { convertItem } from './convert-items.ts';
import type { Annotation } from './mask.ts';
import type { CParser } from './parser.ts';
import type { Piece, PiecePool } from './piece-pool.ts';
import { innerBlocks, statementSpans } from './pieces.ts';
import { type RawNode, readNode } from './tree-reader.ts';

/** Lengths in characters from which on text is cut. */
export interface PieceSizes {
  /** A chunk or a statement: its blocks are parsed for themselves. */
  readonly withBlocks: number;
  /** The shortest such block. */
  readonly block: number;
  /** A block: each of its statements is parsed for itself. */
  readonly byStatement: number;
}

export const PIECE_SIZES: PieceSizes = { withBlocks: 1500, block: 200, byStatement: 600 };

export interface PieceSource {
  readonly text: string;
  readonly masked: string;
  annotationsBetween(start: number, end: number): readonly Annotation[];
  expand(use: TextSpan, name: string, isCall: boolean): Expansion | undefined;
}

interface Converted<T> {
  readonly nodes: readonly T[];
  readonly broken: boolean;
  readonly inner: readonly Piece[];
}

export class PieceParser {
  readonly #parser: CParser;
  readonly #source: PieceSource;
  readonly #pool: PiecePool;
  readonly #sizes: PieceSizes;

  constructor(parser: CParser, source: PieceSource, pool: PiecePool, sizes: PieceSizes) {
    this.#parser = parser;
    this.#source = source;
    this.#pool = pool;
    this.#sizes = sizes;
  }

  /** What the nodes of a span depend on. */
  keyOf(kind: 'chunk' | 'block' | 'statement', { start, end }: TextSpan): string {
    const { text, masked } = this.#source;
    // How a text was masked, and so what its annotations are, depends on what stands before it.
    const roles = this.#source.annotationsBetween(start, end).map((annotation) => annotation.role);
    return [kind, text.slice(start, end), masked.slice(start, end), ...roles].join('\0');
  }

  /** A chunk of the file, parsed. */
  chunk(key: string, span: TextSpan): Piece {
    const chunk = this.#source.masked.slice(span.start, span.end);
    const start = span.start + chunk.length - chunk.trimStart().length;
    if (start === span.end) return { key, nodes: [], broken: false, inner: [], from: span.start };
    const found = this.#withBlocks({ start, end: span.end }, (root, holes) => this.#items(root, holes, span.start));
    return { key, ...found, from: span.start };
  }

  /** Converts a span with its large blocks cut out; as a whole where those do not all come out as blocks. */
  #withBlocks<T>(
    span: TextSpan,
    convert: (root: RawNode, holes: Holes) => Converted<T>,
    kind: Wrap = 'bare',
  ): Converted<T> {
    const { masked } = this.#source;
    const { withBlocks, block } = this.#sizes;
    const blocks = span.end - span.start < withBlocks ? [] : innerBlocks(masked, span.start, span.end, block);
    if (blocks.length > 0) {
      const holes = new Holes(blocks, (at) => this.#block(at));
      const found = convert(this.#parse(span, blocks, kind), holes);
      if (holes.used === blocks.length)
        return { nodes: found.nodes, broken: found.broken || holes.broken, inner: holes.pieces };
    }
    return convert(this.#parse(span, [], kind), NO_HOLES);
  }

  /** Parses a span without what its holes hold, which would cost the parser time even as blanks. */
  #parse({ start, end }: TextSpan, holes: readonly TextSpan[], kind: Wrap): RawNode {
    const { masked } = this.#source;
    let text = kind === 'braces' ? '{' : '';
    let at = start;
    /** From which position of the parsed text on how much is to be added. */
    const breaks = [{ from: 0, add: start - text.length }];
    for (const hole of holes) {
      text += `${masked.slice(at, hole.start)}{}`;
      at = hole.end;
      breaks.push({ from: text.length, add: at - text.length });
    }
    text += masked.slice(at, end);
    const tree = this.#parser.parse(kind === 'braces' ? `${text}}` : text);
    const cursor = tree.walk();
    const root = readNode(cursor, (position) => {
      let index = breaks.length - 1;
      while (breaks[index]!.from > position) index--;
      return position + breaks[index]!.add;
    });
    cursor.delete();
    tree.delete();
    return root;
  }

  #converter(holes: Holes, annotationsIn: (span: TextSpan) => readonly Annotation[]): Converter {
    const source = this.#source;
    return new Converter({
      text: source.masked,
      annotationsIn,
      annotationAt: (offset) => source.annotationsBetween(offset, offset + 1)[0],
      expand: (use, name, isCall) => source.expand(use, name, isCall),
      blockAt: (node) => holes.blockAt(node),
    });
  }

  #items(root: RawNode, holes: Holes, chunkStart: number): Converted<Item> {
    let from = chunkStart;
    let itemStart = chunkStart;
    // What stands before an item, back to the end of the one before, belongs to it.
    const converter = this.#converter(holes, (span) =>
      this.#source.annotationsBetween(span.start === itemStart ? from : span.start, span.end),
    );
    const nodes: Item[] = [];
    let broken = false;
    for (const node of root.children) {
      itemStart = node.start;
      const item = convertItem(converter, node);
      from = node.end;
      if (item === undefined) continue;
      if (item.kind === 'function') nodes.push(item.broken || !holes.broken ? item : { ...item, broken: true });
      else nodes.push(node.broken ? { kind: 'broken', start: item.start, end: item.end } : item);
      broken ||=
        nodes[nodes.length - 1]!.kind === 'broken' || (item.kind === 'function' && (item.broken || holes.broken));
    }
    return { nodes, broken, inner: [] };
  }

  /** A block with its braces; one node. */
  #block(span: TextSpan): Piece {
    const key = this.keyOf('block', span);
    const known = this.#pool.take(key, span.start);
    if (known !== undefined) return known;
    const inside = { start: span.start + 1, end: span.end - 1 };
    const isLarge = span.end - span.start >= this.#sizes.byStatement;
    const spans = isLarge ? statementSpans(this.#source.masked, inside.start, inside.end) : [inside];
    const inner = spans.map((statement) => this.#statements(statement));
    const body = inner.flatMap((piece) => piece.nodes as readonly Stmt[]);
    const node: BlockStmt = { kind: 'block', start: span.start, end: span.end, body };
    return { key, nodes: [node], broken: inner.some((piece) => piece.broken), inner, from: span.start };
  }

  #statements(span: TextSpan): Piece {
    const key = this.keyOf('statement', span);
    const known = this.#pool.take(key, span.start);
    if (known !== undefined) return known;
    const found = this.#withBlocks(
      span,
      (root, holes) => {
        const converter = this.#converter(holes, ({ start, end }) => this.#source.annotationsBetween(start, end));
        const only = root.children.length === 1 ? root.children[0] : undefined;
        const nodes =
          only?.type === 'compound_statement'
            ? converter.statements(only)
            : // The braces around it did not come out as a block.
              [converter.stmt({ ...root, type: 'ERROR', start: span.start, end: span.end })];
        return { nodes, broken: root.broken, inner: [] };
      },
      'braces',
    );
    return { key, ...found, from: span.start };
  }
}

type Wrap = 'bare' | 'braces';

/** The blocks that were cut out of a text, for the converter to ask for. */
class Holes {
  readonly #ends: ReadonlyMap<number, number>;
  readonly #read: (span: TextSpan) => Piece;
  readonly pieces: Piece[] = [];
  broken = false;

  constructor(spans: readonly TextSpan[], read: (span: TextSpan) => Piece) {
    this.#ends = new Map(spans.map(({ start, end }) => [start, end]));
    this.#read = read;
  }

  get used(): number {
    return this.pieces.length;
  }

  blockAt({ start, end }: TextSpan): BlockStmt | undefined {
    if (this.#ends.get(start) !== end) return undefined;
    const piece = this.#read({ start, end });
    this.pieces.push(piece);
    this.broken ||= piece.broken;
    return piece.nodes[0] as BlockStmt;
  }
}

const NO_HOLES = new Holes([], () => {
  throw new RangeError('no blocks were cut out');
});
