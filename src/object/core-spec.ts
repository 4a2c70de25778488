// The two sides of a CO-RE relocation: the path through the program's own types that the compiler recorded ("0:3:1"), and the
// path through the kernel's types that corresponds to it.

import type { Btf } from './btf.ts';
import { typeName } from './c-print.ts';
import { type CType, MAX_TYPE_DEPTH, type RecordType, sizeOf, strip } from './c-types.ts';
import { fieldsCompatible } from './core-match.ts';
import { essentialName } from './core-names.ts';

/** One step: a named member of a record, or an element. */
export interface Accessor {
  /** The record, or (for an element) the type of the element. */
  readonly type: number;
  readonly index: number;
  /** Undefined for an element. */
  readonly name: string | undefined;
}

export interface FieldSpec {
  readonly btf: Btf;
  readonly root: number;
  readonly accessors: readonly Accessor[];
  readonly bitOffset: number;
}

/** Numbers of an access string, undefined when it is not one. */
export function parseAccess(access: string): readonly number[] | undefined {
  if (!/^\d{1,9}(:\d{1,9}){0,63}$/.test(access)) return undefined;
  return access.split(':').map(Number);
}

/** Follows the compiler's path through the program's own types. */
export function localFieldSpec(btf: Btf, root: number, path: readonly number[]): FieldSpec | undefined {
  const start = strip(btf, root);
  if (start === undefined) return undefined;
  let id = start.id;
  const rootSize = sizeOf(btf, id);
  if (rootSize === undefined) return undefined;
  let bitOffset = path[0]! * rootSize * 8;
  const accessors: Accessor[] = [{ type: id, index: path[0]!, name: undefined }];
  for (const index of path.slice(1)) {
    const found = strip(btf, id);
    if (found === undefined) return undefined;
    const { type } = found;
    if (type.kind === 'struct' || type.kind === 'union') {
      const member = type.members[index];
      if (member === undefined) return undefined;
      bitOffset += member.offsetBits;
      if (member.name !== '') accessors.push({ type: found.id, index, name: member.name });
      id = member.type;
    } else if (type.kind === 'array') {
      const element = strip(btf, type.element);
      const size = sizeOf(btf, type.element);
      if (element === undefined || size === undefined) return undefined;
      if (index >= type.count && !(type.count === 0)) return undefined;
      id = element.id;
      accessors.push({ type: id, index, name: undefined });
      bitOffset += index * size * 8;
    } else {
      return undefined;
    }
  }
  return { btf, root: start.id, accessors, bitOffset };
}

/** The corresponding path in the kernel's type `root`; undefined when a member is missing or of another nature. */
export function targetFieldSpec(local: FieldSpec, target: Btf, root: number): FieldSpec | undefined {
  let id = strip(target, root)?.id;
  let bitOffset = 0;
  const accessors: Accessor[] = [];
  for (const [i, accessor] of local.accessors.entries()) {
    if (id === undefined) return undefined;
    if (accessor.name !== undefined) {
      const found = findNamed(local.btf, accessor, target, id, { left: 4096 }, 0);
      if (found === undefined) return undefined;
      accessors.push(found.accessor);
      bitOffset += found.bitOffset;
      id = found.next;
      continue;
    }
    if (i > 0) {
      const array = strip(target, id)?.type;
      if (array?.kind !== 'array') return undefined;
      if (accessor.index >= array.count && array.count !== 0) return undefined;
      id = strip(target, array.element)?.id;
      if (id === undefined) return undefined;
    }
    const size = sizeOf(target, id);
    if (size === undefined) return undefined;
    accessors.push({ type: id, index: accessor.index, name: undefined });
    bitOffset += accessor.index * size * 8;
  }
  return { btf: target, root, accessors, bitOffset };
}

interface NamedMember {
  readonly accessor: Accessor;
  readonly bitOffset: number;
  readonly next: number;
}

/** A member of the same name and a compatible type, also inside anonymous members. */
function findNamed(
  local: Btf,
  accessor: Accessor,
  target: Btf,
  id: number,
  budget: { left: number },
  depth: number,
): NamedMember | undefined {
  const found = strip(target, id);
  if (found === undefined || depth > MAX_TYPE_DEPTH) return undefined;
  if (found.type.kind !== 'struct' && found.type.kind !== 'union') return undefined;
  const localRecord = local.cType(accessor.type) as RecordType;
  const localMember = localRecord.members[accessor.index]!;
  for (const [index, member] of found.type.members.entries()) {
    if (budget.left-- <= 0) return undefined;
    if (member.name === '') {
      const inner = findNamed(local, accessor, target, member.type, budget, depth + 1);
      if (inner !== undefined) return { ...inner, bitOffset: inner.bitOffset + member.offsetBits };
    } else if (member.name === localMember.name) {
      const pair = { local, localId: localMember.type, target, targetId: member.type };
      if (!fieldsCompatible(pair)) return undefined;
      return {
        accessor: { type: found.id, index, name: member.name },
        bitOffset: member.offsetBits,
        next: member.type,
      };
    }
  }
  return undefined;
}

/** The path in C: "struct tcp_sock.snd_cwnd", "struct sock[1].arr[3]". */
export function specText(spec: FieldSpec): string {
  const [first, ...rest] = spec.accessors;
  let text = typeName(spec.btf, spec.root);
  if (first !== undefined && first.index !== 0) text += `[${first.index}]`;
  for (const accessor of rest) text += accessor.name === undefined ? `[${accessor.index}]` : `.${accessor.name}`;
  return text;
}

/** The enumerator of the kernel's enum with the same name without flavour. */
export function findEnumerator(type: CType, name: string): bigint | undefined {
  if (type.kind !== 'enum') return undefined;
  const wanted = essentialName(name);
  return type.members.find((member) => essentialName(member.name) === wanted)?.value;
}
