// What the types of a file mean: typedefs and macro aliases resolved, sizes and member offsets (LP64, as BPF targets have),
// and which of them are the context structure.

import type { Enumerator, Expr, Item, Member, RecordBody, TypeRef, Variable } from './ast.ts';
import type { CFile } from './c-file.ts';

/** Sizes of basic types and of the usual typedefs. */
const SCALARS: Readonly<Record<string, number>> = {
  char: 1,
  'signed char': 1,
  'unsigned char': 1,
  _Bool: 1,
  bool: 1,
  __u8: 1,
  __s8: 1,
  u8: 1,
  s8: 1,
  uint8_t: 1,
  int8_t: 1,
  short: 2,
  'short int': 2,
  'unsigned short': 2,
  'unsigned short int': 2,
  __u16: 2,
  __s16: 2,
  u16: 2,
  s16: 2,
  uint16_t: 2,
  int16_t: 2,
  __be16: 2,
  __le16: 2,
  __sum16: 2,
  int: 4,
  signed: 4,
  unsigned: 4,
  'signed int': 4,
  'unsigned int': 4,
  float: 4,
  __u32: 4,
  __s32: 4,
  u32: 4,
  s32: 4,
  uint32_t: 4,
  int32_t: 4,
  __be32: 4,
  __le32: 4,
  __wsum: 4,
  long: 8,
  'long int': 8,
  'unsigned long': 8,
  'long unsigned int': 8,
  'unsigned long int': 8,
  'long long': 8,
  'long long int': 8,
  'unsigned long long': 8,
  'long long unsigned int': 8,
  'unsigned long long int': 8,
  double: 8,
  __u64: 8,
  __s64: 8,
  u64: 8,
  s64: 8,
  uint64_t: 8,
  int64_t: 8,
  __be64: 8,
  __le64: 8,
  size_t: 8,
  ssize_t: 8,
  uintptr_t: 8,
  intptr_t: 8,
};

/** Sizes and alignments of kernel structures that such programs lay over a packet or into a map. */
const KNOWN_RECORDS: Readonly<Record<string, readonly [size: number, align: number]>> = {
  tcphdr: [20, 4],
  iphdr: [20, 4],
  ipv6hdr: [40, 4],
  ethhdr: [14, 2],
  udphdr: [8, 2],
  in6_addr: [16, 4],
  bpf_spin_lock: [4, 4],
  bpf_timer: [16, 8],
};

export interface Layout {
  readonly size: number;
  readonly align: number;
}

export interface MemberPlace {
  readonly member: Member;
  readonly offset: number;
  readonly size: number;
}

export interface RecordLayout extends Layout {
  readonly members: readonly MemberPlace[];
  /** Bytes of padding between and after the members. */
  readonly holes: readonly { readonly offset: number; readonly size: number }[];
}

/** How an array bound or a bit width is computed. */
export type Evaluate = (expr: Expr) => bigint | undefined;

export class TypeTable {
  readonly #records = new Map<
    string,
    {
      readonly body: RecordBody;
      readonly kind: 'struct' | 'union';
      readonly packed: boolean;
      readonly item: Item | undefined;
    }
  >();
  readonly #typedefs = new Map<string, TypeRef>();
  readonly #file: CFile;
  readonly enumerators = new Map<string, { readonly enumerator: Enumerator; readonly value: bigint | undefined }>();
  readonly globals = new Map<string, Variable>();
  /** Set by the owner once constants can be evaluated. */
  evaluate: Evaluate = () => undefined;

  constructor(file: CFile) {
    this.#file = file;
    for (const item of [...file.items, ...file.generatedItems]) this.#read(item);
  }

