// Every reason for which a program is refused, as data. Text is made in one place (reason-text.ts) and explained in another
// (explain.ts); a kind that lacks either does not compile.

import type { CtxRefusal, HelperAnswer } from '../kernel/index.ts';

/** Registers are numbers, types are the kernel's names ("map_value_or_null"), offsets and sizes are bytes. */
export interface ReasonData {
  // --- The program as a whole ---------------------------------------------------------------------------------------
  'no-instructions': object;
  'too-many-instructions': { readonly count: number; readonly limit: number };
  'partial-instruction': { readonly bytes: number };
  /** Flags of the load itself. */
  'attach-type': { readonly attachType: number };
  'load-flags': { readonly problem: 'unknown' | 'sleepable'; readonly flags: number };
  'call-out-of-range': { readonly target: number };
  'too-many-subprograms': object;
  'jump-out-of-range': { readonly from: number; readonly to: number };
  'falls-off-the-end': object;
  unreachable: { readonly insn: number };
  'jump-into-imm64': { readonly insn: number };
  'back-edge': { readonly from: number; readonly to: number };
  'unknown-opcode': { readonly opcode: number };
  /** `instruction` as the kernel names it: "BPF_MOV", "BPF_LDX". */
  'reserved-fields': { readonly instruction: string };
  'may-goto-fields': { readonly imm: number };
  'bad-imm64': { readonly form: 'invalid' | 'unrecognized' | 'insn' };
  'function-info': { readonly problem: FunctionInfoProblem };
  'kernel-cannot': { readonly what: MissingAbility };

  // --- Maps and global data -----------------------------------------------------------------------------------------
  'unknown-map': { readonly fd: number };
  'map-index-without-array': object;
  'too-many-maps': { readonly limit: number };
  'second-cgroup-storage': object;
  'value-offset-too-large': { readonly offset: number };
  'map-without-address': object;
  'value-address-outside': { readonly valueSize: number; readonly offset: number; readonly direct: 'array' | 'other' };
  'map-not-usable': { readonly problem: 'struct-ops' | 'type-not-in-kernel'; readonly type: string };

  // --- Limits -------------------------------------------------------------------------------------------------------
  'too-complex': { readonly processed: number };
  'too-many-branches': { readonly count: number; readonly async: 'yes' | 'no' };
  /** Names as in the type information, '' without. */
  recursion: { readonly caller: string; readonly callee: string };
  'infinite-loop': { readonly insn: number; readonly current: string; readonly old: string };
  'stack-too-large': { readonly calls: number; readonly bytes: number };
  'tail-call-stack': { readonly bytes: number };
  'call-stack-too-deep': { readonly frames: number; readonly found: 'walking' | 'counting' };

  // --- Registers ----------------------------------------------------------------------------------------------------
  'no-such-register': { readonly reg: number };
  'not-readable': { readonly reg: number };
  'frame-pointer-written': object;

  // --- Arithmetic ---------------------------------------------------------------------------------------------------
  'divide-by-zero': object;
  'shift-amount': { readonly amount: number };
  'two-pointers': { readonly reg: number; readonly operator: string };
  'pointer-arithmetic-32': { readonly reg: number };
  'pointer-arithmetic-nullable': { readonly reg: number; readonly type: string };
  'pointer-arithmetic': { readonly reg: number; readonly type: string };
  'pointer-subtracted': { readonly reg: number };
  'stack-pointer-subtraction': { readonly reg: number };
  'pointer-operator': { readonly reg: number; readonly operator: string; readonly sort: 'bitwise' | 'other' };
  'offset-not-allowed': { readonly type: string; readonly offset: string };
  'pointer-offset-not-allowed': { readonly type: string; readonly offset: string };
  'offset-unbounded': { readonly type: string };
  'offset-out-of-bounds': { readonly type: string; readonly offset: string };
  'address-space-cast': { readonly problem: 'spaces' | 'no-arena' };

