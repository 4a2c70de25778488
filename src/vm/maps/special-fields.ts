// Fields of a map's value that belong to the kernel: locks, timers, list heads, kernel pointers. Copies of a value go around
// them. Source: kernel/bpf/btf.c btf_parse_fields, kernel/bpf/verifier.c on kptr tags.

import { flatMembers, strip, type TypeTable } from '../../object/index.ts';

export interface SpecialField {
  readonly offset: number;
  readonly size: number;
  readonly isLock: boolean;
}

const SIZES: Readonly<Record<string, number>> = {
  bpf_spin_lock: 4,
  bpf_res_spin_lock: 8,
  bpf_timer: 16,
  bpf_wq: 16,
  bpf_list_head: 16,
  bpf_list_node: 24,
  bpf_rb_root: 16,
  bpf_rb_node: 32,
  bpf_refcount: 4,
  bpf_task_work: 16,
};

const KPTR_TAGS = new Set(['kptr', 'kptr_untrusted', 'percpu_kptr', 'uptr']);

/** The kernel's fields of a type, by BTF id; none without BTF. */
export function specialFields(types: TypeTable | undefined, typeId: number): readonly SpecialField[] {
  if (types === undefined || typeId === 0) return [];
  const fields: SpecialField[] = [];
  for (const member of flatMembers(types, typeId) ?? []) {
    const offset = member.offsetBits / 8;
    const found = strip(types, member.type)?.type;
    if (found?.kind === 'struct' && SIZES[found.name] !== undefined)
      fields.push({ offset, size: SIZES[found.name]!, isLock: found.name.endsWith('spin_lock') });
    else if (found?.kind === 'pointer') {
      const target = types.cType(found.target);
      if (target?.kind === 'type-tag' && KPTR_TAGS.has(target.tag)) fields.push({ offset, size: 8, isLock: false });
    }
  }
  return fields;
}
