// What the rules on whole programs, maps, limits, calls and return values are in plain words, and what to write instead.

import { HELPER_ROWS } from '../kernel/index.ts';
import { CHECK_NULL, typeWords } from './advice-memory.ts';
import type { AdviceOf } from './explain.ts';
import type { DynptrProblem, ExitKind, HelperRefusal, LockProblem, OwnershipProblem, Region } from './reason.ts';

type ProgramKind =
  | 'no-instructions'
  | 'too-many-instructions'
  | 'partial-instruction'
  | 'attach-type'
  | 'load-flags'
  | 'call-out-of-range'
  | 'too-many-subprograms'
  | 'jump-out-of-range'
  | 'falls-off-the-end'
  | 'unreachable'
  | 'jump-into-imm64'
  | 'back-edge'
  | 'unknown-opcode'
  | 'reserved-fields'
  | 'bad-imm64'
  | 'may-goto-fields'
  | 'function-info'
  | 'kernel-cannot'
  | 'unknown-map'
  | 'map-index-without-array'
  | 'too-many-maps'
  | 'second-cgroup-storage'
  | 'value-offset-too-large'
  | 'map-without-address'
  | 'value-address-outside'
  | 'map-not-usable'
  | 'too-complex'
  | 'too-many-branches'
  | 'recursion'
  | 'infinite-loop'
  | 'stack-too-large'
  | 'tail-call-stack'
  | 'call-stack-too-deep'
  | 'helper-refused'
  | 'argument-type'
  | 'argument-writes-btf'
  | 'argument-btf-type'
  | 'argument-may-be-null'
  | 'packet-argument'
  | 'map-missing'
  | 'map-argument'
  | 'zero-size'
  | 'zero-size-stack'
  | 'size-negative'
  | 'size-unbounded'
  | 'not-constant'
  | 'constant-string'
  | 'format-string'
  | 'release-offset'
  | 'release-unreferenced'
  | 'never-acquired'
  | 'held-at-end'
  | 'lock'
  | 'timer'
  | 'map-uid'
  | 'local-storage-flags'
  | 'dynptr'
  | 'callback-map'
  | 'callback-function'
  | 'call-in-region'
  | 'sleeping-function'
  | 'region-open-at-exit'
  | 'region-not-open'
  | 'function-arguments'
  | 'function-signature'
  | 'stack-pointer-returned'
  | 'callback-return'
  | 'kfunc-refused'
  | 'kfunc-argument'
  | 'owned-object'
  | 'iterator'
  | 'return-type'
  | 'return-value';

const CANNOT = {
  'local-calls': {
    rule: 'this kernel has no calls between functions of a program (since 4.16)',
    remedy: 'mark the functions static __always_inline',
  },
  'global-data': { rule: 'this kernel has no global variables (since 5.2)', remedy: 'keep the data in an array map' },
  loops: { rule: 'this kernel takes no loops (since 5.3)', remedy: 'unroll with #pragma unroll' },
  callbacks: {
    rule: 'this kernel has no callbacks into a program (bpf_for_each_map_elem since 5.13, bpf_loop since 5.17)',
    remedy: 'write a bounded loop',
  },
  kfuncs: { rule: 'this kernel has no calls of kernel functions from this program type', remedy: 'use a helper' },
} as const;

const REGION: Readonly<Record<Region, { readonly what: string; readonly end: string }>> = {
  lock: { what: 'a spin lock is held', end: 'bpf_spin_unlock()' },
  rcu: { what: 'an RCU section is open', end: 'bpf_rcu_read_unlock()' },
  preempt: { what: 'preemption is disabled', end: 'bpf_preempt_enable()' },
  irq: { what: 'interrupts are disabled', end: 'bpf_local_irq_restore()' },
};

const WHERE: Readonly<Record<ExitKind, string>> = {
  program: 'a sock_ops program',
  subprogram: 'this function',
  'async-callback': 'a timer callback',
  callback: 'a callback',
};

