// The shape of a row of the kfunc table: a kernel function that programs call by name.

import type { Lifetime, SourceRef } from './lifetime.ts';

/** What a kfunc demands of one argument. The kernel derives it from the type and from suffixes of the argument's name. */
export type KfuncArgKind =
  /** A number; `constant`: known to the verifier (suffix __k). */
  | { readonly kind: 'scalar'; readonly constant?: true }
  /** The program's context. */
  | { readonly kind: 'ctx' }
  /** Memory of the type's size, or of the size in the next argument. */
  | { readonly kind: 'memory'; readonly nullable?: true }
  /** Size of the memory before (suffix __sz, __szk for a constant). */
  | { readonly kind: 'size'; readonly constant?: true }
  /** A pointer to that kernel structure. */
  | { readonly kind: 'btf-pointer'; readonly type: string; readonly nullable?: true }
  | { readonly kind: 'dynptr'; readonly creates?: true; readonly readOnly?: true }
  | { readonly kind: 'iterator'; readonly type: string; readonly creates?: true }
  /** An object from bpf_obj_new(). */
  | { readonly kind: 'allocated'; readonly counted?: true }
  | { readonly kind: 'list-head' }
  | { readonly kind: 'list-node' }
  | { readonly kind: 'tree-root' }
  | { readonly kind: 'tree-node' }
  | { readonly kind: 'function' }
  | { readonly kind: 'map' }
  /** A NUL-terminated string in a read-only map (suffix __str). */
  | { readonly kind: 'const-string' }
  | { readonly kind: 'irq-flag' }
  | { readonly kind: 'spin-lock' }
  | { readonly kind: 'work-queue' }
  | { readonly kind: 'task-work' }
  /** Not looked at by the verifier, or filled in by it (suffixes __ign, __prog). */
  | { readonly kind: 'ignored' };

export type KfuncFlag =
  | 'acquire'
  | 'release'
  | 'ret-null'
  | 'trusted-args'
  | 'rcu'
  | 'rcu-protected'
  | 'iter-new'
  | 'iter-next'
  | 'iter-destroy'
  | 'fastcall';

export interface KfuncRow {
  readonly name: string;
  /** C declaration: "int bpf_x(struct y *z)". */
  readonly prototype: string;
  readonly flags: readonly KfuncFlag[];
  /** Kernels on which it may sleep, so that sock_ops programs are refused it. */
  readonly sleepable?: readonly Lifetime[];
  readonly arguments: readonly { readonly name: string; readonly arg: KfuncArgKind }[];
  readonly returns: 'void' | 'scalar' | { readonly pointerTo: string };
  /** When sock_ops programs may name it. */
  readonly lifetimes: readonly Lifetime[];
  readonly doc: string;
  /** The result in words. */
  readonly result: string;
  readonly source: SourceRef;
}

export function defineKfuncs<const Rows extends readonly KfuncRow[]>(rows: Rows): Rows {
  return rows;
}
