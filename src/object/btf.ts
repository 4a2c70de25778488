// BTF, the compact type format of object files and of the running kernel: every kind up to enum64, read lazily (a kernel has
// 150,000 types and a program asks for a dozen). Source: Documentation/bpf/btf.rst, include/uapi/linux/btf.h.

import { ByteReader } from '../base/index.ts';
import { type CType, type Enumerator, MAX_TYPE_DEPTH, type Member, type Parameter, type TypeTable } from './c-types.ts';
import { latin1, latin1Of } from './latin1.ts';

/** A function: its name and linkage around a function type. */
export interface BtfFunction {
  readonly kind: 'func';
  readonly name: string;
  readonly prototype: number;
  readonly linkage: 'static' | 'global' | 'extern';
}

export interface BtfVariable {
  readonly kind: 'var';
  readonly name: string;
  readonly type: number;
  readonly linkage: 'static' | 'global' | 'extern';
}

/** A section of variables: ".rodata", ".maps", ".kconfig". */
export interface BtfDataSection {
  readonly kind: 'data-section';
  readonly name: string;
  readonly sizeBytes: number;
  readonly variables: readonly BtfSectionVariable[];
}

export interface BtfSectionVariable {
  /** Id of a `var` (or, in `.ksyms`, of a `func`). */
  readonly type: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** `__attribute__((btf_decl_tag("...")))` on a type, a member (component >= 0) or a parameter. */
export interface BtfDeclTag {
  readonly kind: 'decl-tag';
  readonly tag: string;
  readonly target: number;
  readonly component: number;
}

export type BtfType = CType | BtfFunction | BtfVariable | BtfDataSection | BtfDeclTag;

/** Kind numbers of the wire format. */
export const BTF_KIND = {
  unknown: 0,
  int: 1,
  ptr: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  fwd: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  func: 12,
  funcProto: 13,
  var: 14,
  datasec: 15,
  float: 16,
  declTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

/** Bytes of a type before what its kind adds. */
export const TYPE_HEADER_BYTES = 12;

const LINKAGES = ['static', 'global', 'extern'] as const;

/** The types of one object or kernel. */
export class Btf implements TypeTable {
  readonly origin = 'btf';
  /** Types of the kernel below module BTF, which has ids from `firstId` on. */
  readonly #base: Btf | undefined;
  readonly #view: DataView;
  readonly #strings: Uint8Array;
  /** Byte offset of each own type in the view; index 0 is type `firstId`. */
  readonly #offsets: Uint32Array;
  readonly #cache = new Map<number, BtfType>();
  readonly #byName = new Map<string, readonly number[]>();
  readonly #stringBase: number;
  #latin1Strings: string | undefined;
  readonly #sections: ReadonlyMap<number, BtfDataSection>;
  readonly firstId: number;

  constructor(parts: {
    readonly types: DataView;
    readonly strings: Uint8Array;
    readonly offsets: Uint32Array;
    readonly base?: Btf | undefined;
    readonly sections?: ReadonlyMap<number, BtfDataSection>;
  }) {
    this.#view = parts.types;
    this.#strings = parts.strings;
    this.#offsets = parts.offsets;
    this.#base = parts.base;
    this.firstId = parts.base === undefined ? 1 : parts.base.endId;
    this.#stringBase = parts.base === undefined ? 0 : parts.base.stringEnd;
    this.#sections = parts.sections ?? new Map();
  }

  /** One more than the largest id. */
  get endId(): number {
    return this.firstId + this.#offsets.length;
  }

  /** Length of the string section, with that of the base. */
  get stringEnd(): number {
    return this.#stringBase + this.#strings.length;
  }

  /** The string at an offset of the string section; '' when there is none. */
  string(offset: number): string {
    if (offset < this.#stringBase) return this.#base?.string(offset) ?? '';
    const reader = new ByteReader(this.#strings, { offset: offset - this.#stringBase });
    return reader.cstring();
  }

  /** The same types with data sections replaced, as a linker fills in sizes and offsets that the compiler left open. */
  withDataSections(sections: ReadonlyMap<number, BtfDataSection>): Btf {
    return new Btf({
      types: this.#view,
      strings: this.#strings,
      offsets: this.#offsets,
      base: this.#base,
      sections: new Map([...this.#sections, ...sections]),
    });
  }

  /** Number of the kind as on the wire; 0 for void and for ids that do not exist. */
  kindOf(id: number): number {
    if (id < this.firstId) return this.#base?.kindOf(id) ?? 0;
    const at = this.#offsets[id - this.firstId];
    return at === undefined ? 0 : (this.#view.getUint32(at + 4, true) >>> 24) & 0x1f;
  }

  /** The name of a type, '' when it has none. */
  nameOf(id: number): string {
    if (id < this.firstId) return this.#base?.nameOf(id) ?? '';
    const at = this.#offsets[id - this.firstId];
    return at === undefined ? '' : this.string(this.#view.getUint32(at, true));
  }

  /** The type of that id, void for 0, undefined when there is none. */
  type(id: number): BtfType | undefined {
    if (id === 0) return VOID;
    if (id < this.firstId) return this.#base?.type(id);
    const section = this.#sections.get(id);
    if (section !== undefined) return section;
    const known = this.#cache.get(id);
    if (known !== undefined) return known;
    const at = this.#offsets[id - this.firstId];
    if (at === undefined) return undefined;
    const made = this.#materialise(at);
    this.#cache.set(id, made);
    return made;
  }

  cType(id: number): CType | undefined {
    const type = this.type(id);
    switch (type?.kind) {
      case 'func':
      case 'var':
      case 'data-section':
      case 'decl-tag':
        return undefined;
      default:
        return type;
    }
  }

  /** Ids of all types with exactly this name, ascending. */
  idsNamed(name: string): readonly number[] {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const offsets = new Set<number>(this.#stringOffsets(name));
    const found: number[] = [...(this.#base?.idsNamed(name) ?? [])];
    const inBase = this.#base?.allStringOffsets(name) ?? [];
    for (const offset of inBase) offsets.add(offset);
    if (offsets.size > 0) {
      for (let i = 0; i < this.#offsets.length; i++) {
        if (offsets.has(this.#view.getUint32(this.#offsets[i]!, true))) found.push(this.firstId + i);
      }
    }
    this.#byName.set(name, found);
    return found;
  }

  /** First type of that kind and name. */
  find(kind: BtfType['kind'], name: string): number | undefined {
    return this.idsNamed(name).find((id) => this.type(id)?.kind === kind);
  }

  /** Every offset, in this string section and its base's, at which exactly `name` stands. */
  allStringOffsets(name: string): readonly number[] {
    return [...(this.#base?.allStringOffsets(name) ?? []), ...this.#stringOffsets(name)];
  }

  #stringOffsets(name: string): number[] {
    this.#latin1Strings ??= latin1(this.#strings);
    const wanted = `${latin1Of(name)}\0`;
    const out: number[] = [];
    for (let at = this.#latin1Strings.indexOf(wanted); at >= 0; at = this.#latin1Strings.indexOf(wanted, at + 1)) {
      out.push(this.#stringBase + at);
    }
    return out;
  }

  #materialise(at: number): BtfType {
    const view = this.#view;
    const name = this.string(view.getUint32(at, true));
    const info = view.getUint32(at + 4, true);
    const sizeOrType = view.getUint32(at + 8, true);
    const kind = (info >>> 24) & 0x1f;
    const count = info & 0xffff;
    const flag = info >>> 31 === 1;
    const tail = at + TYPE_HEADER_BYTES;
    switch (kind) {
      case BTF_KIND.int: {
        const data = view.getUint32(tail, true);
        const encoding = (data >>> 24) & 0xf;
        // Compilers mark neither plain char nor its sign in BTF; by its name a char is worth showing as one.
        const isChar = (encoding & 2) !== 0 || (sizeOrType === 1 && name === 'char');
        return {
          kind: 'int',
          name,
          sizeBytes: sizeOrType,
          encoding: (encoding & 4) !== 0 ? 'bool' : isChar ? 'char' : (encoding & 1) !== 0 ? 'signed' : 'unsigned',
          signed: (encoding & 1) !== 0,
          bits: data & 0xff,
          offsetBits: (data >>> 16) & 0xff,
        };
      }
      case BTF_KIND.ptr:
        return { kind: 'pointer', target: sizeOrType };
      case BTF_KIND.array:
        return { kind: 'array', element: view.getUint32(tail, true), count: view.getUint32(tail + 8, true) };
      case BTF_KIND.struct:
      case BTF_KIND.union: {
        const members: Member[] = [];
        for (let i = 0; i < count; i++) members.push(this.#member(tail + 12 * i, flag));
        return { kind: kind === BTF_KIND.struct ? 'struct' : 'union', name, sizeBytes: sizeOrType, members };
      }
      case BTF_KIND.enum: {
        const members: Enumerator[] = [];
        for (let i = 0; i < count; i++) {
          const value = flag ? view.getInt32(tail + 8 * i + 4, true) : view.getUint32(tail + 8 * i + 4, true);
          members.push({ name: this.string(view.getUint32(tail + 8 * i, true)), value: BigInt(value) });
        }
        return { kind: 'enum', name, sizeBytes: sizeOrType, signed: flag, members };
      }
      case BTF_KIND.enum64: {
        const members: Enumerator[] = [];
        for (let i = 0; i < count; i++) {
          const row = tail + 12 * i;
          const raw = (BigInt(view.getUint32(row + 8, true)) << 32n) | BigInt(view.getUint32(row + 4, true));
          members.push({ name: this.string(view.getUint32(row, true)), value: flag ? BigInt.asIntN(64, raw) : raw });
        }
        return { kind: 'enum', name, sizeBytes: sizeOrType, signed: flag, members };
      }
      case BTF_KIND.fwd:
        return { kind: 'incomplete', keyword: flag ? 'union' : 'struct', name };
      case BTF_KIND.typedef:
        return { kind: 'typedef', name, target: sizeOrType };
      case BTF_KIND.volatile:
        return { kind: 'volatile', target: sizeOrType };
      case BTF_KIND.const:
        return { kind: 'const', target: sizeOrType };
      case BTF_KIND.restrict:
        return { kind: 'restrict', target: sizeOrType };
      case BTF_KIND.typeTag:
        return { kind: 'type-tag', tag: name, target: sizeOrType };
      case BTF_KIND.func:
        return { kind: 'func', name, prototype: sizeOrType, linkage: LINKAGES[count] ?? 'global' };
      case BTF_KIND.funcProto: {
        const parameters: Parameter[] = [];
        for (let i = 0; i < count; i++) {
          const row = tail + 8 * i;
          parameters.push({ name: this.string(view.getUint32(row, true)), type: view.getUint32(row + 4, true) });
        }
        const last = parameters.at(-1);
        const variadic = last !== undefined && last.type === 0 && last.name === '';
        if (variadic) parameters.pop();
        return { kind: 'function', result: sizeOrType, parameters, variadic };
      }
      case BTF_KIND.var:
        return { kind: 'var', name, type: sizeOrType, linkage: LINKAGES[view.getUint32(tail, true)] ?? 'global' };
      case BTF_KIND.datasec: {
        const variables: BtfSectionVariable[] = [];
        for (let i = 0; i < count; i++) {
          const row = tail + 12 * i;
          variables.push({
            type: view.getUint32(row, true),
            offset: view.getUint32(row + 4, true),
            sizeBytes: view.getUint32(row + 8, true),
          });
        }
        return { kind: 'data-section', name, sizeBytes: sizeOrType, variables };
      }
      case BTF_KIND.float:
        return { kind: 'float', name, sizeBytes: sizeOrType };
      default:
        return { kind: 'decl-tag', tag: name, target: sizeOrType, component: view.getInt32(tail, true) };
    }
  }

  #member(row: number, flag: boolean): Member {
    const name = this.string(this.#view.getUint32(row, true));
    const type = this.#view.getUint32(row + 4, true);
    const offset = this.#view.getUint32(row + 8, true);
    if (flag) {
      const width = offset >>> 24;
      return width === 0
        ? { name, type, offsetBits: offset & 0xffffff }
        : { name, type, offsetBits: offset & 0xffffff, bitFieldBits: width };
    }
    const narrow = this.#narrowInt(type);
    return narrow === undefined
      ? { name, type, offsetBits: offset }
      : { name, type, offsetBits: offset + narrow.offset, bitFieldBits: narrow.bits };
  }

  /** Old bit-field encoding: an integer type with fewer bits than its size. Reads raw words, since types may be cyclic. */
  #narrowInt(id: number): { readonly bits: number; readonly offset: number } | undefined {
    let at = id;
    for (let depth = 0; depth < MAX_TYPE_DEPTH; depth++) {
      if (at < this.firstId) return undefined;
      const offset = this.#offsets[at - this.firstId];
      if (offset === undefined) return undefined;
      const kind = (this.#view.getUint32(offset + 4, true) >>> 24) & 0x1f;
      const sizeOrType = this.#view.getUint32(offset + 8, true);
      if (kind === BTF_KIND.int) {
        const data = this.#view.getUint32(offset + TYPE_HEADER_BYTES, true);
        const bits = data & 0xff;
        return bits === 8 * sizeOrType ? undefined : { bits, offset: (data >>> 16) & 0xff };
      }
      if (kind < BTF_KIND.typedef || kind > BTF_KIND.restrict) return undefined;
      at = sizeOrType;
    }
    return undefined;
  }
}

const VOID: CType = { kind: 'void' };
