// Debuggers over the committed samples: no compiler, no files but fixtures.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Debugger, type DebuggerOptions, type StopReason } from '../../src/debugger/index.ts';
import { fromFile, worldOf } from '../world/support.ts';

export const root = path.resolve(import.meta.dirname, '../..');

/** Scenario files of the samples, relative to the checkout. */
export const SCENARIOS = readdirSync(path.join(root, 'samples'))
  .filter((file) => file.endsWith('.handshake.json'))
  .map((file) => path.join('samples', file));

/** A debugger at the beginning of a sample's scenario. */
export function debuggerOf(
  scenario: string,
  log: (text: string) => void = () => {},
  further: Pick<DebuggerOptions, 'beginSlice'> = {},
): Debugger {
  const world = worldOf(fromFile(path.join(root, scenario), 'samples'));
  return new Debugger({ world, objects: world.files.map((file) => file.object), log, ...further });
}

/** Makes a movement to its end, slice by slice. */
export function finish(target: Debugger, first: StopReason | 'slice-over'): StopReason {
  let reason = first;
  while (reason === 'slice-over') reason = target.proceed();
  return reason;
}
