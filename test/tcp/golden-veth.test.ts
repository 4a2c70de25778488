// Two hosts 20 ms apart: callbacks of handshake and close per side, the segments of handshake and close on the wire, and what must
// hold in the bulk part whatever the timing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Comparable,
  comparableModel,
  comparableRecording,
  describeSegments,
  firstDifference,
  type SeenSegment,
} from './support/compare.ts';
import { loadGolden, type RecordedRun } from './support/golden-file.ts';
import { AFTER_BULK, isAfterBulk, isBulkCall, RACES } from './support/masks.ts';
import type { Network } from './support/model.ts';
import { type PathRun, runPath } from './support/paths.ts';

const LETTERS: Readonly<Record<string, number>> = { S: 2, F: 1, R: 4, P: 8, '.': 16, E: 64, W: 128 };
const maskedAfterBulk = new Set(AFTER_BULK.map((mask) => mask.field));

/** The calls of one side outside the bulk part; fields that the bulk part made uncertain are taken out. */
function steadyCalls(calls: readonly Comparable[], side: Comparable['side'], run: string): Comparable[] {
  return calls
    .filter((call) => call.side === side && !isBulkCall(call.op, call.state, run))
    .map((call) => {
      if (!isAfterBulk(call.op, call.state)) return call;
      return { ...call, facts: new Map([...call.facts].filter(([name]) => !maskedAfterBulk.has(name))) };
    });
}

/** Options of a captured segment as header bytes, timestamps zeroed. */
function optionBytes(options: RecordedRun['wire'] extends infer _ ? readonly unknown[] : never): string {
  const bytes: number[] = [];
  const number = (value: number, length: number) => {
    for (let i = length - 1; 0 <= i; i--) bytes.push(Math.floor(value / 256 ** i) & 255);
  };
  for (const option of options) {
    if (option === 'nop') bytes.push(1);
    else if (option === 'sackOK') bytes.push(4, 2);
    else if (typeof option === 'object' && option !== null && 'kind' in option) {
      const { kind, hex } = option as { kind: number; hex: string };
      bytes.push(kind, hex.length / 2 + 2, ...Buffer.from(hex, 'hex'));
    } else if (typeof option === 'object' && option !== null) {
      for (const [name, value] of Object.entries(option as Record<string, unknown>)) {
        if (name === 'mss') bytes.push(2, 4, Number(value) >> 8, Number(value) & 255);
        else if (name === 'wscale') bytes.push(3, 3, Number(value));
        else if (name === 'ts') bytes.push(8, 10, 0, 0, 0, 0, 0, 0, 0, 0);
        else if (name === 'sack') {
          const blocks = value as readonly (readonly [number, number])[];
          bytes.push(5, 2 + 8 * blocks.length);
          for (const block of blocks) for (const edge of block) number(edge, 4);
        } else {
          throw new Error(`unknown option in a recording: ${name}`);
        }
      }
    }
  }
  return Buffer.from(bytes).toString('hex');
}

interface WireSegment extends SeenSegment {
  readonly from: string;
}

function recordedWire(run: RecordedRun): WireSegment[] {
  return (run.wire ?? []).map((segment) => ({
    from: segment.tap,
    flags: [...segment.flags].reduce((mask, letter) => mask | (LETTERS[letter] ?? 0), 0),
    seq: segment.seq,
    ack: segment.ack,
    window: segment.win_raw,
    tos: segment.tos,
    payloadLength: segment.payload_len,
    options: optionBytes(segment.opts),
  }));
}

function modelledWire(network: Network): WireSegment[] {
  return network.segments.map(({ segment, from }) => ({
    from,
    flags: segment.flags,
    seq: segment.seq,
    ack: segment.ack,
    window: segment.window,
    tos: segment.tos,
    payloadLength: segment.payloadLength,
    options: Buffer.from(segment.header.subarray(20)).toString('hex'),
  }));
}

/** Segments before the first data, by sender: the handshake with its repetitions. */
function handshake(wire: readonly WireSegment[], from: string): SeenSegment[] {
  const data = wire.findIndex((segment) => segment.payloadLength > 0);
  return wire.slice(0, data < 0 ? wire.length : data).filter((segment) => segment.from === from);
}

/** From the first FIN or RST of a side on, without the window, which the bulk part decided. */
function closing(wire: readonly WireSegment[], from: string): SeenSegment[] {
  const own = wire.filter((segment) => segment.from === from);
  const start = own.findIndex((segment) => (segment.flags & 5) !== 0);
  return own.slice(start < 0 ? own.length : start).map((segment) => ({ ...segment, window: 0 }));
}

