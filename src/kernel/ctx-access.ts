// Whether a program may read or write bytes of its context. One function answers for the verifier, the source checker and
// hover alike. Source: net/core/filter.c sock_ops_is_valid_access, checked against every offset and size on real kernels.

import type { CtxFieldRow, CtxValueKind } from './ctx-field-row.ts';
import { CTX_FIELD_ROWS } from './ctx-fields.ts';
import type { Lifetime } from './lifetime.ts';

/** Why a context access is refused. */
export type CtxRefusal =
  /** The bytes are outside the structure of this kernel. */
  | { readonly kind: 'outside'; readonly ctxSize: number }
  /** A field that newer kernels have. */
  | { readonly kind: 'not-yet'; readonly field: CtxFieldRow }
  /** The offset is not a multiple of the size. */
  | { readonly kind: 'misaligned' }
  /** The field must be read as `wanted` bytes at its start. */
  | { readonly kind: 'wrong-size'; readonly field: CtxFieldRow; readonly wanted: readonly number[] }
  /** Inside a field but not at its start. */
  | { readonly kind: 'inside-field'; readonly field: CtxFieldRow; readonly wanted: readonly number[] }
  /** The access spans more than one field or element. */
  | { readonly kind: 'spans-fields'; readonly fields: readonly CtxFieldRow[] }
  /** The field cannot be written on this kernel. */
  | { readonly kind: 'read-only'; readonly field: CtxFieldRow };

export interface CtxAccessQuestion {
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  readonly mode: 'read' | 'write';
}

export type CtxAccessAnswer =
  | {
      readonly ok: true;
      readonly field: CtxFieldRow;
      /** Element of an array field, else 0. */
      readonly index: number;
      /** "remote_ip6[2]" for an element, else the field's name. */
      readonly name: string;
      readonly value: CtxValueKind;
      /** Number of low bits of the loaded value that can be set; the rest is 0. */
      readonly bits: number;
    }
  | {
      readonly ok: false;
      readonly why: CtxRefusal;
      /** What the kernel prints. */
      readonly message: string;
      /** The error that the load gives. */
      readonly errno: 'EACCES' | 'EINVAL';
    };

/** What the rule needs to know of a kernel. */
export interface CtxRules {
  readonly ctxSize: number;
  /** Every aligned 4-byte word and nothing else (the first kernels). */
  readonly wordsOnly: boolean;
  /** Whether parts of pointer fields are refused by name instead of failing in the conversion. */
  readonly pointersWhole: boolean;
  exists(lifetimes: readonly Lifetime[]): boolean;
}

const end = (field: CtxFieldRow): number => field.offset + field.size * field.count;

/** The sizes in bytes with which a field can be read at its start. */
export function readSizes(field: CtxFieldRow): readonly number[] {
  return [...(field.narrow ?? []), field.size];
}

/** Answers for one access under the rules of one kernel. */
export function answerCtxAccess(question: CtxAccessQuestion, rules: CtxRules): CtxAccessAnswer {
  const { offset, size, mode } = question;
  const refuse = (why: CtxRefusal): CtxAccessAnswer => ({
    ok: false,
    why,
    message: `invalid bpf_context access off=${offset} size=${size}`,
    errno: 'EACCES',
  });
  const touched = CTX_FIELD_ROWS.filter((row) => row.offset < offset + size && offset < end(row));
  const field = touched[0];
  if (offset < 0 || field === undefined || offset + size > rules.ctxSize) {
    const missing = touched.find((row) => !rules.exists(row.lifetimes));
    return refuse(missing ? { kind: 'not-yet', field: missing } : { kind: 'outside', ctxSize: rules.ctxSize });
  }
  if (touched.length > 1) return refuse({ kind: 'spans-fields', fields: touched });
  const within = (offset - field.offset) % field.size;
  const index = (offset - field.offset - within) / field.size;
  if (within + size > field.size) {
    if (field.count > 1) return refuse({ kind: 'spans-fields', fields: [field] });
    return refuse({ kind: 'wrong-size', field, wanted: readSizes(field) });
  }

  if (mode === 'write') {
    const writable = field.write?.find((entry) => entry.index === index);
    if (!writable || !rules.exists(writable.lifetimes)) return refuse({ kind: 'read-only', field });
  }
  const wanted = mode === 'write' ? [field.size] : readSizes(field);
  if (within !== 0) {
    // Kernels before the check let a word inside a pointer through and then find no conversion for it.
    const unconverted =
      mode === 'read' && size === 4 && within === 4 && !rules.pointersWhole && field.converted === 'start-only';
    if (unconverted && !rules.wordsOnly) {
      return {
        ok: false,
        why: { kind: 'inside-field', field, wanted },
        message: 'bpf verifier is misconfigured',
        errno: 'EINVAL',
      };
    }
    return refuse(offset % size === 0 ? { kind: 'inside-field', field, wanted } : { kind: 'misaligned' });
  }
  if (!wanted.includes(size)) return refuse({ kind: 'wrong-size', field, wanted });
  return {
    ok: true,
    field,
    index,
    name: field.count > 1 ? `${field.name}[${index}]` : field.name,
    value: field.value,
    bits: Math.min(field.bits, 8 * size),
  };
}
