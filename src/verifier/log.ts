// The verifier log: pieces of text with positions to roll back to, since the kernel forgets what it wrote about paths that
// turned out well (log level 1). Bounded: when it grows too large the oldest half goes, as in the kernel's rotating log.

const LIMIT = 48 << 20;

export class Log {
  readonly level: 0 | 1 | 2;
  #parts: string[] = [];
  #length = 0;
  /** Pieces dropped from the front; positions count them. */
  #dropped = 0;
  /** Position right after the newest instruction, and its length with the newline. */
  #afterInsn = -1;
  #insnLength = 0;

  constructor(level: 0 | 1 | 2) {
    this.level = level;
  }

  get on(): boolean {
    return this.level > 0;
  }

  /** A position for `rollBack`. */
  get position(): number {
    return this.#dropped + this.#parts.length;
  }

  write(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length > LIMIT) this.#halve();
  }

  /** Writes the line of an instruction, so that `appendState` can put the state behind it. */
  writeInsn(slot: number, text: string): void {
    const line = `${slot}: ${text}\n`;
    this.write(line);
    this.#afterInsn = this.position;
    // The kernel aligns by the length of the line without the number's own column, measured in its buffer.
    this.#insnLength = line.length;
  }

  /** Puts a state behind the instruction just written, or on a line of its own when something came between. */
  appendState(slot: number, text: string): void {
    if (this.#afterInsn === this.position) {
      const line = this.#parts.pop()!;
      // The newline becomes the first of the padding; a rolled back log shows it as a blank.
      this.#parts.push(`${line.slice(0, -1)} `, `${' '.repeat(padding(this.#insnLength) - 1)};${text}\n`);
      this.#afterInsn = -1;
      return;
    }
    this.write(`${slot}:${text}\n`);
  }

  rollBack(position: number): void {
    const keep = Math.max(0, position - this.#dropped);
    if (keep < this.#parts.length) this.#parts.length = keep;
  }

  get text(): string {
    return this.#parts.join('');
  }

  #halve(): void {
    const half = this.#parts.length >> 1;
    for (let i = 0; i < half; i++) this.#length -= this.#parts[i]!.length;
    this.#parts = this.#parts.slice(half);
    this.#dropped += half;
  }
}

/** Columns up to the semicolon: the line is padded to 40, in steps of 8. */
function padding(length: number): number {
  const wanted = Math.max(length + 4, 40);
  return Math.ceil(wanted / 8) * 8 - length - 1;
}
