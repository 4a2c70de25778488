// The ladder diagram of a run as plain data: what stands in which row, in the order in which it happened. Terminal text
// (ladder-text.ts) and picture (ladder-svg.ts) are two drawings of this one layout.

import type { Instant } from '../base/index.ts';
import type { CallbackRecord, Position, RunRecord, SegmentRecord } from './record.ts';
import type { HostSide } from './scenario-schema.ts';

export interface LadderLane {
  readonly host: HostSide;
  /** "client 10.0.0.1:40000" */
  readonly label: string;
}

interface At {
  readonly time: Instant;
  readonly event: number;
}

/** A callback, or several equal ones in a row. */
export interface CallbackRow extends At {
  readonly kind: 'callback';
  readonly host: HostSide;
  readonly position: Position;
  /** Indexes of the callbacks drawn here; the first one is what a click goes to. */
  readonly callbacks: readonly number[];
  /** "RWND_INIT", without the common prefix. */
  readonly op: string;
  /** "reply 40", or the states of a change; '' where there is nothing to say. */
  readonly answer: string;
  readonly effects: readonly string[];
  /** Set when a program faulted, returned 0 for a reply that counts, or the like. */
  readonly warning: string;
}

/** A segment on its way, or several data segments one after the other. */
export interface SegmentRow extends At {
  readonly kind: 'segment';
  readonly from: HostSide;
  readonly segments: readonly number[];
  /** "SYN win 64240 mss 1460" */
  readonly label: string;
  readonly lost: boolean;
  readonly retransmission: boolean;
  /** Payload of all segments of the row. */
  readonly bytes: number;
  /** Only data and pure acknowledgements share rows. */
  readonly shape: 'data' | 'ack' | 'other';
  /** Row at which it arrives, for a slanted arrow; undefined when it never does. */
  arrivalRow: number | undefined;
}

/** Where a segment arrives: the end of its arrow. Absent from a folded ladder. */
export interface ArrivalRow extends At {
  readonly kind: 'arrival';
  readonly host: HostSide;
  readonly segment: number;
}

/** Something an application or the operator did. */
export interface ActionRow extends At {
  readonly kind: 'action';
  readonly host: HostSide | undefined;
  readonly text: string;
  readonly error: string | undefined;
}

export type LadderRow = CallbackRow | SegmentRow | ArrivalRow | ActionRow;

export interface Ladder {
  readonly title: string;
  readonly lanes: readonly [LadderLane, LadderLane];
  readonly rows: readonly LadderRow[];
  readonly end: Instant;
}

export interface LadderInput {
  readonly title: string;
  readonly clientLabel: string;
  readonly serverLabel: string;
  readonly record: RunRecord;
  /** Ops whose reply the kernel uses, by number. */
  readonly replyCounts: (op: number) => boolean;
  /** What stands behind the op: "SYN_SENT -> ESTABLISHED"; '' for most. */
  readonly detail: (callback: CallbackRecord) => string;
  /** Whether equal neighbours share a row; a picture that is clicked needs each by itself. */
  readonly fold: 'folded' | 'single';
}

const PREFIX = 'BPF_SOCK_OPS_';

/** An op's name as the diagram writes it: "TCP_CONNECT_CB". */
export function shortOp(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}

type Item =
  | { readonly kind: 'callback'; readonly callback: CallbackRecord }
  | { readonly kind: 'segment'; readonly segment: SegmentRecord }
  | { readonly kind: 'arrival'; readonly segment: SegmentRecord }
  | { readonly kind: 'action'; readonly action: RunRecord['actions'][number] };

/** Lays a run out in rows. */
export function ladder(input: LadderInput): Ladder {
  const items = inOrder(input.record);
  const rows: LadderRow[] = [];
  const sentAt = new Map<number, number>();
  for (const item of items) {
    switch (item.kind) {
      case 'action':
        rows.push({
          kind: 'action',
          ...pick(item.action),
          host: item.action.host,
          text: item.action.text,
          error: item.action.error,
        });
        break;
      case 'callback':
        addCallback(rows, item.callback, input);
        break;
      case 'segment':
        addSegment(rows, item.segment, input.fold);
        sentAt.set(item.segment.index, rows.length - 1);
        break;
      case 'arrival': {
        if (input.fold === 'folded') break;
        const row = rows[sentAt.get(item.segment.index) ?? -1];
        if (row?.kind !== 'segment') break;
        rows.push({
          kind: 'arrival',
          ...pick(item.segment),
          time: item.segment.arrival!,
          host: item.segment.to,
          segment: item.segment.index,
        });
        row.arrivalRow = rows.length - 1;
        break;
      }
    }
  }
  return {
    title: input.title,
    lanes: [
      { host: 'client', label: input.clientLabel },
      { host: 'server', label: input.serverLabel },
    ],
    rows,
    end: (rows.at(-1)?.time ?? 0) as Instant,
  };
}

const pick = (from: At): At => ({ time: from.time, event: from.event });

/**
 * The order of happening. Callbacks and sendings interleave within one event by the number of callbacks that came before a
 * sending; an arrival stands before everything that it causes.
 */
