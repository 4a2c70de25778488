// The ladder diagram for a terminal: 100 columns, time on the left, each host's callbacks on its own side, segments in between.

import type { CallbackRow, Ladder, LadderRow, SegmentRow } from './ladder.ts';

/** How parts are dressed up; every function gives back its text with zero-width marks added or nothing. */
export interface TextStyle {
  time(text: string): string;
  op(text: string): string;
  effect(text: string): string;
  warning(text: string): string;
  segment(text: string): string;
  lost(text: string): string;
  action(text: string): string;
  heading(text: string): string;
  dim(text: string): string;
}

const same = (text: string): string => text;
/** No colours. */
export const PLAIN: TextStyle = {
  time: same,
  op: same,
  effect: same,
  warning: same,
  segment: same,
  lost: same,
  action: same,
  heading: same,
  dim: same,
};

const TIME = 10;
const SIDE = 28;
const MIDDLE = 30;

/** Lines of the diagram, each at most 100 columns wide. */
export function ladderText(ladder: Ladder, style: TextStyle = PLAIN): string[] {
  const lines: string[] = [];
  const [client, server] = ladder.lanes;
  const gap = SIDE + MIDDLE + 2 - client.label.length;
  const heading = `${client.label}${' '.repeat(Math.max(2, gap - Math.max(0, server.label.length - SIDE - 1)))}${server.label}`;
  lines.push(' '.repeat(TIME) + style.heading(heading));
  let lastTime = '';
  for (const row of ladder.rows) {
    const time = clockText(row.time);
    const block = rowLines(row, style);
    block.forEach(([left, middle, right], index) => {
      const stamp = index === 0 && time !== lastTime ? time : '';
      lines.push(trimEnd(`${style.time(stamp.padStart(TIME - 1))} ${left}${middle}${right}`));
    });
    if (block.length > 0) lastTime = time;
  }
  return lines;
}

type Cells = readonly [left: string, middle: string, right: string];

const BLANK_LEFT = ' '.repeat(SIDE);
const LANES = (style: TextStyle): string => style.dim('│') + ' '.repeat(MIDDLE) + style.dim('│');

function rowLines(row: LadderRow, style: TextStyle): Cells[] {
  switch (row.kind) {
    case 'arrival':
      return [];
    case 'action': {
      const text = row.error === undefined ? row.text : `${row.text}: ${row.error}`;
      const dress = row.error === undefined ? style.action : style.warning;
      return sided(row.host, wrap(`${text}`, SIDE - 1), () => dress, style);
    }
    case 'callback':
      return callbackLines(row, style);
    case 'segment':
      return segmentLines(row, style);
  }
}

function callbackLines(row: CallbackRow, style: TextStyle): Cells[] {
  const many = row.callbacks.length > 1 ? ` x ${row.callbacks.length}` : '';
  const head = wrap(`${row.op}${many}${row.answer === '' ? '' : ` ${row.answer}`}`, SIDE - 3);
  const effects = row.effects.flatMap((effect) => wrap(effect, SIDE - 3).map((line) => `  ${line}`));
  const warning = row.warning === '' ? [] : wrap(`! ${row.warning}`, SIDE - 3).map((line) => `  ${line}`);
  const texts = [...head.map((line, index) => (index === 0 ? `● ${line}` : `  ${line}`)), ...effects, ...warning];
  const dress = (index: number) =>
    index < head.length ? style.op : index < head.length + effects.length ? style.effect : style.warning;
  return sided(row.host, texts, dress, style);
}

/** Puts lines beside a host's lane. */
function sided(
  host: 'client' | 'server' | undefined,
  texts: readonly string[],
  dress: (index: number) => (text: string) => string,
  style: TextStyle,
): Cells[] {
  return texts.map((text, index) => {
    const dressed = dress(index)(text);
    if (host === 'server') return [BLANK_LEFT, LANES(style), ` ${dressed}`];
    return [dressed + ' '.repeat(Math.max(0, SIDE - text.length)), LANES(style), ''];
  });
}

function segmentLines(row: SegmentRow, style: TextStyle): Cells[] {
  const room = MIDDLE - 5;
  const texts = wrap(row.label, room);
  const dress = row.lost ? style.lost : style.segment;
  const lane = style.dim('│');
  return texts.map((text, index) => {
    if (index < texts.length - 1) return [BLANK_LEFT, `${lane}  ${dress(text.padEnd(MIDDLE - 2))}${lane}`, ''];
    const fill = '─'.repeat(room - text.length);
    const arrow =
      row.from === 'client'
        ? `─ ${text} ${fill}${row.lost ? '─✗' : '─►'}`
        : `${row.lost ? '✗─' : '◄─'}${fill} ${text} ─`;
    return [BLANK_LEFT, `${lane}${dress(arrow)}${lane}`, ''];
  });
}

/** A moment of the run in at most nine columns: "0", "10.00 ms", "1030.1 ms", "12.000 s". */
export function clockText(time: number): string {
  if (time === 0) return '0';
  if (time < 1e6) return `${(time / 1e3).toFixed(0)} us`;
  if (time < 10e9) return `${(time / 1e6).toFixed(time < 100e6 ? 2 : 1)} ms`;
  return `${(time / 1e9).toFixed(3)} s`;
}

/** Breaks a text at spaces into lines of at most `width`; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const whole of text.split(' ')) {
    let word = whole;
    while (word.length > width) {
      const room = line === '' ? width : Math.max(0, width - line.length - 1);
      if (room > width / 3) {
        lines.push(line === '' ? word.slice(0, room) : `${line} ${word.slice(0, room)}`);
        word = word.slice(room);
      } else lines.push(line);
      line = '';
    }
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

const trimEnd = (line: string): string => line.replace(/\s+$/, '');