/** Bytes of the sequence space that one side sent at least once. */
function payloadSent(wire: readonly WireSegment[], from: string): number {
  const syn = wire.find((segment) => segment.from === from && (segment.flags & 2) !== 0);
  let end = 0;
  for (const segment of wire) {
    if (segment.from !== from || segment.payloadLength === 0) continue;
    end = Math.max(end, ((segment.seq - syn!.seq - 1) >>> 0) + segment.payloadLength);
  }
  return end;
}

/** SYN-ACKs that the server sent. */
const synacks = (wire: readonly WireSegment[]): number =>
  wire.filter((segment) => (segment.flags & 0x12) === 0x12).length;

/** Where timers race, a seed is looked for with which the race ends as in the recording. */
function runAsRecorded(path: PathRun): ReturnType<typeof runPath> {
  const wanted = synacks(recordedWire(path.run));
  let made = runPath(path);
  for (let seed = 1; seed < 60 && synacks(modelledWire(made.network)) !== wanted; seed++)
    made = runPath({ ...path, seed });
  return made;
}

for (const kernel of ['6.1', '6.12']) {
  const file = loadGolden(`golden-${kernel}-veth.json`);
  for (const [name, run] of Object.entries(file.runs)) {
    const race = RACES[name];
    test(`${kernel} ${name}${race ? ` (${race})` : ''}`, () => {
      const { network, recorder } = runAsRecorded({ file, kernel, name, run });
      const recorded = comparableRecording(run.events, 5001);
      const modelled = comparableModel(recorder.calls, 5001);
      for (const side of ['client', 'server', 'listener'] as const) {
        const want = steadyCalls(recorded, side, name);
        const have = steadyCalls(modelled, side, name);
        if (name === 'closenow') {
          // What the FIN rides on is the race.
          const order = (calls: Comparable[]) =>
            calls.filter(({ op, state }) => !(op === 14 && state === 5)).map(({ title, state }) => `${title} ${state}`);
          assert.deepEqual(order(have), order(want), side);
          continue;
        }
        assert.equal(firstDifference(want, have), undefined, side);
      }
      const recordedSegments = recordedWire(run);
      const modelledSegments = modelledWire(network);
      for (const from of ['client', 'server']) {
        const opened = describeSegments(handshake(recordedSegments, from));
        assert.deepEqual(describeSegments(handshake(modelledSegments, from)), opened, `handshake of the ${from}`);
        if (name !== 'closenow') {
          const want = describeSegments(closing(recordedSegments, from));
          assert.deepEqual(describeSegments(closing(modelledSegments, from)), want, `close of the ${from}`);
        }
        assert.equal(
          payloadSent(modelledSegments, from),
          payloadSent(recordedSegments, from),
          `payload of the ${from}`,
        );
      }
      const mss = recordedSegments.reduce((most, segment) => Math.max(most, segment.payloadLength), 0);
      assert.equal(
        modelledSegments.reduce((most, segment) => Math.max(most, segment.payloadLength), 0),
        mss,
      );
    });
  }
}

// kernels-diff.md, section 5: on other kernels the same runs have the same callbacks, arguments, results and windows outside the bulk
// part, save for the window scale (tcp_rmem is larger by default from 6.18 on, and is made equal here) and the name without its NUL.
for (const [kernel, like] of [
  ['5.10', '6.1'],
  ['6.18', '6.12'],
  ['7.2', '6.12'],
] as const) {
  const recording = loadGolden(`golden-${like}-veth.json`);
  const own = loadGolden(`golden-${kernel}-ipv4.json`);
  const equal = ['tcp_rmem', 'tcp_congestion_control'].map((name) => [name, recording.sysctls?.[name]]);
  const file = { ...recording, sysctls: { ...own.sysctls, ...Object.fromEntries(equal) } };
  for (const [name, run] of Object.entries(recording.runs)) {
    if (name === 'closenow') continue;
    test(`${kernel} like ${like}: ${name}`, () => {
      const { recorder } = runAsRecorded({ file, kernel, name, run });
      const recorded = comparableRecording(run.events, 5001);
      const modelled = comparableModel(recorder.calls, 5001);
      for (const side of ['client', 'server', 'listener'] as const) {
        let want = steadyCalls(recorded, side, name);
        if (kernel === '5.10' && name === 'reno') {
          want = want.map((call) =>
            call.facts.get('helper results') === '0' && (call.op === 4 || call.op === 5)
              ? { ...call, facts: new Map([...call.facts, ['helper results', '-2']]) }
              : call,
          );
        }
        assert.equal(firstDifference(want, steadyCalls(modelled, side, name)), undefined, side);
      }
    });
  }
}
