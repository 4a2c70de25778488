// What lies between two hosts: delay, rate, size limit, and rules that drop, delay, duplicate or mark segments.

import type { Duration, Instant } from '../base/index.ts';
import type { Segment } from './segment.ts';

/** Which segments a rule is about. All conditions must hold. */
export interface SegmentFilter {
  /** Name of the sending host. */
  readonly from?: string;
  readonly kind?: 'SYN' | 'SYN-ACK' | 'ACK' | 'DATA' | 'FIN' | 'RST' | 'ANY';
  /** Only when this predicate says so; must be deterministic. */
  readonly test?: (segment: Segment) => boolean;
}

/** Rules act on the matching segments `first` (counted from 0) to `first + count - 1`. */
export interface LinkRule {
  readonly match: SegmentFilter;
  readonly first?: number;
  /** Default 1; Infinity for all. */
  readonly count?: number;
  readonly action:
    | { readonly kind: 'drop' }
    | { readonly kind: 'delay'; readonly by: Duration }
    | { readonly kind: 'duplicate' }
    /** Congestion experienced: only marks ECN-capable packets. */
    | { readonly kind: 'mark-ce' };
}

export interface LinkOptions {
  /** One way. */
  readonly delay: Duration;
  /** Each segment is later by up to this much, by chance of the seed. */
  readonly jitter?: Duration;
  /** Bits per second in each direction; undefined = no limit. */
  readonly bandwidth?: number;
  /** Largest IP packet. */
  readonly mtu: number;
  readonly rules?: readonly LinkRule[];
  /** Chance that a segment is lost, 0 to 1. */
  readonly loss?: number;
}

/** State of the link between hosts; counters are part of snapshots. */
export interface Link {
  readonly options: LinkOptions;
  readonly rules: readonly LinkRule[];
  /** Matches of each rule so far. */
  matches: number[];
  /** When the line in each direction is free again, by sending host. */
  freeAt: number[];
}

/** One segment as the log keeps it: what was sent, when, and what became of it. */
export interface SegmentRecord {
  readonly segment: Segment;
  readonly from: string;
  readonly to: string;
  readonly sentAt: Instant;
  /** When it arrived or will arrive; undefined when it was lost. */
  readonly arrivesAt: Instant | undefined;
  readonly fate: 'sent' | 'dropped' | 'duplicate' | 'unroutable';
  /** Whether any byte of its sequence space had been sent before. */
  readonly retransmission: boolean;
  readonly loopback: boolean;
  /** Number of hook calls made before it was sent. */
  readonly afterCall: number;
}

const SYN = 2;
const ACK = 16;
const FIN = 1;
const RST = 4;

/** Whether a segment is what the filter describes. */
export function segmentMatches(filter: SegmentFilter, from: string, segment: Segment): boolean {
  if (filter.from !== undefined && filter.from !== from) return false;
  const flags = segment.flags;
  switch (filter.kind ?? 'ANY') {
    case 'SYN':
      if ((flags & (SYN | ACK)) !== SYN) return false;
      break;
    case 'SYN-ACK':
      if ((flags & (SYN | ACK)) !== (SYN | ACK)) return false;
      break;
    case 'ACK':
      if ((flags & (SYN | FIN | RST)) !== 0 || segment.payloadLength > 0) return false;
      break;
    case 'DATA':
      if (segment.payloadLength === 0 || (flags & SYN) !== 0) return false;
      break;
    case 'FIN':
      if ((flags & FIN) === 0) return false;
      break;
    case 'RST':
      if ((flags & RST) === 0) return false;
      break;
    case 'ANY':
      break;
  }
  return filter.test === undefined || filter.test(segment);
}
