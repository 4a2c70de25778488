// Compares a recorded run with a run of the model, call by call, and says the first difference in words.

import { Op } from '../../../src/tcp/index.ts';
import type { RecordedEvent } from './golden-file.ts';
import { MASKED_ARGS, MASKED_FIELDS } from './masks.ts';
import type { Recorded } from './recorder.ts';

/** A call in the form in which recorded and modelled ones are compared: names with text. */
export interface Comparable {
  readonly title: string;
  readonly side: 'client' | 'server' | 'listener';
  readonly op: number;
  readonly state: number;
  readonly facts: ReadonlyMap<string, string>;
}

const OP_NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(Op).map(([name, op]) => [op, name]),
);
const masked = new Set(MASKED_FIELDS.map((mask) => mask.field));
const SEQUENCES = new Set(['rcv_nxt', 'snd_nxt', 'snd_una']);

/** Initial sequence numbers of a run, found where they first show. */
class Bases {
  readonly list: { readonly name: string; readonly value: number }[] = [];

  learn(name: string, value: number): void {
    if (!this.list.some((base) => base.value === value)) this.list.push({ name: `${name}${this.list.length}`, value });
  }

  text(value: number): string {
    if (value === 0) return '0';
    for (const { name, value: base } of this.list) {
      const distance = (value - base) | 0;
      if (-10 < distance && distance < 1 << 24) return `${name}+${distance}`;
    }
    this.learn('isn', value);
    return this.text(value);
  }
}

const read32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/** A TCP header in words, without what is random. */
export function describeHeader(hex: string, bases: { text(value: number): string }): string {
  if (hex === '') return '';
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
  const words = [`flags ${(((bytes[12]! & 1) << 8) | bytes[13]!).toString(16)}`];
  words.push(`window ${(bytes[14]! << 8) | bytes[15]!}`, `doff ${bytes[12]! >> 4}`);
  words.push(`seq ${bases.text(read32(bytes, 4))}`, `ack ${bases.text(read32(bytes, 8))}`);
  for (let at = 20; at < bytes.length; ) {
    const kind = bytes[at]!;
    if (kind <= 1) {
      words.push(kind === 0 ? 'eol' : 'nop');
      at++;
      continue;
    }
    const size = Math.max(2, bytes[at + 1] ?? 2);
    if (kind === 8) words.push('timestamp');
    else if (kind === 5) words.push(`sack ${(size - 2) / 8}`);
    else if (kind === 34 && size > 2) words.push(`cookie of ${size - 2}`);
    else words.push(`option ${kind}: ${Buffer.from(bytes.subarray(at + 2, at + size)).toString('hex')}`);
    at += size;
  }
  return words.join(', ');
}

interface RawCall {
  readonly op: number;
  readonly ctx: Readonly<Record<string, unknown>>;
  readonly skNonNull: boolean;
  readonly sk: Readonly<Record<string, unknown>>;
  readonly skbDataNonNull: boolean;
  readonly skbHex: string;
  readonly helperReturns: readonly number[] | undefined;
  /** Buffers that helpers filled, where the recorder keeps them. */
  readonly got?: readonly string[];
}

const portOf = (raw: number): number => ((raw >>> 8) & 0xff00) | (raw >>> 24);

