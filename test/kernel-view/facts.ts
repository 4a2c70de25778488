// Typed access to the recorded answers of real kernels in test/facts/kernel.

import { readFileSync } from 'node:fs';

interface Probe {
  readonly release: string;
  readonly returnValueAccepted: Readonly<Record<string, boolean>>;
  readonly returnUnknownScalarAccepted: boolean;
  /** offset, size, read accepted, write accepted, read message, write message */
  readonly ctx: readonly (readonly [number, number, boolean, boolean, string, string])[];
  readonly helpers: Readonly<Record<string, { readonly gpl: string; readonly nongpl: string }>>;
}

/** The probe files with the target that names the probed kernel; Debian's release strings end in .0 for a late stable release. */
export const PROBES = [
  { file: 'probe-5.10.0.json', target: '5.10' },
  { file: 'probe-6.1.0.json', target: 'debian12' },
  { file: 'probe-6.12.111.json', target: '6.12.111' },
  { file: 'probe-6.17.13.json', target: '6.17.13' },
  { file: 'probe-6.18.44.json', target: '6.18' },
  { file: 'probe-7.2.13.json', target: 'upstream' },
] as const;

/** A file of test/facts/kernel, parsed. */
export function readFacts<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../facts/kernel/${file}`, import.meta.url), 'utf8')) as T;
}

export const readProbe = (file: string): Probe => readFacts<Probe>(file);
