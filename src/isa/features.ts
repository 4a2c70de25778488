// What a program must be able to count on to use an instruction: the clang `-mcpu` level that emits it and the first kernel
// that accepts it. Source: kernel git history (kernel/bpf/core.c, verifier.c) and LLVM's BPF target; versions as text, since
// comparing them is the knowledge base's business.

/** Level given to clang as `-mcpu`. */
export type CpuVersion = 'v1' | 'v2' | 'v3' | 'v4';

export interface InsnFeatureRow {
  readonly title: string;
  /** Lowest `-mcpu` with which clang uses it by itself. */
  readonly cpu: CpuVersion;
  /** First kernel whose verifier accepts it on x86-64; undefined where none does. */
  readonly since: string | undefined;
}

export const INSN_FEATURES = {
  base: { title: 'Base instruction set', cpu: 'v1', since: '3.18' },
  'jump-less-than': { title: 'Jumps on less-than', cpu: 'v2', since: '4.14' },
  'local-call': { title: 'Calls between BPF functions', cpu: 'v1', since: '4.16' },
  jump32: { title: 'Jumps on 32-bit comparison', cpu: 'v3', since: '5.1' },
  'map-value': { title: 'Direct address of a map value (global data)', cpu: 'v1', since: '5.2' },
  'ksym-address': { title: 'Address of a kernel variable', cpu: 'v1', since: '5.10' },
  'atomic-fetch': { title: 'Atomic operations beyond plain addition', cpu: 'v3', since: '5.12' },
  'kfunc-call': { title: 'Calls of kernel functions', cpu: 'v1', since: '5.13' },
  'function-address': { title: 'Address of a BPF function (callbacks)', cpu: 'v1', since: '5.13' },
  'map-index': { title: 'Map named by its index in fd_array', cpu: 'v1', since: '5.14' },
  'signed-and-wide': {
    title: 'Signed division, sign-extending moves and loads, byte swap, 32-bit jump offset',
    cpu: 'v4',
    since: '6.6',
  },
  'may-goto': { title: 'Loop bounded at run time', cpu: 'v1', since: '6.9' },
  arena: { title: 'Arena address casts', cpu: 'v1', since: '6.9' },
  'acquire-release': { title: 'Load-acquire and store-release', cpu: 'v4', since: '6.15' },
  'jump-table': { title: 'Indirect jumps through a jump table', cpu: 'v4', since: '6.19' },
  'packet-load': { title: 'Legacy packet access (socket filters and traffic control only)', cpu: 'v1', since: '3.18' },
  'indirect-call': { title: 'Call through a register', cpu: 'v1', since: undefined },
} as const satisfies Record<string, InsnFeatureRow>;

export type InsnFeature = keyof typeof INSN_FEATURES;
