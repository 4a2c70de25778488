// Signatures of the program's own functions by BTF: what a global function promises about its arguments.
// Source of truth: kernel/bpf/btf.c btf_prepare_func_args, by behaviour.

import { type Btf, type BtfType, sizeOf, strip } from '../object/index.ts';
import { declTagsOf } from './value-fields.ts';

/** What a global function takes in one register. */
export type ParameterKind =
  | { readonly kind: 'scalar' }
  | { readonly kind: 'ctx' }
  | { readonly kind: 'memory'; readonly size: number; readonly nullable: boolean }
  | { readonly kind: 'dynptr' }
  | { readonly kind: 'arena' }
  | { readonly kind: 'kernel-pointer'; readonly type: string; readonly trusted: boolean; readonly nullable: boolean };

/** `text`: the kernel's line, '' where it says nothing (functions that are followed need no signature). */
export type Signature =
  | { readonly kind: 'known'; readonly parameters: readonly ParameterKind[]; readonly returns: 'int' | 'void' }
  | { readonly kind: 'refused'; readonly text: string };

/** The user's view of the context structure. */
const CONTEXT_TYPE = 'bpf_sock_ops';
const MAX_PARAMETERS = 5;

export class Signatures {
  readonly #btf: Btf | undefined;
  readonly #known = new Map<number, Signature>();

  readonly #voidAllowed: boolean;

  constructor(btf: Btf | undefined, voidAllowed: boolean) {
    this.#btf = btf;
    this.#voidAllowed = voidAllowed;
  }

  /** The signature of a FUNC. */
  of(funcId: number): Signature {
    const known = this.#known.get(funcId);
    if (known !== undefined) return known;
    const signature = this.#read(funcId);
    this.#known.set(funcId, signature);
    return signature;
  }

  /** Whether a function returns a small integer, as one with a tail call must. */
  returnsInt(funcId: number): boolean {
    const prototype = this.#prototype(funcId);
    if (prototype === undefined) return false;
    const result = this.#strip(prototype.result);
    return result !== undefined && ((result.kind === 'int' && result.sizeBytes <= 8) || result.kind === 'enum');
  }

  #strip(id: number): BtfType | undefined {
    return this.#btf === undefined ? undefined : strip(this.#btf, id)?.type;
  }

  #prototype(funcId: number): Extract<BtfType, { kind: 'function' }> | undefined {
    const func = this.#btf?.type(funcId);
    if (func?.kind !== 'func') return undefined;
    const prototype = this.#btf?.type(func.prototype);
    return prototype?.kind === 'function' ? prototype : undefined;
  }

  #read(funcId: number): Signature {
    const func = this.#btf?.type(funcId);
    const prototype = this.#prototype(funcId);
    if (func?.kind !== 'func' || prototype === undefined)
      return { kind: 'refused', text: `Invalid BTF of func ${funcId}` };
    const { name } = func;
    const isGlobal = func.linkage === 'global';
    const count = prototype.parameters.length;
    const refused = (text: string): Signature => ({ kind: 'refused', text: isGlobal ? text : '' });
    if (count > MAX_PARAMETERS)
      return refused(`Global function ${name}() with ${count} > ${MAX_PARAMETERS} args. Buggy compiler.`);
    const result = this.#strip(prototype.result);
    const returns = result?.kind === 'void' ? 'void' : 'int';
    const fits = returns === 'void' ? this.#voidAllowed : result?.kind === 'int' || result?.kind === 'enum';
    if (!fits) {
      const what = this.#voidAllowed ? 'return value not void or scalar' : "doesn't return scalar";
      return refused(`Global function ${name}() ${what}. Only those are supported.`);
    }
    const parameters: ParameterKind[] = [];
    for (let i = 0; i < count; i++) {
      const parameter = this.#parameter(funcId, prototype.parameters[i]!.type, i, isGlobal ? name : undefined);
      if (typeof parameter === 'string') return { kind: 'refused', text: parameter };
      parameters.push(parameter);
    }
    return { kind: 'known', parameters, returns };
  }

  /** `globalName`: name of a global function; only those take tags and plain memory. */
  #parameter(funcId: number, typeId: number, index: number, globalName: string | undefined): ParameterKind | string {
    const btf = this.#btf!;
    const tags = this.#tags(funcId, index);
    if (tags.length > 0 && globalName === undefined)
      return `arg#${index} type tag is not supported in static functions`;
    const type = this.#strip(typeId);
    if (type?.kind === 'int' || type?.kind === 'enum') {
      if (tags.length > 0) return `arg#${index} has scalar type and tags`;
      return { kind: 'scalar' };
    }
    if (type?.kind !== 'pointer')
      return globalName === undefined
        ? ''
        : `Arg#${index} type ${kindName(type)} in ${globalName}() is not supported yet.`;
    const target = strip(btf, type.target)?.type;
    if (tags.includes('ctx')) return contextParameter(target, index);
    if (target?.kind === 'struct' && target.name === CONTEXT_TYPE) return { kind: 'ctx' };
    if (target?.kind === 'struct' && target.name === 'bpf_dynptr') return { kind: 'dynptr' };
    if (tags.includes('arena')) return { kind: 'arena' };
    if (tags.includes('trusted') || tags.includes('untrusted')) {
      return {
        kind: 'kernel-pointer',
        // A CO-RE flavour of a structure stands for the structure.
        type: target !== undefined && 'name' in target ? target.name.replace(/___.*$/, '') : '',
        trusted: tags.includes('trusted'),
        nullable: tags.includes('nullable'),
      };
    }
    if (globalName === undefined) return '';
    const size = sizeOf(btf, type.target);
    if (size === undefined)
      return `arg#${index} reference type('${kindName(target)} ${target !== undefined && 'name' in target ? target.name : ''}') size cannot be determined: -22`;
    return { kind: 'memory', size, nullable: !tags.includes('nonnull') };
  }

  /** "arg:ctx", "arg:nonnull" and so on, attached to a parameter by __arg_*. */
  #tags(funcId: number, index: number): string[] {
    return declTagsOf(this.#btf!, funcId)
      .filter(({ component, tag }) => component === index && tag.startsWith('arg:'))
      .map(({ tag }) => tag.slice('arg:'.length));
  }
}

const KIND_NAMES: Readonly<Record<string, string>> = {
  struct: 'STRUCT',
  union: 'UNION',
  incomplete: 'FWD',
  float: 'FLOAT',
  array: 'ARRAY',
  pointer: 'PTR',
  int: 'INT',
  enum: 'ENUM',
  function: 'FUNC_PROTO',
};

const kindName = (type: BtfType | undefined): string =>
  type === undefined ? 'UNKNOWN' : (KIND_NAMES[type.kind] ?? 'UNKNOWN');

/** A parameter that is marked as the context must point to it by type, or to nothing in particular. */
function contextParameter(target: BtfType | undefined, index: number): ParameterKind | string {
  if (target === undefined || target.kind === 'void') return { kind: 'ctx' };
  const name = 'name' in target ? target.name : '';
  if (name === '') return `arg#${index} type doesn't have a name`;
  return target.kind === 'struct' && name === CONTEXT_TYPE
    ? { kind: 'ctx' }
    : `arg#${index} should be \`struct ${CONTEXT_TYPE} *\``;
}