  // --- Memory -------------------------------------------------------------------------------------------------------
  misaligned: {
    readonly what: string;
    readonly varOff: string;
    /** Undefined where the kernel counts it in `varOff`. */
    readonly off: number | undefined;
    readonly at: number;
    readonly size: number;
  };
  'bad-dereference': { readonly reg: number; readonly type: string };
  'ctx-access': {
    readonly off: number;
    readonly size: number;
    readonly mode: 'read' | 'write';
    readonly why: CtxRefusal;
  };
  'ctx-conversion': { readonly off: number; readonly size: number };
  'modified-pointer': { readonly reg: number; readonly type: string; readonly off: number };
  'negative-pointer': { readonly reg: number; readonly type: string; readonly off: number };
  'variable-pointer': { readonly type: string; readonly varOff: string };
  'min-negative': { readonly reg: number };
  'outside-memory': {
    readonly region: 'map-key' | 'map-value' | 'memory';
    readonly reg: number;
    readonly regionSize: number;
    readonly off: string;
    readonly size: number;
    /** Which end of a variable offset is outside. */
    readonly bound: 'min' | 'max';
  };
  'unbounded-access': { readonly reg: number };
  'outside-packet': {
    readonly reg: number;
    readonly off: number;
    readonly size: number;
    readonly range: number;
    readonly id: number;
  };
  'packet-write': object;
  'read-only': { readonly reg: number; readonly type: string };
  'map-key-write': { readonly reg: number };
  'map-access-forbidden': {
    readonly mode: 'read' | 'write';
    readonly valueSize: number;
    readonly off: number;
    readonly size: number;
  };
  'map-write-forbidden': object;
  'special-field': { readonly field: string };
  kptr: { readonly problem: KptrProblem };
  'sock-access': { readonly reg: number; readonly type: string; readonly off: number; readonly size: number };
  'btf-access': { readonly text: string };
  'stack-access': {
    readonly reg: number;
    readonly access: StackAccess;
    readonly varOff: string | undefined;
    readonly off: number;
    readonly size: number;
  };
  'stack-unbounded': { readonly reg: number; readonly access: StackAccess };
  'stack-variable-to-helper': { readonly varOff: string; readonly off: number; readonly size: number };
  'stack-uninitialised': {
    readonly reg: number | undefined;
    readonly access: 'direct' | 'indirect';
    readonly varOff: string | undefined;
    readonly off: number;
    readonly at: number;
    readonly size: number;
  };
  'spill-size': object;
  'fill-size': object;
  'stack-pointer-to-caller': object;
  'different-pointers': object;
  'atomic-size': object;
  'atomic-operation': { readonly imm: number };
  'atomic-target': { readonly reg: number; readonly type: string; readonly access: 'stores into' | 'loads from' };
  'store-immediate-target': { readonly reg: number; readonly type: string };
  'packet-load': object;
  'buffer-access': { readonly reg: number; readonly text: string };

  // --- Calls of helpers ---------------------------------------------------------------------------------------------
  'helper-refused': { readonly id: number; readonly message: string; readonly why: HelperRefusal };
  'argument-type': { readonly reg: number; readonly type: string; readonly expected: readonly string[] };
  'argument-writes-btf': { readonly reg: number; readonly type: string; readonly helper: string };
  'argument-btf-type': { readonly reg: number; readonly type: string; readonly expected: string };
  'argument-may-be-null': { readonly reg: number };
  'packet-argument': object;
  'map-missing': { readonly what: 'key' | 'value' | 'type' };
  'map-argument': {
    readonly mapType: number;
    readonly helper: string;
    readonly id: number;
    readonly sockmapUpdate: 'yes' | 'no';
  };
  'zero-size': { readonly reg: number; readonly min: string; readonly max: string };
  'zero-size-stack': object;
  'size-negative': { readonly reg: number };
  'size-unbounded': { readonly reg: number };
  'not-constant': { readonly reg: number };
  'constant-string': {
    readonly reg: number;
    readonly problem: 'writable-map' | 'variable' | 'no-terminator' | 'no-address';
  };
  'format-string': { readonly problem: 'length' | 'format' };
  'release-offset': { readonly reg: number };
  /** `by`: what was to release it, as "helper bpf_sk_release". */
  'release-unreferenced': {
    readonly reg: number;
    readonly object: 'pointer' | 'dynptr' | 'constant-dynptr';
    readonly by: string;
  };
  'never-acquired': { readonly helper: string; readonly id: number };
  'held-at-end': {
    readonly held: readonly { readonly id: number; readonly slot: number; readonly kind: string }[];
    readonly at: 'exit' | 'tail-call' | 'throw';
  };
  lock: { readonly problem: LockProblem };
  timer: { readonly problem: LockFieldProblem };
  'map-uid': { readonly timerUid: number; readonly mapUid: number };
  'local-storage-flags': object;
  dynptr: { readonly problem: DynptrProblem };
  'callback-map': object;
  'callback-function': { readonly problem: 'no-info' | 'not-static' | 'is-main' };
  'call-in-region': { readonly region: Region; readonly what: 'tail-call' | 'global-function' | 'function' };
  'sleeping-function': { readonly name: string };
  'region-open-at-exit': { readonly region: Region; readonly count: number; readonly at: 'exit' | 'throw' };
  'region-not-open': { readonly region: Region; readonly name: string };

  // --- Calls of the program's own functions -------------------------------------------------------------------------
  'function-arguments': { readonly function: number; readonly name: string; readonly argument: string };
  'function-signature': { readonly text: string };
  'stack-pointer-returned': object;
  'callback-return': { readonly range: ReturnText } | { readonly range: undefined };

  // --- Calls of kernel functions ------------------------------------------------------------------------------------
  'kfunc-refused': { readonly text: string; readonly errno: number };
  'kfunc-argument': { readonly text: string };
  'owned-object': { readonly problem: OwnershipProblem };
  iterator: { readonly text: string };

