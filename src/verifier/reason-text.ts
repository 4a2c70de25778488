// The kernel's own words for every reason, and the error that BPF_PROG_LOAD gives. The only place that makes such text.
// Source of truth: what kernels print (the probe files and the running kernel), wording by version through view.has.

import type { KernelView } from '../kernel/index.ts';
import type {
  DynptrProblem,
  ExitKind,
  FunctionInfoProblem,
  KptrProblem,
  LockFieldProblem,
  LockProblem,
  MissingAbility,
  OwnershipProblem,
  Reason,
  ReasonData,
  ReasonKind,
  Region,
  ReturnText,
} from './reason.ts';

const EPERM = 1;
const ENOENT = 2;
const E2BIG = 7;
const EBADF = 9;
const EACCES = 13;
const EFAULT = 14;
const EBUSY = 16;
const EINVAL = 22;
const EPROTO = 71;
const ENOTSUPP = 524;

interface Wording {
  readonly lines: readonly string[];
  readonly errno: number;
}

const say = (errno: number, ...lines: readonly string[]): Wording => ({ errno, lines });

const ATTRIBUTE: Readonly<Record<ExitKind, string>> = {
  program: 'At program exit',
  subprogram: 'At subprogram exit',
  'async-callback': 'At async callback return',
  callback: 'At callback return',
};

const REGION_FUNCTION: Readonly<Record<Region, string>> = {
  lock: 'bpf_spin_lock',
  rcu: 'bpf_rcu_read_lock',
  preempt: 'bpf_preempt_disable',
  irq: 'bpf_local_irq_save',
};

const LEAVING = {
  exit: 'BPF_EXIT instruction in main prog',
  'tail-call': 'tail_call',
  throw: 'bpf_throw',
} as const;

const FUNCTION_INFO: Readonly<Record<FunctionInfoProblem, string>> = {
  count: "number of funcs in func_info doesn't match number of subprogs",
  layout: "func_info BTF section doesn't match subprog layout in BPF program",
  'tail-call-without-btf': 'tail_call is not allowed in subprogs without BTF',
  'tail-call-return': "tail_call is only allowed in functions that return 'int'.",
  missing: 'missing btf func_info',
};

const CANNOT: Readonly<Record<MissingAbility, Wording>> = {
  'local-calls': say(EINVAL, 'BPF_CALL uses reserved fields'),
  'global-data': say(EINVAL, 'unrecognized bpf_ld_imm64 insn'),
  loops: say(EINVAL, 'back-edge'),
  callbacks: say(EINVAL, 'unrecognized bpf_ld_imm64 insn'),
  kfuncs: say(EINVAL, 'BPF_CALL uses reserved fields'),
};

function returned(where: ExitKind, reg: number, value: ReturnText, view: KernelView): Wording {
  const subject = `${ATTRIBUTE[where]} the register R${reg} has`;
  if (view.has('return-range-as-numbers')) {
    let have = '';
    if (value.unknown === 'yes') have = ' unknown scalar value';
    else {
      if (value.smin !== '') have += ` smin=${value.smin}`;
      if (value.smax !== '') have += ` smax=${value.smax}`;
    }
    return say(EINVAL, `${subject}${have} should have been in [${value.min}, ${value.max}]`);
  }
  const have = value.unknown === 'yes' ? 'unknown scalar value' : `value ${value.varOff}`;
  const wanted =
    !view.has('return-range-as-tnum') && value.max === 1
      ? '0 or 1'
      : value.max === 0
        ? 'in (0x0; 0x0)'
        : `in (0x0; 0x${value.max.toString(16)})`;
  return say(EINVAL, `${subject} ${have} should have been ${wanted}`);
}

/** Who may sleep, as this kernel counts them up. */
function sleepableTypes(view: KernelView): string {
  if (view.has('sleepable-types-not-listed')) return 'Program of this type cannot be sleepable';
  if (view.has('sleepable-struct-ops-named'))
    return 'Only fentry/fexit/fmod_ret, lsm, iter, uprobe, and struct_ops programs can be sleepable';
  return view.has('sleepable-uprobes-named')
    ? 'Only fentry/fexit/fmod_ret, lsm, and kprobe/uprobe programs can be sleepable'
    : 'Only fentry/fexit/fmod_ret and lsm programs can be sleepable';
}

