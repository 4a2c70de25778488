// The kernel's formatted printing as BPF programs reach it: first the check of the format (kernel/bpf/helpers.c
// bpf_bprintf_prepare), then the printing (lib/vsprintf.c). Arguments are 64-bit words; strings and addresses are read
// through `read`. Texts in here are byte strings: one character for each byte. Compared with a kernel, format by format.

import { EINVAL } from '../errno.ts';

export interface PrintfSource {
  /** The i-th argument word, unsigned. */
  word(index: number): bigint;
  readonly words: number;
  /** Up to `length` bytes at an address; undefined when the first of them is not there. */
  read(address: bigint, length: number): Uint8Array | undefined;
}

export type Formatted =
  | { readonly ok: true; readonly bytes: Uint8Array }
  /** A negative errno: a conversion that the kernel does not take, or more of them than arguments. */
  | { readonly ok: false; readonly errno: number };

/** Longest string that %s copies (kernel/bpf/helpers.c MAX_BPRINTF_BUF). */
const STRING_LIMIT = 1024;
/** Wider columns than any output buffer are cut to this. */
const WIDTH_LIMIT = 1 << 16;

interface Conversion {
  readonly left: boolean;
  readonly zero: boolean;
  readonly plus: boolean;
  readonly space: boolean;
  readonly width: number;
}

/**
 * What a kernel's check lets through. `plain`: the little of kernels before 5.13. `ascii`: everything, in 7 bits. `utf8`: bytes
 * above 127 between the conversions as well.
 */
export type FormatDialect = 'plain' | 'ascii' | 'utf8';

/** Formats; `format` is the text up to its NUL. */
export function formatBpf(format: Uint8Array, source: PrintfSource, dialect: FormatDialect = 'utf8'): Formatted {
  const bad: Formatted = { ok: false, errno: EINVAL };
  if (dialect === 'plain' && !isPlain(format)) return bad;
  let text = '';
  let argument = 0;
  const at = (i: number): string => String.fromCharCode(format[i] ?? 0);
  for (let i = 0; i < format.length; i++) {
    const byte = format[i]!;
    const printable = (byte >= 32 && byte < 127) || (byte >= 9 && byte <= 13) || (byte >= 128 && dialect === 'utf8');
    if (!printable) return bad;
    if (byte !== 0x25) {
      text += at(i);
      continue;
    }
    if (at(i + 1) === '%') {
      text += '%';
      i++;
      continue;
    }
    if (argument >= source.words) return bad;
    i++;
    let left = false;
    let zero = false;
    let plus = false;
    let space = false;
    // The BPF check lets these flags through, and '#' not.
    for (; '0+- '.includes(at(i)) && i < format.length; i++) {
      if (at(i) === '-') left = true;
      else if (at(i) === '0') zero = true;
      else if (at(i) === '+') plus = true;
      else space = true;
    }
    let width = 0;
    // An int that overflows, as there; a negative width pads nothing.
    while (at(i) >= '0' && at(i) <= '9') width = (Math.imul(width, 10) + Number(at(i++))) | 0;
    const conversion: Conversion = { left, zero, plus, space, width: Math.min(width, WIDTH_LIMIT) };
    const letter = at(i);
    const word = BigInt.asUintN(64, source.word(argument++));
    if (letter === 'p') {
      const pointer = formatPointer(format, i, word, conversion, source);
      if (pointer === undefined) return bad;
      text += pointer.text;
      i = pointer.last;
      continue;
    }
    if (letter === 's') {
      if (isAlphanumeric(format[i + 1])) return bad;
      text += padded(stringAt(source, word), { ...conversion, zero: false });
      continue;
    }
    if (letter === 'c') {
      text += padded(String.fromCharCode(Number(word & 0xffn)), { ...conversion, zero: false });
      continue;
    }
    let bits = 32;
    if (letter === 'l') {
      bits = 64;
      i++;
      if (at(i) === 'l') i++;
    }
    const number = formatNumber(at(i), bits, word, conversion);
    if (number === undefined) return bad;
    text += number;
  }
  return { ok: true, bytes: Uint8Array.from(text, (character) => character.charCodeAt(0)) };
}

/** The check of kernels before 5.13: three kinds of conversions and at most one string. */
function isPlain(format: Uint8Array): boolean {
  const text = byteString(format);
  const conversions = text.match(/%.?/g) ?? [];
  const plain = text.match(/%(?:l{0,2}[diux]|p(?:[ku]s|B)?(?![0-9A-Za-z])|s(?![0-9A-Za-z]))/g) ?? [];
  const strings = plain.filter((each) => each.endsWith('s'));
  return conversions.length === plain.length && strings.length <= 1;
}

