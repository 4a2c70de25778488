// Options that an application sets by name: how the TCP model takes them. Names that programs can set too come from the
// knowledge base; the few that only user space has stand here.

import { optionLevelNumber, SOCKOPTS } from '../kernel/index.ts';
import type { ProcessOption } from '../tcp/index.ts';
import type { SocketOptionSpec } from './scenario-schema.ts';

/** Options that are more than a number, and such as no program can set. */
const SPECIAL: Readonly<Record<string, (value: number | string) => ProcessOption>> = {
  SO_LINGER: (value) => ({ name: 'linger', seconds: Number(value) }),
  TCP_CORK: (value) => ({ name: 'cork', on: Number(value) !== 0 }),
  TCP_QUICKACK: (value) => ({ name: 'quick-ack', value: Number(value) }),
  TCP_DEFER_ACCEPT: (value) => ({ name: 'defer-accept', seconds: Number(value) }),
  TCP_FASTOPEN: (value) => ({ name: 'fastopen-queue', length: Number(value) }),
  TCP_LINGER2: (value) => ({ name: 'fin-timeout', seconds: Number(value) }),
  TCP_CONGESTION: (value) => ({ name: 'congestion-control', algorithm: String(value) }),
};

/** Every name that a scenario can use. */
export function socketOptionNames(): string[] {
  const names = SOCKOPTS.filter((row) => !row.bpfOnly && 'set' in row).map((row) => row.name as string);
  return [...new Set([...names, ...Object.keys(SPECIAL)])];
}

export type SocketOption =
  | { readonly kind: 'special'; readonly option: ProcessOption }
  | { readonly kind: 'number'; readonly level: number; readonly number: number; readonly value: number };

/** How to set an option; the name must be one of socketOptionNames(). */
export function socketOption(spec: SocketOptionSpec): SocketOption {
  const special = SPECIAL[spec.option];
  if (special !== undefined) return { kind: 'special', option: special(spec.value) };
  const row = SOCKOPTS.find((one) => one.name === spec.option);
  return {
    kind: 'number',
    level: row === undefined ? -1 : optionLevelNumber(row.level),
    number: row?.number ?? -1,
    value: Number(spec.value),
  };
}
