// The port through which a tree-sitter C parser comes in. Shaped after web-tree-sitter so that its objects fit as they are; who
// loads the WebAssembly is host/tree-sitter.ts.

/** Walks a tree without making an object per node. Offsets are UTF-16 code units. */
export interface SyntaxCursor {
  readonly nodeType: string;
  readonly nodeIsNamed: boolean;
  readonly nodeIsMissing: boolean;
  readonly currentFieldName: string | null;
  readonly startIndex: number;
  readonly endIndex: number;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
  delete(): void;
}

export interface SyntaxTree {
  walk(): SyntaxCursor;
  delete(): void;
}

export interface CParser {
  /** Parses a text from nothing: how it recovers from an error then depends on the text alone. */
  parse(text: string): SyntaxTree;
}
