// A map as the verifier sees it: its definition, its kernel type row and the special fields of its value.

import type { MapTypeRow } from '../kernel/index.ts';
import type { MapDefinition } from '../object/index.ts';

/** Objects in a list or tree: their type, and where in them the node lies. */
export interface GraphRoot {
  readonly typeId: number;
  readonly typeName: string;
  readonly nodeOffset: number;
}

/** A field of a map value that only special helpers may touch. */
export type ValueField =
  | {
      readonly kind: 'spin-lock' | 'res-spin-lock' | 'timer' | 'work-queue' | 'task-work' | 'refcount';
      readonly offset: number;
      readonly size: number;
    }
  | { readonly kind: 'list-node' | 'tree-node'; readonly offset: number; readonly size: number }
  | {
      readonly kind: 'list-head' | 'tree-root';
      readonly offset: number;
      readonly size: number;
      /** What it holds; undefined when the type information does not say so in a form that the kernel reads. */
      readonly contains?: GraphRoot;
    }
  | {
      readonly kind: 'kptr';
      readonly sort: 'unreferenced' | 'referenced' | 'percpu' | 'user';
      readonly offset: number;
      readonly size: number;
      /** Name of the structure pointed to, the kernel's or one of the program's own. */
      readonly target: string;
      /** Id of that type in the program's types. */
      readonly targetId: number;
    };

/** The kernel's name of a special field, as messages say it. */
export const FIELD_NAMES = {
  'spin-lock': 'bpf_spin_lock',
  'res-spin-lock': 'bpf_res_spin_lock',
  timer: 'bpf_timer',
  'work-queue': 'bpf_wq',
  'task-work': 'bpf_task_work',
  refcount: 'bpf_refcount',
  'list-head': 'bpf_list_head',
  'list-node': 'bpf_list_node',
  'tree-root': 'bpf_rb_root',
  'tree-node': 'bpf_rb_node',
  kptr: 'kptr',
} as const satisfies Record<ValueField['kind'], string>;

/** BPF_F_RDONLY_PROG, BPF_F_WRONLY_PROG. */
const RDONLY_PROG = 1 << 7;
const WRONLY_PROG = 1 << 8;

export interface MapInfo {
  readonly definition: MapDefinition;
  readonly typeId: number;
  /** "BPF_MAP_TYPE_HASH" without the prefix, lower case; "" for a type that no table knows. */
  readonly type: string;
  readonly row: MapTypeRow | undefined;
  readonly name: string;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly hasBtf: boolean;
  readonly fields: readonly ValueField[];
  readonly inner: MapInfo | undefined;
  readonly programMayRead: boolean;
  readonly programMayWrite: boolean;
  /** Contents that can never change: the map is read-only for programs and frozen, as loaders leave .rodata. */
  readonly constantContents: Uint8Array | undefined;
}

export function describeMap(
  definition: MapDefinition,
  row: MapTypeRow | undefined,
  fields: readonly ValueField[],
  inner: MapInfo | undefined,
): MapInfo {
  const readOnlyForProgram = (definition.flags & RDONLY_PROG) !== 0;
  return {
    definition,
    typeId: definition.typeId,
    type: row?.short ?? '',
    row,
    name: definition.name,
    keySize: definition.keySize,
    valueSize: definition.valueSize,
    maxEntries: definition.maxEntries,
    hasBtf: definition.valueTypeId !== 0,
    fields,
    inner,
    programMayRead: (definition.flags & WRONLY_PROG) === 0,
    programMayWrite: !readOnlyForProgram,
    constantContents: readOnlyForProgram ? definition.initial : undefined,
  };
}

export const fieldOf = (map: MapInfo, kind: ValueField['kind']): ValueField | undefined =>
  map.fields.find((field) => field.kind === kind);

const STRUCTURES: Readonly<Record<string, string>> = {
  'lpm-trie': 'lpm_trie',
  'stack-trace': 'bpf_stack_map',
  sockmap: 'bpf_stab',
  sockhash: 'bpf_shtab',
  queue: 'bpf_queue_stack',
  stack: 'bpf_queue_stack',
  ringbuf: 'bpf_ringbuf_map',
  'user-ringbuf': 'bpf_ringbuf_map',
  'bloom-filter': 'bpf_bloom_filter',
  cpumap: 'bpf_cpu_map',
  xskmap: 'xsk_map',
  devmap: 'bpf_dtab',
  'devmap-hash': 'bpf_dtab',
  'reuseport-sockarray': 'reuseport_array',
  arena: 'bpf_arena',
};

/** The kernel's structure behind a map of that type. */
export function mapStructure(type: string): string {
  const known = STRUCTURES[type];
  if (known !== undefined) return known;
  if (type.includes('array') || type === 'array-of-maps') return 'bpf_array';
  if (type.includes('storage'))
    return type.includes('cgroup-storage') ? 'bpf_cgroup_storage_map' : 'bpf_local_storage_map';
  return type.includes('hash') ? 'bpf_htab' : 'bpf_map';
}
