// Types of the kernel: structures behind typed pointers and variables behind address loads, from the kernel's BTF where one is
// at hand. Without it a typed pointer can be passed on and compared, and reading through it is answered "unknown", loudly.
// Source of truth: kernel/bpf/btf.c btf_struct_walk and btf_nested_type_is_trusted, by behaviour.

import type { LoadImm64Insn } from '../isa/index.ts';
import { KFUNCS } from '../kernel/index.ts';
import { type Btf, type CType, type Member, sizeOf, strip } from '../object/index.ts';
import type { Env } from './env.ts';
import { type BtfTypeRef, Flag } from './reg.ts';
import type { VerifyInput } from './verdict.ts';

/** What a load of a kernel variable's address gives. */
export type VariableType =
  | { readonly kind: 'memory'; readonly size: number }
  | { readonly kind: 'structure'; readonly type: BtfTypeRef; readonly perCpu: boolean };

/** What reading a structure at an offset gives. */
export type MemberAnswer =
  | { readonly kind: 'scalar' }
  /** `flags`: user, percpu, rcu as the member is tagged; untrusted inside a union. */
  | { readonly kind: 'pointer'; readonly type: BtfTypeRef; readonly flags: number; readonly name: string }
  | { readonly kind: 'refused'; readonly text: string }
  /** The structure's layout is not known here. */
  | { readonly kind: 'unknown' };

/** Structures of which kernels note that certain pointers in them can be trusted: `struct socket__safe_trusted_or_null`. */
export type SafeKind = '__safe_rcu' | '__safe_rcu_or_null' | '__safe_trusted' | '__safe_trusted_or_null';

type Structure = Extract<CType, { kind: 'struct' | 'union' }>;

/** Structures without a name, as messages call them. */
const named = (name: string): string => (name === '' ? '(anon)' : name);

const TAG_FLAGS: Readonly<Record<string, number>> = { user: Flag.user, percpu: Flag.percpu, rcu: Flag.rcu };

/** Structures that kernel functions take and give, for tables that are not complete. */
const KFUNC_TYPES: ReadonlySet<string> = new Set(
  KFUNCS.flatMap((row) => [
    ...row.arguments.flatMap(({ arg }) => (arg.kind === 'btf-pointer' ? [arg.type] : [])),
    ...(typeof row.returns === 'object' ? [row.returns.pointerTo] : []),
  ]),
);

/** Structures lie at most this deep in each other. */
const MAX_DEPTH = 32;

export class KernelTypeTable {
  readonly btf: Btf | undefined;
  /** Whether what is not found does not exist. */
  readonly isComplete: boolean;
  readonly #program: Btf | undefined;
  readonly #layoutFits: boolean;
  readonly #variables = new Map<number, VariableType>();
  readonly #structures = new Map<string, BtfTypeRef>();

  constructor({ kernelTypes: types, btf: program, layout }: VerifyInput) {
    this.#program = program;
    this.#layoutFits = layout === 'fits';
    this.btf = types?.btf;
    this.isComplete = types?.origin === 'given';
  }

  /** Whether the kernel has a structure of that name; undefined when no table tells. */
  knows(name: string): boolean | undefined {
    if (this.btf === undefined) return undefined;
    return this.btf.find('struct', name) !== undefined || (!this.isComplete && KFUNC_TYPES.has(name));
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
    const type = this.btf?.type(id);
    if (this.btf === undefined || (type === undefined && !this.isComplete)) {
      env.uncertain.add(`the type of kernel variable ${id} (slot ${insn.slot}) is not known without the kernel's BTF`);
      this.#variables.set(insn.slot, { kind: 'memory', size: 8 });
      return;
    }
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
    if (type.kernel && !this.#layoutFits) return { kind: 'unknown' };
    const btf = type.kernel ? this.btf : this.#program;
    if (btf === undefined || type.id === 0) return { kind: 'unknown' };
    const structure = structureAt(btf, type.id);
    if (structure === undefined) return { kind: 'unknown' };
    return new Walk(btf, size).at(structure, offset, 0);
  }

  /** Whether a structure is, or at `offset` begins with, one of that name. */
  isOrBeginsWith(type: BtfTypeRef, offset: number, name: string): boolean {
    const { btf } = this;
    if (type.name === name && offset === 0) return true;
    if (btf === undefined || !type.kernel || type.id === 0) return type.name === name;
    let structure = structureAt(btf, type.id);
    for (let rest = offset, depth = 0; structure !== undefined && depth < MAX_DEPTH; depth++) {
      const member: Member | undefined = structure.members.find(({ offsetBits, type: id }) => {
        const start = offsetBits / 8;
        return start <= rest && rest < start + (sizeOf(btf, id) ?? 0);
      });
      if (member === undefined) return false;
      rest -= member.offsetBits / 8;
      structure = structureAt(btf, member.type);
      if (structure?.name === name && rest === 0) return true;
    }
    return false;
  }

  /** Whether the kernel notes that the member `name` of a structure leads to a `target` of that kind of trust. */
  isSafe(owner: BtfTypeRef, name: string, target: BtfTypeRef, kind: SafeKind): boolean {
    const { btf } = this;
    const id = btf?.find('struct', `${owner.name}${kind}`);
    const structure = btf === undefined || id === undefined ? undefined : structureAt(btf, id);
    return (
      structure?.members.some((member) => {
        const type = member.name === name ? strip(btf!, member.type)?.type : undefined;
        return type?.kind === 'pointer' && strip(btf!, type.target)?.id === target.id;
      }) === true
    );
  }
}

function structureAt(btf: Btf, id: number): Structure | undefined {
  const type = strip(btf, id)?.type;
  return type?.kind === 'struct' || type?.kind === 'union' ? type : undefined;
}

/** One look for the member at an offset, through the structures that lie in each other. */
class Walk {
  readonly #btf: Btf;
  readonly #size: number;
  #flags = 0;

