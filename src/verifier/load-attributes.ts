// What BPF_PROG_LOAD is told besides the program: flags and the attach type, as far as they matter for sock_ops.
// Source of truth: kernel/bpf/syscall.c bpf_prog_load, kernel/bpf/verifier.c bpf_check; answers of kernels 5.10 to 7.2 to each flag.

import { CONSTANTS, type ConstantName, type KernelView } from '../kernel/index.ts';
import type { Env } from './env.ts';

const LOAD_FLAGS = CONSTANTS.filter((row) => row.group === 'program-load');

export const hasFlag = (flags: number, name: ConstantName): boolean =>
  LOAD_FLAGS.some((row) => row.name === name && (flags & row.value) !== 0);

function unknownFlags(flags: number, view: KernelView): number {
  let rest = flags;
  for (const row of LOAD_FLAGS) if (view.presence('verifier', row.lifetimes) !== 'no') rest &= ~row.value;
  return rest >>> 0;
}

/** BPF_TRACE_FENTRY_MULTI to BPF_TRACE_FSESSION_MULTI, where they exist: the only attach types that this program type is refused. */
const MULTI_ATTACH_TYPES = { first: 59, last: 61 } as const;

/** Asked before anything else. */
export function checkAttributes(env: Env): void {
  const flags = unknownFlags(env.loadFlags, env.view);
  if (flags !== 0) env.refuse({ kind: 'load-flags', problem: 'unknown', flags }, undefined);
  const attachType = env.input.expectedAttachType ?? 0;
  const isMulti = MULTI_ATTACH_TYPES.first <= attachType && attachType <= MULTI_ATTACH_TYPES.last;
  if (isMulti && env.view.has('tracing-multi')) env.refuse({ kind: 'attach-type', attachType }, undefined);
}

/** Asked once functions and their types are found to fit. */
export function checkMaySleep(env: Env): void {
  if (hasFlag(env.loadFlags, 'BPF_F_SLEEPABLE'))
    env.refuse({ kind: 'load-flags', problem: 'sleepable', flags: env.loadFlags }, undefined);
}

/** Whether every access must be aligned to its size. */
export const alignsStrictly = (flags: number): boolean =>
  hasFlag(flags, 'BPF_F_STRICT_ALIGNMENT') && !hasFlag(flags, 'BPF_F_ANY_ALIGNMENT');
