// Parsed pieces of a text that is gone, for the next one to use again. A piece inside another belongs to one of the two: who takes
// the outer one has the inner ones too.

import type { Item, Stmt } from './ast.ts';
import { shiftSpans } from './spans.ts';

/** A chunk of the file, a block or a statement, parsed by itself. */
export interface Piece {
  /** What its nodes depend on: its text, and how it was masked. */
  readonly key: string;
  readonly nodes: readonly (Item | Stmt)[];
  /** Whether the parser met anything that is no C. */
  readonly broken: boolean;
  /** Pieces of which its nodes hold the nodes. */
  readonly inner: readonly Piece[];
  /** Where it stood when its spans were last set. */
  from: number;
}

interface Offer {
  readonly piece: Piece;
  readonly outer: Offer | undefined;
  readonly inner: Offer[];
  isGone: boolean;
}

export class PiecePool {
  readonly #offers = new Map<string, Offer[]>();

  /** Offers the pieces inside of one that is not wanted as a whole. */
  dissolve(piece: Piece): void {
    for (const inner of piece.inner) this.#offer(inner, undefined);
  }

  #offer(piece: Piece, outer: Offer | undefined): void {
    const offer: Offer = { piece, outer, inner: [], isGone: false };
    outer?.inner.push(offer);
    const list = this.#offers.get(piece.key);
    if (list === undefined) this.#offers.set(piece.key, [offer]);
    else list.push(offer);
    for (const inner of piece.inner) this.#offer(inner, offer);
  }

  /** A piece of this key, its spans set for a place at `start`. */
  take(key: string, start: number): Piece | undefined {
    const list = this.#offers.get(key);
    for (let offer = list?.pop(); offer !== undefined; offer = list?.pop()) {
      if (offer.isGone) continue;
      for (let outer = offer.outer; outer !== undefined; outer = outer.outer) outer.isGone = true;
      withdraw(offer);
      placePiece(offer.piece, start);
      return offer.piece;
    }
    return undefined;
  }
}

function withdraw(offer: Offer): void {
  offer.isGone = true;
  for (const inner of offer.inner) withdraw(inner);
}

/** Moves a piece to another place of the text. */
export function placePiece(piece: Piece, start: number): void {
  const delta = start - piece.from;
  if (delta === 0) return;
  shiftSpans(piece.nodes, delta);
  movePiece(piece, delta);
}

function movePiece(piece: Piece, delta: number): void {
  piece.from += delta;
  for (const inner of piece.inner) movePiece(inner, delta);
}
