// Making maps: the checks of bpf(BPF_MAP_CREATE), read off the kernel table, and the class behind each type.

import type { Problem } from '../../base/index.ts';
import type { KernelView, MapTypeName, MapTypeRow, SizeRule } from '../../kernel/index.ts';
import type { MapDefinition } from '../../object/index.ts';
import type { Machine } from '../machine.ts';
import { ArrayMap } from './array.ts';
import { HashMap } from './hash.ts';
import type { BpfMap } from './map.ts';
import { OpaqueMap, PerfEventArray } from './opaque.ts';
import { BloomMap, QueueMap } from './queue.ts';
import { ArrayOfMaps, HashOfMaps, ProgramArray, ReferenceArray, SockHash, SockMap } from './references.ts';
import { RingbufMap, UserRingbufMap } from './ringbuf.ts';
import { OwnedStorage, SocketStorage } from './storage.ts';
import { TrieMap } from './trie.ts';

type Maker = (m: Machine, index: number, definition: MapDefinition) => BpfMap & { readonly ok: boolean };

const opaque =
  (reason: string): Maker =>
  (m, index, definition) =>
    new OpaqueMap(m, index, definition, reason);

const MAKERS = {
  BPF_MAP_TYPE_HASH: (m, i, d) => new HashMap(m, i, d, { lru: false, perCpu: false }),
  BPF_MAP_TYPE_ARRAY: (m, i, d) => new ArrayMap(m, i, d, { perCpu: false }),
  BPF_MAP_TYPE_PROG_ARRAY: (m, i, d) => new ProgramArray(m, i, d),
  BPF_MAP_TYPE_PERF_EVENT_ARRAY: (m, i, d) => new PerfEventArray(m, i, d),
  BPF_MAP_TYPE_PERCPU_HASH: (m, i, d) => new HashMap(m, i, d, { lru: false, perCpu: true }),
  BPF_MAP_TYPE_PERCPU_ARRAY: (m, i, d) => new ArrayMap(m, i, d, { perCpu: true }),
  BPF_MAP_TYPE_STACK_TRACE: opaque('stack traces are not taken here'),
  BPF_MAP_TYPE_CGROUP_ARRAY: (m, i, d) => new ReferenceArray(m, i, d),
  BPF_MAP_TYPE_LRU_HASH: (m, i, d) => new HashMap(m, i, d, { lru: true, perCpu: false }),
  BPF_MAP_TYPE_LRU_PERCPU_HASH: (m, i, d) => new HashMap(m, i, d, { lru: true, perCpu: true }),
  BPF_MAP_TYPE_LPM_TRIE: (m, i, d) => new TrieMap(m, i, d),
  BPF_MAP_TYPE_ARRAY_OF_MAPS: (m, i, d) => new ArrayOfMaps(m, i, d),
  BPF_MAP_TYPE_HASH_OF_MAPS: (m, i, d) => new HashOfMaps(m, i, d),
  BPF_MAP_TYPE_DEVMAP: opaque('network devices are not part of the TCP model'),
  BPF_MAP_TYPE_SOCKMAP: (m, i, d) => new SockMap(m, i, d),
  BPF_MAP_TYPE_CPUMAP: opaque('packets are not steered between CPUs here'),
  BPF_MAP_TYPE_XSKMAP: opaque('XDP sockets are not part of the TCP model'),
  BPF_MAP_TYPE_SOCKHASH: (m, i, d) => new SockHash(m, i, d),
  BPF_MAP_TYPE_CGROUP_STORAGE: (m, i, d) => new OwnedStorage(m, i, d, { perCpu: false }),
  BPF_MAP_TYPE_REUSEPORT_SOCKARRAY: opaque('sock_ops programs cannot choose a listener'),
  BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE: (m, i, d) => new OwnedStorage(m, i, d, { perCpu: true }),
  BPF_MAP_TYPE_QUEUE: (m, i, d) => new QueueMap(m, i, d, { lastInFirstOut: false }),
  BPF_MAP_TYPE_STACK: (m, i, d) => new QueueMap(m, i, d, { lastInFirstOut: true }),
  BPF_MAP_TYPE_SK_STORAGE: (m, i, d) => new SocketStorage(m, i, d, { perCpu: false }),
  BPF_MAP_TYPE_DEVMAP_HASH: opaque('network devices are not part of the TCP model'),
  BPF_MAP_TYPE_STRUCT_OPS: opaque('struct_ops maps hold kernel callbacks, not data of sock_ops programs'),
  BPF_MAP_TYPE_RINGBUF: (m, i, d) => new RingbufMap(m, i, d),
  BPF_MAP_TYPE_INODE_STORAGE: opaque('files are not part of the model'),
  BPF_MAP_TYPE_TASK_STORAGE: (m, i, d) => new OwnedStorage(m, i, d, { perCpu: false }),
  BPF_MAP_TYPE_BLOOM_FILTER: (m, i, d) => new BloomMap(m, i, d),
  BPF_MAP_TYPE_USER_RINGBUF: (m, i, d) => new UserRingbufMap(m, i, d),
  BPF_MAP_TYPE_CGRP_STORAGE: (m, i, d) => new OwnedStorage(m, i, d, { perCpu: false }),
  BPF_MAP_TYPE_ARENA: opaque('arenas need a process that maps them'),
  BPF_MAP_TYPE_INSN_ARRAY: opaque('jump tables are not loaded from objects'),
} satisfies Record<MapTypeName, Maker>;

