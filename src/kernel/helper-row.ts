// The shapes of helper rows. Argument and return kinds model the kernel's ARG_* and RET_* with their flags, so that
// the verifier has one transfer function per kind and none per helper.

import type { Lifetime, SourceRef } from './lifetime.ts';

/** What a dynptr argument must point to. `any` where the helper does not care. */
export type DynptrKind = 'any' | 'local' | 'ringbuf';

/** What the kernel demands of one argument register. */
export type ArgKind =
  /** Any initialised scalar or pointer (ARG_ANYTHING). */
  | { readonly kind: 'anything' }
  /** The context pointer, unmodified (ARG_PTR_TO_CTX). */
  | { readonly kind: 'ctx'; readonly nullable?: true }
  /** A map itself, from load-imm64 (ARG_CONST_MAP_PTR). */
  | { readonly kind: 'map' }
  /** Readable memory of the map's key size (ARG_PTR_TO_MAP_KEY). */
  | { readonly kind: 'map-key' }
  /** Memory of the map's value size (ARG_PTR_TO_MAP_VALUE); `writes`: the helper fills it, it may be uninitialised. */
  | { readonly kind: 'map-value'; readonly nullable?: true; readonly writes?: true }
  /**
   * Memory whose size is the next argument (ARG_PTR_TO_MEM and relatives). `reads`/`writes`: what the helper does with it;
   * `uninitialised`: it need not hold data before.
   */
  | {
      readonly kind: 'memory';
      readonly reads?: true;
      readonly writes?: true;
      readonly uninitialised?: true;
      readonly nullable?: true;
    }
  /** Memory of a size known beforehand (ARG_PTR_TO_FIXED_SIZE_MEM). */
  | {
      readonly kind: 'fixed-memory';
      readonly size: number;
      readonly writes?: true;
      readonly uninitialised?: true;
      readonly aligned?: true;
    }
  /** Length of the preceding memory argument (ARG_CONST_SIZE, ARG_CONST_SIZE_OR_ZERO). */
  | { readonly kind: 'size'; readonly zeroAllowed: boolean }
  /** Known length of the memory that the helper returns (ARG_CONST_ALLOC_SIZE_OR_ZERO). */
  | { readonly kind: 'alloc-size' }
  /** A bpf_spin_lock inside a map value or allocated object (ARG_PTR_TO_SPIN_LOCK). */
  | { readonly kind: 'spin-lock' }
  /** A bpf_timer inside a map value (ARG_PTR_TO_TIMER). */
  | { readonly kind: 'timer' }
  /** A socket pointer of any checked kind (ARG_PTR_TO_SOCK_COMMON). */
  | { readonly kind: 'sock-common' }
  /** A socket pointer, or a BTF pointer to a kernel socket (ARG_PTR_TO_BTF_ID_SOCK_COMMON). */
  | { readonly kind: 'btf-sock-common'; readonly nullable?: true }
  /** A BTF pointer to that kernel structure (ARG_PTR_TO_BTF_ID). */
  | { readonly kind: 'btf-pointer'; readonly type: string; readonly nullable?: true; readonly releases?: true }
  /** A per-cpu BTF variable (ARG_PTR_TO_PERCPU_BTF_ID). */
  | { readonly kind: 'percpu-btf' }
  /** A function of the program (ARG_PTR_TO_FUNC). */
  | { readonly kind: 'function' }
  /** Stack memory or NULL, handed to the callback (ARG_PTR_TO_STACK_OR_NULL). */
  | { readonly kind: 'stack-or-null' }
  /** A NUL-terminated string in a read-only map (ARG_PTR_TO_CONST_STR). */
  | { readonly kind: 'const-string' }
  /** Memory that ringbuf_reserve returned (ARG_PTR_TO_RINGBUF_MEM | OBJ_RELEASE). */
  | { readonly kind: 'ringbuf-memory'; readonly releases: true }
  /** A dynptr on the stack (ARG_PTR_TO_DYNPTR). `creates`: uninitialised before, valid after. */
  | {
      readonly kind: 'dynptr';
      readonly of: DynptrKind;
      readonly creates?: true;
      readonly releases?: true;
      readonly readOnly?: true;
    }
  /** A kptr field of a map value or allocated object (ARG_KPTR_XCHG_DEST). */
  | { readonly kind: 'kptr-slot' };

export interface HelperArgument {
  readonly name: string;
  readonly arg: ArgKind;
}

/** What a helper leaves in R0. */
export type ReturnKind =
  | { readonly kind: 'integer' }
  | { readonly kind: 'void' }
  | { readonly kind: 'map-value'; readonly nullable: boolean }
  /** Memory of the size that the alloc-size argument states. */
  | { readonly kind: 'memory'; readonly nullable: true; readonly of: 'ringbuf' | 'dynptr' }
  | { readonly kind: 'tcp-sock'; readonly nullable: true }
  | { readonly kind: 'btf-pointer'; readonly type: string; readonly nullable: boolean; readonly trusted?: true }
  /** Type of the per-cpu variable (RET_PTR_TO_MEM_OR_BTF_ID). */
  | { readonly kind: 'percpu-variable'; readonly nullable: boolean };

/** Capability beyond those needed to load a sock_ops program at all. */
export type HelperCapability = 'none' | 'CAP_BPF' | 'CAP_PERFMON';

/** An effect on the verifier's or the machine's state beyond arguments and result. */
export type HelperEffect =
  | 'may-sleep'
  | 'acquires'
  | 'releases'
  | 'invalidates-packet'
  | 'calls-back'
  | 'takes-lock'
  | 'drops-lock'
  | 'ends-program';

/** The part of a row that only a helper callable from sock_ops has. */
export interface SockOpsHelper {
  /** When sock_ops programs can call it. */
  readonly lifetimes: readonly Lifetime[];
  readonly arguments: readonly HelperArgument[];
  readonly returns: ReturnKind;
  readonly gplOnly: boolean;
  readonly capability: HelperCapability;
  readonly effects: readonly HelperEffect[];
  /** The result in words, errors included. */
  readonly result: string;
  /** Ops in which it can succeed; absent: no restriction. */
  readonly ops?: readonly string[];
  readonly pitfalls?: readonly string[];
  readonly example?: string;
}

export interface HelperRow {
  readonly id: number;
  /** With prefix: "bpf_map_lookup_elem". */
  readonly name: string;
  /** When the id exists at all. */
  readonly exists: readonly Lifetime[];
  /** C declaration without the name's static const cast: "long bpf_x(void *map, const void *key)". */
  readonly prototype: string;
  readonly doc: string;
  /** Absent: no sock_ops program on any described kernel can call it. */
  readonly sockOps?: SockOpsHelper;
  /** For a helper that is never callable: what to use instead, where there is something. */
  readonly instead?: string;
  readonly source: SourceRef;
}

export function defineHelpers<const Rows extends readonly HelperRow[]>(rows: Rows): Rows {
  return rows;
}
