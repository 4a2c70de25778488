// A run for people: the ladder, then what each callback read and did, then what was printed, what went wrong, what the tool has
// to remark, and how sockets and maps look at the end.

import type { CallbackRecord, Json, ProgramRun, TextStyle, World } from '../world/index.ts';
import {
  argumentsText,
  clockText,
  ctxElements,
  ctxValueText,
  errnoText,
  ladderText,
  shortOp,
  wrap,
} from '../world/index.ts';
import { type Column, tableLines } from './table.ts';

const WIDTH = 100;

/** All lines of `sockscope run`. */
export function runText(world: World, style: TextStyle, fold: 'folded' | 'single'): string[] {
  const lines = [...headLines(world, style), ''];
  lines.push(...ladderText(world.ladder(fold), style), '');
  lines.push(...callbackTable(world, style, fold), '');
  lines.push(...printkLines(world, style));
  lines.push(...outputLines(world, style));
  lines.push(...attachLines(world, style));
  lines.push(...faultLines(world, style));
  lines.push(...noteLines(world, style));
  lines.push(...socketLines(world, style, fold));
  lines.push(...mapLines(world, style));
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

function headLines(world: World, style: TextStyle): string[] {
  const { scenario } = world;
  const programs = world.programs.map(
    (program) => `${program.program.name} (${world.shownFile(program.file)}) in ${program.spec.cgroup}`,
  );
  const what = `${world.view.target.title}, HZ ${scenario.hz}, seed ${scenario.seed}`;
  return [
    ...(scenario.title === '' ? [] : wrap(scenario.title, WIDTH).map((line) => style.heading(line))),
    ...wrap(`${what}; ${programs.length === 0 ? 'no program' : programs.join(', ')}`, WIDTH).map((line) =>
      style.dim(line),
    ),
  ];
}

/** Whether anything but the op was read, answered or changed. */
function isQuiet(callback: CallbackRecord): boolean {
  return (
    callback.effects.length === 0 &&
    callback.runs.every(
      (run) =>
        run.helpers.length === 0 &&
        run.fault === undefined &&
        run.replyAfter === run.replyBefore &&
        run.returned === 1 &&
        run.reads.every((read) => read.field === 'op'),
    )
  );
}

function callbackTable(world: World, style: TextStyle, fold: 'folded' | 'single'): string[] {
  const { callbacks } = world.record;
  if (callbacks.length === 0) return ['No callback happened.'];
  const rows: string[][] = [];
  for (let at = 0; at < callbacks.length; at++) {
    const callback = callbacks[at]!;
    let count = 1;
    while (fold === 'folded' && isQuiet(callback) && sameQuiet(callback, callbacks[at + count])) count++;
    rows.push(rowOf(world, callback, count));
    at += count - 1;
  }
  // What was read gets as much room as it needs, the effects all that is left.
  const widest = Math.max(4, ...rows.flatMap((row) => row[3]!.split('\n').map((text) => text.length)));
  const read = Math.min(widest, 26);
  const columns: Column[] = [
    { title: 'time', width: 9, align: 'right', dress: style.time },
    { title: 'host', width: 6 },
    { title: 'op', width: 22, dress: style.op },
    { title: 'read', width: read },
    { title: 'reply', width: 5, align: 'right' },
    { title: 'effects', width: WIDTH - 9 - 6 - 22 - read - 5 - 10, dress: style.effect },
  ];
  return tableLines(columns, rows, style.heading);
}

const sameQuiet = (a: CallbackRecord, b: CallbackRecord | undefined): boolean =>
  b !== undefined && b.op === a.op && b.host === a.host && b.args.join() === a.args.join() && isQuiet(b);

function rowOf(world: World, callback: CallbackRecord, count: number): string[] {
  const name = shortOp(callback.opName);
  const args = argumentsText(world.view, callback.op, callback.args);
  return [
    clockText(callback.time),
    callback.host,
    `${name}${count === 1 ? '' : ` x ${count}`}${args === '' || count > 1 ? '' : `\n${args}`}`,
    readText(world, callback),
    callback.runs.some((run) => run.replyAfter !== run.replyBefore) ? String(callback.reply) : '',
    effectText(callback),
  ];
}

function readText(world: World, callback: CallbackRecord): string {
  const elements = ctxElements(world.view);
  const lines: string[] = [];
  for (const run of callback.runs) {
    const reads = run.reads
      .filter((read) => read.field !== 'op')
      .map((read) => {
        const field = elements.find((element) => element.name === read.field)?.field;
        return `${read.field} ${field === undefined ? read.value : ctxValueText(field, read.value)}`;
      });
    const who = callback.runs.length > 1 ? [`${run.name}:`] : [];
    lines.push(...who, ...reads);
  }
  return lines.join('\n');
}

function effectText(callback: CallbackRecord): string {
  const lines: string[] = [...callback.effects];
  for (const run of callback.runs) {
    for (const helper of run.helpers) {
      if (helper.result < 0) lines.push(`${helper.name}(${helper.detail}): ${errnoText(helper.result)}`);
    }
    lines.push(...returnRemarks(run));
  }
  return lines.join('\n');
}

function returnRemarks(run: ProgramRun): string[] {
  if (run.fault !== undefined) return [`fault: ${run.fault.message}`];
  if (run.returned === undefined) return ['not run: it did not end before'];
  return run.returned === 0 || run.returned === 1 ? [] : [`${run.name} returned ${run.returned}`];
}

const section = (title: string, lines: readonly string[], style: TextStyle): string[] =>
  lines.length === 0 ? [] : [style.heading(title), ...lines, ''];

function printkLines(world: World, style: TextStyle): string[] {
  return section(
    'bpf_printk',
    world.record.printk.map(
      (line) => `  ${style.time(clockText(line.time).padStart(9))}  ${line.host.padEnd(6)}  ${line.text}`,
    ),
    style,
  );
}

function outputLines(world: World, style: TextStyle): string[] {
  return section(
    'sent to user space',
    world.record.outputs.flatMap((output) =>
      wrap(`${clockText(output.time)}  ${output.map}  ${jsonText(world.outputJson(output))}`, WIDTH - 6).map(
        (line, index) => (index === 0 ? `  ${line}` : `      ${line}`),
      ),
    ),
    style,
  );
}

function attachLines(world: World, style: TextStyle): string[] {
  return section(
    'not attached',
    world.attachErrors.map((error) => `  ${style.warning(error.error)} program ${error.program}: ${error.why}`),
    style,
  );
}

function faultLines(world: World, style: TextStyle): string[] {
  const lines = world.faults.flatMap(({ fault, callback }) => {
    const where =
      fault.file === undefined
        ? `instruction ${fault.slot}`
        : `${fault.file}:${(fault.line0 ?? 0) + 1}, instruction ${fault.slot}`;
    return [
      ...wrap(`${fault.program}: ${fault.message}`, WIDTH - 2).map((line) => `  ${style.warning(line)}`),
      `    in ${shortOp(world.record.callbacks[callback]?.opName ?? '')} at ${where}`,
      ...(fault.lineText === undefined || fault.lineText.trim() === ''
        ? []
        : [`    ${style.dim('|')} ${fault.lineText.trim()}`]),
    ];
  });
  return section('faults', lines, style);
}

function noteLines(world: World, style: TextStyle): string[] {
  return section(
    'notes',
    world.notes.flatMap((note) =>
      wrap(note, WIDTH - 4).map((line, index) => (index === 0 ? `  - ${line}` : `    ${line}`)),
    ),
    style,
  );
}

/** Fields that are always shown; of the others those that somebody changed. */
const MAIN_FIELDS = [
  'state',
  'congestion_control',
  'snd_cwnd',
  'mss_cache',
  'srtt_us',
  'rto_us',
  'rcv_wnd_initial',
  'rcv_wnd_initial_bytes',
  'rcv_wscale',
  'sndbuf',
  'rcvbuf',
  'bytes_acked',
  'bytes_received',
  'total_retrans',
];

/** Values that say nothing: what a socket has that nobody touched. */
const USUAL: Readonly<Record<string, readonly (number | string | boolean)[]>> = {
  snd_cwnd_clamp: [0xffff_ffff],
  snd_ssthresh: [0x7fff_ffff],
  ecn_flags: [0],
  tos: [0],
  tclass: [0],
  mark: [0],
  priority: [0],
  max_pacing_rate: [-1, 0xffff_ffff],
  keepalive: [false],
  nodelay: [false],
  save_syn: [0],
  user_timeout_ms: [0],
  rto_min_us: [200_000],
  delack_max_us: [200_000],
  bpf_sock_ops_cb_flags: [0],
  sk_bpf_cb_flags: [0],
};

function socketLines(world: World, style: TextStyle, fold: 'folded' | 'single'): string[] {
  const lines = Object.entries(world.sockets()).flatMap(([who, fields]) => {
    const shown = Object.entries(fields).filter(([name, value]) => {
      if (fold === 'single' || MAIN_FIELDS.includes(name))
        return who !== 'listener' || fold === 'single' || name === 'state';
      const usual = USUAL[name];
      return usual !== undefined && !usual.includes(value);
    });
    const words = shown.map(([name, value]) => `${name} ${value}`);
    return wrap(words.join(', '), WIDTH - 12).map((line, index) => `  ${(index === 0 ? who : '').padEnd(9)} ${line}`);
  });
  return section('sockets at the end', lines, style);
}

/** Entries shown of one map. */
const MOST_ENTRIES = 16;

function mapLines(world: World, style: TextStyle): string[] {
  const lines = world.maps().flatMap((map) => {
    const { entries } = map.outcome;
    const rows = entries
      .filter((entry) => !entry.values.every((value) => value.every((byte) => byte === 0)) || entries.length <= 4)
      .map((entry) => {
        const text = `${jsonText(world.keyJson(map, entry))} = ${jsonText(world.valueJson(map, entry))}`;
        return wrap(text, WIDTH - 8).map((line, index) => (index === 0 ? `    ${line}` : `        ${line}`));
      });
    const shown = rows.slice(0, MOST_ENTRIES).flat();
    if (rows.length > MOST_ENTRIES) shown.push(`    ... and ${rows.length - MOST_ENTRIES} more`);
    return [`  ${style.op(map.name)} (${map.type}, ${entries.length} of ${map.maxEntries})`, ...shown];
  });
  return section('maps at the end', lines, style);
}

/** JSON as a person writes it: {rtt: 3, name: "x"}. */
function jsonText(json: Json): string {
  if (typeof json === 'string') return /^-?\d+$/.test(json) ? json : JSON.stringify(json);
  if (Array.isArray(json)) return `[${json.map(jsonText).join(', ')}]`;
  if (typeof json === 'object' && json !== null) {
    return `{${Object.entries(json)
      .map(([name, value]) => `${name}: ${jsonText(value)}`)
      .join(', ')}}`;
  }
  return String(json);
}