/** Creation flags by name (include/uapi/linux/bpf.h). */
const FLAG_BITS: Readonly<Record<string, number>> = {
  BPF_F_NO_PREALLOC: 0x1,
  BPF_F_NO_COMMON_LRU: 0x2,
  BPF_F_NUMA_NODE: 0x4,
  BPF_F_RDONLY: 0x8,
  BPF_F_WRONLY: 0x10,
  BPF_F_STACK_BUILD_ID: 0x20,
  BPF_F_ZERO_SEED: 0x40,
  BPF_F_RDONLY_PROG: 0x80,
  BPF_F_WRONLY_PROG: 0x100,
  BPF_F_CLONE: 0x200,
  BPF_F_MMAPABLE: 0x400,
  BPF_F_PRESERVE_ELEMS: 0x800,
  BPF_F_INNER_MAP: 0x1000,
  BPF_F_LINK: 0x2000,
  BPF_F_VTYPE_BTF_OBJ_FD: 0x8000,
  BPF_F_TOKEN_FD: 0x10000,
  BPF_F_SEGV_ON_FAULT: 0x20000,
  BPF_F_NO_USER_CONV: 0x40000,
  BPF_F_RB_OVERWRITE: 0x80000,
};

const RINGBUF_TYPES = new Set([27, 31]);
const PERF_EVENT_ARRAY = 4;
const PAGE = 4096;

/** What libbpf makes of a definition before it asks the kernel: CPUs for an empty perf event array, page sizes for ring buffers. */
export function adjusted(definition: MapDefinition, cpuCount: number): MapDefinition {
  if (definition.typeId === PERF_EVENT_ARRAY && definition.maxEntries === 0)
    return { ...definition, maxEntries: cpuCount };
  if (RINGBUF_TYPES.has(definition.typeId) && definition.maxEntries > 0) {
    const pages = Math.max(1, Math.ceil(definition.maxEntries / PAGE));
    return { ...definition, maxEntries: PAGE * 2 ** Math.ceil(Math.log2(pages)) };
  }
  return definition;
}