function ownership(problem: OwnershipProblem): { rule: string; remedy?: string } {
  switch (problem.kind) {
    case 'variable':
      return { rule: `the place of the ${problem.field} is not known when the program is loaded` };
    case 'not-found':
      return {
        rule: `there is no ${problem.field} at offset ${problem.offset} of the object`,
        remedy: `pass the address of the member of type struct ${problem.field}`,
      };
    case 'lock-needed':
      return {
        rule:
          problem.held === 'none'
            ? `a ${problem.root} may only be used under the lock that lies beside it`
            : `the lock that is held does not lie beside this ${problem.root}`,
        remedy: `take the bpf_spin_lock in the same map value, object or section as the ${problem.root} around the call`,
      };
    case 'wrong-type':
      return {
        rule: `this ${problem.root} holds objects of struct ${problem.expected.type}, and this one is a struct ${problem.type}`,
        remedy: 'name the type that it shall hold in __contains()',
      };
    case 'wrong-offset':
      return {
        rule: `the list or tree links its objects by the ${problem.node} at offset ${problem.expected.offset} of struct ${problem.expected.type}`,
        remedy: 'pass the member that __contains() names',
      };
    case 'not-allocated':
      return {
        rule: 'an object that the program owns is needed here: one that it allocated, or took out, and has not given away',
        remedy:
          'after an object went into a list or tree, or the lock was released, take it out again or use bpf_refcount_acquire() before',
      };
    case 'not-owned':
      return {
        rule: 'the object belongs to a list, a tree or a map by now, and is only borrowed',
        remedy: 'take it out first, or keep a reference by bpf_refcount_acquire() before it goes in',
      };
    case 'wrong-drop':
      return {
        rule: 'objects that every CPU has its own of are dropped by another function than plain ones',
        remedy: `call ${problem.expected}()`,
      };
    case 'no-count':
      return { rule: 'only an object with a struct bpf_refcount can be counted', remedy: 'add the member to its type' };
    case 'not-in-tree':
      return {
        rule: 'only a node that is in the tree can be taken out or followed',
        remedy: 'start from bpf_rbtree_first() or bpf_rbtree_root() under the lock',
      };
  }
}

function lock(problem: LockProblem): { rule: string; remedy?: string } {
  switch (problem.kind) {
    case 'two-locks':
      return { rule: 'a second spin lock is taken while one is held', remedy: 'release the first one' };
    case 'tree-callback':
      return { rule: 'the comparison function of a tree must not take or release locks' };
    case 'not-taken':
      return { rule: 'a spin lock is released that was not taken on this path' };
    case 'different-lock':
      return {
        rule: 'another spin lock is released than the one that is held',
        remedy: 'use the same map value for both calls; look it up once',
      };
    case 'call-while-held':
      return { rule: 'a helper is called while a spin lock is held', remedy: 'do the work before or after the lock' };
    case 'no-btf':
      return {
        rule: `map '${problem.map}' has no type information, so the place of its ${problem.field} is unknown`,
        remedy: 'define the map in .maps with __type(value, ...)',
      };
    case 'no-field':
      return {
        rule: `the values of map '${problem.map}' have no ${problem.field}`,
        remedy: `put a struct ${problem.field} into the value's structure`,
      };
    case 'variable':
      return { rule: `the place of the ${problem.field} must be a constant` };
    case 'elsewhere':
      return {
        rule: `the ${problem.field} is at offset ${problem.fieldOff} of the value, not where this pointer points`,
        remedy: `pass the address of the field`,
      };
  }
}

function dynptr(problem: DynptrProblem): { rule: string; remedy?: string } {
  switch (problem.kind) {
    case 'not-a-dynptr':
      return { rule: `argument ${problem.argument} must be the address of a struct bpf_dynptr on the stack` };
    case 'initialised':
      return {
        rule: 'the dynptr already describes memory, or other data lies in its place',
        remedy: 'use a fresh struct bpf_dynptr variable',
      };
    case 'uninitialised':
      return { rule: 'the dynptr describes no memory yet on this path' };
    case 'wrong-sort':
      return { rule: `this function takes a dynptr of sort ${problem.expected} only` };
    case 'constant':
      return { rule: 'a dynptr that the kernel lends to a callback cannot be changed' };
    case 'overwritten':
      return { rule: 'a dynptr that holds a reservation is overwritten', remedy: 'submit or discard it first' };
    case 'written-through':
      return { rule: 'a helper would write over a dynptr on the stack' };
    case 'memory-kind':
      return { rule: `a dynptr cannot describe ${typeWords(problem.type)}`, remedy: 'use a map value' };
  }
}

const helperName = (id: number): string => HELPER_ROWS.find((row) => row.id === id)?.name ?? `helper ${id}`;