function fieldProblem(problem: LockFieldProblem): string {
  switch (problem.kind) {
    case 'variable':
      return `R${problem.reg} doesn't have constant offset. ${problem.field} has to be at the constant offset`;
    case 'no-btf':
      return `map '${problem.map}' has to have BTF in order to use ${problem.field}`;
    case 'no-field':
      return `${problem.owner} '${problem.map}' has no valid ${problem.field}`;
    case 'elsewhere':
      return `off ${problem.off} doesn't point to 'struct ${problem.field}' that is at ${problem.fieldOff}`;
  }
}

function lockProblem(problem: LockProblem): string {
  switch (problem.kind) {
    case 'tree-callback':
      return "can't spin_{lock,unlock} in rbtree cb";
    case 'two-locks':
      return 'Locking two bpf_spin_locks are not allowed';
    case 'not-taken':
      return 'bpf_spin_unlock without taking a lock';
    case 'different-lock':
      return 'bpf_spin_unlock of different lock';
    case 'call-while-held':
      return 'function calls are not allowed while holding a lock';
    default:
      return fieldProblem(problem);
  }
}

function ownershipProblem(problem: OwnershipProblem): readonly string[] {
  switch (problem.kind) {
    case 'variable':
      return [`R${problem.reg} doesn't have constant offset. ${problem.field} has to be at the constant offset`];
    case 'not-found':
      return [`${problem.field} not found at offset=${problem.offset}`];
    case 'lock-needed':
      return [
        ...(problem.held === 'other' ? ['held lock and object are not in the same allocation'] : []),
        `bpf_spin_lock at off=${problem.lockOffset} must be held for ${problem.root}`,
      ];
    case 'wrong-type': {
      const { argument, root, node, expected, offset, type } = problem;
      return [
        `operation on ${root} expects ${argument} ${node} at offset=${expected.offset} in struct ${expected.type}, but arg is at offset=${offset} in struct ${type}`,
      ];
    }
    case 'wrong-offset': {
      const { argument, node, expected, offset } = problem;
      return [
        `${argument} offset=${offset}, but expected ${node} at offset=${expected.offset} in struct ${expected.type}`,
      ];
    }
    case 'not-allocated':
      return [
        problem.wanted === 'counted'
          ? `${problem.argument} is neither owning or non-owning ref`
          : `${problem.argument} expected pointer to ${problem.wanted === 'root' ? 'map value or ' : ''}allocated object`,
      ];
    case 'not-owned':
      return ['allocated object must be referenced'];
    case 'wrong-drop':
      return [`${problem.argument} expected for ${problem.expected}()`];
    case 'no-count':
      return [`${problem.argument} doesn't point to a type with bpf_refcount field`];
    case 'not-in-tree':
      return [problem.text];
  }
}

function kptrProblem(problem: KptrProblem): Wording {
  switch (problem.kind) {
    case 'mode':
      return say(EACCES, 'kptr in map can only be accessed using BPF_MEM instruction mode');
    case 'store-referenced':
      return say(EACCES, 'store to referenced kptr disallowed');
    case 'store-immediate':
      return say(EACCES, `BPF_ST imm must be 0 when storing to kptr at off=${problem.off}`);
    case 'type':
      return say(EACCES, `invalid kptr access, R${problem.reg} type=${problem.type} expected=${problem.expected}`);
    case 'through-helper':
      return say(EACCES, 'kptr cannot be accessed indirectly by helper');
    case 'variable':
      return say(EACCES, 'kptr access cannot have variable offset');
    case 'misaligned':
      return say(EACCES, `kptr access misaligned expected=${problem.expected} off=${problem.off}`);
    case 'size':
      return say(EACCES, 'kptr access size must be BPF_DW');
    case 'no-btf':
      return say(EINVAL, `map '${problem.map}' has to have BTF in order to use bpf_kptr_xchg`);
    case 'exchange-variable':
      return say(EINVAL, `R${problem.reg} doesn't have constant offset. kptr has to be at the constant offset`);
    case 'none':
      return say(EINVAL, `R${problem.reg} has no valid kptr`);
    case 'not-there':
      return say(EACCES, `off=${problem.off} doesn't point to kptr`);
    case 'not-referenced':
      return say(EACCES, `off=${problem.off} kptr isn't referenced kptr`);
  }
}

