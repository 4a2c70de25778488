// Addresses as text: dotted IPv4 and colon-separated IPv6, to and from four big-endian words.

import type { AddressWords } from './sock.ts';

/** Reads an IPv4 or IPv6 address; undefined when the text is neither. IPv4 becomes ::ffff:a.b.c.d. */
export function parseAddress(text: string): AddressWords | undefined {
  if (!text.includes(':')) {
    const v4 = parseV4(text);
    return v4 === undefined ? undefined : [0, 0, 0xffff, v4];
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const left = groups(halves[0]!);
  const right = halves.length === 2 ? groups(halves[1]!) : [];
  if (!left || !right) return undefined;
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...left, ...new Array<number>(Math.max(0, missing)).fill(0), ...right];
  const word = (i: number): number => ((all[2 * i]! << 16) | all[2 * i + 1]!) >>> 0;
  return [word(0), word(1), word(2), word(3)];
}

function parseV4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  const parts = match.slice(1).map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return ((parts[0]! << 24) | (parts[1]! << 16) | (parts[2]! << 8) | parts[3]!) >>> 0;
}

/** 16-bit groups of one side of "::"; the last may be dotted. */
function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const out: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part);
      if (v4 === undefined) return undefined;
      out.push(v4 >>> 16, v4 & 0xffff);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      out.push(Number.parseInt(part, 16));
    }
  }
  return out;
}

/** "10.0.0.1" or "2001:db8::1". */
export function formatAddress(address: AddressWords): string {
  if (address[0] === 0 && address[1] === 0 && address[2] === 0xffff) {
    const v4 = address[3];
    return `${v4 >>> 24}.${(v4 >>> 16) & 255}.${(v4 >>> 8) & 255}.${v4 & 255}`;
  }
  const parts = address.flatMap((word) => [word >>> 16, word & 0xffff]);
  let bestAt = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && parts[i + length] === 0) length++;
    if (bestLength < length) {
      bestAt = i;
      bestLength = length;
    }
  }
  const hex = (from: number, to: number): string =>
    parts
      .slice(from, to)
      .map((part) => part.toString(16))
      .join(':');
  return bestAt < 0 ? hex(0, 8) : `${hex(0, bestAt)}::${hex(bestAt + bestLength, 8)}`;
}