/** Puts calls of either origin into comparable form. `serverPort` tells the sides apart. */
function comparable(calls: readonly RawCall[], serverPort: number): Comparable[] {
  const bases = new Bases();
  const ports = new Map<number, string>();
  const portName = (port: number): string => {
    if (port === 0 || port === serverPort) return String(port);
    if (!ports.has(port)) ports.set(port, `client port ${ports.size}`);
    return ports.get(port)!;
  };
  return calls.map((call) => {
    const { ctx, op } = call;
    const state = Number(ctx['state']);
    const isListener = Number(ctx['local_port']) === serverPort && Number(ctx['remote_port']) === 0;
    const side = isListener ? 'listener' : Number(ctx['local_port']) === serverPort ? 'server' : 'client';
    const facts = new Map<string, string>();
    for (const [name, value] of Object.entries(ctx)) {
      if (value === null || masked.has(name)) continue;
      if (name === 'args') {
        const args = [...(value as number[])];
        const hasSample = Number(ctx['srtt_us']) !== 0;
        for (const index of MASKED_ARGS[op]?.indexes ?? []) {
          if (op !== Op.RTO || hasSample) args[index] = 0;
        }
        facts.set(
          'args',
          args.map((arg, i) => (op === Op.RETRANS && i === 0 ? bases.text(arg >>> 0) : String(arg))).join(' '),
        );
      } else if (SEQUENCES.has(name)) {
        facts.set(name, bases.text(Number(value)));
      } else if (name === 'local_port') {
        facts.set(name, portName(Number(value)));
      } else if (name === 'remote_port') {
        facts.set(name, portName(portOf(Number(value))));
      } else {
        facts.set(name, Array.isArray(value) ? value.join(' ') : String(value));
      }
    }
    facts.set('sk', String(call.skNonNull));
    if (call.skNonNull) {
      for (const [name, value] of Object.entries(call.sk)) {
        if (name === 'non_null') continue;
        const number = Number(value);
        const text =
          name === 'src_port'
            ? portName(number)
            : name === 'dst_port_raw_u16'
              ? portName(((number & 255) << 8) | (number >> 8))
              : String(number);
        facts.set(`sk->${name}`, text);
      }
    }
    facts.set('skb_data', String(call.skbDataNonNull));
    facts.set('header', describeHeader(call.skbHex, bases));
    if (call.helperReturns) facts.set('helper results', call.helperReturns.join(' '));
    if (call.got !== undefined) facts.set('buffers', call.got.join(' '));
    return { title: `${side} ${OP_NAMES[op] ?? op}`, side, op, state, facts };
  });
}

export function comparableRecording(events: readonly RecordedEvent[], serverPort: number): Comparable[] {
  return comparable(
    events
      .filter((event) => event.marker === undefined)
      .map((event) => ({
        op: Number(event.ctx!['op']),
        ctx: event.ctx!,
        skNonNull: event.sk?.non_null ?? false,
        sk: event.sk ?? {},
        skbDataNonNull: event.skb_data_non_null ?? false,
        skbHex: event.skb_data_to_end_hex ?? '',
        helperReturns: event.helper_returns,
        ...(Array.isArray(event['got']) ? { got: event['got'] as string[] } : {}),
      })),
    serverPort,
  );
}

export function comparableModel(calls: readonly Recorded[], serverPort: number): Comparable[] {
  return comparable(calls, serverPort);
}

const list = (calls: readonly Comparable[], from: number, count: number): string =>
  calls
    .slice(Math.max(0, from), from + count)
    .map((call) => `${call.title}[${call.state}]`)
    .join(', ');

/** The first difference in words; undefined when there is none. */
export function firstDifference(
  recorded: readonly Comparable[],
  modelled: readonly Comparable[],
  ignored: ReadonlySet<string> = new Set(),
): string | undefined {
  const length = Math.max(recorded.length, modelled.length);
  for (let i = 0; i < length; i++) {
    const want = recorded[i];
    const have = modelled[i];
    const around = `\n  recorded: ${list(recorded, i - 3, 8)}\n  modelled: ${list(modelled, i - 3, 8)}`;
    if (!want)
      return `call ${i}: the model calls ${have!.title} (state ${have!.state}), the recording has ended${around}`;
    if (!have) return `call ${i}: the recording has ${want.title} (state ${want.state}), the model has ended${around}`;
    if (want.title !== have.title)
      return `call ${i}: the recording has ${want.title}, the model calls ${have.title}${around}`;
    for (const [name, value] of want.facts) {
      if (ignored.has(name)) continue;
      const other = have.facts.get(name);
      if (other !== value)
        return `call ${i} (${want.title}): ${name} is "${value}" in the recording and "${other}" in the model${around}`;
    }
  }
  return undefined;
}

/** A segment in words, as captured lines and modelled segments are compared. */
export interface SeenSegment {
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly window: number;
  readonly tos: number;
  readonly payloadLength: number;
  /** Option bytes. */
  readonly options: string;
}

/** Segments in comparable words; sequence numbers relative to where each direction started. */
export function describeSegments(segments: readonly SeenSegment[]): string[] {
  const bases = new Bases();
  return segments.map((segment) => {
    const header = new Uint8Array(20 + segment.options.length / 2);
    const view = new DataView(header.buffer);
    view.setUint32(4, segment.seq);
    view.setUint32(8, segment.ack);
    header[12] = (header.length << 2) | (segment.flags >> 8);
    header[13] = segment.flags;
    view.setUint16(14, segment.window);
    header.set(Buffer.from(segment.options, 'hex'), 20);
    const text = describeHeader(Buffer.from(header).toString('hex'), bases);
    return `${text}, tos ${segment.tos}, payload ${segment.payloadLength}`;
  });
}
