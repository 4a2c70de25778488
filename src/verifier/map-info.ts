// A map as the verifier sees it: its definition, its kernel type row and the special fields of its value.

import type { MapTypeRow } from '../kernel/index.ts';
import type { MapDefinition } from '../object/index.ts';

/** A field of a map value that only special helpers may touch. */
export type ValueField =
  | {
      readonly kind: 'spin-lock' | 'res-spin-lock' | 'timer' | 'work-queue' | 'task-work' | 'refcount';
      readonly offset: number;
      readonly size: number;
    }
  | {
      readonly kind: 'list-head' | 'list-node' | 'tree-root' | 'tree-node';
      readonly offset: number;
      readonly size: number;
    }
  | {
      readonly kind: 'kptr';
      readonly sort: 'unreferenced' | 'referenced' | 'percpu' | 'user';
      readonly offset: number;
      readonly size: number;
      /** Name of the kernel structure pointed to. */
      readonly target: string;
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
