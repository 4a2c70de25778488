// The TCP model's log of segments as records for people: relative sequence numbers, flags and options in words.

import { toHex } from '../base/index.ts';
import type { SegmentRecord as LoggedSegment } from '../tcp/index.ts';
import { tcpFlagList } from './ctx-text.ts';
import type { SegmentRecord } from './record.ts';
import type { HostSide } from './scenario-schema.ts';

const FIXED_HEADER = 20;

/**
 * `firstOfEvent`: number of segments logged before each event, for `eventCount` events (the last may be under way). `arrivals`:
 * event in which a segment arrived. `callbackBefore`: index of the last callback before the hook call of a number.
 */
export function segmentRecords(
  log: readonly LoggedSegment[],
  firstOfEvent: readonly number[],
  eventCount: number,
  arrivals: ReadonlyMap<number, number>,
  callbackBefore: (callNumber: number) => number,
): SegmentRecord[] {
  const initial: { client: number | undefined; server: number | undefined } = { client: undefined, server: undefined };
  let event = 0;
  return log.map((logged, index) => {
    while (event + 1 <= eventCount && (firstOfEvent[event + 1] ?? Number.POSITIVE_INFINITY) <= index) event++;
    const { segment } = logged;
    const from = sideOf(logged.from);
    const to = sideOf(logged.to);
    const flags = tcpFlagList(segment.flags);
    if (flags.includes('SYN')) initial[from] = segment.seq;
    const options = optionsOf(segment.header);
    return {
      index,
      event,
      time: logged.sentAt,
      from,
      to,
      arrival: logged.arrivesAt,
      arrivalEvent: arrivals.get(index),
      flags,
      seq: relative(segment.seq, initial[from]),
      ack: flags.includes('ACK') ? relative(segment.ack, initial[to]) : 0,
      rawSeq: segment.seq,
      rawAck: segment.ack,
      window: segment.window,
      length: segment.payloadLength,
      tos: segment.tos,
      options: options.words,
      optionBytes: segment.header.subarray(FIXED_HEADER),
      mss: options.mss,
      windowScale: options.windowScale,
      afterCallback: callbackBefore(logged.afterCall),
      retransmission: logged.retransmission,
    };
  });
}

const sideOf = (name: string): HostSide => (name === 'server' ? 'server' : 'client');
const relative = (value: number, initial: number | undefined): number => (value - (initial ?? 0)) >>> 0;

interface Options {
  readonly words: readonly string[];
  readonly mss: number | undefined;
  readonly windowScale: number | undefined;
}

/** The option area in words. Options of which the kernel knows nothing are shown with their bytes. */
function optionsOf(header: Uint8Array): Options {
  const words: string[] = [];
  let mss: number | undefined;
  let windowScale: number | undefined;
  const data = new DataView(header.buffer, header.byteOffset, header.byteLength);
  for (let at = FIXED_HEADER; at < header.length; ) {
    const kind = header[at]!;
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = header[at + 1] ?? 0;
    if (length < 2 || at + length > header.length) {
      words.push(`kind ${kind} cut off`);
      break;
    }
    const bytes = header.subarray(at + 2, at + length);
    switch (kind) {
      case 2:
        mss = data.getUint16(at + 2);
        words.push(`mss ${mss}`);
        break;
      case 3:
        windowScale = header[at + 2]!;
        words.push(`wscale ${windowScale}`);
        break;
      case 4:
        words.push('sackOK');
        break;
      case 5:
        words.push(`sack x ${bytes.length >> 3}`);
        break;
      case 8:
        words.push(`ts ${data.getUint32(at + 2)} ${data.getUint32(at + 6)}`);
        break;
      case 34:
        words.push(bytes.length === 0 ? 'fastopen cookie request' : `fastopen cookie ${toHex(bytes)}`);
        break;
      default:
        words.push(`kind ${kind}: ${toHex(bytes)}`);
    }
    at += length;
  }
  return { words, mss, windowScale };
}