function formatNumber(letter: string, bits: number, word: bigint, conversion: Conversion): string | undefined {
  const unsigned = BigInt.asUintN(bits, word);
  switch (letter) {
    case 'd':
    case 'i': {
      const value = BigInt.asIntN(bits, word);
      const sign = value < 0n ? '-' : conversion.plus ? '+' : conversion.space ? ' ' : '';
      return padded((value < 0n ? -value : value).toString(), conversion, sign);
    }
    case 'u':
      return padded(unsigned.toString(), conversion);
    case 'x':
      return padded(unsigned.toString(16), conversion);
    case 'X':
      return padded(unsigned.toString(16).toUpperCase(), conversion);
    default:
      return undefined;
  }
}

function padded(body: string, conversion: Conversion, sign = ''): string {
  const missing = conversion.width - body.length - sign.length;
  if (missing <= 0) return sign + body;
  if (conversion.left) return sign + body + ' '.repeat(missing);
  return conversion.zero ? sign + '0'.repeat(missing) + body : ' '.repeat(missing) + sign + body;
}

function stringAt(source: PrintfSource, address: bigint): string {
  const bytes = source.read(address, STRING_LIMIT);
  if (bytes === undefined) return '';
  const end = bytes.indexOf(0);
  return byteString(end < 0 ? bytes : bytes.subarray(0, end));
}

const byteString = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

const isAlphanumeric = (byte: number | undefined): boolean =>
  byte !== undefined && /[0-9A-Za-z]/.test(String.fromCharCode(byte));

/** %p and its relatives; `p` stands at index `at`. */
function formatPointer(
  format: Uint8Array,
  at: number,
  word: bigint,
  conversion: Conversion,
  source: PrintfSource,
): { readonly text: string; readonly last: number } | undefined {
  const next = String.fromCharCode(format[at + 1] ?? 0);
  const afterNext = String.fromCharCode(format[at + 2] ?? 0);
  // Without a width an address has 16 digits; with one it is printed like any other number.
  const digits = (value: bigint): string => {
    const hex = value.toString(16);
    return conversion.width === 0 ? hex.padStart(16, '0') : padded(hex, conversion);
  };
  switch (next) {
    case 'x':
      return { text: digits(word), last: at + 1 };
    case 'K':
      return { text: digits(hashed(word)), last: at + 1 };
    case 's':
    case 'S':
    case 'B':
      // No symbol table behind the machine: an address without a symbol is printed as a number.
      return { text: padded(`0x${word.toString(16)}`, { ...conversion, zero: false }), last: at + 1 };
    case 'k':
    case 'u': {
      if (afterNext !== 's' || isAlphanumeric(format[at + 3])) return undefined;
      const text = next === 'k' ? stringAt(source, word) : '';
      return { text: padded(text, { ...conversion, zero: false }), last: at + 2 };
    }
    case 'i':
    case 'I': {
      if (afterNext !== '4' && afterNext !== '6') return undefined;
      const bytes = source.read(word, afterNext === '4' ? 4 : 16) ?? new Uint8Array(0);
      const whole = new Uint8Array(afterNext === '4' ? 4 : 16);
      whole.set(bytes.subarray(0, whole.length));
      // The printing stage skips every letter and digit behind a pointer format.
      let last = at + 2;
      while (isAlphanumeric(format[last + 1])) last++;
      const text = afterNext === '4' ? ipv4(whole, next === 'i') : ipv6(whole, next === 'i');
      // The address is text before the printing starts, and no width applies to it.
      return { text, last };
    }
    default:
      // Only white space, punctuation or the end may follow a plain %p.
      if (isAlphanumeric(format[at + 1])) return undefined;
      return { text: digits(hashed(word)), last: at };
  }
}

/** Plain %p shows a hash of the address, but NULL and error numbers as they are. The hash is ours, its 32 bits are as there. */
function hashed(address: bigint): bigint {
  if (address === 0n || address >= 2n ** 64n - 4095n) return address;
  const low = Number(address & 0xffffffffn);
  const high = Number(address >> 32n);
  let hash = Math.imul(low ^ 0x51ed270b, 0x9e3779b1) ^ Math.imul(high ^ 0x7f4a7c15, 0x85ebca6b);
  hash ^= hash >>> 15;
  return BigInt(Math.imul(hash, 0x2c1b3c6d) >>> 0);
}

function ipv4(bytes: Uint8Array, leadingZeros: boolean): string {
  return Array.from(bytes, (byte) => (leadingZeros ? String(byte).padStart(3, '0') : String(byte))).join('.');
}

function ipv6(bytes: Uint8Array, withoutColons: boolean): string {
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16).padStart(4, '0'));
  return groups.join(withoutColons ? '' : ':');
}
