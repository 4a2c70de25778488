// TCP options: what the kernel puts into a header and in which order, and how it reads them back (tcp_options_write() and
// tcp_parse_options() in net/ipv4). Options that a program wrote are read by the same parser as everybody else's.

import type { SackBlock } from './sock.ts';

export const OptionKind = {
  EOL: 0,
  NOP: 1,
  MSS: 2,
  WINDOW: 3,
  SACK_PERMITTED: 4,
  SACK: 5,
  TIMESTAMP: 8,
  MD5: 19,
  MPTCP: 30,
  FASTOPEN: 34,
  EXPERIMENTAL: 254,
} as const;

/** RFC 6994 magic of the old fast open option. */
const FASTOPEN_MAGIC = 0xf989;

/** What a header is to carry (struct tcp_out_options). */
export interface OutgoingOptions {
  mss: number;
  timestamp: boolean;
  tsval: number;
  tsecr: number;
  /** -1 = none. */
  wscale: number;
  sackPermitted: boolean;
  sackBlocks: readonly SackBlock[];
  fastopen: { readonly cookie: Uint8Array; readonly experimental: boolean } | undefined;
  /** Bytes reserved by programs, a multiple of 4. */
  bpfLength: number;
}

export function noOptions(): OutgoingOptions {
  return {
    mss: 0,
    timestamp: false,
    tsval: 0,
    tsecr: 0,
    wscale: -1,
    sackPermitted: false,
    sackBlocks: [],
    fastopen: undefined,
    bpfLength: 0,
  };
}

const put32 = (bytes: Uint8Array, at: number, value: number): number => {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
};

/** Length of the kernel's own options (without those of programs), a multiple of 4. */
export function kernelOptionLength(options: OutgoingOptions): number {
  let length = 0;
  if (options.mss) length += 4;
  if (options.timestamp) length += 12;
  if (options.sackPermitted && !options.timestamp) length += 4;
  if (options.wscale >= 0) length += 4;
  if (options.sackBlocks.length > 0) length += 4 + 8 * options.sackBlocks.length;
  if (options.fastopen) {
    length += (options.fastopen.cookie.length + (options.fastopen.experimental ? 4 : 2) + 3) & ~3;
  }
  return length;
}

/** Writes the kernel's options behind the fixed header, in the kernel's order; returns the offset behind them. */
export function writeOptions(header: Uint8Array, options: OutgoingOptions): number {
  let at = 20;
  if (options.mss) at = put32(header, at, 0x02040000 | options.mss);
  if (options.timestamp) {
    at = put32(header, at, options.sackPermitted ? 0x0402080a : 0x0101080a);
    at = put32(header, at, options.tsval);
    at = put32(header, at, options.tsecr);
  } else if (options.sackPermitted) {
    at = put32(header, at, 0x01010402);
  }
  if (options.wscale >= 0) at = put32(header, at, 0x01030300 | options.wscale);
  const blocks = options.sackBlocks;
  if (blocks.length > 0) {
    at = put32(header, at, 0x01010500 | (2 + 8 * blocks.length));
    for (const block of blocks) {
      at = put32(header, at, block.start);
      at = put32(header, at, block.end);
    }
  }
  if (options.fastopen) {
    const { cookie, experimental } = options.fastopen;
    const length = cookie.length + (experimental ? 4 : 2);
    header[at++] = experimental ? OptionKind.EXPERIMENTAL : OptionKind.FASTOPEN;
    header[at++] = length;
    if (experimental) {
      header[at++] = FASTOPEN_MAGIC >> 8;
      header[at++] = FASTOPEN_MAGIC & 255;
    }
    header.set(cookie, at);
    at += cookie.length;
    while ((at & 3) !== 0) header[at++] = OptionKind.NOP;
  }
  return at;
}

/** What tcp_parse_options() found. */
export interface IncomingOptions {
  /** 0 = none. */
  mss: number;
  /** -1 = none; at most 14. */
  wscale: number;
  timestamp: boolean;
  tsval: number;
  tsecr: number;
  sackPermitted: boolean;
  sackBlocks: SackBlock[];
  /** Fast open option: undefined = absent, length 0 = a request for a cookie. */
  fastopen: Uint8Array | undefined;
  fastopenExperimental: boolean;
  /** An option that the kernel does not know was there. */
  unknown: boolean;
}

/** Reads the options of a header; `isSyn` admits those that only a SYN may carry. Malformed options end the reading. */
export function parseOptions(header: Uint8Array, isSyn: boolean): IncomingOptions {
  const found: IncomingOptions = {
    mss: 0,
    wscale: -1,
    timestamp: false,
    tsval: 0,
    tsecr: 0,
    sackPermitted: false,
    sackBlocks: [],
    fastopen: undefined,
    fastopenExperimental: false,
    unknown: false,
  };
  let at = 20;
  const end = header.length;
  const read32 = (offset: number): number =>
    ((header[offset]! << 24) | (header[offset + 1]! << 16) | (header[offset + 2]! << 8) | header[offset + 3]!) >>> 0;
  while (at < end) {
    const kind = header[at]!;
    if (kind === OptionKind.EOL) return found;
    if (kind === OptionKind.NOP) {
      at++;
      continue;
    }
    const size = header[at + 1] ?? 0;
    if (size < 2 || at + size > end) return found;
    switch (kind) {
      case OptionKind.MSS:
        if (size === 4 && isSyn) found.mss = (header[at + 2]! << 8) | header[at + 3]!;
        break;
      case OptionKind.WINDOW:
        if (size === 3 && isSyn) found.wscale = Math.min(header[at + 2]!, 14);
        break;
      case OptionKind.TIMESTAMP:
        if (size === 10) {
          found.timestamp = true;
          found.tsval = read32(at + 2);
          found.tsecr = read32(at + 6);
        }
        break;
      case OptionKind.SACK_PERMITTED:
        if (size === 2 && isSyn) found.sackPermitted = true;
        break;
      case OptionKind.SACK:
        if (size >= 10 && (size - 2) % 8 === 0) {
          for (let block = at + 2; block + 8 <= at + size; block += 8) {
            found.sackBlocks.push({ start: read32(block), end: read32(block + 4) });
          }
        }
        break;
      case OptionKind.MD5:
      case OptionKind.MPTCP:
        break;
      case OptionKind.FASTOPEN:
        readFastopen(found, header.subarray(at + 2, at + size), isSyn);
        break;
      case OptionKind.EXPERIMENTAL:
        if (size >= 4 && ((header[at + 2]! << 8) | header[at + 3]!) === FASTOPEN_MAGIC) {
          found.fastopenExperimental = isSyn;
          readFastopen(found, header.subarray(at + 4, at + size), isSyn);
        } else {
          found.unknown = true;
        }
        break;
      default:
        found.unknown = true;
    }
    at += size;
  }
  return found;
}

/** Cookies are 0 or 4 to 16 bytes and of even length; others are ignored (tcp_parse_fastopen_option). */
function readFastopen(found: IncomingOptions, cookie: Uint8Array, isSyn: boolean): void {
  if (!isSyn || cookie.length % 2 !== 0) return;
  if (cookie.length === 0 || (cookie.length >= 4 && cookie.length <= 16)) found.fastopen = cookie.slice();
}
