// The ladder diagram as SVG. Colours are CSS custom properties only: a standalone file (standaloneSvg) defines them for light
// and dark, the handshake view defines them from the editor's theme. Every callback and segment is a focusable group with
// data-callback, data-segment and data-event, so that a view can make it clickable without a second layout.

import { assertNever } from '../base/index.ts';
import type { CallbackRow, Ladder, LadderRow, SegmentRow } from './ladder.ts';
import { clockText, wrap } from './ladder-text.ts';
import { comparePositions, type Position } from './record.ts';

export interface SvgOptions {
  /** `compact`: one row after the other. `time`: distance is time, at least a row's height. */
  readonly axis: 'compact' | 'time';
  /** What lies at or behind this position gets the class "future". */
  readonly future?: Position;
}

const TIME_X = 76;
/** Between the lanes: room for a segment's label. */
const LANE_GAP = 280;
/** Between a lane and what stands beside it, and around the drawing. */
const BESIDE = 12;
/** Width of a character at the font's size, in bold, and in the title. */
const CHARACTER = 7.3;
const TITLE_CHARACTER = 8.2;
const LINE = 15;
const TOP = 64;
/** Characters that fit beside a lane at the font's size. */
const SIDE_CHARACTERS = 40;
const SERVER_CHARACTERS = 46;
/** Height that the time axis spreads a run over, beyond what its rows need. */
const TIME_SPREAD = 900;

/** Where things stand from left to right: as wide as the words beside the lanes need, so that it fits into a narrow pane. */
interface Columns {
  readonly client: number;
  readonly server: number;
  readonly width: number;
}

interface Placed {
  readonly row: LadderRow;
  readonly y: number;
}

/** One <svg> element. */
export function ladderSvg(ladder: Ladder, options: SvgOptions): string {
  const placed = place(ladder, options.axis);
  const columns = columnsOf(ladder);
  const { client, server, width } = columns;
  const bottom = (placed.at(-1)?.y ?? TOP) + 48;
  const parts: string[] = [];
  parts.push(
    `<svg xmlns="http://www.w3.org/2000/svg" class="ladder" viewBox="0 0 ${width} ${bottom}" width="${width}" height="${bottom}" role="group" aria-label="${escapeXml(ladder.title || 'TCP connection')}">`,
    `<style>${STYLES}</style>`,
    '<defs>',
    '<marker id="ladder-head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="ladder-head" d="M0 0 L10 5 L0 10 z"/></marker>',
    '</defs>',
    `<rect class="ladder-ground" width="${width}" height="${bottom}"/>`,
    ladder.title === '' ? '' : text(width / 2, 22, ladder.title, 'ladder-title', 'middle'),
    text(client, TOP - 18, ladder.lanes[0].label, 'ladder-lane-label', 'middle'),
    text(server, TOP - 18, ladder.lanes[1].label, 'ladder-lane-label', 'middle'),
    `<line class="ladder-lane" x1="${client}" y1="${TOP - 8}" x2="${client}" y2="${bottom - 16}"/>`,
    `<line class="ladder-lane" x1="${server}" y1="${TOP - 8}" x2="${server}" y2="${bottom - 16}"/>`,
  );
  let lastTime = '';
  for (const { row, y } of placed) {
    const time = clockText(row.time);
    const drawn = draw(row, y, placed, columns, options);
    if (drawn === '') continue;
    if (time !== lastTime) parts.push(text(TIME_X, y + 4, time, 'ladder-time', 'end'));
    lastTime = time;
    parts.push(drawn);
  }
  parts.push('</svg>');
  return parts.filter((part) => part !== '').join('\n');
}

