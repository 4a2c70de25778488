// Small line charts of what the callbacks saw: one chart per quantity, one step line per host.

import { element, svgElement } from './dom.ts';
import type { ViewSeries } from './protocol.ts';

const WIDTH = 320;
const HEIGHT = 96;
const LEFT = 52;
const BOTTOM = 18;
const TOP = 6;
const RIGHT = 8;

/** A round number at or above `value`, for the top of an axis. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((factor) => value <= factor * power) ?? 10;
  return step * power;
}

/** 12500 -> "12.5 k". */
export function shortNumber(value: number): string {
  const units: readonly (readonly [number, string])[] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  const unit = units.find(([size]) => Math.abs(value) >= size);
  if (unit === undefined) return String(Math.round(value * 100) / 100);
  return `${Math.round((value / unit[0]) * 10) / 10} ${unit[1]}`;
}

function stepPath(
  points: ViewSeries['points'],
  x: (time: number) => number,
  y: (value: number) => number,
  endTime: number,
): string {
  let path = '';
  let last: number | undefined;
  for (const [time, value] of points) {
    path +=
      last === undefined
        ? `M${x(time).toFixed(1)} ${y(value).toFixed(1)}`
        : `H${x(time).toFixed(1)}V${y(value).toFixed(1)}`;
    last = value;
  }
  return last === undefined ? '' : `${path}H${x(endTime).toFixed(1)}`;
}

function chart(name: string, lines: readonly ViewSeries[], endTime: number): HTMLElement {
  const unit = lines[0]?.unit ?? '';
  const top = niceCeiling(Math.max(...lines.flatMap((line) => line.points.map(([, value]) => value))));
  const x = (time: number): number => LEFT + (time / Math.max(endTime, 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const last = lines.map((line) => `${line.host} ${shortNumber(line.points.at(-1)?.[1] ?? 0)} ${unit}`).join(', ');
  const svg = svgElement(
    'svg',
    {
      class: 'chart',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: 'img',
      'aria-label': `${name} over time; at the end ${last}`,
    },
    [
      svgElement('path', { class: 'axis', d: `M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}` }),
      svgElement('text', { class: 'tick', x: LEFT - 6, y: TOP + 8, 'text-anchor': 'end' }, [shortNumber(top)]),
      svgElement('text', { class: 'tick', x: LEFT - 6, y: HEIGHT - BOTTOM, 'text-anchor': 'end' }, ['0']),
      svgElement('text', { class: 'tick', x: LEFT, y: HEIGHT - 4 }, ['0']),
      svgElement('text', { class: 'tick', x: WIDTH - RIGHT, y: HEIGHT - 4, 'text-anchor': 'end' }, [
        `${shortNumber(endTime / 1e6)} ms`,
      ]),
      ...lines.map((line, index) =>
        svgElement('path', { class: `line line-${index}`, d: stepPath(line.points, x, y, endTime) }),
      ),
    ],
  );
  const legend = element(
    'p',
    { class: 'legend' },
    lines.map((line, index) => element('span', { class: `key key-${index}` }, [line.host])),
  );
  return element('figure', {}, [element('figcaption', {}, [`${name}${unit === '' ? '' : ` (${unit})`}`]), svg, legend]);
}

/** One figure per quantity, in the order of the series. */
export function chartsOf(series: readonly ViewSeries[]): HTMLElement[] {
  const endTime = Math.max(1, ...series.flatMap((line) => line.points.map(([time]) => time)));
  const names = [...new Set(series.map((line) => line.name))];
  return names.map((name) =>
    chart(
      name,
      series.filter((line) => line.name === name),
      endTime,
    ),
  );
}
