// A finished (or halted) run as the JSON that `sockscope run --format json` prints and the handshake view reads. Its shape is
// documented in docs/cli.md and is not changed without need: numbers are raw as a little-endian program sees them, integers that
// a double cannot hold are decimal texts, times are nanoseconds.

import { toHex } from '../base/index.ts';
import type { CtxFieldRow, KernelView } from '../kernel/index.ts';
import { decodeJson } from './btf-json.ts';
import { ctxElements, ctxValueText } from './ctx-text.ts';
import type { MapOutcome } from './expect.ts';
import { valuesJson } from './expect-maps.ts';
import type { Json } from './expectation-schema.ts';
import type { CallbackRecord, FaultRecord, ProgramRun, RunRecord, SegmentRecord } from './record.ts';

/** What the report is made of. */
export interface ReportInput {
  readonly title: string;
  readonly kernel: string;
  readonly seed: number;
  readonly hz: number;
  readonly view: KernelView;
  readonly record: RunRecord;
  readonly notes: readonly string[];
  readonly attachErrors: readonly { readonly program: number; readonly error: string; readonly why: string }[];
  readonly sockets: Readonly<Record<string, Readonly<Record<string, number | string | boolean>>>>;
  readonly maps: readonly {
    readonly name: string;
    readonly type: string;
    readonly file: string;
    readonly outcome: MapOutcome;
  }[];
}

export type Report = { readonly [member: string]: Json };

/** The whole run as JSON. */
export function report(input: ReportInput): Report {
  const { record } = input;
  return {
    title: input.title,
    kernel: input.kernel,
    seed: input.seed,
    hz: input.hz,
    callbacks: record.callbacks.map((callback) => callbackJson(callback, input.view)),
    segments: record.segments.map(segmentJson),
    actions: record.actions.map((action) => ({
      time_ns: action.time,
      host: action.host ?? null,
      step: action.step,
      text: action.text,
      error: action.error ?? null,
    })),
    sockets: input.sockets as Record<string, Json>,
    maps: Object.fromEntries(input.maps.map((map) => [map.name, mapJson(map)])),
    printk: record.printk.map((line) => ({
      time_ns: line.time,
      host: line.host,
      callback: line.callback,
      text: line.text,
    })),
    outputs: record.outputs.map((output) => ({
      time_ns: output.time,
      callback: output.callback,
      map: output.map,
      value: output.type === undefined ? `hex:${toHex(output.data)}` : decodeJson(output.data, output.type),
      bytes: toHex(output.data),
    })),
    faults: record.callbacks.flatMap((callback) =>
      callback.runs.flatMap((run) => (run.fault === undefined ? [] : [faultJson(run.fault, callback.index)])),
    ),
    notes: [...input.notes],
    attach_errors: input.attachErrors.map((error) => ({ ...error })),
  };
}

const number = (value: bigint): Json => {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value.toString();
};

/** Fields by name; an array field is a list, a pointer is whether it is not NULL. */
function contextJson(ctx: Readonly<Record<string, bigint>>, view: KernelView): Json {
  const fields: Record<string, Json> = {};
  for (const element of ctxElements(view)) {
    const value = ctx[element.name];
    if (value === undefined) continue;
    const json = element.field.repr.kind === 'pointer' ? value !== 0n : number(value);
    const name: string = element.field.name;
    if (element.field.count === 1) fields[name] = json;
    else fields[name] = [...((fields[name] as Json[] | undefined) ?? []), json];
  }
  return fields;
}

function callbackJson(callback: CallbackRecord, view: KernelView): Json {
  return {
    index: callback.index,
    host: callback.host,
    time_ns: callback.time,
    op: callback.opName,
    op_number: callback.op,
    call_site: callback.callSite,
    args: callback.args.map((arg) => arg >>> 0),
    ctx: contextJson(callback.ctx, view),
    return: callback.runs.at(-1)?.returned ?? null,
    reply: callback.reply,
    ok: callback.ok,
    effects: [...callback.effects],
    programs: callback.runs.map((run) => runJson(run, view)),
    socket: callback.socketId,
    cgroup: callback.cgroup ?? null,
    position: { event: callback.event, insn: callback.firstInsn },
  };
}

function runJson(run: ProgramRun, view: KernelView): Json {
  const rows = new Map<string, CtxFieldRow>(ctxElements(view).map((element) => [element.name, element.field]));
  return {
    program: run.name,
    file: run.file,
    return: run.returned ?? null,
    instructions: run.endInsn - run.firstInsn,
    reply_before: run.replyBefore,
    reply_after: run.replyAfter,
    reads: run.reads.map((read) => {
      const row = rows.get(read.field);
      return {
        field: read.field,
        value: number(read.value),
        text: row === undefined ? '' : ctxValueText(row, read.value),
      };
    }),
    helpers: run.helpers.map((helper) => ({ ...helper })),
    fault: run.fault === undefined ? null : run.fault.message,
  };
}

function faultJson(fault: FaultRecord, callback: number): Json {
  return {
    kind: fault.kind,
    message: fault.message,
    program: fault.program,
    slot: fault.slot,
    callback,
    file: fault.file ?? null,
    line: fault.line0 === undefined ? null : fault.line0 + 1,
    column: fault.column0 === undefined ? null : fault.column0 + 1,
  };
}

function segmentJson(segment: SegmentRecord): Json {
  return {
    index: segment.index,
    from: segment.from,
    to: segment.to,
    time_ns: segment.time,
    arrival_ns: segment.arrival ?? null,
    lost: segment.arrival === undefined,
    retransmission: segment.retransmission,
    flags: [...segment.flags],
    seq: segment.seq,
    ack: segment.ack,
    raw_seq: segment.rawSeq,
    raw_ack: segment.rawAck,
    window: segment.window,
    length: segment.length,
    tos: segment.tos,
    options: [...segment.options],
    option_bytes: toHex(segment.optionBytes),
    mss: segment.mss ?? null,
    window_scale: segment.windowScale ?? null,
  };
}

function mapJson(map: ReportInput['maps'][number]): Json {
  const { outcome } = map;
  return {
    type: map.type,
    file: map.file,
    entries: outcome.entries.map((entry) => ({
      key: decodeJson(entry.key, outcome.keyType),
      value: valuesJson(entry.values, outcome.valueType),
    })),
  };
}
