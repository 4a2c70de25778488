// bpf_load_hdr_opt(), bpf_store_hdr_opt() and bpf_reserve_hdr_opt() (net/core/filter.c): what each returns in each op and for
// each wrong argument, in the kernel's order of checks.

import type { Call } from './callback.ts';
import { Errno, Op } from './constants.ts';
import { savedSynOf } from './saved-syn.ts';

const LOAD_FROM_SYN = 1n;
const EOL = 0;
const NOP = 1;

const isExperimental = (kind: number): boolean => kind === 253 || kind === 254;

/**
 * Looks for an option in `bytes` from `from` to `end`. Gives its offset, or why there is none: ENOMSG when the list is
 * well-formed, EFAULT when it is not. `sawEol` is set when an end-of-list was met.
 */
function search(
  bytes: Uint8Array,
  from: number,
  end: number,
  kind: number,
  magic: Uint8Array,
): { readonly at: number; readonly sawEol: boolean } {
  let at = from;
  while (at < end) {
    const here = bytes[at]!;
    if (here === EOL) return { at: Errno.ENOMSG, sawEol: true };
    if (here === NOP) {
      at++;
      continue;
    }
    if (end - at < 2 || bytes[at + 1]! < 2 || bytes[at + 1]! > end - at) return { at: Errno.EFAULT, sawEol: false };
    const length = bytes[at + 1]!;
    if (here === kind) {
      if (magic.length === 0) return { at, sawEol: false };
      if (length - 2 < magic.length) return { at: Errno.ENOMSG, sawEol: false };
      if (magic.every((byte, i) => bytes[at + 2 + i] === byte)) return { at, sawEol: false };
    }
    at += length;
  }
  return { at: Errno.ENOMSG, sawEol: false };
}

/** Copies the option that `wanted` describes into it; its length, or a negative errno. */
export function loadHeaderOption(call: Call, wanted: Uint8Array, flags: bigint): number {
  if (call.op > Op.WRITE_HDR_OPT) return Errno.EOPNOTSUPP;
  if (wanted.length < 2 || (flags & ~LOAD_FROM_SYN) !== 0n) return Errno.EINVAL;
  const kind = wanted[0]!;
  const length = wanted[1]!;
  if (kind === EOL || kind === NOP || length > wanted.length) return Errno.EINVAL;
  let magic = new Uint8Array(0);
  if (isExperimental(kind)) {
    if (length !== 4 && length !== 6) return Errno.EINVAL;
    magic = wanted.slice(2, length);
  } else if (length !== 0) {
    return Errno.EINVAL;
  }

  let bytes: Uint8Array;
  let from: number;
  let end: number;
  if ((flags & LOAD_FROM_SYN) !== 0n) {
    const syn = savedSynOf(call);
    if (!syn) return Errno.ENOENT;
    bytes = syn.bytes;
    from = syn.mac + syn.ip + 20;
    end = bytes.length;
  } else {
    if (!call.segment || call.op === Op.HDR_OPT_LEN) return Errno.EPERM;
    bytes = call.segment.data;
    from = 20;
    end = call.segment.visibleLength;
  }
  const found = search(bytes, from, end, kind, magic);
  if (found.at < 0) return found.at;
  const size = bytes[found.at + 1]!;
  const room = wanted.length;
  wanted.set(bytes.subarray(found.at, found.at + Math.min(size, room)));
  return size > room ? Errno.ENOSPC : size;
}

/** Appends an option to the header that is being written. */
export function storeHeaderOption(call: Call, option: Uint8Array, flags: bigint): number {
  if (call.op !== Op.WRITE_HDR_OPT) return Errno.EPERM;
  if (option.length < 2 || flags !== 0n) return Errno.EINVAL;
  const kind = option[0]!;
  const length = option[1]!;
  if (kind === EOL || kind === NOP || length > option.length) return Errno.EINVAL;
  if (length > call.remainingOptionLength) return Errno.ENOSPC;
  let magic = new Uint8Array(0);
  if (isExperimental(kind)) {
    if (length < 4) return Errno.EINVAL;
    magic = option.slice(2, 4);
  }
  const segment = call.segment!;
  const found = search(segment.data, 20, segment.visibleLength, kind, magic);
  if (found.at >= 0) return Errno.EEXIST;
  if (found.at !== Errno.ENOMSG) return found.at;
  if (found.sawEol) return Errno.ENOSPC;
  segment.data.set(option.subarray(0, length), segment.visibleLength);
  segment.visibleLength += length;
  call.remainingOptionLength -= length;
  call.effect('header-option', `header option ${kind} (bytes)`, 0, length);
  return 0;
}

/** Asks for room in the header of the segment that is being prepared. */
export function reserveHeaderOption(call: Call, length: number, flags: bigint): number {
  if (call.op !== Op.HDR_OPT_LEN) return Errno.EPERM;
  const wanted = length >>> 0;
  if (flags !== 0n || wanted < 2) return Errno.EINVAL;
  if (wanted > call.remainingOptionLength) return Errno.ENOSPC;
  call.remainingOptionLength -= wanted;
  return 0;
}