  // --- The end ------------------------------------------------------------------------------------------------------
  'return-type': { readonly where: ExitKind; readonly type: string; readonly reg: number };
  /** `reg`: R0, or R1 of bpf_throw(). */
  'return-value': { readonly where: ExitKind; readonly value: ReturnText; readonly reg: number };
}

export type ReasonKind = keyof ReasonData;
export type ReasonOf<K extends ReasonKind> = { readonly kind: K } & ReasonData[K];
export type Reason = { [K in ReasonKind]: ReasonOf<K> }[ReasonKind];

export type HelperRefusal = Extract<HelperAnswer, { readonly ok: false }>['why'];
export type StackAccess = 'read from' | 'write to' | 'indirect access to';
export type Region = 'lock' | 'rcu' | 'preempt' | 'irq';
export type ExitKind = 'program' | 'subprogram' | 'async-callback' | 'callback';

/** What is known of a returned number and what it should have been. */
export interface ReturnText {
  readonly smin: string;
  readonly smax: string;
  readonly unknown: 'yes' | 'no';
  readonly varOff: string;
  readonly min: number;
  readonly max: number;
}

/** Abilities that only later kernels have. */
export type MissingAbility = 'local-calls' | 'global-data' | 'loops' | 'callbacks' | 'kfuncs';

export type FunctionInfoProblem = 'count' | 'layout' | 'tail-call-without-btf' | 'tail-call-return' | 'missing';

export type KptrProblem =
  | { readonly kind: 'mode' }
  | { readonly kind: 'store-referenced' }
  | { readonly kind: 'store-immediate'; readonly off: number }
  | { readonly kind: 'type'; readonly reg: number; readonly type: string; readonly expected: string }
  | { readonly kind: 'through-helper' }
  | { readonly kind: 'variable' }
  | { readonly kind: 'misaligned'; readonly expected: number; readonly off: string }
  | { readonly kind: 'size' }
  | { readonly kind: 'no-btf'; readonly map: string }
  | { readonly kind: 'exchange-variable'; readonly reg: number }
  | { readonly kind: 'none'; readonly reg: number }
  | { readonly kind: 'not-there'; readonly off: number }
  | { readonly kind: 'not-referenced'; readonly off: number };

/** What is wrong with an object of the program's own, or with the list or tree it goes into. `argument` as messages call it. */
export type OwnershipProblem =
  | { readonly kind: 'variable'; readonly reg: number; readonly field: string }
  | { readonly kind: 'not-found'; readonly field: string; readonly offset: number }
  /** `held`: some lock is held, but not the one beside the list or tree. */
  | {
      readonly kind: 'lock-needed';
      readonly root: string;
      readonly lockOffset: number;
      readonly held: 'none' | 'other';
    }
  | {
      readonly kind: 'wrong-type';
      readonly argument: string;
      readonly root: string;
      readonly node: string;
      readonly expected: { readonly offset: number; readonly type: string };
      readonly offset: number;
      readonly type: string;
    }
  | {
      readonly kind: 'wrong-offset';
      readonly argument: string;
      readonly node: string;
      readonly expected: { readonly offset: number; readonly type: string };
      readonly offset: number;
    }
  | { readonly kind: 'not-allocated'; readonly argument: string; readonly wanted: 'object' | 'root' | 'counted' }
  | { readonly kind: 'not-owned' }
  | { readonly kind: 'wrong-drop'; readonly argument: string; readonly expected: string }
  | { readonly kind: 'no-count'; readonly argument: string }
  | { readonly kind: 'not-in-tree'; readonly text: string };

export type LockFieldProblem =
  | { readonly kind: 'variable'; readonly reg: number; readonly field: string }
  | { readonly kind: 'no-btf'; readonly map: string; readonly field: string }
  | { readonly kind: 'no-field'; readonly map: string; readonly field: string; readonly owner: 'map' | 'local' }
  | { readonly kind: 'elsewhere'; readonly off: string; readonly field: string; readonly fieldOff: number };

export type LockProblem =
  | LockFieldProblem
  | { readonly kind: 'two-locks' }
  | { readonly kind: 'tree-callback' }
  | { readonly kind: 'not-taken' }
  | { readonly kind: 'different-lock' }
  | { readonly kind: 'call-while-held' };

export type DynptrProblem =
  | { readonly kind: 'not-a-dynptr'; readonly argument: number }
  /** `place`: the kernel's remark on a stack pointer that can be no dynptr, '' when the place is fine. */
  | { readonly kind: 'initialised'; readonly place: string }
  | { readonly kind: 'uninitialised'; readonly argument: number; readonly reg: number; readonly place: string }
  | { readonly kind: 'wrong-sort'; readonly argument: number; readonly reg: number; readonly expected: string }
  | { readonly kind: 'constant' }
  | { readonly kind: 'overwritten' }
  | { readonly kind: 'written-through'; readonly off: number }
  | { readonly kind: 'memory-kind'; readonly type: string };