/** Why a kernel would not create the map: its errno and the reason; undefined when it would. */
export function refusal(
  definition: MapDefinition,
  view: KernelView,
): { readonly errno: 'EINVAL' | 'E2BIG' | 'ENOMEM'; readonly why: string } | undefined {
  const answer = view.mapType(definition.typeId);
  if (!answer.ok) {
    const name = answer.row?.name ?? `map type ${definition.typeId}`;
    return { errno: 'EINVAL', why: `${name} does not exist on ${view.target.title}` };
  }
  const { row } = answer;
  const size = (what: string, rule: SizeRule, value: number) =>
    sizeRefusal(rule, value, `${what} of ${row.short} maps`);
  const why =
    size('the key size', row.key, definition.keySize) ??
    size('the value size', row.value, definition.valueSize) ??
    entriesRefusal(row, definition.maxEntries) ??
    flagsRefusal(row, definition.flags);
  if (why !== undefined) return { errno: 'EINVAL', why };
  if (row.needsBtf && (definition.keyTypeId === 0 || definition.valueTypeId === 0))
    return { errno: 'EINVAL', why: `${row.short} maps need BTF for key and value` };
  if (definition.valueSize > 2 ** 22 && definition.typeId !== 2)
    return { errno: 'E2BIG', why: `a value of ${definition.valueSize} bytes is larger than the kernel allocates` };
  return undefined;
}

function sizeRefusal(rule: SizeRule, value: number, what: string): string | undefined {
  switch (rule.kind) {
    case 'any-positive':
      return value > 0 ? undefined : `${what} must not be 0`;
    case 'exactly':
      return rule.sizes.includes(value) ? undefined : `${what} must be ${rule.sizes.join(' or ')}, not ${value}`;
    case 'range':
      if (value < rule.min || value > rule.max) return `${what} must be ${rule.min} to ${rule.max}, not ${value}`;
      return rule.multipleOf !== undefined && value % rule.multipleOf !== 0
        ? `${what} must be a multiple of ${rule.multipleOf}, not ${value}`
        : undefined;
    case 'zero':
      return value === 0 ? undefined : `${what} must be 0, not ${value}`;
  }
}

function entriesRefusal(row: MapTypeRow, entries: number): string | undefined {
  switch (row.entries) {
    case 'positive':
      return entries > 0 ? undefined : `${row.short} maps need max_entries above 0`;
    case 'zero':
      return entries === 0 ? undefined : `${row.short} maps need max_entries 0, not ${entries}`;
    case 'power-of-two-pages':
      return entries >= PAGE && (entries & (entries - 1)) === 0
        ? undefined
        : `max_entries of ${row.short} maps must be a power of two and a multiple of ${PAGE}, not ${entries}`;
    case 'any':
      return undefined;
  }
}

function flagsRefusal(row: MapTypeRow, flags: number): string | undefined {
  let allowed = 0;
  for (const name of row.flags) allowed |= FLAG_BITS[name] ?? 0;
  for (const name of row.requiredFlags) {
    const bit = FLAG_BITS[name] ?? 0;
    allowed |= bit;
    if ((flags & bit) === 0) return `${row.short} maps need the flag ${name}`;
  }
  const wrong = flags & ~allowed;
  if (wrong === 0) return undefined;
  const name = Object.keys(FLAG_BITS).find((key) => (FLAG_BITS[key]! & wrong) !== 0);
  return `${row.short} maps do not take the flag ${name ?? `0x${(wrong >>> 0).toString(16)}`}`;
}

/** Creates a map, or says why the kernel would not. */
export function createMap(
  m: Machine,
  index: number,
  definition: MapDefinition,
): { readonly map: BpfMap | undefined; readonly problems: readonly Problem[] } {
  const wanted = adjusted(definition, m.cpuCount);
  const refused = refusal(wanted, m.view);
  const problem = (errno: string, why: string): Problem => ({
    code: 'map-creation',
    severity: 'error',
    message: `map \`${definition.name}\` cannot be created: ${why} (${errno})`,
  });
  if (refused !== undefined) return { map: undefined, problems: [problem(refused.errno, refused.why)] };
  const answer = m.view.mapType(wanted.typeId);
  const name = (answer.ok ? answer.row.name : '') as MapTypeName;
  const map = MAKERS[name](m, index, wanted);
  if (!map.ok || map.object === 0)
    return { map: undefined, problems: [problem('ENOMEM', 'it does not fit into the memory of the virtual machine')] };
  return { map, problems: [] };
}