function dynptrProblem(problem: DynptrProblem, view: KernelView): Wording {
  const named = view.has('arguments-named-by-register');
  const which = (argument: number, reg: number): string => (named ? `R${reg}` : `arg #${argument}`);
  switch (problem.kind) {
    case 'not-a-dynptr':
      return say(EINVAL, `arg#${problem.argument} expected pointer to stack or const struct bpf_dynptr`);
    case 'initialised':
      return say(EINVAL, ...remark(problem.place), 'Dynptr has to be an uninitialized dynptr');
    case 'uninitialised':
      return say(
        EINVAL,
        ...remark(problem.place),
        `Expected an initialized dynptr as ${which(problem.argument, problem.reg)}`,
      );
    case 'wrong-sort':
      return say(EINVAL, `Expected a dynptr of type ${problem.expected} as ${which(problem.argument, problem.reg)}`);
    case 'constant':
      return say(EINVAL, 'cannot pass pointer to const bpf_dynptr, the helper mutates it');
    case 'overwritten':
      return say(EINVAL, 'cannot overwrite referenced dynptr');
    case 'written-through':
      return say(EACCES, `potential write to dynptr at off=${problem.off} disallowed`);
    case 'memory-kind':
      return say(EACCES, `Unsupported reg type ${problem.type} for bpf_dynptr_from_mem data`);
  }
}

const remark = (text: string): readonly string[] => (text === '' ? [] : [text]);

type Words = { readonly [K in ReasonKind]: (reason: ReasonData[K], view: KernelView) => Wording };

