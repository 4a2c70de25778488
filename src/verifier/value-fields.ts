// Special fields of a map value, found in its BTF: locks, timers, kernel pointers, list and tree roots.
// Source of truth: kernel/bpf/btf.c btf_find_field, by behaviour.

import { type Btf, sizeOf, strip } from '../object/index.ts';
import type { ValueField } from './map-info.ts';

const BY_NAME: Readonly<Record<string, { readonly kind: Exclude<ValueField['kind'], 'kptr'>; readonly size: number }>> =
  {
    bpf_spin_lock: { kind: 'spin-lock', size: 4 },
    bpf_res_spin_lock: { kind: 'res-spin-lock', size: 8 },
    bpf_timer: { kind: 'timer', size: 16 },
    bpf_wq: { kind: 'work-queue', size: 16 },
    bpf_task_work: { kind: 'task-work', size: 8 },
    bpf_refcount: { kind: 'refcount', size: 4 },
    bpf_list_head: { kind: 'list-head', size: 16 },
    bpf_list_node: { kind: 'list-node', size: 24 },
    bpf_rb_root: { kind: 'tree-root', size: 16 },
    bpf_rb_node: { kind: 'tree-node', size: 32 },
  };

const POINTER_TAGS: Readonly<Record<string, Extract<ValueField, { kind: 'kptr' }>['sort']>> = {
  kptr_untrusted: 'unreferenced',
  kptr: 'referenced',
  percpu_kptr: 'percpu',
  uptr: 'user',
};

const MAX_FIELDS = 64;
const MAX_DEPTH = 4;

/** Fields of the type with that id, by offset; empty for a type without any. */
export function valueFields(btf: Btf, typeId: number): readonly ValueField[] {
  const fields: ValueField[] = [];
  collect(btf, typeId, 0, 0, fields);
  return fields.sort((a, b) => a.offset - b.offset);
}

function collect(btf: Btf, typeId: number, base: number, depth: number, fields: ValueField[]): void {
  const found = strip(btf, typeId);
  if (found === undefined || depth > MAX_DEPTH || fields.length >= MAX_FIELDS) return;
  const { type } = found;
  if (type.kind === 'array') {
    const size = sizeOf(btf, type.element) ?? 0;
    for (let i = 0; i < type.count && i < MAX_FIELDS && size > 0; i++)
      collectMember(btf, type.element, base + i * size, depth + 1, fields);
    return;
  }
  if (type.kind !== 'struct') return;
  for (const member of type.members) {
    if (member.offsetBits % 8 !== 0) continue;
    collectMember(btf, member.type, base + member.offsetBits / 8, depth, fields);
  }
}

function collectMember(btf: Btf, typeId: number, offset: number, depth: number, fields: ValueField[]): void {
  const pointer = pointerField(btf, typeId, offset);
  if (pointer !== undefined) {
    fields.push(pointer);
    return;
  }
  const found = strip(btf, typeId);
  if (found === undefined) return;
  const { type } = found;
  if (type.kind === 'struct') {
    const known = BY_NAME[type.name];
    if (known !== undefined) {
      fields.push({ kind: known.kind, offset, size: known.size });
      return;
    }
  }
  if (type.kind === 'struct' || type.kind === 'array') collect(btf, found.id, offset, depth + 1, fields);
}

/** A pointer whose target carries a tag. */
function pointerField(btf: Btf, typeId: number, offset: number): ValueField | undefined {
  const found = strip(btf, typeId);
  if (found?.type.kind !== 'pointer') return undefined;
  const tag = btf.cType(found.type.target);
  if (tag?.kind !== 'type-tag') return undefined;
  const sort = POINTER_TAGS[tag.tag];
  if (sort === undefined) return undefined;
  const target = strip(btf, tag.target);
  const name = target === undefined ? '' : 'name' in target.type ? target.type.name : '';
  return { kind: 'kptr', sort, offset, size: 8, target: name };
}