  constructor(btf: Btf, size: number) {
    this.#btf = btf;
    this.#size = size;
  }

  at(structure: Structure, offset: number, depth: number): MemberAnswer {
    const size = this.#size;
    if (depth > MAX_DEPTH) return { kind: 'unknown' };
    const name = named(structure.name);
    const refused = (text: string): MemberAnswer => ({ kind: 'refused', text });
    // Which member of a union is the live one nobody knows.
    if (structure.kind === 'union' && structure.members.length !== 1) this.#flags |= Flag.untrusted;
    if (offset + size > structure.sizeBytes) {
      return (
        this.#flexible(structure, offset, depth) ??
        refused(`access beyond struct ${name} at off ${offset} size ${size}`)
      );
    }
    for (const member of structure.members) {
      const start = Math.floor(member.offsetBits / 8);
      if (offset + size <= start) break;
      if (member.bitFieldBits !== undefined) {
        const end = Math.ceil((member.offsetBits + member.bitFieldBits) / 8);
        if (offset <= start && end <= offset + size) return { kind: 'scalar' };
        continue;
      }
      if (offset < start) break;
      const end = start + (sizeOf(this.#btf, member.type) ?? 0);
      if (offset >= end) continue;
      return this.#inMember(member, { offset, start, end, owner: name }, depth);
    }
    return refused(`struct ${name} doesn't have field at offset ${offset}`);
  }

  #inMember(
    member: Member,
    place: { readonly offset: number; readonly start: number; readonly end: number; readonly owner: string },
    depth: number,
  ): MemberAnswer {
    const { offset, end, owner } = place;
    const size = this.#size;
    const { type, elementBytes } = this.#element(member.type);
    const start =
      elementBytes === 0 ? place.start : place.start + elementBytes * Math.floor((offset - place.start) / elementBytes);
    if (type?.kind === 'struct' || type?.kind === 'union') return this.at(type, offset - start, depth + 1);
    if (type?.kind === 'pointer') {
      if (size !== 8 || offset !== start)
        return {
          kind: 'refused',
          text: `cannot access ptr member ${member.name} with moff ${start} in struct ${owner} with off ${offset} size ${size}`,
        };
      const target = strip(this.#btf, type.target);
      if (target?.type.kind === 'struct' || target?.type.kind === 'union') {
        const tag = this.#btf.cType(type.target);
        const flags = this.#flags | (tag?.kind === 'type-tag' ? (TAG_FLAGS[tag.tag] ?? 0) : 0);
        return {
          kind: 'pointer',
          type: { kernel: true, id: target.id, name: target.type.name },
          flags,
          name: member.name,
        };
      }
    }
    if (offset + size > end && (this.#flags & Flag.untrusted) === 0)
      return {
        kind: 'refused',
        text: `access beyond the end of member ${named(member.name)} (mend:${end}) in struct ${owner} with off ${offset} size ${size}`,
      };
    return { kind: 'scalar' };
  }

  /** The type below typedefs and arrays, and the bytes of one element of the arrays, 0 when there is none. */
  #element(id: number): { readonly type: CType | undefined; readonly elementBytes: number } {
    let type = strip(this.#btf, id)?.type;
    let elementBytes = 0;
    for (let depth = 0; type?.kind === 'array' && depth < MAX_DEPTH; depth++) {
      elementBytes = sizeOf(this.#btf, type.element) ?? 0;
      type = strip(this.#btf, type.element)?.type;
    }
    return { type, elementBytes };
  }

  /** Behind the structure there may be an array without length. */
  #flexible(structure: Structure, offset: number, depth: number): MemberAnswer | undefined {
    const last = structure.members[structure.members.length - 1];
    const array = last === undefined ? undefined : strip(this.#btf, last.type)?.type;
    if (array?.kind !== 'array' || array.count !== 0) return undefined;
    const start = last!.offsetBits / 8;
    const element = strip(this.#btf, array.element)?.type;
    if (offset < start) return undefined;
    if (element?.kind === 'int') return { kind: 'scalar' };
    if ((element?.kind !== 'struct' && element?.kind !== 'union') || element.sizeBytes === 0) return undefined;
    return this.at(element, (offset - start) % element.sizeBytes, depth + 1);
  }
}
