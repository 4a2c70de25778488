// Names of constants that a sock_ops program takes from headers, and their values. Ops, flags, options and map types come from
// the kernel tables.

import { CALLBACK_FLAGS, CONSTANTS, MAP_TYPES, OPS, optionLevelNumber, SOCKOPTS, TCP_STATES } from '../kernel/index.ts';

const VALUES = new Map<string, bigint>();
const put = (name: string, value: number | bigint): void => {
  if (!VALUES.has(name)) VALUES.set(name, BigInt(value));
};

for (const row of OPS) put(row.name, row.number);
for (const row of CALLBACK_FLAGS) put(row.name, row.value);
for (const row of MAP_TYPES) put(row.name, row.id);
for (const row of SOCKOPTS) put(row.name, row.number);
for (const row of TCP_STATES) put(row.name, row.number);
for (const row of CONSTANTS) put(row.name, row.value);
for (const level of ['SOL_SOCKET', 'SOL_TCP', 'SOL_IP', 'SOL_IPV6'] as const) put(level, optionLevelNumber(level));

/** Value of a constant of the headers; undefined for a name that is none. */
export function headerConstant(name: string): bigint | undefined {
  return VALUES.get(name);
}

/** Every known name, for spelling suggestions and completion. */
export function headerConstantNames(): readonly string[] {
  return [...VALUES.keys()];
}
