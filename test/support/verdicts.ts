// One program before the running kernel's verifier and ours: what each says first, and how the two differ.

import { readFileSync } from 'node:fs';
import { type KernelView, parseTarget, viewFor } from '../../src/kernel/index.ts';
import { type VerifyInput, verify } from '../../src/verifier/index.ts';
import type { Kernel, OracleLoad } from './kernel-oracle.ts';

export interface Answer {
  readonly accepted: boolean;
  /** First of the lines that say what is wrong; '' when accepted. */
  readonly message: string;
}

export interface Comparison {
  readonly live: Answer;
  readonly ours: Answer;
  /** Where our verdict rests on an assumption. */
  readonly uncertain: readonly string[];
}

export type Difference = 'accepted-wrongly' | 'refused-wrongly' | 'other-message';

/** Logs with statistics only, in which every message still appears. */
const MESSAGES_ONLY = 4;

/** Both answers; undefined for a load that says nothing about the program (a signal came in between). */
export function compare(
  kernel: Kernel,
  view: KernelView,
  load: OracleLoad,
  input: VerifyInput,
): Comparison | undefined {
  const live = kernel.load({ ...load, logLevel: MESSAGES_ONLY });
  if (!live.accepted && live.messages.length === 0) return undefined;
  const ours = verify(input, view, { cpuCount: possibleCpus() });
  return {
    live: { accepted: live.accepted, message: live.messages[0] ?? '' },
    ours: { accepted: ours.accepted, message: ours.refusal?.remarks[0] ?? ours.refusal?.messages[0] ?? '' },
    uncertain: ours.uncertain,
  };
}

export function differenceOf({ live, ours }: Comparison): Difference | undefined {
  if (live.accepted !== ours.accepted) return ours.accepted ? 'accepted-wrongly' : 'refused-wrongly';
  return live.message === ours.message ? undefined : 'other-message';
}

/** The view of the running kernel; undefined when the tables do not describe it. */
export function viewOfRunning(kernel: Kernel): KernelView | undefined {
  const target = parseTarget(kernel.release).value;
  return target === undefined ? undefined : viewFor(target);
}

let cpus: number | undefined;

function possibleCpus(): number {
  cpus ??= 1 + Number(/(\d+)\s*$/.exec(readFileSync('/sys/devices/system/cpu/possible', 'utf8'))?.[1] ?? 0);
  return cpus;
}
