// Positions in text. Everything inside Sockscope counts UTF-16 code units from 0; only dap/ and cli/ turn lines into 1-based ones.

/** Half-open range of UTF-16 offsets in one text. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** A place in a text: `line0` and `column0` count from 0, columns in UTF-16 code units. */
export interface TextPosition {
  readonly line0: number;
  readonly column0: number;
}

/** Half-open range between two positions of one text. */
export interface TextRange {
  readonly start: TextPosition;
  readonly end: TextPosition;
}

/** Translates between offsets and positions; understands LF, CRLF and lone CR line ends. */
export class LineIndex {
  readonly #starts: number[];
  readonly #length: number;

  constructor(text: string) {
    const starts = [0];
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
    }
    this.#starts = starts;
    this.#length = text.length;
  }

  /** Number of lines, at least 1. */
  get lineCount(): number {
    return this.#starts.length;
  }

  /** Offset of the first code unit of a line; lines past the end give the length of the text. */
  lineStart(line0: number): number {
    return line0 < 0 ? 0 : (this.#starts[line0] ?? this.#length);
  }

  /** Position of an offset; offsets outside the text are clamped. */
  position(offset: number): TextPosition {
    const clamped = Math.max(0, Math.min(offset, this.#length));
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= clamped) low = middle;
      else high = middle - 1;
    }
    return { line0: low, column0: clamped - this.#starts[low]! };
  }

  /** Offset of a position; a column past the end of its line is clamped to the start of the next line. */
  offset(position: TextPosition): number {
    const start = this.lineStart(position.line0);
    const next = this.lineStart(position.line0 + 1);
    return Math.min(start + Math.max(0, position.column0), next, this.#length);
  }

  /** Range of a span. */
  range(span: TextSpan): TextRange {
    return { start: this.position(span.start), end: this.position(span.end) };
  }
}
