// Bounded little- or big-endian reads over untrusted bytes. Reading past the end never throws: it gives zeros and sets `overrun`.

export class ByteReader {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  readonly #view: DataView;
  offset = 0;
  /** Set once a read went past the end; everything read from then on is zero. */
  overrun = false;

  constructor(bytes: Uint8Array, options: { readonly littleEndian?: boolean; readonly offset?: number } = {}) {
    this.bytes = bytes;
    this.littleEndian = options.littleEndian ?? true;
    this.offset = options.offset ?? 0;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return Math.max(0, this.bytes.length - this.offset);
  }

  #take(count: number): number | undefined {
    const at = this.offset;
    if (!(at >= 0 && count >= 0 && at + count <= this.bytes.length)) {
      this.overrun = true;
      return undefined;
    }
    this.offset = at + count;
    return at;
  }

  u8(): number {
    const at = this.#take(1);
    return at === undefined ? 0 : this.bytes[at]!;
  }

  u16(): number {
    const at = this.#take(2);
    return at === undefined ? 0 : this.#view.getUint16(at, this.littleEndian);
  }

  u32(): number {
    const at = this.#take(4);
    return at === undefined ? 0 : this.#view.getUint32(at, this.littleEndian);
  }

  i32(): number {
    return this.u32() | 0;
  }

  u64(): bigint {
    const at = this.#take(8);
    return at === undefined ? 0n : this.#view.getBigUint64(at, this.littleEndian);
  }

  /** A 64-bit value as a number; values above 2^53 set `overrun` and give 0, since no offset or size can be that large. */
  size64(): number {
    const value = this.u64();
    if (value > 0x1f_ffff_ffff_ffffn) {
      this.overrun = true;
      return 0;
    }
    return Number(value);
  }

  uleb128(): bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      result |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return BigInt.asUintN(64, result);
    }
    this.overrun = true;
    return 0n;
  }

  sleb128(): bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      result |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) {
        return BigInt.asIntN(64, (byte & 0x40) !== 0 ? result - (1n << (shift + 7n)) : result);
      }
    }
    this.overrun = true;
    return 0n;
  }

  /** A view of the next `count` bytes, empty when they are not all there. */
  slice(count: number): Uint8Array {
    const at = this.#take(count);
    return at === undefined ? new Uint8Array(0) : this.bytes.subarray(at, at + count);
  }

  /** NUL-terminated string; one that is not terminated sets `overrun`. */
  cstring(): string {
    const end = this.bytes.indexOf(0, this.offset);
    if (end < 0 || this.offset < 0) {
      this.overrun = true;
      return '';
    }
    const text = decodeUtf8(this.bytes.subarray(this.offset, end));
    this.offset = end + 1;
    return text;
  }
}

/** UTF-8 to string; invalid sequences become U+FFFD. (The core has no TextDecoder, by design.) */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i]!;
    const length =
      first < 0x80
        ? 1
        : first >= 0xc2 && first < 0xe0
          ? 2
          : first >= 0xe0 && first < 0xf0
            ? 3
            : first >= 0xf0 && first < 0xf5
              ? 4
              : 0;
    let codePoint = length === 1 ? first : first & (0x7f >> length);
    let ok = length > 0 && i + length <= bytes.length;
    for (let j = 1; ok && j < length; j++) {
      const next = bytes[i + j]!;
      ok = (next & 0xc0) === 0x80;
      codePoint = (codePoint << 6) | (next & 0x3f);
    }
    ok &&=
      length < 3 ||
      (codePoint >= (length === 3 ? 0x800 : 0x10000) &&
        codePoint <= 0x10ffff &&
        (codePoint < 0xd800 || codePoint > 0xdfff));
    text += ok ? String.fromCodePoint(codePoint) : '\ufffd';
    i += ok ? length : 1;
  }
  return text;
}

/** String to UTF-8; lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const out: number[] = [];
  for (const character of text) {
    let c = character.codePointAt(0)!;
    if (c >= 0xd800 && c <= 0xdfff) c = 0xfffd;
    if (c < 0x80) out.push(c);
    else if (c < 0x800) out.push(0xc0 | (c >> 6), 0x80 | (c & 63));
    else if (c < 0x10000) out.push(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
    else out.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
  }
  return Uint8Array.from(out);
}

/** Lower-case hex without separators. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += (byte < 16 ? '0' : '') + byte.toString(16);
  return text;
}

/** Bytes of a hex string; spaces and colons between bytes are allowed. Undefined when the text is not hex. */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/[\s:]+/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}
