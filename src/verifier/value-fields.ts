// Special fields of a map value or of an allocated object, found in the program's types: locks, timers, kernel pointers, list and
// tree roots with what they hold. Source of truth: kernel/bpf/btf.c btf_find_field, by behaviour.

import { type Btf, sizeOf, strip } from '../object/index.ts';
import type { GraphRoot, ValueField } from './map-info.ts';

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

export type PointerTags = Readonly<Record<string, Extract<ValueField, { kind: 'kptr' }>['sort']>>;

/** What the tags on pointers in map values mean. */
export const POINTER_TAGS: PointerTags = {
  kptr_untrusted: 'unreferenced',
  kptr: 'referenced',
  percpu_kptr: 'percpu',
  uptr: 'user',
};

/** The same before pointers that are counted became the ordinary case. */
export const EARLY_POINTER_TAGS: PointerTags = { kptr: 'unreferenced', kptr_ref: 'referenced' };

const MAX_FIELDS = 64;
const MAX_DEPTH = 4;
const CONTAINS = 'contains:';

/** What carries the tag that says what a root holds: a member of a structure, or a variable (component -1). */
interface Declared {
  readonly target: number;
  readonly component: number;
}

/** Fields of the type with that id, by offset; empty for a type without any. */
export function valueFields(btf: Btf, typeId: number, tags: PointerTags): readonly ValueField[] {
  const search = new Search(btf, tags);
  const type = btf.type(typeId);
  if (type?.kind === 'data-section')
    for (const { type: id, offset } of type.variables) {
      const variable = btf.type(id);
      if (variable?.kind === 'var') search.member(variable.type, offset, 0, { target: id, component: -1 });
    }
  else search.record(typeId, 0, 0);
  return search.fields.sort((a, b) => a.offset - b.offset);
}

class Search {
  readonly fields: ValueField[] = [];
  readonly #btf: Btf;
  readonly #tags: PointerTags;

  constructor(btf: Btf, tags: PointerTags) {
    this.#btf = btf;
    this.#tags = tags;
  }

  record(typeId: number, base: number, depth: number): void {
    const found = strip(this.#btf, typeId);
    if (found === undefined || depth > MAX_DEPTH || this.fields.length >= MAX_FIELDS) return;
    const { type, id } = found;
    if (type.kind === 'array') {
      const size = sizeOf(this.#btf, type.element) ?? 0;
      for (let i = 0; i < type.count && i < MAX_FIELDS && size > 0; i++)
        this.member(type.element, base + i * size, depth + 1, undefined);
      return;
    }
    if (type.kind !== 'struct') return;
    type.members.forEach((member, component) => {
      if (member.offsetBits % 8 !== 0) return;
      this.member(member.type, base + member.offsetBits / 8, depth, { target: id, component });
    });
  }

  member(typeId: number, offset: number, depth: number, declared: Declared | undefined): void {
    const pointer = pointerField(this.#btf, this.#tags, typeId, offset);
    if (pointer !== undefined) {
      this.fields.push(pointer);
      return;
    }
    const found = strip(this.#btf, typeId);
    if (found === undefined) return;
    const { type } = found;
    const known = type.kind === 'struct' ? BY_NAME[type.name] : undefined;
    if (known !== undefined) {
      const { kind, size } = known;
      if (kind === 'list-head' || kind === 'tree-root') {
        const contains = declared === undefined ? undefined : containedIn(this.#btf, declared);
        this.fields.push({ kind, offset, size, ...(contains === undefined ? {} : { contains }) });
      } else this.fields.push({ kind, offset, size });
      return;
    }
    if (type.kind === 'struct' || type.kind === 'array') this.record(found.id, offset, depth + 1);
  }
}

/** A pointer whose target carries a tag. */
function pointerField(btf: Btf, tags: PointerTags, typeId: number, offset: number): ValueField | undefined {
  const found = strip(btf, typeId);
  if (found?.type.kind !== 'pointer') return undefined;
  const tag = btf.cType(found.type.target);
  if (tag?.kind !== 'type-tag') return undefined;
  const sort = tags[tag.tag];
  if (sort === undefined) return undefined;
  const target = strip(btf, tag.target);
  const name = target === undefined ? '' : 'name' in target.type ? target.type.name : '';
  return { kind: 'kptr', sort, offset, size: 8, target: name, targetId: target?.id ?? 0 };
}

/** `contains:TYPE:MEMBER`, as __contains() writes it. */
function containedIn(btf: Btf, { target, component }: Declared): GraphRoot | undefined {
  for (const tag of declTagsOf(btf, target)) {
    if (tag.component !== component || !tag.tag.startsWith(CONTAINS)) continue;
    const [typeName = '', member = ''] = tag.tag.slice(CONTAINS.length).split(':');
    const typeId = btf.find('struct', typeName);
    const type = typeId === undefined ? undefined : btf.type(typeId);
    const node = type?.kind === 'struct' ? type.members.find(({ name }) => name === member) : undefined;
    if (typeId !== undefined && node !== undefined) return { typeId, typeName, nodeOffset: node.offsetBits / 8 };
  }
  return undefined;
}

interface DeclTag {
  readonly tag: string;
  readonly component: number;
}

const declTags = new WeakMap<Btf, ReadonlyMap<number, readonly DeclTag[]>>();

/** Tags on a type, a variable or a function and on its members or parameters. */
export function declTagsOf(btf: Btf, target: number): readonly DeclTag[] {
  let known = declTags.get(btf);
  if (known === undefined) {
    const found = new Map<number, DeclTag[]>();
    for (let id = btf.firstId; id < btf.endId; id++) {
      const type = btf.type(id);
      if (type?.kind !== 'decl-tag') continue;
      const list = found.get(type.target);
      if (list === undefined) found.set(type.target, [type]);
      else list.push(type);
    }
    declTags.set(btf, (known = found));
  }
  return known.get(target) ?? [];
}
