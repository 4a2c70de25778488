// Options that an application sets by name: level, number and bytes. Names that programs can set too come from the knowledge
// base; the few that only user space has stand here.

import { encodeUtf8 } from '../base/index.ts';
import { optionLevelNumber, SOCKOPTS } from '../kernel/index.ts';
import type { SocketOptionSpec } from './scenario-schema.ts';

/** Of include/uapi/linux/tcp.h and asm-generic/socket.h: not settable from BPF on any kernel. */
const USER_SPACE_ONLY: Readonly<Record<string, readonly [level: number, number: number]>> = {
  SO_LINGER: [1, 13],
  TCP_CORK: [6, 3],
  TCP_DEFER_ACCEPT: [6, 9],
  TCP_QUICKACK: [6, 12],
  TCP_FASTOPEN: [6, 23],
  TCP_FASTOPEN_CONNECT: [6, 30],
  TCP_FASTOPEN_NO_COOKIE: [6, 34],
};

/** Every name that a scenario can use. */
export function socketOptionNames(): string[] {
  return [...SOCKOPTS.filter((row) => !row.bpfOnly).map((row) => row.name), ...Object.keys(USER_SPACE_ONLY)];
}

/** Level, number and value; the name must be one of socketOptionNames(). */
export function socketOption(spec: SocketOptionSpec): {
  readonly level: number;
  readonly number: number;
  readonly value: Uint8Array;
} {
  const own = USER_SPACE_ONLY[spec.option];
  const row = SOCKOPTS.find((one) => one.name === spec.option && !one.bpfOnly);
  const [level, number] = own ?? (row === undefined ? [0, 0] : [optionLevelNumber(row.level), row.number]);
  if (typeof spec.value === 'string') return { level, number, value: encodeUtf8(spec.value) };
  const value = new Uint8Array(4);
  new DataView(value.buffer).setInt32(0, spec.value, true);
  return { level, number, value };
}
