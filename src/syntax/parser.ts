// The port through which a tree-sitter C parser comes in. Shaped after web-tree-sitter so that its objects fit as they are; who
// loads the WebAssembly is host/tree-sitter.ts.

/** A place in a text as tree-sitter counts it; only `edit` needs it. */
export interface TreePoint {
  readonly row: number;
  readonly column: number;
}

export interface TreeEdit {
  readonly startIndex: number;
  readonly oldEndIndex: number;
  readonly newEndIndex: number;
  readonly startPosition: TreePoint;
  readonly oldEndPosition: TreePoint;
  readonly newEndPosition: TreePoint;
}

/** Walks a tree without making an object per node. Offsets are UTF-16 code units. */
export interface SyntaxCursor {
  readonly nodeType: string;
  /** Makes an object; for the few nodes of the top level only. */
  readonly currentNode: { readonly hasError: boolean };
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
  readonly rootNode: { readonly hasError: boolean };
  edit(edit: TreeEdit): void;
  walk(): SyntaxCursor;
  delete(): void;
}

export interface CParser {
  /** Parses `text`, reusing what it can of `previous`, to which edits must have been applied. */
  parse(text: string, previous?: SyntaxTree): SyntaxTree;
}