const WORDS: Words = {
  'no-instructions': () => say(E2BIG),
  'too-many-instructions': () => say(E2BIG),
  'partial-instruction': () => say(EINVAL),
  'attach-type': () => say(EINVAL),
  'load-flags': ({ problem }, view) => (problem === 'unknown' ? say(EINVAL) : say(EINVAL, sleepableTypes(view))),
  'call-out-of-range': () => say(EINVAL, 'call to invalid destination'),
  'too-many-subprograms': () => say(E2BIG, 'too many subprograms'),
  'jump-out-of-range': ({ from, to }) => say(EINVAL, `jump out of range from insn ${from} to ${to}`),
  'falls-off-the-end': () => say(EINVAL, 'last insn is not an exit or jmp'),
  unreachable: ({ insn }) => say(EINVAL, `unreachable insn ${insn}`),
  'jump-into-imm64': ({ insn }) => say(EINVAL, `jump into the middle of ldimm64 insn ${insn}`),
  'back-edge': ({ from, to }) => say(EINVAL, `back-edge from insn ${from} to ${to}`),
  'unknown-opcode': ({ opcode }) => say(EINVAL, `unknown opcode ${opcode.toString(16).padStart(2, '0')}`),
  'reserved-fields': ({ instruction }) => say(EINVAL, `${instruction} uses reserved fields`),
  'may-goto-fields': ({ imm }) => say(EINVAL, `invalid may_goto imm ${imm}`),
  'bad-imm64': ({ form }) => say(EINVAL, form === 'insn' ? 'invalid BPF_LD_IMM insn' : `${form} bpf_ld_imm64 insn`),
  'function-info': ({ problem }) => say(EINVAL, FUNCTION_INFO[problem]),
  'kernel-cannot': ({ what }) => CANNOT[what],

  'unknown-map': ({ fd }) => say(EBADF, `fd ${fd} is not pointing to valid bpf_map`),
  'map-index-without-array': () => say(EPROTO, 'fd_idx without fd_array is invalid'),
  'too-many-maps': ({ limit }, view) =>
    say(
      E2BIG,
      ...(view.has('map-limit-named')
        ? [`The total number of maps per program has reached the limit of ${limit}`]
        : []),
    ),
  'second-cgroup-storage': () => say(EBUSY, 'only one cgroup storage of each type is allowed'),
  'value-offset-too-large': ({ offset }) => say(EINVAL, `direct value offset of ${offset} is not allowed`),
  'map-without-address': () => say(EINVAL, 'no direct value access support for this map type'),
  'value-address-outside': ({ valueSize, offset, direct }) =>
    say(
      direct === 'array' ? EINVAL : ENOTSUPP,
      `invalid access to map value pointer, value_size=${valueSize} off=${offset}`,
    ),
  'map-not-usable': ({ problem }) =>
    problem === 'struct-ops' ? say(EINVAL, 'bpf_struct_ops map cannot be used in prog') : say(EINVAL),

  'too-complex': ({ processed }) => say(E2BIG, `BPF program is too large. Processed ${processed} insn`),
  'too-many-branches': ({ count, async }) =>
    say(E2BIG, `The sequence of ${count} jumps is too complex${async === 'yes' ? ' for async cb' : ''}.`),
  recursion: ({ caller, callee }) => say(EINVAL, `recursive call from ${caller}() to ${callee}()`),
  'infinite-loop': ({ insn }) => say(EINVAL, `infinite loop detected at insn ${insn}`),
  'stack-too-large': ({ calls, bytes }) => say(EACCES, `combined stack size of ${calls} calls is ${bytes}. Too large`),
  'tail-call-stack': ({ bytes }) =>
    say(EACCES, `tail_calls are not allowed when call stack of previous frames is ${bytes} bytes. Too large`),
  'call-stack-too-deep': ({ frames, found }) =>
    say(E2BIG, `the call stack of ${frames} frames is too deep${found === 'counting' ? ' !' : ''}`),

  'no-such-register': ({ reg }) => say(EINVAL, `R${reg} is invalid`),
  'not-readable': ({ reg }) => say(EACCES, `R${reg} !read_ok`),
  'frame-pointer-written': () => say(EACCES, 'frame pointer is read only'),

  'divide-by-zero': () => say(EINVAL, 'div by zero'),
  'shift-amount': ({ amount }) => say(EINVAL, `invalid shift ${amount}`),
  'two-pointers': ({ reg, operator }) => say(EACCES, `R${reg} pointer ${operator} pointer prohibited`),
  'pointer-arithmetic-32': ({ reg }) => say(EACCES, `R${reg} 32-bit pointer arithmetic prohibited`),
  'pointer-arithmetic-nullable': ({ reg, type }) =>
    say(EACCES, `R${reg} pointer arithmetic on ${type} prohibited, null-check it first`),
  'pointer-arithmetic': ({ reg, type }) => say(EACCES, `R${reg} pointer arithmetic on ${type} prohibited`),
  'pointer-subtracted': ({ reg }) => say(EACCES, `R${reg} tried to subtract pointer from scalar`),
  'stack-pointer-subtraction': ({ reg }) => say(EACCES, `R${reg} subtraction from stack pointer prohibited`),
  'pointer-operator': ({ reg, operator, sort }) =>
    say(
      EACCES,
      sort === 'bitwise'
        ? `R${reg} bitwise operator ${operator} on pointer prohibited`
        : `R${reg} pointer arithmetic with ${operator} operator prohibited`,
    ),
  'offset-not-allowed': ({ type, offset }) => say(EINVAL, `math between ${type} pointer and ${offset} is not allowed`),
  'pointer-offset-not-allowed': ({ type, offset }) => say(EINVAL, `${type} pointer offset ${offset} is not allowed`),
  'offset-unbounded': ({ type }) =>
    say(EINVAL, `math between ${type} pointer and register with unbounded min value is not allowed`),
  'offset-out-of-bounds': ({ type, offset }) => say(EINVAL, `value ${offset} makes ${type} pointer be out of bounds`),
  'address-space-cast': ({ problem }) =>
    say(
      EINVAL,
      problem === 'spaces'
        ? 'addr_space_cast insn can only convert between address space 1 and 0'
        : 'addr_space_cast insn can only be used in a program that has an associated arena',
    ),

  misaligned: ({ what, varOff, off, at, size }) =>
    say(EACCES, `misaligned ${what}access off ${varOff}${off === undefined ? '' : `+${off}`}+${at} size ${size}`),
  'bad-dereference': ({ reg, type }) => say(EACCES, `R${reg} invalid mem access '${type}'`),
  'ctx-access': ({ off, size }) => say(EACCES, `invalid bpf_context access off=${off} size=${size}`),
  'ctx-conversion': () => say(EINVAL, 'bpf verifier is misconfigured'),
  'modified-pointer': ({ reg, type, off }) =>
    say(EACCES, `dereference of modified ${type} ptr R${reg} off=${off} disallowed`),
  'negative-pointer': ({ reg, type, off }) => say(EACCES, `negative offset ${type} ptr R${reg} off=${off} disallowed`),
  'variable-pointer': ({ type, varOff }) => say(EACCES, `variable ${type} access var_off=${varOff} disallowed`),
  'min-negative': ({ reg }) =>
    say(EACCES, `R${reg} min value is negative, either use unsigned index or do a if (index >=0) check.`),
  'outside-memory': ({ region, reg, regionSize, off, size, bound }) => {
    const what =
      region === 'map-key'
        ? `map key, key_size=${regionSize}`
        : region === 'map-value'
          ? `map value, value_size=${regionSize}`
          : `memory, mem_size=${regionSize}`;
    return say(
      EACCES,
      `invalid access to ${what} off=${off} size=${size}`,
      `R${reg} ${bound} value is outside of the allowed memory range`,
    );
  },
  'unbounded-access': ({ reg }) =>
    say(EACCES, `R${reg} unbounded memory access, make sure to bounds check any such access`),
  'outside-packet': ({ reg, off, size, range, id }, view) =>
    range < 0
      ? say(EINVAL, `R${reg} offset is outside of the packet`)
      : say(
          EACCES,
          `invalid access to packet, off=${off} size=${size}, R${reg}(id=${id},off=${off},r=${range})`,
          view.has('packet-checked-as-region')
            ? `R${reg} min value is outside of the allowed memory range`
            : `R${reg} offset is outside of the packet`,
        ),
  'packet-write': () => say(EACCES, 'cannot write into packet'),
  'read-only': ({ reg, type }) => say(EACCES, `R${reg} cannot write into ${type}`),
  'map-key-write': ({ reg }) => say(EACCES, `write to change key R${reg} not allowed`),
  'map-access-forbidden': ({ mode, valueSize, off, size }) =>
    say(
      EACCES,
      `${mode === 'write' ? 'write into' : 'read from'} map forbidden, value_size=${valueSize} off=${off} size=${size}`,
    ),
  'map-write-forbidden': () => say(EACCES, 'write into map forbidden'),
  'special-field': ({ field }) => say(EACCES, `${field} cannot be accessed directly by load/store`),
  kptr: ({ problem }) => kptrProblem(problem),
  'sock-access': ({ reg, type, off, size }) => say(EACCES, `R${reg} invalid ${type} access off=${off} size=${size}`),
  'btf-access': ({ text }) => say(EACCES, text),
  'stack-access': ({ reg, access, varOff, off, size }, view) => {
    if (!view.has('stack-bounds-named')) {
      return varOff === undefined
        ? say(EACCES, `invalid stack off=${off} size=${size}`)
        : say(EACCES, `variable stack access var_off=${varOff} off=${off} size=${size}`);
    }
    if (varOff === undefined) return say(EACCES, `invalid ${access} stack R${reg} off=${off} size=${size}`);
    const at = view.has('variable-stack-offset-split') ? `${varOff} off=${off}` : varOff;
    return say(EACCES, `invalid variable-offset ${access} stack R${reg} var_off=${at} size=${size}`);
  },
  'stack-unbounded': ({ reg, access }) => say(EACCES, `invalid unbounded variable-offset ${access} stack R${reg}`),
  'stack-variable-to-helper': ({ varOff, off, size }) =>
    say(
      EACCES,
      `variable offset stack pointer cannot be passed into helper function; var_off=${varOff} off=${off} size=${size}`,
    ),
  'stack-uninitialised': ({ reg, access, varOff, off, at, size }) => {
    if (reg === undefined) return say(EACCES, `invalid read from stack off ${off}+${at} size ${size}`);
    const indirect = access === 'indirect' ? ' indirect' : '';
    return varOff === undefined
      ? say(EACCES, `invalid${indirect} read from stack R${reg} off ${off}+${at} size ${size}`)
      : say(EACCES, `invalid${indirect} read from stack R${reg} var_off ${varOff}+${at} size ${size}`);
  },
  'spill-size': () => say(EACCES, 'invalid size of register spill'),
  'fill-size': () => say(EACCES, 'invalid size of register fill'),
  'stack-pointer-to-caller': () => say(EINVAL, 'cannot spill pointers to stack into stack frame of the caller'),
  'different-pointers': () => say(EINVAL, 'same insn cannot be used with different pointers'),
  'atomic-size': () => say(EINVAL, 'invalid atomic operand size'),
  'atomic-operation': ({ imm }) =>
    say(EINVAL, `BPF_ATOMIC uses invalid atomic opcode ${(imm >>> 0).toString(16).padStart(2, '0')}`),
  'atomic-target': ({ reg, type, access }, view) =>
    say(
      EACCES,
      `${view.has('atomic-instructions') ? 'BPF_ATOMIC' : 'BPF_XADD'} ${access} R${reg} ${type} is not allowed`,
    ),
  'store-immediate-target': ({ reg, type }) => say(EACCES, `BPF_ST stores into R${reg} ${type} is not allowed`),
  'packet-load': () => say(EINVAL, 'BPF_LD_[ABS|IND] instructions not allowed for this program type'),
  'buffer-access': ({ text }) => say(EACCES, text),

  'helper-refused': ({ message }) => say(EINVAL, message),
  'argument-type': ({ reg, type, expected }) => say(EACCES, `R${reg} type=${type} expected=${expected.join(', ')}`),
  'argument-writes-btf': ({ reg, type, helper }) =>
    say(EACCES, `${helper}() may write into memory pointed by R${reg} type=${type}`),
  'argument-btf-type': ({ reg, type, expected }) =>
    say(EACCES, `R${reg} is of type ${type} but ${expected} is expected`),
  'argument-may-be-null': ({ reg }) => say(EACCES, `Possibly NULL pointer passed to helper arg${reg}`),
  'packet-argument': () => say(EACCES, 'helper access to the packet is not allowed'),
  'map-missing': ({ what }) => say(EACCES, `invalid map_ptr to access map->${what}`),
  'map-argument': ({ mapType, helper, id, sockmapUpdate }) =>
    say(
      EINVAL,
      ...(sockmapUpdate === 'yes' ? ['cannot update sockmap in this context'] : []),
      `cannot pass map_type ${mapType} into func ${helper}#${id}`,
    ),
  'zero-size': ({ reg, min, max }, view) =>
    say(
      EACCES,
      view.has('zero-size-names-range')
        ? `R${reg} invalid zero-sized read: u64=[${min},${max}]`
        : `R${reg} invalid zero-sized read`,
    ),
  'zero-size-stack': () => say(EACCES, 'invalid zero-sized read'),
  'size-negative': ({ reg }) => say(EACCES, `R${reg} min value is negative, either use unsigned or 'var &= const'`),
  'size-unbounded': ({ reg }) =>
    say(EACCES, `R${reg} unbounded memory access, use 'var &= const' or 'if (var < const)'`),
  'not-constant': ({ reg }) => say(EACCES, `R${reg} is not a known constant'`),
  'constant-string': ({ reg, problem }) => {
    switch (problem) {
      case 'writable-map':
        return say(EACCES, `R${reg} does not point to a readonly map'`);
      case 'variable':
        return say(EACCES, `R${reg} is not a constant address'`);
      case 'no-address':
        return say(EACCES, 'no direct value access support for this map type');
      case 'no-terminator':
        return say(EINVAL, 'string is not zero-terminated');
    }
  },
  'format-string': ({ problem }) => (problem === 'format' ? say(EINVAL, 'Invalid format string') : say(EINVAL)),
  'release-offset': ({ reg }) =>
    say(EINVAL, `R${reg} must have zero offset when passed to release func or trusted arg to kfunc`),
  'release-unreferenced': ({ reg, object, by }, view) => {
    switch (object) {
      case 'pointer':
        return say(
          EINVAL,
          view.has('arguments-named-by-register')
            ? `release ${by} expects referenced PTR_TO_BTF_ID passed to R${reg}`
            : `R${reg} must be referenced when passed to release function`,
        );
      case 'dynptr':
        return say(EINVAL, `arg ${reg} is an unacquired reference`);
      case 'constant-dynptr':
        return say(EINVAL, 'cannot release unowned const bpf_dynptr');
    }
  },
  'never-acquired': ({ helper, id }) => say(EINVAL, `func ${helper}#${id} reference has not been acquired before`),
  'held-at-end': ({ held, at }, view) => {
    const lines = held.map(({ id, slot }) => `Unreleased reference id=${id} alloc_insn=${slot}`);
    if (view.has('leak-names-exit')) return say(EINVAL, ...lines, `${LEAVING[at]} would lead to reference leak`);
    return say(EINVAL, ...lines, ...(at === 'tail-call' ? ['tail_call would lead to reference leak'] : []));
  },
  lock: ({ problem }) => say(EINVAL, lockProblem(problem)),
  timer: ({ problem }) => say(EINVAL, fieldProblem(problem)),
  'map-uid': ({ timerUid, mapUid }) =>
    say(EINVAL, `timer pointer in R1 map_uid=${timerUid} doesn't match map pointer in R2 map_uid=${mapUid}`),
  'local-storage-flags': () => say(EINVAL, "get_local_storage() doesn't support non-zero flags"),
  dynptr: ({ problem }, view) => dynptrProblem(problem, view),
  'callback-map': () => say(ENOTSUPP, 'callback function not allowed for map'),
  'callback-function': ({ problem }) => {
    switch (problem) {
      case 'no-info':
        return say(EINVAL, 'missing btf func_info');
      case 'not-static':
        return say(EINVAL, 'callback function not static');
      case 'is-main':
        return say(EINVAL, 'callback function cannot be the main program');
    }
  },
  'sleeping-function': () =>
    say(
      EINVAL,
      'global functions that may sleep are not allowed in non-sleepable context,',
      'i.e., in a RCU/IRQ/preempt-disabled section, or in',
      'a non-sleepable BPF program context.',
    ),
  'call-in-region': ({ region, what }) => {
    const inside = region === 'lock' ? 'bpf_spin_lock-ed' : `${REGION_FUNCTION[region]}-ed`;
    switch (what) {
      case 'tail-call':
        return say(EINVAL, `tail_call cannot be used inside ${inside} region`);
      case 'global-function':
        return say(
          EINVAL,
          region === 'lock'
            ? 'global function calls are not allowed while holding a lock,'
            : region === 'irq'
              ? 'global functions are not allowed with interrupts disabled'
              : 'global function calls are not allowed with preemption disabled,',
          'use static function instead',
        );
      case 'function':
        return say(EINVAL, 'function calls are not allowed while holding a lock');
    }
  },
  'region-open-at-exit': ({ region, count, at }, view) => {
    if (view.has('leak-names-exit'))
      return say(EINVAL, `${LEAVING[at]} cannot be used inside ${REGION_FUNCTION[region]}-ed region`);
    switch (region) {
      case 'lock':
        return say(EINVAL, 'bpf_spin_unlock is missing');
      case 'rcu':
        return say(EINVAL, 'bpf_rcu_read_unlock is missing');
      case 'preempt':
      case 'irq':
        return say(EINVAL, `${count} bpf_preempt_enable${count === 1 ? ' is' : '(s) are'} missing`);
    }
  },
  'region-not-open': ({ region, name }) => {
    switch (region) {
      case 'rcu':
        return say(EINVAL, `unmatched rcu read unlock (kernel function ${name})`);
      case 'preempt':
        return say(EINVAL, `unmatched attempt to enable preemption (kernel function ${name})`);
      case 'lock':
      case 'irq':
        return say(EINVAL, 'bpf_spin_unlock without taking a lock');
    }
  },

  'function-arguments': ({ function: number, name, argument }) =>
    say(
      EINVAL,
      ...(argument === '' ? [] : argument.split('\n')),
      `Caller passes invalid args into func#${number} ('${name}')`,
    ),
  'function-signature': ({ text }) => say(EINVAL, text),
  'stack-pointer-returned': () => say(EINVAL, 'cannot return stack pointer to the caller'),
  'callback-return': (reason, view) =>
    reason.range === undefined ? say(EACCES, 'R0 not a scalar value') : returned('callback', 0, reason.range, view),

  'kfunc-refused': ({ text, errno }) => say(errno, text),
  'kfunc-argument': ({ text }) => say(EINVAL, ...text.split('\n')),
  'owned-object': ({ problem }) => say(EINVAL, ...ownershipProblem(problem)),
  iterator: ({ text }) => say(EINVAL, ...text.split('\n')),

  'return-type': ({ where, type, reg }) =>
    where === 'subprogram'
      ? say(EINVAL, `At subprogram exit the register R${reg} is not a scalar value (${type})`)
      : say(EINVAL, `${ATTRIBUTE[where]} the register R${reg} is not a known value (${type})`),
  'return-value': ({ where, value, reg }, view) => returned(where, reg, value, view),
};

/** The kernel's lines for a reason, in order, and the positive errno of the load. */
export function wordingOf(reason: Reason, view: KernelView): Wording {
  const words = WORDS[reason.kind] as (reason: Reason, view: KernelView) => Wording;
  return words(reason, view);
}

/** For tests and tools that list them. */
export const REASON_KINDS = Object.keys(WORDS) as readonly ReasonKind[];

export const ERRNO = { EPERM, ENOENT, E2BIG, EBADF, EACCES, EFAULT, EBUSY, EINVAL, EPROTO, ENOTSUPP } as const;
