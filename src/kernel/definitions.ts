// Which header defines a name, and whether a vmlinux.h made from a kernel's type information has it: enumerators are in it,
// macros are not, which is why programs on top of vmlinux.h must define AF_INET or SOL_TCP themselves.

import { CALLBACK_FLAG_ROWS } from './callback-flags.ts';
import { CONSTANT_ROWS, type ConstantRow } from './constants.ts';
import { MAP_TYPE_ROWS } from './map-types.ts';
import { OP_ROWS } from './ops.ts';
import type { OptionLevel } from './sockopt-row.ts';
import { SOCKOPT_ROWS } from './sockopts.ts';
import { TCP_STATE_ROWS } from './tcp-states.ts';
import { USER_OPTIONS } from './user-options.ts';

export interface Definition {
  /** Headers any of which defines it, the usual one first. */
  readonly headers: readonly string[];
  readonly inVmlinux: boolean;
  readonly value: number;
}

const LEVEL_HEADERS: Readonly<Record<OptionLevel, readonly string[]>> = {
  SOL_SOCKET: ['sys/socket.h', 'asm/socket.h'],
  SOL_TCP: ['linux/tcp.h', 'netinet/tcp.h'],
  SOL_IP: ['linux/in.h', 'netinet/in.h'],
  SOL_IPV6: ['linux/in6.h', 'netinet/in.h'],
};

function constantDefinition(row: ConstantRow): Omit<Definition, 'value'> {
  switch (row.header) {
    case 'bpf.h':
      return {
        headers: ['linux/bpf.h'],
        inVmlinux: !(row.group === 'program-load' || row.name.startsWith('BPF_F_ALLOW')),
      };
    case 'errno.h':
      return { headers: ['errno.h', 'linux/errno.h'], inVmlinux: false };
    case 'socket.h':
      return {
        headers: row.name === 'SOL_SOCKET' ? ['sys/socket.h', 'asm/socket.h'] : ['sys/socket.h'],
        inVmlinux: false,
      };
    case 'in.h':
      if (row.group === 'protocol') return { headers: ['linux/in.h', 'netinet/in.h'], inVmlinux: true };
      return { headers: [row.name === 'SOL_TCP' ? 'netinet/tcp.h' : 'netinet/in.h'], inVmlinux: false };
  }
}

const BPF = { headers: ['linux/bpf.h'], inVmlinux: true } as const;

const definitions = new Map<string, Definition>([
  ...OP_ROWS.map((row) => [row.name, { ...BPF, value: row.number }] as const),
  ...CALLBACK_FLAG_ROWS.map((row) => [row.name, { ...BPF, value: row.value }] as const),
  ...TCP_STATE_ROWS.map((row) => [row.name, { ...BPF, value: row.number }] as const),
  ...MAP_TYPE_ROWS.map((row) => [row.name, { ...BPF, value: row.id }] as const),
  ...SOCKOPT_ROWS.map(
    (row) =>
      [
        row.name,
        row.bpfOnly
          ? { ...BPF, value: row.number }
          : { headers: LEVEL_HEADERS[row.level], inVmlinux: false, value: row.number },
      ] as const,
  ),
  ...USER_OPTIONS.map(
    (row) => [row.name, { headers: LEVEL_HEADERS[row.level], inVmlinux: false, value: row.number }] as const,
  ),
  ...CONSTANT_ROWS.map((row) => [row.name, { ...constantDefinition(row), value: row.value }] as const),
]);

/** Where a name is defined, and its number; undefined for a name that no table has. */
export function definitionOf(name: string): Definition | undefined {
  return definitions.get(name);
}
