// The kernel's side of a socket as named values: what reports print at the end of a run, what scenarios may expect, and what
// the debugger shows beside the context. The TCP model describes its sockets; what the handshake fixed is added here.

import type { NamedValue } from './monitor.ts';
import type { SegmentRecord } from './record.ts';
import type { HostSide } from './scenario-schema.ts';

export type SocketFields = Readonly<Record<string, number | string | boolean>>;

/** A description as the TCP model gives it. */
export type SocketDescription = readonly (readonly [name: string, value: string | number | boolean])[];

/** Fields for a report. `side`: the host whose end it is; undefined for the listener. */
export function socketFields(
  description: SocketDescription,
  side: HostSide | undefined,
  segments: readonly SegmentRecord[],
): SocketFields {
  const fields: Record<string, number | string | boolean> = Object.fromEntries(description);
  const opening =
    side === undefined ? undefined : segments.find((segment) => segment.from === side && segment.flags.includes('SYN'));
  if (opening?.mss !== undefined) {
    // The first window counts in segments as RWND_INIT replies do. The passive side knows by then that timestamps will take 12
    // bytes of each; the active side does not.
    const mss = side === 'server' && fields['timestamps'] === true ? opening.mss - 12 : opening.mss;
    fields['rcv_wnd_initial'] = Math.floor(opening.window / mss);
    fields['rcv_wnd_initial_bytes'] = opening.window;
  }
  return fields;
}

const UNITS: readonly (readonly [ending: string, unit: string])[] = [
  ['_us', 'us'],
  ['_ms', 'ms'],
  ['buf', 'bytes'],
  ['_wnd', 'bytes'],
  ['mss', 'bytes'],
];

/** The same as a list with units, for the debugger. */
export function socketValues(description: SocketDescription): readonly NamedValue[] {
  return description.map(([name, value]) => {
    const unit = UNITS.find(([ending]) => name.endsWith(ending))?.[1];
    return { name, value, ...(unit === undefined ? {} : { unit }) };
  });
}
