// The release that a bare series number stands for. A stable series changes while it lives: fixes are backported, and some of
// them change what the verifier accepts. "6.1" therefore means the release of 6.1 that the facts were measured or read on.
// Source: the release strings of the probe files, and the list of trees in the facts.

import { type KernelVersion, parseVersion, version } from './version.ts';

interface ReleaseRow {
  readonly series: string;
  readonly release: string;
  /** `measured`: a kernel of this release was asked. `read`: its source was read. */
  readonly basis: 'measured' | 'read';
}

export const RELEASES: readonly ReleaseRow[] = [
  { series: '4.13', release: '4.13.9', basis: 'read' },
  { series: '4.14', release: '4.14.74', basis: 'read' },
  { series: '4.15', release: '4.15.18', basis: 'read' },
  { series: '4.16', release: '4.16.13', basis: 'read' },
  { series: '4.17', release: '4.17.0', basis: 'read' },
  { series: '4.19', release: '4.19.1', basis: 'read' },
  { series: '5.0', release: '5.0.1', basis: 'read' },
  { series: '5.2', release: '5.2.1', basis: 'read' },
  { series: '5.3', release: '5.3.1', basis: 'read' },
  { series: '5.4', release: '5.4.0', basis: 'read' },
  { series: '5.6', release: '5.6.4', basis: 'read' },
  { series: '5.7', release: '5.7.14', basis: 'read' },
  { series: '5.8', release: '5.8.1', basis: 'read' },
  { series: '5.9', release: '5.9.1', basis: 'read' },
  { series: '5.10', release: '5.10.223', basis: 'measured' },
  { series: '5.11', release: '5.11.0', basis: 'read' },
  { series: '5.12', release: '5.12.9', basis: 'read' },
  { series: '5.14', release: '5.14.2', basis: 'read' },
  { series: '5.15', release: '5.15.178', basis: 'read' },
  { series: '5.16', release: '5.16.10', basis: 'read' },
  { series: '5.18', release: '5.18.0', basis: 'read' },
  { series: '5.19', release: '5.19.0', basis: 'read' },
  { series: '6.0', release: '6.0.1', basis: 'read' },
  { series: '6.1', release: '6.1.176', basis: 'measured' },
  { series: '6.2', release: '6.2.12', basis: 'read' },
  { series: '6.3', release: '6.3.8', basis: 'read' },
  { series: '6.4', release: '6.4.6', basis: 'read' },
  { series: '6.5', release: '6.5.0', basis: 'read' },
  { series: '6.6', release: '6.6.9', basis: 'read' },
  { series: '6.7', release: '6.7.3', basis: 'read' },
  { series: '6.8', release: '6.8.0', basis: 'read' },
  { series: '6.9', release: '6.9.0', basis: 'read' },
  { series: '6.10', release: '6.10.0', basis: 'read' },
  { series: '6.11', release: '6.11.11', basis: 'read' },
  { series: '6.12', release: '6.12.111', basis: 'measured' },
  { series: '6.13', release: '6.13.2', basis: 'read' },
  { series: '6.14', release: '6.14.0', basis: 'read' },
  { series: '6.17', release: '6.17.13', basis: 'measured' },
  { series: '6.18', release: '6.18.44', basis: 'measured' },
  { series: '7.2', release: '7.2.13', basis: 'measured' },
];

const bySeries = new Map<number, KernelVersion>(
  RELEASES.map((row) => [parseVersion(row.series)!, parseVersion(row.release)!]),
);

/** The release that stands for a series whose third number is 0; the series' first release where none was examined. */
export function bareSeries(series: KernelVersion): KernelVersion {
  return bySeries.get(series) ?? version(series >> 20, (series >> 10) & 1023, series & 1023);
}