const HELPER_REFUSED: Readonly<Record<HelperRefusal, (name: string) => { rule: string; remedy?: string }>> = {
  'no-such-helper': (name) => ({ rule: `this kernel has no ${name}()`, remedy: 'leave it out for older kernels' }),
  'not-yet': (name) => ({
    rule: `sock_ops programs may not call ${name}() on this kernel yet`,
    remedy: 'leave it out for older kernels',
  }),
  removed: (name) => ({ rule: `sock_ops programs may not call ${name}() on this kernel any more` }),
  never: (name) => ({
    rule: `sock_ops programs may not call ${name}() on any kernel`,
    remedy: name.startsWith('bpf_probe_read') ? 'use bpf_probe_read_kernel() in a GPL program' : 'use another helper',
  }),
  'gpl-only': (name) => ({
    rule: `only programs under a licence that is compatible with the GPL may call ${name}()`,
    remedy: 'char _license[] SEC("license") = "GPL";',
  }),
  'may-sleep': (name) => ({ rule: `${name}() may sleep, and sock_ops programs may not` }),
};

/** What an argument may be; the long list of everything that is memory in one word. */
function expectedWords(expected: readonly string[]): string {
  const isMemory = expected.includes('fp') && expected.includes('map_value');
  return isMemory
    ? 'memory: on the stack, in a map value or in ring buffer space'
    : expected.map(typeWords).join(', or ');
}