  #read(item: Item): void {
    if (item.kind === 'broken') return;
    const packed =
      item.annotations.some((note) => note.name === '__packed' || note.args.some((arg) => /\bpacked\b/.test(arg))) ??
      false;
    if (item.kind === 'function') {
      this.#type(item.returns, packed, item);
      for (const parameter of item.parameters) this.#type(parameter.type, packed, item);
      return;
    }
    this.#type(item.type, packed, item);
    if (item.kind === 'variables') for (const variable of item.variables) this.globals.set(variable.name, variable);
    if (item.kind === 'typedef') for (const name of item.names) this.#typedefs.set(name.name, name.type);
  }

  #type(type: TypeRef, packed: boolean, item: Item | undefined): void {
    if (type.record !== undefined) {
      if (type.name !== '' && type.tag !== 'enum' && type.tag !== undefined)
        this.#records.set(type.name, { body: type.record, kind: type.tag, packed, item });
      for (const member of type.record.members) this.#type(member.type, false, item);
    }
    let next: bigint | undefined = 0n;
    for (const enumerator of type.enumerators ?? []) {
      const stated: bigint | undefined = enumerator.value === undefined ? next : this.#constant(enumerator.value);
      this.enumerators.set(enumerator.name, { enumerator, value: stated });
      next = stated === undefined ? undefined : stated + 1n;
    }
  }

  #constant(expr: Expr): bigint | undefined {
    switch (expr.kind) {
      case 'number':
        return expr.value;
      case 'name':
        return this.enumerators.get(expr.name)?.value;
      case 'macro':
        return expr.expansion === undefined ? undefined : this.#constant(expr.expansion);
      case 'unary': {
        const value = this.#constant(expr.operand);
        return value === undefined
          ? undefined
          : expr.op === '-'
            ? -value
            : expr.op === '~'
              ? ~value
              : expr.op === '+'
                ? value
                : undefined;
      }
      case 'binary': {
        const left = this.#constant(expr.left);
        const right = this.#constant(expr.right);
        if (left === undefined || right === undefined) return undefined;
        switch (expr.op) {
          case '+':
            return left + right;
          case '-':
            return left - right;
          case '*':
            return left * right;
          case '|':
            return left | right;
          case '<<':
            return right < 0n || right > 63n ? undefined : left << right;
        }
        return undefined;
      }
      default:
        return undefined;
    }
  }

  /** The type behind typedefs and macro aliases. */
  resolve(type: TypeRef): TypeRef {
    let current = type;
    for (let guard = 0; guard < 16; guard++) {
      if (current.tag !== undefined || current.record !== undefined) return current;
      const target = this.#typedefs.get(current.name) ?? this.#macroType(current);
      if (target === undefined) return current;
      current = {
        ...target,
        pointers: target.pointers + current.pointers,
        dims: [...current.dims, ...target.dims],
        isConst: current.isConst || target.isConst,
        isVolatile: current.isVolatile || target.isVolatile,
      };
    }
    return current;
  }

  #macroType(type: TypeRef): TypeRef | undefined {
    const macro = this.#file.macros.get(type.name);
    if (macro === undefined || macro.parameters !== undefined || macro.body.length === 0) return undefined;
    const words = macro.body.map((token) => token.text);
    const pointers = words.filter((word) => word === '*').length;
    const names = words.filter((word) => word !== '*' && word !== 'const' && word !== 'volatile');
    const tag = names[0] === 'struct' || names[0] === 'union' || names[0] === 'enum' ? names[0] : undefined;
    if (names.some((word) => !/^\w+$/.test(word))) return undefined;
    return { ...type, tag, name: tag === undefined ? names.join(' ') : (names[1] ?? ''), pointers, dims: [] };
  }

  /** Whether the type is `struct bpf_sock_ops *` under any spelling. */
  isContextPointer(type: TypeRef): boolean {
    const resolved = this.resolve(type);
    return (
      resolved.tag === 'struct' &&
      resolved.name === 'bpf_sock_ops' &&
      resolved.pointers === 1 &&
      resolved.dims.length === 0
    );
  }

  /** Name of the structure that the type points to (or is); undefined for anything else. */
  recordName(type: TypeRef): string | undefined {
    const resolved = this.resolve(type);
    return resolved.tag === 'struct' || resolved.tag === 'union' ? resolved.name : undefined;
  }

  /** The body of a structure that the file defines. */
  recordOf(type: TypeRef): RecordBody | undefined {
    const resolved = this.resolve(type);
    return resolved.record ?? this.#records.get(resolved.name)?.body;
  }

  /** The item that defines a tagged structure. */
  recordItem(name: string): { readonly body: RecordBody; readonly item: Item | undefined } | undefined {
    return this.#records.get(name);
  }

  typedef(name: string): TypeRef | undefined {
    return this.#typedefs.get(name);
  }

  /** Size in bytes; undefined where the file alone does not tell. */
  sizeOf(type: TypeRef): number | undefined {
    return this.layoutOf(type)?.size;
  }

  layoutOf(type: TypeRef, depth = 0): Layout | undefined {
    if (depth > 16) return undefined;
    const resolved = this.resolve(type);
    let count = 1;
    for (const dim of resolved.dims) {
      const length = dim === undefined ? undefined : this.evaluate(dim);
      if (length === undefined || length < 0n || length > 1_000_000n) return undefined;
      count *= Number(length);
    }
    const element = this.#elementLayout(resolved, depth);
    return element === undefined ? undefined : { size: element.size * count, align: element.align };
  }

  #elementLayout(type: TypeRef, depth: number): Layout | undefined {
    if (type.pointers > 0 || type.isFunction) return { size: 8, align: 8 };
    if (type.tag === 'enum') return { size: 4, align: 4 };
    if (type.tag === undefined) {
      const size = SCALARS[type.name.replace(/\b(const|volatile|register)\b/g, '').trim()];
      return size === undefined ? undefined : { size, align: size };
    }
    const record = this.recordLayout(type, depth + 1);
    if (record !== undefined) return record;
    const known = KNOWN_RECORDS[type.name];
    return known === undefined ? undefined : { size: known[0], align: known[1] };
  }

  /** Member offsets of a structure or union that the file defines; undefined with bit-fields or unknown members. */
  recordLayout(type: TypeRef, depth = 0): RecordLayout | undefined {
    const resolved = this.resolve(type);
    if (resolved.pointers > 0 || (resolved.tag !== 'struct' && resolved.tag !== 'union')) return undefined;
    const known = this.#records.get(resolved.name);
    const body = resolved.record ?? known?.body;
    if (body === undefined) return undefined;
    const packed = known?.packed ?? false;
    let offset = 0;
    let align = 1;
    let size = 0;
    const members: MemberPlace[] = [];
    const holes: { offset: number; size: number }[] = [];
    for (const member of body.members) {
      if (member.bits !== undefined) return undefined;
      const layout = this.layoutOf(member.type, depth);
      if (layout === undefined) return undefined;
      const wanted = packed ? 1 : layout.align;
      align = Math.max(align, wanted);
      if (resolved.tag === 'union') {
        members.push({ member, offset: 0, size: layout.size });
        size = Math.max(size, layout.size);
        continue;
      }
      const start = Math.ceil(offset / wanted) * wanted;
      if (start > offset) holes.push({ offset, size: start - offset });
      members.push({ member, offset: start, size: layout.size });
      offset = start + layout.size;
      size = offset;
    }
    const total = Math.ceil(size / align) * align;
    if (resolved.tag === 'struct' && total > size) holes.push({ offset: size, size: total - size });
    return { size: total, align, members, holes };
  }

  /** The member of a structure, searched through unnamed members. */
  memberOf(type: TypeRef, name: string, depth = 0): Member | undefined {
    const body = depth > 8 ? undefined : this.recordOf(type);
    for (const member of body?.members ?? []) {
      if (member.name === name) return member;
      const inner = member.name === '' ? this.memberOf(member.type, name, depth + 1) : undefined;
      if (inner !== undefined) return inner;
    }
    return undefined;
  }
}