/** A file by itself: readable on light and on dark ground. */
export function standaloneSvg(ladder: Ladder, options: SvgOptions): string {
  const svg = ladderSvg(ladder, options);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svg.replace('<style>', `<style>${STANDALONE_COLOURS}`)}\n`;
}

function columnsOf({ rows, lanes, title }: Ladder): Columns {
  const longest = { client: 0, server: 0 };
  for (const row of rows) {
    const lines =
      row.kind === 'callback' ? sideTexts(row).map(([line]) => line) : row.kind === 'action' ? [actionText(row)] : [];
    const side = row.kind === 'callback' || row.kind === 'action' ? (row.host ?? 'client') : 'client';
    for (const line of lines) longest[side] = Math.max(longest[side], line.length);
  }
  const [clientLabel, serverLabel] = lanes.map(({ label }) => (label.length * CHARACTER) / 2) as [number, number];
  const client = Math.ceil(TIME_X + BESIDE + Math.max(longest.client * CHARACTER + BESIDE, clientLabel));
  const server = Math.ceil(client + Math.max(LANE_GAP, clientLabel + serverLabel + BESIDE));
  const width = Math.ceil(server + Math.max(longest.server * CHARACTER + BESIDE, serverLabel) + BESIDE);
  return { client, server, width: Math.max(width, Math.ceil(title.length * TITLE_CHARACTER) + 2 * BESIDE) };
}

const actionText = (row: Extract<LadderRow, { kind: 'action' }>): string =>
  row.error === undefined ? row.text : `${row.text}: ${row.error}`;

function heightOf(row: LadderRow): number {
  switch (row.kind) {
    case 'callback':
      return LINE * sideTexts(row).length + 6;
    case 'segment':
      return 24;
    case 'arrival':
      return 3;
    case 'action':
      return 20;
    default:
      return assertNever(row, 'heightOf');
  }
}

function place(ladder: Ladder, axis: SvgOptions['axis']): Placed[] {
  const placed: Placed[] = [];
  const scale = ladder.end > 0 ? TIME_SPREAD / ladder.end : 0;
  let y = TOP + 12;
  for (const row of ladder.rows) {
    if (axis === 'time') y = Math.max(y, TOP + 12 + row.time * scale);
    placed.push({ row, y: Math.round(y) });
    y += heightOf(row);
  }
  return placed;
}

function draw(row: LadderRow, y: number, placed: readonly Placed[], columns: Columns, options: SvgOptions): string {
  const future =
    options.future !== undefined &&
    comparePositions(row.kind === 'callback' ? row.position : { event: row.event, insn: 0 }, options.future) >= 0;
  switch (row.kind) {
    case 'arrival':
      return '';
    case 'action': {
      const host = row.host ?? 'client';
      const words = actionText(row);
      const mark = columns[host];
      return group(
        `ladder-action${row.error === undefined ? '' : ' ladder-warning'}`,
        future,
        { event: row.event },
        words,
        `<rect class="ladder-action-mark" x="${mark - 4}" y="${y - 4}" width="8" height="8"/>${besideLane(columns, host, y, [[words, 'ladder-action-text']])}`,
      );
    }
    case 'callback':
      return drawCallback(row, y, columns, future);
    case 'segment':
      return drawSegment(row, y, placed, columns, future);
    default:
      return assertNever(row, 'draw');
  }
}

/** Text lines of a callback with their classes. */
function sideTexts(row: CallbackRow): (readonly [string, string])[] {
  const width = row.host === 'server' ? SERVER_CHARACTERS : SIDE_CHARACTERS;
  const many = row.callbacks.length > 1 ? ` x ${row.callbacks.length}` : '';
  const head = `${row.op}${many}${row.answer === '' ? '' : `  ${row.answer}`}`;
  return [
    ...wrap(head, width).map((line) => [line, 'ladder-op'] as const),
    ...row.effects.flatMap((effect) => wrap(effect, width)).map((line) => [line, 'ladder-effect'] as const),
    ...(row.warning === '' ? [] : wrap(row.warning, width)).map((line) => [line, 'ladder-warning-text'] as const),
  ];
}

function drawCallback(row: CallbackRow, y: number, columns: Columns, future: boolean): string {
  const x = row.host === 'server' ? columns.server : columns.client;
  const words = [`${row.host}: ${row.op}`, row.answer, ...row.effects, row.warning]
    .filter((part) => part !== '')
    .join(', ');
  return group(
    `ladder-callback ladder-${row.host}${row.warning === '' ? '' : ' ladder-warning'}`,
    future,
    { callback: row.callbacks[0], event: row.event, insn: row.position.insn },
    words,
    `<circle class="ladder-dot" cx="${x}" cy="${y}" r="5"/>${besideLane(columns, row.host, y, sideTexts(row))}`,
  );
}

function besideLane(
  columns: Columns,
  host: 'client' | 'server',
  y: number,
  lines: readonly (readonly [string, string])[],
): string {
  const x = host === 'client' ? columns.client - BESIDE : columns.server + BESIDE;
  const anchor = host === 'client' ? 'end' : 'start';
  return lines.map(([line, style], index) => text(x, y + 4 + LINE * index, line, style, anchor)).join('');
}

function drawSegment(
  row: SegmentRow,
  y: number,
  placed: readonly Placed[],
  { client, server }: Columns,
  future: boolean,
): string {
  const forward = row.from === 'client';
  const x1 = forward ? client : server;
  const arrivalY = row.arrivalRow === undefined ? undefined : placed[row.arrivalRow]?.y;
  const x2 = row.lost ? (client + server) / 2 + (forward ? 40 : -40) : forward ? server : client;
  const y2 = row.lost ? y + 12 : (arrivalY ?? y + 12);
  const middleX = (x1 + x2) / 2;
  const middleY = (y + y2) / 2;
  const angle = (Math.atan2(y2 - y, Math.abs(x2 - x1)) * 180) / Math.PI;
  // A long flight (many rows between sending and arrival) would turn its label on end: such labels stay at the sender.
  // So does the label of a lost one, whose arrow is short.
  const steep = Math.abs(angle) > 20 || row.lost;
  const label = steep
    ? text(x1 + (forward ? 10 : -10), y - 3, row.label, 'ladder-label', forward ? 'start' : 'end')
    : `<text class="ladder-label" x="${middleX}" y="${middleY - 5}" text-anchor="middle" transform="rotate(${((forward ? 1 : -1) * angle).toFixed(1)} ${middleX} ${middleY})">${escapeXml(row.label)}</text>`;
  const cross = row.lost
    ? `<path class="ladder-cross" d="M${x2 - 5} ${y2 - 5} l10 10 M${x2 + 5} ${y2 - 5} l-10 10"/>`
    : '';
  const words = `${row.from} sends ${row.label}${row.lost ? ', lost' : ''}`;
  return group(
    `ladder-segment ladder-${row.from}${row.lost ? ' ladder-lost' : ''}${row.retransmission ? ' ladder-again' : ''}`,
    future,
    { segment: row.segments[0], event: row.event },
    words,
    `<line class="ladder-arrow" x1="${x1}" y1="${y}" x2="${x2}" y2="${y2}"${row.lost ? '' : ' marker-end="url(#ladder-head)"'}/>${cross}${label}`,
  );
}

function group(
  style: string,
  future: boolean,
  data: Readonly<Record<string, number | undefined>>,
  words: string,
  inner: string,
): string {
  const attributes = Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` data-${name}="${value}"`)
    .join('');
  return `<g class="${style}${future ? ' future' : ''}"${attributes} role="button" tabindex="0"><title>${escapeXml(words)}</title>${inner}</g>`;
}

const text = (x: number, y: number, words: string, style: string, anchor: 'start' | 'middle' | 'end'): string =>
  `<text class="${style}" x="${x}" y="${y}" text-anchor="${anchor}">${escapeXml(words)}</text>`;

function escapeXml(words: string): string {
  let out = '';
  for (const character of words) {
    const code = character.codePointAt(0)!;
    if (character === '&') out += '&amp;';
    else if (character === '<') out += '&lt;';
    else if (character === '>') out += '&gt;';
    else if (character === '"') out += '&quot;';
    // Control characters are not allowed in XML, not even as references.
    else out += code < 32 || (code >= 0xd800 && code < 0xe000) ? ' ' : character;
  }
  return out;
}

const STYLES = [
  '.ladder{font:12px ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace}',
  '.ladder text{fill:var(--ladder-text)}',
  '.ladder-ground{fill:var(--ladder-ground)}',
  '.ladder .ladder-title{font-size:15px;font-weight:600;font-family:system-ui,sans-serif}',
  '.ladder .ladder-lane-label{font-weight:600}',
  '.ladder-lane{stroke:var(--ladder-lane);stroke-width:2}',
  '.ladder .ladder-time{fill:var(--ladder-dim);font-size:11px}',
  '.ladder-dot{fill:var(--ladder-callback);stroke:var(--ladder-ground);stroke-width:1.5}',
  '.ladder .ladder-op{fill:var(--ladder-callback)}',
  '.ladder .ladder-effect{fill:var(--ladder-effect)}',
  '.ladder .ladder-warning-text{fill:var(--ladder-warning)}',
  '.ladder-warning .ladder-dot{fill:var(--ladder-warning)}',
  '.ladder-arrow{stroke:var(--ladder-segment);stroke-width:1.5}',
  '.ladder-head{fill:var(--ladder-segment)}',
  '.ladder .ladder-label{font-size:11px}',
  '.ladder-lost .ladder-arrow{stroke:var(--ladder-warning);stroke-dasharray:5 4}',
  '.ladder-cross{stroke:var(--ladder-warning);stroke-width:2;fill:none}',
  '.ladder-again .ladder-arrow{stroke-dasharray:8 3}',
  '.ladder-action-mark{fill:var(--ladder-dim)}',
  '.ladder .ladder-action-text{fill:var(--ladder-dim)}',
  '.ladder-warning .ladder-action-text{fill:var(--ladder-warning)}',
  '.ladder .future{opacity:.45}',
].join('');

const STANDALONE_COLOURS = [
  ':root{--ladder-ground:#ffffff;--ladder-text:#1f2328;--ladder-dim:#656d76;--ladder-lane:#c4ccd4;--ladder-callback:#0550ae;--ladder-effect:#116329;--ladder-warning:#b42318;--ladder-segment:#57606a}',
  '@media (prefers-color-scheme: dark){:root{--ladder-ground:#0d1117;--ladder-text:#e6edf3;--ladder-dim:#8d96a0;--ladder-lane:#3d444d;--ladder-callback:#79c0ff;--ladder-effect:#7ee787;--ladder-warning:#ff7b72;--ladder-segment:#9198a1}}',
].join('');