export const PROGRAM_ADVICE: { readonly [K in ProgramKind]: AdviceOf<K> } = {
  'no-instructions': () => ({ rule: 'the program is empty' }),
  'too-many-instructions': ({ count, limit }) => ({
    rule: `the program has ${count} instructions, and ${limit} is the limit`,
  }),
  'attach-type': ({ attachType }) => ({
    rule: `attach type ${attachType} is for tracing programs only`,
    remedy: 'load with BPF_CGROUP_SOCK_OPS (3)',
  }),
  'load-flags': ({ problem, flags }) =>
    problem === 'unknown'
      ? { rule: `this kernel does not know load flags 0x${flags.toString(16)}`, remedy: 'load without them' }
      : { rule: 'a sock_ops program must not sleep', remedy: 'load it without BPF_F_SLEEPABLE' },
  'partial-instruction': ({ bytes }) => ({ rule: `the last ${bytes} bytes are no whole instruction` }),
  'call-out-of-range': ({ target }) => ({ rule: `a call goes to instruction ${target}, which does not exist` }),
  'too-many-subprograms': () => ({ rule: 'the program has too many functions' }),
  'jump-out-of-range': ({ from, to }) => ({ rule: `instruction ${from} leads to ${to}, outside its function` }),
  'falls-off-the-end': () => ({ rule: 'a function must end with exit or a jump', remedy: 'return a value' }),
  unreachable: ({ insn }) => ({ rule: `nothing leads to instruction ${insn}` }),
  'jump-into-imm64': ({ insn }) => ({ rule: `a jump goes to ${insn}, the second half of a 16-byte instruction` }),
  'back-edge': ({ from, to }) => ({
    rule: `instruction ${from} jumps back to ${to}, and this kernel takes no loops (since 5.3)`,
    remedy: 'unroll with #pragma unroll',
  }),
  'unknown-opcode': ({ opcode }) => ({
    rule: `this kernel has no instruction with opcode 0x${opcode.toString(16)}`,
    remedy: 'compile for an older processor: -mcpu=v3, or -mcpu=v2',
  }),
  'reserved-fields': ({ instruction }) => ({
    rule: `fields of the ${instruction} instruction that must be zero are not, for this kernel`,
    remedy: 'compile for an older processor: -mcpu=v3, or -mcpu=v2',
  }),
  'may-goto-fields': () => ({ rule: 'may_goto has only an offset; its other fields must be 0' }),
  'bad-imm64': () => ({ rule: 'a load of a 64-bit constant is not well formed for this kernel' }),
  'function-info': () => ({
    rule: "the type information of the program's functions does not fit its code",
    remedy: 'compile with -g',
  }),
  'kernel-cannot': ({ what }) => CANNOT[what],

  'unknown-map': ({ fd }) => ({ rule: `nothing is known of a map with descriptor ${fd}` }),
  'map-index-without-array': () => ({ rule: 'the program names a map by index, and no list of maps was given' }),
  'too-many-maps': ({ limit }) => ({ rule: `a program can use ${limit} maps` }),
  'second-cgroup-storage': () => ({ rule: 'a program can use one cgroup storage map of each sort' }),
  'value-offset-too-large': ({ offset }) => ({ rule: `offset ${offset} into global data is too large` }),
  'map-without-address': () => ({ rule: 'only values of array maps have a fixed address' }),
  'value-address-outside': ({ offset, valueSize }) => ({
    rule: `offset ${offset} is outside the ${valueSize} bytes of global data`,
  }),
  'map-not-usable': ({ problem, type }) => ({
    rule:
      problem === 'struct-ops'
        ? 'a struct_ops map cannot be used in a program'
        : `this kernel has no maps of type ${type} yet`,
  }),

  'too-complex': ({ processed }) => ({
    rule: `the verifier gave up after ${processed} instructions on all paths together`,
    remedy:
      'use bpf_loop() for long loops, fewer branches inside loops, or split the program with functions that are not static',
  }),
  'too-many-branches': ({ count }) => ({
    rule: `more than ${count} branches wait to be followed`,
    remedy: 'split the program into functions',
  }),
  recursion: () => ({ rule: 'functions call each other in a circle', remedy: 'write a loop' }),
  'infinite-loop': ({ insn }) => ({
    rule: `the loop at instruction ${insn} comes round with nothing changed, so it might never end`,
    remedy: 'let a counter with a constant limit decide about its end',
  }),
  'stack-too-large': ({ calls, bytes }) => ({
    rule: `${calls} functions that call each other use ${bytes} bytes of stack together, and 512 is the limit`,
    remedy: 'put large structures into a per-CPU array map',
  }),
  'tail-call-stack': ({ bytes }) => ({
    rule: `a function with ${bytes} bytes of stack below it makes a tail call, and less than 256 are allowed`,
    remedy: 'make the tail call from the main function, or use less stack',
  }),
  'call-stack-too-deep': ({ frames }) => ({
    rule: `functions call each other ${frames} deep, and 8 is the limit (a function cannot call itself)`,
  }),

  'helper-refused': ({ id, why }) => HELPER_REFUSED[why](helperName(id)),
  'argument-type': ({ reg, type, expected }) =>
    type.includes('_or_null')
      ? { rule: `argument ${reg} is ${typeWords(type)}`, remedy: CHECK_NULL }
      : { rule: `argument ${reg} is ${typeWords(type)}, and the helper takes ${expectedWords(expected)}` },
  'argument-writes-btf': ({ reg, helper }) => ({
    rule: `${helper}() would write into a kernel structure through argument ${reg}`,
  }),
  'argument-btf-type': ({ reg, type, expected }) => ({
    rule: `argument ${reg} points to struct ${type}, and struct ${expected} is needed`,
  }),
  'argument-may-be-null': ({ reg }) => ({
    rule: `argument ${reg} may be NULL`,
    remedy: 'compare the pointer with NULL first and leave when it is NULL',
  }),
  'packet-argument': () => ({
    rule: 'a pointer into the packet cannot be handed to helpers in sock_ops programs',
    remedy: 'copy the bytes to the stack first',
  }),
  'map-missing': ({ what }) => ({
    rule: `it is not known of which map the ${what} is`,
    remedy: 'pass the map directly',
  }),
  'map-argument': ({ helper, sockmapUpdate }) =>
    sockmapUpdate === 'yes'
      ? {
          rule: 'a socket map cannot be updated like other maps here',
          remedy: 'use bpf_sock_map_update() or bpf_sock_hash_update()',
        }
      : { rule: `${helper}() does not work on maps of this type` },
  'zero-size': () => ({ rule: 'the size may be 0', remedy: 'check that it is not 0 first' }),
  'zero-size-stack': () => ({ rule: 'the size is 0' }),
  'size-negative': () => ({
    rule: 'the size may be negative',
    remedy: 'use an unsigned variable, or mask it: size &= MAX',
  }),
  'size-unbounded': () => ({
    rule: 'the size has no upper limit that the verifier knows',
    remedy: 'compare it with the size of the buffer first, or mask it: size &= MAX',
  }),
  'not-constant': ({ reg }) => ({ rule: `argument ${reg} must be a constant` }),
  'constant-string': ({ problem }) => ({
    rule:
      problem === 'no-terminator' ? 'the string has no 0 at its end' : 'the string must lie in read-only global data',
    remedy: 'static const char text[] = "...";',
  }),
  'format-string': ({ problem }) => ({
    rule:
      problem === 'format'
        ? 'the format string has something that BPF does not print, or a number of arguments that does not fit'
        : 'the arguments of the format are no multiple of 8 bytes',
  }),
  'release-offset': () => ({ rule: 'a pointer must be given back as it was received, not moved' }),
  'release-unreferenced': () => ({ rule: 'something is given back that the program does not hold on this path' }),
  'never-acquired': ({ helper }) => ({ rule: `${helper}() gives back what was not taken on this path` }),
  'held-at-end': ({ held, at }) => ({
    rule: `${held.length === 1 ? 'a reference is' : `${held.length} references are`} still held ${at === 'exit' ? 'when the program ends' : 'at a tail call'} (taken at ${held.map(({ slot }) => `instruction ${slot}`).join(', ')})`,
    remedy: 'release it on every path: bpf_sk_release(), bpf_ringbuf_submit(), bpf_ringbuf_discard(), bpf_obj_drop()',
  }),
  lock: ({ problem }) => lock(problem),
  timer: ({ problem }) => lock(problem),
  'map-uid': () => ({
    rule: 'the timer and the map come from two different lookups of an inner map',
    remedy: 'use the map in which the timer lies',
  }),
  'local-storage-flags': () => ({ rule: 'the flags of bpf_get_local_storage() must be the constant 0' }),
  dynptr: ({ problem }) => dynptr(problem),
  'callback-map': () => ({ rule: 'bpf_for_each_map_elem() does not work on maps of this type' }),
  'callback-function': ({ problem }) => ({
    rule:
      problem === 'is-main'
        ? 'the program cannot be its own callback'
        : 'a callback must be a static function with type information',
    remedy: 'make it static and compile with -g',
  }),
  'sleeping-function': ({ name }) => ({
    rule: `${name}() calls something that may sleep, which a sock_ops program must not`,
    remedy: 'leave out the call that sleeps',
  }),
  'call-in-region': ({ region, what }) => ({
    rule: `${what === 'tail-call' ? 'a tail call' : 'a call of a function'} while ${REGION[region].what}`,
    remedy: what === 'global-function' ? 'make the function static' : `call ${REGION[region].end} first`,
  }),
  'region-open-at-exit': ({ region }) => ({
    rule: `the program ends while ${REGION[region].what}`,
    remedy: `call ${REGION[region].end} on every path`,
  }),
  'region-not-open': ({ region }) => ({ rule: `${REGION[region].end} without its counterpart on this path` }),

  'function-arguments': ({ name }) => ({
    rule: `the arguments do not fit the signature of ${name}(), which is verified by itself because it is not static`,
    remedy: 'make the function static, or pass what its signature says',
  }),
  'function-signature': ({ text }) => ({
    rule: `a function that is not static has a signature that the verifier cannot use: ${text}`,
    remedy: 'make it static, or take numbers, the context and pointers to structures',
  }),
  'stack-pointer-returned': () => ({ rule: 'a function returns a pointer to its own stack, which is gone then' }),
  'callback-return': () => ({
    rule: 'a callback must return a number in the range that the helper asks for',
    remedy: 'return 0 to go on, 1 to stop',
  }),

  'kfunc-refused': () => ({ rule: 'sock_ops programs cannot call this kernel function here' }),
  'owned-object': ({ problem }) => ownership(problem),
  'kfunc-argument': () => ({ rule: 'an argument does not fit what the kernel function takes' }),
  iterator: () => ({
    rule: 'an iterator must be made, advanced and destroyed in this order, each once on every path',
    remedy: 'use bpf_for() or bpf_repeat()',
  }),

  'return-type': ({ where, type }) => ({
    rule: `${WHERE[where]} must return a number, and this returns ${typeWords(type)}`,
    remedy: 'return 1',
  }),
  'return-value': ({ where, value }) => ({
    rule: `${WHERE[where]} must return ${value.min === value.max ? value.min : `${value.min} or ${value.max}`}, and the verifier cannot tell that it does (${value.unknown === 'yes' ? 'any number' : value.smin === value.smax && value.smin !== '' ? value.smin : `${value.smin === '' ? 'any' : value.smin} to ${value.smax === '' ? 'any' : value.smax}`})`,
    remedy: where === 'program' ? 'return 1; the value of an option goes into skops->reply' : `return ${value.min}`,
  }),
};
