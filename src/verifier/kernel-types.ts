// Types of the kernel: structures behind typed pointers and variables behind address loads, from the kernel's BTF where one is
// at hand. Without it a typed pointer can be passed on and compared, and reading through it is answered "unknown", loudly.

import type { LoadImm64Insn } from '../isa/index.ts';
import { type Btf, flatMembers, sizeOf, strip } from '../object/index.ts';
import type { Env } from './env.ts';
import type { BtfTypeRef } from './reg.ts';

/** What a load of a kernel variable's address gives. */
export type VariableType =
  | { readonly kind: 'memory'; readonly size: number }
  | { readonly kind: 'structure'; readonly type: BtfTypeRef; readonly perCpu: boolean };

/** What reading a structure at an offset gives. */
export type MemberAnswer =
  | { readonly kind: 'scalar' }
  | {
      readonly kind: 'pointer';
      readonly type: BtfTypeRef;
      readonly rcu: boolean;
      readonly user: boolean;
      readonly name: string;
    }
  | { readonly kind: 'refused'; readonly text: string }
  /** The structure's layout is not known here. */
  | { readonly kind: 'unknown' };

export class KernelTypes {
  readonly btf: Btf | undefined;
  readonly #variables = new Map<number, VariableType>();
  readonly #structures = new Map<string, BtfTypeRef>();

  constructor(btf: Btf | undefined) {
    this.btf = btf;
  }

  /** The structure of that name; its id is 0 where no kernel BTF tells it. */
  structure(name: string): BtfTypeRef {
    const known = this.#structures.get(name);
    if (known !== undefined) return known;
    const id = this.btf?.find('struct', name) ?? 0;
    const type: BtfTypeRef = { kernel: true, id, name };
    this.#structures.set(name, type);
    return type;
  }

  variableAt(slot: number): VariableType | undefined {
    return this.#variables.get(slot);
  }

  /** Looks up the variable that a load names, before any path is followed. */
  resolveVariable(env: Env, insn: LoadImm64Insn): void {
    const id = insn.low | 0;
    if (this.btf === undefined) {
      env.uncertain.add(`the type of kernel variable ${id} (slot ${insn.slot}) is not known without the kernel's BTF`);
      this.#variables.set(insn.slot, { kind: 'memory', size: 8 });
      return;
    }
    const type = this.btf.type(id);
    if (type === undefined)
      env.refuse({ kind: 'kfunc-refused', text: `ldimm64 insn specifies invalid btf_id ${id}.`, errno: 2 }, insn.slot);
    if (type.kind !== 'var' && type.kind !== 'func')
      env.refuse(
        { kind: 'kfunc-refused', text: `pseudo btf_id ${id} in ldimm64 isn't KIND_VAR or KIND_FUNC`, errno: 22 },
        insn.slot,
      );
    if (type.kind === 'func') {
      this.#variables.set(insn.slot, { kind: 'memory', size: 0 });
      return;
    }
    const perCpu = this.#isPerCpu(id);
    const found = strip(this.btf, type.type);
    const name = found !== undefined && 'name' in found.type ? found.type.name : '';
    const isStructure = found?.type.kind === 'struct' || found?.type.kind === 'union';
    this.#variables.set(
      insn.slot,
      isStructure || perCpu
        ? { kind: 'structure', type: { kernel: true, id: found?.id ?? type.type, name }, perCpu }
        : { kind: 'memory', size: sizeOf(this.btf, type.type) ?? 0 },
    );
  }

  #isPerCpu(id: number): boolean {
    const ids = this.btf?.idsNamed('.data..percpu') ?? [];
    return ids.some((section) => {
      const type = this.btf?.type(section);
      return type?.kind === 'data-section' && type.variables.some((variable) => variable.type === id);
    });
  }

  /** What lies at `offset` of a structure, read with `size` bytes. */
  member(type: BtfTypeRef, offset: number, size: number): MemberAnswer {
    const { btf } = this;
    if (btf === undefined || !type.kernel || type.id === 0) return { kind: 'unknown' };
    return this.#walk(btf, type.id, type.name, offset, size, 0);
  }

  #walk(btf: Btf, id: number, name: string, offset: number, size: number, depth: number): MemberAnswer {
    const total = sizeOf(btf, id);
    if (total === undefined || depth > 16) return { kind: 'unknown' };
    if (offset + size > total) {
      return {
        kind: 'refused',
        text: `access beyond struct ${name} at off ${offset} size ${size}`,
      };
    }
    const members = flatMembers(btf, id) ?? [];
    for (const member of members) {
      const start = Math.floor(member.offsetBits / 8);
      const end = Math.ceil((member.offsetBits + member.sizeBits) / 8);
      if (member.bitFieldBits !== undefined && start <= offset && offset < end) return { kind: 'scalar' };
      if (offset + size <= start || end <= offset) continue;
      if (offset < start || end < offset + size) {
        if (offset < start) continue;
        return {
          kind: 'refused',
          text: `access beyond the end of member ${member.name} (mend:${end}) in struct ${name} with off ${offset} size ${size}`,
        };
      }
      return this.#leaf(btf, member.type, member.name, offset - start, size, depth, name);
    }
    return {
      kind: 'refused',
      text: `struct ${name} doesn't have field at offset ${offset}`,
    };
  }

  #leaf(
    btf: Btf,
    typeId: number,
    memberName: string,
    offset: number,
    size: number,
    depth: number,
    owner: string,
  ): MemberAnswer {
    const found = strip(btf, typeId);
    if (found === undefined) return { kind: 'unknown' };
    const { type, id } = found;
    switch (type.kind) {
      case 'struct':
      case 'union':
        return this.#walk(btf, id, type.name, offset, size, depth + 1);
      case 'array': {
        const element = sizeOf(btf, type.element) ?? 0;
        if (element === 0) return { kind: 'unknown' };
        return this.#leaf(btf, type.element, memberName, offset % element, size, depth + 1, owner);
      }
      case 'pointer': {
        if (size !== 8 || offset !== 0)
          return {
            kind: 'refused',
            text: `cannot access ptr member ${memberName} with moff ${offset} in struct ${owner} with off ${offset} size ${size}`,
          };
        const target = strip(btf, type.target);
        const tag = btf.cType(type.target);
        if (target?.type.kind !== 'struct') return { kind: 'scalar' };
        return {
          kind: 'pointer',
          type: { kernel: true, id: target.id, name: target.type.name },
          rcu: tag?.kind === 'type-tag' && tag.tag === 'rcu',
          user: tag?.kind === 'type-tag' && tag.tag === 'user',
          name: memberName,
        };
      }
      default:
        return { kind: 'scalar' };
    }
  }
}
