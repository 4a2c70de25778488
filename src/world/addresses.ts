// IP addresses between text, bytes and the words in which a context field shows them.

/** Four or sixteen bytes in network order; undefined for a text that is no address. */
export function addressBytes(text: string): Uint8Array | undefined {
  const quad = quadBytes(text);
  if (quad !== undefined) return quad;
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(':')) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [front, back] = halves.map(wordBytes);
  if (front === undefined || (halves.length === 2 && back === undefined)) return undefined;
  const tail = back ?? [];
  if (halves.length === 1 ? front.length !== 16 : front.length + tail.length > 14) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(front, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

function wordBytes(half: string): number[] | undefined {
  if (half === '') return [];
  const words = half.split(':');
  const bytes: number[] = [];
  for (const [index, word] of words.entries()) {
    const quad = index === words.length - 1 ? quadBytes(word) : undefined;
    if (quad !== undefined) bytes.push(...quad);
    else if (/^[0-9a-fA-F]{1,4}$/.test(word))
      bytes.push(Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 255);
    else return undefined;
  }
  return bytes;
}

function quadBytes(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return Uint8Array.from(parts, Number);
}

/** "10.0.0.1", or "fd00::1" as RFC 5952 writes it. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return [...bytes].join('.');
  const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return `::ffff:${[...bytes.subarray(12, 16)].join('.')}`;
  const words = Array.from({ length: 8 }, (_, index) => (bytes[2 * index]! << 8) | bytes[2 * index + 1]!);
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (list: readonly number[]) => list.map((word) => word.toString(16)).join(':');
  if (best.start < 0) return hex(words);
  return `${hex(words.slice(0, best.start))}::${hex(words.slice(best.start + best.length))}`;
}

/** The bytes of 32-bit words as a little-endian program loads them. */
export function wordsToBytes(words: readonly number[]): Uint8Array {
  return Uint8Array.from(words.flatMap((word) => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24]));
}

/** The 32-bit words of bytes as a little-endian program loads them. */
export function bytesToWords(bytes: Uint8Array): number[] {
  return Array.from(
    { length: bytes.length >> 2 },
    (_, i) => (bytes[4 * i]! | (bytes[4 * i + 1]! << 8) | (bytes[4 * i + 2]! << 16) | (bytes[4 * i + 3]! << 24)) >>> 0,
  );
}
