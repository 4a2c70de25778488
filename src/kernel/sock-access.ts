// Whether a program may read bytes of struct bpf_sock or struct bpf_tcp_sock. Writes are refused by the kind of pointer, before
// any question of offsets. Source: net/core/filter.c bpf_sock_is_valid_access, bpf_tcp_sock_is_valid_access, checked against
// every offset and size on 6.18.

import type { Lifetime } from './lifetime.ts';
import {
  BPF_SOCK_FIELD_ROWS,
  BPF_SOCK_SIZE,
  BPF_TCP_SOCK_FIELD_ROWS,
  BPF_TCP_SOCK_SIZE,
  type SockFieldRow,
} from './sock-fields.ts';

/** The structures behind socket pointers. `sock-common` is a socket of which only the common part may be read. */
export type SockStructure = 'sock' | 'sock-common' | 'tcp-sock';

export interface SockAccessQuestion {
  readonly structure: SockStructure;
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
}

export type SockAccessAnswer =
  | {
      readonly ok: true;
      readonly field: SockFieldRow;
      readonly index: number;
      /** "src_ip6[1]" for an element. */
      readonly name: string;
      /** First byte of the element that is read. */
      readonly within: number;
    }
  /** `unconverted`: let through by the access check and then failed by the conversion, with `message` instead of the usual words. */
  | {
      readonly ok: false;
      readonly field: SockFieldRow | undefined;
      readonly unconverted?: { readonly message: string };
    };

export interface SockRules {
  exists(lifetimes: readonly Lifetime[]): boolean;
  /** Whether dst_port is a 16-bit field that may also be read with 4 bytes; before, a 32-bit one. */
  readonly portIsHalfWord: boolean;
  /** What the kernel says when the conversion finds no case. */
  readonly conversionFailure: string;
}

/** Fields that a sock_common pointer does not give. */
const NOT_COMMON: ReadonlySet<string> = new Set(['type', 'protocol', 'mark', 'priority']);

/** Answers for one read under the rules of one kernel. */
export function answerSockAccess(question: SockAccessQuestion, rules: SockRules): SockAccessAnswer {
  const { structure, offset, size } = question;
  const tcp = structure === 'tcp-sock';
  const rows = tcp ? BPF_TCP_SOCK_FIELD_ROWS : BPF_SOCK_FIELD_ROWS;
  const field = rows.find((row) => row.offset <= offset && offset < row.offset + row.size * row.count);
  const limit = tcp ? BPF_TCP_SOCK_SIZE : BPF_SOCK_SIZE;
  if (offset < 0 || offset >= limit || offset % size !== 0 || field === undefined) return { ok: false, field };
  if (!rules.exists(field.lifetimes)) return { ok: false, field };
  if (structure === 'sock-common' && NOT_COMMON.has(field.name)) return { ok: false, field };
  const within = (offset - field.offset) % field.size;
  const index = (offset - field.offset - within) / field.size;
  const name = field.count > 1 ? `${field.name}[${index}]` : field.name;
  const fine: SockAccessAnswer = { ok: true, field, index, name, within };
  if (tcp && field.size === 8 && size === 4 && within === 4) {
    return { ok: false, field, unconverted: { message: rules.conversionFailure } };
  }
  if (size === field.size && within === 0) return fine;
  if (field.name === 'dst_port') {
    if (size === 4 && within === 0) return fine;
    return size < 4 && (within === 0 || rules.portIsHalfWord) ? fine : { ok: false, field };
  }
  if (size > field.size) return { ok: false, field };
  const narrow = field.narrow === 'anywhere' || (field.narrow === 'start' && within === 0);
  return narrow ? fine : { ok: false, field };
}