function inOrder(record: RunRecord): Item[] {
  const keyed: { readonly item: Item; readonly key: readonly [number, number, number, number] }[] = [];
  for (const action of record.actions)
    keyed.push({ item: { kind: 'action', action }, key: [action.time, action.event, -1, 0] });
  for (const callback of record.callbacks) {
    keyed.push({ item: { kind: 'callback', callback }, key: [callback.time, callback.event, callback.index, 0] });
  }
  for (const segment of record.segments) {
    keyed.push({ item: { kind: 'segment', segment }, key: [segment.time, segment.event, segment.afterCallback, 1] });
    if (segment.arrival !== undefined && segment.arrivalEvent !== undefined) {
      keyed.push({ item: { kind: 'arrival', segment }, key: [segment.arrival, segment.arrivalEvent, -1, 0] });
    }
  }
  return keyed
    .map((entry, order) => ({ ...entry, order }))
    .sort((a, b) => {
      for (let part = 0; part < 4; part++) {
        const difference = a.key[part]! - b.key[part]!;
        if (difference !== 0) return difference;
      }
      return a.order - b.order;
    })
    .map((entry) => entry.item);
}

function addCallback(rows: LadderRow[], callback: CallbackRecord, input: LadderInput): void {
  const warning = warningText(callback);
  const row: CallbackRow = {
    kind: 'callback',
    ...pick(callback),
    host: callback.host,
    position: { event: callback.event, insn: callback.firstInsn },
    callbacks: [callback.index],
    op: shortOp(callback.opName),
    answer: answerText(callback, input.replyCounts(callback.op)) || input.detail(callback),
    effects: callback.effects.filter((effect) => effect !== warning),
    warning,
  };
  const last = rows.at(-1);
  const folds =
    input.fold === 'folded' &&
    last?.kind === 'callback' &&
    last.host === row.host &&
    last.op === row.op &&
    last.time === row.time &&
    last.answer === row.answer &&
    last.warning === row.warning &&
    last.effects.length + row.effects.length === 0;
  if (folds) rows[rows.length - 1] = { ...last, callbacks: [...last.callbacks, callback.index] };
  else rows.push(row);
}

/** "reply 40" where the program answered, "returned 0" where that matters. */
function answerText(callback: CallbackRecord, counts: boolean): string {
  if (!counts || !callback.runs.some((run) => run.replyAfter !== run.replyBefore)) return '';
  return `reply ${callback.reply}`;
}

function warningText(callback: CallbackRecord): string {
  const faulted = callback.runs.find((run) => run.fault !== undefined);
  if (faulted?.fault !== undefined) return `fault: ${faulted.fault.message}`;
  return callback.effects.find((effect) => / dropped because /.test(effect)) ?? '';
}

function shapeOf(segment: SegmentRecord): SegmentRow['shape'] {
  const special = segment.flags.some((flag) => flag === 'SYN' || flag === 'FIN' || flag === 'RST');
  return special ? 'other' : segment.length > 0 ? 'data' : 'ack';
}

function addSegment(rows: LadderRow[], segment: SegmentRecord, fold: LadderInput['fold']): void {
  const row: SegmentRow = {
    kind: 'segment',
    ...pick(segment),
    from: segment.from,
    segments: [segment.index],
    label: segmentLabel(segment),
    lost: segment.arrival === undefined,
    retransmission: segment.retransmission,
    bytes: segment.length,
    shape: shapeOf(segment),
    arrivalRow: undefined,
  };
  const last = rows.at(-1);
  const folds =
    fold === 'folded' &&
    last?.kind === 'segment' &&
    row.shape !== 'other' &&
    last.shape === row.shape &&
    last.from === row.from &&
    last.lost === row.lost &&
    last.retransmission === row.retransmission;
  if (!folds) {
    rows.push(row);
    return;
  }
  const segments = [...last.segments, segment.index];
  const bytes = last.bytes + row.bytes;
  const label =
    row.shape === 'data'
      ? `${segments.length} x data, ${bytes} bytes`
      : `${segments.length} x ACK, last ack ${segment.ack}`;
  rows[rows.length - 1] = { ...last, segments, bytes, label };
}

/** "SYN win 64240 mss 1460 wscale 7", "ACK 1449 win 502", "PSH|ACK 1000 bytes". */
export function segmentLabel(segment: SegmentRecord): string {
  const flags = segment.flags.join('|');
  const parts = [segment.retransmission ? `${flags} again` : flags];
  if (segment.length > 0) parts.push(`${segment.length} bytes`);
  if (segment.flags.includes('SYN')) {
    parts.push(`win ${segment.window}`);
    if (segment.mss !== undefined) parts.push(`mss ${segment.mss}`);
    if (segment.windowScale !== undefined) parts.push(`wscale ${segment.windowScale}`);
  } else if (!segment.flags.includes('RST')) {
    if (segment.length === 0 && !segment.flags.includes('FIN')) parts.push(`ack ${segment.ack}`);
    parts.push(`win ${segment.window}`);
  }
  if ((segment.tos & 3) !== 0) parts.push(['', 'ECT(1)', 'ECT(0)', 'CE'][segment.tos & 3]!);
  if (segment.tos >> 2 !== 0) parts.push(`tos ${segment.tos & 0xfc}`);
  for (const option of segment.options) if (/^(?:kind|fastopen)/.test(option)) parts.push(option);
  return parts.join(' ');
}
